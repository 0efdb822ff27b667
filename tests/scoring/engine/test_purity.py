"""The engine stands alone: no Django, no clock, no chance, no binary fractions, and every name typed."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SOURCES = sorted((ROOT / "scoring/engine").glob("*.py"))
ALLOWED = {
    "abc",
    "collections",
    "dataclasses",
    "datetime",
    "decimal",
    "fractions",
    "functools",
    "itertools",
    "math",
    "operator",
    "re",
    "tomllib",
    "types",
    "typing",
    "unicodedata",
}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_engine_and_judging_run_without_django() -> None:
    program = (
        "import sys; sys.modules['django'] = None\n"
        "from pathlib import Path\n"
        "from scoring.judging import judge\n"
        'answer = judge(b\'{"programme": "wuhao-2015", "facts": {}}\', Path(\'fixtures/programmes\'))\n'
        "print(len(answer['proposed']))"
    )

    done = run("-W", "error", "-c", program)

    assert (done.returncode, done.stdout, done.stderr) == (0, "28\n", "")


def test_engine_passes_the_strict_type_checker() -> None:
    done = run("-m", "mypy", "--strict", "scoring/engine", "scoring/judging.py")

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_engine_module_imports_only_the_standard_library(path: Path) -> None:
    imports = [
        node
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]

    foreign = {
        name.split(".")[0]
        for node in imports
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names]
        )
        if not (isinstance(node, ast.ImportFrom) and node.level)
    }

    assert foreign <= ALLOWED


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_engine_module_has_no_binary_fraction_and_no_clock(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))

    literals = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, float)
    ]
    calls = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}

    assert literals == []
    assert calls.isdisjoint({"now", "today", "utcnow", "time"})
