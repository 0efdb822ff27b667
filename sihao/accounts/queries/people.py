"""People of a jurisdiction: who holds which seat, and who still waits for a password."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from sihao.accounts.models import Seat, User
from sihao.accounts.queries import path_range

NOT_YET = Q(user__password__startswith=UNUSABLE_PASSWORD_PREFIX)
ALL, WAITING, IN_USE = "", "waiting", "in_use"


def seats_in_jurisdiction(viewer: Seat, words: str = "", state: str = ALL) -> QuerySet[Seat]:
    """Return the seats held now at the viewer's organisation and beneath, in the order of the tree.

    ``words`` are looked for in names of people and bodies and in sign-in names; ``state`` tells apart who has set a
    password. Seats elsewhere of the same people are not among them.
    """
    seats = Seat.objects.filter(path_range(viewer.organisation.path, "organisation__path"), ended_at=None)
    if words:
        named = Q(user__name__contains=words) | Q(user__username__icontains=words)
        seats = seats.filter(named | Q(organisation__name__contains=words))
    if state == WAITING:
        seats = seats.filter(NOT_YET)
    elif state == IN_USE:
        seats = seats.exclude(NOT_YET)
    return seats.select_related("user", "organisation").order_by("organisation__path", "id")


def awaiting_password(viewer: Seat, answered_for: Q, words: str = "") -> QuerySet[User]:
    """Return the people of the jurisdiction without a password for whom the viewer alone answers.

    ``answered_for`` is the viewer's filter of seats (``permissions.grantable_seats``): every seat the person holds
    must be among them, and one at least.
    """
    held = Seat.objects.filter(user=OuterRef("pk"), ended_at=None)
    people = User.objects.filter(
        Exists(held.filter(answered_for)), is_active=True, password__startswith=UNUSABLE_PASSWORD_PREFIX
    ).exclude(Exists(held.exclude(answered_for)))
    if words:
        at_body = Exists(held.filter(organisation__name__contains=words))
        people = people.filter(Q(name__contains=words) | Q(username__icontains=words) | at_body)
    now_held = Seat.objects.filter(ended_at=None).select_related("organisation").order_by("id")
    return people.prefetch_related(Prefetch("seats", queryset=now_held, to_attr="held_seats")).order_by("id")


def links_held(now: datetime) -> Q:
    """Return the condition that a person has a link which still holds."""
    return Q(link_issued_at__gt=now - timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT))
