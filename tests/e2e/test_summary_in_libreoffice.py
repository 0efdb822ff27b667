"""附件3 as an office sees it: the file of the real page, opened by LibreOffice and read back as text."""

import csv
import shutil
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from django.test import Client
from openpyxl import Workbook

from declarations.models import Answer, Batch
from scoring.queries import programme_of
from tests import worlds
from tests.factories import make_federation

pytestmark = [pytest.mark.e2e, pytest.mark.django_db]

NAMES = ["=1+1", "+86商会", "@x", '=HYPERLINK("http://example.invalid","甲")']
PHONE, CODE = "13800000001", "123456789012345678"
# Field and text delimiter, UTF-8, from line 1; text quoted, figures not, cells as shown, every sheet.
FILTER = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,true,false,false,false,-1"
PATIENCE = 120


@pytest.fixture
def read_by_libreoffice(tmp_path: Path) -> Callable[[bytes], str]:
    """Return a function that opens a workbook in LibreOffice, with a profile of its own, and returns it as text."""
    program = shutil.which("soffice")
    if program is None:
        pytest.fail("LibreOffice is not installed: make test installs it")

    def read(content: bytes) -> str:
        file = tmp_path / "summary.xlsx"
        file.write_bytes(content)
        profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        command = [program, "--headless", "--norestore", profile, "--convert-to", FILTER, "--outdir", tmp_path, file]
        subprocess.run(command, check=True, timeout=PATIENCE, stdin=subprocess.DEVNULL, capture_output=True)
        (text,) = tmp_path.glob("*.csv")
        return text.read_text(encoding="utf-8")

    return read


@pytest.fixture
def sheet(read_by_libreoffice) -> str:
    """The list of one province with names that look like formulas, fetched by its officer."""
    world = worlds.make_world()
    province = make_federation(worlds.PROVINCE)
    for name in NAMES:
        worlds.make_shortlisted(world, worlds.PROVINCE, name=name)
    Answer.objects.filter(field="president_mobile").update(value=PHONE)
    Answer.objects.filter(field="uscc").update(value=CODE)
    client = Client()
    client.force_login(world.officer(province).user)
    answer = client.get(f"/work/lists/{Batch.objects.get(unit=province).pk}/summary.xlsx")
    assert answer.status_code == 200
    return read_by_libreoffice(b"".join(answer))


def test_the_summary_list_opens_with_every_text_as_it_was_written(sheet):
    columns = programme_of(Batch.objects.get().cycle.programme).annex3_columns
    rows = list(csv.reader(sheet.splitlines()))
    head = next(n for n, row in enumerate(rows) if row[0] == "序号")
    listed = [dict(zip(rows[head], row, strict=True)) for row in rows[head + 1 : head + 1 + len(NAMES)]]

    assert tuple(rows[head]) == columns
    assert [row["商会名称"] for row in listed] == NAMES
    assert {row["统一社会信用代码"] for row in listed} == {CODE}
    assert {row["会长电话"] for row in listed} == {PHONE}
    assert [row["推荐排序"] for row in listed] == ["1", "2", "3", "4"]
    # The filter quotes text and leaves figures bare.
    assert [sheet.count(f'"{text}"') for text in ("=1+1", CODE, PHONE)] == [1, len(NAMES), len(NAMES)]
    assert '1,"=1+1"' in sheet


def test_a_formula_would_be_seen_as_its_result(read_by_libreoffice):
    book, file = Workbook(), BytesIO()
    book.active.append(["=1+1", 13800000001])
    book.save(file)

    assert read_by_libreoffice(file.getvalue()).splitlines() == ["2,13800000001"]
