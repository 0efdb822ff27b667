"""Give the cases that are held already the instant of their reminder: 80 % of the term."""

from datetime import timedelta

from django.db import migrations

PAGE = 500


def fill_in(apps, editor):
    cases = apps.get_model("declarations", "Declaration").objects.filter(due_at__isnull=False).only(
        "held_since", "due_at"
    )
    after = 0
    while page := list(cases.filter(pk__gt=after).order_by("pk")[:PAGE]):
        for case in page:
            seconds = int((case.due_at - case.held_since).total_seconds() * 4 / 5)
            case.remind_at = case.held_since + timedelta(seconds=seconds)
        cases.bulk_update(page, ["remind_at"])
        after = page[-1].pk


class Migration(migrations.Migration):
    dependencies = [("declarations", "0009_clocks_and_letters")]

    operations = [migrations.RunPython(fill_in, migrations.RunPython.noop, elidable=True)]
