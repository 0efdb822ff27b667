"""Sharing places out: the worked examples, and what holds whatever the figures."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from declarations.apportionment import Apportionment, CannotShare, Claim, apportion

W = Decimal


def claims(*sizes, weights=()):
    pairs = zip(sizes, [*weights, *[W(1)] * (len(sizes) - len(weights))], strict=True)
    return [Claim(f"{number:06d}", size, weight) for number, (size, weight) in enumerate(pairs, start=1)]


def places(found: Apportionment):
    return [share.places for share in found.shares]


# ---- the worked examples of B7


def test_a_tie_at_a_half_goes_to_the_larger():
    found = apportion(10, claims(60, 25, 15))

    assert places(found) == [6, 3, 1]
    assert [share.exact for share in found.shares] == [6, Fraction(5, 2), Fraction(3, 2)]
    assert [share.fraction for share in found.shares] == [0, Fraction(1, 2), Fraction(1, 2)]
    assert [share.rank for share in found.shares] == [3, 1, 2]
    assert [share.extra for share in found.shares] == [False, True, False]


def test_a_weight_moves_the_last_place():
    found = apportion(10, claims(60, 25, 15, weights=[W(1), W(1), W("1.2")]))

    assert places(found) == [6, 2, 2]
    assert found.shares[2].exact == Fraction(180, 103)


def test_a_floor_fixes_who_is_below_and_the_rest_is_computed_again():
    found = apportion(20, claims(960, 25, 15), least=1)

    assert places(found) == [18, 1, 1]
    assert [share.fixed for share in found.shares] == [False, True, True]


def test_equal_units_by_code():
    assert places(apportion(2, claims(5, 5, 5))) == [1, 1, 0]


# ---- both sides of what is impossible


def test_a_floor_that_just_fits_and_one_that_does_not():
    assert places(apportion(6, claims(100, 1, 0), least=2)) == [2, 2, 2]
    with pytest.raises(CannotShare) as caught:
        apportion(5, claims(100, 1, 0), least=2)
    assert str(caught.value) == "3个单位每个至少2个，共需6个，超过名额总数5个。请降低保底数。"


@pytest.mark.parametrize(
    ("total", "units", "told"),
    [
        (10, [], "没有可以分配名额的单位。"),
        (10, claims(0, 0), "各单位商会数都是0，不能按比例分配。"),
        (-1, claims(1), "名额总数和保底数不能小于0。"),
        (1, [Claim("1", 1), Claim("1", 2)], "同一单位出现了两次。"),
        (1, claims(-1, 2), "商会数不能小于0，权重须大于0。"),
        (1, claims(1, weights=[W(0)]), "商会数不能小于0，权重须大于0。"),
    ],
)
def test_what_cannot_be_shared_is_refused(total, units, told):
    with pytest.raises(CannotShare) as caught:
        apportion(total, units)

    assert str(caught.value) == told


def test_no_places_and_one_unit():
    assert places(apportion(0, claims(3, 4))) == [0, 0]
    assert places(apportion(7, claims(3))) == [7]


def test_who_counts_nothing_gets_nothing_but_the_floor():
    assert places(apportion(5, claims(3, 0))) == [5, 0]
    assert places(apportion(5, claims(3, 0), least=1)) == [4, 1]


# ---- whatever the figures

WEIGHTS = st.decimals(min_value="0.1", max_value="5", places=2)
UNITS = st.lists(st.tuples(st.integers(0, 5000), WEIGHTS), min_size=1, max_size=40)


def drawn(pairs):
    return claims(*[size for size, _ in pairs], weights=[weight for _, weight in pairs])


FIGURES = {"pairs": UNITS, "total": st.integers(0, 3000), "least": st.integers(0, 20)}


@given(**FIGURES, seed=st.integers(0, 99))
def test_sum_floor_size_and_order(pairs, total, least, seed):
    assume(any(size for size, _ in pairs) and least * len(pairs) <= total)
    units = drawn(pairs)

    found = apportion(total, units, least)

    assert sum(places(found)) == total
    assert min(places(found)) >= least
    assert all(share.places == least for share in found.shares if share.fixed)
    assert all(larger.places >= smaller.places for larger, smaller in in_one_group(found.shares))
    assert apportion(total, Random(seed).sample(units, len(units)), least) == found


def in_one_group(shares):
    """Return every pair of one weight, the larger first."""
    by_weight = sorted(shares, key=lambda share: (share.claim.weight, -share.claim.size))
    pairs = pairwise(by_weight)
    return [
        (one, two)
        for one, two in pairs
        if one.claim.weight == two.claim.weight and one.claim.size > two.claim.size
    ]


@given(**FIGURES)
def test_a_floor_is_refused_exactly_when_it_does_not_fit(pairs, total, least):
    assume(any(size for size, _ in pairs))

    try:
        apportion(total, drawn(pairs), least)
        fits = True
    except CannotShare:
        fits = False

    assert fits == (least * len(pairs) <= total)


@given(pairs=UNITS, total=st.integers(0, 3000))
def test_without_a_floor_nobody_is_further_than_one_place_from_the_exact_share(pairs, total):
    assume(any(size for size, _ in pairs))

    for share in apportion(total, drawn(pairs)).shares:
        assert abs(share.places - share.exact) < 1
