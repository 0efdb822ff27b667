"""A standard as the workbook to be filled in: the rows laid out as an annex 1, then what belongs to them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO

from declarations.sheets_of_programme import HOW, ITEM, LIST_COLUMNS, ROW_COLUMNS, STANDARD, VALUE, BookColumn
from declarations.workflow import procedure_title
from scoring.editing.judging import judge
from scoring.editing.layout import HEAD, SHEETS
from scoring.editing.writing import Content, Texts
from scoring.engine import Programme, rule_text
from sihao.documents.table import Column, Table
from sihao.documents.xlsx import write

HOW_ROWS = (
    "同一一级、二级指标的各行，代号、名称、分值只填第一行，其余各行可以空着；分值空着的按各行相加。",
    "“评分标准”由“计分规则”生成，供阅读；“计分规则”空着的，按“评分标准”由人评定符合或者不符合。",
    ("计分规则的写法：评定：好＝5；无＝0　是：字段　选项：字段：甲＝5；乙＝0　"
    "分档：字段：100及以上＝5；50及以上＝3　多选：字段：每项1，最多3"),
)
WIDTHS = {"评分标准": 40, "计分规则": 40, "指标": 36, "佐证材料": 28, "内容": 60, "填写说明": 40}


def write_workbook(content: Content, file: BinaryIO) -> None:
    """Write the sheets of a draft or of a published standard as a workbook that can be brought back."""
    programme = judge(content).programme
    first, *others = tables_of(content, programme)
    write(first, file, others=others)


def tables_of(content: Content, programme: Programme | None) -> list[Table]:
    """Return the workbook's sheets."""
    rows = Table(
        f"附件1　{content['head'].get('title', '')}",
        [*_columns(ROW_COLUMNS[:-8]), Column(STANDARD, width=WIDTHS[STANDARD]), *_columns(ROW_COLUMNS[-8:])],
        list(_rows(content, programme)),
        captions=(content["head"].get("short_status", ""), *HOW_ROWS),
        sheet="指标",
    )
    head = Table(
        "", [_column(ITEM), _column(VALUE), _column(HOW)], [_head_row(content, one.key) for one in HEAD.columns],
        sheet=HEAD.title,
    )  # fmt: skip
    lists = [
        Table(
            "",
            _columns(columns),
            [_cells(row, columns) for row in content.get(name, [])],
            sheet=SHEETS[name].title,
        )
        for name, columns in LIST_COLUMNS.items()
    ]
    return [rows, head, *lists]


def _columns(columns: Sequence[BookColumn]) -> list[Column]:
    return [_column(one.title) for one in columns]


def _column(title: str) -> Column:
    return Column(title, width=WIDTHS.get(title))


def _cells(row: Mapping[str, str], columns: Sequence[BookColumn]) -> list[str]:
    return [row.get(one.column.key, "") for one in columns]


def _head_row(content: Content, key: str) -> list[str]:
    column, told = HEAD.column(key), content["head"].get(key, "")
    told = procedure_title(told) if key == "workflow" else told
    return [column.title, told, f"{'必填。' if column.required else ''}{column.help}"]


def _rows(content: Content, programme: Programme | None) -> Iterator[list[str]]:
    """Return one line a row; what is said of a section or a group stands in its first line."""
    for section in content["sections"]:
        groups = [group for group in content["groups"] if group.get("section") == section.get("code")]
        upper = section
        for group in groups:
            middle = group
            for row in (one for one in content["rows"] if one.get("group") == group.get("code")):
                yield _line({"sections": upper, "groups": middle, "rows": row}, programme)
                upper = middle = {}


def _line(parts: Mapping[str, Texts], programme: Programme | None) -> list[str]:
    cells = [parts[one.sheet].get(one.column.key, "") for one in ROW_COLUMNS]
    return [*cells[:-8], _standard(parts["rows"], programme), *cells[-8:]]


def _standard(row: Texts, programme: Programme | None) -> str:
    known = {item.id for item in programme.rubric.items()} if programme is not None else set()
    return (
        rule_text(programme.rubric.item(row["id"]))
        if programme is not None and row.get("id") in known
        else ""
    )
