"""Where what stands against a step can be mended: the page, by the code of the refusal, for whoever may open it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from types import MappingProxyType

from django.urls import reverse

from declarations.models import Declaration
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal


@dataclass(frozen=True)
class Way:
    """A page on which something is mended, what one does there, and the permission to open it."""

    page: str
    label: str
    permission: str
    of_case: bool = True


FORM = Way("declarations:form", "填写申报表", "declarations.edit")
SELF = Way("declarations:self_assessment", "填写自评表", "declarations.edit")
EVIDENCE = Way("declarations:evidence", "上传佐证材料", "declarations.edit")
CHECK = Way("declarations:check", "提交前检查", "declarations.edit")
SLIP = Way("declarations:return_slip", "退回单", "declarations.edit")
OPINION = Way("declarations:opinion", "填写审核意见", "declarations.review")
REVIEW = Way("declarations:review", "逐项审核", "declarations.review")
DELTA = Way("declarations:delta", "核对变动指标", "declarations.review")
RETURNS = Way("declarations:returns", "核对退回事项", "declarations.returns")
BOARD = Way("declarations:board", "推荐名单", "declarations.board", of_case=False)
LISTS = Way("declarations:batches", "各省上报", "declarations.department_reading", of_case=False)
PRELIMINARY = Way("declarations:preliminary", "初审", "declarations.preliminary")
TALK = Way("declarations:consultation", "与推荐单位沟通", "declarations.consultations")
VISITS = Way("declarations:visits", "互学互促", "declarations.visits", of_case=False)
EXPERTS = Way("declarations:experts", "分派专家", "declarations.assign_experts")
SHEET = Way("declarations:sheet", "专家评分", "declarations.score")
AGREED = Way("declarations:agreed", "商定得分", "declarations.consensus")
AGENDAS = Way("declarations:agendas", "审议", "declarations.meeting", of_case=False)
NOTICE = Way("declarations:publication", "公示和公布", "declarations.publication", of_case=False)
OBJECTIONS = Way("declarations:objections", "异议", "declarations.objections_reading", of_case=False)
EXTENSIONS = Way("declarations:extensions", "办理延期", "declarations.propose_extension", of_case=False)
TITLES = Way("declarations:titles", "证书和效力", "declarations.inquire", of_case=False)
CAMPAIGNS = Way("declarations:campaigns", "登记步骤记录", "declarations.record_stage", of_case=False)
FINDINGS = Way("declarations:campaigns", "督查问题", "declarations.campaigns", of_case=False)

WAYS = MappingProxyType(
    {
        "form_incomplete": FORM,
        "form_faulty": FORM,
        "carried_unconfirmed": FORM,
        "not_committed": FORM,
        "rows_unmarked": SELF,
        "claims_unreasoned": SELF,
        "self_verdict_fails": SELF,
        "rows_unproven": EVIDENCE,
        "contradiction": CHECK,
        "unexplained": CHECK,
        "items_unanswered": SLIP,
        "opinion_missing": OPINION,
        "stance_missing": OPINION,
        "not_authenticated": OPINION,
        "stance_differs": OPINION,
        "key_rows_unmarked": REVIEW,
        "differences_unreasoned": REVIEW,
        "unit_rows_unmarked": REVIEW,
        "unit_verdict_fails": REVIEW,
        "items_unsettled": RETURNS,
        "rows_open": DELTA,
        "list_frozen": BOARD,
        "quota_full": BOARD,
        "no_meeting": BOARD,
        "batch_not_accepted": LISTS,
        "answers_lacking": PRELIMINARY,
        "findings_unnoted": PRELIMINARY,
        "visit_open": VISITS,
        "visit_untrue": VISITS,
        "flagged": TALK,
        "clarifying": TALK,
        "province_not_heard": TALK,
        "sheets_open": EXPERTS,
        "sheet_unmarked": SHEET,
        "sheet_unreasoned": SHEET,
        "rows_unsettled": AGREED,
        "rows_uncarried": AGREED,
        "veto_unproven": AGREED,
        "minutes_missing": AGENDAS,
        "on_agenda": AGENDAS,
        "objection_open": OBJECTIONS,
        "objection_under_way": OBJECTIONS,
        "deadline_passed": EXTENSIONS,
        "tier_deadline_passed": EXTENSIONS,
        "unit_deadline_passed": EXTENSIONS,
        "back_too_late": EXTENSIONS,
        "revoke_instead": TITLES,
        "not_announced": NOTICE,
        "records_missing": CAMPAIGNS,
        "findings_open": FINDINGS,
    }
)


def with_ways(refusals: Iterable[Refusal], seat: Seat, case: Declaration) -> tuple[Refusal, ...]:
    """Return the refusals, each with the page on which the viewer can mend it, where there is one."""
    return tuple(_with_way(refusal, seat, case) for refusal in refusals)


def _with_way(refusal: Refusal, seat: Seat, case: Declaration) -> Refusal:
    way = WAYS.get(refusal.code)
    if way is None or not allowed(seat, way.permission, case):
        return refusal
    url = reverse(way.page, args=[case.pk] if way.of_case else [])
    return replace(refusal, mend_url=url, mend_label=way.label)
