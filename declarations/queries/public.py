"""What anybody may see: the notice, the calendar, the standards, the places, the recognised list. Never a score."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from declarations.models import Cycle, Milestone, Quota, Recognition
from scoring.models import ProgrammeVersion
from scoring.queries import programme_of

TYPE_FIELD = "chamber_type"
SHOWN = (
    "serial",
    "number",
    "name",
    "unit_name",
    "unit_code",
    "chamber_type",
    "state",
    "recognised_at",
    "revoked_at",
    "revoked_why",
    "cycle__name",
    "cycle__honour",
    "cycle__slug",
    "cycle__opens_at",
    "cycle__decider",
)


@dataclass(frozen=True)
class Sought:
    """What the recognised list is narrowed by; empty parts do not narrow. ``names`` are spellings of one name."""

    names: tuple[str, ...] = ()
    number: str = ""
    unit: str = ""
    kind: str = ""
    cycle: str = ""
    state: str = ""


@dataclass(frozen=True)
class Stage:
    """One line of the public calendar; ``kind`` says whether it is over, going on or to come."""

    title: str
    text: str
    kind: str


def public_cycle() -> Cycle | None:
    """Return the cycle opened last with its notice."""
    cycles = Cycle.objects.filter(decider__isnull=True).select_related("programme").defer("programme__text")
    return cycles.order_by("-opens_at").first()


def calendar_of(cycle: Cycle, now: datetime) -> list[Stage]:
    """Return the calendar with the present place marked."""
    lines = list(Milestone.objects.filter(cycle=cycle))
    current = next((line.pk for line in lines if line.ends_at is not None and line.ends_at > now), None)
    stages, reached = [], False
    for line in lines:
        reached = reached or line.pk == current
        kind = "current" if line.pk == current else "future" if reached or line.ends_at is None else "done"
        stages.append(Stage(line.period, line.text, kind))
    return stages


def recognised_list(sought: Sought) -> QuerySet[Recognition]:
    """Return the recognised chambers, narrowed; only what was published, only its public columns."""
    found = Recognition.objects.filter(published_at__isnull=False, cycle__decider__isnull=True)
    found = found.select_related("cycle").only("id", *SHOWN)
    if sought.names or sought.number:
        found = found.filter(_called(sought))
    if sought.unit:
        found = found.filter(unit_code=sought.unit)
    if sought.kind:
        found = found.filter(chamber_type=sought.kind)
    if sought.state:
        found = found.filter(state=sought.state)
    return found.filter(cycle__slug=sought.cycle) if sought.cycle else found


def _called(sought: Sought) -> Q:
    called = Q(number__iexact=sought.number)
    for name in sought.names:
        called |= Q(name__icontains=name)
    return called


def certificate_of(number: str) -> Recognition | None:
    """Return the title of a certificate number, spelled in any case."""
    found = Recognition.objects.filter(published_at__isnull=False, number__iexact=number)
    return found.select_related("cycle").only("id", *SHOWN).first()


def published_cycles() -> list[tuple[str, str]]:
    """Return the cycles that have a published list, newest first."""
    cycles = Cycle.objects.filter(published_at__isnull=False).order_by("-opens_at")
    return list(cycles.values_list("slug", "name"))


def published_cycle(slug: str) -> Cycle | None:
    """Return a cycle whose list is published."""
    return Cycle.objects.filter(slug=slug, published_at__isnull=False).defer("notice_text").first()


def lists_with_digests() -> list[Cycle]:
    """Return the cycles that have a published list with what tells it, newest first."""
    cycles = Cycle.objects.filter(published_at__isnull=False).exclude(published_digest="").order_by("-opens_at")
    return list(cycles.only("slug", "name", "published_at", "published_digest"))


def chamber_types() -> list[str]:
    """Return the types that chambers choose from, those of the newest standard first."""
    versions = ProgrammeVersion.objects.filter(cycles__isnull=False).defer("text").order_by("-id").distinct()
    specs = [spec for one in versions for spec in programme_of(one).fields if spec.id == TYPE_FIELD]
    return list(dict.fromkeys(option for spec in specs for option in spec.options))


def unit_choices() -> list[tuple[str, str]]:
    """Return the recommending units by code."""
    rows = Quota.objects.order_by("organisation__code").values_list("organisation__code", "organisation__name")
    return list(dict(rows).items())


def places_of(cycle: Cycle) -> tuple[list[Quota], int]:
    """Return the places of every unit and their sum; how many are used is not public."""
    rows = Quota.objects.filter(cycle=cycle).select_related("organisation")
    rows = rows.only("places", *(f"organisation__{name}" for name in ("name", "region", "code", "level")))
    found = list(rows.order_by("-organisation__level", "organisation__code"))
    return found, sum(row.places for row in found)


def standards() -> list[ProgrammeVersion]:
    """Return the newest version of each published programme, without its text."""
    newest: dict[str, ProgrammeVersion] = {}
    for version in ProgrammeVersion.objects.select_related("owner").defer("text").order_by("id"):
        newest[version.slug] = version
    return sorted(newest.values(), key=lambda version: version.pk)
