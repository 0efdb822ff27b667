import pytest
from django.contrib.auth import authenticate

from sihao.accounts import actions
from sihao.accounts.models import Organisation, Seat, User
from sihao.accounts.refusals import Refusal, Refused
from sihao.accounts.roles import Kind, Level, Role
from sihao.audit.models import Entry
from tests.factories import NOW, PASSWORD, make_chamber, make_federation, make_seat, make_user

pytestmark = pytest.mark.django_db


def refusal(action, **facts) -> str:
    """Call the action, which must refuse and leave nothing behind; return what it says."""
    before = (User.objects.count(), Seat.objects.filter(ended_at=None).count(), Organisation.objects.count())
    entries = Entry.objects.count()
    with pytest.raises(Refused) as caught:
        action(now=NOW, **facts)
    assert (
        User.objects.count(),
        Seat.objects.filter(ended_at=None).count(),
        Organisation.objects.count(),
    ) == before
    assert Entry.objects.count() == entries
    return str(caught.value)


def told() -> list[str]:
    return [entry.sentence for entry in Entry.objects.order_by("id")]


# ---- refusals


def test_refusal_reads_with_its_clause():
    refused = Refused((Refusal("a", "名额已满。", "四"), Refusal("b", "已截止。")))

    assert str(refused) == "名额已满。（四）已截止。"
    assert Refused.because("b", "已截止。").refusals == (Refusal("b", "已截止。"),)


# ---- accounts


def test_account_is_opened_without_a_password():
    user = actions.open_account(actor=None, username="zhang", name="张三", mobile="13800000000", now=NOW)

    assert (user.has_usable_password(), user.must_change_password, user.opened_at) == (False, False, NOW)
    assert told() == ["系统为张三开设账号"]


def test_account_with_a_password_given_by_others():
    actions.open_account(
        actor=None, username="zhang", name="张三", password=PASSWORD, must_change_password=True, now=NOW
    )

    assert authenticate(username="zhang", password=PASSWORD).must_change_password


def test_sign_in_name_taken_is_refused():
    make_user("zhang")

    assert refusal(actions.open_account, actor=None, username="zhang", name="张三") == "该登录名已被使用。"


def test_enrolling_opens_and_seats_or_does_nothing():
    leader = make_seat(
        Role.LEADER, user=make_user(name="王五"), organisation=make_federation("411122", name="某县工商联")
    )
    facts = {"actor": leader, "organisation": leader.organisation, "username": "zhang", "name": "张三"}

    assert refusal(actions.enrol, role=Role.EXPERT, **facts) == "当前身份不能在该机构授予或收回这一席位。"
    seat = actions.enrol(role=Role.OFFICER, now=NOW, **facts)

    assert (seat.user.username, seat.role) == ("zhang", Role.OFFICER)
    assert told() == [
        "王五（某县工商联·分管领导）为张三开设账号",
        "王五（某县工商联·分管领导）授予张三（某县工商联）“经办人”席位",
    ]


def test_closing_ends_every_seat():
    person = make_user(name="张三", password=PASSWORD)
    make_seat(Role.OFFICER, None, person)
    make_seat(Role.LEADER, None, person)

    actions.close_account(actor=make_seat(Role.DEPARTMENT_HEAD), user=person, now=NOW, reason="调离")

    assert not User.objects.get(pk=person.pk).is_active
    assert not person.seats.filter(ended_at=None).exists()
    entry = Entry.objects.get()
    assert entry.sentence.endswith("停用张三的账号")
    assert (len(entry.data["seats"]), entry.reason) == (2, "调离")


def test_closing_is_for_who_answers_for_the_person():
    leader, other = make_seat(Role.LEADER), make_seat(Role.OFFICER, make_federation("411121"))
    sentence = "该人员的席位不全在您的管理范围内，不能办理其账号。"

    assert refusal(actions.close_account, actor=leader, user=other.user) == sentence
    assert refusal(actions.close_account, actor=leader, user=leader.user) == sentence
    assert refusal(actions.reset_password, actor=leader, user=other.user) == sentence


def test_password_change_and_reset():
    person = make_user(name="张三", password=PASSWORD, must_change_password=True)

    actions.change_password(user=person, new_password="Another-horse-2020", now=NOW)

    assert authenticate(username=person.username, password="Another-horse-2020") == person
    assert not User.objects.get(pk=person.pk).must_change_password

    actions.reset_password(actor=None, user=person, now=NOW)

    assert authenticate(username=person.username, password="Another-horse-2020") is None
    assert told() == ["张三修改密码", "系统重置张三的密码"]


def test_refused_sign_in_keeps_no_unknown_name():
    actions.note_refused_sign_in(username="Correct-horse", why="登录名或密码不正确", now=NOW)
    entry = Entry.objects.get()

    assert (entry.sentence, entry.target_label, entry.target_id) == (
        "登录被拒：登录名或密码不正确",
        "未知登录名",
        "",
    )
    assert "Correct-horse" not in str(entry.data)


# ---- seats


def test_seat_is_granted():
    leader, person = make_seat(Role.LEADER), make_user(name="张三")

    seat = actions.grant_seat(
        actor=leader, user=person, organisation=leader.organisation, role=Role.OFFICER, now=NOW, reason="接任"
    )

    assert (seat.since, seat.ended_at) == (NOW, None)
    entry = Entry.objects.get()
    assert (entry.actor, entry.target_kind, entry.path, entry.reason) == (
        leader.user,
        "seat",
        seat.path,
        "接任",
    )


def test_grants_that_are_refused(henan):
    leader = make_seat(Role.LEADER, henan["411122"])
    person = make_seat(Role.OFFICER, henan["411122"]).user
    abolished = make_federation("411123", valid_to=NOW.date().replace(year=2019))

    def grant(**facts) -> str:
        given = {"actor": None, "user": person, "organisation": henan["411122"], "role": Role.LEADER} | facts
        return refusal(actions.grant_seat, **given)

    assert grant(actor=leader, organisation=henan["411121"]) == "当前身份不能在该机构授予或收回这一席位。"
    assert grant(actor=leader, user=leader.user, role=Role.OFFICER) == (
        "不能授予或收回自己的席位，请由上级或其他负责人办理。"
    )
    assert grant(role=Role.EXPERT) == "该机构没有这一角色。"
    assert grant(role=Role.OFFICER) == "这个人已经担任该角色。"
    assert grant(user=make_user(is_active=False)) == "该账号已停用，不能授予席位。"
    assert grant(organisation=abolished) == "该机构已撤销或尚未设立，不能授予席位。"


def test_three_administrators_stay_apart():
    security, system = make_seat(Role.SECURITY_ADMIN), make_seat(Role.SYSTEM_ADMIN)
    facts = {
        "actor": security,
        "user": system.user,
        "organisation": system.organisation,
        "role": Role.AUDIT_ADMIN,
    }

    assert refusal(actions.grant_seat, **facts) == "系统、安全、审计三类管理员须由不同的人担任（三员分立）。"


def test_lost_race_is_a_sentence(monkeypatch):
    seat = make_seat()
    monkeypatch.setattr(Seat, "full_clean", lambda self: None)

    said = refusal(
        actions.grant_seat, actor=None, user=seat.user, organisation=seat.organisation, role=Role(seat.role)
    )

    assert said == "同样的内容刚刚已由他人登记，请刷新后查看。"


def test_seat_is_revoked_once():
    leader, seat = make_seat(Role.LEADER), make_seat(Role.OFFICER)

    actions.revoke_seat(actor=leader, seat=seat, now=NOW, reason="离任")

    assert seat.ended_at == Seat.objects.get(pk=seat.pk).ended_at == NOW
    assert Entry.objects.get().reason == "离任"
    assert refusal(actions.revoke_seat, actor=leader, seat=seat) == "该席位已经收回。"


def test_revoking_ones_own_or_a_neighbours_is_refused(henan):
    leader, neighbour = make_seat(Role.LEADER, henan["411122"]), make_seat(Role.OFFICER, henan["411121"])

    assert refusal(actions.revoke_seat, actor=leader, seat=leader).startswith("不能授予或收回自己的席位")
    assert refusal(actions.revoke_seat, actor=leader, seat=neighbour).startswith("当前身份不能")


def test_ended_actor_does_nothing_more():
    leader, seat = make_seat(Role.LEADER, ended_at=NOW), make_seat(Role.OFFICER)

    assert refusal(actions.revoke_seat, actor=leader, seat=seat).startswith("当前身份不能")


# ---- chambers


@pytest.mark.parametrize(
    ("code", "level"), [("411122", Level.COUNTY), ("410000", Level.PROVINCE), ("100000", Level.NATIONAL)]
)
def test_chamber_takes_tier_and_region_of_its_home(henan, code, level):
    chamber = actions.add_chamber(
        actor=None, home=henan[code], name="食品商会", uscc="51410000MJ0000001A", now=NOW
    )

    stored = Organisation.objects.get(pk=chamber.pk)
    assert (stored.kind, stored.level, stored.region) == (Kind.CHAMBER, level, code)
    assert stored.path == f"{henan[code].path}c{chamber.pk}/"
    assert told() == [f"系统在{code}工商业联合会登记商会食品商会"]


def test_chambers_that_are_refused(henan):
    officer = make_seat(Role.OFFICER, henan["411122"])
    make_chamber(uscc="51410000MJ0000001A")

    def add(**facts) -> str:
        return refusal(actions.add_chamber, **{"actor": None, "home": henan["411122"], "name": "甲"} | facts)

    assert add(actor=officer, home=henan["411121"]) == "只能在本级及下级工商联登记商会。"
    assert add(home=make_chamber()) == "商会须登记在现有的工商联之下。"
    assert add(uscc="51410000MJ0000001A") == "已有机构使用这个统一社会信用代码。"
    assert add(name="") != ""


def test_every_action_leaves_one_entry_in_the_same_transaction(monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("no trail")

    monkeypatch.setattr(actions, "record", fail)

    with pytest.raises(RuntimeError):
        actions.grant_seat(
            actor=None, user=make_user(), organisation=make_federation(), role=Role.EXPERT, now=NOW
        )

    assert not Seat.objects.exists()
