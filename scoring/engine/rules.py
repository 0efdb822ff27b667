"""Mark rules read from their tables; one that cannot give exactly its row's points is refused."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from .conditions import Condition, parse_condition
from .fields import FieldSpec
from .figures import points
from .marking import ZERO, Awards, Binary, Checklist, Choice, Rating, Rule, Sum, Tiered
from .metrics import Fields, field_of, parse_metric
from .tables import Table, as_number


def parse_rule(raw: object, where: str, fields: Fields, maximum: Decimal | None) -> Rule:
    """A rule from its table. `maximum` is what the row gives; a part of a sum (None) states its own.

    Refuses a rule whose best result is not exactly that maximum.
    """
    table = Table(raw, where)
    kind = table.choice("type", tuple(PARSERS))
    stated = table.number("points", maximum) if maximum is not None or table.has("points") else None
    if stated is not None and stated <= 0:
        raise table.error("分值应大于0")
    if maximum is not None and stated != maximum:
        raise table.error(f"规则写明的{points(stated or ZERO)}与该行分值{points(maximum)}不一致")
    common = {key: _when(table, key, fields) for key in ("zero_when", "na_when")}
    rule = PARSERS[kind](table, fields, stated, common)
    table.end()
    _check_maximum(table, rule, stated)
    return rule


Common = dict[str, Condition | None]


def _when(table: Table, key: str, fields: Fields) -> Condition | None:
    return parse_condition(table.take(key), f"{table.where}的{key}", fields) if table.has(key) else None


def _check_maximum(table: Table, rule: Rule, stated: Decimal | None) -> None:
    best = max(rule.possible())
    if stated is not None and best != stated:
        word = "超过" if best > stated else "达不到"
        raise table.error(f"规则最高得{points(best)}，{word}分值{points(stated)}")
    if min(rule.possible()) < 0:
        raise table.error("规则给出负分")


def _binary(table: Table, fields: Fields, stated: Decimal | None, common: Common) -> Rule:
    points_ = table.number("points") if stated is None else stated
    return Binary(points=points_, when=parse_condition(table.take("when"), table.where, fields), **common)


def _choice(table: Table, fields: Fields, stated: Decimal | None, common: Common) -> Rule:
    spec = _field(table, fields, "choice")
    given = table.numbers_by("points_by")
    _same_names(table, "points_by", given, spec.options, spec)
    return Choice(points=max(given.values()), field=spec, points_by=given, **common)


def _field(table: Table, fields: Fields, kind: str) -> FieldSpec:
    spec = field_of(table, "field", fields)
    if spec.kind != kind:
        raise table.error(f"字段“{spec.id}”应为“{kind}”类，现为“{spec.kind}”类")
    return spec


def _same_names(
    table: Table, key: str, given: Mapping[str, Decimal], names: tuple[str, ...], spec: FieldSpec
) -> None:
    for name in given:
        if name not in names:
            raise table.error(f"“{key}”的“{name}”不是字段“{spec.id}”的选项")
    for name in names:
        if name not in given:
            raise table.error(f"“{key}”缺少字段“{spec.id}”的选项“{name}”")


def _tiered(table: Table, fields: Fields, stated: Decimal | None, common: Common) -> Rule:
    metric = parse_metric(table.take("metric"), table.where, fields)
    tiers = tuple(_tier(table, raw) for raw in table.array("tiers"))
    if not tiers:
        raise table.error("“tiers”不能为空")
    for (limit, given), (lower, less) in pairwise(tiers):
        if lower >= limit or less >= given:
            raise table.error("“tiers”应从高到低排列，下限和得分都逐档递减")
    exact_tiers = tuple((Fraction(limit), given) for limit, given in tiers)
    return Tiered(points=tiers[0][1], metric=metric, tiers=exact_tiers, **common)


def _tier(table: Table, raw: object) -> tuple[Decimal, Decimal]:
    if not isinstance(raw, list) or len(raw) != 2:
        raise table.error("“tiers”每档应为[下限, 得分]")
    return as_number(raw[0], f"{table.where}：“tiers”的下限"), as_number(
        raw[1], f"{table.where}：“tiers”的得分"
    )


def _checklist(table: Table, fields: Fields, stated: Decimal | None, common: Common) -> Rule:
    spec = _field(table, fields, "multi")
    if table.has("by_count"):
        each, scale = ZERO, _steps(table, table.numbers_by("by_count"), len(spec.options))
    else:
        each, cap = table.number("each"), table.number("cap")
        scale = tuple(min(each * count, cap) for count in range(len(spec.options) + 1))
        if scale[-1] != cap:
            raise table.error(f"全选只得{points(scale[-1])}，达不到封顶{points(cap)}")
    return Checklist(points=scale[-1], field=spec, scale=scale, each=each, **common)


def _steps(table: Table, given: Mapping[str, Decimal], most: int) -> tuple[Decimal, ...]:
    """Points for 0 to `most` ticks; a count that is not named gives what the next lower one gives."""
    by_count = {
        int(count): one for count, one in given.items() if count.isdecimal() and 1 <= int(count) <= most
    }
    if len(by_count) != len(given):
        raise table.error(f"“by_count”的项数应为1至{most}的整数")
    scale = [ZERO]
    for count in range(1, most + 1):
        scale.append(by_count.get(count, scale[-1]))
    if scale != sorted(scale):
        raise table.error("“by_count”的得分应随项数递增")
    return tuple(scale)


def _sum(table: Table, fields: Fields, stated: Decimal | None, common: Common) -> Rule:
    raws = table.array("parts")
    parts = tuple(
        parse_rule(raw, f"{table.where}第{number}部分", fields, None)
        for number, raw in enumerate(raws, start=1)
    )
    if not parts or any(isinstance(part, Rating) for part in parts):
        raise table.error("“parts”不能为空，也不能含由人评定的rating")
    return Sum(points=sum((part.points for part in parts), ZERO), parts=parts, **common)


def _rating(table: Table, fields: Fields, stated: Decimal | None, common: Common) -> Rule:
    anchors = table.numbers_by("anchors")
    for higher, lower in pairwise(anchors.values()):
        if lower >= higher:
            raise table.error("“anchors”应从高到低排列")
    return Rating(points=max(anchors.values()), anchors=anchors, **common)


def _awards(table: Table, fields: Fields, stated: Decimal | None, common: Common) -> Rule:
    spec = _field(table, fields, "list")
    columns = {column.id: column for column in spec.item}
    given, cap, dedupe = table.numbers_by("by_level"), table.number("cap"), table.text("dedupe", "")
    if "level" not in columns or (dedupe and dedupe not in columns):
        raise table.error(f"字段“{spec.id}”没有栏目“{dedupe if 'level' in columns else 'level'}”")
    _same_names(table, "by_level", given, columns["level"].options, spec)
    if min(given.values()) <= 0 or not 0 < cap / min(given.values()) <= 1000:
        raise table.error("各级别得分和封顶都应大于0，封顶不超过最低一级的1000倍")
    return Awards(points=cap, field=spec, by_level=given, dedupe=dedupe, **common)


PARSERS: Mapping[str, Callable[[Table, Fields, Decimal | None, Common], Rule]] = {
    "binary": _binary,
    "choice": _choice,
    "tiered": _tiered,
    "checklist": _checklist,
    "sum": _sum,
    "rating": _rating,
    "awards": _awards,
}
