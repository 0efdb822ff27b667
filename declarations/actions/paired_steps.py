"""Steps of a case by two persons, where the cycle says so: forward, decline, shortlist."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db import transaction

from declarations.actions import review
from declarations.actions.second_person import Confirmed, Prepared, prepare
from declarations.actions.transition import NOT_YOURS, OVERTAKEN, lock, workflow_step
from declarations.digests import digest_of
from declarations.guards import Act
from declarations.models import Declaration, Pending
from declarations.queries.facts import Dossier, dossier_of, facts_of
from declarations.second_person import PAIRED_STEPS, Paired
from declarations.states import DeclineReason
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refused

DONE_BY: Mapping[Paired, Callable[..., Declaration]] = MappingProxyType(
    {Paired.FORWARD: review.forward, Paired.DECLINE: review.decline, Paired.SHORTLIST: review.shortlist}
)


@transaction.atomic
def prepare_step(*, step: str, case: Declaration, actor: Seat, now: datetime, **given: Any) -> Pending:
    """Prepare a step for the second person; what stands against it is said at once, and asked again when it is done."""
    locked = lock(case.pk, by=actor)
    row = workflow_step(locked, step)
    if locked.state not in row.sources:
        raise Refused((OVERTAKEN,))
    if not allowed(actor, row.permission, locked):
        raise Refused((NOT_YOURS,))
    dossier = dossier_of(locked)
    act = Act(actor=actor.user_id, people=actor.people, reason=str(given.get("reason", "")))
    if refusals := row.refusals(facts_of(dossier, now), act):
        raise Refused(refusals)
    prepared = Prepared(
        act=PAIRED_STEPS[step],
        subject=locked,
        title=f"{row.label}：{locked.applicant_name}",
        told=_told(dossier, given),
        payload={name: str(value) for name, value in given.items()},
        basis=_basis(dossier),
        reason=str(given.get("reason", "")),
    )
    return prepare(prepared=prepared, cycle=locked.cycle, actor=actor, now=now)


def _told(dossier: Dossier, given: Mapping[str, Any]) -> list[tuple[str, str]]:
    case, opinion = dossier.case, dossier.opinion_of(dossier.case.holder_id)
    sheet = dossier.book.layer(dossier.holder_layer) if dossier.holder_layer else None
    told = [("申报单位", case.applicant_name), ("受理编号", case.number)]
    told += [("本级评分", f"{sheet.total.normalize():f}分")] if sheet is not None and sheet.points else []
    told += [("审核意见", opinion.text)] if opinion is not None and opinion.text else []
    return told + ([("原因", DeclineReason(given["code"]).label)] if "code" in given else [])


def _basis(dossier: Dossier) -> str:
    """Return the digest of what a step rests on: the case as it stands, the tier's marks, its opinion."""
    case, opinion = dossier.case, dossier.opinion_of(dossier.case.holder_id)
    sheet = dossier.book.layer(dossier.holder_layer) if dossier.holder_layer else None
    marks = [[code, str(mark.points), mark.reason] for code, mark in sorted(sheet.marks.items())] if sheet else []
    return digest_of([case.state, case.holder_id, marks, [opinion.text, opinion.authentic] if opinion else []])


def _as_it_stands(pending: Pending) -> str:
    return _basis(dossier_of(lock(pending.declaration_id)))


def _perform(pending: Pending, actor: Seat, now: datetime) -> Declaration:
    action = DONE_BY[Paired(pending.act)]
    return action(case=pending.declaration, actor=actor, now=now, **pending.payload)


STEP = Confirmed(_perform, _as_it_stands)
