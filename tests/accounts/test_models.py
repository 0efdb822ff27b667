from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from sihao.accounts.models import Organisation, Seat, User
from sihao.accounts.roles import Kind, Level, Role
from tests.factories import NOW, make_chamber, make_federation, make_seat, make_user

pytestmark = pytest.mark.django_db


def refused_by_database(model, **fields) -> str:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        model.objects.create(**fields)
    return str(caught.value)


def body(**fields) -> dict:
    return {
        "kind": Kind.CHAMBER,
        "level": Level.COUNTY,
        "name": "甲",
        "path": "/x/",
        "parent": make_federation(),
    } | fields


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"kind": "club"}, "organisation_kind_known"),
        ({"level": 9}, "organisation_level_known"),
        ({"parent": None}, "organisation_only_national_has_no_parent"),
        ({"parent": None, "level": Level.NATIONAL}, "organisation_only_national_has_no_parent"),
        ({"valid_from": date(2020, 1, 2), "valid_to": date(2020, 1, 1)}, "organisation_dates_ordered"),
    ],
)
def test_database_refuses_organisation(fields, constraint):
    assert constraint in refused_by_database(Organisation, **body(**fields))


def test_one_federation_has_a_code():
    make_federation("410000")
    fields = body(kind=Kind.FEDERATION, level=Level.PROVINCE, code="410000")

    assert refused_by_database(Organisation, **fields)


def test_one_body_has_a_credit_code_and_many_have_none():
    make_chamber(uscc="51410000MJ0000001A")
    make_chamber()
    make_chamber()

    assert refused_by_database(Organisation, **body(uscc="51410000MJ0000001A"))
    with pytest.raises(ValidationError, match="已有机构使用这个统一社会信用代码。"):
        Organisation(**body(uscc="51410000MJ0000001A")).full_clean()


def test_paths_are_unique():
    chamber = make_chamber()

    assert refused_by_database(Organisation, **body(path=chamber.path))


@pytest.mark.parametrize("fields", [{"username": ""}, {"name": ""}])
def test_database_refuses_nameless_person(fields):
    fields = {"username": "anyone", "name": "某人", "opened_at": NOW} | fields

    assert "user_named" in refused_by_database(User, **fields)


def test_sign_in_name_is_taken_once():
    make_user("zhang")

    assert refused_by_database(User, username="zhang", name="另一人", opened_at=NOW)


def seat_fields(seat: Seat, **fields) -> dict:
    return {"user": seat.user, "organisation": seat.organisation, "role": seat.role, "since": NOW} | fields


def test_seat_is_held_once_and_again_after_it_ended():
    seat = make_seat()

    assert refused_by_database(Seat, **seat_fields(seat))
    Seat.objects.filter(pk=seat.pk).update(ended_at=NOW)
    Seat.objects.create(**seat_fields(seat))


def test_database_refuses_unknown_role_and_dates_in_disorder():
    seat = make_seat()

    assert "seat_role_known" in refused_by_database(Seat, **seat_fields(seat, role="emperor"))
    before = {"role": Role.LEADER, "ended_at": NOW - timedelta(days=1)}
    assert "seat_dates_ordered" in refused_by_database(Seat, **seat_fields(seat, **before))


@pytest.mark.parametrize("second", [Role.SECURITY_ADMIN, Role.AUDIT_ADMIN])
def test_three_administrators_are_three_persons(second):
    seat = make_seat(Role.SYSTEM_ADMIN)

    assert refused_by_database(Seat, **seat_fields(seat, role=second))


def test_one_person_may_hold_both_seats_of_a_chamber():
    seat = make_seat(Role.CHAMBER_FILLER)

    both = Seat.objects.create(**seat_fields(seat, role=Role.CHAMBER_PRESIDENT))

    assert both.pk


@pytest.mark.parametrize(
    ("home", "province"),
    [
        ("411122", "/100000/410000/"),
        ("411100", "/100000/410000/"),
        ("410000", "/100000/410000/"),
        ("100000", "/100000/"),
    ],
)
def test_province_above_a_body_and_its_chambers(home, province):
    federation = make_federation(home)

    assert federation.province_path == province
    assert make_chamber(federation).province_path == province


@pytest.mark.parametrize(
    ("day", "lives"),
    [("2015-12-31", False), ("2016-01-01", True), ("2019-12-31", True), ("2020-01-01", False)],
)
def test_body_lives_within_its_dates(day, lives):
    one = make_federation(valid_from=date(2016, 1, 1), valid_to=date(2019, 12, 31))

    assert one.lives_at(NOW.combine(date.fromisoformat(day), NOW.timetz())) is lives


def test_day_turns_in_beijing():
    one = make_federation(valid_from=date(2020, 9, 2))

    assert not one.lives_at(NOW.replace(day=1, hour=15, minute=59))
    assert one.lives_at(NOW.replace(day=1, hour=16, minute=0))


def test_labels_read_as_people_say_them():
    seat = make_seat(
        user=make_user(name="张三"), organisation=make_federation("411100", name="漯河市工商业联合会")
    )

    assert str(seat) == "张三（漯河市工商业联合会·经办人）"
    assert str(seat.user) == "张三"
    assert seat.path == "/100000/410000/411100/"
