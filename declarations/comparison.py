"""Two frozen copies of a case beside each other: what each row and field held, and what has changed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from declarations.states import Cause
from scoring.engine import Item, Programme

Content = Mapping[str, Any]
"""A revision's content, as ``queries.contents.content_of`` makes it."""
SELF = "self"
TOKEN = re.compile(r"[0-9A-Za-z.%]+|\s+|.", re.DOTALL)
MOST_TOKENS = 3000
"""Texts of more parts than this are compared line by line: the comparison of parts grows with their product."""
AKIN = 0.4
"""What share of two texts must be the same for their differences to be marked inside them."""


@dataclass(frozen=True, order=True)
class Proof:
    """One piece of evidence as it was frozen."""

    row: str
    digest: str
    name: str


@dataclass(frozen=True)
class Held:
    """What a row held in a frozen copy: the own mark, what is written beside it, and its evidence."""

    points: str = ""
    words: str = ""
    reason: str = ""
    evidence: tuple[Proof, ...] = ()


def held(content: Content, code: str) -> Held:
    """Return what a row held; a row or field that is not there held nothing."""
    row = own_rows(content).get(code, {})
    points = row.get("points")
    return Held(
        "" if points is None else str(points),
        str(row.get("words") or ""),
        str(row.get("reason") or ""),
        tuple(sorted(proof for proof in proofs(content) if proof.row == code)),
    )


def own_rows(content: Content) -> Mapping[str, Mapping[str, Any]]:
    """Return the rows of the self-assessment."""
    layers = [one for one in _records(content.get("marks")) if one.get("layer") == SELF]
    rows = layers[-1].get("rows") if layers else None
    return {code: row for code, row in _mapping(rows).items() if isinstance(row, dict)}


def answer(content: Content, field: str) -> object:
    """Return what a field of the form held."""
    return _mapping(content.get("answers")).get(field)


def proofs(content: Content) -> tuple[Proof, ...]:
    """Return the evidence of a copy."""
    return tuple(
        Proof(str(one.get("row", "")), str(one.get("digest", "")), str(one.get("name", "")))
        for one in _records(content.get("evidence"))
    )


def _records(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


# ---- which rows have changed


def changed_rows(programme: Programme, before: Content, after: Content) -> dict[str, tuple[Cause, ...]]:
    """Return the rows that a judge of the earlier copy has to look at again, each with why, in the standard's order.

    A row has changed with its own mark, with what is written beside it, with its evidence (or that of an answer it is
    judged by), and with those answers.
    """
    found = ((item.id, _causes(item, before, after)) for item in programme.rubric.items())
    return {code: causes for code, causes in found if causes}


def _causes(item: Item, before: Content, after: Content) -> tuple[Cause, ...]:
    old, new = held(before, item.id), held(after, item.id)
    tests = {
        Cause.MARK: old.points != new.points,
        Cause.WORDS: (old.words, old.reason) != (new.words, new.reason),
        Cause.EVIDENCE: _digests(before, item) != _digests(after, item),
        Cause.FACTS: any(not same_answer(answer(before, name), answer(after, name)) for name in item.fields),
    }
    return tuple(cause for cause, changed in tests.items() if changed)


def _digests(content: Content, item: Item) -> set[tuple[str, str]]:
    names = {item.id, *item.fields}
    return {(proof.row, proof.digest) for proof in proofs(content) if proof.row in names}


def same_answer(old: object, new: object) -> bool:
    """Return whether two answers are the same; every blank is the same blank."""
    blanks: tuple[object, ...] = (None, "", [])
    return (old in blanks and new in blanks) or old == new


# ---- texts beside each other


class Kind(StrEnum):
    """What became of a stretch of text."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True)
class Stretch:
    """A stretch of text that stayed, went or came."""

    kind: Kind
    text: str


def differences(old: str, new: str) -> tuple[Stretch, ...]:
    """Return two texts as one, stretch by stretch: what stayed, what went, what came; figures are kept whole.

    Texts that have little in common are told apart as wholes.
    """
    before, after = _parts(old, new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < AKIN:
        return tuple(stretch for stretch in (Stretch(Kind.GONE, old), Stretch(Kind.NEW, new)) if stretch.text)
    return tuple(_stretches(matcher, before, after))


def _parts(old: str, new: str) -> tuple[list[str], list[str]]:
    before, after = TOKEN.findall(old), TOKEN.findall(new)
    if len(before) + len(after) > MOST_TOKENS:
        return old.splitlines(keepends=True), new.splitlines(keepends=True)
    return before, after


def _stretches(matcher: SequenceMatcher[str], before: list[str], after: list[str]) -> Iterator[Stretch]:
    for tag, start, end, first, last in matcher.get_opcodes():
        if tag == "equal":
            yield Stretch(Kind.SAME, "".join(before[start:end]))
            continue
        if end > start:
            yield Stretch(Kind.GONE, "".join(before[start:end]))
        if last > first:
            yield Stretch(Kind.NEW, "".join(after[first:last]))


# ---- what a round asks of each tier


@dataclass(frozen=True)
class Scored:
    """A lower tier as a round finds it: the copy it last signed (None: it never did), and the rows it has marked."""

    organisation: int
    signed: Content | None
    rows: frozenset[str]


@dataclass(frozen=True)
class Part:
    """What a round asks of a tier: the rows with why, or, without any, why it is skipped."""

    organisation: int
    rows: Mapping[str, tuple[Cause, ...]]
    note: str = ""


NEVER_SIGNED = "本级没有报出过审核意见。"
NOTHING_CHANGED = "自本级报出以来，各指标没有变动。"
NOT_MARKED = "变动的指标本级都没有评分。"


def parts_of_round(programme: Programme, tiers: list[Scored], now: Content) -> list[Part]:
    """Return what each lower tier has to look at again, from below upward.

    A tier looks at the rows that it has marked and that have changed since it last signed; it is skipped when there
    are none. What other tiers decide in the same round changes nothing of that: all of them mark the same rows.
    """
    return [_part(programme, tier, now) for tier in tiers]


def _part(programme: Programme, tier: Scored, now: Content) -> Part:
    if tier.signed is None:
        return Part(tier.organisation, {}, NEVER_SIGNED)
    changed = changed_rows(programme, tier.signed, now)
    rows = {code: causes for code, causes in changed.items() if code in tier.rows}
    return Part(tier.organisation, rows, "" if rows else NOT_MARKED if changed else NOTHING_CHANGED)
