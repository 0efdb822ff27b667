"""The shell's context: seat, navigation and facts, asked for only when a template uses them."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from sihao import clock
from sihao.accounts.permissions import allowed
from sihao.accounts.shell import DEFAULT_FACTS, Entries, facts_of, navigation_of, register_navigation


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return what ``base.html`` reads; costs no query until navigation or a fact is printed."""
    facts = cache(lambda: facts_of(request))
    return {
        "seat": getattr(request, "seat", None),
        "seats": getattr(request, "seats", []),
        "navigation": SimpleLazyObject(lambda: navigation_of(request)),
        "site_name": settings.SITE_NAME,
        "rehearsal": settings.REHEARSAL,
        "server_now": clock.now(),
        **{name: SimpleLazyObject(lambda name=name: facts()[name]) for name in DEFAULT_FACTS},
    }


def own_pages(request: HttpRequest) -> Entries:
    """Return the entries of this app that are open to the seat."""
    seat = getattr(request, "seat", None)
    if seat is None:
        return []
    found = []
    if allowed(seat, "accounts.browse_organisations"):
        found.append((reverse("accounts:organisations"), "机构与席位"))
    elif allowed(seat, "accounts.manage_seats", seat.organisation):
        found.append((reverse("accounts:roster", args=[seat.organisation_id]), "席位管理"))
    if allowed(seat, "accounts.read_trail"):
        found.append((reverse("accounts:trail"), "办理留痕"))
    return [_entry(request, url, label) for url, label in found]


def _entry(request: HttpRequest, url: str, label: str) -> dict[str, Any]:
    return {"label": label, "url": url, "current": request.path.startswith(url), "count": 0}


register_navigation(own_pages, place=90)
