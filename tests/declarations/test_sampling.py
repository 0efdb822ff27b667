"""A draw comes out the same for anybody who has its list and its seed, and its strata have their exact shares."""

from hashlib import sha256
from random import Random

import pytest

from declarations.sampling import CannotDraw, Unit, draw, list_digest, outcome_digest, random_number

REGIONS = ("东部", "中部", "西部")


def units(*sizes: int) -> list[Unit]:
    """Return so many cases in each of the strata."""
    return [
        Unit(f"SH2020-{at}{n:05d}", REGIONS[at], "县级", "行业商会")
        for at, size in enumerate(sizes)
        for n in range(size)
    ]


def places(sample) -> dict[str, int]:
    return {stratum.key.split("|")[0]: stratum.cases for stratum in sample.strata}


def test_the_same_seed_draws_the_same_whatever_the_order_of_the_list():
    listed = units(40, 30, 20)
    shuffled = list(listed)
    Random(7).shuffle(shuffled)

    assert draw("种子", 9, shuffled) == draw("种子", 9, listed)


def test_another_seed_draws_others_and_as_many_of_each_stratum():
    one, other = draw("种子甲", 9, units(40, 30, 20)), draw("种子乙", 9, units(40, 30, 20))

    assert one.numbers != other.numbers
    assert places(one) == places(other) == {"东部": 4, "中部": 3, "西部": 2}


def test_anybody_computes_the_draw_again_with_the_standard_library_alone():
    listed, seed = units(12, 8), "彩票2020110"
    by_hash = lambda unit: sha256(f"{seed}|{unit.number}".encode()).hexdigest()  # noqa: E731 as the page says it
    expected = sorted(listed[:12], key=by_hash)[:3] + sorted(listed[12:], key=by_hash)[:2]

    sample = draw(seed, 5, listed)

    assert sample.numbers == sorted(unit.number for unit in expected)
    assert sample.drawn[0].random == by_hash(sample.drawn[0].unit) == random_number(seed, sample.drawn[0].unit.number)
    assert [ticket.place for ticket in sample.drawn] == [1, 2, 3, 1, 2]


@pytest.mark.parametrize(
    ("sizes", "cases", "expected"),
    [
        ((60, 25, 15), 10, {"东部": 6, "中部": 3, "西部": 1}),  # 6 / 2.5 / 1.5: the tie goes to the larger
        ((5, 5), 1, {"东部": 1, "中部": 0}),  # equal in all: the lower key
        ((1, 1, 1), 3, {"东部": 1, "中部": 1, "西部": 1}),
        ((97, 2, 1), 2, {"东部": 2, "中部": 0, "西部": 0}),
    ],
)
def test_strata_have_their_shares_by_largest_remainder(sizes, cases, expected):
    sample = draw("s", cases, units(*sizes))

    assert places(sample) == expected
    assert len(sample.drawn) == cases


def test_nearly_every_case_is_drawn_about_as_often_as_the_others():
    listed = units(20)
    hits = dict.fromkeys((unit.number for unit in listed), 0)
    for seed in range(400):
        for number in draw(str(seed), 5, listed).numbers:
            hits[number] += 1

    assert sum(hits.values()) == 2000
    assert 60 < min(hits.values()) < max(hits.values()) < 145  # 100 each, five standard deviations about it


def test_digests_are_those_of_the_lines_that_the_page_names():
    listed = units(2)

    lines = "SH2020-000000|东部|县级|行业商会\nSH2020-000001|东部|县级|行业商会\n"
    assert list_digest(reversed(listed)) == sha256(lines.encode()).hexdigest()
    assert outcome_digest(["b", "a"]) == sha256(b"a\nb\n").hexdigest()


@pytest.mark.parametrize(
    ("seed", "cases", "listed", "sentence"),
    [
        (" ", 1, units(2), "没有种子，不能抽取。"),
        ("s", 0, units(2), "抽取件数至少为1件。"),
        ("s", 3, units(2), "可抽取的推荐对象只有2件，不足3件。"),
        ("s", 1, [], "可抽取的推荐对象只有0件，不足1件。"),
        ("s", 1, units(1) * 2, "同一受理编号出现了两次。"),
    ],
)
def test_what_cannot_be_drawn_is_refused(seed, cases, listed, sentence):
    with pytest.raises(CannotDraw) as caught:
        draw(seed, cases, listed)

    assert str(caught.value) == sentence


def test_all_cases_of_a_list_may_be_drawn():
    assert len(draw("s", 3, units(2, 1)).numbers) == 3
