"""The worker killed with SIGKILL in the middle of a publication: nothing is lost, nothing doubled, numbers go on."""

from collections import Counter

import pytest

from declarations.actions import publication
from declarations.actions.counting import recount
from declarations.models import DecisionLetter, Declaration, Publication, Recognition
from declarations.states import State
from sihao import clock
from sihao.accounts.roles import Role
from sihao.audit.models import Entry
from sihao.jobs.models import Job
from tests import worlds
from tests.factories import make_federation, make_seat
from tests.jobs.killed import Trap, kill_worker, restarted
from tests.rows import declare

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # From Python 3.12 on forking beside threads is warned of; the child here does one thing and dies.
    pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning"),
]
CASES, KILLED_AT = 5, 3


def test_what_was_published_stands_and_the_rest_follows_once(monkeypatch):
    cycle, home = worlds.make_cycle(), make_federation(worlds.PROVINCE)
    cycle.public_notice, cycle.two_persons = False, []
    cycle.save()
    cases = declare(cycle, [f"商会{n}" for n in range(CASES)], home=home, state=State.APPROVED)
    for case in Declaration.objects.select_related("home", "unit", "holder"):
        recount(case, Counter())
    head = make_seat(Role.DEPARTMENT_HEAD, make_federation(worlds.NATION))
    monkeypatch.setattr(publication, "refuse_broken", lambda **words: None)  # the rows were written past the actions
    with monkeypatch.context() as patched:
        patched.setattr("sihao.jobs.actions.send", lambda job_id: None)
        job = publication.order_publication(cycle=cycle, actor=head, now=clock.now())
    trap, perform = Trap(KILLED_AT), publication.perform

    def lay():
        def performed(**words):
            done = perform(**words)
            trap.here()
            return done

        publication.perform = performed

    kill_worker(job, trap, lay)
    half = list(Recognition.objects.values_list("number", "published_at").order_by("serial"))
    job = restarted(job)

    assert half == [(f"SH2020-{place:04d}", None) for place in range(1, KILLED_AT)]
    assert (Job.objects.get().state, job.attempts, Publication.objects.get().published) == ("done", 2, CASES)
    numbers = [f"SH2020-{place:04d}" for place in range(1, CASES + 1)]
    titles = Recognition.objects.filter(published_at__isnull=False).order_by("serial")
    assert list(titles.values_list("number", flat=True)) == numbers
    assert set(Declaration.objects.values_list("state", flat=True)) == {State.RECOGNISED}
    told = Counter(Entry.objects.filter(event="recognised").values_list("target_id", flat=True))
    assert told == Counter(str(case.pk) for case in cases)
    assert Counter(DecisionLetter.objects.values_list("declaration", flat=True)) == Counter(case.pk for case in cases)
    assert Entry.objects.filter(event="list_published").count() == 1
