"""A QR code as a drawing in the page: black squares that a telephone reads, no file of its own."""

from io import BytesIO

import segno
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

BORDER = 2


def qr_code(text: str, label: str) -> SafeString:
    """Return the code of a text as an SVG; ``label`` says what it is to those who do not see it."""
    drawn = BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawn, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=BORDER, nl=False, svgclass="qr"
    )
    inner = mark_safe(drawn.getvalue().decode())  # noqa: S308 squares drawn by the library, no text of ours
    return format_html('<span class="qr-code" role="img" aria-label="{}">{}</span>', label, inner)
