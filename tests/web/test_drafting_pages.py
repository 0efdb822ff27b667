"""The chamber's pages as a browser meets them: who gets in, what is drawn, what stays when something is wrong."""

import re
import shutil
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from declarations.actions import draft, review
from declarations.demo import stages
from declarations.demo.stages import picture
from declarations.models import Attachment, Declaration
from declarations.queries.drafting import own_marks
from declarations.queries.facts import dossier_of
from declarations.states import ReturnReason, State
from scoring.actions import Entered
from sihao.accounts.roles import Role
from tests import worlds
from tests.factories import make_federation, make_seat
from tests.kept import Ground, building, kept

pytestmark = pytest.mark.django_db

PAGES = ("form", "self_assessment", "evidence", "check")
ADVICE = "请上传真正的PDF、JPG、PNG、OFD、DOCX、XLSX文件，不要只改扩展名。"
PROGRAM = b"MZ\x90\x00" + b"\x00" * 500


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    """A world with one filled draft, and the folder of its evidence."""
    folder = tmp_path_factory.mktemp("evidence")
    with kept(django_db_blocker):
        with building(folder):
            world = worlds.make_world()
            case = worlds.make_draft(world)
        yield Ground(world, case), folder


@pytest.fixture
def world(ground, storage_root):
    shutil.copytree(ground[1], storage_root)
    return ground[0].afresh()


@pytest.fixture
def clock(world, monkeypatch):
    """The house's clock stands where the world's does."""
    monkeypatch.setattr("sihao.clock.now", lambda: world.clock.at)
    return world.clock


@pytest.fixture
def case(ground, world, clock):
    return stages.fresh(ground[0].case)


@pytest.fixture
def browser(client, case):
    client.force_login(worlds.president_of(case.applicant).user)
    return client


def address(name, case, *more):
    return reverse(f"declarations:{name}", args=[case.pk, *more])


def returned(world, case):
    draft.submit(case=case, actor=worlds.president_of(case.applicant), now=world.tick())
    case = stages.fresh(case)
    items = [
        review.Mend(item="members_2020", label="填报日会员数", reason=ReturnReason.ILLOGICAL, text="与名册不一致。"),
        review.Mend(item="A1.3", label="A1.3", reason=ReturnReason.OVERRATED, text="材料不足。"),
    ]
    review.return_for_correction(case=case, items=items, actor=world.officer(case.holder), now=world.tick())
    return stages.fresh(case)


def text_of(response):
    return response.content.decode()


def told(response):
    return [str(message) for message in response.context["messages"]]


def controls(html, name):
    return re.findall(rf'<(?:input|textarea|select)[^>]*name="{re.escape(name)}"[^>]*>', html)


# ---- who gets in


def test_a_foreign_chamber_and_other_tiers_find_nothing(world, case, client):
    names = [*PAGES, "return_slip", "receipt"]
    for seat in (make_seat(Role.CHAMBER_PRESIDENT), world.officer(case.home), world.seats["expert"]):
        client.force_login(seat.user)

        assert {client.get(address(name, case)).status_code for name in names} == {404}


def test_an_officer_sees_the_case_but_does_not_write_and_a_neighbour_gets_no_file_and_no_receipt(world, case, client):
    draft.submit(case=case, actor=worlds.president_of(case.applicant), now=world.tick())
    client.force_login(world.officer(case.home).user)
    answers = list(case.answers.order_by("field").values())

    assert {client.get(address(name, case)).status_code for name in [*PAGES, "return_slip"]} == {403}
    for name in ("form", "self_assessment", "evidence", "return_slip"):
        assert client.post(address(name, case), {"legal_rep": "别人"}).status_code == 403
    assert list(case.answers.order_by("field").values()) == answers

    paths = (address("evidence_file", case, case.attachments.first().pk), address("receipt", case))
    home = [looked_at(client.get(path)) for path in paths]
    client.force_login(world.officer(neighbour()).user)
    assert (home, [looked_at(client.get(path)) for path in paths]) == ([200, 200], [404, 404])


def looked_at(response):
    """Read the response to its end, as a browser does, and return its status."""
    if response.streaming:
        b"".join(response.streaming_content)
    return response.status_code


def neighbour():
    return make_federation(worlds.NEIGHBOUR)


def test_after_handing_in_the_pages_are_shut_for_the_chamber(world, case, browser):
    draft.submit(case=case, actor=worlds.president_of(case.applicant), now=world.tick())

    assert {name: browser.get(address(name, case)).status_code for name in PAGES} == {
        "form": 403,
        "self_assessment": 403,
        "evidence": 403,
        "check": 200,
    }


def test_every_page_names_the_reconstructed_standard_and_carries_no_inline_code(case, browser):
    for name in PAGES:
        html = text_of(browser.get(address(name, case)))

        assert "重建稿，非官方" in html[html.index("<main") : html.index("</main>")]
        assert not re.search(r"\sstyle=|<script(?![^>]*type=\"module\")|\son[a-z]+=\"", html)


# ---- the form


def test_the_form_draws_every_field_and_marks_what_is_wrong(world, case, browser):
    typed = {"uscc": "51000<b>", "members_2020": "很多"}
    draft.save_answers(case=case, answers=typed, actor=worlds.president_of(case.applicant), now=world.tick())

    html = text_of(browser.get(address("form", case)))

    programme = dossier_of(case).programme
    assert all(f'id="field-{spec.id}-field"' in html for spec in programme.fields)
    assert 'value="51000&lt;b&gt;"' in html
    assert "有2处需要改正" in html
    assert '<a href="#field-members_2020">五（3）填报日会员数：“很多”不是数字，请只填数字，不带单位，如12</a>' in html
    assert 'aria-invalid="true"' in controls(html, "uscc")[0]


def test_saving_keeps_everything_and_says_when(world, case, browser):
    data = {"_group": ["0", "4"], "uscc": "５１０００", "members_2020": "很多", "legal_rep": "甲\x00乙"}

    response = browser.post(address("form", case), data, follow=True)

    answers = {answer.field: (answer.value, answer.problem) for answer in case.answers.all()}
    assert told(response) == [f"已保存 {world.clock.at:%H:%M}。有2处填写有误，已照原样保留，请改正。"]
    assert answers["uscc"] == ("５１０００", "统一社会信用代码应为18位，现为5位")
    assert answers["members_2020"] == ("很多", "“很多”不是数字，请只填数字，不带单位，如12")
    assert answers["legal_rep"] == ("甲乙", "")
    assert answers["member_groups"] == ([], "")
    assert answers["organs"][0] != []


def test_saving_leads_on_to_places_of_the_case_alone(case, browser):
    goals = {
        "": "/form/",
        "self_assessment": "/self-assessment/",
        "group-3": "/form/#group-3",
        "https://example.org": "/form/",
        "group-<b>": "/form/",
    }

    urls = {then: browser.post(address("form", case), {"_then": then}).url for then in goals}

    assert urls == {then: f"/work/cases/{case.pk}{goal}" for then, goal in goals.items()}


def test_a_full_form_stays_below_the_limit_of_fields(case, browser, settings):
    html = text_of(browser.get(address("form", case)))
    names = re.findall(r'<(?:input|textarea|select)[^>]*\sname="', html)

    assert len(names) < settings.DATA_UPLOAD_MAX_NUMBER_FIELDS // 2


def test_the_form_asks_the_same_number_of_questions_whatever_it_holds(
    world, case, browser, django_assert_num_queries
):
    empty = worlds.make_draft(world, filled=False)
    browser.get(address("form", case))

    counts = []
    for one in (case, empty):
        browser.force_login(worlds.president_of(one.applicant).user)
        browser.get(address("form", one))
        with django_assert_num_queries(6) as asked:
            browser.get(address("form", one))
        counts.append(len(asked))
    for _ in range(2):
        worlds.make_draft(world, filled=False)
    with django_assert_num_queries(counts[0]):
        browser.get(address("form", empty))


def test_a_return_says_what_and_until_when_and_opens_only_what_it_names_whatever_is_posted(world, case, browser):
    case = returned(world, case)

    html = text_of(browser.get(address("form", case)))
    rows = text_of(browser.get(address("self_assessment", case)))

    shut = [name for name in ("name", "uscc", "members_2020", "deeds") if " disabled" in controls(html, name)[0]]
    assert shut == ["name", "uscc", "deeds"]
    assert "与名册不一致。" in html
    marks = [code for code in ("A1.1", "A1.3") if " disabled" in controls(rows, f"points-{code}")[0]]
    assert marks == ["A1.1"]
    assert "材料不足。" in rows

    slip = text_of(browser.get(address("return_slip", case)))
    assert "与名册不一致。" in slip
    assert "只能修改以下2项，其余内容不能改动。" in slip
    assert f'href="/work/cases/{case.pk}/form/#item-members_2020"' in slip

    before = dict(case.answers.values_list("field", "value"))
    browser.post(address("form", case), {"_group": [str(one) for one in range(11)], "uscc": "x", "members_2020": "119"})
    assert dict(case.answers.values_list("field", "value")) == before | {"members_2020": "119"}

    sent = {"reply-A1.3": "已补<材料>", "reply-x": "y", "_then": "check"}
    response = browser.post(address("return_slip", case), sent, follow=True)
    assert response.request["PATH_INFO"] == address("check", case)
    assert "已补&lt;材料&gt;" in text_of(browser.get(address("return_slip", case)))


# ---- the self-assessment


def test_marks_are_kept_as_typed_and_told_in_words(case, browser):
    browser.post(address("self_assessment", case), {"points-A1.2": "99", "words-A1.2": "<b>", "points-A1.1": "0"})

    html = text_of(browser.get(address("self_assessment", case)))
    assert 'value="99"' in controls(html, "points-A1.2")[0]
    assert '<a href="#mark-A1.2">A1.2：评99分，超过该行满分7分。</a>' in html
    assert "&lt;b&gt;</textarea>" in html
    assert "否决项A1.1须高于0分。" in html


def test_blank_marks_are_filled_on_request(world, case, browser):
    blank = {f"points-{code}": "" for code in own_marks(dossier_of(case))}

    data = blank | {"points-A1.1": "3", "_then": "fill"}

    response = browser.post(address("self_assessment", case), data, follow=True)

    marks = own_marks(dossier_of(stages.fresh(case)))
    filled = sum(mark.points is not None for mark in marks.values()) - 1
    assert told(response) == [
        f"已保存 {world.clock.at:%H:%M}",
        f"已按建议得分填入{filled}项未打分的指标，请逐项核对。",
    ]
    assert (marks["A1.1"].points, marks["A1.2"].points, marks["A1.3"].points) == (3, 7, None)


def test_an_empty_self_assessment_shows_no_verdict(world, browser, client):
    empty = worlds.make_draft(world, filled=False)
    client.force_login(worlds.president_of(empty.applicant).user)

    html = text_of(client.get(address("self_assessment", empty)))

    assert "尚未打分" in html
    assert 'class="verdict' not in html


# ---- evidence


def upload(browser, case, *files, row="A2.1"):
    named = [SimpleUploadedFile(name, content) for name, content in files]
    return browser.post(address("evidence", case), {"row": row, "files": named}, follow=True)


def test_each_file_has_its_own_result(case, browser, storage_root):
    stored = sum(one.is_file() for one in storage_root.rglob("*"))
    good = picture("good").getvalue()

    response = upload(browser, case, ("好.png", good), ("照片.png", PROGRAM), ("又.png", good))

    html = text_of(response)
    assert told(response) == ["A2.1已上传：好.png"]
    assert response.context["form"].errors["files"] == [
        "“照片.png”没有收下：扩展名说是PNG，内容却是可执行程序。" + ADVICE,
        "又.png：A2.1已经上传过同一个文件。",
    ]
    assert '<option value="A2.1" selected>' in html
    assert list(Attachment.objects.filter(row="A2.1").values_list("name", flat=True)) == ["好.png"]
    assert sum(one.is_file() for one in storage_root.rglob("*")) == stored + 1


def test_limits_are_said_before_the_upload(case, browser, settings):
    settings.EVIDENCE_MAX_BYTES, settings.EVIDENCE_MAX_FILES = 5 * 1024 * 1024, 30

    html = text_of(browser.get(address("evidence", case), {"row": "A1.4"}))

    assert "接受PDF、JPG、PNG、OFD、DOCX、XLSX，每个文件不超过5 MB；每件申报最多30个文件。" in html
    assert "已有<span data-used>1</span>/30个文件" in html
    assert '<option value="A1.4" selected>' in html


def test_an_unknown_row_is_told_and_nothing_stored(case, browser):
    for row in ("", "Z9", "A1.1'--"):
        response = upload(browser, case, ("好.png", picture("good").getvalue()), row=row)

        assert list(response.context["form"].errors) == ["row"]
    assert Attachment.objects.filter(name="好.png").count() == 0


def test_a_file_is_sent_to_be_saved_and_never_shown_as_it_is(case, browser):
    piece = case.attachments.get(row="A1.1")
    path = address("evidence_file", case, piece.pk)

    saved, asked = browser.get(path), browser.get(path, {"inline": "1"})

    assert saved["Content-Disposition"] == "attachment; filename*=utf-8''%E7%A4%BA%E4%BE%8B%E4%BD%90%E8%AF%81A1.1.png"
    for response in (saved, asked):
        assert response["Content-Disposition"] == saved["Content-Disposition"]
        assert b"".join(response.streaming_content) == picture(f"{case.number} A1.1").getvalue()
        assert response["Content-Type"] == "image/png"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Cache-Control"] == "private, no-store"
        assert response["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


def test_a_file_of_another_case_and_a_removed_one_are_not_there(world, case, browser):
    foreign = case.attachments.get(row="A1.1")
    foreign.pk, foreign.declaration = None, worlds.make_draft(world, filled=False)
    foreign.save()
    own = case.attachments.get(row="A1.1")

    response = browser.post(address("remove_evidence", case, own.pk), follow=True)

    assert told(response) == ["A1.1已移除：示例佐证A1.1.png"]
    for pk in (foreign.pk, own.pk, 10**19):
        assert browser.get(address("evidence_file", case, pk)).status_code == 404
        assert browser.post(address("remove_evidence", case, pk)).status_code == 404
    assert browser.get(address("remove_evidence", case, own.pk)).status_code == 405


# ---- the return slip


def test_without_a_return_there_is_no_slip(case, browser):
    assert browser.get(address("return_slip", case)).status_code == 404


# ---- the check


def test_the_filler_is_sent_to_the_president(case, client, world):
    client.force_login(make_seat(Role.CHAMBER_FILLER, case.applicant).user)

    html = text_of(client.get(address("check", case)))

    assert "提交由会长办理，请会长登录后提交。" in html
    assert "/step/submit/" not in html


def test_the_president_finds_the_step_when_nothing_blocks(case, browser):
    ready = text_of(browser.get(address("check", case)))
    browser.post(address("form", case), {"uscc": "51000"})
    blocked = text_of(browser.get(address("check", case)))

    step = f'href="/work/cases/{case.pk}/step/submit/"'
    assert (step in ready, step in blocked) == (True, False)
    assert f'<a href="/work/cases/{case.pk}/form/#field-uscc">一（2）统一社会信用代码应为18位，现为5位</a>' in blocked


def test_the_deadline_is_kept_to_the_second(world, clock, case, browser):
    step = reverse("declarations:step", kwargs={"pk": case.pk, "name": "submit"})
    sentence = "申报已于2020年10月12日24:00截止，不能再提交。"

    clock.at = case.cycle.submission_closes
    shut = text_of(browser.get(address("check", case)))
    browser.post(step)
    after = stages.fresh(case).state
    clock.at = case.cycle.submission_closes - timedelta(seconds=1)
    open_ = text_of(browser.get(address("check", case)))
    browser.post(step)

    assert (sentence in shut, sentence in open_) == (True, False)
    assert (after, stages.fresh(case).state) == (State.DRAFT, State.LOCAL_REVIEW)


# ---- the receipt


def test_the_receipt_vouches_for_what_was_handed_in(world, case, browser):
    before = browser.get(address("receipt", case)).status_code
    draft.submit(case=case, actor=worlds.president_of(case.applicant), now=world.tick())
    handed = world.clock.at
    case = stages.fresh(case)
    digest = case.revisions.get().digest
    Declaration.objects.filter(pk=case.pk).update(holder=case.unit)  # a receipt tells where the case is by now

    html = text_of(browser.get(address("receipt", case)))

    assert before == 404
    assert f"{case.number}-01" in html
    printed = re.search(r"SHA-256）</th><td>([0-9a-f ]+)</td>", html)[1]
    assert [len(group) for group in printed.split(" ")] == [8] * 8
    assert printed.replace(" ", "") == digest
    assert f"2020年9月28日 {handed:%H:%M}:{handed:%S}（北京时间，以服务器为准）" in html
    assert "省级审核中" in html


# ---- hostile input


def test_hostile_posts_are_answered_calmly(world, case, browser):
    case = returned(world, case)
    strange = "\x00\ud7ff\u202e<script>" + "長" * 3000
    data = {"members_2020": strange, "points-A1.3": strange, "words-A1.3": strange, "reply-A1.3": strange}

    for name in ("form", "self_assessment", "return_slip"):
        response = browser.post(address(name, case), data | {"_group": ["x", "99", strange], "_then": strange})
        again = browser.get(address(name, case))

        assert (response.status_code, again.status_code) == (302, 200)
        assert "<script>長" not in text_of(again)


def test_too_many_fields_are_refused_without_a_fault(case, browser):
    response = browser.post(address("form", case), {f"x{number}": "" for number in range(1200)})

    assert response.status_code == 400


def test_words_and_mark_of_one_row_alone_leave_the_others(case, browser):
    before = {code: (mark.points, mark.words) for code, mark in own_marks(dossier_of(case)).items()}

    browser.post(address("self_assessment", case), {"words-A1.1": "新的说明"})

    after = {code: (mark.points, mark.words) for code, mark in own_marks(dossier_of(stages.fresh(case))).items()}
    assert after == before | {"A1.1": (before["A1.1"][0], "新的说明")}


def test_two_rows_of_one_page_count_the_same_number_of_queries(world, case, browser, django_assert_num_queries):
    browser.get(address("self_assessment", case))
    with django_assert_num_queries(6):
        browser.get(address("self_assessment", case))
    blank = {code: Entered("") for code in own_marks(dossier_of(case))}
    draft.save_self_marks(
        case=case, entries=blank, actor=worlds.president_of(case.applicant), now=world.tick()
    )

    with django_assert_num_queries(6):
        browser.get(address("self_assessment", case))
