"""Where the strokes of a plot lie; the templates draw them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sihao.ui.formats import points

WIDTH, HEIGHT, TOP, BOTTOM, SIDE = 640, 240, 28, 34, 12


@dataclass(frozen=True)
class Bin:
    """One column of a histogram, with its place in the plot."""

    label: str
    count: int
    below: bool
    x: str
    y: str
    width: str
    height: str
    middle: str
    count_y: str


@dataclass(frozen=True)
class Tick:
    """One figure under the axis."""

    label: str
    x: str


@dataclass(frozen=True)
class Histogram:
    """A plot ready to be drawn."""

    bins: Sequence[Bin]
    ticks: Sequence[Tick]
    line_label: str
    line_x: str


@dataclass(frozen=True)
class BarRow:
    """One row of a bar table: its words and how long the bar is, of 100."""

    label: str
    value: str
    length: str


def histogram(values: Mapping[object, int], line: object, maximum: object, step: object) -> Histogram:
    """Sort how many there are of each value into bins [from, to) of one step; the last bin includes the maximum."""
    marks = {Decimal(str(value)): number for value, number in values.items()}
    limit, top, width = Decimal(str(line)), Decimal(str(maximum)), Decimal(str(step))
    lowest = min([limit, *marks])
    start = max(Decimal(0), (lowest // width - 1) * width)
    edges = _edges(start, top, width)
    counts = [0] * (len(edges) - 1)
    for mark, number in marks.items():
        counts[min(int((mark - start) // width), len(counts) - 1)] += number
    scale = (WIDTH - 2 * SIDE) / float(top - start)
    most = max([*counts, 1])
    bins = [
        _bin(low, high, count, most, limit, start, scale)
        for low, high, count in zip(edges, edges[1:], counts, strict=False)
    ]
    ticks = [Tick(points(edge), _at(edge, start, scale)) for edge in edges]
    return Histogram(bins, ticks, points(limit), _at(limit, start, scale))


def bar_rows(rows: Iterable[tuple[object, object]], maximum: object = None) -> list[BarRow]:
    """Scale every value against the maximum, or against the largest value."""
    pairs = [(str(label), Decimal(str(value))) for label, value in rows]
    largest = max([value for _, value in pairs], default=Decimal(0))
    whole = largest if maximum is None else Decimal(str(maximum))
    return [BarRow(label, points(value), share(value, whole)) for label, value in pairs]


def share(part: object, whole: object) -> str:
    """Return how much of a bar of length 100 is filled, between 0 and 100."""
    total = Decimal(str(whole or 0))
    if total <= 0:
        return "0"
    return points(round(min(max(Decimal(str(part or 0)) / total, Decimal(0)), Decimal(1)) * 100, 1))


def _edges(start: Decimal, top: Decimal, width: Decimal) -> list[Decimal]:
    edges = [start]
    while edges[-1] < top:
        edges.append(min(edges[-1] + width, top))
    return edges


def _bin(
    low: Decimal, high: Decimal, count: int, most: int, limit: Decimal, start: Decimal, scale: float
) -> Bin:
    left, right = float(_at(low, start, scale)), float(_at(high, start, scale))
    height = (HEIGHT - TOP - BOTTOM) * count / most
    y = HEIGHT - BOTTOM - height
    return Bin(
        label=f"{points(low)}—{points(high)}",
        count=count,
        below=low < limit,
        x=f"{left + 1.5:.1f}",
        y=f"{y:.1f}",
        width=f"{max(right - left - 3, 1):.1f}",
        height=f"{height:.1f}",
        middle=f"{(left + right) / 2:.1f}",
        count_y=f"{y - 5:.1f}",
    )


def _at(value: Decimal, start: Decimal, scale: float) -> str:
    return f"{SIDE + float(value - start) * scale:.1f}"
