"""Figures among peers: from how many on, how far is far, and where the dots lie."""

import pytest

from declarations.outliers import FEWEST, dots_of, spread_of


def found(values, *, by_factor=True):
    spread = spread_of(dict(enumerate(values)), by_factor=by_factor)
    return sorted(spread.out_of_line) if spread is not None else None


def test_below_the_fewest_peers_nothing_is_said():
    assert found([40] * (FEWEST - 2) + [9000]) is None
    assert found([40] * (FEWEST - 1) + [9000]) == [FEWEST - 1]


def test_a_figure_far_from_the_median_is_told_with_its_sign():
    spread = spread_of(dict(enumerate([30, 34, 36, 38, 40, 41, 44, 46, 52, 900, 1])), by_factor=True)

    assert spread.median == 40
    assert {key: score > 0 for key, score in spread.out_of_line.items()} == {9: True, 10: False}


@pytest.mark.parametrize(("figure", "told"), [(160, []), (172, [9])])
def test_among_equal_figures_one_is_told_from_about_four_times_on(figure, told):
    assert found([40] * 9 + [figure]) == told


@pytest.mark.parametrize(("share", "told"), [(0.94, []), (0.96, [9])])
def test_among_equal_shares_one_is_told_from_35_points_on(share, told):
    assert found([0.6] * 9 + [share], by_factor=False) == told


def test_one_figure_out_of_line_does_not_hide_another():
    assert found([38, 39, 40, 40, 41, 41, 42, 43, 4000, 5000]) == [8, 9]


def test_negative_figures_are_not_compared_by_factors():
    assert found([-1, *range(20)]) is None


def test_every_peer_is_a_dot_and_equal_ones_stand_above_each_other():
    plot = dots_of([10, 10, 10, 20, 40], 80, by_factor=True)

    assert len(plot.peers) == 5
    first = [dot for dot in plot.peers if dot.x == plot.peers[0].x]
    assert [dot.y for dot in first] == ["81.0", "74.0", "67.0"]
    assert plot.own.x == "620.0"
    assert plot.ticks == (("20", "10"), ("620", "80"))
    high = dots_of([5.0] * 400, 5.0, by_factor=False)
    assert min(float(dot.y) for dot in high.peers) >= 0
