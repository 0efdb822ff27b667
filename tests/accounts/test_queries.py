import re
from datetime import date

import pytest
from django.db import connection

from sihao.accounts.models import Organisation
from sihao.accounts.queries import (
    active_seats_at,
    active_seats_of,
    chain_of,
    federation_of_code,
    federations,
    home_of,
    national_node,
    organisation_within,
    organisations_named,
    organisations_under,
    path_range,
    person,
    person_by_username,
    person_within,
    province_of,
    rehearsal_seats,
    roster_of,
    seat_within,
    seats_of,
    superior_of,
    within_jurisdiction,
)
from sihao.accounts.roles import Role
from tests.factories import NOW, make_chamber, make_federation, make_seat, make_user

pytestmark = pytest.mark.django_db


def codes(organisations) -> list[str]:
    return [one.code or one.name for one in organisations]


def test_subtree_is_a_range_and_takes_no_neighbour(henan):
    make_chamber(henan["411122"], name="甲")
    make_chamber(henan["410000"], name="乙")
    make_federation("411200")

    assert codes(organisations_under(henan["411100"])) == ["411100", "411121", "411122", "甲"]
    assert codes(organisations_under(henan["410000"])) == [
        "410000",
        "411100",
        "411121",
        "411122",
        "甲",
        "411200",
        "乙",
    ]
    assert Organisation.objects.filter(path_range("/100000/")).count() == Organisation.objects.count()


def test_subtree_of_a_chamber_is_itself():
    first = make_chamber()
    for _ in range(12):
        make_chamber()

    assert list(organisations_under(first)) == [first]


def test_range_reads_an_index(henan):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # six rows are not worth an index otherwise

    plan = organisations_under(henan["411100"]).explain()

    assert re.search(r"SEARCH accounts_organisation USING INDEX|Index Cond: .+path", plan)


def test_chain_goes_up_in_one_query(henan, django_assert_num_queries):
    chamber = make_chamber(henan["411122"])

    with django_assert_num_queries(1):
        chain = chain_of(chamber)

    assert codes(chain) == [chamber.name, "411122", "411100", "410000", "100000"]
    assert superior_of(chamber) == home_of(chamber) == henan["411122"]
    assert home_of(henan["411122"]) == henan["411122"]
    assert superior_of(henan["100000"]) is None
    assert province_of(chamber) == henan["410000"]
    assert province_of(make_chamber(henan["100000"])) == henan["100000"]


def test_skipped_tier_is_not_simulated(henan):
    direct = make_federation("419001", henan["410000"])

    assert codes(chain_of(make_chamber(direct, name="甲"))) == ["甲", "419001", "410000", "100000"]


def test_jurisdiction_is_the_subtree(henan):
    city = make_seat(Role.LEADER, henan["411100"])

    assert [within_jurisdiction(city, one) for one in henan.values()] == [
        False,
        False,
        True,
        True,
        True,
        False,
    ]


def test_lookups(henan):
    assert federation_of_code("411122") == henan["411122"]
    assert national_node() == henan["100000"]
    with pytest.raises(Organisation.DoesNotExist):
        federation_of_code("999999")


def test_only_living_federations(henan):
    make_chamber(henan["411122"])
    make_federation("411123", valid_to=date(2019, 12, 31))
    make_federation("411124", valid_from=date(2021, 1, 1))

    assert codes(federations(date(2020, 6, 1))) == [
        "100000",
        "410000",
        "411100",
        "411121",
        "411122",
        "420000",
    ]
    assert "411123" in codes(federations(date(2019, 12, 31)))
    assert "411124" in codes(federations(date(2021, 1, 1)))


def test_organisations_are_found_by_name_region_or_code(henan):
    make_chamber(henan["411122"], name="食品商会")

    assert codes(organisations_named(henan["410000"], "食品", NOW)) == ["食品商会"]
    assert codes(organisations_named(henan["410000"], "41112", NOW))[:2] == ["411121", "411122"]
    assert codes(organisations_named(henan["420000"], "食品", NOW)) == []


def test_seats_are_active_until_they_end():
    user = make_user()
    old = make_seat(Role.OFFICER, None, user, ended_at=NOW)
    first, second = make_seat(Role.LEADER, None, user), make_seat(Role.EXPERT, None, user)

    assert list(active_seats_of(user)) == [first, second]
    assert list(seats_of(user)) == [second, first, old]


def test_active_seats_at_an_organisation_by_role():
    county = make_federation("411122")
    officer, leader = make_seat(Role.OFFICER, county), make_seat(Role.LEADER, county)
    make_seat(Role.OFFICER, county, ended_at=NOW)
    make_seat(Role.OFFICER, county, make_user(is_active=False))

    assert list(active_seats_at(county.pk)) == [officer, leader]
    assert list(active_seats_at(county.pk, {Role.LEADER})) == [leader]


def test_rosters():
    now, before = make_seat(), make_seat(ended_at=NOW)

    assert list(roster_of(now.organisation, ended=False)) == [now]
    assert list(roster_of(now.organisation, ended=True)) == [before]


def test_rehearsal_shows_the_first_accounts():
    first = make_seat()
    make_seat(ended_at=NOW)

    assert list(rehearsal_seats()) == [first]


def test_people_are_found_by_both_names():
    zhang = make_user("zhang", name="张三")

    assert person("zhang", "张三") == zhang
    assert person("zhang", "李四") is None
    assert person_by_username("zhang") == zhang
    assert person_by_username("li") is None


def test_out_of_jurisdiction_is_not_found(henan):
    city = make_seat(Role.LEADER, henan["411100"])
    inside, outside = make_seat(Role.OFFICER, henan["411122"]), make_seat(Role.OFFICER, henan["420000"])

    assert organisation_within(city, inside.organisation_id) == inside.organisation
    assert organisation_within(city, outside.organisation_id) is None
    assert (seat_within(city, inside.pk), seat_within(city, outside.pk)) == (inside, None)
    assert (person_within(city, inside.user_id), person_within(city, outside.user_id)) == (inside.user, None)
