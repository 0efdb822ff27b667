"""The deadlines of a case: the cycle's, put off where an extension says so."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from declarations.models import Cycle, Deadline, Declaration, Extension
from declarations.queries.recusals import without_recused_bodies
from declarations.working_days import official
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.queries import path_range
from sihao.accounts.roles import Kind, Level
from sihao.prepared import Prepared

NOMINAL = {
    Deadline.SUBMISSION: "submission_closes",
    Deadline.COUNTY: "county_closes",
    Deadline.CITY: "city_closes",
    Deadline.PROVINCE: "province_closes",
}
TIERS = (Deadline.COUNTY, Deadline.CITY, Deadline.PROVINCE)
TIER_OF = {Level.COUNTY: Deadline.COUNTY, Level.CITY: Deadline.CITY}


def tier_of(level: int) -> Deadline:
    """Return the deadline by which a federation of that level must have sent up what it holds."""
    return TIER_OF.get(Level(level), Deadline.PROVINCE)


@dataclass(frozen=True)
class Deadlines:
    """When each window closes, and the extensions that put one off."""

    closes: dict[Deadline, datetime]
    extensions: tuple[Extension, ...] = ()

    @property
    def submission(self) -> datetime:
        """When the chamber must have handed in."""
        return self.closes[Deadline.SUBMISSION]

    @property
    def province(self) -> datetime:
        """When the recommending unit must have sent its list up: the national deadline."""
        return self.closes[Deadline.PROVINCE]

    def tier(self, level: int, since: datetime) -> datetime:
        """Return when a tier must have finished a case that it holds since an instant.

        A case that comes after the tier's own deadline (late after a return) has until the next tier's, at most until
        the national one.
        """
        tiers = TIERS[TIERS.index(tier_of(level)) :]
        ahead = (self.closes[tier] for tier in tiers if self.closes[tier] > since)
        return next(ahead, self.province)


def nominal(cycle: Cycle, deadline: Deadline) -> datetime:
    """Return a deadline as the cycle has it."""
    return getattr(cycle, NOMINAL[deadline])


def in_force(cycle: Cycle | int) -> QuerySet[Extension]:
    """Return the extensions of a cycle that were not ended."""
    return Extension.objects.filter(cycle=cycle, ended_at__isnull=True).select_related("organisation").order_by("id")


def _touching(seat: Seat) -> Q:
    if seat.organisation.level == Level.NATIONAL and not seat.organisation.is_chamber:
        return Q()
    beneath = path_range(seat.organisation.path, "organisation__path")
    return beneath | Q(organisation__path__in=chain_paths(seat.organisation.path))


def chain_paths(path: str) -> list[str]:
    """Return the paths of a node and of all above it."""
    parts = path.strip("/").split("/")
    return ["/" + "/".join(parts[:depth]) + "/" for depth in range(1, len(parts) + 1)]


def deadlines_for(cycle: Cycle, applicant: Organisation) -> Deadlines:
    """Return the deadlines of an applicant, which need not have a case yet; one query."""
    found = in_force(cycle).filter(organisation__path__in=chain_paths(applicant.path))
    return put_off(cycle, tuple(found))


def extensions_of(case: Declaration) -> QuerySet[Extension]:
    """Return the extensions that reach a case."""
    return in_force(case.cycle).filter(organisation__path__in=chain_paths(case.path))


def deadlines_of(case: Declaration) -> Deadlines:
    """Return the deadlines of a case; one query."""
    return put_off(case.cycle, tuple(IN_FORCE(case.cycle_id, tuple(chain_paths(case.path)))))


IN_FORCE = Prepared(
    lambda cycle, paths: in_force(cycle).filter(organisation__path__in=paths)
)


def put_off(cycle: Cycle, extensions: tuple[Extension, ...]) -> Deadlines:
    """Return the cycle's deadlines, each at the latest of its own and of the extensions of it."""
    closes = {deadline: nominal(cycle, deadline) for deadline in Deadline}
    for one in extensions:
        deadline = Deadline(one.deadline)
        closes[deadline] = max(closes[deadline], one.until)
    return Deadlines(closes, extensions)


def applying(extensions: Iterable[Extension], path: str) -> tuple[Extension, ...]:
    """Return which of the extensions apply to a case by its chain; no query."""
    return tuple(one for one in extensions if path.startswith(one.organisation.path))


def organisations_called(text: str) -> list[Organisation]:
    """Return the organisations of that code, or of that name; a code names one."""
    by_code = Organisation.objects.filter(Q(code=text, kind=Kind.FEDERATION) | Q(uscc=text)) if text else []
    return list(by_code) or list(Organisation.objects.filter(name=text).order_by("path")[:20])


def extensions_visible_to(seat: Seat, cycle: Cycle) -> QuerySet[Extension]:
    """Return the extensions of a cycle in the seat's jurisdiction, and those granted above that apply to it.

    None for a chamber from whose case the seat's people step back.
    """
    rows = Extension.objects.filter(cycle=cycle).select_related(
        "organisation", "proposed_by__user", "confirmed_by__user", "ended_by__user"
    )
    return without_recused_bodies(rows.filter(_touching(seat)), seat)


def tier_deadlines(cycle: Cycle) -> list[tuple[str, datetime]]:
    """Return the deadlines of a cycle from the chamber's up to the national one, each with its name."""
    return [(deadline.label, nominal(cycle, deadline)) for deadline in Deadline]


@dataclass(frozen=True)
class TermRules:
    """How the terms of a cycle are counted: its deadlines, each holder's days, the notices of the days off."""

    deadlines: list[tuple[str, datetime]]
    holder_days: int
    answer_days: int
    notices: str
    unrecorded: str


def term_rules(cycle: Cycle) -> TermRules:
    """Return how the terms of a cycle are counted, and of which of its years the days off are not recorded."""
    years = range(timezone.localdate(cycle.opens_at).year, timezone.localdate(cycle.province_closes).year + 1)
    known = official().sources
    return TermRules(
        tier_deadlines(cycle),
        cycle.holder_days,
        cycle.answer_days,
        "；".join(f"{year}年为{known[year]}" for year in years if year in known),
        "、".join(f"{year}年" for year in years if year not in known),
    )
