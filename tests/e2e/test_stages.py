"""A demo world with all its cases at one stage is carried on to the public list by its own accounts.

One stage each time, as every walk takes minutes: ``DEMO_STAGE=local pytest tests/e2e/test_stages.py`` walks another.
"""

import os

import pytest

from tests.e2e.conftest import demo_world
from tests.e2e.stage import Stage

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1800)]

STAGE = os.environ.get("DEMO_STAGE", "decided")
CHAMBERS = int(os.environ.get("DEMO_CHAMBERS", "0"))
"""Beside the four with names of their own; the first three are of the county, of another province and of the city."""


def test_a_world_at_one_stage_is_carried_on_to_the_public_list(house, ground, served_copy, tmp_path, visit):
    built = demo_world(house, ground, tmp_path / "built", CHAMBERS, stage=STAGE)
    with served_copy(built, tmp_path / "world") as site:
        people = Stage(site, visit)
        people.carry_on()
        listed = people.published()
        told = [*people.left, *people.faults()]

    assert len(listed) == 4 + CHAMBERS
    assert sorted(listed.values()) == [f"SH2020-{serial:04d}" for serial in range(1, len(listed) + 1)]
    assert told == []
