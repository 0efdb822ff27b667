"""A package for the archive: folders filled part by part, a sorted manifest, the same bytes whenever the same is in it.

A part fills a folder with files by their place in the package; it is kept whole or not at all, so that who goes on
after a crash makes what is left. A file of the store is a symbolic link there, and read when the package is written.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from sihao.documents.table import BEIJING

FORMAT = "sihao-archive-1"
MANIFEST, SUMS = "清单.json", "清单.sha256"
VERIFIER, TOLD = "verify.py", "说明.txt"
PIECE = 1 << 20
READ_ALL = 0o644 << 16
PLAIN = frozenset({".json", ".txt", ".toml", ".py", ".sha256"})
When = tuple[int, int, int, int, int, int]


@dataclass(frozen=True)
class Part:
    """Some files of the package: what it is called among the parts, and what writes them into a folder."""

    name: str
    fill: Callable[[Path], None]


@dataclass(frozen=True)
class Packed:
    """What a package came to: how many files, how many bytes they have, and the digest of the manifest."""

    files: int
    size: int
    digest: str


def verifier() -> str:
    """Return the text of the check program that every package carries."""
    return Path(__file__).with_name(VERIFIER).read_text(encoding="utf-8")


def gather(parts: Sequence[Part], kept: Path, progress: Callable[[int, int], None]) -> None:
    """Fill each part that is not kept yet; a part that has its name is whole."""
    for done, (part, folder) in enumerate(zip(parts, _places(parts, kept), strict=True)):
        progress(done, len(parts) + 1)
        if folder.exists():
            continue
        passing = folder.with_suffix(".part")
        rmtree(passing, ignore_errors=True)
        passing.mkdir()
        part.fill(passing)
        _sync(passing)
        passing.replace(folder)


def pack(
    parts: Sequence[Part], kept: Path, target: Path, *, facts: Mapping[str, str], at: datetime, beat: Callable[[], None]
) -> Packed:
    """Write the files of all parts by their paths, then the two manifests; the bytes follow from these alone.

    Raises ``ValueError`` where two parts have a file of one path.
    """
    day = at.astimezone(BEIJING)
    when = (day.year, day.month, day.day, day.hour, day.minute, 0)
    lines: list[dict[str, object]] = []
    with ZipFile(target, "w") as file:
        for name, path in sorted(_files(parts, kept).items()):
            digest = _copy(file, name, path, when)
            lines.append({"path": name, "size": path.stat().st_size, "sha256": digest})
            beat()
        sums = "".join(f"{line['sha256']}  {line['path']}\n" for line in lines).encode()
        file.writestr(_entry(SUMS, when), sums)
        lines.append({"path": SUMS, "size": len(sums), "sha256": sha256(sums).hexdigest()})
        lines.sort(key=lambda line: str(line["path"]))
        manifest = json.dumps({"format": FORMAT, **facts, "files": lines}, ensure_ascii=False, indent=0).encode()
        file.writestr(_entry(MANIFEST, when), manifest)
    size = sum(int(str(line["size"])) for line in lines) + len(manifest)
    return Packed(len(lines) + 1, size, sha256(manifest).hexdigest())


def _places(parts: Sequence[Part], kept: Path) -> Iterator[Path]:
    for number, part in enumerate(parts):
        yield kept / f"{number:05d}-{sha256(part.name.encode()).hexdigest()[:16]}"


def _files(parts: Sequence[Part], kept: Path) -> dict[str, Path]:
    """Return every file of the parts by its path in the package."""
    found: dict[str, Path] = {}
    for folder in _places(parts, kept):
        for path in _within(folder):
            name = path.relative_to(folder).as_posix()
            if name in found:
                raise ValueError(f"two parts have the file {name!r}")
            found[name] = path
    return found


def _within(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            yield from _within(path)
        else:
            yield path


def _entry(name: str, when: When) -> ZipInfo:
    entry = ZipInfo(name, date_time=when)
    entry.compress_type = ZIP_DEFLATED if Path(name).suffix in PLAIN else ZIP_STORED
    entry.external_attr, entry.create_system = READ_ALL, 3
    return entry


def _copy(file: ZipFile, name: str, path: Path, when: When) -> str:
    """Write one file and return the digest of what was written."""
    entry, digest = _entry(name, when), sha256()
    entry.file_size = path.stat().st_size
    with path.open("rb") as source, file.open(entry, "w") as target:
        while piece := source.read(PIECE):
            digest.update(piece)
            target.write(piece)
    return digest.hexdigest()


def _sync(folder: Path) -> None:
    for path in _within(folder):
        if not path.is_symlink():
            with path.open("rb") as file:
                os.fsync(file.fileno())
