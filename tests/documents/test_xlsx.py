import tempfile
import tracemalloc
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from sihao.documents import cells, xlsx
from sihao.documents.table import Column, Steps, Table

HOSTILE = [
    "=1+1",
    "+8675512345678",
    "-2",
    "@SUM(A1)",
    "\t=1+1",
    "=cmd|' /C calc'!A0",
    "#N/A",
    "#REF!",
    "%x",
    "|x",
]


def opened(table, **how):
    file = BytesIO()
    xlsx.write(table, file, **how)
    return load_workbook(file)


def column_of(values, column):
    sheet = opened(Table("", [column], [(value,) for value in values])).active
    return [sheet.cell(row=number + 2, column=1) for number in range(len(values))]


def test_text_that_looks_like_a_formula_stays_text():
    found = column_of(HOSTILE, Column("名称"))

    assert [(cell.value, cell.data_type) for cell in found] == [(text, "s") for text in HOSTILE]


def test_text_that_looks_like_a_formula_stays_text_after_editing():
    found = column_of(["=1+1", "深圳市"], Column("名称"))

    assert [(cell.number_format, cell.quotePrefix) for cell in found] == [("@", True), ("@", False)]


def test_hostile_text_stays_text_in_title_head_notes_and_footer():
    table = Table("=1+1", [Column("=2+2")], [], captions=["=3"], notes=["=4"], footer=[("=5",)])

    sheet = opened(table).active

    assert [(row[0].value, row[0].data_type) for row in sheet.iter_rows()] == [
        ("=1+1", "s"),
        ("=3", "s"),
        ("=2+2", "s"),
        ("=5", "s"),
        ("=4", "s"),
    ]


def test_long_codes_and_telephone_numbers_are_text():
    found = column_of(
        ["914403001922038216", "440301199001011234", "13800138000", "0755-12345678"], Column("编码")
    )

    assert {(cell.data_type, cell.number_format) for cell in found} == {("s", "@")}
    assert [cell.value for cell in found][:2] == ["914403001922038216", "440301199001011234"]


def test_a_number_in_a_text_column_is_text():
    assert [(cell.value, cell.data_type) for cell in column_of([440301199001011234], Column("编码"))] == [
        ("440301199001011234", "s")
    ]


def test_control_characters_are_removed_and_line_ends_unified():
    found = column_of(["a\x00b\x1bc\x7fd\x85e\ud800f\ufffeg", "一\r\n二\r三\n四"], Column("名称"))

    assert [cell.value for cell in found] == ["abcdefg", "一\n二\n三\n四"]


def test_text_beyond_the_limit_of_a_cell_says_that_it_was_cut():
    long, wide = column_of(["长" * 40_000, "𬱖" * 20_000], Column("名称"))

    assert long.value == "长" * (32_767 - len(cells.TRUNCATED)) + cells.TRUNCATED
    assert len(wide.value.encode("utf-16-le")) // 2 in {32_766, 32_767}
    assert wide.value.endswith("𬱖" + cells.TRUNCATED)


def test_text_at_the_limit_of_a_cell_is_whole():
    assert column_of(["长" * 32_767], Column("名称"))[0].value == "长" * 32_767


def test_figures_keep_their_decimal_digits():
    file = BytesIO()
    values = [Decimal("8.95"), Decimal("0.1"), Decimal("1E+3"), Decimal("123456789012.345"), Decimal(-7)]

    xlsx.write(Table("", [Column("得分", "decimal")], [(value,) for value in values]), file)

    sheet = ZipFile(file).read("xl/worksheets/sheet1.xml").decode()
    assert [part.split("</v>")[0] for part in sheet.split("<v>")[1:]] == [
        "8.95",
        "0.1",
        "1000",
        "123456789012.345",
        "-7",
    ]


def test_a_figure_too_long_for_a_spreadsheet_is_text_rather_than_wrong():
    found = column_of(
        [Decimal("1234567890.1234567"), Decimal("NaN"), Decimal("1E+400")], Column("得分", "decimal")
    )

    assert [cell.data_type for cell in found] == ["s", "s", "s"]
    assert found[0].value == "1234567890.1234567"


def test_dates_are_dates():
    day, before, word = column_of([date(2020, 2, 29), date(1899, 12, 31), "待定"], Column("日期", "date"))

    assert (day.value, day.data_type, day.number_format) == (datetime(2020, 2, 29), "d", "yyyy-mm-dd")
    assert (before.value, before.data_type) == ("1899-12-31", "s")
    assert (word.value, word.data_type) == ("待定", "s")


def test_instants_stand_in_beijing_time():
    (cell,) = column_of([datetime(2020, 5, 31, 16, 0, 30, tzinfo=UTC)], Column("时间", "datetime"))

    assert (cell.value, cell.number_format) == (datetime(2020, 6, 1, 0, 0, 30), "yyyy-mm-dd hh:mm")


@pytest.mark.parametrize(
    ("column", "wanted"),
    [
        (Column("x", "int"), "0"),
        (Column("x", "decimal"), "General"),
        (Column("x", "decimal", places=2), "0.00"),
        (Column("x", "percent"), "0.00%"),
        (Column("x", "percent", places=0), "0%"),
    ],
)
def test_number_formats_show_what_the_screen_shows(column, wanted):
    assert column_of([1], column)[0].number_format == wanted


def test_the_sheet_is_ready_for_an_office():
    columns = [Column("名称"), Column("会员数", "int")]
    rows = [("甲商会", 1), ("乙商会", 2)]
    table = Table(
        "附件3：汇总表", columns, rows, captions=["填报单位："], notes=["说明"], footer=[("合计", 3)]
    )

    book = opened(table)
    sheet = book.active

    assert sheet.title == "附件3：汇总表"
    assert sheet.freeze_panes == "A4"
    assert sheet.auto_filter.ref == "A3:B5"
    assert sheet.print_title_rows == "$3:$3"
    assert sheet.print_area == "'附件3：汇总表'!$A$1:$B$7"
    assert {str(merged) for merged in sheet.merged_cells.ranges} == {"A1:B1", "A2:B2", "A7:B7"}
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (None, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage is True
    assert sheet.oddFooter.center.text == "第 &P 页，共 &N 页"
    assert book.properties.creator == "sihao"


def test_a_table_without_title_begins_with_its_head():
    sheet = opened(Table("", [Column("名称")], [("甲",)], landscape=False)).active

    assert (sheet["A1"].value, sheet.freeze_panes, sheet.title) == ("名称", "A2", "表1")
    assert sheet.page_setup.orientation == "portrait"


def test_an_empty_table_has_a_head_and_a_filter():
    sheet = opened(Table("表", [Column("名称")], [])).active

    assert (sheet["A2"].value, sheet.auto_filter.ref) == ("名称", "A2:A2")


def test_empty_cells_keep_the_grid():
    (cell,) = column_of([None], Column("会员数", "int"))

    assert (cell.value, cell.border.left.style) == (None, "thin")


def test_columns_are_as_wide_as_their_text():
    columns = [Column("名"), Column("名"), Column("名"), Column("名", width=33)]
    sheet = opened(Table("", columns, [("四好商会认定", "abc", "很长" * 99, "")])).active

    widths = [sheet.column_dimensions[letter].width for letter in "ABCD"]

    assert widths == [14, 6, 50, 33]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("", "表1"),
        ("History", "表1"),
        ("a/b\\c[d]e:f*g?h", "a b c d e f g h"),
        ("'引号'", "引号"),
        ("长" * 40, "长" * 31),
        ("𬱖" * 40, "𬱖" * 15),
        ("行\n二\x00", "行 二"),
        ("///", "表1"),
    ],
)
def test_sheet_names_are_always_allowed(title, name):
    assert xlsx.sheet_name(title) == name


def test_the_same_table_gives_the_same_bytes():
    table = Table("表", [Column("名称")], [("甲",)])
    first, second, later = BytesIO(), BytesIO(), BytesIO()

    xlsx.write(table, first)
    xlsx.write(table, second)
    xlsx.write(table, later, at=datetime(2020, 1, 1, tzinfo=UTC))

    assert first.getvalue() == second.getvalue()
    assert later.getvalue() != first.getvalue()


def test_rows_that_fail_leave_no_temporary_file(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def rows():
        yield from (("甲",) for _ in range(300))
        raise RuntimeError("lost the database")

    with pytest.raises(RuntimeError, match="lost the database"):
        xlsx.write(Table("表", [Column("名称")], rows()), BytesIO())

    assert list(tmp_path.iterdir()) == []


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch):
    monkeypatch.setattr(xlsx, "MAX_ROWS", 3)

    with pytest.raises(ValueError, match="a sheet holds 3 rows"):
        xlsx.write(Table("", [Column("名称")], [("甲",)] * 3), BytesIO())


def peak_of(count: int, path: Path) -> int:
    columns = [Column("名称"), Column("会员数", "int"), Column("得分", "decimal")]
    rows = ((f"{n}商会", n, Decimal(n) / 4) for n in range(count))
    tracemalloc.start()
    with path.open("wb") as file:
        xlsx.write(Table("表", columns, rows), file)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_rows_stream_in_constant_memory(tmp_path):
    peak_of(10, tmp_path / "warm.xlsx")

    few, many = peak_of(1_000, tmp_path / "few.xlsx"), peak_of(6_000, tmp_path / "many.xlsx")

    assert many < few * 1.1 + 50_000
    assert few < 2_000_000


# What may be filled in


MARK = Column(
    "得分",
    "decimal",
    "mark",
    fillable=lambda row: row["open"],
    steps=lambda row: Steps(Decimal(0), row["most"], Decimal("0.5")),
)
ROWS_TO_FILL = [
    {"code": "A1", "mark": Decimal("1.5"), "most": Decimal(2), "open": True},
    {"code": "A2", "mark": None, "most": Decimal(2), "open": True},
    {"code": "A3", "mark": None, "most": Decimal(2), "open": False},
    {"code": "A4", "mark": None, "most": Decimal(500), "open": True},
]


def to_fill(**how):
    table = Table("表", [Column("编号", key="code"), MARK], ROWS_TO_FILL, footer=[("合计", None)], guarded=True, **how)
    return opened(table).active


def test_a_guarded_sheet_takes_input_in_fillable_cells_alone():
    sheet = to_fill()

    assert (sheet.protection.sheet, sheet.protection.password, sheet.protection.formatRows) == (True, None, False)
    assert [cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked] == [
        "B3",
        "B4",
        "B6",
    ]


def test_cells_of_the_same_steps_share_a_list_and_a_long_list_is_told_by_its_limits():
    rules = to_fill().data_validations.dataValidation

    assert [(rule.type, str(rule.sqref), rule.formula1, rule.formula2) for rule in rules] == [
        ("list", "B3 B4", '"0,0.5,1,1.5,2"', None),
        ("decimal", "B6", "0", "500"),
    ]
    assert {rule.showErrorMessage for rule in rules} == {True}
    assert rules[0].error == "应填0至2、0.5的整数倍。"


def test_a_sheet_that_is_not_guarded_is_open():
    sheet = opened(Table("表", [Column("名称")], [("甲",)])).active

    assert (sheet.protection.sheet, sheet.data_validations.count) == (False, 0)


def test_pinned_columns_stay_in_sight_beside_the_head():
    assert to_fill(pinned=1).freeze_panes == "B3"


def test_fitted_rows_are_as_high_as_their_text():
    rows = [("甲",), ("甲" * 30,), ("甲\n乙\n\n丙",), ("甲\n" * 200,)]
    table = Table("", [Column("说明", width=21.5)], rows, fitted=True)
    file = BytesIO()
    xlsx.write(table, file)

    heights = load_workbook(file).active.row_dimensions
    assert [heights[number].height for number in (1, 2, 3, 4, 5)] == [None, 16.5, 49.5, 66, 409]
    with ZipFile(file) as archive:
        assert b"customHeight" not in archive.read("xl/worksheets/sheet1.xml").partition(b"<sheetData>")[2]


def test_other_tables_follow_on_sheets_of_their_own():
    file = BytesIO()
    others = [Table("第二", [Column("甲")], [("1",)], sheet="乙"), Table("第三", [Column("甲")], [("2",)])]
    xlsx.write(Table("第一", [Column("甲")], [("0",)]), file, others=others)

    book = load_workbook(file)
    assert book.sheetnames == ["第一", "乙", "第三"]
    assert [sheet["A3"].value for sheet in book] == ["0", "1", "2"]
    assert {sheet.print_title_rows for sheet in book} == {"$2:$2"}


def test_an_error_in_a_later_table_leaves_no_temporary_file(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def rows():
        yield ("甲",)
        raise RuntimeError("lost the database")

    with pytest.raises(RuntimeError, match="lost the database"):
        xlsx.write(Table("一", [Column("甲")], [("0",)]), BytesIO(), others=[Table("二", [Column("甲")], rows())])

    assert list(tmp_path.iterdir()) == []


ANY_TEXT = st.text(max_size=50) | st.builds(
    "{}{}".format, st.sampled_from(["=", "+", "-", "@", "\t", "#"]), st.text()
)
# openpyxl does not decode the escapes of the format; that they are right is shown with calamine and LibreOffice.
PLAIN_TEXT = ANY_TEXT.filter(lambda text: "_x" not in text)


NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**10), max_value=10**10)


# Many in one workbook: to write and to read one takes longer than to think of a text.
@settings(max_examples=6, deadline=None)
@given(st.lists(PLAIN_TEXT, min_size=30, max_size=60))
def test_no_text_ever_becomes_a_formula(texts):
    found = column_of(texts, Column("名称"))

    assert [cell.value or "" for cell in found] == [cells.clean(text) for text in texts]
    assert {cell.data_type for cell in found if cell.value is not None} <= {"s"}


@settings(max_examples=6, deadline=None)
@given(st.lists(NUMBERS, min_size=30, max_size=60))
def test_every_decimal_comes_back(numbers):
    found = column_of(numbers, Column("得分", "decimal"))

    assert [Decimal(str(cell.value)) for cell in found] == numbers
