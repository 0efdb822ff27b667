"""The tables as they stood in November 2026, made at once; a database that has the single steps keeps them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from sihao.accounts.migrations._byte_order import BYTE_ORDER


class Migration(migrations.Migration):

    replaces = [('accounts', '0001_initial'), ('accounts', '0002_path_in_byte_order'), ('accounts', '0003_rosters'), ('accounts', '0004_stand_ins'), ('accounts', '0005_stand_ins_end_later')]

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('username', models.CharField(error_messages={'unique': '该登录名已被使用。'}, max_length=64, unique=True, verbose_name='登录名')),
                ('name', models.CharField(max_length=50, verbose_name='姓名')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='电子邮箱')),
                ('mobile', models.CharField(blank=True, max_length=20, verbose_name='手机')),
                ('is_active', models.BooleanField(default=True, verbose_name='启用')),
                ('opened_at', models.DateTimeField(verbose_name='开户时间')),
                ('must_change_password', models.BooleanField(default=False, verbose_name='须先修改密码')),
                ('link_issued_at', models.DateTimeField(blank=True, null=True, verbose_name='设置链接发放时间')),
            ],
            options={
                'verbose_name': '人员',
                'verbose_name_plural': '人员',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('username', ''), _negated=True), models.Q(('name', ''), _negated=True)), name='user_named')],
            },
        ),
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('federation', '工商联'), ('chamber', '商会')], max_length=12, verbose_name='类别')),
                ('level', models.PositiveSmallIntegerField(choices=[(0, '全国'), (1, '省级'), (2, '市级'), (3, '县级')], verbose_name='层级')),
                ('name', models.CharField(max_length=100, verbose_name='名称')),
                ('region', models.CharField(blank=True, max_length=50, verbose_name='地区')),
                ('code', models.CharField(blank=True, max_length=6, verbose_name='行政区划代码')),
                ('internal', models.BooleanField(default=False, verbose_name='内部代码')),
                ('formerly', models.CharField(blank=True, max_length=100, verbose_name='曾用地区名')),
                ('uscc', models.CharField(blank=True, max_length=18, verbose_name='统一社会信用代码')),
                ('chamber_type', models.CharField(blank=True, choices=[('行业商会', 'Trade'), ('异地商会', 'Origin'), ('乡镇（街道）商会', 'Town'), ('园区商会', 'Park'), ('市场商会', 'Market'), ('楼宇商会', 'Building'), ('综合性商会', 'General'), ('其他', 'Other')], max_length=20, verbose_name='商会类型')),
                ('path', models.CharField(max_length=100, unique=True, verbose_name='链条')),
                ('valid_from', models.DateField(blank=True, null=True, verbose_name='起')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='止')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='accounts.organisation', verbose_name='上级（所在地）工商联')),
                ('successor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='predecessors', to='accounts.organisation', verbose_name='并入或改设为')),
            ],
            options={
                'verbose_name': '机构',
                'verbose_name_plural': '机构',
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('kind__in', ['federation', 'chamber'])), name='organisation_kind_known'),
                    models.CheckConstraint(condition=models.Q(('level__in', [0, 1, 2, 3])), name='organisation_level_known'),
                    models.CheckConstraint(condition=models.Q(('parent__isnull', False), models.Q(('kind', 'federation'), ('level', 0)), _connector='OR'), name='organisation_only_national_has_no_parent'),
                    models.UniqueConstraint(condition=models.Q(('kind', 'federation')), fields=('code',), name='organisation_one_federation_a_code'),
                    models.UniqueConstraint(condition=models.Q(('uscc', ''), _negated=True), fields=('uscc',), name='organisation_uscc_unique', violation_error_message='已有机构使用这个统一社会信用代码。'),
                    models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_from__isnull', True), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='organisation_dates_ordered'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Seat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('chamber_filler', '填报员'), ('chamber_president', '会长'), ('officer', '经办人'), ('leader', '分管领导'), ('department_officer', '会员部经办人'), ('department_head', '会员部负责人'), ('expert', '评审专家'), ('group_head', '专家组组长'), ('meeting_secretary', '主席办公会议秘书'), ('supervision', '监督人员'), ('system_admin', '系统管理员'), ('security_admin', '安全管理员'), ('audit_admin', '审计管理员')], max_length=24, verbose_name='角色')),
                ('since', models.DateTimeField(verbose_name='起')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='止')),
                ('left_on', models.DateField(blank=True, null=True, verbose_name='离任日期')),
                ('end_reason', models.CharField(blank=True, max_length=200, verbose_name='离任原因')),
                ('stands_in_name', models.CharField(blank=True, max_length=50, verbose_name='所代姓名')),
                ('until', models.DateTimeField(blank=True, null=True, verbose_name='代办至')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seats', to='accounts.organisation', verbose_name='机构')),
                ('stands_in_for', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='代谁办理')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seats', to=settings.AUTH_USER_MODEL, verbose_name='人员')),
            ],
            options={
                'verbose_name': '席位',
                'verbose_name_plural': '席位',
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('role__in', ['chamber_filler', 'chamber_president', 'officer', 'leader', 'department_officer', 'department_head', 'expert', 'group_head', 'meeting_secretary', 'supervision', 'system_admin', 'security_admin', 'audit_admin'])), name='seat_role_known'),
                    models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True), ('stands_in_for__isnull', True)), fields=('user', 'organisation', 'role'), name='seat_held_once', violation_error_message='这个人已经担任该角色。'),
                    models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True), ('stands_in_for__isnull', False)), fields=('user', 'organisation', 'role', 'stands_in_for'), name='seat_stands_in_once', violation_error_message='这个人已经在代办这一席位。'),
                    models.CheckConstraint(condition=models.Q(models.Q(('stands_in_for__isnull', True), ('until__isnull', True)), models.Q(('stands_in_for__isnull', False), ('until__isnull', False), models.Q(('stands_in_for', models.F('user')), _negated=True)), _connector='OR'), name='seat_stand_in_is_another_for_a_time'),
                    models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True), ('role__in', ['audit_admin', 'security_admin', 'system_admin'])), fields=('user',), name='seat_three_administrators_apart', violation_error_message='系统、安全、审计三类管理员须由不同的人担任（三员分立）。'),
                    models.CheckConstraint(condition=models.Q(('ended_at__isnull', True), ('ended_at__gte', models.F('since')), _connector='OR'), name='seat_dates_ordered'),
                ],
            },
        ),
        migrations.CreateModel(
            name='RosterImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=160, verbose_name='文件名')),
                ('digest', models.CharField(max_length=64, verbose_name='摘要值')),
                ('columns', models.JSONField(default=dict, verbose_name='各栏位置')),
                ('rows', models.JSONField(default=list, verbose_name='内容')),
                ('brought_at', models.DateTimeField(verbose_name='上传时间')),
                ('written_at', models.DateTimeField(null=True, verbose_name='写入时间')),
                ('counts', models.JSONField(default=dict, verbose_name='写入件数')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation', verbose_name='导入单位')),
                ('brought_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.seat', verbose_name='上传人')),
                ('written_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.seat', verbose_name='确认人')),
            ],
            options={
                'verbose_name': '名册导入',
                'verbose_name_plural': '名册导入',
                'indexes': [
                    models.Index(fields=['organisation', '-id'], name='roster_import_of_office'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Mail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('activation', '设置链接'), ('digest', '每日摘要')], max_length=12, verbose_name='类别')),
                ('key', models.CharField(max_length=120, unique=True, verbose_name='唯一标识')),
                ('address', models.EmailField(max_length=254, verbose_name='邮箱')),
                ('path', models.CharField(max_length=100, verbose_name='所在链条')),
                ('title', models.CharField(max_length=160, verbose_name='标题')),
                ('body', models.TextField(blank=True, verbose_name='内容')),
                ('state', models.CharField(choices=[('waiting', '待发送'), ('sending', '发送中'), ('sent', '已发送'), ('failed', '未发出')], default='waiting', max_length=8, verbose_name='状态')),
                ('created_at', models.DateTimeField(verbose_name='起草时间')),
                ('claimed_at', models.DateTimeField(null=True, verbose_name='开始发送时间')),
                ('sent_at', models.DateTimeField(null=True, verbose_name='发送时间')),
                ('error', models.CharField(blank=True, max_length=200, verbose_name='原因')),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mails', to=settings.AUTH_USER_MODEL, verbose_name='收件人')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.seat', verbose_name='发件人')),
            ],
            options={
                'verbose_name': '邮件',
                'verbose_name_plural': '邮件',
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'sending', 'sent', 'failed'])), name='mail_state_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'sent'), _negated=True), ('sent_at__isnull', False), _connector='OR'), name='mail_sent_has_instant'),
                ],
                'indexes': [
                    models.Index(fields=['path', '-id'], name='mail_by_path'),
                    models.Index(condition=models.Q(('state__in', ['waiting', 'sending'])), fields=['id'], name='mail_open'),
                ],
            },
        ),
        migrations.CreateModel(
            name='StandIn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateTimeField(verbose_name='起')),
                ('until', models.DateTimeField(verbose_name='止')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('appointed_at', models.DateTimeField(verbose_name='指定时间')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='结束时间')),
                ('end_reason', models.CharField(blank=True, max_length=200, verbose_name='终止理由')),
                ('absent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stand_ins', to='accounts.seat', verbose_name='被代办席位')),
                ('appointed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.seat', verbose_name='指定人')),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.seat', verbose_name='终止人')),
                ('seat', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='appointment', to='accounts.seat', verbose_name='代办席位')),
                ('substitute', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stand_ins', to=settings.AUTH_USER_MODEL, verbose_name='代办人')),
            ],
            options={
                'verbose_name': '代办',
                'verbose_name_plural': '代办',
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('until__gt', models.F('since'))), name='stand_in_ends_later', violation_error_message='代办结束须晚于开始。'),
                    models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='stand_in_has_a_reason'),
                    models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('absent',), name='stand_in_one_at_a_time', violation_error_message='这一席位已指定代办人，请先终止原来的代办。'),
                ],
                'indexes': [
                    models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['until'], name='stand_in_running'),
                ],
            },
        ),
        BYTE_ORDER,
    ]
