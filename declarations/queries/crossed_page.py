"""Findings across cases as pages print them; whoever steps back from a case sees nothing of it here either."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import Http404

from declarations.copying import Piece, beside, cut
from declarations.crossing import Figure
from declarations.models import Attachment, CaseFinding, Comparison, CrossFinding, Cycle, Declaration
from declarations.outliers import Dots, dots_of
from declarations.queries.alike import taken_of_files, texts_of_files
from declarations.queries.cases import in_sight
from declarations.queries.crossed import texts_of
from declarations.queries.proofs import proof_label
from declarations.queries.recusals import hidden_from, recused_in
from declarations.queries.review import mend_label
from declarations.states import CrossKind
from scoring.engine import Programme
from scoring.queries import programme_of
from sihao.accounts.models import Seat

NAMED = 3


def findings_in_sight(seat: Seat, cycle: Cycle, kind: str = "") -> QuerySet[CrossFinding]:
    """Return the findings of a cycle (of a kind), without those of a case from which the seat's people step back.

    A figure stays where other cases stand apart too; the case itself is left out of it.
    """
    parts = CaseFinding.objects.filter(cross=OuterRef("pk"))
    hidden = parts.filter(hidden_from(seat, "declaration"))
    seen = parts.exclude(hidden_from(seat, "declaration"))
    found = CrossFinding.objects.filter(cycle=cycle, **({"kind": kind} if kind in CrossKind.values else {}))
    return found.filter(Q(kind=CrossKind.FIGURE) | ~Exists(hidden)).filter(Exists(seen))


def comparison_of(cycle: Cycle) -> Comparison | None:
    """Return when the cases of the cycle were last compared."""
    return Comparison.objects.filter(cycle=cycle).first()


@dataclass(frozen=True)
class ListedFinding:
    """One finding of the list: its first cases by name, how many there are, how many have no word yet."""

    finding: CrossFinding
    cases: tuple[Declaration, ...]
    number: int
    open: int


def listed(seat: Seat, findings: Iterable[CrossFinding]) -> list[ListedFinding]:
    """Return findings as the list prints them; two queries however many."""
    rows = list(findings)
    parts = CaseFinding.objects.filter(cross__in=[one.pk for one in rows]).exclude(hidden_from(seat, "declaration"))
    by_finding: dict[int, list[CaseFinding]] = {}
    for part in parts.select_related("declaration").order_by("id"):
        by_finding.setdefault(part.cross_id, []).append(part)
    return [
        ListedFinding(
            one,
            tuple(part.declaration for part in mine[:NAMED]),
            len(mine),
            sum(part.noted_at is None for part in mine),
        )
        for one in rows
        for mine in [by_finding.get(one.pk, [])]
    ]


def kind_chips(cycle: Cycle, wanted: str, path: str) -> list[dict[str, object]]:
    """Return the filter by kind."""
    every = [{"label": "全部", "url": path, "current": not wanted}]
    return every + [
        {"label": kind.label, "url": f"{path}?kind={kind.value}", "current": wanted == kind.value} for kind in CrossKind
    ]


def finding_in_sight(seat: Seat, cycle: Cycle, pk: int) -> CrossFinding:
    """Return one finding with its parts, as far as the seat may see them, or answer 404."""
    seen = CaseFinding.objects.filter(in_sight(seat)).select_related("declaration__unit", "noted_by__user")
    parts = Prefetch("parts", seen.order_by("id"), to_attr="seen")
    found = findings_in_sight(seat, cycle).filter(pk=pk).prefetch_related(parts).first()
    if found is None or not found.seen:
        raise Http404
    return found


def open_to(seat: Seat, parts: Iterable[CaseFinding], cycle: Cycle) -> frozenset[int]:
    """Return which of the findings behind some parts the seat may open; one query."""
    keys = {part.cross_id for part in parts if part.cross_id is not None}
    if not keys:
        return frozenset()
    return frozenset(findings_in_sight(seat, cycle).filter(pk__in=keys).values_list("pk", flat=True))


# ---- texts side by side


@dataclass(frozen=True)
class TextPair:
    """Two texts that hold a passage in common, cut at the passages."""

    left: str
    right: str
    left_pieces: tuple[Piece, ...]
    right_pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class SideBySide:
    """Two cases and their texts that have something in common."""

    left: Declaration
    right: Declaration
    pairs: tuple[TextPair, ...]
    shared: int
    share: float


def side_by_side(cycle: Cycle, finding: CrossFinding) -> SideBySide | None:
    """Return two cases' texts with the passages marked that were found; None for a finding of any other sort."""
    told, pair = finding.told, _both(finding)
    if pair is not None and finding.kind == CrossKind.PROOF:
        return _files_beside(cycle, told, *pair)
    if pair is None or "passages" not in told:
        return None
    left, right = pair
    programme = programme_of(cycle.programme)
    texts = texts_of(programme, [left.pk, right.pk])
    names = dict.fromkeys((one[0], one[3]) for one in told["passages"])
    pairs = tuple(_pair(programme, texts[left.pk], texts[right.pk], two, told["passages"]) for two in names)
    return SideBySide(left, right, pairs, told["shared"], told["share"])


def _both(finding: CrossFinding) -> tuple[Declaration, Declaration] | None:
    """Return the two cases that a finding lays side by side, where it does and the viewer sees both."""
    cases = {part.declaration_id: part.declaration for part in finding.seen}
    left, right = (cases.get(finding.told.get(side)) for side in ("left", "right"))
    return (left, right) if left is not None and right is not None else None


def _files_beside(cycle: Cycle, told: dict[str, Any], left: Declaration, right: Declaration) -> SideBySide | None:
    """Return the texts of two pieces of evidence, cut at what they have in common; None where one was taken out."""
    pieces, texts = _pieces(told, left, right), texts_of_files(told["files"])
    if pieces is None or len(texts) < len(pieces):
        return None
    mine, theirs = (texts[piece.digest] for piece in pieces)
    found = beside({"": mine}, {"": theirs})
    labels = [_proof_title(cycle, piece) for piece in pieces]
    sides = (shortened(found.pieces(side, "", text)) for side, text in (("left", mine), ("right", theirs)))
    return SideBySide(left, right, (TextPair(*labels, *map(tuple, sides)),), found.shared, found.share)


def _pieces(told: dict[str, Any], left: Declaration, right: Declaration) -> tuple[Attachment, Attachment] | None:
    found = [
        case.attachments.filter(digest=digest, removed_at__isnull=True).order_by("id").first()
        for case, digest in zip((left, right), told["files"], strict=True)
    ]
    return (found[0], found[1]) if found[0] is not None and found[1] is not None else None


def _proof_title(cycle: Cycle, piece: Attachment) -> str:
    return f"{proof_label(programme_of(cycle.programme), piece.row)}的佐证材料《{piece.name}》"


@dataclass(frozen=True)
class Photo:
    """One of two photographs that are alike: whose, which, for what, and when it was taken as it says itself."""

    case: Declaration
    piece: Attachment
    title: str
    taken_at: datetime | None


def photos_beside(cycle: Cycle, finding: CrossFinding) -> tuple[Photo, ...]:
    """Return the two photographs of a finding; none where it is of any other sort, or one was taken out."""
    pair = _both(finding) if finding.kind == CrossKind.PICTURE else None
    pieces = _pieces(finding.told, *pair) if pair is not None else None
    if pair is None or pieces is None:
        return ()
    taken = taken_of_files(piece.digest for piece in pieces)
    titles = (_proof_title(cycle, piece) for piece in pieces)
    return tuple(
        Photo(case, piece, title, taken.get(piece.digest))
        for case, piece, title in zip(pair, pieces, titles, strict=True)
    )


AROUND = 120
"""How many characters are shown beside a passage of what differs."""


def shortened(pieces: Iterable[Piece]) -> list[Piece]:
    """Return a text whose long parts that differ are left out but for what stands beside the passages."""
    return [
        one
        if one.same or len(one.text) <= 2 * AROUND
        else Piece(f"{one.text[:AROUND]}……（略{len(one.text) - 2 * AROUND}字）……{one.text[-AROUND:]}", same=False)
        for one in pieces
    ]


def _pair(
    programme: Programme, left: dict[str, str], right: dict[str, str], two: tuple[str, str], passages: list[list[Any]]
) -> TextPair:
    mine, theirs = two
    return TextPair(
        mend_label(programme, mine),
        mend_label(programme, theirs),
        tuple(cut(left.get(mine, ""), [(one[1], one[2]) for one in passages if one[0] == mine])),
        tuple(cut(right.get(theirs, ""), [(one[4], one[5]) for one in passages if one[3] == theirs])),
    )


# ---- a figure among its peers


@dataclass(frozen=True)
class Peers:
    """A figure of one case among those of its peers: the plot, and what its table says."""

    label: str
    like: str
    plot: Dots
    rows: tuple[tuple[str, str], ...]


def peers_of(finding: CrossFinding, part: CaseFinding, without: frozenset[int]) -> Peers | None:
    """Return a case's figure among its peers, without the cases (by key) that the reader steps back from."""
    told = finding.told
    if finding.kind != CrossKind.FIGURE or "values" not in told:
        return None
    values = {pk: value for pk, value in told["values"] if pk not in without}
    own = values.pop(part.declaration_id, part.told.get("value"))
    figure = Figure("", told["label"], told["unit"], told["share"])
    others = sorted(values.values())
    rows = [("本件", figure.told(own)), ("同类中位数", figure.told(told["median"]))]
    rows += [("同类最小", figure.told(others[0])), ("同类最大", figure.told(others[-1]))] if others else []
    rows += [("同类件数（不含本件）", str(len(others))), ("稳健z值", f"{part.told['score']:.1f}")]
    plot = dots_of(others, own, by_factor=not figure.is_share)
    ticks = tuple((x, figure.told(float(value))) for x, value in plot.ticks)
    return Peers(told["label"], told["like"], Dots(plot.peers, plot.own, plot.median_x, ticks), tuple(rows))


def stepped_back_from(seat: Seat, cycle: Cycle) -> frozenset[int]:
    """Return the cases of a cycle (by key) that the seat's people step back from."""
    return frozenset(recused_in(seat, cycle.pk))

