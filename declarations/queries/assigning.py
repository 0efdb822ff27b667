"""Who may read what: the pool, what stands between an expert and a case, loads, and the task an assignment solves."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from declarations.assignment import Bar, Reader, Task, Wanting, chance
from declarations.digests import digest_of
from declarations.models import Answer, AssignmentPlan, Cycle, Declaration, ExpertReview, PanelMember
from declarations.queries.recusals import apart
from declarations.states import SHEETS_LIVE, State
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.queries import national_node

KIND_FIELD = "chamber_type"


@dataclass(frozen=True)
class Window:
    """From which day to which the cases are to be read."""

    begins: date
    ends: date


def pool_of(cycle: Cycle) -> QuerySet[PanelMember]:
    """Return the cycle's pool, of people who still hold their seat, by name."""
    members = PanelMember.objects.filter(cycle=cycle, seat__ended_at__isnull=True, seat__user__is_active=True)
    return members.select_related("seat__user", "seat__organisation", "province").order_by("seat__user__name", "id")


def drawn_from(cycle: Cycle) -> list[PanelMember]:
    """Return those of the pool who take part in draws."""
    return list(pool_of(cycle).filter(draws=True).order_by("id"))


def loads_in(cycle: Cycle) -> Counter[int]:
    """Return how many live sheets each person has in a cycle, by the person's key; one query."""
    sheets = ExpertReview.objects.filter(declaration__cycle=cycle, state__in=sorted(SHEETS_LIVE))
    return Counter(sheets.order_by().values_list("expert__user_id", flat=True))


def before_experts(cycle: Cycle) -> QuerySet[Declaration]:
    """Return the cases of a cycle that are before the experts."""
    cases = Declaration.objects.filter(cycle=cycle, state=State.EXPERT_REVIEW)
    return cases.select_related("applicant").order_by("number")


def lacking_readers(cycle: Cycle, readers: int) -> QuerySet[Declaration]:
    """Return the cases before the experts that have fewer readers than so many, with how many they have."""
    live = Count("expert_reviews", filter=Q(expert_reviews__state__in=sorted(SHEETS_LIVE)))
    return before_experts(cycle).annotate(live=live).filter(live__lt=readers)


def kinds_of(cases: Iterable[Declaration]) -> dict[int, str]:
    """Return the kind of chamber of each case, as declared, else as registered; one query."""
    listed = list(cases)
    declared = Answer.objects.filter(declaration__in=listed, field=KIND_FIELD).values_list("declaration_id", "value")
    told = {case: value for case, value in declared if isinstance(value, str)}
    return {case.pk: told.get(case.pk) or case.applicant.chamber_type for case in listed}


@dataclass(frozen=True)
class Judged:
    """What stands between experts and cases, by case and expert's seat, with the words where a body is named."""

    bars: Mapping[tuple[int, int], Bar]
    words: Mapping[tuple[int, int], str]


class _Ties:
    """What ties the experts, read once for all cases."""

    def __init__(self, cases: Sequence[Declaration], seats: Sequence[Seat]) -> None:
        self.nation = national_node().path
        self.apart = apart(seats)
        held = ExpertReview.objects.filter(declaration__in=cases, expert__user__in=[seat.user_id for seat in seats])
        self.held = set(held.values_list("expert__user_id", "declaration_id"))
        self.bodies: dict[int, list[Organisation]] = defaultdict(list)
        others = Seat.objects.filter(user__in=[seat.user_id for seat in seats])
        others = others.exclude(pk__in=[seat.pk for seat in seats]).select_related("organisation").order_by("id")
        for other in others:
            self.bodies[other.user_id].append(other.organisation)

    def tying(self, case: Declaration, seat: Seat) -> Organisation | None:
        """Return a body at which the expert holds or held a seat: the declaring one, or any of its province."""
        province = case.applicant.province_path
        return next(
            (
                body
                for body in self.bodies[seat.user_id]
                if body.pk == case.applicant_id or (province != self.nation and body.path.startswith(province))
            ),
            None,
        )


def judged(
    cases: Sequence[Declaration],
    seats: Sequence[Seat],
    members: Mapping[int, PanelMember],
    window: Window | None = None,
) -> Judged:
    """Return every bar between seats and cases: four queries, however many there are.

    ``members`` are the pool's entries by seat; without ``window`` nobody is away.
    """
    ties = _Ties(cases, seats)
    bars: dict[tuple[int, int], Bar] = {}
    words: dict[tuple[int, int], str] = {}
    for case in cases:
        for seat in seats:
            bar, body = _bar(ties, case, seat, members.get(seat.pk), window)
            if bar is not None:
                bars[case.pk, seat.pk] = bar
                words[case.pk, seat.pk] = f"在{body}任职，应当回避" if body is not None else bar.words
    return Judged(bars, words)


def _bar(
    ties: _Ties, case: Declaration, seat: Seat, member: PanelMember | None, window: Window | None
) -> tuple[Bar | None, Organisation | None]:
    if (seat.user_id, case.pk) in ties.apart.cases:
        return Bar.RECUSED, None
    if (seat.user_id, case.applicant_id) in ties.apart.bodies:
        return Bar.TIE, None
    if (body := ties.tying(case, seat)) is not None:
        return Bar.TIE, body
    if (seat.user_id, case.pk) in ties.held:
        return Bar.HELD, None
    if member is not None and _same_province(ties, case, member):
        return Bar.PROVINCE, None
    if member is not None and window is not None and not is_there(member, window):
        return Bar.AWAY, None
    return None, None


def _same_province(ties: _Ties, case: Declaration, member: PanelMember) -> bool:
    province = case.applicant.province_path
    return member.province is not None and province != ties.nation and member.province.path == province


def is_there(member: PanelMember, window: Window) -> bool:
    """Return whether an expert is there through the whole window."""
    late = member.available_from is not None and member.available_from > window.begins
    gone = member.available_until is not None and member.available_until < window.ends
    return not (late or gone)


def task_of(plan: AssignmentPlan) -> Task:
    """Return what a plan has to solve, as things stand now: cases that want readers, the pool, the bars."""
    cases, members = list(lacking_readers(plan.cycle, plan.readers)), drawn_from(plan.cycle)
    loads, kinds = loads_in(plan.cycle), kinds_of(cases)
    wanting = [Wanting(case.pk, case.number, plan.readers - case.live, kinds[case.pk]) for case in cases]
    by_seat = {member.seat_id: member for member in members}
    found = judged(cases, [member.seat for member in members], by_seat, Window(plan.begins, plan.ends))
    readers = [_reader(member, loads[member.seat.user_id]) for member in members]
    return Task(tuple(wanting), tuple(readers), found.bars, plan.seed, plan.spread)


def _reader(member: PanelMember, load: int) -> Reader:
    return Reader(member.seat_id, frozenset(member.kinds), load, member.most)


def inputs_digest(task: Task) -> str:
    """Return the digest of everything an assignment rests on."""
    return digest_of(
        {
            "seed": task.seed,
            "spread": task.spread,
            "cases": [[one.key, one.number, one.wants, one.kind] for one in task.cases],
            "readers": [[one.key, sorted(one.kinds), one.load, one.most] for one in task.readers],
            "bars": sorted([case, reader, bar.value] for (case, reader), bar in task.bars.items()),
        }
    )


# ---- one case


@dataclass(frozen=True)
class Candidate:
    """One expert for one case: the load, whether the speciality matches, and why the case is closed to the person."""

    seat: Seat
    member: PanelMember | None
    load: int
    matched: bool | None
    bar: Bar | None
    words: str

    @property
    def is_full(self) -> bool:
        """Whether the person has as many cases as the person takes."""
        return self.member is not None and self.member.most is not None and self.load >= self.member.most


def candidates_for(case: Declaration, seats: Sequence[Seat], now: datetime) -> list[Candidate]:
    """Return experts for a case, those with the smallest load first; between equal ones chance, the same each time."""
    members = {one.seat_id: one for one in PanelMember.objects.filter(cycle=case.cycle_id).select_related("province")}
    today = timezone.localdate(now)
    found = judged([case], seats, members, Window(today, today))
    loads, kind = loads_in(case.cycle), kinds_of([case])[case.pk]
    lines = [
        Candidate(
            seat,
            members.get(seat.pk),
            loads[seat.user_id],
            kind in members[seat.pk].kinds if kind and seat.pk in members else None,
            found.bars.get((case.pk, seat.pk)),
            found.words.get((case.pk, seat.pk), ""),
        )
        for seat in seats
    ]
    return sorted(lines, key=lambda one: (one.load, chance(case.number, case.number, one.seat.pk), one.seat.pk))


def next_reader(case: Declaration, now: datetime) -> Candidate | None:
    """Return who of the pool is called to a case now: free of bars, not full, with the smallest load."""
    seats = [member.seat for member in drawn_from(case.cycle)]
    free = (one for one in candidates_for(case, seats, now) if one.bar is None and not one.is_full)
    return next(free, None)
