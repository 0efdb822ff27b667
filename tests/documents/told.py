"""What a paper says in each of its forms, and whether its pages keep to the block."""

import re
from dataclasses import dataclass
from html import unescape
from io import BytesIO

import docx as reader
import openpyxl
import pypdfium2
from django.template.loader import render_to_string

from sihao.documents import docx, workbook
from sihao.documents.paper import Paper
from sihao.ui.press import laid_out
from tests.documents.measuring import measured, squeezed, text_of


@dataclass(frozen=True)
class Told:
    """A paper, its PDF, and its words in each form (pdf, page, word, sheet) without white space."""

    paper: Paper
    pdf: bytes
    forms: dict[str, str]

    def unsaid(self) -> dict[str, set[str]]:
        """Return the cells of the paper that do not stand in a form; nothing where all four say the same."""
        lacking = {form: self._lacking(form) for form in self.forms}
        return {form: cells for form, cells in lacking.items() if cells}

    def _lacking(self, form: str) -> set[str]:
        cells = {squeezed(cell) for line in self.paper.lines() for cell in line} - {"", "年月日"}
        head = self.paper.letterhead
        if form == "sheet" and head is not None:
            cells -= {squeezed(head.issuer), squeezed(head.number)}
        if form == "pdf":  # what goes on over a page is interrupted by what stands on each page
            cells = {cell for cell in cells if len(cell) < 40}
        return {cell for cell in cells if cell not in self.forms[form] and not _is_figure(cell, form)}

    def astray(self) -> list[object]:
        """Return what stands outside the block, pages of another size than A4, page numbers that are wrong."""
        across = self.paper.landscape
        sizes = {tuple(round(side / 72 * 25.4) for side in page.get_size()) for page in pypdfium2.PdfDocument(self.pdf)}
        wrong: list[object] = sorted(sizes - {(297, 210) if across else (210, 297)})
        if self.paper.form == "letter":
            found = measured(self.pdf, landscape=across)
            count = len(pypdfium2.PdfDocument(self.pdf))
            wrong += found.outside
            wrong += [] if found.numbers == [(f"—{page}—", "outer") for page in range(1, count + 1)] else found.numbers
        return wrong


def told_in_every_form(paper: Paper) -> Told:
    """Write a paper in its four forms."""
    pdf, word, book = laid_out(paper).pdf(), docx.write(paper), BytesIO()
    workbook.write(paper, book)
    forms = {
        "pdf": squeezed(text_of(pdf)),
        "page": squeezed(unescape(re.sub(r"<[^>]*>", "", render_to_string("print/sheet.html", {"paper": paper})))),
        "word": words_in(word),
        "sheet": cells_in(book.getvalue()),
    }
    return Told(paper, pdf, forms)


def words_in(word: bytes) -> str:
    """Return the words of a Word document without white space."""
    texts = (node.text or "" for node in reader.Document(BytesIO(word)).element.iter() if node.tag.endswith("}t"))
    return squeezed("".join(texts))


def cells_in(book: bytes) -> str:
    """Return the cells of a workbook without white space."""
    sheets = openpyxl.load_workbook(BytesIO(book))
    cells = [cell.value for sheet in sheets for row in sheet.iter_rows() for cell in row]
    return squeezed("".join(str(value) for value in cells if value is not None))


def _is_figure(cell: str, form: str) -> bool:
    """Return whether a sheet holds the cell as a figure of another spelling."""
    return form == "sheet" and re.fullmatch(r"\d+\.\d*0|\d{4}-\d\d-\d\d", cell) is not None
