"""Board, list and quota pages: what they show, whom they refuse, the way of a list by browser."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from declarations.actions import batch as lists
from declarations.actions import review
from declarations.actions.quota import set_quota
from declarations.demo import stages
from declarations.models import Batch, Declaration, Quota
from declarations.states import BatchState, State
from sihao import clock
from sihao.accounts.roles import Role
from tests import worlds
from tests.factories import make_federation, make_seat
from tests.kept import Ground, kept

pytestmark = pytest.mark.django_db
HENAN = worlds.PROVINCE
MEETING = {"on": "2020-09-28", "name": "主席会议", "present": "主席、副主席", "recused": "无", "minutes": "同意推荐。"}


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker):
    with kept(django_db_blocker):
        world = worlds.make_world()
        yield Ground(world, worlds.make_shortlisted(world, HENAN))


@pytest.fixture
def world(ground, monkeypatch):
    world = ground.afresh()
    monkeypatch.setattr(clock, "now", lambda: world.clock.at)
    return world


@pytest.fixture
def unit(world):
    return make_federation(HENAN)


@pytest.fixture
def case(ground):
    return stages.fresh(ground.case)


@pytest.fixture
def officer(world, unit):
    return signed_in(world.officer(unit))


@pytest.fixture
def leader(world, unit):
    return signed_in(world.leader(unit))


@pytest.fixture
def department(world):
    return signed_in(world.seats["department"])


def signed_in(seat):
    client = Client()
    client.force_login(seat.user)
    return client


def url(name, thing=None):
    return reverse(f"declarations:{name}", args=[thing.pk] if thing is not None else [])


def text(response):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def batch_of(case):
    return Batch.objects.get(unit=case.unit)


def sent_up(world, case):
    stages.send_up(world, case.unit)
    return batch_of(case)


# ---- the board


def test_the_board_shows_list_places_totals_and_the_next_act(world, case, officer):
    quota = Quota.objects.get(organisation=case.unit)

    told = text(officer.get(url("board")))

    assert f"已用名额（剩余{quota.places - 1}个） 1 /{quota.places}" in told
    assert "示例 名额为示例数据，不是正式分配。" in told
    assert "1 拟定 ，当前" in told
    assert f"{case.applicant_name} {case.number}" in told
    total, own = case.unit_total.normalize(), case.self_total.normalize()
    assert f"{own:f}/500 {total:f}/500" in told
    assert "1件申报的总分（均按推荐单位审核得分），没有低于350分的。" in told
    assert told.count("固定名单") >= 1


def test_moving_by_number_and_by_button(world, case, officer):
    second = worlds.make_shortlisted(world, HENAN)

    answer = officer.post(url("move", second), {"to": "1"})

    assert answer.url == f"/work/board/#case-{second.pk}"
    assert list(Declaration.objects.order_by("rank").values_list("pk", flat=True)) == [second.pk, case.pk]
    board = officer.get(url("board")).content.decode()
    assert re.findall(r'name="to" value="(\d)" aria-label="(上|下)移一位', board) == [("2", "下"), ("1", "上")]


def test_every_form_of_a_page_carries_its_token(world, case, officer, leader):
    batch = batch_of(case)
    pages = [officer.get(url("board")), leader.get(url("board"))]
    officer.post(url("freeze_batch", batch))
    pages += [officer.get(url(name, batch)) for name in ("batch", "batch_meeting", "reopen_batch")]
    officer.post(url("batch_meeting", batch), MEETING)
    pages.append(leader.get(url("upload_batch", batch)))

    forms = [re.findall(r'<form[^>]*method="post".*?</form>', page.content.decode(), re.DOTALL) for page in pages]
    assert [sum("csrfmiddlewaretoken" in form for form in found) for found in forms] == [len(f) for f in forms]
    # The shell has one form of its own; the frozen list leads on by links.
    assert [len(found) > 1 for found in forms] == [True, True, False, True, True, True]


@pytest.mark.parametrize("to", ["", "零", "0", "-1", "1.5", "9" * 400, "\x00"])
def test_a_rank_that_is_none_is_named_and_nothing_moves(case, officer, to):
    page = officer.post(url("move", case), {"to": to}, follow=True)

    assert f"{case.applicant_name}：请填写要移到的位次，从1起的整数。" in text(page)
    assert Declaration.objects.get().rank == 1


def test_a_county_reads_why_it_has_no_board_and_how_far_its_cases_are(world):
    worlds.make_submitted(world)

    told = text(signed_in(world.officer(make_federation(worlds.COUNTY))).get(url("board")))

    assert "本级不持有推荐名额。审核后报上级工商联，由省级工商联在名额内确定推荐名单。" in told
    assert "审核中 1" in told


def test_the_department_has_the_board_of_the_directly_attached(world, department):
    case = worlds.make_shortlisted(world, worlds.NATION)

    assert case.applicant_name in text(department.get(url("board")))


def test_supervision_reads_all_lists_instead_of_a_board(world):
    answer = signed_in(world.seats["supervision"]).get(url("board"))

    assert (answer.status_code, answer.url) == (302, "/work/lists/")


# ---- the way of a list


def test_a_list_goes_up_by_browser_in_four_hands(world, case, officer, leader, department):
    batch = batch_of(case)

    frozen = officer.post(url("freeze_batch", batch), follow=True)
    met = officer.post(url("batch_meeting", batch), MEETING, follow=True)
    asked = leader.get(url("upload_batch", batch))
    sent = leader.post(url("upload_batch", batch), follow=True)
    taken = department.post(url("accept_batch", batch), follow=True)

    assert "名单已固定，共1家。请登记集体研究情况。" in text(frozen)
    assert "集体研究情况已登记，请由分管领导推荐上报。" in text(met)
    assert "1件申报推荐至全国工商联，名单和各件材料即固定，不能撤回" in text(asked)
    assert "推荐名单已上报，共1家，回执编号SH2020-410000-01。" in text(sent)
    assert "已接收410000工商业联合会推荐名单，1件申报进入初审。" in text(taken)
    assert Declaration.objects.get().state == State.PRELIMINARY_REVIEW


def test_a_frozen_list_prints_its_digest_and_its_meeting(case, officer):
    batch = batch_of(case)
    officer.post(url("freeze_batch", batch))
    officer.post(url("batch_meeting", batch), MEETING)

    told = text(officer.get(url("batch", batch)))

    assert f"名单摘要值 {batch_of(case).digest}" in told
    assert "集体研究日期 2020年9月28日 会议名称 主席会议 出席人员 主席、副主席 回避人员 无 研究意见 同意推荐。" in told


def test_the_meeting_form_keeps_what_was_typed(case, officer):
    batch = batch_of(case)
    officer.post(url("freeze_batch", batch))

    ahead = officer.post(url("batch_meeting", batch), MEETING | {"on": "2020-09-29"})
    blank = officer.post(url("batch_meeting", batch), MEETING | {"present": " ", "on": "昨天"})

    assert "集体研究日期不能晚于今天。（五（二）1）" in text(ahead)
    assert "同意推荐。" in text(ahead)
    assert "请填写出席人员。" in text(blank)
    assert "请填写有效的日期，如2020-10-15。" in text(blank)
    assert batch_of(case).state == BatchState.FROZEN


def test_opening_again_asks_for_the_reason(case, officer):
    batch = batch_of(case)
    officer.post(url("freeze_batch", batch))

    blank = officer.post(url("reopen_batch", batch), {"reason": ""})
    opened = officer.post(url("reopen_batch", batch), {"reason": "次序有误。"}, follow=True)

    assert "请填写理由。" in text(blank)
    assert "名单已重新打开，可以调整。" in text(opened)
    assert batch_of(case).state == BatchState.OPEN


def test_the_board_says_why_an_officer_cannot_send(case, officer):
    batch = batch_of(case)
    officer.post(url("freeze_batch", batch))
    officer.post(url("batch_meeting", batch), MEETING)

    told = text(officer.get(url("board")))

    assert "为何不能办理（1项） 推荐上报 推荐名单由本单位分管领导上报。 依据：五（二）1" in told
    assert officer.post(url("upload_batch", batch)).status_code == 403


def test_the_same_person_does_not_send_and_reads_why(case, leader):
    batch = batch_of(case)
    leader.post(url("freeze_batch", batch))
    leader.post(url("batch_meeting", batch), MEETING)

    page = leader.post(url("upload_batch", batch))

    assert "拟定名单的人不能自己上报，请由分管领导上报。" in text(page)
    assert batch_of(case).state == BatchState.MEETING_HELD


@pytest.mark.parametrize(("before", "state"), [(0, BatchState.MEETING_HELD), (1, BatchState.UPLOADED)])
def test_the_deadline_counts_to_the_second(world, case, officer, leader, before, state):
    batch = batch_of(case)
    officer.post(url("freeze_batch", batch))
    officer.post(url("batch_meeting", batch), MEETING)
    world.clock.at = world.cycle.province_closes - timedelta(seconds=before)

    page = leader.post(url("upload_batch", batch), follow=True)

    assert batch_of(case).state == state
    assert ("推荐上报已于2020年10月15日24:00截止。" in text(page)) is (before == 0)


def test_freezing_an_empty_list_is_refused_in_words(world, department):
    batch = lists.open_batch(cycle=world.cycle, unit=make_federation(worlds.NATION))

    page = department.post(url("freeze_batch", batch), follow=True)

    assert "名单内还没有拟推荐对象。（五（二）1）" in text(page)


# ---- who reads a list


ACTS = ("freeze_batch", "reopen_batch", "batch_meeting", "upload_batch", "accept_batch")


def test_another_province_finds_no_page_and_no_act_of_a_list(world, case):
    batch = sent_up(world, case)
    stranger = signed_in(make_seat(Role.LEADER, make_federation("420000")))

    assert stranger.get(url("batch", batch)).status_code == 404
    assert [stranger.post(url(act, batch)).status_code for act in ACTS] == [404] * 5
    assert stranger.post(url("move", case), {"to": "1"}).status_code == 404


def test_a_county_and_a_city_find_no_list(world, case):
    batch = sent_up(world, case)

    for code in (worlds.COUNTY, worlds.CITY):
        assert signed_in(world.leader(make_federation(code))).get(url("batch", batch)).status_code == 404


def test_the_department_reads_a_list_from_its_upload_on(world, case, department):
    batch = batch_of(case)
    before = department.get(url("batch", batch)).status_code
    sent_up(world, case)

    assert before == 404
    assert department.get(url("batch", batch)).status_code == 200
    assert [department.post(url(act, batch)).status_code for act in ACTS[:4]] == [403] * 4


def test_supervision_reads_every_list_and_changes_none(world, case):
    batch = batch_of(case)
    supervision = signed_in(world.seats["supervision"])

    assert supervision.get(url("batch", batch)).status_code == 200
    assert [supervision.post(url(act, batch)).status_code for act in ACTS] == [403] * 5


def test_what_is_not_sent_up_the_department_reads_as_not_yet(world, case, department):
    def row(client):
        return re.search(r"410000工商业联合会\s+(\S+) (\S+)/", text(client.get(url("batches")))).groups()

    supervision = signed_in(world.seats["supervision"])
    before = row(department), row(supervision)
    sent_up(world, case)

    assert before == (("尚未上报", "—"), ("拟定中", "1"))
    assert row(department) == ("已上报", "1")


def test_freezing_and_accepting_are_posts(world, case, officer, department):
    batch = sent_up(world, case)

    assert officer.get(url("freeze_batch", batch)).status_code == 405
    assert department.get(url("accept_batch", batch)).status_code == 405


# ---- places


def test_the_nation_reads_all_places_a_province_its_own_use(world, case, officer, department):
    places = sum(quota.places for quota in Quota.objects.all())

    nation, province = text(department.get(url("quotas"))), text(officer.get(url("quotas")))

    assert f"合计 {places} 1 {places - 1}" in nation
    assert f"合计 {places} — —" in province
    assert "示例 名额为示例数据，不是正式分配" in nation
    own = Quota.objects.get(organisation__code=HENAN)
    assert f"410000工商业联合会 {own.places} 1 {own.places - 1}" in province
    other = Quota.objects.get(organisation__code="420000")
    assert f"420000工商业联合会 {other.places} — —" in province


def test_a_full_quota_is_told_where_the_case_is_listed(world, case, leader):
    actor = world.seats["head"]
    set_quota(cycle=world.cycle, unit=case.unit, places=1, actor=actor, now=world.tick())
    second = worlds.make_at_unit(world, HENAN)

    page = leader.post(reverse("declarations:step", args=[second.pk, "shortlist"]))

    assert "推荐名额已满（1/1），可列为备选。" in text(page)
    assert Declaration.objects.get(pk=second.pk).state == State.LOCAL_REVIEW


# ---- the same number of queries whatever is listed


def queries_of(client, address, capture):
    client.get(address)
    with capture as queries:
        client.get(address)
    return [query["sql"].split(" WHERE ")[0][:80] for query in queries.captured_queries]


@pytest.fixture
def counted(django_assert_max_num_queries):
    return lambda client, address: queries_of(client, address, django_assert_max_num_queries(40))


def test_board_and_list_ask_as_often_for_three_as_for_one(world, case, officer, counted):
    batch = batch_of(case)
    spare = worlds.make_at_unit(world, HENAN)
    review.reserve(case=spare, actor=world.leader(spare.unit), now=world.tick())
    board = counted(officer, url("board"))
    for _ in range(2):
        worlds.make_shortlisted(world, HENAN)

    assert counted(officer, url("board")) == board
    officer.post(url("freeze_batch", batch))
    three = counted(officer, url("batch", batch))
    assert len(three) <= 12
    Batch.objects.update(listing=batch_of(case).listing[:1])
    assert counted(officer, url("batch", batch)) == three


def test_all_units_ask_as_often_with_three_lists_as_with_one(world, case, department, counted):
    sent_up(world, case)
    one = counted(department, url("batches"))
    for code in ("420000", "330000"):
        lists.open_batch(cycle=world.cycle, unit=make_federation(code))
    Batch.objects.update(state=BatchState.UPLOADED)

    assert counted(department, url("batches")) == one
    assert counted(department, url("quotas")) == counted(department, url("quotas"))
