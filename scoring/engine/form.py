"""The form of a programme file: its fields and the columns of its lists."""

from .fields import KINDS, OPTION_KINDS, FieldSpec, ItemSpec
from .tables import Table, named_tables, refuse_twins

Levels = dict[str, list[str]]


def award_levels(raw: object) -> Levels:
    """By field id the levels that its awards rule pays for: the options where the file states none."""
    inner = raw.values() if isinstance(raw, dict) else raw if isinstance(raw, list) else ()
    levels = {key: names for one in inner for key, names in award_levels(one).items()}
    if isinstance(raw, dict) and raw.get("type") == "awards" and isinstance(raw.get("by_level"), dict):
        levels[str(raw.get("field"))] = list(raw["by_level"])
    return levels


def parse_fields(table: Table, levels: Levels) -> tuple[FieldSpec, ...]:
    fields = tuple(_field(one, levels) for one in named_tables(table, "fields", "id", "字段", ()))
    refuse_twins(("字段", spec.id) for spec in fields)
    return fields


def _field(table: Table, levels: Levels) -> FieldSpec:
    kind = table.choice("type", KINDS)
    spec = FieldSpec(
        id=table.text("id"),
        label=table.text("label"),
        kind=kind,
        group=table.text("group"),
        options=table.texts("options") if kind in OPTION_KINDS else (),
        unit=table.text("unit", ""),
        help=table.text("help", ""),
        example=table.text("example", ""),
        clause=table.text("clause", ""),
        required=table.flag("required", default=True),
        signed=table.flag("signed", default=False) if kind == "ratio" else False,
        min_chars=table.whole("min_chars", 0),
        max_chars=table.whole("max_chars", 0),
        item=_columns(table, levels) if kind == "list" else (),
        text=table.text("text", "").strip(),
        signatures=table.texts("signatures", ()),
    )
    if kind in OPTION_KINDS and not spec.options:
        raise table.error("“options”不能为空")
    if spec.max_chars and spec.min_chars > spec.max_chars:
        raise table.error("“min_chars”大于“max_chars”")
    table.end()
    return spec


def _columns(table: Table, levels: Levels) -> tuple[ItemSpec, ...]:
    """The columns of a list: `item` gives kinds, `item_labels` names, `item_options` the options of a choice."""
    kinds = Table(table.take("item"), f"{table.where}的item")
    labels = Table(table.take("item_labels", {}), f"{table.where}的item_labels")
    options = Table(table.take("item_options", {}), f"{table.where}的item_options")
    paid = levels.get(table.where.removeprefix("字段"), [])
    columns = tuple(_column(name, kinds, labels, options, paid) for name in kinds.names())
    for one in (kinds, labels, options):
        one.end()
    if not columns:
        raise table.error("“item”不能为空")
    return columns


def _column(name: str, kinds: Table, labels: Table, options: Table, paid: list[str]) -> ItemSpec:
    kind = kinds.choice(name, [kind for kind in KINDS if kind != "list"])
    chosen = options.texts(name, paid if name == "level" else ()) if kind in OPTION_KINDS else ()
    if kind in OPTION_KINDS and not chosen:
        raise options.error(f"“{name}”的选项不能为空")
    return ItemSpec(name, kind, labels.text(name, name), chosen)
