"""Done when: 200 at once on 47 places leave exactly 47 and 153 clear refusals (PostgreSQL), 20 on 5 (SQLite).

One round each, that with withdrawals a smaller one; ROUNDS=20 asks for twenty, all of full size. Every race has its
control: with the locks off the same check finds faults.
"""

import os

import pytest
from django.db import connection

from tests import rush, worlds
from tests.rush import Crowd

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = int(os.environ.get("ROUNDS", "1"))
WHOLE = {"postgresql": Crowd(200, 47, 40, 20), "sqlite": Crowd(20, 5, 4, 2)}
QUICK = {"postgresql": Crowd(40, 12, 10, 5), "sqlite": Crowd(16, 5, 4, 2)}
SMALL = Crowd(16, 5, 4, 2)


@pytest.fixture
def whole():
    return WHOLE[connection.vendor]


@pytest.fixture
def quick():
    return QUICK[connection.vendor]


def test_as_many_as_there_are_places_and_not_one_more(whole, quick):
    place, mixed = rush.ground(worlds.make_world(), whole.comers), quick if ROUNDS == 1 else whole

    assert [rush.rush(place, whole) for _ in range(ROUNDS)] == [[]] * ROUNDS
    assert [rush.rush_with_withdrawals(place, mixed) for _ in range(ROUNDS)] == [[]] * ROUNDS


def test_without_the_locks_the_same_check_finds_faults():
    place = rush.ground(worlds.make_world(), SMALL.comers)

    with rush.locks_off():
        found, mixed = rush.rush(place, SMALL), rush.rush_with_withdrawals(place, SMALL)

    assert found != []
    assert mixed != []
    assert rush.rush(place, SMALL) == []
