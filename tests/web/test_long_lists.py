"""Worklists and lists cost the same number of statements at 3 and at 300 rows, and go on by key, never by offset."""

from dataclasses import dataclass

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sihao import clock
from tests import worlds
from tests.crowded import LISTS, House
from tests.kept import building, kept

pytestmark = pytest.mark.django_db
FEW, MANY = 3, 300


@dataclass(frozen=True)
class Read:
    """What one request asked, and where its next page is."""

    status: int
    statements: list[str]
    next_url: str


def read(client, url: str) -> Read:
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(url)
    page = (answer.context or {}).get("page")
    following = page["next_url"] if isinstance(page, dict) else getattr(page, "next_url", "")
    return Read(answer.status_code, [query["sql"] for query in asked], following)


def all_read(house: House) -> dict:
    found = {}
    browsers = {name: house.browser(name) for name in {one.reader for one in LISTS}}
    for one in LISTS:
        client, url = browsers[one.reader], house.address(one)
        first = read(client, url)
        path = url.partition("?")[0]
        found[one] = first, read(client, path + first.next_url) if first.next_url else None
    return found


@pytest.fixture(scope="module")
def seen(django_db_setup, django_db_blocker, tmp_path_factory):
    """Return every list as it was read with few rows and with many: (first page, second page) for each."""
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")), pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: worlds.NOW)
        house = House(worlds.make_world())
        house.grow(FEW)
        all_read(house)  # what is read once a process is read
        few = all_read(house)
        house.grow(MANY)
        yield few, all_read(house)


@pytest.mark.parametrize("one", LISTS, ids=lambda one: f"{one.reader} {one.url}")
def test_list_asks_as_often_for_many_rows_as_for_few(seen, one):
    (few, _), (many, following) = seen[0][one], seen[1][one]

    assert (few.status, many.status) == (200, 200)
    assert len(many.statements) == len(few.statements)
    assert bool(many.next_url) is one.paged
    if following is not None:
        assert following.status == 200
        assert len(following.statements) == len(many.statements)
        assert not [sql for sql in following.statements if "OFFSET" in sql]
