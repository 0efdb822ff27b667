"""The return slip: what is asked, what stood there, what stands there now."""

from dataclasses import dataclass
from decimal import Decimal

from django.http import Http404
from django.urls import reverse

from declarations.models import ReturnItem
from declarations.queries.drafting.marks import own_marks, typed_mark
from declarations.queries.drafting.places import row_url
from declarations.queries.drafting.receipt import last_handed_in
from declarations.queries.facts import Dossier
from declarations.queries.pages import spelled
from scoring.engine import figure
from scoring.models import Layer


@dataclass(frozen=True)
class SlipLine:
    """One item of a return: what is asked, what stood there, what stands there now, and where to mend it."""

    item: ReturnItem
    url: str
    before: str
    after: str
    changed: bool


def slip_lines(dossier: Dossier) -> list[SlipLine]:
    """Return the items of the open return beside what was handed in; answers 404 when there is none."""
    if dossier.slip is None:
        raise Http404
    handed = last_handed_in(dossier.case)
    content = handed.content if handed else {}
    return [_slip_line(item, dossier, content) for item in dossier.open_items]


def _slip_line(item: ReturnItem, dossier: Dossier, content: dict[str, object]) -> SlipLine:
    fields = {spec.id: spec for spec in dossier.programme.fields}
    if item.item in fields:
        spec, answer = fields[item.item], dossier.answers.get(item.item)
        before = spelled(spec, _mapping(content.get("answers")).get(item.item))
        after = spelled(spec, answer.value if answer else None)
        url = f"{reverse('declarations:form', args=[dossier.case.pk])}#item-{item.item}"
        return SlipLine(item, url, before, after, before != after)
    return _slip_row(item, dossier, content)


def _slip_row(item: ReturnItem, dossier: Dossier, content: dict[str, object]) -> SlipLine:
    mark = own_marks(dossier).get(item.item)
    points, words = _frozen_mark(content, item.item)
    files = {str(piece.get("digest")) for piece in _records(content.get("evidence")) if piece.get("row") == item.item}
    now_files = {piece.digest for piece in dossier.evidence if piece.row == item.item}
    now_words = mark.words if mark else ""
    before, after = _row_told(points, len(files)), _row_told(typed_mark(mark), len(now_files))
    changed = (points, words, files) != (typed_mark(mark), now_words, now_files)
    return SlipLine(item, row_url(dossier.case, item.item), before, after, changed)


def _row_told(points: str, files: int) -> str:
    """Return a row's mark and how many pieces prove it."""
    parts = [f"自评{points}分" if points else "未打分", f"佐证材料{files}份" if files else "无佐证材料"]
    return "，".join(parts)


def _records(value: object) -> list[dict[str, object]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _frozen_mark(content: dict[str, object], code: str) -> tuple[str, str]:
    for layer in _records(content.get("marks")):
        if layer.get("layer") == Layer.SELF:
            row = _mapping(_mapping(layer.get("rows")).get(code))
            points = row.get("points")
            return (figure(Decimal(str(points))) if points is not None else "", str(row.get("words", "")))
    return "", ""
