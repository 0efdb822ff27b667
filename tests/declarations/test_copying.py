"""Copied texts: which pairs are found, which are not, and where the same passages stand."""

from random import Random

import pytest

from declarations.copying import (
    CERTAIN,
    LEAST_PRINTS,
    beside,
    common_texts,
    most_sharing,
    pairs_among,
    plain,
    prints_of,
)
from tests.declarations.texts import COMMON, copied, deeds, own_sentence


def pairs(texts):
    return [(one.first, one.second) for one in pairs_among([prints_of([text]) for text in texts]).pairs]


def test_a_planted_copy_is_found_among_others_and_nothing_else_is():
    rng = Random(4)
    pool = tuple(own_sentence(rng) for _ in range(60))
    texts = [deeds(rng, pool=pool) for _ in range(120)]
    texts[97] = copied(rng, texts[13])

    assert pairs(texts) == [(13, 97)]


def test_common_wording_makes_no_pair():
    rng = Random(5)

    assert pairs(["".join(COMMON) + deeds(rng, 4) for _ in range(20)]) == []


def test_few_same_sentences_make_no_pair_and_many_do():
    rng = Random(6)
    same = [own_sentence(rng) for _ in range(12)]
    mine, theirs = ([own_sentence(rng) for _ in range(12)] for _ in range(2))

    assert pairs(["".join(mine + same[:2]), "".join(theirs + same[:2])]) == []
    assert pairs(["".join(mine + same), "".join(theirs + same)]) == [(0, 1)]
    assert LEAST_PRINTS == 20


def test_what_more_cases_share_than_a_pair_would_tell_is_told_once_as_a_set_text():
    rng = Random(7)
    text, other = deeds(rng), deeds(rng)
    most = most_sharing(6)
    rows = [(case, "deeds", text) for case in range(most + 1)] + [(9, "deeds", other), (10, "deeds", other)]
    rows += [(case, "A1.1", f"{text}，2020") for case in range(most + 1)]

    assert common_texts(rows, 6) == [dict.fromkeys(range(most + 1), "deeds")]
    assert common_texts(rows[1:], 6) == [dict.fromkeys(range(most + 1), "A1.1")]
    assert common_texts([(case, "A1.1", "已完成。") for case in range(9)], 6) == []
    assert [most_sharing(cases) for cases in (10, 499, 500, 1500)] == [4, 4, 5, 15]


def test_figures_and_commas_do_not_hide_a_copy():
    assert plain("两年来，走访 126 家。") == plain("两年来走访98家") == "两年来走访0家"


@pytest.mark.parametrize(("length", "found"), [(CERTAIN - 1, 0), (CERTAIN, 1)])
def test_a_passage_is_shown_from_the_length_that_is_always_found(length, found):
    rng = Random(8)
    same = "".join(rng.sample([chr(0x6000 + n) for n in range(500)], length))
    left, right = f"甲乙丙{same}丁", f"子丑{same}寅卯"

    shown = beside({"deeds": left}, {"A1.1": right})

    assert len(shown.passages) == found
    assert shown.shared == length * found
    assert bool(set(prints_of([left])) & set(prints_of([right]))) or not found


def test_passages_are_marked_in_the_words_as_they_stand_in_both():
    same = "商会党支部组织集中学习，会长班子成员带头讲党课，重大事项先经党组织研究决定"
    left = {"deeds": f"第一。{same}。第二。"}
    right = {"A1.1": "无", "A1.2": f"开头。{same.replace('，', '、')}。结尾"}

    shown = beside(left, right)

    assert [(one.text, one.same) for one in shown.pieces("left", "deeds", left["deeds"])] == [
        ("第一。", False), (same, True), ("。第二。", False)
    ]
    assert [(one.text, one.same) for one in shown.pieces("right", "A1.2", right["A1.2"])] == [
        ("开头。", False), (same.replace("，", "、"), True), ("。结尾", False)
    ]
    assert [(one.left, one.right) for one in shown.passages] == [("deeds", "A1.2")]
    assert 0.7 < shown.share < 1


def test_common_wording_between_and_around_is_no_part_of_a_passage():
    rng = Random(9)
    usual = "".join(COMMON)
    mine, same = own_sentence(rng) + own_sentence(rng), own_sentence(rng) + own_sentence(rng)
    others = [usual + deeds(rng, 6) for _ in range(8)]
    left, right = f"{mine}{usual}{same}", f"{usual}{same}"
    common = pairs_among([prints_of([text]) for text in (*others, left, right)]).common

    whole = beside({"deeds": left}, {"deeds": right})
    shown = beside({"deeds": left}, {"deeds": right}, common)

    assert len(plain(usual + same)) == whole.shared
    marked = "".join(one.text for one in shown.pieces("left", "deeds", left) if one.same)
    assert marked.endswith(same.removesuffix("。"))
    assert len(plain(marked)) <= len(plain(same)) + CERTAIN


def test_hostile_and_empty_texts_are_looked_at_like_any():
    for text in ("", " ", "\x00" * 40, "\ud800" * 40, "😀" * 40, "a" * 5):
        assert pairs([text, text]) == []
        assert beside({"x": text}, {"x": text}).share in {0.0, 1.0}
    assert pairs_among([]).pairs == ()
