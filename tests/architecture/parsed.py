"""Every module of ours, read and parsed once for all the contracts."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = ("sihao", "scoring", "declarations")


@cache
def sources() -> dict[Path, str]:
    """Return the text of every module by its path from the root; migrations are written by Django and left out."""
    paths = (path.relative_to(ROOT) for package in OURS for path in (ROOT / package).rglob("*.py"))
    return {path: (ROOT / path).read_text(encoding="utf-8") for path in paths if "migrations" not in path.parts}


@cache
def parsed(source: str) -> ast.Module:
    """Return the tree of a source; nobody changes it."""
    return ast.parse(source)
