"""What a child process does with a file that could harm its parent: judge a PDF, draw a picture, read what it holds.

Run as a program, it loads the parsers and forks one child for each file; the child limits its own memory and time
before it looks at the file. It imports nothing of the house, so that it starts quickly and alone.
"""

import gc
import json
import os
import re
import resource
import signal
import socket
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime
from io import BytesIO
from posixpath import join, normpath
from typing import Any, BinaryIO
from xml.etree import ElementTree as ET
from zipfile import ZipFile

MEGABYTE = 1024 * 1024
MEMORY = {
    "pdf": 512 * MEGABYTE,
    "image": 1024 * MEGABYTE,
    "workbook": 768 * MEGABYTE,
    "codes": 1536 * MEGABYTE,
    "text": 768 * MEGABYTE,
    "look": 1024 * MEGABYTE,
}
SECONDS = 8
SECONDS_FOR = {"codes": 45}
PATIENCE = 60  # seconds by the clock, after which a child ends whatever it waits for
MAX_OBJECTS = 200_000
FLATE_MEMORY = 64 * MEGABYTE
PREVIEW_SIDE = 2_400
MAX_SHEETS = 50
MAX_SHEET_ROWS = 20_010
MAX_SHEET_COLUMNS = 200
MAX_SHEET_TEXT = 30 * MEGABYTE
MAX_FORMULAS = 1_000
CODE_DPI = 200
CODE_SIDE = 2_600  # pixels of the longer side that a page is read at: A4 at some 220 dpi
CODE_SECONDS = 12.0  # after which no further page is begun; the caller asks again for the rest
CODE_PAGE_SECONDS = 8.0  # after which a page is given up
CODE_LENGTH = 200
TEXT_LENGTH = 20_000  # characters of a file that are read: some twelve printed pages
TEXT_SECONDS = 5.0  # after which no further page is begun
TEXT_ROWS, TEXT_COLUMNS = 2_000, 60  # of a sheet
LOOK_SIDE = 9  # fields across and down: eight differences of neighbours either way

_EMBEDDED = frozenset({"/FileAttachment", "/RichMedia", "/Screen", "/3D", "/Movie", "/Sound"})
_ACTIONS = frozenset(
    {
        "/JavaScript",
        "/Launch",
        "/ImportData",
        "/SubmitForm",
        "/GoToR",
        "/GoToE",
        "/Rendition",
        "/Movie",
        "/Sound",
        "/RichMediaExecute",
        "/Trans3D",
    }
)
_SUSPECT = re.compile(
    b"|".join(name.encode() for name in _ACTIONS | _EMBEDDED)
    + b"|/JS|/JavaScript|/XFA|/EF|/EmbeddedFiles|/OpenAction|/AA"
)
_FORMULA = re.compile(
    rb"<(?:[\w.-]+:)?c\s(?:[^<>]*\s)?r\s*=\s*[\"']([A-Z]{1,3}[0-9]{1,7})[\"'][^<>]*>\s*<(?:[\w.-]+:)?f[\s/>]"
)
_GAVE_UP = ("limit exceeded", "limit reached", "bad_alloc")
_UNREAD = ("error decoding stream data", "error reading object")
_HARMLESS_BY_ITSELF = frozenset({"/GoTo", "/Named"})


def judge_pdf(file: BinaryIO) -> dict[str, Any]:
    """Return ``{"pages": n}``, or ``{"refused": word}`` with one of locked, restricted, damaged, or what it carries."""
    import pikepdf  # noqa: PLC0415 the limits of the process must stand before it is loaded

    pikepdf.settings.set_qpdf_limits(
        parser_max_nesting=100, parser_max_container_size=2_000_000, flate_max_memory=FLATE_MEMORY
    )
    mode = pikepdf.AccessMode.mmap  # five times as fast as through a Python stream
    try:
        with pikepdf.Pdf.open(file, access_mode=mode, suppress_warnings=True, attempt_recovery=False) as pdf:
            return _judged(pdf, pikepdf)
    except pikepdf.PasswordError:
        return {"refused": "locked"}
    except MemoryError:
        return {"refused": "complex"}
    except Exception as problem:  # noqa: BLE001 whatever a forged file makes the parser raise, it is damaged
        return {"refused": _how_bad([str(problem)]) or "damaged"}


def _judged(pdf: Any, pikepdf: Any) -> dict[str, Any]:
    if pdf.is_encrypted:
        return {"refused": "restricted"}
    if int(pdf.trailer.get("/Size", 0)) > MAX_OBJECTS or len(pdf.objects) > MAX_OBJECTS:
        return {"refused": "complex"}
    for found in _findings(pdf, pikepdf):
        return {"refused": found}
    if unread := _how_bad([str(warning) for warning in pdf.get_warnings()]):
        return {"refused": unread}
    if not len(pdf.pages):
        return {"refused": "damaged"}
    for page in pdf.pages:
        page.mediabox  # noqa: B018 a page without a size cannot be shown
    return {"pages": len(pdf.pages)}


def _how_bad(complaints: list[str]) -> str:
    """Return complex or damaged when the parser had to leave a part unread, where anything might hide."""
    said = " ".join(complaints)
    if any(word in said for word in _GAVE_UP):
        return "complex"
    return "damaged" if any(word in said for word in _UNREAD) else ""


def _findings(pdf: Any, pikepdf: Any) -> Iterator[str]:
    """Yield what the file carries beyond pages, wherever it hides: every object is looked at, used or not."""
    for item in pdf.objects:
        waiting = [item] if _SUSPECT.search(_written(item, pikepdf)) else []
        while waiting:
            thing = waiting.pop()
            if isinstance(thing, pikepdf.Array):
                waiting += [child for child in thing if _is_direct(child, pikepdf)]
            elif isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
                yield from _carried(thing, pikepdf)
                waiting += [child for child in map(thing.get, thing.keys()) if _is_direct(child, pikepdf)]


def _written(item: Any, pikepdf: Any) -> bytes:
    """Return the object as PDF text, its names in their plain spelling; ten times as fast as walking through it."""
    if isinstance(item, pikepdf.Stream):
        item = item.stream_dict
    return item.unparse(resolved=True) if isinstance(item, pikepdf.Object) else b""


def _is_direct(thing: Any, pikepdf: Any) -> bool:
    return isinstance(thing, (pikepdf.Array, pikepdf.Dictionary)) and not thing.is_indirect


def _carried(thing: Any, pikepdf: Any) -> Iterator[str]:
    keys = set(thing.keys())
    if "/JS" in keys or "/JavaScript" in keys:
        yield "javascript"
    if "/XFA" in keys:
        yield "xfa"
    if keys & {"/EF", "/EmbeddedFiles"} or _name(thing, "/Subtype") in _EMBEDDED:
        yield "embedded"
    action = _name(thing, "/S")
    if action in _ACTIONS and _name(thing, "/Type") != "/StructElem":
        yield "javascript" if action == "/JavaScript" else "action"
    if any(_name(run, "/S") not in _ACTIONS | _HARMLESS_BY_ITSELF for run in _unasked(thing, pikepdf)):
        yield "action"


def _unasked(thing: Any, pikepdf: Any) -> list[Any]:
    """Return the actions that run without a click; a place where a document opens is none."""
    opening, others = thing.get("/OpenAction"), thing.get("/AA")
    events = others.as_dict().values() if isinstance(others, pikepdf.Dictionary) else ()
    return [run for run in (opening, *events) if isinstance(run, pikepdf.Dictionary)]


def _name(thing: Any, key: str) -> str:
    value = thing.get(key)
    return str(value) if value is not None and not isinstance(value, (bytes, dict)) else ""


def draw_anew(file: BinaryIO) -> bytes:
    """Return the picture decoded and encoded again, upright, at most 2,400 pixels a side, and nothing else of it."""
    from PIL import Image, ImageOps  # noqa: PLC0415 the limits of the process must stand before it is loaded

    Image.MAX_IMAGE_PIXELS = None  # the caller has looked at the size
    with Image.open(file, formats=["JPEG", "PNG"]) as image:
        kind = image.format or "PNG"
        image.draft("RGB", (PREVIEW_SIDE, PREVIEW_SIDE))
        image.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
        bare = _bare(ImageOps.exif_transpose(image), kind)
    out = BytesIO()
    bare.save(out, kind, **({"quality": 85} if kind == "JPEG" else {"optimize": False}))
    return out.getvalue()


def _bare(image: Any, kind: str) -> Any:
    """Return the pixels alone, in a mode every browser shows."""
    if kind == "JPEG":
        return _without_metadata(image.convert("RGB"))
    return _without_metadata(image.convert("RGBA" if image.has_transparency_data else "RGB"))


def _without_metadata(image: Any) -> Any:
    image.info.clear()
    return image


def read_workbook(file: BinaryIO) -> list[dict[str, Any]]:
    """Return name, extent, cells and formulas of every visible sheet; dates as a list of their kind and ISO text.

    A formula is given by the place of its cell: what a program has left there as its result may be out of date.
    Raises when the text of all cells together is more than a hand-filled workbook can hold.
    """
    import python_calamine  # noqa: PLC0415 the limits of the process must stand before it is loaded

    workbook = python_calamine.CalamineWorkbook.from_filelike(file)
    shown = [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.visible is python_calamine.SheetVisibleEnum.Visible
        and sheet.typ is python_calamine.SheetTypeEnum.WorkSheet
    ]
    room, formulas = [MAX_SHEET_TEXT], _formulas(file)
    return [
        _read_sheet(workbook.get_sheet_by_name(name), room) | {"formulas": formulas.get(name, [])}
        for name in shown[:MAX_SHEETS]
    ]


def _formulas(file: BinaryIO) -> dict[str, list[str]]:
    """Return the places of the formulas by sheet; the parser of cells tells only their results."""
    file.seek(0)
    with ZipFile(file) as package:
        parts = set(package.namelist())
        related = ET.fromstring(package.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 the intake has refused DTDs
        targets = {one.get("Id"): normpath(join("xl", one.get("Target", ""))).lstrip("/") for one in related}
        book = ET.fromstring(package.read("xl/workbook.xml"))  # noqa: S314 the same
        sheets = {one.get("name"): _target(one, targets) for one in book.iter() if one.tag.endswith("}sheet")}
        return {name: _places(package.read(part)) for name, part in sheets.items() if part in parts}


def _target(sheet: Any, targets: dict[str, str]) -> str:
    """Return the part of a sheet, by the relation it names."""
    return next((targets.get(value, "") for name, value in sheet.attrib.items() if name.endswith("}id")), "")


def _places(sheet: bytes) -> list[str]:
    return [found[1].decode() for found, _ in zip(_FORMULA.finditer(sheet), range(MAX_FORMULAS), strict=False)]


def _read_sheet(sheet: Any, room: list[int]) -> dict[str, Any]:
    last_row, last_column = sheet.end or (-1, -1)
    extent = {"name": sheet.name, "height": last_row + 1, "width": last_column + 1, "rows": []}
    if last_row >= MAX_SHEET_ROWS or last_column >= MAX_SHEET_COLUMNS:
        return extent
    extent["rows"] = [[_told(cell, room) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    return extent


def _told(cell: Any, room: list[int]) -> Any:
    if isinstance(cell, str):
        room[0] -= len(cell)
        if room[0] < 0:
            raise MemoryError
        return cell
    if isinstance(cell, (datetime, date)):
        return ["datetime" if isinstance(cell, datetime) else "date", cell.isoformat()]
    return cell if isinstance(cell, (bool, int, float)) else str(cell)


def read_codes(file: BinaryIO, first: int = 0) -> dict[str, Any]:
    """Return ``{"pages": n, "read": [[text, …], …]}``: the QR codes found page by page, from page ``first`` on.

    Begins no page once its time is over: the caller asks again for those that are left.
    """
    import cv2  # noqa: PLC0415 the limits of the process must stand before it is loaded

    cv2.setNumThreads(1)
    begun = time.monotonic()
    read: list[list[str]] = []
    pages, number = _pages_of(file)
    for page in pages(first):
        read.append(_codes_on(page, cv2))
        if time.monotonic() - begun > CODE_SECONDS:
            break
    return {"pages": number, "read": read}


def _pages_of(file: BinaryIO) -> tuple[Callable[[int], Iterator[Any]], int]:
    """Return what yields the pages as pictures (height, width, BGR) from one on, and how many there are."""
    beginning = file.read(5)
    file.seek(0)
    if beginning == b"%PDF-" or not beginning.startswith((b"\x89PNG", b"\xff\xd8")):
        return _pages_of_pdf(file)
    return (lambda first: iter([_picture(file)][first:])), 1


def _pages_of_pdf(file: BinaryIO) -> tuple[Callable[[int], Iterator[Any]], int]:
    import pypdfium2  # noqa: PLC0415 the limits of the process must stand before it is loaded

    document = pypdfium2.PdfDocument(file.read())

    def drawn(first: int) -> Iterator[Any]:
        for number in range(first, len(document)):
            page = document[number]
            scale = min(CODE_DPI / 72, CODE_SIDE / max(page.get_size()))
            yield page.render(scale=scale, rev_byteorder=False).to_numpy()[:, :, :3]
            page.close()

    return drawn, len(document)


def _picture(file: BinaryIO) -> Any:
    import numpy as np  # noqa: PLC0415 the limits of the process must stand before it is loaded
    from PIL import Image, ImageOps  # noqa: PLC0415 the same

    Image.MAX_IMAGE_PIXELS = None  # the intake has looked at the size
    with Image.open(file, formats=["JPEG", "PNG"]) as image:
        image.draft("RGB", (CODE_SIDE, CODE_SIDE))
        image.thumbnail((CODE_SIDE, CODE_SIDE), Image.Resampling.BOX)
        upright = ImageOps.exif_transpose(image)
        if upright.has_transparency_data:
            upright = upright.convert("RGBA")
            white = Image.new("RGBA", upright.size, "white")
            upright = Image.alpha_composite(white, upright)
        return np.asarray(upright.convert("RGB"))[:, :, ::-1]


def _codes_on(page: Any, cv2: Any) -> list[str]:
    """Return the codes of one page; the first way of looking at it that finds any is the last."""
    detector, until = cv2.QRCodeDetectorAruco(), time.monotonic() + CODE_PAGE_SECONDS
    for look in _looks(page, cv2):
        try:
            _, texts, _, _ = detector.detectAndDecodeMulti(look)
        except cv2.error:
            texts = ()
        if found := [text[:CODE_LENGTH] for text in texts if text]:
            return found
        if time.monotonic() > until:
            break
    return []


def _looks(page: Any, cv2: Any) -> Iterator[Any]:
    """Yield the page as it is looked at: by its red alone, in which a red seal is nearly white; then corner by corner,

    larger, smoother, in two tones. The codes of the house stand in a corner, whichever way up the page was scanned.
    """
    import numpy as np  # noqa: PLC0415 loaded with the pictures

    red = np.ascontiguousarray(page[:, :, 2])
    yield red
    height, width = red.shape
    tall, wide = max(1, int(height * 0.34)), max(1, int(width * 0.46))
    above, below = slice(0, tall), slice(height - tall, height)
    left, right = slice(0, wide), slice(width - wide, width)
    corners = (red[above, right], red[below, left], red[above, left], red[below, right])
    for way in _ways(cv2):
        for corner in corners:
            yield way(np.ascontiguousarray(corner))


def _ways(cv2: Any) -> list[Callable[[Any], Any]]:
    def larger(times: int) -> Callable[[Any], Any]:
        return lambda part: cv2.resize(part, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC)

    def smooth(sigma: float) -> Callable[[Any], Any]:
        return lambda part: cv2.GaussianBlur(part, (0, 0), sigma)

    def two_tones(part: Any) -> Any:
        return cv2.threshold(part, 0, 255, cv2.THRESH_OTSU)[1]

    def by_surroundings(part: Any) -> Any:
        block, below = 51, 12
        return cv2.adaptiveThreshold(
            part, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, block, below
        )

    twice = larger(2)
    return [
        twice,
        smooth(1),
        lambda part: twice(smooth(1)(part)),
        lambda part: cv2.medianBlur(part, 3),
        lambda part: two_tones(smooth(0.8)(part)),
        lambda part: by_surroundings(cv2.medianBlur(twice(part), 5)),
        lambda part: larger(3)(smooth(0.7)(part)),
    ]


def read_text(file: BinaryIO) -> str:
    """Return the words of a PDF, DOCX, XLSX or OFD, the first 20,000 characters: what stands there as text.

    A page that was scanned has none.
    """
    beginning = file.read(5)
    file.seek(0)
    if beginning == b"%PDF-":
        return _filled(_words_of_pdf(file))
    with ZipFile(file) as package:
        names = package.namelist()
        if "xl/workbook.xml" in names:
            return _filled(_words_of_sheets(file))
        if "word/document.xml" in names:
            return _filled(_words_of_part(package, "word/document.xml", "t", "p"))
        pages = sorted((name for name in names if name.endswith("/Content.xml")), key=_by_number)
        return _filled(word for page in pages for word in _words_of_part(package, page, "TextCode", "TextObject"))


def _filled(words: Iterator[str]) -> str:
    """Return the words one after the other, as far as there is room and time."""
    parts, room, until = [], TEXT_LENGTH, time.monotonic() + TEXT_SECONDS
    for word in words:
        parts.append(word[:room])
        room -= len(parts[-1])
        if room <= 0 or time.monotonic() > until:
            break
    return "".join(parts)


def _words_of_pdf(file: BinaryIO) -> Iterator[str]:
    import pypdfium2  # noqa: PLC0415 the limits of the process must stand before it is loaded

    document = pypdfium2.PdfDocument(file.read())
    for number in range(len(document)):
        page = document[number]
        text = page.get_textpage()
        yield text.get_text_range(count=min(text.count_chars(), TEXT_LENGTH)) + "\n"
        text.close()
        page.close()


def _words_of_sheets(file: BinaryIO) -> Iterator[str]:
    import python_calamine  # noqa: PLC0415 the limits of the process must stand before it is loaded

    file.seek(0)
    workbook = python_calamine.CalamineWorkbook.from_filelike(file)
    for sheet in workbook.sheets_metadata[:MAX_SHEETS]:
        if sheet.visible is not python_calamine.SheetVisibleEnum.Visible:
            continue
        if sheet.typ is python_calamine.SheetTypeEnum.WorkSheet:
            for row in workbook.get_sheet_by_name(sheet.name).to_python(nrows=TEXT_ROWS):
                cells = (cell for cell in row[:TEXT_COLUMNS] if isinstance(cell, str) and cell)
                yield " ".join(cells) + "\n"


def _words_of_part(package: ZipFile, name: str, word: str, line: str) -> Iterator[str]:
    """Yield the text of the elements of that name, and an end of line after each of the other."""
    with package.open(name) as part:
        for _, element in ET.iterparse(part):  # noqa: S314 the intake has refused DTDs
            local = element.tag.rpartition("}")[2]
            if local == word and element.text:
                yield element.text
            elif local == line:
                yield "\n"
            element.clear()


def _by_number(name: str) -> list[tuple[int, str]]:
    """Return a key by which Page_2 stands before Page_10."""
    return [(int(part or 0), word) for word, part in re.findall(r"([^0-9]*)([0-9]*)", name)]


def look_at(file: BinaryIO) -> dict[str, Any]:
    """Return how a picture looks: ``{"levels": [[…], …]}``, nine rows of nine fields in grey, upright, on white."""
    from PIL import Image, ImageOps  # noqa: PLC0415 the limits of the process must stand before it is loaded

    Image.MAX_IMAGE_PIXELS = None  # the intake has looked at the size
    with Image.open(file, formats=["JPEG", "PNG"]) as image:
        image.draft("RGB", (LOOK_SIDE * 32, LOOK_SIDE * 32))
        image.thumbnail((LOOK_SIDE * 32, LOOK_SIDE * 32), Image.Resampling.BOX)
        upright = ImageOps.exif_transpose(image)
        if upright.has_transparency_data:
            upright = upright.convert("RGBA")
            upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright)
        small = upright.convert("L").resize((LOOK_SIDE, LOOK_SIDE), Image.Resampling.BOX)
    levels = list(small.tobytes())
    return {"levels": [levels[at : at + LOOK_SIDE] for at in range(0, len(levels), LOOK_SIDE)]}


def _limit_self(memory: int, seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Stand ready with the parsers loaded; for each order on standard input fork a child that does it.

    An order is a task with two descriptors: the file, and the pipe for the answer. No more orders: the end.
    """
    import pikepdf  # noqa: F401, PLC0415 loaded once, before there is any file
    import python_calamine  # noqa: F401, PLC0415 the same
    from PIL import ImageOps, JpegImagePlugin, PngImagePlugin  # noqa: F401, PLC0415 the same

    signal.signal(signal.SIGCHLD, _reap)
    gc.freeze()
    with socket.socket(fileno=0) as orders:
        while order := socket.recv_fds(orders, 16, 2):
            task, handed, _, _ = order
            if not task:
                return
            if os.fork() == 0:
                _serve(task.decode(), *handed)
            for one in handed:
                os.close(one)


def _reap(number: int, frame: object) -> None:
    """Take leave of children that are done."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _serve(task: str, source: int, answer: int) -> None:
    """Do one task in this process, with limits, and end; a task that fails answers nothing."""
    status = 1
    try:
        os.close(0)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.alarm(PATIENCE)
        kind, _, first = task.partition("@")
        _limit_self(MEMORY[kind], SECONDS_FOR.get(kind, SECONDS))
        with os.fdopen(source, "rb") as file:
            told = TASKS[kind](file, int(first)) if first else TASKS[kind](file)
        with os.fdopen(answer, "wb") as out:
            out.write(len(told).to_bytes(8, "big") + told)
        status = 0
    finally:
        os._exit(status)


def _in_json(task: Callable[..., Any]) -> Callable[..., bytes]:
    return lambda file, *more: json.dumps(task(file, *more)).encode()


TASKS: dict[str, Callable[..., bytes]] = {
    "pdf": _in_json(judge_pdf),
    "image": draw_anew,
    "workbook": _in_json(read_workbook),
    "codes": _in_json(read_codes),
    "text": _in_json(read_text),
    "look": _in_json(look_at),
}


if __name__ == "__main__":
    main()
