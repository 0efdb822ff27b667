"""Every layer of the ledger carries the digest of its head."""

from django.db import migrations, models

from scoring.digests import digest_of_layer

PAGE = 2000


def digest_layers(apps, editor):
    """Digest the layers that were opened before."""
    layers = apps.get_model("scoring", "Assessment").objects.using(editor.connection.alias)
    after = 0
    while page := list(layers.filter(pk__gt=after).order_by("pk")[:PAGE]):
        for one in page:
            one.digest = digest_of_layer(one)
        layers.bulk_update(page, ["digest"])
        after = page[-1].pk


class Migration(migrations.Migration):

    dependencies = [("scoring", "0005_history_digests")]

    operations = [
        migrations.AddField(
            model_name="assessment",
            name="digest",
            field=models.CharField(default="", max_length=64, verbose_name="摘要值"),
            preserve_default=False,
        ),
        migrations.RunPython(digest_layers, migrations.RunPython.noop, elidable=True),
    ]
