"""Reading programmes and ledgers."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from scoring.engine import Programme, Verdict, load_programme, partial
from scoring.models import Assessment, Layer, Ledger, Mark, ProgrammeVersion
from sihao.prepared import Prepared

TIERS_UPWARD = (Layer.SELF, Layer.COUNTY, Layer.CITY, Layer.PROVINCE)


@lru_cache(maxsize=32)
def parsed(text: str) -> Programme:
    """Return the programme of a text, parsed once a process; raises ``ProgrammeError`` as the loader does."""
    return load_programme(text)


_TEXTS: dict[str, str] = {}


def programme_of(version: ProgrammeVersion) -> Programme:
    """Return the parsed programme of a published version; its text is read once a process, by its digest."""
    if version.digest not in _TEXTS:
        _TEXTS[version.digest] = ProgrammeVersion.objects.values_list("text", flat=True).get(pk=version.pk)
    return parsed(_TEXTS[version.digest])


@dataclass(frozen=True)
class Sheet:
    """One layer with its marks by row code."""

    assessment: Assessment
    marks: Mapping[str, Mark]

    @property
    def layer(self) -> Layer:
        """Whose marks these are."""
        return Layer(self.assessment.layer)

    @property
    def points(self) -> dict[str, Decimal]:
        """The rows that have a mark."""
        return {code: mark.points for code, mark in self.marks.items() if mark.points is not None}

    @property
    def total(self) -> Decimal:
        """The sum of the marks given so far."""
        return sum(self.points.values(), Decimal(0))


def _version(sheet: Sheet) -> int:
    return sheet.assessment.version


@dataclass(frozen=True)
class Book:
    """Every layer of a case, lowest first; experts' layers by seat."""

    sheets: tuple[Sheet, ...]

    def layer(self, layer: Layer) -> Sheet | None:
        """Return the newest version of a layer that belongs to no expert."""
        found = [sheet for sheet in self.sheets if sheet.layer == layer and sheet.assessment.assessor_id is None]
        return max(found, key=lambda sheet: sheet.assessment.version, default=None)

    @property
    def newest(self) -> tuple[Sheet, ...]:
        """The newest version of every layer and of every expert's sheet."""
        last = {(one.layer, one.assessment.assessor_id): one for one in sorted(self.sheets, key=_version)}
        return tuple(one for one in self.sheets if last[one.layer, one.assessment.assessor_id] is one)

    def expert(self, seat_id: int) -> Sheet | None:
        """Return one expert's sheet."""
        return next((sheet for sheet in self.sheets if sheet.assessment.assessor_id == seat_id), None)

    def below(self, layer: Layer) -> Sheet | None:
        """Return what the tiers beneath a layer came to: of each row the mark of the highest tier that gave one.

        A tier below the recommending unit need not mark every row; what it left stands as the tier beneath marked it.
        """
        tiers = TIERS_UPWARD[: TIERS_UPWARD.index(layer)] if layer in TIERS_UPWARD else TIERS_UPWARD
        found = [sheet for tier in tiers if (sheet := self.layer(tier)) is not None and sheet.points]
        marks = {code: mark for sheet in found for code, mark in sheet.marks.items() if mark.points is not None}
        return Sheet(found[-1].assessment, marks) if found else None


LAYERS = Prepared(lambda ledger: Assessment.objects.filter(ledger_id=ledger).order_by("id"))
MARKS = Prepared(lambda ledger: Mark.objects.filter(assessment__ledger_id=ledger).order_by("id"))


def book_of(ledger_id: int) -> Book:
    """Return all layers of a ledger with their marks (two queries)."""
    marks: dict[int, dict[str, Mark]] = {}
    layers = LAYERS(ledger_id)
    for mark in MARKS(ledger_id):
        marks.setdefault(mark.assessment_id, {})[mark.code] = mark
    return Book(tuple(Sheet(one, marks.get(one.pk, {})) for one in layers))


def verdict_of(programme: Programme, points: Mapping[str, Decimal]) -> Verdict:
    """Return the verdict on a layer as it stands; rows without a mark count 0."""
    return partial(programme, points)


def latest_version(slug: str) -> ProgrammeVersion | None:
    """Return the newest published version of a programme, without its text."""
    return ProgrammeVersion.objects.filter(slug=slug).defer("text").order_by("-id").first()


def ledger_with_programme(pk: int) -> Ledger:
    """Return a ledger with its programme version."""
    return Ledger.objects.select_related("programme").defer("programme__text").get(pk=pk)


