"""The worker killed at any moment of a mass export: taken up again, the .zip is that of an undisturbed run."""

from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO
from zipfile import ZipFile

import pypdfium2
import pytest

from declarations import store
from declarations.actions.archiving import order_archive
from declarations.actions.exporting import order_certificates, order_feedback, order_list_bundle
from declarations.demo import stages
from declarations.exports.archive import papers as archived
from declarations.exports.papers import book, bundles
from declarations.models import Declaration, FeedbackPack, Recognition, Recusal
from declarations.states import PaperKind, State
from sihao.accounts.roles import Role
from sihao.audit.events import Event
from sihao.audit.models import Entry
from sihao.documents import bundle
from sihao.documents.archive import building as archive
from sihao.documents.paper import Paper, Paragraph
from sihao.jobs import registry, results, tasks
from sihao.jobs.models import Job
from sihao.ui.papers import Paper as Printed
from tests import worlds
from tests.factories import make_federation, make_seat
from tests.jobs.killed import Trap, kill_worker, later, restarted
from tests.kept import building
from tests.rows import declare

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning"),
]
TITLES = 3


@pytest.fixture(autouse=True)
def printed_once(monkeypatch):
    """Print each paper once in a test; ``test_pdf`` shows that the same page gives the same bytes.

    A worker that laid out another page than the undisturbed one would still print another file.
    """
    made = {}

    def once(key, make):
        if key not in made:
            made[key] = make()
        return made[key]

    pdf, stamped = Printed.pdf, Printed.stamped
    monkeypatch.setattr(Printed, "pdf", lambda self: once(self.digest, lambda: pdf(self)))
    monkeypatch.setattr(
        Printed, "stamped", lambda self, stamp: once((self.digest, stamp(1, 9)), lambda: stamped(self, stamp))
    )


@contextmanager
def nobody_working(monkeypatch):
    """Let what is ordered inside wait."""
    with monkeypatch.context() as patched:
        patched.setattr("sihao.jobs.actions.send", lambda job_id: None)
        yield


def ordered(order, monkeypatch):
    """Return what was ordered, before any worker took it: a worker of its own does that."""
    with nobody_working(monkeypatch):
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


def while_it_is_moved(trap):
    """The first call is before the finished file has its lasting place, the second behind."""
    sync = results._sync

    def stopped(path):
        trap.here()
        sync(path)

    results._sync = stopped


MOMENTS = [
    *((before_a_piece, at) for at in (1, 2, 3)),
    *((inside_a_piece, at) for at in (1, 3)),
    *((inside_the_zip, at) for at in (1, 3)),
    (while_it_is_moved, 2),
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
    assert_the_manifest_names_every_file_with_its_digest(whole, cycle)
    for lay, at in MOMENTS:
        job, trap = ordered(order, monkeypatch), Trap(at)
        if lay in (before_a_piece, inside_a_piece):  # the other moments lie behind the printing
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


def assert_the_manifest_names_every_file_with_its_digest(job, cycle):
    """The names can be read."""
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


# ---- feedback packs


def packed():
    """Return a cycle whose units have a pack each, of the third a second edition, and who orders them."""
    cycle = worlds.make_cycle()
    for code, edition in (("410000", 1), ("420000", 1), ("430000", 1), ("430000", 2)):
        content = f"PK{code}{edition}".encode() * 500
        digest = sha256(content).hexdigest()
        file = {"digest": digest, "stored": store.keep(BytesIO(content), digest), "size": len(content), "basis": digest}
        named = {"unit": make_federation(code), "edition": edition, "name": f"反馈材料{code}第{edition}版.xlsx"}
        FeedbackPack.objects.create(cycle=cycle, cases=1, made_at=worlds.NOW, **named, **file)
    return cycle, make_seat(Role.DEPARTMENT_HEAD, make_federation(worlds.NATION))


def inside_a_pack(trap):
    """The pack is there under its passing name, half copied."""

    def half(source, target):
        target.write(source.read(100))
        target.flush()
        trap.here()
        target.write(source.read())

    bundles.copyfileobj = half


def before_a_pack_has_its_name(trap):
    sync = bundle._sync

    def stopped(path):
        trap.here()
        sync(path)

    bundle._sync = stopped


PACK_MOMENTS = [
    *((inside_a_pack, at) for at in (1, 2, 3)),
    *((before_a_pack_has_its_name, at) for at in (1, 3)),
    *((inside_the_zip, at) for at in (1, 3)),
    *((while_it_is_moved, at) for at in (1, 2)),
    (before_it_is_done, 1),
]


def test_feedback_packs_are_the_same_to_the_byte_wherever_the_worker_was_killed(monkeypatch, tmp_path):
    with building(tmp_path):
        cycle, head = packed()

        def order():
            return order_feedback(cycle=cycle, actor=head, now=worlds.NOW)

        whole = ordered(order, monkeypatch)
        tasks.run(whole.pk)
        whole.refresh_from_db()
        with ZipFile(BytesIO(content(whole))) as file:
            names = file.namelist()[:-2]
        newest = (("410000", 1), ("420000", 1), ("430000", 2))
        assert names == [f"{code}_反馈材料{code}第{edition}版.xlsx" for code, edition in newest]
        for lay, at in PACK_MOMENTS:
            job, trap = ordered(order, monkeypatch), Trap(at)
            kill_worker(job, trap, lambda lay=lay, trap=trap: lay(trap))
            job = restarted(job)

            assert (job.state, job.attempts) == ("done", 2), (lay.__name__, at)
            assert content(job) == content(whole), (lay.__name__, at)
        files = sorted(path.name for path in (tmp_path / "jobs" / "results").iterdir())
        assert files == sorted(f"{number}.zip" for number in Job.objects.values_list("number", flat=True))
        assert list((tmp_path / "jobs" / "parts").iterdir()) == []


def test_a_pack_that_holds_a_case_to_step_back_from_is_not_handed_out(monkeypatch, tmp_path):
    with building(tmp_path):
        cycle, head = packed()
        case = declare(cycle, ["示例商会"], home=make_federation(worlds.PROVINCE), state=State.APPROVED)[0]
        may = registry.find("feedback_bundle").permitted
        job = ordered(lambda: order_feedback(cycle=cycle, actor=head, now=worlds.NOW), monkeypatch)
        before = may(head.user, job.arguments)
        declared = {"reason": "示例", "declared_by": head, "declared_at": worlds.NOW}
        Recusal.objects.create(user=head.user, declaration=case, **declared)
        after = may(head.user, job.arguments)
        anew = ordered(lambda: order_feedback(cycle=cycle, actor=head, now=worlds.NOW), monkeypatch)
        without = may(head.user, anew.arguments)
        head.ended_at = worlds.NOW
        head.save()

        assert (before, after, without) == (True, False, True)
        assert (anew.arguments["without"], may(head.user, anew.arguments)) == ([case.pk], False)


# ---- the archive of a cycle


def said(paper, ending):
    return BytesIO(f"{paper.title} {paper.standing.digest}".encode())


def inside_a_part(trap):
    sync = archive._sync

    def stopped(folder):
        trap.here()
        sync(folder)

    archive._sync = stopped


def inside_the_archive(trap):
    copy = archive._copy

    def stopped(*arguments):
        trap.here()
        return copy(*arguments)

    archive._copy = stopped


ARCHIVING = [(inside_a_part, 6), (inside_the_archive, 9), (before_it_is_done, 1)]


def test_an_archive_is_the_same_to_the_byte_and_told_once(monkeypatch, settings, tmp_path):
    settings.STORAGE_ROOT = tmp_path
    monkeypatch.setattr(archived, "file_of", said)
    cycle, head = titled()
    made = {}
    for lay, at in [(None, 0), *ARCHIVING]:
        words = {"cycle": cycle, "actor": head, "now": worlds.NOW, "evidence": False, "whole": False}
        job = ordered(lambda words=words: order_archive(**words), monkeypatch)
        # Each order is told in the trail: all of them tell it up to the first.
        upto = job.arguments | {"entry": made.setdefault("entry", job.arguments["entry"])}
        Job.objects.filter(pk=job.pk).update(arguments=upto)
        if lay is None:
            tasks.run(job.pk)
            job.refresh_from_db()
        else:
            trap = Trap(at)
            kill_worker(job, trap, lambda lay=lay, trap=trap: lay(trap))
            job = restarted(job)

        assert (job.state, job.error) == ("done", "")
        assert content(job) == made.setdefault("bytes", content(job)), (lay, at)
        assert Entry.objects.filter(event=Event.ARCHIVED, data__job=str(job.number)).count() == 1


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


def inside_its_sheet(trap):
    """The sheet of the second sealed paper is not on the disk, the papers before it are."""
    write = bundles.workbook.write

    def stopped(*arguments):
        write(*arguments)
        trap.here()

    bundles.workbook.write = stopped


LIST_MOMENTS = ((inside_its_sheet, 2), (inside_a_book, 1))


def test_a_list_with_its_sealed_papers_and_books_is_the_same_to_the_byte(monkeypatch, tmp_path):
    with building(tmp_path):
        world = worlds.make_world()
        with nobody_working(monkeypatch):
            case = worlds.make_shortlisted(world, worlds.PROVINCE)
            stages.hold_meeting(world, case.unit)
            stages.seal(world, case.unit)
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
        job = ordered(order, monkeypatch)
        for minutes, (lay, at) in zip((0, 3), LIST_MOMENTS, strict=True):
            trap = Trap(at)
            with later(minutes=minutes):
                kill_worker(job, trap, lambda lay=lay, trap=trap: lay(trap))
        job = restarted(job, minutes=6)

        assert (job.state, job.attempts) == ("done", 3)
        assert content(job) == content(whole)
        with ZipFile(BytesIO(content(job))) as file:
            names = [name for name in file.namelist() if name not in {"清单.sha256", "说明.txt"}]
            pages = len(pypdfium2.PdfDocument(file.read(names[-1])))
        sealed = [f"{kind.label}.{ending}" for kind in PaperKind for ending in ("pdf", "xlsx")]
        assert sorted(names) == sorted([*sealed, f"001_{case.applicant_name}_{case.number}/申报书.pdf"])
        assert pages > 4
