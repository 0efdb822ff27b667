"""Words that a person edits before they go out: what was left to fill in is found."""

import re

_LEFT = re.compile(
    r"【[^】]*】|［[^］]*］|[×Ｘ]{2,}|(?<![A-Za-z])[Xx]{2,}(?![A-Za-z])|[_＿]{2,}|待填|待补充|请填写"
)


def placeholders(text: str) -> tuple[str, ...]:
    """Return what still waits to be filled in: 【…】, ××, ＿＿, 待填 and the like, each once."""
    return tuple(dict.fromkeys(found.group() for found in _LEFT.finditer(text)))
