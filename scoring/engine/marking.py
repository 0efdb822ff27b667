"""The mark rules: what each gives for the declared facts, why, and how it reads as a scoring standard."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from .answers import fold
from .conditions import Condition
from .facts import Facts
from .fields import FieldSpec
from .figures import points, quoted
from .metrics import UNDECLARED, Metric, exact, tell

ZERO = Decimal(0)


@dataclass(frozen=True)
class Proposal:
    """The points that the facts support, None when only people can say, and the sentence with the figures."""

    points: Decimal | None
    because: str


@dataclass(frozen=True, kw_only=True)
class Rule(ABC):
    """One mark rule. `points` is its maximum; a met `zero_when` gives 0, before a met `na_when` gives it all."""

    points: Decimal
    zero_when: Condition | None = None
    na_when: Condition | None = None

    @abstractmethod
    def mark(self, facts: Facts) -> Proposal: ...

    @abstractmethod
    def standard(self) -> str: ...

    @abstractmethod
    def possible(self) -> set[Decimal]: ...


def apply(rule: Rule, facts: Facts) -> Proposal:
    """What the facts support for one rule. `zero_when` goes before `na_when`."""
    if rule.zero_when and rule.zero_when.holds(facts):
        return Proposal(ZERO, f"{rule.zero_when.told(facts)}，直接得0分")
    if rule.na_when and rule.na_when.holds(facts):
        return Proposal(rule.points, f"{rule.na_when.told(facts)}，不适用，按满分得{points(rule.points)}")
    return rule.mark(facts)


def standard(rule: Rule) -> str:
    """The scoring standard in plain Chinese, without a full stop."""
    zero = f"；{rule.zero_when.wanted()}的得0分" if rule.zero_when else ""
    spared = f"；{rule.na_when.wanted()}的不适用，按满分计" if rule.na_when else ""
    return rule.standard() + zero + spared


def possible_points(rule: Rule) -> tuple[Decimal, ...]:
    """All points the rule can give, from the highest down."""
    return tuple(sorted(rule.possible() | {ZERO, rule.points}, reverse=True))


def _gives(given: Decimal) -> str:
    return f"得{points(given)}"


@dataclass(frozen=True, kw_only=True)
class Binary(Rule):
    """All points when the condition holds, else 0."""

    when: Condition

    def mark(self, facts: Facts) -> Proposal:
        told = self.when.told(facts)
        if self.when.holds(facts):
            return Proposal(self.points, f"{told}，{_gives(self.points)}")
        wanted = "" if told.endswith(UNDECLARED) else f"，要求{self.when.wanted()}"
        return Proposal(ZERO, f"{told}{wanted}，得0分")

    def standard(self) -> str:
        return f"{self.when.wanted()}的得{points(self.points)}，否则得0分"

    def possible(self) -> set[Decimal]:
        return {ZERO, self.points}


@dataclass(frozen=True, kw_only=True)
class Choice(Rule):
    """Points by the option declared."""

    field: FieldSpec
    points_by: Mapping[str, Decimal]

    def mark(self, facts: Facts) -> Proposal:
        option = facts.get(self.field.id)
        if not isinstance(option, str):
            return _undeclared(self.field)
        given = self.points_by[option]
        return Proposal(given, f"“{self.field.label}”为“{option}”，{_gives(given)}")

    def standard(self) -> str:
        return f"“{self.field.label}”：" + "，".join(
            f"“{option}”得{points(given)}" for option, given in self.points_by.items()
        )

    def possible(self) -> set[Decimal]:
        return set(self.points_by.values())


@dataclass(frozen=True, kw_only=True)
class Tiered(Rule):
    """Points of the first tier whose lower limit is reached, the limit included."""

    metric: Metric
    tiers: tuple[tuple[Fraction, Decimal], ...]

    def mark(self, facts: Facts) -> Proposal:
        told = tell(self.metric, facts)
        if facts.undeclared(self.metric.specs()):
            return Proposal(ZERO, f"{told}，按0计，得0分")
        value, missed = exact(self.metric, facts), ""
        for limit, given in self.tiers:
            shown = self.metric.shown(limit)
            if value >= limit:
                reached = f"{missed}，按{shown}档" if missed else f"，达到{shown}，"
                return Proposal(given, f"{told}{reached}{_gives(given)}")
            missed = f"，低于{shown}"
        return Proposal(ZERO, f"{told}{missed}，得0分")

    def standard(self) -> str:
        steps = [f"达{self.metric.shown(limit)}得{points(given)}" for limit, given in self.tiers]
        lowest = self.metric.shown(self.tiers[-1][0])
        return f"{self.metric.name()}：{'，'.join(steps)}，不足{lowest}得0分"

    def possible(self) -> set[Decimal]:
        return {given for _, given in self.tiers}


@dataclass(frozen=True, kw_only=True)
class Checklist(Rule):
    """Points by the number of options ticked: `scale[n]` for n of them; `each` is 0 when counted by steps."""

    field: FieldSpec
    scale: tuple[Decimal, ...]
    each: Decimal

    def mark(self, facts: Facts) -> Proposal:
        chosen = facts.get(self.field.id)
        if not isinstance(chosen, tuple):
            return _undeclared(self.field)
        given, uncapped = self.scale[len(chosen)], self.each * len(chosen)
        how = f"，每项{points(self.each)}" if self.each else ""
        capped = f"，封顶{points(self.points)}" if uncapped > given else ""
        names = "、".join(chosen)
        return Proposal(
            given, f"“{self.field.label}”有{len(chosen)}项（{names}）{how}{capped}，{_gives(given)}"
        )

    def standard(self) -> str:
        head = f"“{self.field.label}”共{len(self.field.options)}项"
        if self.each:
            return f"{head}，每项得{points(self.each)}，最高{points(self.points)}"
        steps = [
            f"有{count}项得{points(given)}"
            for count, (before, given) in enumerate(pairwise(self.scale), start=1)
            if given != before
        ]
        return f"{head}：{'，'.join(steps)}"

    def possible(self) -> set[Decimal]:
        return set(self.scale)


@dataclass(frozen=True, kw_only=True)
class Sum(Rule):
    """The parts added up; each part is a rule of its own with its own exceptions."""

    parts: tuple[Rule, ...]

    def mark(self, facts: Facts) -> Proposal:
        proposals = [apply(part, facts) for part in self.parts]
        total = sum((one.points or ZERO for one in proposals), ZERO)
        return Proposal(total, f"{'；'.join(one.because for one in proposals)}；合计{points(total)}")

    def standard(self) -> str:
        parts = (f"（{number}）{standard(part)}" for number, part in enumerate(self.parts, start=1))
        return "分项相加：" + "；".join(parts)

    def possible(self) -> set[Decimal]:
        totals = {ZERO}
        for part in self.parts:
            totals = {total + one for total in totals for one in possible_points(part)}
        return totals


@dataclass(frozen=True, kw_only=True)
class Rating(Rule):
    """Judged by people against named anchors; the facts propose nothing."""

    anchors: Mapping[str, Decimal]

    def _listed(self) -> str:
        return "、".join(f"{name} {points(given)}" for name, given in self.anchors.items())

    def mark(self, facts: Facts) -> Proposal:
        return Proposal(None, f"由评审人按档评定：{self._listed()}")

    def standard(self) -> str:
        return f"由评审人按档评定：{self._listed()}"

    def possible(self) -> set[Decimal]:
        return set(self.anchors.values())


@dataclass(frozen=True, kw_only=True)
class Awards(Rule):
    """Points by level of each award up to a cap; of one matter only the highest counts.

    Awards that state no matter cannot be told apart and count as one matter; one without a level counts 0.
    """

    field: FieldSpec
    by_level: Mapping[str, Decimal]
    dedupe: str

    def mark(self, facts: Facts) -> Proposal:
        awards = facts.get(self.field.id)
        if not isinstance(awards, tuple):
            return _undeclared(self.field)
        counted = self._counted(awards)
        total = sum((self.by_level[level] for level in counted), ZERO)
        given = min(total, self.points)
        told = "、".join(
            self._told(level, counted.count(level)) for level in self.by_level if level in counted
        )
        left = len(awards) - len(counted)
        beside = f"（另有{left}项重复或未写明级别，不计）" if left else ""
        capped = f"，合计{points(total)}，封顶{points(self.points)}" if total > given else ""
        return Proposal(given, f"“{self.field.label}”{told or '无可计分项'}{beside}{capped}，{_gives(given)}")

    def _told(self, level: str, count: int) -> str:
        return f"{level}{count}项计{points(self.by_level[level] * count)}"

    def _counted(self, awards: tuple[Mapping[str, object], ...]) -> list[str]:
        """The levels that count: the highest of each matter."""
        best: dict[object, str] = {}
        for number, award in enumerate(awards):
            level = award.get("level")
            if not isinstance(level, str):
                continue
            matter = _matter(award.get(self.dedupe)) if self.dedupe else number
            if matter not in best or self.by_level[level] > self.by_level[best[matter]]:
                best[matter] = level
        return list(best.values())

    def standard(self) -> str:
        levels = "、".join(f"{level}每项{points(given)}" for level, given in self.by_level.items())
        once = "，同一事项只取最高级" if self.dedupe else ""
        return f"“{self.field.label}”：{levels}{once}，最高{points(self.points)}"

    def possible(self) -> set[Decimal]:
        totals, fresh = {ZERO}, {ZERO}
        while fresh:
            fresh = {min(old + one, self.points) for old in fresh for one in self.by_level.values()} - totals
            totals |= fresh
        return totals


def _matter(raw: object) -> str:
    return "".join(fold(raw).split()).casefold() if isinstance(raw, str) else ""


def _undeclared(spec: FieldSpec) -> Proposal:
    return Proposal(ZERO, f"{quoted([spec.label])}{UNDECLARED}，得0分")
