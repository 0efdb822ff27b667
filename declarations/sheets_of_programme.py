"""How a programme stands in a workbook: sheet by sheet, which column holds what."""

from dataclasses import dataclass

from scoring.editing.layout import GROUPS, ROWS, SECTIONS, SHEETS, Column

STANDARD = "评分标准"
ITEM, VALUE, HOW = "项目", "内容", "填写说明"


@dataclass(frozen=True)
class BookColumn:
    """One column of the workbook: its title there, and which column of which sheet it holds."""

    title: str
    sheet: str
    column: Column

    @property
    def key(self) -> str:
        """Return the name of its values."""
        return f"{self.sheet}.{self.column.key}"


def _of(sheet: str, *pairs: tuple[str, str]) -> tuple[BookColumn, ...]:
    return tuple(BookColumn(title, sheet, SHEETS[sheet].column(key)) for key, title in pairs)


ROW_COLUMNS = (
    *_of(
        "sections",
        ("code", "一级指标代号"),
        ("name", "一级指标"),
        ("points", "一级指标分值"),
        ("bonus", "是否加分项"),
    ),
    *_of(
        "groups",
        ("code", "二级指标代号"),
        ("name", "二级指标"),
        ("points", "二级指标分值"),
        ("clause", "二级指标依据"),
    ),
    *_of(
        "rows",
        ("id", "指标代号"),
        ("name", "指标"),
        ("mark", "标记"),
        ("points", "分值"),
        ("rule", "计分规则"),
    ),
    *_of("rows", ("evidence", "佐证材料"), ("fields", "依据字段"), ("auto", "核算方式"), ("basis", "依据")),
    *_of("rows", ("note", "说明"), ("verify_by", "核验方式"), ("mark_reason", "标记的理由")),
)
PREFIXES = {"gates": "门槛", "fields": "字段", "checks": "校验", "stages": "步骤"}
"""The other lists of the workbook, and what their titles begin with."""

LIST_COLUMNS = {
    name: tuple(
        BookColumn(f"{prefix}{column.title.removeprefix(prefix)}", name, column)
        for column in SHEETS[name].columns
    )
    for name, prefix in PREFIXES.items()
}
HANGING = {"sections": SECTIONS, "groups": GROUPS, "rows": ROWS}
