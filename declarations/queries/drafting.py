"""What the chamber's own pages print: form, self-assessment, evidence, return slip, what blocks handing in, receipt."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from django.conf import settings
from django.http import Http404
from django.urls import reverse

from declarations import guards as g
from declarations.guards import Act, CaseFacts, Guard
from declarations.models import Answer, Attachment, Declaration, ReturnItem, Revision
from declarations.queries.acts import OpenAct
from declarations.queries.facts import COMMITMENT, Dossier, facts_of
from declarations.queries.pages import spelled
from declarations.rules import is_editable
from declarations.states import State
from declarations.workflow import WORKFLOWS
from scoring.engine import (
    Facts,
    FieldSpec,
    Item,
    Proposal,
    ValueProblem,
    Verdict,
    figure,
    parse_mark,
    partial,
    propose,
    rule_text,
    what_would_change,
)
from scoring.models import Layer, Mark
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal
from sihao.documents.sniff import ACCEPTED
from sihao.ui.formats import beijing, local_time
from sihao.ui.forms import ErrorLine

TRUE_WORDS = frozenset({"true", "是"})
SHOWN_INLINE = frozenset({"png", "jpeg", "pdf"})
LISTED = frozenset({"form_incomplete", "form_faulty", "rows_unmarked", "items_unanswered"})
HANDING_IN = ("submit", "resubmit")


# ---- where one is


@dataclass(frozen=True)
class Place:
    """One of the chamber's pages as the row of steps draws it."""

    label: str
    url: str
    current: bool
    count: int | None = None


PAGES = (
    ("return_slip", "退回单"),
    ("form", "申报表"),
    ("self_assessment", "自评表"),
    ("evidence", "佐证材料"),
    ("check", "提交前检查"),
)


def drafting_places(dossier: Dossier, current: str) -> list[Place]:
    """Return the chamber's pages of a case; the return slip only while one is open."""
    return [
        Place(label, reverse(f"declarations:{name}", args=[dossier.case.pk]), name == current)
        for name, label in PAGES
        if name != "return_slip" or dossier.slip is not None
    ]


def returned_items(dossier: Dossier) -> dict[str, ReturnItem] | None:
    """Return the rows and fields that the open return names; None for a draft, where everything is open."""
    return {item.item: item for item in dossier.slip.items.all()} if dossier.slip else None


def _is_open(returned: dict[str, ReturnItem] | None, name: str) -> bool:
    return returned is None or name in returned


# ---- the application form (附件4)


@dataclass(frozen=True)
class ListColumn:
    """One column of a field that holds records."""

    name: str
    label: str
    kind: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class FormField:
    """One field as ``{% form_field %}`` draws it, with the answer as typed and what the return says of it."""

    id: str
    name: str
    label: str
    kind: str
    value: object
    options: tuple[str, ...]
    unit: str
    help: str
    example: str
    required: bool
    error: str
    saved_at: str
    min_chars: int
    max_chars: int
    columns: tuple[ListColumn, ...]
    disabled: bool
    returned: ReturnItem | None


@dataclass(frozen=True)
class FormGroup:
    """One heading of the form with its fields, and how many of the required ones are filled in."""

    number: int
    title: str
    fields: tuple[FormField, ...]
    done: int
    total: int
    named: int

    @property
    def anchor(self) -> str:
        """The place on the page."""
        return f"group-{self.number}"


def form_groups(dossier: Dossier, now: datetime) -> list[FormGroup]:
    """Return the form by group; in a return only what it names is open."""
    blank = {spec.id for spec in blank_fields(dossier)}
    faulty = {answer.field for answer in dossier.answers.values() if answer.problem}
    returned = returned_items(dossier)
    groups = []
    for number, (title, specs) in enumerate(dossier.programme.field_groups()):
        asked = [spec for spec in specs if spec.required]
        fields = tuple(_form_field(spec, dossier.answers.get(spec.id), returned, now) for spec in specs)
        done = sum(spec.id not in blank | faulty for spec in asked)
        named = sum(field.returned is not None for field in fields)
        groups.append(FormGroup(number, title, fields, done, len(asked), named))
    return groups


def _form_field(
    spec: FieldSpec, answer: Answer | None, returned: dict[str, ReturnItem] | None, now: datetime
) -> FormField:
    return FormField(
        id=f"field-{spec.id}",
        name=spec.id,
        label=spec.label,
        kind=spec.kind,
        value=_drawable(spec, answer.value if answer else None),
        options=spec.options,
        unit=spec.unit,
        help=_help(spec),
        example=spec.example,
        required=spec.required,
        error=answer.problem if answer else "",
        saved_at=_saved(answer, now),
        min_chars=spec.min_chars,
        max_chars=spec.max_chars,
        columns=tuple(ListColumn(one.id, one.label, one.kind, one.options) for one in spec.item),
        disabled=not _is_open(returned, spec.id),
        returned=(returned or {}).get(spec.id),
    )


def _drawable(spec: FieldSpec, value: object) -> object:
    """Return the answer in the shape that its control takes; rows that are no records are left out."""
    if spec.kind == "list":
        return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
    return "" if value is None else value


def _help(spec: FieldSpec) -> str:
    """Return the file's help, and what it does not say of limits and ways of writing."""
    told = [spec.help] if spec.help else []
    if spec.kind == "ratio" and "%" not in spec.help:
        told.append("写成85%或0.85")
    if spec.min_chars or spec.max_chars:
        limits = (("至少", spec.min_chars), ("最多", spec.max_chars))
        told += [f"{word}{count}字" for word, count in limits if count and str(count) not in spec.help]
        told.append("字数不计空格和换行")
    return "；".join(told)


def _saved(answer: Answer | None, now: datetime) -> str:
    """Return when a field was saved, if that was today."""
    if answer is None or local_time(answer.set_at).date() != local_time(now).date():
        return ""
    return f"{beijing(answer.set_at, 'time')}已保存"


def form_errors(groups: Iterable[FormGroup]) -> list[ErrorLine]:
    """Return what is wrong in the form, each line leading to its field."""
    return [ErrorLine(one.id, one.label, one.error) for group in groups for one in group.fields if one.error]


def blank_fields(dossier: Dossier) -> list[FieldSpec]:
    """Return the required fields that are empty; a commitment that is not given counts as empty."""
    typed = dossier.facts_typed
    return [
        spec
        for spec in dossier.programme.fields
        if spec.required and (spec.id not in typed or (spec.id == COMMITMENT and not _is_true(typed[spec.id])))
    ]


def _is_true(value: object) -> bool:
    return value is True or str(value) in TRUE_WORDS


# ---- the self-assessment (附件5)


@dataclass(frozen=True)
class SelfRow:
    """One row of the standard with the system's proposal, the chamber's mark as typed, its words and evidence."""

    item: Item
    sign: str
    flag: str
    standard: str
    proposal: Proposal
    value: str
    problem: str
    words: str
    evidence: int
    disabled: bool
    returned: ReturnItem | None

    @property
    def differs(self) -> bool:
        """Whether the own mark is another than the proposed one."""
        own, proposed = self.value, self.proposal.points
        return bool(own) and not self.problem and proposed is not None and own != figure(proposed)


@dataclass(frozen=True)
class SelfGroup:
    """One heading inside a section."""

    title: str
    clause: str
    points: Decimal
    rows: tuple[SelfRow, ...]


@dataclass(frozen=True)
class SelfSection:
    """One section with its rows, the sum of its marks, and how many rows are marked."""

    code: str
    title: str
    points: Decimal
    given: Decimal
    groups: tuple[SelfGroup, ...]
    done: int
    total: int

    @property
    def rows(self) -> tuple[SelfRow, ...]:
        """All rows of the section."""
        return tuple(row for group in self.groups for row in group.rows)


def proposals_of(dossier: Dossier) -> dict[str, Proposal]:
    """Return what the declared answers support, row by row; answers that cannot be read do not count."""
    facts, _ = Facts.parse(dossier.programme, dossier.facts_typed)
    return propose(dossier.programme, facts)


def own_marks(dossier: Dossier) -> dict[str, Mark]:
    """Return the chamber's own marks by row."""
    sheet = dossier.book.layer(Layer.SELF)
    return dict(sheet.marks) if sheet is not None else {}


def self_sections(dossier: Dossier) -> list[SelfSection]:
    """Return the self-assessment by section; in a return only the rows it names are open."""
    draw = _row_maker(dossier)
    sections = []
    for section in dossier.programme.rubric.sections:
        groups = tuple(
            SelfGroup(group.name, group.clause, group.points, tuple(draw(item) for item in group.items))
            for group in section.groups
        )
        rows = [row for group in groups for row in group.rows]
        given = [Decimal(row.value) for row in rows if row.value and not row.problem]
        sums = (section.points, sum(given, Decimal(0)), groups, len(given), len(rows))
        sections.append(SelfSection(section.code, section.name, *sums))
    return sections


def _row_maker(dossier: Dossier) -> Callable[[Item], SelfRow]:
    proposed, marks, returned = proposals_of(dossier), own_marks(dossier), returned_items(dossier)
    symbols = {mark.id: mark.symbol for mark in dossier.programme.marks}
    evidence = evidence_counts(dossier)

    def draw(item: Item) -> SelfRow:
        mark = marks.get(item.id)
        return SelfRow(
            item=item,
            sign=symbols.get(item.mark or "", ""),
            flag=dossier.programme.mark_label(item.mark),
            standard=rule_text(item),
            proposal=proposed[item.id],
            value=_typed_mark(mark),
            problem=_mark_problem(item, dossier.programme.step, mark),
            words=mark.words if mark else "",
            evidence=evidence.get(item.id, 0),
            disabled=not _is_open(returned, item.id),
            returned=(returned or {}).get(item.id),
        )

    return draw


def _typed_mark(mark: Mark | None) -> str:
    if mark is None:
        return ""
    return mark.typed if mark.points is None else figure(mark.points)


def _mark_problem(item: Item, step: Decimal, mark: Mark | None) -> str:
    if mark is None or mark.points is not None or not mark.typed:
        return ""
    try:
        parse_mark(item, step, mark.typed)
    except ValueProblem as problem:
        return f"{problem}。"
    return ""


def mark_errors(sections: Iterable[SelfSection]) -> list[ErrorLine]:
    """Return the marks that are none, each line leading to its row."""
    rows = (row for section in sections for row in section.rows)
    return [ErrorLine(f"mark-{row.item.id}", "", row.problem) for row in rows if row.problem]


def changes_needed(dossier: Dossier) -> list[str]:
    """Return the fewest changes that would let the self-assessment pass; nothing before a first mark."""
    verdict, points = _own_verdict(dossier)
    return [change.sentence for change in what_would_change(dossier.programme, points, verdict)] if points else []


def _own_verdict(dossier: Dossier) -> tuple[Verdict, dict[str, Decimal]]:
    points = {code: mark.points for code, mark in own_marks(dossier).items() if mark.points is not None}
    return partial(dossier.programme, points), points


# ---- evidence


@dataclass(frozen=True)
class Piece:
    """One piece of evidence as the table prints it."""

    pk: int
    name: str
    kind: str
    size: str
    added_at: datetime
    inline: bool


@dataclass(frozen=True)
class EvidenceRow:
    """One row of the standard with its evidence."""

    code: str
    name: str
    pieces: tuple[Piece, ...]
    disabled: bool


@dataclass(frozen=True)
class Limits:
    """What may be uploaded, said before the upload."""

    megabytes: int
    kinds: str
    most: int
    used: int


def evidence_counts(dossier: Dossier) -> dict[str, int]:
    """Return how many pieces each row has."""
    counts: dict[str, int] = {}
    for piece in dossier.evidence:
        counts[piece.row] = counts.get(piece.row, 0) + 1
    return counts


def evidence_rows(dossier: Dossier) -> list[EvidenceRow]:
    """Return the rows that have evidence, in the order of the standard."""
    by_row: dict[str, list[Piece]] = {}
    for piece in dossier.evidence:
        by_row.setdefault(piece.row, []).append(_piece(piece))
    returned = returned_items(dossier)
    return [
        EvidenceRow(item.id, item.name, tuple(by_row[item.id]), not _is_open(returned, item.id))
        for item in dossier.programme.rubric.items()
        if item.id in by_row
    ]


def _piece(piece: Attachment) -> Piece:
    return Piece(
        piece.pk, piece.name, piece.kind.upper(), file_size(piece.size), piece.added_at, piece.kind in SHOWN_INLINE
    )


def file_size(size: int) -> str:
    """Return a size as people read it."""
    kilobytes = max(1, round(size / 1024))
    return f"{kilobytes} KB" if kilobytes < 1024 else f"{size / 1024 / 1024:.1f} MB"


def row_choices(dossier: Dossier) -> list[tuple[str, str]]:
    """Return the rows that evidence may be uploaded for, with how many pieces each has."""
    counts, returned = evidence_counts(dossier), returned_items(dossier)
    return [
        (item.id, f"{item.id} {item.name}" + (f"（已有{counts[item.id]}份）" if item.id in counts else ""))
        for item in dossier.programme.rubric.items()
        if _is_open(returned, item.id)
    ]


def evidence_limits(dossier: Dossier) -> Limits:
    """Return the limits of an upload."""
    megabytes = settings.EVIDENCE_MAX_BYTES // 1024 // 1024
    return Limits(megabytes, ACCEPTED, settings.EVIDENCE_MAX_FILES, len(dossier.evidence))


def piece_of(case: Declaration, pk: int) -> Attachment:
    """Return a piece of evidence of this very case, or answer 404; removed ones are gone."""
    piece = case.attachments.filter(pk=pk, removed_at__isnull=True).first()
    if piece is None:
        raise Http404
    return piece


# ---- the return slip


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
    return [_slip_line(item, dossier, content) for item in dossier.slip.items.all()]


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
    before, after = _row_told(points, len(files)), _row_told(_typed_mark(mark), len(now_files))
    changed = (points, words, files) != (_typed_mark(mark), now_words, now_files)
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


def field_url(case: Declaration, field: str) -> str:
    """Return where a field is filled in."""
    return f"{reverse('declarations:form', args=[case.pk])}#field-{field}"


def row_url(case: Declaration, code: str) -> str:
    """Return where a row is marked."""
    return f"{reverse('declarations:self_assessment', args=[case.pk])}#row-{code}"


# ---- what blocks handing in


@dataclass(frozen=True)
class Link:
    """One thing to mend and where."""

    label: str
    url: str


@dataclass(frozen=True)
class Blocker:
    """One reason of the guards with everything it rests on."""

    title: str
    refusal: Refusal
    links: tuple[Link, ...]

    @property
    def listed(self) -> bool:
        """Whether the places say all that the sentence says."""
        return self.refusal.code in LISTED


@dataclass(frozen=True)
class Readiness:
    """Whether the case may be handed in: reasons against it, until when, and the step for whoever may take it."""

    blockers: tuple[Blocker, ...]
    passed: tuple[str, ...]
    closes: datetime
    act: OpenAct | None

    @property
    def acts(self) -> list[OpenAct]:
        """The step as the action bar takes it."""
        return [self.act] if self.act else []

    @property
    def count(self) -> int:
        """How many things are to be mended."""
        return sum(max(1, len(blocker.links)) for blocker in self.blockers)


def _blank_links(dossier: Dossier, facts: CaseFacts) -> list[Link]:
    blank = (spec for spec in blank_fields(dossier) if spec.id != COMMITMENT)
    return [Link(f"{spec.group}：{spec.label}", field_url(dossier.case, spec.id)) for spec in blank]


def _fault_links(dossier: Dossier, facts: CaseFacts) -> list[Link]:
    labels = {spec.id: spec.label for spec in dossier.programme.fields}
    return [
        Link(_with_label(labels.get(one.field, one.field), one.problem), field_url(dossier.case, one.field))
        for one in dossier.answers.values()
        if one.problem
    ]


def _with_label(label: str, problem: str) -> str:
    return problem if label in problem else f"{label}：{problem}"


def _row_links(name: str) -> Callable[[Dossier, CaseFacts], list[Link]]:
    """Return the links of a group of rows that the facts hold as “code and name”."""

    def links(dossier: Dossier, facts: CaseFacts) -> list[Link]:
        wanted = set(getattr(facts, name))
        named = ((f"{item.id}{item.name}", item) for item in dossier.programme.rubric.items())
        return [
            Link(f"{item.id} {item.name}", row_url(dossier.case, item.id)) for label, item in named if label in wanted
        ]

    return links


def _commitment_links(dossier: Dossier, facts: CaseFacts) -> list[Link]:
    return [Link("真实性承诺", field_url(dossier.case, COMMITMENT))]


def _verdict_links(dossier: Dossier, facts: CaseFacts) -> list[Link]:
    verdict, points = _own_verdict(dossier)
    return [
        Link(change.sentence, row_url(dossier.case, change.rows[0]) if change.rows else "")
        for change in what_would_change(dossier.programme, points, verdict)
    ]


def _slip_links(dossier: Dossier, facts: CaseFacts) -> list[Link]:
    url = reverse("declarations:return_slip", args=[dossier.case.pk])
    items = dossier.slip.items.all() if dossier.slip else ()
    return [Link(item.label, f"{url}#item-{item.item}") for item in items if not item.answer.strip()]


def _no_links(dossier: Dossier, facts: CaseFacts) -> list[Link]:
    return []


@dataclass(frozen=True)
class Check:
    """How a guard is told: when it refuses, when it is content, and the places where it is mended."""

    title: str
    met: str
    links: Callable[[Dossier, CaseFacts], list[Link]] = _no_links


CHECKS = MappingProxyType(
    {
        g.cycle_is_open: Check("申报时间", "已开始申报"),
        g.before_submission_closes: Check("申报时间", "未到截止时间"),
        g.form_complete: Check("申报表未填", "申报表已填齐", _blank_links),
        g.form_faultless: Check("填写错误", "填写无误", _fault_links),
        g.every_row_marked: Check("未打分", "已逐项打分", _row_links("unmarked_rows")),
        g.every_mark_proven: Check("缺佐证", "佐证或说明齐全", _row_links("unproven_rows")),
        g.commitment_signed: Check("承诺", "已作真实性承诺", _commitment_links),
        g.self_verdict_passes: Check("认定条件", "自评达到认定条件", _verdict_links),
        g.returned_items_answered: Check("退回事项", "退回事项已逐项说明", _slip_links),
    }
)
UNTOLD = Check("其他", "")


def readiness_of(seat: Seat, dossier: Dossier, now: datetime) -> Readiness | None:
    """Return what stands against handing in, by the very guards of the step; None when it is not a draft or return."""
    case = dossier.case
    if not is_editable(seat, case):
        return None
    step = WORKFLOWS[case.cycle.workflow].transition("submit" if case.state == State.DRAFT else "resubmit")
    facts, act = facts_of(dossier, now), Act(actor=seat.user_id)
    found = [(guard, guard(facts, act)) for guard in step.guards]
    blockers = tuple(_blocker(guard, refusal, dossier, facts) for guard, refusal in found if refusal is not None)
    passed = tuple(CHECKS[guard].met for guard, refusal in found if refusal is None and guard in CHECKS)
    url = reverse("declarations:step", kwargs={"pk": case.pk, "name": step.name})
    refusals = tuple(blocker.refusal for blocker in blockers)
    handing = OpenAct(step.label, url, "primary", refusals=refusals)
    return Readiness(
        blockers, passed, facts.submission_closes, handing if allowed(seat, step.permission, case) else None
    )


def _blocker(guard: Guard, refusal: Refusal, dossier: Dossier, facts: CaseFacts) -> Blocker:
    check = CHECKS.get(guard, UNTOLD)
    return Blocker(check.title, refusal, tuple(check.links(dossier, facts)))


# ---- the receipt


def last_handed_in(case: Declaration) -> Revision | None:
    """Return the copy that was frozen when the chamber last handed in."""
    return case.revisions.filter(transition__in=HANDING_IN).order_by("-number").first()


def receipt_of(case: Declaration) -> Revision:
    """Return the copy that the receipt vouches for; answers 404 when nothing was ever handed in."""
    revision = last_handed_in(case)
    if revision is None:
        raise Http404
    return revision


def in_groups(digest: str, size: int = 8) -> str:
    """Return a digest in groups that can be read aloud and broken over lines."""
    return " ".join(digest[start : start + size] for start in range(0, len(digest), size))
