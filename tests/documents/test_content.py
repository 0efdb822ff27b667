"""What accepted files hold: their words, how they look, when they were taken; read in the probe, in bounds."""

from io import BytesIO

import docx
import openpyxl
import pytest
from PIL import Image

from declarations.alike import MOST_BITS, bits_apart, picture_hash
from sihao.documents.content import Content, content_of
from sihao.documents.photo import CAMERA, TAKEN
from tests.declarations.pictures import saved, scene
from tests.documents.containers import HEAD, OFD, ofd_parts, pdf, zipped
from tests.documents.good import printed, scanned

WORDS = "商会组织会员企业开展村企共建，累计帮扶36户。"


def read(data: bytes, kind: str) -> Content:
    return content_of(BytesIO(data), kind)


def word() -> bytes:
    document, file = docx.Document(), BytesIO()
    document.add_paragraph("纪要")
    document.add_paragraph(WORDS)
    document.add_table(1, 1).cell(0, 0).text = "表内"
    document.save(file)
    return file.getvalue()


def sheet(rows: int = 1) -> bytes:
    book, file = openpyxl.Workbook(), BytesIO()
    for number in range(rows):
        book.active.append(["项目", number, WORDS])
    hidden = book.create_sheet("隐藏")
    hidden.append(["不读"])
    hidden.sheet_state = "hidden"
    book.save(file)
    return file.getvalue()


def ofd(*pages: str) -> bytes:
    parts = ofd_parts(pages=len(pages))
    for number, text in enumerate(pages):
        parts[f"Doc_0/Pages/Page_{number}/Content.xml"] = (
            f'{HEAD}<ofd:Page xmlns:ofd="{OFD}"><ofd:Content><ofd:Layer><ofd:TextObject>'
            f"<ofd:TextCode>{text}</ofd:TextCode></ofd:TextObject></ofd:Layer></ofd:Content></ofd:Page>"
        )
    return zipped(parts)


@pytest.mark.parametrize(
    ("kind", "make", "words"),
    [
        ("docx", word, ["纪要", WORDS, "表内"]),
        ("xlsx", sheet, [f"项目 {WORDS}"]),
        ("ofd", lambda: ofd("甲", "乙"), ["甲", "乙"]),
        ("ofd", lambda: ofd(*map(str, range(12))), [str(number) for number in range(12)]),
    ],
)
def test_words_are_read_in_their_order(kind, make, words):
    assert [line for line in read(make(), kind).text.split("\n") if line] == words


def test_a_printed_pdf_has_words_and_a_scanned_or_blank_one_has_none():
    assert WORDS in read(printed(f"<p>{WORDS}</p>"), "pdf").text
    assert read(scanned(), "pdf").text.strip() == ""
    assert read(pdf(), "pdf") == Content(text="\n")


def test_no_more_is_read_than_is_compared():
    assert len(read(sheet(1500), "xlsx").text) == 20_000


def test_what_the_probe_gives_up_says_nothing():
    assert read(b"PK\x03\x04 no archive", "docx") == Content(readable=False)
    assert read(b"\x89PNG\r\n\x1a\n", "png") == Content(readable=False)


def test_a_declared_entity_is_never_drawn_out():
    bomb = "<!DOCTYPE a [<!ENTITY b 'xxxxxxxxxx'>" + "".join(
        f"<!ENTITY {chr(99 + n)} '{f'&{chr(98 + n)};' * 10}'>" for n in range(9)
    )
    parts = ofd_parts() | {"Doc_0/Pages/Page_0/Content.xml": f"{bomb}]><a><TextCode>&k;</TextCode></a>"}
    found = read(zipped(parts), "ofd")
    assert not found.readable or len(found.text) <= 20_000


def test_a_photograph_saved_smaller_turned_by_its_mark_or_as_png_looks_the_same():
    whole = scene(3)
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = whole.transpose(Image.Transpose.ROTATE_90)
    hashed = picture_hash(read(saved(whole), "jpeg").levels)
    for data, kind in (
        (saved(whole.resize((400, 300)), quality=60), "jpeg"),
        (saved(whole, "PNG"), "png"),
        (saved(turned, exif=exif), "jpeg"),
    ):
        assert bits_apart(hashed, picture_hash(read(data, kind).levels)) <= MOST_BITS
    assert bits_apart(hashed, picture_hash(read(saved(scene(4)), "jpeg").levels)) > MOST_BITS


def test_a_plain_page_has_no_look_and_see_through_pictures_stand_on_white():
    assert picture_hash(read(saved(Image.new("RGB", (600, 800), "white")), "jpeg").levels) is None
    clear = Image.new("RGBA", (90, 80), (0, 0, 0, 0))
    assert read(saved(clear, "PNG"), "png").levels == ((255,) * 9,) * 9


def test_a_photograph_tells_when_it_was_taken_and_a_document_does_not():
    exif = Image.Exif()
    exif.get_ifd(CAMERA)[TAKEN] = "2017:05:03 10:00:00"
    assert read(saved(scene(1), exif=exif), "jpeg").taken_at.isoformat() == "2017-05-03T10:00:00+08:00"
    assert read(saved(scene(1)), "jpeg").taken_at is None
    assert read(word(), "docx").taken_at is None
