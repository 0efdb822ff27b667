"""A page as PDF: HTML and styles in, the file's bytes out; the same input gives the same bytes."""

import logging
from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import sha256
from typing import Any

log = logging.getLogger(__name__)


class CannotPrint(Exception):
    """This machine lacks what makes a PDF (see .ci/setup); the text says so, for people."""


def digest_of(html: str, styles: Iterable[str]) -> str:
    """Return what tells one paper from another: the digest of its text and its styles."""
    return sha256("\0".join([html, *styles]).encode()).hexdigest()


def write(html: str, *, styles: Iterable[str] = ()) -> bytes:
    """Return the PDF of a page with fonts embedded. Nothing is fetched but ``data:`` addresses of the page itself.

    Raises ``CannotPrint`` where the libraries for it are missing.
    """
    return _Press(html, list(styles)).pdf()


def write_stamped(
    html: str, *, styles: Iterable[str] = (), stamp: Callable[[int, int], str]
) -> tuple[bytes, int]:
    """Return the PDF of which every page carries something of its own, and how many pages it has.

    ``stamp(page, pages)`` is the style of that page's margins (``@page :nth(…)``); it must not change the size of the
    page's content, as the pages are counted before they are stamped. Raises ``CannotPrint`` like ``write``.
    """
    press = _Press(html, list(styles))
    pages = len(press.page.render(stylesheets=press.sheets).pages)
    return press.pdf("".join(stamp(page, pages) for page in range(1, pages + 1))), pages


class _Press:
    """A page laid ready with its styles."""

    def __init__(self, html: str, styles: list[str]) -> None:
        weasyprint, fetcher = _loaded()
        self.page = weasyprint.HTML(string=html, base_url="", url_fetcher=fetcher)
        self.sheets = [_sheet(text) for text in styles]
        self._identifier = digest_of(html, styles).encode()[:32]

    def pdf(self, further: str = "") -> bytes:
        """Return the page printed, with further styles behind the others."""
        sheets = [*self.sheets, _sheet(further)] if further else self.sheets
        return self.page.write_pdf(stylesheets=sheets, pdf_identifier=self._identifier, pdf_tags=True)


@lru_cache(maxsize=32)
def _sheet(text: str) -> Any:
    """Return the styles of a text, read once: reading the house's own takes as long as laying out a page."""
    weasyprint, fetcher = _loaded()
    return weasyprint.CSS(string=text, url_fetcher=fetcher)


def _loaded() -> tuple[Any, Any]:
    try:
        import weasyprint  # noqa: PLC0415 takes a second to load and most processes never make a PDF
        from weasyprint.urls import URLFetcher  # noqa: PLC0415 the same
    except (ImportError, OSError) as problem:
        log.warning("no PDF: %s", problem)
        raise CannotPrint("本机缺少生成PDF所需的组件，请联系系统管理员，或下载表格。") from problem
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    return weasyprint, URLFetcher(allowed_protocols={"data"})
