"""OFD files (GB/T 33190): the parts that make one, its number of pages, and nothing that runs."""

from zipfile import ZipFile

from sihao.documents.intake.archive import refuse_programs
from sihao.documents.intake.markup import Listener, read_xml
from sihao.documents.intake.refusal import RESAVE, Reason, UnacceptableFile

ROOT = "OFD.xml"


def inspect_ofd(archive: ZipFile) -> int:
    """Return the number of pages; raise unless ``archive`` is an open, complete OFD file."""
    root = _Root()
    read_xml(archive, archive.getinfo(ROOT), root)
    if root.tag != "OFD" or not root.documents:
        raise _incomplete(ROOT)
    if any("encrypt" in name.lower() for name in archive.namelist()):
        raise UnacceptableFile(Reason.ENCRYPTED, "OFD文件加了密", "请去掉密码后再上传")
    refuse_programs(archive)
    _refuse_bad_xml(archive)
    return sum(_pages(archive, path) for path in root.documents)


def _refuse_bad_xml(archive: ZipFile) -> None:
    for info in archive.infolist():
        if info.filename.lower().endswith(".xml"):
            read_xml(archive, info)


def _pages(archive: ZipFile, path: str) -> int:
    if path not in archive.namelist():
        raise _incomplete(path)
    document = _Document()
    read_xml(archive, archive.getinfo(path), document)
    if document.tag != "Document" or not document.pages:
        raise _incomplete(path)
    return document.pages


class _Root(Listener):
    """Hears where the documents of the container begin."""

    def __init__(self) -> None:
        self.tag = ""
        self.documents: list[str] = []
        self._said: str | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag = self.tag or _local(tag)
        self._said = "" if _local(tag) == "DocRoot" else None

    def text(self, data: str) -> None:
        self._said = None if self._said is None else self._said + data

    def end(self, tag: str) -> None:
        if self._said is not None:
            self.documents.append(self._said.strip().removeprefix("./").lstrip("/"))
        self._said = None


class _Document(Listener):
    """Hears how many pages a document lists."""

    def __init__(self) -> None:
        self.tag = ""
        self.pages = 0
        self._within = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag = self.tag or _local(tag)
        self.pages += self._within and _local(tag) == "Page"
        self._within = self._within or _local(tag) == "Pages"

    def end(self, tag: str) -> None:
        self._within = self._within and _local(tag) != "Pages"


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _incomplete(part: str) -> UnacceptableFile:
    return UnacceptableFile(Reason.INCOMPLETE, f"OFD文件缺少必需的部分（{part[:60]}）", RESAVE)
