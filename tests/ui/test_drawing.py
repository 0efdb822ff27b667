"""Plots as strokes: every figure is printed, every series differs without colour, nothing leaves its box."""

import re
from itertools import pairwise

import pytest
from django.template.loader import render_to_string

from sihao.ui import drawing as draw

SERIES = (("甲", draw.BLANK), ("乙", draw.SOLID))
BOX = draw.Box("示例专家", (-4.0, -2.0, 0.0, 1.0, 3.0), -12.0, 1.5, True, "偏严")
PLOTS = {
    "histogram": draw.histogram("a", "甲", draw.columns_of([{349.5: 2, 350: 3}, {500: 1}], 325, 500, 25), SERIES, 350),
    "small": draw.small_multiples("a", "甲", [("一", draw.columns_of([{5: 2}, {10: 1}], 0, 10, 1))] * 3, SERIES),
    "matrix": draw.matrix("a", "甲", ("提交", "上报"), [("全国", (8, 4)), ("某省", (0, 0))]),
    "tiles": draw.tiles("a", "甲", [draw.Tile(2, 1, "河南", "3/74", "待审6", 1)], [("未用", draw.BLANK)]),
    "dots": draw.dots("a", "甲", [("某省", (400.0, None)), ("某市", (None, None))], [
        draw.Series("自评", "circle", draw.BLANK), draw.Series("复审", "diamond", draw.SOLID)
    ], 350.0),
    "boxes": draw.boxes("a", "甲", [BOX], 10.0),
    "bars": draw.bars("a", "甲", [("某县", (2, 3))], SERIES),
}  # fmt: skip


@pytest.mark.parametrize("name", PLOTS)
def test_words_lie_inside_and_looks_are_known(name):
    plot = PLOTS[name]

    assert {shape.look for shape in plot.shapes} <= draw.INKS.keys()
    assert all(0 <= float(one.x) <= plot.width and 0 <= float(one.y) <= plot.height for one in plot.words)
    assert not re.search(r"nan|inf", "".join(shape.path for shape in plot.shapes))


@pytest.mark.parametrize("name", PLOTS)
def test_one_drawing_is_a_page_part_and_a_file_without_style_or_colour(name):
    page = render_to_string("components/drawing.html", {"drawing": PLOTS[name]})
    file = render_to_string("components/drawing.svg", {"drawing": PLOTS[name]})

    assert 'role="img" aria-label="甲"' in page
    assert file.startswith('<?xml version="1.0" encoding="UTF-8"?>')
    assert 'xmlns="http://www.w3.org/2000/svg"' in file
    assert not re.search(r"style|#[0-9a-f]{6}|rgb", page + file)


def test_series_differ_by_look_and_signs_by_shape():
    assert len({draw.sign(kind, 10, 10, draw.BLANK).path for kind in draw.SIGNS}) == len(draw.SIGNS)
    assert {one.look for one in PLOTS["histogram"].strokes} >= {draw.BLANK, draw.SOLID, "limit"}


def test_columns_take_their_lower_edge_and_the_last_takes_the_maximum_too():
    columns = draw.columns_of([{0: 1, 5: 2, 9.9: 4, 10: 8, 10.5: 99}], 0, 10, 5)

    assert [(one.low, one.high, one.counts) for one in columns] == [(0, 5, (1,)), (5, 10, (14,))]


@pytest.mark.parametrize(("rough", "step"), [(0.9, 1), (1, 1), (1.1, 2), (2.1, 5), (5.1, 10), (37, 50), (0.03, 0.05)])
def test_steps_are_round(rough, step):
    assert draw.round_step(rough) == pytest.approx(step)


def test_the_ticks_of_a_scale_are_round_and_inside():
    scale = draw.spanning([-14.2, 3.3], 150, 700, around=0.0)
    ticks = scale.ticks()

    assert 0 in ticks
    assert all(scale.low <= tick <= scale.high for tick in ticks)
    assert len({round(later - earlier, 6) for earlier, later in pairwise(ticks)}) == 1


def test_a_limit_outside_the_figures_is_not_drawn():
    series = [draw.Series("自评", "circle", draw.BLANK)]

    far = draw.dots("a", "甲", [("某省", (450.0,)), ("某市", (460.0,))], series, 350.0)

    assert "limit" not in {one.look for one in far.strokes}
