"""Evidence as a browser brings it: piece by piece or by form, looked at in the page, told to those who judge."""

import html
import re
from io import BytesIO
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from declarations import store
from declarations.actions import draft
from declarations.demo import stages
from declarations.demo.stages import picture
from declarations.models import Attachment, Upload
from scoring.actions import Entered
from sihao import clock
from sihao.accounts.roles import Role
from sihao.documents.intake import child
from tests import worlds
from tests.documents import good
from tests.documents.containers import pdf
from tests.factories import make_federation, make_seat
from tests.kept import as_it_stands, building, kept

pytestmark = pytest.mark.django_db
GOOD = picture("minutes").read()
SCRIPT = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("evidence")
    with building(folder), kept(django_db_blocker):
        world = worlds.make_world()
        cases = [worlds.make_draft(world), worlds.make_draft(world, filled=False), worlds.make_submitted(world)]
        yield world, cases, make_seat(Role.CHAMBER_FILLER, cases[0].applicant), folder


@pytest.fixture
def world(ground, db, monkeypatch):
    mine = as_it_stands(ground[0])
    monkeypatch.setattr(clock, "now", lambda: mine.clock.at)
    return mine


@pytest.fixture
def case(ground, world):
    return stages.fresh(ground[1][0])


def signed_in(seat, **words):
    client = Client(**words)
    client.force_login(seat.user)
    return client


@pytest.fixture
def browser(case):
    return signed_in(worlds.president_of(case.applicant))


def address(name, case, *more):
    return reverse(f"declarations:{name}", args=[case.pk, *more])


def begun(browser, case, **words):
    usual = {"token": str(uuid4()), "row": "A2.1", "name": "会议.png", "size": len(GOOD)}
    return browser.post(address("uploads", case), usual | words, **SCRIPT)


def put(browser, case, token, offset, piece, **headers):
    url = f"{address('upload', case, token)}?offset={offset}"
    return browser.put(url, piece, content_type="application/octet-stream", **SCRIPT, **headers)


def sent(browser, case, content=GOOD, **words):
    """Send a whole file in one piece and return the answer."""
    answer = begun(browser, case, size=len(content), **words)
    return put(browser, case, answer.json()["token"], 0, content) if answer.status_code == 200 else answer


def text_of(response):
    return response.content.decode()


def told(response):
    return [str(message) for message in response.context["messages"]]


def files(root):
    return sorted(one.relative_to(root).as_posix() for one in root.rglob("*") if one.is_file())


def row_of(response, code):
    section = rf'<section class="proof" id="row-{re.escape(code)}".*?</section>'
    return re.search(section, text_of(response), re.DOTALL)[0]


# ---- piece by piece


def test_a_file_comes_in_pieces_and_is_drawn_in_its_row(case, browser, storage_root):
    token = str(uuid4())
    first = begun(browser, case, token=token, pages="第3—5页", dated="2018-05-01")
    half = put(browser, case, token, 0, GOOD[:100])
    asked = browser.get(address("upload", case, token), **SCRIPT)
    wrong = put(browser, case, token, 7, GOOD[100:])
    last = put(browser, case, token, 100, GOOD[100:])

    assert (first.status_code, first.json()) == (200, {"token": token, "offset": 0})
    assert (half.status_code, half.json()) == (200, {"offset": 100, "done": False})
    assert asked.json() == half.json()
    assert (wrong.status_code, wrong.json()) == (409, {"offset": 100})
    piece = Attachment.objects.get(row="A2.1")
    answer = last.json()
    assert (answer["offset"], answer["done"], answer["piece"]) == (len(GOOD), True, piece.pk)
    assert "见第3—5页 · 材料日期2018年5月1日" in answer["html"]
    assert "材料日期不在评价期内（2019年1月1日至2020年10月15日）" in answer["html"]
    assert files(storage_root) == [piece.stored]
    drawn = row_of(browser.get(address("evidence", case)), "A2.1")
    assert without_tokens(answer["html"]) in without_tokens(drawn)
    assert browser.get(address("upload", case, token), **SCRIPT).json()["piece"] == piece.pk


def without_tokens(text):
    return re.sub(r'value="[0-9A-Za-z]{64}"', "", text).strip()


def test_a_refusal_at_the_end_is_told_again_when_asked(case, browser, storage_root):
    program = b"MZ\x90\x00" + bytes(500)
    token = begun(browser, case, name="照片.png", size=len(program)).json()["token"]

    told_once = put(browser, case, token, 0, program)
    told_again = browser.get(address("upload", case, token), **SCRIPT)

    assert told_once.status_code == told_again.status_code == 200
    assert told_once.json() == told_again.json() == {
        "offset": len(program),
        "done": True,
        "refused": [
            (
                "“照片.png”没有收下：扩展名说是PNG，内容却是可执行程序。"
                "请上传真正的PDF、JPG、PNG、OFD、DOCX、XLSX文件，不要只改扩展名。"
            )
        ],
    }
    assert files(storage_root) == []


CANNOT_BEGIN = (
    ({"size": "0"}, ["“会议.png”没有收下：文件是空的（0字节）。请确认文件已保存好再上传。"]),
    ({"size": "-1"}, ["上传的请求不完整，请刷新页面后重试。"]),
    ({"size": "９" * 40}, None),
    ({"size": "many"}, ["上传的请求不完整，请刷新页面后重试。"]),
    ({"token": "../../etc"}, ["上传的请求不完整，请刷新页面后重试。"]),
    ({"row": ""}, ["上传的请求不完整，请刷新页面后重试。"]),
    ({"row": "Z9"}, ["请选择这份材料证明的指标或申报表项目。"]),
    ({"row": "x" * 61}, ["上传的请求不完整，请刷新页面后重试。"]),
    ({"name": ""}, ["“未命名”没有收下：文件没有扩展名。请上传PDF、JPG、PNG、OFD、DOCX、XLSX文件。"]),
    ({"name": "../会议.png"}, ["“会议.png”没有收下：文件名中有路径（“/”或“\\”）。请改名后再上传。"]),
    ({"pages": "页" * 41}, ["页码提示不超过40字。"]),
    ({"dated": "2020-02-30"}, ["材料日期请写成2020-05-01这样的年月日。"]),
)


def test_what_cannot_begin_is_told_in_words(case, browser, storage_root):
    for words, sentences in CANNOT_BEGIN:
        answer = begun(browser, case, **words)

        assert answer.status_code == 400
        assert answer.json()["refused"] == sentences if sentences else answer.json()["refused"]
    assert Upload.objects.count() == 0
    assert not storage_root.exists()


def test_pieces_have_a_limit_and_an_offset(case, browser, settings, storage_root):
    settings.EVIDENCE_CHUNK_BYTES = 100
    token = begun(browser, case).json()["token"]

    assert put(browser, case, token, 0, GOOD[:101]).status_code == 413
    for offset in ("", "-1", "x", "１", "9" * 30):
        answer = put(browser, case, token, offset, GOOD[:9])
        assert (answer.status_code, answer.json()) == (400, {"refused": ["这一段没有收全，请重新发送。"]})
    assert put(browser, case, token, 0, GOOD[:100]).json()["offset"] == 100
    assert browser.get(address("upload", case, token), **SCRIPT).json()["offset"] == 100


def test_a_file_in_another_hand_or_a_busy_server_is_for_the_moment(case, browser, monkeypatch):
    document = pdf()
    token = begun(browser, case, name="会议.pdf", size=len(document)).json()["token"]

    with store.held(UUID(token)):
        held = put(browser, case, token, 0, document)
        kept_back = browser.delete(address("upload", case, token), **SCRIPT)
    monkeypatch.setattr(child, "PATIENCE", 0)
    busy = put(browser, case, token, 0, document)
    monkeypatch.undo()

    assert (held.status_code, kept_back.status_code) == (503, 503)
    assert (busy.status_code, busy.json()["refused"]) == (
        503,
        ["“会议.pdf”没有收下：服务器正忙，没能及时检查完。请过几分钟再上传。"],
    )


def test_an_upload_is_given_up_by_script_and_by_form(case, browser, storage_root):
    for give_up in (browser.delete, browser.post):
        token = begun(browser, case).json()["token"]
        put(browser, case, token, 0, GOOD[:100])

        answer = give_up(address("upload", case, token))

        assert answer.status_code in {204, 302}
        assert (files(storage_root), Upload.objects.count()) == ([], 0)


def test_nobody_else_sees_or_feeds_an_upload(case, ground, browser):
    token = begun(browser, case).json()["token"]
    other = signed_in(worlds.president_of(ground[1][1].applicant))
    colleague = signed_in(ground[2])
    officer = signed_in(ground[0].officer(case.home))

    for stranger in (other, colleague, officer):
        url = address("upload", case, token)
        answers = [stranger.get(url), stranger.delete(url), put(stranger, case, token, 0, GOOD)]
        assert {answer.status_code for answer in answers} == {404}
    assert begun(other, case).status_code == 404
    # The address of another's own case does not open it either.
    assert put(other, ground[1][1], token, 0, GOOD).status_code == 404
    assert browser.get(address("upload", case, token), **SCRIPT).json()["offset"] == 0


def test_after_handing_in_nothing_is_taken(ground, world):
    case = stages.fresh(ground[1][2])
    browser = signed_in(worlds.president_of(case.applicant))

    assert begun(browser, case).status_code == 403
    piece = case.attachments.first()
    assert browser.post(address("hint_evidence", case, piece.pk), {"pages": "1"}).status_code == 403


def test_without_a_sign_in_a_script_is_told_where_to(case):
    answer = begun(Client(), case)

    assert (answer.status_code, answer.json()) == (401, {"login": reverse("accounts:sign_in")})


def test_pieces_without_the_token_of_the_page_are_refused(case):
    browser = signed_in(worlds.president_of(case.applicant), enforce_csrf_checks=True)
    page = browser.get(address("evidence", case))
    secret = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text_of(page))[1]
    headers = {"HTTP_X_CSRFTOKEN": secret}
    usual = {"token": str(uuid4()), "row": "A2.1", "name": "会议.png", "size": len(GOOD)}

    without = browser.post(address("uploads", case), usual, **SCRIPT)
    answer = browser.post(address("uploads", case), usual, **SCRIPT, **headers)

    assert (without.status_code, answer.status_code) == (403, 200)
    assert put(browser, case, usual["token"], 0, GOOD).status_code == 403
    assert browser.delete(address("upload", case, usual["token"])).status_code == 403
    assert put(browser, case, usual["token"], 0, GOOD, **headers).json()["done"] is True


def test_a_piece_and_the_page_cost_the_same_whatever_there_is(case, browser, django_assert_num_queries):
    browser.get(address("evidence", case))
    with django_assert_num_queries(7):
        browser.get(address("evidence", case))
    token = begun(browser, case).json()["token"]
    put(browser, case, token, 0, GOOD[:50])
    with django_assert_num_queries(6):
        put(browser, case, token, 50, GOOD[50:60])
    for number in range(3):
        sent(browser, case, picture(str(number)).read(), row=f"A2.{number + 1}", name=f"{number}.png")
        begun(browser, case, name=f"{number}.pdf")

    with django_assert_num_queries(6):
        put(browser, case, token, 60, GOOD[60:70])
    with django_assert_num_queries(7):
        browser.get(address("evidence", case))


# ---- by form


def upload(browser, case, *named, row="A2.1", **words):
    sent_files = [SimpleUploadedFile(name, content) for name, content in named]
    return browser.post(address("evidence", case), {"row": row, "files": sent_files} | words, follow=True)


def test_a_form_brings_files_with_hints_and_for_a_field(case, browser):
    answer = upload(browser, case, ("名册.png", GOOD), row="members_2020", pages="第1页", dated="2020-06-30")

    piece = Attachment.objects.get(row="members_2020")
    assert (piece.pages, f"{piece.dated}") == ("第1页", "2020-06-30")
    assert told(answer) == ["“填报日会员数”已上传：名册.png"]
    assert "见第1页 · 材料日期2020年6月30日" in row_of(answer, "members_2020")


def test_a_form_that_brings_too_much_keeps_what_came_first(case, browser, settings, storage_root):
    settings.UPLOAD_MAX_BYTES = 2 * 1024 * 1024
    answer = upload(browser, case, ("一.png", GOOD), ("二.png", bytes(2 * 1024 * 1024)), ("三.png", GOOD))

    assert answer.context["form"].errors["files"] == ["一次上传的文件合计超过2 MB，后面的文件没有收下。请分几次上传。"]
    assert told(answer) == ["A2.1已上传：一.png"]
    assert len(files(storage_root)) == 1


def test_a_file_over_the_limit_is_not_read_to_its_end(case, browser, settings, storage_root, monkeypatch):
    settings.EVIDENCE_MAX_BYTES = 2000
    lengths = []
    attach = draft.attach
    monkeypatch.setattr(draft, "attach", lambda **words: lengths.append(words["file"].size) or attach(**words))

    answer = upload(browser, case, ("大.png", GOOD + bytes(5000)))

    [sentence] = answer.context["form"].errors["files"]
    assert sentence.startswith("“大.png”没有收下：文件大小为2001字节，超过2000字节的上限。")
    assert (lengths, files(storage_root)) == ([2001], [])


def test_more_files_than_a_case_may_have_are_refused_one_by_one(case, browser, settings):
    settings.EVIDENCE_MAX_FILES = 2

    answer = upload(browser, case, *((f"{number}.png", picture(str(number)).read()) for number in range(3)))

    assert told(answer) == ["A2.1已上传：0.png"]
    assert answer.context["form"].errors["files"] == [
        f"{number}.png：每件申报最多上传2个文件。" for number in (1, 2)
    ]


def test_hints_are_mended_later_and_bad_ones_are_told(case, browser):
    piece = case.attachments.get(row="A1.1")
    url = address("hint_evidence", case, piece.pk)

    good_one = browser.post(url, {"pages": " 第2页 ", "dated": "2019-03-01"}, follow=True)
    bad_one = browser.post(url, {"pages": "页" * 41, "dated": "昨天"}, follow=True)

    piece.refresh_from_db()
    assert (piece.pages, f"{piece.dated}") == ("第2页", "2019-03-01")
    assert told(good_one) == [f"已保存：{piece.name}的页码提示和材料日期"]
    assert told(bad_one) == [
        f"{piece.name}：页码提示不超过40字。",
        f"{piece.name}：材料日期请写成2020-05-01这样的年月日。",
    ]
    assert 'name="pages" value="第2页"' in text_of(bad_one)


# ---- the page


def test_the_page_says_what_each_row_may_be_proved_by_and_what_lacks(case, browser, world):
    actor = worlds.president_of(case.applicant)
    entries = {"A1.2": Entered("7", words=""), "A1.3": Entered("3", words="已说明"), "A1.4": Entered("0", words="")}
    draft.save_self_marks(case=case, entries=entries, actor=actor, now=world.tick())

    page = browser.get(address("evidence", case))
    lacking = browser.get(address("evidence", case), {"show": "lacking"})
    there = browser.get(address("evidence", case), {"show": "there"})

    assert "可提供：学习计划、签到表和照片、会议纪要" in row_of(page, "A1.1")
    assert "还没有佐证材料，也没有写实际情况" in row_of(page, "A1.2")
    assert "已写实际情况，没有附材料" in row_of(page, "A1.3")
    assert "proof-lacks" not in row_of(page, "A1.4")
    assert rows_of(lacking) == ["A1.2"]
    assert rows_of(there) == ["A1.1"]
    assert len(rows_of(page)) == 90
    chips = re.findall(r"(全部|还缺佐证的指标|已有材料) <span class=\"figure\">(\d+)</span>", text_of(page))
    assert chips == [("全部", "90"), ("还缺佐证的指标", "1"), ("已有材料", "1")]


def rows_of(response):
    return re.findall(r'<section class="proof" id="row-([^"]+)"', text_of(response))


def test_an_upload_that_broke_off_stands_on_the_page(case, browser, ground):
    token = begun(browser, case).json()["token"]
    put(browser, case, token, 0, GOOD[:1024])

    page = text_of(browser.get(address("evidence", case)))
    colleagues = text_of(signed_in(ground[2]).get(address("evidence", case)))

    assert f'data-unfinished="{token}" data-row="A2.1" data-name="会议.png" data-size="{len(GOOD)}"' in page
    assert "已收到1 KB，共" in page
    assert token not in colleagues


# ---- looking at it


def test_a_picture_is_drawn_anew_and_shut_in(case, browser):
    sent(browser, case, good.JPEGS["photograph with exif"](), name="照片.jpg")
    piece = Attachment.objects.get(row="A2.1")

    shown = browser.get(address("preview_evidence", case, piece.pk))

    assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
    with Image.open(BytesIO(shown.content)) as image:
        assert dict(image.getexif()) == {}
    assert b"HUAWEI" not in shown.content
    assert (shown["X-Content-Type-Options"], shown["Cache-Control"]) == ("nosniff", "private, no-store")
    assert shown["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert f'<img src="{address("preview_evidence", case, piece.pk)}" alt="照片.jpg" loading="lazy">' in text_of(
        browser.get(address("evidence", case))
    )


def test_a_pdf_is_shown_by_the_browsers_own_reader_in_a_frame_of_ours_alone(case, browser):
    document = pdf(pages=3)
    sent(browser, case, document, name="计划.pdf")
    piece = Attachment.objects.get(row="A2.1")

    shown = browser.get(address("preview_evidence", case, piece.pk))

    assert b"".join(shown.streaming_content) == document
    assert shown["Content-Type"] == "application/pdf"
    assert shown["Content-Disposition"].startswith("inline;")
    assert shown["X-Frame-Options"] == "SAMEORIGIN"
    assert shown["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
    )
    assert (shown["X-Content-Type-Options"], shown["Cache-Control"]) == ("nosniff", "private, no-store")


def test_other_kinds_are_not_shown(case, browser):
    Attachment.objects.filter(row="A1.1").update(kind="docx")
    piece = case.attachments.get(row="A1.1")

    assert browser.get(address("preview_evidence", case, piece.pk)).status_code == 404
    assert "piece-look" not in row_of(browser.get(address("evidence", case)), "A1.1")


def test_a_picture_that_cannot_be_drawn_in_time_is_told(case, ground, browser, storage_root, monkeypatch):
    sent(browser, case)
    piece = Attachment.objects.get(row="A2.1")
    monkeypatch.setattr(child, "PATIENCE", 0)

    shown = browser.get(address("preview_evidence", case, piece.pk))

    assert (shown.status_code, shown["Content-Type"]) == (503, "text/plain; charset=utf-8")
    assert text_of(shown) == "文件没有收下：服务器正忙，没能及时检查完。请过几分钟再上传。"


def test_nobody_looks_at_a_file_of_a_case_he_may_not_see(ground, world):
    case = stages.fresh(ground[1][2])
    piece = case.attachments.first()
    url = address("preview_evidence", case, piece.pk)
    stranger = signed_in(worlds.president_of(ground[1][1].applicant))
    neighbour = signed_in(world.officer(make_federation(worlds.NEIGHBOUR)))

    assert {one.get(url).status_code for one in (stranger, neighbour)} == {404}
    assert Client().get(url).status_code == 302
    assert browser_of_other_case(ground).get(address("preview_evidence", ground[1][0], piece.pk)).status_code == 404


def browser_of_other_case(ground):
    return signed_in(worlds.president_of(ground[1][0].applicant))


# ---- those who judge


def test_a_reviewer_is_told_who_else_uses_a_file_and_what_proves_a_row_and_the_chamber_is_not(ground, world):
    first, second = stages.fresh(ground[1][2]), worlds.make_submitted(world, name="另一商会")
    Attachment.objects.filter(declaration__in=(first, second)).update(digest="e" * 64)
    piece = first.attachments.get(row="A1.1")
    Attachment.objects.filter(pk=piece.pk).update(pages="第9页", dated="2018-01-01")
    looked_at = address("preview_evidence", first, piece.pk)
    piece.pk, piece.row, piece.name = None, "study_2019", "学习记录.png"
    piece.save()
    officer = signed_in(world.officer(first.home))

    review, case = (text_of(officer.get(address(page, first))) for page in ("review", "case"))
    chamber = text_of(signed_in(worlds.president_of(first.applicant)).get(address("case", first)))

    line = re.search(r'<tr id="row-A1.1".*?</tr>', review, re.DOTALL)[0]
    assert f'href="{looked_at}"' in line
    assert " · 见第9页" in line
    assert "材料日期2018年1月1日" in line
    assert "材料日期不在评价期内（2019年1月1日至2020年10月15日）" in line
    assert "学习记录.png</a>" in line
    for page in (review, case):
        assert f"同一文件还用于：另一商会（{second.number}）A1.1" in html.unescape(page)
    assert "同一文件" not in chamber
    assert second.number not in chamber
