"""A paper as a tree: what stands on it, once, for the page, the PDF, Word and Excel."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from typing import Literal

from sihao.documents.table import Table
from sihao.documents.titles import broken

LONGEST = 20_000
"""Characters of one text on paper; a longer one ends with a sentence that says how long it is."""
SHORT = 16
TITLE, WIDE_TITLE = 20, 28
"""Characters of a title in a line of 156 mm and in one of 225 mm."""

# Control characters, lone surrogates and non-characters, and the marks that turn the direction of what follows: none
# can be seen, some make a paper read otherwise than its data.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)


_BRACKET = re.compile("([^（）]+)(（[^（）]{1,5}）)")


def printable(text: str) -> str:
    """Return a text as paper can carry it: nothing invisible, one kind of line end, at most ``LONGEST`` characters."""
    text = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}……（原文共{len(text)}字，此处印前{LONGEST}字，其余见系统。）"


def _cleaned(value: object) -> object:
    match value:
        case str():
            return printable(value)
        case tuple() | list():
            return tuple(_cleaned(one) for one in value)
    return value


@dataclass(frozen=True)
class _Part:
    """Something on a paper; whatever text it is made with is made printable."""

    def __post_init__(self) -> None:
        for field in fields(self):
            object.__setattr__(self, field.name, _cleaned(getattr(self, field.name)))

    @property
    def kind(self) -> str:
        """The name by which each renderer knows how to draw it."""
        return type(self).__name__.lower()

    def lines(self) -> Iterator[Sequence[str]]:
        """Yield what is read on it, line by line, cell by cell."""
        yield from ()


@dataclass(frozen=True)
class Heading(_Part):
    """A heading of the first to the fourth level: 一、 （一） 1. （1）; the number is part of the text."""

    text: str
    level: int = 1

    def lines(self) -> Iterator[Sequence[str]]:
        """Yield the heading."""
        yield (self.text,)


@dataclass(frozen=True)
class Paragraph(_Part):
    """A paragraph; each line of the text is one of its own on paper. ``note`` is set in smaller type."""

    text: str
    indent: bool = True
    align: Literal["left", "center", "right"] = "left"
    note: bool = False

    @property
    def parts(self) -> list[str]:
        """The lines of the text that hold anything."""
        return [line for line in self.text.split("\n") if line.strip()]

    def lines(self) -> Iterator[Sequence[str]]:
        """Yield each line."""
        for line in self.parts:
            yield (line,)


@dataclass(frozen=True)
class KeyValues(_Part):
    """Names with what belongs to them; short ones stand two in a line of the form."""

    pairs: tuple[tuple[str, str], ...]

    def lines(self) -> Iterator[Sequence[str]]:
        """Yield each pair."""
        yield from self.pairs

    @property
    def drawn(self) -> list[tuple[bool, tuple[tuple[str, str], ...]]]:
        """The rows, each with whether its value stands across the whole form below its name."""
        return [(len(row) == 1 and len(row[0][1]) > ACROSS, row) for row in self.rows]

    @property
    def rows(self) -> list[tuple[tuple[str, str], ...]]:
        """The pairs as they stand on paper: two that are short share a row."""
        found: list[tuple[tuple[str, str], ...]] = []
        waiting: tuple[str, str] | None = None
        for pair in self.pairs:
            if not _is_short(pair):
                found += [(waiting,), (pair,)] if waiting else [(pair,)]
                waiting = None
            elif waiting:
                found.append((waiting, pair))
                waiting = None
            else:
                waiting = pair
        return [*found, (waiting,)] if waiting else found


def _is_short(pair: tuple[str, str]) -> bool:
    name, value = pair
    return len(name) <= LONGEST_NAME and len(value) <= LONGEST_VALUE and "\n" not in value


LONGEST_NAME, LONGEST_VALUE = 21, 18
ACROSS = 160
"""Characters of a value from which on it stands across the whole form, below its name."""


@dataclass(frozen=True)
class Grid(_Part):
    """A few figures in a grid: the first row is the head."""

    rows: tuple[tuple[str, ...], ...]

    @property
    def head(self) -> tuple[str, ...]:
        """The first row."""
        return self.rows[0]

    @property
    def body(self) -> tuple[tuple[str, ...], ...]:
        """The other rows."""
        return self.rows[1:]

    def lines(self) -> Iterator[Sequence[str]]:
        """Yield each row."""
        yield from self.rows


@dataclass(frozen=True)
class Listing(_Part):
    """A table with a head that is repeated on every page; its rows are kept, as every renderer reads them.

    ``size`` is the size of its type in points, ``caption`` stands above it.
    """

    table: Table
    caption: str = ""
    size: float = 12

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "table", replace(self.table, rows=tuple(self.table.rows)))

    def lines(self) -> Iterator[Sequence[str]]:
        """Yield what stands above it, the head and every row, the footer last."""
        if self.caption:
            yield (self.caption,)
        yield self.head
        yield from self.body
        yield from self.foot

    @property
    def head(self) -> tuple[str, ...]:
        """The titles of the columns."""
        return tuple(printable(column.title) for column in self.table.columns)

    @property
    def set_head(self) -> list[tuple[str, str]]:
        """The titles as they are set: the words, and a short bracket behind them that is not broken."""
        found = [_BRACKET.fullmatch(title) for title in self.head]
        return [one.groups() if one else (title, "") for one, title in zip(found, self.head, strict=True)]

    @property
    def body(self) -> list[tuple[str, ...]]:
        """The rows as they are read."""
        return [tuple(map(printable, self.table.texts(row))) for row in self.table.rows]

    @property
    def foot(self) -> list[tuple[str, ...]]:
        """The rows of sums."""
        return [tuple(map(printable, self.table.texts(row))) for row in self.table.footer]

    @property
    def set_rows(self) -> list[list[tuple[str, str]]]:
        """The rows as they are set: of each cell its text and alignment."""
        return [list(zip(row, self.aligns, strict=True)) for row in self.body]

    @property
    def aligns(self) -> tuple[str, ...]:
        """How each column is set."""
        return tuple(column.alignment for column in self.table.columns)

    @property
    def shares(self) -> tuple[float, ...]:
        """The share of the paper's width that each column has, by the widths of the columns."""
        widths = [column.width or max(6, 2 * len(column.title)) for column in self.table.columns]
        return tuple(width / sum(widths) for width in widths)


@dataclass(frozen=True)
class Signatures(_Part):
    """Lines to be signed, each with its place for the seal and the date."""

    names: tuple[str, ...]

    def lines(self) -> Iterator[Sequence[str]]:
        """Yield each line."""
        for name in self.names:
            yield (name, "年　月　日")


@dataclass(frozen=True)
class Closing(_Part):
    """Who issues the paper and when, at its end: the date four characters from the right, the name centred on it."""

    name: str
    day: str
    sealed: bool = False

    def lines(self) -> Iterator[Sequence[str]]:
        """Yield name and date."""
        yield (self.name,)
        yield (self.day,)


@dataclass(frozen=True)
class Annexes(_Part):
    """The annexes that go with a paper, named behind its text."""

    names: tuple[str, ...]

    @property
    def numbered(self) -> list[str]:
        """The names as they stand on paper: numbered where there are several."""
        if len(self.names) == 1:
            return list(self.names)
        return [f"{place}.{name}" for place, name in enumerate(self.names, start=1)]

    def lines(self) -> Iterator[Sequence[str]]:
        """Yield each name."""
        for name in self.numbered:
            yield (name,)


@dataclass(frozen=True)
class Annex(_Part):
    """An annex that follows on a page of its own: its mark at the top left, its title on the third line."""

    title: str
    mark: str = "附件"

    @property
    def title_lines(self) -> list[str]:
        """The title as it is broken into lines."""
        return broken(self.title, TITLE)

    def lines(self) -> Iterator[Sequence[str]]:
        """Yield mark and title."""
        yield (self.mark,)
        yield (self.title,)


@dataclass(frozen=True)
class Letterhead(_Part):
    """The head of an issued circular (红头): who issues it, and its number above the red line."""

    issuer: str
    number: str


@dataclass(frozen=True)
class Standing(_Part):
    """What the paper is, on every page: whose, of which version, with digest, check code and where it is checked."""

    subject: str
    version: str
    digest: str
    check: str
    url: str

    @property
    def words(self) -> tuple[str, ...]:
        """The two lines that stand on every page."""
        return (
            f"{self.subject}　{self.version}",
            f"摘要值 {self.digest[:SHORT].upper()}　校验码 {self.check}",
        )


Block = Heading | Paragraph | KeyValues | Grid | Listing | Signatures | Closing | Annexes | Annex


@dataclass(frozen=True)
class Paper(_Part):
    """A paper: title and blocks in their order, and how it lies on the page.

    ``annex`` marks an annex (附件4) at its top left; ``watermark`` stands behind every page.
    """

    title: str
    blocks: tuple[Block, ...]
    annex: str = ""
    captions: tuple[str, ...] = ()
    letterhead: Letterhead | None = None
    landscape: bool = False
    form: Literal["letter", "certificate"] = "letter"
    watermark: str = ""
    standing: Standing | None = None

    @property
    def title_lines(self) -> list[str]:
        """The title as it is broken into lines."""
        return broken(self.title, WIDE_TITLE if self.landscape else TITLE)

    def lines(self) -> Iterator[Sequence[str]]:
        """Yield everything that is read on the paper, but what says how it stands."""
        if self.letterhead is not None:
            yield (self.letterhead.issuer, self.letterhead.number)
        yield (self.annex, self.title)
        for caption in self.captions:
            yield (caption,)
        for block in self.blocks:
            yield from block.lines()

    @property
    def digest(self) -> str:
        """What tells the paper from every other: the digest of what is read on it, whatever its form."""
        return sha256(json.dumps(list(self.lines()), ensure_ascii=False).encode()).hexdigest()

    @property
    def listings(self) -> tuple[Listing, ...]:
        """The tables of the paper in their order."""
        return tuple(block for block in self.blocks if isinstance(block, Listing))
