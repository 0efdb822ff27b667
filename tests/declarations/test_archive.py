"""The archive package of a cycle: what it holds, and that its own check program finds whatever was altered."""

import ast
import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
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
from declarations.exports.archive.rows import Names, row_of
from declarations.models import Cycle, Declaration, Objection, Publication, Recusal, Revision
from declarations.queries import archive as reading
from declarations.queries.archive import archived_cases
from declarations.states import OPEN, State
from sihao.accounts.refusals import Refused
from sihao.audit.actions import seal
from sihao.audit.events import Event
from sihao.audit.models import Entry
from sihao.audit.record import record
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
    folder: Path
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
        elsewhere = world.seats["expert"]
        record(Event.SIGNED_IN, actor=elsewhere.user, target=elsewhere.user, at=world.tick())
        worlds.make_proposed(world)
        stages.decide(world)
        publish_list(cycle=world.cycle, actor=world.seats["head"], now=world.tick())
        worlds.make_submitted(world)
        world.cycle.refresh_from_db()
        seal(now=worlds.later(world, days=1))
        who = {"cycle": world.cycle, "actor": world.seats["supervision"]}
        bare = run(order_archive(evidence=False, whole=False, now=worlds.later(world, days=1), **who))
        full = run(order_archive(evidence=True, whole=True, now=world.tick(), **who))
        yield Ground(world, folder, results.located(bare.result_file), results.located(full.result_file), bare)


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


LISTED = ("推荐名单汇总表（附件3）", "推荐审核情况报告")

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


def test_the_digest_of_the_manifest_is_told_by_the_trail_the_job_and_the_program(ground, world):
    digest = sha256(files_of(ground.bare)[MANIFEST]).hexdigest()

    entry = Entry.objects.filter(event=Event.ARCHIVED).order_by("pk").first()

    files = len(json.loads(files_of(ground.bare)[MANIFEST])["files"]) + 1
    size = sum(map(len, files_of(ground.bare).values()))
    told = {"files": files, "size": size, "digest": digest, "evidence": False, "job": str(ground.job.number)}
    assert entry.data == told
    assert tasks.registry.told_of(ground.job)[0] == ("清单摘要值（SHA-256）", digest)
    assert verified(ground.bare)[1][1] == f"清单摘要值（SHA-256）：{digest}"
    code, said = verified(ground.bare, "--digest", digest.upper())
    assert (code, said[-1]) == (0, "结果：全部相符，清单摘要值与所提供的相同。")


# ---- what it holds


def test_it_holds_the_cycle_the_cases_and_their_papers(ground, world):
    files = files_of(ground.bare)
    first, second = archived_cases(world.seats["head"], world.cycle)
    folder = f"二_申报/{first.number}_{first.applicant_name}"

    assert sha256(files["一_周期/认定标准.toml"]).hexdigest() == world.cycle.programme.digest
    assert files["一_周期/通知.txt"].decode().startswith(world.cycle.notice_title)
    assert sha256(files["六_公布/认定名单.json"]).hexdigest() == world.cycle.published_digest
    assert files["verify.py"] == PROGRAM.read_bytes()
    for revision in Revision.objects.filter(declaration=first):
        assert sha256(files[f"{folder}/固定版本/第{revision.number}版.json"]).hexdigest() == revision.digest
    papers_of = [name.removeprefix(f"{folder}/文书/") for name in files if name.startswith(f"{folder}/文书/")]
    kinds = [name.split("_", 1)[1].removesuffix(".pdf") for name in sorted(papers_of)]
    assert kinds[:2] == ["申报表（附件4）", "自评表（附件5）"]
    assert kinds[-2:] == ["复审结论书", "证书"]
    listed = json.loads(files[f"{folder}/文书目录.json"])["文书"]
    assert {row["made"] for row in listed} == {"归档时生成"}
    assert [f"{folder}/{row['file']}" in files for row in listed] == [True] * len(listed)
    assert f"二_申报/{second.number}_{second.applicant_name}/申报.json" in files
    sealed = [name.rpartition("/")[2] for name in files if name.startswith("三_推荐名单/") and name.endswith(".pdf")]
    assert sealed == [f"名单第1版_{kind}_第1稿.pdf" for kind in ("会议纪要", *LISTED)]


def test_files_that_were_handed_in_are_listed_and_put_in_where_that_is_asked(ground):
    bare, full = files_of(ground.bare), files_of(ground.full)
    index = next(name for name in full if name.endswith("材料目录.json"))

    rows, listed = (json.loads(files[index])["材料"] for files in (full, bare))

    folder = index.removesuffix("材料目录.json")
    assert rows
    assert {row["file"] for row in listed} == {""}
    assert [row["digest"] for row in listed] == [row["digest"] for row in rows]
    assert [sha256(full[folder + row["file"]]).hexdigest() for row in rows] == [row["digest"] for row in rows]
    assert not [name for name in bare if "/佐证材料/" in name]


def test_the_trail_tells_of_the_cycle_alone_unless_all_is_asked(ground):
    bare, full = (files_of(path)["八_留痕/留痕.txt"].splitlines()[1:] for path in (ground.bare, ground.full))

    kept_back = [line for line in bare if line.endswith(b"\t-")]

    assert kept_back
    assert not [line for line in full if line.endswith(b"\t-")]
    told = [json.loads(line.split(b"\t")[3]) for line in bare if not line.endswith(b"\t-")]
    assert {"user", "seat", "organisation"}.isdisjoint({entry["target"]["kind"] for entry in told})
    assert told[0]["event"] == "cycle_opened"
    assert told[-1]["data"] == {"what": "归档包（佐证材料只列目录）"}


def test_every_model_is_in_it_elsewhere_or_left_out_with_a_reason():
    ours = {*apps.get_app_config("declarations").get_models(), *apps.get_app_config("scoring").get_models()}
    held = [table.model for table in tables.every_table()]

    assert len(held) == len(set(held))
    assert {*held, *tables.ELSEWHERE, *tables.LEFT_OUT} == ours
    assert not set(held) & tables.LEFT_OUT.keys()


def test_who_objects_and_what_they_said_stays_out(ground):
    objection = Objection(pk=1, facts="我是某某", receipt="YY-1", token=None, summary="核查事项")
    table = next(one for one in tables.every_table() if one.model is Objection)

    row = row_of(objection, Names(), table.without)

    assert {"facts", "receipt", "token"}.isdisjoint(row)
    assert row["summary"] == "核查事项"
    told = files_of(ground.bare)["说明.txt"].decode()
    assert "异议人：姓名和联系方式只由两名登记人查看" in told
    assert "匿名线索：可能使反映人被认出" in told


# ---- what was altered is named


def part(files, end):
    return next(name for name in sorted(files) if name.endswith(end))


def flipped(content, at=None):
    at = len(content) // 2 if at is None else at
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def swapped(old, new):
    def altered(content):
        assert old in content
        return content.replace(old, new, 1)

    return altered


ALTERED = {
    "a paper": ("_证书.pdf", flipped, False, "SHA-256摘要值与清单不同"),
    "a revision": ("/固定版本/第1版.json", swapped("商".encode(), "协".encode()), True, "由内容重算的摘要值"),
    "the program": ("verify.py", swapped(b"ALL_GOOD, FAULTY", b"ALL_GOOD ,FAULTY"), False, "SHA-256摘要值与清单不同"),
    "a verdict": ("/评分结果.json", swapped(b'"inputs": {"', b'"inputs": {"X'), True, "第1次评分结果的得分摘要值不符"),
    "a decision": ("四_审议/审议.json", swapped(b'"approved"', b'"x"'), True, "没有审议通过的记载"),
    "eligible": ("/评分结果.json", swapped(b'"eligible": true', b'"eligible": false'), True, "评分结果为不能参与认定"),
    "a day's seal": ("每日封存值.txt", swapped(b" sha256 ", b" sha256 0"), True, "的封存值与留痕第"),
}


@pytest.mark.parametrize("what", ALTERED)
def test_one_altered_place_is_named(ground, tmp_path, what):
    end, alter, mend, words = ALTERED[what]
    files = files_of(ground.full)
    name = part(files, end)
    files[name] = alter(files[name])

    code, said = verified(packed(mended(files) if mend else files, tmp_path / "altered.zip"))

    assert code == 1
    assert said[-1].startswith("结果：不符。第一处：")
    assert words in said[-1]
    if what not in {"a decision", "eligible"}:  # of these the line of the list is named that rests on them
        assert name in said[-1]


def test_a_line_of_the_trail_altered_with_its_manifests_is_named(ground, tmp_path):
    files = files_of(ground.bare)
    lines = files["八_留痕/留痕.txt"].split(b"\n")
    at = next(place for place, line in enumerate(lines) if b'"event":"list_published"' in line)
    number = lines[at].split(b"\t")[0].decode()
    lines[at] = lines[at].replace(b'"reason":""', b'"reason":"x"')
    files["八_留痕/留痕.txt"] = b"\n".join(lines)

    code, said = verified(packed(mended(files), tmp_path / "altered.zip"))

    assert code == 1
    assert said[-1].startswith(f"结果：不符。第一处：八_留痕/留痕.txt　第{number}条（条目")
    assert said[-1].endswith("：封存值与内容和上一条的封存值不符。")


@pytest.mark.parametrize(("cut", "words"), [(-1, "第{last}条缺失，应当至第{last}条"), (1, "第{first}条的序号不符")])
def test_a_line_taken_out_of_the_trail_is_named(ground, tmp_path, cut, words):
    files = files_of(ground.bare)
    lines = files["八_留痕/留痕.txt"].splitlines(keepends=True)
    first, last = lines[0].decode().split("\t")[1:3]
    del lines[cut]
    files["八_留痕/留痕.txt"] = b"".join(lines)

    code, said = verified(packed(mended(files), tmp_path / "altered.zip"))

    assert code == 1
    assert said[-1] == f"结果：不符。第一处：八_留痕/留痕.txt　{words.format(first=first, last=last)}。"


def test_a_revision_altered_with_its_digest_is_caught_by_the_trail(ground, tmp_path):
    files = files_of(ground.bare)
    name = part(files, "/固定版本/第1版.json")
    index = name.replace("第1版", "目录")
    old = sha256(files[name]).hexdigest().encode()
    files[name] = files[name].replace("商会".encode(), "协会".encode(), 1)
    files[index] = files[index].replace(old, sha256(files[name]).hexdigest().encode())

    code, said = verified(packed(mended(files), tmp_path / "altered.zip"))

    assert (code, said[-1]) == (1, f"结果：不符。第一处：{name}　摘要值与留痕所载的不同。")


def test_a_mark_altered_in_the_ledger_is_named(ground, tmp_path):
    files = files_of(ground.bare)
    name = part(files, "/评分台账.json")
    book = json.loads(files[name])
    row = book["得分修改记录"][0]
    row["points"] = "0.01"
    files[name] = json.dumps(book, ensure_ascii=False).encode()

    code, said = verified(packed(mended(files), tmp_path / "altered.zip"))

    what = f"指标{row['code']}第{row['version']}次评分的摘要值不符（评分层{row['assessment']}）"
    assert (code, said[-1]) == (1, f"结果：不符。第一处：{name}　{what}。")


def test_a_name_altered_on_the_list_is_named(ground, tmp_path):
    files = files_of(ground.bare)
    [[number, name]] = json.loads(files["六_公布/认定名单.json"])
    files["六_公布/认定名单.json"] = verify.canonical([[number, "别的商会"]])

    code, said = verified(packed(mended(files), tmp_path / "altered.zip"))

    words = f"应为“{number} {name}”，名单为“{number} 别的商会”"
    assert (code, said[-1]) == (1, f"结果：不符。第一处：六_公布/认定名单.json　{words}。")


def test_a_file_handed_in_that_was_exchanged_is_named(ground, tmp_path):
    files = files_of(ground.full)
    name = next(name for name in sorted(files) if "/佐证材料/" in name)
    files[name] = flipped(files[name])

    code, said = verified(packed(mended(files), tmp_path / "altered.zip"))

    assert (code, said[-1]) == (1, f"结果：不符。第一处：{name}　与登记时的摘要值不同。")


def test_a_file_that_is_gone_and_one_too_many_are_named(ground, tmp_path):
    files = files_of(ground.bare)
    name = part(files, "/申报.json")
    less = {key: content for key, content in files.items() if key != name}
    more = files | {"二_申报/多出.txt": b"x"}

    gone, over = (verified(packed(one, tmp_path / "altered.zip")) for one in (less, more))

    assert (gone[0], gone[1][-1]) == (1, f"结果：不符。第一处：{name}　清单中有，包内没有这个文件。")
    assert (over[0], over[1][-1]) == (1, "结果：不符。第一处：二_申报/多出.txt　清单中没有，包内多出这个文件。")


def test_another_manifest_than_the_one_that_was_told_is_named(ground):
    code, said = verified(ground.bare, "--digest", "0" * 64)

    assert (code, said[-1]) == (1, "结果：不符。第一处：清单.json　摘要值与所提供的不同。")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "不能校验：没有“{path}”这个文件或者文件夹。"),
        (b"no zip", "不能校验：“{path}”不是能读取的ZIP（File is not a zip file）。"),
        ({"a.txt": b"x"}, "不能校验：没有找到“清单.json”，这不是归档包，或者清单已缺失。"),
        ({MANIFEST: b"{"}, "不能校验：“清单.json”不是能读取的JSON。"),
        ({MANIFEST: b"[]"}, "不能校验：“清单.json”不是本程序认识的格式（sihao-archive-1）。"),
    ],
)
def test_what_is_no_package_cannot_be_checked(tmp_path, content, words):
    path = tmp_path / "package.zip"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        packed(content, path)

    assert verified(path) == (2, [words.format(path=path)])


def test_the_program_stands_on_the_standard_library_alone_and_reads_on_python_3_8():
    tree = ast.parse(PROGRAM.read_text(encoding="utf-8"), feature_version=(3, 8))

    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert imported == {"__future__", "hashlib", "json", "os", "sys", "unicodedata", "zipfile"}
    assert imported <= sys.stdlib_module_names


# ---- ordering it


def test_made_again_or_taken_up_after_a_stop_it_is_the_same_to_the_byte(ground, world, monkeypatch, settings):
    settings.STORAGE_ROOT = settings.MEDIA_ROOT = ground.folder
    monkeypatch.setattr(papers, "file_of", printed)
    monkeypatch.setattr(papers, "printed", lambda batch, paper: (b"%PDF sealed", 1))
    before, job, known = ground.bare.read_bytes(), ground.job, files_of(ground.bare)

    with monkeypatch.context() as patched:
        patched.setattr(building, "_sync", stopped_after(7))
        Job.objects.filter(pk=job.pk).update(**AGAIN)
        with pytest.raises(KeyboardInterrupt):
            tasks.run(job.pk)
    parts = list(results.parts(job.number).iterdir())
    Job.objects.filter(pk=job.pk).update(**AGAIN)
    run(job)

    assert len([one for one in parts if not one.suffix]) == 6
    after = files_of(results.located(job.result_file))
    assert [name for name, content in known.items() if after[name] != content] == []
    assert results.located(job.result_file).read_bytes() == before
    assert Entry.objects.filter(event=Event.ARCHIVED, data__job=str(job.number)).count() == 1


AGAIN = {"state": "queued", "attempts": 0, "finished_at": None}


def stopped_after(number):
    sync, left = building._sync, [number]

    def sync_or_stop(folder):
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt
        sync(folder)

    return sync_or_stop


def order(world, who="head", **words):
    given = {"evidence": False, "whole": False, "now": world.tick()} | words
    return order_archive(cycle=world.cycle, actor=world.seats[who], **given)


def test_only_who_reads_the_whole_trail_is_given_the_whole(world):
    assert order(world, whole=True).arguments["whole"] is False
    assert order(world, "supervision", whole=True).arguments["whole"] is True


def test_it_is_refused_while_the_cycle_goes_on(world):
    Cycle.objects.update(published_at=None)
    world.cycle.refresh_from_db()

    with pytest.raises(Refused) as caught:
        order(world)

    words = "本周期的名单尚未公布，各件也没有全部办结，公布或者办结后才能归档。（通知未规定）"
    assert str(caught.value) == words


def test_a_cycle_that_ended_without_a_list_may_be_archived(world):
    head, cycle = world.seats["head"], world.cycle
    cycle.published_at = None
    closes = cycle.province_closes
    waiting = Declaration.objects.filter(cycle=cycle, state__in=sorted(OPEN))
    assert reading.archive_refusals(head, cycle, closes) == (reading.NOT_OVER,)

    waiting.update(state=State.WITHDRAWN, holder=None)

    assert reading.archive_refusals(head, cycle, closes) == ()
    assert reading.archive_refusals(head, cycle, closes - timedelta(seconds=1)) == (reading.NOT_OVER,)


def test_it_is_refused_while_the_list_is_being_published(world):
    Publication.objects.update(completed_at=None)

    with pytest.raises(Refused, match="名单正在公布，公布完成后才能归档。"):
        order(world)


def test_who_steps_back_from_a_case_neither_orders_nor_fetches_it(ground, world):
    head, case = world.seats["supervision"], archived_cases(world.seats["supervision"], world.cycle).first()
    assert tasks.registry.find("archive_cycle").permitted(head.user, ground.job.arguments)
    words = {"declaration": case, "declared_by": head, "declared_at": world.tick(), "reason": "亲属"}
    Recusal.objects.create(user=head.user, **words)

    with pytest.raises(Refused) as caught:
        order(world, "supervision")

    assert str(caught.value) == "本周期有您应当回避的申报，归档由本部门其他有权限的人员办理。（回避）"
    assert not tasks.registry.find("archive_cycle").permitted(head.user, ground.job.arguments)


OTHERS = ("department", "sysadmin", "secadmin", "auditadmin", "secretary", "group-head", "expert")


@pytest.mark.parametrize("who", OTHERS)
def test_others_may_not_have_it(ground, world, who):
    seat = world.seats[who]

    assert not reading.may_have_archive(seat, world.cycle, world.tick())
    assert not tasks.registry.find("archive_cycle").permitted(seat.user, ground.job.arguments | {"seat": seat.pk})


def test_the_rows_of_more_cases_cost_no_more_queries(world, tmp_path):
    cases = list(archived_cases(world.seats["head"], world.cycle))
    names = Names()
    Keeper(lambda: cases, names, True, lambda: None)(tmp_path / "known")

    def cost(some, name):
        with CaptureQueriesContext(connection) as caught:
            Keeper(lambda: some, names, True, lambda: None)(tmp_path / name)
        return len(caught)

    assert len(cases) == 2
    assert cost(cases[:1], "one") == cost(cases, "two")
