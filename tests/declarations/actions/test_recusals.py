"""Stepping back: by hand, by a tie, by a seat; then the case is nowhere to be found, and others go on with it."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from declarations.actions import draft, review
from declarations.actions.stepping_back import lift, recuse
from declarations.actions.ties import (
    Post,
    Relative,
    bound_until,
    declare_kinship,
    declare_post,
    lapse_ties,
    leave_post,
    strike_tie,
)
from declarations.models import Kinship, Notice, Recusal, Tie, TieKind, TieOver
from declarations.queries.cases import case_list, cases_visible_to, held_by
from declarations.queries.cycles import counts_for, held_count
from declarations.queries.desk import desk_of
from declarations.queries.facts import dossier_of
from declarations.queries.lists import cycle_and_unread, notices_of
from declarations.queries.national import unit_rows
from declarations.queries.recusal_page import recusal_card
from declarations.states import Stance, State
from sihao.accounts.actions import close_account, revoke_seat
from sihao.accounts.actions.stand_ins import appoint_stand_in
from sihao.accounts.queries.withheld import trail_for
from sihao.accounts.refusals import Refused
from sihao.accounts.roles import Role
from sihao.audit.events import Event
from sihao.audit.queries import trail_of
from tests import worlds
from tests.factories import make_chamber, make_federation, make_seat
from tests.kept import as_it_stands, building, kept

pytestmark = pytest.mark.django_db
TODAY = date(2020, 9, 28)


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")):
        world = worlds.make_world()
        yield world, worlds.make_submitted(world), worlds.make_submitted(world)


@pytest.fixture
def world(ground):
    return as_it_stands(ground[0])


@pytest.fixture
def case(ground):
    return draft_fresh(ground[1])


def draft_fresh(case):
    return type(case).objects.select_related("cycle", "holder", "home", "unit", "applicant", "ledger").get(pk=case.pk)


@pytest.fixture
def officer(world, case):
    return world.staff[case.home_id][0]


@pytest.fixture
def leader(world, case):
    return world.staff[case.home_id][1]


@pytest.fixture
def city(world):
    return world.staff[make_federation(worlds.CITY).pk][1]


def said(action, **words):
    with pytest.raises(Refused) as refused:
        action(**words)
    return str(refused.value)


def found(seat, world, case):
    """Return everything that a seat can find of a case."""
    named = case_list(seat, words=case.number)
    return {
        "cases": cases_visible_to(seat).count(),
        "named": named.count(),
        "held": held_by(seat).count(),
        "counts": counts_for(seat, world.cycle),
        "held count": held_count(seat, world.cycle),
        "unread": cycle_and_unread(seat)[1],
        "messages": notices_of(seat).filter(declaration=case).count(),
        "desk": sum(case.number in task.note for task in desk_of(seat, world.cycle, worlds.NOW).waiting),
        "trail": trail_for(seat).filter(path=case.path).count(),
    }


ALL = {
    "cases": 2,
    "named": 1,
    "held": 2,
    "counts": {State.LOCAL_REVIEW: 2},
    "held count": 2,
    "unread": 2,
    "messages": 1,
    "desk": 1,
    "trail": 3,
}
NOTHING_OF_ONE = {
    "cases": 1,
    "named": 0,
    "held": 1,
    "counts": {State.LOCAL_REVIEW: 1},
    "held count": 1,
    "unread": 1,
    "messages": 0,
    "desk": 0,
    "trail": 0,
}

# ---- ways to step back


def by_hand(case, officer, leader, now):
    recuse(case=case, who=officer, reason="同学", actor=officer, now=now)


def by_superior(case, officer, leader, now):
    recuse(case=case, who=officer, reason="群众反映", actor=leader, now=now)


def by_post(case, officer, leader, now):
    declare_post(post=Post(case.applicant.name, "顾问"), actor=officer, now=now)


def by_former_post(case, officer, leader, now):
    declare_post(post=Post(case.applicant.uscc, "理事", left_on=date(2018, 9, 29)), actor=officer, now=now)


def by_kinship(case, officer, leader, now):
    kin = Relative(case.applicant.name, Kinship.IN_LAW, "某会长")
    declare_kinship(relative=kin, actor=officer, now=now)


def by_seat(case, officer, leader, now):
    make_seat(Role.CHAMBER_FILLER, case.applicant, officer.user)


def by_former_seat(case, officer, leader, now):
    seat = make_seat(Role.CHAMBER_FILLER, case.applicant, officer.user)
    revoke_seat(actor=None, seat=seat, now=now)


@pytest.mark.parametrize(
    "step_back", [by_hand, by_superior, by_post, by_former_post, by_kinship, by_seat, by_former_seat]
)
def test_who_steps_back_finds_nothing_of_the_case_and_others_find_all(world, case, officer, leader, step_back):
    assert found(officer, world, case) == ALL

    step_back(case, officer, leader, world.tick())

    assert found(officer, world, case) == NOTHING_OF_ONE
    seen = found(leader, world, case)
    assert (seen["cases"], seen["counts"], seen["messages"]) == (2, {State.LOCAL_REVIEW: 2}, 1)


def test_stepping_back_costs_no_query_more(world, case, officer, leader):
    def cost():
        with CaptureQueriesContext(connection ) as asked:
            found(officer, world, case)
        return len(asked)

    before = cost()
    by_post(case, officer, leader, world.tick())

    assert cost() == before


def test_it_follows_the_person_to_every_seat_but_the_chambers_own(world, case, officer, leader):
    city = make_seat(Role.OFFICER, make_federation(worlds.CITY), officer.user)
    nation = make_seat(Role.DEPARTMENT_OFFICER, make_federation(worlds.NATION), officer.user)
    units = unit_rows(world.seats["department"], world.cycle)
    by_hand(case, officer, leader, world.tick())
    own = make_seat(Role.CHAMBER_PRESIDENT, case.applicant, officer.user)

    assert [cases_visible_to(seat).count() for seat in (city, nation, own)] == [1, 1, 1]
    assert cases_visible_to(own).get() == case
    assert sum(row.total for row in unit_rows(nation, world.cycle)) == sum(row.total for row in units) - 1


def test_a_person_with_two_ties_and_a_recusal_is_counted_out_once(world, case, officer, leader):
    for step_back in (by_hand, by_post, by_kinship, by_seat):
        step_back(case, officer, leader, world.tick())

    assert counts_for(officer, world.cycle) == {State.LOCAL_REVIEW: 1}


def test_whoever_steps_back_can_do_nothing_with_the_case(world, case, officer, leader):
    by_post(case, officer, leader, world.tick())
    sentence = "您对本件应当回避，不能办理，由本单位其他人办理。（回避）"

    acts = [
        (review.forward, {}),
        (review.save_tier_marks, {"entries": {}}),
        (review.agree_with_below, {}),
        (review.save_opinion, {"text": "同意", "authentic": True, "stance": Stance.AGREE}),
    ]
    for action, words in acts:
        assert said(action, case=case, actor=officer, now=world.tick(), **words) == sentence


def test_new_messages_do_not_reach_them_and_reach_the_others(world, case, officer, leader):
    by_hand(case, officer, leader, world.tick())
    draft.recall(case=case, actor=worlds.president_of(case.applicant), now=world.tick())
    draft.submit(case=draft_fresh(case), actor=worlds.president_of(case.applicant), now=world.tick())

    told = Notice.objects.filter(declaration=case, title__endswith="请审核").values_list("seat", flat=True)
    assert sorted(told) == sorted([officer.pk, leader.pk, leader.pk])


def test_a_stand_in_finds_nothing_of_what_either_of_the_two_must_not_see(world, case, officer, leader):
    colleague = make_seat(Role.OFFICER, case.home)
    today = TODAY
    facts = {"since": today, "until": today, "reason": "病假", "actor": leader, "now": world.tick()}
    seat = appoint_stand_in(absent=officer, substitute=colleague.user, **facts).seat
    assert cases_visible_to(seat).count() == 2

    by_hand(case, officer, leader, world.tick())
    assert [cases_visible_to(one).count() for one in (seat, colleague)] == [1, 2]
    lift(recusal=Recusal.objects.get(), reason="误登", actor=leader, now=world.tick())
    by_hand(case, colleague, leader, world.tick())

    assert [cases_visible_to(one).count() for one in (seat, colleague, officer)] == [1, 1, 2]
    assert said(review.agree_with_below, case=case, actor=seat, now=world.tick()).startswith("您对本件应当回避")


# ---- two years


@pytest.mark.parametrize(
    ("left", "until"),
    [
        (date(2018, 9, 28), date(2020, 9, 28)),
        (date(2020, 2, 29), date(2022, 3, 1)),
        (date(2018, 2, 28), date(2020, 2, 28)),
    ],
)
def test_two_years_are_full_on_the_same_day(left, until):
    assert bound_until(left) == until


def test_a_post_left_two_full_years_ago_need_not_be_declared(world, case, officer):
    post = Post(case.applicant.name, "理事", left_on=date(2018, 9, 28))

    told = said(declare_post, post=post, actor=officer, now=world.tick())

    assert told == "2018年9月28日离任，至今已满两年，不必回避，无需申报。（回避）"
    assert not Tie.objects.exists()


def test_a_post_that_was_left_lapses_by_itself_on_the_day(world, case, officer, leader):
    now = world.tick()
    tie = declare_post(post=Post(case.applicant.name, "理事"), actor=officer, now=now)
    leave_post(tie=tie, left_on=TODAY, actor=officer, now=now)

    assert lapse_ties(now=now + timedelta(days=729)) == 0
    assert cases_visible_to(officer).count() == 1
    assert lapse_ties(now=now + timedelta(days=730)) == 1
    assert cases_visible_to(officer).count() == 2
    tie.refresh_from_db()
    assert (tie.binds_until, tie.over_why) == (date(2022, 9, 28), TieOver.LAPSED)


def test_closing_an_account_keeps_the_person_tied_for_two_years(world, case):
    seat = make_seat(Role.CHAMBER_FILLER, case.applicant)

    close_account(actor=None, user=seat.user, now=world.tick())

    tie = Tie.objects.get(user=seat.user)
    assert (tie.kind, tie.left_on, tie.binds_until) == (TieKind.SEAT, TODAY, date(2022, 9, 28))


# ---- what is refused


def test_declarations_that_do_not_fit_are_refused(world, case, officer):
    now, name = world.tick(), case.applicant.name
    make_chamber(case.home, name="同名商会"), make_chamber(case.home, name="同名商会")
    by_post(case, officer, None, now)

    def post(*given, **words):
        return said(declare_post, post=Post(*given, **words), actor=officer, now=now)

    assert post(name, "顾问") == f"与{name}的这一情形已经申报。（回避）"
    assert post(" ", "顾问") == "请填写商会全称或统一社会信用代码。（回避）"
    assert post("同名商会", "顾问") == "名称为“同名商会”的商会有多家，请填写统一社会信用代码。（回避）"
    assert post(name, "理事", left_on=date(2020, 9, 29)) == "离任日期不能晚于今天；现仍任职的，离任日期留空。（回避）"
    assert post(name, "理事", since=date(2020, 9, 29)) == "任职日期不能晚于离任日期或今天。（回避）"
    president = worlds.president_of(case.applicant)
    told = said(declare_post, post=Post(name, "会长"), actor=president, now=now)
    assert told == "商会人员办理本会申报，无需申报回避。（回避）"
    assert Tie.objects.count() == 1


def test_nobody_frees_oneself_and_the_leader_frees_with_a_reason(world, case, officer, leader):
    now = world.tick()
    tie = declare_post(post=Post(case.applicant.name, "顾问"), actor=officer, now=now)
    by_hand_too = recuse(case=case, who=officer, reason="同学", actor=leader, now=now)
    own_leader_seat = make_seat(Role.LEADER, case.home, officer.user)

    assert said(strike_tie, tie=tie, reason="填错", actor=own_leader_seat, now=now) == (
        "本人不能更正，由本单位分管领导或上级工商联更正。（回避）"
    )
    assert said(strike_tie, tie=tie, reason=" ", actor=leader, now=now) == "请写明更正的理由。（回避）"
    strike_tie(tie=tie, reason="不是本人", actor=leader, now=now)
    assert said(lift, recusal=by_hand_too, reason="误登", actor=own_leader_seat, now=now) == (
        "您对本件应当回避，不能办理，由本单位其他人办理。（回避）"
    )
    assert said(lift, recusal=by_hand_too, reason="", actor=leader, now=now) == "请写明解除回避的理由。（回避）"
    lift(recusal=by_hand_too, reason="误登", actor=leader, now=now)

    assert cases_visible_to(officer).count() == 2
    assert [entry.event for entry in trail_of(case)][-2:] == [Event.CASE_RECUSED, Event.RECUSAL_LIFTED]
    assert said(lift, recusal=by_hand_too, reason="误登", actor=leader, now=now) == "回避已经解除，请刷新页面。（回避）"
    assert said(strike_tie, tie=tie, reason="误登", actor=leader, now=now) == "该项申报已经解除，请刷新页面。（回避）"


def test_a_county_does_not_lift_what_the_city_declared(world, case, officer, leader, city):
    recusal = recuse(case=case, who=officer, reason="群众反映", actor=city, now=world.tick())

    told = said(lift, recusal=recusal, reason="无此事", actor=leader, now=world.tick())

    assert told == "本人不能解除回避，由本单位分管领导或上级工商联办理。（回避）"


def test_whom_one_may_take_off_a_case(world, case, officer, leader, city):
    now = world.tick()
    neighbour = world.staff[make_federation(worlds.NEIGHBOUR).pk][0]
    president = worlds.president_of(case.applicant)

    def tried(who, actor, **words):
        return said(recuse, case=case, who=who, reason=words.pop("reason", "同学"), actor=actor, now=now, **words)

    outside = "只能为本人，或者为本单位和下级工商联的人员登记回避。（回避）"
    assert tried(leader, officer) == outside
    assert tried(city, leader) == outside
    assert tried(president, leader) == outside
    assert tried(neighbour, neighbour) == "本件不在您的办理范围内。（回避）"
    assert tried(officer, leader, reason=" ") == "请写明回避的理由。（回避）"
    assert tried(officer, leader, substitute=officer) == "接办人须是同一单位的另一人。（回避）"
    assert tried(officer, leader, substitute=city) == "接办人须是同一单位的另一人。（回避）"
    by_superior(case, officer, leader, now)
    assert tried(officer, leader) == f"{officer.user.name}已登记回避本件。（回避）"


# ---- who goes on with it


def test_the_case_names_who_steps_back_and_who_goes_on(world, case, officer, leader, city):
    now = world.tick()
    recuse(case=case, who=officer, reason="同学", actor=leader, now=now, substitute=leader)

    card = recusal_card(leader, dossier_of(case))
    above = recusal_card(city, dossier_of(case))
    assert [(one.name, one.ground, one.substitute) for one in card.people] == [
        (officer.user.name, "同学", leader.user.name)
    ]
    assert card.people == above.people
    assert (card.deals, card.whole_office) == ((leader.user.name,), "")


def test_a_city_does_not_read_who_steps_back_above_it(world, case, leader):
    province = world.staff[make_federation(worlds.PROVINCE).pk][1]
    recuse(case=case, who=province, reason="同乡", actor=province, now=world.tick())

    assert recusal_card(leader, dossier_of(case)).people == ()
    assert [one.ground for one in recusal_card(world.seats["head"], dossier_of(case)).people] == ["同乡"]


def test_the_superior_takes_over_when_the_whole_office_steps_back(world, case, officer, leader, city):
    now = world.tick()
    by_post(case, officer, leader, now)
    assert said(review.take_over, case=case, reason="回避", actor=city, now=now).startswith(f"本件由{case.home}办理")

    by_kinship(case, leader, leader, now)

    card = recusal_card(city, dossier_of(case))
    assert card.whole_office == str(case.home)
    told = notices_of(city).get(declaration=case)
    assert told.title == f"{case.home}人员均须回避，请接办{case.applicant_name}的申报"
    taken = review.take_over(case=case, reason="县级人员均须回避", actor=city, now=now)
    assert taken.holder == city.organisation


def test_a_body_that_is_not_registered_yet_binds_when_it_declares(world, case, officer):
    tie = declare_post(post=Post("新办商会", "发起人"), actor=officer, now=world.tick())
    assert tie.organisation is None

    new = worlds.make_submitted(world, name="新办商会")

    assert (cases_visible_to(officer).filter(pk=new.pk).exists(), cases_visible_to(officer).count()) == (False, 2)


def test_a_recusal_by_hand_once_lifted_may_be_declared_again(world, case, officer, leader):
    first = recuse(case=case, who=officer, reason="同学", actor=officer, now=world.tick())
    lift(recusal=first, reason="误登", actor=leader, now=world.tick())

    by_hand(case, officer, leader, world.tick())

    assert Recusal.objects.filter(user=officer.user).count() == 2
