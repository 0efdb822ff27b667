"""Another reading of a limit changes one line of a programme's text and nothing else."""

from pathlib import Path

import pytest

from scoring.engine import ProgrammeError, load_programme
from scoring.rereading import readings_of, reread

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "programmes"


def text(name):
    return (FIXTURES / f"{name}.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["sihao-2019-2020", "wuhao-2015"])
def test_one_line_changes(name):
    old = text(name)
    new = reread(old, {"G1": False})

    changed = [(one, two) for one, two in zip(old.split("\n"), new.split("\n"), strict=True) if one != two]
    assert changed == [("boundary_passes = true", "boundary_passes = false")]
    assert readings_of(load_programme(new)) == {"G1": False}
    assert reread(new, {"G1": True}) == old


def test_the_same_reading_is_the_same_text():
    assert reread(text("wuhao-2015"), {"G1": True}) == text("wuhao-2015")


def test_a_reading_that_is_not_written_is_added():
    bare = text("wuhao-2015").replace("boundary_passes = true\n", "")

    assert readings_of(load_programme(reread(bare, {"G1": False}))) == {"G1": False}


def test_a_text_in_which_the_line_cannot_be_found_is_refused():
    odd = text("wuhao-2015").replace('id = "G1"\n', "id = 'G1'\n")

    with pytest.raises(ProgrammeError, match="不能只改这一处读法"):
        reread(odd, {"G1": False})
