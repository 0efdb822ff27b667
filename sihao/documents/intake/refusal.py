"""Why a file is not taken in, and how its owner can mend it."""

from enum import StrEnum

RESAVE = "请用原来的软件打开，另存为PDF后再上传"


class Reason(StrEnum):
    """The families of refusal."""

    NAME = "name"
    EXTENSION = "extension"
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    DISGUISED = "disguised"
    DAMAGED = "damaged"
    ENCRYPTED = "encrypted"
    ACTIVE = "active"
    EMBEDDED = "embedded"
    EXTERNAL = "external"
    TRAILING = "trailing"
    PIXELS = "pixels"
    BOMB = "bomb"
    ENTRY = "entry"
    ENTITY = "entity"
    INCOMPLETE = "incomplete"
    COMPLEX = "complex"
    BUSY = "busy"


class UnacceptableFile(Exception):
    """A file that is refused: ``reason`` for programs, the text for the person who uploaded it."""

    def __init__(self, reason: Reason, what: str, mend: str = RESAVE, *, name: str = "") -> None:
        self.reason = reason
        self.what = what
        self.mend = mend
        self.name = name
        super().__init__(f"{f'“{name}”' if name else '文件'}没有收下：{what}。{mend}。")

    def about(self, name: str) -> "UnacceptableFile":
        """Return the same refusal, naming the file."""
        return UnacceptableFile(self.reason, self.what, self.mend, name=name)
