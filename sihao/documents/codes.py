"""QR codes: drawn for papers, and read from what was scanned."""

import json
from base64 import b64encode
from collections.abc import Callable
from io import BytesIO
from typing import BinaryIO

import segno

from sihao.documents.intake import child

QUIET = 4
"""Modules of white around a code, as its standard asks."""
MOST_PAGES = 200


class Unreadable(Exception):
    """The file's pages cannot be drawn within the limits of the probe."""


def svg_of(text: str, side: float) -> str:
    """Return a code of so many millimetres as a ``data:`` address: a quarter may be soiled and it is still read."""
    code, made = BytesIO(), segno.make(text, error="q", micro=False)
    scale = side / made.symbol_size(border=QUIET)[0]
    made.save(code, kind="svg", border=QUIET, xmldecl=False, nl=False, unit="mm", scale=scale, light="#fff")
    return f"data:image/svg+xml;base64,{b64encode(code.getvalue()).decode()}"


def png_of(text: str, scale: int = 4) -> bytes:
    """Return a code as a picture of so many pixels a module."""
    code = BytesIO()
    segno.make(text, error="q", micro=False).save(code, kind="png", border=QUIET, scale=scale)
    return code.getvalue()


def read(file: BinaryIO, progress: Callable[[int, int], None] | None = None) -> list[list[str]]:
    """Return the texts of the codes on each page of a PDF, JPEG or PNG that the intake has let in.

    The pages are drawn and read in the probe, a few at a time; on a page that was soiled too much nothing is found.
    Raises ``Unreadable`` when not even its pages can be drawn.
    """
    pages: list[list[str]] = []
    total = 1
    while len(pages) < min(total, MOST_PAGES):
        answer = child.run(f"codes@{len(pages)}", file)
        if not answer:
            raise Unreadable
        told = json.loads(answer)
        total = told["pages"]
        if not told["read"]:
            raise Unreadable
        pages += told["read"]
        if progress is not None:
            progress(len(pages), total)
    file.seek(0)
    return pages
