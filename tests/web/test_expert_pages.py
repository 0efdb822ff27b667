"""The pages of the experts: offers, the own sheet by script and offline, the group, the pool, the plan."""

import json
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from declarations.actions import assigning, panel, pool
from declarations.demo import stages
from declarations.models import AssignmentPlan, Cycle, Declaration, ExpertReview, FilledSheet, PanelMember
from declarations.queries.assigning import Window
from declarations.states import SheetOrigin, SheetState
from scoring.actions import Entered
from scoring.queries import book_of
from sihao.accounts.models import Seat
from sihao.accounts.roles import Role
from tests import worlds
from tests.factories import make_federation, make_seat, make_user
from tests.kept import as_it_stands, building, kept

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def begun(django_db_setup, django_db_blocker, tmp_path_factory):
    """A world with a pool of three, one case that wants readers and one that two of them read."""
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")):
        world = worlds.make_world()
        world.seats["expert-3"] = make_seat(Role.EXPERT, make_federation(worlds.NATION), make_user("expert-3"))
        for name in ("expert", "expert-2", "expert-3"):
            told = {"cycle": world.cycle, "actor": world.seats["department"], "now": world.tick()}
            pool.write_member(seat=world.seats[name], profile=pool.Profile(f"{name}大学"), **told)
        cases = [worlds.make_shortlisted(world, worlds.PROVINCE) for _ in range(2)]
        stages.send_up(world, cases[0].unit)
        stages.accept(world, cases[0].unit)
        cases = [stages.pass_preliminary(world, stages.fresh(case)) for case in cases]
        stages.assign(world, cases[1])
        yield world, [case.pk for case in cases]


@pytest.fixture
def world(begun, db, monkeypatch):
    mine = as_it_stands(begun[0])
    mine.cycle = Cycle.objects.get(pk=mine.cycle.pk)
    monkeypatch.setattr("sihao.clock.now", mine.tick)
    return mine


@pytest.fixture
def read(world, begun):
    return stages.fresh(Declaration(pk=begun[1][1]))


@pytest.fixture
def browser(world):
    def of(name: str) -> Client:
        client = Client()
        client.force_login(world.seats[name].user)
        return client

    return of


def address(name, *keys):
    return reverse(f"declarations:{name}", args=keys)


def told(answer):
    return [str(message) for message in answer.context["messages"]]


def own(case, seat: Seat) -> ExpertReview:
    named = ("assessment__ledger__programme", "declaration__cycle", "expert__user")
    return ExpertReview.objects.select_related(*named).get(declaration=case, expert=seat)


def confirm(world, case, name, lower=None):
    seat = world.seats[name]
    entries = {code: Entered(points=points, reason="佐证不足。") for code, points in (lower or {}).items()}
    words = {"actor": seat, "now": world.tick()}
    panel.save_expert_marks(review=own(case, seat), entries=entries, comment=None, **words)
    panel.agree_with_province(review=own(case, seat), **words)
    panel.confirm_sheet(review=own(case, seat), **words)


# ---- offers


def test_offers_are_taken_together_with_the_pledge_and_named_only_here(browser, world, read):
    offer = panel.assign_expert(
        case=read, expert=world.seats["expert-3"], actor=world.seats["department"], now=world.tick()
    )
    client = browser("expert-3")

    desk = client.get(address("worklist")).content.decode()
    page = client.get(address("offers")).content.decode()
    unsigned = client.post(address("offers"), {"offers": offer.pk}, follow=True)
    taken = client.post(address("offers"), {"offers": offer.pk, "pledge": "yes"}, follow=True)

    assert "1件申报请您评审" in desk
    assert read.applicant_name not in desk
    assert read.applicant_name in page
    assert "独立、客观、公正评分" in page
    assert told(unsigned) == ["请先作出公正和保密承诺，再接受评审。（五（二）3）"]
    assert told(taken) == ["已接受1件，可以开始评分。"]
    assert client.get(address("sheet", read.pk)).status_code == 200


@pytest.mark.parametrize(("way", "state"), [("recuse", "recused"), ("decline", "declined")])
def test_an_offer_is_left_with_a_reason(browser, world, read, way, state):
    offer = panel.assign_expert(
        case=read, expert=world.seats["expert-3"], actor=world.seats["department"], now=world.tick()
    )
    client, url = browser("expert-3"), address("leave_offer", offer.pk)

    bare = client.post(url, {"way": way, "reason": ""})
    client.post(url, {"way": way, "reason": "曾任顾问。"})

    offer.refresh_from_db()
    assert "请填写理由" in bare.content.decode()
    assert (offer.state, client.get(url).status_code) == (state, 404)


@pytest.mark.parametrize("bad", [{"offers": "x"}, {"offers": "9" * 30}, {"offers": "", "pledge": "yes"}])
def test_bad_choices_of_offers_take_nothing(browser, world, bad):
    answer = browser("expert-3").post(address("offers"), bad, follow=True)

    assert told(answer) == ["请选择要接受的申报件。（五（二）3）"]


# ---- the own sheet


def test_rows_are_saved_by_script_with_their_problems(browser, world, read):
    answer = browser("expert").post(
        address("sheet", read.pk),
        {"_seen": "A1.1:0 comment:0", "points-A1.1": "十", "comment": "尚可。"},
        headers={"Accept": "application/json"},
    )

    found = json.loads(answer.content)
    assert (found["saved"], found["collisions"]) == ({"A1.1": 1, "comment": 1}, {})
    assert found["problems"]["A1.1"].startswith("A1.1：“十”不是数字")
    assert own(read, world.seats["expert"]).comment == "尚可。"


def test_two_tabs_of_one_expert_meet_visibly(browser, world, read):
    client, url = browser("expert"), address("sheet", read.pk)
    client.post(url, {"_seen": "A1.2:0", "points-A1.2": "3"}, headers={"Accept": "application/json"})

    answer = client.post(url, {"_seen": "A1.2:0", "points-A1.2": "5"}, headers={"Accept": "application/json"})

    met = json.loads(answer.content)["collisions"]["A1.2/points"]
    assert (met["mine"], met["theirs"]) == ("5", "3")


def test_the_live_verdict_is_the_own_one(browser, world, read):
    panel.agree_with_province(review=own(read, world.seats["expert"]), actor=world.seats["expert"], now=world.tick())

    page = browser("expert").get(address("sheet_verdict", read.pk))

    assert (page.context["verdict"].seen, page.context["verdict"].lost[-1].title) == (90, "本人")
    assert "评分进度" in page.content.decode()


def test_after_sending_back_the_reason_and_what_stood_are_shown(browser, world, read):
    confirm(world, read, "expert")
    confirm(world, read, "expert-2")
    url = address("reopen_sheet", read.pk, own(read, world.seats["expert"]).pk)
    head = browser("group-head")

    bare = head.post(url, {"reason": ""})
    head.post(url, {"reason": "A1.2漏看材料。"})
    client = browser("expert")
    client.post(address("sheet", read.pk), {"points-A1.2": "1", "reason-A1.2": "只有一份。"})
    page = client.get(address("sheet", read.pk)).content.decode()

    assert "请填写退回理由" in bare.content.decode()
    assert "理由：A1.2漏看材料。" in page
    assert "退回前已确认、现已修改的得分" in page


# ---- offline


def workbook_of(client, case):
    answer = client.get(address("expert_workbook", case.pk))
    return load_workbook(BytesIO(b"".join(answer.streaming_content)))


def filled(book, **marks):
    sheet = book["专家评分表"]
    head = next(row for row in sheet.iter_rows() if any(cell.value == "指标编号" for cell in row))
    columns = {cell.value: cell.column for cell in head if cell.value}
    for row in sheet.iter_rows(min_row=head[0].row + 1):
        code = str(row[columns["指标编号"] - 1].value)
        if code in marks:
            points, reason = marks[code]
            sheet.cell(row[0].row, columns["专家评分"]).value = points
            sheet.cell(row[0].row, columns["理由"]).value = reason
    file = BytesIO()
    book.save(file)
    file.seek(0)
    file.name = "专家评分表.xlsx"
    return file


def test_a_workbook_comes_back_is_compared_and_becomes_a_draft(browser, world, read):
    client, expert = browser("expert"), world.seats["expert"]
    file = filled(workbook_of(client, read), **{"A1.2": (3, "材料不全。"), "A1.1": (99, None)})
    words = {"actor": expert, "now": world.tick()}
    entries = {"A1.3": Entered(points="1", reason="网上所填。")}
    panel.save_expert_marks(review=own(read, expert), entries=entries, comment=None, **words)

    page = client.post(address("sheet_offline", read.pk), {"file": file}, follow=True)
    seen = page.context["comparison"].seen
    written = client.post(page.redirect_chain[-1][0], {"_seen": seen}, follow=True)

    assert (page.context["comparison"].changes, page.context["comparison"].others) == (2, ("A1.3",))
    assert "评99分，超过该行满分" in "".join(page.context["told"])
    assert told(written)[-1] == "已写入2处，请核对后确认评分。"
    points = book_of(read.ledger_id).expert(expert.pk).points
    assert (points["A1.2"], points["A1.3"], own(read, expert).state) == (3, 1, SheetState.DRAFT)


def test_another_experts_workbook_is_refused(browser, world, read):
    file = filled(workbook_of(browser("expert-2"), read), **{"A1.2": (3, "x")})

    page = browser("expert").post(address("sheet_offline", read.pk), {"file": file})

    assert "这份工作簿不是从您的专家评分表下载的" in page.content.decode()
    assert FilledSheet.objects.count() == 0


# ---- the group


def test_readers_see_each_other_when_all_are_in_speak_of_what_differs_and_the_rapporteur_named_writes(
    browser, world, read
):
    confirm(world, read, "expert")
    before = browser("expert").get(address("agreed", read.pk))
    confirm(world, read, "expert-2")
    head, url = browser("group-head"), address("agreed", read.pk)
    head.post(address("take_common", read.pk))
    head.post(url, {"points-A1.1": "9", "reason-A1.1": "少一次。"})

    mine = browser("expert").get(url)
    answer = browser("expert").post(address("voice", read.pk), {"code": "A1.1", "agrees": "no"}, follow=True)
    kept_one = browser("expert").post(
        address("voice", read.pk), {"code": "A1.1", "agrees": "no", "reason": "材料齐全。"}, follow=True
    )

    assert before.context["readers"].confirmed == ()
    rows = {row.item.id: row for row in mine.context["rows"]}
    assert (rows["A1.1"].asks_own, rows["A1.1"].standing.carried, mine.context["writable"]) == (True, False, False)
    assert told(answer) == ["保留意见须写明理由。（五（二）3）"]
    assert told(kept_one) == ["A1.1：已记录。"]
    assert "保留意见：材料齐全。" in kept_one.content.decode()

    head.post(address("name_rapporteur", read.pk), {"seat": world.seats["expert"].pk})

    assert browser("expert").get(url).context["writable"]
    assert not head.get(url).context["writable"]
    assert told(head.post(url, {"points-A1.1": "9"}, follow=True)) == [
        f"由主评人{world.seats['expert'].user.name}登记商定得分。（五（二）3）"
    ]


def test_the_reason_of_a_third_reader_is_printed(browser, world, read):
    confirm(world, read, "expert")
    confirm(world, read, "expert-2", {"A1.1": Decimal(9)})

    page = browser("department").get(address("experts", read.pk)).content.decode()
    group = browser("group-head").get(address("agreed", read.pk)).content.decode()

    assert read.expert_reviews.get(origin=SheetOrigin.THIRD).expert == world.seats["expert-3"]
    for text in (page, group):
        assert "否决项或基础达标项评分不同（A1.1）" in text


# ---- the pool and the plan


def test_the_pool_is_kept_by_hand(browser, world):
    client, url = browser("department"), address("pool_member", world.seats["expert"].pk)
    typed = {"employer": "某大学", "kinds": ["行业商会"], "most": "7", "draws": "on", "province": ""}

    wrong = client.post(url, typed | {"available_from": "2020-10-09", "available_until": "2020-10-08"})
    client.post(url, typed | {"available_from": "2020-10-09"})

    member = PanelMember.objects.get(seat=world.seats["expert"])
    assert "可评审止不能早于可评审起。" in wrong.content.decode()
    assert (member.employer, member.kinds, member.most, member.available_from) == (
        "某大学", ["行业商会"], 7, date(2020, 10, 9)
    )
    assert "某大学" in client.get(address("pool")).content.decode()


def test_a_plan_is_shown_with_its_reasons_and_confirmed_by_the_head(browser, world):
    client = browser("department")
    typed = {"readers": 2, "spread": 1, "seed": "示例", "begins": "2020-10-09", "ends": "2020-10-23"}

    bad = client.post(address("assignments"), typed | {"readers": "x"})
    client.post(address("assignments"), typed)
    plan = assigning.compute(plan=AssignmentPlan.objects.get(), now=world.tick())
    page = client.get(address("assignment", plan.pk))
    mine = client.get(address("assignment", plan.pk), {"expert": str(plan.pairs.first().expert_id)})
    confirmed = browser("head").post(address("deploy_assignment", plan.pk), follow=True)

    assert bad.status_code == 200
    assert (len(page.context["lines"]), len(mine.context["lines"])) == (2, 1)
    assert "无任职、亲属关系，未登记回避" in page.content.decode()
    assert "deploy/" not in page.content.decode()
    assert told(confirmed) == ["方案已确认，正在后台逐件分派并通知专家。"]


def test_more_pairs_and_experts_ask_no_more_queries(browser, world, django_assert_num_queries):
    draw = assigning.Draw("示例", 1, 2, Window(date(2020, 10, 9), date(2020, 10, 23)))
    plan = assigning.order_plan(cycle=world.cycle, draw=draw, actor=world.seats["department"], now=world.tick())
    plan = assigning.compute(plan=plan, now=world.tick())
    client = browser("supervision")
    client.get(address("assignment", plan.pk))
    with django_assert_num_queries(11):
        assert len(client.get(address("assignment", plan.pk)).context["lines"]) == 1
    for name in ("expert", "expert-2", "expert-3"):
        plan.pairs.get_or_create(declaration=plan.pairs.first().declaration, expert=world.seats[name])

    with django_assert_num_queries(11):
        assert len(client.get(address("assignment", plan.pk)).context["lines"]) == 3
