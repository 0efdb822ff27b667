"""A unit's list: its order, its way upward, and who may take which step."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from declarations.actions import batch as lists
from declarations.actions import draft, ranking, review
from declarations.demo import stages
from declarations.models import Batch, Declaration
from declarations.states import BatchState, ReturnReason, State
from sihao.accounts.refusals import Refused
from sihao.accounts.roles import Role
from tests import worlds
from tests.factories import make_federation, make_seat
from tests.kept import Ground, kept

pytestmark = pytest.mark.django_db
HENAN = worlds.PROVINCE


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker):
    with kept(django_db_blocker):
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


def meeting(at, **changes):
    words = {"on": at.date(), "name": "主席会议", "present": "主席、副主席", "recused": "无", "minutes": "同意推荐。"}
    return lists.MeetingRecord(**{**words, **changes})


def frozen(world, case):
    return lists.freeze_batch(batch=Batch.objects.get(), actor=world.officer(case.unit), now=world.tick())


def decided(world, case):
    at = world.tick()
    batch = frozen(world, case)
    return lists.record_meeting(batch=batch, meeting=meeting(at), actor=world.officer(case.unit), now=at)


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


def test_a_list_is_opened_again_with_a_reason_only(world, case):
    batch = decided(world, case)
    officer = world.officer(case.unit)

    blank = refused(lists.reopen_batch, batch=batch, reason=" ", actor=officer, now=world.tick())
    opened = lists.reopen_batch(batch=batch, reason="次序有误。", actor=officer, now=world.tick())

    assert blank == ["请写明重新打开名单的理由。（五（二）1）"]
    assert (opened.state, opened.meeting_digest) == (BatchState.OPEN, "")
    assert frozen(world, case).version == 2


# ---- the meeting


@pytest.mark.parametrize("part", ["name", "present", "minutes"])
def test_a_meeting_without_a_part_is_refused(world, case, part):
    batch, at = frozen(world, case), world.tick()
    blank = meeting(at, **{part: " "})

    told = refused(lists.record_meeting, batch=batch, meeting=blank, actor=world.officer(case.unit), now=at)

    assert told == ["请写明会议名称、出席人员和研究意见。（五（二）1）"]


def test_a_meeting_is_today_at_the_latest(world, case):
    batch, officer = frozen(world, case), world.officer(case.unit)
    at = datetime(2020, 9, 28, 16, 30, tzinfo=UTC)  # half past midnight of the 29th in Beijing
    today, tomorrow = at.date() + timedelta(days=1), at.date() + timedelta(days=2)

    ahead = meeting(at, on=tomorrow)
    told = refused(lists.record_meeting, batch=batch, meeting=ahead, actor=officer, now=at)
    held = lists.record_meeting(batch=batch, meeting=meeting(at, on=today), actor=officer, now=at)

    assert told == ["集体研究日期不能晚于今天。（五（二）1）"]
    assert held.state == BatchState.MEETING_HELD


# ---- upward


def test_a_list_without_a_meeting_is_not_sent(world, case):
    batch = frozen(world, case)

    told = refused(lists.upload_batch, batch=batch, actor=world.leader(case.unit), now=world.tick())

    assert told == ["推荐名单现为“名单已固定”，只有“已集体研究”时可以办理。（五（二）1）"]


def test_who_prepared_the_list_does_not_send_it_from_whatever_seat(world, case):
    leader = world.leader(case.unit)
    officer = make_seat(Role.OFFICER, case.unit, leader.user)
    at = world.tick()
    batch = lists.freeze_batch(batch=Batch.objects.get(), actor=officer, now=at)
    lists.record_meeting(batch=batch, meeting=meeting(at), actor=leader, now=at)

    told = refused(lists.upload_batch, batch=batch, actor=leader, now=world.tick())
    sent = lists.upload_batch(batch=batch, actor=make_seat(Role.LEADER, case.unit), now=world.tick())

    assert told == ["拟定名单的人不能自己上报，请由分管领导上报。（五（二）1）"]
    assert sent.state == BatchState.UPLOADED


def test_an_officer_does_not_send_the_list(world, case):
    batch = decided(world, case)

    told = refused(lists.upload_batch, batch=batch, actor=world.officer(case.unit), now=world.tick())

    assert told == ["只有推荐单位可以办理推荐名单。（五（二）1）"]


def test_a_list_that_differs_from_the_meetings_is_not_sent(world, case):
    batch = decided(world, case)
    Declaration.objects.filter(pk=case.pk).update(unit_total=1)

    told = refused(lists.upload_batch, batch=batch, actor=world.leader(case.unit), now=world.tick())

    assert told == ["名单与会议审定的不一致，请重新打开名单并再次研究。（五（二）1）"]
    assert Declaration.objects.get(pk=case.pk).state == State.SHORTLISTED


def test_a_list_is_sent_until_the_last_second(world, case):
    batch, leader = decided(world, case), world.leader(case.unit)
    closes = world.cycle.province_closes

    late = refused(lists.upload_batch, batch=batch, actor=leader, now=closes)
    sent = lists.upload_batch(batch=batch, actor=leader, now=closes - timedelta(seconds=1))

    assert late == ["推荐上报已于2020年10月15日24:00截止。（五（二）1）"]
    assert (sent.state, sent.receipt) == (BatchState.UPLOADED, "SH2020-410000-01")


def test_a_reserve_stays_when_the_list_goes_up(world, case):
    spare = worlds.make_at_unit(world, HENAN)
    review.reserve(case=spare, actor=world.leader(spare.unit), now=world.tick())

    sent = lists.upload_batch(batch=decided(world, case), actor=world.leader(case.unit), now=world.tick())

    states = dict(Declaration.objects.values_list("pk", "state"))
    assert states == {case.pk: State.RECOMMENDED, spare.pk: State.SHORTLISTED}
    assert [line["number"] for line in sent.listing] == [case.number]


def test_a_list_is_sent_once(world, case):
    batch, leader = decided(world, case), world.leader(case.unit)
    lists.upload_batch(batch=batch, actor=leader, now=world.tick())

    told = refused(lists.upload_batch, batch=batch, actor=leader, now=world.tick())

    assert told == ["推荐名单现为“已上报”，只有“已集体研究”时可以办理。（五（二）1）"]


def test_the_department_accepts_and_the_cases_are_taken_up(world, case):
    batch = lists.upload_batch(batch=decided(world, case), actor=world.leader(case.unit), now=world.tick())

    told = refused(lists.accept_batch, batch=batch, actor=world.leader(case.unit), now=world.tick())
    lists.accept_batch(batch=batch, actor=world.seats["department"], now=world.tick())

    found = Declaration.objects.get(pk=case.pk)
    assert told == ["推荐名单由全国工商联会员部接收。（五（二）3）"]
    assert (found.state, found.desk) == (State.PRELIMINARY_REVIEW, world.seats["department"])
    again = refused(lists.accept_batch, batch=batch, actor=world.seats["department"], now=world.tick())
    assert again == ["推荐名单现为“已接收”，只有“已上报”时可以办理。（五（二）1）"]
