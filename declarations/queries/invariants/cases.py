"""Invariants of cases: one of a chamber, state and holder, steps and trail, who steps back, terms, counters."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q

from declarations.bands import UNCOUNTED, band_of, line_of
from declarations.models import (
    Cycle,
    Declaration,
    ForwardLimit,
    Quota,
    Recusal,
    StateCount,
    Tie,
    TotalBand,
)
from declarations.models.cycle import CountScope
from declarations.queries.invariants.registry import (
    Breach,
    Gate,
    Scope,
    breach,
    breaches,
    invariant,
    pages,
)
from declarations.states import ENDED, State
from declarations.workflow import WORKFLOWS
from scoring.queries import programme_of
from sihao.accounts.models import Seat
from sihao.accounts.roles import Kind, Level
from sihao.audit.events import Event
from sihao.audit.models import Entry

ALWAYS = (Gate.UPLOAD, Gate.AGENDA, Gate.PUBLICATION)
AT_CHAMBER = (State.DRAFT, State.RETURNED)
BEYOND_UNIT = frozenset(State) - ENDED - {*AT_CHAMBER, State.LOCAL_REVIEW, State.SHORTLISTED}


@invariant(1, "每家商会在一个周期内至多有一件未撤回的申报", *ALWAYS)
def one_case(scope: Scope) -> Iterator[Breach]:
    """Count the cases of each chamber in each cycle."""
    kept = scope.cases.exclude(state=State.WITHDRAWN).order_by()
    doubled = kept.values("cycle", "applicant").annotate(number=Count("pk"), last=Max("pk")).filter(number__gt=1)
    for row in doubled:
        yield Breach("申报", str(row["last"]), f"同一商会有{row['number']}件未撤回的申报", row["last"])


@invariant(2, "申报的状态属于程序表，办理单位与状态相符", *ALWAYS)
def state_and_holder(scope: Scope) -> Iterator[Breach]:
    """Compare state and holder with the table of the cycle's workflow."""
    for name, workflow in WORKFLOWS.items():
        known = {State.DRAFT, *(one.target for one in workflow.transitions if one.target is not None)}
        strange = scope.cases.filter(cycle__workflow=name).exclude(state__in=sorted(known))
        yield from breaches(strange, "状态不在程序表内", case="pk")
    yield from breaches(scope.cases.exclude(cycle__workflow__in=list(WORKFLOWS)), "没有这样的程序", case="pk")
    wrong = (
        Q(state__in=AT_CHAMBER) & ~Q(holder=F("applicant"))
        | Q(state=State.LOCAL_REVIEW) & ~Q(holder__kind=Kind.FEDERATION)
        | Q(state=State.SHORTLISTED) & ~Q(holder=F("unit"))
        | Q(state__in=sorted(BEYOND_UNIT)) & ~Q(holder__level=Level.NATIONAL, holder__kind=Kind.FEDERATION)
        | Q(state__in=sorted(ENDED), holder__isnull=False)
    )
    yield from breaches(scope.cases.filter(wrong), "办理单位与状态不符", case="pk")


@invariant(3, "每次办理恰有一条留痕，末条留痕的状态就是现在的状态", *ALWAYS)
def steps_and_trail(scope: Scope) -> Iterator[Breach]:
    """Count the steps in the trail of each case against its version, and compare the last one's state with its own."""
    for page in pages(scope.cases.only("pk", "state", "version")):
        steps, last = _steps_of(page)
        for case in page:
            number = steps.get(str(case.pk), 0)
            if number != case.version:
                yield breach(case, f"办理{case.version}次，留痕{number}条", case=case.pk)
            elif number and last[str(case.pk)] != case.state:
                yield breach(case, "末条留痕记载的状态与现在的状态不同", case=case.pk)


def _steps_of(cases: list[Declaration]) -> tuple[dict[str, int], dict[str, Any]]:
    """Return of each case how many steps its trail tells, and the state after the last."""
    keys = [str(case.pk) for case in cases]
    told = Entry.objects.filter(target_kind="declaration", target_id__in=keys, data__has_key="state").order_by()
    counted = {
        row["target_id"]: row for row in told.values("target_id").annotate(number=Count("pk"), last=Max("pk"))
    }
    states = Entry.objects.filter(pk__in=[row["last"] for row in counted.values()]).values_list("target_id", "data")
    return {key: row["number"] for key, row in counted.items()}, {key: data["state"] for key, data in states}


@invariant(26, "应当回避的人不经办该件", *ALWAYS)
def no_recused_officer(scope: Scope) -> Iterator[Breach]:
    """Look for a desk whose person steps back from the case."""
    open_cases = scope.cases.filter(desk__isnull=False).exclude(state__in=sorted(ENDED))
    yield from breaches(
        open_cases.filter(steps_back("desk__user", "pk", "applicant")), "初审经办人应当回避本件", case="pk"
    )


def steps_back(user: str, case: str, applicant: str, until: str = "") -> Q:
    """Return the condition that a person steps back from a case: by hand, by a tie, by a seat in its body.

    The names lead from the row to the person, the case and its body; ``until`` to an instant after which a
    declaration came too late to count.
    """
    by_hand = Recusal.objects.filter(user=OuterRef(user), declaration=OuterRef(case), ended_at__isnull=True)
    ties = Tie.objects.filter(user=OuterRef(user), organisation=OuterRef(applicant), over_at__isnull=True)
    seats = Seat.objects.filter(user=OuterRef(user), organisation=OuterRef(applicant), ended_at__isnull=True)
    if until:
        by_hand, ties = (rows.filter(declared_at__lte=OuterRef(until)) for rows in (by_hand, ties))
        seats = seats.filter(since__lte=OuterRef(until))
    return Q(Exists(by_hand)) | Q(Exists(ties)) | Q(Exists(seats))


@invariant(28, "各级截止时间由下而上依次不早于下一级", *ALWAYS)
def deadlines_ordered(scope: Scope) -> Iterator[Breach]:
    """Compare the deadlines of each cycle."""
    ordered = (
        Q(opens_at__lt=F("submission_closes"))
        & Q(submission_closes__lte=F("county_closes"))
        & Q(county_closes__lte=F("city_closes"))
        & Q(city_closes__lte=F("province_closes"))
    )
    yield from breaches(Cycle.objects.filter(scope.of_cycle("pk")).exclude(ordered), "截止时间次序不对")


@invariant(31, "各处计数与实际件数相同", *ALWAYS)
def counters(scope: Scope) -> Iterator[Breach]:
    """Count anew what is kept as a count: places, forwarded places, states, and for a whole cycle bands of totals."""
    yield from _differing_quotas(scope)
    yield from _differing_states(scope)
    if scope.unit is None:
        limits = ForwardLimit.objects.filter(scope.of_cycle()).annotate(taken=Count("held"))
        yield from breaches(limits.exclude(used=F("taken")), "已报件数与占用的报送名额不同")
        yield from _differing_bands(scope)


def _differing_quotas(scope: Scope) -> Iterator[Breach]:
    """Compare places used with the cases that were listed, less those whose place a reserve took.

    A replaced case that a correction brought back took another place.
    """
    listed = scope.cases.filter(is_reserve=False, rank__isnull=False, batch__isnull=False).order_by()
    taken = Counter({row[:2]: row[2] for row in listed.values_list("cycle", "unit").annotate(Count("pk"))})
    moved = Entry.objects.filter(target_kind="declaration", event=Event.MOVED_UP).values_list("target_id", flat=True)
    keys = [int(key) for key in moved]
    taken.subtract(scope.cases.filter(pk__in=keys).values_list("cycle", "unit") if keys else ())
    again = Entry.objects.filter(target_kind="declaration", event=Event.CORRECTED, data__has_key="place_again")
    back = Counter(int(key) for key in again.values_list("target_id", flat=True))
    for pk, *place in scope.cases.filter(pk__in=back).values_list("pk", "cycle", "unit") if back else ():
        taken[tuple(place)] += back[pk]
    for quota in Quota.objects.filter(scope.of_cycle(unit="organisation")):
        real = taken[quota.cycle_id, quota.organisation_id]
        if quota.used != real:
            yield breach(quota, f"已用名额{quota.used}个，占用名额的申报{real}件")


SCOPES = {CountScope.HOME: "home", CountScope.UNIT: "unit", CountScope.HOLDER: "holder"}


def _differing_states(scope: Scope) -> Iterator[Breach]:
    names = SCOPES if scope.unit is None else {CountScope.UNIT: "unit"}
    kept = StateCount.objects.filter(scope.of_cycle(unit="organisation"), scope__in=list(names), number__gt=0)
    told = {row[:4]: row[4] for row in kept.values_list("cycle", "scope", "organisation", "state", "number")}
    real: dict[tuple[Any, ...], int] = {}
    for counted, name in names.items():
        rows = scope.cases.exclude(**{f"{name}__isnull": True}).order_by().values_list("cycle", name, "state")
        for cycle, organisation, state, number in rows.annotate(number=Count("pk")):
            real[cycle, counted.value, organisation, state] = number
    for key in sorted(told.keys() | real.keys()):
        if told.get(key, 0) != real.get(key, 0):
            words = f"{State(key[3]).label}计数为{told.get(key, 0)}，实有{real.get(key, 0)}件"
            yield Breach("件数", f"{CountScope(key[1]).label}{key[2]}", words)


def _differing_bands(scope: Scope) -> Iterator[Breach]:
    kept = TotalBand.objects.filter(scope.of_cycle(), number__gt=0)
    told = {row[:5]: row[5] for row in kept.values_list("cycle", "unit", "low", "below", "own", "number")}
    real = _bands(scope)
    for key in sorted(told.keys() | real.keys()):
        if told.get(key, 0) != real[key]:
            words = f"{key[2]}分段计数为{told.get(key, 0)}，实有{real[key]}件"
            yield Breach("总分分布", f"推荐单位{key[1]}", words)


def _bands(scope: Scope) -> Counter[tuple[Any, ...]]:
    """Return how many totals fall in each band, counted anew."""
    programmes = {one.pk: programme_of(one.programme) for one in Cycle.objects.select_related("programme")}
    cases = scope.cases.exclude(state__in=UNCOUNTED).order_by()
    rows = cases.values_list("cycle", "unit", "self_total", "unit_total").annotate(Count("pk"))
    found: Counter[tuple[Any, ...]] = Counter()
    for cycle, unit, theirs, own, number in rows:
        total = theirs if own is None else own
        if total is not None:
            low = band_of(total, programmes[cycle].total)
            found[cycle, unit, low, total < line_of(programmes[cycle]), own is not None] += number
    return found
