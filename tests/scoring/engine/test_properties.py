"""What holds for all marks, all answers and all files, tried on many of them."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.engine import (
    Facts,
    FieldSpec,
    Programme,
    ProgrammeError,
    ScoreSheet,
    ValueProblem,
    evaluate,
    explain,
    load_programme,
    parse_mark,
    parse_value,
    partial,
    propose,
    settle,
    what_would_change,
)
from scoring.engine.fields import KINDS
from scoring.judging import JudgeError, judge

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = (ROOT / "tests/scoring/cases/sample.toml").read_text("utf-8")
FILES = {name: ROOT / f"fixtures/programmes/{name}.toml" for name in ("sihao-2019-2020", "wuhao-2015")}
steadily = settings(derandomize=True, deadline=None, max_examples=40)

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals(allow_nan=True, allow_infinity=True)
    | st.text(max_size=30)
    | st.sampled_from(
        ["是", "8５%", "1,000", "2020年2月30日", "2020-1-1", "国家级", "9" * 40, "\ud800", "-0", "1e400"]
    )
    | st.dates()
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["title", "level", "on", "matter", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@cache
def programme(name: str) -> Programme:
    return load_programme(SAMPLE if name == "sample" else FILES[name].read_text("utf-8"))


@cache
def level(steps: int) -> st.SearchStrategy:
    return st.sampled_from([0, steps, steps, steps]) | st.integers(0, steps)


@st.composite
def marked(draw: st.DrawFn, names: tuple[str, ...] = ("sihao-2019-2020", "wuhao-2015", "sample")) -> tuple:
    """A programme and a mark for each row, full and nought more often than in between."""
    chosen = programme(draw(st.sampled_from(names)))
    marks = {}
    for item in chosen.rubric.items():
        steps = int(item.points / chosen.step)
        marks[item.id] = draw(level(steps)) * chosen.step
    return chosen, marks


def reading_of_the_clause(
    chosen: Programme, marks: dict[str, Decimal], *, boundary: bool = True
) -> dict[str, bool]:
    """The gates read word by word, without the engine."""
    items = chosen.rubric.items()
    total, line = sum(marks.values()), {"sihao-2019-2020": 350, "wuhao-2015": 90, "sample": 30}[chosen.id]
    most_short = {"sihao-2019-2020": 4, "sample": 1}.get(chosen.id, 0)
    passed = {"G1": total >= line if boundary else total > line}
    if chosen.id != "wuhao-2015":
        passed["G2"] = not any(item.mark == "veto" and marks[item.id] == 0 for item in items)
        short = [item for item in items if item.mark == "baseline" and marks[item.id] != item.points]
        passed["G3"] = not len(short) > most_short
    return passed


@steadily
@given(marked(), st.booleans())
def test_gates_agree_with_the_clause_read_by_hand(case: tuple, boundary: bool) -> None:
    chosen, marks = case
    gates = tuple(replace(gate, boundary_passes=boundary) for gate in chosen.rubric.gates)
    switched = replace(chosen, rubric=replace(chosen.rubric, gates=gates))

    verdict = evaluate(switched, ScoreSheet(marks))

    expected = reading_of_the_clause(chosen, marks, boundary=boundary)
    assert {gate.id: gate.passed for gate in verdict.gates} == expected
    assert verdict.eligible == all(expected.values())
    assert verdict.total == sum(marks.values()) == sum(verdict.sections.values())


@steadily
@given(marked(), st.randoms(use_true_random=False))
def test_order_of_rows_never_matters(case: tuple, random) -> None:
    chosen, marks = case
    rows = list(marks.items())
    random.shuffle(rows)
    sections = tuple(
        replace(
            section, groups=tuple(replace(group, items=group.items[::-1]) for group in section.groups[::-1])
        )
        for section in chosen.rubric.sections[::-1]
    )
    turned = replace(chosen, rubric=replace(chosen.rubric, sections=sections))

    verdict, shuffled = partial(chosen, marks), partial(chosen, dict(rows))
    other = partial(turned, marks)

    assert shuffled == verdict
    assert (other.total, other.sections, other.bonus, other.eligible) == (
        verdict.total,
        verdict.sections,
        verdict.bonus,
        verdict.eligible,
    )
    assert sorted(other.veto_zero) == sorted(verdict.veto_zero)
    assert sorted(other.baseline_short) == sorted(verdict.baseline_short)


@steadily
@given(marked(), st.data())
def test_raising_a_mark_never_lowers_anything(case: tuple, data: st.DataObject) -> None:
    chosen, marks = case
    item = data.draw(st.sampled_from(chosen.rubric.items()))
    steps = int((item.points - marks[item.id]) / chosen.step)
    raised = marks | {item.id: marks[item.id] + data.draw(st.integers(0, steps)) * chosen.step}

    before, after = partial(chosen, marks), partial(chosen, raised)

    assert after.total >= before.total
    assert after.eligible >= before.eligible
    assert set(after.veto_zero) <= set(before.veto_zero)
    assert set(after.baseline_short) <= set(before.baseline_short)


def passes_when_full(chosen: Programme, marks: dict[str, Decimal], rows: tuple[str, ...]) -> bool:
    full = {row: chosen.rubric.item(row).points for row in rows}
    return partial(chosen, marks | full).eligible


@steadily
@given(marked(("sample",)))
def test_what_would_change_is_enough_and_no_smaller_set_is(case: tuple) -> None:
    chosen, marks = case
    changes = what_would_change(chosen, ScoreSheet(marks), partial(chosen, marks))

    gaps = {item.id: item.points - marks[item.id] for item in chosen.rubric.items()}
    rows = []
    for change in changes:
        if change.sentence.startswith("基础达标项"):
            rows += sorted(change.rows, key=lambda row: -gaps[row])[: int(change.need)]
        else:
            rows += change.rows

    assert passes_when_full(chosen, marks, tuple(rows))
    smaller = combinations(marks, max(0, len(rows) - 1))
    assert not rows or not any(passes_when_full(chosen, marks, few) for few in smaller)


@steadily
@given(marked())
def test_every_verdict_can_be_explained(case: tuple) -> None:
    chosen, marks = case
    verdict = partial(chosen, marks)

    sentences = explain(chosen, verdict)

    assert all(sentence.endswith("。") for sentence in sentences)
    assert len(sentences) == 3 + len(verdict.gates) + verdict.on_boundary
    assert (what_would_change(chosen, marks, verdict) == []) == verdict.eligible


@steadily
@given(st.lists(marked(("sample",)), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_settled_marks_lie_between_the_sheets_in_any_order(cases: list[tuple], random) -> None:
    chosen = cases[0][0]
    sheets = [ScoreSheet(marks) for _, marks in cases]
    agreed = {item.id: item.points for item in chosen.rubric.items() if item.mark}

    settled = settle(chosen, sheets, agreed)
    random.shuffle(sheets)

    assert settle(chosen, sheets, agreed) == settled
    for item in chosen.rubric.items():
        given_marks = [sheet.marks[item.id] for sheet in sheets]
        if not item.mark:
            assert min(given_marks) <= settled.marks[item.id] <= max(given_marks)


@steadily
@given(st.integers(0, 3000), st.integers(0, 3000))
def test_a_fifth_visited_is_a_matter_of_whole_numbers(visited: int, members: int) -> None:
    sihao = programme("sihao-2019-2020")
    facts = Facts(
        {
            "visited_2019": visited,
            "ent_members_2019": members,
            "visited_2020": visited,
            "ent_members_2020": members,
        }
    )

    mark = propose(sihao, facts)["B2.7"].points

    assert (mark == 6) == (members > 0 and 100 * visited >= 20 * members)
    assert (mark >= 4) == (members > 0 and 100 * visited >= 15 * members)
    assert (mark >= 2) == (members > 0 and 100 * visited >= 10 * members)


@steadily
@given(
    st.dictionaries(
        st.sampled_from([spec.id for spec in programme("sihao-2019-2020").fields]), JSON, max_size=40
    )
)
def test_proposals_stay_within_their_rows_whatever_is_declared(raw: dict) -> None:
    sihao = programme("sihao-2019-2020")
    facts, problems = Facts.parse(sihao, raw)

    assert set(problems).isdisjoint(facts.values)
    for row, proposal in propose(sihao, facts).items():
        item = sihao.rubric.item(row)
        assert (proposal.points is None) == (item.auto == "manual")
        assert proposal.points is None or 0 <= proposal.points <= item.points
        assert proposal.points is None or proposal.points % sihao.step == 0


def refusal_of(attempt: Callable[[], object], kind: type[Exception]) -> str | None:
    """What the attempt was refused with, or None when it was taken; any other exception goes through."""
    try:
        attempt()
    except kind as refusal:
        return str(refusal)
    return None


@pytest.mark.parametrize("kind", KINDS)
@steadily
@given(raw=JSON)
def test_a_value_is_taken_or_refused_and_nothing_else(kind: str, raw: object) -> None:
    prizes = programme("sample").field("prizes").item
    spec = FieldSpec(id="x", label="某项", kind=kind, options=("是", "国家级"), item=prizes)

    refusal = refusal_of(lambda: parse_value(spec, raw), ValueProblem)

    if refusal is None:
        value = parse_value(spec, raw)
        assert value is None or parse_value(spec, value) == value
    else:
        assert refusal.isprintable()
        assert refusal


@steadily
@given(raw=JSON)
def test_a_mark_is_taken_or_refused_and_nothing_else(raw: object) -> None:
    sample = programme("sample")
    item = sample.rubric.item("A1.1")

    refusal = refusal_of(lambda: parse_mark(item, sample.step, raw), ValueProblem)

    if refusal is None:
        assert 0 <= parse_mark(item, sample.step, raw) <= item.points
        assert parse_mark(item, sample.step, raw) % sample.step == 0
    else:
        assert refusal.startswith("A1.1：")


LINES = SAMPLE.splitlines()
TOKENS = ["", "0", "-1", "1.5", '"x"', "true", "[]", "{}", "2020-01-01", "inf", "[[1, 2]]", '{field = "n"}']


@settings(derandomize=True, deadline=None, max_examples=120)
@given(st.integers(0, len(LINES) - 1), st.sampled_from(TOKENS), st.booleans())
def test_a_spoilt_file_is_refused_and_nothing_else(number: int, token: str, whole: bool) -> None:
    key, equals, _ = LINES[number].partition(" = ")
    spoilt = f"{key} = {token}" if equals and not whole else token
    text = "\n".join([*LINES[:number], spoilt, *LINES[number + 1 :]])

    refusal = refusal_of(lambda: load_programme(text), ProgrammeError)

    assert refusal is None or refusal.isprintable()


@settings(derandomize=True, deadline=None, max_examples=70)
@given(st.binary(max_size=60) | st.text(alphabet='{}[]":,mfarksct0.1-eN ', max_size=40).map(str.encode))
def test_a_request_is_judged_or_refused_in_one_line(request: bytes) -> None:
    with pytest.raises(JudgeError) as refusal:
        judge(request, ROOT / "fixtures/programmes")

    assert str(refusal.value).isprintable()
