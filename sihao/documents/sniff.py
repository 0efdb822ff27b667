"""What an uploaded file really is, and why it is refused."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from sihao.documents.intake import archive, child, ofd, ooxml
from sihao.documents.intake.blocks import BLOCK
from sihao.documents.intake.images import inspect_image
from sihao.documents.intake.kinds import (
    ACCEPTED,
    EXTENSIONS,
    MIME_TYPES,
    SUFFIXES,
    advice_for,
    what_it_looks_like,
)
from sihao.documents.intake.names import extension_of, refuse_name, safe_name
from sihao.documents.intake.pdf import inspect_pdf
from sihao.documents.intake.refusal import Reason, UnacceptableFile

__all__ = [
    "ACCEPTED",
    "Reason",
    "Sniffed",
    "UnacceptableFile",
    "clean_image",
    "inspect",
    "refuse_unseen",
    "safe_name",
]


@dataclass(frozen=True, slots=True)
class Sniffed:
    """A file that was taken in: what it is, its safe name, and its digest."""

    name: str
    kind: str
    mime: str
    extension: str
    pages: int | None
    size: int
    sha256: str


def inspect(file: BinaryIO, name: str, *, max_bytes: int) -> Sniffed:
    """Return what ``file`` is, judged by content and name together; raise ``UnacceptableFile`` with the reason.

    The file is read in blocks and never unpacked to disk; afterwards it stands at its beginning again. A refusal
    leaves nothing behind.
    """
    shown = safe_name(name)
    try:
        return _inspected(file, name, max_bytes)
    except UnacceptableFile as problem:
        raise problem.about(shown) from problem.__cause__
    finally:
        file.seek(0)


def refuse_unseen(name: str, size: int, *, max_bytes: int) -> None:
    """Raise ``UnacceptableFile`` for what name and size alone forbid, before a byte of the file is there."""
    try:
        refuse_name(name)
        _claimed_kind(name)
        _refuse_size(size, max_bytes)
    except UnacceptableFile as problem:
        raise problem.about(safe_name(name)) from None


def clean_image(file: BinaryIO) -> bytes:
    """Return a JPEG or PNG decoded and encoded again for preview: upright, at most 2,400 pixels a side, no metadata.

    Raises ``UnacceptableFile`` for a picture that cannot be decoded within the limits of the probe.
    """
    file.seek(0)
    kind = "png" if file.read(8).startswith(b"\x89PNG") else "jpeg"
    inspect_image(file, kind)
    drawn = child.run("image", file)
    file.seek(0)
    if not drawn:
        raise UnacceptableFile(Reason.DAMAGED, "图片无法解读", "请重新拍摄、扫描或导出后再上传")
    return drawn


def _inspected(file: BinaryIO, name: str, max_bytes: int) -> Sniffed:
    refuse_name(name)
    kind = _claimed_kind(name)
    size = _measured(file, max_bytes)
    pages = _judge(file, kind)
    return Sniffed(safe_name(name), kind, MIME_TYPES[kind], SUFFIXES[kind], pages, size, _digest(file))


def _claimed_kind(name: str) -> str:
    extension = extension_of(name)
    if extension not in EXTENSIONS:
        shown = f"扩展名“.{extension}”不在接受之列" if extension else "文件没有扩展名"
        raise UnacceptableFile(Reason.EXTENSION, shown, advice_for(extension))
    return EXTENSIONS[extension]


def _measured(file: BinaryIO, max_bytes: int) -> int:
    size = file.seek(0, 2)
    _refuse_size(size, max_bytes)
    return size


def _refuse_size(size: int, max_bytes: int) -> None:
    if not size:
        raise UnacceptableFile(Reason.EMPTY, "文件是空的（0字节）", "请确认文件已保存好再上传")
    if size > max_bytes:
        said = f"文件大小为{_megabytes(size)}，超过{_megabytes(max_bytes)}的上限"
        raise UnacceptableFile(Reason.TOO_LARGE, said, "请压缩、降低扫描分辨率或分成几个文件后再上传")


def _judge(file: BinaryIO, kind: str) -> int | None:
    file.seek(0)
    found, label = what_it_looks_like(file.read(BLOCK))
    if kind not in found:
        raise _disguised(kind, label)
    return _JUDGES[kind](file)


def _judge_image(kind: str) -> Callable[[BinaryIO], int | None]:
    def judge(file: BinaryIO) -> int:
        inspect_image(file, kind)
        return 1

    return judge


def _judge_office(kind: str) -> Callable[[BinaryIO], int | None]:
    def judge(file: BinaryIO) -> None:
        with archive.opened(file) as opened:
            _refuse_other_container(opened.namelist(), kind)
            ooxml.inspect_ooxml(opened, kind)

    return judge


def _judge_ofd(file: BinaryIO) -> int:
    with archive.opened(file) as opened:
        _refuse_other_container(opened.namelist(), "ofd")
        return ofd.inspect_ofd(opened)


_JUDGES: dict[str, Callable[[BinaryIO], int | None]] = {
    "pdf": inspect_pdf,
    "jpeg": _judge_image("jpeg"),
    "png": _judge_image("png"),
    "docx": _judge_office("docx"),
    "xlsx": _judge_office("xlsx"),
    "ofd": _judge_ofd,
}
_MAIN_PARTS = {**ooxml.MAIN_PARTS, "ofd": ofd.ROOT, "pptx": "ppt/presentation.xml"}


def _refuse_other_container(names: list[str], kind: str) -> None:
    found = [other for other, part in _MAIN_PARTS.items() if part in names]
    if kind in found and len(found) == 1:
        return
    if kind in found:
        raise UnacceptableFile(Reason.TRAILING, "文件同时具有几种格式的内容")
    raise _disguised(kind, f"{found[0].upper()}文件" if found else "压缩包或不完整的文件")


def _disguised(kind: str, label: str) -> UnacceptableFile:
    what = f"扩展名说是{kind.upper()}，内容却是{label}"
    return UnacceptableFile(Reason.DISGUISED, what, f"请上传真正的{ACCEPTED}文件，不要只改扩展名")


def _digest(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while block := file.read(BLOCK):
        digest.update(block)
    return digest.hexdigest()


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 / 10 else f"{size}字节"
