"""Word and Excel files: required parts, and nothing that runs, hides or reaches outside."""

import re
from zipfile import ZipFile

from sihao.documents.intake.archive import refuse_programs
from sihao.documents.intake.markup import Listener, read_xml
from sihao.documents.intake.refusal import RESAVE, Reason, UnacceptableFile

CONTENT_TYPES = "[Content_Types].xml"
MAIN_PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}

_MAIN_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
}
_MACROS = re.compile(r"vbaProject|vbaData|(^|/)(macrosheets|dialogsheets)/", re.IGNORECASE)
_CONTROLS = re.compile(r"(^|/)activeX/", re.IGNORECASE)
_OBJECTS = re.compile(r"(^|/)(embeddings|attachedToolbars|afchunk[^/]*$)|oleObject", re.IGNORECASE)
_OUTSIDE = re.compile(r"(^|/)(externalLinks|queryTables)/|(^|/)connections\.xml$", re.IGNORECASE)
_BY_NAME = (
    (_MACROS, Reason.ACTIVE, "文件带有宏", "请另存为不带宏的格式（DOCX、XLSX）或PDF后再上传"),
    (_CONTROLS, Reason.ACTIVE, "文件带有ActiveX控件", RESAVE),
    (_OBJECTS, Reason.EMBEDDED, "文件里嵌入了其他文件或对象", RESAVE),
    (
        _OUTSIDE,
        Reason.EXTERNAL,
        "文件链接了别的文件或数据源",
        "请断开链接（“数据”—“编辑链接”）或另存为PDF后再上传",
    ),
)
_BY_TYPE = (
    (re.compile(r"macroEnabled|vbaProject|ms-excel\.(intl)?macrosheet", re.IGNORECASE), _BY_NAME[0]),
    (re.compile(r"activeX", re.IGNORECASE), _BY_NAME[1]),
    (re.compile(r"oleObject", re.IGNORECASE), _BY_NAME[2]),
    (re.compile(r"externalLink", re.IGNORECASE), _BY_NAME[3]),
)
_LOCAL_TEMPLATE = re.compile(r"^(file:/{3})?([a-z]:[\\/]|[^/\\:%]+$)", re.IGNORECASE)
_LINK = re.compile(r"^(https?|mailto|tel|ftp|file):|^[^:]*$|^[a-z]:[\\/]", re.IGNORECASE)
_DDE = re.compile(r"\bDDE(AUTO)?\b", re.IGNORECASE)
_INSTRUCTIONS_MAX = 1_000_000


def inspect_ooxml(archive: ZipFile, kind: str) -> None:
    """Raise unless ``archive`` is a Word or Excel file of this kind with nothing hostile inside."""
    _refuse_missing(archive, kind)
    for info in archive.infolist():
        for pattern, reason, what, mend in _BY_NAME:
            if pattern.search(info.filename):
                raise UnacceptableFile(reason, what, mend)
    refuse_programs(archive)
    for info in archive.infolist():
        if info.filename.lower().endswith((".xml", ".rels", ".vml")):
            read_xml(archive, info, _listener_for(info.filename, kind))


def kind_of(archive: ZipFile) -> str | None:
    """Return the kind by the main part inside, or None."""
    names = set(archive.namelist())
    return next((kind for kind, part in MAIN_PARTS.items() if part in names), None)


def _refuse_missing(archive: ZipFile, kind: str) -> None:
    names = set(archive.namelist())
    for part in (CONTENT_TYPES, "_rels/.rels", MAIN_PARTS[kind]):
        if part not in names:
            raise UnacceptableFile(Reason.INCOMPLETE, f"{kind.upper()}文件缺少必需的部分（{part}）", RESAVE)


def _listener_for(name: str, kind: str) -> Listener | None:
    if name == CONTENT_TYPES:
        return _ContentTypes(kind)
    if name.endswith(".rels"):
        return _Relations()
    return _Fields() if kind == "docx" and name.startswith("word/") else None


class _ContentTypes(Listener):
    """Hears the types of all parts: the main one must be what the file claims, none may be active."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.main = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        said = attributes.get("ContentType", "")
        for pattern, (_, reason, what, mend) in _BY_TYPE:
            if pattern.search(said):
                raise UnacceptableFile(reason, what, mend)
        if attributes.get("PartName", "").lstrip("/") == MAIN_PARTS[self.kind]:
            self.main = said

    def end_of_file(self) -> None:
        if self.main != _MAIN_TYPES[self.kind]:
            what = f"{self.kind.upper()}文件内部登记的类型不符（{self.main[:60] or '未登记'}）"
            raise UnacceptableFile(Reason.INCOMPLETE, what, RESAVE)


class _Relations(Listener):
    """Hears what a part refers to: links for readers may go out, everything else stays inside."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        kind, target = attributes.get("Type", "").rpartition("/")[2], attributes.get("Target", "")
        if kind.lower() in {"afchunk", "vbaproject", "oleobject", "package", "control"}:
            raise UnacceptableFile(Reason.EMBEDDED, "文件里嵌入了其他文件或对象", RESAVE)
        if attributes.get("TargetMode", "").lower() != "external" or self._is_harmless(kind, target):
            return
        raise UnacceptableFile(Reason.EXTERNAL, f"文件引用了外部内容（{target[:60]}）", RESAVE)

    @staticmethod
    def _is_harmless(kind: str, target: str) -> bool:
        """Allow hyperlinks for readers and the name of the template on the writer's own disk."""
        if kind == "hyperlink":
            return _LINK.match(target.strip()) is not None
        return kind == "attachedTemplate" and _LOCAL_TEMPLATE.match(target) is not None


class _Fields(Listener):
    """Hears the field instructions of a Word part, which may be split over many runs."""

    def __init__(self) -> None:
        self.inside = False
        self.said = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.inside = tag.endswith("instrText")
        if tag.endswith("fldSimple"):
            self.hear(" ".join(attributes.values()))

    def end(self, tag: str) -> None:
        self.inside = False

    def text(self, data: str) -> None:
        if self.inside:
            self.hear(data)

    def hear(self, words: str) -> None:
        self.said = (self.said + words)[-_INSTRUCTIONS_MAX:]

    def end_of_file(self) -> None:
        if _DDE.search(self.said):
            raise UnacceptableFile(Reason.ACTIVE, "文件里有会调用其他程序的域（DDE）", RESAVE)
