"""What worklists and lists cost with 50 and with 5,000 rows in each: statements, and CPU beside a bare Django view.

    .venv/bin/python -m tests.benchmarks.worklists [--few 50] [--many 5000] [--rounds 5]

On PostgreSQL: ``.venv/bin/python -m tests.postgres .venv/bin/python -m tests.benchmarks.worklists``. Ends with 1 when
a list asks more with many rows than with few, or goes on by offset.
"""

import argparse
import sys
import time
from dataclasses import dataclass
from statistics import median

from django.core.management import call_command
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext, setup_test_environment
from django.urls import path

from sihao import clock
from tests import worlds
from tests.crowded import LISTS, House, Long


def bare(request: HttpRequest) -> HttpResponse:
    """Answer with next to nothing."""
    return HttpResponse("ok")


urlpatterns = [path("", bare)]


@dataclass(frozen=True)
class Cost:
    """What a page cost, and its next one: statements and milliseconds; whether either skipped rows by offset."""

    statements: int
    spent: float
    next_statements: int | None = None
    next_spent: float | None = None
    by_offset: bool = False


def spent_on(client: Client, url: str, rounds: int) -> float:
    """Return the CPU of one request in milliseconds, the median of the rounds."""
    taken = []
    for _ in range(rounds):
        begun = time.process_time()
        client.get(url)
        taken.append(time.process_time() - begun)
    return median(taken) * 1000


def cost(client: Client, url: str, rounds: int) -> Cost:
    """Measure a list and, where it goes on, its second page."""
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(url)
    assert answer.status_code == 200, url
    page = answer.context.get("page")
    following = page["next_url"] if isinstance(page, dict) else getattr(page, "next_url", "")
    first = len(asked), spent_on(client, url, rounds)
    if not following:
        return Cost(*first, by_offset=skips(asked))
    further = url.partition("?")[0] + following
    with CaptureQueriesContext(connection) as then:
        client.get(further)
    return Cost(*first, len(then), spent_on(client, further, rounds), skips(asked) or skips(then))


def skips(asked: CaptureQueriesContext) -> bool:
    """Whether a statement skips rows by counting them."""
    return any("OFFSET" in query["sql"] for query in asked)


def measured(house: House, rounds: int) -> dict[Long, Cost]:
    """Return what each list costs in the house as it is."""
    found = {}
    for one in LISTS:
        found[one] = cost(house.browser(one.reader), house.address(one), rounds)
        sys.stderr.write(f"{house.rows} {one.reader} {one.url} {found[one].spent:.0f} ms\n")
    return found


def main() -> None:
    """Measure with few rows and with many, print the table, and fail where a list grows."""
    options = argparse.ArgumentParser()
    options.add_argument("--few", type=int, default=50)
    options.add_argument("--many", type=int, default=5000)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    setup_test_environment()
    clock.now = lambda: worlds.NOW
    call_command("migrate", verbosity=0)
    house = House(worlds.make_world())
    house.grow(chosen.few)
    measured(house, 1)  # what is read once a process is read
    few = measured(house, chosen.rounds)
    house.grow(chosen.many)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    many = measured(house, chosen.rounds)
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[]):
        plain = Client()
        plain.get("/")
        floor = spent_on(plain, "/", 200)
    sys.exit(told(few, many, floor, chosen))


def told(few: dict[Long, Cost], many: dict[Long, Cost], floor: float, chosen: argparse.Namespace) -> int:
    """Print the table; return 1 where a list asks more with many rows, or skips by offset."""
    say = sys.stdout.write
    say(f"{connection.vendor}, {chosen.rounds} rounds; bare view {floor:.2f} ms\n")
    head = f"| list | read by | statements at {chosen.few:,} and {chosen.many:,} | first page | second page |\n"
    say(head + "|---|---|---|---|---|\n")
    worse = 0
    for one, late in many.items():
        early = few[one]
        grew = late.statements != early.statements or late.by_offset
        worse += grew
        second = f"{late.next_spent:.0f} ms" if late.next_spent is not None else "–"
        counts = f"{early.statements} / {late.statements}{' GREW' if grew else ''}"
        say(f"| {one.url} | {one.reader} | {counts} | {early.spent:.0f} / {late.spent:.0f} ms | {second} |\n")
    return 1 if worse else 0


if __name__ == "__main__":
    main()
