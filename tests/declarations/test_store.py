"""Evidence on disk: whole or not at all, one file for one content, nothing forsaken, nothing taken away in between."""

import hashlib
import os
import subprocess
import sys
import threading
import time
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import call_command

from declarations import store
from declarations.actions import draft
from declarations.actions.draft import evidence, uploads
from declarations.demo.stages import picture
from declarations.models import Attachment, Upload
from sihao.accounts.refusals import Refused
from sihao.audit.models import Entry
from tests import worlds
from tests.kept import as_it_stands, building, kept

CONTENT = b"minutes of the meeting"
DIGEST = hashlib.sha256(CONTENT).hexdigest()
ROOT = Path(__file__).resolve().parents[2]


def files(root):
    return sorted(one.relative_to(root).as_posix() for one in root.rglob("*") if one.is_file())


def aged(path, days=2):
    then = time.time() - days * 24 * 3600
    os.utime(path, (then, then))


# ---- the files alone


def test_a_file_lies_under_its_digest_once(storage_root):
    places = [store.keep(BytesIO(CONTENT), DIGEST) for _ in range(2)]

    assert places == [f"evidence/{DIGEST[:2]}/{DIGEST[2:4]}/{DIGEST}"] * 2
    assert files(storage_root) == [places[0]]
    with store.fetch(places[0]) as file:
        assert file.read() == CONTENT
    assert (storage_root / places[0]).stat().st_mode & 0o777 == 0o640


def test_a_file_that_changed_after_it_was_judged_is_not_kept(storage_root):
    with pytest.raises(store.Altered):
        store.keep(BytesIO(CONTENT + b"!"), DIGEST)

    assert files(storage_root) == []


CRASH = """
import os, sys
from io import BytesIO
from pathlib import Path
from django.conf import settings
settings.configure(STORAGE_ROOT=Path(sys.argv[1]), FILE_UPLOAD_PERMISSIONS=0o640)
from declarations import store
class Failing(BytesIO):
    def read(self, size=-1):
        os._exit(9) if self.tell() else None
        return super().read(4)
store.keep(Failing(sys.argv[2].encode()), sys.argv[3])
"""


def test_a_crash_in_the_middle_leaves_no_half_file_under_the_digest(storage_root):
    command = [sys.executable, "-c", CRASH, str(storage_root), CONTENT.decode(), DIGEST]
    ended = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    left = files(storage_root)

    store.keep(BytesIO(CONTENT), DIGEST)

    assert ended.returncode == 9
    assert [name.split("/")[0] for name in left] == ["incoming"]
    assert (storage_root / store.place_of(DIGEST)).read_bytes() == CONTENT


def test_many_keep_the_same_file_at_once(storage_root):
    threads = [threading.Thread(target=store.keep, args=(BytesIO(CONTENT), DIGEST)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert files(storage_root) == [store.place_of(DIGEST)]


def test_who_clears_away_waits_for_who_stores(storage_root):
    order = []

    def clear():
        with store.alone():
            order.append("cleared")

    with store.storing(), store.storing():
        clearing = threading.Thread(target=clear)
        clearing.start()
        clearing.join(0.2)
        order.append("stored")
    clearing.join()

    assert order == ["stored", "cleared"]


def test_an_upload_is_in_one_hand_at_a_time(storage_root):
    token = uuid4()
    with store.held(token) as file:
        file.write(b"abc")
        with pytest.raises(store.Busy), store.held(token):
            pass

    assert store.arrived(token) == 3
    store.give_up(token)
    assert (store.arrived(token), files(storage_root)) == (0, [])


def test_an_upload_removed_by_another_hand_is_not_written_to(storage_root):
    token = uuid4()
    path = storage_root / "incoming" / str(token)
    path.parent.mkdir(parents=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    store.give_up(token)

    assert store._still_named(path, descriptor) is False
    path.touch()
    assert store._still_named(path, descriptor) is False
    os.close(descriptor)


# ---- the files and their rows


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with building(tmp_path_factory.mktemp("store")), kept(django_db_blocker):
        world = worlds.make_world()
        yield world, worlds.make_draft(world, filled=False), worlds.make_draft(world, filled=False)


@pytest.fixture
def world(ground, db):
    return as_it_stands(ground[0])


def bring(world, case, text="x", row="A1.1"):
    actor = worlds.president_of(case.applicant)
    return draft.attach(
        case=case, row=row, file=picture(text), name="会议.png", actor=actor, now=world.tick()
    )


def test_two_declarations_share_one_file_and_part_from_it_alone(world, ground, storage_root):
    one, other = ground[1], ground[2]
    pieces = [bring(world, one), bring(world, other)]
    draft.detach(case=one, attachment=pieces[0], actor=worlds.president_of(one.applicant), now=world.tick())
    for name in files(storage_root):
        aged(storage_root / name)

    assert uploads.sweep_store(store.SHARDS) == 0
    assert files(storage_root) == [pieces[1].stored]
    assert pieces[0].stored == pieces[1].stored


@pytest.mark.parametrize("place", ["record", "keep"])
def test_a_rollback_leaves_no_file_and_no_row(world, ground, storage_root, monkeypatch, place):
    def fail(*args, **words):
        if place == "keep":
            found(*args)
        raise RuntimeError(place)

    room = evidence if place == "record" else evidence.store
    found = getattr(room, place)
    monkeypatch.setattr(room, place, fail)
    entries = Entry.objects.count()

    with pytest.raises(RuntimeError):
        bring(world, ground[1])

    assert files(storage_root) == []
    assert (Attachment.objects.count(), Entry.objects.count()) == (0, entries)


def test_a_rollback_leaves_the_file_that_another_row_names(world, ground, storage_root, monkeypatch):
    piece = bring(world, ground[1])
    monkeypatch.setattr(evidence, "record", lambda *args, **words: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        bring(world, ground[2])

    assert files(storage_root) == [piece.stored]


def test_a_file_that_changes_between_judgement_and_store_is_refused(world, ground, storage_root, monkeypatch):
    keep = store.keep
    monkeypatch.setattr(evidence.store, "keep", lambda file, digest: keep(BytesIO(b"other"), digest))

    with pytest.raises(Refused) as caught:
        bring(world, ground[1])

    assert [refusal.code for refusal in caught.value.refusals] == ["file_altered"]
    assert files(storage_root) == []
    assert Attachment.objects.count() == 0


def test_what_a_crash_left_is_swept_after_a_day_and_nothing_else(world, ground, storage_root):
    piece = bring(world, ground[1])
    forsaken, fresh = (hashlib.sha256(text).hexdigest() for text in (b"old", b"new"))
    for text, digest in ((b"old", forsaken), (b"new", fresh)):
        store.keep(BytesIO(text), digest)
    part = storage_root / "incoming" / f"{uuid4()}.part"
    part.write_bytes(b"half")
    for path in (storage_root / store.place_of(forsaken), storage_root / piece.stored, part):
        aged(path)

    call_command("sweep_evidence")

    assert files(storage_root) == sorted([piece.stored, store.place_of(fresh)])


def test_a_sweep_asks_once_for_a_part_of_the_store(world, ground, storage_root, django_assert_num_queries):
    digests = [f"00{number:062x}" for number in range(3)]
    for digest in digests:
        path = storage_root / store.place_of(digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        aged(path)

    # One for each table that keeps files.
    with django_assert_num_queries(len(evidence.NAMING)):
        assert uploads.sweep_store(("00", "01")) == 3


def test_uploads_untouched_for_a_day_are_swept_with_their_bytes(world, ground, storage_root):
    case = ground[1]
    actor = worlds.president_of(case.applicant)
    words = {"case": case, "row": "A1.1", "size": 9, "actor": actor}
    old = draft.begin_upload(token=uuid4(), name="旧.png", now=world.tick(), **words)
    draft.take_piece(upload=old, offset=0, piece=b"abc", actor=actor, now=world.clock.at)
    late = world.clock.at + timedelta(days=1)
    new = draft.begin_upload(token=uuid4(), name="新.png", now=late, **words)
    draft.take_piece(upload=new, offset=0, piece=b"abc", actor=actor, now=late)

    swept = [uploads.sweep_uploads(now=late + timedelta(seconds=seconds)) for seconds in (0, 1)]

    assert swept == [0, 1]
    assert list(Upload.objects.values_list("name", flat=True)) == ["新.png"]
    assert files(storage_root) == [f"incoming/{new.token}"]
