"""What the code on each page of a sealed paper says: whose, of which version, which page; with a check of our own.

A code reads ``SH1:cycle:unit:version:kind+edition:page.pages:digest:check``, in capitals, so that it stays small.
"""

from base64 import b32encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from django.utils.crypto import constant_time_compare, salted_hmac

from declarations.states import PaperKind

BEGINS = "SH1:"
SALT = "declarations.sealed-paper"
SHORT = 16
CHECKED = 6  # bytes: ten letters
LETTERS = MappingProxyType({PaperKind.REPORT: "R", PaperKind.SUMMARY: "S", PaperKind.MINUTES: "M"})
KINDS = MappingProxyType({letter: kind for kind, letter in LETTERS.items()})
PARTS = 8


@dataclass(frozen=True)
class PaperMark:
    """One page of a paper of one version of a unit's list."""

    cycle: str
    unit: str
    version: int
    kind: PaperKind
    edition: int
    digest: str
    pages: int
    page: int = 1

    def on(self, page: int, pages: int) -> "PaperMark":
        """Return the same for another page of so many."""
        return replace(self, page=page, pages=pages)

    @property
    def body(self) -> str:
        """Return what is checked."""
        kind = f"{LETTERS[self.kind]}{self.edition}"
        place = f"{self.page}.{self.pages}"
        parts = (self.cycle.upper(), self.unit, str(self.version), kind, place, self.digest[:SHORT].upper())
        return BEGINS + ":".join(parts)

    @property
    def check(self) -> str:
        """Return the ten letters that nobody else can write."""
        code = salted_hmac(SALT, self.body, algorithm="sha256").digest()[:CHECKED]
        return b32encode(code).decode().rstrip("=")

    @property
    def text(self) -> str:
        """Return what the code holds."""
        return f"{self.body}:{self.check}"


class Forged(ValueError):
    """A code in our form that we did not write, or that was altered."""


def opened(text: str) -> PaperMark | None:
    """Return the page that a code names; None for a code of somebody else's; raises ``Forged``."""
    if not text.startswith(BEGINS):
        return None
    try:
        _, cycle, unit, version, kind, place, digest, check = text.split(":")
        page, pages = place.split(".")
        mark = PaperMark(cycle, unit, int(version), KINDS[kind[:1]], int(kind[1:]), digest, int(pages), int(page))
    except (ValueError, KeyError):
        raise Forged(text) from None
    if not constant_time_compare(mark.check, check) or mark.text != text:
        raise Forged(text)
    return mark


@dataclass(frozen=True)
class Judged:
    """What the codes of a file say beside the paper that is asked for.

    ``covers`` are the paper's pages that were found, ``unread`` the file's pages without a code of ours, ``old`` the
    version that an outdated file belongs to.
    """

    covers: tuple[int, ...] = ()
    unread: tuple[int, ...] = ()
    complaints: tuple[str, ...] = ()
    old: int | None = None


@dataclass
class _Heap:
    """The file's pages sorted by what is said of them."""

    covers: set[int] = field(default_factory=set)
    unread: list[int] = field(default_factory=list)
    said: dict[str, list[int]] = field(default_factory=dict)
    old: int | None = None


def judge(read: Sequence[Iterable[str]], asked: PaperMark) -> Judged:
    """Compare what was read, page by page, with the paper that is asked for."""
    heap = _Heap()
    for number, texts in enumerate(read, start=1):
        ours = [text for text in texts if text.startswith(BEGINS)]
        if not ours:
            heap.unread.append(number)
        for text in ours:
            _judge_one(heap, number, text, asked)
    complaints = tuple(f"第{'、'.join(map(str, pages))}页{words}" for words, pages in heap.said.items())
    return Judged(tuple(sorted(heap.covers)), tuple(heap.unread), complaints, heap.old)


def _judge_one(heap: _Heap, number: int, text: str, asked: PaperMark) -> None:
    try:
        mark = opened(text)
    except Forged:
        heap.said.setdefault("的二维码不是本系统生成的，或者已被改动。", []).append(number)
        return
    if mark is None:
        return
    if words := _why_not(mark, asked):
        heap.said.setdefault(words, []).append(number)
        heap.old = mark.version if _is_of_unit(mark, asked) and mark.version != asked.version else heap.old
    else:
        heap.covers.add(mark.page)


def _is_of_unit(mark: PaperMark, asked: PaperMark) -> bool:
    return (mark.cycle.upper(), mark.unit) == (asked.cycle.upper(), asked.unit)


def _why_not(mark: PaperMark, asked: PaperMark) -> str:
    if not _is_of_unit(mark, asked):
        return "不是本单位本周期的材料。"
    if mark.kind != asked.kind:
        return f"是《{PaperKind(mark.kind).label}》，这里应上传《{PaperKind(asked.kind).label}》。"
    short = asked.digest[:SHORT].upper()
    if (mark.version, mark.digest) != (asked.version, short):
        return (
            f"属于名单第{mark.version}版（摘要值{mark.digest}），"
            f"现为第{asked.version}版（摘要值{short}）。"
        )
    if (mark.edition, mark.pages) != (asked.edition, asked.pages):
        return f"是第{mark.edition}稿，现为第{asked.edition}稿，请按现稿重新打印、盖章。"
    return ""
