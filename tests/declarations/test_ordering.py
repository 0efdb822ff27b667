"""An order beside its totals: ties, departures, the fewest reasons, ranks typed by hand."""

from decimal import Decimal
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declarations.bands import band_of, step_of
from declarations.ordering import SameRankTwice, Standing, by_total, inverted, placed, tied, unexplained


def order(*totals, told=()):
    return [Standing(key, Decimal(total), "带动就业。" * (key in told)) for key, total in enumerate(totals)]


def test_equal_totals_are_ties_wherever_they_stand():
    assert tied(order(430, 410, 430, 400)) == {0, 2}
    assert tied(order("410.5", 410)) == frozenset()


def test_who_stands_against_the_totals_is_on_either_side_of_the_departure():
    assert inverted(order(450, 400, 410, 390)) == {1, 2}
    assert inverted(order(450, 410, 410, 390)) == frozenset()
    assert inverted([]) == frozenset()


@pytest.mark.parametrize(
    ("standing", "asked"),
    [
        (order(410, 400), ()),
        (order(410, 410), ()),
        (order(400, 410), (0,)),
        (order(400, 500, 450, 420), (0,)),
        (order(410, 405, 500), (2,)),
        (order(500, 400, 410, 405), (1,)),
        (order(400, 410, told=(0,)), ()),
        (order(400, 410, told=(1,)), ()),
        (order(400, 410, 420, told=(2,)), (0,)),
        ([], ()),
    ],
)
def test_the_fewest_are_asked_why(standing, asked):
    assert unexplained(standing) == asked


def falls(standing):
    return all(one.total >= two.total for one, two in pairwise(standing))


def kept(standing, without):
    return [one for one in standing if one.key not in without]


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), max_size=7))
def test_fewer_reasons_would_not_explain_it(drawn):
    standing = [Standing(key, Decimal(total), "有理由" * told) for key, (total, told) in enumerate(drawn)]
    silent = [one for one in standing if not one.reason]

    asked = unexplained(standing)

    assert falls(kept(silent, asked))
    fewer = combinations([one.key for one in silent], len(asked) - 1) if asked else ()
    assert not any(falls(kept(silent, without)) for without in fewer)


def test_by_total_ties_stay_as_they_stood_and_nobody_is_asked():
    assert by_total(order(400, 430, 410, 430)) == [1, 3, 2, 0]


@given(st.permutations(range(8)), st.dictionaries(st.integers(0, 7), st.integers(-2, 12), max_size=8))
def test_who_is_wanted_at_a_rank_stands_there_and_the_others_keep_their_order(standing, wanted):
    ranks = [max(1, min(rank, 8)) for rank in wanted.values()]

    if len(set(ranks)) < len(ranks):
        with pytest.raises(SameRankTwice) as twice:
            placed(standing, wanted)
        assert ranks.count(twice.value.rank) > 1
        return
    found = placed(standing, wanted)

    assert sorted(found) == list(range(8))
    assert [found.index(key) + 1 for key in wanted] == ranks
    assert [key for key in found if key not in wanted] == [key for key in standing if key not in wanted]


@pytest.mark.parametrize(
    ("total", "low"), [("0", 0), ("349.5", 325), ("350", 350), ("499.5", 475), ("500", 475)]
)
def test_a_band_begins_at_its_edge_and_the_last_includes_the_maximum(total, low):
    assert band_of(Decimal(total), Decimal(500)) == low
    assert step_of(Decimal(500)) == 25
