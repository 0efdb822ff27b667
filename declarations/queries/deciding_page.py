"""The page on which a meeting's decision is written down: people, cases, lists to fill in."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from declarations.models import Attendee, Batch, Meeting, MeetingPoint
from declarations.queries.batches import points_of
from declarations.states import Choice, Presence
from scoring.queries import programme_of
from sihao.accounts.models import Seat
from sihao.accounts.queries import active_seats_at
from sihao.accounts.roles import DEPARTMENT_ROLES, TIER_ROLES


@dataclass(frozen=True)
class DecisionPage:
    """What the page shows besides what was typed."""

    meeting: Meeting
    points: Sequence[MeetingPoint]
    people: Sequence[Attendee]
    maximum: Decimal

    @property
    def places(self) -> list[int]:
        """Return the places of the cases."""
        return [point.place for point in self.points]

    @property
    def voters(self) -> list[Attendee]:
        """Return who was there to decide."""
        return [one for one in self.people if one.presence == Presence.PRESENT]

    @property
    def person_places(self) -> list[int]:
        """Return the places of the people."""
        return [one.place for one in self.people]

    def lists(self, aside: Sequence[object], own: Sequence[object]) -> list[dict[str, object]]:
        """Return the two lists to fill in: who stands aside, and votes on single cases."""
        cases = [(str(point.place), f"{point.place}. {point.name}") for point in self.points]
        here = [(str(one.place), one.name) for one in self.people if one.presence != Presence.ABSENT]
        point = {"name": "point", "label": "事项", "kind": "choice", "options": cases}
        person = {"name": "person", "label": "人员", "kind": "choice", "options": here}
        reason = {"name": "reason", "label": "回避事由", "kind": "text"}
        choice = {"name": "choice", "label": "表决", "kind": "choice", "options": Choice.choices}
        return [
            {
                "id": "aside",
                "name": "aside",
                "kind": "list",
                "label": "回避",
                "help": "曾在或者现在商会任职、有亲属关系等应当回避的，逐项登记；没有的不填。",
                "columns": [point, person, reason],
                "rows": aside,
            },
            {
                "id": "own",
                "name": "own",
                "kind": "list",
                "label": "单项表决",
                "help": "对个别商会单独表决的，逐人登记；其余事项按整体决定计。",
                "columns": [point, person, choice],
                "rows": own,
            },
        ]


def decision_page(batch: Batch, meeting: Meeting) -> DecisionPage:
    """Return the page of a meeting's decision."""
    people = list(meeting.attendees.order_by("place"))
    return DecisionPage(meeting, points_of(meeting), people, programme_of(batch.cycle.programme).total)


def accounts_at(seat: Seat) -> dict[int, str]:
    """Return the people of the office who may sign minutes, officers and leaders, by name; no experts, no observers."""
    seats = active_seats_at(seat.organisation_id, TIER_ROLES | DEPARTMENT_ROLES)
    return {one.user_id: one.user.name for one in seats}
