"""Where a long title is broken: never inside a word, a name in quotes or a year, and into lines of about one length."""

import re
from functools import cache

MOST_LINES = 5
WORDS = (
    "工商业联合会|工商联|主席办公会议|互学互促|中华全国|关于|推荐|审核|情况|报告|认定|名单|名额|分配表|通报|公示|公布|通知|撤销|退回|"
    "修改|申报表|申报书|自评表|申报|材料|实地|抽查|对象|记录表|牌匾|证书|制作|清单|审议|议程|纪要|会议|商会|结果|反馈表|反馈|分数|"
    "答复|异议|意见表|汇总表|全国|行业|协会|年度"
)
YEARS = r"[0-9A-Za-z][0-9A-Za-z—\-.]*(?:年度|年)?"
_UNIT = re.compile(rf"(?:“[^”]*”|（[^）]*）|{YEARS}|{WORDS}|.)[、，：；）”的]*", re.DOTALL)


def width(text: str) -> float:
    """Return how many characters of paper a text takes: half a one for each Latin letter or digit."""
    return sum(0.5 if char.isascii() else 1 for char in text)


def broken(title: str, room: float) -> list[str]:
    """Return the lines of a title for so many characters a line; one that is too long for that is left as it is."""
    whole = width(title)
    if whole <= room or whole > room * (MOST_LINES - 1) or "\n" in title:
        return [title]
    units = tuple(_UNIT.findall(title))

    @cache
    def best(start: int, lines: int) -> tuple[float, tuple[str, ...]] | None:
        """Return the squares of what is left empty, and the lines, from a unit on."""
        rest = "".join(units[start:])
        if lines == 1:
            return ((room - width(rest)) ** 2, (rest,)) if rest and width(rest) <= room else None
        found = []
        for end in range(start + 1, len(units)):
            line = "".join(units[start:end])
            after = best(end, lines - 1)
            if width(line) <= room and after is not None:
                found.append(((room - width(line)) ** 2 + after[0], (line, *after[1])))
        return min(found, default=None)

    tried = (best(0, lines) for lines in range(2, MOST_LINES + 1))
    return next((list(one[1]) for one in tried if one is not None), [title])
