"""A unit's list: its order, freezing and opening again; who may."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from declarations.actions import batch as lists
from declarations.actions import draft, ranking, review
from declarations.demo import stages
from declarations.listing import changes
from declarations.models import Batch, Declaration, ListVersion, Meeting, PaperScan, SealedPaper
from declarations.queries.batches import meeting_of, papers_of
from declarations.states import BatchState, MeetingState, ReturnReason
from sihao.accounts.refusals import Refused
from sihao.accounts.roles import Role
from tests import worlds
from tests.factories import make_federation, make_seat
from tests.kept import Ground, building, kept

pytestmark = pytest.mark.django_db
HENAN = worlds.PROVINCE


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("store")):
        world = worlds.make_world()
        yield Ground(world, worlds.make_shortlisted(world, HENAN))


@pytest.fixture
def world(ground):
    return ground.afresh()


@pytest.fixture
def case(ground):
    return stages.fresh(ground.case)


def refused(action, **keywords):
    with pytest.raises(Refused) as caught:
        action(**keywords)
    return [str(refusal) for refusal in caught.value.refusals]


def order(unit):
    cases = Declaration.objects.filter(unit=unit, is_reserve=False, rank__isnull=False).order_by("rank")
    return list(cases.values_list("rank", "pk"))


def frozen(world, case):
    return lists.freeze_batch(batch=Batch.objects.get(), actor=world.officer(case.unit), now=world.tick())


def listed(world, case, count):
    return [case, *(worlds.make_shortlisted(world, HENAN) for _ in range(count - 1))]


# ---- order


def test_a_case_moves_and_those_between_shift(world, case):
    first, second, third = listed(world, case, 3)

    ranking.move(case=third, to=1, actor=world.officer(third.unit), now=world.tick())

    assert order(first.unit) == [(1, third.pk), (2, first.pk), (3, second.pk)]


@pytest.mark.parametrize(("to", "rank"), [(0, 1), (-5, 1), (2, 2), (99, 2)])
def test_a_rank_beyond_an_end_is_that_end(world, case, to, rank):
    first, _ = listed(world, case, 2)

    ranking.move(case=first, to=to, actor=world.officer(first.unit), now=world.tick())

    assert dict(order(first.unit))[rank] == first.pk


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.tuples(st.integers(0, 3), st.integers(-2, 9)), max_size=6))
def test_ranks_are_one_to_n_after_any_moves(listed_four, moves):
    world, cases = listed_four
    expected = [pk for _, pk in order(cases[0].unit)]

    for which, to in moves:
        ranking.move(case=cases[which], to=to, actor=world.officer(cases[0].unit), now=world.tick())
        expected.remove(cases[which].pk)
        expected.insert(max(0, min(to - 1, 3)), cases[which].pk)

    assert order(cases[0].unit) == list(enumerate(expected, start=1))


@pytest.fixture
def listed_four(world, case):
    return world, listed(world, case, 4)


def test_only_the_unit_orders_its_list(world, case):
    stranger = make_seat(Role.LEADER, make_federation("420000"))

    told = refused(ranking.move, case=case, to=1, actor=stranger, now=world.tick())

    assert told == ["只有推荐单位可以办理推荐名单。（五（二）1）"]


def test_a_case_outside_the_list_does_not_move(world):
    outside = worlds.make_at_unit(world, HENAN)

    told = refused(ranking.move, case=outside, to=1, actor=world.officer(outside.unit), now=world.tick())

    assert told == ["本件不在名单内。（五（二）1）"]


# ---- frozen


def test_an_empty_list_is_not_frozen(world):
    unit = make_federation(worlds.NATION)
    batch = lists.open_batch(cycle=world.cycle, unit=unit)

    told = refused(lists.freeze_batch, batch=batch, actor=world.officer(unit), now=world.tick())

    assert told == ["名单内还没有拟推荐对象。（五（二）1）"]


def test_a_frozen_list_takes_nothing_in_lets_nothing_out_and_keeps_its_order(world, case):
    first, _ = listed(world, case, 2)
    further = worlds.make_at_unit(world, HENAN)
    frozen(world, first)
    leader, president = world.leader(first.unit), worlds.president_of(first.applicant)
    sentence = ["推荐名单已固定，如需调整请先重新打开名单。（五（二）1）"]
    mend = review.Mend("A1.1", "A1.1", ReturnReason.UNCLEAR, "请说明。")

    assert refused(review.shortlist, case=further, actor=leader, now=world.tick()) == sentence
    assert refused(review.reserve, case=further, actor=leader, now=world.tick()) == sentence
    assert refused(review.unshortlist, case=first, reason="另议", actor=leader, now=world.tick()) == sentence
    assert refused(draft.withdraw, case=first, actor=president, now=world.tick(), reason="不报了") == sentence
    returned = refused(review.return_for_correction, case=first, items=[mend], actor=leader, now=world.tick())
    assert returned == sentence
    told = refused(ranking.move, case=first, to=2, actor=leader, now=world.tick())
    assert told == ["推荐名单现为“名单已固定”，只有“拟定中”时可以办理。（五（二）1）"]


def test_every_frozen_list_is_kept_as_a_version(world, case):
    first, second = listed(world, case, 2)
    batch = frozen(world, first)
    lists.reopen_batch(batch=batch, reason="次序有误。", actor=world.officer(first.unit), now=world.tick())
    ranking.move(case=second, to=1, actor=world.officer(first.unit), now=world.tick())
    ranking.give_reason(case=second, reason="示范作用突出。", actor=world.officer(first.unit), now=world.tick())
    again = frozen(world, first)

    old, new = ListVersion.objects.order_by("number")
    assert [[line["name"] for line in one.listing] for one in (old, new)] == [
        [first.applicant_name, second.applicant_name],
        [second.applicant_name, first.applicant_name],
    ]
    assert (old.digest != new.digest, new.digest, new.number) == (True, again.digest, again.version)
    swapped = [
        f"{second.applicant_name}：次序由第2位变为第1位",
        f"{first.applicant_name}：次序由第1位变为第2位",
    ]
    assert list(map(str, changes(old.listing, new.listing))) == swapped


def test_a_list_is_opened_again_with_a_reason_only(world, case):
    batch = stages.hold_meeting(world, case.unit)
    officer = world.officer(case.unit)

    blank = refused(lists.reopen_batch, batch=batch, reason=" ", actor=officer, now=world.tick())
    opened = lists.reopen_batch(batch=batch, reason="次序有误。", actor=officer, now=world.tick())

    assert blank == ["请写明重新打开名单的理由。（五（二）1）"]
    assert (opened.state, meeting_of(opened), Meeting.objects.get().state) == (BatchState.OPEN, None, MeetingState.VOID)
    assert frozen(world, case).version == 2


def test_what_was_sealed_no_longer_counts_once_the_list_is_open_again(world, case):
    stages.hold_meeting(world, case.unit)
    batch = stages.seal(world, case.unit)

    lists.reopen_batch(batch=batch, reason="另有调整。", actor=world.officer(case.unit), now=world.tick())

    assert (papers_of(Batch.objects.get(), None), SealedPaper.objects.count()) == ([], 3)
    assert not PaperScan.objects.filter(removed_at__isnull=True).exists()
