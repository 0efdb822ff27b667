"""What the checks of the programme find in a case, and what of it stands against handing in."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.urls import reverse

from declarations.guards import Objection
from declarations.models import Explanation
from declarations.queries.dossier import COMMITMENT, Dossier
from scoring.engine import Finding, Programme, apply

BLOCK, EXPLAIN, HINT = "block", "explain", "hint"
WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {BLOCK: ("阻断", "danger"), EXPLAIN: ("须说明", "warning"), HINT: ("提示", "info")}
)
PROOF = frozenset({"row.mark", "row.files", "row.words"})
"""What a check looks at that asks for evidence or words of a row, and for nothing else."""
PROPOSED = "row.proposed"


@dataclass(frozen=True)
class PlaceToLook:
    """A field or a row that a finding says to look at: its name, how it is called, where it is written."""

    name: str
    label: str
    url: str


@dataclass(frozen=True)
class Found:
    """One finding as the pages print it, with the chamber's word where it asks for one."""

    finding: Finding
    places: tuple[PlaceToLook, ...]
    explanation: Explanation | None
    url: str = ""
    because: str = ""

    @property
    def key(self) -> str:
        """What names the finding, whatever its figures."""
        return self.finding.key

    @property
    def word(self) -> str:
        """How grave it is, in a word."""
        return WORDS[self.finding.severity][0]

    @property
    def kind(self) -> str:
        """The badge of that word."""
        return WORDS[self.finding.severity][1]

    @property
    def sentence(self) -> str:
        """What was found."""
        return f"{self.finding.message}。"

    @property
    def brief(self) -> str:
        """The same without the reason of the proposed points, for where it stands beside them."""
        return self.sentence.replace(f"（{self.because}）", "") if self.because else self.sentence

    @property
    def asks(self) -> bool:
        """Whether the chamber is to explain it."""
        return self.finding.severity == EXPLAIN

    @property
    def text(self) -> str:
        """The chamber's word on it as it stands, also where it was given on other figures."""
        return self.explanation.text if self.explanation is not None and self.asks else ""

    @property
    def settled(self) -> bool:
        """Whether it is explained: the chamber's word was given on these very figures."""
        return self.asks and is_explained(self.finding, self.explanation)

    @property
    def outdated(self) -> bool:
        """Whether the chamber's word was given on other figures."""
        return bool(self.text) and not self.settled

    @property
    def note(self) -> str:
        """Where the chamber's word stands, for the link to it; empty where none is asked."""
        if not self.asks:
            return ""
        return "已说明" if self.settled else "数据已改动，请重新说明" if self.text else "写明情况"

    @property
    def names(self) -> str:
        """The names of the fields and rows that it stands beside, as the page looks for them."""
        return " ".join(self.beside)

    @property
    def beside(self) -> tuple[str, ...]:
        """The fields and rows that it stands beside; what is found of a row alone stands at the row, not its fields."""
        rows = self.finding.rows
        of_row = len(rows) == 1 and self.finding.about.partition("-")[0] == rows[0]
        return rows if of_row else tuple(place.name for place in self.places)


Where = Callable[[str], str]
"""The address of a field or row by its name; empty where it has none."""


def is_explained(finding: Finding, explanation: Explanation | None) -> bool:
    """Return whether a word was given on what is found, with the figures of now."""
    given = explanation is not None and bool(explanation.text.strip())
    return given and explanation.sentence == finding.message  # type: ignore[union-attr] it is given


def found_in(
    dossier: Dossier, findings: Iterable[Finding], where_field: Where, where_row: Where, page: str = ""
) -> list[Found]:
    """Return the findings for a page, the gravest first, else in the order of the file.

    ``page`` is where they stand one by one, and where the chamber writes its word.
    """
    order = list(WORDS)
    named = [
        Found(
            one,
            _places(dossier.programme, one, where_field, where_row),
            dossier.explanations.get(one.key) if one.severity == EXPLAIN else None,
            f"{page}#found-{one.key}",
            _because(dossier, one),
        )
        for one in findings
    ]
    return sorted(named, key=lambda one: order.index(one.finding.severity))


def _because(dossier: Dossier, finding: Finding) -> str:
    """Return why the row of a finding is proposed the points it is; nothing for findings of no one row."""
    if len(finding.rows) != 1 or "（" not in finding.message:
        return ""
    item = dossier.programme.rubric.item(finding.rows[0])
    return apply(item.rule, dossier.facts).because


def found_for_review(dossier: Dossier, where_row: Where) -> list[Found]:
    """Return everything that is found, with the chamber's words, for whoever reviews."""
    form = f"{reverse('declarations:case', args=[dossier.case.pk])}#form"
    return found_in(dossier, dossier.findings, lambda name: form, where_row)


def _places(programme: Programme, finding: Finding, field: Where, row: Where) -> tuple[PlaceToLook, ...]:
    fields = (PlaceToLook(name, programme.field(name).label, field(name)) for name in finding.fields)
    rows = (
        PlaceToLook(code, f"{code} {programme.rubric.item(code).name}", row(code)) for code in finding.rows
    )
    return (*fields, *rows)


def by_place(found: Iterable[Found]) -> dict[str, list[Found]]:
    """Return the findings by each field and row that they stand beside."""
    listed: dict[str, list[Found]] = {}
    for one in found:
        for name in one.beside:
            listed.setdefault(name, []).append(one)
    return listed


# ---- what stands against handing in


def blocking(dossier: Dossier) -> tuple[Objection, ...]:
    """Return what must be mended, each sentence with the fields and rows to look at.

    What another guard of the step refuses in its own words is left to it.
    """
    return tuple(
        Objection(f"{one.message}。请核对：{_labels(dossier.programme, one)}。", one.clause)
        for one in dossier.findings
        if one.severity == BLOCK and not told_by_guards(dossier, one)
    )


def unexplained(dossier: Dossier) -> tuple[Objection, ...]:
    """Return what must be explained and is not."""
    return tuple(
        Objection(f"{one.message}。须写明情况后才能提交。", one.clause)
        for one in dossier.findings
        if one.severity == EXPLAIN and not is_explained(one, dossier.explanations.get(one.key))
    )


def _labels(programme: Programme, finding: Finding) -> str:
    fields = (programme.field(name).label for name in finding.fields)
    rows = (f"{code}{programme.rubric.item(code).name}" for code in finding.rows)
    return "、".join((*fields, *rows))


def told_by_guards(dossier: Dossier, finding: Finding) -> bool:
    """Return whether the step has a guard for it: answers that are none, the commitment, marks without proof."""
    if finding.fields == (COMMITMENT,):
        return True
    if finding.fields and not finding.rows:
        return all(name in dossier.answers and dossier.answers[name].problem for name in finding.fields)
    return terms_of(dossier.programme, finding.id) <= PROOF


def terms_of(programme: Programme, check_id: str) -> frozenset[str]:
    """Return the names of all that a check looks at."""
    one = next(one for one in programme.checks if one.id == check_id)
    return frozenset(term.name for branch in one.branches for term in branch.when.terms())


def unproven_codes(dossier: Dossier) -> list[str]:
    """Return the rows claimed above 0 with neither evidence nor words."""
    sheet = dossier.own_sheet
    claimed = (mark for mark in sheet.marks.values() if mark.points) if sheet is not None else ()
    proven = dossier.proven_rows
    return sorted(mark.code for mark in claimed if mark.code not in proven and not mark.words.strip())


def claims_above_facts(dossier: Dossier) -> list[str]:
    """Return the rows whose own mark is above what the declared facts support, without a reason."""
    sheet = dossier.own_sheet
    proposed = dossier.proposals if sheet is not None else {}
    supported = {code: one.points for code, one in proposed.items() if one.points is not None}
    return [
        code
        for code, points in supported.items()
        if (mark := sheet.marks.get(code)) is not None  # type: ignore[union-attr] without a sheet nothing is supported
        and mark.points is not None
        and mark.points > points
        and not mark.reason.strip()
    ]


def unreasoned_claims(dossier: Dossier, findings: Iterable[Finding]) -> list[str]:
    """Return those of them that no blocking finding tells already."""
    told = {
        row
        for one in findings
        if one.severity == BLOCK and PROPOSED in terms_of(dossier.programme, one.id)
        for row in one.rows
    }
    return [code for code in claims_above_facts(dossier) if code not in told]
