"""The marks of one reviewer, parsed once: complete, within each row's points and on the step."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Self

from .answers import is_blank, number_of
from .fields import ValueProblem
from .figures import clip, points
from .rubric import Item, Rubric


def parse_mark(item: Item, step: Decimal, raw: object) -> Decimal:
    """The mark of one row. Raises ValueProblem, naming the row, for a blank, foreign, negative, high or odd one."""
    if is_blank(raw):
        raise ValueProblem(f"{item.id}：未评分")
    try:
        mark = number_of(raw)
    except ValueProblem as problem:
        raise ValueProblem(f"{item.id}：{problem}") from None
    if mark < 0:
        raise ValueProblem(f"{item.id}：评分不能为负数")
    if mark > item.points:
        raise ValueProblem(f"{item.id}：评{points(mark)}，超过该行满分{points(item.points)}")
    if mark % step:
        raise ValueProblem(f"{item.id}：评{points(mark)}，不是{points(step)}的整数倍")
    return mark


@dataclass(frozen=True)
class ScoreSheet:
    """A mark for every row. Marks settled between reviewers may lie between the steps."""

    marks: Mapping[str, Decimal]

    @classmethod
    def parse(
        cls, rubric: Rubric, step: Decimal, raw: Mapping[str, object]
    ) -> tuple[Self | None, dict[str, str]]:
        """The sheet, or None and a Chinese problem by row for each mark that is missing, unknown or refused."""
        marks: dict[str, Decimal] = {}
        problems: dict[str, str] = {}
        for item in rubric.items():
            try:
                marks[item.id] = parse_mark(item, step, raw.get(item.id))
            except ValueProblem as problem:
                problems[item.id] = str(problem)
        problems |= {
            key: f"没有“{clip(key)}”这一行" for key in raw if key not in {item.id for item in rubric.items()}
        }
        return (None, problems) if problems else (cls(MappingProxyType(marks)), {})
