"""The live verdict: every figure with the rows it rests on, their rule, clause, evidence, and who set them when."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.urls import reverse

from declarations.models import Attachment
from declarations.queries.checks import BLOCK, WORDS, Found, claims_above_facts, unreasoned_claims
from declarations.queries.dossier import Dossier
from declarations.queries.drafting.found import chambers_findings
from declarations.queries.drafting.marks import own_marks, own_verdict
from declarations.queries.drafting.places import row_url
from declarations.queries.proofs import SHOWN_INLINE
from scoring.engine import (
    Group,
    Item,
    Proposal,
    Section,
    Verdict,
    explain,
    figure,
    rule_text,
    what_would_change,
)
from scoring.models import Mark


@dataclass(frozen=True)
class RowTold:
    """One row under a figure: its mark, the rule, the clause, what the facts support, evidence, who set it when."""

    item: Item
    url: str
    points: Decimal | None
    standard: str
    clause: str
    because: str
    files: tuple[tuple[str, str], ...]
    by: str
    at: datetime | None


@dataclass(frozen=True)
class Part:
    """Some rows under a heading with the sum of their marks."""

    title: str
    given: Decimal
    points: Decimal
    rows: tuple[RowTold, ...]


@dataclass(frozen=True)
class Figure:
    """One figure of the verdict: how it stands, against which limit, its rule, and the rows beneath it.

    ``passed`` is None for a figure that no gate judges.
    """

    key: str
    label: str
    value: str
    of: str
    side: str
    limit: str
    passed: bool | None
    rules: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Remedy:
    """What would change a failed verdict, with the rows it names."""

    sentence: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class LiveVerdict:
    """The verdict on the self-assessment as it stands, and what the checks find beside it."""

    figures: tuple[Figure, ...]
    eligible: bool | None
    conclusion: str
    note: str
    sentences: tuple[str, ...]
    remedies: tuple[Remedy, ...]
    found: tuple[Found, ...]
    above: tuple[str, ...]
    unreasoned: tuple[tuple[str, str], ...]

    @property
    def counts(self) -> list[tuple[str, str, int]]:
        """How many findings there are of each weight; explained ones do not count, marks without their reason do."""
        open_ones = [one.finding.severity for one in self.found if not one.settled] + [BLOCK] * len(self.unreasoned)
        return [(word, kind, open_ones.count(severity)) for severity, (word, kind) in WORDS.items()]


def live_verdict(dossier: Dossier, *, rows: bool = True) -> LiveVerdict:
    """Return the verdict on the own marks; without ``rows`` the figures stand alone. Costs no query of its own."""
    verdict, points = own_verdict(dossier)
    marked = bool(points)
    left = len(verdict.unmarked)
    return LiveVerdict(
        figures=tuple(figures_of(dossier, verdict, points, _own_rows(dossier) if rows else None)),
        eligible=verdict.eligible if marked and not left else None,
        conclusion=_conclusion(verdict, marked=marked),
        note=f"尚有{left}项未打分，暂按0分计" if left else "",
        sentences=tuple(explain(dossier.programme, verdict)),
        remedies=tuple(_remedies(dossier, verdict, points)) if marked else (),
        found=tuple(chambers_findings(dossier, dossier.near_findings)),
        above=tuple(claims_above_facts(dossier)),
        unreasoned=tuple(
            (code, row_url(dossier.case, code)) for code in unreasoned_claims(dossier, dossier.near_findings)
        ),
    )


def _conclusion(verdict: Verdict, *, marked: bool) -> str:
    if not marked:
        return "尚未打分"
    word = "达到认定条件" if verdict.eligible else "不能参与认定"
    return f"暂{word}" if verdict.unmarked else word


def _remedies(dossier: Dossier, verdict: Verdict, points: Mapping[str, Decimal]) -> Iterable[Remedy]:
    for change in what_would_change(dossier.programme, points, verdict):
        yield Remedy(change.sentence, tuple((code, row_url(dossier.case, code)) for code in change.rows))


class RowTelling:
    """Tells rows by the marks given; what they share is read once. ``address`` says where a row is written."""

    def __init__(self, dossier: Dossier, marks: Mapping[str, Mark], address: Callable[[str], str]) -> None:
        """Take the case, the mark of each row that has one, and the address of a row."""
        self.case = dossier.case
        self.marks, self.address_of_row = marks, address
        self.proposals = dossier.proposals
        self.clauses = {
            item.id: group.clause for group in _groups(dossier) for item in group.items
        }
        self.files: dict[str, list[Attachment]] = {}
        for piece in dossier.evidence:
            self.files.setdefault(piece.row, []).append(piece)

    def rows(self, items: Iterable[Item]) -> tuple[RowTold, ...]:
        """Return rows as told."""
        return tuple(self.row(item, self.marks.get(item.id), self.proposals[item.id]) for item in items)

    def row(self, item: Item, mark: Mark | None, proposal: Proposal) -> RowTold:
        """Return one row as told."""
        return RowTold(
            item=item,
            url=self.address_of_row(item.id),
            points=mark.points if mark else None,
            standard=rule_text(item),
            clause=self.clauses[item.id],
            because="" if proposal.points is None else proposal.because,
            files=tuple((piece.name, self.address(piece)) for piece in self.files.get(item.id, ())),
            by=mark.set_by.user.name if mark and mark.set_by else "",
            at=mark.set_at if mark else None,
        )

    def address(self, piece: Attachment) -> str:
        """Return where a piece of evidence is read."""
        url = reverse("declarations:evidence_file", args=[self.case.pk, piece.pk])
        return f"{url}?inline=1" if piece.kind in SHOWN_INLINE else url


def _own_rows(dossier: Dossier) -> RowTelling:
    return RowTelling(dossier, own_marks(dossier), lambda code: row_url(dossier.case, code))


def _groups(dossier: Dossier) -> list[Group]:
    return [group for section in dossier.programme.rubric.sections for group in section.groups]


def figures_of(
    dossier: Dossier, verdict: Verdict, points: Mapping[str, Decimal], telling: RowTelling | None
) -> Iterable[Figure]:
    """Yield the figures of a verdict, each with its rows where they are to be told."""
    yield _total(dossier, verdict, telling)
    if extra := [section for section in dossier.programme.rubric.sections if section.bonus]:
        parts = tuple(_section(section, verdict, telling) for section in extra)
        most = sum((section.points for section in extra), Decimal(0))
        yield Figure("bonus", "加分", figure(verdict.bonus), figure(most), "计入总分", "", None, (), parts)
    for key, kind, label, rows in (
        ("veto", "any_zero", "否决项为0分", verdict.veto_zero),
        ("baseline", "max_not_full", "基础达标项未满分", verdict.baseline_short),
    ):
        if items := dossier.programme.rubric.marked(key):
            passed, rules, limit = _judged(dossier, verdict, kind)
            told = f"限{figure(limit)}项" if limit else ""
            first = sorted(items, key=lambda item: item.id not in rows)
            part = _part(dossier.programme.mark_label(key), first, telling, points)
            yield Figure(key, label, str(len(rows)), str(len(items)), "", told, passed, rules, (part,))


def _total(dossier: Dossier, verdict: Verdict, telling: RowTelling | None) -> Figure:
    """The total with every section; the rows of the bonus stand under their own figure."""
    programme = dossier.programme
    most = sum((section.points for section in programme.rubric.sections if section.bonus), Decimal(0))
    side = f"不含加分{figure(verdict.total - verdict.bonus)}/{figure(programme.total - most)}" if most else ""
    passed, rules, _ = _judged(dossier, verdict, "min_total")
    parts = tuple(
        _section(section, verdict, None if section.bonus else telling) for section in programme.rubric.sections
    )
    return Figure("total", "总分", figure(verdict.total), figure(programme.total), side, "", passed, rules, parts)


def _section(section: Section, verdict: Verdict, telling: RowTelling | None) -> Part:
    rows = telling.rows(section.items()) if telling else ()
    return Part(f"{section.code} {section.name}", verdict.sections[section.code], section.points, rows)


def _part(label: str, items: Iterable[Item], telling: RowTelling | None, marks: Mapping[str, Decimal]) -> Part:
    listed = tuple(items)
    given = sum((marks.get(item.id, Decimal(0)) for item in listed), Decimal(0))
    most = sum((item.points for item in listed), Decimal(0))
    return Part(label, given, most, telling.rows(listed) if telling else ())


def _judged(dossier: Dossier, verdict: Verdict, kind: str) -> tuple[bool | None, tuple[str, ...], Decimal]:
    """Whether the gates of a kind are passed (None before a first mark), their sentences and the limit."""
    ids = {gate.id for gate in dossier.programme.rubric.gates if gate.kind == kind}
    found = [gate for gate in verdict.gates if gate.id in ids]
    told = explain(dossier.programme, verdict)
    rules = tuple(one for one in told if any(one.startswith(f"门槛{gate.id}〔") for gate in found))
    limit = max((gate.limit for gate in found), default=Decimal(0))
    judged = found and len(verdict.unmarked) < len(dossier.programme.rubric.items())
    return (all(gate.passed for gate in found) if judged else None), rules, limit
