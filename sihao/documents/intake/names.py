"""Names of uploaded files: which are refused, and how the others are made safe."""

import re
import unicodedata

from sihao.documents.intake.refusal import Reason, UnacceptableFile

MAX_NAME = 120
UNNAMED = "未命名"

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")
_PATH = re.compile(r"[/\\]")
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.IGNORECASE)
_RENAME = "请改名后再上传"


def refuse_name(name: str) -> None:
    """Raise when ``name`` carries a path or characters that hide what it is."""
    if _CONTROL.search(name):
        raise UnacceptableFile(Reason.NAME, "文件名中有控制字符", _RENAME)
    if _DIRECTION.search(name):
        raise UnacceptableFile(
            Reason.NAME, "文件名中有改变文字方向的隐藏字符，看到的扩展名可能是假的", _RENAME
        )
    if _PATH.search(name):
        raise UnacceptableFile(Reason.NAME, "文件名中有路径（“/”或“\\”）", _RENAME)


def safe_name(name: str) -> str:
    """Return ``name`` fit to be shown, stored in a list and offered for download on any system.

    Path, hidden characters and what Windows forbids go; Chinese stays. At most 120 characters, the extension kept.
    """
    last = _PATH.split(name)[-1]
    shown = "".join(char for char in unicodedata.normalize("NFC", last) if _is_shown(char))
    tidy = " ".join(_FORBIDDEN.sub("_", shown).split()).strip(". ")
    stem, dot, extension = tidy.rpartition(".")
    if not dot:
        stem, extension = tidy, ""
    stem = f"_{stem}" if _DEVICE.match(tidy) else stem
    extension = f".{extension[:10]}" if extension else ""
    return (stem[: MAX_NAME - len(extension)].rstrip(". ") or UNNAMED) + extension


def extension_of(name: str) -> str:
    """Return the extension of ``name`` in small letters, without its dot."""
    return safe_name(name).rpartition(".")[2].lower() if "." in safe_name(name) else ""


def _is_shown(char: str) -> bool:
    return char == "\t" or unicodedata.category(char) not in _INVISIBLE
