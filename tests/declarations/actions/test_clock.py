"""Terms, reminders at 80 %, overdue at 100 %, said once, and taking over what is overdue."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from declarations.actions import clock, review
from declarations.calendar import add_working_days, reminder_for
from declarations.demo import stages
from declarations.models import ClockStep, Declaration, Notice, Recusal
from declarations.queries.clock import overdue_below
from declarations.queries.deadlines import deadlines_of
from declarations.states import ReturnReason, Stance, State
from sihao.accounts.queries import federation_of_code
from sihao.accounts.refusals import Refused
from sihao.accounts.roles import Level, Role
from sihao.audit.models import Entry
from sihao.audit.queries import trail_of
from tests import worlds
from tests.factories import make_federation, make_seat
from tests.kept import Ground, building, kept
from tests.rows import declare

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")):
        world = worlds.make_world()
        yield Ground(world, worlds.make_submitted(world))


def said(case: Declaration, **of) -> list[tuple[str, str]]:
    """Return what the clock said on a case, as (whose seat, title)."""
    found = Notice.objects.filter(declaration=case, key__startswith="clock:", **of).order_by("id")
    return [(one.seat.organisation.code or "商会", one.title) for one in found.select_related("seat__organisation")]


# ---- terms


def test_term_of_a_tier_is_its_days_or_its_deadline(ground):
    case = ground.case

    assert case.due_at == min(add_working_days(case.held_since, 10), case.cycle.county_closes)
    assert case.remind_at == reminder_for(case.held_since, case.due_at)


@pytest.mark.parametrize(
    ("level", "since", "closes"),
    [
        (Level.COUNTY, "county_closes", "city_closes"),
        (Level.CITY, "city_closes", "province_closes"),
        (Level.PROVINCE, "province_closes", "province_closes"),
    ],
)
def test_case_that_comes_after_a_tiers_deadline_has_the_next_tiers(ground, level, since, closes):
    deadlines, cycle = deadlines_of(ground.case), ground.case.cycle
    at = getattr(cycle, since)

    assert deadlines.tier(level, at - SECOND) == at
    assert deadlines.tier(level, at) == getattr(cycle, closes)


def test_reminder_stands_at_eighty_per_cent():
    start = datetime(2020, 10, 1, tzinfo=worlds.BEIJING)

    assert reminder_for(start, start + timedelta(days=10)) == start + timedelta(days=8)
    assert reminder_for(start, start + SECOND) == start
    assert reminder_for(start, None) is None


# ---- what the clock says


def test_nothing_is_said_before_eighty_per_cent(ground):
    case = ground.case

    assert clock.strike(now=case.remind_at - SECOND) == {"reminded": 0, "overdue": 0}
    assert said(case) == []


def test_at_eighty_per_cent_the_holder_is_reminded_once(ground):
    case = ground.case

    assert clock.strike(now=case.remind_at)["reminded"] == 1
    assert clock.strike(now=case.due_at - SECOND) == {"reminded": 0, "overdue": 0}

    assert said(case) == [("411122", "示例商会1的申报请抓紧办理")] * 2
    body = Notice.objects.filter(declaration=case, key__startswith="clock:").first().body
    assert body == "限10月13日24:00前办结，办理时限已过八成。"


def test_at_the_end_of_the_term_holder_and_superior_hear_once(ground):
    case = ground.case

    assert clock.strike(now=case.due_at) == {"reminded": 0, "overdue": 1}
    assert clock.strike(now=case.due_at + SECOND) == {"reminded": 0, "overdue": 0}

    assert sorted(said(case)) == [
        ("411100", "示例商会1的申报在411122工商业联合会逾期"),
        ("411100", "示例商会1的申报在411122工商业联合会逾期"),
        ("411122", "示例商会1的申报已逾期"),
        ("411122", "示例商会1的申报已逾期"),
    ]
    above = Notice.objects.filter(declaration=case, seat__organisation__code="411100", key__startswith="clock:")
    assert above.first().body == "应于10月13日24:00前办结。请督促办理，必要时接办。"


def test_who_steps_back_is_not_told_of_the_case(ground):
    world, case = ground.afresh(), ground.case
    officer, leader = world.officer(case.holder), world.leader(case.holder)
    Recusal.objects.create(
        user=officer.user, declaration=case, reason="亲属", declared_by=leader, declared_at=worlds.NOW
    )

    clock.strike(now=case.remind_at)

    assert [one.seat for one in Notice.objects.filter(key__startswith="clock:")] == [leader]


def test_an_overdue_case_is_not_reminded_of_as_well(ground):
    clock.strike(now=ground.case.due_at)

    assert list(ClockStep.objects.values_list("step", flat=True)) == ["overdue"]


def test_a_new_turn_of_the_same_holder_has_its_own_reminder(ground):
    case = ground.case
    clock.strike(now=case.remind_at)
    Declaration.objects.filter(pk=case.pk).update(held_since=case.held_since + SECOND)

    assert clock.strike(now=case.remind_at)["reminded"] == 1
    assert clock.strike(now=case.remind_at)["reminded"] == 0
    assert len(said(case)) == 4


def test_draft_is_reminded_of_and_never_overdue(ground):
    world = ground.afresh()
    case = worlds.make_draft(world)

    assert case.due_at == world.cycle.submission_closes
    clock.strike(now=case.remind_at)
    clock.strike(now=case.due_at)

    assert said(case) == [("商会", "贵会申报请抓紧提交")]


def test_returned_case_calls_the_chamber_and_who_returned_it(ground):
    world = ground.afresh()
    mend = review.Mend(item="A1.1", label="A1.1", reason=ReturnReason.UNCLEAR, text="请写明次数。")
    county = ground.case.holder
    review.return_for_correction(case=ground.case, items=[mend], actor=world.officer(county), now=world.tick())
    case = stages.fresh(ground.case)

    clock.strike(now=case.remind_at)
    clock.strike(now=case.due_at)

    assert said(case, seat__organisation=case.applicant_id) == [
        ("商会", "贵会申报请抓紧修改"),
        ("商会", "贵会申报逾期未重新提交"),
    ]
    assert said(case, seat__organisation=county) == [("411122", "示例商会1逾期未重新提交")] * 2


def test_unit_that_lets_its_term_pass_is_called_to_the_nation(ground):
    world = ground.afresh()
    case = stages.shortlist(world, stages.to_unit(world, ground.case))

    clock.strike(now=case.due_at)

    assert case.due_at == world.cycle.province_closes
    assert {place for place, _ in said(case)} == {"410000", "100000"}


def test_a_pass_that_broke_off_goes_on_where_it_stopped(ground, monkeypatch):
    home = make_federation(worlds.COUNTY)
    cases = declare(ground.world.cycle, [f"商会{n}" for n in range(5)], home=home, state=State.LOCAL_REVIEW)
    late = worlds.NOW + timedelta(days=1)
    Declaration.objects.filter(pk__in=[case.pk for case in cases]).update(
        due_at=late, remind_at=worlds.NOW, route=[home.pk, home.parent_id]
    )
    real, calls = clock._say, []

    def breaks(*arguments):
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError
        real(*arguments)

    monkeypatch.setattr(clock, "_say", breaks)
    with pytest.raises(RuntimeError):
        clock.strike(now=late, page=2)
    monkeypatch.undo()

    assert ClockStep.objects.count() == 2
    assert clock.strike(now=late, page=2)["overdue"] == 3
    assert Notice.objects.filter(key__startswith="clock:").count() == 5 * 4


def test_a_page_of_the_clock_asks_the_same_whatever_it_holds(ground):
    home = make_federation(worlds.COUNTY)
    late = worlds.NOW + timedelta(days=1)
    asked = []
    for count in (1, 3, 60):
        names = [f"商会{count}-{n}" for n in range(count)]
        cases = declare(ground.world.cycle, names, home=home, state=State.LOCAL_REVIEW)
        mine = Declaration.objects.filter(pk__in=[case.pk for case in cases])
        mine.update(due_at=late, route=[home.pk, home.parent_id])
        with CaptureQueriesContext(connection) as queries:
            assert clock.strike(now=late)["overdue"] == count
        # One INSERT takes as many rows as the database allows; everything else is asked once a page.
        asked.append(sum("INSERT" not in query["sql"] for query in queries))

    assert asked[0] == asked[1] == asked[2]


# ---- overdue below


def test_overdue_cases_stand_with_the_superior_from_the_very_second(ground):
    case = ground.case
    city, province = (make_seat(Role.OFFICER, make_federation(code)) for code in (worlds.CITY, worlds.PROVINCE))
    neighbour = make_seat(Role.OFFICER, make_federation(worlds.NEIGHBOUR))
    own = make_seat(Role.OFFICER, make_federation(worlds.COUNTY))

    for seat in (city, province):
        assert list(overdue_below(seat, case.due_at - SECOND)) == []
        assert list(overdue_below(seat, case.due_at)) == [case]
    department = make_seat(Role.DEPARTMENT_OFFICER, make_federation(worlds.NATION))
    for seat in (neighbour, own, department):
        assert list(overdue_below(seat, case.due_at)) == []


def test_department_looks_after_what_the_units_hold(ground):
    world = ground.afresh()
    case = stages.to_unit(world, ground.case)

    assert list(overdue_below(world.seats["department"], case.due_at - SECOND)) == []
    assert list(overdue_below(world.seats["department"], case.due_at)) == [case]


# ---- forwarding in time, taking over


def ready(ground):
    world = ground.afresh()
    return world, stages.review_as_holder(world, ground.case)


@pytest.mark.parametrize("late", [False, True])
def test_tier_forwards_until_its_window_closes(ground, late):
    world, case = ready(ground)
    closes = world.cycle.county_closes
    now = closes if late else closes - SECOND

    if not late:
        assert review.forward(case=case, actor=world.leader(case.holder), now=now).holder.code == worlds.CITY
        return
    with pytest.raises(Refused) as refused:
        review.forward(case=case, actor=world.leader(case.holder), now=now)
    assert str(refused.value) == (
        "县级审核已于2020年10月13日24:00截止，本级不能再报。请由上级工商联接办，或由全国工商联批准延期。（五（二）1）"
    )


def test_superior_takes_over_what_is_overdue(ground):
    world, case = ready(ground)
    county, city = case.holder, federation_of_code(worlds.CITY)

    taken = review.take_over(case=case, reason="县级未按时办结", actor=world.leader(city), now=case.due_at)

    assert (taken.state, taken.holder, taken.held_since) == (State.LOCAL_REVIEW, city, case.due_at)
    assert trail_of(taken).last().sentence.endswith("接办，原由411122工商业联合会办理")
    assert trail_of(taken).last().reason == "县级未按时办结"
    told = Notice.objects.filter(declaration=case, seat__organisation=county).order_by("-id").first()
    assert (told.title, told.body) == (
        "示例商会1的申报已由411100工商业联合会接办",
        "本级逾期未办结。理由：县级未按时办结",
    )
    chamber = Notice.objects.filter(declaration=case, seat__organisation=case.applicant_id).order_by("-id").first()
    assert (chamber.title, chamber.body) == ("贵会申报已由上级工商联接办", "现由411100工商业联合会办理。")
    with pytest.raises(Refused):
        review.save_opinion(
            case=taken, text="x", stance=Stance.AGREE, authentic=True, actor=world.officer(county), now=case.due_at
        )


def test_nobody_takes_over_before_the_term_is_over(ground):
    world, case = ready(ground)
    leader = world.leader(federation_of_code(worlds.CITY))

    with pytest.raises(Refused) as refused:
        review.take_over(case=case, reason="x", actor=leader, now=case.due_at - SECOND)

    assert str(refused.value) == (
        "本件由411122工商业联合会办理，限2020年10月13日24:00，尚未逾期，不能接办。（五（二）1）"
    )


def test_taking_over_wants_a_reason_and_the_next_tiers_leader(ground):
    world, case = ready(ground)
    city, province = federation_of_code(worlds.CITY), federation_of_code(worlds.PROVINCE)

    for reason, actor, sentence in (
        (" ", world.leader(city), "请写明理由。"),
        ("x", world.officer(city), "您的席位无权办理这一步。"),
        ("x", world.leader(province), "您的席位无权办理这一步。"),
        ("x", world.leader(case.holder), "您的席位无权办理这一步。"),
    ):
        with pytest.raises(Refused) as refused:
            review.take_over(case=case, reason=reason, actor=actor, now=case.due_at)
        assert str(refused.value) == sentence
    assert not Entry.objects.filter(event="taken_over").exists()
