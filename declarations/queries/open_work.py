"""What is open on a seat that is about to end, and what becomes of it."""

from collections.abc import Iterator

from declarations.models import ExpertReview, Notice, Pending, VisitMember
from declarations.queries.cases import cases_visible_to, held_by
from declarations.queries.recusals import without_recused
from declarations.queries.visits import READ_BY_TEAM
from declarations.second_person import PendingState
from declarations.states import SHEETS_OPEN
from sihao.accounts.handover import OpenWork, register_open_work
from sihao.accounts.models import Seat
from sihao.accounts.roles import CHAMBER_ROLES, DEPARTMENT_ROLES, TIER_ROLES

NAMED = 10
HOLDING = CHAMBER_ROLES | TIER_ROLES | DEPARTMENT_ROLES


@register_open_work
def open_on(seat: Seat, viewer: Seat) -> Iterator[OpenWork]:
    """Tell what is open on a seat; no case is named from which the viewer steps back."""
    if unread := Notice.objects.filter(seat=seat, read_at__isnull=True).count():
        yield OpenWork("未读消息", f"{unread}条", "交给接任人；没有接任人的，留在原席位")
    desk = cases_visible_to(viewer).filter(desk=seat).order_by("id")
    if cases := desk.count():
        named = desk.values_list("applicant_name", flat=True)[:NAMED]
        yield OpenWork("经办的申报", f"{cases}件", "交给接任人；没有接任人的，由本单位其他人员接着办理", tuple(named))
    acts = Pending.objects.filter(prepared_by=seat, state=PendingState.WAITING)
    if titles := list(without_recused(acts, viewer, "declaration").values_list("title", flat=True)[: NAMED + 1]):
        amount = f"{len(titles)}项" if len(titles) <= NAMED else f"{NAMED}项以上"
        becomes = "仍由本单位另一人确认；不需要的，由确认人退回"
        yield OpenWork("已拟办、待第二人确认", amount, becomes, tuple(titles[:NAMED]))
    if sheets := ExpertReview.objects.filter(expert=seat, state__in=sorted(SHEETS_OPEN)).count():
        yield OpenWork("待评分的申报", f"{sheets}件", "不随席位移交，由会员部另行分派")
    visits = VisitMember.objects.filter(seat=seat, visit__state__in=sorted(READ_BY_TEAM))
    if number := without_recused(visits, viewer, "visit__declaration").count():
        yield OpenWork("参加的实地走访", f"{number}件", "不随席位移交，由会员部另行组成调研组")
    if seat.role in HOLDING and (held := held_by(seat).count()):
        yield OpenWork("本单位承办的申报", f"{held}件", "留在本单位，由其他席位继续办理")
