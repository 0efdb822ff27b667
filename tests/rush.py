"""Many recommendations on few places at the same moment: cases made by the hundred, rounds, and what must hold.

The cases are copies of one that was brought to its unit through the actions, written by a few statements; what races
is ``review.shortlist`` and ``draft.withdraw`` themselves, each in a thread with a connection of its own.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from unittest.mock import patch

from django.db import connection
from django.db.models import F, Sum

from declarations.actions import draft, quota, review
from declarations.actions.counting import Total, places_of
from declarations.actions.quota import set_quota
from declarations.demo import stages
from declarations.demo.stages import World
from declarations.models import Batch, Declaration, Endorsement, Quota, Revision, StateCount, TotalBand
from declarations.states import State
from scoring.models import Assessment, Layer, Ledger, Mark
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.refusals import Refused
from sihao.accounts.roles import Role
from tests import worlds
from tests.factories import make_seat

DONE = "done"


@dataclass
class Ground:
    """A unit with many cases before it, all ready to be recommended, and a president who may withdraw each."""

    world: World
    unit: Organisation
    cases: list[Declaration]
    presidents: dict[int, Seat]

    @property
    def leader(self) -> Seat:
        """Return who recommends."""
        return self.world.leader(self.unit)


def ground(world: World, cases: int) -> Ground:
    """Bring one case to its unit and copy it until there are so many."""
    first = worlds.make_at_unit(world, worlds.PROVINCE)
    copies = _copies(first, cases - 1)
    president = worlds.president_of(first.applicant).user
    found = [first, *copies]
    bodies = [case.applicant for case in copies]
    seats = {first.applicant_id: worlds.president_of(first.applicant)}
    seats |= {body.pk: make_seat(Role.CHAMBER_PRESIDENT, body, president) for body in bodies}
    return Ground(world, first.unit, found, {case.pk: seats[case.applicant_id] for case in found})


def _copies(first: Declaration, number: int) -> list[Declaration]:
    home = first.home
    bodies = Organisation.objects.bulk_create(
        Organisation(kind="chamber", level=home.level, parent=home, name=f"示例商会第{n}号", path=f"{home.path}k{n}/")
        for n in range(number)
    )
    ledgers = Ledger.objects.bulk_create(Ledger(programme_id=first.cycle.programme_id) for _ in bodies)
    fields = {
        field.attname: getattr(first, field.attname)
        for field in Declaration._meta.concrete_fields
        if not field.primary_key
    }
    cases = Declaration.objects.bulk_create(
        Declaration(
            **fields
            | {"applicant_id": body.pk, "applicant_name": body.name, "number": f"RUSH-{n:05d}"}
            | {"path": body.path, "ledger_id": ledger.pk}
        )
        for n, (body, ledger) in enumerate(zip(bodies, ledgers, strict=True))
    )
    _copy_marks(first, [ledger.pk for ledger in ledgers])
    _copy_opinions(first, cases)
    StateCount.objects.filter(cycle=first.cycle, state=first.state).update(number=F("number") + number)
    count_totals(first.unit)
    return [stages.fresh(case) for case in cases] if number <= 1 else list(_fresh(cases))


def count_totals(unit: Organisation) -> None:
    """Count the totals of a unit's cases as they stand, whatever was kept."""
    cases = Declaration.objects.filter(unit=unit).select_related("cycle__programme")
    counted = Counter(place for case in cases for place in places_of(case) if isinstance(place, Total))
    TotalBand.objects.filter(unit=unit).delete()
    TotalBand.objects.bulk_create(
        TotalBand(cycle=cases[0].cycle, unit=unit, low=one.low, below=one.below, own=one.own, number=number)
        for one, number in counted.items()
    )


def _fresh(cases: Sequence[Declaration]) -> Iterator[Declaration]:
    named = Declaration.objects.select_related("cycle", "holder", "home", "unit", "applicant", "ledger")
    yield from named.filter(pk__in=[case.pk for case in cases]).order_by("pk")


def _copy_marks(first: Declaration, ledgers: Sequence[int]) -> None:
    layers = list(Assessment.objects.filter(ledger_id=first.ledger_id))
    Assessment.objects.bulk_create(
        Assessment(ledger_id=ledger, layer=one.layer, total=one.total, locked_at=one.locked_at)
        for ledger in ledgers
        for one in layers
    )
    columns = [f'"{f.column}"' for f in Mark._meta.concrete_fields if not f.primary_key and f.name != "assessment"]
    marks, assessments = Mark._meta.db_table, Assessment._meta.db_table
    if ledgers:
        statement = f"""
            INSERT INTO {marks} (assessment_id, {", ".join(columns)})
            SELECT new.id, {", ".join(f"m.{column}" for column in columns)}
            FROM {marks} m JOIN {assessments} old ON m.assessment_id = old.id AND old.ledger_id = %s
            JOIN {assessments} new ON new.layer = old.layer AND new.ledger_id BETWEEN %s AND %s
        """  # noqa: S608 names of our own tables
        with connection.cursor() as cursor:
            cursor.execute(statement, [first.ledger_id, min(ledgers), max(ledgers)])


def _copy_opinions(first: Declaration, cases: Sequence[Declaration]) -> None:
    opinion = first.endorsements.get()
    fields = {
        field.attname: getattr(opinion, field.attname)
        for field in Endorsement._meta.concrete_fields
        if not field.primary_key and field.name != "declaration"
    }
    Endorsement.objects.bulk_create(Endorsement(declaration=case, **fields) for case in cases)


# ---- a round


Act = Callable[[], object]


def at_once(acts: Sequence[Act]) -> list[str]:
    """Do all acts at the same moment, each on a connection of its own; return what each was told."""
    start, told = threading.Barrier(len(acts)), [""] * len(acts)

    def run(place: int, act: Act) -> None:
        try:
            connection.ensure_connection()
        except Exception as problem:  # noqa: BLE001 the others wait for this one all the same
            told[place] = f"error: {problem!r}"
        start.wait()
        try:
            act()
            told[place] = DONE
        except Refused as refusal:
            told[place] = str(refusal)
        except Exception as problem:  # noqa: BLE001 whatever broke is what the round is about
            told[place] = f"error: {problem!r}"
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def recommending(place: Ground, case: Declaration, now: datetime) -> Act:
    """Return the recommendation of a case."""
    return lambda: review.shortlist(case=case, actor=place.leader, now=now)


def withdrawing(place: Ground, case: Declaration, now: datetime) -> Act:
    """Return the withdrawal of a case by its chamber."""
    actor = place.presidents[case.pk]
    return lambda: draft.withdraw(case=case, actor=actor, now=now, reason="换届，本次不再申报。")


def full(places: int) -> str:
    """Return what is told to those who come too late."""
    return f"推荐名额已满（{places}/{places}），可列为备选。（四）"


@dataclass(frozen=True)
class Crowd:
    """How many come for how many places; how many are on the list before them, and how many of those leave."""

    comers: int
    places: int
    listed: int
    leaving: int


def rush(place: Ground, crowd: Crowd) -> list[str]:
    """Recommend all cases at once on so many places and return everything that is not as it must be."""
    begin(place, crowd.places)
    now, cases = place.world.tick(), place.cases[: crowd.comers]
    told = Counter(at_once([recommending(place, case, now) for case in cases]))
    wanted = Counter({DONE: crowd.places, full(crowd.places): len(cases) - crowd.places})
    return [f"told {dict(told)}"] * (told != wanted) + faults(place, crowd.places, at_least=crowd.places)


def rush_with_withdrawals(place: Ground, crowd: Crowd) -> list[str]:
    """Let cases leave the list while all others come; then let those who were refused come again."""
    begin(place, crowd.places)
    now = place.world.tick()
    before, comers = place.cases[: crowd.listed], place.cases[crowd.listed : crowd.comers]
    for case in before:
        review.shortlist(case=case, actor=place.leader, now=now)
    outward = [withdrawing(place, case, now) for case in _fresh(before[: crowd.leaving])]
    told = at_once([*outward, *(recommending(place, case, now) for case in comers)])
    left, entered = told[: crowd.leaving], told[crowd.leaving :]
    found = [f"withdrawal: {words}" for words in left if words != DONE]
    found += [words for words in entered if words not in {DONE, full(crowd.places)}]
    stand = crowd.listed - crowd.leaving + entered.count(DONE)
    found += faults(place, stand, at_least=crowd.places - crowd.leaving)
    again = [case for case, words in zip(comers, entered, strict=True) if words != DONE]
    more = at_once([recommending(place, case, now) for case in again])
    found += [f"again {Counter(more)}"] * (more.count(DONE) != crowd.places - stand)
    return found + faults(place, crowd.places, at_least=crowd.places)


def begin(place: Ground, places: int) -> None:
    """Put every case back before the unit, as if nobody had recommended it, and set the places."""
    cases = Declaration.objects.filter(unit=place.unit)
    ledgers = list(cases.values_list("ledger_id", flat=True))
    cases.update(
        state=State.LOCAL_REVIEW, holder=place.unit, rank=None, batch=None, is_reserve=False, unit_total=None
    )
    Revision.objects.filter(declaration__unit=place.unit).exclude(transition="submit").delete()
    Endorsement.objects.filter(declaration__unit=place.unit).update(signed_at=None, signed_by=None, conclusion="")
    Assessment.objects.filter(ledger_id__in=ledgers, layer=Layer.PROVINCE).update(locked_at=None)
    count_totals(place.unit)
    StateCount.objects.exclude(state=State.LOCAL_REVIEW).update(number=0)
    StateCount.objects.filter(state=State.LOCAL_REVIEW).update(number=len(place.cases))
    Quota.objects.filter(organisation=place.unit).update(used=0)
    actor = place.world.seats["head"]
    set_quota(cycle=place.world.cycle, unit=place.unit, places=places, actor=actor, now=place.world.tick())


def faults(place: Ground, listed: int, *, at_least: int) -> list[str]:
    """Return what does not hold after a round in which so many cases should stand on the list."""
    kept = Quota.objects.get(cycle=place.world.cycle, organisation=place.unit)
    ranks = sorted(Declaration.objects.filter(unit=place.unit, state=State.SHORTLISTED).values_list("rank", flat=True))
    counts = StateCount.objects.filter(state=State.SHORTLISTED).values_list("number", flat=True)
    judged = TotalBand.objects.filter(unit=place.unit, own=True).aggregate(all=Sum("number"))["all"] or 0
    revisions = Revision.objects.filter(declaration__unit=place.unit, transition="shortlist")
    checks = {
        f"used {kept.used}, not {listed}": kept.used == listed,
        f"used {kept.used} of {kept.places}": at_least <= kept.used <= kept.places,
        f"ranks {ranks}": ranks == list(range(1, listed + 1)),
        f"counts {list(counts)}": set(counts) <= {listed},
        f"{judged} totals of the unit for {listed} on the list": judged >= listed,
        f"{revisions.count()} revisions for {listed} on the list": revisions.count() >= listed,
    }
    return [words for words, holds in checks.items() if not holds]


# ---- without the lock


@contextmanager
def locks_off() -> Iterator[None]:
    """Take the locks away: the list is not locked, a place is read, compared and written; SQLite defers its lock."""

    def unlocked_list(case: Declaration) -> Batch:
        return Batch.objects.get_or_create(cycle_id=case.cycle_id, unit_id=case.unit_id)[0]

    def careless_place(case: Declaration) -> None:
        mine = Quota.objects.get(cycle_id=case.cycle_id, organisation_id=case.unit_id)
        if mine.used < mine.places:
            mine.used += 1
            mine.save(update_fields=["used"])

    mode = {"transaction_mode": None, "timeout": 1} if connection.vendor == "sqlite" else {}
    with (
        patch.object(review, "lock_list", unlocked_list),
        patch.object(review, "take_place", careless_place),
        patch.object(quota, "lock_list", unlocked_list),
        patch.dict(connection.settings_dict["OPTIONS"], mode),
    ):
        yield
