"""Notice, objections, titles, stories and feedback in the eyes of a browser: who finds what, and hostile input."""

import re
import uuid
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from urllib.parse import unquote

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from declarations import store
from declarations.actions import confirming, objecting, publication
from declarations.actions.issuing import in_fours
from declarations.demo import stages
from declarations.models import (
    AssignmentPlan,
    Cycle,
    Declaration,
    FeedbackPack,
    IssuedPaper,
    NoticeEntry,
    Objection,
    ObjectionPiece,
    Pending,
    PublicNotice,
    Recognition,
    Tip,
)
from declarations.states import PlanState, State
from sihao import clock
from sihao.accounts.roles import Role
from sihao.audit.queries import trail_of
from sihao.ui.formats import deadline
from tests import worlds
from tests.factories import make_federation, make_seat, make_user
from tests.kept import as_it_stands, building, kept
from tests.rows import approve

pytestmark = pytest.mark.django_db
NAMED = ("second", "third")


@pytest.fixture(scope="module")
def begun(django_db_setup, django_db_blocker, tmp_path_factory):
    """A world in which two cases are announced and two officers are named."""
    folder = tmp_path_factory.mktemp("evidence")
    with kept(django_db_blocker), building(folder):
        world = worlds.make_world(public_notice=True)
        cases = approve(world, 2)
        nation = make_federation(worlds.NATION)
        for name in ("second", "third", "fourth"):
            world.seats[name] = make_seat(Role.DEPARTMENT_OFFICER, nation, make_user(name, name=f"会员部{name}"))
        publication.open_notice(cycle=world.cycle, actor=world.seats["head"], now=world.tick())
        seats = [world.seats[name].pk for name in ("second", "third")]
        pending = objecting.propose_officers(
            cycle=world.cycle, seats=seats, actor=world.seats["head"], now=world.tick()
        )
        confirming.confirm(pending=pending, actor=world.seats["department"], now=world.tick())
        yield world, [case.pk for case in cases], folder


@pytest.fixture
def world(begun, db, monkeypatch, settings):
    mine = as_it_stands(begun[0])
    mine.cycle = Cycle.objects.get(pk=mine.cycle.pk)
    settings.STORAGE_ROOT = settings.MEDIA_ROOT = begun[2]
    monkeypatch.setattr(clock, "now", lambda: mine.clock.at)
    return mine


@pytest.fixture
def entries(world):
    return list(NoticeEntry.objects.order_by("place"))


def browser(world, who) -> Client:
    client = Client()
    client.force_login((world.seats[who] if isinstance(who, str) else who).user)
    return client


def page(name: str, *arguments: object) -> str:
    return reverse(name, args=arguments)


def typed(line, **others) -> dict[str, object]:
    found = {"entry": line.pk, "way": "named", "name": "张某", "contact": "13911112222", "facts": "会员数不实。"}
    return found | {"token": str(uuid.uuid4())} | others


def picture(name="证据.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, stages.picture("x").read(), "image/png")


def as_sent(client: Client, url: str, label: str, **typed: str) -> dict[str, str | list[str]]:
    """Return what a browser sends from a page when a button is pressed: what was typed, and the button itself."""
    button = re.search(rf'<button[^>]*name="([^"]+)" value="([^"]*)"[^>]*>{label}<', client.get(url).content.decode())
    name, value = button.groups()
    return typed | {name: [typed[name], value] if name in typed else value}


def fetched(client: Client, url: str) -> int:
    """Read a file to its end, so that it is closed, and return the answer's status."""
    answer = client.get(url)
    assert answer.content if not answer.streaming else b"".join(answer)
    return answer.status_code


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_the_public_page_names_chamber_and_unit_while_the_notice_runs_and_never_a_score(world, entries):
    running = text(Client().get(page("public:announcement")))
    totals = {f"{total.normalize():f}" for total in Declaration.objects.values_list("final_total", flat=True) if total}
    world.clock.at = PublicNotice.objects.get().closes_at
    over = text(Client().get(page("public:announcement")))

    assert all(entry.name in running and entry.name not in over for entry in entries)
    assert "公示和异议程序通知未规定" in running
    assert [total for total in totals if total in running] == []
    assert "现在没有公示" in over
    assert "现在没有公示" in text(Client().get(page("public:objection")))


def test_notices_that_run_side_by_side_stand_on_one_page_each_with_its_end(world, entries):
    first = entries[0].notice
    alone = text(Client().get(page("public:announcement")))
    later = {"digest": "0" * 64, "opened_at": world.clock.at, "closes_at": first.closes_at + timedelta(days=2)}
    second = PublicNotice.objects.create(
        cycle=first.cycle, number=first.number + 1, days=5, opened_by=first.opened_by, **later
    )
    added = {"declaration": entries[0].declaration, "place": 1, "unit_name": "示例省", "unit_code": "990000"}
    NoticeEntry.objects.create(notice=second, name="第二次公示的商会（示例）", **added)
    both = text(Client().get(page("public:announcement")))
    world.clock.at = first.closes_at
    left = text(Client().get(page("public:announcement")))

    assert "现有2次公示" not in alone
    assert "现有2次公示，截止时间见表" in both
    assert all(entry.name in both and entry.name not in left for entry in entries)
    assert [f"第{one.number}次，至{deadline(one.closes_at)}" in both for one in (first, second)] == [True, True]
    assert "第二次公示的商会（示例）" in both
    assert "第二次公示的商会（示例）" in left
    assert "次公示，截止" not in left


def test_the_desk_says_what_the_department_does_next(world, entries):
    cycle, closes = entries[0].notice.cycle, entries[0].notice.closes_at
    head, officer = browser(world, "head"), browser(world, "third")
    while_it_runs = text(head.get(page("declarations:worklist")))
    dates = {"begins": closes.date(), "ends": closes.date()}
    told = {"proposed_by": world.seats["third"], "proposed_at": world.clock.at}
    AssignmentPlan.objects.create(
        cycle=cycle, number=1, state=PlanState.PROPOSED, seed="1", readers=2, spread=1, cases=3, **dates, **told
    )
    Declaration.objects.filter(pk=entries[0].declaration_id).update(state=State.APPROVED)
    world.clock.at = closes
    desks = [text(one.get(page("declarations:worklist"))) for one in (head, officer)]

    assert "待公布" not in while_it_runs
    assert "待公示" not in while_it_runs
    assert ["第1次专家分派方案" in desk for desk in desks] == [True, False]
    assert ["审议通过1家" in desk for desk in desks] == [True, True]
    assert [f"拟认定名单{len(entries) - 1}家" in desk for desk in desks] == [True, True]


def test_an_objection_brings_a_receipt_by_which_its_state_is_read(world, entries):
    visitor = Client(enforce_csrf_checks=False)
    answer = visitor.post(page("public:objection"), typed(entries[0], files=[picture()]))
    receipt = Objection.objects.get().receipt
    seen = visitor.post(page("public:objection_check"), {"receipt": receipt.lower()})
    none = visitor.post(page("public:objection_check"), {"receipt": "YY-22222-22222"})

    assert receipt in text(answer)
    assert answer["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert ("已登记" in text(seen), "张某" in text(seen), "没有这个编号" in text(none)) == (True, False, True)
    assert ObjectionPiece.objects.get().name == "证据.png"
    assert "default-src 'none'" in answer["Content-Security-Policy"]


HOSTILE = [
    {"entry": "0"},
    {"entry": "9" * 30},
    {"entry": "\x00"},
    {"way": "both"},
    {"facts": ""},
    {"facts": "字" * 3001},
    {"token": "x"},
    {"name": "\x00\u202e", "contact": "🙂"},
    {"name": "甲" * 61},
    {"files": [SimpleUploadedFile("坏.exe", b"MZ")]},
    {"files": [SimpleUploadedFile("坏.png", b"<script>")]},
]


def test_what_is_wrong_is_said_in_words_and_nothing_is_kept(world, entries):
    for wrong in HOSTILE:
        answer = Client().post(page("public:objection"), typed(entries[0], **wrong))
        assert (answer.status_code, Objection.objects.count()) == (200, 0), wrong
        assert answer.context["form"].errors, wrong
        assert "error-summary" in answer.content.decode(), wrong


def test_markup_stays_text_and_characters_that_are_none_go(world, entries):
    Client().post(page("public:objection"), typed(entries[0], facts="<b>甲</b>\u202e乙\x07", name="<i>张"))
    seen = browser(world, "second").post(page("declarations:reveal_objector", Objection.objects.get().pk))

    assert Objection.objects.get().facts == "<b>甲</b>乙"
    assert "&lt;b&gt;甲&lt;/b&gt;乙" in seen.content.decode()
    assert seen["Cache-Control"] == "private, no-store"


def test_too_many_from_one_place_are_refused_and_another_place_is_not(world, entries):
    tried = [Client().post(page("public:objection"), typed(entries[0], way="unnamed")) for _ in range(7)]
    other = Client(REMOTE_ADDR="203.0.113.9").post(page("public:objection"), typed(entries[0], way="unnamed"))

    assert ["提交过于频繁" in text(one) for one in tried] == [False] * 6 + [True]
    assert ("线索已登记" in text(other), Tip.objects.count()) == (True, 7)


def test_who_objects_is_on_one_page_alone_and_the_chamber_reads_that_it_is_looked_into(world, entries):
    Client().post(page("public:objection"), typed(entries[0], facts="举报原文", files=[picture()]))
    objection = Objection.objects.get()
    second = browser(world, "second")
    form = {"admit-summary": "核对会员数。", "admit-officer": world.seats["fourth"].pk, "admit": "1"}
    admitted = second.post(page("declarations:objection", objection.pk), form, follow=True)
    case = Declaration.objects.get(pk=entries[0].declaration_id)
    president, leader = worlds.president_of(case.applicant), world.leader(case.unit)
    readers = {
        "head": page("declarations:objection", objection.pk),
        "fourth": page("declarations:objection", objection.pk),
        "supervision": page("declarations:objections"),
        leader: page("declarations:objection", objection.pk),
        president: page("declarations:case", case.pk),
    }
    read = {str(who): browser(world, who).get(url) for who, url in readers.items()}

    assert "已受理" in text(admitted)
    assert [one.status_code for one in read.values()] == [200] * 5
    secrets = ("张某", "13911112222", "举报原文", objection.receipt)
    assert [word for one in read.values() for word in secrets if word in text(one)] == []
    assert "异议核查" in text(read[str(president)])
    assert browser(world, president).get(page("declarations:objection", objection.pk)).status_code == 403
    other = make_seat(Role.LEADER, make_federation("420000"))
    assert browser(world, other).get(page("declarations:objection", objection.pk)).status_code == 404
    closed = browser(world, "head").post(page("declarations:reveal_objector", objection.pk), follow=True)
    assert "只有指定的两名登记人可以查看" in text(closed)
    piece = page("declarations:objection_file", objection.pk, ObjectionPiece.objects.get().pk)
    assert [fetched(browser(world, who), piece) for who in ("second", "fourth", "head")] == [200, 404, 404]


def test_the_unit_reports_the_officer_finds_and_two_persons_settle_in_the_browser(world, entries):
    Client().post(page("public:objection"), typed(entries[0]))
    url = page("declarations:objection", Objection.objects.get().pk)
    case = Declaration.objects.get(pk=entries[0].declaration_id)
    form = {"admit-summary": "核对。", "admit-officer": world.seats["fourth"].pk}
    browser(world, "third").post(url, form)
    browser(world, world.leader(case.unit)).post(url, {"text": "已核对。"})
    officer = browser(world, "fourth")
    officer.post(url, {"text": "属实。"})
    officer.post(url, as_sent(officer, url, "提出结论", outcome="uphold", answer="成立。"))
    browser(world, "head").post(page("declarations:pending", Pending.objects.latest("pk").pk))
    after = text(officer.get(url))

    assert Objection.objects.get().state == "upheld"
    assert "提请主席办公会议重新审议" in after
    assert Declaration.objects.get(pk=case.pk).state == State.OBJECTION_HOLD


def test_the_objector_fetches_the_answer_by_receipt_and_the_named_officers_have_the_same_paper(world, entries):
    Client().post(page("public:objection"), typed(entries[0], facts="举报原文"))
    objection, url = Objection.objects.get(), page("public:objection_check")
    asked = {"receipt": objection.receipt, "paper": "1"}
    before = Client().post(url, asked)
    given = {"refuse-ground": "no_facts", "refuse-answer": "没有材料可以核查。", "refuse": "1"}
    second = browser(world, "second")
    second.post(page("declarations:objection", objection.pk), given)
    seen = Client().post(url, {"receipt": objection.receipt})
    answer, none = Client().post(url, asked), Client().post(url, asked | {"receipt": "YY-22222-22222"})
    letter = pypdfium2.PdfDocument(b"".join(answer.streaming_content))
    words = "".join("".join(one.get_textpage().get_text_bounded().split()) for one in letter)
    issued = IssuedPaper.objects.get()
    inside = [browser(world, who).get(page("declarations:house_paper", f"answer-{objection.pk}")) for who in NAMED]

    assert ("下载答复（PDF）" in text(before), before["Content-Type"]) == (False, "text/html; charset=utf-8")
    assert "下载答复（PDF）" in text(seen)
    assert (answer["Content-Type"], "no-store" in answer["Cache-Control"]) == ("application/pdf", True)
    assert unquote(answer["Content-Disposition"]).endswith("异议答复.pdf")
    assert entries[0].name in words
    assert "不予受理，理由：" in words
    assert "没有材料可以核查。" in words
    secrets = ("张某", "13911112222", "举报原文", objection.receipt, "/500")
    assert [secret for secret in secrets if secret in words] == []
    assert in_fours(issued.check_code) in words
    assert (issued.kind, issued.subject, issued.issued_by) == ("answer", objection.pk, None)
    assert [in_fours(issued.check_code) in text(one) for one in inside] == [True, True]
    assert "没有这个编号" in text(none)
    last = trail_of(objection).latest("pk")
    assert (last.event, last.actor, last.data) == ("exported", None, {"what": "异议答复（pdf，凭回执编号取用）"})


def test_the_answer_is_asked_for_no_more_often_than_the_check(world, entries):
    asked = {"receipt": "YY-22222-22222", "paper": "1"}
    tried = [Client().post(page("public:objection_check"), asked) for _ in range(31)]

    assert ["提交过于频繁" in text(one) for one in tried] == [False] * 30 + [True]


def test_another_units_pack_is_not_there(world, entries):
    case = Declaration.objects.select_related("unit").get(pk=entries[0].declaration_id)
    digest = sha256(b"PK").hexdigest()
    file = {"digest": digest, "stored": store.keep(BytesIO(b"PK"), digest), "size": 2, "name": "反馈.xlsx"}
    pack = FeedbackPack.objects.create(
        cycle=world.cycle, unit=case.unit, edition=1, basis="0", cases=1, made_at=world.clock.at, **file
    )
    other = make_seat(Role.LEADER, make_federation("420000"))
    url = page("declarations:feedback_pack", pack.unit_id)

    assert [fetched(browser(world, who), url) for who in (world.leader(case.unit), other)] == [200, 404]
    assert pack.name not in text(browser(world, other).get(page("declarations:feedback")))


def test_the_certificate_says_what_became_of_the_title(world, entries):
    world.clock.at = PublicNotice.objects.get().closes_at + timedelta(minutes=1)
    publication.publish_list(cycle=world.cycle, actor=world.seats["head"], now=world.clock.at)
    one = Recognition.objects.order_by("serial").first()
    said = {
        "active": "认定为",
        "renewed": "其后再次认定，以新证书为准",
        "expired": "曾于2020年10月13日认定为",
        "suspended": "现正在核查，效力暂停",
        "relinquished": "商会已放弃",
    }
    for state, words in said.items():
        Recognition.objects.filter(pk=one.pk).update(state=state)
        assert words in text(Client().get(page("public:certificate", one.number))).replace(" ", "")


# ---- what the department counts


def test_a_name_is_on_notice_until_it_is_over_and_then_waits_to_be_published_or_for_its_objection(world, entries):
    closes, head = PublicNotice.objects.get().closes_at, browser(world, "head")
    world.clock.at = closes - timedelta(seconds=1)
    running = head.get(page("declarations:publication"))
    Client().post(page("public:objection"), typed(entries[0]))
    world.clock.at = closes
    over = head.get(page("declarations:publication"))

    assert "公示中 2家 待公布 0家" in text(running)
    assert "公示尚未期满。" in [refusal.sentence for act in running.context["acts"] for refusal in act.refusals]
    assert "公示中 0家 公示期满 2家，其中异议未办结1家 待公布 1家，证书编号SH2020-0001" in text(over)
