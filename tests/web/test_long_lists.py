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


def all_read(house: House, lists=LISTS) -> dict:
    found = {}
    browsers = {name: house.browser(name) for name in {one.reader for one in lists}}
    for one in lists:
        client, url = browsers[one.reader], house.address(one)
        first = read(client, url)
        path = url.partition("?")[0]
        found[one] = first, read(client, path + first.next_url) if first.next_url else None
    return found


@pytest.fixture(scope="module")
def seen(django_db_setup, django_db_blocker, tmp_path_factory):
    """Return every list as it was read with few rows and with many: (first page, second page) for each.

    What a process reads once falls on whoever asks first: where few rows cost more than many, they are read again.
    """
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")), pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: worlds.NOW)
        house = House(worlds.make_world())
        house.grow(FEW)
        few = all_read(house)
        with kept(django_db_blocker):
            house.grow(MANY)
            many = all_read(house)
        again = [one for one in LISTS if len(few[one][0].statements) > len(many[one][0].statements)]
        yield few | all_read(house, again), many


def test_lists_ask_as_often_for_many_rows_as_for_few(seen):
    """One test: after each one every constraint of the full house is looked at, which costs more than a page."""
    few, many = seen
    faults = [f"{one.reader} {one.url}: {fault}" for one in LISTS for fault in faults_of(one, few[one], many[one])]

    assert faults == []


def faults_of(one, small, large):
    """Yield what is wrong with a list as it was read with few rows and with many."""
    (few, _), (many, following) = small, large
    if (few.status, many.status) != (200, 200):
        yield f"{few.status} and {many.status}"
    if len(many.statements) != len(few.statements):
        yield f"{len(few.statements)} statements for few rows, {len(many.statements)} for many"
    if bool(many.next_url) is not one.paged:
        yield f"goes on at “{many.next_url}”"
    if following is not None:
        if (following.status, len(following.statements)) != (200, len(many.statements)):
            yield f"the second page answers {following.status} with {len(following.statements)} statements"
        if any("OFFSET" in sql for sql in following.statements):
            yield "the second page counts from the start"
