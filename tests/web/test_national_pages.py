"""The national tier in a browser's eyes: who may open what, what is shown, what a bad input does, how many queries."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from declarations.actions import panel, publish
from declarations.demo import stages
from declarations.models import (
    Agenda,
    Attachment,
    Cycle,
    Declaration,
    ExpertReview,
    Pending,
    PreliminaryReview,
)
from declarations.queries.facts import dossier_of
from declarations.queries.national import (
    dated_outside,
    findings_of,
    funnel_of,
    shared_evidence,
    totals_of,
    unit_rows,
)
from declarations.queries.panel_page import experts_for
from declarations.states import SheetState, State
from scoring.actions import Entered, save_marks
from scoring.models import Layer
from scoring.queries import book_of
from sihao import clock
from sihao.accounts.models import Seat
from sihao.accounts.roles import Role
from sihao.jobs.models import Job
from tests import worlds
from tests.factories import make_federation, make_seat
from tests.kept import as_it_stands, building, kept

pytestmark = pytest.mark.django_db

# Four cases: the first is under review, the second before the experts, the last two are proposed.
REVIEWED, READ, PROPOSED = 0, 1, 2


@pytest.fixture(scope="module")
def begun(django_db_setup, django_db_blocker, tmp_path_factory):
    """A world with cases at every national stage, built once for the module."""
    with kept(django_db_blocker):
        with building(tmp_path_factory.mktemp("evidence")):
            world = worlds.make_world()
            cases = [worlds.make_shortlisted(world, worlds.PROVINCE) for _ in range(4)]
            stages.send_up(world, cases[0].unit)
            stages.accept(world, cases[0].unit)
            for case in map(stages.fresh, cases[1:]):
                stages.assign(world, stages.pass_preliminary(world, case))
            for case in cases[PROPOSED:]:
                stages.sign(world, stages.score(world, stages.fresh(case)))
        yield world, [case.pk for case in cases]


@pytest.fixture
def world(begun, db, monkeypatch):
    mine = as_it_stands(begun[0])
    mine.cycle = Cycle.objects.get(pk=mine.cycle.pk)
    monkeypatch.setattr(clock, "now", lambda: mine.clock.at)
    return mine


def case_at(begun, place) -> Declaration:
    return stages.fresh(Declaration(pk=begun[1][place]))


@pytest.fixture
def reviewed(begun, world):
    return case_at(begun, REVIEWED)


@pytest.fixture
def read(begun, world):
    return case_at(begun, READ)


@pytest.fixture
def agenda(world):
    return publish.freeze_agenda(cycle=world.cycle, actor=world.seats["head"], now=world.tick())


@pytest.fixture
def browser(world):
    """A browser in which the person of a seat is signed in, by the seat or its name in the world."""

    def sign_in(who) -> Client:
        client = Client()
        client.force_login((world.seats[who] if isinstance(who, str) else who).user)
        return client

    return sign_in


def address(name, case=None) -> str:
    return reverse(f"declarations:{name}", args=[case.pk] if case is not None else [])


def text(answer) -> str:
    """The words of a page, without marks and runs of white space."""
    body = re.sub(r"<script.*?</script>|<[^>]+>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", body)


def told(answer) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def alerts(answer) -> list[str]:
    return [re.sub(r"<[^>]+>", "", one) for one in re.findall(r"<li>(.*?)</li>", answer.content.decode(), re.DOTALL)]


# ---- who may open what

# Who may open each page is asked of every role by the access matrix.
OF_A_CASE = ("preliminary", "ask_clarification", "propose_disqualification", "experts", "sheet", "recuse", "agreed")
OF_ALL = (
    "department", "preliminaries", "pass_many", "desks", "cross", "agendas", "freeze_agenda", "publication", "archive",
)


def test_a_unit_that_knows_the_case_is_refused_the_nations_pages(browser, world, read):
    leader = browser(world.staff[read.unit_id][1])

    assert {leader.get(address(name, read)).status_code for name in OF_A_CASE} == {403}
    assert {leader.get(address(name)).status_code for name in OF_ALL} == {403}


def test_a_case_out_of_sight_is_not_there(browser, world, read):
    elsewhere = make_seat(Role.LEADER, make_federation("420000"))
    stranger = make_seat(Role.EXPERT, make_federation(worlds.NATION))

    names = ("preliminary", "experts", "sheet", "agreed", "consultation", "propose_disqualification")
    assert {browser(elsewhere).get(address(name, read)).status_code for name in names} == {404}
    assert {browser(stranger).get(address(name, read)).status_code for name in names} == {404}


def test_what_only_acts_is_not_read(browser, read):
    for name in ("publish", "release"):
        assert browser("head").get(address(name)).status_code == 405
    for name in ("agree_with_province", "confirm_sheet"):
        assert browser("expert").get(address(name, read)).status_code == 405


# ---- the overview


def test_the_funnel_counts_every_case_for_each_stage_it_reached(world, begun):
    counts = {State.PRELIMINARY_REVIEW: 1, State.DISQUALIFIED: 2, State.NOT_ELIGIBLE: 3, State.RECOGNISED: 4}

    funnel = funnel_of({**counts, State.DRAFT: 9, State.WITHDRAWN: 9, State.LOCAL_REVIEW: 5})

    assert funnel.rows == (
        ("提交申报", 15), ("列入拟推荐", 10), ("推荐上报", 10), ("进入初审", 10), ("进入专家复审", 7), ("拟认定", 4),
        ("审议通过", 4), ("认定", 4),
    )
    assert funnel.sentence == "已提交申报15件，推荐上报10件，专家复审后拟认定4件，认定4件。"


def test_the_units_stand_with_their_kept_counts(world):
    rows = unit_rows(world.seats["department"], world.cycle)

    henan = next(row for row in rows if row.code == worlds.PROVINCE)
    assert (henan.cells, henan.sent, henan.total, henan.places) == ((0, 0, 0, 1, 1, 2, 0, 0, 0), 4, 4, 74)
    assert totals_of(rows).sent == 4


def test_the_overview_says_what_it_shows(browser, world):
    words = text(browser("supervision").get(address("department")))

    assert "已提交申报4件，推荐上报4件，专家复审后拟认定2件，认定0件。" in words
    assert "个名额，已用4个；待推荐单位和下级审核0件，没有逾期的。" in words
    assert "4件申报的总分（均按推荐单位审核得分），没有低于350分的。" in words
    assert "重建稿，非官方" in words


# ---- the preliminary review


def found(case) -> dict[str, tuple[str, ...]]:
    viewer, dossier = Seat.objects.filter(role=Role.DEPARTMENT_OFFICER).first(), dossier_of(case)
    every = (*findings_of(dossier), dated_outside(dossier), shared_evidence(viewer, dossier))
    return {finding.title: finding.lines for finding in every}


def test_a_clean_case_has_only_rows_told_in_words(reviewed):
    lines = found(reviewed)

    assert len(lines.pop("自评得分大于0，仅有文字说明")) == 89
    assert set(lines.values()) == {()}


def test_missing_and_faulty_fields_are_found(reviewed):
    reviewed.answers.filter(field="address").update(value="")
    reviewed.answers.filter(field="members_2020").update(problem="请填写整数。")
    labels = {spec.id: spec.label for spec in dossier_of(reviewed).programme.fields}

    lines = found(reviewed)

    assert lines["必填项未填"] == (labels["address"],)
    assert lines["填写有误"] == (f"{labels['members_2020']}：请填写整数。",)


def test_marks_above_the_facts_are_found_with_figures(reviewed):
    reviewed.answers.filter(field="members_2020").update(value="1")

    lines = found(reviewed)["得分高于申报数据所支持的"]

    assert [line for line in lines if line.startswith("B2.4")] == [
        "B2.42019年、2020年会员数量逐年增长：自评8/8，推荐单位审核8/8；"
        + next(line for line in lines if line.startswith("B2.4")).split("；", 1)[1]
    ]


def test_rows_that_say_nothing_are_found(reviewed):
    sheet = book_of(reviewed.ledger_id).layer(Layer.SELF)
    sheet.assessment.marks.filter(code="A2.1").update(words="")

    assert found(reviewed)["自评得分大于0，无佐证材料、无说明"] == ("A2.1组织开展非公有制经济人士理想信念教育实践活动",)


def test_evidence_of_another_case_is_found_with_its_number(reviewed, read, begun):
    piece = reviewed.attachments.order_by("row").first()
    Attachment.objects.filter(pk=read.attachments.order_by("row").first().pk).update(digest=piece.digest)

    assert found(reviewed)["与其他申报使用同一佐证材料"] == (
        f"{piece.row}《{piece.name}》：同一文件还用于：{read.applicant_name}（{read.number}）{piece.row}",
    )


def test_evidence_dated_outside_the_period_is_told(reviewed):
    piece = reviewed.attachments.order_by("row").first()
    for day, told in ((date(2018, 12, 31), 1), (date(2019, 1, 1), 0), (date(2020, 10, 15), 0), (date(2020, 10, 16), 1)):
        Attachment.objects.filter(pk=piece.pk).update(dated=day)
        assert len(found(reviewed)["佐证材料日期不在评价期内"]) == told

    assert found(reviewed)["佐证材料日期不在评价期内"] == (
        f"{piece.row}《{piece.name}》：材料日期2020年10月16日不在评价期内（2019年1月1日至2020年10月15日）",
    )


def test_evidence_of_a_draft_is_not_told(world, reviewed):
    draft = worlds.make_draft(world)
    piece = reviewed.attachments.order_by("row").first()
    draft.attachments.filter(row=piece.row).update(digest=piece.digest)

    assert found(reviewed)["与其他申报使用同一佐证材料"] == ()


def test_answers_are_kept_one_by_one(browser, reviewed):
    url = address("preliminary", reviewed)

    answer = browser("department").post(url, {"complete": "yes", "true": "no", "remarks": "会员数待核。"}, follow=True)

    review = PreliminaryReview.objects.get(declaration=reviewed)
    assert (review.complete, review.logical, review.true, review.remarks) == (True, None, False, "会员数待核。")
    assert told(answer) == ["初审结论已保存。"]
    assert re.findall(r'name="(\w+)" value="(\w+)"[^>]*checked', answer.content.decode()) == [
        ("complete", "yes"), ("true", "no")
    ]


@pytest.mark.parametrize("bad", [{"complete": "maybe"}, {"remarks": "字" * 2001}, {"remarks": "\x00"}])
def test_bad_answers_come_back_as_typed(browser, reviewed, bad):
    answer = browser("department").post(address("preliminary", reviewed), {"logical": "yes", **bad})

    assert answer.status_code == 200
    assert answer.context["form"].data["logical"] == "yes"
    assert PreliminaryReview.objects.filter(declaration=reviewed).count() == 0


def test_a_case_that_moved_on_refuses_the_answers(browser, read):
    answer = browser("department").post(address("preliminary", read), {"complete": "no"})

    assert "本件不在初审环节，不能填写初审结论。（五（二）3）" in text(answer)


def test_the_acts_say_why_they_are_closed(browser, reviewed):
    acts = browser("head").get(address("preliminary", reviewed)).context["acts"]

    assert {act.label: bool(act.refusals) for act in acts} == {
        "通过初审": True, "请推荐单位说明": False, "提出取消认定资格": False,
        "取消认定资格": True, "撤销取消资格意见": True
    }


def test_each_question_stands_beside_what_was_found_on_it(browser, reviewed):
    page = browser("department").get(address("preliminary", reviewed))

    asked = {one.name: one for one, _, _ in page.context["asked"]}
    assert [finding.title for finding in asked["complete"].findings] == [
        "必填项未填", "自评得分大于0，无佐证材料、无说明", "自评得分大于0，仅有文字说明"
    ]
    assert [finding.title for finding in asked["true"].findings] == [
        "佐证材料日期不在评价期内", "与其他申报使用同一佐证材料"
    ]
    assert [note.row.key for note in asked["logical"].notes] == ["check-X65"]
    assert "尚未与其他申报比对；名单接收后由系统比对。" in text(page)


def test_a_word_on_a_finding_is_kept_with_the_answers(browser, reviewed):
    hint = reviewed.case_findings.get()

    browser("department").post(address("preliminary", reviewed), {"complete": "yes", f"word-{hint.pk}": "已看证书。"})

    hint.refresh_from_db()
    assert (hint.word, hint.noted_by.role) == ("已看证书。", Role.DEPARTMENT_OFFICER)


@pytest.fixture
def flagged(world, reviewed):
    return stages.flag(world, reviewed, reason="会员数与年检不符。")


def test_a_proposal_is_made_with_its_items_and_read_by_the_unit(browser, world, reviewed):
    lines = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "talk-ground": "untrue", "talk-reason": "会员数不符。"}
    url = address("propose_disqualification", reviewed)

    empty = browser("department").post(url, {**lines, "form-0-item": "A1.1"})
    more = browser("department").post(url, {**lines, "more": "1"})
    done = browser("department").post(
        url, {**lines, "form-0-item": "A1.1", "form-0-text": "名册第2页。"}, follow=True
    )

    assert "请写明依据。" in text(empty)
    assert more.context["lines"].total_form_count() == 4
    assert told(done) == [f"{reviewed.applicant_name}：已提出，已通知推荐单位。"]
    shown = text(browser(world.staff[reviewed.unit_id][0]).get(address("consultation", reviewed)))
    assert "名册第2页。" in shown
    assert "提交答复" not in shown


def test_the_unit_answers_and_the_department_reads_it(browser, world, flagged):
    leader = world.staff[flagged.unit_id][1]
    url = address("consultation", flagged)

    shown = text(browser(leader).get(url))
    answer = browser(leader).post(url, {"text": "年检材料已更正。"}, follow=True)

    assert "材料与事实不符" in shown
    assert "会员数与年检不符。" in shown
    assert world.seats["department"].user.name not in shown
    assert told(answer) == ["已提交，已通知对方。"]
    assert "年检材料已更正。" in text(browser("head").get(address("preliminary", flagged)))


def test_the_worklists_of_unit_and_department_lead_to_what_waits(browser, world, flagged):
    leader = world.staff[flagged.unit_id][1]
    waits = [task.state for task in browser(leader).get("/work/").context["desk"].waiting]
    browser(leader).post(address("consultation", flagged), {"text": "属实。"})
    answered = [task.state for task in browser("head").get("/work/").context["desk"].waiting]

    assert "取消资格意见待答复" in waits
    assert "取消资格意见已答复" in answered


def test_a_clarification_waits_on_the_units_worklist(browser, world, reviewed):
    lines = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-item": "A1.1", "form-0-text": "看不清。"}
    browser("department").post(address("ask_clarification", reviewed), {**lines, "talk-reason": "请说明名册。"})
    leader = world.staff[reviewed.unit_id][1]

    desk = browser(leader).get("/work/").context["desk"]
    task = next(task for task in [*desk.urgent, *desk.waiting] if task.verb == "说明")
    done = browser(leader).post(task.url, {"text": "已说明。"}, follow=True)

    assert told(done) == ["已提交，已通知对方。"]
    assert stages.fresh(reviewed).holder_id == world.seats["department"].organisation_id


def test_an_answer_to_nothing_is_refused(browser, world, reviewed):
    leader = world.staff[reviewed.unit_id][1]
    url = address("consultation", reviewed)

    assert "没有沟通事项" in text(browser(leader).get(url))
    assert "没有待答复的事项，或答复内容为空。" in text(browser(leader).post(url, {"text": "属实。"}))


def test_the_proposal_shows_until_when(browser, world, flagged):
    due = flagged.consultations.get().due_at
    day = (due - timedelta(seconds=1)).astimezone(worlds.BEIJING)

    words = text(browser("department").get(address("preliminary", flagged)))

    assert f"答复期限{day.year}年{day.month}月{day.day}日24:00" in words


def test_the_worklist_filters_and_previews_and_orders_a_bulk_pass(browser, world, reviewed):
    officer = browser("department")
    url = address("preliminaries")
    filters = ("", "mine", "ready", "open")
    numbers = {only: len(officer.get(url, {"only": only}).context["page"].rows) for only in filters}
    stages.answer_yes(world, reviewed)
    ready = officer.get(url, {"only": "ready"}).context["page"].rows
    preview = officer.get(address("pass_many"), {"case": [reviewed.pk, "x", "99999999999999"]})
    every = officer.get(address("pass_many"), {"ready": "1"})
    done = officer.post(address("pass_many"), {"case": [reviewed.pk]})

    assert numbers == {"": 1, "mine": 1, "ready": 0, "open": 1}
    assert list(ready) == [reviewed]
    assert "选定1件：1件可以通过，0件不能通过。" in text(preview)
    assert every.context["preview"].passing == (reviewed,)
    job = Job.objects.get(kind="pass_preliminary_listed")
    assert (done.status_code, job.arguments["cases"]) == (302, [reviewed.pk])
    assert "没有选定可以通过初审的申报。" in told(officer.post(address("pass_many"), follow=True))[0]


def test_the_head_says_who_looks_after_which_unit(browser, world, reviewed):
    seat = world.seats["department"]
    url = address("desks")

    done = browser("head").post(url, {f"unit-{reviewed.unit_id}": seat.pk, "unit-x": "1"}, follow=True)
    refused = browser("department").post(url, {f"unit-{reviewed.unit_id}": ""}, follow=True)

    assert told(done) == ["已保存，1个推荐单位的联系人有变动。"]
    assert told(refused) == ["联系单位和初审经办人由全国工商联会员部负责人指定。"]
    assert browser("head").post(address("assign_desk", reviewed), {"seat": "x"}, follow=True).status_code == 200


# ---- the experts


def test_ties_close_an_expert_with_the_reason(browser, world, read):
    make_seat(Role.OFFICER, make_federation(worlds.CITY), world.seats["group-head"].user)

    page = browser("department").get(address("experts", read))

    lines = {line.seat.pk: line for line in page.context["lines"]}
    line = lines[world.seats["group-head"].pk]
    assert line.closed == f"在{make_federation(worlds.CITY)}任职，应当回避。"
    assert [lines[world.seats[name].pk].load for name in ("expert", "expert-2", "group-head")] == [3, 3, 0]
    assert 'name="experts"' not in page.content.decode()


def test_the_department_takes_a_case_back_and_gives_it_to_another(browser, world, read):
    url, review = address("experts", read), ExpertReview.objects.get(declaration=read, expert=world.seats["expert"])
    client = browser("department")

    client.post(url, {"recuse": "1", "review": review.pk, "reason": "参与过该会评估。"})
    answer = client.post(url, {"experts": [world.seats["group-head"].pk]}, follow=True)

    review.refresh_from_db()
    assert (review.state, review.recusal_reason) == (SheetState.RECUSED, "参与过该会评估。")
    assert told(answer) == [f"{review.expert.user.name}已回避，请另行分派。", "已分派1名专家，等待专家接受。"]
    assert browser("expert").get(address("sheet", read)).status_code == 404


@pytest.mark.parametrize("bad", [{}, {"experts": "x"}, {"experts": "99999999"}, {"recuse": "1", "review": "y"}])
def test_bad_choices_of_experts_are_told(browser, read, bad):
    answer = browser("department").post(address("experts", read), bad)

    assert answer.status_code == 200
    assert read.expert_reviews.count() == 2


def test_more_experts_ask_no_more_queries(world, read, django_assert_num_queries):
    nation = make_federation(worlds.NATION)
    with django_assert_num_queries(12):
        assert len(experts_for(dossier_of(read), worlds.NOW)) == 3
    for _ in range(3):
        make_seat(Role.EXPERT, nation)

    with django_assert_num_queries(12):
        assert len(experts_for(dossier_of(read), worlds.NOW)) == 6


# ---- the sheet


def own(world, case, name="expert") -> ExpertReview:
    return ExpertReview.objects.select_related("assessment").get(declaration=case, expert=world.seats[name])


def test_a_draft_is_kept_as_typed_with_its_problem(browser, world, read):
    url = address("sheet", read)

    typed = {"points-A1.1": "十", "points-A1.2": "5", "reason-A1.2": "", "comment": "总体较好。", "points-Z9": "1"}
    answer = browser("expert").post(url, typed, follow=True)

    rows = {line.item.id: line for line in answer.context["sheet"].lines}
    assert (rows["A1.1"].typed, rows["A1.2"].typed) == ("十", "5")
    assert rows["A1.1"].problem.startswith("A1.1：“十”不是数字")
    assert rows["A1.2"].wants_reason
    assert (answer.context["verdict"].seen, answer.context["verdict"].total) == (1, 90)
    assert (own(world, read).comment, own(world, read).state) == ("总体较好。", "draft")


def test_confirming_keeps_what_was_typed_with_it(browser, world, read):
    client = browser("expert")

    first = client.post(address("confirm_sheet", read), {"points-A1.1": "10"}, follow=True)
    client.post(address("agree_with_province", read), {"points-A1.2": "0", "reason-A1.2": "无材料。"})
    last = client.post(address("confirm_sheet", read), {"comment": "同意。"}, follow=True)

    assert told(first)[0].startswith("还有89项未打分：A1.2、")
    assert told(last)[-1] == "评分已确认，计入复审结果。"
    points = book_of(read.ledger_id).expert(world.seats["expert"].pk).points
    assert (points["A1.1"], points["A1.2"], own(world, read).state) == (10, 0, "confirmed")


def test_a_confirmed_sheet_is_read_and_no_longer_written(browser, world, begun):
    case = case_at(begun, PROPOSED)
    client = browser("expert")

    page = client.get(address("sheet", case))

    assert page.context["sheet"].done == 90
    assert 'name="points-' not in page.content.decode()
    assert client.post(address("confirm_sheet", case)).status_code == 403
    assert client.post(address("sheet", case), {"points-A1.1": "0"}).status_code == 403


def test_an_expert_reads_no_other_sheet(browser, world, read):
    save_marks(
        assessment=own(world, read, "expert-2").assessment,
        entries={"A1.2": Entered(points="3", reason="乙的理由只有乙可见")}, actor=None, now=world.tick(),
    )

    for name in ("sheet", "case"):
        assert "乙的理由只有乙可见" not in browser("expert").get(address(name, read)).content.decode()


def test_a_case_not_assigned_is_not_there_for_an_expert(browser, world, read, reviewed):
    assert browser("expert").get(address("sheet", reviewed)).status_code == 404
    assert browser("group-head").get(address("sheet", read)).status_code == 403


def test_recusing_takes_the_case_off_the_desk(browser, world, read):
    url = address("recuse", read)
    client = browser("expert")

    empty = client.post(url, {"reason": ""})
    gone = client.post(url, {"reason": "曾任顾问。"}, follow=True)

    assert "请填写回避理由。" in text(empty)
    assert told(gone) == [f"{read.applicant_name}：已回避。"]
    assert client.get(address("sheet", read)).status_code == 404


def test_hostile_marks_do_no_harm(browser, world, read):
    bad = {"points-A1.1": "1e999", "points-A1.2": "NaN", "points-A1.3": "\x00", "reason-A1.1": "\x00" * 9}
    answer = browser("expert").post(address("sheet", read), bad, follow=True)

    assert answer.status_code == 200
    assert book_of(read.ledger_id).expert(world.seats["expert"].pk).points == {}


# ---- the group


def confirm(world, case, *names):
    for name in names:
        review = ExpertReview.objects.select_related("assessment__ledger__programme", "declaration", "expert__user")
        mine = review.get(declaration=case, expert=world.seats[name])
        panel.agree_with_province(review=mine, actor=world.seats[name], now=world.tick())
        panel.confirm_sheet(review=mine, actor=world.seats[name], now=world.tick())


def test_before_the_last_sheet_nobody_sees_any(browser, world, read):
    confirm(world, read, "expert")

    page = browser("group-head").get(address("agreed", read))

    assert page.context["readers"].open == ("专家2",)
    assert page.context["readers"].confirmed == ()
    assert "尚未确认的有：专家2。" in text(page)
    assert world.seats["expert-2"].user.name not in text(page)


def test_a_head_who_reads_too_sees_nothing_before_the_own_sheet(browser, world, read):
    stages.offer(world, read, "group-head")
    confirm(world, read, "expert", "expert-2")

    page = browser("group-head").get(address("agreed", read))

    assert (page.context["readers"].open, page.context["readers"].confirmed) == (("专家3",), ())


def test_the_group_agrees_and_signs_by_one_button(browser, world, read):
    confirm(world, read, "expert", "expert-2")
    url, client = address("agreed", read), browser("group-head")
    marked = [item for item in dossier_of(read).programme.rubric.items() if item.mark]
    full = {f"points-{item.id}": str(item.points) for item in marked}

    client.post(url, full | {"points-A1.1": "0"})
    unproven = client.get(url)
    client.post(url, full | {"points-A1.1": "0", "reason-A1.1": "未组织学习。", "source-A1.1": "年度工作总结"})
    not_carried = client.get(url)
    for name in ("expert", "expert-2"):
        browser(name).post(address("voice", read), {"code": "A1.1", "agrees": "yes"})
    ruled_out = client.get(url)
    client.post(url, full)
    passing = client.get(url)

    assert [row.item.id for row in unproven.context["rows"]] == [item.id for item in marked]
    assert len(marked) == 14
    assert [(act.label, [r.code for r in act.refusals]) for act in unproven.context["acts"]] == [
        ("签署复审结论", ["rows_uncarried", "veto_unproven"])
    ]
    assert [refusal.code for refusal in not_carried.context["acts"][0].refusals] == ["rows_uncarried"]
    assert [act.url for act in ruled_out.context["acts"]] == [f"/work/cases/{read.pk}/step/rule_out/"]
    assert ruled_out.context["preview"].judgement.strip.conclusion == "不能参与认定"
    assert ruled_out.context["preview"].changes == ("否决项A1.1须高于0分。",)
    act = passing.context["acts"][0]
    assert (act.url, act.refusals) == (f"/work/cases/{read.pk}/step/propose/", ())
    assert client.post(act.url, follow=True).status_code == 200
    read.refresh_from_db()
    assert read.state == State.PROPOSED


# ---- the meeting


def test_the_next_agenda_is_shown_before_it_is_frozen(browser, world, begun):
    page = browser("head").get(address("freeze_agenda"))

    proposed = Declaration.objects.filter(pk__in=begun[1][PROPOSED:]).order_by("rank")
    assert list(page.context["page"].rows) == list(proposed)
    assert "下列2件将按此次序固定为一份名单" in text(page)


def test_freezing_leads_to_the_job(browser, world, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = browser("head").post(address("freeze_agenda"))

    job = Job.objects.get(kind="declarations.freeze_agenda")
    assert answer.url == reverse("jobs:detail", args=[job.number])
    assert (job.state, Agenda.objects.get().items.count()) == ("done", 2)


def test_freezing_nothing_is_told(browser, world, agenda):
    answer = browser("head").post(address("freeze_agenda"), follow=True)

    assert told(answer) == ["没有待提请审议的拟认定对象。（五（二）4）"]


RECORD = {"meeting_on": "2020-09-28", "present": "甲、乙", "recused": "无", "minutes": "一致同意。"}


def test_no_outcome_is_chosen_beforehand(browser, agenda):
    page = browser("secretary").get(address("agenda", agenda))

    assert [line.outcome for line in page.context["lines"]] == ["", ""]
    assert "selected" not in page.content.decode()
    assert agenda.digest in text(page)


def test_all_are_approved_by_one_button_and_registered_by_another(
    browser, world, agenda, django_capture_on_commit_callbacks
):
    url, client = address("agenda", agenda), browser("secretary")

    chosen = client.post(url, RECORD | {"all": "1"}, follow=True)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(url, RECORD | {"decide": "1"})

    job = Job.objects.get(kind="declarations.decide")
    assert told(chosen) == ["2件均已选“审议通过”，尚未登记。"]
    assert (answer.url, job.state, job.error) == (reverse("jobs:detail", args=[job.number]), "done", "")
    words = text(client.get(url))
    assert "一致同意。" in words
    assert "审议通过2件，审议未通过0件，再议0件。" in words


def test_a_refusal_keeps_what_was_typed(browser, world, agenda):
    first = agenda.items.order_by("place").first()
    typed = {"minutes": "讨论中", f"outcome-{first.pk}": "held_over", f"remark-{first.pk}": "补材料", "decide": "1"}

    page = browser("secretary").post(address("agenda", agenda), typed)

    assert "请填写会议日期。（五（二）4）" in alerts(page)
    assert (page.context["lines"][0].outcome, page.context["lines"][0].remark) == ("held_over", "补材料")
    assert page.context["form"].data["minutes"] == "讨论中"
    assert not Job.objects.filter(kind="declarations.decide").exists()


@pytest.mark.parametrize("bad", [{"meeting_on": "昨天"}, {"present": "字" * 2001}, {"minutes": "\x00"}])
def test_a_bad_record_comes_back_as_typed(browser, agenda, bad):
    first = agenda.items.order_by("place").first()

    page = browser("secretary").post(address("agenda", agenda), RECORD | bad | {f"outcome-{first.pk}": "approved"})

    assert page.status_code == 200
    assert page.context["lines"][0].outcome == "approved"
    first.refresh_from_db()
    assert first.proposed_outcome == ""


def test_an_unknown_outcome_is_none(browser, agenda):
    first = agenda.items.order_by("place").first()

    browser("secretary").post(address("agenda", agenda), RECORD | {f"outcome-{first.pk}": "认定"})

    first.refresh_from_db()
    assert first.proposed_outcome == ""


def test_only_the_secretary_writes_on_the_agenda(browser, agenda):
    assert browser("head").get(address("agenda", agenda)).context["writable"] is False
    assert browser("head").post(address("agenda", agenda), RECORD).status_code == 403
    assert browser("secretary").get(reverse("declarations:agenda", args=[agenda.pk + 99])).status_code == 404


# ---- the publication


@pytest.fixture
def decided(world, agenda):
    outcomes = dict.fromkeys(agenda.items.values_list("pk", flat=True), ("approved", ""))
    minutes = publish.Minutes(on=world.clock.at.date(), present="甲", recused="无", text="同意。")
    publish.decide(
        agenda=agenda, minutes=minutes, outcomes=outcomes, actor=world.seats["secretary"], now=world.tick()
    )


def test_the_page_says_what_publishing_does_to_whom(browser, world, decided):
    def acts_of(name):
        acts = browser(name).get(address("publication")).context["acts"]
        return acts, [(act.label, [str(r) for r in act.refusals]) for act in acts]

    _, of_head = acts_of("head")
    acts, of_officer = acts_of("department")

    assert of_officer == [("提请公布名单", [])]
    assert of_head == [
        ("提请公布名单", ["公布名单由两人办理：由会员部经办人提请，由您确认。（两人办理）"]),
        ("公开其他结果", ["名单公布后才能公开其他结果。（六）"]),
    ]
    assert acts[0].confirm.startswith("由会员部负责人确认后，2家商会将认定为")
    assert "证书编号SH2020-0001至SH2020-0002" in acts[0].confirm


def test_others_read_the_page_without_acts(browser, decided):
    assert browser("supervision").get(address("publication")).context["acts"] == []
    assert [browser("supervision").post(address(name)).status_code for name in ("publish", "release")] == [403, 403]
    assert browser("department").post(address("release")).status_code == 403


def test_two_persons_publish_and_the_head_releases(browser, world, decided, django_capture_on_commit_callbacks):
    client = browser("head")

    early = client.post(address("release"), follow=True)
    alone = client.post(address("publish"), follow=True)
    browser("department").post(address("publish"))
    waiting = client.get(address("publication"))
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post(reverse("declarations:pending", args=[Pending.objects.get().pk]), follow=True)
    again = client.post(address("publish"), follow=True)
    late = client.post(address("release"), follow=True)

    assert told(early) == ["名单公布后才能公开其他结果。（六）"]
    assert told(alone) == [
        "“公布2019—2020年度全国“四好”商会名单”须两人办理，本单位没有可以确认的第二人。请由另一人拟办，或者指定代办人。（两人办理）"
    ]
    assert waiting.context["acts"] == []
    assert told(done) == ["已确认：公布2019—2020年度全国“四好”商会名单。"]
    assert "拟办“公布2019—2020年度全国“四好”商会名单”" in waiting.content.decode()
    assert Job.objects.get(kind="declarations.publish").state == "done"
    assert told(again) == ["没有审议通过、待公布的对象。（六）"]
    assert told(late) == ["结果已公开，省级工商联和申报商会可以查看。"]


# ---- how many queries


def count_of(client, url, django_assert_max_num_queries) -> int:
    with django_assert_max_num_queries(60) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


def test_the_agendas_ask_as_many_queries_for_three_as_for_one(browser, world, agenda, django_assert_max_num_queries):
    """The other lists are asked with 3 and with 300 rows among the long lists."""
    client, url = browser("head"), address("agendas")
    one = count_of(client, url, django_assert_max_num_queries)
    facts = {"cycle": world.cycle, "digest": "0", "frozen_by": world.seats["head"], "frozen_at": world.tick()}
    Agenda.objects.bulk_create(Agenda(number=number, **facts) for number in (2, 3))

    assert count_of(client, url, django_assert_max_num_queries) == one
