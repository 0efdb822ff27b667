"""What can happen, and the sentence that tells it."""

from dataclasses import dataclass

from django.db.models import TextChoices


class Event(TextChoices):
    """Every act that leaves a trail entry; an act that is not here cannot be recorded."""

    ACCOUNT_OPENED = "account_opened", "开设账号"
    ACCOUNT_CLOSED = "account_closed", "停用账号"
    PASSWORD_CHANGED = "password_changed", "修改密码"
    PASSWORD_RESET = "password_reset", "重置密码"
    SIGNED_IN = "signed_in", "登录"
    SIGN_IN_REFUSED = "sign_in_refused", "登录被拒"
    SEAT_GRANTED = "seat_granted", "授予席位"
    SEAT_REVOKED = "seat_revoked", "收回席位"
    CONTACT_CHANGED = "contact_changed", "修改联系方式"
    LINK_ISSUED = "link_issued", "发放设置链接"
    SEAT_HANDED_OVER = "seat_handed_over", "交接席位"
    CHAMBER_ADDED = "chamber_added", "登记商会"
    CHAMBER_COMPLETED = "chamber_completed", "补充商会信息"
    ROSTER_IMPORTED = "roster_imported", "导入名册"
    FEDERATIONS_LOADED = "federations_loaded", "载入工商联名录"
    PROGRAMME_DRAFTED = "programme_drafted", "起草标准"
    PROGRAMME_PROPOSED = "programme_proposed", "提请发布标准"
    PROGRAMME_SENT_BACK = "programme_sent_back", "退回标准草稿"
    PROGRAMME_DROPPED = "programme_dropped", "放弃标准草稿"
    PROGRAMME_TRIED = "programme_tried", "试算标准草稿"
    PROGRAMME_PUBLISHED = "programme_published", "发布标准"
    CYCLE_RENEWED = "cycle_renewed", "改用新版标准"
    CYCLE_OPENED = "cycle_opened", "开启认定周期"
    QUOTA_SET = "quota_set", "设定名额"
    COUNTS_WRITTEN = "counts_written", "写入商会统计"
    PLAN_SET = "plan_set", "设定名额分配参数"
    PLACES_OVERRIDDEN = "places_overridden", "调整拟分配名额"
    PLACES_ADOPTED = "places_adopted", "采用名额分配"
    LIMIT_SET = "limit_set", "设定报送名额"
    PENDING_PREPARED = "pending_prepared", "提请第二人确认"
    PENDING_CONFIRMED = "pending_confirmed", "第二人确认"
    PENDING_DROPPED = "pending_dropped", "退回或撤回待确认事项"
    EXTENSION_CONFIRMED = "extension_confirmed", "批准延期"
    EXTENSION_ENDED = "extension_ended", "终止延期"
    STARTED = "started", "开始申报"
    SUBMITTED = "submitted", "提交申报"
    OPINED = "opined", "填写审核意见"
    FORWARDED = "forwarded", "报上级审核"
    TAKEN_OVER = "taken_over", "上级接办"
    RETURNED = "returned", "退回修改"
    RESUBMITTED = "resubmitted", "重新提交"
    DECLINED = "declined", "不予推荐"
    RETURN_SETTLED = "return_settled", "核对退回事项"
    DELTA_CONFIRMED = "delta_confirmed", "核对变动指标"
    SENT_DOWN = "sent_down", "退回下级"
    SECOND_LOOK_ASKED = "second_look_asked", "申请复核"
    RECONSIDERED = "reconsidered", "同意复核"
    DECLINE_UPHELD = "decline_upheld", "维持不予推荐"
    QUESTION_ASKED = "question_asked", "询问"
    QUESTION_ANSWERED = "question_answered", "答复询问"
    QUESTION_CLOSED = "question_closed", "办结询问"
    WITHDRAWN = "withdrawn", "撤回申报"
    RECALLED = "recalled", "撤回修改"
    LAPSED = "lapsed", "逾期未报"
    SHORTLISTED = "shortlisted", "列入拟推荐"
    UNSHORTLISTED = "unshortlisted", "移出拟推荐"
    RESERVED = "reserved", "列为备选"
    RANKED = "ranked", "调整推荐排序"
    PROMOTED = "promoted", "改列拟推荐"
    DEMOTED = "demoted", "改列备选"
    LIST_ARRANGED = "list_arranged", "排列推荐名单"
    RANK_REASONED = "rank_reasoned", "说明排序理由"
    MOVED_UP = "moved_up", "递补"
    BATCH_FROZEN = "batch_frozen", "固定推荐名单"
    BATCH_REOPENED = "batch_reopened", "重新打开推荐名单"
    MEETING_PREPARED = "meeting_prepared", "安排集体研究"
    MEETING_RECORDED = "meeting_recorded", "登记集体研究"
    MINUTES_SIGNED = "minutes_signed", "签署会议纪要"
    STRUCK = "struck", "集体研究未列入"
    PAPERS_ISSUED = "papers_issued", "生成盖章材料"
    SCAN_BROUGHT = "scan_brought", "上传盖章扫描件"
    SCAN_SETTLED = "scan_settled", "核对盖章扫描件"
    SCAN_REMOVED = "scan_removed", "移除盖章扫描件"
    BATCH_SEALED = "batch_sealed", "备齐盖章材料"
    BATCH_UPLOADED = "batch_uploaded", "上报推荐名单"
    BATCH_RECALLED = "batch_recalled", "撤回推荐名单"
    UPLOAD_TAKEN_BACK = "upload_taken_back", "撤回推荐上报"
    BATCH_SENT_BACK = "batch_sent_back", "退回推荐名单补正"
    RECOMMENDED = "recommended", "推荐上报"
    BATCH_ACCEPTED = "batch_accepted", "接收推荐名单"
    TAKEN_UP = "taken_up", "进入初审"
    DRAW_ANNOUNCED = "draw_announced", "公布抽样种子"
    DRAW_VOIDED = "draw_voided", "作废抽样批次"
    DRAW_DRAWN = "draw_drawn", "抽取实地抽查对象"
    DRAW_COMPUTED_AGAIN = "draw_computed_again", "复算抽样"
    VISIT_ASSIGNED = "visit_assigned", "组成实地抽查调研组"
    VISIT_SUBMITTED = "visit_submitted", "提交走访记录"
    VISIT_SENT_BACK = "visit_sent_back", "退回补正走访记录"
    VISIT_AGREED = "visit_agreed", "核对走访记录"
    VISIT_CONFIRMED = "visit_confirmed", "核定实地抽查"
    VISIT_WAIVED = "visit_waived", "免于实地走访"
    VISIT_MARKS_TAKEN = "visit_marks_taken", "采用实地抽查建议得分"
    VISIT_SET_ASIDE = "visit_set_aside", "实地抽查后不提出取消认定资格"
    VISIT_PHOTO_ADDED = "visit_photo_added", "上传走访照片"
    VISIT_PHOTO_REMOVED = "visit_photo_removed", "移除走访照片"
    VISIT_REPORTED = "visit_reported", "填写互学互促工作报告"
    PRELIMINARY_ANSWERED = "preliminary_answered", "填写初审结论"
    FINDING_NOTED = "finding_noted", "核对系统发现的情况"
    CASES_COMPARED = "cases_compared", "跨件比对"
    LIAISON_SET = "liaison_set", "指定联系人"
    DESK_ASSIGNED = "desk_assigned", "指定初审经办人"
    CLARIFICATION_ASKED = "clarification_asked", "请推荐单位说明材料问题"
    CLARIFICATION_ANSWERED = "clarification_answered", "说明材料问题"
    CLARIFICATION_CLOSED = "clarification_closed", "收回材料问题说明"
    PASSED = "passed", "通过初审"
    DISQUALIFICATION_PROPOSED = "disqualification_proposed", "提出取消认定资格"
    DISQUALIFICATION_DISCUSSED = "disqualification_discussed", "沟通取消资格意见"
    DISQUALIFICATION_ANSWERED = "disqualification_answered", "答复初审问题"
    DISQUALIFICATION_DROPPED = "disqualification_dropped", "撤销取消资格意见"
    DISQUALIFIED = "disqualified", "取消认定资格"
    EXPERT_ASSIGNED = "expert_assigned", "分派专家"
    EXPERT_RECUSED = "expert_recused", "专家回避"
    SHEET_CONFIRMED = "sheet_confirmed", "确认专家评分"
    POOL_CHANGED = "pool_changed", "登记专家"
    POOL_IMPORTED = "pool_imported", "导入专家名单"
    ASSIGNMENT_PROPOSED = "assignment_proposed", "拟定专家分派方案"
    ASSIGNMENT_DEPLOYED = "assignment_deployed", "确认专家分派方案"
    ASSIGNMENT_DROPPED = "assignment_dropped", "放弃专家分派方案"
    SHEET_ACCEPTED = "sheet_accepted", "接受评审并作出承诺"
    SHEET_DECLINED = "sheet_declined", "未接受评审"
    SHEET_RELEASED = "sheet_released", "收回分派"
    SHEET_REOPENED = "sheet_reopened", "退回重新评分"
    THIRD_ASKED = "third_asked", "增加第三名专家"
    RAPPORTEUR_NAMED = "rapporteur_named", "指定主评人"
    CONSENSUS_VOICED = "consensus_voiced", "对商定得分表态"
    AGREED = "agreed", "商定否决项和基础达标项得分"
    WITHDRAWAL_ASKED = "withdrawal_asked", "申请撤回申报"
    WITHDRAWAL_AGREED = "withdrawal_agreed", "推荐单位同意撤回申报"
    WITHDRAWAL_OPPOSED = "withdrawal_opposed", "推荐单位不同意撤回申报"
    WITHDRAWAL_REFUSED = "withdrawal_refused", "不接受撤回申报"
    WITHDRAWAL_ACCEPTED = "withdrawal_accepted", "接受撤回申报"
    PROPOSED = "proposed", "列为拟认定"
    RULED_OUT = "ruled_out", "不能参与认定"
    RECOMPUTED = "recomputed", "重新计算复审结论"
    PARAMETERS_CORRECTED = "parameters_corrected", "更正评分参数"
    AGENDA_FROZEN = "agenda_frozen", "提请主席办公会议审议"
    APPROVED = "approved", "审议通过"
    NOT_APPROVED = "not_approved", "审议未通过"
    HELD_OVER = "held_over", "再议"
    NOTICE_OPENED = "notice_opened", "列入公示"
    NOTICE_PUBLISHED = "notice_published", "发布公示"
    NOTICE_RULES_SET = "notice_rules_set", "公示设置"
    OFFICERS_NAMED = "officers_named", "指定异议登记人"
    NOTICE_HELD = "notice_held", "暂缓公布，核查异议"
    HOLD_RELEASED = "hold_released", "恢复公示"
    SENT_TO_MEETING = "sent_to_meeting", "提请重新审议"
    OBJECTION_RECEIVED = "objection_received", "登记异议"
    OBJECTION_ADMITTED = "objection_admitted", "受理异议"
    OBJECTION_REFUSED = "objection_refused", "不予受理异议"
    OBJECTION_REPORTED = "objection_reported", "报告异议核查情况"
    OBJECTION_INVESTIGATED = "objection_investigated", "登记异议核查情况"
    OBJECTION_UPHELD = "objection_upheld", "异议成立"
    OBJECTION_DISMISSED = "objection_dismissed", "异议不成立"
    OBJECTOR_READ = "objector_read", "查看异议人"
    TIP_READ = "tip_read", "阅看匿名线索"
    CORRECTED = "corrected", "更正结果"
    RECOGNISED = "recognised", "认定并公布"
    LIST_PUBLISHED = "list_published", "公布名单"
    RESULTS_RELEASED = "results_released", "公开结果"
    TITLES_OVER = "titles_over", "上期认定到期"
    INQUIRY_OPENED = "inquiry_opened", "认定核查立项"
    STATEMENT_GIVEN = "statement_given", "商会陈述"
    REVOCATION_PROPOSED = "revocation_proposed", "建议撤销认定"
    REVOCATION_DECIDED = "revocation_decided", "登记撤销认定的审议结果"
    INQUIRY_CLOSED = "inquiry_closed", "认定核查办结，不予撤销"
    TITLE_SUSPENDED = "title_suspended", "暂停认定效力"
    TITLE_REINSTATED = "title_reinstated", "恢复认定效力"
    TITLE_REVOKED = "title_revoked", "公布撤销认定"
    RELINQUISHMENT_ASKED = "relinquishment_asked", "申请放弃认定"
    TITLE_RELINQUISHED = "title_relinquished", "同意放弃认定"
    PLAQUE_RETURNED = "plaque_returned", "收回牌匾、证书"
    STORY_SAVED = "story_saved", "编辑事迹"
    STORY_RELEASED = "story_released", "发布事迹"
    STORY_WITHDRAWN = "story_withdrawn", "撤下事迹"
    FEEDBACK_MADE = "feedback_made", "生成反馈材料"
    STAGE_RECORDED = "stage_recorded", "登记步骤记录"
    STAGE_RECORD_WITHDRAWN = "stage_record_withdrawn", "撤回步骤记录"
    INSPECTION_FOUND = "inspection_found", "登记督查问题"
    INSPECTION_RECTIFIED = "inspection_rectified", "提交整改情况"
    INSPECTION_REOPENED = "inspection_reopened", "退回继续整改"
    INSPECTION_CLOSED = "inspection_closed", "督查问题销号"
    TARGET_SET = "target_set", "设定工作目标"
    DECIDED_BY_SCORE = "decided_by_score", "按分值认定"
    BELOW_SCORE = "below_score", "未达到认定分值"
    SENT_TO_ABOVE = "sent_to_above", "择优上报"
    CONFIRMED_ABOVE = "confirmed_above", "上级确认"
    CIRCULAR_ISSUED = "circular_issued", "印发名单"
    RETURNED_FROM_ABOVE = "returned_from_above", "上级退回"
    EVIDENCE_ADDED = "evidence_added", "上传佐证材料"
    EVIDENCE_REMOVED = "evidence_removed", "移除佐证材料"
    LETTER_RELEASED = "letter_released", "发出通知"
    LETTER_VOIDED = "letter_voided", "作废通知"
    MAIL_SENT_AGAIN = "mail_sent_again", "重新发送邮件"
    EXPORTED = "exported", "导出"
    ARCHIVED = "archived", "生成归档包"
    TIE_DECLARED = "tie_declared", "申报回避情形"
    TIE_LEFT = "tie_left", "申报离任"
    TIE_STRUCK = "tie_struck", "更正回避申报"
    CASE_RECUSED = "case_recused", "登记回避"
    RECUSAL_LIFTED = "recusal_lifted", "解除回避"
    STAND_IN_APPOINTED = "stand_in_appointed", "指定代办"
    STAND_IN_BEGUN = "stand_in_begun", "代办开始"
    STAND_IN_ENDED = "stand_in_ended", "代办结束"


@dataclass(frozen=True)
class Sentence:
    """How an event is told; every name in braces must be in the entry's data."""

    template: str
    needs: tuple[str, ...] = ()


SENTENCES: dict[Event, Sentence] = {event: Sentence(f"{{actor}}{event.label}") for event in Event} | {
    Event.ACCOUNT_OPENED: Sentence("{actor}为{holder}开设账号", ("holder",)),
    Event.ACCOUNT_CLOSED: Sentence("{actor}停用{holder}的账号", ("holder",)),
    Event.PASSWORD_RESET: Sentence("{actor}重置{holder}的密码", ("holder",)),
    Event.SIGN_IN_REFUSED: Sentence("登录被拒：{why}", ("why",)),
    Event.CONTACT_CHANGED: Sentence("{actor}修改{holder}的{what}", ("holder", "what")),
    Event.LINK_ISSUED: Sentence("{actor}给{holder}发放设置链接（{way}）", ("holder", "way")),
    Event.SEAT_HANDED_OVER: Sentence("{actor}把{holder}的未办事项交给{successor}", ("holder", "successor")),
    Event.CHAMBER_COMPLETED: Sentence("{actor}补充{name}的{what}", ("name", "what")),
    Event.ROSTER_IMPORTED: Sentence(
        "{actor}导入名册《{file}》：登记商会{chambers}个，开设账号{accounts}个，授予席位{seats}个",
        ("file", "chambers", "accounts", "seats"),
    ),
    Event.CHAMBER_ADDED: Sentence("{actor}在{home}登记商会{name}", ("home", "name")),
    Event.FEDERATIONS_LOADED: Sentence("{actor}载入工商联名录，共{count}个", ("count",)),
    Event.SEAT_GRANTED: Sentence("{actor}授予{holder}“{role}”席位", ("holder", "role")),
    Event.SEAT_REVOKED: Sentence("{actor}收回{holder}的“{role}”席位", ("holder", "role")),
    Event.PROGRAMME_DRAFTED: Sentence("{actor}起草标准（{source}）", ("source",)),
    Event.PROGRAMME_TRIED: Sentence("{actor}按{cycle}试算标准草稿", ("cycle",)),
    Event.QUOTA_SET: Sentence("{actor}把{unit}的推荐名额设为{places}个", ("unit", "places")),
    Event.COUNTS_WRITTEN: Sentence("{actor}写入商会统计，{count}个单位", ("count",)),
    Event.PLAN_SET: Sentence("{actor}设定名额分配参数：{what}", ("what",)),
    Event.PLACES_OVERRIDDEN: Sentence("{actor}调整{unit}的拟分配名额：{what}", ("unit", "what")),
    Event.PLACES_ADOPTED: Sentence("{actor}采用名额分配，{count}个单位共{places}个", ("count", "places")),
    Event.LIMIT_SET: Sentence("{actor}把{unit}的报送名额设为{places}个", ("unit", "places")),
    Event.PENDING_PREPARED: Sentence("{actor}提请第二人确认：{what}", ("what",)),
    Event.PENDING_CONFIRMED: Sentence("{actor}确认：{what}", ("what",)),
    Event.PENDING_DROPPED: Sentence("{actor}退回或撤回待确认事项：{what}", ("what",)),
    Event.EXTENSION_CONFIRMED: Sentence("{actor}批准把{unit}的{step}期限延至{until}", ("unit", "step", "until")),
    Event.EXTENSION_ENDED: Sentence("{actor}终止{unit}的{step}延期", ("unit", "step")),
    Event.FORWARDED: Sentence("{actor}报{to}审核", ("to",)),
    Event.TAKEN_OVER: Sentence("{actor}接办，原由{previous}办理", ("previous",)),
    Event.LIST_ARRANGED: Sentence("{actor}{how}排列推荐名单，{number}家位次变动", ("how", "number")),
    Event.MOVED_UP: Sentence("{actor}办理递补：{replaced}空出名额，由备选第{was}位递补", ("replaced", "was")),
    Event.RETURN_SETTLED: Sentence("{actor}核对退回事项：{what}", ("what",)),
    Event.DELTA_CONFIRMED: Sentence("{actor}核对变动指标：{what}，交{to}", ("what", "to")),
    Event.SENT_DOWN: Sentence("{actor}退回{to}：{what}", ("what", "to")),
    Event.QUESTION_ASKED: Sentence("{actor}询问{whom}：{what}", ("whom", "what")),
    Event.QUESTION_ANSWERED: Sentence("{actor}答复询问：{what}", ("what",)),
    Event.QUESTION_CLOSED: Sentence("{actor}办结询问：{what}", ("what",)),
    Event.FINDING_NOTED: Sentence("{actor}核对系统发现的情况：{what}", ("what",)),
    Event.CASES_COMPARED: Sentence("{actor}比对{cases}件申报", ("cases",)),
    Event.LIAISON_SET: Sentence("{actor}指定{holder}联系{unit}", ("holder", "unit")),
    Event.DESK_ASSIGNED: Sentence("{actor}指定{holder}为初审经办人", ("holder",)),
    Event.LETTER_RELEASED: Sentence("{actor}向{to}发出《{title}》", ("to", "title")),
    Event.LETTER_VOIDED: Sentence("{actor}作废给{to}的《{title}》", ("to", "title")),
    Event.MAIL_SENT_AGAIN: Sentence("{actor}重新发送邮件《{title}》", ("title", "why")),
    Event.SCAN_BROUGHT: Sentence("{actor}上传《{paper}》盖章扫描件（{file}）", ("paper", "file")),
    Event.SCAN_SETTLED: Sentence("{actor}核对《{paper}》盖章扫描件：{outcome}", ("paper", "outcome")),
    Event.SCAN_REMOVED: Sentence("{actor}移除《{paper}》盖章扫描件（{file}）", ("paper", "file")),
    Event.BATCH_UPLOADED: Sentence("{actor}上报推荐名单，回执编号{receipt}", ("receipt",)),
    Event.BATCH_RECALLED: Sentence("{actor}撤回推荐名单，原回执编号{receipt}", ("receipt",)),
    Event.BATCH_SENT_BACK: Sentence("{actor}退回推荐名单补正：{what}", ("what",)),
    Event.DRAW_ANNOUNCED: Sentence("{actor}公布第{number}批抽样种子，抽取{cases}件", ("number", "cases", "seed")),
    Event.DRAW_DRAWN: Sentence(
        "{actor}从{size}件推荐对象中抽取第{number}批{cases}件", ("number", "cases", "size", "list", "outcome")
    ),
    Event.DRAW_COMPUTED_AGAIN: Sentence(
        "{actor}复算第{number}批抽样：{what}", ("number", "what", "seed", "outcome")
    ),
    Event.VISIT_ASSIGNED: Sentence("{actor}组成实地抽查调研组：{team}", ("team",)),
    Event.VISIT_CONFIRMED: Sentence("调研组核定实地抽查：{finding}", ("finding",)),
    Event.VISIT_MARKS_TAKEN: Sentence("{actor}采用实地抽查建议得分：{rows}", ("rows",)),
    Event.VISIT_PHOTO_ADDED: Sentence("{actor}上传走访照片《{file}》", ("file",)),
    Event.VISIT_PHOTO_REMOVED: Sentence("{actor}移除走访照片《{file}》", ("file",)),
    Event.EXPERT_ASSIGNED: Sentence("{actor}分派专家{expert}", ("expert",)),
    Event.EXPERT_RECUSED: Sentence("专家{expert}回避", ("expert",)),
    Event.SHEET_CONFIRMED: Sentence("专家{expert}确认评分", ("expert",)),
    Event.RECOMPUTED: Sentence("{actor}重新计算复审结论：{what}", ("what",)),
    Event.PARAMETERS_CORRECTED: Sentence(
        "{actor}更正评分参数：{what}，重算{cases}件，{changed}件有变动", ("what", "cases", "changed")
    ),
    Event.NOTICE_PUBLISHED: Sentence("{actor}发布第{number}次公示，{cases}家，至{until}", ("number", "cases", "until")),
    Event.NOTICE_RULES_SET: Sentence("{actor}改动公示设置：{what}", ("what",)),
    Event.OFFICERS_NAMED: Sentence("{actor}指定异议登记人：{who}", ("who",)),
    Event.OBJECTION_RECEIVED: Sentence("收到公示异议，答复期限{due}", ("due",)),
    Event.OBJECTION_ADMITTED: Sentence("{actor}受理异议，由{officer}核查", ("officer",)),
    Event.OBJECTION_REFUSED: Sentence("{actor}不予受理异议：{ground}", ("ground",)),
    Event.OBJECTOR_READ: Sentence("{actor}查看异议人姓名、联系方式和原文", ()),
    Event.CORRECTED: Sentence("{actor}更正：由“{was}”更正为“{now}”", ("was", "now")),
    Event.TITLES_OVER: Sentence("新名单公布：上期认定到期{expired}家，再次认定{renewed}家", ("expired", "renewed")),
    Event.INQUIRY_OPENED: Sentence("{actor}对认定立项核查：{ground}", ("ground",)),
    Event.REVOCATION_DECIDED: Sentence("{actor}登记{on}会议审议结果：{result}", ("on", "result")),
    Event.TITLE_REVOKED: Sentence("{actor}公布撤销认定，证书编号{number}", ("number",)),
    Event.TITLE_RELINQUISHED: Sentence("{actor}同意放弃认定，证书编号{number}", ("number",)),
    Event.FEEDBACK_MADE: Sentence("{actor}生成反馈材料，{units}个单位", ("units",)),
    Event.POOL_CHANGED: Sentence("{actor}登记专家{expert}", ("expert",)),
    Event.POOL_IMPORTED: Sentence("{actor}导入专家名单《{file}》，{count}人", ("file", "count")),
    Event.ASSIGNMENT_PROPOSED: Sentence("{actor}拟定第{number}次专家分派方案：{what}", ("number", "what")),
    Event.ASSIGNMENT_DEPLOYED: Sentence("{actor}确认第{number}次专家分派方案，{count}份评分表", ("number", "count")),
    Event.ASSIGNMENT_DROPPED: Sentence("{actor}放弃第{number}次专家分派方案", ("number",)),
    Event.SHEET_ACCEPTED: Sentence("专家{expert}接受评审，已作回避和保密承诺", ("expert",)),
    Event.SHEET_DECLINED: Sentence("专家{expert}未接受评审", ("expert",)),
    Event.SHEET_RELEASED: Sentence("{actor}收回对专家{expert}的分派", ("expert",)),
    Event.SHEET_REOPENED: Sentence("{actor}退回专家{expert}的评分表重新评分", ("expert",)),
    Event.THIRD_ASKED: Sentence("{actor}增加第三名专家：{why}", ("why",)),
    Event.RAPPORTEUR_NAMED: Sentence("{actor}指定{expert}为主评人", ("expert",)),
    Event.CONSENSUS_VOICED: Sentence("专家{expert}对商定得分表态：{what}", ("expert", "what")),
    Event.RECOGNISED: Sentence("{actor}公布认定结果，证书编号{number}", ("number",)),
    Event.STAGE_RECORDED: Sentence("{actor}登记{stage}记录：{what}", ("stage", "what")),
    Event.STAGE_RECORD_WITHDRAWN: Sentence("{actor}撤回{stage}记录：{what}", ("stage", "what")),
    Event.INSPECTION_FOUND: Sentence("{actor}登记督查问题：{row}，限{due}前整改", ("row", "due")),
    Event.INSPECTION_RECTIFIED: Sentence("{actor}提交整改情况：{row}", ("row",)),
    Event.INSPECTION_REOPENED: Sentence("{actor}退回继续整改：{row}", ("row",)),
    Event.INSPECTION_CLOSED: Sentence("{actor}核查整改到位，予以销号：{row}", ("row",)),
    Event.TARGET_SET: Sentence("{actor}设定工作目标：{what}", ("what",)),
    Event.DECIDED_BY_SCORE: Sentence("{actor}按考评分值{verb}，证书编号{number}", ("verb", "number")),
    Event.BELOW_SCORE: Sentence("{actor}办结：考评分值未达到认定条件", ()),
    Event.SENT_TO_ABOVE: Sentence("{actor}第{place}位上报{above}", ("place", "above")),
    Event.CONFIRMED_ABOVE: Sentence("{actor}确认", ()),
    Event.CIRCULAR_ISSUED: Sentence("{actor}印发名单，文号{document}，{count}个单位", ("document", "count")),
    Event.RETURNED_FROM_ABOVE: Sentence("{actor}退回上报", ()),
    Event.EVIDENCE_ADDED: Sentence("{actor}上传佐证材料《{file}》（{row}）", ("file", "row")),
    Event.EVIDENCE_REMOVED: Sentence("{actor}移除佐证材料《{file}》（{row}）", ("file", "row")),
    Event.EXPORTED: Sentence("{actor}导出{what}", ("what",)),
    Event.ARCHIVED: Sentence("{actor}的归档包已生成，{files}个文件，清单摘要值{digest}", ("files", "digest")),
    Event.TIE_DECLARED: Sentence("{actor}申报与{body}的{what}", ("body", "what")),
    Event.TIE_LEFT: Sentence("{actor}申报已从{body}离任", ("body", "left_on")),
    Event.TIE_STRUCK: Sentence("{actor}更正{holder}与{body}的回避申报", ("holder", "body")),
    Event.CASE_RECUSED: Sentence("{actor}登记{holder}回避", ("holder",)),
    Event.RECUSAL_LIFTED: Sentence("{actor}解除{holder}的回避", ("holder",)),
    Event.STAND_IN_APPOINTED: Sentence(
        "{actor}指定{substitute}代{absent}办理，{since}至{until}", ("substitute", "absent", "since", "until")
    ),
    Event.STAND_IN_BEGUN: Sentence("{substitute}开始代{absent}办理", ("substitute", "absent")),
    Event.STAND_IN_ENDED: Sentence("{substitute}结束代{absent}办理", ("substitute", "absent")),
}
