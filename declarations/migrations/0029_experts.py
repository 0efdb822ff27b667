import django.db.models.deletion
from decimal import Decimal
from django.db import migrations, models


def take_over(apps, schema_editor):
    """Carry sheets of the first form over: what was assigned is offered, what was confirmed was taken when assigned."""
    reviews = apps.get_model("declarations", "ExpertReview").objects
    reviews.filter(state="assigned").update(state="offered")
    reviews.filter(state="confirmed").update(accepted_at=models.F("assigned_at"), pledge="taken over")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_squashed_2026_11'),
        ('declarations', '0028_notice_titles'),
        ('scoring', '0001_squashed_2026_11'),
    ]

    operations = [
        migrations.CreateModel(
            name='AgreedProof',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, verbose_name='指标')),
                ('source', models.CharField(blank=True, max_length=300, verbose_name='其他依据')),
            ],
            options={
                'verbose_name': '商定依据',
                'verbose_name_plural': '商定依据',
            },
        ),
        migrations.CreateModel(
            name='AssignmentPlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='次')),
                ('state', models.CharField(choices=[('computing', '正在拟定'), ('proposed', '待确认'), ('short', '无法分派'), ('deploying', '正在生效'), ('deployed', '已生效'), ('dropped', '已放弃')], default='computing', max_length=10, verbose_name='状态')),
                ('seed', models.CharField(max_length=64, verbose_name='种子')),
                ('readers', models.PositiveSmallIntegerField(verbose_name='每件专家数')),
                ('spread', models.PositiveSmallIntegerField(verbose_name='件数相差上限')),
                ('begins', models.DateField(verbose_name='评审起')),
                ('ends', models.DateField(verbose_name='评审止')),
                ('inputs', models.CharField(blank=True, max_length=64, verbose_name='输入摘要值')),
                ('digest', models.CharField(blank=True, max_length=64, verbose_name='结果摘要值')),
                ('solver', models.CharField(blank=True, max_length=40, verbose_name='求解程序')),
                ('cases', models.PositiveIntegerField(default=0, verbose_name='件数')),
                ('matched', models.PositiveIntegerField(default=0, verbose_name='专长相符')),
                ('loads', models.JSONField(default=list, verbose_name='各专家件数')),
                ('shortage', models.JSONField(default=dict, verbose_name='不足')),
                ('proposed_at', models.DateTimeField(verbose_name='拟定时间')),
                ('deployed_at', models.DateTimeField(null=True, verbose_name='生效时间')),
            ],
            options={
                'verbose_name': '专家分派方案',
                'verbose_name_plural': '专家分派方案',
            },
        ),
        migrations.CreateModel(
            name='Consensus',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('named_at', models.DateTimeField(verbose_name='指定时间')),
            ],
            options={
                'verbose_name': '专家组商定',
                'verbose_name_plural': '专家组商定',
            },
        ),
        migrations.CreateModel(
            name='ConsensusVoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, verbose_name='指标')),
                ('points', models.DecimalField(decimal_places=2, max_digits=6, verbose_name='商定得分')),
                ('agrees', models.BooleanField(verbose_name='同意')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='理由')),
                ('said_at', models.DateTimeField(verbose_name='表态时间')),
            ],
            options={
                'verbose_name': '商定表态',
                'verbose_name_plural': '商定表态',
            },
        ),
        migrations.CreateModel(
            name='PanelMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kinds', models.JSONField(default=list, verbose_name='专长')),
                ('employer', models.CharField(max_length=100, verbose_name='工作单位')),
                ('available_from', models.DateField(blank=True, null=True, verbose_name='可评审起')),
                ('available_until', models.DateField(blank=True, null=True, verbose_name='可评审止')),
                ('most', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='最多评审件数')),
                ('draws', models.BooleanField(default=True, verbose_name='参加抽取')),
                ('written_at', models.DateTimeField(verbose_name='登记时间')),
            ],
            options={
                'verbose_name': '专家库',
                'verbose_name_plural': '专家库',
            },
        ),
        migrations.CreateModel(
            name='PlannedPair',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('matched', models.BooleanField(null=True, verbose_name='专长相符')),
            ],
            options={
                'verbose_name': '拟分派',
                'verbose_name_plural': '拟分派',
            },
        ),
        migrations.CreateModel(
            name='PoolSheet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=160, verbose_name='文件名')),
                ('digest', models.CharField(max_length=64, verbose_name='摘要值')),
                ('rows', models.JSONField(default=list, verbose_name='内容')),
                ('faults', models.JSONField(default=list, verbose_name='有误的行')),
                ('brought_at', models.DateTimeField(verbose_name='上传时间')),
                ('written_at', models.DateTimeField(null=True, verbose_name='写入时间')),
            ],
            options={
                'verbose_name': '上传的专家名单',
                'verbose_name_plural': '上传的专家名单',
            },
        ),
        migrations.CreateModel(
            name='ThirdReading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.TextField(verbose_name='理由')),
                ('asked_at', models.DateTimeField(verbose_name='提出时间')),
            ],
            options={
                'verbose_name': '第三名专家',
                'verbose_name_plural': '第三名专家',
            },
        ),
        migrations.RemoveConstraint(
            model_name='expertreview',
            name='expert_review_state_known',
        ),
        migrations.AddField(
            model_name='cycle',
            name='load_spread',
            field=models.PositiveSmallIntegerField(default=1, verbose_name='专家件数相差上限'),
        ),
        migrations.AddField(
            model_name='cycle',
            name='reading_days',
            field=models.PositiveSmallIntegerField(default=10, verbose_name='专家评审时限（工作日）'),
        ),
        migrations.AddField(
            model_name='cycle',
            name='sheet_reopenings',
            field=models.PositiveSmallIntegerField(default=1, verbose_name='每份评分表退回重评次数上限'),
        ),
        migrations.AddField(
            model_name='cycle',
            name='third_spread',
            field=models.DecimalField(decimal_places=2, default=Decimal('25'), max_digits=5, verbose_name='总分相差超过几分须有第三名专家'),
        ),
        migrations.AddField(
            model_name='expertreview',
            name='accepted_at',
            field=models.DateTimeField(null=True, verbose_name='接受时间'),
        ),
        migrations.AddField(
            model_name='expertreview',
            name='left_reason',
            field=models.TextField(blank=True, verbose_name='未接受或收回的理由'),
        ),
        migrations.AddField(
            model_name='expertreview',
            name='origin',
            field=models.CharField(choices=[('drawn', '统一分派'), ('by_hand', '单独分派'), ('third', '第三名专家')], default='by_hand', max_length=8, verbose_name='分派方式'),
        ),
        migrations.AddField(
            model_name='expertreview',
            name='pledge',
            field=models.CharField(blank=True, max_length=64, verbose_name='承诺摘要值'),
        ),
        migrations.AddField(
            model_name='expertreview',
            name='reason',
            field=models.TextField(blank=True, verbose_name='分派理由'),
        ),
        migrations.AddField(
            model_name='expertreview',
            name='reopen_reason',
            field=models.TextField(blank=True, verbose_name='退回重评理由'),
        ),
        migrations.AddField(
            model_name='expertreview',
            name='reopened_at',
            field=models.DateTimeField(null=True, verbose_name='退回重评时间'),
        ),
        migrations.AddField(
            model_name='expertreview',
            name='reopened_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.seat', verbose_name='退回重评人'),
        ),
        migrations.AddField(
            model_name='expertreview',
            name='reopenings',
            field=models.PositiveSmallIntegerField(default=0, verbose_name='退回重评次数'),
        ),
        migrations.AddField(
            model_name='filledsheet',
            name='review',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='filled_sheets', to='declarations.expertreview', verbose_name='评分表'),
        ),
        migrations.AlterField(
            model_name='expertreview',
            name='state',
            field=models.CharField(choices=[('offered', '待接受'), ('accepted', '待评分'), ('draft', '评分中'), ('confirmed', '已确认'), ('reopened', '重新评分'), ('final', '已定稿'), ('declined', '未接受'), ('recused', '已回避')], default='offered', max_length=10, verbose_name='状态'),
        ),
        migrations.AlterField(
            model_name='pending',
            name='act',
            field=models.CharField(choices=[('adopt_quotas', '采用推荐名额分配'), ('adopt_limits', '采用下级报送名额分配'), ('upload_batch', '推荐名单上报'), ('confirm_scan', '核对盖章扫描件'), ('disqualify', '取消认定资格'), ('deadline_exception', '办理期限例外'), ('open_notice', '开始公示'), ('publish', '公布名单'), ('notice_rules', '公示设置'), ('name_officers', '指定异议登记人'), ('settle_objection', '异议结论'), ('revoke_title', '公布撤销认定'), ('correct', '更正结果'), ('forward', '报上级审核'), ('decline', '不予推荐'), ('shortlist', '列入拟推荐'), ('assign_experts', '确认专家分派方案')], max_length=24, verbose_name='事项'),
        ),
        migrations.RunPython(take_over, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='expertreview',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['offered', 'accepted', 'draft', 'confirmed', 'reopened', 'final', 'declined', 'recused'])), name='expert_review_state_known'),
        ),
        migrations.AddConstraint(
            model_name='expertreview',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['accepted', 'confirmed', 'draft', 'final', 'reopened']), _negated=True), models.Q(('accepted_at__isnull', False), models.Q(('pledge', ''), _negated=True)), _connector='OR'), name='expert_review_signed_before_reading'),
        ),
        migrations.AddConstraint(
            model_name='expertreview',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['confirmed', 'final']), _negated=True), ('confirmed_at__isnull', False), _connector='OR'), name='expert_review_counts_confirmed'),
        ),
        migrations.AddConstraint(
            model_name='expertreview',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'declined'), _negated=True), models.Q(('left_reason', ''), _negated=True), _connector='OR'), name='expert_review_left_with_reason'),
        ),
        migrations.AddConstraint(
            model_name='expertreview',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'recused'), _negated=True), models.Q(('recusal_reason', ''), _negated=True), _connector='OR'), name='expert_review_recused_with_reason'),
        ),
        migrations.AddConstraint(
            model_name='expertreview',
            constraint=models.CheckConstraint(condition=models.Q(('reopenings', 0), models.Q(('reopened_at__isnull', False), models.Q(('reopen_reason', ''), _negated=True)), _connector='OR'), name='expert_review_reopened_with_reason'),
        ),
        migrations.AddConstraint(
            model_name='expertreview',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('origin', 'third'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='expert_review_third_has_a_reason'),
        ),
        migrations.AddField(
            model_name='agreedproof',
            name='attachment',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='declarations.attachment', verbose_name='佐证材料'),
        ),
        migrations.AddField(
            model_name='agreedproof',
            name='declaration',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agreed_proofs', to='declarations.declaration', verbose_name='申报'),
        ),
        migrations.AddField(
            model_name='assignmentplan',
            name='cycle',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assignment_plans', to='declarations.cycle', verbose_name='周期'),
        ),
        migrations.AddField(
            model_name='assignmentplan',
            name='deployed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.seat', verbose_name='确认人'),
        ),
        migrations.AddField(
            model_name='assignmentplan',
            name='proposed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.seat', verbose_name='拟定人'),
        ),
        migrations.AddField(
            model_name='consensus',
            name='declaration',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='consensus', to='declarations.declaration', verbose_name='申报'),
        ),
        migrations.AddField(
            model_name='consensus',
            name='named_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.seat', verbose_name='指定人'),
        ),
        migrations.AddField(
            model_name='consensus',
            name='rapporteur',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.seat', verbose_name='主评人'),
        ),
        migrations.AddField(
            model_name='consensusvoice',
            name='review',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='voices', to='declarations.expertreview', verbose_name='评分表'),
        ),
        migrations.AddField(
            model_name='panelmember',
            name='cycle',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='panel_members', to='declarations.cycle', verbose_name='周期'),
        ),
        migrations.AddField(
            model_name='panelmember',
            name='province',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation', verbose_name='工作所在省'),
        ),
        migrations.AddField(
            model_name='panelmember',
            name='seat',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='panel_members', to='accounts.seat', verbose_name='专家'),
        ),
        migrations.AddField(
            model_name='panelmember',
            name='written_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.seat', verbose_name='登记人'),
        ),
        migrations.AddField(
            model_name='plannedpair',
            name='declaration',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='declarations.declaration', verbose_name='申报'),
        ),
        migrations.AddField(
            model_name='plannedpair',
            name='expert',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.seat', verbose_name='专家'),
        ),
        migrations.AddField(
            model_name='plannedpair',
            name='plan',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pairs', to='declarations.assignmentplan', verbose_name='方案'),
        ),
        migrations.AddField(
            model_name='poolsheet',
            name='brought_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.seat', verbose_name='上传人'),
        ),
        migrations.AddField(
            model_name='poolsheet',
            name='cycle',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='declarations.cycle', verbose_name='周期'),
        ),
        migrations.AddField(
            model_name='thirdreading',
            name='asked_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.seat', verbose_name='提出人'),
        ),
        migrations.AddField(
            model_name='thirdreading',
            name='declaration',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='third_reading', to='declarations.declaration', verbose_name='申报'),
        ),
        migrations.AddConstraint(
            model_name='agreedproof',
            constraint=models.UniqueConstraint(condition=models.Q(('attachment__isnull', False)), fields=('declaration', 'code', 'attachment'), name='agreed_proof_file_once'),
        ),
        migrations.AddConstraint(
            model_name='agreedproof',
            constraint=models.UniqueConstraint(condition=models.Q(('attachment__isnull', True)), fields=('declaration', 'code'), name='agreed_proof_source_once'),
        ),
        migrations.AddConstraint(
            model_name='agreedproof',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('attachment__isnull', False), ('source', '')), models.Q(('attachment__isnull', True), models.Q(('source', ''), _negated=True)), _connector='OR'), name='agreed_proof_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='assignmentplan',
            constraint=models.UniqueConstraint(fields=('cycle', 'number'), name='assignment_plan_number'),
        ),
        migrations.AddConstraint(
            model_name='assignmentplan',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['computing', 'proposed', 'deploying'])), fields=('cycle',), name='assignment_plan_one_open', violation_error_message='已有一个分派方案尚未办结。'),
        ),
        migrations.AddConstraint(
            model_name='assignmentplan',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['computing', 'proposed', 'short', 'deploying', 'deployed', 'dropped'])), name='assignment_plan_state_known'),
        ),
        migrations.AddConstraint(
            model_name='assignmentplan',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['deploying', 'deployed']), _negated=True), models.Q(('deployed_at__isnull', False), ('deployed_by__isnull', False)), _connector='OR'), name='assignment_plan_deployed_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='assignmentplan',
            constraint=models.CheckConstraint(condition=models.Q(('ends__gte', models.F('begins'))), name='assignment_plan_dates_ordered'),
        ),
        migrations.AddConstraint(
            model_name='consensusvoice',
            constraint=models.UniqueConstraint(fields=('review', 'code'), name='consensus_voice_once_a_row'),
        ),
        migrations.AddConstraint(
            model_name='consensusvoice',
            constraint=models.CheckConstraint(condition=models.Q(('agrees', True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='consensus_dissent_has_a_reason', violation_error_message='保留意见须写明理由。'),
        ),
        migrations.AddConstraint(
            model_name='panelmember',
            constraint=models.UniqueConstraint(fields=('cycle', 'seat'), name='panel_member_once_a_cycle'),
        ),
        migrations.AddConstraint(
            model_name='panelmember',
            constraint=models.CheckConstraint(condition=models.Q(('available_from__isnull', True), ('available_until__isnull', True), ('available_until__gte', models.F('available_from')), _connector='OR'), name='panel_member_dates_ordered', violation_error_message='可评审止不能早于可评审起。'),
        ),
        migrations.AddConstraint(
            model_name='panelmember',
            constraint=models.CheckConstraint(condition=models.Q(('most__isnull', True), ('most__gte', 1), _connector='OR'), name='panel_member_reads_something', violation_error_message='最多评审件数至少为1；不参加评审的，请取消“参加抽取”。'),
        ),
        migrations.AddConstraint(
            model_name='plannedpair',
            constraint=models.UniqueConstraint(fields=('plan', 'declaration', 'expert'), name='planned_pair_once'),
        ),
        migrations.AddConstraint(
            model_name='thirdreading',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='third_reading_has_a_reason'),
        ),
    ]
