"""附件5 there and back: the workbook as downloaded, filled in, saved again by LibreOffice, uploaded and confirmed."""

import shutil
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from declarations.queries.drafting.marks import own_marks, typed_mark
from declarations.queries.facts import dossier_of
from tests import worlds
from tests.workbooks import filled_in

pytestmark = [pytest.mark.e2e, pytest.mark.django_db]

PATIENCE = 120
TYPED = [
    "第一行\n第二行\n\n第四行",
    "结尾换行\n",
    "她说“好”，'单引号'，\"双引号\"",
    "=1+1",
    '=HYPERLINK("http://example.invalid","甲")',
    "+8613800000001",
    "-5",
    "@SUM(A1)",
    "007",
    "0.50",
    "1E5",
    "2020-01-02",
    "50%",
    "TRUE",
    "#N/A",
    "_x0041_",
    "<b>&amp;</b>",
    "😀👩‍👩‍👧𬱖㛃䶮",
    "  前后空格  ",
    "制表\t符",
    "全角　空格，ＡＢＣ１２３",
    "长" * 5000,
]
POINTS = ["0", "0.5", "1", "1.5", "2", "2.5", "3", "3.5"]


@pytest.fixture
def saved_again(tmp_path: Path) -> Callable[[bytes], bytes]:
    """Return a function that has LibreOffice open a workbook and save it as a workbook of its own."""
    program = shutil.which("soffice")
    if program is None:
        pytest.fail("LibreOffice is not installed: make test installs it")

    def save(content: bytes) -> bytes:
        file, out = tmp_path / "workbook.xlsx", tmp_path / "out"
        file.write_bytes(content)
        profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        command = [program, "--headless", "--norestore", profile, "--convert-to", "xlsx", "--outdir", out, file]
        subprocess.run(command, check=True, timeout=PATIENCE, stdin=subprocess.DEVNULL, capture_output=True)
        return (out / "workbook.xlsx").read_bytes()

    return save


def test_what_was_typed_comes_back_through_libreoffice_to_the_letter(saved_again):
    world = worlds.make_world()
    case = worlds.make_draft(world)
    client = Client()
    client.force_login(worlds.president_of(case.applicant).user)
    place = f"/work/cases/{case.pk}/self-assessment"
    issued = b"".join(client.get(f"{place}/workbook.xlsx"))
    items = dossier_of(case).programme.rubric.items()
    words = {item.id: text for item, text in zip(items, TYPED, strict=False)}
    points = {item.id: mark for item, mark in zip((i for i in items if i.points >= 4), POINTS, strict=False)}
    entries = {code: {"words": text, "reason": text} for code, text in words.items()}
    for code, mark in points.items():
        entries.setdefault(code, {})["points"] = float(mark)

    back = saved_again(filled_in(issued, entries))
    sent = client.post(f"{place}/offline/", {"file": SimpleUploadedFile("附件5.xlsx", back)})
    page = client.get(sent.url)
    assert list(page.context["told"]) == []
    client.post(sent.url, {"_seen": page.context["comparison"].seen})

    marks = own_marks(dossier_of(case))
    assert {code: marks[code].words for code in words} == words
    assert {code: marks[code].reason for code in words} == words
    assert {code: typed_mark(marks[code]) for code in points} == points
    untouched = [item.id for item in items if item.id not in entries]
    assert {marks[code].version for code in untouched} == {1}


def test_a_workbook_that_libreoffice_only_saved_again_changes_nothing_and_keeps_its_locks(saved_again):
    world = worlds.make_world()
    case = worlds.make_draft(world)
    client = Client()
    client.force_login(worlds.president_of(case.applicant).user)
    place = f"/work/cases/{case.pk}/self-assessment"

    back = saved_again(b"".join(client.get(f"{place}/workbook.xlsx")))
    sent = client.post(f"{place}/offline/", {"file": SimpleUploadedFile("附件5.xlsx", back)})

    comparison = client.get(sent.url).context["comparison"]
    sheet = openpyxl.load_workbook(BytesIO(back))["自评表"]
    assert (comparison.rows, comparison.others) == ((), ())
    assert sheet.protection.sheet
    assert (sheet["J6"].protection.locked, sheet["B6"].protection.locked) == (False, True)
    assert (sheet.print_title_rows, sheet.page_setup.orientation) == ("$5:$5", "landscape")
    assert {rule.type for rule in sheet.data_validations.dataValidation} == {"list"}
