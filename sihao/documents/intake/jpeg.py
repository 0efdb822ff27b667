"""The structure of a JPEG, segment by segment, without decoding it."""

import re
from dataclasses import dataclass
from typing import BinaryIO

from sihao.documents.intake.blocks import BLOCK, carries_script, exactly, is_padding
from sihao.documents.intake.refusal import Reason, UnacceptableFile

_SOI, _EOI, _SOS, _APP2, _COMMENT = 0xD8, 0xD9, 0xDA, 0xE2, 0xFE
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_METADATA = frozenset({*range(0xE0, 0xF0), _COMMENT})
_MARKER_IN_SCAN = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]", re.DOTALL)
_MAX_IMAGES = 8


@dataclass(slots=True)
class _Jpeg:
    size: tuple[int, int] = (0, 0)
    scanned: bool = False
    has_more_images: bool = False


def size_of(file: BinaryIO) -> tuple[int, int]:
    """Return width and height, from the header of the first image.

    Raises for what is not a whole JPEG and for data behind its end; the further pictures that telephones announce
    (multi-picture format) and padding are all that may follow.
    """
    file.seek(0)
    first = _walk(file)
    images = 1
    while not is_padding(file):
        images += 1
        if not first.has_more_images or images > _MAX_IMAGES:
            raise _trailing()
        _walk_further(file)
    return first.size


def _walk_further(file: BinaryIO) -> None:
    try:
        _walk(file)
    except UnacceptableFile as problem:
        raise (_trailing() if problem.reason is Reason.DAMAGED else problem) from None


def _walk(file: BinaryIO) -> _Jpeg:
    """Walk one image and leave ``file`` behind its end."""
    if exactly(file, 2) != bytes([0xFF, _SOI]):
        raise _damaged()
    jpeg = _Jpeg()
    marker = _next_marker(file)
    while marker != _EOI:
        if marker not in _STANDALONE:
            _take(jpeg, marker, _body(file))
        marker = _marker_after_scan(file) if marker == _SOS else _next_marker(file)
    if not jpeg.scanned or 0 in jpeg.size:
        raise _damaged()
    return jpeg


def _take(jpeg: _Jpeg, marker: int, body: bytes) -> None:
    if marker in _FRAMES and jpeg.size == (0, 0):
        jpeg.size = (int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big"))
    if marker == _SOS:
        jpeg.scanned = True
    if marker == _APP2 and body.startswith(b"MPF\x00"):
        jpeg.has_more_images = True
    if marker in _METADATA and carries_script(body):
        raise UnacceptableFile(
            Reason.ACTIVE, "图片的附加信息中夹带脚本", "请用看图软件打开，另存为新的图片后再上传"
        )


def _next_marker(file: BinaryIO) -> int:
    if exactly(file, 1) != b"\xff":
        raise _damaged()
    code = 0xFF
    while code == 0xFF:
        code = exactly(file, 1)[0]
    if code in {0x00, _SOI}:
        raise _damaged()
    return code


def _body(file: BinaryIO) -> bytes:
    length = int.from_bytes(exactly(file, 2), "big")
    if length < 2:
        raise _damaged()
    return exactly(file, length - 2)


def _marker_after_scan(file: BinaryIO) -> int:
    """Skip the compressed picture and return the marker that ends it."""
    carried = b""
    while block := file.read(BLOCK):
        window = carried + block
        if found := _MARKER_IN_SCAN.search(window):
            file.seek(found.end() - len(window), 1)
            return window[found.end() - 1]
        carried = b"\xff" if window.endswith(b"\xff") else b""
    raise _damaged()


def _damaged() -> UnacceptableFile:
    return UnacceptableFile(Reason.DAMAGED, "JPG图片不完整或已损坏", "请重新拍摄、扫描或导出后再上传")


def _trailing() -> UnacceptableFile:
    return UnacceptableFile(
        Reason.TRAILING, "JPG图片的结尾之后还有别的内容", "请用看图软件打开，另存为新的图片后再上传"
    )
