"""Official papers: a template under ``templates/print/`` and the house's official styles, as PDF."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from sihao.documents import pdf

OFFICIAL = ("css/tokens.css", "css/official.css")


@dataclass(frozen=True)
class Paper:
    """A paper ready to be printed; ``digest`` tells it from every other, its styles included."""

    html: str
    styles: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Return the digest of text and styles."""
        return pdf.digest_of(self.html, self.styles)

    def pdf(self) -> bytes:
        """Return the PDF; raises ``pdf.CannotPrint`` where it cannot be made."""
        return pdf.write(self.html, styles=self.styles)

    def stamped(self, stamp: Callable[[int, int], str]) -> tuple[bytes, int]:
        """Return the PDF with each page's own stamp in its margin, and the number of pages; raises like ``pdf``."""
        return pdf.write_stamped(self.html, styles=self.styles, stamp=stamp)


def paper_of(template: str, context: Mapping[str, Any], *, styles: tuple[str, ...] = OFFICIAL) -> Paper:
    """Return the paper of a template (which extends ``print/official.html``) with its facts."""
    return Paper(render_to_string(template, dict(context)), tuple(map(style_named, styles)))


def style_named(name: str) -> str:
    """Return the text of a style sheet of the house; raises ``FileNotFoundError``."""
    found = finders.find(name)
    if found is None:
        raise FileNotFoundError(name)
    return Path(found).read_text(encoding="utf-8")
