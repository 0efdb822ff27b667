"""Two people at once: threads with connections of their own.

SQLite lets one write at a time, PostgreSQL both; the outcome is the same.
"""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction

from declarations.actions import clock, digest, ranking, review
from declarations.actions.quota import set_quota
from declarations.demo import stages
from declarations.models import ClockStep, Declaration, Notice, Quota
from declarations.states import State
from sihao.accounts.models import Mail, User
from sihao.accounts.refusals import Refused
from tests import worlds
from tests.rows import declare

pytestmark = pytest.mark.django_db(transaction=True)
HENAN = worlds.PROVINCE


@pytest.fixture
def world():
    with transaction.atomic():
        return worlds.make_world()


def at_unit(world, number):
    with transaction.atomic():
        return [worlds.make_at_unit(world, HENAN) for _ in range(number)]


def at_once(*acts):
    """Run the acts at the same moment and return what each said: its result, or the refusal."""
    start, told = Barrier(len(acts)), []

    def run(act):
        start.wait()
        try:
            told.append(act())
        except Refused as refusal:
            told.append(str(refusal))
        finally:
            connection.close()

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def ranks():
    return sorted(Declaration.objects.filter(rank__isnull=False).values_list("is_reserve", "rank"))


def test_two_at_the_last_place_and_one_gets_it(world):
    unit = worlds.make_federation(HENAN)
    one, two = at_unit(world, 2)
    set_quota(cycle=world.cycle, unit=unit, places=1, actor=world.seats["head"], now=world.tick())
    leader, now = world.leader(unit), world.tick()

    told = at_once(
        lambda: review.shortlist(case=one, actor=leader, now=now).state,
        lambda: review.shortlist(case=two, actor=leader, now=now).state,
    )

    assert sorted(told) == ["shortlisted", "推荐名额已满（1/1），可列为备选。（四）"]
    assert Quota.objects.get(organisation=unit).used == 1
    assert ranks() == [(False, 1)]


def test_two_reserves_get_two_ranks(world):
    one, two = at_unit(world, 2)
    leader, now = world.leader(one.unit), world.tick()

    at_once(
        lambda: review.reserve(case=one, actor=leader, now=now),
        lambda: review.reserve(case=two, actor=leader, now=now),
    )

    assert ranks() == [(True, 1), (True, 2)]


def test_ordering_while_a_case_leaves_keeps_the_ranks_whole(world):
    with transaction.atomic():
        cases = [stages.shortlist(world, case) for case in at_unit(world, 3)]
    officer, leader, now = world.officer(cases[0].unit), world.leader(cases[0].unit), world.tick()

    told = at_once(
        lambda: ranking.move(case=cases[2], to=1, actor=officer, now=now),
        lambda: review.unshortlist(case=cases[0], reason="再核。", actor=leader, now=now).state,
    )

    assert sorted(map(str, told)) == ["1", "local_review"]
    assert ranks() == [(False, 1), (False, 2)]


def test_passes_of_clock_and_digest_at_once_say_everything_once(world):
    county = worlds.make_federation(worlds.COUNTY)
    late = worlds.NOW + timedelta(days=1)
    cases = declare(world.cycle, [f"商会{n}" for n in range(10)], home=county, state=State.LOCAL_REVIEW)
    Declaration.objects.update(due_at=late, route=[county.pk, county.parent_id])
    officer = world.officer(county)
    User.objects.filter(pk=officer.user_id).update(email="county@example.org")

    struck = at_once(*[lambda: clock.strike(now=late, page=3)["overdue"]] * 4)
    written = at_once(*[lambda: digest.write_digests(now=late)] * 4)

    assert sum(struck) >= len(cases)
    assert ClockStep.objects.count() == len(cases)
    assert Notice.objects.filter(key__startswith="clock:").count() == len(cases) * 4
    assert sorted(written) == [0, 0, 0, 1]
    body = Mail.objects.get().body
    told = Notice.objects.filter(mailed_at__isnull=False)
    assert {(one.seat_id, one.title in body) for one in told} == {(officer.pk, True)}
    assert len(told) == len(cases)
