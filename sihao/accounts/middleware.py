"""The seat in which a request acts."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from sihao import clock
from sihao.accounts.models import Seat, User
from sihao.accounts.queries import active_seats_of
from sihao.accounts.views.gate import permission_of

SESSION_KEY = "seat"
WITHOUT_NEW_PASSWORD = frozenset({"accounts:change_password", "accounts:sign_out"})


class CurrentSeat:
    """Puts ``request.seats`` (all the person holds now) and ``request.seat`` (the chosen one, or the first, or None).

    They are read anew on every request, so that a seat that was ended acts no more; the person and the seats are one
    query, and the public costs none.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.seats = seats_of(request.user) if request.user.is_authenticated else []
        request.seat = chosen_seat(request)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Send whoever must set a new password to do that first; the public pages stay open."""
        if not request.user.is_authenticated or not request.user.must_change_password:
            return None
        if permission_of(view) == "public" or request.resolver_match.view_name in WITHOUT_NEW_PASSWORD:
            return None
        return redirect("accounts:change_password")


def seats_of(user: User) -> list[Seat]:
    """Return the seats that came with the person, or read them for one who was signed in by another way.

    A stand-in's seat is over at its instant, whether or not the clock has taken it yet.
    """
    held: list[Seat] | None = getattr(user, "held_seats", None)
    now = clock.now()
    known = list(active_seats_of(user)) if held is None else held
    return [seat for seat in known if seat.until is None or now < seat.until]


def chosen_seat(request: HttpRequest) -> Seat | None:
    """Return the seat the session chose if the person still holds it, else the first, else None."""
    chosen = request.session.get(SESSION_KEY) if request.seats else None
    return next((seat for seat in request.seats if seat.pk == chosen), next(iter(request.seats), None))
