"""Zip containers, judged by their directory before anything is unpacked."""

import re
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from sihao.documents.intake.blocks import BLOCK, END_OF_ARCHIVE, END_RECORD, tail_of
from sihao.documents.intake.refusal import RESAVE, Reason, UnacceptableFile

MAX_ENTRIES = 2_000
MAX_DIRECTORY = 1024 * 1024
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 200
RATIO_MATTERS_FROM = 1024 * 1024

_LOCAL_HEADER = 30
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UNSAFE_PATH = re.compile(r"[\x00-\x1f\x7f\\:]|^/|//|(^|/)\.\.?(/|$)")
_PROGRAMS = re.compile(
    r"\.(exe|dll|com|scr|pif|cpl|msi|lnk|bat|cmd|ps1|vb[se]?|js|jse|ws[fh]|hta|jar|class|sh|py|php|html?|xht|xhtml|mht|swf|"
    r"zip|rar|7z|gz|iso|docm|dotm|xlsm|xltm|xlam|xlsb|pptm|app|elf|so|url|reg|chm)$",
    re.IGNORECASE,
)
_PROGRAM_BEGINNINGS = (
    b"MZ",
    b"\x7fELF",
    b"#!",
    b"PK\x03\x04",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\xd0\xcf\x11\xe0",
    b"%PDF",
)


@contextmanager
def opened(file: BinaryIO) -> Iterator[ZipFile]:
    """Open a container whose directory has passed every check; what cannot be read inside is damaged."""
    _refuse_crowded(file)
    try:
        with ZipFile(file) as archive:
            _refuse_unsafe(archive, file)
            yield archive
    except (
        BadZipFile,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        zlib.error,
    ) as problem:
        raise damaged() from problem


def damaged() -> UnacceptableFile:
    """Return the refusal of a container that cannot be read to its end."""
    return UnacceptableFile(Reason.DAMAGED, "文件不完整或已损坏，无法打开", RESAVE)


def refuse_programs(archive: ZipFile) -> None:
    """Raise when an entry is a program, a script, a page or another container, by name or by beginning."""
    for info in archive.infolist():
        if info.is_dir():
            continue
        with archive.open(info) as entry:
            beginning = entry.read(8)
        if _PROGRAMS.search(info.filename) or beginning.startswith(_PROGRAM_BEGINNINGS):
            raise UnacceptableFile(
                Reason.EMBEDDED, f"文件里夹带了程序、脚本或其他文件（{_shown(info)}）", RESAVE
            )


def blocks_of(archive: ZipFile, info: ZipInfo) -> Iterator[bytes]:
    """Yield the content of one entry in blocks; never more than its directory entry says."""
    with archive.open(info) as entry:
        while block := entry.read(BLOCK):
            yield block


def _refuse_crowded(file: BinaryIO) -> None:
    """Read the end record alone: a directory that is too large must not even be loaded."""
    record = tail_of(file, END_RECORD)
    if record[:4] != END_OF_ARCHIVE:
        raise _without_proper_end(file)
    entries, length = int.from_bytes(record[10:12], "little"), int.from_bytes(record[12:16], "little")
    if entries > MAX_ENTRIES or length > MAX_DIRECTORY:
        raise UnacceptableFile(Reason.BOMB, f"文件内部的条目超过{MAX_ENTRIES}个", RESAVE)
    if record[20:22] != bytes(2):
        raise damaged()


def _without_proper_end(file: BinaryIO) -> UnacceptableFile:
    if END_OF_ARCHIVE in tail_of(file, END_RECORD + 0xFFFF):
        return UnacceptableFile(Reason.TRAILING, "文件的结尾之后还有别的内容", RESAVE)
    return damaged()


def _refuse_unsafe(archive: ZipFile, file: BinaryIO) -> None:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise UnacceptableFile(Reason.BOMB, f"文件内部的条目超过{MAX_ENTRIES}个", RESAVE)
    for info in entries:
        _refuse_entry(info)
    _refuse_bomb(entries)
    _refuse_double(entries)
    _refuse_overlap(entries, file, archive.start_dir)


def _refuse_entry(info: ZipInfo) -> None:
    if info.flag_bits & _ENCRYPTED:
        raise UnacceptableFile(Reason.ENCRYPTED, "文件内容加了密码", "请去掉密码后再上传")
    if _UNSAFE_PATH.search(info.orig_filename):
        raise UnacceptableFile(Reason.ENTRY, f"文件内部有越界的路径（{_shown(info)}）", RESAVE)
    if stat.S_IFMT(info.external_attr >> 16) not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise UnacceptableFile(Reason.ENTRY, f"文件内部有指向别处的链接（{_shown(info)}）", RESAVE)
    if info.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise damaged()


def _refuse_bomb(entries: list[ZipInfo]) -> None:
    if sum(info.file_size for info in entries) > MAX_UNPACKED:
        limit = MAX_UNPACKED // 1024 // 1024
        raise UnacceptableFile(Reason.BOMB, f"文件展开后超过{limit} MB", "请减少内容或分成几个文件后再上传")
    for info in entries:
        if info.file_size > RATIO_MATTERS_FROM and info.file_size > MAX_RATIO * info.compress_size:
            raise UnacceptableFile(Reason.BOMB, f"文件内部有异常膨胀的内容（{_shown(info)}）", RESAVE)


def _refuse_double(entries: list[ZipInfo]) -> None:
    names = {info.filename.casefold() for info in entries}
    if len(names) < len(entries):
        raise UnacceptableFile(Reason.ENTRY, "文件内部有重名的条目", RESAVE)


def _refuse_overlap(entries: list[ZipInfo], file: BinaryIO, directory: int) -> None:
    """Raise when two entries share bytes, when a local header tells another story, or when bytes stand in front."""
    end = 0
    for info in sorted(entries, key=lambda info: info.header_offset):
        if info.header_offset < end or (end == 0 and info.header_offset > 0):
            reason, what = (
                (Reason.BOMB, "文件内部的条目互相重叠")
                if end
                else (Reason.TRAILING, "文件的开头之前还有别的内容")
            )
            raise UnacceptableFile(reason, what, RESAVE)
        end = _end_of(info, file)
    if end > directory:
        raise UnacceptableFile(Reason.BOMB, "文件内部的条目互相重叠", RESAVE)


def _end_of(info: ZipInfo, file: BinaryIO) -> int:
    file.seek(info.header_offset)
    header = file.read(_LOCAL_HEADER)
    name_length, extra = int.from_bytes(header[26:28], "little"), int.from_bytes(header[28:30], "little")
    encoding = "utf-8" if info.flag_bits & 0x800 else "cp437"
    if header[:4] != b"PK\x03\x04" or file.read(name_length) != info.orig_filename.encode(
        encoding, "replace"
    ):
        raise UnacceptableFile(Reason.ENTRY, f"文件内部的目录与内容不一致（{_shown(info)}）", RESAVE)
    return info.header_offset + _LOCAL_HEADER + name_length + extra + info.compress_size


def _shown(info: ZipInfo) -> str:
    return "".join(char if char.isprintable() else "?" for char in info.orig_filename)[:60]
