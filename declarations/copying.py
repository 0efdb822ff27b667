"""Which texts were copied from one another: fingerprints of shingles, linear in the amount of text.

Method: winnowing (Schleimer, Wilkerson, Aiken: Local Algorithms for Document Fingerprinting, SIGMOD 2003). Each run of
``SHINGLE`` characters is hashed; of every ``WINDOW`` neighbouring hashes the smallest is kept. A passage of
``CERTAIN`` characters that stands in two texts therefore always leaves a fingerprint in both, wherever it stands.
What many texts share is common wording (the notice's own sentences) and says nothing of a pair. Figures count as one
sign, punctuation not at all: a copy with other numbers and commas is a copy.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

SHINGLE, WINDOW = 12, 13
CERTAIN = SHINGLE + WINDOW - 1
"""Characters that a passage must have at least to be shown; every one of that length is found."""
LEAST_PRINTS = 20
"""How many uncommon fingerprints two cases must share: about 140 characters of their own wording."""
LONG_ENOUGH = 60
"""A text shorter than this is not compared as a whole: set phrases are the same everywhere."""

SIGN = re.compile(r"\d+|[^\W\d_]")
FIGURES, NO_SIGN = re.compile(r"\d+"), re.compile(r"[\W_]+")
FIGURE, BREAK = "0", "\x00"
NOTHING = np.iinfo(np.uint64).max
FACTOR, MIXER = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xFF51AFD7ED558CCD)
SHIFT = np.uint64(33)

Prints = np.ndarray
"""The fingerprints of one case, each once, in order."""


def plain(text: str) -> str:
    """Return a text as it is compared: without punctuation and white space, each figure as one sign."""
    return NO_SIGN.sub("", FIGURES.sub(FIGURE, text))


def prints_of(texts: Iterable[str]) -> Prints:
    """Return the fingerprints of a case's texts; no shingle reaches from one text into the next."""
    codes = _codes(BREAK.join(plain(text) for text in texts))
    if len(codes) < SHINGLE:
        return np.empty(0, dtype=np.uint64)
    hashes = _hashes(codes)
    if len(hashes) > WINDOW:
        hashes = np.lib.stride_tricks.sliding_window_view(hashes, WINDOW).min(axis=1)
    kept = np.unique(hashes)
    return kept[kept != NOTHING]


def _codes(text: str) -> np.ndarray:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)


def _hashes(codes: np.ndarray) -> np.ndarray:
    """Return the hash of every shingle; one that holds a break counts for nothing."""
    count = len(codes) - SHINGLE + 1
    found = np.zeros(count, dtype=np.uint64)
    for place in range(SHINGLE):
        found = found * FACTOR + codes[place : place + count]
    found ^= found >> SHIFT
    found *= MIXER
    found ^= found >> SHIFT
    breaks = np.concatenate(([0], np.cumsum(codes == 0)))
    found[breaks[SHINGLE:] - breaks[:-SHINGLE] > 0] = NOTHING
    return found


@dataclass(frozen=True)
class Pair:
    """Two cases by their places in the row that was looked through, and how many uncommon fingerprints they share."""

    first: int
    second: int
    shared: int


def most_sharing(cases: int) -> int:
    """Return in how many of so many cases a wording may stand before it counts as common."""
    return max(4, cases // 100)


@dataclass(frozen=True)
class Among:
    """The pairs found among many cases, most first, and the fingerprints of wording that too many have in common."""

    pairs: tuple[Pair, ...]
    common: Prints


def pairs_among(prints: Sequence[Prints]) -> Among:
    """Return the pairs that share much uncommon wording; each fingerprint costs at most a fixed number of steps."""
    number = len(prints)
    owners = np.repeat(np.arange(number, dtype=np.int64), [len(one) for one in prints])
    if not len(owners):
        return Among((), np.empty(0, dtype=np.uint64))
    values = np.concatenate(prints)
    order = np.argsort(values, kind="stable")
    values, owners = values[order], owners[order]
    starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
    lengths = np.diff(np.append(starts, len(values)))
    most = most_sharing(number)
    met = [
        owners[group[:, None] + np.array(two)] @ np.array([number, 1])
        for length in range(2, most + 1)
        if len(group := starts[lengths == length])
        for two in combinations(range(length), 2)
    ]
    return Among(_counted(met, number), values[starts[lengths > most]])


def _counted(met: Sequence[np.ndarray], number: int) -> tuple[Pair, ...]:
    """Return the pairs that met often enough, the most frequent first."""
    if not met:
        return ()
    keys, shared = np.unique(np.concatenate(met), return_counts=True)
    much = shared >= LEAST_PRINTS
    found = [Pair(*divmod(int(key), number), int(count)) for key, count in zip(keys[much], shared[much], strict=True)]
    return tuple(sorted(found, key=lambda pair: (-pair.shared, pair.first, pair.second)))


def common_texts(texts: Iterable[tuple[int, str, str]], cases: int) -> list[dict[int, str]]:
    """Return who has one whole text in common with more others than a pair would tell, and where each has it.

    ``texts`` are case, place and text; a group of cases is told once, however many texts it has in common.
    """
    groups: dict[str, dict[int, str]] = {}
    for case, place, text in texts:
        if len(found := plain(text)) >= LONG_ENOUGH:
            groups.setdefault(found, {}).setdefault(case, place)
    most = most_sharing(cases)
    told = {frozenset(group): group for group in reversed(groups.values()) if len(group) > most}
    return sorted(told.values(), key=sorted)


# ---- two cases side by side

Span = tuple[int, int]


@dataclass(frozen=True)
class Piece:
    """A part of a text: the same words stand in the other case, or not."""

    text: str
    same: bool


@dataclass(frozen=True)
class Passage:
    """One passage that stands in both: in which text of each, from where to where, and its length in signs."""

    left: str
    left_span: Span
    right: str
    right_span: Span
    length: int


@dataclass(frozen=True)
class Beside:
    """What two cases have in common: the passages, and how much of the shorter case they make up."""

    passages: tuple[Passage, ...]
    shared: int
    share: float

    def pieces(self, side: str, name: str, text: str) -> list[Piece]:
        """Return one text of the ``left`` or ``right`` cut at the passages."""
        spans = (getattr(one, f"{side}_span") for one in self.passages if getattr(one, side) == name)
        return cut(text, spans)


def cut(text: str, spans: Iterable[Span]) -> list[Piece]:
    """Return a text cut at spans; spans may overlap."""
    pieces, at = [], 0
    for start, end in sorted(spans):
        if end > at:
            pieces += [Piece(text[at : max(at, start)], same=False), Piece(text[max(at, start) : end], same=True)]
            at = end
    return [piece for piece in (*pieces, Piece(text[at:], same=False)) if piece.text]


@dataclass(frozen=True)
class _Signs:
    """A text as it is compared, with where each sign begins and ends."""

    plain: str
    spans: tuple[Span, ...]


def _signs(text: str) -> _Signs:
    found = list(SIGN.finditer(text))
    signs = (FIGURE if one.group()[0].isdigit() else one.group() for one in found)
    return _Signs("".join(signs), tuple(one.span() for one in found))


def beside(left: Mapping[str, str], right: Mapping[str, str], common: Prints | None = None) -> Beside:
    """Return the passages of at least ``CERTAIN`` signs that stand in both, by the names of the texts.

    What is wording that too many have in common (``common``, its fingerprints) is no part of a passage.
    """
    mine = {name: _signs(text) for name, text in left.items()}
    theirs = {name: _signs(text) for name, text in right.items()}
    places: dict[str, tuple[str, int]] = {}
    for name, one in theirs.items():
        for at in range(len(one.plain) - SHINGLE + 1):
            places.setdefault(one.plain[at : at + SHINGLE], (name, at))
    own = frozenset() if common is None else frozenset(prints_of(left.values()).tolist())
    usual = frozenset() if common is None else frozenset(common.tolist())
    found = tuple(
        _passage(name, one, at + first, theirs, other, start + first, length)
        for name, one in mine.items()
        for at, other, start, whole in _runs(one, theirs, places)
        for first, length in _uncommon(one.plain[at : at + whole], own, usual)
    )
    return Beside(found, *_measured(found, (mine, theirs)))


def _measured(found: Sequence[Passage], sides: Iterable[Mapping[str, _Signs]]) -> tuple[int, float]:
    """Return how many signs are shared, and how much of the shorter side they make up."""
    shared = sum(one.length for one in found)
    shorter = min(sum(len(one.plain) for one in side.values()) for side in sides)
    return shared, min(shared / shorter, 1.0) if shorter else 0.0


def _passage(
    name: str, one: _Signs, at: int, theirs: Mapping[str, _Signs], other: str, start: int, length: int
) -> Passage:
    own_span = one.spans[at][0], one.spans[at + length - 1][1]
    spans = theirs[other].spans
    return Passage(name, own_span, other, (spans[start][0], spans[start + length - 1][1]), length)


def _runs(
    one: _Signs, theirs: Mapping[str, _Signs], places: Mapping[str, tuple[str, int]]
) -> Iterable[tuple[int, str, int, int]]:
    """Yield where a text runs alike with one of the other side: from where, with which, from where there, how far."""
    at = 0
    while at + SHINGLE <= len(one.plain):
        place = places.get(one.plain[at : at + SHINGLE])
        length = _length(one.plain, at, theirs[place[0]].plain, place[1]) if place else 0
        if place and length >= CERTAIN:
            yield at, *place, length
        at += length if length >= CERTAIN else 1


def _uncommon(run: str, own: frozenset[int], usual: frozenset[int]) -> list[Span]:
    """Return the parts of a run (from where, how long) between its common fingerprints."""
    if not usual:
        return [(0, len(run))]
    hashes = _hashes(_codes(run)).tolist()
    marks = [(place, one in usual) for place, one in enumerate(hashes) if one in own]
    cuts = [0, *(edge for place, common in marks if common for edge in (place, place + SHINGLE)), len(run)]
    rare = [place for place, common in marks if not common]
    parts = [(start, end) for start, end in zip(cuts[::2], cuts[1::2], strict=True) if end - start >= CERTAIN]
    return [(start, end - start) for start, end in parts if any(start <= place < end for place in rare)]


def _length(left: str, at: int, right: str, start: int) -> int:
    """Return for how many signs two texts go on alike."""
    most = min(len(left) - at, len(right) - start)
    return next((step for step in range(SHINGLE, most) if left[at + step] != right[start + step]), most)
