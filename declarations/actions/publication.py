"""From the approved list to the published one (notice 六): public notice, publication line by line, release.

A worker that dies in the middle leaves a publication with lines that are not settled: the job, taken up again, goes on
with these. Each line is one transaction, so that a title is there with its number, trail and letter, or not at all.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.db.models import Max

from declarations.actions.integrity import refuse_broken
from declarations.actions.letters import draft_results
from declarations.actions.second_person import Confirmed, Prepared, needs_two, prepare
from declarations.actions.titles import end_earlier_titles
from declarations.actions.transition import perform
from declarations.digests import digest_of
from declarations.models import (
    Cycle,
    Declaration,
    NoticeEntry,
    Pending,
    Publication,
    PublicationLine,
    PublicNotice,
    Recognition,
)
from declarations.models.announcement import FEWEST_DAYS
from declarations.queries.announced import not_yet_announced, to_announce, to_publish
from declarations.queries.facts import Dossier
from declarations.queries.invariants import Gate
from declarations.queries.meeting_page import PUBLISH, listing_of, open_job
from declarations.second_person import Paired
from declarations.working_days import official
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal, Refused
from sihao.audit.events import Event
from sihao.audit.record import record
from sihao.jobs.actions import enqueue
from sihao.jobs.models import Job
from sihao.ui.formats import deadline

CLAUSE = "六"
NOT_IN_NOTICE = "通知未规定"
ANNOUNCE = "declarations.announce"
REPORTED_EVERY = 25
Progress = Callable[[int, int], None]
Thing = TypeVar("Thing")


def _refuse(code: str, sentence: str, clause: str = CLAUSE) -> None:
    raise Refused((Refusal(code, sentence, clause),))


def _locked_cycle(cycle: Cycle) -> Cycle:
    return Cycle.objects.select_for_update(of=("self",)).get(pk=cycle.pk)


def _each(things: Sequence[Thing], act: Callable[[Thing], object], progress: Progress | None) -> None:
    """Do one thing after the other, and say every now and then how many are done."""
    for done, thing in enumerate(things):
        if progress is not None and done % REPORTED_EVERY == 0:
            progress(done, len(things))
        act(thing)


def _order(kind: str, cycle: Cycle, actor: Seat, now: datetime, **more: str) -> Job:
    with transaction.atomic():
        found = open_job(kind, cycle=cycle.pk)
        return found or enqueue(kind, owner=actor.user, at=now, cycle=cycle.pk, seat=actor.pk, **more)


# ---- how the cycle's public notice is set


@transaction.atomic
def propose_rules(*, cycle: Cycle, public_notice: bool, days: int, reason: str, actor: Seat, now: datetime) -> Pending:
    """Prepare other rules of the public notice (whether, how many working days) for a second person."""
    _refuse_rules(cycle, days, actor)
    if not reason.strip():
        _refuse("reason_missing", "请写明改动公示设置的理由。", NOT_IN_NOTICE)
    told = [
        ("公布前公示", "是" if public_notice else "否"),
        ("公示期", f"{days}个工作日"),
        ("理由", reason.strip()),
        ("说明", "通知未规定公示，由本周期设定；已经开始的公示不受影响"),
    ]
    payload = {"public_notice": public_notice, "days": days}
    act = Prepared(Paired.NOTICE_RULES, cycle, f"{cycle.name}公示设置", told, payload, _rules(cycle), reason.strip())
    return prepare(prepared=act, cycle=cycle, actor=actor, now=now)


def _refuse_rules(cycle: Cycle, days: int, actor: Seat) -> None:
    if not allowed(actor, "declarations.department"):
        _refuse("not_permitted", "公示由会员部设置。", NOT_IN_NOTICE)
    if days < FEWEST_DAYS:
        _refuse("notice_too_short", f"公示期不少于{FEWEST_DAYS}个工作日。", NOT_IN_NOTICE)


def _rules(cycle: Cycle) -> str:
    return digest_of([cycle.public_notice, cycle.notice_days])


def _set_rules(pending: Pending, actor: Seat, now: datetime) -> None:
    cycle = _locked_cycle(pending.cycle)
    cycle.public_notice, cycle.notice_days = pending.payload["public_notice"], pending.payload["days"]
    cycle.save(update_fields=["public_notice", "notice_days"])
    what = f"公布前公示{cycle.notice_days}个工作日" if cycle.public_notice else "公布前不公示"
    record(Event.NOTICE_RULES_SET, actor=actor, target=cycle, at=now, data={"what": what}, reason=pending.reason)


RULES = Confirmed(_set_rules, lambda pending: _rules(pending.cycle))


# ---- the public notice


def refuse_notice(*, cycle: Cycle, actor: Seat, permission: str = "declarations.publish") -> None:
    """Raise ``Refused`` unless the person may open a public notice, the cycle has one, and something waits for it."""
    if not allowed(actor, permission):
        _refuse("not_permitted", "由会员部负责人发布公示。", NOT_IN_NOTICE)
    if not cycle.public_notice:
        _refuse("no_notice", "本周期公布前不公示。", NOT_IN_NOTICE)
    if not to_announce(cycle).exists():
        _refuse("nothing_to_announce", "没有审议通过、待公示的对象。", NOT_IN_NOTICE)


def order_notice(*, cycle: Cycle, actor: Seat, now: datetime) -> Job | Pending:
    """Have the approved list announced in the background; by two persons where the cycle says so."""
    two = needs_two(cycle, Paired.OPEN_NOTICE)
    permission = "declarations.prepare_publication" if two else "declarations.publish"
    refuse_notice(cycle=cycle, actor=actor, permission=permission)
    if job := open_job(ANNOUNCE, cycle=cycle.pk):
        return job
    if two:
        return prepare(prepared=_announcement(cycle), cycle=cycle, actor=actor, now=now)
    return _order(ANNOUNCE, cycle, actor, now)


def _announcement(cycle: Cycle) -> Prepared:
    told = [
        ("名单", f"审议通过、待公示的{to_announce(cycle).count()}家"),
        ("公示内容", "商会名称和推荐单位，不公示得分"),
        ("公示期", f"{cycle.notice_days}个工作日，自确认之日次日起算（通知未规定，按本周期设置）"),
    ]
    return Prepared(Paired.OPEN_NOTICE, cycle, f"公示{cycle.honour}拟认定名单", told, basis=_waiting(cycle))


def _waiting(cycle: Cycle) -> str:
    return digest_of(listing_of(to_announce(cycle)))


def _announce_confirmed(pending: Pending, actor: Seat, now: datetime) -> Job:
    refuse_notice(cycle=pending.cycle, actor=actor)
    return _order(ANNOUNCE, pending.cycle, actor, now, listing=pending.basis)


ANNOUNCEMENT = Confirmed(_announce_confirmed, lambda pending: _waiting(pending.cycle))


def open_notice(
    *,
    cycle: Cycle,
    actor: Seat,
    now: datetime,
    progress: Progress | None = None,
    ordered_at: datetime | None = None,
    listing: str = "",
) -> PublicNotice:
    """Open a public notice of what the meeting approved (T28); it is there at once, the cases follow one by one.

    An order that was begun already (``ordered_at``) goes on with the cases that are left.
    """
    notice = _begin_notice(cycle, actor, now, ordered_at, listing)
    left = not_yet_announced(notice)
    _each(left, lambda case: perform(case=case, name="announce", actor=actor, now=now), progress)
    return notice


@transaction.atomic
def _begin_notice(
    cycle: Cycle, actor: Seat, now: datetime, ordered_at: datetime | None, listing: str
) -> PublicNotice:
    cycle = _locked_cycle(cycle)
    if ordered_at is not None and (begun := cycle.public_notices.filter(opened_at__gte=ordered_at).first()):
        return begun
    refuse_notice(cycle=cycle, actor=actor)
    cases = list(to_announce(cycle))
    digest = digest_of(listing_of(cases))
    if listing and listing != digest:
        _refuse("list_changed", "待公示的名单与两人确认的不一致，请重新提请。", NOT_IN_NOTICE)
    number = (cycle.public_notices.aggregate(last=Max("number"))["last"] or 0) + 1
    notice = PublicNotice.objects.create(
        cycle=cycle,
        number=number,
        days=cycle.notice_days,
        digest=digest,
        opened_by=actor,
        opened_at=now,
        closes_at=official().after(now, cycle.notice_days),
    )
    NoticeEntry.objects.bulk_create(
        NoticeEntry(
            notice=notice,
            declaration=case,
            place=place,
            name=case.applicant_name,
            unit_name=case.unit.name,
            unit_code=case.unit.code,
        )
        for place, case in enumerate(cases, start=1)
    )
    told = {"number": number, "cases": len(cases), "until": deadline(notice.closes_at, with_year=True)}
    record(Event.NOTICE_PUBLISHED, actor=actor, target=cycle, at=now, data=told | {"digest": digest})
    return notice


# ---- the list


def refuse_publication(
    *, cycle: Cycle, actor: Seat, now: datetime, permission: str = "declarations.publish"
) -> None:
    """Raise ``Refused`` unless the person may publish and something waits."""
    if not allowed(actor, permission):
        _refuse("not_permitted", "由会员部负责人公布名单。")
    if not to_publish(cycle, now).exists():
        _refuse("nothing_to_publish", "没有审议通过、待公布的对象。")


def order_publication(*, cycle: Cycle, actor: Seat, now: datetime) -> Job | Pending:
    """Have the list published in the background; one order at a time, a second one returns the first.

    Where the cycle asks for two persons it is prepared for the head of the department to confirm.
    """
    two = needs_two(cycle, Paired.PUBLISH)
    permission = "declarations.prepare_publication" if two else "declarations.publish"
    refuse_publication(cycle=cycle, actor=actor, now=now, permission=permission)
    if job := open_job(PUBLISH, cycle=cycle.pk):
        return job
    if two:
        return prepare(prepared=_publication(cycle, now), cycle=cycle, actor=actor, now=now)
    return _order(PUBLISH, cycle, actor, now)


def _publication(cycle: Cycle, now: datetime) -> Prepared:
    number = to_publish(cycle, now).count()
    told = [
        ("名单", f"待公布的{number}家，见“审议和公布”"),
        ("称号", cycle.honour),
        ("公布后", "通知这些商会，认定名单和证书查验对社会公开，不能撤回"),
    ]
    return Prepared(Paired.PUBLISH, cycle, f"公布{cycle.honour}名单", told, basis=_to_publish(cycle, now))


def _to_publish(cycle: Cycle, now: datetime) -> str:
    """Return the digest of the list as it would be published at an instant."""
    return digest_of(listing_of(to_publish(cycle, now)))


def _publish_confirmed(pending: Pending, actor: Seat, now: datetime) -> Job:
    refuse_publication(cycle=pending.cycle, actor=actor, now=pending.prepared_at)
    listing = {"listing": pending.basis, "as_of": pending.prepared_at.isoformat()}
    return _order(PUBLISH, pending.cycle, actor, now, **listing)


PUBLICATION = Confirmed(_publish_confirmed, lambda pending: _to_publish(pending.cycle, pending.prepared_at))


def publish_list(
    *,
    cycle: Cycle,
    actor: Seat,
    now: datetime,
    progress: Progress | None = None,
    ordered_at: datetime | None = None,
    listing: str = "",
    as_of: datetime | None = None,
) -> Cycle:
    """Publish the list (T30): every case that may be is recognised and gets the next certificate number.

    A publication that was begun and not completed is gone on with, whoever orders; an order that was carried out
    already (``ordered_at``) changes nothing; a list that is not the one that two persons looked at (``listing``, its
    digest as it was ``as_of``) is refused. A case that may no longer be published is left out, and its number goes to
    the next: numbers are continuous.
    """
    publication = _begin(cycle, actor, now, ordered_at, listing, as_of or now)
    if publication.completed_at is None:
        left = list(publication.lines.filter(settled_at__isnull=True).order_by("place").values_list("pk", flat=True))
        _each(left, lambda pk: _settle_line(pk, actor, now), progress)
        _complete(publication, actor, now)
    return Cycle.objects.get(pk=cycle.pk)


@transaction.atomic
def _begin(
    cycle: Cycle, actor: Seat, now: datetime, ordered_at: datetime | None, listing: str, as_of: datetime
) -> Publication:
    cycle = _locked_cycle(cycle)
    if not allowed(actor, "declarations.publish"):
        _refuse("not_permitted", "由会员部负责人公布名单。")
    done = cycle.publications.filter(begun_at__gte=ordered_at) if ordered_at is not None else Publication.objects.none()
    if found := cycle.publications.filter(completed_at__isnull=True).first() or done.order_by("number").first():
        return found
    refuse_publication(cycle=cycle, actor=actor, now=as_of)
    cases = list(to_publish(cycle, as_of))
    digest = digest_of(listing_of(cases))
    if listing and listing != digest:
        _refuse("list_changed", "待公布的名单与两人确认的不一致，请重新提请。")
    refuse_broken(gate=Gate.PUBLICATION, cycle=cycle)
    number = (cycle.publications.aggregate(last=Max("number"))["last"] or 0) + 1
    begun = Publication.objects.create(cycle=cycle, number=number, digest=digest, begun_by=actor, begun_at=now)
    PublicationLine.objects.bulk_create(
        PublicationLine(publication=begun, declaration=case, place=place) for place, case in enumerate(cases, start=1)
    )
    return begun


@transaction.atomic
def _settle_line(pk: int, actor: Seat, now: datetime) -> None:
    """Recognise one case, or keep why it cannot be; a line that is settled is left as it is."""
    publication_id = PublicationLine.objects.values_list("publication_id", flat=True).get(pk=pk)
    publication = Publication.objects.select_for_update(of=("self",)).select_related("cycle").get(pk=publication_id)
    line = PublicationLine.objects.select_related("declaration__cycle").get(pk=pk)
    if line.settled_at is not None:
        return
    serial = (Recognition.objects.filter(cycle=publication.cycle).aggregate(last=Max("serial"))["last"] or 0) + 1
    try:
        with transaction.atomic():
            _recognise(line.declaration, publication, serial, actor, now)
    except Refused as refused:
        line.refusal = str(refused)
    line.settled_at = now
    line.save(update_fields=["settled_at", "refusal"])


def _recognise(case: Declaration, publication: Publication, serial: int, actor: Seat, now: datetime) -> None:
    number = f"{case.cycle.certificate_prefix}{serial:04d}"

    def effect(dossier: Dossier) -> dict[str, object]:
        kind = dossier.answers.get("chamber_type")
        Recognition.objects.create(
            declaration=dossier.case,
            cycle=dossier.case.cycle,
            publication=publication,
            serial=serial,
            number=number,
            name=dossier.case.applicant_name,
            unit_name=dossier.case.unit.name,
            unit_code=dossier.case.unit.code,
            chamber_type=str(kind.value) if kind and kind.value else "",
            recognised_at=publication.begun_at,
        )
        return {"number": number}

    perform(case=case, name="recognise", actor=actor, now=now, effect=effect)


@transaction.atomic
def _complete(publication: Publication, actor: Seat, now: datetime) -> None:
    """Show the titles of a publication whose lines are all settled, and end those of the cycles before."""
    cycle = _locked_cycle(publication.cycle)
    found = Publication.objects.select_for_update(of=("self",)).get(pk=publication.pk)
    if found.completed_at is not None:
        return
    found.completed_at, found.published = now, found.recognitions.count()
    found.save(update_fields=["completed_at", "published"])
    if not found.published:
        return
    found.recognitions.update(published_at=now)
    names = list(cycle.recognitions.order_by("serial").values_list("number", "name"))
    cycle.published_at, cycle.published_digest = now, digest_of([list(pair) for pair in names])
    cycle.save(update_fields=["published_at", "published_digest"])
    data = {"digest": cycle.published_digest, "number": found.published, "publication": found.number}
    record(Event.LIST_PUBLISHED, actor=actor, target=cycle, at=now, data=data)
    end_earlier_titles(publication=found, actor=actor, now=now)


@transaction.atomic
def release_results(*, cycle: Cycle, actor: Seat, now: datetime) -> Cycle:
    """Make the other outcomes visible to provinces and chambers (T31); with the list or after it, never before."""
    cycle = _locked_cycle(cycle)
    if not allowed(actor, "declarations.publish"):
        _refuse("not_permitted", "由会员部负责人公开结果。")
    if cycle.published_at is None:
        _refuse("not_published", "名单公布后才能公开其他结果。")
    if cycle.released_at is not None:
        _refuse("already_released", "结果已经公开。")
    cycle.released_at = now
    cycle.save(update_fields=["released_at"])
    record(Event.RESULTS_RELEASED, actor=actor, target=cycle, at=now)
    draft_results(cycle=cycle, actor=actor, now=now)
    return cycle

