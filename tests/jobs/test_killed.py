"""The worker killed with SIGKILL in the middle of an export and of mailing: nothing is lost, nothing doubled."""

from collections import Counter

import pytest
from python_calamine import CalamineWorkbook

from declarations.actions.exporting import order_national_summary
from declarations.states import State
from sihao import clock
from sihao.accounts.actions.mailing import BROKEN_OFF, post
from sihao.accounts.models import Mail, MailKind, MailState
from sihao.accounts.roles import Role
from sihao.jobs import results, tasks
from sihao.jobs.models import Job
from tests import worlds
from tests.factories import make_federation, make_seat, make_user
from tests.jobs.killed import Trap, Wire, kill_worker, restarted
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
