"""The preliminary review as its pages print it: the three questions with what was found, the worklist, a bulk pass."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from declarations.guards import Act
from declarations.models import CaseFinding, Consultation, Cycle, Declaration
from declarations.queries.cases import cases_visible_to
from declarations.queries.checks import HINT, Found, found_for_review
from declarations.queries.crossed_page import Peers, open_to, peers_of, stepped_back_from
from declarations.queries.examined import bulk_facts
from declarations.queries.facts import Dossier
from declarations.queries.national import Finding, dated_outside, findings_of, shared_evidence
from declarations.states import State, Subject
from declarations.workflow import WORKFLOWS
from sihao.accounts.models import Seat
from sihao.accounts.refusals import Refusal

REVIEWED = (State.PRELIMINARY_REVIEW, State.EXPERT_REVIEW)


# ---- one case


@dataclass(frozen=True)
class ToNote:
    """One thing that the reviewer says a word on: a hint of the checks, or the case's part in what cases share."""

    row: CaseFinding
    url: str = ""
    peers: Peers | None = None

    @property
    def kind(self) -> str:
        """What it is about, in a word."""
        return self.row.cross.get_kind_display() if self.row.cross is not None else "提示"


@dataclass(frozen=True)
class Asked:
    """One of the three questions with everything that the machine found on it."""

    name: str
    label: str
    findings: tuple[Finding, ...]
    found: tuple[Found, ...] = ()
    notes: tuple[ToNote, ...] = ()

    @property
    def open(self) -> int:
        """How many things still want a word."""
        return sum(one.row.noted_at is None for one in self.notes)

    @property
    def open_words(self) -> str:
        """The same in words."""
        return f"待核对{self.open}项"


def asked_of(seat: Seat, dossier: Dossier) -> tuple[Asked, ...]:
    """Return the three questions of the notice, each with the findings that bear on it."""
    page = reverse("declarations:case", args=[dossier.case.pk])
    found = found_for_review(dossier, lambda code: f"{page}#row-{code}")
    notes = notes_of(seat, dossier)
    missing, faulty, unproven, in_words, overstated = findings_of(dossier)
    return (
        Asked("complete", "材料是否齐全", (missing, unproven, in_words)),
        Asked(
            "logical",
            "内容逻辑是否通顺",
            (faulty, overstated),
            tuple(one for one in found if one.finding.severity != HINT),
            tuple(one for one in notes if one.row.cross is None),
        ),
        Asked(
            "true",
            "材料与事实是否相符",
            (dated_outside(dossier), shared_evidence(seat, dossier)),
            notes=tuple(one for one in notes if one.row.cross is not None),
        ),
    )


def keys_of_findings(case: Declaration) -> list[tuple[int, str]]:
    """Return row and key of every finding across cases that concerns a case."""
    return list(case.case_findings.values_list("pk", "key"))


def notes_of(seat: Seat, dossier: Dossier) -> tuple[ToNote, ...]:
    """Return what the reviewer of a case says a word on; three queries."""
    case = dossier.case
    rows = list(case.case_findings.select_related("cross", "noted_by__user").order_by("cross__kind", "id"))
    may_open, without = open_to(seat, rows, case.cycle), stepped_back_from(seat, case.cycle)
    return tuple(
        ToNote(
            row,
            reverse("declarations:cross_finding", args=[row.cross_id]) if row.cross_id in may_open else "",
            peers_of(row.cross, row, without) if row.cross is not None else None,
        )
        for row in rows
    )


# ---- the worklist

FILTERS = {
    "mine": "我经办的",
    "ready": "可以通过的",
    "open": "有待核对的",
    "clarifying": "等待说明的",
    "flagged": "拟取消资格的",
    "undesked": "未指定经办人的",
}
ALL_YES = Q(preliminary__complete=True, preliminary__logical=True, preliminary__true=True)


def review_list(seat: Seat, cycle: Cycle, wanted: str = "", words: str = "") -> QuerySet[Declaration]:
    """Return the cases of the preliminary review, and those before the experts that are to be disqualified."""
    here = {"declaration": OuterRef("pk")}
    unnoted = CaseFinding.objects.filter(**here, noted_at__isnull=True).order_by().values("declaration")
    talk = Consultation.objects.filter(**here, closed_at__isnull=True)
    cases = cases_visible_to(seat).filter(cycle=cycle).select_related("preliminary", "desk__user", "unit", "holder")
    cases = cases.annotate(
        unnoted=Coalesce(
            Subquery(unnoted.annotate(number=Count("pk")).values("number"), output_field=IntegerField()), 0
        ),
        talk=Subquery(talk.values("subject")[:1]),
        answered=Subquery(talk.values("answered_at")[:1]),
        answer_due=Subquery(talk.values("due_at")[:1]),
    )
    flagged = Q(talk=Subject.DISQUALIFICATION)
    cases = cases.filter(Q(state=State.PRELIMINARY_REVIEW) | Q(state=State.EXPERT_REVIEW) & flagged)
    narrowed = {
        "mine": Q(desk=seat),
        "ready": ALL_YES & Q(unnoted=0, talk__isnull=True),
        "open": Q(unnoted__gt=0),
        "clarifying": Q(talk=Subject.CLARIFICATION),
        "flagged": flagged,
        "undesked": Q(desk__isnull=True),
    }
    cases = cases.filter(narrowed[wanted]) if wanted in narrowed else cases
    return cases.filter(Q(applicant_name__icontains=words) | Q(number__icontains=words)) if words else cases


def review_chips(wanted: str, path: str) -> list[dict[str, object]]:
    """Return the filters of the worklist."""
    every = [{"label": "全部", "url": path, "current": wanted not in FILTERS}]
    return every + [
        {"label": label, "url": f"{path}?only={name}", "current": wanted == name} for name, label in FILTERS.items()
    ]


# ---- passing many at once


@dataclass(frozen=True)
class Foreseen:
    """What a bulk pass would do to one case: it passes, or every reason why not."""

    case: Declaration
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True)
class Preview:
    """What a bulk pass would do."""

    rows: tuple[Foreseen, ...]

    @property
    def passing(self) -> tuple[Declaration, ...]:
        """The cases that pass."""
        return tuple(one.case for one in self.rows if not one.refusals)

    @property
    def refused(self) -> tuple[Foreseen, ...]:
        """The cases that do not, with the reasons."""
        return tuple(one for one in self.rows if one.refusals)


def preview_of(seat: Seat, cycle: Cycle, keys: Iterable[int], now: datetime) -> Preview:
    """Return what the guards of the single step say of each chosen case; as many queries for many as for one."""
    chosen = cases_visible_to(seat).filter(cycle=cycle, pk__in=list(keys), state=State.PRELIMINARY_REVIEW)
    cases = list(chosen.order_by("pk"))
    step, facts = WORKFLOWS[cycle.workflow].transition("pass_preliminary"), bulk_facts(cases, now)
    act = Act(actor=seat.user_id, people=seat.people)
    return Preview(tuple(Foreseen(case, step.refusals(facts[case.pk], act)) for case in cases))


def ready_keys(seat: Seat, cycle: Cycle, most: int) -> list[int]:
    """Return the first of the cases that are ready to pass."""
    ready = review_list(seat, cycle, "ready").filter(state=State.PRELIMINARY_REVIEW)
    return list(ready.order_by("pk").values_list("pk", flat=True)[:most])

