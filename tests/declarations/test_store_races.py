"""Storing evidence beside clearing away, in transactions that end."""

import hashlib
import os
import threading
import time

import pytest
from django.db import connection

from declarations import store
from declarations.actions import draft
from declarations.actions.draft import evidence, uploads
from declarations.demo.stages import picture
from declarations.models import Attachment
from tests import worlds


@pytest.mark.django_db(transaction=True)
def test_a_sweep_beside_an_upload_takes_nothing_that_is_being_brought(storage_root, monkeypatch):
    """The row is not yet committed when the sweep looks: the door makes it wait."""
    world = worlds.make_world()
    case = worlds.make_draft(world, filled=False)
    swept = []
    record = evidence.record

    def slow(*args, **words):
        then = time.time() - 2 * 24 * 3600
        os.utime(storage_root / store.place_of(digest), (then, then))
        sweeping.start()
        sweeping.join(0.3)
        return record(*args, **words)

    def sweep():
        swept.append(uploads.sweep_store(store.SHARDS))
        connection.close()

    digest = hashlib.sha256(picture("x").read()).hexdigest()
    sweeping = threading.Thread(target=sweep)
    monkeypatch.setattr(evidence, "record", slow)

    piece = draft.attach(
        case=case,
        row="A1.1",
        file=picture("x"),
        name="会议.png",
        actor=worlds.president_of(case.applicant),
        now=world.tick(),
    )
    sweeping.join()

    assert swept == [0]
    assert (storage_root / piece.stored).is_file()
    assert Attachment.objects.count() == 1
