"""The structure of a PNG, chunk by chunk, without decoding it."""

from typing import BinaryIO
from zlib import crc32

from sihao.documents.intake.blocks import BLOCK, carries_script, exactly, is_padding
from sihao.documents.intake.refusal import Reason, UnacceptableFile

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CRITICAL = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
_MAX_METADATA = 4 * 1024 * 1024


def size_of(file: BinaryIO) -> tuple[int, int]:
    """Return width and height from the header.

    Raises for what is not a whole PNG (order of chunks, check sums) and for data behind its end.
    """
    file.seek(0)
    if exactly(file, 8) != SIGNATURE:
        raise _damaged()
    kinds: set[bytes] = set()
    size = (0, 0)
    while b"IEND" not in kinds:
        kind, head = _chunk(file, first=not kinds)
        if kind == b"IHDR" and kinds:
            raise _damaged()
        size = _dimensions(head) if kind == b"IHDR" else size
        kinds.add(kind)
    if b"IDAT" not in kinds or 0 in size:
        raise _damaged()
    if not is_padding(file):
        raise UnacceptableFile(
            Reason.TRAILING, "PNG图片的结尾之后还有别的内容", "请用看图软件打开，另存为新的图片后再上传"
        )
    return size


def _chunk(file: BinaryIO, *, first: bool) -> tuple[bytes, bytes]:
    """Read one chunk, check its sum, and return its kind and first bytes."""
    length, kind = int.from_bytes(exactly(file, 4), "big"), exactly(file, 4)
    if first != (kind == b"IHDR") or not kind.isalpha() or (kind[:1].isupper() and kind not in _CRITICAL):
        raise _damaged()
    if kind not in _CRITICAL and length > _MAX_METADATA and kind != b"fdAT":
        raise UnacceptableFile(
            Reason.BOMB, "PNG图片的附加信息过大", "请用看图软件打开，另存为新的图片后再上传"
        )
    check, head, left = crc32(kind), b"", length
    while left:
        block = exactly(file, min(left, BLOCK))
        _refuse_script(kind, block)
        check, head, left = crc32(block, check), head or block[:16], left - len(block)
    if int.from_bytes(exactly(file, 4), "big") != check:
        raise _damaged()
    return kind, head


def _refuse_script(kind: bytes, block: bytes) -> None:
    if kind not in _CRITICAL and carries_script(block):
        raise UnacceptableFile(
            Reason.ACTIVE, "图片的附加信息中夹带脚本", "请用看图软件打开，另存为新的图片后再上传"
        )


def _dimensions(head: bytes) -> tuple[int, int]:
    if len(head) != 13:
        raise _damaged()
    return int.from_bytes(head[:4], "big"), int.from_bytes(head[4:8], "big")


def _damaged() -> UnacceptableFile:
    return UnacceptableFile(Reason.DAMAGED, "PNG图片不完整或已损坏", "请重新截图、扫描或导出后再上传")
