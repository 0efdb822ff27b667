"""The proposal cases of tests/scoring/cases: facts, points and the sentence that gives the figures."""

import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from scoring.engine import Facts, load_programme, propose

ROOT = Path(__file__).resolve().parents[3]
CASES = ROOT / "tests/scoring/cases"
BY_PEOPLE = "由人评定"


def read_cases() -> list[pytest.param]:
    cases = []
    for path in sorted(CASES.glob("proposals-*.toml")):
        file = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
        cases += [
            pytest.param(file["programme"], case, id=f"{file['programme']} {case['row']} {number}")
            for number, case in enumerate(file["case"])
        ]
    return cases


@pytest.fixture(scope="module")
def programmes() -> dict:
    paths = {
        path.stem: path for folder in (CASES, ROOT / "fixtures/programmes") for path in folder.glob("*.toml")
    }
    names = ("sihao-2019-2020", "wuhao-2015", "sample")
    return {name: load_programme(paths[name].read_text("utf-8")) for name in names}


@pytest.mark.parametrize(("name", "case"), read_cases())
def test_proposal_is_what_the_case_says(programmes: dict, name: str, case: dict) -> None:
    facts, problems = Facts.parse(programmes[name], case["facts"])

    proposal = propose(programmes[name], facts)[case["row"]]

    assert problems == {}
    assert (BY_PEOPLE if proposal.points is None else proposal.points) == case["points"]
    assert proposal.because == case["because"]


def test_every_row_gets_a_proposal_in_order(sihao, wuhao) -> None:
    for programme in (sihao, wuhao):
        proposals = propose(programme, Facts({}))

        assert list(proposals) == [item.id for item in programme.rubric.items()]
        assert {one.points for one in proposals.values()} == {None, Decimal(0)}
        assert propose(programme.rubric, Facts({})) == proposals
