"""Binding a book: papers and files of others put into one PDF, page by page, with bookmarks; memory does not grow."""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from pikepdf import Name, OutlineItem, Page, PasswordError, Pdf, PdfError, Rectangle
from PIL import Image, ImageOps

MM = 72 / 25.4
A4 = (210 * MM, 297 * MM)
ROOM = Rectangle(20 * MM, 30 * MM, 190 * MM, 269 * MM)
"""Where a page of somebody else's is set: below its head, above the number."""
SIDE = 2_000
"""Pixels of the longer side of a picture: 200 dpi on this page."""
MOST_PAGES = 300
PICTURES = frozenset({"jpeg", "png"})


class CannotBind(Exception):
    """A file whose pages cannot be set; the text says why, for people."""


def pages_of(file: BinaryIO, kind: str) -> int:
    """Return how many pages a file takes in the book; raises ``CannotBind``."""
    if kind in PICTURES:
        _picture(file)
        return 1
    if kind != "pdf":
        raise CannotBind("不是PDF或者图片，原件见系统")
    with _opened(file) as document:
        return _counted(document)


def _counted(document: Pdf) -> int:
    try:
        pages = len(document.pages)
    except (PdfError, ValueError, RuntimeError) as problem:
        raise CannotBind("文件已损坏，不能读出") from problem
    if not 0 < pages <= MOST_PAGES:
        raise CannotBind(f"共{pages}页，超过{MOST_PAGES}页不装入，原件见系统")
    return pages


def _opened(file: BinaryIO) -> Pdf:
    file.seek(0)
    try:
        return Pdf.open(file)
    except PasswordError as problem:
        raise CannotBind("文件已加密，不能读出") from problem
    except (PdfError, ValueError, RuntimeError) as problem:
        raise CannotBind("文件已损坏，不能读出") from problem


def _picture(file: BinaryIO) -> Image.Image:
    """Return a picture upright, on white, no larger than the page needs."""
    file.seek(0)
    try:
        with Image.open(file, formats=["JPEG", "PNG"]) as found:
            found.draft("RGB", (SIDE, SIDE))
            upright = ImageOps.exif_transpose(found)
            upright.thumbnail((SIDE, SIDE))
            if upright.mode in {"RGBA", "LA", "P"}:
                ground = Image.new("RGB", upright.size, "white")
                ground.paste(upright.convert("RGBA"), mask=upright.convert("RGBA").getchannel("A"))
                return ground
            return upright.convert("RGB")
    # A broken picture makes its decoder raise whatever it likes (struct.error, IndexError, SyntaxError …); the book is
    # bound all the same, and says which picture cannot be read.
    except Exception as problem:
        raise CannotBind("图片已损坏，不能读出") from problem


def set_into(frames: bytes, file: BinaryIO, kind: str, target: Path) -> None:
    """Write the file's pages, each scaled into its frame; raises ``CannotBind`` where they cannot be set."""
    with Pdf.open(BytesIO(frames)) as book, _source(file, kind) as source:
        try:
            for number, (frame, page) in enumerate(zip(book.pages, source.pages, strict=True), start=1):
                page.contents_coalesce()
                _place(frame, page, Name(f"/Evidence{number}"))
            book.save(target, deterministic_id=True)
        except (PdfError, ValueError, RuntimeError) as problem:
            raise CannotBind("文件已损坏，不能读出") from problem


def _place(frame: Page, page: Page, name: Name) -> None:
    """Set a page into its frame under a name that is no chance's, so that the same book has the same bytes."""
    placed = page.as_form_xobject()
    frame.add_resource(placed, Name.XObject, name)
    drawing = frame.calc_form_xobject_placement(placed, name, ROOM, allow_shrink=True, allow_expand=True)
    frame.contents_add(b"q\n", prepend=True)
    frame.contents_add(b"Q\n", prepend=False)
    frame.contents_add(drawing, prepend=False)
    frame.contents_coalesce()


def _source(file: BinaryIO, kind: str) -> Pdf:
    if kind == "pdf":
        return _opened(file)
    page = BytesIO()
    _picture(file).save(page, "PDF", quality=85, resolution=200)
    return Pdf.open(page)


@dataclass(frozen=True)
class Chapter:
    """One part of a book on disk: its bookmark, the one it stands under, and whether it begins on a right page."""

    title: str
    path: Path
    under: str = ""
    right: bool = True


def bind(chapters: Sequence[Chapter], target: Path, *, title: str) -> int:
    """Write the chapters as one book with bookmarks and return its pages; they are copied from disk to disk."""
    with ExitStack() as open_files, Pdf.new() as book:
        marks: list[tuple[Chapter, int]] = []
        for chapter in chapters:
            if chapter.right and len(book.pages) % 2:
                book.add_blank_page(page_size=A4)
            part = open_files.enter_context(Pdf.open(chapter.path))
            marks.append((chapter, len(book.pages)))
            book.pages.extend(part.pages)
        _bookmark(book, marks)
        with book.open_metadata(set_pikepdf_as_editor=False) as metadata:
            metadata["dc:title"] = title
        book.save(target, deterministic_id=True)
        return len(book.pages)


def _bookmark(book: Pdf, marks: Iterable[tuple[Chapter, int]]) -> None:
    with book.open_outline() as outline:
        groups: dict[str, OutlineItem] = {}
        for chapter, page in marks:
            item = OutlineItem(chapter.title, page)
            if not chapter.under:
                outline.root.append(item)
                continue
            if chapter.under not in groups:
                groups[chapter.under] = OutlineItem(chapter.under, page)
                outline.root.append(groups[chapter.under])
            groups[chapter.under].children.append(item)


def even(pages: int) -> int:
    """Return the pages with the blank one that lets the next chapter begin on a right page."""
    return pages + pages % 2


def count(pdf: bytes) -> int:
    """Return how many pages a PDF of ours has."""
    with Pdf.open(BytesIO(pdf)) as document:
        return len(document.pages)
