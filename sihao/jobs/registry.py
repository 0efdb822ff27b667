"""Which kinds of work exist, and the function that does each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.module_loading import autodiscover_modules

Way = tuple[str, str]
"""The words and the address of a page."""


def nowhere(arguments: Mapping[str, Any]) -> Way | None:
    """Lead back to no page."""
    return None


Told = Sequence[tuple[str, str]]
"""What else is told of finished work: words, each with its label."""


def nothing(job: Any) -> Told:
    """Tell nothing else."""
    return ()


@dataclass(frozen=True)
class Work:
    """One kind of work: ``function(job, report)`` does it, ``permitted(user, arguments)`` says who may have it.

    ``back(arguments)`` is the page that it was ordered from, if it came from one; ``told(job)`` what its page says
    of it once it is done.
    """

    kind: str
    label: str
    function: Callable[..., Path | None]
    permitted: Callable[[Any, Mapping[str, Any]], bool]
    back: Callable[[Mapping[str, Any]], Way | None] = nowhere
    told: Callable[[Any], Told] = nothing


WORKS: dict[str, Work] = {}


def work(
    kind: str,
    *,
    label: str,
    permitted: Callable[[Any, Mapping[str, Any]], bool],
    back: Callable[[Mapping[str, Any]], Way | None] = nowhere,
    told: Callable[[Any], Told] = nothing,
) -> Callable[[Callable[..., Path | None]], Callable[..., Path | None]]:
    """Register a function in an app's ``tasks`` module as the one that does ``kind``; a kind is registered once."""

    def register(function: Callable[..., Path | None]) -> Callable[..., Path | None]:
        known = WORKS.get(kind)
        if known and known.function.__qualname__ != function.__qualname__:
            raise ValueError(f"two functions for the job kind {kind!r}")
        WORKS[kind] = Work(kind, label, function, permitted, back, told)
        return function

    return register


SWEEPS: dict[str, Callable[[datetime], object]] = {}


def also_sweep(function: Callable[[datetime], object]) -> Callable[[datetime], object]:
    """Register a function in an app's ``tasks`` module that clears away what was left behind, at each sweep."""
    SWEEPS[f"{function.__module__}.{function.__qualname__}"] = function
    return function


def sweeps() -> list[Callable[[datetime], object]]:
    """Return what the apps sweep."""
    autodiscover_modules("tasks")
    return list(SWEEPS.values())


def find(kind: str) -> Work:
    """Return the kind; raises ``LookupError`` for one that no app's ``tasks`` module registers."""
    if kind not in WORKS:
        autodiscover_modules("tasks")
    try:
        return WORKS[kind]
    except KeyError:
        raise LookupError(f"no function registered for the job kind {kind!r}") from None


def way_back(kind: str, arguments: Mapping[str, Any]) -> Way | None:
    """Return the page that a job was ordered from; none for a kind that is no longer known."""
    try:
        return find(kind).back(arguments)
    except LookupError:
        return None


def told_of(job: Any) -> Told:
    """Return what else is told of a job that is done; nothing of a kind that is no longer known."""
    try:
        return find(job.kind).told(job)
    except LookupError:
        return ()
