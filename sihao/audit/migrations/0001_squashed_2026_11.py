"""The tables as they stood in November 2026, made at once; a database that has the single steps keeps them."""

import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from sihao.audit.migrations._append_only import APPEND_ONLY, DAILY_HEAD, LINK, append_only


class Migration(migrations.Migration):

    replaces = [('audit', '0001_initial'), ('audit', '0002_append_only'), ('audit', '0003_recalled'), ('audit', '0004_second_person_and_places'), ('audit', '0005_rosters'), ('audit', '0006_recusals_and_stand_ins'), ('audit', '0007_ranking'), ('audit', '0008_returns'), ('audit', '0009_meeting_and_batch'), ('audit', '0010_spot_checks'), ('audit', '0011_recomputed'), ('audit', '0012_chain'), ('audit', '0013_preliminary_review'), ('audit', '0014_notice_titles'), ('audit', '0015_experts'), ('audit', '0016_visit_marks'), ('audit', '0017_mail_again'), ('audit', '0018_second_programme'), ('audit', '0019_lapsed'), ('audit', '0020_archive_packages'), ('audit', '0021_circular'), ('audit', '0022_withdrawal')]

    initial = True

    dependencies = [
        ('accounts', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Chain',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sequence', models.PositiveBigIntegerField(default=0, verbose_name='末条序号')),
                ('seal', models.CharField(default='0000000000000000000000000000000000000000000000000000000000000000', max_length=64, verbose_name='末条封存值')),
                ('at', models.DateTimeField(null=True, verbose_name='末次封存时间')),
                ('hash', models.CharField(choices=[('sha256', 'SHA-256'), ('sm3', 'SM3')], default='sha256', max_length=8, verbose_name='今后的算法')),
            ],
            options={
                'verbose_name': '留痕链',
                'verbose_name_plural': '留痕链',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='chain_is_one'), models.CheckConstraint(condition=models.Q(('hash__in', ['sha256', 'sm3'])), name='chain_hash_known')],
            },
        ),
        migrations.CreateModel(
            name='DailyHead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(unique=True, verbose_name='日期')),
                ('sequence', models.PositiveBigIntegerField(verbose_name='序号')),
                ('hash', models.CharField(choices=[('sha256', 'SHA-256'), ('sm3', 'SM3')], max_length=8, verbose_name='算法')),
                ('seal', models.CharField(max_length=64, verbose_name='封存值')),
                ('at', models.DateTimeField(verbose_name='封存时间')),
            ],
            options={
                'verbose_name': '每日封存值',
                'verbose_name_plural': '每日封存值',
                'constraints': [models.CheckConstraint(condition=models.Q(('hash__in', ['sha256', 'sm3'])), name='daily_head_hash_known')],
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event', models.CharField(choices=[('account_opened', '开设账号'), ('account_closed', '停用账号'), ('password_changed', '修改密码'), ('password_reset', '重置密码'), ('signed_in', '登录'), ('sign_in_refused', '登录被拒'), ('seat_granted', '授予席位'), ('seat_revoked', '收回席位'), ('contact_changed', '修改联系方式'), ('link_issued', '发放设置链接'), ('seat_handed_over', '交接席位'), ('chamber_added', '登记商会'), ('chamber_completed', '补充商会信息'), ('roster_imported', '导入名册'), ('federations_loaded', '载入工商联名录'), ('programme_drafted', '起草标准'), ('programme_proposed', '提请发布标准'), ('programme_sent_back', '退回标准草稿'), ('programme_dropped', '放弃标准草稿'), ('programme_tried', '试算标准草稿'), ('programme_published', '发布标准'), ('cycle_renewed', '改用新版标准'), ('cycle_opened', '开启认定周期'), ('quota_set', '设定名额'), ('counts_written', '写入商会统计'), ('plan_set', '设定名额分配参数'), ('places_overridden', '调整拟分配名额'), ('places_adopted', '采用名额分配'), ('limit_set', '设定报送名额'), ('pending_prepared', '提请第二人确认'), ('pending_confirmed', '第二人确认'), ('pending_dropped', '退回或撤回待确认事项'), ('extension_confirmed', '批准延期'), ('extension_ended', '终止延期'), ('started', '开始申报'), ('submitted', '提交申报'), ('opined', '填写审核意见'), ('forwarded', '报上级审核'), ('taken_over', '上级接办'), ('returned', '退回修改'), ('resubmitted', '重新提交'), ('declined', '不予推荐'), ('return_settled', '核对退回事项'), ('delta_confirmed', '核对变动指标'), ('sent_down', '退回下级'), ('second_look_asked', '申请复核'), ('reconsidered', '同意复核'), ('decline_upheld', '维持不予推荐'), ('question_asked', '询问'), ('question_answered', '答复询问'), ('question_closed', '办结询问'), ('withdrawn', '撤回申报'), ('recalled', '撤回修改'), ('lapsed', '逾期未报'), ('shortlisted', '列入拟推荐'), ('unshortlisted', '移出拟推荐'), ('reserved', '列为备选'), ('ranked', '调整推荐排序'), ('promoted', '改列拟推荐'), ('demoted', '改列备选'), ('list_arranged', '排列推荐名单'), ('rank_reasoned', '说明排序理由'), ('moved_up', '递补'), ('batch_frozen', '固定推荐名单'), ('batch_reopened', '重新打开推荐名单'), ('meeting_prepared', '安排集体研究'), ('meeting_recorded', '登记集体研究'), ('minutes_signed', '签署会议纪要'), ('struck', '集体研究未列入'), ('papers_issued', '生成盖章材料'), ('scan_brought', '上传盖章扫描件'), ('scan_settled', '核对盖章扫描件'), ('scan_removed', '移除盖章扫描件'), ('batch_sealed', '备齐盖章材料'), ('batch_uploaded', '上报推荐名单'), ('batch_recalled', '撤回推荐名单'), ('upload_taken_back', '撤回推荐上报'), ('batch_sent_back', '退回推荐名单补正'), ('recommended', '推荐上报'), ('batch_accepted', '接收推荐名单'), ('taken_up', '进入初审'), ('draw_announced', '公布抽样种子'), ('draw_voided', '作废抽样批次'), ('draw_drawn', '抽取实地抽查对象'), ('draw_computed_again', '复算抽样'), ('visit_assigned', '组成实地抽查调研组'), ('visit_submitted', '提交走访记录'), ('visit_sent_back', '退回补正走访记录'), ('visit_agreed', '核对走访记录'), ('visit_confirmed', '核定实地抽查'), ('visit_waived', '免于实地走访'), ('visit_marks_taken', '采用实地抽查建议得分'), ('visit_set_aside', '实地抽查后不提出取消认定资格'), ('visit_photo_added', '上传走访照片'), ('visit_photo_removed', '移除走访照片'), ('visit_reported', '填写互学互促工作报告'), ('preliminary_answered', '填写初审结论'), ('finding_noted', '核对系统发现的情况'), ('cases_compared', '跨件比对'), ('liaison_set', '指定联系人'), ('desk_assigned', '指定初审经办人'), ('clarification_asked', '请推荐单位说明材料问题'), ('clarification_answered', '说明材料问题'), ('clarification_closed', '收回材料问题说明'), ('passed', '通过初审'), ('disqualification_proposed', '提出取消认定资格'), ('disqualification_discussed', '沟通取消资格意见'), ('disqualification_answered', '答复初审问题'), ('disqualification_dropped', '撤销取消资格意见'), ('disqualified', '取消认定资格'), ('expert_assigned', '分派专家'), ('expert_recused', '专家回避'), ('sheet_confirmed', '确认专家评分'), ('pool_changed', '登记专家'), ('pool_imported', '导入专家名单'), ('assignment_proposed', '拟定专家分派方案'), ('assignment_deployed', '确认专家分派方案'), ('assignment_dropped', '放弃专家分派方案'), ('sheet_accepted', '接受评审并作出承诺'), ('sheet_declined', '未接受评审'), ('sheet_released', '收回分派'), ('sheet_reopened', '退回重新评分'), ('third_asked', '增加第三名专家'), ('rapporteur_named', '指定主评人'), ('consensus_voiced', '对商定得分表态'), ('agreed', '商定否决项和基础达标项得分'), ('withdrawal_asked', '申请撤回申报'), ('withdrawal_agreed', '推荐单位同意撤回申报'), ('withdrawal_opposed', '推荐单位不同意撤回申报'), ('withdrawal_refused', '不接受撤回申报'), ('withdrawal_accepted', '接受撤回申报'), ('proposed', '列为拟认定'), ('ruled_out', '不能参与认定'), ('recomputed', '重新计算复审结论'), ('parameters_corrected', '更正评分参数'), ('agenda_frozen', '提请主席办公会议审议'), ('approved', '审议通过'), ('not_approved', '审议未通过'), ('held_over', '再议'), ('notice_opened', '列入公示'), ('notice_published', '发布公示'), ('notice_rules_set', '公示设置'), ('officers_named', '指定异议登记人'), ('notice_held', '暂缓公布，核查异议'), ('hold_released', '恢复公示'), ('sent_to_meeting', '提请重新审议'), ('objection_received', '登记异议'), ('objection_admitted', '受理异议'), ('objection_refused', '不予受理异议'), ('objection_reported', '报告异议核查情况'), ('objection_investigated', '登记异议核查情况'), ('objection_upheld', '异议成立'), ('objection_dismissed', '异议不成立'), ('objector_read', '查看异议人'), ('tip_read', '阅看匿名线索'), ('corrected', '更正结果'), ('recognised', '认定并公布'), ('list_published', '公布名单'), ('results_released', '公开结果'), ('titles_over', '上期认定到期'), ('inquiry_opened', '认定核查立项'), ('statement_given', '商会陈述'), ('revocation_proposed', '建议撤销认定'), ('revocation_decided', '登记撤销认定的审议结果'), ('inquiry_closed', '认定核查办结，不予撤销'), ('title_suspended', '暂停认定效力'), ('title_reinstated', '恢复认定效力'), ('title_revoked', '公布撤销认定'), ('relinquishment_asked', '申请放弃认定'), ('title_relinquished', '同意放弃认定'), ('plaque_returned', '收回牌匾、证书'), ('story_saved', '编辑事迹'), ('story_released', '发布事迹'), ('story_withdrawn', '撤下事迹'), ('feedback_made', '生成反馈材料'), ('stage_recorded', '登记步骤记录'), ('stage_record_withdrawn', '撤回步骤记录'), ('inspection_found', '登记督查问题'), ('inspection_rectified', '提交整改情况'), ('inspection_reopened', '退回继续整改'), ('inspection_closed', '督查问题销号'), ('target_set', '设定工作目标'), ('decided_by_score', '按分值认定'), ('below_score', '未达到认定分值'), ('sent_to_above', '择优上报'), ('confirmed_above', '上级确认'), ('circular_issued', '印发名单'), ('returned_from_above', '上级退回'), ('evidence_added', '上传佐证材料'), ('evidence_removed', '移除佐证材料'), ('letter_released', '发出通知'), ('letter_voided', '作废通知'), ('mail_sent_again', '重新发送邮件'), ('exported', '导出'), ('archived', '生成归档包'), ('tie_declared', '申报回避情形'), ('tie_left', '申报离任'), ('tie_struck', '更正回避申报'), ('case_recused', '登记回避'), ('recusal_lifted', '解除回避'), ('stand_in_appointed', '指定代办'), ('stand_in_begun', '代办开始'), ('stand_in_ended', '代办结束')], max_length=40, verbose_name='事项')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('actor_label', models.CharField(max_length=200, verbose_name='办理人')),
                ('target_kind', models.CharField(max_length=40, verbose_name='对象类别')),
                ('target_id', models.CharField(max_length=40, verbose_name='对象编号')),
                ('target_label', models.CharField(max_length=200, verbose_name='对象')),
                ('path', models.CharField(blank=True, max_length=100, verbose_name='所在链条')),
                ('data', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='内容')),
                ('reason', models.TextField(blank=True, verbose_name='理由')),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '留痕',
                'verbose_name_plural': '留痕',
                'indexes': [models.Index(fields=['target_kind', 'target_id', 'id'], name='entry_of_target'), models.Index(fields=['actor', 'id'], name='entry_by_actor'), models.Index(fields=['event', 'id'], name='entry_of_event'), models.Index(fields=['at', 'id'], name='entry_by_time')],
                'constraints': [models.CheckConstraint(condition=models.Q(('event__in', ['account_opened', 'account_closed', 'password_changed', 'password_reset', 'signed_in', 'sign_in_refused', 'seat_granted', 'seat_revoked', 'contact_changed', 'link_issued', 'seat_handed_over', 'chamber_added', 'chamber_completed', 'roster_imported', 'federations_loaded', 'programme_drafted', 'programme_proposed', 'programme_sent_back', 'programme_dropped', 'programme_tried', 'programme_published', 'cycle_renewed', 'cycle_opened', 'quota_set', 'counts_written', 'plan_set', 'places_overridden', 'places_adopted', 'limit_set', 'pending_prepared', 'pending_confirmed', 'pending_dropped', 'extension_confirmed', 'extension_ended', 'started', 'submitted', 'opined', 'forwarded', 'taken_over', 'returned', 'resubmitted', 'declined', 'return_settled', 'delta_confirmed', 'sent_down', 'second_look_asked', 'reconsidered', 'decline_upheld', 'question_asked', 'question_answered', 'question_closed', 'withdrawn', 'recalled', 'lapsed', 'shortlisted', 'unshortlisted', 'reserved', 'ranked', 'promoted', 'demoted', 'list_arranged', 'rank_reasoned', 'moved_up', 'batch_frozen', 'batch_reopened', 'meeting_prepared', 'meeting_recorded', 'minutes_signed', 'struck', 'papers_issued', 'scan_brought', 'scan_settled', 'scan_removed', 'batch_sealed', 'batch_uploaded', 'batch_recalled', 'upload_taken_back', 'batch_sent_back', 'recommended', 'batch_accepted', 'taken_up', 'draw_announced', 'draw_voided', 'draw_drawn', 'draw_computed_again', 'visit_assigned', 'visit_submitted', 'visit_sent_back', 'visit_agreed', 'visit_confirmed', 'visit_waived', 'visit_marks_taken', 'visit_set_aside', 'visit_photo_added', 'visit_photo_removed', 'visit_reported', 'preliminary_answered', 'finding_noted', 'cases_compared', 'liaison_set', 'desk_assigned', 'clarification_asked', 'clarification_answered', 'clarification_closed', 'passed', 'disqualification_proposed', 'disqualification_discussed', 'disqualification_answered', 'disqualification_dropped', 'disqualified', 'expert_assigned', 'expert_recused', 'sheet_confirmed', 'pool_changed', 'pool_imported', 'assignment_proposed', 'assignment_deployed', 'assignment_dropped', 'sheet_accepted', 'sheet_declined', 'sheet_released', 'sheet_reopened', 'third_asked', 'rapporteur_named', 'consensus_voiced', 'agreed', 'withdrawal_asked', 'withdrawal_agreed', 'withdrawal_opposed', 'withdrawal_refused', 'withdrawal_accepted', 'proposed', 'ruled_out', 'recomputed', 'parameters_corrected', 'agenda_frozen', 'approved', 'not_approved', 'held_over', 'notice_opened', 'notice_published', 'notice_rules_set', 'officers_named', 'notice_held', 'hold_released', 'sent_to_meeting', 'objection_received', 'objection_admitted', 'objection_refused', 'objection_reported', 'objection_investigated', 'objection_upheld', 'objection_dismissed', 'objector_read', 'tip_read', 'corrected', 'recognised', 'list_published', 'results_released', 'titles_over', 'inquiry_opened', 'statement_given', 'revocation_proposed', 'revocation_decided', 'inquiry_closed', 'title_suspended', 'title_reinstated', 'title_revoked', 'relinquishment_asked', 'title_relinquished', 'plaque_returned', 'story_saved', 'story_released', 'story_withdrawn', 'feedback_made', 'stage_recorded', 'stage_record_withdrawn', 'inspection_found', 'inspection_rectified', 'inspection_reopened', 'inspection_closed', 'target_set', 'decided_by_score', 'below_score', 'sent_to_above', 'confirmed_above', 'circular_issued', 'returned_from_above', 'evidence_added', 'evidence_removed', 'letter_released', 'letter_voided', 'mail_sent_again', 'exported', 'archived', 'tie_declared', 'tie_left', 'tie_struck', 'case_recused', 'recusal_lifted', 'stand_in_appointed', 'stand_in_begun', 'stand_in_ended'])), name='entry_event_known')],
            },
        ),
        migrations.CreateModel(
            name='Link',
            fields=[
                ('sequence', models.PositiveBigIntegerField(primary_key=True, serialize=False, verbose_name='序号')),
                ('hash', models.CharField(choices=[('sha256', 'SHA-256'), ('sm3', 'SM3')], max_length=8, verbose_name='算法')),
                ('seal', models.CharField(max_length=64, verbose_name='封存值')),
                ('marks', models.CharField(max_length=64, verbose_name='各部分标记')),
                ('at', models.DateTimeField(verbose_name='封存时间')),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='link', to='audit.entry', verbose_name='留痕')),
            ],
            options={
                'verbose_name': '封存',
                'verbose_name_plural': '封存',
                'indexes': [models.Index(fields=['at', 'sequence'], name='link_by_time')],
                'constraints': [models.CheckConstraint(condition=models.Q(('sequence__gte', 1)), name='link_from_one'), models.CheckConstraint(condition=models.Q(('hash__in', ['sha256', 'sm3'])), name='link_hash_known')],
            },
        ),
        APPEND_ONLY,
        append_only(LINK),
        append_only(DAILY_HEAD),
    ]
