"""What the pages of filling in cost: CPU and statements of a request, beside a bare Django view in the same run.

    .venv/bin/python -m tests.benchmarks.filling_in [--declarations 3000] [--rounds 40]

On PostgreSQL: ``.venv/bin/python -m tests.postgres .venv/bin/python -m tests.benchmarks.filling_in``.
"""

import argparse
import sys
import time
from collections.abc import Callable

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import path, reverse

from declarations.models import Declaration
from declarations.states import State
from scoring.queries import programme_of
from sihao.accounts.roles import Role
from tests import rows, worlds
from tests.factories import make_federation, make_seat

JSON = {"HTTP_ACCEPT": "application/json"}


def bare(request: HttpRequest) -> HttpResponse:
    """Answer with next to nothing."""
    return HttpResponse("ok")


urlpatterns = [path("", bare)]


def cpu(ask: Callable[[], object], rounds: int) -> float:
    """Return the CPU of one request in milliseconds, the median of the rounds."""
    ask()
    spent = []
    for _ in range(rounds):
        begun = time.process_time()
        ask()
        spent.append(time.process_time() - begun)
    return sorted(spent)[rounds // 2] * 1000


def statements(ask: Callable[[], object]) -> int:
    """Return how many statements one request asks, BEGIN and COMMIT not counted."""
    with CaptureQueriesContext(connection) as asked:
        ask()
    return sum(not query["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")) for query in asked)


def signed_in(case: Declaration) -> Client:
    """Return a secretary of the chamber, signed in."""
    client = Client()
    client.force_login(make_seat(Role.CHAMBER_FILLER, case.applicant).user)
    return client


class Desk:
    """Two chambers at their drafts: one reads its pages, filled in as people do, the other saves."""

    def __init__(self, read: Declaration, case: Declaration) -> None:
        self.reader, self.read = signed_in(read), read.pk
        self.client, self.turn = signed_in(case), 0
        self.form = reverse("declarations:form", args=[case.pk])
        self.rows = reverse("declarations:self_assessment", args=[case.pk])
        programme = programme_of(case.cycle.programme)
        self.fields = [spec.id for spec in programme.fields if spec.kind != "list"]
        self.codes = [item.id for item in programme.rubric.items()]

    def post(self, address: str, typed: dict[str, str]) -> None:
        """Save, and make sure that it was."""
        assert self.client.post(address, typed, **JSON).status_code == 200

    def value(self) -> str:
        """Return a value that was never there."""
        self.turn += 1
        return f"{self.turn}"

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return what is measured, by name."""
        return {
            "form page": lambda: self.reader.get(reverse("declarations:form", args=[self.read])),
            "self-assessment page": lambda: self.reader.get(
                reverse("declarations:self_assessment", args=[self.read])
            ),
            "field save": lambda: self.post(self.form, {"address": self.value()}),
            "mark save": lambda: self.post(self.rows, {f"words-{self.codes[0]}": self.value()}),
            "full save of the form": lambda: self.post(self.form, dict.fromkeys(self.fields, self.value())),
            "full save of the marks": lambda: self.post(
                self.rows, {f"words-{code}": text for text in [self.value()] for code in self.codes}
            ),
        }


def measure(desk: Desk, rounds: int) -> dict[str, tuple[float, int]]:
    """Return CPU and statements of each act."""
    return {name: (cpu(act, rounds), statements(act)) for name, act in desk.acts().items()}


def main() -> None:
    """Measure at 3 declarations and at many, and print the table."""
    options = argparse.ArgumentParser()
    options.add_argument("--declarations", type=int, default=3000)
    options.add_argument("--rounds", type=int, default=40)
    chosen = options.parse_args()
    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    world = worlds.make_world()
    cases = [worlds.make_draft(world) for _ in range(3)]
    desk = Desk(*cases[:2])
    measure(desk, 1)  # what is read once a process is read
    few = measure(desk, chosen.rounds)
    names = [f"示例商会第{n}号" for n in range(chosen.declarations - 3)]
    rows.declare(world.cycle, names, home=make_federation(worlds.COUNTY), state=State.LOCAL_REVIEW)
    many = measure(desk, chosen.rounds)
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[]):
        plain = Client()
        floor = cpu(lambda: plain.get("/"), chosen.rounds * 5)
    told = sys.stdout.write
    told(f"{connection.vendor}, {chosen.rounds} rounds; bare view {floor:.2f} ms\n")
    told(f"| act | 3 declarations | {chosen.declarations:,} | ratio to the bare view | statements |\n")
    told("|---|---|---|---|---|\n")
    for name, (early, asked) in few.items():
        late, asked_late = many[name]
        told(f"| {name} | {early:.1f} ms | {late:.1f} ms | {late / floor:.0f} | {asked} / {asked_late} |\n")


if __name__ == "__main__":
    main()
