"""Filling in the self-assessment offline as a browser meets it: taking, bringing back, comparing, confirming."""

import re
import shutil
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from declarations.actions import draft
from declarations.demo import stages
from declarations.models import FilledSheet
from declarations.queries.drafting.marks import own_marks
from declarations.queries.facts import dossier_of
from scoring.actions import Entered
from sihao.audit.models import Entry
from tests import worlds
from tests.kept import Ground, building, kept
from tests.workbooks import changed, filled_in, issued

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("evidence")
    with kept(django_db_blocker):
        with building(folder):
            world = worlds.make_world()
            case = worlds.make_draft(world)
        yield Ground(world, case), folder


@pytest.fixture
def world(ground, storage_root, monkeypatch):
    shutil.copytree(ground[1], storage_root)
    world = ground[0].afresh()
    monkeypatch.setattr("sihao.clock.now", lambda: world.clock.at)
    return world


@pytest.fixture
def case(ground, world):
    return stages.fresh(ground[0].case)


@pytest.fixture
def browser(client, case):
    client.force_login(worlds.president_of(case.applicant).user)
    return client


@pytest.fixture(scope="module")
def content(ground, django_db_blocker):
    """The workbook as it is handed over while nothing has changed, written once."""
    with kept(django_db_blocker):
        return issued(stages.fresh(ground[0].case), ground[0].world.clock.at)


def address(name, case, *more):
    return reverse(f"declarations:{name}", args=[case.pk, *more])


def upload(browser, case, content, name="附件5.xlsx"):
    return browser.post(address("offline", case), {"file": SimpleUploadedFile(name, content)})


def points(case, *codes):
    marks = own_marks(dossier_of(case))
    return [marks[code].points for code in codes]


def mark_online(world, case, code, **parts):
    entries = {code: Entered(**parts)}
    draft.save_self_marks(
        case=case, entries=entries, actor=worlds.president_of(case.applicant), now=world.tick()
    )


def drawn(response):
    """What the form of the comparison would send if it were sent as it was drawn."""
    html = response.content.decode()
    picks = re.findall(r'<input type="radio" name="([^"]+)" value="([^"]+)" checked>', html)
    seen = re.search(r'name="_seen" value="([^"]*)"', html)
    return {**dict(picks), "_seen": seen[1]} if seen else {}


def told(response):
    return [str(message) for message in response.context["messages"]]


def test_the_workbook_is_handed_over_and_leaves_a_trail(browser, case):
    response = browser.get(address("workbook", case))

    assert response["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert response["Cache-Control"] == "private, no-store"
    assert case.number in response["Content-Disposition"]
    assert b"".join(response.streaming_content)[:2] == b"PK"
    assert str(Entry.objects.latest("id").sentence).endswith("导出自评表（离线填写）")


def test_the_whole_way_there_and_back_and_not_a_second_time(browser, case, content):
    sent = upload(browser, case, filled_in(content, {"A1.1": {"points": 7}, "A1.2": {"words": "一\n“二”"}}))
    page = browser.get(sent.url)

    assert page.status_code == 200
    assert "将写入2处" in page.content.decode()
    assert "一\n“二”" in page.content.decode()
    assert points(case, "A1.1") == [10]

    confirmed = browser.post(sent.url, drawn(page), follow=True)

    assert confirmed.redirect_chain == [(address("self_assessment", case), 302)]
    assert told(confirmed) == ["已写入2处。"]
    assert points(case, "A1.1") == [7]

    second = browser.post(sent.url, drawn(page), follow=True)

    assert told(second) == ["这份自评表已经写入，不能再次写入。如有新的修改，请重新上传。"]
    assert "这份自评表已经写入" in browser.get(sent.url).content.decode()


def test_a_collision_is_kept_as_it_is_unless_the_chamber_says_otherwise(world, browser, case, content):
    mark_online(world, case, "A1.1", points="9")
    sent = upload(browser, case, filled_in(content, {"A1.1": {"points": 7}}))
    page = browser.get(sent.url)
    assert "1处在您填写期间也有人在系统中改动" in page.content.decode()

    browser.post(sent.url, drawn(page))

    assert points(case, "A1.1") == [9]
    again = upload(browser, case, filled_in(content, {"A1.1": {"points": 7}}))
    browser.post(again.url, drawn(browser.get(again.url)) | {"pick-A1.1/points": "mine"})
    assert points(case, "A1.1") == [7]


def test_a_collision_that_appears_meanwhile_is_shown_again(world, browser, case, content):
    sent = upload(browser, case, filled_in(content, {"A1.1": {"points": 7}, "A1.2": {"points": 4}}))
    page = browser.get(sent.url)
    mark_online(world, case, "A1.1", points="9")

    again = browser.post(sent.url, drawn(page))

    assert again.status_code == 409
    assert "比对之后又有改动，还没有写入" in again.content.decode()
    assert points(case, "A1.1", "A1.2") == [9, 7]
    browser.post(sent.url, drawn(again))
    assert points(case, "A1.1", "A1.2") == [9, 4]


def test_bad_cells_are_named_and_the_others_are_written(browser, case, content):
    sent = upload(browser, case, filled_in(content, {"A1.1": {"points": 11}, "A1.2": {"points": 4}}))
    page = browser.get(sent.url)

    assert page.context["told"] == ["自评表 J6：A1.1：评11分，超过该行满分10分。"]
    assert "自评表 J6：A1.1：评11分，超过该行满分10分。" in page.content.decode()
    browser.post(sent.url, drawn(page))
    assert points(case, "A1.1", "A1.2") == [10, 4]


def test_a_workbook_that_cannot_be_taken_says_why_on_the_page(browser, case, content):
    def bare(book):
        del book["请勿改动"]

    for answer, why in (
        (upload(browser, case, changed(content, bare)), "无法确认它从哪一件申报发出"),
        (upload(browser, case, b"MZ\x90\x00" + b"\x00" * 500), "内容却是"),
        (upload(browser, case, content, "../附件5.xlsx"), ""),
        (upload(browser, case, b"", "附件5.xlsx"), "所选文件是空的"),
        (browser.post(address("offline", case)), "请"),
    ):
        assert answer.status_code in {200, 302}
        assert why in (answer.content.decode() if answer.status_code == 200 else "")
    assert points(case, "A1.1") == [10]


def test_what_waits_is_listed_and_can_be_given_up(browser, case, content):
    sent = upload(browser, case, filled_in(content, {"A1.1": {"points": 7}}))
    sheet = FilledSheet.objects.get()
    assert sent.url in browser.get(address("offline", case)).content.decode()

    answer = browser.post(address("discard_sheet", case, sheet.pk), follow=True)

    assert told(answer) == ["已放弃这份自评表，没有写入任何内容。"]
    assert browser.get(sent.url).status_code == 404


def test_the_sheet_of_another_case_is_not_found_under_this_one(world, browser, case, content):
    upload(browser, case, content)
    other = worlds.make_draft(world, filled=False)
    browser.force_login(worlds.president_of(other.applicant).user)

    assert browser.get(address("sheet_comparison", other, FilledSheet.objects.get().pk)).status_code == 404
    assert browser.post(address("discard_sheet", other, FilledSheet.objects.get().pk)).status_code == 404


def test_nonsense_choices_write_nothing(browser, case, content):
    sent = upload(browser, case, filled_in(content, {"A1.1": {"points": 7}}))

    for data in ({}, {"_seen": "x"}, {"_seen": "A1.1:999999999"}, {"_seen": "A1.1:0", "pick-Z": "mine"}):
        assert browser.post(sent.url, data).status_code == 409
    assert points(case, "A1.1") == [10]


def counted(ask):
    """Return how many queries an answer takes, and the answer."""
    with CaptureQueriesContext(connection) as caught:
        answer = ask()
        count = len(caught)
    if answer.streaming:
        b"".join(answer.streaming_content)
    return count, answer


@pytest.mark.parametrize("codes", [("A1.1",), ("A1.1", "A1.2", "A1.4")], ids=["one row", "three rows"])
def test_the_number_of_queries_does_not_depend_on_the_rows(world, browser, case, content, codes):
    for code in codes:
        mark_online(world, case, code, words="网上")
    filled = filled_in(content, {code: {"points": 1, "words": "表中"} for code in codes})

    taking, _ = counted(lambda: browser.get(address("workbook", case)))
    bringing, sent = counted(lambda: upload(browser, case, filled))
    comparing, page = counted(lambda: browser.get(sent.url))
    confirming, _ = counted(lambda: browser.post(sent.url, drawn(page)))
    waiting, _ = counted(lambda: browser.get(address("offline", case)))

    assert (taking, bringing, comparing, confirming, waiting) == (8, 8, 6, 16, 4)


def test_a_file_without_a_name_is_no_fault(browser, case):
    file = BytesIO(b"")
    file.name = ""

    assert browser.post(address("offline", case), {"file": file}).status_code == 200
