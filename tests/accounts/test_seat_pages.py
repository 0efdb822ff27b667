import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sihao.accounts.models import Organisation, Seat, User
from sihao.accounts.roles import Role
from sihao.audit.models import Entry
from tests.factories import (
    NOW,
    PASSWORD,
    make_chamber,
    make_chambers,
    make_federation,
    make_seat,
    make_seats,
    make_user,
)

pytestmark = pytest.mark.django_db

ORGANISATIONS = "/account/organisations/"


def roster(organisation: Organisation, rest: str = "") -> str:
    return f"{ORGANISATIONS}{organisation.pk}/{rest}"


def text(response) -> str:
    """Return the words of the page's body without markup."""
    body = response.content.decode().split("<main", 1)[1]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


@pytest.fixture
def leader(henan):
    return make_seat(Role.LEADER, henan["411122"], make_user("leader", name="王五"))


@pytest.fixture
def office(browser, leader):
    return browser(leader)


# ---- jurisdiction


@pytest.mark.parametrize("rest", ["", "enrol/", "grant/", "chambers/add/"])
@pytest.mark.parametrize(
    ("code", "status"), [("411122", 200), ("411121", 404), ("411100", 404), ("420000", 404)]
)
def test_organisation_out_of_jurisdiction_is_not_found(office, henan, rest, code, status):
    assert office.get(roster(henan[code], rest)).status_code == status


@pytest.mark.parametrize(
    "act", ["seats/{seat}/end/", "people/{user}/reset-password/", "people/{user}/close/"]
)
def test_person_out_of_jurisdiction_is_not_found(office, henan, act):
    seat = make_seat(Role.OFFICER, henan["411121"], make_user(password=PASSWORD))

    assert office.post("/account/" + act.format(seat=seat.pk, user=seat.user_id)).status_code == 404
    assert Seat.objects.get(pk=seat.pk).ended_at is None
    assert User.objects.get(pk=seat.user_id).check_password(PASSWORD)


def test_unknown_and_absurd_keys_are_not_found(office):
    for key in (0, 999999, 10**30):
        assert office.get(f"{ORGANISATIONS}{key}/").status_code == 404


def test_known_but_not_permitted_is_forbidden(browser, henan):
    officer = browser(make_seat(Role.OFFICER, henan["411122"]))
    filler_seat = make_seat(Role.CHAMBER_FILLER)
    filler = browser(filler_seat)

    assert officer.get(roster(henan["411122"])).status_code == 403
    assert officer.get(roster(henan["411122"], "enrol/")).status_code == 403
    assert officer.get(ORGANISATIONS).status_code == 200
    assert filler.get(roster(filler_seat.organisation)).status_code == 403
    assert filler.get(ORGANISATIONS).status_code == 403


def test_the_public_is_led_to_sign_in(client, henan):
    for place in (ORGANISATIONS, roster(henan["411122"]), "/account/", "/account/seats/", "/account/trail/"):
        assert client.get(place).url == f"/account/sign-in/?next={place}"


@pytest.mark.parametrize("act", ["people/1/reset-password/", "people/1/close/"])
def test_acts_are_posted(office, act):
    assert office.get(f"/account/{act}").status_code == 405


# ---- rosters


def test_roster_lists_who_holds_a_seat_and_who_held_one(office, leader):
    make_seat(Role.OFFICER, leader.organisation, make_user("zhang", name="张三", mobile="13812345678"))
    make_seat(Role.OFFICER, leader.organisation, make_user("li", name="李四"), ended_at=NOW)

    now, before = (
        text(office.get(roster(leader.organisation))),
        text(office.get(roster(leader.organisation) + "?ended=1")),
    )

    assert "张三 zhang 138****5678 经办人 2020年9月1日" in now
    assert "13812345678" not in now
    assert "王五 leader 未填 分管领导 2020年9月1日 本人" in now
    assert "李四" not in now
    assert "李四 li 未填 经办人 2020年9月1日 2020年9月1日" in before


def test_own_seats_lead_to_the_own_roster(office, leader):
    assert office.get("/account/seats/").url == roster(leader.organisation)


def test_president_manages_the_own_chamber(browser):
    president = make_seat(Role.CHAMBER_PRESIDENT)
    client = browser(president)

    page = text(client.get(roster(president.organisation)))

    assert "开设账号" in page
    assert "登记商会" not in page
    assert client.get(roster(president.organisation, "chambers/add/")).status_code == 403


@pytest.mark.parametrize("page", ["", "?ended=1"])
def test_roster_asks_the_same_for_1_3_and_300_rows(office, leader, page):
    def rows(count: int) -> int:
        have = leader.organisation.seats.exclude(pk=leader.pk).count()
        ended = NOW if page else None
        make_seats(count - have, leader.organisation, ended_at=ended)
        with CaptureQueriesContext(connection) as asked:
            assert office.get(roster(leader.organisation) + page).status_code == 200
        return len(asked)

    assert rows(1) == rows(3) == rows(300)


# ---- opening accounts


def enrol(client: Client, organisation: Organisation, **fields: str):
    given = {"username": "zhang", "name": "张三", "role": Role.OFFICER, "mobile": "", "email": ""} | fields
    return client.post(roster(organisation, "enrol/"), given)


def test_enrolled_person_sets_a_password_and_signs_in(office, leader):
    answer = enrol(office, leader.organisation)
    user = User.objects.get(username="zhang")
    page = office.get(answer.url)
    link = re.search(r"http://testserver(/account/activate/[^<]+)", page.content.decode())[1]

    assert answer.url == f"/account/people/{user.pk}/activation/"
    assert "no-store" in page.headers["Cache-Control"]
    stranger = Client()
    form = stranger.get(link).url
    stranger.post(form, {"new_password1": PASSWORD, "new_password2": PASSWORD})
    assert stranger.post("/account/sign-in/", {"username": "zhang", "password": PASSWORD}).status_code == 302
    assert "已经设置密码" in text(office.get(answer.url))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"username": "leader"}, "该登录名已被使用。"),
        ({"username": "张三"}, "登录名为3至64位字母、数字或 . _ -。"),
        ({"username": "a\x00b"}, "不允许是用空字符串。"),
        ({"name": ""}, "请填写姓名。"),
        ({"mobile": "12345"}, "请填写11位手机号码。"),
        ({"role": Role.EXPERT}, "所选内容不在可选范围内，请重新选择。"),
        ({"role": Role.CHAMBER_FILLER}, "所选内容不在可选范围内，请重新选择。"),
    ],
)
def test_enrolment_says_what_is_wrong(office, leader, fields, sentence):
    answer = enrol(office, leader.organisation, **fields)

    assert answer.status_code == 200
    assert sentence in text(answer)
    assert not Seat.objects.filter(role=Role.OFFICER).exists()


def test_only_fitting_roles_are_offered(browser, henan, office):
    def offered(client: Client, organisation: Organisation) -> list[str]:
        return re.findall(
            r'<option value="(\w+)"', client.get(roster(organisation, "enrol/")).content.decode()
        )

    security = browser(make_seat(Role.SECURITY_ADMIN))

    assert offered(office, henan["411122"]) == ["officer", "leader"]
    assert offered(office, make_chamber(henan["411122"])) == ["chamber_filler", "chamber_president"]
    assert offered(security, henan["100000"]) == [
        "supervision",
        "system_admin",
        "security_admin",
        "audit_admin",
    ]


# ---- granting and ending


def test_granting_to_somebody_who_has_an_account(office, leader):
    person = make_user("zhang", name="张三")
    given = {"username": "zhang", "name": "张三", "role": Role.OFFICER}

    assert office.post(roster(leader.organisation, "grant/"), given).url == roster(leader.organisation)
    assert person.seats.get().organisation == leader.organisation
    again = office.post(roster(leader.organisation, "grant/"), given)
    assert "这个人已经担任该角色。" in text(again)


@pytest.mark.parametrize(
    "given", [{"username": "zhang", "name": "李四"}, {"username": "nobody", "name": "张三"}]
)
def test_granting_does_not_tell_which_name_is_wrong(office, leader, given):
    make_user("zhang", name="张三")

    answer = office.post(roster(leader.organisation, "grant/"), given | {"role": Role.OFFICER})

    assert "没有找到登录名与姓名一致的账号。" in text(answer)


def test_nobody_grants_or_ends_the_own_seat(office, leader):
    given = {"username": "leader", "name": "王五", "role": Role.OFFICER}

    assert "不能授予或收回自己的席位" in text(office.post(roster(leader.organisation, "grant/"), given))
    assert office.post(f"/account/seats/{leader.pk}/end/").status_code == 403
    assert office.post(f"/account/people/{leader.user_id}/close/").status_code == 403


def test_ending_a_seat(office, leader):
    seat = make_seat(Role.OFFICER, leader.organisation)

    place, said = f"/account/seats/{seat.pk}/end/", {"left_on": "2026-01-31", "reason": "退休"}

    assert "请填写原因。" in text(office.post(place, said | {"reason": ""}))
    assert "席位已收回。" in text(office.post(place, said, follow=True))
    ended = Seat.objects.get(pk=seat.pk)
    assert ended.ended_at is not None
    assert (str(ended.left_on), ended.end_reason) == ("2026-01-31", "退休")
    assert "该席位已经收回" in text(office.get(place))
    assert "2026年1月31日 退休" in text(office.get(roster(leader.organisation) + "?ended=1"))


def test_resetting_and_closing_an_account(office, leader):
    user = make_seat(Role.OFFICER, leader.organisation, make_user(password=PASSWORD)).user

    assert "请把链接交给本人" in text(office.post(f"/account/people/{user.pk}/reset-password/", follow=True))
    assert not User.objects.get(pk=user.pk).has_usable_password()
    assert "账号已停用。" in text(office.post(f"/account/people/{user.pk}/close/", follow=True))
    assert not User.objects.get(pk=user.pk).is_active


# ---- organisations and chambers


def test_organisations_are_the_own_subtree(office, browser, henan):
    make_chamber(henan["411122"], name="食品商会")
    make_chamber(henan["411121"], name="邻县商会")
    make_federation("411171", name="开发区工商联", internal=True)
    city = browser(make_seat(Role.LEADER, henan["411100"]))

    assert "食品商会" in text(office.get(ORGANISATIONS))
    assert "邻县商会" not in text(office.get(ORGANISATIONS))
    assert "邻县商会" not in text(office.get(f"{ORGANISATIONS}?q=邻县"))
    assert "没有符合条件的机构" in text(office.get(f"{ORGANISATIONS}?q=邻县"))
    assert "邻县商会" in text(city.get(f"{ORGANISATIONS}?q=邻县"))
    assert "内部代码" in text(city.get(ORGANISATIONS))


def test_organisations_ask_the_same_for_1_3_and_300_rows(office, henan):
    def rows(count: int) -> int:
        make_chambers(count - henan["411122"].children.count(), henan["411122"])
        with CaptureQueriesContext(connection) as asked:
            assert office.get(ORGANISATIONS).status_code == 200
        return len(asked)

    assert rows(1) == rows(3) == rows(300)


def test_organisations_are_paged_by_key(office, henan):
    make_chambers(120, henan["411122"])
    seen, address = [], ORGANISATIONS
    while address:
        html = office.get(address).content.decode()
        seen += re.findall(r"/account/organisations/(\d+)/\"", html.split("<main")[1])
        following = re.search(r'rel="next" href="([^"]+)"', html)
        address = ORGANISATIONS + unescape(following[1]) if following else ""

    assert len(seen) == len(set(seen)) == 121


def test_chamber_is_registered(office, henan):
    place = roster(henan["411122"], "chambers/add/")

    wrong = office.post(place, {"name": "食品商会", "uscc": "51410000MJ0000001A"})
    right = office.post(place, {"name": "食品商会", "uscc": "91110000600037341L"})

    assert "统一社会信用代码不正确，请核对。" in text(wrong)
    assert right.url == ORGANISATIONS
    chamber = Organisation.objects.get(name="食品商会")
    assert (chamber.parent, chamber.uscc) == (henan["411122"], "91110000600037341L")


def test_name_of_a_chamber_is_shown_as_it_is(office, henan):
    make_chamber(henan["411122"], name="<script>alert(1)</script>=1+1")

    html = office.get(ORGANISATIONS).content.decode()

    assert "&lt;script&gt;alert(1)&lt;/script&gt;=1+1" in html
    assert "<script>alert" not in html


# ---- the trail


@pytest.fixture
def auditor(browser):
    return browser(make_seat(Role.AUDIT_ADMIN))


def test_trail_tells_sentences_and_no_content(auditor, office, leader):
    enrol(office, leader.organisation)
    Entry.objects.create(
        event="returned",
        at=NOW,
        actor_label="李四",
        target_kind="declaration",
        target_id="1",
        target_label="食品商会",
        data={"opinion": "内部意见"},
        reason="未写明次数",
    )

    page = text(auditor.get("/account/trail/"))

    assert "王五（411122工商业联合会·分管领导）授予张三（411122工商业联合会）“经办人”席位" in page
    assert "退回修改 李四退回修改 食品商会" in page
    assert "内部意见" not in page
    assert "未写明次数" not in page


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.AUDIT_ADMIN, Role.SUPERVISION}))
def test_trail_is_closed_to_the_others(browser, role):
    assert browser(make_seat(role)).get("/account/trail/").status_code == 403


def test_trail_is_open_to_supervision(browser):
    assert browser(make_seat(Role.SUPERVISION)).get("/account/trail/").status_code == 200


def entries(count: int) -> None:
    person = make_user("zhang", name="张三")
    Entry.objects.bulk_create(
        Entry(
            event="started", at=NOW, actor=person, actor_label="张三", target_kind="x", target_id=str(number)
        )
        for number in range(count)
    )


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("person=zhang", True),
        ("person=张三", True),
        ("person=李四", False),
        ("event=started", True),
        ("event=submitted", False),
        ("since=2020-09-01&until=2020-09-01", True),
        ("since=2020-09-02", False),
        ("until=2020-08-31", False),
        ("person=zhang&event=started&since=2020-01-01&after=broken", True),
    ],
)
def test_trail_is_filtered(auditor, query, shown):
    entries(1)

    assert ("张三开始申报" in text(auditor.get(f"/account/trail/?{query}"))) is shown


@pytest.mark.parametrize(
    "query",
    [
        "since=yesterday",
        "until=9999-12-31",
        "since=0001-01-01",
        "event=invented",
        "person=%00",
        "after=%00%ff",
    ],
)
def test_absurd_filter_is_no_failure(auditor, query):
    assert auditor.get(f"/account/trail/?{query}").status_code == 200


def test_trail_asks_the_same_for_1_3_and_300_rows(auditor):
    asked = []
    for count in (1, 2, 297):
        User.objects.filter(username="zhang").update(username=f"was{count}")
        entries(count)
        with CaptureQueriesContext(connection) as queries:
            auditor.get("/account/trail/")
        asked.append(len(queries))

    assert asked == [3, 3, 3]


# ---- the own account


def test_own_account_shows_seats_and_masks_the_mobile(browser):
    user = make_user("zhang", name="张三", mobile="13812345678")
    seat = make_seat(Role.OFFICER, None, user)
    make_seat(Role.LEADER, None, user, ended_at=NOW)

    page = text(browser(seat).get("/account/"))

    assert "张三" in page
    assert "138****5678" in page
    assert "13812345678" not in page
    assert "当前身份" in page
    assert "2020年9月1日 现任" in page
