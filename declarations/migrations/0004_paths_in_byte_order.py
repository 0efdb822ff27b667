"""Compare chains byte by byte."""

from django.db import migrations

from declarations.migrations._byte_order import BYTE_ORDER


class Migration(migrations.Migration):
    """Paths compare by bytes."""

    dependencies = [("declarations", "0003_agenda_draft")]

    operations = [BYTE_ORDER]
