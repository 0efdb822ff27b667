"""Deadlines put off for one applicant or one unit, by two persons, with a reason and an end."""

from datetime import timedelta

import pytest

from declarations.actions import clock, confirming, draft, extensions, review, second_person, upward
from declarations.demo import stages
from declarations.models import Deadline, Extension, Pending
from sihao.accounts.queries import federation_of_code
from sihao.accounts.refusals import Refused
from sihao.accounts.roles import Role
from sihao.audit.models import Entry
from tests import worlds
from tests.factories import make_chamber, make_federation, make_seat
from tests.kept import Ground, building, kept

pytestmark = pytest.mark.django_db

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")):
        world = worlds.make_world()
        yield Ground(world, worlds.make_draft(world))


def propose(world, organisation, deadline=Deadline.SUBMISSION, *, days=1, reason="台风停电三日", **facts):
    closes = {
        Deadline.SUBMISSION: world.cycle.submission_closes,
        Deadline.COUNTY: world.cycle.county_closes,
        Deadline.PROVINCE: world.cycle.province_closes,
    }[deadline]
    facts = {"actor": world.seats["department"], "now": world.tick(), "until": closes + days * DAY, **facts}
    return extensions.propose(
        cycle=world.cycle, organisation=organisation, deadline=deadline, reason=reason, **facts
    )


def grant(world, organisation, deadline=Deadline.SUBMISSION, **facts) -> Extension:
    pending = propose(world, organisation, deadline, **facts)
    confirming.confirm(pending=pending, actor=world.seats["head"], now=world.tick())
    return Extension.objects.latest("pk")


def test_two_persons_stand_behind_an_extension(ground):
    world, case = ground.afresh(), ground.case

    pending = propose(world, case.applicant)
    assert isinstance(pending, Pending)
    assert not Extension.objects.exists()
    confirming.confirm(pending=pending, actor=world.seats["head"], now=world.tick())

    extension = Extension.objects.get()
    assert (extension.proposed_by, extension.confirmed_by) == (world.seats["department"], world.seats["head"])
    assert pending.title == f"{case.applicant}商会申报延至2020年10月13日24:00"
    assert [tuple(pair) for pair in pending.told] == [
        ("适用单位", f"{case.applicant}（一件申报）"),
        ("期限", "商会申报"),
        ("原截止时间", "2020年10月12日24:00"),
        ("延至", "2020年10月13日24:00"),
        ("理由", "台风停电三日"),
    ]
    entry = Entry.objects.filter(event="extension_confirmed").get()
    assert entry.sentence.endswith(f"批准把{case.applicant}的商会申报期限延至2020年10月13日24:00")
    assert entry.reason == "台风停电三日"


def test_who_prepared_it_cannot_confirm_it(ground):
    world = ground.afresh()
    make_seat(Role.DEPARTMENT_HEAD, make_federation(worlds.NATION))
    pending = propose(world, ground.case.applicant, actor=world.seats["head"])

    for actor in (world.seats["head"], world.seats["department"]):
        with pytest.raises(Refused):
            confirming.confirm(pending=pending, actor=actor, now=world.tick())

    assert not Extension.objects.exists()


def test_where_the_cycle_asks_for_one_person_it_counts_at_once(ground):
    world = ground.afresh()
    world.cycle.two_persons = []

    assert isinstance(propose(world, ground.case.applicant), Extension)
    world.cycle.refresh_from_db()


def test_sent_back_extension_counts_for_nothing(ground):
    world = ground.afresh()
    pending = propose(world, ground.case.applicant)

    second_person.drop(pending=pending, actor=world.seats["head"], now=world.tick(), reason="理由不足")

    assert not Extension.objects.exists()
    assert stages.fresh(ground.case).due_at == world.cycle.submission_closes


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"reason": " "}, "请写明延期的理由。"),
        ({"days": 0}, "商会申报现限2020年10月12日24:00，延期须晚于此时。"),
        ({"until": worlds.NOW - DAY}, "延期须延至现在以后的时间。"),
        ({"days": 4}, "不能晚于省级上报截止时间2020年10月15日24:00；须先办理省级上报延期。"),
    ],
)
def test_bad_extension_is_refused(ground, facts, sentence):
    with pytest.raises(Refused) as refused:
        propose(ground.afresh(), ground.case.applicant, **facts)

    assert str(refused.value) == f"{sentence}（五（二）1）"


def test_extension_may_reach_the_national_deadline(ground):
    assert grant(ground.afresh(), ground.case.applicant, days=3).until == ground.case.cycle.province_closes


@pytest.mark.parametrize("name", ["expert", "supervision", "secretary"])
def test_others_propose_nothing(ground, name):
    world = ground.afresh()

    with pytest.raises(Refused, match="延期由全国工商联会员部办理。"):
        propose(world, ground.case.applicant, actor=world.seats[name])


@pytest.mark.parametrize(("second", "in_time"), [(-SECOND, True), (timedelta(0), False)])
def test_chamber_hands_in_until_its_extension_ends(ground, second, in_time):
    world, case = ground.afresh(), ground.case
    until = grant(world, case.applicant).until
    president = worlds.president_of(case.applicant)

    if in_time:
        assert draft.submit(case=case, actor=president, now=until + second).state == "local_review"
        return
    with pytest.raises(Refused) as refused:
        draft.submit(case=case, actor=president, now=until + second)
    assert "申报已于2020年10月13日24:00截止" in str(refused.value)


def test_extension_is_for_that_applicant_alone(ground):
    world = ground.afresh()
    other = worlds.make_draft(world)
    grant(world, ground.case.applicant)

    with pytest.raises(Refused, match="申报已于2020年10月12日24:00截止"):
        draft.submit(case=other, actor=worlds.president_of(other.applicant), now=world.cycle.submission_closes)


def test_extension_of_a_unit_is_for_all_beneath_it(ground):
    world = ground.afresh()
    near, far = worlds.make_draft(world), worlds.make_draft(world, worlds.NEIGHBOUR)
    grant(world, federation_of_code(worlds.COUNTY))
    later = world.cycle.submission_closes + DAY

    assert stages.fresh(near).due_at == stages.fresh(ground.case).due_at == later
    assert stages.fresh(far).due_at == world.cycle.submission_closes


def test_chamber_may_start_in_its_extension(ground):
    world = ground.afresh()
    chamber = make_chamber(make_federation(worlds.COUNTY))
    president = make_seat(Role.CHAMBER_PRESIDENT, chamber)
    grant(world, chamber)

    case = draft.start(cycle=world.cycle, applicant=chamber, actor=president, now=world.cycle.submission_closes)

    assert case.due_at == world.cycle.submission_closes + DAY


def test_extension_moves_term_and_reminder_and_its_end_moves_them_back(ground):
    world, case = ground.afresh(), ground.case
    before = case.due_at, case.remind_at

    extension = grant(world, case.applicant)
    longer = stages.fresh(case)
    extensions.end(extension=extension, reason="已恢复供电", actor=world.seats["head"], now=world.tick())
    again = stages.fresh(case)

    assert longer.due_at == before[0] + DAY
    assert longer.remind_at > before[1]
    assert (again.due_at, again.remind_at) == before
    entry = Entry.objects.filter(event="extension_ended").get()
    assert entry.sentence.endswith(f"终止{case.applicant}的商会申报延期")


def test_extension_ends_once_and_with_a_reason(ground):
    world = ground.afresh()
    extension = grant(world, ground.case.applicant)
    end = {"extension": extension, "now": world.tick()}

    for actor, reason, sentence in (
        (world.seats["department"], "x", "延期由全国工商联会员部办理。"),
        (world.seats["head"], " ", "请写明终止延期的理由。"),
    ):
        with pytest.raises(Refused, match=sentence):
            extensions.end(actor=actor, reason=reason, **end)
    extensions.end(actor=world.seats["head"], reason="x", **end)
    with pytest.raises(Refused, match="这项延期已经终止。"):
        extensions.end(actor=world.seats["head"], reason="x", **end)


def test_tier_forwards_in_its_extension_and_is_called_later(ground):
    world = ground.afresh()
    case = stages.review_as_holder(world, worlds.make_submitted(world))
    world.cycle.holder_days = 30
    world.cycle.save(update_fields=["holder_days"])
    grant(world, federation_of_code(worlds.COUNTY), Deadline.COUNTY)
    closes = world.cycle.county_closes

    assert stages.fresh(case).due_at == closes + DAY
    assert clock.strike(now=closes)["overdue"] == 0
    sent = review.forward(case=case, actor=world.leader(case.holder), now=closes + DAY - SECOND)
    assert sent.holder.code == worlds.CITY


@pytest.mark.parametrize(("late", "sent"), [(-SECOND, True), (timedelta(0), False)])
def test_unit_sends_up_in_its_extension(ground, late, sent):
    world = ground.afresh()
    case = worlds.make_shortlisted(world)
    until = grant(world, case.unit, Deadline.PROVINCE).until
    stages.hold_meeting(world, case.unit)
    batch, at = stages.seal(world, case.unit), until + late

    if sent:
        upward.send_up(batch=batch, actor=world.leader(case.unit), now=at)
        upward.recommend_listed(batch=batch, actor=world.leader(case.unit), now=at)
        assert stages.fresh(case).state == "recommended"
        return
    with pytest.raises(Refused, match="推荐上报已于2020年10月16日24:00截止"):
        upward.send_up(batch=batch, actor=world.leader(case.unit), now=at)
