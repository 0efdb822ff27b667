"""The pages of a tier's review: what they show, what they keep, whom they refuse."""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from declarations.actions import review
from declarations.demo import stages
from declarations.models import Declaration, Endorsement, ReturnItem
from declarations.states import State
from scoring.actions import Entered
from scoring.models import Layer, Mark
from scoring.queries import book_of
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


def test_a_line_tells_standard_self_mark_proposal_facts_and_evidence(case, officer):
    page = officer.get(url("review", case))

    told = " ".join(re.sub(r"<[^>]+>", " ", line_of(page, "A1.1")).split())
    words = book_of(case.ledger_id).layer(Layer.SELF).marks["A1.1"].words
    assert told == (
        "A1.1 *否决项 学习贯彻习近平新时代中国特色社会主义思想，树牢“四个意识”、坚定“四个自信”、做到“两个维护” "
        "评分标准 2019年、2020年政治理论学习次数取低值：达4次得10分，达2次得7分，达1次得4分，不足1次得0分；"
        "“周期内有无违反政治纪律或造成重大负面政治影响的事件”为“是”的得0分。"
        "否决项：政治方向是办会前提；全年未组织学习或发生重大负面政治事件即为0分。 10/10 10/10 "
        "2019年政治理论学习次数6次；2020年政治理论学习次数5次；取低值5次，达到4次，得10分。 实际情况说明 "
        f"{words} 佐证材料： 示例佐证A1.1.png /10 待审核 理由"
    )
    assert "（重建稿，非官方）" in text(page)


def test_saving_keeps_marks_reasons_and_what_is_no_mark(case, officer):
    sent = {"mark-A1.2": "5", "reason-A1.2": "缺一次记录。", "mark-A1.3": "七分", "mark-A1.4": "9", "mark-A1.5": ""}

    page = officer.post(url("review", case), sent, follow=True)

    assert own(case) == {
        "A1.2": (5, "", "缺一次记录。"),
        "A1.3": (None, "七分", ""),
        "A1.4": (None, "9", ""),
    }
    told = text(page)
    assert "已保存3项。" in told
    assert "A1.3 ：“七分”不是数字，请只填数字，不带单位，如12。已按原样保留，未计入本级得分。" in told
    assert "A1.4 ：评9分，超过该行满分7分。已按原样保留，未计入本级得分。" in told
    assert 'value="七分"' in line_of(page, "A1.3")


def test_a_differing_mark_asks_for_its_reason_and_stands_out_by_a_word(case, officer):
    page = officer.post(url("review", case), {"mark-A1.2": "5"}, follow=True)

    assert "A1.2 ：本级5/7，自评7/7，须写明理由。" in text(page)
    assert 'class="row-differs"' in line_of(page, ROW)
    assert "低于下一级2分" in line_of(page, ROW)
    assert 'class="row-differs"' not in line_of(page, "A1.1")


def test_what_was_not_changed_is_not_written_over_what_another_saved(world, case, officer):
    drawn = re.findall(r'name="was-A1\.[23]" value="(\w+)"', officer.get(url("review", case)).content.decode())
    other = world.leader(case.holder)
    review.save_tier_marks(
        case=case, entries={"A1.3": Entered(points="5", reason="甲")}, actor=other, now=world.tick()
    )

    sent = {"mark-A1.2": "7", "was-A1.2": drawn[0], "mark-A1.3": "", "reason-A1.3": "", "was-A1.3": drawn[1]}
    officer.post(url("review", case), sent)

    assert own(case) == {"A1.2": (7, "", ""), "A1.3": (5, "", "甲")}


def test_a_reason_that_is_too_long_stays_on_the_page_and_nothing_is_saved(case, officer):
    long = "长" * 501

    page = officer.post(url("review", case), {"mark-A1.2": "6", "reason-A1.2": long})

    assert own(case) == {}
    assert "理由不超过500字。" in text(page)
    assert long in line_of(page, ROW)
    assert 'value="6"' in line_of(page, ROW)


@pytest.mark.parametrize(
    "sent",
    [
        {"mark-A1.2": "1e999"},
        {"mark-A1.2": "NaN"},
        {"mark-A1.2": "-1"},
        {"mark-A1.2": "\x00\x01"},
        {"mark-A1.2": "9" * 5000},
        {"reason-A1.2": "甲\x00乙"},
        {"mark-Z9.9": "5"},
        {"mark-A1.2": "5", "was-A1.2": "zz"},
        {"mark-A1.2": "<script>"},
    ],
)
def test_hostile_input_is_answered_calmly(case, officer, sent):
    page = officer.post(url("review", case), sent, follow=True)

    assert page.status_code == 200
    assert own(case).get(ROW, (None,))[0] in {None, 5}
    assert "<script>" not in page.content.decode()


@pytest.mark.parametrize(("way", "shown"), [("deciding", 14), ("open", 90), ("differs", 0), ("none", 90)])
def test_rows_may_be_folded_to_those_that_matter(case, officer, way, shown):
    page = officer.get(url("review", case, f"?show={way}"))

    assert page.content.decode().count("data-row=") == shown
    assert ("没有这一类指标" in text(page)) is (shown == 0)


def test_agreeing_confirms_the_rest_in_one_act(case, officer):
    officer.post(url("review", case), {"mark-A1.2": "5", "reason-A1.2": "缺一次记录。"})

    page = officer.post(url("agree_with_below", case), follow=True)

    assert "其余89项已按下一级评分确认。" in text(page)
    assert len(own(case)) == 90
    assert own(case)[ROW] == (5, "", "缺一次记录。")


def test_a_city_reads_county_and_self_a_county_only_self(world, case):
    up = review.forward(
        case=stages.review_as_holder(world, case), actor=world.leader(case.holder), now=world.tick()
    )

    heads = re.findall(r'<th scope="col"[^>]*>([^<]+)</th>', signed_in(world.officer(up.holder)).get(
        url("review", case)
    ).content.decode())

    assert heads == ["指标", "自评", "县级审核", "建议分", "事实与佐证材料", "本级评分，与下一级不同的写明理由"]


def test_acts_stand_at_the_bottom_and_closed_ones_say_why(case, officer):
    told = text(officer.get(url("review", case)))

    assert "退回修改 不予推荐 为何不能办理（1项） 报上级审核" in told
    assert "请先填写本级审核意见。 依据：五（二）1" in told


def test_the_strip_counts_unmarked_rows_as_below_and_says_so(case, officer):
    before = text(officer.get(url("review", case)))
    officer.post(url("agree_with_below", case))
    after = text(officer.get(url("review", case)))

    assert "本级尚有90项未审核，暂按自评得分计" in before
    assert "按本级审核得分" in after


def test_every_form_of_a_page_carries_its_token(case, officer):
    for page in PAGES:
        html = officer.get(url(page, case)).content.decode()
        forms = re.findall(r'<form[^>]*method="post".*?</form>', html, re.DOTALL)
        assert all("csrfmiddlewaretoken" in form for form in forms)
        assert len(forms) > 1


# ---- the opinion


def test_an_opinion_is_kept_and_may_be_changed_until_it_is_signed(case, officer):
    officer.post(url("opinion", case), {"text": "拟同意。"})
    page = officer.post(url("opinion", case), {"text": "同意。", "authentic": "on"}, follow=True)

    assert [(one.text, one.authentic, one.signed_at) for one in Endorsement.objects.all()] == [("同意。", True, None)]
    assert "审核意见已保存，报出前可以修改。" in text(page)


def test_a_blank_opinion_is_refused_where_it_is_typed(case, officer):
    page = officer.post(url("opinion", case), {"text": "  ", "authentic": "on"})

    assert page.status_code == 200
    assert "请填写审核意见。" in text(page)
    assert Endorsement.objects.count() == 0


def test_the_city_reads_the_countys_opinion(world, case):
    up = review.forward(
        case=stages.review_as_holder(world, case), actor=world.leader(case.holder), now=world.tick()
    )

    told = text(signed_in(world.officer(up.holder)).get(url("opinion", case)))

    assert "411122工商业联合会 经核对，申报材料齐全、数据真实，同意推荐。（示例） 同意报上级审核 ·" in told


# ---- the return


def lines(*items, total=3):
    sent = {"form-TOTAL_FORMS": str(total), "form-INITIAL_FORMS": "0"}
    for number, (item, reason, words) in enumerate(items):
        sent |= {f"form-{number}-item": item, f"form-{number}-reason": reason, f"form-{number}-text": words}
    return sent


def test_a_return_takes_rows_and_fields_and_leaves_blank_lines_out(case, officer):
    sent = lines((ROW, "missing", "补签到表。"), ("", "", ""), ("legal_rep", "illogical", "与登记证书不一致。"))

    page = officer.post(url("return", case), sent, follow=True)

    assert "已退回修改，共2项。" in text(page)
    found = ReturnItem.objects.order_by("id").values_list("item", "reason", "text")
    assert list(found) == [(ROW, "missing", "补签到表。"), ("legal_rep", "illogical", "与登记证书不一致。")]
    assert Declaration.objects.get().state == State.RETURNED


def test_the_page_says_until_when(case, officer, settings):
    assert "须在2020年10月15日24:00前逐项说明并重新提交" in text(officer.get(url("return", case)))


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (lines(), "请至少写明一项需要修改的指标或字段，并逐项说明原因。"),
        (lines((ROW, "", "")), "请选择原因。"),
        (lines((ROW, "missing", "")), "请写明需要怎样修改。"),
        (lines(("", "missing", "补充。")), "请选择指标或字段。"),
        (lines(("Z9.9", "missing", "补充。")), "所选内容不在可选范围内，请重新选择。"),
        (lines((ROW, "missing", "甲"), (ROW, "unclear", "乙")), "这一项已在上面列出，请合并填写。"),
        ({"form-0-item": ROW}, "页面内容不完整，请刷新后重新填写。"),
        ({"form-TOTAL_FORMS": "九", "form-INITIAL_FORMS": "0"}, "页面内容不完整，请刷新后重新填写。"),
        (lines((ROW, "missing", "字" * 501)), "不超过500字，现为501字。"),
    ],
)
def test_a_return_that_is_not_whole_says_what_is_missing_and_keeps_what_was_typed(case, officer, sent, sentence):
    page = officer.post(url("return", case), sent)

    assert page.status_code == 200
    assert sentence in text(page)
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


@pytest.mark.parametrize("page", PAGES)
def test_a_neighbour_county_finds_nothing(world, case, page):
    neighbour = signed_in(world.officer(worlds.make_federation(worlds.NEIGHBOUR)))

    assert neighbour.get(url(page, case)).status_code == 404
    assert neighbour.post(url(page, case)).status_code == 404


def test_a_neighbour_county_finds_no_case_file_or_step(world, case):
    neighbour = signed_in(world.leader(worlds.make_federation(worlds.NEIGHBOUR)))
    piece = case.attachments.first()
    addresses = [
        url("case", case),
        url("agree_with_below", case),
        reverse("declarations:evidence_file", args=[case.pk, piece.pk]),
        reverse("declarations:step", args=[case.pk, "forward"]),
    ]

    assert [neighbour.get(address).status_code for address in addresses if "agree" not in address] == [404] * 3
    assert [neighbour.post(address).status_code for address in addresses if "agree" in address] == [404]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("code", [worlds.CITY, worlds.PROVINCE, worlds.NATION])
def test_who_does_not_hold_the_case_is_refused(world, case, page, code):
    client = signed_in(world.officer(worlds.make_federation(code)))

    assert client.get(url(page, case)).status_code == 403
    assert client.post(url(page, case)).status_code == 403
    assert Mark.objects.exclude(assessment__layer=Layer.SELF).count() == 0


def test_agreeing_is_a_post(case, officer):
    assert officer.get(url("agree_with_below", case)).status_code == 405


def test_a_stranger_is_led_to_the_door(case):
    answer = Client().get(url("review", case))

    assert (answer.status_code, answer.url.split("?")[0]) == (302, "/account/sign-in/")


# ---- the same work whatever is there


def test_the_sheet_asks_as_often_for_many_marks_as_for_none(case, officer, django_assert_max_num_queries):
    with django_assert_max_num_queries(60) as none:
        officer.get(url("review", case))
    officer.post(url("agree_with_below", case))
    with django_assert_max_num_queries(60) as all_marked:
        officer.get(url("review", case))

    assert len(all_marked) == len(none)
