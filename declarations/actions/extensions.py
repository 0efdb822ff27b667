"""Deadlines put off for one applicant or one unit: by two persons, with a reason and an end."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from declarations.actions.second_person import Confirmed, Prepared, needs_two, prepare
from declarations.calendar import FOLLOWING, TERM_FIELDS, set_term
from declarations.models import Cycle, Deadline, Declaration, Extension, Pending
from declarations.queries.deadlines import applying, deadlines_for, in_force, put_off
from declarations.second_person import Paired
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.queries import path_range
from sihao.accounts.refusals import Refusal, Refused
from sihao.audit.events import Event
from sihao.audit.record import record
from sihao.ui.formats import deadline as told_deadline

CLAUSE = "五（二）1"
PAGE = 500
NOT_YOURS = Refusal("not_permitted", "延期由全国工商联会员部办理。", CLAUSE)


@transaction.atomic
def propose(
    *,
    cycle: Cycle,
    organisation: Organisation,
    deadline: Deadline,
    until: datetime,
    reason: str,
    actor: Seat,
    now: datetime,
) -> Pending | Extension:
    """Prepare an extension for a second person; where the cycle asks for one person only, grant it at once."""
    if not allowed(actor, "declarations.propose_extension"):
        raise Refused((NOT_YOURS,))
    _refuse(cycle, organisation, deadline, until, reason, now)
    if not needs_two(cycle, Paired.DEADLINE_EXCEPTION):
        facts = {"deadline": deadline, "until": until, "reason": reason}
        return _grant(cycle, organisation, proposed_by=actor, confirmed_by=actor, now=now, **facts)
    closes = deadlines_for(cycle, organisation).closes[Deadline(deadline)]
    prepared = Prepared(
        act=Paired.DEADLINE_EXCEPTION,
        subject=organisation,
        title=f"{organisation}{Deadline(deadline).label}延至{told_deadline(until, with_year=True)}",
        told=[
            ("适用单位", _scope(organisation)),
            ("期限", Deadline(deadline).label),
            ("原截止时间", told_deadline(closes, with_year=True)),
            ("延至", told_deadline(until, with_year=True)),
            ("理由", reason),
        ],
        payload={"organisation": organisation.pk, "deadline": deadline, "until": until.isoformat()},
        reason=reason,
    )
    return prepare(prepared=prepared, cycle=cycle, actor=actor, now=now)


def _scope(organisation: Organisation) -> str:
    if organisation.is_chamber:
        return f"{organisation}（一件申报）"
    return f"{organisation}辖区内全部申报"


def _refuse(
    cycle: Cycle, organisation: Organisation, deadline: Deadline, until: datetime, reason: str, now: datetime
) -> None:
    """Refuse an extension without a reason, into the past, that puts nothing off, or beyond the tier above."""
    named = Deadline(deadline)
    closes = deadlines_for(cycle, organisation).closes
    if not reason.strip():
        raise Refused.because("reason_missing", "请写明延期的理由。", CLAUSE)
    if until <= now:
        raise Refused.because("until_past", "延期须延至现在以后的时间。", CLAUSE)
    if until <= closes[named]:
        until_now = told_deadline(closes[named], with_year=True)
        raise Refused.because("no_extension", f"{named.label}现限{until_now}，延期须晚于此时。", CLAUSE)
    if named != Deadline.PROVINCE and until > closes[Deadline.PROVINCE]:
        last = told_deadline(closes[Deadline.PROVINCE], with_year=True)
        raise Refused.because("beyond_province", f"不能晚于省级上报截止时间{last}；须先办理省级上报延期。", CLAUSE)


def _confirmed(pending: Pending, actor: Seat, now: datetime) -> Extension:
    """Grant what was prepared, as a second person; everything is checked again."""
    facts = pending.payload
    organisation = Organisation.objects.get(pk=facts["organisation"])
    deadline, until = Deadline(facts["deadline"]), datetime.fromisoformat(facts["until"])
    _refuse(pending.cycle, organisation, deadline, until, pending.reason, now)
    return _grant(
        pending.cycle,
        organisation,
        deadline=deadline,
        until=until,
        reason=pending.reason,
        proposed_by=pending.prepared_by,
        confirmed_by=actor,
        now=now,
    )


EXTENDING = Confirmed(perform=_confirmed)


def _grant(
    cycle: Cycle, organisation: Organisation, *, now: datetime, confirmed_by: Seat, **facts: object
) -> Extension:
    extension = Extension.objects.create(
        cycle=cycle, organisation=organisation, confirmed_by=confirmed_by, granted_at=now, **facts
    )
    record(
        Event.EXTENSION_CONFIRMED,
        actor=confirmed_by,
        target=extension,
        at=now,
        data=_told(extension) | {"proposed_by": str(extension.proposed_by)},
        reason=extension.reason,
    )
    _reset_terms(cycle, organisation)
    return extension


def _told(extension: Extension) -> dict[str, str]:
    return {
        "unit": str(extension.organisation),
        "step": extension.get_deadline_display(),
        "until": told_deadline(timezone.localtime(extension.until), with_year=True),
    }


@transaction.atomic
def end(*, extension: Extension, reason: str, actor: Seat, now: datetime) -> Extension:
    """End an extension before its time; the cycle's own deadline counts again from now on."""
    rows = Extension.objects.select_for_update(of=("self",)).select_related("organisation", "cycle")
    locked = rows.get(pk=extension.pk)
    if not allowed(actor, "declarations.end_extension"):
        raise Refused((NOT_YOURS,))
    if locked.ended_at is not None:
        raise Refused.because("extension_ended", "这项延期已经终止。", CLAUSE)
    if not reason.strip():
        raise Refused.because("reason_missing", "请写明终止延期的理由。", CLAUSE)
    locked.ended_at, locked.ended_by, locked.end_reason = now, actor, reason
    locked.save(update_fields=["ended_at", "ended_by", "end_reason"])
    record(Event.EXTENSION_ENDED, actor=actor, target=locked, at=now, data=_told(locked), reason=reason)
    _reset_terms(locked.cycle, locked.organisation)
    return locked


def _reset_terms(cycle: Cycle, organisation: Organisation) -> None:
    """Set the terms anew of the cases that an extension touches, page by page; each keeps since when it is held."""
    extensions = tuple(in_force(cycle))
    cases = Declaration.objects.filter(path_range(organisation.path), cycle=cycle, state__in=sorted(FOLLOWING))
    cases = cases.select_related("holder").order_by("pk")
    after = 0
    while page := list(cases.filter(pk__gt=after).select_for_update(of=("self",))[:PAGE]):
        for case in page:
            case.cycle = cycle
            set_term(case, case.held_since, put_off(cycle, applying(extensions, case.path)))
        Declaration.objects.bulk_update(page, TERM_FIELDS)
        after = page[-1].pk
