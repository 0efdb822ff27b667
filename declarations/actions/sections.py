"""What a case was given section by section: kept when its unit lists it and when its verdict is run."""

from collections.abc import Mapping
from decimal import Decimal

from declarations.models import SectionScore
from declarations.queries.dossier import Dossier
from scoring.engine import Section
from scoring.models import Layer

NONE = Decimal(0)
GIVEN = ("self_points", "unit_points", "final_points")


def keep_sections(dossier: Dossier, final: Mapping[str, Decimal] | None = None) -> None:
    """Write the sums of each section: by the chamber, by the recommending unit, and as settled (None: not yet)."""
    own, unit = dossier.book.layer(Layer.SELF), dossier.book.layer(Layer.PROVINCE)
    layers = (own.points if own else None, unit.points if unit else None, final)
    SectionScore.objects.bulk_create(
        (_score(dossier, section, layers) for section in dossier.programme.rubric.sections),
        update_conflicts=True,
        unique_fields=["declaration", "section"],
        update_fields=["maximum", *GIVEN],
    )


def _score(
    dossier: Dossier, section: Section, layers: tuple[Mapping[str, Decimal] | None, ...]
) -> SectionScore:
    sums = (_sum(section, points) for points in layers)
    given = dict(zip(GIVEN, sums, strict=True))
    return SectionScore(declaration=dossier.case, section=section.code, maximum=section.points, **given)


def _sum(section: Section, points: Mapping[str, Decimal] | None) -> Decimal | None:
    if points is None:
        return None
    return sum((points.get(item.id, NONE) for item in section.items()), NONE)
