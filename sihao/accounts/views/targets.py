"""Fetching what an address names, within the jurisdiction of the seat; anything else is not found."""

from typing import TypeVar

from django.http import Http404, HttpRequest

from sihao.accounts.models import Organisation, Seat, StandIn, User
from sihao.accounts.queries import organisation_within, person_within, seat_within
from sihao.accounts.queries.stand_ins import stand_in_within

Found = TypeVar("Found", Organisation, Seat, StandIn, User)


def organisation(request: HttpRequest, pk: int) -> Organisation:
    """Return the organisation, one's own or beneath it."""
    return _found(organisation_within(request.seat, pk))


def seat(request: HttpRequest, pk: int) -> Seat:
    """Return a seat at one's own organisation or beneath it."""
    return _found(seat_within(request.seat, pk))


def person(request: HttpRequest, pk: int) -> User:
    """Return a person who holds or held a seat there."""
    return _found(person_within(request.seat, pk))


def stand_in(request: HttpRequest, pk: int) -> StandIn:
    """Return an appointment there."""
    return _found(stand_in_within(request.seat, pk))


def _found(one: Found | None) -> Found:
    if one is None:
        raise Http404
    return one
