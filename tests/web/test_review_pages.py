"""The pages of a tier's review: what they show, what they keep, whom they refuse."""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from declarations.actions import review
from declarations.demo import stages
from declarations.models import Declaration, Endorsement, ReturnItem
from declarations.queries.acts import acts_open_to
from declarations.queries.compact import CompactDossier, case_for_review
from declarations.queries.facts import dossier_of
from declarations.states import State
from scoring.actions import Entered, save_marks
from scoring.models import Layer, Mark
from scoring.queries import book_of
from sihao import clock
from tests import worlds
from tests.kept import Ground, kept

pytestmark = pytest.mark.django_db
ROW = "A1.2"
PAGES = ("review", "opinion", "return")


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


def signed_in(seat):
    client = Client()
    client.force_login(seat.user)
    return client


@pytest.fixture
def officer(world, case):
    return signed_in(world.officer(case.holder))


@pytest.fixture(scope="module")
def first_look(ground, django_db_blocker):
    """The page of the review as the officer finds it before anything was done: read by many, drawn once."""
    with kept(django_db_blocker):
        case = stages.fresh(ground.case)
        return signed_in(ground.world.officer(case.holder)).get(url("review", case))


def url(name, case, query=""):
    return reverse(f"declarations:{name}", args=[case.pk]) + query


def text(response):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def own(case, which=Layer.COUNTY):
    sheet = book_of(case.ledger_id).layer(which)
    return {code: (mark.points, mark.typed, mark.reason) for code, mark in sheet.marks.items()} if sheet else {}


def line_of(response, code):
    html = response.content.decode()
    return unescape(re.search(rf'<tr id="row-{re.escape(code)}".*?</tr>', html, re.DOTALL)[0])


# ---- the sheet


def save(client, case, sent, page="review"):
    return client.post(url(page, case), sent, headers={"accept": "application/json"})


def test_a_line_tells_standard_facts_layers_and_evidence(case, first_look):
    page = first_look

    told = " ".join(re.sub(r"<[^>]+>", " ", line_of(page, "A1.1")).split())
    words = book_of(case.ledger_id).layer(Layer.SELF).marks["A1.1"].words
    name = "学习贯彻习近平新时代中国特色社会主义思想，树牢“四个意识”、坚定“四个自信”、做到“两个维护”"
    assert told == (
        f"A1.1 *否决项 {name} 依据和材料 A1.1 {name} 政治方向和工商联工作 · 依据：二（一）1 "
        "标准 2019年、2020年政治理论学习次数取低值：达4次得10分，达2次得7分，达1次得4分，不足1次得0分；"
        "“周期内有无违反政治纪律或造成重大负面政治影响的事件”为“是”的得0分。"
        "否决项：政治方向是办会前提；全年未组织学习或发生重大负面政治事件即为0分。 "
        "建议分 10/10 2019年政治理论学习次数6次；2020年政治理论学习次数5次；取低值5次，达到4次，得10分。 "
        "2019年政治理论学习次数 6次 2020年政治理论学习次数 5次 周期内有无违反政治纪律或造成重大负面政治影响的事件 否 "
        f"实际情况 {words} 自评 10/10 {filler(case)} "
        "示例佐证A1.1.png PNG · 3 KB · 9月28日 09:08上传 预览 示例佐证A1.1.png 在新窗口查看 示例佐证A1.1.png "
        "列入退回修改 10 /10 10 /10 1份 /10 待审核 理由"
    )
    assert "（重建稿，非官方）" in text(page)


def filler(case):
    mark = book_of(case.ledger_id).layer(Layer.SELF).marks["A1.1"]
    return f"{mark.set_by.user.name}，9月28日 09:06"


def test_a_mark_is_kept_as_it_is_typed_and_told_back(case, officer):
    sent = {"points-A1.2": "5", "reason-A1.2": "缺一次记录。", "points-A1.3": "七分", "_seen": ""}

    answer = save(officer, case, sent)

    assert own(case) == {"A1.2": (5, "", "缺一次记录。"), "A1.3": (None, "七分", "")}
    told = answer.json()
    assert told["saved"] == {"A1.2": 1, "A1.3": 1}
    assert told["problems"] == {"A1.3": "A1.3：“七分”不是数字，请只填数字，不带单位，如12。"}
    assert re.fullmatch(r"\d\d:\d\d", told["at"])


def test_without_scripts_the_button_saves_and_the_page_says_what_is_wrong(case, officer):
    sent = {"points-A1.2": "5", "points-A1.3": "七分", "points-A1.4": "9", "points-A1.5": "", "_seen": "A1.2:0"}

    page = officer.post(url("review", case), sent, follow=True)

    assert own(case) == {"A1.2": (5, "", ""), "A1.3": (None, "七分", ""), "A1.4": (None, "9", "")}
    told = text(page)
    assert "有2处填写有误，已照原样保留，请改正。" in told
    assert "A1.3 A1.3：“七分”不是数字，请只填数字，不带单位，如12。已按原样保留，未计入本级得分。" in told
    assert "A1.4 A1.4：评9分，超过该行满分7分。已按原样保留，未计入本级得分。" in told
    assert 'value="七分"' in line_of(page, "A1.3")


def test_a_differing_mark_asks_for_its_reason_and_forwarding_is_refused_until_it_is_there(case, officer):
    page = officer.post(url("review", case), {"points-A1.2": "5", "_seen": ""}, follow=True)

    assert "A1.2 A1.2：本级5/7，自评7/7，须写明理由。" in text(page)
    assert 'class="row-differs"' in line_of(page, ROW)
    assert "低于自评2分" in line_of(page, ROW)
    assert "审核得分与下一级不同的指标须写明理由：A1.2" in text(page)
    assert 'class="row-differs"' not in line_of(page, "A1.1")

    save(officer, case, {"reason-A1.2": "缺一次记录。", "_seen": "A1.2:1"})

    after = text(officer.get(url("review", case)))
    assert "须写明理由：" not in after
    assert own(case)[ROW] == (5, "", "缺一次记录。")


def test_two_of_one_office_merge_by_cell_and_meet_visibly(world, case, officer):
    colleague = signed_in(world.leader(case.holder))
    save(officer, case, {"points-A1.2": "5", "_seen": "A1.2:0"})

    merged = save(colleague, case, {"reason-A1.2": "缺一次记录。", "_seen": "A1.2:0"}).json()
    met = save(colleague, case, {"points-A1.2": "4", "_seen": "A1.2:0"}).json()

    assert (merged["saved"], merged["collisions"]) == ({"A1.2": 2}, {})
    assert own(case) == {"A1.2": (5, "", "缺一次记录。")}
    clash = met["collisions"]["A1.2/points"]
    assert (clash["label"], clash["mine"], clash["theirs"], clash["version"]) == ("A1.2本级评分", "4", "5", 2)
    assert clash["by"] == world.leader(case.holder).user.name  # who last wrote the row

    page = colleague.post(url("review", case), {"points-A1.2": "4", "_seen": "A1.2:0"})

    assert page.status_code == 409
    assert 'value="4"' in line_of(page, ROW)
    assert "有内容已被他人改动，请选择" in text(page)
    save(colleague, case, {"points-A1.2": "4", "_seen": "A1.2:2"})
    assert own(case)[ROW] == (4, "", "缺一次记录。")


def test_who_is_signed_out_is_told_so_and_nothing_is_lost_silently(case):
    answer = save(Client(), case, {"points-A1.2": "5", "_seen": ""})

    assert (answer.status_code, answer.json()) == (401, {"login": "/account/sign-in/"})
    assert own(case) == {}


def test_hostile_input_is_answered_calmly(case, officer):
    hostile = ["1e999", "NaN", "-1", "\x00\x01", "9" * 5000, "<script>", "7" * 30 + ".5", "٣"]
    codes = [f"A{group}.{number}" for group in (1, 2) for number in range(1, 6)]
    marks = {f"points-{code}": text for code, text in zip(codes, hostile, strict=False)}
    sent = marks | {
        "reason-A2.5": "甲\x00乙",
        "words-A2.5": "只有商会写实际情况",
        "points-Z9.9": "5",
        "opinion_stance": "nonsense",
        "opinion_text": "<script>",
        "_theirs": "A9/points",
        "_seen": "zz A1.2:x ::",
    }

    page = officer.post(url("review", case), sent, follow=True)

    kept = own(case)
    assert page.status_code == 200
    assert {code for code, (points, _, _) in kept.items() if points is not None} <= {"A2.3"}  # the Arabic three at most
    assert kept["A2.5"] == (None, "", "甲乙")
    assert [(one.text, one.stance) for one in Endorsement.objects.all()] == [("<script>", "")]
    assert "<script>" not in page.content.decode()
    assert "只有商会" not in page.content.decode()


@pytest.mark.parametrize(("way", "shown"), [("deciding", 14), ("open", 90), ("differs", 0), ("none", 90)])
def test_rows_may_be_folded_to_those_that_matter(case, officer, way, shown):
    page = officer.get(url("review", case, f"?show={way}"))

    assert page.content.decode().count("data-row=") == shown
    assert ("没有这一类指标" in text(page)) is (shown == 0)


def test_acts_stand_at_the_bottom_and_closed_ones_say_why(first_look):
    told = text(first_look)

    assert "保存 退回修改 不予推荐 询问 为何不能办理 报上级审核 " in told
    assert "请先填写本级审核意见。 依据：五（二）1 填写审核意见 否决项和基础达标项须逐项审核打分，尚缺：A1.1" in told


def test_the_page_shows_the_acts_that_the_whole_dossier_shows(world, case):
    for holder in ("county", "unit"):
        if holder == "unit":
            case = stages.to_unit(world, case)
        seat = world.leader(case.holder)
        compact = CompactDossier(case_for_review(seat, case.pk), seat)
        shown, whole = (acts_open_to(seat, one, world.clock.at) for one in (compact, dossier_of(stages.fresh(case))))
        assert shown == whole
        assert [one.key for one in compact.findings] == [one.key for one in dossier_of(stages.fresh(case)).findings]


def test_the_strip_counts_unmarked_rows_as_below_and_says_so(world, case, officer, first_look):
    before = text(first_look)
    review.agree_with_below(case=case, actor=world.officer(case.holder), now=world.tick())
    after = text(officer.get(url("tier_verdict", case)))

    assert "尚有90项未审核，暂按下一级得分计" in before
    assert "审核进度 0 /90项" in before
    assert "结论 达到认定条件" in after
    assert "审核进度 90 /90项" in after


def test_every_form_of_a_page_carries_its_token(case, officer, first_look):
    for page in (first_look, *(officer.get(url(name, case)) for name in ("opinion", "return", "agree_with_below"))):
        html = page.content.decode()
        forms = re.findall(r'<form[^>]*method="post".*?</form>', html, re.DOTALL)
        assert all("csrfmiddlewaretoken" in form for form in forms)
        assert len(forms) > 1


# ---- what agrees, in one act


def test_agreeing_shows_first_what_it_will_write_and_then_writes_the_ticked_rows(world, case, officer):
    save(officer, case, {"points-A1.2": "5", "reason-A1.2": "缺一次记录。", "_seen": ""})
    case.answers.filter(field="study_2019").update(value="3")  # the facts now support less of A1.1 than was claimed

    page = officer.get(url("agree_with_below", case)).content.decode()

    ticked = re.findall(r'name="row" value="([^"]+)" checked', page)
    unticked = re.findall(r'name="row" value="([^"]+)">', page)
    assert "A1.1:10" in unticked
    assert len(ticked) + len(unticked) == 89
    assert "高于建议分3分" in unescape(page)
    told = officer.post(url("agree_with_below", case), {"row": ticked}, follow=True)
    assert f"已按下一级得分确认{len(ticked)}项。" in text(told)
    assert len(own(case)) == len(ticked) + 1
    assert own(case)[ROW] == (5, "", "缺一次记录。")
    assert "A1.1" not in own(case)


def test_a_row_that_was_changed_after_the_preview_is_not_written_and_is_named(case, officer):
    save(officer, case, {"points-A1.3": "6", "_seen": ""})

    sent = {"row": ["A1.2:7", "A1.3:5", "A1.4:1", "x", "A1.5:x"]}
    told = officer.post(url("agree_with_below", case), sent, follow=True)

    assert "已按下一级得分确认1项。" in text(told)
    assert "A1.3、A1.4在此期间已有改动，没有写入，请逐项核对。" in text(told)
    assert own(case) == {"A1.2": (7, "", ""), "A1.3": (6, "", "")}


# ---- what changed since the last look


def test_what_others_changed_since_the_last_look_is_marked_until_it_was_looked_at(world, case, officer):
    first = text(officer.get(url("review", case)))
    again = text(officer.get(url("review", case)))
    change_own_row(case, ROW, "3", world.officer(case.holder))
    case.answers.filter(field="study_2019").update(set_at=clock.now())
    case.attachments.filter(row="A1.1").update(added_at=clock.now())

    page = officer.get(url("review", case))
    drawn = re.search(r'name="drawn" value="([^"]+)"', page.content.decode())[1]

    assert "查看后有改动" not in first + again
    assert "查看后有改动：2项指标" in text(page)
    assert "自评由7改为3" in line_of(page, ROW)
    assert "“2019年政治理论学习次数”已改；新增材料示例佐证A1.1.png" in line_of(page, "A1.1")
    assert officer.get(url("review", case, "?show=changed")).content.decode().count("data-row=") == 2
    officer.post(url("seen", case), {"drawn": drawn})
    assert "查看后有改动" not in text(officer.get(url("review", case)))


def change_own_row(case, code, points, before):
    """Change a row of the self-assessment as a return would let the chamber do, after the officer's look."""
    layer = book_of(case.ledger_id).layer(Layer.SELF).assessment
    type(layer).objects.filter(pk=layer.pk).update(locked_at=None)
    layer.refresh_from_db()
    filler = layer.marks.get(code=code).set_by
    save_marks(assessment=layer, entries={code: Entered(points=points)}, actor=filler, now=clock.now())


def test_a_row_that_the_officer_marked_after_the_change_is_not_told_any_more(world, case, officer):
    officer.get(url("review", case))
    change_own_row(case, ROW, "3", world.officer(case.holder))

    save(officer, case, {"points-A1.2": "3", "_seen": ""})

    assert "查看后有改动" not in text(officer.get(url("review", case)))


def test_a_page_that_says_strange_things_of_its_time_counts_as_drawn_now(case, officer):
    for drawn in ("", "yesterday", "2020-13-45T00:00:00", "9999-01-01T00:00:00+08:00", "2020-10-01T00:00:00"):
        answer = officer.post(url("seen", case), {"drawn": drawn})

        assert (answer.status_code, answer.url) == (302, url("review", case))


# ---- the next case


def test_the_next_case_comes_in_the_order_of_the_worklist_at_no_more_cost(
    world, case, officer, django_assert_num_queries
):
    officer.get(url("review", case))
    with django_assert_num_queries(9):
        officer.get(url("review", case))
    others = [worlds.make_submitted(world) for _ in range(2)]

    ways = [officer.get(url("next_case", one)).url for one in (case, *others)]

    assert ways == [url("review", one) for one in (*others, case)]
    with django_assert_num_queries(9):
        officer.get(url("review", case))


def test_without_another_case_it_leads_back_to_the_worklist(case, officer):
    page = officer.get(url("next_case", case), follow=True)

    assert "没有其他待审核的申报件。" in text(page)


# ---- the opinion


def test_an_opinion_is_kept_as_it_is_typed_with_no_conclusion_chosen_beforehand(case, officer):
    blank = officer.get(url("opinion", case)).content.decode()

    save(officer, case, {"opinion_text": "拟同意。", "_seen": "opinion_text:0"}, "opinion")
    save(officer, case, {"opinion_stance": "agree", "_seen": "opinion_stance:0"}, "opinion")
    told = save(officer, case, {"opinion_authentic": "true", "_seen": "opinion_authentic:0"}).json()

    assert not re.search(r'name="opinion_stance"[^>]* checked', blank)
    assert "常用表述" in blank
    assert told["saved"] == {"opinion_authentic": 1}
    assert opinions() == [("拟同意。", "agree", True, None)]
    save(officer, case, {"_blank": "opinion_authentic", "_seen": "opinion_authentic:1"})
    assert opinions() == [("拟同意。", "agree", False, None)]


def opinions():
    return [(one.text, one.stance, one.authentic, one.signed_at) for one in Endorsement.objects.all()]


def test_two_who_write_the_opinion_at_once_meet_by_part(world, case, officer):
    colleague = signed_in(world.leader(case.holder))
    save(officer, case, {"opinion_text": "甲。", "_seen": "opinion_text:0"})

    sent = {"opinion_text": "乙。", "opinion_stance": "agree", "_seen": "opinion_text:0 opinion_stance:0"}
    told = save(colleague, case, sent).json()

    assert told["saved"] == {"opinion_stance": 1}
    clash = told["collisions"]["opinion_text"]
    assert (clash["label"], clash["mine"], clash["theirs"], clash["version"]) == ("审核意见", "乙。", "甲。", 1)
    assert clash["by"] == world.officer(case.holder).user.name
    assert opinions() == [("甲。", "agree", False, None)]
    save(colleague, case, {"opinion_text": "乙。", "_seen": "opinion_text:1"})
    assert opinions() == [("乙。", "agree", False, None)]


def test_without_scripts_the_button_writes_only_the_parts_that_were_changed(world, case, officer):
    html = officer.get(url("opinion", case)).content.decode()
    drawn = dict(re.findall(r'name="(_was-[^"]+)" value="(\w+)"', html))
    save(signed_in(world.leader(case.holder)), case, {"opinion_text": "甲。", "_seen": "opinion_text:0"})
    seen = " ".join(re.findall(r'name="_seen" value="([^"]+)"', html))

    sent = drawn | {"opinion_text": "", "opinion_stance": "against", "_group": "opinion", "_seen": seen}
    page = officer.post(url("opinion", case), sent, follow=True)

    assert page.status_code == 200
    assert opinions() == [("甲。", "against", False, None)]


def test_what_the_opinion_says_and_what_is_done_must_be_one(world, case, officer):
    stages.review_as_holder(world, case)
    save(officer, case, {"opinion_stance": "against", "_seen": "opinion_stance:1"})

    told = text(officer.get(url("review", case)))

    words = "本级审核意见的结论为“不予推荐”，与这一步不一致，请先修改审核意见。 依据：五（二）1"
    assert "保存 退回修改 不予推荐 询问 为何不能办理 报上级审核 " in told
    assert words in told
    save(officer, case, {"opinion_stance": "agree", "_seen": "opinion_stance:2"})
    told = text(officer.get(url("review", case)))
    assert f" 不予推荐 {words.replace('不予推荐', '同意推荐')}" in told


# ---- the ledger


def test_the_city_reads_county_and_self_and_the_ledger_shows_every_layer_with_the_printed_totals(world, case):
    reviewed = stages.review_as_holder(world, case)
    entries = {"A1.2": Entered(points="5", reason="缺一次记录。")}
    review.save_tier_marks(case=case, entries=entries, actor=world.officer(case.holder), now=world.tick())
    up = review.forward(case=reviewed, actor=world.leader(case.holder), now=world.tick())
    county, city = signed_in(world.officer(case.holder)), signed_in(world.officer(up.holder))

    page = city.get(url("ledger", case))
    whole = city.get(url("ledger", case, "?show=all"))

    total = {sheet.layer: sheet.assessment.total for sheet in book_of(case.ledger_id).sheets}
    lost = total[Layer.SELF] - total[Layer.COUNTY]
    foot = re.search(r"<tfoot>.*?</tfoot>", page.content.decode(), re.DOTALL)[0]
    figures = " ".join(re.sub(r"<[^>]+>", " ", foot).split())
    told = [f"{one.normalize():f}" for one in (total[Layer.SELF], total[Layer.COUNTY], lost)]
    assert figures == f"已评指标 90 90项 90项 合计 500 {told[0]} {told[1]} （-{told[2]}）"
    row = " ".join(re.sub(r"<[^>]+>", " ", line_of(page, ROW)).split())
    assert "5 （-2） " + world.officer(case.holder).user.name in row
    assert "第2次填写 缺一次记录。" in row
    assert whole.content.decode().count('<tr id="row-') == 90
    assert county.get(url("ledger", case)).status_code == 200

    sheet = city.get(url("review", case)).content.decode()
    heads = re.findall(r'<th scope="col"[^>]*>([^<]+)</th>', sheet)
    assert heads == ["指标", "自评", "县级审核", "建议分", "材料", "本级评分"]
    assert "411122工商业联合会：同意报上级审核" in sheet
    assert "经核对，申报材料齐全、数据真实，同意推荐。（示例）" in sheet


def test_a_chamber_finds_only_its_own_layer_in_the_ledger(world, case):
    stages.review_as_holder(world, case)

    filler = book_of(case.ledger_id).layer(Layer.SELF).marks["A1.1"].set_by
    page = signed_in(filler).get(url("ledger", case))

    assert page.status_code == 200
    assert "县级审核" not in page.content.decode()


# ---- the return


@pytest.fixture
def in_time(world, monkeypatch):
    """The house's clock stands where the world's does, a fortnight before the county must have finished."""
    monkeypatch.setattr("sihao.clock.now", lambda: world.clock.at)


def lines(*items, total=3):
    sent = {"form-TOTAL_FORMS": str(total), "form-INITIAL_FORMS": "0", "until-day": "2020-10-12"}
    for number, (item, reason, words) in enumerate(items):
        sent |= {f"form-{number}-item": item, f"form-{number}-reason": reason, f"form-{number}-text": words}
    return sent


@pytest.mark.usefixtures("in_time")
def test_a_return_takes_rows_and_fields_and_leaves_blank_lines_out(case, officer):
    sent = lines((ROW, "missing", "补签到表。"), ("", "", ""), ("legal_rep", "illogical", "与登记证书不一致。"))

    page = officer.post(url("return", case), sent, follow=True)

    assert "已退回修改，共2项。" in text(page)
    found = ReturnItem.objects.order_by("id").values_list("item", "reason", "text")
    assert list(found) == [(ROW, "missing", "补签到表。"), ("legal_rep", "illogical", "与登记证书不一致。")]
    assert Declaration.objects.get().state == State.RETURNED


@pytest.mark.usefixtures("in_time")
def test_the_page_says_until_when(case, officer):
    page = officer.get(url("return", case))

    assert "修改期限不能晚于本级审核截止时间2020年10月13日24:00。" in text(page)
    assert 'name="until-day" value="2020-10-12"' in page.content.decode()


LATE = "修改期限2020年10月14日24:00晚于县级审核截止时间2020年10月13日24:00，请提前。"
WHOLE = lines((ROW, "missing", "补充。"))
NOT_WHOLE = (
    (lines(), ["请至少写明一项需要修改的指标或字段，并逐项说明原因。"]),
    (
        lines(
            *((ROW, "", ""), ("A1.3", "missing", ""), ("", "missing", "补充。"), ("Z9.9", "missing", "补充。")),
            ("A1.4", "missing", "字" * 501),
            total=5,
        )
        | {"until-day": ""},
        [
            *("请选择原因。", "请写明需要怎样修改。", "请选择指标或字段。", "所选内容不在可选范围内，请重新选择。"),
            *("不超过500字，现为501字。", "请填写日期。"),
        ],
    ),
    (lines((ROW, "missing", "甲"), (ROW, "unclear", "乙")), ["这一项已在上面列出，请合并填写。"]),
    ({"form-0-item": ROW}, ["页面内容不完整，请刷新后重新填写。"]),
    ({"form-TOTAL_FORMS": "九", "form-INITIAL_FORMS": "0"}, ["页面内容不完整，请刷新后重新填写。"]),
    (WHOLE | {"until-day": "2020-02-30"}, ["日期请写成2020-10-12这样的年月日。"]),
    (WHOLE | {"until-day": "2020-10-14"}, [LATE]),
    (WHOLE | {"until-day": "9999-12-31"}, ["晚于县级审核截止时间"]),
)


@pytest.mark.usefixtures("in_time")
def test_a_return_that_is_not_whole_says_what_is_missing_and_keeps_what_was_typed(case, officer):
    for sent, sentences in NOT_WHOLE:
        page = officer.post(url("return", case), sent)

        assert page.status_code == 200
        told = text(page)
        assert [sentence for sentence in sentences if sentence not in told] == []
        assert Declaration.objects.get().state == State.LOCAL_REVIEW
        assert all(unescape(value) in unescape(page.content.decode()) for value in sent.values() if len(value) > 6)


def test_more_lines_are_added_without_losing_any_and_at_most_twenty(case, officer):
    sent = lines((ROW, "missing", "补签到表，并逐页盖章。")) | {"more": "1"}

    page = officer.post(url("return", case), sent)
    most = officer.post(url("return", case), sent | {"form-TOTAL_FORMS": "9999"})

    assert "补签到表，并逐页盖章。" in text(page)
    assert page.content.decode().count("<legend>") == 6
    assert most.content.decode().count("<legend>") == 3  # not a number of lines: begun anew


def test_one_return_too_many_is_refused_with_its_reason(world, case, officer):
    type(case.cycle).objects.update(returns_max=0)

    page = officer.post(url("return", case), lines((ROW, "missing", "补签到表。")))

    assert "本件已退回0次，达到上限。" in text(page)
    assert "补签到表。" in text(page)
    assert Declaration.objects.get().state == State.LOCAL_REVIEW


# ---- who


def test_a_neighbour_county_finds_no_page_case_file_or_step(world, case):
    neighbour = signed_in(world.leader(worlds.make_federation(worlds.NEIGHBOUR)))
    piece = case.attachments.first()
    addresses = [
        url("case", case),
        url("agree_with_below", case),
        url("ledger", case),
        reverse("declarations:evidence_file", args=[case.pk, piece.pk]),
        reverse("declarations:step", args=[case.pk, "forward"]),
    ]

    addresses += [url(page, case) for page in PAGES]

    assert [neighbour.get(address).status_code for address in addresses] == [404] * 8
    assert [neighbour.post(url(page, case)).status_code for page in PAGES] == [404] * 3
    assert neighbour.post(url("agree_with_below", case)).status_code == 404
    assert neighbour.post(url("seen", case)).status_code == 404


@pytest.mark.parametrize("code", [worlds.CITY, worlds.PROVINCE, worlds.NATION])
def test_who_does_not_hold_the_case_is_refused(world, case, code):
    client = signed_in(world.officer(worlds.make_federation(code)))

    for page in PAGES:
        assert client.get(url(page, case)).status_code == 403
        assert client.post(url(page, case)).status_code == 403
    assert Mark.objects.exclude(assessment__layer=Layer.SELF).count() == 0


def test_a_stranger_is_led_to_the_door(case):
    answer = Client().get(url("review", case))

    assert (answer.status_code, answer.url.split("?")[0]) == (302, "/account/sign-in/")


# ---- the same work whatever is there


def test_the_page_and_a_save_ask_little_and_as_often_for_many_marks_as_for_none(
    world, case, officer, django_assert_max_num_queries, django_assert_num_queries
):
    with django_assert_max_num_queries(12) as first:
        officer.get(url("review", case))
    with django_assert_max_num_queries(12) as none:
        officer.get(url("review", case))
    for number, seen in (("5", ""), ("6", "A1.2:1")):
        with django_assert_num_queries(9):
            save(officer, case, {"points-A1.2": number, "_seen": seen})
    review.agree_with_below(case=case, actor=world.officer(case.holder), now=world.tick())
    many = {f"reason-{code}": "一并说明。" for code in own(case)}
    with django_assert_num_queries(9):
        save(officer, case, many)
    with django_assert_max_num_queries(12) as all_marked:
        officer.get(url("review", case))

    assert (len(all_marked), len(first)) == (len(none), len(none) + 1)
