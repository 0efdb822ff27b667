"""The meeting on a frozen list: who is invited, what it decides, when its record is closed, who signs it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from declarations.actions.batch import demand, locked_for, new_version, refuse
from declarations.actions.ranks import order_changed, write_ranks
from declarations.actions.review import strike
from declarations.decision import Record, listed, refusals, tally
from declarations.digests import digest_of
from declarations.listing import changes, told
from declarations.models import (
    Attendee,
    Ballot,
    Batch,
    Declaration,
    ListVersion,
    Meeting,
    MeetingPoint,
    MinutesSignature,
    StandingAside,
)
from declarations.ordering import SameRankTwice, placed
from declarations.queries.batches import current_version, listing_of, meeting_of, points_of
from declarations.queries.deciding import record_of
from declarations.queries.report import minutes_draft
from declarations.states import (
    BatchState,
    Choice,
    DecisionWay,
    Duty,
    ListOrigin,
    MeetingState,
    PointResult,
    Presence,
)
from sihao.accounts.models import Seat
from sihao.accounts.queries import active_seats_at
from sihao.accounts.refusals import Refused
from sihao.accounts.roles import DEPARTMENT_ROLES, TIER_ROLES, Role
from sihao.audit.events import Event
from sihao.audit.record import record

MOST_PEOPLE = 100
LEADING = frozenset({Role.LEADER, Role.DEPARTMENT_HEAD})
"""Who may preside over a meeting and sign its minutes as the chair."""


@dataclass(frozen=True)
class Invited:
    """One person of a meeting as written down."""

    name: str
    post: str
    presence: Presence = Presence.PRESENT
    duty: Duty = Duty.MEMBER
    user: int | None = None


@dataclass(frozen=True)
class Arrangement:
    """When and where a meeting is, and who belongs to it."""

    name: str
    held_on: date
    place: str
    people: Sequence[Invited]


@dataclass(frozen=True)
class Said:
    """What a meeting says of one case: the place it is given (None: as it stands), or why it is not on the list."""

    decided_place: int | None = None
    struck: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Decision:
    """What a meeting decided: by which way, who voted how, who stood aside, what becomes of each case, the minutes.

    People and cases are named by their place: ``aside`` are (case, person, why), ``own_ballots`` (case, person, word).
    Minutes None are drafted from all that.
    """

    way: DecisionWay = DecisionWay.CONSENSUS
    ballots: Mapping[int, Choice] = field(default_factory=dict)
    aside: Sequence[tuple[int, int, str]] = ()
    own_ballots: Sequence[tuple[int, int, Choice]] = ()
    points: Mapping[int, Said] = field(default_factory=dict)
    minutes: str | None = ""


@transaction.atomic
def arrange_meeting(*, batch: Batch, arrangement: Arrangement, actor: Seat, now: datetime) -> Meeting:
    """Prepare the meeting on a frozen list, or change what was prepared; who stays keeps votes and recusals."""
    batch = locked_for(batch, "declarations.prepare_batch", actor)
    demand(batch, BatchState.FROZEN)
    _refuse_people(arrangement.people)
    meeting = meeting_of(batch) or _begin(batch, arrangement, actor, now)
    meeting.name, meeting.held_on, meeting.place = arrangement.name, arrangement.held_on, arrangement.place
    meeting.save(update_fields=["name", "held_on", "place"])
    _seat_people(meeting, arrangement.people)
    record(Event.MEETING_PREPARED, actor=actor, target=meeting, at=now, data={"list": batch.digest})
    return meeting


def _refuse_people(people: Sequence[Invited]) -> None:
    if not people:
        refuse("nobody", "请写明参会人员。")
    if len(people) > MOST_PEOPLE:
        refuse("too_many_people", f"参会人员最多{MOST_PEOPLE}人。")
    names = [(person.name, person.post) for person in people]
    for name, post in dict.fromkeys(names):
        if names.count((name, post)) > 1:
            refuse("person_twice", f"参会人员重复：{name}（{post}）。")
    _refuse_duties(people)


def _refuse_duties(people: Sequence[Invited]) -> None:
    for duty in (Duty.CHAIR, Duty.RECORDER):
        holding = [person for person in people if person.duty == duty]
        if len(holding) != 1:
            refuse(f"no_{duty.value}", f"请指定一位会议{duty.label}。")
        if duty == Duty.CHAIR and holding[0].presence != Presence.PRESENT:
            refuse("chair_away", "主持人须出席会议。")
        if holding[0].presence == Presence.ABSENT:
            refuse("recorder_away", "记录人须到会。")


def _begin(batch: Batch, arrangement: Arrangement, actor: Seat, now: datetime) -> Meeting:
    version = current_version(batch)
    meeting = Meeting.objects.create(
        cycle=batch.cycle,
        organisation=batch.unit,
        agenda=version,
        agenda_digest=version.digest,
        name=arrangement.name,
        held_on=arrangement.held_on,
        prepared_by=actor,
        prepared_at=now,
    )
    numbers = [line["number"] for line in version.listing]
    keys = dict(Declaration.objects.filter(number__in=numbers).values_list("number", "pk"))
    MeetingPoint.objects.bulk_create(
        MeetingPoint(
            meeting=meeting,
            place=line["rank"],
            decided_place=line["rank"],
            declaration_id=keys[line["number"]],
            number=line["number"],
            name=line["name"],
            total=line["total"],
        )
        for line in version.listing
    )
    return meeting


def _seat_people(meeting: Meeting, people: Sequence[Invited]) -> None:
    """Write the people anew in their order; votes and recusals of those who stay are kept by name and post."""
    by_name = ("attendee__name", "attendee__post")
    aside = list(StandingAside.objects.filter(point__meeting=meeting).values_list(*by_name, "point_id", "reason"))
    ballots = list(meeting.ballots.values_list(*by_name, "point_id", "choice"))
    meeting.attendees.all().delete()
    accounts = _accounts(meeting, people)
    seated = Attendee.objects.bulk_create(
        Attendee(
            meeting=meeting,
            place=place,
            name=person.name,
            post=person.post,
            presence=person.presence,
            duty=person.duty,
            user_id=person.user if person.user in accounts else None,
        )
        for place, person in enumerate(people, start=1)
    )
    here = {(one.name, one.post): one for one in seated}
    StandingAside.objects.bulk_create(
        StandingAside(point_id=point, attendee=here[name, post], reason=reason)
        for name, post, point, reason in aside
        if (name, post) in here
    )
    Ballot.objects.bulk_create(
        Ballot(meeting=meeting, attendee=here[name, post], point_id=point, choice=choice)
        for name, post, point, choice in ballots
        if (name, post) in here and here[name, post].presence == Presence.PRESENT
    )


def _accounts(meeting: Meeting, people: Sequence[Invited]) -> set[int]:
    """Return the accounts of the office that people were given, each for one person; who presides is a leader."""
    given = [person.user for person in people if person.user is not None]
    for user in given:
        if given.count(user) > 1:
            refuse("account_twice", "同一账号只能对应一位参会人员。")
    held = active_seats_at(meeting.organisation_id, TIER_ROLES | DEPARTMENT_ROLES).filter(user__in=given)
    roles = [(seat.user_id, seat.role) for seat in held]
    leaders = {user for user, role in roles if role in LEADING}
    chairs = {person.user for person in people if person.duty == Duty.CHAIR and person.user is not None}
    if chairs - leaders:
        refuse("chair_no_leader", "主持人须为本单位领导，所选账号没有领导席位。")
    return {user for user, _ in roles}


@transaction.atomic
def save_decision(*, batch: Batch, decision: Decision, actor: Seat, now: datetime) -> Meeting:
    """Write down what the meeting decides, as far as it is known; nothing is settled by it."""
    batch = locked_for(batch, "declarations.prepare_batch", actor)
    meeting = _prepared(batch)
    meeting.way = decision.way
    people = {person.place: person for person in meeting.attendees.all()}
    points = {point.place: point for point in meeting.points.all()}
    _write_points(points, decision.points)
    StandingAside.objects.filter(point__meeting=meeting).delete()
    meeting.ballots.all().delete()
    try:
        with transaction.atomic():
            _write_aside(points, people, decision)
            _write_ballots(meeting, points, people, decision)
    except IntegrityError:
        refuse("said_twice", "同一人对同一事项的回避或者表决只能登记一次。")
    drafted = decision.minutes is None
    meeting.minutes = minutes_draft(record_of(meeting)) if drafted else decision.minutes
    meeting.save(update_fields=["way", "minutes"])
    return meeting


def _prepared(batch: Batch) -> Meeting:
    demand(batch, BatchState.FROZEN)
    meeting = meeting_of(batch)
    if meeting is None:
        refuse("no_meeting", "请先登记会议和参会人员。")
    return meeting


def _write_points(points: Mapping[int, MeetingPoint], said: Mapping[int, Said]) -> None:
    """Write what becomes of each case: those struck leave, those given a place take it, the others close up around."""
    for place, one in said.items():
        if place in points and one.struck and not one.reason.strip():
            refuse("strike_unreasoned", f"第{place}项{points[place].name}不列入，请写明理由。")
    ranks = {place: rank for rank, place in enumerate(_order(points, said), start=1)}
    changed = [points[place] for place in said if place in points]
    MeetingPoint.objects.filter(pk__in=[point.pk for point in changed]).update(decided_place=None)
    for point in changed:
        one = said[point.place]
        point.result = PointResult.STRUCK if one.struck else PointResult.LISTED
        point.decided_place, point.reason = ranks.get(point.place), one.reason.strip()
    MeetingPoint.objects.bulk_update(changed, ["result", "decided_place", "reason"])


def _order(points: Mapping[int, MeetingPoint], said: Mapping[int, Said]) -> list[int]:
    """Return the cases that stay, by their places on the agenda, in the order that was decided."""
    kept = [place for place in points if not (said[place].struck if place in said else points[place].is_struck)]
    before = sorted(kept, key=lambda place: (points[place].decided_place or len(points) + 1, place))
    wanted = {
        place: one.decided_place
        for place, one in said.items()
        if place in kept and one.decided_place not in {None, points[place].decided_place}
    }
    try:
        return placed(before, wanted)
    except SameRankTwice as twice:
        refuse("order_broken", f"研究确定的次序第{twice.rank}位填写了两家以上，请改正。")


def _write_aside(points: Mapping[int, MeetingPoint], people: Mapping[int, Attendee], decision: Decision) -> None:
    StandingAside.objects.bulk_create(
        StandingAside(point=points[point], attendee=people[person], reason=reason)
        for point, person, reason in decision.aside
        if point in points and person in people
    )


def _write_ballots(
    meeting: Meeting, points: Mapping[int, MeetingPoint], people: Mapping[int, Attendee], decision: Decision
) -> None:
    whole = [(None, person, choice) for person, choice in decision.ballots.items()]
    own = [(points[point], person, choice) for point, person, choice in decision.own_ballots if point in points]
    Ballot.objects.bulk_create(
        Ballot(meeting=meeting, point=point, attendee=people[person], choice=choice)
        for point, person, choice in (*whole, *own)
        if person in people
    )


@transaction.atomic
def conclude_meeting(*, batch: Batch, actor: Seat, now: datetime) -> Batch:
    """Close the record: the decision must hold, the list must be the one that was put before the meeting.

    Where the meeting changed the list, the list as decided becomes its next version.
    """
    batch = locked_for(batch, "declarations.prepare_batch", actor)
    meeting = _prepared(batch)
    _refuse_day(batch, meeting, now)
    decided = record_of(meeting)
    if against := refusals(decided):
        raise Refused(against)
    if found := changes(batch.listing, listing_of(batch)):
        refuse("list_changed", f"名单固定以后有变化：{told(found)}。请重新打开名单、重新固定后再研究。")
    version = _as_decided(batch, meeting, decided, actor, now)
    _close(meeting, decided, version, actor, now)
    batch.state = BatchState.MEETING_HELD
    batch.save(update_fields=["state", "version", "listing", "digest"])
    record(Event.MEETING_RECORDED, actor=actor, target=batch, at=now, data={"digest": batch.digest})
    return batch


def _refuse_day(batch: Batch, meeting: Meeting, now: datetime) -> None:
    if meeting.held_on > timezone.localdate(now):
        refuse("meeting_ahead", "集体研究日期不能晚于今天。")
    frozen = timezone.localdate(batch.frozen_at)
    if meeting.held_on < frozen:
        refuse("meeting_before_list", f"集体研究日期不能早于名单固定之日（{frozen.month}月{frozen.day}日）。")


def _as_decided(batch: Batch, meeting: Meeting, decided: Record, actor: Seat, now: datetime) -> ListVersion:
    """Make the list what the meeting said, and return its version."""
    order = [point.place for point in listed(decided.points)]
    if order == list(range(1, len(decided.points) + 1)):
        return meeting.agenda
    points = {point.place: point for point in points_of(meeting)}
    for point in points.values():
        if point.result == PointResult.STRUCK:
            case = Declaration.objects.select_related("unit", "cycle").get(pk=point.declaration_id)
            words = f"经{meeting.name}研究，未列入推荐名单。{point.reason}"
            strike(case=case, reason=words, actor=actor, now=now)
    _write_order(batch, [points[place] for place in order], actor, now)
    return new_version(batch=batch, listing=listing_of(batch), origin=ListOrigin.DECIDED, actor=actor, now=now)


def _write_order(batch: Batch, points: Sequence[MeetingPoint], actor: Seat, now: datetime) -> None:
    """Give the cases the ranks that were decided; what the meeting said of one is why it stands where it stands."""
    cases = Declaration.objects.filter(cycle_id=batch.cycle_id, unit_id=batch.unit_id, is_reserve=False)
    found = {case.pk: case for case in cases.filter(pk__in=[point.declaration_id for point in points])}
    decided = {point.declaration_id: rank for rank, point in enumerate(points, start=1)}
    write_ranks({pk: rank for pk, rank in decided.items() if found[pk].rank != rank})
    said = [found[point.declaration_id] for point in points if point.reason]
    reasons = {point.declaration_id: point.reason for point in points}
    for case in said:
        case.rank_reason = reasons[case.pk]
    Declaration.objects.bulk_update(said, ["rank_reason"])
    order_changed(next(iter(found.values())), actor, now)


def _close(meeting: Meeting, decided: Record, version: ListVersion, actor: Seat, now: datetime) -> None:
    """Write the votes on each case and the digest of the whole record."""
    by_place = {point.place: point for point in decided.points}
    points = points_of(meeting)
    for point in points:
        counted = tally(decided, by_place[point.place])
        point.voters, point.in_favour = counted.voters, counted.in_favour
        point.against, point.abstained = counted.against, counted.abstained
    MeetingPoint.objects.bulk_update(points, ["voters", "in_favour", "against", "abstained"])
    meeting.decided, meeting.decided_digest = version, version.digest
    meeting.state, meeting.concluded_by, meeting.concluded_at = MeetingState.CONCLUDED, actor, now
    meeting.digest = digest_of(_content(meeting, points))
    meeting.save()


def _content(meeting: Meeting, points: Sequence[MeetingPoint]) -> dict[str, object]:
    """Return the record as it is signed."""
    people = meeting.attendees.order_by("place").values_list("place", "name", "post", "presence", "duty")
    ballots = meeting.ballots.order_by("attendee__place", "point__place")
    return {
        "name": meeting.name,
        "held_on": meeting.held_on.isoformat(),
        "place": meeting.place,
        "agenda": meeting.agenda_digest,
        "decided": meeting.decided_digest,
        "way": meeting.way,
        "people": [list(person) for person in people],
        "ballots": [list(one) for one in ballots.values_list("attendee__place", "point__place", "choice")],
        "points": [
            [point.place, point.number, point.result, point.decided_place, point.reason, point.voters]
            + [[one.attendee.place, one.reason] for one in point.aside.all()]
            for point in points
        ],
        "minutes": meeting.minutes,
    }


@transaction.atomic
def sign_minutes(*, batch: Batch, actor: Seat, now: datetime) -> MinutesSignature:
    """Sign the minutes as one of those who were there."""
    batch = locked_for(batch, "declarations.prepare_batch", actor)
    demand(batch, BatchState.MEETING_HELD)
    meeting = meeting_of(batch)
    mine = meeting.attendees.filter(user_id=actor.user_id).exclude(presence=Presence.ABSENT).first()
    if mine is None:
        refuse("not_there", "会议纪要由到会人员签署，您不在到会人员之列。")
    signature, created = MinutesSignature.objects.get_or_create(
        attendee=mine,
        defaults={"meeting": meeting, "seat": actor, "digest": meeting.digest, "signed_at": now},
    )
    if not created:
        refuse("signed_already", "您已经签署过会议纪要。")
    record(Event.MINUTES_SIGNED, actor=actor, target=meeting, at=now, data={"digest": meeting.digest})
    return signature
