"""The tables as they stood in November 2026, made at once; a database that has the single steps keeps them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('scoring', '0001_initial'), ('scoring', '0002_mark_versions'), ('scoring', '0003_typed_in_full'), ('scoring', '0004_corrected_layer'), ('scoring', '0005_history_digests'), ('scoring', '0006_layer_digests'), ('scoring', '0007_programme_owner')]

    initial = True

    dependencies = [
        ('accounts', '0001_squashed_2026_11'),
    ]

    operations = [
        migrations.CreateModel(
            name='Ledger',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
            options={
                'verbose_name': '评分台账',
                'verbose_name_plural': '评分台账',
            },
        ),
        migrations.CreateModel(
            name='Assessment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('layer', models.CharField(choices=[('self', '自评'), ('county', '县级审核'), ('city', '市级审核'), ('province', '省级审核'), ('preliminary', '初审'), ('expert', '专家评分'), ('agreed', '专家组商定'), ('corrected', '更正')], max_length=12, verbose_name='评分层')),
                ('version', models.PositiveSmallIntegerField(default=1, verbose_name='版本')),
                ('total', models.DecimalField(decimal_places=2, default=0, max_digits=6, verbose_name='总分')),
                ('locked_at', models.DateTimeField(null=True, verbose_name='固定时间')),
                ('digest', models.CharField(max_length=64, verbose_name='摘要值')),
                ('assessor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='assessments', to='accounts.seat', verbose_name='专家')),
                ('ledger', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assessments', to='scoring.ledger', verbose_name='台账')),
            ],
            options={
                'verbose_name': '评分层',
                'verbose_name_plural': '评分层',
                'constraints': [models.CheckConstraint(condition=models.Q(('layer__in', ['self', 'county', 'city', 'province', 'preliminary', 'expert', 'agreed', 'corrected'])), name='assessment_layer_known'), models.CheckConstraint(condition=models.Q(models.Q(('assessor__isnull', False), ('layer', 'expert')), models.Q(models.Q(('layer', 'expert'), _negated=True), ('assessor__isnull', True)), _connector='OR'), name='assessment_expert_has_assessor'), models.UniqueConstraint(condition=models.Q(('assessor__isnull', True)), fields=('ledger', 'layer', 'version'), name='assessment_layer_once'), models.UniqueConstraint(condition=models.Q(('assessor__isnull', False)), fields=('ledger', 'assessor', 'version'), name='assessment_expert_once')],
            },
        ),
        migrations.CreateModel(
            name='Mark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, verbose_name='指标')),
                ('points', models.DecimalField(decimal_places=2, max_digits=6, null=True, verbose_name='得分')),
                ('maximum', models.DecimalField(decimal_places=2, max_digits=6, verbose_name='满分')),
                ('typed', models.TextField(blank=True, verbose_name='原样输入')),
                ('words', models.TextField(blank=True, verbose_name='实际情况说明')),
                ('reason', models.TextField(blank=True, verbose_name='理由（扣分原因）')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='版本')),
                ('set_at', models.DateTimeField(verbose_name='评分时间')),
                ('assessment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='marks', to='scoring.assessment', verbose_name='评分层')),
                ('set_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.seat', verbose_name='评分人')),
            ],
            options={
                'verbose_name': '得分',
                'verbose_name_plural': '得分',
                'constraints': [models.UniqueConstraint(fields=('assessment', 'code'), name='mark_once_a_layer'), models.CheckConstraint(condition=models.Q(('points__isnull', True), models.Q(('points__gte', 0), ('points__lte', models.F('maximum'))), _connector='OR'), name='mark_between_zero_and_maximum', violation_error_message='得分不能为负，也不能超过该项满分。'), models.CheckConstraint(condition=models.Q(('points__isnull', True), ('typed', ''), _connector='OR'), name='mark_is_a_mark_or_as_typed')],
            },
        ),
        migrations.CreateModel(
            name='MarkVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, verbose_name='指标')),
                ('version', models.PositiveIntegerField(verbose_name='版本')),
                ('points', models.DecimalField(decimal_places=2, max_digits=6, null=True, verbose_name='得分')),
                ('typed', models.TextField(blank=True, verbose_name='原样输入')),
                ('words', models.TextField(blank=True, verbose_name='实际情况说明')),
                ('reason', models.TextField(blank=True, verbose_name='理由（扣分原因）')),
                ('set_at', models.DateTimeField(verbose_name='评分时间')),
                ('digest', models.CharField(max_length=64, verbose_name='摘要值')),
                ('assessment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mark_versions', to='scoring.assessment', verbose_name='评分层')),
                ('set_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.seat', verbose_name='评分人')),
            ],
            options={
                'verbose_name': '得分修改记录',
                'verbose_name_plural': '得分修改记录',
                'constraints': [models.UniqueConstraint(fields=('assessment', 'code', 'version'), name='mark_version_once')],
            },
        ),
        migrations.CreateModel(
            name='ProgrammeVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, verbose_name='代号')),
                ('title', models.CharField(max_length=120, verbose_name='标准名称')),
                ('text', models.TextField(verbose_name='标准文件')),
                ('digest', models.CharField(max_length=64, verbose_name='摘要值')),
                ('published_at', models.DateTimeField(verbose_name='发布时间')),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='programmes', to='accounts.organisation', verbose_name='发布单位')),
            ],
            options={
                'verbose_name': '认定标准',
                'verbose_name_plural': '认定标准',
                'constraints': [models.UniqueConstraint(fields=('slug', 'digest'), name='programme_version_once')],
            },
        ),
        migrations.AddField(
            model_name='ledger',
            name='programme',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ledgers', to='scoring.programmeversion', verbose_name='认定标准'),
        ),
    ]
