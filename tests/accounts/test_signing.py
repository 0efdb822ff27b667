import re
from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from sihao import clock
from sihao.accounts import actions
from sihao.accounts.activation import activation_path
from sihao.accounts.models import User
from sihao.audit.models import Entry
from tests.factories import PASSWORD, make_seat, make_user

pytestmark = pytest.mark.django_db

SIGN_IN = "/account/sign-in/"
WORKLIST = "/work/worklist/"
NEW = "Another-horse-2020"


def sign_in(client: Client, username: str, password: str = PASSWORD, **more: str):
    return client.post(SIGN_IN, {"username": username, "password": password, **more})


@pytest.fixture
def zhang():
    return make_seat(user=make_user("zhang", name="张三", password=PASSWORD)).user


# ---- signing in and out


def test_sign_in_leads_to_the_worklist_and_leaves_an_entry(client, zhang):
    response = sign_in(client, "zhang")

    assert (response.status_code, response.url) == (302, WORKLIST)
    assert client.session[SESSION_KEY] == str(zhang.pk)
    entry = Entry.objects.get()
    assert (entry.sentence, entry.actor, entry.target_label) == ("张三登录", zhang, "张三")


def test_page_shows_the_form_without_script_or_inline_style(client, settings):
    html = client.get(SIGN_IN).content.decode()

    assert f"<title>登录 · {settings.SITE_NAME}</title>" in html
    assert 'name="username"' in html
    assert 'autocomplete="current-password"' in html
    assert " style=" not in html
    assert "示例账号" not in html


def test_rehearsal_lists_its_accounts_but_no_password(client, zhang, settings):
    settings.REHEARSAL = True

    html = client.get(SIGN_IN).content.decode()

    assert "<code>zhang</code>" in html
    assert PASSWORD not in html


def test_signed_in_person_is_led_on(client, zhang):
    client.force_login(zhang)

    assert client.get(SIGN_IN).url == WORKLIST


def test_session_key_changes_and_the_old_one_is_worth_nothing(client, zhang):
    client.get(SIGN_IN)
    session = client.session
    session["planted"] = "by a stranger"
    session.save()
    client.cookies["sessionid"] = fixed = session.session_key

    sign_in(client, "zhang")

    assert client.cookies["sessionid"].value != fixed
    assert not Session.objects.filter(session_key=fixed).exists()
    stranger = Client()
    stranger.cookies["sessionid"] = fixed
    assert stranger.get(WORKLIST).status_code == 302


@pytest.mark.parametrize(
    "place",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "/\\elsewhere.example",
        "javascript:alert(1)",
        "http:///x",
    ],
)
def test_sign_in_never_leads_elsewhere(client, zhang, place):
    assert sign_in(client, "zhang", next=place).url == WORKLIST


def test_sign_in_leads_back_within_the_house(client, zhang):
    response = client.get("/account/?from=mail")

    assert response.url == f"{SIGN_IN}?next=/account/%3Ffrom%3Dmail"
    assert sign_in(client, "zhang", next="/account/?from=mail").url == "/account/?from=mail"


def test_posting_without_a_session_leads_to_the_start(client):
    assert client.post("/account/seat/", {"seat": 1}).url == f"{SIGN_IN}?next="


def test_sign_out_is_posted_and_ends_the_session(client, zhang):
    client.force_login(zhang)
    key = client.session.session_key

    assert client.get("/account/sign-out/").status_code == 405
    assert client.post("/account/sign-out/").url == "/"
    assert not Session.objects.filter(session_key=key).exists()
    assert client.get(WORKLIST).status_code == 302


def test_forms_refuse_a_post_without_token(zhang):
    assert sign_in(Client(enforce_csrf_checks=True), "zhang").status_code == 403


# ---- nobody learns which names exist


@pytest.fixture
def refused(zhang):
    """Return the answers to a wrong password, an unknown name, a closed account and one not yet activated."""
    make_user("other", password=PASSWORD, is_active=False)
    make_user("fresh")
    names = {"zhang": "wrong", "nobod": "wrong", "other": PASSWORD, "fresh": "wrong"}
    return {name: sign_in(Client(), name, password) for name, password in names.items()}


def test_every_refusal_looks_the_same(refused):
    pages = {
        re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode()).replace(name, "…")
        for name, answer in refused.items()
    }

    assert {answer.status_code for answer in refused.values()} == {200}
    assert len({len(answer.content) for answer in refused.values()}) == 1
    assert len(pages) == 1
    assert "登录名或密码不正确。" in pages.pop()


def test_every_refusal_leaves_an_entry(refused):
    entries = Entry.objects.order_by("id")

    assert {entry.sentence for entry in entries} == {"登录被拒：登录名或密码不正确"}
    assert [entry.target_label == "未知登录名" for entry in entries] == [False, True, False, False]


def test_every_refusal_hashes_once_and_asks_the_same(zhang, monkeypatch, django_assert_num_queries):
    from django.contrib.auth.hashers import get_hasher

    hashed = []
    hasher = type(get_hasher())
    encode, verify = hasher.encode, hasher.verify
    monkeypatch.setattr(hasher, "encode", lambda *args, **kw: hashed.append("encode") or encode(*args, **kw))
    monkeypatch.setattr(hasher, "verify", lambda *args, **kw: hashed.append("verify") or verify(*args, **kw))
    make_user("fresh")
    hashed.clear()

    for name in ("zhang", "nobod", "fresh"):
        with django_assert_num_queries(3):
            sign_in(Client(), name, "wrong")

    assert len(hashed) == 3


@pytest.mark.parametrize(
    "data", [{}, {"username": "zhang"}, {"username": "a\x00b", "password": "x"}, {"username": "长" * 999}]
)
def test_unusable_input_is_an_error_on_the_page(client, data):
    assert client.post(SIGN_IN, data).status_code == 200
    assert not Entry.objects.exists()


# ---- lock-out


@pytest.fixture
def axes(settings):
    settings.AXES_ENABLED = True


def test_five_failures_lock_the_name_from_that_place(client, zhang, axes):
    answers = [sign_in(client, "zhang", "wrong").status_code for _ in range(6)]
    right = sign_in(client, "zhang")

    assert answers == [200, 200, 200, 200, 429, 429]
    assert right.status_code == 429
    assert "登录失败次数过多，暂停登录" in right.content.decode()
    assert SESSION_KEY not in client.session
    assert Entry.objects.order_by("-id").first().sentence == "登录被拒：连续登录失败，暂停登录"


def test_unknown_name_is_locked_alike(client, zhang, axes):
    answers = [sign_in(client, "nobod", "wrong").status_code for _ in range(6)]

    assert answers == [200, 200, 200, 200, 429, 429]


def test_others_are_not_locked(client, zhang, axes):
    make_user("li", password=PASSWORD)
    for _ in range(6):
        sign_in(client, "zhang", "wrong")

    assert sign_in(client, "li").status_code == 302
    assert (
        client.post(SIGN_IN, {"username": "zhang", "password": PASSWORD}, REMOTE_ADDR="10.0.0.9").status_code
        == 302
    )


def test_lock_opens_again(client, zhang, axes, settings):
    for _ in range(6):
        sign_in(client, "zhang", "wrong")
    settings.AXES_COOLOFF_TIME = timedelta(0)

    assert sign_in(client, "zhang").status_code == 302


# ---- passwords


def change(client: Client, old: str = PASSWORD, new: str = NEW, again: str = ""):
    return client.post(
        "/account/password/", {"old_password": old, "new_password1": new, "new_password2": again or new}
    )


def test_password_change_ends_every_other_session(zhang):
    here, there = Client(), Client()
    for client in (here, there):
        sign_in(client, "zhang")

    assert change(here).url == "/account/"

    assert here.get(WORKLIST).status_code == 200
    assert there.get(WORKLIST).status_code == 302
    assert sign_in(Client(), "zhang", NEW).status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("wrong", NEW, NEW),
        (PASSWORD, NEW, "different"),
        (PASSWORD, "short", "short"),
        (PASSWORD, "0123456789012", ""),
    ],
)
def test_password_change_asks_for_old_twice_new_and_strength(client, zhang, old, new, again):
    sign_in(client, "zhang")

    assert change(client, old, new, again).status_code == 200
    assert User.objects.get(pk=zhang.pk).check_password(PASSWORD)


def test_password_given_by_others_is_changed_first(client):
    user = make_user("zhang", password=PASSWORD, must_change_password=True)
    make_seat(user=user)
    sign_in(client, "zhang")

    assert client.get(WORKLIST).url == "/account/password/"
    assert client.post("/account/seat/", {}).url == "/account/password/"
    assert client.get("/").status_code == 200
    assert "请先修改密码" in client.get("/account/password/").content.decode()
    change(client)
    assert client.get(WORKLIST).status_code == 200


def test_account_that_is_closed_or_reset_ends_its_sessions(zhang):
    closed, reset = Client(), Client()
    other = make_seat(user=make_user("li", password=PASSWORD)).user
    sign_in(closed, "zhang")
    sign_in(reset, "li")

    actions.close_account(actor=None, user=zhang, now=timezone.now())
    actions.reset_password(actor=None, user=other, now=timezone.now())

    assert closed.get(WORKLIST).status_code == 302
    assert reset.get(WORKLIST).status_code == 302


# ---- activation


def with_link(username: str = "", **fields: object) -> User:
    return make_user(username, link_issued_at=clock.now(), **fields)


def test_link_sets_the_password_once(client):
    user = with_link("zhang", name="张三")
    link = activation_path(user)
    form = client.get(link).url

    assert "set-password" in form
    done = client.post(form, {"new_password1": PASSWORD, "new_password2": PASSWORD})

    assert done.url == SIGN_IN
    assert sign_in(Client(), "zhang").status_code == 302
    assert Entry.objects.filter(event="password_changed", target_label="张三").count() == 1
    assert "链接已失效" in Client().get(link).content.decode()


@pytest.mark.parametrize(
    "spoil",
    [lambda link: link[:-3] + "xx/", lambda link: link.replace("activate/", "activate/X")],
    ids=["token", "person"],
)
def test_spoilt_link_opens_nothing(client, spoil):
    assert "链接已失效" in client.get(spoil(activation_path(with_link())), follow=True).content.decode()


def test_link_of_a_closed_account_opens_nothing(client):
    user = with_link(is_active=False)

    assert "链接已失效" in client.get(activation_path(user), follow=True).content.decode()


def test_link_grows_old(client, settings):
    link = activation_path(with_link())
    settings.PASSWORD_RESET_TIMEOUT = -1

    assert "链接已失效" in client.get(link, follow=True).content.decode()


def test_weak_password_is_refused_at_activation(client):
    user = with_link("zhang")
    form = client.get(activation_path(user)).url

    assert client.post(form, {"new_password1": "zhang", "new_password2": "zhang"}).status_code == 200
    assert not User.objects.get(pk=user.pk).has_usable_password()
