"""Pages of returns and rounds: old beside new, exactly the changed rows, questions, messages of a case out of sight."""

import re
from dataclasses import dataclass
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from declarations.actions import delta, draft, questions, review, second_look
from declarations.actions.review import Mend
from declarations.demo import stages
from declarations.models import Declaration, DeltaRow, Notice, Question, Reply, ReturnItem
from declarations.states import DeclineReason, ItemOutcome, ReturnReason, Stance
from scoring.actions import Entered
from scoring.models import Layer
from scoring.queries import book_of
from tests import worlds
from tests.kept import as_it_stands, building, kept

pytestmark = pytest.mark.django_db
ROW, OTHER = "A1.2", "A1.3"
AGREEING = {"text": "同意。", "stance": Stance.AGREE, "authentic": True}
LABEL = f"{ROW} 某项"


@dataclass(frozen=True)
class Ground:
    """A world with a case that the province returned and the county has to look at again, and one just handed in."""

    world: stages.World
    fresh: Declaration
    round: Declaration


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")):
        world = worlds.make_world()
        case = worlds.make_submitted(world)
        president = worlds.president_of(case.applicant)
        for _tier in ("county", "city"):
            officer = world.officer(case.holder)
            review.agree_with_below(case=case, actor=officer, now=world.tick())
            review.save_opinion(case=case, actor=officer, now=world.tick(), **AGREEING)
            review.forward(case=case, actor=world.leader(case.holder), now=world.tick())
            case = stages.fresh(case)
        mend = Mend(ROW, LABEL, ReturnReason.MISSING, "请补充签到表。")
        review.return_for_correction(case=case, items=[mend], actor=world.officer(case.holder), now=world.tick())
        entries = {ROW: Entered(words="共走访20家<b>企业</b>。")}
        draft.save_self_marks(case=case, entries=entries, actor=president, now=world.tick())
        file = {"file": stages.picture("签到"), "name": "新的签到表.png"}
        draft.attach(case=case, row=ROW, actor=president, now=world.tick(), **file)
        draft.answer_return(case=case, answers={ROW: "已补充签到表。"}, actor=president, now=world.tick())
        draft.resubmit(case=stages.fresh(case), actor=president, now=world.tick())
        yield Ground(world, worlds.make_submitted(world), stages.fresh(case))


@pytest.fixture
def world(ground, monkeypatch):
    mine = as_it_stands(ground.world)
    monkeypatch.setattr("sihao.clock.now", lambda: mine.clock.at)
    return mine


@pytest.fixture
def case(ground):
    return stages.fresh(ground.fresh)


@pytest.fixture
def again(ground):
    return stages.fresh(ground.round)


def signed_in(seat):
    client = Client()
    client.force_login(seat.user)
    return client


def url(name, case, *more):
    return reverse(f"declarations:{name}", args=[case.pk, *more])


def text(response):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def came(html):
    """Return the later sides of what differs, with the tags of what came left out and what is escaped spelled."""
    sides = re.findall(r'<div class="beside-side">(.*?)</div>', html, re.DOTALL)
    return [unescape(re.sub(r"</?ins>|<span.*?</span>", "", side)) for side in sides]


def office(code):
    return worlds.make_federation(code)


def at_the_province(world, case):
    """Let county and city confirm what changed: the case is back with who returned it."""
    for code in (worlds.COUNTY, worlds.CITY):
        actor = world.officer(office(code))
        delta.settle_rows(case=case, entries={}, settled=[ROW], actor=actor, now=world.tick())
        delta.confirm_delta(case=case, actor=actor, now=world.tick())
    return stages.fresh(case)


# ---- the round's page


def test_the_countys_page_lists_exactly_the_row_that_changed_and_what_of_it(world, again):
    county = signed_in(world.officer(again.holder))

    page = county.get(url("delta", again))
    html = page.content.decode()

    assert re.findall(r'id="row-([A-Z0-9.]+)"', html) == [ROW]
    assert "变动： 实际情况、佐证材料" in text(page)
    assert "共走访20家<b>企业</b>。" in came(html)
    assert "新增 新的签到表.png" in text(page)
    assert county.get(url("review", again)).url == url("delta", again)


def test_a_row_is_marked_and_confirmed_and_the_round_goes_on(world, again):
    county = signed_in(world.officer(again.holder))
    below = book_of(again.ledger_id).layer(Layer.SELF).points[ROW]

    county.post(url("delta", again), {f"points-{ROW}": str(below), f"reason-{ROW}": "", "settled": [ROW, OTHER]})
    done = county.post(reverse("declarations:step", args=[again.pk, "confirm_delta"]), follow=True)

    assert "已办理“核对完毕”。" in text(done)
    assert stages.fresh(again).holder == office(worlds.CITY)


def test_a_mark_that_is_none_stays_as_typed_and_is_not_confirmed(world, again):
    county = signed_in(world.officer(again.holder))

    none = county.post(url("delta", again), {f"points-{ROW}": "很多", f"reason-{ROW}": "", "all": "1"}, follow=True)

    assert "已保存，核对0/1项。" in text(none)
    assert 'value="很多"' in none.content.decode()
    assert DeltaRow.objects.filter(settled_at__isnull=False).count() == 0


def test_a_colleagues_mark_is_not_overwritten_by_a_page_drawn_before_it(world, again):
    officer, leader = world.staff[again.holder_id]
    drawn = signed_in(officer).get(url("delta", again)).content.decode()
    seen = re.search(r'name="_seen" value="([^"]*)"', drawn)[1]
    entries = {ROW: Entered(points="1", reason="纪要只有一份。")}
    delta.settle_rows(case=again, entries=entries, settled=(), actor=leader, now=world.tick())

    page = signed_in(officer).post(url("delta", again), {"_seen": seen, f"points-{ROW}": "0", "settled": ROW})

    assert f"{ROW}已由他人改动，没有保存。请核对现在的评分后再填写。" in text(page)
    assert 'value="0"' in page.content.decode()
    assert book_of(again.ledger_id).layer(Layer.COUNTY).points[ROW] == 1


def test_the_review_page_opens_no_other_row_and_no_opinion_that_holds(world, again):
    county = signed_in(world.officer(again.holder))
    json = {"headers": {"Accept": "application/json"}}

    row = county.post(url("review", again), {f"points-{OTHER}": "0"}, **json)
    opinion = county.post(url("opinion", again), {"opinion_text": "另一意见。", "_group": "opinion"}, **json)

    assert f"本次只核对1项指标，{OTHER}不在其内，不能改动。" in str(row.json()["refused"])
    assert "得分没有变动，本级原审核意见继续有效，不需另写。" in str(opinion.json()["refused"])


def test_the_worklist_leads_to_the_rows_and_others_find_no_such_page(world, again, case):
    desk = signed_in(world.officer(again.holder)).get(reverse("declarations:worklist"))

    assert f'href="{url("delta", again)}"' in desk.content.decode()
    assert "县级核对变动" in text(desk)
    assert signed_in(world.officer(case.holder)).get(url("delta", case)).status_code == 404
    assert signed_in(world.officer(office(worlds.CITY))).get(url("delta", again)).status_code == 403


# ---- the returns of a case


def test_the_province_says_of_each_item_whether_it_is_mended_and_the_chamber_reads_nothing_of_it(world, again):
    case = at_the_province(world, again)
    item = ReturnItem.objects.get()
    province = signed_in(world.officer(case.holder))

    page = province.get(url("returns", case))
    lacking = province.post(url("returns", case), {f"outcome-{item.pk}": "lacking", f"remark-{item.pk}": ""})
    words = {item.pk: review.Settled(ItemOutcome.LACKING, "内部意见。")}
    review.settle_items(case=case, words=words, actor=world.officer(case.holder), now=world.tick())
    chamber = signed_in(worlds.president_of(case.applicant))
    told = text(chamber.get(url("returns", case))) + text(chamber.get(url("case", case)))
    done = province.post(url("returns", case), {f"outcome-{item.pk}": "mended", "outcome-x": "?"}, follow=True)

    assert "第1次退回：410000工商业联合会" in text(page)
    assert "商会说明 已补充签到表。" in text(page)
    assert "共走访20家<b>企业</b>。" in came(page.content.decode())
    assert f"411122工商业联合会： 已核对 {ROW}" in text(page)
    assert "核对结果为“仍不符合”的，请写明理由。" in text(lacking)
    assert 'value="lacking" checked' in lacking.content.decode()
    assert "已核对1项。" in text(done)
    assert ReturnItem.objects.get().outcome == ItemOutcome.MENDED
    assert "第1次退回：410000工商业联合会" in told
    for hidden in ("内部意见。", "已核对", "核对变动", "仍不符合"):
        assert hidden not in told


def test_the_case_page_tells_every_return_and_who_was_skipped(world, case):
    president = worlds.president_of(case.applicant)
    mend = Mend(ROW, LABEL, ReturnReason.MISSING, "请补充签到表。")
    officer = world.officer(case.holder)
    review.agree_with_below(case=case, actor=officer, now=world.tick())
    review.save_opinion(case=case, actor=officer, now=world.tick(), **AGREEING)
    up = review.forward(case=case, actor=officer, now=world.tick())
    city = world.officer(up.holder)
    review.return_for_correction(case=up, items=[mend], actor=city, now=world.tick())
    draft.answer_return(case=case, answers={ROW: "材料已在第二页。"}, actor=president, now=world.tick())
    draft.resubmit(case=stages.fresh(case), actor=president, now=world.tick())

    told = text(signed_in(city).get(url("case", case)))

    assert "411100工商业联合会退回1项" in told
    assert "411122工商业联合会： 不需核对 自本级报出以来，各指标没有变动。" in told


# ---- sending down


def test_tiers_between_read_no_question_that_is_not_theirs_and_a_case_is_sent_down_by_its_page(world, again):
    case = at_the_province(world, again)
    actor, to = world.officer(case.holder), office(worlds.COUNTY)
    questions.ask(case=case, to=to.pk, text="为何加分？", due=case.due_at, actor=actor, now=world.tick())
    question = Question.objects.get()
    for seat in (world.officer(office(worlds.CITY)), worlds.president_of(case.applicant)):
        client = signed_in(seat)
        assert "为何加分？" not in text(client.get(url("questions", case)))
        assert client.post(url("answer", case, question.pk), {}).status_code == 404
    assert "为何加分？" in text(signed_in(world.officer(to)).get(url("questions", case)))

    province = signed_in(world.officer(case.holder))
    sent = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-item": ROW, "form-0-text": ""}
    sent |= {"down-to": office(worlds.CITY).pk}

    half = province.post(url("send_down", case), sent)
    nothing = province.post(url("send_down", case), sent | {"form-0-item": ""})
    done = province.post(url("send_down", case), sent | {"form-0-text": "请核对签到表。"}, follow=True)
    city = signed_in(world.officer(office(worlds.CITY))).get(url("delta", case))

    assert "请写明重新审核的要求。" in text(half)
    assert "请指明下级须重新审核的指标，或者要求重写审核意见。" in text(nothing)
    assert "已退回下级。" in text(done)
    assert "上级要求： 请核对签到表。" in text(city)


# ---- questions


def test_a_question_stands_at_the_head_and_in_both_worklists_until_it_is_answered(world, case):
    officer, chamber = signed_in(world.officer(case.holder)), signed_in(worlds.president_of(case.applicant))
    sent = {"to": case.applicant_id, "item": ROW, "text": "签到表在哪一页？", "day": "2020-09-30"}

    officer.post(url("questions", case), sent)
    question = Question.objects.get()
    asked = [text(chamber.get(url("case", case))), text(chamber.get(reverse("declarations:worklist")))]
    file = SimpleUploadedFile("签到表.png", stages.picture("a").read())
    name = f"answer-{question.pk}"
    chamber.post(url("answer", case, question.pk), {f"{name}-text": "第三页。", f"{name}-files": file})
    annex = Reply.objects.get().annexes.get()
    answered = text(officer.get(url("questions", case)))
    sheet = officer.get(url("annex", case, question.pk, annex.pk))

    assert all("411122工商业联合会询问" in told for told in asked)
    assert "询问待答复" in asked[1]
    assert "询问已答复" in text(officer.get(reverse("declarations:worklist")))
    assert "询问待答复" not in text(chamber.get(url("case", case)))
    assert "第三页。 签到表.png" in answered
    assert (sheet.status_code, sheet["Content-Type"]) == (200, "image/png")
    assert b"".join(sheet).startswith(b"\x89PNG")
    assert "已办结" in text(officer.post(url("close_question", case, question.pk), follow=True))


def test_a_question_that_is_refused_keeps_what_was_typed(world, case):
    officer = signed_in(world.officer(case.holder))
    sent = {"to": case.applicant_id, "item": "", "text": "签到表在哪一页？", "day": "2020-11-30"}

    page = officer.post(url("questions", case), sent)

    assert "答复期限2020年11月30日24:00晚于本级办理期限" in text(page)
    assert "签到表在哪一页？</textarea>" in page.content.decode()


def test_an_answer_that_is_refused_says_why_at_its_question(world, case):
    officer = world.officer(case.holder)
    words = {"to": case.applicant_id, "text": "？", "due": case.due_at, "actor": officer}
    questions.ask(case=case, now=world.tick(), **words)
    question = Question.objects.get()
    chamber = signed_in(worlds.president_of(case.applicant))
    name = f"answer-{question.pk}"

    blank = chamber.post(url("answer", case, question.pk), {f"{name}-text": " "})
    fake = SimpleUploadedFile("签到表.png", b"no picture")
    bad = chamber.post(url("answer", case, question.pk), {f"{name}-text": "见附件。", f"{name}-files": fake})

    assert "请填写答复。" in text(blank) or "必填" in text(blank)
    assert "见附件。</textarea>" in bad.content.decode()
    assert Reply.objects.count() == 0


# ---- not recommended


def test_the_office_finds_the_request_to_look_again(world, case):
    words = {"code": DeclineReason.SCOPE, "reason": "登记不满两年。", "now": world.tick()}
    review.decline(case=case, actor=world.leader(case.holder), **words)
    president = worlds.president_of(case.applicant)
    second_look.ask_second_look(case=case, reason="已满两年。", actor=president, now=world.tick())
    officer, leader = signed_in(world.officer(case.home)), signed_in(world.leader(case.home))

    page = text(officer.get(url("case", case)))

    assert "申请复核" in text(officer.get(reverse("declarations:worklist")))
    assert "申请复核：已满两年。" in page
    assert "同意复核，重新审核" in page
    assert "不予推荐由您办理，复核须由本单位另一人办理。" in text(leader.get(url("case", case)))


# ---- messages of a case out of sight


def test_a_message_of_a_recalled_case_says_so_instead_of_leading_nowhere(world, case):
    officer = world.officer(case.holder)
    notice = Notice.objects.get(seat=officer, declaration=case, title__endswith="提交了申报，请审核")
    draft.recall(case=case, actor=worlds.president_of(case.applicant), now=world.tick())
    client = signed_in(officer)

    listed = text(client.get(reverse("declarations:notices")))
    opened = client.post(reverse("declarations:open_notice", args=[notice.pk]), follow=True)

    assert "申报件现在不能查看" in listed
    assert opened.status_code == 200
    assert "已由申报单位撤回修改，或者已不在您的办理范围内。重新提交后可以再打开。" in text(opened)
    assert Notice.objects.get(pk=notice.pk).read_at is not None


# ---- what the pages cost


def test_pages_ask_as_often_for_three_rows_as_for_one(world, again, django_assert_max_num_queries):
    county = signed_in(world.officer(again.holder))
    with django_assert_max_num_queries(60) as one:
        county.get(url("delta", again))
    task = DeltaRow.objects.select_related("task").first().task
    for code in (OTHER, "A1.4"):
        DeltaRow.objects.create(task=task, code=code, causes=["words"], before=1)
    with django_assert_max_num_queries(len(one.captured_queries)):
        page = county.get(url("delta", again))
    assert page.content.decode().count('name="settled"') == 3
