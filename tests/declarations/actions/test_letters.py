"""Letters on decisions wait for a person; messages of steps go at once; both stand in the outbox."""

import pytest

from declarations.actions import consulting, letters, review
from declarations.demo import stages
from declarations.models import DecisionLetter, Declaration, LetterState, Notice
from declarations.queries.outbox import drafts_of, letters_of, messages_of, settled_letters_of
from declarations.states import DeclineReason
from sihao.accounts.refusals import Refused
from sihao.audit.models import Entry
from tests import worlds
from tests.factories import make_federation
from tests.kept import Ground, building, kept

pytestmark = pytest.mark.django_db

DECLINED = "贵会申报本级未推荐"


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")):
        world = worlds.make_world()
        yield Ground(world, worlds.make_submitted(world))


def declined(ground):
    """Return the world, the officer who declined, and the letter that waits."""
    world = ground.afresh()
    officer = world.officer(ground.case.holder)
    facts = {"code": DeclineReason.SCOPE, "reason": "不在认定范围内。"}
    review.decline(case=ground.case, actor=officer, now=world.tick(), **facts)
    return world, officer, DecisionLetter.objects.get()


def test_declining_drafts_a_letter_and_tells_nobody(ground):
    _, officer, letter = declined(ground)

    assert (letter.title, letter.body) == (DECLINED, "理由：不在认定范围。不在认定范围内。")
    assert (letter.recipient, letter.sender, letter.state) == (
        ground.case.applicant, officer.organisation, LetterState.DRAFT,
    )
    assert not Notice.objects.filter(title=DECLINED).exists()
    assert list(drafts_of(officer)) == [letter]


def test_released_letter_reaches_the_chamber_once(ground):
    world, officer, letter = declined(ground)

    letters.release(letters=[letter.pk], actor=officer, now=world.tick())
    with pytest.raises(Refused, match="所选通知中有已经发出或作废的"):
        letters.release(letters=[letter.pk], actor=officer, now=world.tick())

    heard = Notice.objects.get(title=DECLINED)
    assert (heard.seat.organisation, heard.body, heard.sender) == (
        ground.case.applicant, letter.body, officer.organisation,
    )
    assert Entry.objects.last().sentence.endswith(f"向{ground.case.applicant}发出《{DECLINED}》")
    assert list(settled_letters_of(officer)) == [letter]


def test_letter_of_another_office_cannot_be_released(ground):
    world, _, letter = declined(ground)
    for code in (worlds.NEIGHBOUR, worlds.CITY, worlds.NATION):
        other = world.leader(make_federation(code))
        assert list(letters_of(other)) == []
        with pytest.raises(Refused):
            letters.release(letters=[letter.pk], actor=other, now=world.tick())
    with pytest.raises(Refused, match="决定通知由作出决定的单位办理。"):
        letters.release(letters=[letter.pk], actor=worlds.president_of(ground.case.applicant), now=world.tick())


def test_letter_whose_case_moved_on_is_not_released(ground):
    world, officer, letter = declined(ground)
    Declaration.objects.filter(pk=ground.case.pk).update(state="local_review", holder=officer.organisation)

    with pytest.raises(Refused) as refused:
        letters.release(letters=[letter.pk], actor=officer, now=world.tick())

    assert str(refused.value) == f"{ground.case.applicant_name}的申报现为“审核中”，《{DECLINED}》不再适用，请作废。"
    assert not Notice.objects.filter(title=DECLINED).exists()


def test_voided_letter_reaches_nobody(ground):
    world, officer, letter = declined(ground)

    with pytest.raises(Refused, match="请写明作废的理由。"):
        letters.void(letters=[letter.pk], reason=" ", actor=officer, now=world.tick())
    letters.void(letters=[letter.pk], reason="另行当面告知", actor=officer, now=world.tick())

    letter.refresh_from_db()
    assert (letter.state, letter.reason, letter.settled_by) == ("void", "另行当面告知", officer)
    assert not Notice.objects.filter(title=DECLINED).exists()


def test_words_may_be_changed_until_it_is_released(ground):
    world, officer, letter = declined(ground)

    letters.reword(letter=letter.pk, body="请于明年再行申报。", actor=officer)
    letters.release(letters=[letter.pk], actor=officer, now=world.tick())

    assert Notice.objects.get(title=DECLINED).body == "请于明年再行申报。"
    with pytest.raises(Refused):
        letters.reword(letter=letter.pk, body="x", actor=officer)


def test_nothing_chosen_and_too_many_are_refused(ground):
    world, officer, _ = declined(ground)

    with pytest.raises(Refused, match="请先选择要办理的通知。"):
        letters.release(letters=[], actor=officer, now=world.tick())
    with pytest.raises(Refused, match="一次最多办理2000封，现选了2001封。"):
        letters.release(letters=range(2001), actor=officer, now=world.tick())


def test_all_or_nothing(ground):
    world, officer, letter = declined(ground)

    with pytest.raises(Refused):
        letters.release(letters=[letter.pk, 10**9], actor=officer, now=world.tick())

    assert DecisionLetter.objects.get().state == LetterState.DRAFT


def test_disqualification_waits_for_chamber_and_unit(ground):
    world = ground.afresh()
    case = worlds.make_accepted(world)
    case = stages.flag(world, case, reason="名册不符。")
    consulting.speak(case=case, text="属实。", actor=world.leader(case.unit), now=world.tick())
    stages.preliminary.disqualify(case=stages.fresh(case), actor=world.seats["head"], now=world.tick())

    waiting = DecisionLetter.objects.order_by("id").values_list("title", "recipient__name")
    assert list(waiting) == [
        ("贵会申报已取消认定资格", case.applicant.name),
        (f"{case.applicant_name}已取消认定资格", case.unit.name),
    ]


def test_messages_of_steps_stand_in_the_outbox_of_who_acted(ground):
    world = ground.afresh()
    case = stages.review_as_holder(world, ground.case)
    county = case.holder
    review.forward(case=case, actor=world.leader(county), now=world.tick())

    titles = set(messages_of(world.officer(county)).values_list("title", flat=True))

    assert f"下级工商联报来{case.applicant_name}的申报，请审核" in titles
    assert "贵会申报已报上级工商联审核" in titles
    assert not messages_of(world.officer(make_federation(worlds.NEIGHBOUR))).exists()
