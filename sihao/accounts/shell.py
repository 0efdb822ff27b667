"""What stands around every page: apps above register their navigation and facts here, and the shell asks them."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest

Entries = list[dict[str, Any]]
Navigation = Callable[[HttpRequest], Entries]
Facts = Callable[[HttpRequest], Mapping[str, Any]]

DEFAULT_FACTS: dict[str, Any] = {"unread": 0, "cycle_label": "", "standard_status": ""}

_navigation: list[tuple[int, Navigation]] = []
_facts: list[Facts] = []


def register_navigation(entries: Navigation, *, place: int = 50) -> Navigation:
    """Add a source of entries (``label``, ``url``, ``current``, ``count``); smaller places stand higher."""
    _navigation.append((place, entries))
    _navigation.sort(key=lambda one: one[0])
    return entries


def register_facts(facts: Facts) -> Facts:
    """Add a source of facts for the shell: any of ``unread``, ``cycle_label``, ``standard_status``."""
    _facts.append(facts)
    return facts


def navigation_of(request: HttpRequest) -> Entries:
    """Return every entry for this request, in order."""
    return [entry for _, entries in _navigation for entry in entries(request)]


def facts_of(request: HttpRequest) -> dict[str, Any]:
    """Return the facts of all sources over the defaults."""
    found = dict(DEFAULT_FACTS)
    for facts in _facts:
        found |= facts(request)
    return found
