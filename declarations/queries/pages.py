"""What the case page prints: rows of the ledger, answers by group, verdict strip, timeline."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from declarations.models import Declaration, Endorsement, Recognition
from declarations.queries.facts import Dossier
from declarations.rules import layers_open_to
from declarations.states import SHEETS_COUNTED
from declarations.workflow import WORKFLOWS
from scoring.engine import FieldSpec, Item, Programme, Verdict, explain, partial
from scoring.models import Layer, Mark
from scoring.queries import Sheet
from sihao.accounts.models import Seat
from sihao.accounts.roles import CHAMBER_ROLES, EXPERT_ROLES, Role
from sihao.audit.models import Entry
from sihao.audit.queries import trail_of
from sihao.audit.record import tell

ORDER = (Layer.SELF, Layer.COUNTY, Layer.CITY, Layer.PROVINCE, Layer.PRELIMINARY)


@dataclass(frozen=True)
class Column:
    """One layer as a column: its heading and its marks."""

    title: str
    marks: Mapping[str, Mark]
    total: Decimal


@dataclass(frozen=True)
class Cell:
    """One mark under the heading of its column."""

    title: str
    mark: Mark | None


@dataclass(frozen=True)
class Row:
    """One row of the standard with the marks of each column, and whether neighbours differ."""

    item: Item
    cells: tuple[Cell, ...]
    differs: bool
    evidence: int
    sign: str = ""


@dataclass(frozen=True)
class Block:
    """One group of rows under its section."""

    section: str
    title: str
    clause: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Strip:
    """The four figures that decide, as the verdict strip reads them."""

    total: Decimal
    maximum: Decimal
    bonus: Decimal
    bonus_maximum: Decimal
    veto_zero: int
    veto_count: int
    baseline_short: int
    baseline_count: int
    baseline_limit: int | None
    eligible: bool | None
    conclusion: str
    note: str
    passes: Mapping[str, bool]


def sheets_for(seat: Seat, dossier: Dossier) -> list[tuple[str, Sheet]]:
    """Return the layers a viewer may read, titled, in the order of the procedure; experts' sheets only when confirmed.

    An expert reads the own sheet at any time, others' never before the own is confirmed.
    """
    open_layers = layers_open_to(seat)
    found = [(layer.label, dossier.book.layer(layer)) for layer in ORDER if layer in open_layers]
    titled = [
        (title, sheet) for title, sheet in found if sheet is not None and (sheet.marks or title == "自评")
    ]
    titled += _expert_sheets(seat, dossier)
    agreed = dossier.book.layer(Layer.AGREED)
    if agreed is not None and Layer.AGREED in open_layers and agreed.points:
        titled.append((Layer.AGREED.label, agreed))
    corrected = dossier.book.layer(Layer.CORRECTED)
    if corrected is not None and Layer.CORRECTED in open_layers and corrected.points:
        titled.append((Layer.CORRECTED.label, corrected))
    return titled


def _expert_sheets(seat: Seat, dossier: Dossier) -> list[tuple[str, Sheet]]:
    mine = next((review for review in dossier.reviews if review.expert_id == seat.pk), None)
    may_compare = Layer.EXPERT in layers_open_to(seat) and (
        mine is None or mine.state in SHEETS_COUNTED
    )
    shown = []
    for place, review in enumerate(dossier.reviews, start=1):
        sheet = dossier.book.expert(review.expert_id)
        own = mine is not None and review.pk == mine.pk
        if sheet is None or not (own or (may_compare and review.state in SHEETS_COUNTED)):
            continue
        shown.append(("本人评分" if own else f"专家{place}", sheet))
    return shown


def columns_for(seat: Seat, dossier: Dossier) -> list[Column]:
    """Return the columns of the ledger for a viewer."""
    return [Column(title, sheet.marks, sheet.total) for title, sheet in sheets_for(seat, dossier)]


def ledger_blocks(dossier: Dossier, columns: list[Column]) -> list[Block]:
    """Return the standard row by row beside the columns."""
    evidence: dict[str, int] = {}
    signs = {spec.id: spec.symbol for spec in dossier.programme.signs}
    for piece in dossier.evidence:
        evidence[piece.row] = evidence.get(piece.row, 0) + 1
    return [
        Block(
            section.name,
            group.name,
            group.clause,
            tuple(_row(item, columns, evidence, signs) for item in group.items),
        )
        for section in dossier.programme.rubric.sections
        for group in section.groups
    ]


def _row(item: Item, columns: list[Column], evidence: Mapping[str, int], signs: Mapping[str, str]) -> Row:
    cells = tuple(Cell(column.title, column.marks.get(item.id)) for column in columns)
    given = {cell.mark.points for cell in cells if cell.mark is not None and cell.mark.points is not None}
    return Row(item, cells, len(given) > 1, evidence.get(item.id, 0), signs.get(item.mark or "", ""))


def leading_sheet(seat: Seat, dossier: Dossier) -> tuple[str, Sheet] | None:
    """Return the highest layer that a viewer may read and that has marks for judging."""
    whole = [
        (title, sheet)
        for title, sheet in sheets_for(seat, dossier)
        if sheet.layer not in {Layer.AGREED, Layer.CORRECTED} and sheet.points
    ]
    return whole[-1] if whole else None


def strip_of(programme: Programme, verdict: Verdict, note: str) -> Strip:
    """Return the four figures of a verdict."""
    gates = {gate.id: gate for gate in programme.rubric.gates}
    limit = next((gate.limit for gate in programme.rubric.gates if gate.kind == "max_not_full"), None)
    counts = {spec.id: spec.count for spec in programme.marks}
    passes = {
        KIND_FIGURES[gates[f.id].kind]: f.passed for f in verdict.gates if gates[f.id].kind in KIND_FIGURES
    }
    bonus_maximum = sum(
        (section.points for section in programme.rubric.sections if section.bonus), Decimal(0)
    )
    return Strip(
        total=verdict.total,
        maximum=programme.total,
        bonus=verdict.bonus,
        bonus_maximum=bonus_maximum,
        veto_zero=len(verdict.veto_zero),
        veto_count=counts.get("veto", 0),
        baseline_short=len(verdict.baseline_short),
        baseline_count=counts.get("baseline", 0),
        baseline_limit=int(limit) if limit is not None else None,
        eligible=verdict.eligible,
        conclusion="达到认定条件" if verdict.eligible else "不能参与认定",
        note=note,
        passes=passes,
    )


KIND_FIGURES = {"min_total": "total", "any_zero": "veto", "max_not_full": "baseline"}


@dataclass(frozen=True)
class Judgement:
    """A verdict as a page shows it: strip and sentences, and whose marks it rests on."""

    title: str
    strip: Strip
    sentences: tuple[str, ...]


def judgement_for(seat: Seat, dossier: Dossier) -> Judgement | None:
    """Return the verdict on the highest layer the viewer may read."""
    leading = leading_sheet(seat, dossier)
    if leading is None:
        return None
    title, sheet = leading
    verdict = partial(dossier.programme, sheet.points)
    note = f"按{title}得分" if not verdict.unmarked else f"按{title}得分，尚有{len(verdict.unmarked)}项未评"
    return Judgement(
        title, strip_of(dossier.programme, verdict, note), tuple(explain(dossier.programme, verdict))
    )


PHONE_KINDS = frozenset({"mobile"})


@dataclass(frozen=True)
class Told:
    """One answer as a page prints it."""

    name: str
    label: str
    value: str
    problem: str
    wide: bool


def answers_by_group(seat: Seat, dossier: Dossier) -> list[tuple[str, list[Told]]]:
    """Return the application form as it is read; telephone numbers in full only for the chamber and the holder."""
    return [
        (title, [_told(seat, dossier, spec) for spec in fields])
        for title, fields in dossier.programme.field_groups()
    ]


def _told(seat: Seat, dossier: Dossier, spec: FieldSpec) -> Told:
    answer, text = dossier.answers.get(spec.id), told_value(seat, dossier, spec)
    return Told(spec.id, spec.label, text, answer.problem if answer else "", spec.kind in {"long_text", "list"})


def told_value(seat: Seat, dossier: Dossier, spec: FieldSpec) -> str:
    """Return an answer as a viewer may read it; the same on the page and on the paper."""
    full = seat.role in CHAMBER_ROLES or seat.organisation_id == dossier.case.holder_id
    answer = dossier.answers.get(spec.id)
    text = spelled(spec, answer.value if answer is not None else None)
    return _hidden(text) if spec.kind in PHONE_KINDS and not full else text


def _hidden(text: str) -> str:
    return f"{text[:3]}****{text[-4:]}" if len(text) >= 8 else "****" if text else ""


def spelled(spec: FieldSpec, value: object) -> str:
    """Return an answer as text: 是 and 否, options joined, records line by line, figures with their unit."""
    if value in (None, "", []):
        return ""
    if spec.kind == "bool":
        return {"true": "是", "是": "是", "True": "是", "false": "否", "否": "否", "False": "否"}.get(
            str(value), str(value)
        )
    if spec.kind == "multi" and isinstance(value, list):
        return "、".join(str(part) for part in value)
    if spec.kind == "list" and isinstance(value, list):
        return "\n".join(
            " · ".join(str(part) for part in row.values() if part) for row in value if isinstance(row, dict)
        )
    return f"{value}{spec.unit}" if spec.unit and not str(value).endswith(spec.unit) else str(value)


@dataclass(frozen=True)
class Event:
    """One line of the timeline."""

    at: datetime
    title: str
    text: str
    who: str = ""
    kind: str = "done"


RETURNING = frozenset(
    {"returned", "declined", "decline_upheld", "disqualified", "withdrawal_opposed", "withdrawal_refused"}
)


def timeline_for(seat: Seat, case: Declaration) -> list[Event]:
    """Return what happened, in the words of the viewer: the chamber reads public wording, officials the trail."""
    entries = trail_of(case)
    if seat.role in CHAMBER_ROLES or seat.role == Role.EXPERT:
        return [event for entry in entries if (event := _public(entry, case)) is not None]
    released = case.cycle.released_at is not None
    told = (entry for entry in entries if entry.event not in MINOR)
    return [_internal(entry) for entry in told if released or not _withheld(seat, entry)]


MINOR = frozenset({"evidence_added", "evidence_removed", "exported"})
WITHHELD = frozenset({"proposed", "ruled_out", "recomputed", "agenda_frozen", "approved", "not_approved", "held_over"})
EXPERTS_ONLY = frozenset(
    {
        "expert_assigned",
        "expert_recused",
        "sheet_accepted",
        "sheet_declined",
        "sheet_released",
        "sheet_confirmed",
        "sheet_reopened",
        "third_asked",
        "rapporteur_named",
        "consensus_voiced",
        "agreed",
    }
)


SPECIFIC = frozenset(
    {
        "recomputed",
        "return_settled",
        "delta_confirmed",
        "sent_down",
        "question_asked",
        "question_answered",
        "question_closed",
        "forwarded",
        "expert_assigned",
        "expert_recused",
        "sheet_accepted",
        "sheet_declined",
        "sheet_released",
        "sheet_confirmed",
        "sheet_reopened",
        "third_asked",
        "rapporteur_named",
        "consensus_voiced",
        "recognised",
    }
)


def _withheld(seat: Seat, entry: Entry) -> bool:
    outer = seat.role in {Role.OFFICER, Role.LEADER}
    return outer and entry.event in WITHHELD | EXPERTS_ONLY


def _public(entry: Entry, case: Declaration) -> Event | None:
    public = {
        step.event.value: step.public for step in WORKFLOWS[case.cycle.workflow].transitions if step.public
    }
    if entry.event == "started":
        return Event(entry.at, "开始申报", "")
    if entry.event not in public:
        return None
    reason = entry.reason if entry.event in RETURNING else ""
    return Event(
        entry.at, public[entry.event], reason, kind="returned" if entry.event in RETURNING else "done"
    )


def _internal(entry: Entry) -> Event:
    kind = "returned" if entry.event in RETURNING else "done"
    text = entry.reason or (tell(entry) if entry.event in SPECIFIC else "")
    return Event(entry.at, entry.get_event_display(), text, entry.actor_label, kind)


def opinions_for(seat: Seat, dossier: Dossier) -> list[Endorsement]:
    """Return the signed opinions a viewer may read: officials up to their own tier, the nation all, chambers none."""
    if seat.role in CHAMBER_ROLES | EXPERT_ROLES:
        return []
    signed = [opinion for opinion in dossier.endorsements if opinion.signed_at is not None]
    return [opinion for opinion in signed if opinion.organisation.level >= seat.organisation.level]


def recognition_of(case: Declaration) -> Recognition | None:
    """Return the title of a case, once it was published."""
    return Recognition.objects.filter(declaration=case, published_at__isnull=False).first()
