"""Standards that are drawn up: an office's drafts, the published versions, who uses them, trials on earlier cases."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, QuerySet

from declarations.models import Cycle, Declaration, ProgrammeDraft, ProgrammeTrial, ScoreRun
from declarations.models.programmes import OPEN_DRAFTS
from declarations.queries.cases import cases_visible_to
from declarations.rules import layers_open_to
from scoring.editing.comparing import Difference, Version, compare, would_be
from scoring.editing.edits import PARENTS
from scoring.editing.judging import Judged, judge
from scoring.editing.layout import SHEETS
from scoring.editing.reading import Fault
from scoring.editing.writing import Content
from scoring.engine import Programme
from scoring.models import Assessment, Mark, ProgrammeVersion
from scoring.queries import Book, Sheet, parsed, programme_of
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.roles import DEPARTMENT_ROLES, Level

TRY_PROGRAMME = "declarations.try_programme"
CHUNK = 100
TIERS = ("self", "county", "city", "province")
WITH_PEOPLE = ("owner", "basis", "started_by__user", "touched_by__user", "proposed_by__user", "published")


# ---- drafts


def drafts_of(seat: Seat) -> QuerySet[ProgrammeDraft]:
    """Return the drafts of the seat's office, the newest first, without their sheets."""
    drafts = ProgrammeDraft.objects.filter(owner_id=seat.organisation_id).select_related(*WITH_PEOPLE)
    return drafts.defer("content", "basis__text", "published__text").order_by("-id")


def draft_of(seat: Seat, pk: int) -> ProgrammeDraft | None:
    """Return one draft of the seat's office."""
    drafts = ProgrammeDraft.objects.filter(owner_id=seat.organisation_id, pk=pk).select_related(*WITH_PEOPLE)
    return drafts.defer("basis__text", "published__text").first()


def is_open(draft: ProgrammeDraft) -> bool:
    """Return whether a draft is neither published nor given up."""
    return draft.state in OPEN_DRAFTS


def judged(draft: ProgrammeDraft) -> Judged:
    """Return what the loader says of a draft."""
    return judge(draft.content)


# ---- published versions


def versions() -> QuerySet[ProgrammeVersion]:
    """Return all published versions, the newest first, with how many cycles and declarations use each."""
    used = {"cycle_number": Count("cycles", distinct=True), "case_number": Count("ledgers", distinct=True)}
    return ProgrammeVersion.objects.select_related("owner").defer("text").annotate(**used).order_by("-id")


def version_named(pk: int) -> ProgrammeVersion | None:
    """Return one published version, with its uses."""
    return versions().filter(pk=pk).first()


def text_of(version: ProgrammeVersion) -> str:
    """Return the frozen text of a version."""
    return ProgrammeVersion.objects.values_list("text", flat=True).get(pk=version.pk)


def full(version: ProgrammeVersion) -> Version:
    """Return a version as it is compared."""
    return Version(programme_of(version), text_of(version))


def earlier_versions(slug: str, before: int | None = None) -> list[ProgrammeVersion]:
    """Return the published versions of one standard, the newest first."""
    found = ProgrammeVersion.objects.filter(slug=slug).defer("text").order_by("-id")
    return list(found if before is None else found.filter(pk__lt=before))


def belongs_to(version: ProgrammeVersion, office: Organisation) -> bool:
    """Return whether a version is the office's own; what names no owner is the nation's."""
    return version.owner_id == office.pk or (version.owner_id is None and office.level == Level.NATIONAL)


def differences(before: ProgrammeVersion, after: Version) -> list[Difference]:
    """Return what a later version or a draft changes."""
    return compare(full(before), after)


def cycles_to_renew(version: ProgrammeVersion) -> QuerySet[Cycle]:
    """Return the cycles that stand by an earlier version of the same standard and have no declaration yet."""
    cycles = Cycle.objects.filter(programme__slug=version.slug, programme__lt=version.pk)
    return cycles.filter(~Q(pk__in=Declaration.objects.values("cycle"))).order_by("pk")


# ---- the sheets on a page


@dataclass(frozen=True)
class PlacedFault:
    """One fault as a page tells it: where it stands, what is wrong, the address parts that lead there."""

    fault: Fault
    where: str

    @property
    def message(self) -> str:
        """Return what is wrong and how to mend it."""
        return self.fault.message


def placed(content: Content, faults: Sequence[Fault]) -> list[PlacedFault]:
    """Return faults with their places in words."""
    return [PlacedFault(fault, _where(content, fault)) for fault in faults]


def _where(content: Content, fault: Fault) -> str:
    sheet = SHEETS[fault.sheet]
    column = f"“{sheet.column(fault.key).title}”" if fault.key else ""
    if fault.index is None:
        return f"{sheet.title}{column}"
    row = content[fault.sheet][fault.index]
    return f"{sheet.title}{row.get(sheet.key, '').strip() or f'第{fault.index + 1}行'}{column}"


@dataclass(frozen=True)
class SheetRow:
    """One row of a sheet with its place and what is wrong with it."""

    index: int
    cells: Mapping[str, str]
    faults: tuple[Fault, ...]
    rank: int
    siblings: int

    @property
    def is_last(self) -> bool:
        """Return whether it is the last under its heading."""
        return self.rank == self.siblings


def sheet_rows(content: Content, sheet: str, faults: Sequence[Fault]) -> list[SheetRow]:
    """Return the rows of a sheet, each with its faults and its place among those under the same heading."""
    rows, parent = content.get(sheet, []), PARENTS.get(sheet)
    headings = ["" if parent is None else row.get(parent, "") for row in rows]
    numbers, seen = Counter(headings), Counter[str]()
    found = []
    for index, (row, heading) in enumerate(zip(rows, headings, strict=True)):
        seen[heading] += 1
        own = tuple(one for one in faults if one.sheet == sheet and one.index == index)
        found.append(SheetRow(index, row, own, seen[heading], numbers[heading]))
    return found


@dataclass(frozen=True)
class GroupTable:
    """One group of a section with its rows, to be typed."""

    index: int
    code: str
    name: str
    points: str
    faults: tuple[Fault, ...]
    rows: tuple[SheetRow, ...]
    none: tuple[Fault, ...] = ()

    @property
    def new(self) -> str:
        """Return the place of the row that may be added."""
        return f"new{self.index}"

    @property
    def blank(self) -> Mapping[str, object]:
        """Return that row: nothing but its group."""
        return {"group": self.code, "is_new": True}


def group_tables(content: Content, section: str, faults: Sequence[Fault]) -> list[GroupTable]:
    """Return the groups of a section with their rows."""
    rows = sheet_rows(content, "rows", faults)
    return [
        GroupTable(
            group.index,
            code := group.cells.get("code", ""),
            group.cells.get("name", ""),
            group.cells.get("points", ""),
            group.faults,
            tuple(row for row in rows if row.cells.get("group") == code),
        )
        for group in sheet_rows(content, "groups", faults)
        if group.cells.get("section") == section
    ]


@dataclass(frozen=True)
class Outline:
    """One section of a draft as its page lists it."""

    index: int
    code: str
    name: str
    points: str
    rows: int
    faults: int


def outline(content: Content, faults: Sequence[Fault]) -> list[Outline]:
    """Return the sections of a draft with their numbers of rows and faults."""
    sections = {
        group["code"]: group["section"]
        for group in content["groups"]
        if "code" in group and "section" in group
    }
    found = []
    for index, section in enumerate(content["sections"]):
        code = section.get("code", "")
        groups = {at for at, group in enumerate(content["groups"]) if group.get("section") == code}
        rows = {at for at, row in enumerate(content["rows"]) if sections.get(row.get("group", "")) == code}
        inside = {"sections": {index}, "groups": groups, "rows": rows}
        number = sum(one.index in inside.get(one.sheet, set()) for one in faults)
        found.append(
            Outline(index, code, section.get("name", ""), section.get("points", ""), len(rows), number)
        )
    return found


# ---- trials


def trials_of(draft: ProgrammeDraft) -> QuerySet[ProgrammeTrial]:
    """Return the trials of a draft, the newest first."""
    trials = ProgrammeTrial.objects.filter(draft=draft).select_related("cycle", "ordered_by__user")
    return trials.defer("text", "cycle__notice_text").order_by("-id")


def trial_named(pk: int) -> ProgrammeTrial:
    """Return a trial by key, for its job."""
    names = ("draft__owner", "cycle__programme", "ordered_by__organisation", "ordered_by__user")
    return (
        ProgrammeTrial.objects.select_related(*names)
        .defer("cycle__programme__text", "draft__content")
        .get(pk=pk)
    )


def cycles_to_try(seat: Seat) -> QuerySet[Cycle]:
    """Return the cycles in which the seat may see declarations, the newest first."""
    cases = cases_visible_to(seat).select_related(None).order_by()
    return Cycle.objects.filter(pk__in=cases.values("cycle")).defer("notice_text").order_by("-opens_at")


def cycles_like(seat: Seat, programme: Programme) -> list[Cycle]:
    """Return those of them whose standard has a row in common with a programme: by another one nothing is compared."""
    rows = {(item.id, item.name) for item in programme.rubric.items()}
    return [
        cycle
        for cycle in cycles_to_try(seat).select_related("programme").defer("programme__text", "notice_text")
        if rows & {(item.id, item.name) for item in programme_of(cycle.programme).rubric.items()}
    ]


def changes_seen(seat: Seat, trial: ProgrammeTrial) -> list[Mapping[str, object]]:
    """Return what would change, but of cases that the seat may not see (one query)."""
    keys = [change["case"] for change in trial.changes]
    visible = cases_visible_to(seat).select_related(None).order_by().filter(pk__in=keys)
    seen = set(visible.values_list("pk", flat=True))
    return [change for change in trial.changes if change["case"] in seen]


def cases_to_try(seat: Seat, cycle: Cycle) -> QuerySet[Declaration]:
    """Return the declarations of a cycle that a trial of the seat looks at, in a fixed order."""
    cases = cases_visible_to(seat).select_related(None).filter(cycle=cycle)
    return cases.select_related("ledger__programme", "unit").defer("ledger__programme__text").order_by("pk")


def tried(seat: Seat, cycle: Cycle, new: Programme) -> Iterator[Mapping[str, object] | None]:
    """Yield for each case what would change under the new standard, or None where nothing does.

    The marks are the newest that are fixed and that the seat may read: the verdict's for the department, else those of
    the highest tier that gave one.
    """
    keys = list(cases_to_try(seat, cycle).values_list("pk", flat=True))
    for start in range(0, len(keys), CHUNK):
        chunk = list(cases_to_try(seat, cycle).filter(pk__in=keys[start : start + CHUNK]))
        runs, sheets = _runs(seat, chunk), _sheets(seat, chunk)
        for case in chunk:
            marks = runs.get(case.pk) or sheets.get(case.ledger_id, {})
            yield _change(case, marks, programme_of(case.ledger.programme), new)


def _runs(seat: Seat, cases: Sequence[Declaration]) -> dict[int, dict[str, Decimal]]:
    if seat.role not in DEPARTMENT_ROLES:
        return {}
    runs = ScoreRun.objects.filter(declaration__in=cases, current=True).values_list(
        "declaration_id", "inputs"
    )
    return {case: {code: Decimal(points) for code, points in inputs.items()} for case, inputs in runs}


def _sheets(seat: Seat, cases: Sequence[Declaration]) -> dict[int, dict[str, Decimal]]:
    """Return by ledger the fixed marks of the tiers that the seat may read, a higher one over a lower one."""
    layers = [layer for layer in TIERS if layer in layers_open_to(seat)]
    ledgers = [case.ledger_id for case in cases]
    fixed = Assessment.objects.filter(ledger__in=ledgers, layer__in=layers, locked_at__isnull=False)
    found: dict[int, list[Sheet]] = {}
    for one in fixed.order_by("version", "id").prefetch_related("marks"):
        marks: dict[str, Mark] = {mark.code: mark for mark in one.marks.all()}
        found.setdefault(one.ledger_id, []).append(Sheet(one, marks))
    return {ledger: _merged(Book(tuple(sheets)), layers) for ledger, sheets in found.items()}


def _merged(book: Book, layers: Sequence[str]) -> dict[str, Decimal]:
    sheets = [sheet for layer in layers if (sheet := book.layer(layer)) is not None]
    return {code: points for sheet in sheets for code, points in sheet.points.items()}


def _change(
    case: Declaration, marks: Mapping[str, Decimal], old: Programme, new: Programme
) -> Mapping[str, object] | None:
    before, after = would_be(marks, old, new)
    if not marks or (before.total, before.eligible) == (after.total, after.eligible):
        return None
    gates = (
        [gate.text for gate in after.gates if not gate.passed] if before.eligible != after.eligible else []
    )
    return {
        "case": case.pk,
        "number": case.number,
        "name": case.applicant_name,
        "unit": case.unit.name,
        "before": [str(before.total), before.eligible],
        "after": [str(after.total), after.eligible],
        "gates": gates,
    }


def tried_programme(trial: ProgrammeTrial) -> Programme:
    """Return the programme that a trial is of."""
    return parsed(trial.text)
