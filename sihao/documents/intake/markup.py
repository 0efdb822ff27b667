"""Reading XML parts as a stream: well-formed, no DTD, no entity, nothing built in memory."""

from typing import NoReturn
from xml.parsers import expat
from zipfile import ZipFile, ZipInfo

from sihao.documents.intake.archive import blocks_of, damaged
from sihao.documents.intake.refusal import RESAVE, Reason, UnacceptableFile

MAX_HEARD = 50 * 1024 * 1024


class Listener:
    """Hears a part as it is read; the plain one takes no notice."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Hear an opening tag, its prefix as written."""

    def end(self, tag: str) -> None:
        """Hear a closing tag."""

    def text(self, data: str) -> None:
        """Hear characters."""

    def end_of_file(self) -> None:
        """Hear that the part was read to its end."""


def read_xml(archive: ZipFile, info: ZipInfo, listener: Listener | None = None) -> None:
    """Read one part to its end; raise when it declares a document type or an entity, or is not well-formed.

    Without a listener no Python runs per element, which keeps a sheet of a million cells quick.
    """
    if listener is not None and info.file_size > MAX_HEARD:
        raise UnacceptableFile(Reason.BOMB, "文件展开后过大", RESAVE)
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse_declaration
    if listener is not None:
        parser.StartElementHandler = listener.start
        parser.EndElementHandler = listener.end
        parser.CharacterDataHandler = listener.text
    try:
        for block in blocks_of(archive, info):
            parser.Parse(block)
        parser.Parse(b"", True)
    except expat.ExpatError:
        raise damaged() from None
    if listener is not None:
        listener.end_of_file()


def _refuse_declaration(*_: object) -> NoReturn:
    raise UnacceptableFile(Reason.ENTITY, "文件内部声明了外部实体（DTD）", RESAVE)
