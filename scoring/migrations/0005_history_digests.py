"""Every line of a mark's history carries its digest."""

from django.db import migrations, models

from scoring.digests import digest_of_mark

PAGE = 2000


def digest_lines(apps, editor):
    """Digest the lines that were written before."""
    lines = apps.get_model("scoring", "MarkVersion").objects.using(editor.connection.alias)
    after = 0
    while page := list(lines.filter(pk__gt=after).order_by("pk")[:PAGE]):
        for one in page:
            one.digest = digest_of_mark(one)
        lines.bulk_update(page, ["digest"])
        after = page[-1].pk


class Migration(migrations.Migration):

    dependencies = [("scoring", "0004_corrected_layer")]

    operations = [
        migrations.AddField(
            model_name="markversion",
            name="digest",
            field=models.CharField(default="", max_length=64, verbose_name="摘要值"),
            preserve_default=False,
        ),
        migrations.RunPython(digest_lines, migrations.RunPython.noop, elidable=True),
    ]
