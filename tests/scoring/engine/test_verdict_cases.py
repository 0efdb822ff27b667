"""The verdict cases of tests/scoring/cases, which an official can read."""

import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from scoring.engine import Programme, ScoreSheet, evaluate, load_programme, partial

ROOT = Path(__file__).resolve().parents[3]
SWITCH = "boundary_passes = true"


def read_cases() -> list[pytest.param]:
    cases = []
    for path in sorted((ROOT / "tests/scoring/cases").glob("verdicts-*.toml")):
        file = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
        cases += [
            pytest.param(file["programme"], case, id=f"{file['programme']} {case['name']}")
            for case in file["case"]
        ]
    return cases


def programme_with(name: str, *, boundary: bool) -> Programme:
    text = (ROOT / f"fixtures/programmes/{name}.toml").read_text("utf-8")
    assert text.count(SWITCH) == 1
    return load_programme(text if boundary else text.replace(SWITCH, "boundary_passes = false"))


def marks_of(programme: Programme, case: dict) -> dict[str, object]:
    """Full marks, less what the case sets to nought, with the marks it names."""
    zero, marks = set(case.get("zero", ())), {}
    for section in programme.rubric.sections:
        for group in section.groups:
            for item in group.items:
                marks[item.id] = Decimal(0) if {section.code, group.code, item.id} & zero else item.points
    return marks | case.get("marks", {})


@pytest.mark.parametrize(("name", "case"), read_cases())
def test_verdict_is_what_the_case_says(name: str, case: dict) -> None:
    programme = programme_with(name, boundary=case.get("boundary", True))

    sheet, problems = ScoreSheet.parse(programme.rubric, programme.step, marks_of(programme, case))
    assert problems == {}
    verdict = evaluate(programme, sheet)

    assert {
        "total": verdict.total,
        "bonus": verdict.bonus,
        "eligible": verdict.eligible,
        "failed": [gate.id for gate in verdict.gates if not gate.passed],
        "veto_zero": list(verdict.veto_zero),
        "baseline_short": list(verdict.baseline_short),
        "on_boundary": verdict.on_boundary,
    } == {
        "total": case["total"],
        "bonus": case["bonus"],
        "eligible": case["eligible"],
        "failed": case.get("failed", []),
        "veto_zero": case.get("veto_zero", []),
        "baseline_short": case.get("baseline_short", []),
        "on_boundary": case.get("on_boundary", False),
    }
    assert sum(verdict.sections.values()) == verdict.total
    assert verdict == partial(programme, sheet.marks)
