"""Which files are alike though not the same: near-identical texts, and one photograph saved again. Pure rules.

Texts are compared by the method of ``copying``; of a file's fingerprints the smallest few (bottom-k sketch, Broder
1997) are looked up, so that no file is compared with all. Of a picture the difference hash is taken (Krawetz 2013):
of nine by nine fields, whether each is darker than the next one across, and than the next one down, 64 bits either way.
Five bands of the bits across are looked up: where at most four of them differ, one band at least is the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from declarations.copying import Beside, Prints, beside, plain, prints_of

LEAST_SIGNS = 200
"""A text of fewer signs is not compared: set phrases are the same everywhere."""
LEAST_SHARE = 0.7
"""How much of the shorter text must stand in the longer one."""
LEAST_LENGTH = 0.5
"""How long the shorter text must be, against the longer one."""
SKETCH = 24
"""How many fingerprints of a file are looked up."""
MET = 3
"""How many of them must be met with for two texts to be laid side by side."""
MOST_CHECKED = 60
"""With how many texts one is laid side by side at most, those that share most first."""
MOST_ALIKE = 20
"""What is alike in the files of more other chambers than this is a common form and says nothing."""

MOST_BITS = 4
"""In how many of the 64 bits two pictures may differ, across as well as down."""
CLEAR_LEVELS, CLEAR_PLACES = 4, 24
"""In how many of the 64 places across neighbours must differ by so many levels; a plain picture is not compared."""
BANDS = (13, 13, 13, 13, 12)
EITHER_WAY = 2**64 - 1


def sketch_of(text: str) -> tuple[int, ...]:
    """Return the smallest fingerprints of a text as signed whole numbers; none of one that is too short."""
    if len(plain(text)) < LEAST_SIGNS:
        return ()
    return tuple(int(one) for one in prints_of([text])[:SKETCH].astype(np.uint64).view(np.int64))


def near(left: str, right: str, common: Prints | None = None) -> Beside | None:
    """Return what two texts have in common where they are alike enough to be told, else None."""
    shorter, longer = sorted((len(plain(left)), len(plain(right))))
    if shorter < LEAST_SIGNS or shorter < longer * LEAST_LENGTH:
        return None
    found = beside({"": left}, {"": right}, common)
    return found if found.share >= LEAST_SHARE else None


def picture_hash(levels: Sequence[Sequence[int]]) -> int | None:
    """Return the difference hash of nine rows of nine grey levels, across in its lower 64 bits, down in its upper ones.

    A plain picture has none.
    """
    across = [right - left for row in levels[:-1] for left, right in pairwise(row)]
    if sum(abs(step) >= CLEAR_LEVELS for step in across) < CLEAR_PLACES:
        return None
    down = [low - high for upper, lower in pairwise(levels) for high, low in zip(upper[:-1], lower[:-1], strict=True)]
    return sum((step > 0) << place for place, step in enumerate([*across, *down]))


def bits_apart(one: int, other: int) -> int:
    """Return in how many bits two hashes differ, across or down, whichever is more."""
    differing = one ^ other
    return max((differing & EITHER_WAY).bit_count(), (differing >> 64).bit_count())


def bands_of(picture: int) -> tuple[int, ...]:
    """Return the bands of a hash's bits across, each with its place, so that bands of different places never meet."""
    bands, at = [], 0
    for place, width in enumerate(BANDS):
        bands.append(place << 16 | picture >> at & (1 << width) - 1)
        at += width
    return tuple(bands)


@dataclass(frozen=True)
class Likeness:
    """Two files (by digest) that are alike: texts by the signs they share, pictures by the bits that differ."""

    first: str
    second: str
    shared: int = 0
    share: float = 0.0
    bits: int | None = None

    @property
    def told(self) -> str:
        """How much they are alike, in words."""
        if self.bits is not None:
            return f"差异值最多相差{self.bits}位" if self.bits else "差异值相同"
        return f"相似度{self.share:.0%}"
