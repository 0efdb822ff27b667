"""Ordering the archive package of a cycle, and writing down what it came to."""

from datetime import datetime

from django.db import transaction

from declarations.models import Cycle
from declarations.queries.archive import archive_refusals, told_of_job
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refused
from sihao.audit.events import Event
from sihao.audit.models import Entry
from sihao.audit.record import record
from sihao.jobs.actions import enqueue
from sihao.jobs.models import Job

ARCHIVE = "archive_cycle"


@transaction.atomic
def order_archive(*, cycle: Cycle, evidence: bool, whole: bool, actor: Seat, now: datetime) -> Job:
    """Order the package as a job; the trail is told up to this very order.

    ``evidence`` puts in the files that were handed in. ``whole`` tells all of the trail, for one who reads all of it.
    Raises ``Refused`` while the cycle is not over, or for one who steps back from one of its cases.
    """
    if refusals := archive_refusals(actor, cycle, now):
        raise Refused(refusals)
    what = "归档包（含佐证材料）" if evidence else "归档包（佐证材料只列目录）"
    entry = record(Event.EXPORTED, actor=actor, target=cycle, at=now, data={"what": what})
    asked = {"evidence": evidence, "whole": whole and allowed(actor, "accounts.read_trail")}
    words = {"cycle": cycle.pk, "seat": actor.pk, "entry": entry.pk, **asked}
    return enqueue(ARCHIVE, owner=actor.user, at=now, label=f"{cycle.name}归档包", **words)


@transaction.atomic
def note_archived(
    *, cycle: Cycle, job: Job, files: int, size: int, digest: str, actor: Seat, now: datetime
) -> Entry:
    """Write the digest of a package's manifest into the trail, once for each job."""
    known = told_of_job(cycle, str(job.number))
    if known is not None and known.data["digest"] == digest:
        return known
    made = {"files": files, "size": size, "digest": digest}
    data = {**made, "evidence": job.arguments["evidence"], "job": str(job.number)}
    return record(Event.ARCHIVED, actor=actor, target=cycle, at=now, data=data)
