"""What is typed about a meeting: its people, and what it decided; read once, drawn again as it was typed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import QueryDict

from declarations.actions.deciding import Arrangement, Decision, Invited, Said
from declarations.models import Meeting
from declarations.queries.batches import points_of
from declarations.states import Choice, DecisionWay, Duty, PointResult, Presence
from sihao.ui.forms import HouseForm

MOST_ROWS = 400
LONG = {"name": 40, "post": 60, "reason": 200}
FIGURE = re.compile(r"[0-9]{1,5}")
Row = dict[str, str]


def rows_in(data: QueryDict, name: str, columns: Sequence[str]) -> list[Row]:
    """Return the rows of a list field in their order, without blank ones; cells of other columns are not read."""
    shape = re.compile(rf"{re.escape(name)}-([0-9]{{1,4}})-({'|'.join(map(re.escape, columns))})")
    rows: dict[int, Row] = {}
    for key in data:
        cell = shape.fullmatch(key)
        if cell:
            text = str(data[key]).replace("\x00", "").strip()
            rows.setdefault(int(cell[1]), dict.fromkeys(columns, ""))[cell[2]] = text
    return [rows[number] for number in sorted(rows) if any(rows[number].values())][:MOST_ROWS]


# ---- the people


PEOPLE = ("name", "post", "presence", "duty", "user")


class ArrangementForm(HouseForm, forms.Form):
    """When and where the meeting is; its people are rows of their own beneath."""

    name = forms.CharField(label="会议名称", max_length=100, help_text="如主席会议、党组会议。")
    held_on = forms.DateField(label="会议日期")
    place = forms.CharField(label="会议地点", max_length=100, required=False)

    def __init__(self, *args: Any, rows: Sequence[Row] = (), accounts: Mapping[int, str], **kwargs: Any) -> None:
        """Take the rows to draw while nothing was posted, and the accounts that people may have."""
        super().__init__(*args, **kwargs)
        self.accounts = accounts
        self.rows = rows_in(self.data, "people", PEOPLE) if self.is_bound else list(rows)

    def clean(self) -> dict[str, Any]:
        """Read the people."""
        cleaned = super().clean()
        cleaned["people"] = [self._person(number, row) for number, row in enumerate(self.rows, start=1)]
        return cleaned

    def _person(self, number: int, row: Row) -> Invited:
        for part, label in (("name", "姓名"), ("post", "职务")):
            if not row[part] or len(row[part]) > LONG[part]:
                self.add_error(None, f"参会人员第{number}行：请填写{label}，不超过{LONG[part]}字。")
        known = {"presence": Presence.values, "duty": Duty.values, "user": list(map(str, self.accounts))}
        for part, label in (("presence", "到会"), ("duty", "会上职责"), ("user", "账号")):
            if row[part] and row[part] not in known[part]:
                self.add_error(None, f"参会人员第{number}行：所选{label}不在可选范围内。")
                return Invited(row["name"], row["post"])
        return Invited(
            row["name"],
            row["post"],
            Presence(row["presence"] or Presence.PRESENT),
            Duty(row["duty"] or Duty.MEMBER),
            int(row["user"]) if row["user"] else None,
        )

    def arrangement(self) -> Arrangement:
        """Return what was written down."""
        data = self.cleaned_data
        return Arrangement(data["name"], data["held_on"], data["place"], data["people"])

    @property
    def people(self) -> dict[str, object]:
        """Return the rows as the page draws them."""
        return {
            "id": "people",
            "name": "people",
            "kind": "list",
            "label": "参会人员",
            "required": True,
            "help": "领导班子成员逐一列出，请假的也列出；主持人、记录人各一位。选定账号的，可在系统内签署纪要。",
            "columns": [
                {"name": "name", "label": "姓名", "kind": "text"},
                {"name": "post", "label": "职务", "kind": "text"},
                {"name": "presence", "label": "到会", "kind": "choice", "options": Presence.choices},
                {"name": "duty", "label": "会上职责", "kind": "choice", "options": Duty.choices},
                {"name": "user", "label": "账号", "kind": "choice", "options": list(self.accounts.items())},
            ],
            "rows": self.rows,
        }


def people_rows(meeting: Meeting | None) -> list[Row]:
    """Return the people of a meeting as rows to draw."""
    if meeting is None:
        return []
    return [
        {
            "name": one.name,
            "post": one.post,
            "presence": one.presence,
            "duty": one.duty,
            "user": str(one.user_id or ""),
        }
        for one in meeting.attendees.order_by("place")
    ]


# ---- what it decided


@dataclass(frozen=True)
class TypedPoint:
    """What stands in the boxes beside one case."""

    place: str
    struck: bool = False
    reason: str = ""


@dataclass(frozen=True)
class TypedDecision:
    """The decision as typed, whatever it is."""

    way: str = DecisionWay.CONSENSUS
    minutes: str = ""
    votes: Mapping[int, str] = field(default_factory=dict)
    aside: Sequence[Row] = ()
    own: Sequence[Row] = ()
    points: Mapping[int, TypedPoint] = field(default_factory=dict)


ASIDE = ("point", "person", "reason")
OWN = ("point", "person", "choice")


def written_down(meeting: Meeting) -> TypedDecision:
    """Return the decision as it was saved last."""
    points = points_of(meeting)
    ballots = meeting.ballots.select_related("attendee", "point").order_by("point__place", "attendee__place")
    return TypedDecision(
        way=meeting.way,
        minutes=meeting.minutes,
        votes={one.attendee.place: one.choice for one in ballots if one.point is None},
        aside=[
            {"point": str(point.place), "person": str(one.attendee.place), "reason": one.reason}
            for point in points
            for one in point.aside.all()
        ],
        own=[
            {"point": str(one.point.place), "person": str(one.attendee.place), "choice": one.choice}
            for one in ballots
            if one.point is not None
        ],
        points={
            one.place: TypedPoint(str(one.decided_place or ""), one.result == PointResult.STRUCK, one.reason)
            for one in points
        },
    )


def typed_decision(data: QueryDict, places: Sequence[int], people: Sequence[int]) -> TypedDecision:
    """Return the decision as posted: of the cases and people there are, and of no others."""
    return TypedDecision(
        way=data.get("way", ""),
        minutes=data.get("minutes", "").replace("\x00", "").replace("\r\n", "\n"),
        votes={place: data[f"vote-{place}"] for place in people if data.get(f"vote-{place}")},
        aside=rows_in(data, "aside", ASIDE),
        own=rows_in(data, "own", OWN),
        points={
            place: TypedPoint(
                data.get(f"place-{place}", "").strip(),
                f"struck-{place}" in data,
                data.get(f"reason-{place}", "").replace("\x00", "").strip(),
            )
            for place in places
            if f"place-{place}" in data
        },
    )


class DecisionReader:
    """Turns what was typed into a decision, and says what cannot be read."""

    def __init__(self, typed: TypedDecision, places: Sequence[int], people: Sequence[int]) -> None:
        """Take the cases and people there are, by their places."""
        self._typed, self._places, self._people = typed, set(places), set(people)
        self.problems: list[str] = []

    def decision(self) -> Decision:
        """Return the decision; what cannot be read is left out and told in ``problems``."""
        typed = self._typed
        way = self._one_of(DecisionWay, typed.way, "请选择决定方式。") or DecisionWay.CONSENSUS
        if len(typed.minutes) > 10000:
            self.problems.append(f"会议纪要不超过10000字，现为{len(typed.minutes)}字。")
        wrong = "所选表决意见不在可选范围内。"
        votes = {place: self._one_of(Choice, text, wrong) for place, text in typed.votes.items()}
        return Decision(
            way=way,
            ballots={place: choice for place, choice in votes.items() if choice is not None},
            aside=[one for number, row in enumerate(typed.aside, 1) if (one := self._aside(number, row))],
            own_ballots=[one for number, row in enumerate(typed.own, 1) if (one := self._own(number, row))],
            points={place: self._said(place, one) for place, one in typed.points.items()},
            minutes=typed.minutes.strip(),
        )

    def _one_of(self, choices: Any, text: str, problem: str) -> Any:
        if text in choices.values:
            return choices(text)
        self.problems.append(problem)
        return None

    def _named(self, row: Row, label: str, number: int) -> tuple[int, int] | None:
        point, person = (int(row[part]) if FIGURE.fullmatch(row[part]) else 0 for part in ("point", "person"))
        if point in self._places and person in self._people:
            return point, person
        self.problems.append(f"{label}第{number}行：请选择事项和人员。")
        return None

    def _aside(self, number: int, row: Row) -> tuple[int, int, str] | None:
        named = self._named(row, "回避", number)
        if not row["reason"] or len(row["reason"]) > LONG["reason"]:
            self.problems.append(f"回避第{number}行：请填写回避事由，不超过{LONG['reason']}字。")
            return None
        return (*named, row["reason"]) if named else None

    def _own(self, number: int, row: Row) -> tuple[int, int, Choice] | None:
        named = self._named(row, "单项表决", number)
        choice = self._one_of(Choice, row["choice"], f"单项表决第{number}行：请选择表决意见。")
        return (*named, choice) if named and choice is not None else None

    def _said(self, place: int, one: TypedPoint) -> Said:
        if len(one.reason) > 300:
            self.problems.append(f"第{place}项的说明不超过300字。")
        if one.struck or not one.place:
            return Said(None, one.struck, one.reason[:300])
        if not FIGURE.fullmatch(one.place) or not int(one.place):
            self.problems.append(f"第{place}项的次序请填写从1起的整数，现为“{one.place[:20]}”。")
            return Said(None, reason=one.reason[:300])
        return Said(int(one.place), reason=one.reason[:300])
