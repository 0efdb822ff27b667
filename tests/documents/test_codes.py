"""Codes read from scans as offices make them: skewed, noisy, sealed over, poorly compressed, the wrong way up."""

from io import BytesIO
from random import Random

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from sihao.documents import codes

TEXT = "SH1:SH2020:410000:2:R1:1.3:0123456789ABCDEF:ABCDEFGHIJ"
SIDE, RIGHT, TOP = 25, 22, 8  # millimetres: the code, and where it stands


def sheet(dpi, seal=None):
    """Return a page of text with the code at its corner, in the ink of an office, stamped at a place if asked."""
    paper = Image.new("RGB", tuple(round(side / 25.4 * dpi) for side in (210, 297)), "white")
    draw = ImageDraw.Draw(paper)
    for row in range(45, 280, 9):
        draw.text((dpi, row / 25.4 * dpi), "审核情况说明 abcdefghij 0123456789 " * 3, fill="black")
    side = round(SIDE / 25.4 * dpi)
    with Image.open(BytesIO(codes.png_of(TEXT, scale=8))) as drawn:
        mark = drawn.convert("RGB").resize((side, side), Image.Resampling.LANCZOS)
    paper.paste(mark, (paper.width - side - round(RIGHT / 25.4 * dpi), round(TOP / 25.4 * dpi)))
    return stamped(paper, dpi, seal) if seal else paper


def stamped(paper, dpi, place):
    """Press a round red seal of 40 mm: its ink is translucent, what is black stays black."""
    ink = Image.new("RGB", paper.size, "white")
    x, y = (value / 25.4 * dpi for value in place)
    radius = 20 / 25.4 * dpi
    draw = ImageDraw.Draw(ink)
    draw.ellipse(
        (x - radius, y - radius, x + radius, y + radius), outline=(215, 50, 60), width=round(dpi / 20)
    )
    draw.ellipse((x - radius / 4, y - radius / 4, x + radius / 4, y + radius / 4), fill=(215, 50, 60))
    draw.text((x - radius / 2, y - radius / 2), "SEAL", fill=(215, 50, 60))
    return ImageChops.multiply(paper, ink)


def scanned(page, *, skew=0.0, noise=0, quality=None, grey=False, turned=0):
    """Return the page as a scanner delivers it."""
    page = page.rotate(skew, resample=Image.Resampling.BICUBIC, fillcolor="white")
    page = page.rotate(turned, expand=True)
    if noise:
        random = Random(1)
        grain = Image.frombytes("L", (256, 256), random.randbytes(256 * 256)).filter(
            ImageFilter.GaussianBlur(0.6)
        )
        tile = Image.new("L", page.size)
        for left in range(0, page.width, 256):
            for top in range(0, page.height, 256):
                tile.paste(grain, (left, top))
        page = Image.blend(page, tile.convert("RGB"), noise / 100)
    page = page.convert("L") if grey else page
    file = BytesIO()
    page.save(file, "JPEG", quality=quality) if quality else page.save(file, "PNG")
    file.seek(0)
    return file


@pytest.mark.parametrize(
    ("dpi", "seal", "how"),
    [
        (150, None, {"skew": 3, "noise": 25, "grey": True}),
        (150, (160, 40), {"skew": -3, "noise": 15, "quality": 50, "turned": 180}),
        (200, (152, 38), {"skew": 3, "noise": 20, "quality": 50}),
        (200, (165, 30), {"turned": 90}),
    ],
)
def test_a_scan_is_read(dpi, seal, how):
    assert codes.read(scanned(sheet(dpi, seal), **how)) == [[TEXT]]


def test_the_pages_of_a_pdf_are_read_one_by_one_and_told():
    blank, file, heard = Image.new("RGB", (600, 840), "white"), BytesIO(), []
    sheet(150).save(file, "PDF", resolution=150, save_all=True, append_images=[blank, sheet(100)])
    file.seek(0)

    assert codes.read(file, lambda done, total: heard.append((done, total))) == [[TEXT], [], [TEXT]]
    assert heard == [(3, 3)]


def test_where_the_code_is_soiled_beyond_reading_nothing_is_found():
    page = sheet(150)
    ImageDraw.Draw(page).rectangle((page.width - 260, 40, page.width - 150, 260), fill="black")

    assert codes.read(scanned(page)) == [[]]


def test_what_cannot_be_drawn_is_unreadable():
    with pytest.raises(codes.Unreadable):
        codes.read(BytesIO(b"%PDF-1.7 not at all"))


def test_a_code_as_an_address_has_its_size_in_millimetres():
    assert codes.svg_of(TEXT, 25).startswith("data:image/svg+xml;base64,")
