"""Assigning experts to all cases at once: proposed and kept, looked at, and put into effect by a second act."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from declarations.actions.sheets import offer_drawn, refuse
from declarations.actions.third import tell_offered
from declarations.assignment import Assignment, Lack, Shortage, Task, assign, solver_version
from declarations.assignment_check import faults
from declarations.digests import digest_of
from declarations.models import AssignmentPlan, Cycle, Declaration, ExpertReview, PanelMember, PlannedPair
from declarations.queries.assigning import Window, inputs_digest, judged, lacking_readers, pool_of, task_of
from declarations.second_person import Paired
from declarations.states import PlanState, SheetOrigin, State
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.audit.events import Event
from sihao.audit.record import record
from sihao.jobs.actions import enqueue

PROPOSE, DEPLOY = "propose_assignment", "deploy_assignment"
Progress = Callable[[int, int], None]
MOST_READERS, MOST_SPREAD, SEED_LIMIT = 9, 50, 64
AT_ONCE = 50


@dataclass(frozen=True)
class Draw:
    """What a plan is made from: the published seed, how many readers a case, how far loads may differ, when."""

    seed: str
    readers: int
    spread: int
    window: Window


@transaction.atomic
def order_plan(*, cycle: Cycle, draw: Draw, actor: Seat, now: datetime) -> AssignmentPlan:
    """Begin a plan and have it computed in the background; there is one open plan at a time."""
    if not allowed(actor, "declarations.assign_experts"):
        refuse("not_permitted", "由会员部拟定分派方案。")
    _refuse_draw(draw, now)
    if not lacking_readers(cycle, draw.readers).exists():
        refuse("nothing_to_assign", "专家复审环节没有须分派专家的申报件。")
    if not pool_of(cycle).filter(draws=True).exists():
        refuse("pool_empty", "专家库中没有参加抽取的专家，请先登记或者导入。")
    number = (cycle.assignment_plans.aggregate(last=Max("number"))["last"] or 0) + 1
    try:
        with transaction.atomic():
            plan = AssignmentPlan.objects.create(
                cycle=cycle,
                number=number,
                seed=draw.seed.strip(),
                readers=draw.readers,
                spread=draw.spread,
                begins=draw.window.begins,
                ends=draw.window.ends,
                proposed_by=actor,
                proposed_at=now,
            )
    except IntegrityError:
        refuse("plan_open", "已有一个分派方案尚未办结，请先确认或者放弃。")
    enqueue(PROPOSE, owner=actor.user, at=now, label=f"拟定{plan}", key=f"{PROPOSE}:{plan.pk}", **_told(plan, actor))
    return plan


def _told(plan: AssignmentPlan, actor: Seat) -> dict[str, int]:
    return {"plan": plan.pk, "seat": actor.pk}


def _refuse_draw(draw: Draw, now: datetime) -> None:
    if not draw.seed.strip() or len(draw.seed.strip()) > SEED_LIMIT:
        refuse("seed_missing", f"请填写种子，不超过{SEED_LIMIT}字。")
    if not 1 <= draw.readers <= MOST_READERS:
        refuse("readers_out", f"每件专家数应为1至{MOST_READERS}。")
    if not 1 <= draw.spread <= MOST_SPREAD:
        refuse("spread_out", f"件数相差上限应为1至{MOST_SPREAD}。")
    if draw.window.ends < max(draw.window.begins, timezone.localdate(now)):
        refuse("window_over", "评审止不能早于评审起，也不能早于今天。")


@transaction.atomic
def compute(*, plan: AssignmentPlan, now: datetime) -> AssignmentPlan:
    """Solve a plan and keep what comes of it: the pairs, or what is short. A plan that was computed is left alone."""
    planned = _locked(plan)
    if planned.state != PlanState.COMPUTING:
        return planned
    task = task_of(planned)
    planned.inputs, planned.solver, planned.cases = inputs_digest(task), solver_version(), len(task.cases)
    found = assign(task)
    if isinstance(found, Shortage):
        planned.state, planned.shortage = PlanState.SHORT, kept_shortage(found)
        what = "现有专家不足以分派"
    else:
        _keep(planned, task, found)
        what = f"{len(task.cases)}件，{len(found.pairs)}份评分表"
    planned.save()
    data = {"number": planned.number, "what": what, "inputs": planned.inputs, "digest": planned.digest}
    record(Event.ASSIGNMENT_PROPOSED, actor=planned.proposed_by, target=planned, at=now, data=data)
    return planned


def _keep(plan: AssignmentPlan, task: Task, found: Assignment) -> None:
    """Keep the pairs after a check that knows nothing of the solver."""
    if wrong := faults(task, found):
        raise AssertionError("; ".join(wrong[:3]))
    PlannedPair.objects.bulk_create(
        (
            PlannedPair(plan=plan, declaration_id=one.case, expert_id=one.reader, matched=one.matched)
            for one in found.pairs
        ),
        batch_size=500,
    )
    plan.state, plan.matched = PlanState.PROPOSED, found.matched
    before = {reader.key: reader.load for reader in task.readers}
    plan.loads = [[key, before[key], load] for key, load in sorted(found.loads.items())]
    plan.digest = digest_of(sorted([one.case, one.reader] for one in found.pairs))


def kept_shortage(found: Shortage) -> dict[str, object]:
    """Return a shortage as it is kept with its plan."""
    return {
        "lacking": [_kept_lack(lack) for lack in found.lacking],
        "wanted": found.wanted,
        "room": found.room,
        "least_spread": found.least_spread,
        "narrow": sorted((found.narrow or {}).items()),
    }


def _kept_lack(lack: Lack) -> dict[str, object]:
    barred = {bar.value: number for bar, number in sorted(lack.barred.items())}
    told = {"case": lack.case, "missing": lack.missing, "free": lack.free, "barred": barred}
    return {**told, "by_maximum": lack.by_maximum}


@transaction.atomic
def drop_plan(*, plan: AssignmentPlan, actor: Seat, now: datetime) -> None:
    """Give a plan up that has not taken effect."""
    planned = _locked(plan)
    if not allowed(actor, "declarations.assign_experts"):
        refuse("not_permitted", "由会员部办理分派方案。")
    if planned.state not in {PlanState.PROPOSED, PlanState.COMPUTING}:
        refuse("plan_moved", "方案已生效、已放弃或者无法分派，请刷新页面。")
    planned.state = PlanState.DROPPED
    planned.save(update_fields=["state"])
    record(Event.ASSIGNMENT_DROPPED, actor=actor, target=planned, at=now, data={"number": planned.number})


def _locked(plan: AssignmentPlan) -> AssignmentPlan:
    plans = AssignmentPlan.objects.select_for_update(of=("self",))
    return plans.select_related("cycle", "proposed_by__organisation").get(pk=plan.pk)


@transaction.atomic
def order_deployment(*, plan: AssignmentPlan, actor: Seat, now: datetime) -> AssignmentPlan:
    """Let a proposed plan take effect, by the head of the department; its sheets are offered in the background."""
    planned = _locked(plan)
    if not allowed(actor, "declarations.deploy_assignment"):
        refuse("not_permitted", "分派方案由会员部负责人确认生效。")
    if planned.state != PlanState.PROPOSED:
        refuse("plan_moved", "方案已生效、已放弃或者无法分派，请刷新页面。")
    two = Paired.ASSIGN_EXPERTS in planned.cycle.two_persons
    if two and {*actor.people} & {*planned.proposed_by.people}:
        refuse("second_person", "拟定人不能自己确认，请由另一人办理。")
    if inputs_digest(task_of(planned)) != planned.inputs:
        refuse("inputs_changed", "拟定以后，申报件、专家库或者回避情况有变化。请放弃本方案，重新拟定。")
    planned.state, planned.deployed_by, planned.deployed_at = PlanState.DEPLOYING, actor, now
    planned.save(update_fields=["state", "deployed_by", "deployed_at"])
    count = planned.pairs.count()
    data = {"number": planned.number, "count": count, "digest": planned.digest}
    record(Event.ASSIGNMENT_DEPLOYED, actor=actor, target=planned, at=now, data=data)
    label = f"{planned}生效"
    enqueue(DEPLOY, owner=actor.user, at=now, label=label, key=f"{DEPLOY}:{planned.pk}", **_told(planned, actor))
    return planned


def deploy(*, plan: AssignmentPlan, actor: Seat, progress: Progress | None = None) -> int:
    """Offer every sheet of a plan that takes effect, some cases at a time; what is offered already is left.

    Broken off and begun again it goes on where it stopped. A pair that has been barred since is passed over. Returns
    how many sheets the plan has offered.
    """
    if plan.state != PlanState.DEPLOYING:
        return 0
    cases = list(plan.pairs.order_by("declaration_id").values_list("declaration_id", flat=True).distinct())
    for start in range(0, len(cases), AT_ONCE):
        _deploy_some(plan, cases[start : start + AT_ONCE], actor)
        if progress is not None:
            progress(min(start + AT_ONCE, len(cases)), len(cases))
    return _finish(plan)


@transaction.atomic
def _deploy_some(plan: AssignmentPlan, keys: Sequence[int], actor: Seat) -> None:
    """Offer the sheets of some cases in one transaction, each with its entry in the trail."""
    locked = Declaration.objects.select_for_update(of=("self",)).select_related("applicant", "ledger")
    cases = {case.pk: case for case in locked.filter(pk__in=keys, state=State.EXPERT_REVIEW).order_by("pk")}
    pairs = plan.pairs.filter(declaration__in=cases, expert__ended_at__isnull=True).order_by("id")
    pairs = pairs.select_related("expert__user", "expert__organisation")
    seats = {pair.expert_id: pair.expert for pair in pairs}
    members = PanelMember.objects.filter(cycle=plan.cycle_id, seat__in=seats).select_related("province")
    barred = judged(list(cases.values()), list(seats.values()), {one.seat_id: one for one in members}).bars
    free = [pair for pair in pairs if (pair.declaration_id, pair.expert_id) not in barred]
    offers = [(cases[pair.declaration_id], pair.expert) for pair in free]
    offer_drawn(offers=offers, plan=plan, actor=actor, now=plan.deployed_at)


@transaction.atomic
def _finish(plan: AssignmentPlan) -> int:
    """Tell each expert once how many cases wait, and close the plan."""
    planned, at = _locked(plan), plan.deployed_at
    drawn = ExpertReview.objects.filter(origin=SheetOrigin.DRAWN, assigned_at=at, declaration__cycle=plan.cycle_id)
    counts = Counter(drawn.order_by().values_list("expert_id", flat=True))
    for seat in Seat.objects.filter(pk__in=counts).select_related("user", "organisation").order_by("pk"):
        tell_offered(expert=seat, count=counts[seat.pk], key=f"plan:{planned.pk}:{seat.pk}", now=at)
    planned.state = PlanState.DEPLOYED
    planned.save(update_fields=["state"])
    return sum(counts.values())
