"""The country at a glance: for each recommending unit its places used, what waits there, what is overdue.

Kept counts and kept places; of the cases themselves only those past their term are looked at, by their index.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from django.db.models import Count, Q
from django.urls import reverse

from declarations.models import Cycle, Quota
from declarations.models.cycle import CountScope
from declarations.queries.annex_two import public_name
from declarations.queries.cases import cases_visible_to
from declarations.queries.clock import is_overdue
from declarations.queries.cycles import corrected, told_quotas
from declarations.queries.lists_page import batch_kind, batches_visible_to
from declarations.states import State
from sihao.accounts.models import Organisation, Seat

DIRECT = "100000"
# Column and line of each unit in the diagram. It is no map: squares side by side, no borders, no coast.
TILES: Mapping[str, tuple[str, int, int]] = MappingProxyType(
    {
        "650000": ("新疆", 1, 1), "660000": ("兵团", 2, 1), "150000": ("内蒙古", 6, 1), "220000": ("吉林", 8, 1),
        "230000": ("黑龙江", 9, 1),
        "630000": ("青海", 2, 2), "620000": ("甘肃", 3, 2), "640000": ("宁夏", 4, 2), "140000": ("山西", 5, 2),
        "130000": ("河北", 6, 2), "110000": ("北京", 7, 2), "120000": ("天津", 8, 2), "210000": ("辽宁", 9, 2),
        "540000": ("西藏", 2, 3), "510000": ("四川", 3, 3), "610000": ("陕西", 4, 3), "410000": ("河南", 5, 3),
        "370000": ("山东", 6, 3), "320000": ("江苏", 7, 3), "310000": ("上海", 8, 3),
        "500000": ("重庆", 4, 4), "420000": ("湖北", 5, 4), "340000": ("安徽", 6, 4), "330000": ("浙江", 7, 4),
        "520000": ("贵州", 4, 5), "430000": ("湖南", 5, 5), "360000": ("江西", 6, 5), "350000": ("福建", 7, 5),
        "530000": ("云南", 3, 6), "450000": ("广西", 4, 6), "440000": ("广东", 5, 6), "460000": ("海南", 6, 6),
        DIRECT: ("直属", 9, 6),
    }
)  # fmt: skip
HALF = 2
WAITING = (State.LOCAL_REVIEW, State.RETURNED)


@dataclass(frozen=True)
class Standing:
    """One recommending unit: its places and how many are used, what waits below it and there, what of it is overdue."""

    unit: Organisation
    places: int
    used: int
    waiting: int
    overdue: int
    url: str
    leads_to: str
    words: str
    kind: str
    scale: int

    @property
    def name(self) -> str:
        """Return the unit as people call it."""
        return public_name(self.unit)

    @property
    def short(self) -> str:
        """Return the name on the tile."""
        return TILES[self.unit.code][0] if self.unit.code in TILES else self.name

    @property
    def cell(self) -> str:
        """Return where the tile lies, as class names; a unit that has no square of its own comes behind."""
        if self.unit.code not in TILES:
            return ""
        _, column, line = TILES[self.unit.code]
        return f"tile-column-{column} tile-line-{line}"

    @property
    def level(self) -> int:
        """Return how far the places are used, in four steps: none, some, half of them, all."""
        if not self.used:
            return 0
        return 3 if self.used >= self.places else 2 if self.used * HALF >= self.places else 1

    @property
    def lengths(self) -> dict[str, str]:
        """Return where the strokes of the bar lie, of 100: used, then waiting, of it overdue; the places as a frame."""
        used, over = self._share(self.used), self._share(min(self.overdue, self.waiting))
        return {
            "places": f"{self._share(self.places):.1f}",
            "used": f"{used:.1f}",
            "waiting": f"{self._share(self.waiting):.1f}",
            "overdue": f"{over:.1f}",
        }

    def _share(self, number: int) -> float:
        return 100 * number / self.scale if self.scale else 0


@dataclass(frozen=True)
class Country:
    """All units, and what they come to."""

    units: Sequence[Standing]

    @property
    def sums(self) -> dict[str, int]:
        """Return the foot of the table."""
        names = ("places", "used", "waiting", "overdue")
        return {name: sum(getattr(one, name) for one in self.units) for name in names}

    @property
    def sentence(self) -> str:
        """Return in one sentence what the diagram shows."""
        sums, late = self.sums, sum(one.overdue > 0 for one in self.units)
        over = f"其中逾期{sums['overdue']}件，在{late}个单位" if sums["overdue"] else "没有逾期的"
        return (
            f"{len(self.units)}个推荐单位共{sums['places']}个名额，已用{sums['used']}个；"
            f"待推荐单位和下级审核{sums['waiting']}件，{over}。"
        )


def country_of(seat: Seat, cycle: Cycle, now: datetime) -> Country:
    """Return every unit as the seat may read it; four queries whatever the number of units and cases."""
    quotas = list(told_quotas(seat, cycle))
    waiting: Counter[int] = Counter()
    kept = corrected(seat, cycle, Q(scope=CountScope.UNIT), Q(), "organisation_id", "state")
    for (unit, state), number in kept.items():
        waiting[unit] += number if state in WAITING else 0
    late = cases_visible_to(seat).filter(is_overdue(now), cycle=cycle, state__in=WAITING).order_by()
    overdue = dict(late.values_list("unit_id").annotate(Count("pk")))
    batches = {batch.unit_id: batch for batch in batches_visible_to(seat).filter(cycle=cycle).defer("listing")}
    scale = max((max(one.places, one.told_used + waiting[one.organisation_id]) for one in quotas), default=0)
    return Country(
        tuple(
            _standing(quota, waiting[quota.organisation_id], overdue.get(quota.organisation_id, 0), batches, scale)
            for quota in quotas
        )
    )


def _standing(
    quota: Quota, waiting: int, overdue: int, batches: Mapping[int, object], scale: int
) -> Standing:
    batch = batches.get(quota.organisation_id)
    cases = f"{reverse('declarations:cases')}?unit={quota.organisation.code}"
    return Standing(
        unit=quota.organisation,
        places=quota.places,
        used=quota.told_used,
        waiting=waiting,
        overdue=overdue,
        url=reverse("declarations:batch", args=[batch.pk]) if batch is not None else cases,
        leads_to="推荐名单" if batch is not None else "申报件",
        words=batch.get_state_display() if batch is not None else "尚未上报",
        kind=batch_kind(batch) if batch is not None else "neutral",
        scale=scale,
    )
