"""Papers measured in the PDF's own coordinates, and one paper with one of everything."""

import re
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO

import pikepdf
import pypdfium2

from sihao.documents.paper import (
    Annexes,
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
from sihao.documents.table import Column, Table

MM = 72 / 25.4
PITCH = 225 / 22
STANDING = Standing(
    "SH2020-000001　申报表", "第2版", "ab12" * 16, "ABCD-EFGH-JKMN", "https://example.org/papers/X/"
)
FIGURES = [(number, f"第{number}项", Decimal(number) / 2) for number in range(1, 61)]
TABLE = Table(
    "得分表",
    [Column("序号", "int", width=6), Column("指标", width=40), Column("得分", "decimal", width=10)],
    FIGURES,
    footer=[("", "合计", sum(points for *_, points in FIGURES))],
)


def characters(pdf: bytes, page: int) -> list[tuple[str, float, float, float, float]]:
    """Return each character of a page with its box in millimetres from the left and from the top."""
    document = pypdfium2.PdfDocument(pdf)
    text, height = document[page].get_textpage(), document[page].get_height()
    found = []
    for place in range(text.count_chars()):
        char = chr(pypdfium2.raw.FPDFText_GetUnicode(text, place))
        if char.strip(" \r\n\t\x00\u3000"):
            left, bottom, right, top = (one / MM for one in text.get_charbox(place, loose=True))
            found.append((char, left, height / MM - top, right, height / MM - bottom))
    return found


def lines(pdf: bytes, page: int) -> dict[float, list[tuple[str, float, float, float, float]]]:
    """Return the characters by their height on the page."""
    rows: dict[float, list[tuple[str, float, float, float, float]]] = {}
    for one in characters(pdf, page):
        middle = (one[2] + one[4]) / 2
        rows.setdefault(next((height for height in rows if abs(height - middle) < 2), middle), []).append(one)
    return {height: sorted(row, key=lambda one: one[1]) for height, row in sorted(rows.items())}


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "".join(page.get_textpage().get_text_range() for page in document)


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def whole_paper() -> Paper:
    """Return a paper with one of everything."""
    return Paper(
        "关于推荐审核情况的报告",
        (
            Paragraph("全国工商联会员部：", indent=False),
            Heading("一、申报情况"),
            Heading("（一）县级", 2),
            Paragraph("共申报12家。\n审核后推荐9家。"),
            KeyValues((("商会名称", "=1+1"), ("电话", "+8613800000001"), ("事迹", "长" * 200))),
            Grid((("总分", "结论"), ("412/500", "达到认定条件"))),
            Listing(TABLE, caption="各项得分"),
            Signatures(("会长（签字）：",)),
            Annexes(("汇总表", "会议纪要")),
            Closing("河南省工商业联合会", "2020年10月12日", sealed=True),
        ),
        annex="附件9",
        captions=("受理编号SH2020-000001",),
        letterhead=Letterhead("河南省工商业联合会文件", "豫联发〔2020〕1号"),
        watermark="草稿",
        standing=STANDING,
    )


RARE = "𬱖㛃䶮喆堃"


HEX = re.compile(rb"<([0-9a-fA-F]+)>")
"""What is shown, as the printer writes it: four digits a glyph."""


@dataclass(frozen=True)
class Drawn:
    """How many characters a PDF draws, how many of them no font has, and how many of its fonts are not in it."""

    glyphs: int
    missing: int
    borrowed: int


def drawn(pdf: bytes) -> Drawn:
    """Return what is drawn on every page: glyph 0 is the empty box that stands for a character no font has."""
    glyphs, fonts = [], []
    with pikepdf.open(BytesIO(pdf)) as document:
        for page in document.pages:
            shown = b"".join(stream.read_bytes() for stream in page.get("/Contents").wrap_in_array())
            for text in HEX.findall(shown):
                glyphs += [text[place : place + 4] for place in range(0, len(text), 4)]
            fonts += [font.DescendantFonts[0].FontDescriptor for font in page.Resources.Font.values()]
        borrowed = [font for font in fonts if not {"/FontFile2", "/FontFile3"} & set(font.keys())]
    return Drawn(len(glyphs), glyphs.count(b"0000"), len(borrowed))


LETTER, SLACK = 20, 0.7
Box = tuple[str, float, float, float, float]


@dataclass(frozen=True)
class Measured:
    """What stands outside its place (page, character, from the left, from the top), and each page's number."""

    outside: list[tuple[int, str, float, float]]
    numbers: list[tuple[str, str]]


def measured(pdf: bytes, *, landscape: bool) -> Measured:
    """Return what stands neither in the block of any page nor in its margins' own places, and the numbers.

    The margins hold the words on the paper and its code above the block, and the number of the page below it (of a
    paper across: at its left); the watermark, larger than any letter, lies where it likes.
    """
    outside, numbers = [], []
    for page in range(len(pypdfium2.PdfDocument(pdf))):
        boxes = [one for one in characters(pdf, page) if one[3] - one[1] <= LETTER and one[4] - one[2] <= LETTER]
        number = [one for one in boxes if one[0] in "—0123456789" and _in_number(one, landscape=landscape)]
        stray = [one for one in boxes if one not in number and not _in_place(one, landscape=landscape)]
        outside += [(page + 1, char, round(x, 1), round(y, 1)) for char, x, y, *_ in stray]
        number.sort(key=lambda one: one[2 if landscape else 1])
        far = bool(number) and number[-1][4 if landscape else 3] > 105
        numbers.append(("".join(one[0] for one in number), "outer" if far == (page % 2 == 0) else "inner"))
    return Measured(outside, numbers)


def _in_number(box: Box, *, landscape: bool) -> bool:
    return box[1] < 35 - 5 if landscape else box[2] > 262 + 5


def _in_place(box: Box, *, landscape: bool) -> bool:
    left, top, wide, high = (35, 28, 225, 156) if landscape else (28, 37, 156, 225)
    _, x, y, right, bottom = box
    beside = x < left - SLACK or right > left + wide + SLACK
    return not beside and (bottom <= top or (y >= top - SLACK and bottom <= top + high + SLACK))
