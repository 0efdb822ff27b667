"""The diagnosis of a panel: severity by an additive model, shrunk; agreement by Krippendorff's α."""

from random import Random

import pytest

from scoring.agreement import agreement
from scoring.diagnosis import inverted, severity

# Krippendorff 2004, ch. 11: four observers, twelve units, with missing data.
OBSERVERS = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)


def published():
    return [
        [int(value) for value in unit if value != "."]
        for unit in zip(*(row.split() for row in OBSERVERS), strict=True)
    ]


@pytest.mark.parametrize(("metric", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_the_published_example_comes_out(metric, alpha):
    found = agreement(published(), metric)

    assert round(found.alpha, 3) == alpha
    assert (found.units, found.readings, found.alike) == (11, 40, 8)


def test_a_unit_with_one_reading_says_nothing():
    assert agreement([*published(), [4], []]) == agreement(published())


def test_where_all_values_are_one_there_is_no_alpha():
    found = agreement([[0, 0], [0, 0, 0]])

    assert (found.alpha, found.units, found.share_alike) == (None, 2, 1.0)
    assert agreement([]).share_alike is None


def test_readers_who_never_agree_are_below_chance():
    assert agreement([[0, 1], [1, 0]]).alpha < 0


# ---- severity


def panel(*, cases=120, experts=12, readers=3, apart=None, noise=4.0, seed=3):
    rng = Random(seed)
    apart = apart or {}
    read = []
    for case in range(cases):
        level = rng.uniform(330, 470)
        chosen = rng.sample(range(experts), readers)
        read += [(case, one, level + apart.get(one, 0) + rng.gauss(0, noise)) for one in chosen]
    return read


def test_exactly_the_expert_15_points_too_harsh_is_flagged():
    found = severity(panel(apart={5: -15}), limit=10, fewest=5)

    assert [judge.expert for judge in found.judges if judge.flagged] == [5]
    worst = found.judges[0]
    assert worst.expert == 5
    assert worst.is_severe
    assert abs(worst.effect + 15) < 2
    assert (found.cases, found.readings, found.groups) == (120, 360, 1)
    assert abs(found.noise - 4) < 0.5


def test_a_panel_alike_flags_nobody_and_is_shrunk_to_nothing_much():
    found = severity(panel(), limit=10, fewest=5)

    assert not any(judge.flagged for judge in found.judges)
    assert max(abs(judge.effect) for judge in found.judges) < 2


def test_the_limit_is_part_of_what_is_flagged():
    read = panel(apart={5: -15})
    effect = abs(severity(read, limit=10, fewest=5).judges[0].effect)

    flagged = [severity(read, limit=limit, fewest=5).judges[0].flagged for limit in (effect, effect + 0.01)]

    assert flagged == [True, False]


def test_an_expert_with_fewer_cases_than_asked_is_not_flagged():
    read = panel(apart={5: -15})
    cases = sum(expert == 5 for _, expert, _ in read)

    flagged = [severity(read, limit=10, fewest=fewest).judges[0].flagged for fewest in (cases, cases + 1)]

    assert flagged == [True, False]


def test_few_cases_are_shrunk_more_than_many():
    many = panel(apart={5: -15})
    few = [one for one in many if one[1] != 5 or one[0] < 12]

    far, near = (
        next(judge for judge in severity(read, limit=10, fewest=1).judges if judge.expert == 5)
        for read in (many, few)
    )

    assert near.cases < far.cases
    assert abs(near.effect / near.mean_apart) < abs(far.effect / far.mean_apart)


def test_the_alternating_fit_solves_the_mixed_models_equations():
    read = panel(cases=30, experts=5, apart={1: -6, 3: 5})
    found = severity(read, limit=10, fewest=1)
    ratio = (found.noise / found.between) ** 2
    effects = {judge.expert: judge.effect for judge in found.judges}

    # Z'M(y - Zu) = λu for each expert, counted from the same zero; the median is taken off again.
    by_case: dict[int, list] = {}
    for case, expert, points in read:
        by_case.setdefault(case, []).append((expert, points))
    size = 5
    left = [[0.0] * size for _ in range(size)]
    right = [0.0] * size
    for case in by_case.values():
        mean = sum(points for _, points in case) / len(case)
        for expert, points in case:
            right[expert] += points - mean
            left[expert][expert] += 1
            for other, _ in case:
                left[expert][other] -= 1 / len(case)
    for at in range(size):
        left[at][at] += ratio
    solved = [sum(row[at] * right[at] for at in range(size)) for row in inverted(left)]
    middle = sorted(solved)[2]

    assert {one: round(effects[one], 3) for one in effects} == {
        one: round(solved[one] - middle, 3) for one in range(size)
    }


def test_parts_that_share_no_case_are_compared_within_themselves_alone():
    first = panel(cases=40, experts=5)
    second = [(case + 100, expert + 10, points - 60) for case, expert, points in panel(cases=40, experts=5, seed=9)]

    found = severity([*first, *second], limit=10, fewest=5)

    assert found.groups == 2
    assert not any(judge.flagged for judge in found.judges)


@pytest.mark.parametrize("read", [[], [(1, 1, 400.0)], [(1, 1, 400.0), (2, 2, 300.0)]])
def test_cases_with_one_reader_say_nothing(read):
    found = severity(read, limit=10, fewest=5)

    assert (found.judges, found.cases) == ((), 0)


def test_two_readers_of_one_case_are_too_few_to_tell_anything():
    found = severity([(1, 1, 400.0), (1, 2, 300.0)], limit=10, fewest=1)

    assert [(judge.effect, judge.flagged) for judge in found.judges] == [(0.0, False), (0.0, False)]
    assert sorted(judge.apart for judge in found.judges) == [(-100.0,), (100.0,)]
    assert found.judges[0].spread.middle == found.judges[0].apart[0]
