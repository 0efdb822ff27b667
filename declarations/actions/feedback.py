"""Feedback packs (notice 六): ordered by the department once the results are released, kept unit by unit."""

import hashlib
from datetime import datetime
from typing import BinaryIO

from django.db import transaction

from declarations import store
from declarations.actions.draft.evidence import stored_or_gone
from declarations.actions.notify import tell
from declarations.models import Cycle, FeedbackPack
from declarations.queries.feedback import last_pack
from declarations.queries.meeting_page import open_job
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.queries import active_seats_at
from sihao.accounts.refusals import Refusal, Refused
from sihao.accounts.roles import DEPARTMENT_ROLES, TIER_ROLES
from sihao.audit.events import Event
from sihao.audit.record import record
from sihao.jobs.actions import enqueue
from sihao.jobs.models import Job

MAKE_PACKS = "declarations.feedback"
CLAUSE = "六"


def order_packs(*, cycle: Cycle, actor: Seat, now: datetime) -> Job:
    """Have the packs of all units made in the background; one order at a time."""
    if not allowed(actor, "declarations.make_feedback"):
        raise Refused((Refusal("not_permitted", "由会员部生成反馈材料。", CLAUSE),))
    if cycle.released_at is None:
        raise Refused((Refusal("not_released", "结果公开后才能向省级工商联反馈。", CLAUSE),))
    with transaction.atomic():
        found = open_job(MAKE_PACKS, cycle=cycle.pk)
        return found or enqueue(MAKE_PACKS, owner=actor.user, at=now, cycle=cycle.pk, seat=actor.pk)


def is_current(cycle: Cycle, unit: Organisation, basis: str) -> bool:
    """Return whether a unit has a pack that says the same."""
    last = last_pack(cycle, unit)
    return last is not None and last.basis == basis


def keep_pack(
    *, cycle: Cycle, unit: Organisation, basis: str, cases: int, file: BinaryIO, now: datetime
) -> FeedbackPack:
    """Keep the next edition of a unit's pack and tell the unit; one whose results have not changed is left as it is."""
    content = file.read()
    digest, size = hashlib.sha256(content).hexdigest(), len(content)
    with stored_or_gone(digest):
        return _keep(cycle, unit, basis, cases, file, digest, size, now)


@transaction.atomic
def _keep(
    cycle: Cycle, unit: Organisation, basis: str, cases: int, file: BinaryIO, digest: str, size: int, now: datetime
) -> FeedbackPack:
    Organisation.objects.select_for_update().get(pk=unit.pk)
    last = last_pack(cycle, unit)
    if last is not None and last.basis == basis:
        return last
    edition = last.edition + 1 if last is not None else 1
    store.keep(file, digest)
    pack = FeedbackPack.objects.create(
        cycle=cycle,
        unit=unit,
        edition=edition,
        basis=basis,
        cases=cases,
        name=f"{cycle.name}分数结果反馈_{unit.name}_第{edition}版.xlsx",
        digest=digest,
        stored=store.place_of(digest),
        size=size,
        made_at=now,
    )
    seats = active_seats_at(unit.pk, TIER_ROLES | DEPARTMENT_ROLES)
    body = f"本单位推荐的{cases}家商会的总分、各部分得分和失分，见“反馈材料”。"
    tell(seats=seats, key=f"feedback:{pack.pk}", title="分数结果反馈材料已生成", body=body, now=now)
    return pack


@transaction.atomic
def note_made(*, cycle: Cycle, units: int, actor: Seat, now: datetime) -> None:
    """Leave the entry of packs that were made."""
    record(Event.FEEDBACK_MADE, actor=actor, target=cycle, at=now, data={"units": units})
