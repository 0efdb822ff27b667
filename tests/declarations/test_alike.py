"""Which files are alike: both sides of every bound, without a database."""

from random import Random

import pytest

from declarations.alike import (
    BANDS,
    CLEAR_PLACES,
    LEAST_SHARE,
    LEAST_SIGNS,
    MET,
    MOST_BITS,
    SKETCH,
    Likeness,
    bands_of,
    bits_apart,
    near,
    picture_hash,
    sketch_of,
)
from declarations.copying import plain
from declarations.crossing import Compared, alike_files, same_files
from declarations.states import CrossKind
from tests.declarations.texts import SYLLABLES, copied, deeds


def signs(number: int, seed: int = 1) -> str:
    return "".join(Random(seed).choices(SYLLABLES, k=number))


def test_a_text_shorter_than_the_bound_is_not_looked_up_and_one_as_long_is():
    assert sketch_of(signs(LEAST_SIGNS - 1)) == ()
    assert len(sketch_of(signs(LEAST_SIGNS))) == SKETCH
    assert sketch_of("，。 " + signs(LEAST_SIGNS - 1)) == ()
    assert near(signs(LEAST_SIGNS - 1), signs(LEAST_SIGNS - 1)) is None
    assert near(signs(LEAST_SIGNS), signs(LEAST_SIGNS)).share == 1


def test_marks_fit_into_the_columns_of_a_database():
    assert all(-(2**63) <= one < 2**63 for one in sketch_of(signs(5000)))


@pytest.mark.parametrize(("same", "told"), [(700, True), (699, False)])
def test_the_share_of_the_shorter_text_decides(same, told):
    text = signs(1000)
    other = text[:same] + signs(1000 - same, 2)
    found = near(text, other)
    assert (found is not None) == told
    assert not told or found.share == LEAST_SHARE


@pytest.mark.parametrize(("longer", "told"), [(1000, True), (1001, False)])
def test_a_text_within_one_more_than_twice_as_long_is_not_told(longer, told):
    text = signs(500)
    assert (near(text, text + signs(longer - 500, 2)) is not None) == told


def test_a_copy_with_other_figures_and_every_fifth_sentence_anew_is_looked_up_and_told():
    rng = Random(5)
    for _ in range(20):
        text = deeds(rng)
        again = copied(rng, text)
        assert len(set(sketch_of(text)) & set(sketch_of(again))) >= MET
        assert LEAST_SHARE < near(text, again).share < 1
    assert near(deeds(rng), deeds(rng)) is None


def test_what_is_just_alike_enough_shares_enough_of_what_is_looked_up():
    """At the very bounds a pair would be met with in every one of a hundred tries."""
    for seed in range(100):
        text = signs(600, seed)
        other = text[:420] + signs(180 + 600, seed + 1000)
        assert near(text, other) is not None
        assert len(set(sketch_of(text)) & set(sketch_of(other))) >= MET


def levels(steps: list[int]) -> list[list[int]]:
    """Return nine rows of nine levels with those 64 steps between neighbours, the last row like the one above."""
    rows = []
    for at in range(0, 64, 8):
        row = [128]
        for step in steps[at : at + 8]:
            row.append(row[-1] + step)
        rows.append(row)
    return [*rows, rows[-1]]


@pytest.mark.parametrize(("clear", "told"), [(CLEAR_PLACES, True), (CLEAR_PLACES - 1, False)])
def test_a_picture_with_too_few_clear_places_is_plain(clear, told):
    assert (picture_hash(levels([4] * clear + [3] * (64 - clear))) is not None) == told


def test_each_bit_says_whether_it_grows_lighter():
    steps = [5, -5] * 32
    assert picture_hash(levels(steps)) == int("01" * 32, 2)
    assert picture_hash(levels([-5, 5] * 32)) == int("10" * 32, 2)
    turned = [list(row) for row in zip(*levels(steps), strict=True)]
    assert picture_hash([[one + place for place, one in enumerate(row)] for row in turned]) is None
    mixed = [[10 * row + 5 * column for column in range(9)] for row in range(9)]
    assert picture_hash(mixed) == 2**128 - 1


def test_bits_down_are_counted_as_those_across_and_the_greater_number_decides():
    assert bits_apart(0, 0b111) == 3
    assert bits_apart(0, 0b11111 << 64 | 0b111) == 5
    assert bits_apart(0, 0b11 << 64 | 0b1) == 2


def test_pictures_within_the_bound_always_share_a_band_and_beyond_it_they_may_not():
    assert (sum(BANDS), len(BANDS)) == (64, MOST_BITS + 1)
    rng = Random(2)
    for _ in range(500):
        one = rng.getrandbits(64)
        other = one
        for place in rng.sample(range(64), MOST_BITS):
            other ^= 1 << place
        assert bits_apart(one, other) == MOST_BITS
        assert set(bands_of(one)) & set(bands_of(other))
    spread = sum(1 << at for at in (0, 13, 26, 39, 52))
    assert bits_apart(0, spread) == MOST_BITS + 1
    assert not set(bands_of(0)) & set(bands_of(spread))


def test_equal_bits_in_different_places_never_meet():
    assert len(set(bands_of(0))) == len(BANDS)
    assert max(bands_of(2**64 - 1)) < 2**31


# ---- told across cases


def held(pk: int, **files: str) -> Compared:
    return Compared(pk, files={digest: ((place, f"{digest}.pdf"),) for digest, place in files.items()})


TEXTS = Likeness("a", "b", 1234, 0.831)
PHOTOS = Likeness("c", "d", bits=2)


def test_alike_files_are_told_of_each_case_without_naming_the_other():
    cases = [held(1, a="A1.1", c="B1.1"), held(2, b="A1.2"), held(3, d="“会员名册”")]
    text, photo = alike_files(cases, [TEXTS, PHOTOS])
    assert [(part.case, part.sentence) for part in text.parts] == [
        (1, "A1.1的佐证材料《a.pdf》：文字与另一件申报的材料近似，1234字相同，占较短一份的83%。"),
        (2, "A1.2的佐证材料《b.pdf》：文字与另一件申报的材料近似，1234字相同，占较短一份的83%。"),
    ]
    assert [(part.case, part.sentence) for part in photo.parts] == [
        (1, "B1.1的照片《c.pdf》：与另一件申报的照片近似（差异值最多相差2位）。"),
        (3, "“会员名册”的照片《d.pdf》：与另一件申报的照片近似（差异值最多相差2位）。"),
    ]
    assert (text.kind, photo.kind) == (CrossKind.PROOF, CrossKind.PICTURE)
    assert (text.title, text.told["files"], text.told["left"], text.told["right"]) == (
        "《a.pdf》、《b.pdf》",
        ["a", "b"],
        1,
        2,
    )


def test_how_much_two_are_alike_is_told_in_words():
    assert [one.told for one in (TEXTS, PHOTOS, Likeness("c", "d", bits=0))] == [
        "相似度83%",
        "差异值最多相差2位",
        "差异值相同",
    ]


def test_what_is_the_same_file_is_not_told_a_second_time_as_alike():
    both, one = held(1, a="A1.1", b="A1.2"), held(2, a="A1.1")
    assert list(alike_files([both, one], [TEXTS])) == []
    assert [found.key for found in same_files([both, one])] == ["a"]
    assert [[part.case for part in found.parts] for found in alike_files([both, one, held(3, b="A1.1")], [TEXTS])] == [
        [2, 3]
    ]


def test_what_one_case_has_alone_is_nothing():
    assert list(alike_files([held(1, a="A1.1", b="A1.2"), held(2, c="A1.1")], [TEXTS, PHOTOS])) == []


def test_plain_texts_of_the_tests_are_as_long_as_they_say():
    assert len(plain(signs(1000))) == 1000
