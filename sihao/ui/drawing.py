"""Plots as lists of strokes: drawn on the server as SVG, on a page and as a file alike, readable without colour.

A stroke has a look and a place and no colour of its own: the template gives each look a pattern in the current ink;
``drawings.css`` may tint it. Places are figures of the plot's own box.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil, floor, log10
from types import MappingProxyType

SOLID, HATCH, DOTS, BLANK, SOFT = "solid", "hatch", "dots", "blank", "soft"
WIDTH = 760
SIDE = 16
ROW = 28
LABELS = 150
LETTER = 13
"""About how wide a Chinese character of the plots is."""


@dataclass(frozen=True)
class Ink:
    """How a look is drawn in one ink: what fills it, how thick its line is, its dashes, how dense it is."""

    fill: str = "none"
    stroke: str = ""
    dash: str = ""
    density: str = ""


INKS: Mapping[str, Ink] = MappingProxyType(
    {
        "grid": Ink(stroke="0.75", density="0.3"),
        "frame": Ink(stroke="0.75", density="0.6"),
        SOFT: Ink("currentColor", "0.75", density="0.35"),
        DOTS: Ink("url(#{slug}-dots)", "1"),
        HATCH: Ink("url(#{slug}-hatch)", "1"),
        BLANK: Ink(stroke="1"),
        SOLID: Ink("currentColor"),
        "axis": Ink(stroke="1"),
        "limit": Ink(stroke="1.6", dash="5 3"),
        "middle": Ink(stroke="2.4"),
        "reach": Ink(stroke="2"),
    }
)
"""Every look, from the ground up."""


@dataclass(frozen=True)
class Shape:
    """A filled outline or a line: the path and its look."""

    path: str
    look: str


@dataclass(frozen=True)
class Stroke:
    """All shapes of one look as one path, with what fills it."""

    look: str
    ink: Ink
    fill: str
    path: str


@dataclass(frozen=True)
class Words:
    """Words at a place; ``anchor`` says which end stands there."""

    text: str
    x: str
    y: str
    anchor: str = "middle"
    look: str = "text"

    @property
    def size(self) -> int:
        """How tall the letters are."""
        return 12 if self.look in {"small", "soft"} else 13

    @property
    def weight(self) -> int:
        """How bold they are."""
        return 700 if self.look == "strong" else 400


@dataclass(frozen=True)
class Drawing:
    """A plot ready to be drawn; ``told`` says in one sentence what it shows."""

    slug: str
    told: str
    width: int
    height: int
    shapes: Sequence[Shape]
    words: Sequence[Words]

    @property
    def strokes(self) -> list[Stroke]:
        """Return what is drawn, all of a look at once, from the ground up; patterns have names of the drawing's own."""
        looks: dict[str, list[str]] = {}
        for shape in self.shapes:
            looks.setdefault(shape.look, []).append(shape.path)
        return [
            Stroke(look, ink, ink.fill.format(slug=self.slug), "".join(looks[look]))
            for look, ink in INKS.items()
            if look in looks
        ]


def at(value: float) -> str:
    """Return a place as it is written: one decimal at most."""
    text = f"{value:.1f}"
    return text.removesuffix(".0")


def box(x: float, y: float, width: float, height: float, look: str) -> Shape:
    """Return a rectangle."""
    return Shape(f"M{at(x)} {at(y)}h{at(max(width, 0))}v{at(height)}h{at(-max(width, 0))}z", look)


def line(x1: float, y1: float, x2: float, y2: float, look: str) -> Shape:
    """Return a straight line."""
    return Shape(f"M{at(x1)} {at(y1)}L{at(x2)} {at(y2)}", look)


SIGNS: Mapping[str, Sequence[tuple[float, float]]] = MappingProxyType(
    {
        "square": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
        "diamond": ((0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)),
        "triangle": ((0, -1.2), (1.2, 1), (-1.2, 1)),
        "circle": ((-0.5, -1), (0.5, -1), (1, -0.5), (1, 0.5), (0.5, 1), (-0.5, 1), (-1, 0.5), (-1, -0.5)),
    }
)
"""The corners of each sign around its place; they differ without colour too."""


def sign(kind: str, x: float, y: float, look: str, size: float = 5) -> Shape:
    """Return a sign at a place."""
    corners = "L".join(f"{at(x + right * size)} {at(y + down * size)}" for right, down in SIGNS[kind])
    return Shape(f"M{corners}z", look)


KEY = 26


def key(entries: Sequence[tuple[str, str, str]], y: float) -> tuple[list[Shape], list[Words]]:
    """Return what the looks mean, in a line of ``KEY``: each a name, a sign ("" for a field) and a look."""
    shapes, words, x = [], [], float(SIDE)
    for name, kind, look in entries:
        shapes.append(sign(kind, x + 9, y + 13, look) if kind else box(x, y + 7, 18, 12, look))
        words.append(Words(name, at(x + 24), at(y + 18), "start", "soft"))
        x += 24 + LETTER * len(name) + 22
    return shapes, words


def fields(series: Sequence[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """Return the key of series that are drawn as fields."""
    return [(name, "", look) for name, look in series]


def _drawing(
    slug: str,
    told: str,
    height: float,
    strokes: tuple[list[Shape], list[Words]],
    entries: Sequence[tuple[str, str, str]] = (),
) -> Drawing:
    """Return the plot, with its key beneath where it has one."""
    shapes, words = strokes
    if entries:
        more, names = key(entries, height)
        return Drawing(slug, told, WIDTH, ceil(height) + KEY, [*shapes, *more], [*words, *names])
    return Drawing(slug, told, WIDTH, ceil(height), shapes, words)


# ---- scales


@dataclass(frozen=True)
class Scale:
    """Where a value lies between two places, with round figures to write under the axis."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the place of a value."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self, most: int = 8) -> list[float]:
        """Return round figures within the scale."""
        step = round_step((self.high - self.low) / most)
        first, last = ceil(self.low / step - 1e-9), floor(self.high / step + 1e-9)
        return [number * step for number in range(first, last + 1)]


def round_step(rough: float) -> float:
    """Return the next step of 1, 2, 5, 10, …"""
    power = 10 ** floor(log10(max(rough, 1e-9)))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough - 1e-12)


def spanning(values: Iterable[float], start: float, end: float, *, around: float | None = None) -> Scale:
    """Return a scale with a little air around the values; ``around`` lies in its middle."""
    listed = list(values) or [0.0]
    low, high = min(listed), max(listed)
    if around is not None:
        reach = max(abs(low - around), abs(high - around), 1.0)
        low, high = around - reach, around + reach
    air = max((high - low) * 0.06, 0.5)
    return Scale(low - air, high + air, start, end)


def figure(value: float) -> str:
    """Return a figure of an axis or a label: no decimals where there are none."""
    return f"{value:.0f}" if abs(value - round(value)) < 1e-9 else f"{value:.1f}"


def short(name: str, room: int = LABELS) -> str:
    """Return a name that fits its column; the table beside the plot has it in full."""
    most = room // LETTER
    return name if len(name) <= most else f"{name[: most - 1]}…"


# ---- plots


@dataclass(frozen=True)
class Column:
    """One column of a histogram: from, to, and how many of each series."""

    low: float
    high: float
    counts: Sequence[int]


def histogram(
    slug: str,
    told: str,
    columns: Sequence[Column],
    series: Sequence[tuple[str, str]],
    limit: float | None = None,
) -> Drawing:
    """Return columns beside each other, one of a look for each series, with the line that decides."""
    height, top, bottom = 260, 34, 40
    scale = Scale(columns[0].low, columns[-1].high, SIDE, WIDTH - SIDE)
    most = max([1, *(count for column in columns for count in column.counts)])
    shapes, words = [line(SIDE, height - bottom, WIDTH - SIDE, height - bottom, "axis")], []
    for column in columns:
        left, right = scale(column.low) + 2, scale(column.high) - 2
        room = (right - left) / len(series)
        for place, count in enumerate(column.counts):
            tall = (height - top - bottom) * count / most
            if count:
                x = left + place * room
                shapes.append(box(x, height - bottom - tall, room, tall, series[place][1]))
                words.append(
                    Words(str(count), at(x + room / 2), at(height - bottom - tall - 4), look="small")
                )
    edges = [columns[0].low, *(column.high for column in columns)]
    every = max(1, ceil(len(edges) / 14))
    words += [
        Words(figure(edge), at(scale(edge)), at(height - bottom + 16), look="soft") for edge in edges[::every]
    ]
    if limit is not None and columns[0].low <= limit <= columns[-1].high:
        shapes.append(line(scale(limit), top - 16, scale(limit), height - bottom, "limit"))
        words.append(Words(f"{figure(limit)}分", at(scale(limit)), at(top - 20), look="strong"))
    return _drawing(slug, told, height, (shapes, words), fields(series) if len(series) > 1 else ())


def small_multiples(
    slug: str, told: str, panels: Sequence[tuple[str, Sequence[Column]]], series: Sequence[tuple[str, str]]
) -> Drawing:
    """Return several small histograms of one scale of heights, two in a line."""
    wide, tall, gap, head, foot = (WIDTH - 3 * SIDE) / 2, 150, 26, 24, 22
    most = max([1, *(count for _, columns in panels for column in columns for count in column.counts)])
    shapes: list[Shape] = []
    words: list[Words] = []
    for place, (title, columns) in enumerate(panels):
        x0, y0 = SIDE + (place % 2) * (wide + SIDE), (place // 2) * (tall + gap)
        floor_ = y0 + tall - foot
        scale = Scale(columns[0].low, columns[-1].high, x0, x0 + wide)
        words.append(Words(title, at(x0), at(y0 + 14), "start", "strong"))
        shapes.append(line(x0, floor_, x0 + wide, floor_, "axis"))
        for column in columns:
            left, room = scale(column.low) + 1, (scale(column.high) - scale(column.low) - 2) / len(series)
            for number, count in enumerate(column.counts):
                high = (tall - head - foot - 12) * count / most
                if count:
                    shapes.append(box(left + number * room, floor_ - high, room, high, series[number][1]))
                    middle = left + number * room + room / 2
                    words.append(Words(str(count), at(middle), at(floor_ - high - 3), look="small"))
        for edge in (columns[0].low, (columns[0].low + columns[-1].high) / 2, columns[-1].high):
            anchor = "start" if edge == columns[0].low else "end" if edge == columns[-1].high else "middle"
            words.append(Words(figure(edge), at(scale(edge)), at(floor_ + 15), anchor, "soft"))
    height = ceil(len(panels) / 2) * (tall + gap) - 8
    return _drawing(slug, told, height, (shapes, words), fields(series))


def matrix(slug: str, told: str, heads: Sequence[str], rows: Sequence[tuple[str, Sequence[int]]]) -> Drawing:
    """Return a grid of bars, a line for each row, each cell scaled by the row's first figure, which it prints."""
    top, cell = 30, (WIDTH - LABELS - SIDE) / len(heads)
    shapes: list[Shape] = []
    words = [
        Words(head, at(LABELS + cell * (place + 0.5)), "18", look="strong")
        for place, head in enumerate(heads)
    ]
    for number, (name, values) in enumerate(rows):
        y = top + number * ROW
        words.append(Words(short(name), at(LABELS - 10), at(y + 18), "end"))
        shapes.append(line(0, y + ROW - 1, WIDTH, y + ROW - 1, "grid"))
        whole = max([values[0], 1])
        for place, value in enumerate(values):
            x = LABELS + cell * place
            if value:
                shapes.append(box(x + 4, y + 20, (cell - 8) * min(value / whole, 1), 5, SOLID))
            words.append(Words(str(value) if value else "·", at(x + cell / 2), at(y + 16), look="text"))
    return _drawing(slug, told, top + len(rows) * ROW + 6, (shapes, words))


@dataclass(frozen=True)
class Tile:
    """One square of the diagram: column and line from 1, a name, a figure, a word, and how full it is (0 to 3)."""

    column: int
    line: int
    name: str
    figure: str
    word: str
    level: int


LEVELS = (BLANK, DOTS, HATCH, SOFT)


def tiles(slug: str, told: str, squares: Sequence[Tile], levels: Sequence[tuple[str, str]]) -> Drawing:
    """Return squares side by side: no map, no borders, no coast."""
    columns = max([1, *(one.column for one in squares)])
    lines = max([1, *(one.line for one in squares)])
    side, tall = WIDTH / columns, 74
    shapes, words = [], []
    for one in squares:
        x, y = (one.column - 1) * side, (one.line - 1) * tall
        shapes.append(box(x + 2, y + 2, side - 4, 8, LEVELS[one.level]))
        shapes.append(box(x + 2, y + 2, side - 4, tall - 4, "frame"))
        middle = at(x + side / 2)
        words.append(Words(one.name, middle, at(y + 29), look="strong"))
        words.append(Words(one.figure, middle, at(y + 47)))
        words.append(Words(one.word, middle, at(y + 64), look="small"))
    return _drawing(slug, told, lines * tall, (shapes, words), fields(levels))


@dataclass(frozen=True)
class Series:
    """One of several figures of a row: its name, its sign and its look."""

    name: str
    sign: str
    look: str


def dots(
    slug: str,
    told: str,
    rows: Sequence[tuple[str, Sequence[float | None]]],
    series: Sequence[Series],
    limit: float | None = None,
    span: tuple[float, float] | None = None,
) -> Drawing:
    """Return a line for each row with a sign for each figure, joined from the first to the last.

    ``span`` fixes the axis; without it the axis spans the figures, and a limit outside is not drawn.
    """
    top, bottom = 12, 30
    height = top + len(rows) * ROW + bottom
    given = [value for _, values in rows for value in values if value is not None]
    scale = Scale(*span, LABELS, WIDTH - 2 * SIDE) if span else spanning(given, LABELS, WIDTH - SIDE)
    shapes, words = _frame(scale, top, height - bottom)
    if limit is not None and scale.low < limit < scale.high:
        shapes.append(line(scale(limit), top, scale(limit), height - bottom, "limit"))
        words.append(Words(f"{figure(limit)}分", at(scale(limit)), at(top - 2), look="small"))
    for number, (name, values) in enumerate(rows):
        y = top + number * ROW + ROW / 2
        words.append(Words(short(name), at(LABELS - 10), at(y + 5), "end"))
        placed = [(scale(value), one) for value, one in zip(values, series, strict=True) if value is not None]
        if len(placed) > 1:
            xs = [x for x, _ in placed]
            shapes.append(line(min(xs), y, max(xs), y, "grid"))
        shapes += [sign(one.sign, x, y, one.look) for x, one in placed]
        if not placed:
            words.append(Words("不足5件，不列", at(LABELS + 8), at(y + 5), "start", "soft"))
    return _drawing(slug, told, height, (shapes, words), [(one.name, one.sign, one.look) for one in series])


def _frame(scale: Scale, top: float, bottom: float) -> tuple[list[Shape], list[Words]]:
    ticks = scale.ticks()
    shapes = [line(scale(tick), top, scale(tick), bottom, "grid") for tick in ticks]
    words = [Words(figure(tick), at(scale(tick)), at(bottom + 18), look="soft") for tick in ticks]
    return [*shapes, line(scale.start, bottom, scale.end, bottom, "axis")], words


@dataclass(frozen=True)
class Box:
    """One row of a box plot: five figures, an estimate with its reach, and whether it stands out."""

    name: str
    five: tuple[float, float, float, float, float]
    estimate: float
    reach: float
    stands_out: bool
    word: str = ""


def boxes(slug: str, told: str, rows: Sequence[Box], limit: float) -> Drawing:
    """Return a box for each row around 0, the estimate as a diamond with its reach, the limits as lines."""
    top, bottom, words_at, tall = 16, 32, 92, ROW + 8
    height = top + len(rows) * tall + bottom
    values = [
        value for row in rows for value in (*row.five, row.estimate - row.reach, row.estimate + row.reach)
    ]
    scale = spanning([*values, -limit, limit], LABELS, WIDTH - words_at, around=0.0)
    shapes, words = _frame(scale, top, height - bottom)
    shapes += [line(scale(edge), top, scale(edge), height - bottom, "limit") for edge in (-limit, limit)]
    shapes.append(line(scale(0), top, scale(0), height - bottom, "axis"))
    for number, row in enumerate(rows):
        y = top + number * tall + tall / 2 - 3
        least, lower, middle, upper, most = (scale(value) for value in row.five)
        words.append(
            Words(short(row.name), at(LABELS - 10), at(y + 5), "end", "strong" if row.stands_out else "text")
        )
        shapes.append(line(least, y, most, y, "axis"))
        shapes.append(box(lower, y - 7, upper - lower, 14, HATCH if row.stands_out else BLANK))
        shapes.append(line(middle, y - 7, middle, y + 7, "middle"))
        shapes.append(
            line(scale(row.estimate - row.reach), y + 10, scale(row.estimate + row.reach), y + 10, "reach")
        )
        shapes.append(sign("diamond", scale(row.estimate), y + 10, SOLID, 3))
        if row.word:
            words.append(Words(row.word, at(WIDTH - words_at + 8), at(y + 5), "start", "strong"))
    entries = [
        ("各件之差的四分位", "", BLANK),
        ("收缩后的宽严差及其两倍标准误", "diamond", SOLID),
        ("提示", "", HATCH),
    ]
    return _drawing(slug, told, height, (shapes, words), entries)


def bars(
    slug: str, told: str, rows: Sequence[tuple[str, Sequence[int]]], series: Sequence[tuple[str, str]]
) -> Drawing:
    """Return stacked bars, a line for each row, the sum at its end."""
    top, room = 8, 48
    most = max([1, *(sum(values) for _, values in rows)])
    scale = Scale(0, most, LABELS, WIDTH - room)
    shapes, words = [], []
    for number, (name, values) in enumerate(rows):
        y = top + number * ROW
        words.append(Words(short(name), at(LABELS - 10), at(y + 19), "end"))
        for start, value, (_, look) in zip(_starts(values), values, series, strict=True):
            if value:
                shapes.append(box(scale(start), y + 6, scale(start + value) - scale(start), 16, look))
        words.append(Words(str(sum(values)), at(scale(sum(values)) + 8), at(y + 19), "start"))
    return _drawing(
        slug, told, top + len(rows) * ROW + 8, (shapes, words), fields(series) if len(series) > 1 else ()
    )


def _starts(values: Sequence[int]) -> list[int]:
    return [0, *accumulate(values)][: len(values)]


def columns_of(counts: Sequence[Mapping[float, int]], low: float, high: float, step: float) -> list[Column]:
    """Return columns [from, to) of one step with how many of each series fall in; the last includes the maximum."""
    edges = [low]
    while edges[-1] < high - 1e-9:
        edges.append(min(edges[-1] + step, high))
    sums = [[0] * len(counts) for _ in edges[1:]]
    for place, series in enumerate(counts):
        for value, number in series.items():
            if low <= value <= high:
                sums[min(int((value - low) // step), len(sums) - 1)][place] += number
    return [Column(edges[place], edges[place + 1], tuple(found)) for place, found in enumerate(sums)]
