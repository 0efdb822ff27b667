"""Assigning to all cases at once: proposed, looked at, put into effect by a second act; the third reader; the pool."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import Workbook

from declarations import tasks
from declarations.actions import assigning, panel, pool, sheets, third, verdicts
from declarations.demo import stages
from declarations.imports.pool import EXPECTED, read_pool
from declarations.models import (
    AssignmentPlan,
    ConsensusVoice,
    Cycle,
    Declaration,
    ExpertReview,
    Notice,
    PanelMember,
    ThirdReading,
)
from declarations.queries.assigning import Window, next_reader, task_of
from declarations.queries.cases import cases_visible_to
from declarations.queries.facts import dossier_of, facts_of
from declarations.queries.pool import known_for_pool, load_lines, pair_lines, pairs_of, shortage_of
from declarations.states import PlanState, SheetOrigin, SheetState
from scoring.actions import Entered
from scoring.queries import book_of
from sihao.accounts.models import Seat
from sihao.accounts.refusals import Refused
from sihao.accounts.roles import Role
from sihao.audit.queries import trail_of
from sihao.jobs.models import Job
from tests import worlds
from tests.factories import make_federation, make_seat, make_user
from tests.kept import as_it_stands, building, kept

pytestmark = pytest.mark.django_db

WINDOW = Window(date(2020, 10, 9), date(2020, 10, 23))
DRAW = assigning.Draw("示例种子", 2, 1, WINDOW)
WHO = {"expert": "行业商会", "expert-2": "综合性商会", "expert-3": "行业商会", "expert-4": ""}


@pytest.fixture(scope="module")
def begun(django_db_setup, django_db_blocker, tmp_path_factory):
    """A world with four experts in the pool, two cases before them unassigned, and one that two of them read."""
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")):
        world = worlds.make_world()
        nation = make_federation(worlds.NATION)
        for name in ("expert-3", "expert-4"):
            world.seats[name] = make_seat(Role.EXPERT, nation, make_user(name))
        for name, kind in WHO.items():
            profile = pool.Profile(employer=f"{name}大学", kinds=[kind] if kind else [])
            pool.write_member(
                cycle=world.cycle, seat=world.seats[name], profile=profile, actor=world.seats["department"],
                now=world.tick(),
            )
        cases = [worlds.make_shortlisted(world, worlds.PROVINCE) for _ in range(3)]
        stages.send_up(world, cases[0].unit)
        stages.accept(world, cases[0].unit)
        cases = [stages.pass_preliminary(world, stages.fresh(case)) for case in cases]
        stages.assign(world, cases[2])
        yield world, [case.pk for case in cases]


@pytest.fixture
def world(begun, db):
    mine = as_it_stands(begun[0])
    mine.cycle = Cycle.objects.get(pk=mine.cycle.pk)
    return mine


@pytest.fixture
def read(world, begun):
    return stages.fresh(Declaration(pk=begun[1][2]))


@pytest.fixture
def waiting(begun):
    return begun[1][:2]


def refused(act, **words):
    with pytest.raises(Refused) as caught:
        act(**words)
    return str(caught.value)


def order(world, draw=DRAW, who="department"):
    return assigning.order_plan(cycle=world.cycle, draw=draw, actor=world.seats[who], now=world.tick())


def planned(world, draw=DRAW):
    return assigning.compute(plan=order(world, draw), now=world.tick())


def deployed(world, plan):
    assigning.order_deployment(plan=plan, actor=world.seats["head"], now=world.tick())
    plan = AssignmentPlan.objects.select_related("cycle").get(pk=plan.pk)
    assigning.deploy(plan=plan, actor=world.seats["head"])
    return AssignmentPlan.objects.select_related("cycle").get(pk=plan.pk)


def change(world, name, **facts):
    PanelMember.objects.filter(seat=world.seats[name]).update(**facts)


# ---- proposed


def test_a_plan_gives_each_case_its_readers_and_explains_each_pair(world, waiting):
    plan = planned(world)

    pairs = list(pairs_of(plan, world.seats["department"]).order_by("id"))
    assert (plan.state, plan.cases, len(pairs)) == (PlanState.PROPOSED, 2, 4)
    assert sorted(line.after for line in load_lines(plan)) == [1, 1, 2, 2]
    assert ExpertReview.objects.filter(declaration__in=waiting).count() == 0
    line = pair_lines(plan, pairs)[0]
    assert line.why == f"全国性单位，无同省关系；无任职、亲属关系，未登记回避；评审期间可以评审；共{line.load}件"
    assert Job.objects.get(kind=assigning.PROPOSE).arguments["plan"] == plan.pk


def test_the_same_seed_gives_the_same_plan(world):
    plan = planned(world)
    assigning.drop_plan(plan=plan, actor=world.seats["department"], now=world.tick())

    again = planned(world)

    assert (again.digest, again.inputs, again.number) == (plan.digest, plan.inputs, 2)


def test_one_plan_is_open_at_a_time(world):
    order(world)

    assert refused(order, world=world) == "已有一个分派方案尚未办结，请先确认或者放弃。（五（二）3）"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seed": " "}, "请填写种子，不超过64字。"),
        ({"readers": 0}, "每件专家数应为1至9。"),
        ({"readers": 10}, "每件专家数应为1至9。"),
        ({"spread": 0}, "件数相差上限应为1至50。"),
        ({"window": Window(date(2020, 10, 9), date(2020, 10, 8))}, "评审止不能早于评审起，也不能早于今天。"),
    ],
)
def test_a_plan_that_cannot_be_made_is_refused(world, change, words):
    assert refused(order, world=world, draw=replace(DRAW, **change)) == f"{words}（五（二）3）"


def test_only_the_department_proposes(world):
    assert refused(order, world=world, who="group-head") == "由会员部拟定分派方案。（五（二）3）"


@pytest.mark.parametrize(
    ("facts", "missing", "why"),
    [
        ({"province": True}, 2, "可以评审的1人；不能评审的：与申报单位同省3人"),
        ({"available_until": date(2020, 10, 22)}, 2, "可以评审的1人；不能评审的：不在可评审时间3人"),
        ({"most": 1}, 2, "可以评审的4人，但已达到本人最多评审件数"),
    ],
)
def test_a_shortage_is_named_case_by_case(world, facts, missing, why):
    if "province" in facts:
        facts = {"province": make_federation(worlds.PROVINCE)}
    for name in ("expert", "expert-2", "expert-3"):
        change(world, name, **facts)
    if "most" in facts:
        change(world, "expert-4", **facts)

    plan = planned(world)

    told = shortage_of(plan, world.seats["department"])
    assert (plan.state, plan.pairs.count(), sum(line.missing for line in told.lines)) == ("short", 0, missing)
    assert told.lines[0].why == why


@pytest.mark.parametrize(("until", "free"), [(date(2020, 10, 22), False), (date(2020, 10, 23), True)])
def test_who_leaves_before_the_end_is_not_drawn(world, until, free):
    change(world, "expert-4", available_until=until)

    task = task_of(order(world))

    assert any(key == world.seats["expert-4"].pk for _, key in task.bars) is not free


# ---- put into effect


def test_the_head_puts_a_plan_into_effect(world, waiting):
    plan = planned(world)
    words = refused(assigning.order_deployment, plan=plan, actor=world.seats["department"], now=world.tick())

    done = deployed(world, plan)

    reviews = ExpertReview.objects.filter(declaration__in=waiting)
    assert words == "分派方案由会员部负责人确认生效。（五（二）3）"
    assert (done.state, {one.state for one in reviews}, {one.origin for one in reviews}) == (
        PlanState.DEPLOYED, {SheetState.OFFERED}, {SheetOrigin.DRAWN}
    )
    assert set(reviews.values_list("declaration_id", "expert_id")) == set(
        done.pairs.values_list("declaration_id", "expert_id")
    )
    drawn = done.pairs.values_list("expert_id", flat=True).distinct()
    assert Notice.objects.filter(key__startswith=f"plan:{done.pk}:").count() == drawn.count()
    assert [entry.event for entry in trail_of(done)] == ["assignment_proposed", "assignment_deployed"]
    assert not cases_visible_to(reviews[0].expert).filter(pk=reviews[0].declaration_id).exists()


def test_a_deployment_that_was_broken_off_goes_on_and_doubles_nothing(world, waiting, monkeypatch):
    monkeypatch.setattr(assigning, "AT_ONCE", 1)
    plan = planned(world)
    assigning.order_deployment(plan=plan, actor=world.seats["head"], now=world.tick())
    job = Job.objects.get(kind=assigning.DEPLOY)

    def broken(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        assigning.deploy(plan=AssignmentPlan.objects.get(pk=plan.pk), actor=world.seats["head"], progress=broken)
    half = ExpertReview.objects.filter(declaration__in=waiting).count()
    tasks.deploy_assignment(job, lambda done, total: None)
    tasks.deploy_assignment(job, lambda done, total: None)

    assert (half, ExpertReview.objects.filter(declaration__in=waiting).count()) == (2, 4)
    assert AssignmentPlan.objects.get(pk=plan.pk).state == PlanState.DEPLOYED


def test_a_plan_whose_inputs_have_changed_does_not_take_effect(world):
    plan = planned(world)
    change(world, "expert-4", most=1)

    words = refused(assigning.order_deployment, plan=plan, actor=world.seats["head"], now=world.tick())

    assert words == "拟定以后，申报件、专家库或者回避情况有变化。请放弃本方案，重新拟定。（五（二）3）"


def test_two_persons_where_the_cycle_asks(world):
    world.cycle.two_persons = [*world.cycle.two_persons, "assign_experts"]
    world.cycle.save(update_fields=["two_persons"])
    plan = assigning.compute(plan=order(world, who="head"), now=world.tick())

    assert refused(assigning.order_deployment, plan=plan, actor=world.seats["head"], now=world.tick()) == (
        "拟定人不能自己确认，请由另一人办理。（五（二）3）"
    )


def test_a_dropped_plan_does_not_come_back(world):
    plan = planned(world)
    assigning.drop_plan(plan=plan, actor=world.seats["head"], now=world.tick())

    assert refused(assigning.order_deployment, plan=plan, actor=world.seats["head"], now=world.tick()) == (
        "方案已生效、已放弃或者无法分派，请刷新页面。（五（二）3）"
    )
    assert refused(assigning.drop_plan, plan=plan, actor=world.seats["head"], now=world.tick()).startswith("方案已生效")


# ---- the offer


def offered(world, case, name="expert-3"):
    told = {"actor": world.seats["department"], "now": world.tick()}
    return panel.assign_expert(case=case, expert=world.seats[name], **told)


def test_nothing_is_read_before_the_pledge_is_signed(world, read):
    review, expert = offered(world, read), world.seats["expert-3"]
    told = {"actor": expert, "now": world.tick()}

    assert not cases_visible_to(expert).filter(pk=read.pk).exists()
    assert refused(panel.save_expert_marks, review=review, entries={}, comment=None, **told) == (
        "请先作出公正和保密承诺，接受评审后再评分。（五（二）3）"
    )
    assert refused(sheets.accept_offers, reviews=[review], pledged=False, **told) == (
        "请先作出公正和保密承诺，再接受评审。（五（二）3）"
    )
    sheets.accept_offers(reviews=[review], pledged=True, **told)
    assert cases_visible_to(expert).filter(pk=read.pk).exists()
    assert (review.state, len(review.pledge)) == (SheetState.ACCEPTED, 64)


def test_an_offer_is_declined_with_a_reason_and_not_made_again(world, read):
    review, expert = offered(world, read), world.seats["expert-3"]
    told = {"review": review, "name": "decline", "actor": expert}

    assert refused(panel.leave, reason=" ", now=world.tick(), **told) == "请写明不接受评审的理由。（五（二）3）"
    panel.leave(reason="出国。", now=world.tick(), **told)

    assert (review.state, review.left_reason) == (SheetState.DECLINED, "出国。")
    assert refused(offered, world=world, case=read) == (
        f"{expert.user.name}已分派本件，或者曾经分派。（五（二）3）"
    )
    assert facts_of(dossier_of(read), world.tick()).sheets == 2


def test_nobody_answers_for_another(world, read):
    review = offered(world, read)

    words = refused(
        sheets.accept_offers, reviews=[review], pledged=True, actor=world.seats["expert-4"], now=world.tick()
    )
    assert words == "只能办理分派给本人的评分表。（五（二）3）"
    assert refused(
        panel.leave, review=review, name="release", reason="x", actor=world.seats["group-head"], now=world.tick()
    ) == "只有本人或会员部可以办理。（五（二）3）"


# ---- the third reader


def own(case, seat) -> ExpertReview:
    named = ("assessment__ledger__programme", "declaration__cycle", "expert__user")
    return ExpertReview.objects.select_related(*named).get(declaration=case, expert=seat)


def confirm(world, case, name, lower=None):
    seat = world.seats[name]
    entries = {code: Entered(points=points, reason="佐证不足。") for code, points in (lower or {}).items()}
    words = {"actor": seat, "now": world.tick()}
    panel.save_expert_marks(review=own(case, seat), entries=entries, comment=None, **words)
    panel.agree_with_province(review=own(case, seat), **words)
    panel.confirm_sheet(review=own(case, seat), **words)


def lowered(case, by: str) -> dict[str, Decimal]:
    """Lower unmarked rows by so many points in all."""
    dossier, left, found = dossier_of(case), Decimal(by), {}
    province = dossier.book.layer("province").points
    for item in dossier.programme.rubric.items():
        take = min(left, province[item.id]) if item.mark is None else Decimal(0)
        found |= {item.id: province[item.id] - take} if take else {}
        left -= take
    return found


@pytest.mark.parametrize(("apart", "third_comes"), [("25", False), ("25.5", True)])
def test_totals_apart_by_more_than_the_parameter_call_a_third_at_once(world, read, apart, third_comes):
    confirm(world, read, "expert")
    confirm(world, read, "expert-2", lowered(read, apart))

    thirds = read.expert_reviews.filter(origin=SheetOrigin.THIRD)
    assert thirds.exists() is third_comes
    if third_comes:
        one = thirds.get()
        assert one.reason == "总分相差25.5分，超过25分。由无须回避、现有件数最少（0件）的专家评审。"
        assert one.expert in {world.seats["expert-3"], world.seats["expert-4"]}
        assert facts_of(dossier_of(read), world.tick()).readers == 3


def test_a_marked_row_apart_calls_a_third_who_leaves_and_is_replaced(world, read):
    confirm(world, read, "expert")
    confirm(world, read, "expert-2", {"A1.1": Decimal(9)})
    first = read.expert_reviews.get(origin=SheetOrigin.THIRD)

    panel.leave(review=first, name="decline", reason="出差。", actor=first.expert, now=world.tick())

    second = read.expert_reviews.get(origin=SheetOrigin.THIRD, state=SheetState.OFFERED)
    assert ThirdReading.objects.get(declaration=read).reason == "否决项或基础达标项评分不同（A1.1）"
    assert second.expert != first.expert


def test_where_nobody_is_free_the_need_stays_and_the_department_is_told(world, read):
    for name in ("expert-3", "expert-4"):
        change(world, name, province=make_federation(worlds.PROVINCE))
    confirm(world, read, "expert")
    confirm(world, read, "expert-2", {"A1.1": Decimal(9)})

    assert next_reader(read, world.tick()) is None
    assert Notice.objects.filter(seat=world.seats["department"], title__contains="须有第三名专家").exists()
    with pytest.raises(Refused) as caught:
        sign(world, read)
    assert str(caught.value).startswith(
        "每件须有3名专家评分并全部确认，现已分派2名、确认2名。须有第三名专家：否决项或基础达标项评分不同（A1.1）。"
    )


def sign(world, case):
    stages.sign_marks(world, case, {})
    return verdicts.sign_verdict(case=case, actor=world.seats["group-head"], now=world.tick())


def test_the_department_asks_for_a_third_with_a_reason_once(world, read):
    told = {"case": read, "actor": world.seats["department"]}

    assert refused(third.ask_third, reason=" ", now=world.tick(), **told) == (
        "请写明增加第三名专家的理由。（五（二）3）"
    )
    review = third.ask_third(reason="两名专家宽严相差较大。", now=world.tick(), **told)

    assert (review.origin, review.state) == (SheetOrigin.THIRD, SheetState.OFFERED)
    assert refused(third.ask_third, reason="再", now=world.tick(), **told) == "本件已增加第三名专家。（五（二）3）"


# ---- a sheet sent back


def test_the_group_head_sends_a_confirmed_sheet_back_once(world, read):
    confirm(world, read, "expert")
    expert, head = world.seats["expert"], world.seats["group-head"]
    review = own(read, expert)

    assert refused(sheets.reopen, review=review, reason="x", actor=expert, now=world.tick()) == (
        "由专家组组长退回重新评分。（五（二）3）"
    )
    assert refused(sheets.reopen, review=review, reason="", actor=head, now=world.tick()) == (
        "请写明退回重新评分的理由。（五（二）3）"
    )
    sheets.reopen(review=own(read, expert), reason="A1.2漏看材料。", actor=head, now=world.tick())
    assert facts_of(dossier_of(read), world.tick()).sheets_confirmed == 0  # a sheet sent back does not count
    confirm(world, read, "expert", {"A1.2": Decimal(1)})

    assert book_of(read.ledger_id).expert(expert.pk).points["A1.2"] == 1
    assert refused(sheets.reopen, review=own(read, expert), reason="再", actor=head, now=world.tick()) == (
        "每份评分表最多退回重新评分1次（通知未规定）。（五（二）3）"
    )


# ---- the rapporteur


def test_the_rapporteur_alone_writes_what_is_agreed_and_a_dissent_is_kept(world, read):
    confirm(world, read, "expert")
    confirm(world, read, "expert-2")
    head, expert, other = (world.seats[name] for name in ("group-head", "expert", "expert-2"))
    assert refused(
        panel.name_rapporteur, case=read, seat=world.seats["expert-3"], actor=head, now=world.tick()
    ) == "主评人须是本件的评审专家或者专家组组长。（五（二）3）"
    panel.name_rapporteur(case=read, seat=expert, actor=head, now=world.tick())

    assert refused(panel.save_agreed, case=read, agreed=panel.Agreed({}), actor=head, now=world.tick()) == (
        f"由主评人{expert.user.name}登记商定得分。（五（二）3）"
    )
    count = panel.take_common_marks(case=read, actor=expert, now=world.tick())
    changed = panel.Agreed({"A1.1": Entered(points="9", reason="少一次。")})
    panel.save_agreed(case=read, agreed=changed, actor=expert, now=world.tick())
    assert facts_of(dossier_of(read), world.tick()).uncarried_rows != ()
    asked = Notice.objects.filter(title__startswith="请对", seat__in=[expert, other])
    assert set(asked.values_list("seat", flat=True)) == {expert.pk, other.pk}
    told = {"code": "A1.1", "now": world.tick()}
    assert refused(
        panel.voice, review=own(read, other), agrees=False, reason="", actor=other, **told
    ) == "保留意见须写明理由。（五（二）3）"
    panel.voice(review=own(read, other), agrees=True, reason="", actor=other, **told)
    panel.voice(review=own(read, expert), agrees=True, reason="", actor=expert, **told)

    assert (count, facts_of(dossier_of(read), world.tick()).uncarried_rows) == (14, ())
    assert ConsensusVoice.objects.filter(review__declaration=read).count() == 2


def test_named_files_must_be_of_the_case(world, read):
    confirm(world, read, "expert")
    confirm(world, read, "expert-2")
    agreed = panel.Agreed({}, {"A1.1": panel.Proofs(files=[10**9])})

    words = refused(panel.save_agreed, case=read, agreed=agreed, actor=world.seats["group-head"], now=world.tick())

    assert words == "所列佐证材料不在本件内，请刷新页面后重新选择。（五（二）3）"


# ---- the pool


def sheet_of(*rows: dict[str, object]) -> BytesIO:
    book = Workbook()
    page = book.active
    page.append([column.title for column in EXPECTED])
    for row in rows:
        page.append([row.get(column.key) for column in EXPECTED])
    file = BytesIO()
    book.save(file)
    file.seek(0)
    return file


GOOD = {"name": "示例专家丁", "username": "expert-d", "employer": "某大学", "province": "410000"}
GOOD |= {"kinds": "行业商会、园区商会"}


def brought(world, *rows):
    found = read_pool(sheet_of(*rows), "专家.xlsx", known_for_pool(date(2020, 10, 9)))
    told = pool.Brought("专家.xlsx", found.digest, found.rows, found.faults)
    return pool.bring_pool(cycle=world.cycle, brought=told, actor=world.seats["head"], now=world.tick())


def test_a_sheet_of_experts_is_looked_at_and_written_once(world):
    before = Seat.objects.count()
    sheet = brought(world, {**GOOD, "most": 5, "begins": date(2020, 10, 1)})
    assert (sheet.faults, Seat.objects.count()) == ([], before)

    pool.write_pool(sheet=sheet, actor=world.seats["head"], now=world.tick())

    member = PanelMember.objects.select_related("province", "seat").get(seat__user__username="expert-d")
    assert (member.province.code, member.kinds, member.most, member.available_from, member.seat.role) == (
        "410000", ["行业商会", "园区商会"], 5, date(2020, 10, 1), Role.EXPERT
    )
    assert refused(pool.write_pool, sheet=sheet, actor=world.seats["head"], now=world.tick()) == (
        "这份名单已经写入，不能再次写入。"
    )


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"username": "x"}, "第2行“登录名”（B2）：应为3至64位字母、数字或 . _ -，现为“x”。"),
        ({"username": "expert"}, "第2行“登录名”（B2）：登录名expert已由他人使用，或者姓名与账号不一致。"),
        ({"employer": None}, "第2行“工作单位”（E2）："),
        ({"mobile": "123"}, "第2行“手机”（C2）：应为11位手机号码。"),
        ({"province": "某省"}, "第2行“工作所在省”（F2）：没有“某省”这个省级单位；全国性单位填“无”。"),
        ({"kinds": "钓鱼"}, "第2行“专长”（G2）：没有“钓鱼”这一商会类型，可用："),
        ({"most": 0}, "第2行“最多评审件数”（J2）：应为1至9999。"),
        (
            {"begins": date(2020, 10, 2), "ends": date(2020, 10, 1)},
            "第2行“可评审止”（I2）：可评审止不能早于可评审起。",
        ),
    ],
)
def test_each_fault_is_named_by_its_cell_and_nothing_is_written(world, change, fault):
    sheet = brought(world, {**GOOD, **change})

    assert sheet.faults[0].startswith(fault)
    assert refused(pool.write_pool, sheet=sheet, actor=world.seats["head"], now=world.tick()) == (
        "有1处不能写入，全部没有写入。请改正后重新上传。"
    )


def test_the_same_person_twice_is_a_fault(world):
    assert brought(world, GOOD, GOOD).faults == ["第3行“登录名”（B3）：与第2行重复。"]
