"""A PDF: embedded fonts, the same bytes for the same page, nothing fetched."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pikepdf
import pytest

from sihao.documents import pdf

PAGE = '<!doctype html><html lang="zh-Hans"><title>附件2</title><h1>推荐名额</h1><p>合计1500</p>{}</html>'
STYLE = 'body { font-family: "Noto Serif CJK SC" } @page { size: A4 }'


@pytest.fixture(scope="module")
def made():
    return pdf.write(PAGE.format(""), styles=[STYLE])


def test_the_text_is_there_on_a_page_of_a4(made, tmp_path):
    (tmp_path / "page.pdf").write_bytes(made)

    told = subprocess.run(["pdftotext", tmp_path / "page.pdf", "-"], capture_output=True, text=True, check=True)

    assert told.stdout.split() == ["推荐名额", "合计1500"]
    with pikepdf.open(BytesIO(made)) as found:
        assert [round(float(side)) for side in found.pages[0].MediaBox] == [0, 0, 595, 842]


def test_every_font_is_embedded(made):
    with pikepdf.open(BytesIO(made)) as found:
        fonts = [font for page in found.pages for font in page.Resources.Font.values()]
        files = [font.DescendantFonts[0].FontDescriptor.get("/FontFile3") for font in fonts]

    assert fonts != []
    assert None not in files


def test_the_same_page_gives_the_same_bytes_whatever_was_printed_before_and_in_any_thread(made):
    pdf.write(PAGE.format("<p>别的文字<b>Bold</b>"), styles=[STYLE, "b { font-size: 30pt }"])

    with ThreadPoolExecutor(1) as thread:
        beside = thread.submit(pdf.write, PAGE.format(""), styles=[STYLE]).result()

    assert {beside, pdf.write(PAGE.format(""), styles=[STYLE])} == {made}


def test_nothing_is_fetched(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("机密")
    page = PAGE.format(f'<link rel="attachment" href="file://{secret}"><img src="http://localhost:1/x.png">')

    with pikepdf.open(BytesIO(pdf.write(page, styles=[STYLE]))) as found:
        assert dict(found.attachments) == {}


def test_two_pages_differ_in_their_digest_by_text_and_by_style():
    assert len({pdf.digest_of(*one) for one in (("a", ["b"]), ("ab", []), ("a", ["c"]), ("b", ["b"]))}) == 4
