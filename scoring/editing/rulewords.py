"""Mark rules in Chinese words and back (评定：好＝5；无＝0); what no words fit is written as in the file, {…}."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from scoring.editing.toml import NotToml, inline, parse_inline

Rule = dict[str, Any]
FIGURE = re.compile(r"\d{1,9}(\.\d{1,6})?")
LIMIT = re.compile(r"-?\d{1,9}(\.\d{1,6})?%?")
MORE_WORDS = "可用“评定”“是”“否”“选项”“分档”“多选”，或者按标准文件的写法写在花括号里"
RESERVED = set(":;=÷+(),")


class NotARule(ValueError):
    """Words that are no rule; the message says what is wrong and how to mend it."""


class Names:
    """The fields of a programme by their codes and, where no two share one, by their labels."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        """Take the labels by code."""
        twice = {label for label in labels.values() if list(labels.values()).count(label) > 1}
        plain = {
            code: label
            for code, label in labels.items()
            if label not in twice and not RESERVED & set(fold(label))
        }
        self.codes = {fold(label): code for code, label in plain.items()} | {code: code for code in labels}
        self.spoken = {code: label for code, label in plain.items() if self.codes[fold(label)] == code}

    def code(self, word: str) -> str:
        """Return the field that a word means."""
        found = self.codes.get(word.strip())
        if found is None:
            raise NotARule(f"没有字段“{word.strip()[:20]}”，请写字段的代号或者名称，并先在“字段”中列出")
        return found

    def word(self, code: str) -> str:
        """Return how a field is written."""
        return self.spoken.get(code, code)


def fold(text: str) -> str:
    """Return a text as it is compared: full-width signs as narrow ones."""
    return unicodedata.normalize("NFKC", text).strip()


def read_rule(words: str, names: Names) -> Rule:
    """Return the rule that words mean. Raises ``NotARule``."""
    text = words.strip()
    if text.startswith("{"):
        return _spelled(text)
    kind, colon, rest = fold(text).partition(":")
    reader = READERS.get(kind.strip())
    if not colon or reader is None:
        raise NotARule(f"不认识“{text[:20]}”，{MORE_WORDS}")
    return reader(rest.strip(), names)


def _spelled(text: str) -> Rule:
    try:
        found = parse_inline(text)
    except NotToml as problem:
        raise NotARule(f"花括号里的写法不对（{problem}），请照标准文件改正") from None
    if not isinstance(found, dict):
        raise NotARule("花括号里应是一条规则")
    return found


def _pairs(text: str) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for part in (one for one in re.split(r"[;\n]", text) if one.strip()):
        name, equals, figure = part.rpartition("=")
        if not equals or not name.strip() or not FIGURE.fullmatch(figure.strip()):
            raise NotARule(f"“{part.strip()[:20]}”应写成“某一档＝分数”，各档之间用；隔开")
        if name.strip() in found:
            raise NotARule(f"“{name.strip()[:20]}”写了两次，请删去一处")
        found[name.strip()] = Decimal(figure.strip())
    if not found:
        raise NotARule("没有写各档得分，应写成“某一档＝分数；另一档＝分数”")
    return found


def _rating(text: str, names: Names) -> Rule:
    return {"type": "rating", "anchors": _pairs(text)}


def _yes(text: str, names: Names) -> Rule:
    return {"type": "binary", "when": {"field": names.code(text), "eq": True}}


def _no(text: str, names: Names) -> Rule:
    return {"type": "binary", "when": {"field": names.code(text), "eq": False}}


def _of_field(text: str) -> tuple[str, str]:
    field, colon, rest = text.partition(":")
    if not colon:
        raise NotARule("先写字段，再写冒号和各档得分，如“分档：会员数：100及以上＝5；50及以上＝3”")
    return field, rest


def _choice(text: str, names: Names) -> Rule:
    field, rest = _of_field(text)
    return {"type": "choice", "field": names.code(field), "points_by": _pairs(rest)}


def _tiered(text: str, names: Names) -> Rule:
    field, rest = _of_field(text)
    tiers = [[_limit(name), given] for name, given in _pairs(rest).items()]
    return {"type": "tiered", "metric": _metric(field.strip(), names), "tiers": tiers}


def _limit(name: str) -> Decimal:
    text = name.removesuffix("及以上").strip()
    if not LIMIT.fullmatch(text):
        raise NotARule(f"“{name[:20]}”应写成“某数及以上”，如“100及以上＝5”")
    return Decimal(text[:-1]) / 100 if text.endswith("%") else Decimal(text)


def _metric(text: str, names: Names) -> Rule:
    for sign, key in (("÷", "ratio"), ("+", "sum")):
        if sign in text:
            return {key: _operands(text.split(sign), key, names)}
    if found := re.fullmatch(r"(较少者|增长|相差)\((.+)\)", text):
        key = {"较少者": "min", "增长": "growth", "相差": "diff"}[found[1]]
        return {key: _operands(found[2].split(","), key, names)}
    return {"field": names.code(text)}


def _operands(words: list[str], key: str, names: Names) -> list[object]:
    codes = [names.code(word) for word in words]
    return [{"field": code} for code in codes] if key in WRAPPED else list(codes)


WRAPPED = frozenset({"min", "sum"})


def _checklist(text: str, names: Names) -> Rule:
    field, rest = _of_field(text)
    rule: Rule = {"type": "checklist", "field": names.code(field)}
    if found := re.fullmatch(r"每项(\d+(?:\.\d+)?)[,;]最多(\d+(?:\.\d+)?)", re.sub(r"\s", "", rest)):
        return {**rule, "each": Decimal(found[1]), "cap": Decimal(found[2])}
    counts = {name.removesuffix("项").strip(): given for name, given in _pairs(rest).items()}
    return {**rule, "by_count": counts}


READERS: dict[str, Callable[[str, Names], Rule]] = {
    "评定": _rating,
    "是": _yes,
    "否": _no,
    "选项": _choice,
    "分档": _tiered,
    "多选": _checklist,
}


def write_rule(rule: Mapping[str, Any], names: Names) -> str:
    """Return the words of a rule, or its spelling in the file where no words say exactly the same."""
    for word, writer in WRITERS:
        try:
            words = f"{word}：{writer(rule, names)}"
            if _same(read_rule(words, names), rule):
                return words
        except (KeyError, TypeError, ValueError, IndexError):
            continue
    return inline(rule)


def _same(one: object, other: object) -> bool:
    """Return whether two spellings mean one rule; yes is not 1 here, and no is not 0."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _told(pairs: Mapping[str, Any], after: str = "") -> str:
    return "；".join(f"{name}{after}＝{given:f}" for name, given in pairs.items())


def _told_metric(metric: Mapping[str, Any], names: Names) -> str:
    ((key, inner),) = metric.items()
    if key == "field":
        return names.word(inner)
    words = [names.word(one["field"] if isinstance(one, Mapping) else one) for one in inner]
    if key in {"ratio", "sum"}:
        return {"ratio": "÷", "sum": "＋"}[key].join(words)
    return f"{ {'min': '较少者', 'growth': '增长', 'diff': '相差'}[key] }（{'，'.join(words)}）"


def _told_tiers(rule: Mapping[str, Any], names: Names) -> str:
    tiers = "；".join(f"{Decimal(limit):f}及以上＝{Decimal(given):f}" for limit, given in rule["tiers"])
    return f"{_told_metric(rule['metric'], names)}：{tiers}"


def _decimals(pairs: Mapping[str, Any]) -> dict[str, Decimal]:
    return {name: Decimal(given) for name, given in pairs.items()}


WRITERS: tuple[tuple[str, Callable[[Mapping[str, Any], Names], str]], ...] = (
    ("评定", lambda rule, names: _told(_decimals(rule["anchors"]))),
    ("是", lambda rule, names: names.word(rule["when"]["field"])),
    ("否", lambda rule, names: names.word(rule["when"]["field"])),
    ("选项", lambda rule, names: f"{names.word(rule['field'])}：{_told(_decimals(rule['points_by']))}"),
    ("分档", _told_tiers),
    ("多选", lambda rule, names: f"{names.word(rule['field'])}：每项{rule['each']}，最多{rule['cap']}"),
    ("多选", lambda rule, names: f"{names.word(rule['field'])}：{_told(_decimals(rule['by_count']), '项')}"),
)
