"""Queries put together once: the rows are read anew each time, and what cannot be prepared is refused."""

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from sihao.accounts.models import Organisation, Seat
from sihao.accounts.queries import path_end, path_range
from sihao.accounts.roles import Role
from sihao.prepared import Prepared
from tests.factories import make_federation, make_seat

pytestmark = pytest.mark.django_db


def test_it_is_put_together_once_and_read_anew():
    asked = []

    def named(pk: int):
        asked.append(pk)
        return Organisation.objects.filter(pk=pk)

    node, other, rows = make_federation("410000"), make_federation("420000"), Prepared(named)

    assert [rows.get(one.pk).name for one in (node, other)] == [node.name, other.name]
    Organisation.objects.filter(pk=node.pk).update(name="改名")
    assert rows.get(node.pk).name == "改名"
    assert len(set(asked) - {node.pk, other.pk}) == len(asked) == 2


def test_names_and_what_is_told_along_come_with_a_row():
    seat = make_seat(Role.OFFICER, make_federation("410000"))
    rows = Prepared(lambda organisation: Seat.objects.filter(organisation=organisation).select_related("organisation"))

    (found,) = rows(seat.organisation_id)

    assert (found, found.organisation, found.since) == (seat, seat.organisation, seat.since)


def test_there_may_be_as_many_values_as_one_likes():
    nodes = [make_federation(code) for code in ("410000", "420000", "430000")]
    rows = Prepared(lambda paths: Organisation.objects.filter(path__in=paths).order_by("path"))

    for number in (1, 3, 2):
        assert rows(tuple(node.path for node in nodes[:number])) == nodes[:number]


def test_one_that_is_not_there_is_none_or_an_error():
    rows = Prepared(lambda pk: Organisation.objects.filter(pk=pk))

    assert rows.first(0) is None
    with pytest.raises(Organisation.DoesNotExist):
        rows.get(0)


@pytest.mark.parametrize("value", [None, True, 1.5])
def test_a_value_that_changes_the_words_of_a_query_is_refused(value):
    with pytest.raises(TypeError):
        Prepared(lambda pk: Organisation.objects.filter(pk=pk))(value)


def test_a_value_that_is_altered_on_its_way_is_refused():
    with pytest.raises(ValueError, match="as it was given"):
        Prepared(lambda path: Organisation.objects.filter(path__startswith=path))("/100000/")


def test_a_word_may_stand_there_as_it_is_changed():
    node, other = make_federation("410000"), make_federation("420000")
    rows = Prepared(lambda path: Organisation.objects.filter(path_range(path)).order_by("path"), change=path_end)

    assert [rows(one.path) for one in (node, other)] == [[node], [other]]


def test_what_is_known_to_find_nothing_finds_nothing():
    assert Prepared(lambda paths: Organisation.objects.filter(path__in=paths))(()) == []


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite locks no rows")
@pytest.mark.django_db(transaction=True)
def test_a_row_is_locked_within_a_transaction_alone():
    rows = Prepared(lambda pk: Organisation.objects.select_for_update().filter(pk=pk))
    rows_known = Prepared(lambda pk: Organisation.objects.select_for_update().filter(pk=pk))
    node = make_federation("410000")

    with transaction.atomic():
        assert rows_known.get(node.pk) == node
    for one in (rows, rows_known):
        with pytest.raises(TransactionManagementError):
            one.get(node.pk)


def test_a_row_is_taken_up_as_it_was_read_whole_or_in_part():
    node = make_federation("410000")
    whole, part = Organisation.objects.get(pk=node.pk), Organisation.objects.only("name").get(pk=node.pk)

    assert (whole, whole.code, whole.get_deferred_fields()) == (node, node.code, set())
    assert (part.name, "code" in part.get_deferred_fields(), part.code) == (node.name, True, node.code)
    whole.name = "改名"
    whole.save()
    assert Organisation.objects.get(pk=node.pk).name == "改名"
