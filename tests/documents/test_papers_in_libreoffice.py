"""Papers as Word and as sheets in LibreOffice: opened, measured as it sets them, and saved again without a loss."""

import re
import shutil
import subprocess
from io import BytesIO
from itertools import pairwise

import docx as reader
import openpyxl
import pypdfium2
import pytest
from lxml import etree

from sihao.documents import docx, workbook
from sihao.documents.paper import Paper, Paragraph
from sihao.documents.sniff import inspect
from tests.documents.measuring import PITCH, lines, squeezed, whole_paper

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
NEEDED = "LibreOffice is needed: apt-get install --no-install-recommends libreoffice-calc libreoffice-writer"
# What the format wants in which order; programs that are strict about it offer to repair a file that has another.
ORDERS = {
    "rPr": "rStyle rFonts b bCs i iCs color spacing w kern position sz szCs u lang",
    "pPr": "pStyle keepNext keepLines pageBreakBefore widowControl pBdr tabs snapToGrid spacing ind jc rPr sectPr",
    "tblPr": "tblStyle tblW jc tblInd tblBorders tblLayout tblCellMar tblLook",
    "tcPr": "tcW gridSpan vMerge tcBorders shd noWrap tcMar vAlign",
}


@pytest.fixture(scope="module")
def papers():
    """Return what is opened: a paper with one of everything, and one of plain text."""
    return {"whole": whole_paper(), "text": Paper("题", (Paragraph("国" * 28 * 50, indent=False),))}


@pytest.fixture(scope="module")
def opened(papers, tmp_path_factory):
    """Return what LibreOffice made of the files: each as PDF and saved again in its own format."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    assert office, NEEDED
    place = tmp_path_factory.mktemp("office")
    for name, paper in papers.items():
        (place / f"{name}.docx").write_bytes(docx.write(paper))
    with (place / "whole.xlsx").open("wb") as file:
        workbook.write(papers["whole"], file)

    def convert(form: str, *names: str) -> None:
        profile = f"-env:UserInstallation={(place / 'profile').as_uri()}"
        command = [office, profile, "--headless", "--convert-to", form, "--outdir", place / form]
        command += [place / name for name in names]
        done = subprocess.run(command, check=False, capture_output=True, timeout=120)
        assert (done.returncode, b"rror" in done.stdout + done.stderr) == (0, False), NEEDED

    convert("pdf", "whole.docx", "text.docx")
    convert("docx", "whole.docx")
    convert("xlsx", "whole.xlsx")
    return place


def word_text(content: bytes) -> str:
    document = reader.Document(BytesIO(content))
    return squeezed("".join(node.text or "" for node in document.element.iter() if node.tag.endswith("}t")))


def test_every_part_of_a_word_file_stands_in_the_order_of_the_format(papers):
    document = reader.Document(BytesIO(docx.write(papers["whole"])))
    roots = [
        document.element,
        *(part._element for part in (document.sections[0].header, document.sections[0].footer)),
    ]

    for name, order in ORDERS.items():
        known = order.split()
        for node in (found for root in roots for found in root.iter(f"{WORD}{name}")):
            places = [known.index(etree.QName(child).localname) for child in node]
            assert places == sorted(places), [etree.QName(child).localname for child in node]


@pytest.mark.e2e
def test_libreoffice_sets_22_lines_of_28_characters(opened):
    pdf = (opened / "pdf" / "text.pdf").read_bytes()

    rows = [(height, row) for height, row in lines(pdf, 1).items() if row[0][0] == "国"]

    assert [len(row) for _, row in rows] == [28] * 22
    assert {round(below - above, 1) for (above, _), (below, _) in pairwise(rows)} == {10.2}
    assert rows[0][1][0][1] == pytest.approx(28, abs=0.3)
    assert rows[0][1][-1][3] <= 28 + 156 + 0.2
    assert rows[-1][0] < 37 + 22 * PITCH
    feet = [list(lines(pdf, page).values())[-1] for page in range(3)]
    assert ["".join(char for char, *_ in row) for row in feet] == ["—1—", "—2—", "—3—"]
    assert [feet[0][-1][3] > 170, feet[1][0][1] < 40, feet[2][-1][3] > 170] == [True] * 3


@pytest.mark.e2e
def test_libreoffice_shows_every_word_of_the_paper(opened, papers):
    document = pypdfium2.PdfDocument((opened / "pdf" / "whole.pdf").read_bytes())
    pages = [squeezed(page.get_textpage().get_text_range()) for page in document]

    cells = {squeezed(cell) for line in papers["whole"].lines() for cell in line} - {"", "长" * 200}

    assert {cell for cell in cells if cell not in "".join(pages)} == set()
    heads = [page.count("序号指标得分") for page in pages if re.search(r"第\d+项", page)]
    assert len(heads) > 1
    assert set(heads) == {1}


@pytest.mark.e2e
def test_a_word_file_that_libreoffice_saved_again_says_the_same(opened):
    before, after = ((opened / at / "whole.docx").read_bytes() for at in (".", "docx"))

    assert word_text(after) == word_text(before)
    tables = [[len(table.rows) for table in reader.Document(BytesIO(one)).tables] for one in (before, after)]
    assert tables[0] == tables[1]
    assert inspect(BytesIO(after), "报告.docx", max_bytes=1 << 20).kind == "docx"


@pytest.mark.e2e
def test_a_sheet_that_libreoffice_saved_again_holds_the_same_cells(opened):
    before, after = (openpyxl.load_workbook(opened / at / "whole.xlsx") for at in (".", "xlsx"))

    assert after.sheetnames == before.sheetnames
    for one, other in zip(before, after, strict=True):
        cells = [
            [(cell.value, cell.data_type) for row in sheet for cell in row if cell.value is not None]
            for sheet in (one, other)
        ]
        assert cells[0] == cells[1]
        assert other.auto_filter.ref == one.auto_filter.ref
