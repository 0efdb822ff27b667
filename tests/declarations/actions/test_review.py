"""What a tier does with a case: marks of its own, agreement, opinion, forwarding, returning."""

from datetime import datetime
from decimal import Decimal

import pytest

from declarations.actions import draft, review
from declarations.demo import stages
from declarations.models import Declaration, ReturnSlip
from declarations.queries.facts import dossier_of
from declarations.states import DeclineReason, ReturnReason, Stance, State
from scoring.actions import Entered
from scoring.models import Layer, Mark
from scoring.queries import book_of, programme_of
from sihao.accounts.refusals import Refused
from tests import worlds
from tests.kept import Ground, kept

pytestmark = pytest.mark.django_db
ROW, VETO = "A1.2", "A1.1"


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker):
    with kept(django_db_blocker):
        world = worlds.make_world()
        yield Ground(world, worlds.make_submitted(world))


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


def mark(world, case, **entries):
    entered = {code.replace("_", "."): entry for code, entry in entries.items()}
    review.save_tier_marks(case=case, entries=entered, actor=world.officer(case.holder), now=world.tick())


def opine(world, case, *, authentic=True):
    officer = world.officer(case.holder)
    review.save_opinion(
        case=case, text="同意。", stance=Stance.AGREE, authentic=authentic, actor=officer, now=world.tick()
    )


def agree(world, case):
    return review.agree_with_below(case=case, actor=world.officer(case.holder), now=world.tick())


def forward(world, case):
    return review.forward(case=stages.fresh(case), actor=world.leader(case.holder), now=world.tick())


def layer(case, which=Layer.COUNTY):
    return book_of(case.ledger_id).layer(which)


def mend(item=ROW):
    return review.Mend(item, f"{item} 某项", ReturnReason.MISSING, "请补充签到表。")


# ---- marks


def test_a_tier_marks_its_own_layer_and_leaves_the_one_below(world, case):
    before = layer(case, Layer.SELF).points

    mark(world, case, A1_2=Entered(points="1.5", reason="材料不足。"))

    assert layer(case).points == {ROW: Decimal("1.5")}
    assert layer(case, Layer.SELF).points == before


def test_what_is_no_mark_is_kept_as_typed(world, case):
    mark(world, case, A1_2=Entered(points="七分"), A1_3=Entered(points="7.25"), A1_4=Entered(points="8"))

    kept = {one.code: (one.points, one.typed) for one in layer(case).marks.values()}
    assert kept == {"A1.2": (None, "七分"), "A1.3": (None, "7.25"), "A1.4": (None, "8")}


def test_agreeing_confirms_the_rows_without_a_mark_alone(world, case):
    mark(world, case, A1_2=Entered(points="0", reason="无材料。"), A1_3=Entered(points="七分"))

    number = agree(world, case).written

    own, below = layer(case), layer(case, Layer.SELF)
    assert number == len(programme_of(case.cycle.programme).rubric.items()) - 2
    assert own.marks["A1.3"].typed == "七分"
    assert own.points == {code: points for code, points in below.points.items() if code != "A1.3"} | {ROW: 0}
    assert agree(world, case).written == 0


def test_a_neighbour_and_the_tier_above_do_not_mark(world, case):
    sentence = ["本件现不由本单位办理，不能评分。（五（二）1）"]
    neighbour, city = worlds.make_federation(worlds.NEIGHBOUR), worlds.make_federation(worlds.CITY)

    for office in (neighbour, city):
        told = refused(review.save_tier_marks, case=case, entries={}, actor=world.officer(office), now=world.tick())
        assert told == sentence
    assert Mark.objects.filter(assessment__layer=Layer.COUNTY).count() == 0


# ---- what a step upward asks


def test_everything_that_stands_against_forwarding_is_said_at_once(world, case):
    mark(world, case, A1_2=Entered(points="0"))

    told = refused(review.forward, case=case, actor=world.leader(case.holder), now=world.tick())

    rubric = programme_of(case.cycle.programme).rubric
    key = [item for item in rubric.items() if item.mark]
    named = "、".join(f"{item.id}{item.name}" for item in key[:6])
    assert told == [
        "请先填写本级审核意见。（五（二）1）",
        f"否决项和基础达标项须逐项审核打分，尚缺：{named}等14项。（五（一））",
        f"审核得分与下一级不同的指标须写明理由：A1.2{rubric.item(ROW).name}。（五（二）1）",
    ]


def test_an_opinion_without_the_word_on_the_material_is_not_enough(world, case):
    agree(world, case)
    opine(world, case, authentic=False)

    told = refused(review.forward, case=case, actor=world.leader(case.holder), now=world.tick())

    assert told == ["请先确认已核对申报材料的真实性。（五（二）3）"]


def test_a_reason_of_blanks_is_no_reason(world, case):
    mark(world, case, A1_2=Entered(points="0", reason=" \n"))
    agree(world, case)
    opine(world, case)
    leader = world.leader(case.holder)

    without = refused(review.forward, case=case, actor=leader, now=world.tick())
    mark(world, case, A1_2=Entered(reason="没有学习记录。"))

    assert [sentence[:21] for sentence in without] == ["审核得分与下一级不同的指标须写明理由：A1"]
    assert forward(world, case).holder.code == worlds.CITY


def test_a_marked_row_left_out_keeps_the_case_below(world, case):
    agree(world, case)
    opine(world, case)
    mark(world, case, A1_1=Entered(points=""))

    told = refused(review.forward, case=case, actor=world.leader(case.holder), now=world.tick())

    item = programme_of(case.cycle.programme).rubric.item(VETO)
    assert told == [f"否决项和基础达标项须逐项审核打分，尚缺：A1.1{item.name}。（五（一））"]


def test_a_common_row_left_out_does_not_keep_a_county_but_does_keep_the_unit(world, case):
    agree(world, case)
    mark(world, case, A1_2=Entered(points=""))
    opine(world, case)
    assert forward(world, case).holder.code == worlds.CITY

    at_unit = worlds.make_at_unit(world, worlds.PROVINCE)
    mark(world, at_unit, A1_2=Entered(points=""))
    told = refused(review.shortlist, case=at_unit, actor=world.leader(at_unit.unit), now=world.tick())

    name = programme_of(case.cycle.programme).rubric.item(ROW).name
    assert told == [f"本级审核还有未打分的指标：A1.2{name}。（五（二）1）"]


def test_a_case_forwarded_is_fixed_for_the_tier_below(world, case):
    agree(world, case)
    opine(world, case)
    officer = world.officer(case.holder)
    forward(world, case)

    told = refused(
        review.save_tier_marks, case=case, entries={ROW: Entered(points="0")}, actor=officer, now=world.tick()
    )

    assert told == ["本件现不由本单位办理，不能评分。（五（二）1）"]
    assert layer(case).assessment.locked_at is not None
    assert dossier_of(stages.fresh(case)).opinion_of(officer.organisation_id).conclusion == "同意报上级审核"


def test_a_veto_at_zero_is_not_shortlisted(world):
    case = worlds.make_at_unit(world, worlds.PROVINCE)
    mark(world, case, A1_1=Entered(points="0", reason="发生重大负面政治事件。"))

    told = refused(review.shortlist, case=case, actor=world.leader(case.unit), now=world.tick())

    assert len(told) == 1
    assert told[0].startswith("按本级审核得分，未达到认定条件：门槛G2〔五（一）：否决项有一项为0分，不能参与认定〕")


def test_the_unit_does_not_forward_and_a_county_does_not_shortlist(world, case):
    at_unit = worlds.make_at_unit(world, worlds.PROVINCE)

    above = refused(review.forward, case=at_unit, actor=world.leader(at_unit.unit), now=world.tick())
    below = refused(review.shortlist, case=case, actor=world.leader(case.holder), now=world.tick())

    assert above == ["本级即为推荐单位，请列入拟推荐名单，不再向上级转报。（五（二）1）"]
    assert below == ["您的席位无权办理这一步。"]


# ---- back to the chamber, or no further


def test_a_return_names_items_and_until_when(world, case):
    friday = datetime(2020, 10, 9, 10, 0, tzinfo=worlds.BEIJING)

    review.return_for_correction(case=case, items=[mend()], actor=world.officer(case.holder), now=friday)

    slip = ReturnSlip.objects.get()
    assert slip.due_at == world.cycle.county_closes  # five working days end later
    assert [(item.item, item.reason, item.text) for item in slip.items.all()] == [(ROW, "missing", "请补充签到表。")]
    assert Declaration.objects.get().state == State.RETURNED
    assert layer(case, Layer.SELF).assessment.locked_at is None


def test_a_return_without_items_is_refused(world, case):
    told = refused(
        review.return_for_correction, case=case, items=[], actor=world.officer(case.holder), now=world.tick()
    )

    assert told == ["请至少写明一项需要修改的指标或字段，并逐项说明原因。"]


def test_a_case_returned_from_the_list_leaves_it_and_its_marks_open_again(world):
    case = worlds.make_shortlisted(world, worlds.PROVINCE)
    officer, president = world.officer(case.unit), worlds.president_of(case.applicant)

    review.return_for_correction(case=case, items=[mend()], actor=officer, now=world.tick())
    draft.answer_return(case=case, answers={ROW: "已补充。"}, actor=president, now=world.tick())
    draft.resubmit(case=stages.fresh(case), actor=president, now=world.tick())
    again = stages.fresh(case)
    mark(world, again, A1_2=Entered(points="0", reason="补充材料仍不足。"))

    assert (again.state, again.rank, again.batch, again.holder) == (State.LOCAL_REVIEW, None, None, case.unit)
    assert dossier_of(again).quota.used == 0
    assert layer(case, Layer.PROVINCE).points[ROW] == 0


def test_the_list_takes_a_case_again_after_it_left(world):
    case = worlds.make_shortlisted(world, worlds.PROVINCE)
    leader = world.leader(case.unit)

    review.unshortlist(case=case, reason="再核一项。", actor=leader, now=world.tick())
    told = refused(review.shortlist, case=case, actor=leader, now=world.tick())
    review.save_opinion(
        case=case, text="复核后同意。", stance=Stance.AGREE, authentic=True, actor=leader, now=world.tick()
    )
    listed = review.shortlist(case=stages.fresh(case), actor=leader, now=world.tick())

    assert told == ["请先填写本级审核意见。（五（二）1）"]
    assert (listed.rank, dossier_of(listed).quota.used) == (1, 1)


def test_not_recommending_needs_words(world, case):
    leader = world.leader(case.holder)
    keywords = {"case": case, "code": DeclineReason.SCOPE, "actor": leader, "now": world.tick()}

    told = refused(review.decline, reason=" ", **keywords)
    ended = review.decline(reason="登记不满两年。", **keywords)

    assert told == ["请写明理由。"]
    assert (ended.state, ended.holder) == (State.NOT_FORWARDED, None)
