"""What is posted becomes what was typed: nothing is judged, nothing is lost, nothing foreign comes in."""

from pathlib import Path

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from declarations.forms.application import typed_answers, typed_marks, typed_replies
from declarations.forms.evidence import EvidenceForm
from scoring.actions import Entered
from scoring.engine import load_programme

FILE = Path(__file__).resolve().parents[2] / "fixtures" / "programmes" / "sihao-2019-2020.toml"
PROGRAMME = load_programme(FILE.read_text(encoding="utf-8"))
GROUPS = [title for title, _ in PROGRAMME.field_groups()]


def posted(*pairs):
    data = QueryDict(mutable=True)
    for name, value in pairs:
        data.appendlist(name, value)
    return data


def marker(title):
    return ("_group", str(GROUPS.index(title)))


def test_only_what_was_posted_is_typed():
    assert typed_answers(PROGRAMME, posted(("name", "示例商会"), ("registered", "true"), ("unknown", "x"))) == {
        "name": "示例商会",
        "registered": "true",
    }


def test_boxes_without_a_tick_are_empty_only_when_their_group_was_posted():
    assert typed_answers(PROGRAMME, posted(marker("基本情况"))) == {}
    ticks = (("member_groups", "小微企业"), ("member_groups", "路人"))
    assert typed_answers(PROGRAMME, posted(marker("会员队伍"), *ticks)) == {"member_groups": ["小微企业", "路人"]}
    assert typed_answers(PROGRAMME, posted(marker("会员队伍"))) == {"member_groups": []}


def test_records_come_in_their_order_without_blank_rows_and_foreign_cells():
    data = posted(
        ("awards-rows", "12"),
        ("awards-10-title", "第三"),
        ("awards-0-title", "第一"),
        ("awards-0-level", "国家级"),
        ("awards-1-title", " "),
        ("awards-2-title", "第二"),
        ("awards-2-secret", "x"),
        ("awards-٣-title", "x"),
        ("awards-99999-title", "x"),
        ("awards--1-title", "x"),
    )

    assert typed_answers(PROGRAMME, data) == {
        "awards": [{"title": "第一", "level": "国家级"}, {"title": "第二"}, {"title": "第三"}]
    }


@pytest.mark.parametrize("rows", ["", "x", "-1", "9" * 400])
def test_records_do_not_trust_the_number_of_rows(rows):
    assert typed_answers(PROGRAMME, posted(("awards-rows", rows))) == {"awards": []}


def test_records_that_were_not_drawn_are_left_alone():
    assert typed_answers(PROGRAMME, posted(("awards-0-title", "x"))) == {}


def test_text_loses_nothing_but_what_no_database_keeps():
    typed = typed_answers(PROGRAMME, posted(("deeds", " 一\r\n二\r三\x00 ")))

    assert typed == {"deeds": " 一\n二\n三 "}


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), max_size=8))
def test_no_post_breaks_the_reading(pairs):
    data = posted(*pairs, *((spec.id, text) for spec, (_, text) in zip(PROGRAMME.fields, pairs, strict=False)))

    assert set(typed_answers(PROGRAMME, data)) <= {spec.id for spec in PROGRAMME.fields}
    assert set(typed_marks(PROGRAMME, data)) <= {item.id for item in PROGRAMME.rubric.items()}


def test_marks_come_with_what_was_posted_of_the_row():
    data = posted(("points-A1.1", "９"), ("words-A1.1", "一\r\n二"), ("words-A1.2", "三"), ("points-Z9", "1"))

    assert typed_marks(PROGRAMME, data) == {
        "A1.1": Entered(points="９", words="一\n二"),
        "A1.2": Entered(points=None, words="三"),
    }


def test_replies_are_named_by_item():
    assert typed_replies(posted(("reply-A1.1", "已补"), ("answer", "x"))) == {"A1.1": "已补"}


def test_evidence_asks_for_a_row_and_a_file():
    form = EvidenceForm({"row": "Z9"}, {}, rows=[("A1.1", "A1.1 学习")])

    assert form.errors == {"row": ["所选内容不在可选范围内，请重新选择。"], "files": ["请上传文件。"]}
    assert form.fields["files"].widget.attrs == {
        "multiple": True,
        "accept": ".pdf,.jpg,.jpeg,.png,.ofd,.docx,.xlsx",
    }
