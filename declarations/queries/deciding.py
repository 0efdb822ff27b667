"""A meeting's rows as the pure record that its rules judge, and as its pages and papers tell it."""

from declarations.decision import Person, Point, Record
from declarations.models import Meeting
from declarations.queries.batches import points_of
from declarations.states import Choice, DecisionWay, Duty, PointResult, Presence


def record_of(meeting: Meeting) -> Record:
    """Return the meeting as it was written down; five queries, however many cases it had before it."""
    people = [
        Person(one.place, one.name, Presence(one.presence), Duty(one.duty))
        for one in meeting.attendees.order_by("place")
    ]
    whole = meeting.ballots.filter(point__isnull=True).values_list("attendee__place", "choice")
    points = [
        Point(
            place=point.place,
            name=point.name,
            result=PointResult(point.result),
            decided_place=point.decided_place,
            reason=point.reason,
            aside=frozenset(one.attendee.place for one in point.aside.all()),
            ballots={one.attendee.place: Choice(one.choice) for one in point.ballots.all()},
        )
        for point in points_of(meeting)
    ]
    ballots = {place: Choice(choice) for place, choice in whole}
    return Record(people, points, DecisionWay(meeting.way), ballots, meeting.minutes)
