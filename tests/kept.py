"""A world that a whole file of tests stands on: built once, every test rolls back to it.

    @pytest.fixture(scope="module")
    def ground(django_db_setup, django_db_blocker):
        with kept(django_db_blocker):
            world = worlds.make_world()
            yield Ground(world, worlds.make_submitted(world))

Not for a file with ``transaction=True``: its threads would wait for the transaction that is held open here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from random import Random

from django.db import transaction
from pytest_django import DjangoDbBlocker

from declarations.demo.stages import DemoClock, World
from declarations.models import Declaration


@dataclass(frozen=True)
class Ground:
    """A world with one case in it."""

    world: World
    case: Declaration

    def afresh(self) -> World:
        """Return the world as it was built: clock and chance begun anew."""
        return replace(self.world, clock=DemoClock(self.world.clock.at), rng=Random(1))


@contextmanager
def kept(blocker: DjangoDbBlocker) -> Iterator[None]:
    """Keep what is written inside until the block ends; then it is gone."""
    with blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
