"""The meeting on a frozen list: its agenda, people, votes, what it changes, its minutes and the report."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from declarations.actions import batch as lists
from declarations.actions import deciding, sealing, upward
from declarations.actions.deciding import Decision, Said
from declarations.demo import stages
from declarations.models import (
    Batch,
    Declaration,
    ListVersion,
    Meeting,
    Quota,
)
from declarations.queries.batches import meeting_of
from declarations.queries.deciding_page import accounts_at
from declarations.queries.report import report_draft
from declarations.states import (
    BatchState,
    Choice,
    DecisionWay,
    PaperKind,
    Presence,
    State,
)
from declarations.wording import placeholders
from scoring.models import Mark
from sihao.accounts.refusals import Refused
from sihao.accounts.roles import Role
from tests import worlds
from tests.factories import make_seat
from tests.kept import Ground, building, kept

pytestmark = pytest.mark.django_db
HENAN = worlds.PROVINCE
CLAUSE = "（五（二）1）"


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("store")):
        world = worlds.make_world()
        worlds.make_shortlisted(world, HENAN)
        yield Ground(world, worlds.make_shortlisted(world, HENAN))


@pytest.fixture
def world(ground):
    return ground.afresh()


@pytest.fixture
def unit(ground):
    return ground.case.unit


@pytest.fixture
def frozen(world, unit):
    """A frozen list of two, its meeting arranged."""
    batch = lists.open_batch(cycle=world.cycle, unit=unit)
    stages.ranking.order_by_total(batch=batch, actor=world.officer(unit), now=world.tick())
    lists.freeze_batch(batch=batch, actor=world.officer(unit), now=world.tick())
    arrange(world, unit)
    return batch


@pytest.fixture
def held(world, unit):
    return stages.hold_meeting(world, unit)


def refused(action, **keywords):
    with pytest.raises(Refused) as caught:
        action(**keywords)
    return [str(refusal) for refusal in caught.value.refusals]


def arrange(world, unit, **changes):
    people = stages.leading_body(world.leader(unit), world.officer(unit))
    plan = deciding.Arrangement("主席会议", timezone.localdate(world.clock.at), "会议室", people)
    plan = replace(plan, **changes)
    batch = Batch.objects.get()
    return deciding.arrange_meeting(
        batch=batch, arrangement=plan, actor=world.officer(unit), now=world.tick()
    )


def decide(world, unit, **words):
    officer = world.officer(unit)
    decision = Decision(**{"minutes": "同意推荐。", **words})
    deciding.save_decision(batch=Batch.objects.get(), decision=decision, actor=officer, now=world.tick())
    return deciding.conclude_meeting(batch=Batch.objects.get(), actor=officer, now=world.tick())


def by_rank(unit):
    cases = Declaration.objects.filter(unit=unit, rank__isnull=False).order_by("rank")
    return list(cases.values_list("applicant_name", flat=True))


# ---- the meeting


def test_the_agenda_is_the_frozen_list_and_its_digest(frozen):
    meeting = Meeting.objects.get()

    version = ListVersion.objects.get()
    assert (meeting.agenda, meeting.agenda_digest) == (version, version.digest)
    points = meeting.points.order_by("place").values_list("number", "decided_place")
    assert list(points) == [(line["number"], line["rank"]) for line in version.listing]


def test_a_consensus_leaves_the_list_as_it_was(world, unit, frozen):
    batch = decide(world, unit)

    meeting = Meeting.objects.get()
    assert (batch.state, batch.version, batch.digest) == (BatchState.MEETING_HELD, 1, meeting.decided_digest)
    assert set(meeting.points.values_list("voters", "in_favour")) == {(3, None)}
    assert len(meeting.digest) == 64


def test_a_named_vote_less_who_stands_aside_is_counted_case_by_case(world, unit, frozen):
    ballots = dict.fromkeys((1, 2, 3), Choice.IN_FAVOUR)
    aside, own = [(1, 3, "曾任该会顾问")], [(2, 3, Choice.ABSTAINED)]

    decide(world, unit, way=DecisionWay.VOTE, ballots=ballots, aside=aside, own_ballots=own)

    votes = (
        Meeting.objects.get()
        .points.order_by("place")
        .values_list("voters", "in_favour", "against", "abstained")
    )
    assert list(votes) == [(2, 2, 0, 0), (3, 2, 0, 1)]


def test_the_meeting_orders_anew_and_that_list_goes_up(world, unit, frozen):
    first, second = by_rank(unit)

    batch = decide(world, unit, points={1: Said(2), 2: Said(1, reason="示范作用突出")})

    assert by_rank(unit) == [second, first]
    assert (batch.version, [line["name"] for line in batch.listing]) == (2, [second, first])
    assert Meeting.objects.get().decided.number == 2
    assert Declaration.objects.get(applicant_name=second).rank_reason == "示范作用突出"
    deciding.sign_minutes(batch=batch, actor=world.leader(unit), now=world.tick())
    stages.seal(world, unit)
    receipt = upward.send_up(batch=batch, actor=world.leader(unit), now=world.tick())
    assert (receipt.version.number, receipt.cases) == (2, 2)


def test_what_the_meeting_strikes_goes_back_to_review_and_frees_its_place(world, unit, frozen):
    first, second = by_rank(unit)
    used = Quota.objects.get(organisation=unit).used

    batch = decide(world, unit, points={1: Said(None, struck=True, reason="有投诉待查。"), 2: Said(1)})

    out = Declaration.objects.get(applicant_name=first)
    assert (out.state, out.rank, out.batch) == (State.LOCAL_REVIEW, None, None)
    assert (by_rank(unit), batch.version, len(batch.listing)) == ([second], 2, 1)
    assert Quota.objects.get(organisation=unit).used == used - 1
    assert "研究后未列入推荐名单1家" in report_draft(batch, meeting_of(batch)).text


def test_what_does_not_hold_is_not_concluded_and_changes_nothing(world, unit, frozen):
    told = refused(decide, world=world, unit=unit, way=DecisionWay.VOTE, ballots={1: Choice.IN_FAVOUR})

    names = by_rank(unit)
    missing = "示例副主席甲、示例副主席乙尚未登记表决意见（应表决3人，已登记1人）。"
    assert told == [f"第{place}项{name}：{missing}{CLAUSE}" for place, name in enumerate(names, start=1)]
    assert (Batch.objects.get().state, Meeting.objects.get().digest) == (BatchState.FROZEN, "")


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        (1, "集体研究日期不能晚于今天。"),
        (0, None),
        (-1, "集体研究日期不能早于名单固定之日（9月28日）。"),
    ],
)
def test_the_meeting_is_between_freezing_and_today(world, unit, frozen, days, sentence):
    today = timezone.localdate(world.clock.at)
    arrange(world, unit, held_on=today + timedelta(days=days))

    if sentence is None:
        assert decide(world, unit).state == BatchState.MEETING_HELD
    else:
        assert refused(decide, world=world, unit=unit) == [f"{sentence}{CLAUSE}"]


def test_a_case_that_changes_before_the_meeting_ends_is_named(world, unit, frozen):
    case = Declaration.objects.filter(rank=2).get()
    Mark.objects.filter(assessment__ledger=case.ledger).update(points=0)

    told = refused(decide, world=world, unit=unit)

    change = f"{case.applicant_name}：申报材料或者评分有改动"
    assert told == [f"名单固定以后有变化：{change}。请重新打开名单、重新固定后再研究。{CLAUSE}"]


def test_people_who_stay_keep_their_votes_when_the_meeting_is_arranged_anew(world, unit, frozen):
    officer, batch = world.officer(unit), Batch.objects.get()
    words = {
        "way": DecisionWay.VOTE,
        "ballots": {1: Choice.IN_FAVOUR, 2: Choice.AGAINST},
        "aside": [(1, 3, "亲属")],
    }
    deciding.save_decision(batch=batch, decision=Decision(**words), actor=officer, now=world.tick())
    people = stages.leading_body(world.leader(unit), officer)

    arrange(world, unit, people=[people[0], people[2], deciding.Invited("新副主席", "副主席"), people[3]])

    meeting = Meeting.objects.get()
    assert list(meeting.ballots.values_list("attendee__name", "choice")) == [
        (people[0].name, Choice.IN_FAVOUR)
    ]
    aside = meeting.points.get(place=1).aside.values_list("attendee__name", "reason")
    assert list(aside) == [("示例副主席乙", "亲属")]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"people": []}, "请写明参会人员。"),
        ({"people": [deciding.Invited("甲", "主席")] * 2}, "参会人员重复：甲（主席）。"),
        ({"people": [deciding.Invited("甲", "主席")]}, "请指定一位会议主持人。"),
    ],
)
def test_people_that_do_not_make_a_meeting_are_told(world, unit, frozen, change, sentence):
    assert refused(arrange, world=world, unit=unit, **change) == [f"{sentence}{CLAUSE}"]


def test_who_presides_is_there_and_one_account_is_one_person(world, unit, frozen):
    people = stages.leading_body(world.leader(unit), world.officer(unit))
    away = [replace(people[0], presence=Presence.ABSENT), *people[1:]]
    double = [people[0], replace(people[1], user=people[0].user), *people[2:]]

    assert refused(arrange, world=world, unit=unit, people=away) == [f"主持人须出席会议。{CLAUSE}"]
    assert refused(arrange, world=world, unit=unit, people=double) == [
        f"同一账号只能对应一位参会人员。{CLAUSE}"
    ]


def test_the_account_of_who_presides_is_a_leaders_and_nobody_else_of_the_house_is_offered(world, unit, frozen):
    officer, leader = world.officer(unit), world.leader(unit)
    people = stages.leading_body(leader, officer)
    swapped = [replace(people[0], user=officer.user_id), *people[1:3], replace(people[3], user=leader.user_id)]
    assert refused(arrange, world=world, unit=unit, people=swapped) == [
        f"主持人须为本单位领导，所选账号没有领导席位。{CLAUSE}"
    ]

    for role in (Role.EXPERT, Role.SYSTEM_ADMIN, Role.SUPERVISION, Role.MEETING_SECRETARY):
        make_seat(role, unit)
    assert accounts_at(officer) == {seat.user_id: seat.user.name for seat in (officer, leader)}


def test_minutes_are_signed_by_who_was_there_once(world, unit, held):
    stranger = make_seat(Role.OFFICER, unit)

    officer = deciding.sign_minutes(batch=held, actor=world.officer(unit), now=world.tick())

    assert officer.digest == Meeting.objects.get().digest
    twice = refused(deciding.sign_minutes, batch=held, actor=world.leader(unit), now=world.tick())
    assert twice == [f"您已经签署过会议纪要。{CLAUSE}"]
    other = refused(deciding.sign_minutes, batch=held, actor=stranger, now=world.tick())
    assert other == [f"会议纪要由到会人员签署，您不在到会人员之列。{CLAUSE}"]


# ---- what is written from it


def test_the_report_is_drafted_from_the_data_and_leaves_nothing_open(held):
    text = report_draft(held, meeting_of(held)).text

    assert "本周期共有2家商会提交申报，其中省级工商联所属2家。" in text
    assert "审核中没有退回修改。" in text
    assert "应到3人，出席3人，对提交的2家商会逐一研究，一致同意推荐2家。" in text
    names = "；".join(f"{line['rank']}.{line['name']}" for line in held.listing)
    assert f"推荐次序为：{names}。" in text
    assert placeholders(text) == ()


def test_a_report_with_something_to_fill_in_is_refused(world, unit, held):
    words = {"batch": held, "basis": "", "actor": world.officer(unit), "now": world.tick()}

    assert refused(sealing.save_report, text=" ", **words) == [f"请写明推荐审核情况报告的内容。{CLAUSE}"]
    told = refused(sealing.save_report, text="共推荐【  】家。", **words)
    assert told == [f"报告里还有待填的内容：【  】。{CLAUSE}"]


def test_the_list_is_not_sealed_while_a_paper_is_missing(world, unit, held):
    told = refused(sealing.seal_batch, batch=held, actor=world.officer(unit), now=world.tick())

    assert told == [f"《{kind.label}》尚未生成。{CLAUSE}" for kind in PaperKind]


def test_without_minutes_or_papers_nothing_goes_up(world, unit, frozen):
    told = refused(upward.send_up, batch=frozen, actor=world.leader(unit), now=world.tick())

    assert told == [f"推荐名单现为“名单已固定”，只有“盖章材料齐备”、“退回补正”时可以办理。{CLAUSE}"]
    closed = upward.standing_refusals(Batch.objects.get(), world.tick())
    assert [str(one) for one in closed] == [f"推荐名单须经领导班子集体研究后上报，还没有会议纪要。{CLAUSE}"]
