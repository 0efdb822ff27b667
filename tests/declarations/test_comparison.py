"""Two frozen copies beside each other: which rows changed and why, texts by stretches, what a round asks of whom."""

from copy import deepcopy

import pytest
from django.conf import settings

from declarations.comparison import (
    NEVER_SIGNED,
    NOT_MARKED,
    NOTHING_CHANGED,
    Kind,
    Part,
    Scored,
    Stretch,
    changed_rows,
    differences,
    held,
    parts_of_round,
)
from declarations.states import Cause
from scoring.engine import load_programme

ROW, OTHER = "A1.2", "A1.3"
COPY = {
    "answers": {"members_2019": "100"},
    "marks": [
        {"layer": "self", "rows": {ROW: {"points": "7.00", "words": "走访15家", "reason": ""}}},
        {"layer": "county", "rows": {ROW: {"points": "6.00", "words": "", "reason": "少一次"}}},
    ],
    "evidence": [{"row": ROW, "name": "签到表.pdf", "digest": "aa"}],
}


@pytest.fixture(scope="module")
def programme():
    file = settings.BASE_DIR / "fixtures" / "programmes" / "sihao-2019-2020.toml"
    return load_programme(file.read_text(encoding="utf-8"))


@pytest.fixture
def later():
    return deepcopy(COPY)


def own(content):
    return content["marks"][0]["rows"]


def test_a_copy_beside_itself_has_no_changed_row(programme, later):
    assert changed_rows(programme, COPY, later) == {}


@pytest.mark.parametrize(
    ("part", "value", "cause"),
    [("points", "6.00", Cause.MARK), ("words", "走访20家", Cause.WORDS), ("reason", "另有材料", Cause.WORDS)],
)
def test_a_row_changes_with_its_own_mark_and_words(programme, later, part, value, cause):
    own(later)[ROW][part] = value

    assert changed_rows(programme, COPY, later) == {ROW: (cause,)}


def test_a_row_changes_with_evidence_that_comes_goes_or_is_another(programme, later):
    for evidence in ([], [{"row": ROW, "name": "签到表.pdf", "digest": "bb"}]):
        later["evidence"] = evidence
        assert changed_rows(programme, COPY, later) == {ROW: (Cause.EVIDENCE,)}


def test_the_same_file_by_another_name_is_no_change(programme, later):
    later["evidence"][0]["name"] = "签到表（盖章）.pdf"

    assert changed_rows(programme, COPY, later) == {}


def test_a_fact_and_its_evidence_change_every_row_that_is_judged_by_it_and_no_other(programme, later):
    field = next(item.fields[0] for item in programme.rubric.items() if item.fields)
    judged = [item.id for item in programme.rubric.items() if field in item.fields]
    later["answers"][field] = "改了"

    assert changed_rows(programme, COPY, later) == dict.fromkeys(judged, (Cause.FACTS,))

    later["evidence"].append({"row": field, "name": "名册.pdf", "digest": "cc"})
    assert changed_rows(programme, COPY, later) == dict.fromkeys(judged, (Cause.EVIDENCE, Cause.FACTS))


def test_a_blank_answer_is_the_same_blank(programme, later):
    field = next(item.fields[0] for item in programme.rubric.items() if item.fields)
    later["answers"][field] = ""

    assert changed_rows(programme, COPY, later) == {}


def test_another_layer_changes_nothing(programme, later):
    later["marks"][1]["rows"][ROW]["points"] = "1.00"

    assert changed_rows(programme, COPY, later) == {}


def test_what_is_no_copy_holds_nothing():
    assert held({"marks": "x", "evidence": None, "answers": []}, ROW) == held({}, ROW)


# ---- texts


def test_texts_are_told_apart_stretch_by_stretch_and_figures_stay_whole():
    assert differences("走访15家，占15%。", "走访20家，占20%。") == (
        Stretch(Kind.SAME, "走访"),
        Stretch(Kind.GONE, "15"),
        Stretch(Kind.NEW, "20"),
        Stretch(Kind.SAME, "家，占"),
        Stretch(Kind.GONE, "15%"),
        Stretch(Kind.NEW, "20%"),
        Stretch(Kind.SAME, "。"),
    )


def test_what_came_where_nothing_was_is_all_new():
    assert differences("", "补充签到表") == (Stretch(Kind.NEW, "补充签到表"),)
    assert differences("同", "同") == (Stretch(Kind.SAME, "同"),)


def test_texts_with_little_in_common_are_told_apart_as_wholes():
    old, new = "有关情况见佐证材料，截至2020年9月。", "共开展3次，126人参加（2020年）。"

    assert differences(old, new) == (Stretch(Kind.GONE, old), Stretch(Kind.NEW, new))


def test_long_texts_are_compared_by_line():
    old = "\n".join("会" * 99 for _ in range(40))

    assert differences(old, old.replace("会", "议", 1))[0] == Stretch(Kind.GONE, "会" * 99 + "\n")


# ---- what a round asks of each tier


def test_a_tier_looks_at_what_it_marked_and_what_changed_since_it_signed(programme, later):
    own(later)[ROW]["points"] = "6.00"
    tiers = [Scored(1, COPY, frozenset({ROW, OTHER})), Scored(2, later, frozenset({ROW}))]

    assert parts_of_round(programme, tiers, later) == [
        Part(1, {ROW: (Cause.MARK,)}),
        Part(2, {}, NOTHING_CHANGED),
    ]


def test_a_tier_that_marked_none_of_the_changed_rows_or_never_signed_is_skipped_with_why(programme, later):
    own(later)[ROW]["points"] = "6.00"
    tiers = [Scored(1, COPY, frozenset({OTHER})), Scored(2, None, frozenset({ROW}))]

    assert parts_of_round(programme, tiers, later) == [Part(1, {}, NOT_MARKED), Part(2, {}, NEVER_SIGNED)]
