"""A sheet of chambers counted: every bad row is named with its sheet, its unit and its cell; the good ones are read."""

from io import BytesIO

import openpyxl
import pytest

from declarations.imports.counts import read_counts
from sihao.accounts.models import Organisation
from sihao.accounts.roles import Level

HEAD = ("单位代码", "单位", "商会数")
UNITS = [
    Organisation(code="110000", name="北京市工商业联合会", region="北京市", level=Level.PROVINCE),
    Organisation(code="150000", name="内蒙古自治区工商业联合会", region="内蒙古自治区", level=Level.PROVINCE),
    Organisation(code="100000", name="中华全国工商业联合会", region="", level=Level.NATIONAL),
]


def sheet(*rows, head=HEAD, title="商会统计"):
    book = openpyxl.Workbook()
    book.active.title = title
    for row in (head, *rows):
        book.active.append(row)
    file = BytesIO()
    book.save(file)
    file.seek(0)
    return file


def read(*rows, **words):
    return read_counts(sheet(*rows, **words), "统计.xlsx", UNITS)


def test_good_rows_are_read_whatever_the_name_is_called():
    found = read(("110000", "北京", 400), (150000, "内蒙古", "1,313"), ("100000", "直属商会", "８２５"))

    assert (found.numbers, found.faults) == ({"110000": 400, "150000": 1313, "100000": 825}, [])
    assert len(found.digest) == 64


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (("110000", "北京市", "三百"), "第2行（北京市）“商会数”C2：应填整数，现在是“三百”。"),
        (("110000", "北京市", 15.5), "第2行（北京市）“商会数”C2：应填整数，现在是“15.5”。"),
        (("110000", "北京市", None), "第2行（北京市）“商会数”C2：不能为空。"),
        (("110000", "北京市", -1), "第2行（北京市）“商会数”C2：商会数不能小于0。"),
        (("110000", "北京市", 1_000_001), "第2行（北京市）“商会数”C2：商会数不能大于1000000。"),
        (
            ("110000", "北京市", "=1+1"),
            "第2行（北京市）“商会数”C2：不读取公式，请改为直接填写的内容（可复制后选择性粘贴为数值）。",
        ),
        (
            ("150000", "北京市", 5),
            "第2行（内蒙古自治区）“单位”B2：单位代码150000是内蒙古自治区，表中写的是“北京市”。请核对是否错行。",
        ),
        (
            ("999999", "某省", 5),
            "第2行（某省）“单位代码”A2：“999999”不在本次分配的3个单位内，请使用下载的模板。",
        ),
        (("", "北京市", 5), "第2行（北京市）“单位代码”A2：不能为空。"),
    ],
)
def test_a_bad_row_is_named_and_not_read(row, fault):
    found = read(row)

    assert (found.numbers, found.faults) == ({}, [f"工作表“商会统计”{fault}"])


@pytest.mark.parametrize("number", [0, 1_000_000])
def test_the_bounds_are_read(number):
    assert read(("110000", "", number)).numbers == {"110000": number}


def test_a_unit_that_stands_there_twice_is_not_read_at_all():
    found = read(("110000", "北京市", 400), ("150000", "", 1), ("110000", "北京市", 401), ("110000", "北京市", -4))

    assert found.numbers == {"150000": 1}
    assert found.faults == [
        f"工作表“商会统计”第{row}行（北京市）“单位代码”A{row}：单位代码110000与第{others}行重复，都不写入，请只保留一行。"
        for row, others in ((2, "4、5"), (4, "2、5"), (5, "2、4"))
    ]


def test_a_sheet_without_its_columns_is_told_as_a_whole():
    found = read(("110000", 5), head=("代码", "数"))

    assert found.numbers == {}
    assert len(found.faults) == 1
    assert "单位代码" in found.faults[0]


def test_a_file_that_is_none_is_told():
    found = read_counts(BytesIO(b"not a workbook"), "统计.xlsx", UNITS)

    assert (found.numbers, len(found.faults)) == ({}, 1)
