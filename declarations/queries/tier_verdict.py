"""The live verdict of a tier's layer, and how far its review has come."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from declarations.queries.compact import CompactDossier
from declarations.queries.drafting.marks import mark_problem, typed_mark
from declarations.queries.drafting.verdict import Figure, RowTelling, RowTold, figures_of
from declarations.queries.facts import unreasoned_rows
from declarations.queries.workspace import ReviewDesk, tier_desk
from scoring.engine import Item, explain, figure, partial
from scoring.models import Mark
from scoring.queries import Sheet


@dataclass(frozen=True)
class ToMend:
    """One row of the own layer that cannot stand as it is: what to do, and where."""

    code: str
    place: str
    sentence: str


@dataclass(frozen=True)
class Lost:
    """What a layer gave beside the one before it: the heading, the total, and the difference."""

    title: str
    total: Decimal
    change: Decimal | None


@dataclass(frozen=True)
class TierVerdict:
    """The verdict on the own layer; rows without a mark count as the tiers beneath marked them."""

    figures: tuple[Figure, ...]
    eligible: bool | None
    conclusion: str
    note: str
    sentences: tuple[str, ...]
    seen: int
    total: int
    blank_key_rows: tuple[str, ...]
    mend: tuple[ToMend, ...]
    lost: tuple[Lost, ...]

    @property
    def left(self) -> int:
        """How many rows have no mark yet."""
        return self.total - self.seen


class KeyRows(RowTelling):
    """Tells veto and baseline rows alone: all rows stand on the page beneath."""

    def rows(self, items: Iterable[Item]) -> tuple[RowTold, ...]:
        """Return the rows as told, where every one of them is flagged."""
        listed = tuple(items)
        return super().rows(listed) if all(item.mark for item in listed) else ()


def tier_verdict(dossier: CompactDossier, desk: ReviewDesk | None = None) -> TierVerdict:
    """Return the verdict on the own marks of the dossier's seat, as they stand; without ``desk`` the tier's."""
    desk, programme = desk or tier_desk(dossier), dossier.programme
    own, below = desk.sheet, desk.beneath
    marks = _standing(own, below)
    points = {code: mark.points for code, mark in marks.items() if mark.points is not None}
    verdict = partial(programme, points)
    given = own.points if own is not None else {}
    items = programme.rubric.items()
    left = len(items) - len(given)
    titles = [(title, sheet.total) for title, sheet in desk.lower]
    word = "达到认定条件" if verdict.eligible else "不能参与认定"
    telling = KeyRows(dossier, marks, lambda code: f"{desk.page}#row-{code}")
    return TierVerdict(
        figures=tuple(figures_of(dossier, verdict, points, telling)),
        eligible=None if left else verdict.eligible,
        conclusion=f"暂{word}" if left else word,
        note=f"尚有{left}项未审核，暂按{desk.default}得分计" if left and titles else "",
        sentences=tuple(explain(programme, verdict)),
        seen=len(given),
        total=len(items),
        blank_key_rows=tuple(item.id for item in items if item.mark and item.id not in given),
        mend=tuple(_to_mend(dossier, desk)),
        lost=_lost([*titles, (desk.own, verdict.total)]),
    )


def _standing(own: Sheet | None, below: Sheet | None) -> Mapping[str, Mark]:
    """Return the mark of each row that counts: the own one, else the one beneath."""
    given = {code: mark for code, mark in own.marks.items() if mark.points is not None} if own is not None else {}
    return {**(below.marks if below is not None else {}), **given}


def _lost(totals: list[tuple[str, Decimal]]) -> tuple[Lost, ...]:
    before: list[Decimal | None] = [None, *(total for _, total in totals)]
    return tuple(
        Lost(title, total, None if was is None else total - was)
        for (title, total), was in zip(totals, before, strict=False)
    )


def _to_mend(dossier: CompactDossier, desk: ReviewDesk) -> list[ToMend]:
    """Return the rows in which something stands that is no mark, and those that want a reason."""
    own, below = desk.sheet, desk.beneath
    if own is None:
        return []
    rubric, step = dossier.programme.rubric, dossier.programme.step
    typed = ((mark.code, mark_problem(rubric.item(mark.code), step, typed_mark(mark))) for mark in own.marks.values())
    kept = f"已按原样保留，未计入{desk.own}得分。"
    wrong = [ToMend(code, f"mark-{code}", f"{words}{kept}") for code, words in typed if words]
    gaps = unreasoned_rows(own, below)
    unreasoned = [ToMend(code, f"reason-{code}", _gap(dossier, desk, own, code)) for code in gaps]
    order = [item.id for item in rubric.items()]
    return sorted([*wrong, *unreasoned], key=lambda one: order.index(one.code))


def _gap(dossier: CompactDossier, desk: ReviewDesk, own: Sheet, code: str) -> str:
    lower = desk.beneath.points if desk.beneath is not None else {}
    most = figure(dossier.programme.rubric.item(code).points)
    title = next(title for title, sheet in reversed(desk.lower) if code in sheet.points)
    return f"{code}：{desk.own}{figure(own.points[code])}/{most}，{title}{figure(lower[code])}/{most}，须写明理由。"
