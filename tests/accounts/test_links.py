"""One-time links and codes: issued, printed, mailed, used once, void when old or followed by another."""

import re
from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sihao import clock
from sihao.accounts.actions import enrol, links, mailing
from sihao.accounts.activation import activation_code, activation_path, code_fits, link_ends, link_holds
from sihao.accounts.models import Mail, MailState, User
from sihao.accounts.permissions import answers_for_person, grantable_seats
from sihao.accounts.queries.people import awaiting_password
from sihao.accounts.refusals import Refused
from sihao.accounts.roles import Role
from sihao.audit.models import Entry
from tests.accounts.test_seat_pages import text
from tests.factories import NOW, PASSWORD, make_chamber, make_seat, make_seats, make_user

pytestmark = pytest.mark.django_db

LINKS = "/account/people/links/"
CODES = "/account/activate/"
DAY = timedelta(days=1)


@pytest.fixture
def leader(henan):
    return make_seat(Role.LEADER, henan["411122"], make_user("leader", name="王五", password=PASSWORD))


@pytest.fixture
def office(browser, leader):
    return browser(leader)


def waiting(leader, username: str = "zhang", **fields) -> User:
    """Open an account as the office does."""
    fields = {"name": "张三", "now": clock.now(), **fields}
    return enrol(
        actor=leader, organisation=leader.organisation, role=Role.OFFICER, username=username, **fields
    ).user


def opens_form(link: str) -> bool:
    return "链接已失效" not in Client().get(link, follow=True).content.decode()


# ---- one link counts


def test_new_link_voids_the_old(leader):
    person = waiting(leader)
    old, old_code = activation_path(person), activation_code(person)

    [again] = links.issue_links(actor=leader, people=[person.pk], way=links.SHOWN, now=clock.now())

    assert not opens_form(old)
    assert opens_form(activation_path(again))
    assert not code_fits(again, old_code, clock.now())
    assert code_fits(again, activation_code(again), clock.now())
    assert (
        Entry.objects.last().sentence == "王五（411122工商业联合会·分管领导）给张三发放设置链接（当面交付）"
    )


def test_password_voids_link_and_code(leader, client):
    person = waiting(leader)
    link, code = activation_path(person), activation_code(person)
    form = client.get(link).url

    client.post(form, {"new_password1": PASSWORD, "new_password2": PASSWORD})

    assert not opens_form(link)
    assert not code_fits(User.objects.get(pk=person.pk), code, clock.now())


def test_link_holds_until_its_last_second(settings):
    person = make_user(link_issued_at=NOW)

    assert link_ends(person) == NOW + 7 * DAY
    assert link_holds(person, NOW + 7 * DAY - timedelta(seconds=1))
    assert not link_holds(person, NOW + 7 * DAY)
    assert not link_holds(make_user(), NOW)


def test_code_is_read_however_it_is_typed(leader):
    person = waiting(leader)
    code = activation_code(person)

    assert re.fullmatch(r"([A-Z2-7]{4}-){3}[A-Z2-7]{4}", code)
    for typed in (code, code.lower(), code.replace("-", ""), code.replace("-", " "), code.replace("O", "0")):
        assert code_fits(person, typed, clock.now())
    for typed in ("", code[:-1], code + "A", "-".join(reversed(code.split("-"))) + "X"):
        assert not code_fits(person, typed, clock.now())
    assert not code_fits(None, code, clock.now())


def test_code_leads_to_the_password(leader, client):
    person = waiting(leader)

    answer = client.post(CODES, {"username": "zhang", "code": activation_code(person)})
    form = client.get(answer.url).url
    client.post(form, {"new_password1": PASSWORD, "new_password2": PASSWORD})

    assert User.objects.get(pk=person.pk).check_password(PASSWORD)


@pytest.mark.parametrize("username", ["zhang", "nobody", "leader"])
def test_wrong_code_tells_nothing(leader, client, username):
    waiting(leader)

    answer = client.post(CODES, {"username": username, "code": "AAAA-AAAA-AAAA-AAAA"})

    assert "登录名或设置码不正确，或者设置码已失效。" in text(answer)
    assert Entry.objects.last().sentence == "登录被拒：登录名或设置码不正确"


def test_page_shows_the_link_that_counts_and_issues_another(office, leader):
    person = waiting(leader)
    place = f"/account/people/{person.pk}/activation/"

    first = office.get(place).content.decode()
    second = office.get(place).content.decode()
    office.post(place)
    third = office.get(place).content.decode()

    shown = [
        re.search(r"http://testserver(/account/activate/[^<]+)", page)[1] for page in (first, second, third)
    ]
    assert shown[0] == shown[1] != shown[2]
    User.objects.filter(pk=person.pk).update(link_issued_at=NOW)
    assert "原来的链接已于2020年9月8日 10:00失效" in text(office.get(place))


# ---- many at once


def test_sheets_are_printed_one_a_person(office, leader):
    people = [waiting(leader, f"user-{n}", name=f"人员甲{n}") for n in range(4)]

    page = office.post(LINKS, {"way": "print", "person": [one.pk for one in people]})
    html = page.content.decode()

    assert page["Cache-Control"].find("no-store") >= 0
    assert html.count('class="link-sheet"') == html.count("手机扫码直接设置") == 4
    for one in people:
        fresh = User.objects.get(pk=one.pk)
        assert activation_code(fresh) in html
        assert f"<strong>{one.name}</strong>" in html
    assert "http://testserver/account/activate/" in html
    assert html.count("只能使用一次") == 4


def test_people_who_wait_are_those_one_answers_for(leader, henan):
    mine = waiting(leader)
    chamber = make_seat(Role.CHAMBER_FILLER, make_chamber(henan["411122"])).user
    make_seat(Role.OFFICER, henan["411121"])
    shared = make_seat(Role.OFFICER, henan["411122"]).user
    make_seat(Role.OFFICER, henan["411121"], shared)
    make_seat(Role.OFFICER, henan["411122"], make_user(password=PASSWORD))
    make_seat(Role.OFFICER, henan["411122"], make_user(is_active=False))
    make_seat(Role.OFFICER, henan["411122"], ended_at=NOW)

    found = list(awaiting_password(leader, grantable_seats(leader)))

    assert {one.pk for one in found} == {mine.pk, chamber.pk}
    assert all(answers_for_person(leader, one) for one in found)
    assert not answers_for_person(leader, shared)


@pytest.mark.parametrize(
    "role", [Role.LEADER, Role.DEPARTMENT_HEAD, Role.SECURITY_ADMIN, Role.CHAMBER_PRESIDENT]
)
def test_filter_of_grantable_seats_is_the_rule_itself(henan, role):
    chamber = make_chamber(henan["411122"])
    place = (
        chamber if role == Role.CHAMBER_PRESIDENT else henan["411100" if role == Role.LEADER else "100000"]
    )
    viewer = make_seat(role, place)
    bodies = [henan["100000"], henan["410000"], henan["411100"], henan["411122"], chamber]
    seats = [make_seat(one, body) for body in bodies for one in Role]

    found = set(awaiting_password(viewer, grantable_seats(viewer)).values_list("pk", flat=True))

    assert found == {seat.user_id for seat in seats if fits(seat) and answers_for_person(viewer, seat.user)}


def fits(seat) -> bool:
    from sihao.accounts.permissions import roles_fitting

    return seat.role in roles_fitting(seat.organisation)


@pytest.mark.parametrize("way", ["print", "mail"])
def test_nobody_else_gets_a_link(office, leader, henan, way):
    mine = waiting(leader, email="z@example.org")
    other = make_seat(Role.OFFICER, henan["411121"]).user

    answer = office.post(LINKS, {"way": way, "person": [mine.pk, other.pk]}, follow=True)

    assert "有1人不能发放设置链接：已设置密码、账号已停用，或席位不全在您的管理范围内。" in text(answer)
    assert User.objects.get(pk=mine.pk).link_issued_at == mine.link_issued_at
    assert User.objects.get(pk=other.pk).link_issued_at is None


@pytest.mark.parametrize(
    ("chosen", "sentence"), [([], "请先选择人员。"), (["x"], "有1人不能"), (["9" * 30], "有1人不能")]
)
def test_absurd_choices_are_refused(office, chosen, sentence):
    assert sentence in text(office.post(LINKS, {"way": "print", "person": chosen}, follow=True))


@pytest.mark.parametrize(("number", "refused"), [(200, False), (201, True)])
def test_two_hundred_links_at_once(leader, number, refused):
    with pytest.raises(Refused) as said:
        links.issue_links(actor=leader, people=range(1000, 1000 + number), way=links.PRINTED, now=NOW)

    assert ("一次最多200人，现选了201人。" in str(said.value)) is refused


# ---- by mail


def test_link_goes_by_mail_and_is_kept_nowhere(office, leader, django_capture_on_commit_callbacks):
    person = waiting(leader, email="zhang@example.org")

    with django_capture_on_commit_callbacks(execute=True):
        answer = office.post(LINKS, {"way": "mail", "person": [person.pk]}, follow=True)

    assert "已交发1封设置链接邮件，原来的链接作废。" in text(answer)
    [sent] = outbox.outbox
    fresh = User.objects.get(pk=person.pk)
    assert (sent.to, sent.subject) == (["zhang@example.org"], "设置登录密码")
    assert f"http://127.0.0.1:8000{activation_path(fresh)}\n" in sent.body
    assert sent.body.startswith("张三：\n\n您在“四好”商会申报评审系统的账号已经开设，登录名：zhang\n")
    kept = Mail.objects.get()
    assert (kept.state, kept.body, kept.address) == (MailState.SENT, "", "zhang@example.org")
    assert kept.path == leader.organisation.path


def test_without_an_address_nothing_is_mailed(office, leader):
    person = waiting(leader)

    answer = office.post(LINKS, {"way": "mail", "person": [person.pk]}, follow=True)

    assert "张三没有电子邮箱，不能发送。请改用打印，或先补充电子邮箱。" in text(answer)
    assert not Mail.objects.exists()
    assert User.objects.get(pk=person.pk).link_issued_at == person.link_issued_at


def test_without_a_mail_server_nothing_is_mailed(office, leader, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    person = waiting(leader, email="zhang@example.org")

    answer = office.post(LINKS, {"way": "mail", "person": [person.pk]}, follow=True)

    assert "尚未配置邮件服务器，不能发送。请改用打印。" in text(answer)
    assert "尚未配置邮件服务器，不能发送邮件。" in text(office.get(LINKS))


def mail_to(person: User, **fields) -> Mail:
    found = {"kind": "digest", "key": f"k{Mail.objects.count()}", "title": "标题", "body": "内容"}
    found |= {"address": "zhang@example.org", "path": "/100000/", "created_at": NOW}
    return Mail.objects.create(recipient=person, **found | fields)


def test_mail_leaves_once(leader):
    mail_to(leader.user)

    assert mailing.send_waiting(clock=lambda: NOW) == 1
    assert mailing.send_waiting(clock=lambda: NOW) == 0
    assert len(outbox.outbox) == 1


@pytest.mark.parametrize(("minutes", "state"), [(10, "sending"), (11, "failed")])
def test_mail_that_was_broken_off_is_marked_and_not_sent_again(leader, minutes, state):
    one = mail_to(leader.user, state="sending", claimed_at=NOW)

    mailing.send_waiting(clock=lambda: NOW + timedelta(minutes=minutes))

    one.refresh_from_db()
    assert one.state == state
    assert outbox.outbox == []


def test_mail_that_did_not_leave_is_sent_again_once_somebody_looked(leader):
    system = make_seat(Role.SYSTEM_ADMIN, leader.organisation)
    one = mail_to(leader.user, state="failed", claimed_at=NOW, error=mailing.BROKEN_OFF)

    mailing.send_again(mail=one, actor=system, now=NOW)

    assert (one.state, one.claimed_at, one.error) == ("waiting", None, "")
    assert mailing.send_waiting(clock=lambda: NOW) == 1
    assert len(outbox.outbox) == 1
    entry = Entry.objects.get(event="mail_sent_again")
    assert (entry.actor_id, entry.data["why"]) == (system.user_id, "发送中断，是否送达不明，请核对后重新办理。")


@pytest.mark.parametrize(
    ("role", "state", "sentence"),
    [
        (Role.SYSTEM_ADMIN, "waiting", "这封邮件已经发送或者正在发送，不必重新发送。"),
        (Role.SYSTEM_ADMIN, "sending", "这封邮件已经发送或者正在发送，不必重新发送。"),
        (Role.SECURITY_ADMIN, "failed", "邮件由系统管理员重新发送。"),
        (Role.LEADER, "failed", "邮件由系统管理员重新发送。"),
    ],
)
def test_mail_on_its_way_is_not_sent_again_and_by_nobody_else(leader, role, state, sentence):
    one = mail_to(leader.user, state=state, claimed_at=NOW)

    with pytest.raises(Refused) as refused:
        mailing.send_again(mail=one, actor=make_seat(role, leader.organisation), now=NOW)

    assert str(refused.value) == sentence
    one.refresh_from_db()
    assert (one.state, one.claimed_at) == (state, NOW)
    assert not Entry.objects.filter(event="mail_sent_again").exists()


def test_mail_of_a_void_link_does_not_leave(leader):
    person = waiting(leader, email="zhang@example.org")
    links.mail_links(actor=leader, people=[person.pk], now=clock.now())
    links.issue_links(actor=leader, people=[person.pk], way=links.PRINTED, now=clock.now())

    mailing.send_waiting(clock=clock.now)

    assert outbox.outbox == []
    assert Mail.objects.get().error == "设置链接已失效或密码已设置，没有发送。"


@pytest.fixture
def no_server(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9


def stands(mail) -> tuple[str, str]:
    mail.refresh_from_db()
    return mail.state, mail.error


def test_what_no_server_took_waits_half_an_hour_and_is_sent_then(leader, no_server, settings):
    first, second = mail_to(leader.user), mail_to(leader.user, key="second")

    mailing.send_waiting(clock=lambda: NOW)
    assert stands(first) == ("waiting", "邮件服务器没有接收，将自动重发。")
    assert stands(second) == ("waiting", "")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert mailing.mail_waits(NOW + timedelta(minutes=29)) is False
    assert mailing.mail_waits(NOW + timedelta(minutes=30)) is True
    mailing.send_waiting(clock=lambda: NOW + timedelta(minutes=30))

    assert stands(first) == stands(second) == ("sent", "")
    assert len(outbox.outbox) == 2


def test_what_no_server_took_for_a_day_is_given_up(leader, no_server):
    one = mail_to(leader.user)

    mailing.send_waiting(clock=lambda: NOW + timedelta(hours=23))
    assert stands(one)[0] == "waiting"
    mailing.send_waiting(clock=lambda: NOW + timedelta(hours=24))

    assert stands(one) == ("failed", "邮件服务器一日内没有接收，已停止重发。")


def test_address_that_is_none_does_not_hold_up_the_others(leader):
    bad, good = mail_to(leader.user, address="two\nlines@example.org"), mail_to(leader.user, key="second")

    mailing.send_waiting(clock=lambda: NOW)

    assert stands(bad) == ("failed", "地址无效或被拒收，请核对收件人的电子邮箱。")
    assert stands(good)[0] == "sent"


# ---- people and their contact details


def test_people_are_those_of_the_jurisdiction(office, leader, henan):
    waiting(leader, mobile="13812345678")
    chamber = make_chamber(henan["411122"], name="食品商会")
    make_seat(Role.CHAMBER_PRESIDENT, chamber, make_user("li", name="李四", password=PASSWORD))
    make_seat(Role.OFFICER, henan["411121"], make_user("far", name="邻县人"))
    make_seat(Role.OFFICER, henan["411122"], make_user("gone", name="走了的"), ended_at=NOW)

    everybody = text(office.get("/account/people/"))

    assert "张三 zhang 411122工商业联合会 经办人 138****5678" in everybody
    assert "李四 li 食品商会 会长 未填 2020年9月1日 已设置密码" in everybody
    assert "邻县人" not in everybody
    assert "走了的" not in everybody
    assert "李四" not in text(office.get("/account/people/?state=waiting"))
    assert "张三" not in text(office.get("/account/people/?state=in_use"))
    assert "李四" in text(office.get("/account/people/?q=食品"))
    assert "没有符合条件的人员" in text(office.get("/account/people/?q=邻县"))
    assert office.get("/account/people/?q=%00&state=xx&after=zz").status_code == 200


def test_people_ask_the_same_for_1_3_and_120_rows_and_page_by_key(office, leader):
    asked = []
    for count in (1, 2, 117):
        make_seats(count, leader.organisation)
        with CaptureQueriesContext(connection) as queries:
            page = office.get("/account/people/").content.decode()
        asked.append(len(queries))

    assert asked[0] == asked[1] == asked[2]
    assert "after=" in page
    assert "OFFSET" not in "".join(query["sql"] for query in queries)


def test_links_ask_the_same_for_1_3_and_30_people(office, leader):
    asked = []
    for count in (1, 2, 27):
        make_seats(count, leader.organisation)
        with CaptureQueriesContext(connection) as queries:
            office.get(LINKS)
        asked.append(len(queries))

    assert asked[0] == asked[1] == asked[2]


def test_own_contact_details(browser, leader):
    client = browser(leader)

    wrong = client.post("/account/contact/", {"mobile": "123", "email": "x"})
    client.post("/account/contact/", {"mobile": "13812345678", "email": "w@example.org"})
    client.post("/account/contact/", {"mobile": "13812345678", "email": "w@example.org"})

    assert "请填写11位手机号码。" in text(wrong)
    person = User.objects.get(pk=leader.user_id)
    assert (person.mobile, person.email) == ("13812345678", "w@example.org")
    assert [entry.sentence for entry in Entry.objects.all()] == [
        "王五（411122工商业联合会·分管领导）修改王五的电子邮箱、手机"
    ] or [entry.sentence for entry in Entry.objects.all()] == [
        "王五（411122工商业联合会·分管领导）修改王五的手机、电子邮箱"
    ]


def test_contact_details_of_somebody_one_answers_for(office, leader, henan):
    person = waiting(leader)
    other = make_seat(Role.OFFICER, henan["411121"]).user

    office.post(f"/account/people/{person.pk}/contact/", {"mobile": "", "email": "z@example.org"})

    assert User.objects.get(pk=person.pk).email == "z@example.org"
    assert office.get(f"/account/people/{other.pk}/contact/").status_code == 404
    assert office.get(f"/account/people/{leader.user_id}/contact/").status_code == 403
