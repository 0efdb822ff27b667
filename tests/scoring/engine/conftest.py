"""The programmes the engine is tested on."""

from pathlib import Path

import pytest

from scoring.engine import Programme, load_programme

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def sihao() -> Programme:
    return load_programme((ROOT / "fixtures/programmes/sihao-2019-2020.toml").read_text("utf-8"))


@pytest.fixture(scope="session")
def wuhao() -> Programme:
    return load_programme((ROOT / "fixtures/programmes/wuhao-2015.toml").read_text("utf-8"))


@pytest.fixture(scope="session")
def sample_text() -> str:
    return (ROOT / "tests/scoring/cases/sample.toml").read_text("utf-8")


@pytest.fixture(scope="session")
def sample(sample_text: str) -> Programme:
    return load_programme(sample_text)
