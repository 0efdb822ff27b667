"""A list's papers as they are sealed: laid out from their one definition, with a code of its own on every page."""

from declarations.exports.papers.lists import paper_of_list
from declarations.models import Batch, SealedPaper
from declarations.queries.batches import mark_of
from declarations.seals import SHORT
from sihao.documents.codes import svg_of
from sihao.ui.papers import Paper
from sihao.ui.press import laid_out

SEALED = ("css/sealed.css",)
SIDE = 25.0  # millimetres of a code with its white margin


def sealed_paper(batch: Batch, paper: SealedPaper) -> Paper:
    """Return one of the papers that are sealed or signed, ready to be printed."""
    return laid_out(paper_of_list(batch, paper), SEALED)


def printed(batch: Batch, paper: SealedPaper) -> tuple[bytes, int]:
    """Return the PDF of a sealed paper and its number of pages; each page says what it is, also to a machine."""
    mark = mark_of(batch, paper)
    head = f"{batch.unit}　名单第{mark.version}版　{paper.get_kind_display()}第{mark.edition}稿"
    digest = mark.digest[:SHORT].upper()

    def stamp(page: int, pages: int) -> str:
        own = mark.on(page, pages)
        lines = f"{head}\\A 第{page}页，共{pages}页　摘要值 {digest}　校验码 {own.check}"
        return (
            f"@page :nth({page}) {{ @top-right {{ content: url({svg_of(own.text, SIDE)}) }}"
            f' @top-left {{ content: "{lines}" }} }}'
        )

    return sealed_paper(batch, paper).stamped(stamp)
