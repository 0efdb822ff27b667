"""The experts: who may read a case, what a sheet needs, what the group agrees, which verdict comes of it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from declarations.actions import panel, sheets, verdicts
from declarations.actions.ties import Relative, declare_kinship
from declarations.demo import stages
from declarations.models import Declaration, ExpertReview, Kinship, ScoreRun
from declarations.queries.cases import cases_visible_to
from declarations.queries.facts import dossier_of
from declarations.states import SheetState, State
from scoring.actions import Entered
from scoring.models import Layer
from scoring.queries import book_of, programme_of
from sihao.accounts.refusals import Refused
from sihao.accounts.roles import Role
from sihao.audit.queries import trail_of
from tests import worlds
from tests.factories import make_chamber, make_federation, make_seat, make_user
from tests.kept import as_it_stands, building, kept

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def begun(django_db_setup, django_db_blocker, tmp_path_factory):
    """A world with one case passed to the experts, one assigned to two of them, one scored; built once."""
    with kept(django_db_blocker):
        with building(tmp_path_factory.mktemp("evidence")):
            world = worlds.make_world()
            cases = [worlds.make_shortlisted(world, worlds.PROVINCE) for _ in range(3)]
            stages.send_up(world, cases[0].unit)
            stages.accept(world, cases[0].unit)
            cases = [stages.pass_preliminary(world, stages.fresh(case)) for case in cases]
            for case in cases[1:]:
                stages.assign(world, case)
            stages.score(world, cases[2])
        yield world, [case.pk for case in cases]


@pytest.fixture
def world(begun, db):
    return as_it_stands(begun[0])


@pytest.fixture
def unassigned(world, begun):
    return stages.fresh(Declaration(pk=begun[1][0]))


@pytest.fixture
def case(world, begun):
    return stages.fresh(Declaration(pk=begun[1][1]))


@pytest.fixture
def scored(world, begun):
    return stages.fresh(Declaration(pk=begun[1][2]))


def refused(act, **words):
    with pytest.raises(Refused) as caught:
        act(**words)
    return str(caught.value)


def assign(world, case, expert):
    return panel.assign_expert(case=case, expert=expert, actor=world.seats["department"], now=world.tick())


def taken(world, case, expert):
    review = assign(world, case, expert)
    sheets.accept_offers(reviews=[review], pledged=True, actor=expert, now=world.tick())
    return review


def sheet(case, expert) -> ExpertReview:
    reviews = ExpertReview.objects.select_related("assessment__ledger__programme", "declaration", "expert__user")
    return reviews.get(declaration=case, expert=expert)


def items(case):
    return programme_of(case.cycle.programme).rubric.items()


def write(world, case, expert, entries, comment=None):
    review = sheet(case, expert)
    panel.save_expert_marks(review=review, entries=entries, comment=comment, actor=expert, now=world.tick())


def fill(world, case, marks=None, reason="证据不足。"):
    """Let both experts confirm sheets that give what the province gave, except for the marks named."""
    for name in ("expert", "expert-2"):
        expert = world.seats[name]
        entries = {code: Entered(points=points, reason=reason) for code, points in (marks or {}).items()}
        write(world, case, expert, entries)
        panel.agree_with_province(review=sheet(case, expert), actor=expert, now=world.tick())
        panel.confirm_sheet(review=sheet(case, expert), actor=expert, now=world.tick())


def agree(world, case, changes=None, reason="专家组商定。"):
    """Agree full marks on the marked rows, except for the changes named."""
    points = {item.id: item.points for item in items(case) if item.mark} | (changes or {})
    entries = {code: Entered(points=value, reason=reason) for code, value in points.items()}
    agreed = panel.Agreed(entries, {code: panel.Proofs(source="登记机关查询结果") for code in changes or {}})
    panel.save_agreed(case=case, agreed=agreed, actor=world.seats["group-head"], now=world.tick())
    for review in case.expert_reviews.filter(state=SheetState.CONFIRMED).select_related("expert__user"):
        for code in changes or {}:
            say(world, review, code)


def say(world, review, code, agrees=True, reason=""):
    told = {"actor": review.expert, "now": world.tick()}
    return panel.voice(review=review, code=code, agrees=agrees, reason=reason, **told)


def sign(world, case):
    return verdicts.sign_verdict(case=case, actor=world.seats["group-head"], now=world.tick())


# ---- who reads


def test_an_expert_is_assigned_with_an_own_sheet(world, unassigned):
    review = assign(world, unassigned, world.seats["expert"])

    assert (review.state, review.assessment.layer, review.assessment.assessor) == (
        "offered", "expert", world.seats["expert"]
    )
    assert trail_of(unassigned).filter(event="expert_assigned").get().data["expert"] == review.expert.user.name


@pytest.mark.parametrize("place", [worlds.PROVINCE, worlds.CITY, worlds.COUNTY])
def test_an_expert_with_a_seat_in_the_province_is_refused(world, unassigned, place):
    make_seat(Role.OFFICER, make_federation(place), world.seats["expert"].user)

    words = refused(assign, world=world, case=unassigned, expert=world.seats["expert"])

    name, body = world.seats["expert"].user.name, make_federation(place).name
    assert words == f"{name}在{body}任职，应当回避，不能分派。（五（二）3）"


def test_an_expert_with_a_seat_in_another_province_is_not_refused(world, unassigned):
    make_seat(Role.OFFICER, make_federation("420000"), world.seats["expert"].user)

    assert assign(world, unassigned, world.seats["expert"]).state == SheetState.OFFERED


def test_a_direct_chamber_is_tied_to_its_own_people_alone(world):
    case = stages.pass_preliminary(world, worlds.make_accepted(world, worlds.NATION))
    make_seat(Role.OFFICER, make_federation(worlds.PROVINCE), world.seats["expert"].user)
    make_seat(Role.CHAMBER_FILLER, case.applicant, world.seats["expert-2"].user)

    assert assign(world, case, world.seats["expert"]).state == SheetState.OFFERED
    name = world.seats["expert-2"].user.name
    words = refused(assign, world=world, case=case, expert=world.seats["expert-2"])
    assert words == f"{name}有任职或者亲属关系，不能分派。（五（二）3）"


def test_a_seat_at_another_chamber_of_the_province_is_a_tie(world, unassigned):
    other = make_chamber(make_federation(worlds.COUNTY))
    make_seat(Role.CHAMBER_FILLER, other, world.seats["expert"].user)

    words = refused(assign, world=world, case=unassigned, expert=world.seats["expert"])

    assert words == f"{world.seats['expert'].user.name}在{other.name}任职，应当回避，不能分派。（五（二）3）"


def test_an_expert_is_assigned_once(world, case):
    words = refused(assign, world=world, case=case, expert=world.seats["expert"])

    assert words == f"{world.seats['expert'].user.name}已分派本件，或者曾经分派。（五（二）3）"


def test_a_person_is_assigned_once_whatever_the_seat(world, case):
    other_seat = make_seat(Role.GROUP_HEAD, make_federation(worlds.NATION), world.seats["expert"].user)

    words = refused(assign, world=world, case=case, expert=other_seat)

    assert words == f"{other_seat.user.name}已分派本件，或者曾经分派。（五（二）3）"


def test_a_person_who_is_no_expert_is_refused(world, unassigned):
    words = refused(assign, world=world, case=unassigned, expert=world.seats["secretary"])

    assert words == "所选人员不是在任评审专家。（五（二）3）"


def test_only_the_department_assigns(world, unassigned):
    words = refused(
        panel.assign_expert, case=unassigned, expert=world.seats["expert"], actor=world.seats["group-head"],
        now=world.tick(),
    )

    assert words == "本件不在专家复审环节，不能分派专家。（五（二）3）"


def test_several_are_assigned_together_or_not_at_all(world, unassigned):
    make_seat(Role.OFFICER, make_federation(worlds.PROVINCE), world.seats["expert-2"].user)
    both = [world.seats["expert"], world.seats["expert-2"]]

    refused(
        panel.assign_experts, case=unassigned, experts=both, actor=world.seats["department"], now=world.tick()
    )

    assert unassigned.expert_reviews.count() == 0


def test_nobody_chosen_is_refused(world, unassigned):
    words = refused(
        panel.assign_experts, case=unassigned, experts=[], actor=world.seats["department"], now=world.tick()
    )

    assert words == "请选择要分派的专家。（五（二）3）"


def test_recusal_needs_a_reason_and_takes_the_case_away(world, case):
    review = sheet(case, world.seats["expert"])

    words = refused(panel.recuse, review=review, reason=" ", actor=world.seats["expert"], now=world.tick())
    panel.recuse(review=review, reason="曾任该会顾问。", actor=world.seats["expert"], now=world.tick())

    assert words == "请写明回避的理由。（五（二）3）"
    assert sheet(case, world.seats["expert"]).state == SheetState.RECUSED
    assert refused(write, world=world, case=case, expert=world.seats["expert"], entries={}) == (
        "您对本件应当回避，不能办理，由本单位其他人办理。（回避）"
    )
    as_head = make_seat(Role.GROUP_HEAD, make_federation(worlds.NATION), world.seats["expert"].user)
    assert not cases_visible_to(as_head).filter(pk=case.pk).exists()


def test_who_steps_back_from_the_chamber_is_not_assigned_and_loses_the_sheet(world, case, unassigned):
    expert, other = world.seats["expert"], world.seats["expert-2"]
    kin = Relative(unassigned.applicant.name, Kinship.SPOUSE)
    declare_kinship(relative=kin, actor=other, now=world.tick())
    declare_kinship(relative=replace(kin, name=case.applicant.name), actor=expert, now=world.tick())

    words = refused(assign, world=world, case=unassigned, expert=other)

    assert words == f"{other.user.name}有任职或者亲属关系，不能分派。（五（二）3）"
    lost = sheet(case, expert)
    assert (lost.state, lost.recusal_reason) == (SheetState.RECUSED, "亲属关系（夫妻）")
    assert trail_of(case).last().event == "expert_recused"


def test_a_colleague_cannot_recuse_another(world, case):
    review = sheet(case, world.seats["expert"])

    words = refused(panel.recuse, review=review, reason="有关系。", actor=world.seats["expert-2"], now=world.tick())

    assert words == "只有本人或会员部可以办理。（五（二）3）"


def test_after_confirming_nobody_is_recused(world, scored):
    review = sheet(scored, world.seats["expert"])

    words = refused(panel.recuse, review=review, reason="有关系。", actor=world.seats["department"], now=world.tick())

    assert words == "评分已确认，不能再回避。（五（二）3）"


# ---- the sheet


def test_a_sheet_needs_every_row(world, case):
    expert = world.seats["expert"]
    panel.agree_with_province(review=sheet(case, expert), actor=expert, now=world.tick())
    write(world, case, expert, {"A1.1": Entered(points=""), "A1.2": Entered(points="十分")})

    words = refused(panel.confirm_sheet, review=sheet(case, expert), actor=expert, now=world.tick())

    assert words == "还有2项未打分：A1.1、A1.2。（五（二）3）"


def test_a_sheet_needs_a_reason_where_it_differs_from_the_province(world, case):
    expert = world.seats["expert"]
    write(world, case, expert, {"A1.2": Entered(points="0")})
    panel.agree_with_province(review=sheet(case, expert), actor=expert, now=world.tick())

    words = refused(panel.confirm_sheet, review=sheet(case, expert), actor=expert, now=world.tick())
    write(world, case, expert, {"A1.2": Entered(reason="没有材料。")})
    panel.confirm_sheet(review=sheet(case, expert), actor=expert, now=world.tick())

    assert words == "与省级审核得分不同的指标须写明理由：A1.2。（五（二）3）"
    assert sheet(case, expert).state == SheetState.CONFIRMED


def test_what_is_no_mark_stays_as_typed(world, case):
    expert = world.seats["expert"]

    write(world, case, expert, {"A1.1": Entered(points="11"), "A1.2": Entered(points="-1")}, comment="待核。")

    marks = book_of(case.ledger_id).expert(expert.pk).marks
    assert [(marks[code].points, marks[code].typed) for code in ("A1.1", "A1.2")] == [(None, "11"), (None, "-1")]
    assert sheet(case, expert).comment == "待核。"


def test_agreeing_with_the_province_fills_blanks_alone(world, case):
    expert = world.seats["expert"]
    write(world, case, expert, {"A1.2": Entered(points="0")})

    number = panel.agree_with_province(review=sheet(case, expert), actor=expert, now=world.tick())

    points = book_of(case.ledger_id).expert(expert.pk).points
    assert (number, len(points), points["A1.2"]) == (89, 90, 0)


def test_a_confirmed_sheet_is_frozen(world, scored):
    expert = world.seats["expert"]

    words = refused(write, world=world, case=scored, expert=expert, entries={"A1.1": Entered(points="0")})

    assert words == "评分已确认或已回避，不能修改。（五（二）3）"
    again = refused(panel.confirm_sheet, review=sheet(scored, expert), actor=expert, now=world.tick())
    assert again == "评分已确认或已回避，不能修改。（五（二）3）"


def test_an_expert_writes_and_confirms_only_the_own_sheet(world, case):
    mine = sheet(case, world.seats["expert"])
    other = world.seats["expert-2"]
    words = {"actor": other, "now": world.tick()}

    assert refused(panel.save_expert_marks, review=mine, entries={}, comment=None, **words) == (
        "只能填写分派给本人的评分表。（五（二）3）"
    )
    assert refused(panel.agree_with_province, review=mine, **words) == "只能填写分派给本人的评分表。（五（二）3）"
    assert refused(panel.confirm_sheet, review=mine, **words) == "只能确认本人的评分表。（五（二）3）"


# ---- what the group agrees


def test_nothing_is_agreed_before_every_sheet_is_confirmed(world, case):
    assert refused(agree, world=world, case=case) == "专家评分全部确认后才能商定得分。（五（二）3）"


def test_only_marked_rows_are_agreed(world, scored):
    words = refused(agree, world=world, case=scored, changes={"A1.2": Decimal(7)})

    assert words == "只有否决项和基础达标项由专家组商定，不应有：A1.2。（五（二）3）"


def test_only_the_group_head_agrees_and_signs(world, scored):
    for name in ("expert", "department", "head"):
        words = refused(
            panel.save_agreed, case=scored, agreed=panel.Agreed({}), actor=world.seats[name], now=world.tick()
        )
        assert words == "由专家组组长登记商定得分。（五（二）3）"
        assert refused(verdicts.sign_verdict, case=scored, actor=world.seats[name], now=world.tick()) == (
            "您的席位无权办理这一步。"
        )


def test_the_verdict_waits_for_the_sheets(world, case):
    write(world, case, world.seats["expert"], {})
    assert refused(sign, world=world, case=case).startswith(
        "每件须有2名专家评分并全部确认，现已分派2名、确认0名。（五（二）3）"
    )


def test_the_verdict_waits_for_the_agreed_rows(world, scored):
    assert refused(sign, world=world, case=scored) == (
        "否决项和基础达标项须由专家组商定一致得分，尚缺："
        "A1.1学习贯彻习近平新时代中国特色社会主义思想，树牢“四个意识”、坚定“四个自信”、做到“两个维护”、"
        "A2.1组织开展非公有制经济人士理想信念教育实践活动、A3.1建立党组织或加入联合党组织、"
        "A3.8商会章程对建立党的组织、开展党的工作作出明确规定、B1.1班子成员遵纪守法，社会信用记录和社会形象良好、"
        "B1.62019年后换届的省级以上商会会长经过综合评价等14项。（五（一））"
        "按复审得分未达到认定条件：尚无复审得分。（五（一））"
    )


def test_a_flagged_case_is_not_scored_into_a_verdict(world, scored):
    agree(world, scored)
    stages.flag(world, scored, reason="不符。")

    assert refused(sign, world=world, case=scored) == "本件已提出取消认定资格，须先办结。（五（二）3）"


def test_a_veto_at_0_needs_what_it_rests_on(world, scored):
    agree(world, scored, {"D1.1": Decimal(0)}, reason="")

    words = refused(sign, world=world, case=scored)
    agree(world, scored, {"D1.1": Decimal(0)}, reason="登记证书已注销。")
    sign(world, scored)

    assert words.startswith("否决项判0分须写明理由并列明依据：D1.1依法依规登记。（五（一））")
    scored.refresh_from_db()
    assert scored.state == State.NOT_ELIGIBLE


# ---- the verdict


def test_a_passing_case_is_proposed_with_its_run(world, scored):
    agree(world, scored)

    sign(world, scored)

    scored.refresh_from_db()
    run = ScoreRun.objects.get(declaration=scored)
    assert (scored.state, scored.final_total, run.eligible, len(run.inputs)) == ("proposed", run.total, True, 90)
    assert run.explanation[0] == "结论：3道门槛全部通过。"


def test_a_veto_at_0_rules_out(world, scored):
    agree(world, scored, {"A1.1": Decimal(0)})

    sign(world, scored)

    scored.refresh_from_db()
    run = ScoreRun.objects.get(declaration=scored)
    assert (scored.state, scored.holder, run.eligible) == (State.NOT_ELIGIBLE, None, False)
    assert run.explanation[0] == "结论：3道门槛中有1道未通过（G2）。"


@pytest.mark.parametrize(("short", "state"), [(4, State.PROPOSED), (5, State.NOT_ELIGIBLE)])
def test_baseline_rows_short_of_full_marks_rule_out_from_the_fifth(world, scored, short, state):
    baseline = [item for item in items(scored) if item.mark == "baseline"]
    agree(world, scored, {item.id: item.points - 1 for item in baseline[:short]})

    sign(world, scored)

    scored.refresh_from_db()
    assert scored.state == state


@pytest.mark.parametrize(
    ("total", "state"), [("349.5", State.NOT_ELIGIBLE), ("350", State.PROPOSED), ("350.5", State.PROPOSED)]
)
def test_350_points_exactly_pass(world, case, total, state):
    fill(world, case, lowered_to(case, Decimal(total)))
    agree(world, case)

    sign(world, case)

    case.refresh_from_db()
    assert (case.final_total, case.state) == (Decimal(total), state)


def lowered_to(case, total):
    """Marks that bring the whole sheet to a total: unmarked rows are lowered one after the other, marked ones full."""
    dossier = dossier_of(case)
    province = dossier.book.layer(Layer.PROVINCE).points
    marked = sum(item.points for item in items(case) if item.mark)
    free = {item.id: province[item.id] for item in items(case) if not item.mark}
    surplus, lowered = marked + sum(free.values()) - total, {}
    for code, points in free.items():
        take = min(points, surplus)
        surplus -= take
        lowered |= {code: points - take} if take else {}
    assert surplus == 0
    return lowered


def test_a_reader_who_stepped_back_does_not_count(world, case):
    panel.recuse(
        review=sheet(case, world.seats["expert-2"]), reason="有关系。", actor=world.seats["expert-2"], now=world.tick()
    )
    expert = world.seats["expert"]
    panel.agree_with_province(review=sheet(case, expert), actor=expert, now=world.tick())
    panel.confirm_sheet(review=sheet(case, expert), actor=expert, now=world.tick())
    agree(world, case)

    words = refused(sign, world=world, case=case)

    assert words == "每件须有2名专家评分并全部确认，现已分派1名、确认1名。（五（二）3）"


def test_the_other_rows_are_the_median_of_the_sheets(world, case):
    third = make_seat(Role.EXPERT, make_federation(worlds.NATION), make_user("expert-3"))
    taken(world, case, third)
    for expert, points in ((world.seats["expert"], "7"), (world.seats["expert-2"], "0"), (third, "3")):
        write(world, case, expert, {"A1.2": Entered(points=points, reason="各有所据。")})
        panel.agree_with_province(review=sheet(case, expert), actor=expert, now=world.tick())
        panel.confirm_sheet(review=sheet(case, expert), actor=expert, now=world.tick())
    agree(world, case)

    sign(world, case)

    assert Decimal(ScoreRun.objects.get(declaration=case).inputs["A1.2"]) == 3
