"""Rows that a whole module of tests stands on: built once, seen by each test, gone when the module is done."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from django.db import transaction
from django.test import override_settings

from declarations.demo.stages import DemoClock, World


@contextmanager
def standing(blocker: Any) -> Iterator[None]:
    """Open a transaction around a module; each test's own one lies inside it and is rolled back by itself."""
    with blocker.unblock():
        around = transaction.atomic()
        around.__enter__()
        try:
            yield
        finally:
            transaction.set_rollback(True)
            around.__exit__(None, None, None)


def building(folder: Path) -> override_settings:
    """Keep files of the module's rows in a folder of their own."""
    return override_settings(STORAGE_ROOT=folder, MEDIA_ROOT=folder)


def as_it_stands(world: World) -> World:
    """Return a world of one's own: the same rows, a clock and chances that no other test moves on."""
    return replace(
        world,
        clock=DemoClock(world.clock.at),
        rng=Random(1),
        seats={name: copy(seat) for name, seat in world.seats.items()},
        staff={pk: (copy(officer), copy(leader)) for pk, (officer, leader) in world.staff.items()},
    )
