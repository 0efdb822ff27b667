"""What leaves the house leaves a trail."""

from datetime import datetime

from django.db import models, transaction

from declarations.models import Batch, Cycle, Declaration
from declarations.queries.recusals import recused_in
from sihao.accounts.models import Seat
from sihao.audit.events import Event
from sihao.audit.record import record
from sihao.jobs.actions import enqueue
from sihao.jobs.models import Job

NATIONAL_SUMMARY = "national_summary"
BOOK = "declaration_book"
LIST_BUNDLE, CERTIFICATES, PACKS = "list_bundle", "certificate_bundle", "feedback_bundle"


@transaction.atomic
def record_export(*, target: models.Model, what: str, actor: Seat | None, now: datetime) -> None:
    """Write down who took which paper; nobody is one who took it without signing in."""
    record(Event.EXPORTED, actor=actor, target=target, at=now, data={"what": what})


@transaction.atomic
def order_national_summary(*, cycle: Cycle, actor: Seat, now: datetime) -> Job:
    """Order the whole summary list of a cycle as a job; the file waits at the job."""
    record_export(target=cycle, what="全国推荐名单汇总表", actor=actor, now=now)
    label = f"{cycle.name}推荐名单汇总表"
    without = recused_in(actor, cycle.pk)
    return enqueue(
        NATIONAL_SUMMARY, owner=actor.user, at=now, label=label, cycle=cycle.pk, seat=actor.pk, without=without
    )


@transaction.atomic
def order_book(*, case: Declaration, actor: Seat, now: datetime) -> Job:
    """Order the declaration book of a case as a job; the file waits at the job."""
    record_export(target=case, what="申报书", actor=actor, now=now)
    return enqueue(BOOK, owner=actor.user, at=now, label=f"申报书：{case.applicant_name}", case=case.pk, seat=actor.pk)


@transaction.atomic
def order_list_bundle(*, batch: Batch, actor: Seat, now: datetime) -> Job:
    """Order the papers of a list and the books of all its cases as one .zip."""
    record_export(target=batch, what="名单全部文书（ZIP）", actor=actor, now=now)
    label = f"{batch.unit}名单全部文书"
    return enqueue(LIST_BUNDLE, owner=actor.user, at=now, label=label, batch=batch.pk, seat=actor.pk)


@transaction.atomic
def order_certificates(*, cycle: Cycle, actor: Seat, now: datetime) -> Job:
    """Order the certificates of a published list as one .zip."""
    record_export(target=cycle, what="全部证书（ZIP）", actor=actor, now=now)
    label = f"{cycle.name}全部证书"
    return enqueue(CERTIFICATES, owner=actor.user, at=now, label=label, cycle=cycle.pk, seat=actor.pk)


@transaction.atomic
def order_feedback(*, cycle: Cycle, actor: Seat, now: datetime) -> Job:
    """Order the feedback packs of all units as one .zip."""
    record_export(target=cycle, what="全部反馈材料（ZIP）", actor=actor, now=now)
    label = f"{cycle.name}全部反馈材料"
    without = recused_in(actor, cycle.pk)
    return enqueue(PACKS, owner=actor.user, at=now, label=label, cycle=cycle.pk, seat=actor.pk, without=without)
