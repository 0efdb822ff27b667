"""A world that a whole file of tests stands on: built once, every test rolls back to it.

    @pytest.fixture(scope="module")
    def ground(django_db_setup, django_db_blocker, tmp_path_factory):
        with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")):
            world = worlds.make_world()
            yield Ground(world, worlds.make_submitted(world))

Not for a file with ``transaction=True``: its threads would wait for the transaction that is held open here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from django.db import connection, transaction
from django.test import TestCase, override_settings
from pytest_django import DjangoDbBlocker

from declarations.demo.stages import DemoClock, World
from declarations.models import Declaration


@contextmanager
def kept(blocker: DjangoDbBlocker) -> Iterator[None]:
    """Keep what is written inside until the block ends; then it is gone."""
    with blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


def install() -> None:
    """Let what a file stands on be checked once, and not again with the rows of each of its tests."""
    begin = TestCase._fixture_setup.__func__

    def begun(cls: type[TestCase]) -> None:
        if connection.in_atomic_block and connection.vendor == "postgresql":
            connection.check_constraints()
        begin(cls)

    TestCase._fixture_setup = classmethod(begun)


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


@dataclass(frozen=True)
class Ground:
    """A world with one case in it."""

    world: World
    case: Declaration

    def afresh(self) -> World:
        """Return the world as it was built: clock and chance begun anew."""
        return as_it_stands(self.world)
