"""An index by which the page of a number finds the checks that were meant for it."""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("e911", "0002_gap_run_and_removing")]

    operations = [
        migrations.AddIndex(
            model_name="addresscheck",
            index=GinIndex(fields=["tns"], opclasses=["jsonb_path_ops"], name="e911_check_tns"),
        ),
    ]
