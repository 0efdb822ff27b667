from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest

from sihao.documents.table import Column, Table

COLUMNS = [
    Column("名称", key="name"),
    Column("会员数", "int", key="members"),
    Column("走访率", "percent", key=lambda row: Decimal(row["visited"]) / row["members"]),
]


def test_cells_are_read_by_key_and_by_function():
    table = Table("表", COLUMNS, [])

    assert table.cells({"name": "甲", "members": 100, "visited": 15}) == ("甲", 100, Decimal("0.15"))


def test_cells_are_read_from_attributes():
    table = Table("表", COLUMNS[:2], [])

    assert table.cells(SimpleNamespace(name="甲", members=3)) == ("甲", 3)


def test_a_column_without_key_reads_the_mapping_by_its_title():
    assert Table("表", [Column("名称")], []).cells({"名称": "甲"}) == ("甲",)


def test_a_ready_row_is_taken_as_it_stands():
    assert Table("表", COLUMNS, []).cells(("甲", 1, None)) == ("甲", 1, None)


def test_a_ready_row_of_another_length_is_refused():
    with pytest.raises(ValueError, match="the row has 2 cells, the table 3 columns"):
        Table("表", COLUMNS, []).cells(("甲", 1))


def test_a_missing_key_is_not_a_silent_blank():
    with pytest.raises(KeyError, match="members"):
        Table("表", COLUMNS, []).cells({"name": "甲"})


def test_values_become_the_types_a_cell_holds():
    table = Table("表", [Column(str(number)) for number in range(5)], [])

    cells = table.cells([True, False, 0.1, datetime(2020, 5, 31, 16, 0, tzinfo=UTC), SimpleNamespace])

    assert cells == ("是", "否", Decimal("0.1"), datetime(2020, 6, 1, 0, 0), str(SimpleNamespace))


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        (Column("x"), None, ""),
        (Column("x"), 12, "12"),
        (Column("x"), "=1+1", "=1+1"),
        (Column("x", "int"), 1500, "1500"),
        (Column("x", "int"), "待定", "待定"),
        (Column("x", "decimal"), Decimal("96.50"), "96.5"),
        (Column("x", "decimal"), Decimal("1E+3"), "1000"),
        (Column("x", "decimal"), Decimal(100), "100"),
        (Column("x", "decimal"), Decimal("NaN"), "NaN"),
        (Column("x", "decimal", places=1), Decimal("96.25"), "96.3"),
        (Column("x", "decimal", places=0), Decimal("0.5"), "1"),
        (Column("x", "percent"), Decimal("0.2"), "20.00%"),
        (Column("x", "percent", places=0), Decimal("0.125"), "13%"),
        (Column("x", "date"), date(2020, 1, 2), "2020-01-02"),
        (Column("x", "date"), datetime(2020, 1, 2, 23, 59), "2020-01-02"),
        (Column("x", "datetime"), datetime(2020, 1, 2, 23, 59, 30), "2020-01-02 23:59"),
    ],
)
def test_text_is_what_is_read_on_screen(column, value, text):
    assert column.text(value) == text


def test_figures_stand_right_and_dates_in_the_middle():
    kinds = ("text", "int", "decimal", "percent", "date", "datetime")

    assert [Column("x", kind).alignment for kind in kinds] == [
        "left",
        "right",
        "right",
        "right",
        "center",
        "center",
    ]
    assert Column("x", "int", align="left").alignment == "left"


def test_lines_end_with_the_footer():
    table = Table("表", COLUMNS[:2], iter([{"name": "甲", "members": 2}]), footer=[("合计", 2)])

    assert list(table.lines()) == [("甲", "2"), ("合计", "2")]
