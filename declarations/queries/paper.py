"""Texts set as documents: the notice line by line, a standard section by section."""

import re
from dataclasses import dataclass
from decimal import Decimal

from scoring.engine import Item, Programme, partial, rule_text

HEADING = re.compile(r"^[一二三四五六七八九十]+、")
SUBHEADING = re.compile(r"^（[一二三四五六七八九十]+）")
SIGNATURE_LINES = 2


@dataclass(frozen=True)
class Line:
    """One paragraph of a document and what it is: title, addressee, heading, subheading, text, annex, signature."""

    text: str
    kind: str


def lines_of_notice(text: str) -> list[Line]:
    """Return the notice's paragraphs with their parts told apart."""
    lines = [line for line in text.splitlines() if line.strip()]
    annex = next((place for place, line in enumerate(lines) if line.startswith("附件：")), len(lines))
    return [Line(line, _kind(place, line, len(lines), annex)) for place, line in enumerate(lines)]


def _kind(place: int, line: str, number: int, annex: int) -> str:
    if place == 0:
        return "title"
    if place == 1 and line.endswith(("：", ":")):
        return "addressee"
    if place >= number - SIGNATURE_LINES:
        return "signature"
    if place >= annex:
        return "annex"
    if HEADING.match(line):
        return "heading"
    return "subheading" if SUBHEADING.match(line) else "text"


@dataclass(frozen=True)
class StandardRow:
    """One row of a standard as it is read."""

    item: Item
    sign: str
    standard: str


@dataclass(frozen=True)
class StandardGroup:
    """One group of rows."""

    code: str
    name: str
    clause: str
    points: Decimal
    rows: tuple[StandardRow, ...]


@dataclass(frozen=True)
class StandardSection:
    """One section of a standard."""

    code: str
    name: str
    points: Decimal
    bonus: bool
    groups: tuple[StandardGroup, ...]


def standard_sections(programme: Programme) -> list[StandardSection]:
    """Return a standard, section by section, each row with its sign and its rule in words."""
    signs = {spec.id: spec.symbol for spec in programme.marks}
    return [
        StandardSection(
            section.code,
            section.name,
            section.points,
            section.bonus,
            tuple(
                StandardGroup(
                    group.code,
                    group.name,
                    group.clause,
                    group.points,
                    tuple(StandardRow(item, signs.get(item.mark or "", ""), rule_text(item)) for item in group.items),
                )
                for group in section.groups
            ),
        )
        for section in programme.rubric.sections
    ]


@dataclass(frozen=True)
class GateLine:
    """One gate as it is read: its words, its clause, and how its limit is read."""

    text: str
    clause: str
    reading: str
    note: str


def gate_lines(programme: Programme) -> list[GateLine]:
    """Return the gates with the reading of their limits that is in force."""
    readings = {finding.id: finding.reading for finding in partial(programme, {}).gates}
    return [GateLine(gate.text, gate.clause, readings[gate.id], gate.note) for gate in programme.rubric.gates]
