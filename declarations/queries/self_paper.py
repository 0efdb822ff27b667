"""The self-assessment as its paper prints it: every row, and the marks of the layers that the viewer may read."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from declarations.queries.facts import Dossier
from declarations.queries.pages import Judgement, judgement_for, sheets_for
from scoring.engine import Section, rule_text
from scoring.models import Layer
from scoring.queries import Sheet
from sihao.accounts.models import Seat
from sihao.ui.formats import fraction


@dataclass(frozen=True)
class Assessed:
    """The rows with what they say, by layer the marks of each row, and what they come to."""

    rows: tuple[dict[str, object], ...]
    titles: tuple[str, ...]
    marks: Mapping[str, Mapping[str, Decimal]]
    maximum: Decimal
    judgement: Judgement | None
    section_words: tuple[str, ...]


def assessed_for(seat: Seat, dossier: Dossier) -> Assessed:
    """Return the self-assessment for a viewer; a layer that is not the viewer's is not there."""
    sheets = sheets_for(seat, dossier)
    judgement = judgement_for(seat, dossier)
    leading = next((sheet for title, sheet in sheets if judgement is not None and title == judgement.title), None)
    return Assessed(
        rows=_rows(dossier, sheets),
        titles=tuple(title for title, _ in sheets),
        marks={title: sheet.points for title, sheet in sheets},
        maximum=dossier.programme.total,
        judgement=judgement,
        section_words=_sections(dossier, leading) if leading is not None else (),
    )


def _rows(dossier: Dossier, sheets: list[tuple[str, Sheet]]) -> tuple[dict[str, object], ...]:
    programme = dossier.programme
    symbols = {mark.id: mark.symbol for mark in programme.marks}
    own = next((sheet for _, sheet in sheets if sheet.layer == Layer.SELF), None)
    found = []
    for section in programme.rubric.sections:
        for group in section.groups:
            for item in group.items:
                mine = own.marks.get(item.id) if own is not None else None
                label = f"{symbols.get(item.mark or '', '')}{programme.mark_label(item.mark)}"
                found.append(
                    {
                        "place": len(found) + 1,
                        "code": item.id,
                        "section": section.name,
                        "group": group.name,
                        "name": f"{item.id} {item.name}",
                        "mark": label,
                        "standard": rule_text(item),
                        "points": item.points,
                        "words": mine.words if mine is not None else "",
                        "reasons": _reasons(item.id, sheets),
                    }
                )
    return tuple(found)


def _reasons(code: str, sheets: list[tuple[str, Sheet]]) -> str:
    """Return why the layers above the chamber marked a row as they did, each with its name."""
    above = ((title, sheet.marks.get(code)) for title, sheet in sheets if sheet.layer != Layer.SELF)
    return "；".join(f"{title}：{mark.reason}" for title, mark in above if mark is not None and mark.reason.strip())


def _sections(dossier: Dossier, sheet: Sheet) -> tuple[str, ...]:
    sections = dossier.programme.rubric.sections
    return tuple(f"{section.name}{fraction(_sum(section, sheet.points), section.points)}分" for section in sections)


def _sum(section: Section, points: Mapping[str, Decimal]) -> Decimal:
    return sum((points.get(item.id, Decimal(0)) for item in section.items()), Decimal(0))
