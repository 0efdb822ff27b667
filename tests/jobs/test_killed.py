"""The worker killed by SIGKILL in the middle of a mass act, an export, mailing: nothing is lost, nothing doubled."""

from collections import Counter
from random import Random

import pytest
from python_calamine import CalamineWorkbook

from declarations.actions import publication, publish, verdicts
from declarations.actions.exporting import order_national_summary
from declarations.demo.stages import DemoClock, World
from declarations.models import (
    Agenda,
    AgendaItem,
    Cycle,
    Declaration,
    Notice,
    Recognition,
    ScoreRun,
    StateCount,
)
from declarations.queries.replay import digest_of_list, published_lines
from declarations.states import State
from sihao import clock
from sihao.accounts.actions.mailing import BROKEN_OFF, post
from sihao.accounts.models import Mail, MailKind, MailState
from sihao.accounts.roles import Role
from sihao.audit.actions import seal
from sihao.audit.models import Entry
from sihao.audit.queries import verify
from sihao.jobs import results, tasks
from sihao.jobs.models import Job
from tests import worlds
from tests.factories import make_federation, make_seat, make_user
from tests.jobs.killed import Trap, Wire, kill_worker, restarted
from tests.panels import plant
from tests.rows import declare

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # From Python 3.12 on forking beside threads is warned of; the child here does one thing and dies.
    pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning"),
]
CASES = 30
PEOPLE = 8


def ordered(order, monkeypatch):
    """Return what was ordered, before any worker took it: a worker of its own does that."""
    with monkeypatch.context() as patched:
        patched.setattr("sihao.jobs.actions.send", lambda job_id: None)
        order()
    return Job.objects.latest("pk")


# ---- a mass export


@pytest.mark.parametrize("at", [CASES // 2, CASES], ids=["in the middle", "last row"])
def test_an_export_is_made_anew_whole_and_once(monkeypatch, at):
    cycle, home = worlds.make_cycle(), make_federation(worlds.COUNTY)
    cases = declare(cycle, [f"商会{n}" for n in range(CASES)], home=home, state=State.RECOMMENDED)
    head = make_seat(Role.DEPARTMENT_HEAD, make_federation(worlds.NATION))
    job = ordered(lambda: order_national_summary(cycle=cycle, actor=head, now=clock.now()), monkeypatch)
    trap, report = Trap(at), tasks.Report.__call__

    def lay():
        def stopped(self, done, total):
            report(self, done, total)
            trap.here()

        tasks.Report.__call__ = stopped

    kill_worker(job, trap, lay)
    assert not list(results.located("jobs/results").glob("*"))
    job = restarted(job)

    assert (job.state, job.attempts, job.done, job.total) == ("done", 2, CASES, CASES)
    assert [file.name for file in results.located("jobs/results").iterdir()] == [f"{job.number}.xlsx"]
    rows = CalamineWorkbook.from_path(str(results.located(job.result_file))).get_sheet_by_index(0).to_python()
    named = Counter(cell for row in rows for cell in row if str(cell).startswith("商会") and str(cell)[2:].isdigit())
    assert named == Counter(case.applicant_name for case in cases)


# ---- mailing


@pytest.fixture
def wire(settings, tmp_path):
    settings.EMAIL_BACKEND = "tests.jobs.killed.Wire"
    Wire.taken = tmp_path / "taken"
    Wire.taken.touch()
    return Wire


def mails():
    now = clock.now()
    people = [make_user(f"person{n}", email=f"p{n}@example.org") for n in range(PEOPLE)]
    facts = {"kind": MailKind.DIGEST, "path": "/100000/", "title": "每日摘要", "body": "一件。", "created_at": now}
    return [Mail(recipient=one, address=one.email, key=f"digest:{one.pk}", **facts) for one in people]


def taken():
    return Counter(Wire.taken.read_text().split())


@pytest.mark.parametrize("side", ["before", "behind"])
def test_no_mail_leaves_twice_and_the_one_in_hand_is_named(monkeypatch, wire, side):
    """Whether the server took the one in hand nobody can know: it is not sent again by itself, and is told."""
    job = ordered(lambda: post(mails=mails(), now=clock.now()), monkeypatch)
    trap = Trap(4)

    kill_worker(job, trap, lambda: setattr(Wire, side, staticmethod(trap.here)))
    in_hand = Mail.objects.get(state=MailState.SENDING)
    job = restarted(job, minutes=11)

    assert (job.state, job.attempts) == ("done", 2)
    in_hand.refresh_from_db()
    assert (in_hand.state, in_hand.error) == (MailState.FAILED, BROKEN_OFF)
    others = Mail.objects.exclude(pk=in_hand.pk)
    assert {one.state for one in others} == {MailState.SENT}
    expected = Counter(others.values_list("address", flat=True))
    expected[in_hand.address] += side == "behind"
    assert taken() == +expected


# ---- a publication


def publication_of_lines(monkeypatch):
    """Return the ordered publication of some approved cases."""
    cycle, home = worlds.make_cycle(), make_federation(worlds.PROVINCE)
    cycle.public_notice, cycle.two_persons = False, []
    cycle.save()
    nation = make_federation(worlds.NATION)
    cases = declare(cycle, [f"商会{n}" for n in range(LINES)], home=home, state=State.APPROVED)
    Declaration.objects.update(holder=nation)
    for rank, case in enumerate(cases, start=1):
        Declaration.objects.filter(pk=case.pk).update(rank=rank, unit=home)
        make_seat(Role.CHAMBER_PRESIDENT, case.applicant)
    counted = {"home": home, "unit": home, "holder": nation}
    StateCount.objects.bulk_create(
        StateCount(cycle=cycle, scope=scope, organisation=one, path=one.path, state=State.APPROVED, number=LINES)
        for scope, one in counted.items()
    )
    head = make_seat(Role.DEPARTMENT_HEAD, nation)
    return ordered(lambda: publication.order_publication(cycle=cycle, actor=head, now=clock.now()), monkeypatch)


LINES = 4
POINTS = {
    "before the first line is written": ("Recognition.objects", 1),
    "inside a line's transaction": ("record", 3),
    "between the last line and the end": ("end", 1),
}


@pytest.mark.parametrize("point", POINTS)
def test_a_publication_goes_on_where_it_was_killed(monkeypatch, point):
    """Each chamber has one title with the next number, one entry, one letter to each seat; the list is told once."""
    job = publication_of_lines(monkeypatch)
    name, at = POINTS[point]
    trap = Trap(at)

    kill_worker(job, trap, lambda: lay_in_publication(name, trap))
    seen = published_lines(Cycle.objects.get())
    job = restarted(job)

    assert seen == ()
    assert (job.state, job.attempts) == ("done", 2)
    titles = list(Recognition.objects.order_by("serial").values_list("serial", "name"))
    assert titles == [(n, f"商会{n - 1}") for n in range(1, LINES + 1)]
    cycle = Cycle.objects.get()
    assert len(published_lines(cycle)) == LINES
    assert digest_of_list(published_lines(cycle)) == cycle.published_digest
    told = Counter(Entry.objects.filter(event__in=["recognised", "list_published"]).values_list("event", "target_id"))
    assert (len(told), set(told.values())) == (LINES + 1, {1})
    heard = Counter(Notice.objects.values_list("seat", "declaration", "title"))
    assert set(heard.values()) <= {1}
    assert seal(now=clock.now(), thorough=True) == Entry.objects.count()
    assert verify().broken is None


def lay_in_publication(name, trap):
    """Lay the trap in the child's own copy of the code."""
    if name == "end":
        complete = publication._complete

        def stopped(*arguments):
            trap.here()
            return complete(*arguments)

        publication._complete = stopped
        return
    lay_in_steps(publication, trap, before=name == "Recognition.objects")


def lay_in_steps(actions, trap, *, before=False):
    """Lay the trap inside the transaction of a step, before or behind what belongs to the step alone."""
    perform = actions.perform

    def half(*, effect, **words):
        def then(dossier):
            if before:
                trap.here()
            told = effect(dossier)
            if not before:
                trap.here()
            return told

        return perform(effect=then, **words)

    actions.perform = half


# ---- the verdicts, each in a transaction of its own


def events():
    return Counter(Entry.objects.filter(target_kind="declaration").values_list("event", "target_id"))


@pytest.mark.parametrize("inside", [True, False], ids=["inside a case's transaction", "between two cases"])
def test_signing_goes_on_where_it_was_killed(monkeypatch, inside):
    """Each case has one verdict, told once; what was signed before is not signed again."""
    world = World(cycle=worlds.make_cycle(), clock=DemoClock(worlds.NOW), rng=Random(1), seats={})
    cases = plant(world, cases=LINES, experts=5).cases
    head = make_seat(Role.GROUP_HEAD, make_federation(worlds.NATION))
    job = ordered(lambda: verdicts.order_signing(cycle=world.cycle, actor=head, now=clock.now()), monkeypatch)
    trap, report = Trap(3), tasks.Report.__call__

    def between(self, done, total):
        report(self, done, total)
        trap.here()

    kill_worker(
        job,
        trap,
        lambda: lay_in_steps(verdicts, trap) if inside else setattr(tasks.Report, "__call__", between),
    )
    signed = dict(ScoreRun.objects.values_list("declaration", "run_at"))
    job = restarted(job)

    assert len(signed) == (2 if inside else 3)
    assert (job.state, job.attempts) == ("done", 2)
    runs = {pk: at for pk, number, at in ScoreRun.objects.values_list("declaration", "number", "run_at") if number == 1}
    assert ScoreRun.objects.count() == len(runs) == LINES
    assert {pk: at for pk, at in runs.items() if pk in signed} == signed
    assert events() == Counter({("proposed", str(case.pk)): 1 for case in cases})
    assert set(Declaration.objects.values_list("state", flat=True)) == {State.PROPOSED}


# ---- the agenda and the decision, each one transaction: all or nothing


def proposed():
    cycle, home, nation = worlds.make_cycle(), make_federation(worlds.PROVINCE), make_federation(worlds.NATION)
    declare(cycle, [f"商会{n}" for n in range(LINES)], home=home, state=State.PROPOSED)
    Declaration.objects.update(holder=nation)
    counted = {"home": home, "unit": home, "holder": nation}
    StateCount.objects.bulk_create(
        StateCount(cycle=cycle, scope=scope, organisation=one, path=one.path, state=State.PROPOSED, number=LINES)
        for scope, one in counted.items()
    )
    return cycle, make_seat(Role.DEPARTMENT_HEAD, nation), make_seat(Role.MEETING_SECRETARY, nation)


def test_an_agenda_is_frozen_whole_or_not_at_all(monkeypatch):
    cycle, head, _ = proposed()
    job = ordered(lambda: publish.order_agenda(cycle=cycle, actor=head, now=clock.now()), monkeypatch)
    trap = Trap(LINES)

    kill_worker(job, trap, lambda: lay_in_steps(publish, trap))
    left = (Agenda.objects.count(), AgendaItem.objects.count(), sum(events().values()))
    job = restarted(job)

    assert left == (0, 0, 0)
    assert (job.state, job.attempts) == ("done", 2)
    assert list(AgendaItem.objects.order_by("place").values_list("place", flat=True)) == list(range(1, LINES + 1))
    assert (Agenda.objects.count(), set(events().values()), len(events())) == (1, {1}, LINES)


def test_a_decision_is_registered_whole_or_not_at_all(monkeypatch):
    cycle, head, secretary = proposed()
    agenda = publish.freeze_agenda(cycle=cycle, actor=head, now=clock.now())
    told = {"on": clock.now().date(), "present": "主席、副主席", "recused": "", "text": "逐件审议。", "outcomes": {}}
    publish.draft_meeting(agenda=agenda, actor=secretary, **told)
    publish.draft_all_approved(agenda=agenda, actor=secretary)
    job = ordered(lambda: publish.order_decision(agenda=agenda, actor=secretary, now=clock.now()), monkeypatch)
    trap = Trap(LINES)

    kill_worker(job, trap, lambda: lay_in_steps(publish, trap))
    left = set(AgendaItem.objects.values_list("outcome", "agenda__decided_at", "declaration__state"))
    job = restarted(job)

    assert left == {("", None, State.PROPOSED)}
    assert (job.state, job.attempts) == ("done", 2)
    assert set(AgendaItem.objects.values_list("outcome", "declaration__state")) == {("approved", State.APPROVED)}
    assert Counter(event for event, _ in events()) == {"agenda_frozen": LINES, "approved": LINES}
    assert set(events().values()) == {1}
