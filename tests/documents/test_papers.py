"""One definition, four forms: the page of GB/T 9704-2012 measured in the PDF, the same words everywhere, no harm."""

import re
import socket
from dataclasses import replace
from decimal import Decimal
from html import unescape
from io import BytesIO
from itertools import pairwise

import docx as reader
import openpyxl
import pikepdf
import pypdfium2
import pytest
from django.template.loader import render_to_string

from sihao.documents import docx, paper, workbook
from sihao.documents.paper import (
    Annexes,
    Closing,
    Heading,
    KeyValues,
    Listing,
    Paper,
    Paragraph,
    Signatures,
    printable,
)
from sihao.documents.table import Column, Table
from sihao.ui.press import laid_out
from tests.documents.measuring import (
    FIGURES,
    MM,
    PITCH,
    RARE,
    STANDING,
    TABLE,
    characters,
    drawn,
    lines,
    measured,
    squeezed,
    text_of,
    whole_paper,
)

# ---- the page


@pytest.fixture(scope="module")
def full():
    """Two pages and a bit that are nothing but text."""
    return laid_out(Paper("题", (Paragraph("国" * 28 * 50, indent=False),))).pdf()


def test_a_page_has_22_lines_of_28_characters_in_a_block_of_156_by_225(full):
    rows = [row for row in lines(full, 1).values() if row[0][0] == "国"]
    middles = [height for height, row in lines(full, 1).items() if row[0][0] == "国"]

    assert [len(row) for row in rows] == [28] * 22
    assert {round(below - above, 1) for above, below in pairwise(middles)} <= {10.2, 10.3}
    assert middles[0] == pytest.approx(37 + PITCH / 2, abs=0.6)
    assert middles[-1] == pytest.approx(37 + 225 - PITCH / 2, abs=0.6)
    assert rows[0][0][1] == pytest.approx(28, abs=0.3)
    assert rows[0][-1][3] <= 28 + 156 + 0.2


def test_the_title_has_22_points_and_stands_in_the_middle(full):
    _, left, top, right, bottom = characters(full, 0)[0]

    assert right - left == pytest.approx(22 / MM, abs=0.2)
    assert (left + right) / 2 == pytest.approx(28 + 78, abs=0.3)
    assert (top + bottom) / 2 == pytest.approx(37 + PITCH / 2, abs=0.8)


def test_page_numbers_stand_outside_with_dashes_of_one_character(full):
    feet = [list(lines(full, page).items())[-1] for page in range(3)]

    assert ["".join(char for char, *_ in row) for _, row in feet] == ["—1—", "—2—", "—3—"]
    one = 14 / MM
    for page, (height, row) in enumerate(feet):
        assert height == pytest.approx(37 + 225 + 7 + one / 2, abs=0.8)
        if page % 2:
            assert row[0][1] == pytest.approx(28 + one, abs=0.4)
        else:
            assert row[-1][3] == pytest.approx(210 - 26 - one, abs=0.4)
        assert row[0][3] - row[0][1] == pytest.approx(one, abs=0.6)


def test_nothing_of_a_text_stands_outside_the_block(full):
    assert measured(full, landscape=False).outside == []


@pytest.mark.parametrize("side", ["left: 24mm", "right: 20mm", "top: 34mm"])
def test_what_stands_outside_the_block_is_found(side):
    """The measure itself: a margin that is too narrow lets the characters of its edge be named."""
    printed = laid_out(Paper("题", (Paragraph("国" * 28 * 2, indent=False),)))
    moved = replace(printed, styles=(*printed.styles, f"@page {{ margin-{side} }} h1 {{ margin: 0 }}"))

    found = measured(moved.pdf(), landscape=False)

    assert {char for _, char, *_ in found.outside} & {"国", "题"} != set()


def test_a_table_across_is_bound_at_its_head_which_every_page_repeats():
    made = laid_out(Paper("表", (Listing(TABLE, size=9),), annex="附件5", landscape=True)).pdf()
    document = pypdfium2.PdfDocument(made)

    assert [[round(side / MM) for side in page.get_size()] for page in document] == [[297, 210]] * len(
        document
    )
    assert len(document) > 1
    for number, page in enumerate(document):
        assert squeezed(page.get_textpage().get_text_range()).count("序号指标得分") == 1
        body = [one for one in characters(made, number) if one[0] != "—" and one[1] > 34]
        assert min(top for _, _, top, *_ in body) >= 28 - 0.5
        assert max(bottom for *_, bottom in body) <= 210 - 26 + 0.5
        dashes = [one for one in characters(made, number) if one[0] == "—"]
        assert [round((one[1] + one[3]) / 2, 0) for one in dashes] == [
            pytest.approx(35 - 7 - 2.5, abs=1.5)
        ] * 2
        if number % 2:
            assert min(one[2] for one in dashes) == pytest.approx(28 + 14 / MM, abs=1.5)
        else:
            assert max(one[4] for one in dashes) == pytest.approx(210 - 26 - 14 / MM, abs=1.5)


def test_an_annex_is_marked_at_the_top_left_with_its_title_on_the_third_line():
    made = laid_out(Paper("名额分配表", (Paragraph("文"),), annex="附件2")).pdf()

    rows = list(lines(made, 0).items())

    assert "".join(one[0] for one in rows[0][1]) == "附件2"
    assert rows[0][1][0][1] == pytest.approx(28, abs=0.4)
    assert rows[1][0] == pytest.approx(37 + 2.5 * PITCH, abs=0.8)


def test_a_date_ends_four_characters_from_the_right_with_the_name_centred_on_it():
    made = laid_out(Paper("报告", (Closing("河南省工商业联合会", "2020年10月12日"),))).pdf()

    name, day = list(lines(made, 0).values())[1:3]

    assert day[-1][3] == pytest.approx(210 - 26 - 4 * 15.79 / MM, abs=0.6)
    middle = (day[0][1] + day[-1][3]) / 2
    assert (name[0][1] + name[-1][3]) / 2 == pytest.approx(middle, abs=2.5)


def test_rare_characters_of_names_are_drawn_in_every_face_and_every_font_is_embedded():
    blocks = (Heading(RARE), Heading(RARE, 2), Paragraph(RARE), KeyValues(((RARE, RARE),)))
    made = laid_out(Paper(RARE, blocks, captions=(RARE,), annex=RARE)).pdf()

    assert text_of(made).count(RARE) >= 6
    found = drawn(made)
    assert found.glyphs >= 30
    assert (found.missing, found.borrowed) == (0, 0)


# ---- the same in every form


@pytest.fixture(scope="module")
def whole():
    return whole_paper()


@pytest.fixture(scope="module")
def forms(whole):
    """Its text in each form, without white space."""
    page = unescape(
        re.sub(r"<[^>]*>", "", render_to_string("print/sheet.html", {"paper": whole, "code": ""}))
    )
    word = reader.Document(BytesIO(docx.write(whole)))
    book = BytesIO()
    workbook.write(whole, book)
    cells = (
        str(cell.value)
        for sheet in openpyxl.load_workbook(book)
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    )
    header = "".join(
        node.text or "" for node in word.sections[0].header._element.iter() if node.tag.endswith("}t")
    )
    told = "".join(node.text or "" for node in word.element.iter() if node.tag.endswith("}t"))
    return {
        "page": squeezed(page),
        "pdf": squeezed(text_of(laid_out(whole).pdf())),
        "word": squeezed(header + told),
        "sheet": squeezed("".join(cells)),
    }


@pytest.mark.parametrize("form", ["page", "pdf", "word", "sheet"])
def test_every_cell_and_line_stands_in_every_form(whole, forms, form):
    cells = {squeezed(cell) for line in whole.lines() for cell in line} - {""}
    if form == "sheet":
        cells -= {squeezed(one) for one in (*whole.letterhead.__dict__.values(), "年　月　日")}
    if form == "pdf":  # a long value is broken over pages
        cells -= {"长" * 200}

    assert {cell for cell in cells if cell not in forms[form]} == set()
    assert {word for word in STANDING.words if squeezed(word) not in forms[form]} == set()


def test_figures_are_figures_in_the_sheet_and_text_is_never_a_formula(whole):
    file = BytesIO()
    workbook.write(whole, file)

    book = openpyxl.load_workbook(file)

    found = [row for row in book.worksheets[1].iter_rows(values_only=True) if isinstance(row[0], int)]
    assert [(number, name, Decimal(str(points))) for number, name, points in found] == FIGURES
    assert [
        cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"
    ] == []


def test_word_has_the_page_the_faces_and_repeated_heads(whole):
    section = reader.Document(BytesIO(docx.write(whole))).sections[0]
    xml = docx.write(replace(whole, landscape=True))

    sides = (section.top_margin, section.left_margin, section.right_margin, section.bottom_margin)
    assert [round(side.mm, 1) for side in sides] == [37, 28, 26, 35]
    assert (section.footer.paragraphs[0].text, section.even_page_footer.paragraphs[0].alignment) == (
        "—  —",
        0,
    )
    wide = reader.Document(BytesIO(xml))
    assert (round(wide.sections[0].page_width.mm), round(wide.sections[0].page_height.mm)) == (297, 210)
    body = wide.element.xml
    assert body.count("w:tblHeader") == 2
    assert {"仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体"} <= set(
        re.findall(r'w:eastAsia="([^"]+)"', body)
    )


def test_the_same_paper_gives_the_same_file(whole):
    assert docx.write(whole) == docx.write(whole)
    assert laid_out(whole).digest == laid_out(whole).digest


def test_the_digest_is_that_of_the_words_whatever_stands_around_them(whole):
    assert replace(whole, standing=None, watermark="").digest == whole.digest
    assert replace(whole, title="另一份").digest != whole.digest


# ---- hostile text

HOSTILE = (
    '<img src="file:///etc/passwd"><link rel="attachment" href="file:///etc/hostname">'
    "<style>@import 'http://127.0.0.1:9/x.css';body{background:url(http://127.0.0.1:9/y)}</style>"
    '"} @page { @top-left { content: url(file:///etc/passwd) } } {{ 7|add:7 }} =HYPERLINK("http://127.0.0.1:9/")'
)
TURNED = "商\u202e会名\u2066称\u200f\x00\x1b"


def test_invisible_marks_go_and_the_rest_stays():
    assert printable(TURNED) == "商会名称"
    assert printable("a\r\nb\rc") == "a\nb\nc"


@pytest.mark.parametrize(("length", "cut"), [(20_000, False), (20_001, True)])
def test_a_text_longer_than_paper_takes_says_so(length, cut):
    made = printable("字" * length)

    assert made.endswith(f"……（原文共{length}字，此处印前20000字，其余见系统。）") is cut
    assert made.count("字") == 20_000 + 2 * cut


def test_hostile_text_is_printed_as_it_was_typed_and_asks_for_nothing(monkeypatch):
    asked = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, place: asked.append(place))
    monkeypatch.setattr(paper, "LONGEST", 1_000)
    table = Table(HOSTILE, [Column(HOSTILE, width=20), Column("值", width=20)], [(HOSTILE, TURNED)])
    bad = Paper(
        HOSTILE,
        (
            Heading(HOSTILE),
            Paragraph("字" * 100_000),
            KeyValues(((HOSTILE, HOSTILE), ("称", TURNED), ("长", "句。" * 50_000))),
            Listing(table, caption=HOSTILE),
            Closing(HOSTILE, HOSTILE),
        ),
        standing=replace(STANDING, subject=HOSTILE),
        watermark="草稿",
    )

    made = laid_out(bad).pdf()
    word, book = docx.write(bad), BytesIO()
    workbook.write(bad, book)

    told = squeezed(text_of(made))
    assert asked == []
    assert squeezed(HOSTILE) in told
    assert "root:x" not in told
    assert told.count("（原文共100000字，此处印前1000字，其余见系统。）") == 2
    assert len(pypdfium2.PdfDocument(made)) < 30
    with pikepdf.open(BytesIO(made)) as document:
        assert dict(document.attachments) == {}
    assert HOSTILE in "".join(one.text for one in reader.Document(BytesIO(word)).paragraphs)
    cells = [cell for sheet in openpyxl.load_workbook(book) for row in sheet.iter_rows() for cell in row]
    assert [cell for cell in cells if cell.data_type == "f"] == []


# ---- what an office's typist would not do


ENDS = (Closing("全国工商联", "2020年9月28日"), Annexes(("名单",)), Signatures(("会长（签字）：", "记录人（签字）：")))


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("filled", [19, 20])
def test_nothing_is_signed_on_a_page_without_text(end, filled):
    text = tuple(Paragraph("国" * 28, indent=False) for _ in range(filled))
    made = laid_out(Paper("题", (*text, end))).pdf()

    last = len(pypdfium2.PdfDocument(made)) - 1
    assert last == 1
    assert "国" in {one[0] for one in characters(made, last)}


def test_a_code_and_an_instant_stand_on_one_line_of_a_form():
    code, instant = "51411122000009013P", "2020年9月28日 16:58"
    made = laid_out(Paper("题", (KeyValues((("统一社会信用代码", code), ("时间", instant))),))).pdf()

    told = pypdfium2.PdfDocument(made)[0].get_textpage().get_text_bounded()
    assert (code in told, instant in told) == (True, True)


@pytest.mark.parametrize(
    ("title", "set_as"),
    [
        ("总分（500分）", ("总分", "（500分）")),
        ("牌匾（块）", ("牌匾", "（块）")),
        ("商会名称（牌匾、证书所刻）", ("商会名称（牌匾、证书所刻）", "")),
        ("总分", ("总分", "")),
        ("（一）", ("（一）", "")),
    ],
)
def test_a_short_bracket_of_a_head_is_not_broken(title, set_as):
    assert Listing(Table("表", [Column(title)], ())).set_head == [set_as]
