"""A Paper as Word: the same blocks, page and type as its PDF, with fields for the page numbers and repeated heads."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Emu, Mm, Pt, RGBColor

from sihao.documents.codes import png_of
from sihao.documents.paper import (
    Annex,
    Annexes,
    Block,
    Closing,
    Grid,
    Heading,
    KeyValues,
    Letterhead,
    Listing,
    Paper,
    Paragraph,
    Signatures,
    Standing,
)

TEXT, SONG, HEI, KAI, XIAOBIAOSONG = "仿宋_GB2312", "宋体", "黑体", "楷体_GB2312", "方正小标宋简体"
LATIN = "Times New Roman"
THREE, TWO, FOUR = 16.0, 22.0, 14.0
"""Points of 三号, 二号 and 四号."""
PITCH = 579
"""Twentieths of a point from line to line: 22 lines of it stand in 225 mm."""
DRAWN = -5
"""Twentieths of a point by which characters of 三号 are drawn together: 28 stand in 156 mm."""
CHARACTER = 15.75
RED = RGBColor(0xD7, 0x00, 0x0F)
BORDERS = ("top", "left", "bottom", "right", "insideH", "insideV")
LONGEST_TITLE = 255
"""Characters that the format allows in the title of a file."""
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
ALIGN = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}
HEADS = {1: HEI, 2: KAI}


def write(paper: Paper) -> bytes:
    """Return the paper as a .docx file; the same paper gives the same bytes."""
    return _Sheet(paper).bytes()


class _Sheet:
    """A document that is being written."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.document = Document()
        self.room = Mm(225) if paper.landscape else Mm(156)
        self._set_up()
        self._top()
        for block in paper.blocks:
            DRAW[type(block)](self, block)
        self._properties()

    def bytes(self) -> bytes:
        """Return the file, its parts dated alike."""
        made, fixed = BytesIO(), BytesIO()
        self.document.save(made)
        with ZipFile(made) as source, ZipFile(fixed, "w", ZIP_DEFLATED) as target:
            for name in source.namelist():
                entry = ZipInfo(name)
                entry.compress_type = ZIP_DEFLATED
                target.writestr(entry, source.read(name))
        return fixed.getvalue()

    # ---- the page

    def _set_up(self) -> None:
        section = self.document.sections[0]
        wide = self.paper.landscape
        section.page_width, section.page_height = (Mm(297), Mm(210)) if wide else (Mm(210), Mm(297))
        section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
        sides = (28, 37, 26, 35) if wide else (37, 26, 35, 28)
        section.top_margin, section.right_margin, section.bottom_margin, section.left_margin = map(Mm, sides)
        section.header_distance, section.footer_distance = Mm(8), Mm(14 if wide else 23)
        for grid in section._sectPr.findall(qn("w:docGrid")):  # noqa: SLF001 programs read its characters differently
            section._sectPr.remove(grid)  # noqa: SLF001
        self.document.settings.odd_and_even_pages_header_footer = True
        self._normal()
        for footer, align in ((section.footer, "right"), (section.even_page_footer, "left")):
            self._number(footer.paragraphs[0], align)
        for header in (section.header, section.even_page_header):
            self._head(header)

    def _normal(self) -> None:
        style = self.document.styles["Normal"]
        style.font.size = Pt(THREE)
        _faces(style.element.get_or_add_rPr(), TEXT)
        form = style.paragraph_format
        form.space_before = form.space_after = Pt(0)
        form.line_spacing = Pt(PITCH / 20)

    def _number(self, paragraph: Any, align: str) -> None:
        paragraph.alignment = ALIGN[align]
        form = paragraph.paragraph_format
        form.left_indent = form.right_indent = Pt(0)
        setattr(form, "right_indent" if align == "right" else "left_indent", Pt(FOUR))
        _run(paragraph, "— ", SONG, FOUR)
        for kind in ("begin", None, "end"):
            run = _run(paragraph, "", SONG, FOUR)
            part = OxmlElement("w:instrText" if kind is None else "w:fldChar")
            if kind is None:
                part.set(qn("xml:space"), "preserve")
                part.text = "PAGE"
            else:
                part.set(qn("w:fldCharType"), kind)
            run._r.append(part)  # noqa: SLF001 python-docx has no fields
        _run(paragraph, " —", SONG, FOUR)

    def _head(self, header: Any) -> None:
        paragraph = header.paragraphs[0]
        paragraph.paragraph_format.line_spacing = 1.0
        if self.paper.watermark:
            _run(paragraph, "")._r.append(parse_xml(_watermark(self.paper.watermark)))  # noqa: SLF001 VML alone
        if self.paper.standing is not None:
            self._stand(header, paragraph, self.paper.standing)

    def _stand(self, header: Any, paragraph: Any, standing: Standing) -> None:
        table = header.add_table(1, 2, self.room)
        table.autofit = False
        left, right = table.rows[0].cells
        for place, width in enumerate((Emu(self.room - Mm(24)), Mm(24))):
            table.columns[place].width = table.rows[0].cells[place].width = width
        for number, line in enumerate(standing.words):
            place = left.paragraphs[0] if number == 0 else left.add_paragraph()
            place.paragraph_format.line_spacing = 1.0
            _run(place, line, SONG, 9)
        place = right.paragraphs[0]
        place.paragraph_format.line_spacing = 1.0
        place.add_run().add_picture(BytesIO(png_of(standing.url)), width=Mm(20))
        header._element.remove(paragraph._p)  # noqa: SLF001 the watermark's paragraph stands behind the table
        header._element.append(paragraph._p)  # noqa: SLF001

    def _properties(self) -> None:
        properties = self.document.core_properties
        properties.title = self.paper.title[:LONGEST_TITLE]
        properties.author = properties.last_modified_by = "sihao"
        properties.created = properties.modified = EPOCH.replace(tzinfo=None)
        properties.language, properties.comments = "zh-CN", ""

    # ---- blocks

    def _top(self) -> None:
        if self.paper.letterhead is not None:
            self._letterhead(self.paper.letterhead)
        if self.paper.annex:
            self.line(self.paper.annex, face=HEI)
            self.line("")
        self._title(self.paper.title_lines)
        for caption in self.paper.captions:
            self.line(caption, face=KAI, size=FOUR, align="center")
        if not self.paper.captions:
            self.line("")

    def _title(self, lines: Sequence[str]) -> None:
        title = self.line(lines[0], face=XIAOBIAOSONG, size=TWO, align="center")
        for line in lines[1:]:
            title.runs[-1].add_break()
            _run(title, line, XIAOBIAOSONG, TWO)

    def _letterhead(self, head: Letterhead) -> None:
        issuer = self.line("", align="center")
        issuer.paragraph_format.space_before = Mm(35)
        issuer.paragraph_format.line_spacing = 1.0
        _run(issuer, head.issuer, XIAOBIAOSONG, min(48.0, 440.0 / len(head.issuer))).font.color.rgb = RED
        self.line("")
        self.line("")
        number = self.line(head.number, align="center")
        number._p.get_or_add_pPr().insert(  # noqa: SLF001 python-docx draws no borders
            0,
            parse_xml(
                f"<w:pBdr {nsdecls('w')}>"
                '<w:bottom w:val="single" w:sz="12" w:space="11" w:color="D7000F"/></w:pBdr>'
            ),
        )
        self.line("")
        self.line("")

    def line(
        self, text: str, *, face: str = TEXT, size: float = THREE, align: str = "left", indent: float = 0
    ) -> Any:
        """Add a paragraph and return it."""
        paragraph = self.document.add_paragraph()
        paragraph.alignment = ALIGN[align]
        if indent:
            paragraph.paragraph_format.first_line_indent = Pt(indent)
        _run(paragraph, text, face, size)
        return paragraph

    def heading(self, block: Heading) -> None:
        """Draw a heading."""
        paragraph = self.line(block.text, face=HEADS.get(block.level, TEXT), indent=2 * CHARACTER)
        paragraph.paragraph_format.keep_with_next = True

    def paragraph(self, block: Paragraph) -> None:
        """Draw a paragraph."""
        indent = 2 * CHARACTER if block.indent and not block.note else 0
        for text in block.parts:
            self.line(text, size=12 if block.note else THREE, align=block.align, indent=indent)

    def key_values(self, block: KeyValues) -> None:
        """Draw names and values as a form of four columns."""
        shares = (0.23, 0.27, 0.23, 0.27)
        table = self._table(len(block.rows), shares)
        for row, (across, pairs) in zip(table.rows, block.drawn, strict=True):
            cells = row.cells
            if across:
                whole = cells[0].merge(cells[3])
                self._cell(whole, pairs[0][0], face=HEI, size=10.5, align="center")
                self._cell(whole, pairs[0][1], more=True)
                continue
            if len(pairs) == 1:
                cells[1].merge(cells[3])
            for (name, value), place in zip(pairs, (0, 2), strict=False):
                self._cell(cells[place], name, face=HEI, size=10.5, align="center")
                self._cell(cells[place + 1], value)
        self.line("")

    def grid(self, block: Grid) -> None:
        """Draw a few figures in a grid."""
        table = self._table(len(block.rows), [1 / len(block.head)] * len(block.head))
        for number, (row, texts) in enumerate(zip(table.rows, block.rows, strict=True)):
            for cell, text in zip(row.cells, texts, strict=True):
                self._cell(cell, text, face=HEI if number == 0 else TEXT, align="center")
        _repeat(table.rows[0])
        self.line("")

    def listing(self, block: Listing) -> None:
        """Draw a table whose head is repeated on every page."""
        if block.caption:
            self.line(block.caption, size=12)
        rows = [block.head, *block.body, *block.foot]
        table = self._table(len(rows), block.shares, pad=40)
        strong = {0, *range(len(rows) - len(block.foot), len(rows))}
        # one pass over the XML: asking python-docx for the cells of each row costs the square of their number
        for number, (row, texts) in enumerate(zip(table._tbl.tr_lst, rows, strict=True)):  # noqa: SLF001
            for cell, text, align in zip(row.tc_lst, texts, block.aligns, strict=True):
                face, how = (HEI, "center") if number in strong else (TEXT, align)
                _fill(cell, text, face, block.size, how)
        _repeat(table.rows[0])
        self.line("")

    def signatures(self, block: Signatures) -> None:
        """Draw the lines to be signed."""
        table = self._table(len(block.names), (1.0,), stand="bottom")
        for row, name in zip(table.rows, block.names, strict=True):
            row.height = Mm(24)
            self._cell(row.cells[0], name, size=FOUR)
            self._cell(row.cells[0], "年　　月　　日", size=FOUR, align="right", more=True)
        self.line("")

    def closing(self, block: Closing) -> None:
        """Draw issuer and date: the date four characters from the right, the name centred on it."""
        self.line("")
        self.line("")
        name = f"{block.name}（盖章）" if block.sealed else block.name
        day = sum(0.5 if char.isascii() else 1 for char in block.day)
        for text, away in ((name, max(0.0, 4 + (day - len(name)) / 2)), (block.day, 4.0)):
            self.line(text, align="right").paragraph_format.right_indent = Pt(away * CHARACTER)

    def annexes(self, block: Annexes) -> None:
        """Draw the names of the annexes."""
        self.line("")
        for number, name in enumerate(block.numbered):
            text = f"附件：{name}" if number == 0 else name
            form = self.line(text).paragraph_format
            form.left_indent = Pt(5 * CHARACTER)
            form.first_line_indent = Pt(-3 * CHARACTER) if number == 0 else Pt(0)

    def annex(self, block: Annex) -> None:
        """Begin an annex on a page of its own."""
        self.line(block.mark, face=HEI).paragraph_format.page_break_before = True
        self.line("")
        self._title(block.title_lines)
        self.line("")

    def _table(self, rows: int, shares: Sequence[float], *, pad: int = 70, stand: str = "center") -> Any:
        """Add a table ruled all over; ``pad`` is in twentieths of a point, above and below what stands in a cell."""
        table = self.document.add_table(rows, len(shares))
        table.autofit = False
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        borders = "".join(f'<w:{side} w:val="single" w:sz="4" w:color="000000"/>' for side in BORDERS)
        drawn = parse_xml(f"<w:tblBorders {nsdecls('w')}>{borders}</w:tblBorders>")
        layout = table._tbl.tblPr.find(qn("w:tblLayout"))  # noqa: SLF001 the format wants an order of its parts
        layout.addprevious(drawn)
        layout.addnext(_margins(pad))
        for column, share in zip(table._tbl.tblGrid.gridCol_lst, shares, strict=True):  # noqa: SLF001
            column.w = Emu(int(self.room * share))
        for row in table._tbl.tr_lst:  # noqa: SLF001
            for cell, share in zip(row.tc_lst, shares, strict=True):
                cell.width = Emu(int(self.room * share))
                cell.get_or_add_tcPr().append(_element("vAlign", val=stand))
        return table

    def _cell(
        self,
        cell: Any,
        text: str,
        *,
        face: str = TEXT,
        size: float = 12,
        align: str = "left",
        more: bool = False,
    ) -> None:
        if more:
            cell.add_paragraph()
            _fill(cell._tc, text, face, size, align, last=True)  # noqa: SLF001
        else:
            _fill(cell._tc, text, face, size, align)  # noqa: SLF001


DRAW: Mapping[type[Block], Callable[[_Sheet, Any], None]] = {
    Heading: _Sheet.heading,
    Paragraph: _Sheet.paragraph,
    KeyValues: _Sheet.key_values,
    Grid: _Sheet.grid,
    Listing: _Sheet.listing,
    Signatures: _Sheet.signatures,
    Closing: _Sheet.closing,
    Annexes: _Sheet.annexes,
    Annex: _Sheet.annex,
}


def _run(paragraph: Any, text: str, face: str = TEXT, size: float = THREE) -> Any:
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    properties = run._r.get_or_add_rPr()  # noqa: SLF001 python-docx sets the Latin face alone
    _faces(properties, face)
    if size == THREE:
        properties.find(qn("w:sz")).addprevious(_element("spacing", val=str(DRAWN)))
    return run


def _faces(properties: Any, face: str) -> None:
    fonts = properties.get_or_add_rFonts()
    for name, value in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", face)):
        fonts.set(qn(f"w:{name}"), value)


def _fill(cell: Any, text: str, face: str, size: float, align: str, *, last: bool = False) -> None:
    """Write a cell's text, line by line, in XML of its own: a table of 1,500 rows has 28,000 of them."""
    paragraph = cell.p_lst[-1 if last else 0]
    properties = paragraph.get_or_add_pPr()
    properties.append(_element("spacing", before="0", after="0", line="240", lineRule="auto"))
    properties.append(_element("jc", val={"left": "left", "center": "center", "right": "right"}[align]))
    run = OxmlElement("w:r")
    look = OxmlElement("w:rPr")
    look.append(_element("rFonts", ascii=LATIN, hAnsi=LATIN, cs=LATIN, eastAsia=face))
    look.append(_element("sz", val=str(int(size * 2))))
    look.append(_element("szCs", val=str(int(size * 2))))
    run.append(look)
    for number, line in enumerate(text.split("\n")):
        if number:
            run.append(OxmlElement("w:br"))
        words = OxmlElement("w:t")
        words.set(qn("xml:space"), "preserve")
        words.text = line
        run.append(words)
    paragraph.append(run)


def _element(name: str, **attributes: str) -> Any:
    found = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        found.set(qn(f"w:{key}"), value)
    return found


def _margins(pad: int) -> Any:
    margins = OxmlElement("w:tblCellMar")
    for side, width in (("top", pad), ("left", 80), ("bottom", pad), ("right", 80)):
        margins.append(_element(side, w=str(width), type="dxa"))
    return margins


def _repeat(row: Any) -> None:
    row._tr.get_or_add_trPr().append(_element("tblHeader", val="true"))  # noqa: SLF001


def _watermark(text: str) -> str:
    """Return a word behind the page: the form in which Word itself writes a watermark."""
    space = 'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    return (
        f'<w:pict {nsdecls("w")} {space}>'
        '<v:shapetype id="_x0000_t136" coordsize="1600,21600" o:spt="136" adj="10800" '
        'path="m@7,0l@8,0m@5,21600l@6,21600e"><v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/>'
        '<v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/><v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/>'
        '<v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/><v:f eqn="if @0 @4 21600"/></v:formulas>'
        '<v:path textpathok="t" o:connecttype="rect"/><v:textpath on="t" fitshape="t"/></v:shapetype>'
        '<v:shape id="watermark" type="#_x0000_t136" style="position:absolute;width:300pt;height:140pt;rotation:330;'
        "z-index:-251658752;mso-position-horizontal:center;mso-position-horizontal-relative:margin;"
        'mso-position-vertical:center;mso-position-vertical-relative:margin" fillcolor="#d9d6cd" stroked="f">'
        f'<v:fill opacity=".5"/><v:textpath style="font-family:&quot;黑体&quot;" string="{_quoted(text)}"/>'
        "</v:shape></w:pict>"
    )


def _quoted(text: str) -> str:
    marks: Iterable[tuple[str, str]] = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"))
    for mark, name in marks:
        text = text.replace(mark, name)
    return text
