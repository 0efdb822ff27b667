"""Done when: as many at once as there are places get one, the others are told, also while cases leave the list.

A small round of each, with its control: with the locks off the same check finds faults. ``tests.benchmarks.quota_rush``
runs twenty rounds of full size (PostgreSQL: 200 on 47, SQLite: 20 on 5).
"""

import pytest
from django.db import connection

from tests import rush, worlds
from tests.rush import Crowd

pytestmark = pytest.mark.django_db(transaction=True)
CROWDS = {"postgresql": Crowd(24, 8, 6, 3), "sqlite": Crowd(20, 5, 4, 2)}
SMALL = Crowd(10, 4, 3, 1)


def test_as_many_as_there_are_places_and_without_the_locks_faults():
    crowd = CROWDS[connection.vendor]
    place = rush.ground(worlds.make_world(), crowd.comers)

    assert rush.rush(place, crowd) == []
    assert rush.rush_with_withdrawals(place, crowd) == []
    with rush.locks_off():
        assert rush.rush(place, SMALL) != []
        assert rush.rush_with_withdrawals(place, SMALL) != []
    assert rush.rush(place, SMALL) == []
