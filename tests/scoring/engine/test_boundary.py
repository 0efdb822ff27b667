"""How near a verdict lies to its gates: on one, one row away on either side, or neither."""

from decimal import Decimal

import pytest

from scoring.engine import margin_of, near, partial, smallest_set


def full(programme):
    return {item.id: item.points for item in programme.rubric.items()}


def at_total(programme, total):
    """Full marks lowered to a total in rows without a mark, from the last upward."""
    marks, left = full(programme), programme.total - Decimal(total)
    for item in reversed([item for item in programme.rubric.items() if not item.mark]):
        step = min(left, item.points)
        marks[item.id] -= step
        left -= step
    assert left == 0
    return marks


def nearness(programme, marks):
    return near(programme, marks, partial(programme, marks))


def test_exactly_on_the_line(sihao):
    found = nearness(sihao, at_total(sihao, 350))

    assert found.kind == "on"
    assert found.sentences[0] == "总分350分，恰在线上，恰为350分按达线处理。"
    assert found.sentences[1].startswith("总分高出分数线0分，")
    assert found.sentences[1].endswith("中任一行少得0.5分即不达线。")


def test_the_fourth_baseline_row_is_on_the_limit_and_each_further_one_would_fail(sihao):
    baseline = sihao.rubric.marked("baseline")
    short = {item.id: item.points - 1 for item in baseline[:4]}

    found = nearness(sihao, full(sihao) | short)

    assert found.kind == "on"
    assert found.sentences[0] == "基础达标项不是满分的有4项，恰为限数，恰为4项按通过处理。"
    assert found.rows == tuple(item.id for item in baseline[4:])
    assert nearness(sihao, full(sihao) | dict(list(short.items())[:3])) is None


def test_a_veto_at_0_alone_is_one_row_below(sihao):
    found = nearness(sihao, full(sihao) | {"A1.1": Decimal(0)})

    assert (found.kind, found.rows, found.sentences) == ("below", ("A1.1",), ("A1.1补至满分即达到认定条件。",))


def test_a_veto_and_a_baseline_row_too_many_are_two_rows_away(sihao):
    baseline = {item.id: item.points - 1 for item in sihao.rubric.marked("baseline")[:5]}

    marks = full(sihao) | baseline | {"A1.1": Decimal(0)}

    assert len(smallest_set(sihao, marks, partial(sihao, marks))) == 2
    assert nearness(sihao, marks) is None


def test_a_total_that_one_row_can_lift_over_the_line_is_below(sihao):
    marks = at_total(sihao, "349.5")

    found = nearness(sihao, marks)

    assert found.kind == "below"
    gaps = {item.id for item in sihao.rubric.items() if marks[item.id] < item.points}
    assert set(found.rows) == gaps
    assert margin_of(sihao, partial(sihao, marks)) == Decimal("-0.5")


def test_the_widest_row_that_is_held_is_the_edge_above(sihao):
    held = max(at_total(sihao, 360).values())
    on, over = at_total(sihao, 350 + held - sihao.step), at_total(sihao, 350 + held)

    assert max(on.values()) == max(over.values()) == held
    assert nearness(sihao, on).kind == "above"
    assert nearness(sihao, over) is None


def test_the_widest_gap_is_the_edge_below(sihao):
    marks = at_total(sihao, 300)
    gap = max(item.points - marks[item.id] for item in sihao.rubric.items())
    on, under = at_total(sihao, 350 - gap), at_total(sihao, 350 - gap - sihao.step)

    assert nearness(sihao, on).kind == "below"
    assert nearness(sihao, under) is None


def test_full_marks_lie_near_nothing(sihao):
    assert nearness(sihao, full(sihao)) is None


@pytest.mark.parametrize(("total", "kind"), [("89.5", "below"), ("90", "on"), ("90.5", "above")])
def test_a_programme_with_one_gate(wuhao, total, kind):
    assert nearness(wuhao, at_total(wuhao, total)).kind == kind
