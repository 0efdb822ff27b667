import pytest

from sihao.accounts import permissions
from sihao.accounts.permissions import (
    Predicate,
    allowed,
    at_level,
    grantable_roles,
    has_role,
    own,
    predicate,
    register,
    roles_fitting,
    superior,
)
from sihao.accounts.roles import (
    ADMIN_ROLES,
    CHAMBER_ROLES,
    DEPARTMENT_ROLES,
    EXPERT_ROLES,
    NATIONAL_ROLES,
    TIER_ROLES,
    Level,
    Role,
)
from tests.factories import NOW, make_chamber, make_federation, make_seat, make_user

pytestmark = pytest.mark.django_db

yes = Predicate("yes", lambda seat, obj: True)
no = Predicate("no", lambda seat, obj: False)


@pytest.fixture
def rules(monkeypatch) -> dict:
    """The registry as it is, put back afterwards."""
    copy = dict(permissions.RULES)
    monkeypatch.setattr(permissions, "RULES", copy)
    return copy


# ---- predicates


@pytest.mark.parametrize(
    ("formula", "name", "answer"),
    [
        (yes & no, "(yes & no)", False),
        (yes & yes, "(yes & yes)", True),
        (no | yes, "(no | yes)", True),
        (no | no, "(no | no)", False),
        (~no, "~no", True),
        (~(yes & ~no) | no, "(~(yes & ~no) | no)", False),
    ],
)
def test_formula_has_its_name_and_its_answer(formula, name, answer):
    assert (str(formula), formula(None)) == (name, answer)


def test_decorated_function_is_a_predicate_of_that_name():
    @predicate
    def is_mine(seat, obj):
        return seat == obj

    assert (is_mine.name, is_mine(1, 1), is_mine(1, 2)) == ("is_mine", True, False)


def test_second_half_is_not_asked_in_vain():
    def fail(seat, obj):
        raise AssertionError("asked")

    asked = Predicate("asked", fail)

    assert not (no & asked)(None)
    assert (yes | asked)(None)


def test_base_predicates():
    seat = make_seat(Role.LEADER, make_federation("411100"))

    assert has_role(Role.OFFICER, Role.LEADER)(seat)
    assert not has_role(Role.OFFICER)(seat)
    assert has_role(Role.LEADER).name == "has_role(leader)"
    assert at_level(Level.CITY)(seat)
    assert not at_level(Level.COUNTY, Level.NATIONAL)(seat)
    assert at_level(Level.CITY).name == "at_level(CITY)"


@pytest.mark.parametrize(
    ("code", "is_own", "is_superior"),
    [("411100", True, False), ("411122", False, True), ("410000", False, False), ("420000", False, False)],
)
def test_own_and_superior_read_the_chain(code, is_own, is_superior):
    seat, other = make_seat(Role.LEADER, make_federation("411100")), make_federation(code)

    assert (own(seat, other), superior(seat, other)) == (is_own, is_superior)


# ---- the registry


def test_permission_is_asked_by_name(rules):
    register({"cases.read": has_role(Role.OFFICER), "cases.write": no})
    seat = make_seat()

    assert allowed(seat, "cases.read")
    assert not allowed(seat, "cases.write")


def test_unknown_permission_raises():
    with pytest.raises(KeyError, match=r"cases\.invent"):
        allowed(make_seat(), "cases.invent")
    with pytest.raises(KeyError, match=r"cases\.invent"):
        allowed(None, "cases.invent")


def test_permission_is_registered_once(rules):
    with pytest.raises(ValueError, match=r"accounts\.read_trail"):
        register({"accounts.read_trail": yes})


def test_nobody_and_an_ended_seat_may_nothing(rules):
    register({"anything": yes, "not_officer": ~has_role(Role.OFFICER)})

    assert not allowed(None, "not_officer")
    assert not allowed(make_seat(ended_at=NOW), "anything")
    assert allowed(make_seat(), "anything")


# ---- who grants what (d.9)


def test_roles_fit_their_organisations():
    assert roles_fitting(make_chamber()) == CHAMBER_ROLES
    assert roles_fitting(make_chamber(make_federation())) == CHAMBER_ROLES
    assert roles_fitting(make_federation("411122")) == TIER_ROLES
    assert roles_fitting(make_federation()) == NATIONAL_ROLES


HEAD_GRANTS = DEPARTMENT_ROLES | EXPERT_ROLES | {Role.MEETING_SECRETARY}
GRANTABLE = [
    (Role.LEADER, "411122", "411122", TIER_ROLES),
    (Role.LEADER, "411122", "chamber", CHAMBER_ROLES),
    (Role.LEADER, "411122", "411121", frozenset()),
    (Role.LEADER, "411122", "411100", frozenset()),
    (Role.LEADER, "411100", "411122", TIER_ROLES),
    (Role.LEADER, "411100", "chamber", CHAMBER_ROLES),
    (Role.LEADER, "410000", "chamber", CHAMBER_ROLES),
    (Role.LEADER, "420000", "chamber", frozenset()),
    (Role.LEADER, "410000", "100000", frozenset()),
    (Role.OFFICER, "411122", "411122", frozenset()),
    (Role.OFFICER, "411122", "chamber", frozenset()),
    (Role.DEPARTMENT_HEAD, "100000", "100000", HEAD_GRANTS),
    (Role.DEPARTMENT_HEAD, "100000", "411122", TIER_ROLES),
    (Role.DEPARTMENT_HEAD, "100000", "direct", CHAMBER_ROLES),
    (Role.DEPARTMENT_OFFICER, "100000", "100000", frozenset()),
    (Role.SECURITY_ADMIN, "100000", "100000", ADMIN_ROLES | {Role.SUPERVISION}),
    (Role.SECURITY_ADMIN, "100000", "411122", frozenset()),
    (Role.SYSTEM_ADMIN, "100000", "100000", frozenset()),
    (Role.AUDIT_ADMIN, "100000", "100000", frozenset()),
    (Role.SUPERVISION, "100000", "100000", frozenset()),
    (Role.EXPERT, "100000", "100000", frozenset()),
    (Role.GROUP_HEAD, "100000", "100000", frozenset()),
    (Role.MEETING_SECRETARY, "100000", "100000", frozenset()),
]


@pytest.mark.parametrize(("role", "at", "where", "roles"), GRANTABLE)
def test_federation_seats_grant(henan, role, at, where, roles):
    places = henan | {"chamber": make_chamber(henan["411122"]), "direct": make_chamber(henan["100000"])}
    seat = make_seat(role, henan[at])

    assert grantable_roles(seat, places[where]) == roles
    assert allowed(seat, "accounts.manage_seats", places[where]) is bool(roles)


def test_president_grants_at_the_own_chamber_alone():
    president, filler = make_seat(Role.CHAMBER_PRESIDENT), make_seat(Role.CHAMBER_FILLER)

    assert grantable_roles(president, president.organisation) == CHAMBER_ROLES
    assert grantable_roles(president, filler.organisation) == frozenset()
    assert grantable_roles(president, president.organisation.parent) == frozenset()
    assert grantable_roles(filler, filler.organisation) == frozenset()


def test_every_role_is_granted_by_somebody_else():
    granted = frozenset().union(*(roles for _, roles in permissions.GRANTS))

    assert granted == frozenset(Role)


def test_nobody_grants_himself():
    seat = make_seat(Role.LEADER)

    assert not allowed(seat, "accounts.grant_seat", make_seat(Role.OFFICER, seat.organisation, seat.user))
    assert allowed(seat, "accounts.grant_seat", make_seat(Role.OFFICER, seat.organisation))


# ---- accounts


def test_account_is_managed_by_who_grants_every_seat(henan):
    person = make_user()
    make_seat(Role.OFFICER, henan["411122"], person)
    county, city, head = (
        make_seat(Role.LEADER, henan["411122"]),
        make_seat(Role.LEADER, henan["411100"]),
        make_seat(Role.DEPARTMENT_HEAD),
    )
    assert [allowed(seat, "accounts.manage_account", person) for seat in (county, city, head)] == [
        True,
        True,
        True,
    ]

    make_seat(Role.OFFICER, henan["411121"], person)

    assert [allowed(seat, "accounts.manage_account", person) for seat in (county, city, head)] == [
        False,
        True,
        True,
    ]


def test_ended_seats_do_not_count():
    leader, person = make_seat(Role.LEADER), make_user()
    make_seat(Role.OFFICER, leader.organisation, person)
    make_seat(Role.EXPERT, None, person, ended_at=NOW)

    assert allowed(leader, "accounts.manage_account", person)


def test_own_account_and_one_without_seats():
    leader, head, security = (
        make_seat(Role.LEADER),
        make_seat(Role.DEPARTMENT_HEAD),
        make_seat(Role.SECURITY_ADMIN),
    )
    nobody = make_user()

    assert not allowed(leader, "accounts.manage_account", leader.user)
    assert [allowed(seat, "accounts.manage_account", nobody) for seat in (leader, head, security)] == [
        False,
        True,
        True,
    ]


@pytest.mark.parametrize("role", list(Role))
def test_trail_is_read_by_two_roles(role):
    assert allowed(make_seat(role), "accounts.read_trail") is (role in {Role.AUDIT_ADMIN, Role.SUPERVISION})


@pytest.mark.parametrize("role", list(Role))
def test_chambers_are_added_by_federations(role):
    seat = make_seat(role)
    may = role in TIER_ROLES | DEPARTMENT_ROLES

    assert allowed(seat, "accounts.browse_organisations") is may
    assert allowed(seat, "accounts.add_chamber", make_federation("411122")) is may
    assert not allowed(seat, "accounts.add_chamber", make_chamber(make_federation("411122")))
