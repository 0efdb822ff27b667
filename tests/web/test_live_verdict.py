"""The live verdict, what the checks find, and handing in, as a browser meets them."""

import re
from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.urls import reverse

from declarations.actions import draft, review
from declarations.actions.review import Mend
from declarations.demo import stages
from declarations.models import Declaration, Explanation
from declarations.states import ReturnReason, State
from scoring.actions import Entered
from sihao.accounts.roles import Role
from tests import worlds
from tests.factories import make_seat
from tests.kept import Ground, building, kept

pytestmark = pytest.mark.django_db

VISITS = {
    "members_2018": "110",
    "members_2019": "120",
    "members_2020": "130",
    "unit_members_2020": "100",
    "individual_members_2020": "30",
    "ent_members_2019": "100",
    "ent_members_2020": "100",
    "visited_2019": "15",
    "visited_2020": "25",
    "contacted_2019": "66",
    "contacted_2020": "69",
    "reachable_2019": "88",
    "reachable_2020": "90",
}
FIFTEEN = "2019年走访会员企业15家，占会员企业100家的15%，不足20%，B2.7不能评满分6分。"
NAMES = {"legal_rep": "某人", "president_name": "甲某", "sg_name": "乙某"}
LEGAL_REP = "法定代表人某人既非会长甲某，也非秘书长乙某，请说明章程依据。"


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with ExitStack() as stack:
        stack.enter_context(kept(django_db_blocker))
        stack.enter_context(building(tmp_path_factory.mktemp("evidence")))
        world = worlds.make_world()
        yield Ground(world, worlds.make_draft(world))


@pytest.fixture
def world(ground, monkeypatch):
    world = ground.afresh()
    monkeypatch.setattr("sihao.clock.now", lambda: world.clock.at)
    return world


@pytest.fixture
def case(ground, world):
    return stages.fresh(ground.case)


@pytest.fixture
def browser(client, case):
    client.force_login(president(case).user)
    return client


def president(case):
    return worlds.president_of(case.applicant)


def address(name, case, *more):
    return reverse(f"declarations:{name}", args=[case.pk, *more])


def page(client, name, case, query=""):
    response = client.get(address(name, case) + query)
    assert response.status_code == 200
    return response.content.decode()


def words(html):
    """The text of a piece of HTML, blanks apart."""
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", html))


def figure(html, key):
    """The text of one figure of the verdict, without what it opens to."""
    found = re.search(rf'id="verdict-{key}">\s*<summary>(.*?)</summary>', html, re.DOTALL)
    return words(found[1])


def drawn(html, field):
    """The HTML of one field of the form."""
    return re.search(rf'id="field-{field}-field".+?(?=id="field-[a-z0-9_]+-field"|</section>)', html, re.DOTALL)[0]


def write(world, case, answers):
    draft.save_answers(case=case, answers=answers, actor=president(case), now=world.tick())


def mark(world, case, **rows):
    entries = {code.replace("_", "."): Entered(**cells) for code, cells in rows.items()}
    draft.save_self_marks(case=case, entries=entries, actor=president(case), now=world.tick())


def hand_in(client, case):
    return client.post(reverse("declarations:step", args=[case.pk, "submit"]))


# ---- the verdict


def test_every_figure_stands_and_opens_to_rule_row_clause_evidence_and_hand(world, case, browser):
    mark(world, case, A2_1={"points": "6"})
    name, at = president(case).user.name, world.clock.at

    html = page(browser, "verdict", case)

    total, bonus = re.search(r"总分(\d[\d.]*)/500", figure(html, "total")), figure(html, "bonus")
    assert total is None  # the side stands between the label and the figure
    assert re.fullmatch(r"总分不含加分[\d.]+/440[\d.]+/500符合", figure(html, "total"))
    assert re.fullmatch(r"加分计入总分[\d.]+/60", bonus)
    assert figure(html, "veto") == "否决项为0分0/7符合"
    assert figure(html, "baseline") == "基础达标项未满分1/7限4项符合"
    assert figure(html, "conclusion") == "结论达到认定条件"
    text = words(html)
    assert "恰为350分按达线处理" in text
    row = words(re.search(r'id="verdict-baseline-A2.1">(.*?)</details>', html, re.DOTALL)[1])
    assert row.startswith("A2.1组织开展非公有制经济人士理想信念教育实践活动6/102019年、2020年理想信念教育活动次数")
    assert f"依据：二（一）2·佐证材料：无·{name}于2020年9月28日{at:%H:%M}填写·去修改A2.1" in row
    proof = re.search(r'id="verdict-total-A1.1">.*?</details>', html, re.DOTALL)[0]
    assert f"/work/cases/{case.pk}/evidence/{case.attachments.get().pk}/" in proof
    assert "<html" not in html


def test_a_failed_verdict_names_the_fewest_rows_that_would_change_it(world, case, browser):
    mark(world, case, A1_1={"points": "0"})

    html = page(browser, "verdict", case)

    assert figure(html, "veto") == "否决项为0分1/7不符合"
    assert figure(html, "conclusion") == "结论不能参与认定"
    remedy = re.search(r'class="live-remedies">(.*?)</div>', html, re.DOTALL)[1]
    assert words(remedy) == "如要达到认定条件否决项A1.1须高于0分。去修改：A1.1"
    assert f'href="/work/cases/{case.pk}/self-assessment/#row-A1.1"' in remedy


def test_before_a_first_mark_nothing_is_judged(world, browser, client):
    empty = worlds.make_draft(world, filled=False)
    client.force_login(president(empty).user)

    html = page(client, "verdict", empty)

    assert figure(html, "total") == "总分不含加分0/4400/500"
    assert figure(html, "conclusion") == "结论尚有90项未打分，暂按0分计尚未打分"
    assert "live-remedies" not in html


def test_compact_leaves_the_rows_out_and_is_what_the_form_prints(case, browser):
    compact = page(browser, "verdict", case, "?compact=1")
    whole = page(browser, "verdict", case)

    assert len(compact) < 8000 < len(whole)
    assert f'data-verdict="/work/cases/{case.pk}/verdict/?compact=1"' in page(browser, "form", case)
    assert f'data-verdict="/work/cases/{case.pk}/verdict/"' in page(browser, "self_assessment", case)


def test_the_part_is_squeezed_for_a_poor_line(case, browser):
    response = browser.get(address("verdict", case), headers={"accept-encoding": "gzip"})

    assert response["Content-Encoding"] == "gzip"
    assert len(response.content) < 20_000


def test_only_whoever_may_write_the_draft_reads_its_verdict_and_explains(world, case, client):
    client.force_login(make_seat(Role.CHAMBER_PRESIDENT).user)
    assert client.get(address("verdict", case)).status_code == 404
    client.force_login(world.officer(case.home).user)
    assert client.get(address("verdict", case)).status_code == 404

    draft.submit(case=case, actor=president(case), now=world.tick())

    assert client.get(address("verdict", case)).status_code == 403
    client.force_login(president(case).user)
    assert client.get(address("verdict", case)).status_code == 403
    assert client.post(address("check", case), {"explain-X27": "说明。"}).status_code == 403


def test_pages_with_findings_ask_as_often_at_one_and_at_three_cases(
    world, case, browser, django_assert_num_queries, django_assert_max_num_queries
):
    names = ("form", "self_assessment", "verdict")
    write(world, case, NAMES)
    for name in (*names, "check"):
        page(browser, name, case)

    for name in names:
        with django_assert_num_queries(7):
            page(browser, name, case)
    with django_assert_max_num_queries(20) as one:
        page(browser, "check", case)
    for _ in range(2):
        write(world, worlds.make_draft(world, filled=False), NAMES)
    for name in names:
        with django_assert_num_queries(7):
            page(browser, name, case)
    write(world, case, VISITS)
    with django_assert_max_num_queries(20) as more:
        page(browser, "check", case)

    assert len(one) == len(more)


def test_with_an_open_return_and_findings_a_page_costs_eight_queries(world, case, browser, django_assert_num_queries):
    draft.submit(case=case, actor=president(case), now=world.tick())
    mends = [Mend(field, field, ReturnReason.UNCLEAR, "请核对。") for field in NAMES]
    review.return_for_correction(
        case=stages.fresh(case), items=mends, actor=world.officer(case.home), now=world.tick()
    )
    write(world, stages.fresh(case), NAMES)

    for name in ("form", "self_assessment"):
        page(browser, name, case)
        with django_assert_num_queries(8):
            page(browser, name, case)


# ---- findings where one writes


def test_a_finding_stands_at_each_of_its_fields_and_at_its_row(world, case, browser):
    write(world, case, VISITS)
    mark(world, case, B2_7={"points": "6", "reason": "另有电话走访。"})
    html, rows = page(browser, "form", case), page(browser, "self_assessment", case)

    for field in ("visited_2019", "ent_members_2019"):
        found = drawn(html, field)
        assert f'badge-danger">阻断</span><span>{FIFTEEN}' in found
    assert "data-found-list" not in drawn(html, "visited_2020")
    row = re.search(r'<tr id="row-B2.7".*?</tr>', rows, re.DOTALL)[0]
    assert f"阻断</span><span>{FIFTEEN}" in row
    assert 'name="reason-B2.7"' in row
    assert "另有电话走访。" in row


def test_rows_above_the_facts_are_named_and_their_reason_is_open(world, case, browser):
    write(world, case, {"study_2019": "1", "study_2020": "1"})

    html = page(browser, "self_assessment", case)

    assert 'data-above="A1.1"' in html
    assert re.search(r'<details class="draft-reason" open>.{0,200}id="reason-A1.1"', html, re.DOTALL)
    assert "自评得分高于申报数据所支持的得分，须改分或写明理由：A1.1。" in words(html)


# ---- the check page and handing in


def test_fifteen_visits_are_refused_over_http_and_twenty_pass(world, case, browser):
    write(world, case, VISITS)
    mark(world, case, B2_7={"points": "6", "reason": "另有电话走访。"})

    html = page(browser, "check", case)
    block = re.search(r'id="found-X51-1">(.*?)</li>', html, re.DOTALL)[1]
    assert words(block) == (
        f"阻断{FIFTEEN}依据：二（二）2请核对：2019年实地走访会员企业数（去重）、2019年底会员企业数、"
        "B2.7每年实地走访20%以上的会员企业"
    )
    assert re.findall(r'href="([^"]+)"', block) == [
        f"/work/cases/{case.pk}/form/#field-visited_2019",
        f"/work/cases/{case.pk}/form/#field-ent_members_2019",
        f"/work/cases/{case.pk}/self-assessment/#row-B2.7",
    ]
    refused = hand_in(browser, case).content.decode()
    assert f"{FIFTEEN}请核对：2019年实地走访会员企业数（去重）、2019年底会员企业数、B2.7" in refused
    assert stages.fresh(case).state == State.DRAFT

    write(world, case, {"visited_2019": "20"})

    assert hand_in(browser, case).status_code == 302
    assert stages.fresh(case).state == State.LOCAL_REVIEW


def test_what_is_to_be_explained_is_explained_right_there(world, case, browser):
    write(world, case, NAMES)
    html = page(browser, "check", case)
    assert "1处未说明" in html
    assert LEGAL_REP in html
    assert f"{LEGAL_REP}须写明情况后才能提交。" in hand_in(browser, case).content.decode()

    response = browser.post(address("check", case), {"explain-X27": "章程规定由<b>副会长</b>担任。"})

    assert response.url == f"{address('check', case)}#asking"
    assert Explanation.objects.get().text == "章程规定由<b>副会长</b>担任。"
    html = page(browser, "check", case)
    assert "已全部说明" in html
    assert "章程规定由&lt;b&gt;副会长&lt;/b&gt;担任。" in html
    assert ">已说明</a>" in page(browser, "form", case)
    assert hand_in(browser, case).status_code == 302


def test_words_given_on_other_figures_are_kept_and_asked_for_again(world, case, browser):
    write(world, case, NAMES)
    browser.post(address("check", case), {"explain-X27": "章程规定由副会长担任。"})
    write(world, case, {"president_name": "丙某"})

    html = page(browser, "check", case)

    assert "数据已改动，请核对后重新保存" in html
    assert "章程规定由副会长担任。" in html
    assert "1处未说明" in html


def test_hostile_words_on_findings_are_answered_calmly(world, case, browser):
    write(world, case, NAMES)
    for data in (
        {"explain-": "空", "explain-X27": "\x00甲" * 3000},
        {"explain-X27-9": "无", "explain-" + "甲" * 300: "无"},
        {},
    ):
        assert browser.post(address("check", case), data).status_code == 302

    assert {one.finding for one in Explanation.objects.all()} == {"X27"}


def test_until_24_00_means_to_the_second(world, case, browser):
    late = "申报已于2020年10月12日24:00截止，不能再提交。确有特殊情况的，请与所在地工商联联系。"
    for seconds, state in ((0, State.DRAFT), (-1, State.LOCAL_REVIEW)):
        world.clock.at = case.cycle.submission_closes + timedelta(seconds=seconds)

        html = hand_in(browser, case).content.decode()

        assert stages.fresh(case).state == state
        assert (late in html) == (state == State.DRAFT)


def test_the_receipt_tells_number_time_and_digest_and_the_draft_is_taken_back_out_of_the_federations_sight(
    world, case, browser, client
):
    hand_in(browser, case)
    revision = case.revisions.get()

    html = words(page(browser, "receipt", case))

    assert f"回执编号{case.number}-01" in html
    assert f"提交时间2020年9月28日{world.clock.at:%H:%M:%S}（北京时间，以服务器为准）" in html
    assert "".join(revision.digest) in html

    assert "撤回修改" in page(browser, "case", case)
    assert browser.post(reverse("declarations:step", args=[case.pk, "recall"])).status_code == 302

    assert page(browser, "form", case)
    client.force_login(world.officer(case.home).user)
    assert client.get(address("case", case)).status_code == 404


# ---- whoever reviews


def test_reviewers_and_the_department_read_the_findings_and_the_chambers_words(world, case, client):
    write(world, case, NAMES)
    texts = {"X27": "章程规定由副会长担任。"}
    draft.save_explanations(case=case, texts=texts, actor=president(case), now=world.tick())
    draft.submit(case=stages.fresh(case), actor=president(case), now=world.tick())
    client.force_login(world.officer(case.home).user)

    html = page(client, "review", case)

    found = words(re.search(r'id="found"(.*?)</details>', html, re.DOTALL)[1])
    name = president(case).user.name
    assert f"须说明{LEGAL_REP}依据：二（四）1请核对：法定代表人、会长姓名、秘书长姓名" in found
    assert f"商会说明：章程规定由副会长担任。{name}，2020年9月28日" in found

    # How a case comes to the department is no matter here: the same findings stand beside it there.
    department = world.seats["department"]
    at_the_department = {"state": State.PRELIMINARY_REVIEW, "holder": department.organisation}
    Declaration.objects.filter(pk=case.pk).update(**at_the_department)
    client.force_login(department.user)

    text = words(page(client, "preliminary", case))

    assert f"须说明{LEGAL_REP}" in text
    assert "商会说明：章程规定由副会长担任。" in text
