"""A paper (``sihao.documents.paper``) laid out by the templates: as HTML for the page, and ready to be a PDF."""

from collections.abc import Iterator

from django.template.loader import render_to_string

from sihao.documents.codes import svg_of
from sihao.documents.paper import Closing, Listing, Paper
from sihao.ui.papers import OFFICIAL, style_named
from sihao.ui.papers import Paper as Printed

SIDE = 22.0
"""Millimetres of the code with its white margin."""
STANDING = "css/standing.css"
HEAD, LINE = 48.0, 440.0
"""Points of the largest issuer's name, and of a line of the block."""
CHARACTER = 15.79
"""Points from one character of a line to the next."""


def laid_out(paper: Paper, further: tuple[str, ...] = (), *, begins: int = 1) -> Printed:
    """Return the paper ready to be printed; ``further`` names styles behind the official ones.

    ``begins`` is the number of its first page, an odd one: the sides of the numbers follow the pages.
    """
    standing, code = paper.standing, code_of(paper)
    html = render_to_string("print/paper.html", {"paper": paper, "code": code})
    names = (*OFFICIAL, *((STANDING,) if standing is not None else ()), *further)
    own = [f"@page :first {{ counter-reset: page {begins} }}"] if begins > 1 else []
    return Printed(html, (*map(style_named, names), "\n".join([*own, *_own_styles(paper)])))


def code_of(paper: Paper) -> str:
    """Return the code that leads to the check of a paper as a ``data:`` address; "" for one without a standing."""
    return svg_of(paper.standing.url, SIDE) if paper.standing is not None else ""


def _own_styles(paper: Paper) -> Iterator[str]:
    """Yield what each table needs: its type and the widths of its columns; and where a name is centred on its date."""
    if paper.letterhead is not None:
        yield f".letterhead .issuer {{ font-size: {min(HEAD, LINE / len(paper.letterhead.issuer)):.1f}pt }}"
    for place, block in enumerate(paper.blocks, start=1):
        if isinstance(block, Listing):
            yield f".listing-{place} {{ font-size: {block.size}pt }}"
            for number, share in enumerate(block.shares, start=1):
                yield f".listing-{place} col:nth-child({number}) {{ width: {share:.4%} }}"
        if isinstance(block, Closing):
            yield f".closing-{place} {{ padding-right: {_centred_on_day(block):.2f}pt }}"


def _centred_on_day(block: Closing) -> float:
    """Return how far from the right the issuer's name ends, so that its middle stands over that of the date."""
    day = sum(0.5 if char.isascii() else 1 for char in block.day)
    name = len(block.name) + 4 * block.sealed
    return max(0.0, 4 + (day - name) / 2) * CHARACTER
