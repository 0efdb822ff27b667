"""The places of every recommending unit as they are published (附件2); how many are used is not public."""

from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from declarations.models import Cycle, QuotaPlan
from declarations.queries.public import places_of
from sihao.accounts.models import Organisation
from sihao.accounts.roles import Level
from sihao.ui.formats import beijing


@dataclass(frozen=True)
class Line:
    """One unit and its places."""

    number: int
    name: str
    places: int


@dataclass(frozen=True)
class Annex:
    """The published places with their sum; ``version`` is 0 for places that came with the cycle."""

    cycle: Cycle
    lines: tuple[Line, ...]
    total: int
    version: int = 0
    adopted_at: datetime | None = None

    @property
    def halves(self) -> list[tuple[Line, Line | None]]:
        """Return the lines as two columns side by side, so that all stand on one page."""
        half = (len(self.lines) + 1) // 2
        return list(zip_longest(self.lines[:half], self.lines[half:]))

    @property
    def edition(self) -> list[str]:
        """Return which edition this is, in words."""
        return [f"第{self.version}版，{beijing(self.adopted_at, 'date')}"] if self.version else []


def public_name(unit: Organisation) -> str:
    """Return a unit as the annex names it."""
    return "直属商会" if unit.level == Level.NATIONAL else unit.region or unit.name


def annex_of(cycle: Cycle) -> Annex:
    """Return the published places of a cycle."""
    quotas, total = places_of(cycle)
    names = [(public_name(quota.organisation), quota.places) for quota in quotas]
    lines = tuple(Line(number, name, places) for number, (name, places) in enumerate(names, start=1))
    plan = QuotaPlan.objects.filter(cycle=cycle, owner__level=Level.NATIONAL).only("version", "adopted_at").first()
    return Annex(cycle, lines, total, plan.version if plan else 0, plan.adopted_at if plan else None)
