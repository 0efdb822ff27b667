"""Looking at the invariants: every night, on request, and before the steps that cannot be taken back."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from declarations.models import CheckCause, Cycle, IntegrityCheck
from declarations.queries.invariants import INVARIANTS, Gate, Result, Scope, before, look
from declarations.queries.meeting_page import open_job
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal, Refused
from sihao.audit.actions import seal
from sihao.audit.canonical import HashMissing
from sihao.jobs.actions import enqueue
from sihao.jobs.models import Job

logger = logging.getLogger(__name__)

CHECK = "check_invariants"
CLAUSE = "完整性检查"
NOT_LOOKED_AT = "检查时出错，没有得到结果，错误已记录，请联系系统管理员。"
Progress = Callable[[int, int], None]


def check_invariants(
    *,
    cause: CheckCause,
    clock: Callable[[], datetime],
    actor: Seat | None = None,
    scope: Scope | None = None,
    progress: Progress | None = None,
) -> IntegrityCheck:
    """Seal what is not sealed, look at every invariant, and keep what came of it.

    One that cannot be looked at is kept as such and does not keep the others from being looked at.
    """
    begun = clock()
    seal_all(begun)
    told, scope = [], replace(scope or Scope(deep=True), at=begun)
    for done, number in enumerate(sorted(INVARIANTS)):
        if progress is not None:
            progress(done, len(INVARIANTS))
        told.append(_looked(number, scope))
    failing = sum(bool(one["count"] or one["error"]) for one in told)
    facts = {"begun_at": begun, "ended_at": clock(), "results": told, "failing": failing}
    return IntegrityCheck.objects.create(cause=cause, ordered_by=actor, **facts)


def seal_all(now: datetime) -> None:
    """Seal the trail; where the hash function is missing, the look at the chain says so."""
    try:
        seal(now=now, thorough=True)
    except HashMissing:
        logger.exception("the trail is not sealed")


def _looked(number: int, scope: Scope) -> dict[str, Any]:
    try:
        with transaction.atomic():
            [result] = look([number], scope)
    except Exception:  # data that is broken enough to stop one look must not hide what the others would find
        logger.exception("invariant %s could not be looked at", number)
        return {"number": number, "count": 0, "examples": [], "error": NOT_LOOKED_AT}
    return asdict(result) | {"error": ""}


@transaction.atomic
def order_check(*, actor: Seat, now: datetime) -> Job:
    """Have the invariants looked at now; one order at a time, a second one returns the first."""
    if not allowed(actor, "declarations.check_integrity"):
        raise Refused.because("not_permitted", "由会员部负责人、监督人员或者审计管理员发起检查。")
    return open_job(CHECK) or enqueue(CHECK, owner=actor.user, at=now, seat=actor.pk)


# ---- before the steps


def refuse_broken(
    *, gate: Gate, cycle: Cycle, unit: int | None = None, beat: Callable[[], None] | None = None
) -> None:
    """Raise ``Refused`` when an invariant does not hold of what a step concerns; each is named with its sentence.

    ``beat`` is called with each that was looked at, so that whoever waits sees that it goes on.
    """
    if not settings.INTEGRITY_GATES:
        return
    found = []
    for result in look(before(gate), Scope(cycle, unit)):
        found += [result] * bool(result.count)
        if beat is not None:
            beat()
    if found:
        raise Refused(tuple(_refusals(found)))


def _refusals(found: Iterable[Result]) -> Iterable[Refusal]:
    for result in found:
        first = result.examples[0]
        where = f"{result.count}处，首处为{first.kind}{first.key}：{first.words.rstrip('。')}"
        sentence = f"数据完整性第{result.number}条不成立：{INVARIANTS[result.number].sentence}（{where}）。"
        yield Refusal(f"invariant_{result.number}", f"{sentence}请联系审计管理员查明后再办理。", CLAUSE)
