"""The outbox, extensions, overdue cases and taking over, as people see them in the pages."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from declarations.actions import review
from declarations.actions.clock import strike
from declarations.demo import stages
from declarations.models import ClockStep, Cycle, DecisionLetter, Declaration, Extension, Pending, Recusal
from declarations.states import DeclineReason, State
from sihao import clock
from sihao.accounts.middleware import SESSION_KEY
from sihao.accounts.models import Mail, Seat
from sihao.accounts.queries import federation_of_code
from sihao.accounts.roles import Role
from tests import worlds
from tests.factories import make_federation, make_seat
from tests.kept import Ground, building, kept
from tests.rows import declare

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")):
        world = worlds.make_world()
        yield Ground(world, worlds.make_submitted(world))


@pytest.fixture
def world(ground):
    return ground.afresh()


def browser(seat: Seat) -> Client:
    client = Client()
    client.force_login(seat.user)
    session = client.session
    session[SESSION_KEY] = seat.pk
    session.save()
    return client


def text(response) -> str:
    body = response.content.decode().split("<main", 1)[1]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def at(monkeypatch, now) -> None:
    monkeypatch.setattr(clock, "now", lambda: now)


# ---- overdue


def test_superior_sees_the_overdue_case_with_the_holders_name(ground, world, monkeypatch):
    case, city = ground.case, federation_of_code(worlds.CITY)
    leader = browser(world.leader(city))

    at(monkeypatch, case.due_at - SECOND)
    before = text(leader.get("/work/")), text(leader.get("/work/cases/?overdue=1"))
    at(monkeypatch, case.due_at)
    after = text(leader.get("/work/")), text(leader.get("/work/cases/?overdue=1"))

    assert "下级逾期" not in before[0]
    assert "没有符合条件的申报件" in before[1]
    assert "下级逾期" in after[0]
    assert f"示例商会1 {case.number} 文书 ：示例商会1 县级审核中 411122工商业联合会 9月28日 09:10 已逾期1天" in after[0]
    assert "接办" in after[0]
    assert "示例商会1" in after[1]


def test_officer_of_the_superior_sees_it_and_does_not_take_it_over(ground, world, monkeypatch):
    at(monkeypatch, ground.case.due_at)
    page = text(browser(world.officer(federation_of_code(worlds.CITY))).get("/work/"))

    assert "下级逾期" in page
    assert "接办" not in page


def test_taking_over_by_the_page(ground, world, monkeypatch):
    case, city = ground.case, federation_of_code(worlds.CITY)
    client, place = browser(world.leader(city)), f"/work/cases/{case.pk}/step/take_over/"

    at(monkeypatch, case.due_at - SECOND)
    early = text(client.post(place, {"reason": "县级未办"}))
    at(monkeypatch, case.due_at)
    client.post(place, {"reason": "县级未办"})

    assert "尚未逾期，不能接办。" in early
    assert stages.fresh(case).holder == city


@pytest.mark.parametrize(
    ("second", "words"),
    [(-1, "县级审核截止： 今天到期，不足1分钟 · 10月13日24:00"), (0, "县级审核已于2020年10月13日24:00截止。")],
)
def test_worklist_says_when_the_tier_closes(world, monkeypatch, second, words):
    at(monkeypatch, world.cycle.county_closes + second * SECOND)
    page = text(browser(world.officer(federation_of_code(worlds.COUNTY))).get("/work/"))

    assert words in page


def test_worklist_asks_the_same_with_1_3_and_15_overdue(ground, world, monkeypatch):
    home = make_federation(worlds.COUNTY)
    client = browser(world.leader(federation_of_code(worlds.CITY)))
    at(monkeypatch, worlds.NOW + timedelta(days=2))
    asked = []
    for count in (1, 3, 15):
        names = [f"商会{count}-{n}" for n in range(count)]
        cases = declare(world.cycle, names, home=home, state=State.LOCAL_REVIEW)
        mine = Declaration.objects.filter(pk__in=[case.pk for case in cases])
        mine.update(due_at=worlds.NOW, route=[home.pk, home.parent_id])
        with CaptureQueriesContext(connection) as queries:
            client.get("/work/")
        asked.append(len(queries))

    assert asked[0] == asked[1] == asked[2]


# ---- letters


@pytest.fixture
def letter(ground, world):
    officer = world.officer(ground.case.holder)
    facts = {"code": DeclineReason.SCOPE, "reason": "不在认定范围内。"}
    review.decline(case=ground.case, actor=officer, now=world.tick(), **facts)
    return DecisionLetter.objects.get()


def test_letter_waits_in_worklist_and_outbox_and_is_released(ground, world, letter):
    office = browser(world.officer(federation_of_code(worlds.COUNTY)))
    chamber = browser(worlds.president_of(ground.case.applicant))

    assert "待发出的决定通知1封" in text(office.get("/work/"))
    assert "贵会申报本级未推荐" in text(office.get("/work/outbox/"))
    assert "贵会申报本级未推荐" not in text(chamber.get("/work/notices/"))
    done = text(office.post("/work/outbox/release/", {"letter": [letter.pk]}, follow=True))

    assert "已发出1封通知。" in done
    assert "没有待发出的通知" in done
    assert "贵会申报本级未推荐" in text(chamber.get("/work/notices/"))
    assert "已发出" in text(office.get("/work/outbox/?settled=1"))
    assert "贵会申报本级未推荐" in text(office.get("/work/outbox/messages/"))


def test_all_letters_of_a_page_are_released_but_those_that_no_longer_hold(ground, world, letter):
    facts = {"declaration": ground.case, "decision": "decline", "recipient": ground.case.applicant}
    facts |= {"sender": letter.sender, "title": "另一封", "drafted_at": worlds.NOW}
    DecisionLetter.objects.create(key="stale", state_of_case="returned", **facts)
    office = browser(world.officer(federation_of_code(worlds.COUNTY)))
    listed = re.findall(r'name="listed" value="(\d+)"', office.get("/work/outbox/").content.decode())

    done = text(office.post("/work/outbox/release/", {"all": "1", "listed": listed}, follow=True))

    assert listed == [str(letter.pk)]
    assert "已发出1封通知。" in done
    assert "情况已变，请作废" in done


def test_letter_is_reworded_or_voided(world, letter):
    office, place = browser(world.officer(federation_of_code(worlds.COUNTY))), f"/work/outbox/{letter.pk}/"

    assert "请填写通知内容。" in text(office.post(place, {"body": " "}))
    assert "请明年再报。" in text(office.post(place, {"body": "请明年再报。"}, follow=True))
    assert "请填写作废理由。" in text(office.post(f"{place}void/", {"reason": ""}))
    assert "通知已作废，没有发出。" in text(office.post(f"{place}void/", {"reason": "当面告知"}, follow=True))
    assert "当面告知" in text(office.get(place))


@pytest.mark.parametrize("sent", [{}, {"all": "1"}, {"letter": ["x", "9" * 40]}])
def test_absurd_letters_are_refused(world, sent):
    office = browser(world.officer(federation_of_code(worlds.COUNTY)))

    assert "请先选择要办理的通知。" in text(office.post("/work/outbox/release/", sent, follow=True))


def test_outbox_of_another_office_shows_nothing(ground, world, letter):
    for code in (worlds.NEIGHBOUR, worlds.CITY):
        other = browser(world.leader(federation_of_code(code)))
        assert "贵会申报本级未推荐" not in text(other.get("/work/outbox/"))
        assert "示例商会1" not in text(other.get("/work/outbox/messages/"))
        assert other.get(f"/work/outbox/{letter.pk}/").status_code == 404


def test_mail_shows_state_and_no_content_to_the_jurisdiction(world):
    county = federation_of_code(worlds.COUNTY)
    Mail.objects.create(
        kind="digest",
        key="k",
        recipient=world.officer(county).user,
        address="z@example.org",
        path=county.path,
        title="每日摘要：逾期1件",
        body="内部内容",
        created_at=worlds.NOW,
        state="failed",
        error="邮件服务器没有接收。",
    )

    near = text(browser(world.officer(county)).get("/work/outbox/mail/"))
    above = text(browser(world.seats["department"]).get("/work/outbox/mail/"))
    far = text(browser(world.officer(federation_of_code(worlds.NEIGHBOUR))).get("/work/outbox/mail/"))

    assert "每日摘要：逾期1件" in near
    assert "未发出 邮件服务器没有接收。" in above
    assert "内部内容" not in near + above
    assert "每日摘要：逾期1件" not in far


def test_mail_is_found_by_name_or_address_and_by_what_did_not_leave(world):
    officer = world.officer(federation_of_code(worlds.COUNTY))
    facts = {"kind": "digest", "recipient": officer.user, "path": officer.path, "created_at": worlds.NOW}
    for n, state in enumerate(("sent", "failed", "waiting")):
        sent = worlds.NOW if state == "sent" else None
        Mail.objects.create(key=f"m{n}", address=f"a{n}@b.cn", title=f"摘要{n}", state=state, sent_at=sent, **facts)
    client = browser(officer)

    def titles(query: str) -> list[str]:
        return re.findall(r"摘要\d", text(client.get(f"/work/outbox/mail/{query}")))

    assert titles("") == ["摘要2", "摘要1", "摘要0"]
    assert titles("?failed=1") == ["摘要2", "摘要1"]
    assert titles("?q=a1@") == ["摘要1"]
    assert titles(f"?failed=1&q={officer.user.name}") == ["摘要2", "摘要1"]
    assert titles("?q=nobody&failed=x") == []


def test_outbox_tells_what_the_clock_said(ground, world):
    case, city = ground.case, federation_of_code(worlds.CITY)
    strike(now=case.remind_at)
    strike(now=case.due_at)

    for seat in (world.officer(case.holder), world.officer(city)):
        told = text(browser(seat).get("/work/outbox/clock/"))
        late = f"逾期，已告知上级 示例商会1 {case.number} 411122工商业联合会 9月28日 09:10 10月13日24:00"
        assert late in told
        assert "提醒 示例商会1" in told
    other = world.officer(federation_of_code(worlds.NEIGHBOUR))
    assert "还没有催办" in text(browser(other).get("/work/outbox/clock/"))


def test_outbox_asks_the_same_for_1_3_and_12_rows(ground, world):
    officer = world.officer(federation_of_code(worlds.COUNTY))
    client, asked, made = browser(officer), [], 0
    places = [f"/work/outbox/{place}" for place in ("", "?settled=1", "messages/", "clock/", "mail/")]
    for count in (1, 2, 9):
        for _ in range(count):
            made += 1
            fill(ground.case, officer, made)
        asked.append([])
        for place in places:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(place).status_code == 200
            asked[-1].append(len(queries))

    assert asked[0] == asked[1] == asked[2]


def fill(case: Declaration, officer: Seat, n: int) -> None:
    """Write a letter that waits, one that was released, a message and a mail."""
    facts = {"declaration": case, "decision": "decline", "state_of_case": case.state, "recipient": case.applicant}
    facts |= {"sender": officer.organisation, "title": "标题", "drafted_at": worlds.NOW}
    DecisionLetter.objects.create(key=f"a{n}", **facts)
    settled = {"state": "released", "settled_by": officer, "settled_at": worlds.NOW}
    DecisionLetter.objects.create(key=f"b{n}", **facts, **settled)
    officer.notices.create(
        declaration=case, sender=officer.organisation, key=f"c{n}", title="消息", sent_at=worlds.NOW
    )
    said = {"holder": officer.organisation, "since": worlds.NOW, "due_at": worlds.NOW + n * SECOND}
    ClockStep.objects.create(declaration=case, step="reminded", at=worlds.NOW, **said)
    mail = {"kind": "digest", "key": f"d{n}", "recipient": officer.user, "address": "a@b.cn", "title": "摘要"}
    Mail.objects.create(**mail, path=officer.organisation.path, created_at=worlds.NOW)


# ---- extensions


def proposed(world, **changes):
    said = {"organisation": worlds.COUNTY, "deadline": "submission", "until": "2020-10-13", "reason": "台风停电"}
    return browser(world.seats["department"]).post("/work/extensions/new/", said | changes, follow=True)


def test_extension_is_proposed_confirmed_and_shown(ground, world, monkeypatch):
    at(monkeypatch, worlds.NOW + timedelta(days=1))
    draft = worlds.make_draft(world, filled=False)

    waiting = text(proposed(world))
    head = browser(world.seats["head"])
    place = re.search(r"/work/pending/\d+/", head.get("/work/").content.decode())[0]
    head.post(place)
    case_page = text(browser(worlds.president_of(draft.applicant)).get(f"/work/cases/{draft.pk}/"))

    assert "已提请第二人确认，确认后生效。" in waiting
    assert Extension.objects.get().until == world.cycle.submission_closes + timedelta(days=1)
    assert "已批准延期 商会申报期限延至2020年10月13日24:00（411122工商业联合会）。理由：台风停电" in case_page
    assert "411122工商业联合会 辖区内全部申报 商会申报 2020年10月13日24:00 台风停电" in text(
        browser(world.officer(federation_of_code(worlds.COUNTY))).get("/work/extensions/")
    )
    assert "没有延期" in text(browser(world.officer(federation_of_code(worlds.NEIGHBOUR))).get("/work/extensions/"))
    assert "商会申报 2020年10月12日24:00" in text(head.get("/work/extensions/"))


def test_page_of_deadlines_says_how_terms_are_counted(world):
    client = browser(world.officer(federation_of_code(worlds.COUNTY)))
    known = text(client.get("/work/extensions/"))
    Cycle.objects.filter(pk=world.cycle.pk).update(province_closes=world.cycle.province_closes.replace(year=2027))
    unknown = text(client.get("/work/extensions/"))

    assert "每级办理时限 10个工作日，至多到本级截止；过八成提醒，到期未办结为逾期" in known
    assert "节假日和调休 2020年为国办发明电〔2019〕16号，春节按国办发明电〔2020〕1号延长" in known
    assert "未录入" not in known
    assert "2027年的节假日和调休尚未录入，这一年暂按周一至周五为工作日计算。" in unknown


def test_list_marks_what_was_put_off(ground, world, monkeypatch):
    at(monkeypatch, worlds.NOW + timedelta(days=1))
    client = browser(world.officer(federation_of_code(worlds.CITY)))
    before = text(client.get("/work/cases/"))
    proposed(world, deadline="county", until="2020-10-14")
    head = browser(world.seats["head"])
    head.post(re.search(r"/work/pending/\d+/", head.get("/work/").content.decode())[0])

    assert "已延期" not in before
    shown = [f"/work/{place}" for place in ("", "cases/", f"cases/{ground.case.pk}/")]
    for place in shown:
        assert "10月14日24:00 已延期" in text(client.get(place))
    head.post(f"/work/extensions/{Extension.objects.get().pk}/end/", {"reason": "已恢复"})
    for place in shown:
        assert "已延期" not in text(client.get(place))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"organisation": "没有的单位"}, "没有找到这个单位，请核对名称或代码。"),
        ({"until": "9999-12-31"}, "请填写有效的日期，如2020-10-15。"),
        ({"until": "2020-10-11"}, "商会申报现限2020年10月12日24:00，延期须晚于此时。"),
        ({"reason": ""}, "请填写理由。"),
        ({"deadline": "x"}, "所选内容不在可选范围内，请重新选择。"),
    ],
)
def test_bad_proposal_says_why_and_keeps_what_was_typed(world, monkeypatch, change, sentence):
    at(monkeypatch, worlds.NOW + timedelta(days=1))
    page = proposed(world, **change)

    assert sentence in text(page)
    assert "台风停电" in page.content.decode() or change == {"reason": ""}
    assert not Extension.objects.exists()


def test_extensions_ask_the_same_for_1_3_and_12_rows(world):
    county = federation_of_code(worlds.COUNTY)
    facts = {"cycle": world.cycle, "organisation": county, "deadline": "county", "until": world.cycle.city_closes}
    facts |= {"proposed_by": world.seats["department"], "confirmed_by": world.seats["head"], "granted_at": worlds.NOW}
    client, asked = browser(world.seats["head"]), []
    for count in (1, 2, 9):
        Extension.objects.bulk_create(Extension(reason="x", **facts) for _ in range(count))
        with CaptureQueriesContext(connection) as queries:
            client.get("/work/extensions/")
        asked.append(len(queries))

    assert asked[0] == asked[1] == asked[2]


# ---- people who leave


def test_page_of_a_seat_that_ends_shows_what_is_open_on_it(ground, world):
    case = ground.case
    officer, leader = world.officer(case.holder), world.leader(case.holder)
    Declaration.objects.filter(pk=case.pk).update(desk=officer)
    Pending.objects.create(
        cycle=world.cycle,
        organisation=case.holder,
        act="forward",
        subject_id=case.pk,
        declaration=case,
        title="报上级审核",
        prepared_by=officer,
        preparer=officer.user,
        prepared_at=worlds.NOW,
        basis="",
    )
    page = f"/account/seats/{officer.pk}/end/"

    told = text(browser(leader).get(page))

    assert "未读消息 1条 交给接任人；没有接任人的，留在原席位" in told
    assert "经办的申报 示例商会1 1件 交给接任人" in told
    assert "已拟办、待第二人确认 报上级审核 1项 仍由本单位另一人确认" in told
    assert "本单位承办的申报 1件 留在本单位，由其他席位继续办理" in told
    assert "只有" in told
    Recusal.objects.create(
        user=leader.user, declaration=case, reason="亲属", declared_by=officer, declared_at=worlds.NOW
    )
    hidden = text(browser(leader).get(page))
    assert "示例商会1" not in hidden
    assert "报上级审核" not in hidden


def test_page_warns_of_the_last_of_a_role_only(ground, world):
    officer, leader = world.officer(ground.case.holder), world.leader(ground.case.holder)
    page, words = f"/account/seats/{officer.pk}/end/", "本单位没有其他人担任这一角色"

    assert words in text(browser(leader).get(page))
    make_seat(Role.OFFICER, ground.case.holder)
    assert words not in text(browser(leader).get(page))


def test_seat_with_nothing_open_says_so(world):
    body = federation_of_code(worlds.NEIGHBOUR)

    told = text(browser(world.leader(body)).get(f"/account/seats/{world.officer(body).pk}/end/"))

    assert "该席位没有未办事项。" in told
