"""What an accepted file holds, as far as files are compared: its words, how it looks, when it was taken."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from sihao.documents.intake import child
from sihao.documents.photo import taken_at

PICTURES = frozenset({"jpeg", "png"})
Levels = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Content:
    """The words of a document, or the grey levels of a picture (nine rows of nine) and its instant.

    ``readable`` is False where the probe gave up: nothing is said of such a file.
    """

    text: str = ""
    levels: Levels = ()
    taken_at: datetime | None = None
    readable: bool = True


def content_of(file: BinaryIO, kind: str) -> Content:
    """Return what a file holds that the intake has let in; it is opened in the probe, never here.

    Raises ``UnacceptableFile`` when the machine is too busy. The file stands at its beginning afterwards.
    """
    pictured = kind in PICTURES
    answer = child.run("look" if pictured else "text", file)
    file.seek(0)
    taken = taken_at(file) if pictured else None
    if answer is None:
        return Content(taken_at=taken, readable=False)
    told = json.loads(answer)
    if pictured:
        return Content(levels=tuple(map(tuple, told["levels"])), taken_at=taken)
    return Content(text=told.replace("\x00", ""))
