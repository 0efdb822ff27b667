"""The states of a case and their wordings."""

from django.db.models import TextChoices


class State(TextChoices):
    """Where a case stands; the label is what officials read."""

    DRAFT = "draft", "草稿"
    LOCAL_REVIEW = "local_review", "审核中"
    RETURNED = "returned", "退回修改"
    NOT_FORWARDED = "not_forwarded", "不予推荐"
    SHORTLISTED = "shortlisted", "拟推荐"
    RECOMMENDED = "recommended", "已推荐上报"
    PRELIMINARY_REVIEW = "preliminary_review", "初审"
    DISQUALIFIED = "disqualified", "取消认定资格"
    EXPERT_REVIEW = "expert_review", "专家复审"
    NOT_ELIGIBLE = "not_eligible", "不能参与认定"
    PROPOSED = "proposed", "拟认定"
    APPROVED = "approved", "审议通过"
    NOT_APPROVED = "not_approved", "审议未通过"
    NOTICE = "notice", "公示"
    OBJECTION_HOLD = "objection_hold", "异议核查"
    RECOGNISED = "recognised", "已认定"
    WITHDRAWN = "withdrawn", "已撤回"
    LAPSED = "lapsed", "逾期未报"


ENDED = frozenset(
    {
        State.NOT_FORWARDED,
        State.DISQUALIFIED,
        State.NOT_ELIGIBLE,
        State.NOT_APPROVED,
        State.RECOGNISED,
        State.WITHDRAWN,
        State.LAPSED,
    }
)
OPEN = frozenset(State) - ENDED

# Before the results are released (T31) everybody outside the national tier reads one word for these.
UNDER_DELIBERATION = frozenset({State.PROPOSED, State.NOT_ELIGIBLE, State.APPROVED, State.NOT_APPROVED})
DELIBERATION_WORD = "评审中"

# Beyond the unit and before the meeting: from here a chamber withdraws with its unit and the department (T15).
WITHDRAWABLE = frozenset({State.RECOMMENDED, State.PRELIMINARY_REVIEW, State.EXPERT_REVIEW, State.PROPOSED})
# Where one may ask for it: what is under deliberation answers alike, so that no answer tells the outcome.
WITHDRAWAL_ASKED_IN = WITHDRAWABLE | UNDER_DELIBERATION


class WithdrawalOutcome(TextChoices):
    """What became of a request to withdraw."""

    ACCEPTED = "accepted", "已接受撤回"
    REFUSED = "refused", "未接受撤回"
    OPPOSED = "opposed", "推荐单位不同意"


class BatchState(TextChoices):
    """Where a unit's recommendation list stands."""

    OPEN = "open", "拟定中"
    FROZEN = "frozen", "名单已固定"
    MEETING_HELD = "meeting_held", "已集体研究"
    SEALED = "sealed", "盖章材料齐备"
    UPLOADED = "uploaded", "已上报"
    SENT_BACK = "sent_back", "退回补正"
    ACCEPTED = "accepted", "已接收"


# With the department: received, and perhaps back for form alone; its cases are recommended.
GONE_UP = frozenset({BatchState.UPLOADED, BatchState.SENT_BACK, BatchState.ACCEPTED})


class ListOrigin(TextChoices):
    """How a version of a list came about."""

    FROZEN = "frozen", "固定名单"
    DECIDED = "decided", "会议研究后"


class MeetingKind(TextChoices):
    """What a meeting decides."""

    RECOMMENDATION = "recommendation", "推荐名单集体研究"
    DELIBERATION = "deliberation", "认定名单审议"


class MeetingState(TextChoices):
    """Where a meeting stands."""

    PREPARED = "prepared", "筹备中"
    CONCLUDED = "concluded", "已研究"
    VOID = "void", "不再作数"


class Presence(TextChoices):
    """Whether a person was there, and as what."""

    PRESENT = "present", "出席"
    ABSENT = "absent", "请假"
    OBSERVING = "observing", "列席"


class Duty(TextChoices):
    """What a person does at a meeting beside deciding."""

    MEMBER = "member", "成员"
    CHAIR = "chair", "主持人"
    RECORDER = "recorder", "记录人"


class DecisionWay(TextChoices):
    """How a meeting decides."""

    CONSENSUS = "consensus", "一致同意"
    VOTE = "vote", "记名表决"


class Choice(TextChoices):
    """What a person says in a named vote."""

    IN_FAVOUR = "in_favour", "赞成"
    AGAINST = "against", "反对"
    ABSTAINED = "abstained", "弃权"


class PointResult(TextChoices):
    """What a meeting said of one case of its agenda."""

    LISTED = "listed", "列入"
    STRUCK = "struck", "不列入"


class PaperKind(TextChoices):
    """The papers of a list that go up signed and sealed."""

    REPORT = "report", "推荐审核情况报告"
    SUMMARY = "summary", "推荐名单汇总表（附件3）"
    MINUTES = "minutes", "会议纪要"


class IssuedKind(TextChoices):
    """Papers that carry a check code."""

    APPLICATION = "application", "申报表（附件4）"
    SELF = "self", "自评表（附件5）"
    OPINION = "opinion", "审核意见表"
    RETURN = "return", "退回修改通知"
    SHEET = "sheet", "专家评分表"
    VERDICT = "verdict", "复审结论书"
    CERTIFICATE = "certificate", "证书"
    BOOK = "book", "申报书"
    LIST = "list", "推荐名单汇总表（附件3）"
    REPORT = "report", "推荐审核情况报告"
    AGENDA = "agenda", "会议议程"
    MINUTES = "minutes", "会议纪要"
    QUOTAS = "quotas", "推荐名额分配表（附件2）"
    VISIT = "visit", "实地抽查记录表"
    VISITS = "visits", "互学互促工作报告"
    NOTICE = "notice", "公示"
    CIRCULAR = "circular", "公布名单的通报"
    PLAQUES = "plaques", "牌匾证书制作清单"
    FEEDBACK = "feedback", "分数结果反馈"
    ANSWER = "answer", "异议答复"
    REVOCATION = "revocation", "撤销认定通知"
    RANKING = "ranking", "考评得分排名表"


class ScanState(TextChoices):
    """Where the scan of a sealed paper stands."""

    READING = "reading", "正在识读"
    MATCHED = "matched", "已核对"
    UNREAD = "unread", "待第二人核对"
    CONFIRMED = "confirmed", "第二人已核对"
    REFUSED = "refused", "不符，已退"


class FormDefect(TextChoices):
    """Why a list goes back: form alone, never what it says."""

    PAGE_MISSING = "page_missing", "缺页"
    SEAL_MISSING = "seal_missing", "未加盖印章"
    SEAL_UNCLEAR = "seal_unclear", "印章不清"
    SEAL_OTHER = "seal_other", "印章与推荐单位名称不符"
    SIGNATURE_MISSING = "signature_missing", "缺少签字"
    SCAN_UNCLEAR = "scan_unclear", "扫描模糊，无法辨认"
    SCAN_CUT = "scan_cut", "页面歪斜或者裁切不全"


class Ground(TextChoices):
    """The only three grounds of disqualification (notice 五（二）3)."""

    INCOMPLETE = "incomplete", "报送材料不全"
    ILLOGICAL = "illogical", "材料内容逻辑不通"
    UNTRUE = "untrue", "材料与事实不符"


class Subject(TextChoices):
    """What the department and a recommending unit talk about on a case (notice 五（二）3)."""

    CLARIFICATION = "clarification", "材料问题说明"
    DISQUALIFICATION = "disqualification", "拟取消认定资格"


class Conclusion(TextChoices):
    """What became of such a talk."""

    ANSWERED = "answered", "已说明"
    UNANSWERED = "unanswered", "期满未说明"
    DISQUALIFIED = "disqualified", "取消认定资格"
    DROPPED = "dropped", "撤销取消资格意见"


class CrossKind(TextChoices):
    """What a finding across cases is about."""

    FILE = "file", "同一文件"
    TEXT = "text", "文字相同"
    PHONE = "phone", "同一电话"
    PRESIDENT = "president", "同一会长"
    FIGURE = "figure", "数据偏离同类"
    PROOF = "proof", "材料文字近似"
    PICTURE = "picture", "照片近似"


class FileStanding(TextChoices):
    """How a stored file stands to others: nothing alike, something alike, or a form that very many use."""

    ALONE = "alone", "没有近似的"
    ALIKE = "alike", "有近似的"
    COMMON = "common", "通用格式"


class MarkKind(TextChoices):
    """By what a stored file is looked up."""

    TEXT = "text", "文字"
    PICTURE = "picture", "画面"


class ReturnReason(TextChoices):
    """Why a row or field goes back to the chamber."""

    MISSING = "missing", "材料缺失"
    ILLOGICAL = "illogical", "前后不一致"
    UNTRUE = "untrue", "与实际情况不符"
    UNCLEAR = "unclear", "说明不清"
    OVERRATED = "overrated", "自评偏高"


class Stance(TextChoices):
    """What a tier concludes in its opinion, before the step that sends the case on."""

    AGREE = "agree", "同意推荐"
    RESERVE = "reserve", "列为备选"
    AGAINST = "against", "不予推荐"


class ItemOutcome(TextChoices):
    """What the tier that returned an item says of the chamber's answer."""

    MENDED = "mended", "已改正"
    EXPLAINED = "explained", "说明成立"
    LACKING = "lacking", "仍不符合"


class Cause(TextChoices):
    """Why a row has to be looked at again by a tier that had marked it."""

    MARK = "mark", "自评得分"
    WORDS = "words", "实际情况"
    EVIDENCE = "evidence", "佐证材料"
    FACTS = "facts", "申报数据"
    NAMED = "named", "上级指明"


class RoundCause(TextChoices):
    """Why a case passes through lower tiers once more before the tier that waits for it."""

    RESUBMITTED = "resubmitted", "重新提交"
    SENT_DOWN = "sent_down", "退回下级"


class DeltaState(TextChoices):
    """Where one tier's part of such a round stands."""

    WAITING = "waiting", "待核对"
    OPEN = "open", "核对中"
    DONE = "done", "已核对"
    SKIPPED = "skipped", "不需核对"
    DROPPED = "dropped", "未核对"


class SecondLook(TextChoices):
    """What became of a chamber's request to look again."""

    GRANTED = "granted", "重新审核"
    UPHELD = "upheld", "维持不予推荐"


class DeclineReason(TextChoices):
    """Why a tier does not recommend."""

    GATE = "gate", "未达到认定条件"
    SCOPE = "scope", "不在认定范围"
    UNTRUE = "untrue", "材料与事实不符"
    QUOTA = "quota", "名额所限，择优推荐"


class VisitState(TextChoices):
    """Where a spot check (实地抽查) of a case stands."""

    DRAWN = "drawn", "已抽中"
    ASSIGNED = "assigned", "待走访"
    VISITED = "visited", "待核定"
    CONFIRMED = "confirmed", "已核定"
    WAIVED = "waived", "免于走访"


OPEN_VISIT = frozenset({VisitState.DRAWN, VisitState.ASSIGNED, VisitState.VISITED})


class VisitFinding(TextChoices):
    """What a visit finds of one row, and of the case as a whole, the gravest last."""

    CONSISTENT = "consistent", "一致"
    MINOR = "minor", "轻微不符"
    UNTRUE = "untrue", "不实"


class VisitFollow(TextChoices):
    """What the department did about a case that was found untrue."""

    PROPOSED = "proposed", "已提出取消认定资格"
    SET_ASIDE = "set_aside", "不提出取消认定资格"


class SheetState(TextChoices):
    """Where an expert's sheet stands."""

    OFFERED = "offered", "待接受"
    ACCEPTED = "accepted", "待评分"
    DRAFT = "draft", "评分中"
    CONFIRMED = "confirmed", "已确认"
    REOPENED = "reopened", "重新评分"
    FINAL = "final", "已定稿"
    DECLINED = "declined", "未接受"
    RECUSED = "recused", "已回避"


SHEETS_GONE = frozenset({SheetState.DECLINED, SheetState.RECUSED})
SHEETS_LIVE = frozenset(SheetState) - SHEETS_GONE
# Impartiality and confidentiality are signed: the case may be read.
SHEETS_SIGNED = SHEETS_LIVE - {SheetState.OFFERED}
SHEETS_WRITABLE = frozenset({SheetState.ACCEPTED, SheetState.DRAFT, SheetState.REOPENED})
SHEETS_OPEN = SHEETS_WRITABLE | {SheetState.OFFERED}
# What a verdict is made of: a draft never counts.
SHEETS_COUNTED = frozenset({SheetState.CONFIRMED, SheetState.FINAL})


class SheetOrigin(TextChoices):
    """How an expert came to a case."""

    DRAWN = "drawn", "统一分派"
    BY_HAND = "by_hand", "单独分派"
    THIRD = "third", "第三名专家"


class PlanState(TextChoices):
    """Where a proposed assignment of experts stands."""

    COMPUTING = "computing", "正在拟定"
    PROPOSED = "proposed", "待确认"
    SHORT = "short", "无法分派"
    DEPLOYING = "deploying", "正在生效"
    DEPLOYED = "deployed", "已生效"
    DROPPED = "dropped", "已放弃"


class Outcome(TextChoices):
    """What the chairman's meeting said of a case."""

    APPROVED = "approved", "审议通过"
    NOT_APPROVED = "not_approved", "审议未通过"
    HELD_OVER = "held_over", "再议"


class ObjectionState(TextChoices):
    """Where a named objection stands (our addition: the notice has no public notice)."""

    RECEIVED = "received", "已登记"
    ADMITTED = "admitted", "已受理"
    INVESTIGATED = "investigated", "已核查"
    REFUSED = "refused", "不予受理"
    UPHELD = "upheld", "异议成立"
    DISMISSED = "dismissed", "异议不成立"


class ObjectionRefusal(TextChoices):
    """Why an objection is not taken up."""

    NOT_ON_LIST = "not_on_list", "所涉商会不在公示名单内"
    NO_FACTS = "no_facts", "没有具体事实或者线索"
    OTHER_MATTER = "other_matter", "与认定条件无关"
    SETTLED_BEFORE = "settled_before", "同一事项已有结论，没有新的事实"
    UNTRACEABLE = "untraceable", "姓名或者联系方式不实，无法核实"


class TitleState(TextChoices):
    """Whether a recognition is in force."""

    ACTIVE = "active", "有效"
    RENEWED = "renewed", "已再次认定"
    EXPIRED = "expired", "已到期"
    SUSPENDED = "suspended", "暂停"
    RELINQUISHED = "relinquished", "已放弃"
    REVOKED = "revoked", "已撤销"


class RevocationGround(TextChoices):
    """Why a title may be revoked (not in the notice; the list is the client's to set)."""

    FALSE = "false", "申报材料弄虚作假"
    DEREGISTERED = "deregistered", "注销或者被吊销登记证书"
    PENALTY = "penalty", "受到行政处罚或者被列入严重违法失信名单"
    INCIDENT = "incident", "发生重大政治问题或者违法违纪事件"


class InquiryState(TextChoices):
    """Where an inquiry into a title stands."""

    OPEN = "open", "核查中"
    PROPOSED = "proposed", "待主席办公会议审议"
    DECIDED = "decided", "已决定撤销，待公布"
    REVOKED = "revoked", "已公布撤销"
    CLOSED = "closed", "不予撤销"


class StoryState(TextChoices):
    """Where the story of a recognised chamber stands."""

    DRAFT = "draft", "编辑中"
    RELEASED = "released", "已发布"
    WITHDRAWN = "withdrawn", "已撤下"


class Verb(TextChoices):
    """What a federation that decides itself calls its decision; since 2022 the operator chooses it knowingly."""

    RECOGNISE = "认定", "认定"
    CONFIRM = "确认", "确认"
    CIRCULATE = "通报", "通报"


class FindingState(TextChoices):
    """Where a finding of an inspection (督查) stands."""

    OPEN = "open", "待整改"
    RECTIFIED = "rectified", "待核查"
    CLOSED = "closed", "已销号"


class Standing(TextChoices):
    """Where a federation stood before a cycle began."""

    ACCEPTED = "accepted", "已验收达标"
    DECLARED = "declared", "已申报"
    PLANNED = "planned", "计划完成"


class UpwardState(TextChoices):
    """Where a case stands that was sent on to the level above."""

    SENT = "sent", "已上报"
    CONFIRMED = "confirmed", "已确认"
    RETURNED = "returned", "已退回"
