"""Uploads: files of changes, their pieces and their lines."""

import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('portal', '0004_approvals'),
    ]

    operations = [
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(max_length=32)),
                ('name', models.CharField(max_length=120)),
                ('state', models.CharField(choices=[('uploaded', 'Uploaded'), ('mapping', 'Columns to be named'), ('checking', 'Being checked'), ('invalid', 'Nothing can be used'), ('ready', 'Ready to run'), ('scheduled', 'Scheduled'), ('running', 'Running'), ('cancelling', 'Canceling'), ('done', 'Done'), ('done_with_errors', 'Done with errors'), ('cancelled', 'Canceled'), ('undone', 'Undone')], default='uploaded', max_length=20)),
                ('problems', models.JSONField(default=list)),
                ('byte_count', models.PositiveBigIntegerField(default=0)),
                ('line_count', models.PositiveIntegerField(default=0)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('delimiter', models.CharField(default=',', max_length=1)),
                ('has_header', models.BooleanField(default=True)),
                ('head', models.JSONField(default=list)),
                ('mapping', models.JSONField(default=list)),
                ('row_count', models.PositiveIntegerField(default=0)),
                ('counts', models.JSONField(default=dict)),
                ('plan', models.JSONField(default=dict)),
                ('options', models.JSONField(default=dict)),
                ('run_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('checked_at', models.DateTimeField(blank=True, null=True)),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('forgotten_at', models.DateTimeField(blank=True, null=True)),
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uploads', to=settings.AUTH_USER_MODEL)),
                ('check_job', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='portal.job')),
                ('customer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.customer')),
                ('run_job', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='uploads', to='portal.job')),
                ('undoes', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undos', to='portal.upload')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='UploadPiece',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('content', models.BinaryField()),
                ('upload', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pieces', to='portal.upload')),
            ],
        ),
        migrations.CreateModel(
            name='UploadRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.PositiveIntegerField()),
                ('target', models.CharField(blank=True, db_collation='C', max_length=32)),
                ('operation', models.CharField(blank=True, max_length=8)),
                ('state', models.CharField(choices=[('new', 'Not checked yet'), ('invalid', 'Cannot be used'), ('no_change', 'No change'), ('ready', 'Will change'), ('stale', 'Changed since'), ('running', 'Running'), ('ok', 'Done'), ('suggested', 'Correction offered'), ('failed', 'Failed'), ('unconfirmed', 'Outcome unknown'), ('skipped', 'Skipped'), ('undone', 'Undone')], default='new', max_length=12)),
                ('cells', models.JSONField(default=dict)),
                ('values', models.JSONField(default=dict)),
                ('changes', models.JSONField(default=dict)),
                ('errors', models.JSONField(default=list)),
                ('orders', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), default=list, size=None)),
                ('outcomes', models.JSONField(default=dict)),
                ('upload', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='portal.upload')),
            ],
            options={
                'ordering': ['upload', 'line'],
            },
        ),
        migrations.CreateModel(
            name='ColumnMapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=32)),
                ('head_hash', models.CharField(max_length=64)),
                ('mapping', models.JSONField(default=list)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('customer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='portal.customer')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'customer', 'head_hash'), name='column_mapping_once', nulls_distinct=False)],
            },
        ),
        migrations.AddIndex(
            model_name='upload',
            index=models.Index(fields=['customer', '-id'], name='upload_customer'),
        ),
        migrations.AddIndex(
            model_name='upload',
            index=models.Index(fields=['state', '-id'], name='upload_state'),
        ),
        migrations.AddIndex(
            model_name='upload',
            index=models.Index(condition=models.Q(('forgotten_at', None)), fields=['created_at'], name='upload_kept'),
        ),
        migrations.AddConstraint(
            model_name='uploadpiece',
            constraint=models.UniqueConstraint(fields=('upload', 'number'), name='upload_piece_once'),
        ),
        migrations.AddIndex(
            model_name='uploadrow',
            index=models.Index(fields=['upload', 'state', 'line'], name='upload_row_state'),
        ),
        migrations.AddIndex(
            model_name='uploadrow',
            index=models.Index(fields=['upload', 'target'], name='upload_row_target'),
        ),
        migrations.AddConstraint(
            model_name='uploadrow',
            constraint=models.UniqueConstraint(fields=('upload', 'line'), name='upload_line_once'),
        ),
    ]
