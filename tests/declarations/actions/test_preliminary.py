"""The preliminary review: three answers, one ground, a second person, the province heard."""

from datetime import datetime, timedelta

import pytest

from declarations.actions import preliminary
from declarations.calendar import add_working_days
from declarations.demo import stages
from declarations.models import Declaration, PreliminaryReview
from declarations.states import Ground, State
from sihao.accounts.refusals import Refused
from sihao.audit.queries import trail_of
from tests import worlds
from tests.factories import make_federation, make_seat
from tests.kept import as_it_stands, building, kept

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def begun(django_db_setup, django_db_blocker, tmp_path_factory):
    """A world with one case in the preliminary review, built once for the module."""
    with kept(django_db_blocker):
        with building(tmp_path_factory.mktemp("evidence")):
            world = worlds.make_world()
            case = worlds.make_accepted(world, worlds.PROVINCE)
        yield world, case.pk


@pytest.fixture
def world(begun, db):
    return as_it_stands(begun[0])


@pytest.fixture
def case(world, begun):
    return stages.fresh(Declaration(pk=begun[1]))


def answer(world, case, *, complete=True, logical=True, true=True):
    return preliminary.answer_questions(
        case=case, complete=complete, logical=logical, true=true, remarks="", actor=world.seats["department"],
        now=world.tick(),
    )


def propose(world, case, *, ground=Ground.UNTRUE, actor=None, reason="会员数与年检材料不符。"):
    return preliminary.propose_disqualification(
        case=case, ground=ground, reason=reason, actor=actor or world.seats["department"], now=world.tick()
    )


def refused(act, **words):
    with pytest.raises(Refused) as caught:
        act(**words)
    return str(caught.value)


def passing(world, case):
    return refused(preliminary.pass_preliminary, case=case, actor=world.seats["department"], now=world.tick())


def disqualifying(world, case, *, actor=None, at=None):
    return refused(preliminary.disqualify, case=case, actor=actor or world.seats["head"], now=at or world.tick())


@pytest.mark.parametrize(
    ("lacking", "question"),
    [("complete", "材料是否齐全"), ("logical", "内容逻辑是否通顺"), ("true", "材料与事实是否相符")],
)
@pytest.mark.parametrize("said", [False, None])
def test_pass_needs_every_answer_to_be_yes(world, case, lacking, question, said):
    answer(world, case, **{lacking: said})

    assert passing(world, case) == f"初审三问须全部为“是”才能通过，尚缺：{question}。（五（二）3）"


def test_pass_without_any_answer_names_all_three(world, case):
    assert passing(world, case) == (
        "初审三问须全部为“是”才能通过，尚缺：材料是否齐全、内容逻辑是否通顺、材料与事实是否相符。（五（二）3）"
    )


def test_pass_with_three_yes_brings_the_case_before_the_experts(world, case):
    answer(world, case)

    preliminary.pass_preliminary(case=case, actor=world.seats["department"], now=world.tick())

    case.refresh_from_db()
    assert (case.state, case.holder.code) == (State.EXPERT_REVIEW, worlds.NATION)


def test_answers_are_kept_with_who_and_when_and_are_told(world, case):
    review = answer(world, case, true=None)

    assert (review.complete, review.logical, review.true) == (True, True, None)
    assert review.answered_by == world.seats["department"]
    entry = trail_of(case).filter(event="preliminary_answered").get()
    assert entry.data == {"complete": True, "logical": True, "true": None}


def test_answers_are_refused_outside_the_preliminary_review(world, case):
    stages.pass_preliminary(world, case)

    words = refused(
        preliminary.answer_questions, case=case, complete=False, logical=None, true=None, remarks="",
        actor=world.seats["department"], now=world.tick(),
    )

    assert words == "本件不在初审环节，不能填写初审结论。（五（二）3）"
    assert PreliminaryReview.objects.get(declaration=case).complete is True


@pytest.mark.parametrize("ground", Ground.values)
def test_each_of_the_three_grounds_may_be_proposed(world, case, ground):
    propose(world, case, ground=ground)

    review = PreliminaryReview.objects.get(declaration=case)
    entry = trail_of(case).filter(event="disqualification_proposed").get()
    assert (review.ground, entry.data["ground"], entry.reason) == (
        ground, Ground(ground).label, "会员数与年检材料不符。"
    )


@pytest.mark.parametrize("ground", ["", "late", "incomplete,untrue"])
def test_no_other_ground_may_be_proposed(world, case, ground):
    words = refused(
        preliminary.propose_disqualification, case=case, ground=ground, reason="不符。",
        actor=world.seats["department"], now=world.tick(),
    )

    assert words == "取消认定资格只能依据三类事由之一：报送材料不全、内容逻辑不通、与事实不符。（五（二）3）"


def test_a_proposal_needs_its_reason(world, case):
    words = refused(
        preliminary.propose_disqualification, case=case, ground=Ground.UNTRUE, reason=" ",
        actor=world.seats["department"], now=world.tick(),
    )

    assert words == "请写明理由。"


def test_a_flagged_case_cannot_pass(world, case):
    answer(world, case)
    propose(world, case)

    assert passing(world, case) == "本件已提出取消认定资格，须先办结。（五（二）3）"


def test_a_second_proposal_is_refused_while_the_first_is_open(world, case):
    propose(world, case)

    words = refused(
        preliminary.propose_disqualification, case=case, ground=Ground.INCOMPLETE, reason="缺材料。",
        actor=world.seats["department"], now=world.tick(),
    )

    assert words == "本件已提出取消认定资格，须先办结。（五（二）3）"


def test_who_proposed_cannot_confirm(world, case):
    propose(world, case, actor=world.seats["head"])
    preliminary.answer_proposal(
        case=case, text="属实。", actor=world.staff[case.unit_id][1], now=world.tick()
    )

    assert disqualifying(world, case) == "提出人不能自己确认，请由另一人办理。（五（二）3）"


def test_who_proposed_cannot_confirm_from_another_seat(world, case):
    twice = make_seat(world.seats["head"].role, make_federation(worlds.NATION), world.seats["department"].user)
    propose(world, case)
    preliminary.answer_proposal(case=case, text="属实。", actor=world.staff[case.unit_id][1], now=world.tick())

    assert disqualifying(world, case, actor=twice) == "提出人不能自己确认，请由另一人办理。（五（二）3）"


def test_a_second_person_confirms_after_the_province_answered(world, case):
    propose(world, case)
    preliminary.answer_proposal(case=case, text="属实。", actor=world.staff[case.unit_id][1], now=world.tick())

    preliminary.disqualify(case=case, actor=world.seats["head"], now=world.tick())

    case.refresh_from_db()
    review = PreliminaryReview.objects.get(declaration=case)
    assert (case.state, case.holder) == (State.DISQUALIFIED, None)
    assert (review.province_answer, review.confirmed_by) == ("属实。", world.seats["head"])
    entry = trail_of(case).filter(event="disqualified").get()
    assert (entry.data["ground"], entry.data["state"]) == ("材料与事实不符", "disqualified")


def term_of(case) -> datetime:
    return PreliminaryReview.objects.get(declaration=case).answer_due


def test_the_term_is_five_working_days(world, case):
    propose(world, case)

    assert term_of(case) == add_working_days(world.clock.at, 5)
    assert term_of(case).astimezone(worlds.BEIJING) == datetime(2020, 10, 13, 0, 0, tzinfo=worlds.BEIJING)


def test_an_instant_before_the_term_is_over_the_province_must_have_answered(world, case):
    propose(world, case)

    words = disqualifying(world, case, at=term_of(case) - timedelta(seconds=1))

    assert words == "须先与省级工商联沟通：等待答复至2020年10月12日24:00。（五（二）3）"


def test_when_the_term_is_over_nobody_has_to_answer(world, case):
    propose(world, case)

    preliminary.disqualify(case=case, actor=world.seats["head"], now=term_of(case))

    case.refresh_from_db()
    assert case.state == State.DISQUALIFIED


def test_without_a_proposal_nothing_is_confirmed(world, case):
    words = disqualifying(world, case)

    assert words == "尚未提出取消认定资格。（五（二）3）"


def test_only_the_units_leader_answers(world, case):
    propose(world, case)
    leader, officer = world.staff[case.unit_id][1], world.staff[case.unit_id][0]
    elsewhere = make_seat(leader.role, make_federation("420000"))

    for actor in (officer, elsewhere, world.seats["department"]):
        words = refused(preliminary.answer_proposal, case=case, text="属实。", actor=actor, now=world.tick())
        assert words == "由推荐单位分管领导答复。（五（二）3）"


@pytest.mark.parametrize(("flagged", "text"), [(True, " "), (False, "属实。")])
def test_an_empty_answer_or_one_to_nothing_is_refused(world, case, flagged, text):
    if flagged:
        propose(world, case)

    words = refused(
        preliminary.answer_proposal, case=case, text=text, actor=world.staff[case.unit_id][1], now=world.tick()
    )

    assert words == "没有待答复的事项，或答复内容为空。（五（二）3）"


def test_a_proposal_that_was_dropped_lets_the_case_pass(world, case):
    answer(world, case)
    propose(world, case)

    preliminary.drop_flag(case=case, reason="省级工商联已补充说明。", actor=world.seats["head"], now=world.tick())
    preliminary.pass_preliminary(case=case, actor=world.seats["department"], now=world.tick())

    case.refresh_from_db()
    assert case.state == State.EXPERT_REVIEW


def test_a_direct_chamber_is_answered_for_by_the_head(world):
    case = worlds.make_accepted(world, worlds.NATION)
    propose(world, case)

    review = preliminary.answer_proposal(case=case, text="已核实。", actor=world.seats["head"], now=world.tick())

    assert review.province_answer == "已核实。"
