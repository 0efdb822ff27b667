"""Let the database itself refuse changes to the trail."""

from django.db import migrations

from sihao.audit.migrations._append_only import APPEND_ONLY


class Migration(migrations.Migration):
    """After the table."""

    dependencies = [("audit", "0001_initial")]

    operations = [APPEND_ONLY]
