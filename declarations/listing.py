"""Recommendation lists as they are kept: what tells two versions apart, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sihao.ui.formats import points

Line = Mapping[str, object]
MOST_TOLD = 8
NAMED = {"name": "名称", "uscc": "统一社会信用代码", "total": "审核得分"}


@dataclass(frozen=True)
class Change:
    """One case that differs between two lists, and how."""

    name: str
    words: str

    def __str__(self) -> str:
        return f"{self.name}：{self.words}"


def changes(old: Sequence[Line], new: Sequence[Line]) -> tuple[Change, ...]:
    """Return what differs, in the order of the new list; those that only moved up or down with others are not told."""
    before = {str(line["number"]): line for line in old}
    after = {str(line["number"]): line for line in new}
    moved = _moved([one for one in before if one in after], [one for one in after if one in before])
    found = [_change(before.get(number), line, moved=number in moved) for number, line in after.items()]
    left = (line for number, line in before.items() if number not in after)
    gone = [Change(str(line["name"]), f"已移出（原第{line['rank']}位）") for line in left]
    return tuple(change for change in (*found, *gone) if change is not None)


def _moved(before: list[str], after: list[str]) -> set[str]:
    return {number for number, other in zip(after, before, strict=True) if number != other}


def _change(old: Line | None, new: Line, *, moved: bool) -> Change | None:
    if old is None:
        return Change(str(new["name"]), f"新列入（第{new['rank']}位）")
    words = [f"次序由第{old['rank']}位变为第{new['rank']}位"] if moved else []
    shown = {key: (_shown(key, old.get(key)), _shown(key, new.get(key))) for key in NAMED}
    words += [f"{NAMED[key]}由{was}变为{now}" for key, (was, now) in shown.items() if was != now]
    if old.get("content") != new.get("content"):
        words.append("申报材料或者评分有改动")
    return Change(str(new["name"]), "，".join(words)) if words else None


def _shown(key: str, value: object) -> str:
    return f"{points(value)}分" if key == "total" else str(value)


def told(found: Sequence[Change]) -> str:
    """Return the changes as one sentence's worth of words; a long row of them is counted, not told."""
    shown = "；".join(map(str, found[:MOST_TOLD]))
    return shown if len(found) <= MOST_TOLD else f"{shown}；等{len(found)}家"
