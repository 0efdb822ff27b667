"""Reading a file in blocks: exact lengths, padding, traces of script, and an archive hidden at its end."""

import re
from typing import BinaryIO

from sihao.documents.intake.refusal import Reason, UnacceptableFile

BLOCK = 1 << 16
END_OF_ARCHIVE = b"PK\x05\x06"
END_RECORD = 22

_SCRIPT = re.compile(rb"<script|<\?php|<html|<!doctype\s+html|<svg|<iframe|javascript:", re.IGNORECASE)
_PADDING = b"\x00 \t\r\n"


def exactly(file: BinaryIO, length: int) -> bytes:
    """Return the next ``length`` bytes; a file that ends before is damaged."""
    data = file.read(length)
    if len(data) < length:
        raise UnacceptableFile(Reason.DAMAGED, "文件不完整，中途断了", "请重新导出或扫描后再上传")
    return data


def is_padding(file: BinaryIO) -> bool:
    """Say whether nothing but padding follows; ``file`` is left at the first byte that is something else."""
    while block := file.read(BLOCK):
        if rest := block.lstrip(_PADDING):
            file.seek(-len(rest), 1)
            return False
    return True


def carries_script(data: bytes) -> bool:
    """Say whether ``data`` holds markup or code that a careless program would run."""
    return _SCRIPT.search(data) is not None


def tail_of(file: BinaryIO, length: int) -> bytes:
    """Return the last ``length`` bytes of ``file``."""
    size = file.seek(0, 2)
    file.seek(max(0, size - length))
    return file.read(length)


def refuse_hidden_archive(file: BinaryIO) -> None:
    """Raise when ``file`` is a zip archive besides what it claims to be."""
    tail = tail_of(file, END_RECORD + 0xFFFF)
    size = file.seek(0, 2)
    at = tail.rfind(END_OF_ARCHIVE)
    while at >= 0:
        if _is_end_record(tail[at : at + END_RECORD]) and _directory_is_there(file, tail, at, size):
            raise UnacceptableFile(
                Reason.TRAILING, "文件里还藏着一个压缩包", "请用原来的软件重新导出后再上传"
            )
        at = tail.rfind(END_OF_ARCHIVE, 0, at)


def _is_end_record(record: bytes) -> bool:
    return len(record) == END_RECORD and record[4:8] == bytes(4) and record[8:10] == record[10:12] != bytes(2)


def _directory_is_there(file: BinaryIO, tail: bytes, at: int, size: int) -> bool:
    length = int.from_bytes(tail[at + 12 : at + 16], "little")
    start = size - len(tail) + at - length
    file.seek(max(0, start))
    return start >= 0 and file.read(4) == b"PK\x01\x02"
