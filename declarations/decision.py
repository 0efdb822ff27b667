"""What makes a meeting's decision hold: who may vote, how the votes add up, what may stand in the list.

Pure: a record in, its tallies and what stands against it out. More than half of those who belong to the meeting must
be present; a case is listed when more than half of those who belong to it, less those who stand aside, are in favour.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from declarations.states import Choice, DecisionWay, Duty, PointResult, Presence
from declarations.wording import placeholders
from sihao.accounts.refusals import Refusal

CLAUSE = "五（二）1"
NO_BALLOTS: Mapping[int, Choice] = MappingProxyType({})


@dataclass(frozen=True)
class Person:
    """One person of the meeting; ``key`` tells people of the same name apart."""

    key: int
    name: str
    presence: Presence = Presence.PRESENT
    duty: Duty = Duty.MEMBER

    @property
    def is_present(self) -> bool:
        """Return whether the person may decide."""
        return self.presence == Presence.PRESENT


@dataclass(frozen=True)
class Point:
    """One case before the meeting: the place it was put at, what is to become of it, who stands aside, own votes."""

    place: int
    name: str
    result: PointResult = PointResult.LISTED
    decided_place: int | None = None
    reason: str = ""
    aside: frozenset[int] = frozenset()
    ballots: Mapping[int, Choice] = field(default_factory=lambda: NO_BALLOTS)

    def __str__(self) -> str:
        return f"第{self.place}项{self.name}"


@dataclass(frozen=True)
class Tally:
    """The votes on one case; ``voters`` is how many could vote. A consensus has no counts."""

    voters: int
    in_favour: int | None = None
    against: int | None = None
    abstained: int | None = None

    @property
    def words(self) -> str:
        """Return the tally as the minutes tell it."""
        if self.in_favour is None:
            return f"{self.voters}人一致同意"
        return f"应表决{self.voters}人，赞成{self.in_favour}票，反对{self.against}票，弃权{self.abstained}票"


@dataclass(frozen=True)
class Record:
    """A meeting as it was written down."""

    people: Sequence[Person]
    points: Sequence[Point]
    way: DecisionWay = DecisionWay.CONSENSUS
    ballots: Mapping[int, Choice] = field(default_factory=dict)
    minutes: str = ""

    @property
    def members(self) -> list[Person]:
        """Return who belongs to the deciding body: present or absent."""
        return [person for person in self.people if person.presence != Presence.OBSERVING]

    @property
    def present(self) -> list[Person]:
        """Return who was there to decide."""
        return [person for person in self.people if person.is_present]

    def voters(self, point: Point) -> list[Person]:
        """Return who decides on a case: those present less those who stand aside."""
        return [person for person in self.present if person.key not in point.aside]

    def choices(self, point: Point) -> dict[int, Choice]:
        """Return what each voter said on a case: of its own, else of the whole list."""
        whole = self.ballots if self.way == DecisionWay.VOTE else NO_BALLOTS
        said = {**whole, **point.ballots}
        return {person.key: said[person.key] for person in self.voters(point) if person.key in said}

    def is_voted(self, point: Point) -> bool:
        """Return whether there is a vote on a case, or consensus."""
        return self.way == DecisionWay.VOTE or bool(point.ballots)


def tally(record: Record, point: Point) -> Tally:
    """Return the votes on a case."""
    voters = len(record.voters(point))
    if not record.is_voted(point):
        return Tally(voters)
    said = list(record.choices(point).values())
    counts = [said.count(choice) for choice in (Choice.IN_FAVOUR, Choice.AGAINST, Choice.ABSTAINED)]
    return Tally(voters, *counts)


def listed(points: Iterable[Point]) -> list[Point]:
    """Return the cases that stay on the list, in the order that was decided."""
    kept = [point for point in points if point.result == PointResult.LISTED]
    return sorted(kept, key=lambda point: (point.decided_place or 0, point.place))


def refusals(record: Record) -> tuple[Refusal, ...]:
    """Return everything that stands against the record; nothing when the decision holds."""
    found = [*_of_people(record), *_of_order(record.points)]
    for point in record.points:
        found += _of_point(record, point)
    found += _of_minutes(record.minutes)
    return tuple(Refusal(code, sentence, CLAUSE) for code, sentence in dict.fromkeys(found))


Said = tuple[str, str]


def _of_people(record: Record) -> list[Said]:
    duties = [person.duty for person in record.people]
    wanted = (Duty.CHAIR, Duty.RECORDER)
    found = [(f"no_{duty.value}", f"请指定一位会议{duty.label}。") for duty in wanted if duties.count(duty) != 1]
    members, present = len(record.members), len(record.present)
    if present * 2 <= members:
        found.append(("no_quorum", f"应到{members}人，出席{present}人，未超过半数，不能研究决定。"))
    voting = record.ballots if record.way == DecisionWay.VOTE else NO_BALLOTS
    away = (person for person in record.people if person.key in voting and not person.is_present)
    return found + [("vote_of_absent", f"{person.name}未出席会议，不能表决。") for person in away]


def _of_order(points: Sequence[Point]) -> list[Said]:
    kept = listed(points)
    if not kept:
        return [("list_empty", "名单内至少要有一家，全部不列入的请重新拟定名单。")]
    places = sorted(point.decided_place or 0 for point in kept)
    if places != list(range(1, len(kept) + 1)):
        shown = "、".join(str(place) if place else "未填" for place in places)
        return [("order_broken", f"研究确定的次序须从1起连续编号、不重复，现为{shown}。")]
    return []


def _of_point(record: Record, point: Point) -> list[Said]:
    if point.result == PointResult.STRUCK and not point.reason.strip():
        return [("strike_unreasoned", f"{point}不列入，请写明理由。")]
    voters = record.voters(point)
    if not voters:
        return [("nobody_decides", f"{point}：出席人员全部回避，不能由本次会议决定。")]
    found = _of_ballots(record, point)
    missing = [person.name for person in voters if person.key not in record.choices(point)]
    if record.is_voted(point) and missing:
        counted = f"应表决{len(voters)}人，已登记{len(voters) - len(missing)}人"
        found.append(("votes_missing", f"{point}：{'、'.join(missing)}尚未登记表决意见（{counted}）。"))
    elif point.result == PointResult.LISTED and not found:
        found += _of_majority(record, point)
    return found


def _of_ballots(record: Record, point: Point) -> list[Said]:
    names = {person.key: person for person in record.people}
    found = []
    for key in point.ballots:
        if key in point.aside:
            found.append(("vote_of_recused", f"{point}：{names[key].name}已回避，不能表决。"))
        elif not names[key].is_present:
            found.append(("vote_of_absent", f"{point}：{names[key].name}未出席会议，不能表决。"))
    return found


def _of_majority(record: Record, point: Point) -> list[Said]:
    entitled = sum(person.key not in point.aside for person in record.members)
    counted = tally(record, point)
    favour = counted.voters if counted.in_favour is None else counted.in_favour
    if favour * 2 > entitled:
        return []
    aside = "（已扣除回避人员）" if point.aside else ""
    sentence = f"{point}：赞成{favour}票，未超过应到{entitled}人{aside}的半数，不能列入。"
    return [("not_carried", sentence)]


def _of_minutes(minutes: str) -> list[Said]:
    if not minutes.strip():
        return [("minutes_missing", "请写明会议纪要。")]
    if left := placeholders(minutes):
        return [("minutes_unfinished", f"会议纪要里还有待填的内容：{'、'.join(left)}。")]
    return []
