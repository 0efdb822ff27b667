"""A page as PDF: HTML and styles in, the file's bytes out; the same input gives the same bytes."""

import logging
from collections.abc import Iterable
from hashlib import sha256

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
    try:
        import weasyprint  # noqa: PLC0415 takes a second to load and most processes never make a PDF
        from weasyprint.urls import URLFetcher  # noqa: PLC0415 the same
    except (ImportError, OSError) as problem:
        log.warning("no PDF: %s", problem)
        raise CannotPrint("本机缺少生成PDF所需的组件，请联系系统管理员，或下载表格。") from problem
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    texts = list(styles)
    own_alone = URLFetcher(allowed_protocols={"data"})
    page = weasyprint.HTML(string=html, base_url="", url_fetcher=own_alone)
    sheets = [weasyprint.CSS(string=text, url_fetcher=own_alone) for text in texts]
    identifier = digest_of(html, texts).encode()[:32]
    return page.write_pdf(stylesheets=sheets, pdf_identifier=identifier, pdf_tags=True)
