"""The diagnosis of a panel: severity by an additive model, shrunk; agreement by Krippendorff's α."""

from random import Random

import pytest

from scoring.agreement import agreement
from scoring.diagnosis import severity

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


@pytest.mark.parametrize("seed", range(2))
def test_at_the_size_of_the_review_exactly_the_planted_expert_is_flagged(seed):
    """1,500 cases, three readers, 60 experts whose severity differs by chance as people's does, one 15 points apart."""
    rng = Random(seed)
    usual = {expert: rng.gauss(0, 2.5) for expert in range(60)}
    planted = rng.randrange(60)

    found = severity(
        panel(cases=1500, experts=60, apart={**usual, planted: -15}, noise=8, seed=seed), limit=10, fewest=5
    )

    assert [judge.expert for judge in found.judges if judge.flagged] == [planted]
    assert found.judges[0].is_severe
    assert abs(found.judges[0].effect + 15) < 3
    assert (found.cases, found.readings, found.groups) == (1500, 4500, 1)


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


def test_one_more_sweep_of_alternating_least_squares_moves_nothing():
    read = panel(cases=40, experts=6, apart={1: -6, 3: 5})
    found = severity(read, limit=10, fewest=1)
    ratio = (found.noise / found.between) ** 2
    effects = {judge.expert: judge.effect for judge in found.judges}
    zero = -sum(effects.values()) / len(effects)  # the predictors sum up to 0; they are told from the middle expert
    at = {expert: effect + zero for expert, effect in effects.items()}

    of_case, of_expert = {}, {}
    for case, expert, points in read:
        of_case.setdefault(case, []).append(points - at[expert])
        of_expert.setdefault(expert, []).append((case, points))
    levels = {case: sum(rest) / len(rest) for case, rest in of_case.items()}
    swept = {
        expert: sum(points - levels[case] for case, points in mine) / (len(mine) + ratio)
        for expert, mine in of_expert.items()
    }

    assert {one: round(swept[one], 6) for one in at} == {one: round(at[one], 6) for one in at}


def test_a_chain_of_readers_is_solved_as_exactly_as_a_mixed_panel():
    pairs = [(case, (case + step) % 40) for case in range(400) for step in (0, 1)]
    read = [(case, expert, 400.0 - 15 * (expert == 7)) for case, expert in pairs]

    found = severity(read, limit=10, fewest=5)

    assert [(judge.expert, round(judge.effect, 3)) for judge in found.judges if judge.flagged] == [(7, -15.0)]


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
