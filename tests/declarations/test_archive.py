"""The archive package of a cycle: what it holds, and that its own check program finds whatever was altered."""

import ast
import json
import subprocess
import sys
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from declarations.actions.archiving import order_archive
from declarations.actions.publication import publish_list
from declarations.demo import stages
from declarations.exports.archive import papers, tables
from declarations.exports.archive.cases import Keeper
from declarations.exports.archive.rows import Names
from declarations.models import Cycle, Recusal, Revision
from declarations.queries import archive as reading
from declarations.queries.archive import archived_cases
from sihao.accounts.refusals import Refused
from sihao.audit.actions import seal
from sihao.audit.events import Event
from sihao.audit.models import Entry
from sihao.documents.archive import building, verify
from sihao.jobs import results, tasks
from sihao.jobs.models import Job
from tests import worlds
from tests.kept import as_it_stands, kept
from tests.kept import building as storing_at

pytestmark = pytest.mark.django_db
PROGRAM = Path(verify.__file__)
MANIFEST = "清单.json"


@dataclass(frozen=True)
class Ground:
    """A published cycle, and its package without and with the files that were handed in."""

    world: object
    bare: Path
    full: Path
    job: Job


def printed(paper, ending):
    """Stand in for the press: what a paper says of itself."""
    return BytesIO(f"%PDF {paper.title} {paper.standing.digest}".encode())


def run(job):
    tasks.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")
    return job


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    """One chamber is recognised; another case stays behind at its county."""
    folder = tmp_path_factory.mktemp("archive")
    with kept(django_db_blocker), storing_at(folder), pytest.MonkeyPatch.context() as patched:
        patched.setattr(papers, "file_of", printed)
        patched.setattr(papers, "printed", lambda batch, paper: (b"%PDF sealed", 1))
        world = worlds.make_world()
        seal(now=world.tick())
        worlds.make_proposed(world)
        stages.decide(world)
        publish_list(cycle=world.cycle, actor=world.seats["head"], now=world.tick())
        worlds.make_submitted(world)
        world.cycle.refresh_from_db()
        seal(now=worlds.later(world, days=1))
        who = {"cycle": world.cycle, "actor": world.seats["supervision"]}
        bare = run(order_archive(evidence=False, whole=False, now=worlds.later(world, days=1), **who))
        full = run(order_archive(evidence=True, whole=True, now=world.tick(), **who))
        yield Ground(world, results.located(bare.result_file), results.located(full.result_file), bare)


@pytest.fixture
def world(ground, db):
    mine = as_it_stands(ground.world)
    mine.cycle = Cycle.objects.get(pk=mine.cycle.pk)
    return mine


def verified(path, *more):
    """Run the check program as an archivist would, with nothing but Python; return exit code and last line."""
    command = [sys.executable, "-I", "-S", str(PROGRAM), str(path), *more]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def files_of(path):
    with ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def packed(files, path):
    with ZipFile(path, "w") as file:
        for name, content in files.items():
            file.writestr(name, content)
    return path


def mended(files):
    """Make both manifests fit the files again, as one would who wants to hide what he altered."""
    manifest = json.loads(files[MANIFEST])
    inside = {name: content for name, content in files.items() if name not in {MANIFEST, "清单.sha256"}}
    sums = "".join(f"{sha256(inside[name]).hexdigest()}  {name}\n" for name in sorted(inside)).encode()
    inside["清单.sha256"] = sums
    lines = [
        {"path": name, "size": len(inside[name]), "sha256": sha256(inside[name]).hexdigest()} for name in sorted(inside)
    ]
    return inside | {MANIFEST: json.dumps(manifest | {"files": lines}, ensure_ascii=False).encode()}


# ---- all is well


@pytest.mark.parametrize("kind", ["bare", "full"])
def test_the_program_finds_everything_in_order(ground, kind):
    code, said = verified(getattr(ground, kind))

    assert code == 0, said
    assert said[-1] == "结果：全部相符。请将上面的清单摘要值与移交时登记的、留痕所载的比对。"
    assert [line.split("：")[0] for line in said[2:-1]] == [f"相符　{name}" for name, _ in verify.CHECKS]


def test_it_works_on_the_unpacked_folder_by_the_copy_inside(ground, tmp_path):
    with ZipFile(ground.full) as file:
        file.extractall(tmp_path)

    command = [sys.executable, "-I", "-S", str(tmp_path / "verify.py")]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[2:] == verified(ground.full)[1][2:]
