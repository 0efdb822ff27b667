import pytest
from django.db import connection
from django.http import HttpResponse
from django.template import engines
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sihao.accounts import actions, shell
from sihao.accounts.context import own_pages
from sihao.accounts.context import shell as context
from sihao.accounts.roles import Role
from sihao.accounts.views.gate import opens, permission_of
from sihao.accounts.views.signing import SignIn
from tests.factories import make_federation, make_seat, make_user

pytestmark = pytest.mark.django_db

SWITCH = "/account/seat/"


@pytest.fixture
def two(browser):
    """Return a person's two seats and the browser."""
    user = make_user()
    county, city = (make_seat(Role.LEADER, make_federation(code), user) for code in ("411122", "411100"))
    return county, city, browser(county)


def acting(client: Client) -> str:
    return client.get("/").content.decode()


# ---- the seat


def test_nobody_and_the_seatless_act_in_no_seat(client):
    assert acting(client) == "None"

    client.force_login(make_user())

    assert acting(client) == "None"
    answer = client.get("/account/trail/")
    assert answer.status_code == 403
    assert "您现在没有席位" in answer.content.decode()


def test_first_seat_is_taken_until_another_is_chosen(two):
    county, city, client = two

    assert acting(client) == str(county)
    assert client.post(SWITCH, {"seat": city.pk}).url == "/work/worklist/"
    assert acting(client) == str(city)


@pytest.mark.parametrize(
    ("place", "leads"),
    [
        ("/account/", "/account/"),
        ("/account/?x=1", "/account/?x=1"),
        ("/account/organisations/", "/work/worklist/"),
        ("/nowhere/", "/work/worklist/"),
        ("https://elsewhere.example/account/", "/work/worklist/"),
        ("//elsewhere.example/account/", "/work/worklist/"),
    ],
)
def test_switching_leads_where_every_seat_may_be(two, place, leads):
    _, city, client = two

    assert client.post(SWITCH, {"seat": city.pk, "next": place}).url == leads


def test_foreign_ended_and_invented_seats_are_not_taken(two):
    county, city, client = two
    foreign = make_seat(Role.DEPARTMENT_HEAD)
    actions.revoke_seat(actor=None, seat=city, now=timezone.now())

    for seat in (foreign.pk, city.pk, 0, "", "x", 10**30):
        assert client.post(SWITCH, {"seat": seat}).status_code == 404

    assert acting(client) == str(county)


def test_switching_is_posted(two):
    assert two[2].get(SWITCH).status_code == 405


def test_revoked_seat_acts_no_more_at_once(two):
    county, city, client = two
    client.post(SWITCH, {"seat": city.pk})
    assert client.get("/managing/").content.decode() == str(city.organisation)

    actions.revoke_seat(actor=None, seat=city, now=timezone.now())
    assert client.get("/managing/").content.decode() == str(county.organisation)
    actions.revoke_seat(actor=None, seat=county, now=timezone.now())

    assert client.get("/managing/").status_code == 403


def test_seat_chosen_in_a_session_is_worth_nothing_to_another_person(two):
    _, city, client = two
    client.post(SWITCH, {"seat": city.pk})
    other = make_seat()

    client.force_login(other.user)

    assert acting(client) == str(other)


def test_a_request_asks_for_the_session_and_for_person_and_seats_at_once(two):
    client = two[2]

    with CaptureQueriesContext(connection) as asked:
        acting(client)

    assert [query["sql"].split("FROM")[1].split()[0].strip('"') for query in asked] == [
        "django_session",
        "accounts_seat",
    ]


def test_the_public_costs_nothing(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        acting(client)


# ---- the gate


def test_gate_knows_only_registered_permissions():
    with pytest.raises(ValueError, match=r"accounts\.invent"):
        opens("accounts.invent")


def test_gate_leaves_its_permission_on_the_view():
    @opens("accounts.read_trail")
    def view(request):
        return HttpResponse()

    assert permission_of(view) == "accounts.read_trail"
    assert permission_of(SignIn.as_view()) == "public"
    assert permission_of(lambda request: None) == ""


# ---- the shell


def request_of(client: Client, path: str = "/account/"):
    return client.get(path).wsgi_request


def test_shell_gives_what_the_base_page_reads(two, settings):
    county, _, client = two
    request = request_of(client)

    found = context(request)

    assert (found["seat"], len(found["seats"]), found["site_name"]) == (county, 2, settings.SITE_NAME)
    assert (found["rehearsal"], found["server_now"].tzinfo is not None) == (False, True)
    assert {"navigation", "unread", "cycle_label", "standard_status"} <= found.keys()


def test_shell_stands_where_no_middleware_ran():
    found = context(RequestFactory().get("/"))

    assert (found["seat"], found["seats"]) == (None, [])
    assert isinstance(list(found["navigation"]), list)


def test_facts_and_navigation_come_from_the_apps_above(two):
    shell.register_navigation(lambda request: [{"label": "乙"}], place=20)
    shell.register_navigation(lambda request: [{"label": "甲"}], place=10)
    shell.register_facts(lambda request: {"unread": 3, "cycle_label": "2019—2020年度"})
    found = context(request_of(two[2]))

    drawn = engines["django"].from_string(
        "{% for one in navigation %}{{ one.label }}{% endfor %} {{ unread }} {{ cycle_label }} {{ standard_status }}|"
        "{% if unread %}有{% endif %}{% if standard_status %}有{% endif %}"
    )

    assert drawn.render(found) == "甲乙机构与席位 3 2019—2020年度 |有"


def test_facts_are_asked_once_and_only_when_printed(two):
    asked = []
    shell.register_facts(lambda request: asked.append("facts") or {"unread": 1})
    shell.register_navigation(lambda request: asked.append("navigation") or [])
    found = context(request_of(two[2]))
    asked.clear()

    page = engines["django"].from_string(
        "{{ unread }}{{ cycle_label }}{{ unread }}{% for one in navigation %}{% endfor %}"
    )
    engines["django"].from_string("静").render(found)
    assert asked == []
    page.render(found)

    assert sorted(asked) == ["facts", "navigation"]


@pytest.mark.parametrize("path", ["/account/", "/account/password/"])
def test_own_pages_cost_the_shell_no_query(two, path, django_assert_max_num_queries):
    client = two[2]

    with django_assert_max_num_queries(4):  # session, person, seats, and the page's own list
        assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    ("role", "labels"),
    [
        (Role.CHAMBER_FILLER, []),
        (Role.CHAMBER_PRESIDENT, ["席位管理"]),
        (Role.OFFICER, ["机构与席位"]),
        (Role.LEADER, ["机构与席位"]),
        (Role.DEPARTMENT_HEAD, ["机构与席位"]),
        (Role.EXPERT, []),
        (Role.SECURITY_ADMIN, ["席位管理"]),
        (Role.AUDIT_ADMIN, ["办理留痕"]),
        (Role.SUPERVISION, ["办理留痕"]),
    ],
)
def test_own_entries_of_the_navigation(browser, role, labels):
    entries = own_pages(request_of(browser(make_seat(role))))

    assert [entry["label"] for entry in entries] == labels
