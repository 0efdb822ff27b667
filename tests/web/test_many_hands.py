"""Fifty people save at once on ten drafts: no acknowledged value is lost.

Eight turns each show it, and ten the control fail; MANY_HANDS=40 is the whole (tests/benchmarks/README.md).
"""

import os
from contextlib import contextmanager

import pytest

from declarations.actions.draft import writing
from sihao.accounts.roles import Role
from tests import worlds
from tests.factories import make_seat
from tests.many_hands import unaccounted, write_at_once

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def no_comparison(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(writing, "_collisions", lambda case, changed, stored, seen: {})
        yield


def test_every_acknowledged_value_is_accounted_for_and_without_the_comparison_of_versions_some_are_lost(monkeypatch):
    saves = int(os.environ.get("MANY_HANDS", "8"))
    world = worlds.make_world()
    cases = [worlds.make_draft(world, filled=False) for _ in range(10)]
    staff = [[make_seat(Role.CHAMBER_FILLER, case.applicant).user for _ in range(5)] for case in cases]

    hands = write_at_once(cases, staff, saves=saves)

    assert [fault for hand in hands for fault in hand.broken] == []
    assert unaccounted(hands) == []
    assert sum(len(hand.acknowledged) for hand in hands) > 10 * saves
    assert sum(len(hand.shown) for hand in hands) > 2 * saves

    with no_comparison(monkeypatch):  # the first hands at the last drafts: no value that stands there is theirs
        hands = write_at_once(cases[-2:], staff[-2:], saves=10)

    assert unaccounted(hands) != []
