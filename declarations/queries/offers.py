"""What is offered to an expert and waits to be taken: told only as far as one must know to see a tie."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from declarations.models import ExpertReview
from declarations.queries.assigning import kinds_of
from declarations.queries.recusals import without_recused
from declarations.states import SheetOrigin, SheetState, State
from sihao.accounts.models import Organisation, Seat


def offers_to(seat: Seat) -> QuerySet[ExpertReview]:
    """Return the sheets that wait for the seat to take them, on cases that are still before the experts."""
    mine = ExpertReview.objects.filter(
        expert=seat, state=SheetState.OFFERED, declaration__state=State.EXPERT_REVIEW
    )
    return without_recused(mine, seat, "declaration")


@dataclass(frozen=True)
class Offer:
    """One case as it is offered: who declares, from where, of what kind, and whether as a third reader."""

    review: ExpertReview
    name: str
    number: str
    place: str
    kind: str
    since: datetime
    is_third: bool


def offers_told(seat: Seat, most: int) -> list[Offer]:
    """Return the first offers, oldest first; three queries."""
    cases = ("declaration__applicant", "declaration__home", "declaration__unit")
    reviews = list(offers_to(seat).select_related(*cases).order_by("assigned_at", "id")[:most])
    kinds = kinds_of(review.declaration for review in reviews)
    return [
        Offer(
            review,
            review.declaration.applicant_name,
            review.declaration.number,
            _place(review.declaration.unit, review.declaration.home),
            kinds[review.declaration_id],
            review.assigned_at,
            review.origin == SheetOrigin.THIRD,
        )
        for review in reviews
    ]


def _place(unit: Organisation, home: Organisation) -> str:
    return str(unit) if unit.pk == home.pk else f"{unit} · {home}"


def offers_named(seat: Seat, keys: list[int]) -> list[ExpertReview]:
    """Return those of the seat's offers that are named."""
    return list(offers_to(seat).filter(pk__in=keys).select_related("declaration", "expert__user").order_by("id"))


def offer_named(seat: Seat, pk: int) -> ExpertReview | None:
    """Return one of the seat's offers."""
    return offers_to(seat).filter(pk=pk).select_related("declaration", "expert__user").first()
