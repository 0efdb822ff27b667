"""A case with everything that hangs on it, each part read once."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from django.db.models import Model, Prefetch, prefetch_related_objects

from declarations.models import (
    AgreedProof,
    Answer,
    Attachment,
    Batch,
    ConsensusVoice,
    Consultation,
    Declaration,
    Decline,
    DeltaRound,
    DeltaTask,
    Endorsement,
    ExpertReview,
    Explanation,
    ForwardLimit,
    PreliminaryReview,
    Quota,
    ReturnItem,
    ReturnSlip,
    Statement,
    ThirdReading,
    Visit,
    WithdrawalRequest,
)
from declarations.queries.alike import with_content
from declarations.queries.deadlines import Deadlines, deadlines_of
from declarations.queries.forwarding import limit_of
from declarations.queries.recusals import Staff, staff_of
from declarations.queries.surroundings import (
    CODE,
    code_is_taken,
    digests_elsewhere,
    evidence_beside,
    own_marks_beside,
    registered,
    titles_held,
    unread_answers,
)
from declarations.rules import layer_of
from declarations.states import SHEETS_COUNTED, DeltaState, State, VisitState
from scoring.engine import Facts, Finding, Programme, Proposal, ScoreSheet, Surroundings, check, propose
from scoring.models import Layer, Mark
from scoring.queries import Book, Sheet, book_of, programme_of
from sihao.prepared import Prepared

COMMITMENT = "commitment"
Row = TypeVar("Row", bound=Model)
ASKED, SEAT = ("asked_by", "unit_by", "settled_by"), ("user", "organisation")

ANSWERS = Prepared(lambda case: Answer.objects.filter(declaration=case))
EVIDENCE = Prepared(
    lambda case: with_content(Attachment.objects.filter(declaration=case, removed_at__isnull=True))
    .order_by("row", "id")
)
OWN_MARKS = Prepared(
    lambda ledger: Mark.objects.filter(assessment__ledger_id=ledger, assessment__layer=Layer.SELF)
    .select_related("assessment", "set_by__user")
    .order_by("-assessment__version", "id")
)
SLIPS = Prepared(
    lambda case: ReturnSlip.objects.filter(declaration=case)
    .select_related("organisation", "returned_by__user")
    .order_by("id")
)
SLIP_ITEMS = ReturnItem.objects.select_related("settled_by__user").order_by("id")
OPEN_ITEMS = Prepared(
    lambda case: ReturnItem.objects.filter(slip__declaration=case, slip__closed_at=None)
    .select_related("slip__organisation", "slip__returned_by__user")
    .order_by("id")
)
DECLINES = Prepared(
    lambda case: Decline.objects.filter(declaration=case)
    .select_related("organisation", "declined_by__user", "settled_by__user", "asked_by__user", "declaration__cycle")
    .order_by("id")
)
ENDORSEMENTS = Prepared(
    lambda case: Endorsement.objects.filter(declaration=case)
    .select_related("organisation", "signed_by__user", "written_by__user")
    .order_by("id")
)
WITHDRAWALS = Prepared(
    lambda case: WithdrawalRequest.objects.filter(declaration=case)
    .select_related(*(f"{one}__{part}" for one in ASKED for part in SEAT))
    .order_by("id")
)
REVIEWS = Prepared(
    lambda case: ExpertReview.objects.filter(declaration=case)
    .select_related("expert__user", "expert__organisation")
    .order_by("id")
)
EXPLANATIONS = Prepared(lambda case: Explanation.objects.filter(declaration=case).select_related("set_by__user"))
PRELIMINARY = Prepared(
    lambda case: PreliminaryReview.objects.filter(declaration=case).select_related("answered_by__user")
)
VISIT = Prepared(
    lambda case: Visit.objects.filter(declaration=case).exclude(state=VisitState.WAIVED).order_by("pk")[:1]
)
THIRD = Prepared(lambda case: ThirdReading.objects.filter(declaration=case).select_related("asked_by__user"))
VOICES = Prepared(lambda case: ConsensusVoice.objects.filter(review__declaration=case).order_by("id"))
AGREED_PROOFS = Prepared(
    lambda case: AgreedProof.objects.filter(declaration=case).select_related("attachment").order_by("code", "id")
)
QUOTA = Prepared(lambda cycle, unit: Quota.objects.filter(cycle_id=cycle, organisation_id=unit))
BATCH = Prepared(lambda cycle, unit: Batch.objects.filter(cycle_id=cycle, unit_id=unit).defer("listing"))


@dataclass(frozen=True)
class Dossier:
    """A case with everything that hangs on it; each part is read once, when it is first asked for."""

    case: Declaration

    def _mine(self, rows: Prepared[Row]) -> tuple[Row, ...]:
        """Return what hangs on the case, which each of the rows then knows."""
        found = rows(self.case.pk)
        for row in found:
            row.declaration = self.case
        return tuple(found)

    @cached_property
    def programme(self) -> Programme:
        """The programme of the case's cycle."""
        return programme_of(self.case.cycle.programme)

    @cached_property
    def answers(self) -> dict[str, Answer]:
        """The application form, by field."""
        return {answer.field: answer for answer in self._mine(ANSWERS)}

    @cached_property
    def evidence(self) -> tuple[Attachment, ...]:
        """The evidence that was not taken out again."""
        return self._mine(EVIDENCE)

    @cached_property
    def staff(self) -> tuple[Staff, ...]:
        """Who may deal with the case in its offices, and who of them steps back."""
        return staff_of(self.case)

    @cached_property
    def book(self) -> Book:
        """Every layer of marks."""
        return book_of(self.case.ledger_id)

    @cached_property
    def own_sheet(self) -> Sheet | None:
        """The chamber's own marks with who set them, for the chamber's pages: one query, all of them together.

        None while there is no mark.
        """
        marks = OWN_MARKS(self.case.ledger_id)
        newest = [mark for mark in marks if mark.assessment_id == marks[0].assessment_id]
        return Sheet(marks[0].assessment, {mark.code: mark for mark in newest}) if marks else None

    @cached_property
    def _parsed(self) -> tuple[Facts, dict[str, str]]:
        return Facts.parse(self.programme, self.facts_typed)

    @property
    def facts(self) -> Facts:
        """The answers as the engine reads them; one that is none counts as not declared."""
        return self._parsed[0]

    @cached_property
    def proposals(self) -> dict[str, Proposal]:
        """What the declared answers support, row by row."""
        return propose(self.programme, self.facts)

    @cached_property
    def explanations(self) -> dict[str, Explanation]:
        """The chamber's words on what the checks found, by finding."""
        return {one.finding: one for one in self._mine(EXPLANATIONS)}

    @cached_property
    def near(self) -> Surroundings:
        """What the case itself and the register say to the checks; costs no query beyond the parts themselves."""
        return Surroundings(
            unread=unread_answers(self.facts_typed, self._parsed[1]),
            evidence=evidence_beside(self.evidence),
            **registered(self.case),  # type: ignore[arg-type] each names its own fields
        )

    @cached_property
    def around(self) -> Surroundings:
        """The same with what other declarations and earlier cycles say (four queries)."""
        elsewhere = digests_elsewhere(self.case, (piece.digest for piece in self.evidence))
        return replace(
            self.near,
            evidence=evidence_beside(self.evidence, elsewhere),
            same_code_in_cycle=code_is_taken(self.case, (self.facts_typed.get(CODE), self.facts.get(CODE))),
            **titles_held(self.case),  # type: ignore[arg-type] the same
        )

    def _found(self, around: Surroundings) -> tuple[Finding, ...]:
        marks = own_marks_beside(self.own_sheet)
        return check(self.programme, self.facts, marks, around)

    @cached_property
    def near_findings(self) -> tuple[Finding, ...]:
        """What the checks find in the case alone: for pages that draw while one writes."""
        return self._found(self.near)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Everything the checks find: for handing in, the check page and whoever reviews."""
        return self._found(self.around)

    @cached_property
    def slips(self) -> tuple[ReturnSlip, ...]:
        """Every return, oldest first."""
        slips = self._mine(SLIPS)
        prefetch_related_objects(slips, Prefetch("items", SLIP_ITEMS.all()))
        return slips

    @cached_property
    def open_items(self) -> tuple[ReturnItem, ...]:
        """What the return that is open names: one query with the return itself; nothing is asked of a draft."""
        if self.case.state == State.DRAFT:
            return ()
        return tuple(OPEN_ITEMS(self.case.pk))

    @property
    def slip(self) -> ReturnSlip | None:
        """The return that is open; there is none without an item."""
        return self.open_items[0].slip if self.open_items else None

    @cached_property
    def rounds(self) -> tuple[DeltaRound, ...]:
        """Every round in which lower tiers looked at named rows alone, oldest first."""
        rounds = self.case.delta_rounds.order_by("id").select_related("target", "opened_by__user", "slip")
        return tuple(rounds.prefetch_related("tasks__organisation", "tasks__done_by__user", "tasks__rows"))

    @cached_property
    def delta_task(self) -> DeltaTask | None:
        """What the holder has to look at again, alone, before the case goes on."""
        if self.case.awaited_by_id is None:
            return None
        tasks = (task for one in self.rounds for task in one.tasks.all() if one.ended_at is None)
        return next((task for task in tasks if task.state == DeltaState.OPEN), None)

    @cached_property
    def declines(self) -> tuple[Decline, ...]:
        """Every 不予推荐, oldest first."""
        return tuple(DECLINES(self.case.pk))

    @property
    def was_returned(self) -> bool:
        """Whether the case was ever returned."""
        return bool(self.slips)

    @property
    def returns(self) -> int:
        """How often the present holder has returned the case."""
        return sum(slip.organisation_id == self.case.holder_id for slip in self.slips)

    @cached_property
    def endorsements(self) -> tuple[Endorsement, ...]:
        """Every opinion, oldest first."""
        return self._mine(ENDORSEMENTS)

    @cached_property
    def deadlines(self) -> Deadlines:
        """When each window closes for this case."""
        return deadlines_of(self.case)

    @cached_property
    def quota(self) -> Quota | None:
        """The places of the recommending unit."""
        return QUOTA.first(self.case.cycle_id, self.case.unit_id)

    @cached_property
    def limit(self) -> ForwardLimit | None:
        """How many cases the holder may forward, where a tier above it said so."""
        case = self.case
        return limit_of(case.cycle_id, case.holder_id) if case.holder_id not in {None, case.unit_id} else None

    @cached_property
    def batch(self) -> Batch | None:
        """The list of the recommending unit."""
        return BATCH.first(self.case.cycle_id, self.case.unit_id)

    @cached_property
    def preliminary(self) -> PreliminaryReview | None:
        """The preliminary review."""
        return PRELIMINARY.first(self.case.pk)

    @cached_property
    def consultations(self) -> tuple[Consultation, ...]:
        """What the department talked about with the recommending unit, oldest first."""
        people = ("opened_by__user", "opened_by__organisation", "closed_by__user")
        said = Prefetch("statements", Statement.objects.select_related("by__user", "by__organisation").order_by("id"))
        threads = self.case.consultations.select_related(*people).order_by("id")
        return tuple(threads.prefetch_related("items", said, "statements__files"))

    @property
    def consultation(self) -> Consultation | None:
        """The one that is open."""
        return next((one for one in self.consultations if one.closed_at is None), None)

    @cached_property
    def withdrawals(self) -> tuple[WithdrawalRequest, ...]:
        """The requests to withdraw after the list went up, oldest first."""
        return self._mine(WITHDRAWALS)

    @cached_property
    def visit(self) -> Visit | None:
        """The spot check of the case, if it was drawn and not waived."""
        return VISIT.first(self.case.pk)

    @cached_property
    def reviews(self) -> tuple[ExpertReview, ...]:
        """The experts' readings."""
        return self._mine(REVIEWS)

    @cached_property
    def counted(self) -> tuple[tuple[ExpertReview, ScoreSheet], ...]:
        """The confirmed sheets that are whole, in the order of assignment; a draft is none of them."""
        rubric, step = self.programme.rubric, self.programme.step
        confirmed = (review for review in self.reviews if review.state in SHEETS_COUNTED)
        layers = ((review, self.book.expert(review.expert_id)) for review in confirmed)
        read = ((one, ScoreSheet.parse(rubric, step, layer.points)[0]) for one, layer in layers if layer is not None)
        return tuple((review, sheet) for review, sheet in read if sheet is not None)

    @cached_property
    def third(self) -> ThirdReading | None:
        """That a third reader was called, and why."""
        return THIRD.first(self.case.pk)

    @cached_property
    def voices(self) -> tuple[ConsensusVoice, ...]:
        """What the readers said of agreed marks."""
        return tuple(VOICES(self.case.pk))

    @cached_property
    def agreed_proofs(self) -> tuple[AgreedProof, ...]:
        """The evidence that is named for agreed marks."""
        return self._mine(AGREED_PROOFS)

    @property
    def proven_rows(self) -> frozenset[str]:
        """The rows that have evidence."""
        return frozenset(piece.row for piece in self.evidence)

    @cached_property
    def facts_typed(self) -> dict[str, object]:
        """The answers as typed, by field."""
        return {name: answer.value for name, answer in self.answers.items() if answer.value not in (None, "", [])}

    @property
    def holder_layer(self) -> Layer | None:
        """The layer the holder marks, where the holder is a federation."""
        holder = self.case.holder
        return layer_of(holder.level) if holder is not None and not holder.is_chamber else None

    def opinion_of(self, organisation_id: int | None) -> Endorsement | None:
        """Return an organisation's latest opinion."""
        mine = [one for one in self.endorsements if one.organisation_id == organisation_id]
        return max(mine, key=lambda one: one.round, default=None)


def dossier_of(case: Declaration) -> Dossier:
    """Return a case whole; a fixed number of queries, however much hangs on it."""
    return Dossier(case)
