"""PDF files: whole, open, passive, and nothing but a PDF."""

import json
import re
from typing import BinaryIO

from sihao.documents.intake import child
from sihao.documents.intake.blocks import carries_script, refuse_hidden_archive, tail_of
from sihao.documents.intake.refusal import Reason, UnacceptableFile

HEADER = b"%PDF-"
_HEAD = 1024
_TAIL = 4096
_BEGINNING = re.compile(rb"^(\xef\xbb\xbf)?[\x00\t\n\f\r ]{0,16}%PDF-[12]\.\d")
_PRINT_ANEW = "请打开后用“打印”—“另存为PDF”生成一份新的再上传"
_REFUSALS = {
    "locked": (Reason.ENCRYPTED, "PDF设有打开密码", "请去掉密码后再上传"),
    "restricted": (Reason.ENCRYPTED, "PDF设有权限密码（限制打印、复制或编辑）", "请去掉密码后再上传"),
    "damaged": (Reason.DAMAGED, "PDF不完整或已损坏", _PRINT_ANEW),
    "javascript": (Reason.ACTIVE, "PDF里带有脚本（JavaScript）", _PRINT_ANEW),
    "action": (Reason.ACTIVE, "PDF里带有会启动程序、打开别的文件或向外发送的动作", _PRINT_ANEW),
    "xfa": (Reason.ACTIVE, "PDF是动态表单（XFA）", _PRINT_ANEW),
    "embedded": (Reason.EMBEDDED, "PDF里夹带了附件或多媒体", _PRINT_ANEW),
    "complex": (Reason.COMPLEX, "PDF结构异常复杂，无法在限定的时间和内存内检查完", _PRINT_ANEW),
}


def inspect_pdf(file: BinaryIO) -> int:
    """Return the number of pages; raise unless ``file`` is a whole PDF that only shows pages."""
    _refuse_false_beginning(file)
    _refuse_trailing(file)
    refuse_hidden_archive(file)
    answer = child.run("pdf", file)
    said = json.loads(answer) if answer else {"refused": "complex"}
    if "refused" in said:
        reason, what, mend = _REFUSALS[said["refused"]]
        raise UnacceptableFile(reason, what, mend)
    return int(said["pages"])


def _refuse_false_beginning(file: BinaryIO) -> None:
    file.seek(0)
    head = file.read(_HEAD)
    if not _BEGINNING.match(head):
        raise UnacceptableFile(*_REFUSALS["damaged"])
    if carries_script(head.split(b"stream", 1)[0]):
        raise UnacceptableFile(Reason.TRAILING, "文件开头夹带了网页或脚本", _PRINT_ANEW)


def _refuse_trailing(file: BinaryIO) -> None:
    tail = tail_of(file, _TAIL)
    _, mark, rest = tail.rpartition(b"%%EOF")
    if not mark and b"%%EOF" in tail_of(file, 1 << 20):
        raise UnacceptableFile(Reason.TRAILING, "PDF的结尾之后还有别的内容", _PRINT_ANEW)
    if not mark:
        raise UnacceptableFile(*_REFUSALS["damaged"])
    if rest.strip(b"\x00\t\n\f\r \x1a"):
        raise UnacceptableFile(Reason.TRAILING, "PDF的结尾之后还有别的内容", _PRINT_ANEW)
