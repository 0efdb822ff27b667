"""The worker killed at any moment of a mass export: taken up again, the .zip is that of an undisturbed run."""

from hashlib import sha256
from io import BytesIO
from zipfile import ZipFile

import pypdfium2
import pytest

from declarations.actions.exporting import order_certificates, order_list_bundle
from declarations.demo import stages
from declarations.exports.papers import book, bundles
from declarations.models import Declaration, Recognition
from declarations.states import State
from sihao.accounts.roles import Role
from sihao.documents import bundle
from sihao.documents.paper import Paper, Paragraph
from sihao.jobs import results, tasks
from sihao.jobs.models import Job
from tests import worlds
from tests.factories import make_federation, make_seat
from tests.jobs.killed import Trap, kill_worker, restarted
from tests.kept import building
from tests.rows import declare

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning"),
]
TITLES = 3


def ordered(order, monkeypatch):
    """Return what was ordered, before any worker took it: a worker of its own does that."""
    with monkeypatch.context() as patched:
        patched.setattr("sihao.jobs.actions.send", lambda job_id: None)
        order()
    return Job.objects.latest("pk")


def content(job):
    return results.located(job.result_file).read_bytes()


# ---- certificates


def titled():
    """Return a published cycle and who orders its certificates."""
    cycle, home = worlds.make_cycle(), make_federation(worlds.PROVINCE)
    cases = declare(cycle, [f"商会{n}" for n in range(TITLES)], home=home, state=State.APPROVED)
    Declaration.objects.update(state=State.RECOGNISED, holder=None)
    facts = {"cycle": cycle, "unit_name": str(home), "unit_code": home.code}
    at = {"recognised_at": worlds.NOW, "published_at": worlds.NOW}
    for serial, case in enumerate(cases, start=1):
        named = {"serial": serial, "number": f"SH2020-{serial:04d}", "name": case.applicant_name}
        Recognition.objects.create(declaration=case, **named, **facts, **at)
    cycle.published_at = worlds.NOW
    cycle.save()
    return cycle, make_seat(Role.DEPARTMENT_HEAD, make_federation(worlds.NATION))


def before_a_piece(trap):
    certificate = bundles._certificate

    def stopped(*arguments):
        trap.here()
        certificate(*arguments)

    bundles._certificate = stopped


def inside_a_piece(trap):
    """The file is there under its passing name, half written."""
    certificate = bundles._certificate

    def half(title, issued, path):
        passing = path.with_name("passing")
        certificate(title, issued, passing)
        path.write_bytes(passing.read_bytes()[:500])
        trap.here()
        passing.replace(path)

    bundles._certificate = half


def inside_the_zip(trap):
    copy = bundle._copy

    def stopped(*arguments):
        copy(*arguments)
        trap.here()

    bundle._copy = stopped


def before_it_is_done(trap):
    finish = tasks.actions.finish

    def stopped(**words):
        trap.here()
        finish(**words)

    tasks.actions.finish = stopped


MOMENTS = [
    *((before_a_piece, at) for at in (1, 2, 3)),
    *((inside_a_piece, at) for at in (1, 3)),
    *((inside_the_zip, at) for at in (1, 3)),
    (before_it_is_done, 1),
]


def test_certificates_are_the_same_to_the_byte_wherever_the_worker_was_killed(monkeypatch, settings, tmp_path):
    settings.STORAGE_ROOT = tmp_path
    cycle, head = titled()

    def order():
        return order_certificates(cycle=cycle, actor=head, now=worlds.NOW)

    whole = ordered(order, monkeypatch)
    tasks.run(whole.pk)
    whole.refresh_from_db()
    assert (whole.state, whole.done, whole.total) == ("done", TITLES + 1, TITLES + 1)
    for lay, at in MOMENTS:
        job, trap = ordered(order, monkeypatch), Trap(at)
        for kept in tmp_path.glob("papers/*.pdf"):
            kept.unlink()
        kill_worker(job, trap, lambda lay=lay, trap=trap: lay(trap))
        parts = (tmp_path / "jobs" / "parts" / str(job.number)).iterdir()
        there = len([one for one in parts if "-" in one.stem and not one.suffix])
        job = restarted(job)

        assert (job.state, job.attempts) == ("done", 2), (lay.__name__, at)
        assert content(job) == content(whole), (lay.__name__, at)
        expected = at - 1 if lay in (before_a_piece, inside_a_piece) else TITLES
        assert there == expected, (lay.__name__, at)
        assert not (tmp_path / "jobs" / "parts" / str(job.number)).exists()


def test_the_manifest_names_every_file_with_its_digest_and_names_can_be_read(monkeypatch, settings, tmp_path):
    settings.STORAGE_ROOT = tmp_path
    cycle, head = titled()
    job = ordered(lambda: order_certificates(cycle=cycle, actor=head, now=worlds.NOW), monkeypatch)

    tasks.run(job.pk)

    job.refresh_from_db()
    with ZipFile(BytesIO(content(job))) as file:
        names = file.namelist()
        lines = dict(line.split("  ")[::-1] for line in file.read("清单.sha256").decode().splitlines())
        digests = {name: sha256(file.read(name)).hexdigest() for name in names[:-2]}
        told = file.read("说明.txt").decode()
    unit = make_federation(worlds.PROVINCE)
    folder = f"{unit.code}_{unit}"
    assert names[:-2] == [f"{folder}/SH2020-000{n + 1}_商会{n}.pdf" for n in range(TITLES)]
    assert lines == digests
    assert told.startswith(f"{cycle.name}_证书，")
    assert f"共{TITLES}个文件" in told
    assert job.result_name == f"{cycle.name}_证书.zip"


# ---- a list with its books


def short(title):
    return lambda seat, dossier: Paper(title, (Paragraph(dossier.case.applicant_name),))


def inside_a_book(trap):
    """A chapter is on the disk, the book is not bound."""
    bind = book.binding.bind

    def stopped(*arguments, **words):
        trap.here()
        return bind(*arguments, **words)

    book.binding.bind = stopped


def test_a_list_with_its_books_is_the_same_to_the_byte(monkeypatch, tmp_path):
    with building(tmp_path):
        world = worlds.make_world()
        case = worlds.make_shortlisted(world)
        stages.hold_meeting(world, case.unit)
        case = stages.fresh(case)
        officer = world.staff[case.unit_id][0]
        monkeypatch.setattr(book, "application_paper", short("申报表"))
        monkeypatch.setattr(book, "self_assessment_paper", short("自评表"))

        def order():
            return order_list_bundle(batch=case.batch, actor=officer, now=worlds.NOW)

        whole = ordered(order, monkeypatch)
        tasks.run(whole.pk)
        whole.refresh_from_db()
        assert (whole.state, whole.error) == ("done", "")
        job, trap = ordered(order, monkeypatch), Trap(1)
        kill_worker(job, trap, lambda: inside_a_book(trap))
        job = restarted(job)

        assert (job.state, job.attempts) == ("done", 2)
        assert content(job) == content(whole)
        with ZipFile(BytesIO(content(job))) as file:
            names = [name for name in file.namelist() if name not in {"清单.sha256", "说明.txt"}]
            pages = len(pypdfium2.PdfDocument(file.read(names[-1])))
        assert names == [f"001_{case.applicant_name}_{case.number}/申报书.pdf"]
        assert pages > 4
