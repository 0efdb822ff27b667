"""A case as an officer's working page reads it: the parts of the dossier, but few queries however much hangs on it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, cached_property
from typing import Any

from django.db.models import Count, Exists, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from declarations.models import (
    Attachment,
    Batch,
    Cycle,
    Deadline,
    Declaration,
    Endorsement,
    Explanation,
    ForwardLimit,
    Look,
    Quota,
    ReturnSlip,
)
from declarations.queries.alike import with_content
from declarations.queries.cases import cases_visible_to
from declarations.queries.deadlines import Deadlines, extensions_of, nominal
from declarations.queries.dossier import Dossier
from declarations.queries.proofs import Elsewhere
from declarations.queries.proofs_alike import told_elsewhere
from declarations.queries.recusals import Staff
from declarations.queries.surroundings import CODE, evidence_beside, last_cycle, titles_of, with_code
from declarations.states import TitleState
from scoring.engine import Surroundings
from scoring.models import Layer, Mark
from scoring.queries import Book, Sheet
from sihao.accounts.models import Seat
from sihao.accounts.queries import path_end, seat_of_values, values_of
from sihao.prepared import Prepared


def case_for_review(seat: Seat, pk: int) -> Declaration | None:
    """Return a case that the seat may see, with when the seat last looked it over, and which parts hang on it."""
    return _for_review(seat.role).first(pk, *values_of(seat))


@cache
def _for_review(role: str) -> Prepared[Declaration]:
    return Prepared(lambda pk, *seat: _looked_over(seat_of_values(role, *seat), pk), change=path_end)


def _looked_over(seat: Seat, pk: int) -> QuerySet[Declaration]:
    here = {"declaration": OuterRef("pk")}
    returned = ReturnSlip.objects.filter(**here)
    by_holder = returned.filter(organisation=OuterRef("holder")).order_by().values("declaration")
    found = cases_visible_to(seat).filter(pk=pk)
    return found.annotate(
        looked_at=Subquery(Look.objects.filter(**here, seat=seat).values("at")[:1]),
        has_words=Exists(Explanation.objects.filter(**here)),
        has_opinions=Exists(Endorsement.objects.filter(**here)),
        was_returned=Exists(returned),
        returns_by_holder=Coalesce(Subquery(by_holder.annotate(number=Count("pk")).values("number")), 0),
    )


def ledger_in_one(ledger_id: int) -> Book:
    """Return every layer that has marks, each mark with who set it: one query."""
    marks = Mark.objects.filter(assessment__ledger_id=ledger_id).order_by("assessment_id", "id")
    sheets: dict[int, Sheet] = {}
    for mark in marks.select_related("assessment", "set_by__user", "set_by__organisation"):
        sheet = sheets.setdefault(mark.assessment_id, Sheet(mark.assessment, {}))
        sheet.marks[mark.code] = mark  # type: ignore[index] it is the dict made above
    return Book(tuple(sheets.values()))


def _columns(prefix: str, rows: QuerySet[Any], *names: str) -> dict[str, Subquery]:
    """Return some columns of the first row, to be read along with another row."""
    return {f"{prefix}_{name}": Subquery(rows.values(name)[:1]) for name in names}


def _row(kind: type[Model], prefix: str, told: Mapping[str, Any]) -> Any:
    """Return a row of which some columns were read; any other is read when it is asked for."""
    names = [field.attname for field in kind._meta.concrete_fields if f"{prefix}_{field.attname}" in told]
    found = told[f"{prefix}_id"] is not None
    return kind.from_db(None, names, [told[f"{prefix}_{name}"] for name in names]) if found else None


@dataclass(frozen=True)
class CompactDossier(Dossier):
    """The dossier of a case from ``case_for_review``, for the seat that works on it.

    What the guards and the checks ask of the quota, the list, the limit, the calendar, the register and earlier cycles
    comes in one query.
    """

    seat: Seat

    @cached_property
    def book(self) -> Book:
        """Every layer that has marks, with their authors."""
        return ledger_in_one(self.case.ledger_id)

    @cached_property
    def own_sheet(self) -> Sheet | None:
        """The chamber's own marks."""
        return self.book.layer(Layer.SELF)

    @property
    def looked_at(self) -> datetime | None:
        """Up to when the seat has seen the case."""
        return self.case.looked_at  # type: ignore[attr-defined] annotated

    @cached_property
    def pieces(self) -> tuple[Attachment, ...]:
        """The evidence, with what was taken out since the seat last looked."""
        lasting = Q(removed_at__isnull=True)
        shown = lasting if self.looked_at is None else lasting | Q(removed_at__gt=self.looked_at)
        return tuple(with_content(self.case.attachments.filter(shown)).order_by("row", "id"))

    @cached_property
    def evidence(self) -> tuple[Attachment, ...]:
        """The evidence that was not taken out again."""
        return tuple(piece for piece in self.pieces if piece.removed_at is None)

    @cached_property
    def elsewhere(self) -> Mapping[str, Elsewhere]:
        """Who else uses the same files, by digest."""
        return told_elsewhere(self.seat, self)

    @cached_property
    def explanations(self) -> dict[str, Explanation]:
        """The chamber's words on what the checks found, by finding."""
        return Dossier.explanations.func(self) if self.case.has_words else {}  # type: ignore[attr-defined]

    @cached_property
    def endorsements(self) -> tuple[Endorsement, ...]:
        """Every opinion, oldest first."""
        return Dossier.endorsements.func(self) if self.case.has_opinions else ()  # type: ignore[attr-defined]

    @property
    def staff(self) -> tuple[Staff, ...]:
        """Nobody: who works on the page is of the office that holds the case and does not step back from it."""
        return ()

    @property
    def was_returned(self) -> bool:
        """Whether the case was ever returned."""
        return self.case.was_returned  # type: ignore[attr-defined]

    @cached_property
    def slips(self) -> tuple[ReturnSlip, ...]:
        """Every return, oldest first."""
        return Dossier.slips.func(self) if self.was_returned else ()  # type: ignore[attr-defined]

    @property
    def returns(self) -> int:
        """How often the present holder has returned the case."""
        return self.case.returns_by_holder  # type: ignore[attr-defined]

    @cached_property
    def _looked_up(self) -> Mapping[str, Any]:
        """What single rows of other tables say of the case."""
        case = self.case
        codes = [code for code in (self.facts_typed.get(CODE), self.facts.get(CODE)) if code]
        last = last_cycle(case).values("pk")[:1]
        at = {"cycle": case.cycle_id}
        limit = ForwardLimit.objects.filter(**at, organisation=case.holder_id)
        found = Cycle.objects.filter(pk=case.cycle_id).values(
            code_taken=Exists(with_code(case, codes)),
            last_title=Subquery(titles_of(case).reverse().values("state")[:1]),
            cycle_before=Subquery(last),
            recognised_then=Exists(titles_of(case).filter(cycle_id=Subquery(last))),
            **_columns("quota", Quota.objects.filter(**at, organisation=case.unit_id), "id", "places", "used"),
            **_columns("list", Batch.objects.filter(**at, unit=case.unit_id), "id", "state"),
            **_columns("limit", limit, "id", "places", "used", "hard"),
            **{f"until_{deadline}": self._until(deadline) for deadline in Deadline},
        )
        return found.get()

    def _until(self, deadline: Deadline) -> Subquery:
        put_off = extensions_of(self.case).filter(deadline=deadline).order_by("-until")
        return Subquery(put_off.values("until")[:1])

    @cached_property
    def deadlines(self) -> Deadlines:
        """When each window closes for this case."""
        cycle, told = self.case.cycle, self._looked_up
        ends = {deadline: (nominal(cycle, deadline), told[f"until_{deadline}"]) for deadline in Deadline}
        return Deadlines({deadline: max(filter(None, both)) for deadline, both in ends.items()})

    @cached_property
    def quota(self) -> Quota | None:
        """The places of the recommending unit."""
        return _row(Quota, "quota", self._looked_up)

    @cached_property
    def batch(self) -> Batch | None:
        """The list of the recommending unit."""
        return _row(Batch, "list", self._looked_up)

    @cached_property
    def limit(self) -> ForwardLimit | None:
        """How many cases the holder may forward, where a tier above it said so."""
        limited = self.case.holder_id not in {None, self.case.unit_id}
        return _row(ForwardLimit, "limit", self._looked_up) if limited else None

    @cached_property
    def around(self) -> Surroundings:
        """What the checks need beyond the case; the same as the dossier's, from what was looked up."""
        told = self._looked_up
        others = frozenset(digest for digest, one in self.elsewhere.items() if one.by_others)
        return replace(
            self.near,
            evidence=evidence_beside(self.evidence, others),
            same_code_in_cycle=bool(told["code_taken"]),
            barred=told["last_title"] == TitleState.REVOKED,
            recognised_before=None if told["cycle_before"] is None else bool(told["recognised_then"]),
        )
