"""A paper as a file of one of its forms, and as an answer."""

from io import BytesIO
from typing import Any

from django.http import FileResponse

from declarations.papers import kept_paper
from sihao.documents import docx, workbook
from sihao.documents.intake.kinds import MIME_TYPES
from sihao.documents.paper import Paper
from sihao.ui.press import laid_out

ENDINGS = frozenset({"pdf", "docx", "xlsx"})


def file_of(paper: Paper, ending: str) -> Any:
    """Return a paper's file, open for reading; a PDF that was made before is not made again."""
    if ending == "docx":
        return BytesIO(docx.write(paper))
    if ending == "xlsx":
        file = BytesIO()
        workbook.write(paper, file)
        file.seek(0)
        return file
    printed = laid_out(paper)
    return kept_paper(printed.digest, printed.pdf)


def handed_over(file: Any, name: str, ending: str) -> FileResponse:
    """Return a paper's file as an answer that nothing keeps; a PDF opens in the browser."""
    response = FileResponse(
        file, as_attachment=ending != "pdf", filename=name, content_type=MIME_TYPES[ending]
    )
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
