"""What is tested is what is run: both locks name the same packages in the same versions."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PINNED = re.compile(r"^([\w.\[\],-]+==\S+)", re.MULTILINE)


def pinned(lock: str) -> set[str]:
    return set(PINNED.findall((ROOT / lock).read_text(encoding="utf-8")))


def test_the_tests_run_on_every_package_of_the_site():
    assert len(pinned("requirements.txt")) > 40
    assert pinned("requirements.txt") - pinned("tests/requirements.txt") == set()
