"""Board, list and quota pages: what they show, whom they refuse, the way of a list by browser."""

import re
from collections import Counter
from datetime import timedelta
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from declarations.actions import batch as lists
from declarations.actions import review, sealing, upward
from declarations.actions.counting import recount
from declarations.actions.quota import set_quota
from declarations.actions.ties import Post, declare_post
from declarations.demo import stages
from declarations.models import Batch, Declaration, PaperScan, Quota
from declarations.queries.recusals import NOT_WHOLE
from declarations.states import BatchState, State
from sihao import clock
from sihao.accounts.roles import Role
from tests import worlds
from tests.factories import make_federation, make_seat
from tests.kept import Ground, building, kept
from tests.rows import declare

pytestmark = pytest.mark.django_db
HENAN = worlds.PROVINCE
MEETING = {
    "name": "主席会议",
    "held_on": "2020-09-28",
    "place": "机关会议室",
    "people-0-name": "张主席",
    "people-0-post": "主席",
    "people-0-duty": "chair",
    "people-1-name": "李副主席",
    "people-1-post": "副主席",
    "people-2-name": "王记录",
    "people-2-post": "会员部",
    "people-2-presence": "observing",
    "people-2-duty": "recorder",
    "people-rows": "4",
}
DECISION = {"way": "consensus", "minutes": "同意推荐。", "place-1": "1"}


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("store")):
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


def test_every_form_of_a_page_carries_its_token(world, case, officer, leader, department):
    batch = batch_of(case)
    pages = [officer.get(url("board")), leader.get(url("board"))]
    officer.post(url("freeze_batch", batch))
    pages += [officer.get(url(name, batch)) for name in ("batch_meeting", "reopen_batch")]
    officer.post(url("batch_meeting", batch), MEETING)
    pages.append(officer.get(url("batch_decision", batch)))
    lists.reopen_batch(batch=batch, reason="另议", actor=world.officer(case.unit), now=world.tick())
    stages.hold_meeting(world, case.unit)
    pages += [officer.get(url(name, batch)) for name in ("batch_report",)]
    stages.seal(world, case.unit)
    pages += [leader.get(url("upload_batch", batch)), officer.get(url("batch", batch))]
    sealing.unseal_batch(batch=batch, actor=world.officer(case.unit), now=world.tick())
    pages.append(officer.get(url("batch", batch)))
    sealing.seal_batch(batch=batch, actor=world.officer(case.unit), now=world.tick())
    upward.send_up(batch=batch, actor=world.leader(case.unit), now=world.tick())
    pages += [leader.get(url("recall_batch", batch)), department.get(url("send_back_batch", batch))]

    forms = [
        re.findall(r'<form[^>]*method="post".*?</form>', page.content.decode(), re.DOTALL) for page in pages
    ]
    assert [sum("csrfmiddlewaretoken" in form for form in found) for found in forms] == [
        len(f) for f in forms
    ]
    # The shell has one form of its own.
    assert [len(found) > 1 for found in forms] == [True] * len(forms)


@pytest.mark.parametrize("to", ["", "零", "0", "-1", "1.5", "9" * 400, "\x00"])
def test_a_rank_that_is_none_is_named_and_nothing_moves(case, officer, to):
    page = officer.post(url("move", case), {"to": to}, follow=True)

    assert f"{case.applicant_name}：请填写要移到的位次，从1起的整数。" in text(page)
    assert Declaration.objects.get().rank == 1


def test_a_county_reads_why_it_has_no_board_and_how_far_its_cases_are(world):
    [case] = declare(world.cycle, ["县商会"], home=make_federation(worlds.COUNTY), state=State.LOCAL_REVIEW)
    recount(case, Counter())

    told = text(signed_in(world.officer(make_federation(worlds.COUNTY))).get(url("board")))

    assert "本级不持有推荐名额。审核后报上级工商联，由省级工商联在名额内确定推荐名单。" in told
    assert "审核中 1" in told


def test_the_department_has_the_board_of_the_directly_attached(world, department):
    nation = make_federation(worlds.NATION)
    case = declare(world.cycle, ["直属商会"], home=nation, state=State.SHORTLISTED)[0]
    case.batch, case.rank, case.unit_total = lists.open_batch(cycle=world.cycle, unit=nation), 1, 400
    case.save(update_fields=["batch", "rank", "unit_total"])

    assert case.applicant_name in text(department.get(url("board")))


def test_supervision_reads_all_lists_instead_of_a_board(world):
    answer = signed_in(world.seats["supervision"]).get(url("board"))

    assert (answer.status_code, answer.url) == (302, "/work/lists/")


# ---- the way of a list


def test_a_meeting_is_arranged_decided_and_its_list_printed(case, officer):
    batch = batch_of(case)
    frozen = officer.post(url("freeze_batch", batch), follow=True)
    arranged = officer.post(url("batch_meeting", batch), MEETING, follow=True)
    kept = officer.post(url("batch_decision", batch), DECISION, follow=True)
    decided = officer.post(url("batch_decision", batch), DECISION | {"conclude": "1"}, follow=True)

    told = text(decided)
    assert "名单已固定，共1家。请登记会议和参会人员。" in text(frozen)
    assert "会议和参会人员已保存。会后请登记研究结果。" in text(arranged)
    assert "会议听取了推荐审核情况汇报，逐一研究了提交的1家商会的申报材料、各级审核意见和得分。" in text(
        arranged
    )
    assert "已保存。" in text(kept)
    assert "集体研究情况已登记。请核对报告，生成盖章材料。" in told
    assert f"名单摘要值 {batch_of(case).digest}" in told
    assert "会议 主席会议 日期 2020年9月28日 地点 机关会议室 主持人 张主席 记录人 王记录" in told
    assert "出席 张主席（主席）、李副主席（副主席） 请假 无 列席 王记录（会员部）" in told
    assert "决定方式 一致同意 回避 无 研究结果 列入1家，与提交的名单一致 会议纪要 同意推荐。" in told


def test_the_meetings_forms_keep_what_was_typed(case, officer):
    batch = batch_of(case)
    officer.post(url("freeze_batch", batch))

    lame = MEETING | {
        "people-0-duty": "member",
        "people-1-post": "",
        "held_on": "昨天",
        "people-2-presence": "away",
    }
    wrong = officer.post(url("batch_meeting", batch), lame)
    chairless = officer.post(url("batch_meeting", batch), MEETING | {"people-0-duty": "member"})
    officer.post(url("batch_meeting", batch), MEETING)
    typed = DECISION | {"place-1": "一", "own-0-point": "7", "aside-0-point": "1", "aside-0-person": "2"}
    unread = officer.post(url("batch_decision", batch), typed | {"conclude": "1"})
    alone = {
        f"aside-{number}-{part}": value
        for number in (0, 1)
        for part, value in (("point", "1"), ("person", str(number + 1)), ("reason", "曾任该会顾问"))
    }
    undecided = officer.post(url("batch_decision", batch), DECISION | alone | {"conclude": "1"})

    told = text(wrong)
    assert "请填写有效的日期，如2020-10-15。" in told
    assert "参会人员第2行：请填写职务，不超过60字。" in told
    assert "参会人员第3行：所选到会不在可选范围内。" in told
    assert 'value="李副主席"' in wrong.content.decode()
    assert "请指定一位会议主持人。（五（二）1）" in text(chairless)
    assert "第1项的次序请填写从1起的整数，现为“一”。" in text(unread)
    assert "回避第1行：请填写回避事由，不超过200字。" in text(unread)
    assert "单项表决第1行：请选择事项和人员。" in text(unread)
    assert 'value="一"' in unread.content.decode()
    assert f"第1项{case.applicant_name}：出席人员全部回避，不能由本次会议决定。（五（二）1）" in text(
        undecided
    )
    assert batch_of(case).state == BatchState.FROZEN


def test_a_sealed_list_goes_up_by_the_leader_until_the_last_second_and_is_accepted(
    world, case, officer, leader, department, django_capture_on_commit_callbacks
):
    batch = batch_of(case)
    stages.hold_meeting(world, case.unit)
    stages.seal(world, case.unit)

    board = text(officer.get(url("board")))
    assert "为何不能办理（1项） 推荐上报 推荐名单由本单位分管领导上报。 依据：五（二）1" in board
    assert officer.post(url("upload_batch", batch)).status_code == 403

    now = leader.get(url("upload_batch", batch))
    world.clock.at = world.cycle.province_closes
    late = leader.post(url("upload_batch", batch), follow=True)
    assert "推荐上报已于2020年10月15日24:00截止。" in text(late)
    assert batch_of(case).state == BatchState.SEALED

    world.clock.at = world.cycle.province_closes - timedelta(seconds=1)
    with django_capture_on_commit_callbacks(execute=True):
        sent = leader.post(url("upload_batch", batch), follow=True)
    assert batch_of(case).state == BatchState.UPLOADED
    receipt = officer.get(reverse("declarations:batch_receipt", args=[batch.pk, 1]))
    with django_capture_on_commit_callbacks(execute=True):
        taken = department.post(url("accept_batch", batch), follow=True)

    assert "1件申报推荐至全国工商联，名单和各件材料即固定，会员部接收前可以撤回" in text(now)
    assert "推荐名单已上报，共1家，回执编号SH2020-410000-01。" in text(sent)
    assert "推荐上报已于" not in text(sent)
    assert "回执编号 SH2020-410000-01 推荐单位 410000工商业联合会" in text(receipt)
    assert "已接收410000工商业联合会推荐名单，1件申报进入初审。" in text(taken)
    assert Declaration.objects.get().state == State.PRELIMINARY_REVIEW


def test_the_department_sends_back_for_form_and_says_what(world, case, officer, department):
    batch = sent_up(world, case)

    blank = department.post(url("send_back_batch", batch), {})
    ticked = {"report": ["seal_unclear"], "report_pages": "第1页"}
    back = department.post(url("send_back_batch", batch), ticked, follow=True)

    assert "请至少选择一份材料的一项形式问题。名单内容的问题在初审中处理。（五（二）3）" in text(blank)
    assert "已退回410000工商业联合会补正。" in text(back)
    assert "《推荐审核情况报告》印章不清（第1页）" in text(officer.get(url("batch", batch)))


def test_scans_are_brought_looked_at_and_taken_away(world, case, officer, settings, tmp_path):
    settings.STORAGE_ROOT = tmp_path
    batch = batch_of(case)
    stages.hold_meeting(world, case.unit)
    stages.seal(world, case.unit)
    officer.post(url("unseal_batch", batch))
    scan = PaperScan.objects.get(paper__kind="report")
    place = reverse("declarations:bring_scans", args=[batch.pk, "report"])

    none = officer.post(place, follow=True)
    twice = officer.post(place, {"scan": named(stages.scanned(scan.read[0][0]), "又一次.png")}, follow=True)
    shown = officer.get(reverse("declarations:batch_scan", args=[batch.pk, scan.pk]))
    gone = officer.post(reverse("declarations:remove_scan", args=[batch.pk, scan.pk]), follow=True)

    assert "请选择扫描件。" in text(none)
    assert "“又一次.png”已经上传过。（五（二）1）" in text(twice)
    assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert b"".join(shown)[:4] == b"\x89PNG"
    assert f"已移除“{scan.name}”。" in text(gone)
    assert "《推荐审核情况报告》须上传盖章扫描件。" in text(gone)


def test_who_steps_back_from_a_case_reads_the_others_and_no_paper(world, case, officer):
    other = worlds.make_shortlisted(world, HENAN)
    stages.hold_meeting(world, case.unit)
    batch = stages.seal(world, case.unit)
    seat = world.officer(case.unit)
    declare_post(post=Post(case.applicant.name, "顾问"), actor=seat, now=world.tick())

    told = text(officer.get(url("batch", batch)))
    scan = PaperScan.objects.first()
    papers = [
        reverse(f"declarations:{name}", args=[batch.pk, *more])
        for name, more in (("batch_agenda", ("pdf",)), ("batch_paper", ("report",)), ("batch_scan", (scan.pk,)))
    ]

    assert case.applicant_name not in told
    assert f"1 {other.applicant_name} 同分 {other.number}" in told
    assert "盖章材料" not in told.replace("盖章材料齐备", "").replace("更换盖章材料", "")
    assert [officer.get(paper).status_code for paper in papers] == [403] * 3
    refused = officer.post(url("unseal_batch", batch), follow=True)
    assert str(NOT_WHOLE) in text(refused)


def named(file, name):
    return SimpleUploadedFile(name, file.read(), "image/png")


def test_opening_again_asks_for_the_reason(case, officer):
    batch = batch_of(case)
    officer.post(url("freeze_batch", batch))

    blank = officer.post(url("reopen_batch", batch), {"reason": ""})
    opened = officer.post(url("reopen_batch", batch), {"reason": "次序有误。"}, follow=True)

    assert "请填写理由。" in text(blank)
    assert "名单已重新打开，可以调整。" in text(opened)
    assert batch_of(case).state == BatchState.OPEN


def test_freezing_an_empty_list_is_refused_in_words(world, department):
    batch = lists.open_batch(cycle=world.cycle, unit=make_federation(worlds.NATION))

    page = department.post(url("freeze_batch", batch), follow=True)

    assert "名单内还没有拟推荐对象。（五（二）1）" in text(page)


# ---- who reads a list


ACTS = (
    "freeze_batch",
    "reopen_batch",
    "batch_meeting",
    "batch_decision",
    "sign_minutes",
    "batch_report",
    "issue_papers",
    "seal_batch",
    "unseal_batch",
    "upload_batch",
    "recall_batch",
    "accept_batch",
    "send_back_batch",
)


def test_a_list_is_found_by_its_readers_alone_and_by_the_department_from_its_upload_on(
    world, case, officer, department, counted
):
    def row(client):
        return re.search(r"410000工商业联合会\s+(\S+) (\S+)/", text(client.get(url("batches")))).groups()

    batch, supervision = batch_of(case), signed_in(world.seats["supervision"])
    assert department.get(url("batch", batch)).status_code == 404
    assert (row(department), row(supervision)) == (("尚未上报", "—"), ("拟定中", "1"))

    sent_up(world, case)

    assert department.get(url("batch", batch)).status_code == 200
    assert row(department) == ("已上报", "1")
    assert [department.post(url(act, batch)).status_code for act in ACTS[:-2]] == [403] * 11
    assert officer.get(url("freeze_batch", batch)).status_code == 405
    assert department.get(url("accept_batch", batch)).status_code == 405
    stranger = signed_in(make_seat(Role.LEADER, make_federation("420000")))
    assert stranger.get(url("batch", batch)).status_code == 404
    assert [stranger.post(url(act, batch)).status_code for act in ACTS] == [404] * len(ACTS)
    assert stranger.post(url("move", case), {"to": "1"}).status_code == 404
    for code in (worlds.COUNTY, worlds.CITY):
        assert signed_in(world.leader(make_federation(code))).get(url("batch", batch)).status_code == 404

    one = counted(department, url("batches"))
    for code in ("420000", "330000"):
        lists.open_batch(cycle=world.cycle, unit=make_federation(code))
    Batch.objects.update(state=BatchState.UPLOADED, receipt="示例", uploaded_at=world.tick())
    assert counted(department, url("batches")) == one
    assert counted(department, url("quotas")) == counted(department, url("quotas"))


def test_supervision_reads_every_list_and_changes_none(world, case):
    batch = batch_of(case)
    supervision = signed_in(world.seats["supervision"])

    assert supervision.get(url("batch", batch)).status_code == 200
    assert [supervision.post(url(act, batch)).status_code for act in ACTS] == [403] * len(ACTS)


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


# ---- the same number of queries whatever is listed


def queries_of(client, address, capture):
    client.get(address)
    with capture as queries:
        client.get(address)
    return [query["sql"].split(" WHERE ")[0][:80] for query in queries.captured_queries]


@pytest.fixture
def counted(django_assert_max_num_queries):
    return lambda client, address: queries_of(client, address, django_assert_max_num_queries(40))


def test_a_full_quota_is_told_cases_are_moved_by_number_and_three_ask_as_often_as_one(
    world, case, officer, leader, counted
):
    batch = batch_of(case)
    spare = worlds.make_at_unit(world, HENAN)
    places = Quota.objects.get(organisation=case.unit).places
    set_quota(cycle=world.cycle, unit=case.unit, places=1, actor=world.seats["head"], now=world.tick())
    full = leader.post(reverse("declarations:step", args=[spare.pk, "shortlist"]))
    assert "推荐名额已满（1/1），可列为备选。" in text(full)
    assert Declaration.objects.get(pk=spare.pk).state == State.LOCAL_REVIEW

    set_quota(cycle=world.cycle, unit=case.unit, places=places, actor=world.seats["head"], now=world.tick())
    review.reserve(case=spare, actor=world.leader(spare.unit), now=world.tick())
    board = counted(officer, url("board"))
    second = worlds.make_shortlisted(world, HENAN)

    answer = officer.post(url("move", second), {"to": "1"})

    listed = Declaration.objects.filter(state=State.SHORTLISTED).exclude(pk=spare.pk).order_by("rank")
    assert answer.url == f"/work/board/#case-{second.pk}"
    assert list(listed.values_list("pk", flat=True)) == [second.pk, case.pk]
    shown = officer.get(url("board")).content.decode()
    assert re.findall(r'name="to" value="(\d)" aria-label="(上|下)移一位', shown) == [("2", "下"), ("1", "上")]

    worlds.make_shortlisted(world, HENAN)
    assert counted(officer, url("board")) == board
    officer.post(url("freeze_batch", batch))
    three = counted(officer, url("batch", batch))
    assert len(three) <= 16
    Batch.objects.update(listing=batch_of(case).listing[:1])
    assert counted(officer, url("batch", batch)) == three
