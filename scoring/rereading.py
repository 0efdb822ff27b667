"""A programme's text with another reading of its limits: exactly the limit passes, or does not; nothing else moves."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from scoring.engine import Programme, ProgrammeError

HEADING = re.compile(r"^\[", re.MULTILINE)
READING = re.compile(r"^boundary_passes *= *(true|false)\b", re.MULTILINE)


def readings_of(programme: Programme) -> dict[str, bool]:
    """Return by gate whether a total of exactly the limit passes; gates on rows have no other reading."""
    return {gate.id: gate.boundary_passes for gate in programme.rubric.gates if gate.kind == "min_total"}


def reread(text: str, readings: Mapping[str, bool]) -> str:
    """Return the text with these readings; comments and all else stay as they are.

    Raises ``ProgrammeError`` where the text that comes out would differ from the old one in anything else.
    """
    old = tomllib.loads(text)
    for gate, passes in readings.items():
        text = _with_reading(text, gate, passes)
    if tomllib.loads(text) != _expected(old, readings):
        raise ProgrammeError("标准文件不能只改这一处读法，请修改文件后重新发布")
    return text


def _with_reading(text: str, gate: str, passes: bool) -> str:
    named = re.search(rf'^id *= *"{re.escape(gate)}" *$', text, re.MULTILINE)
    if named is None:
        return text
    end = HEADING.search(text, named.end())
    block = text[named.start() : end.start() if end else len(text)]
    line = f"boundary_passes = {str(passes).lower()}"
    fresh = (
        READING.sub(line, block, count=1) if READING.search(block) else block.replace("\n", f"\n{line}\n", 1)
    )
    return text[: named.start()] + fresh + text[named.start() + len(block) :]


def _expected(old: Mapping[str, Any], readings: Mapping[str, bool]) -> dict[str, Any]:
    gates = [
        {**gate, "boundary_passes": readings[gate["id"]]} if gate["id"] in readings else gate
        for gate in old["gates"]
    ]
    return {**old, "gates": gates}
