"""Many files as one .zip: readable names, a manifest of digests, and the same bytes whenever the same is in it.

Each file is made once and kept in a folder beside, whole or not at all: who goes on after a crash makes what is left.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest, sha256
from pathlib import Path
from shutil import copyfileobj
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from sihao.documents.table import BEIJING

MANIFEST, TOLD = "清单.sha256", "说明.txt"
PIECE = 1 << 20
READ_ALL = 0o644 << 16
VERIFY = (
    "清单.sha256列有每个文件的SHA-256摘要值。解压后在本文件夹内运行 sha256sum -c 清单.sha256，逐个文件核对；"
    "Windows可以用 certutil -hashfile 文件名 SHA256 查看单个文件的摘要值。"
)


@dataclass(frozen=True)
class Piece:
    """One file of the .zip: its path in it, and what writes it to a path on disk."""

    name: str
    make: Callable[[Path], None]


def gather(pieces: Sequence[Piece], kept: Path, progress: Callable[[int, int], None]) -> None:
    """Make each piece that is not kept yet, and tell of these alone; a piece that has its name is whole."""
    for done, (piece, path) in enumerate(zip(pieces, _places(pieces, kept), strict=True)):
        if path.exists():
            continue
        progress(done, len(pieces) + 1)
        part = path.with_suffix(".part")
        piece.make(part)
        _sync(part)
        part.replace(path)


def pack(pieces: Sequence[Piece], kept: Path, target: Path, *, told: str, at: datetime) -> None:
    """Write the pieces, the manifest and what is told of them as a .zip; its bytes follow from these alone."""
    day = at.astimezone(BEIJING)
    when = (day.year, day.month, day.day, day.hour, day.minute, 0)
    lines = []
    with ZipFile(target, "w") as file:
        for piece, path in zip(pieces, _places(pieces, kept), strict=True):
            _copy(file, piece.name, path, when)
            with path.open("rb") as source:
                lines.append(f"{file_digest(source, 'sha256').hexdigest()}  {piece.name}\n")
        for name, text in ((MANIFEST, "".join(lines)), (TOLD, f"{told}\n{VERIFY}\n")):
            file.writestr(_entry(name, when, ZIP_DEFLATED), text.encode())


def _places(pieces: Sequence[Piece], kept: Path) -> Iterator[Path]:
    for number, piece in enumerate(pieces):
        yield kept / f"{number:05d}-{sha256(piece.name.encode()).hexdigest()[:16]}"


def _entry(name: str, when: tuple[int, int, int, int, int, int], how: int) -> ZipInfo:
    entry = ZipInfo(name, date_time=when)
    entry.compress_type, entry.external_attr, entry.create_system = how, READ_ALL, 3
    return entry


def _copy(file: ZipFile, name: str, path: Path, when: tuple[int, int, int, int, int, int]) -> None:
    entry = _entry(name, when, ZIP_STORED)
    entry.file_size = path.stat().st_size
    with path.open("rb") as source, file.open(entry, "w") as target:
        copyfileobj(source, target, PIECE)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
