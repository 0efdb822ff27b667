"""No rule of one programme is built in: the code names neither programme; fixtures, demo and workflow tables do."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMES = re.compile(r"四好|五好|sihao-2019|wuhao")
WORKFLOW_TABLES = {"declarations/workflow.py"}


def modules():
    """Return the modules that must know no programme by name, relative to the root."""
    paths = (path for app in ("scoring", "declarations", "sihao") for path in (ROOT / app).rglob("*.py"))
    found = (path.relative_to(ROOT) for path in paths)
    return sorted(str(path) for path in found if "demo" not in path.parts and str(path) not in WORKFLOW_TABLES)


def naming(text):
    """Return the lines of a text that name a programme."""
    return [line for line in text.splitlines() if NAMES.search(line)]


@pytest.mark.parametrize("line", ['slug = "sihao-2019-2020"', "五好", 'TITLE = "“四好”商会"', "wuhao-2015.toml"])
def test_a_name_is_noticed(line):
    assert naming(f"x = 1\n{line}\n") == [line]


def test_no_module_names_a_programme():
    named = {name: lines for name in modules() if (lines := naming((ROOT / name).read_text("utf-8")))}

    assert named == {}
