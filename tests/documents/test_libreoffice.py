import csv
import shutil
import subprocess
from datetime import date
from decimal import Decimal
from functools import cache
from io import BytesIO

import openpyxl
import pytest

from sihao.documents import xlsx
from sihao.documents.reader import Expected, read
from sihao.documents.sniff import inspect
from sihao.documents.table import Column, Table

pytestmark = pytest.mark.e2e

COLUMNS = [
    Column("名称", key="name"),
    Column("信用代码", key="code"),
    Column("手机号", key="mobile"),
    Column("会员数", "int", key="members"),
    Column("得分", "decimal", key="score"),
    Column("走访率", "percent", key="visited"),
    Column("成立日期", "date", key="founded"),
]
NAMES = [
    "=1+1",
    "+8675512345678",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x.invalid","x")',
    "#N/A",
    "_x0041_",
    "'引号",
    "第一行\n第二行",
    "<b>&amp;</b>",
    "𬱖㛃䶮喆堃",
    "TRUE",
    "1E5",
    "2020-01-02",
    "  空格  ",
]
ROWS = [
    (name, "440301199001011234", "13800138000", 1500, Decimal("8.95"), Decimal("0.2"), date(2020, 2, 29))
    for name in NAMES
]
TEXTS = [
    [name, "440301199001011234", "13800138000", "1500", "8.95", "20.00%", "2020-02-29"] for name in NAMES
]


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    """Return a function that has LibreOffice open the written workbook and save it in another format."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    assert office, "LibreOffice is needed: apt-get install --no-install-recommends libreoffice-calc"
    place = tmp_path_factory.mktemp("office")
    with (place / "written.xlsx").open("wb") as file:
        xlsx.write(Table("附件3 汇总表", COLUMNS, ROWS, captions=["=填报单位"], notes=["@说明"]), file)

    @cache
    def convert(form):
        profile = f"-env:UserInstallation={(place / 'profile').as_uri()}"
        out = place / form.partition(":")[0]
        command = [
            office,
            profile,
            "--headless",
            "--convert-to",
            form,
            "--outdir",
            out,
            place / "written.xlsx",
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        return next(out.iterdir())

    return convert


def test_every_value_is_shown_as_it_was_written(converted):
    with converted("csv:Text - txt - csv (StarCalc):44,34,76,1").open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))

    assert [line[0] for line in lines[:2]] == ["附件3 汇总表", "=填报单位"]
    assert lines[2] == [column.title for column in COLUMNS]
    assert lines[3 : 3 + len(TEXTS)] == TEXTS
    assert lines[3 + len(TEXTS)][0] == "@说明"


def test_saved_again_text_is_still_text_and_figures_are_figures(converted):
    sheet = openpyxl.load_workbook(converted("xlsx")).active

    rows = list(sheet.iter_rows(min_row=4, max_row=3 + len(NAMES)))

    assert {cell.data_type for row in rows for cell in row[:3]} == {"s"}
    assert [row[3].value for row in rows] == [1500] * len(NAMES)
    assert {cell.data_type for row in rows for cell in row} == {"s", "n", "d"}
    assert sheet.auto_filter.ref == f"A3:G{3 + len(NAMES)}"
    assert (sheet.print_title_rows, sheet.page_setup.orientation) == ("$3:$3", "landscape")


def test_saved_again_every_row_is_read_as_it_was_written(converted):
    saved = BytesIO(converted("xlsx").read_bytes())
    expected = [Expected(column.title, column.kind, str(column.key)) for column in COLUMNS]

    reading = read(saved, expected)

    assert reading.errors == []
    values = [tuple(row.values.values()) for row in reading.rows]
    assert values[: len(ROWS)] == ROWS


def test_what_libreoffice_saves_is_taken_in(converted):
    assert inspect(BytesIO(converted("xlsx").read_bytes()), "汇总表.xlsx", max_bytes=1 << 20).kind == "xlsx"
