"""More words of the checks: codes taken apart, what surrounds the declaration, the one thing a for-each looks at."""

from collections.abc import Callable, Mapping
from fractions import Fraction

from .figures import clip
from .rubric import Item
from .scope import FILES, ROWS, SECTIONS, Scope
from .surroundings import Evidence
from .tables import Table
from .terms import (
    DATE,
    FLAG,
    LIST,
    NUMBER,
    PLAIN,
    RECORDS,
    WORDS,
    Lexicon,
    Reader,
    Term,
    alike,
    exact,
    kind_of,
    metric,
    value_of,
)
from .uscc import LENGTH, check_character, in_alphabet, is_whole, tidy

Read = Callable[[Scope], object | None]


def _uscc(word: str, kind: str, part: Callable[[str], object | None]) -> Reader:
    """A word about a unified social credit code, which may be one that could not be read as an answer."""

    def reader(key: str, lexicon: Lexicon) -> Term:
        if lexicon.spec(key).kind != "uscc":
            raise lexicon.error(f"字段“{key}”不是统一社会信用代码")

        def read(scope: Scope) -> object | None:
            raw = scope.case.facts.get(key) or scope.case.around.unread.get(key)
            code = tidy(raw) if isinstance(raw, str) else ""
            return part(code) if code else None

        return Term(f"{word}.{key}", kind, read, (), (key,), coded=kind == WORDS)

    return reader


def _cut(start: int, end: int) -> Callable[[str], object | None]:
    return lambda code: code[start:end] if len(code) == LENGTH else None


USCC: Mapping[str, Reader] = {
    "uscc_length": _uscc("uscc_length", NUMBER, lambda code: Fraction(len(code))),
    "uscc_alphabet": _uscc("uscc_alphabet", FLAG, in_alphabet),
    "uscc_last": _uscc("uscc_last", WORDS, _cut(LENGTH - 1, LENGTH)),
    "uscc_due": _uscc("uscc_due", WORDS, lambda code: check_character(code) if is_whole(code) else None),
    "uscc_prefix": _uscc("uscc_prefix", WORDS, _cut(0, 2)),
    "uscc_province": _uscc("uscc_province", WORDS, _cut(2, 4)),
    "uscc_division": _uscc("uscc_division", WORDS, _cut(2, 8)),
}
"""Length, alphabet, the last character and the one GB 32100 asks for, 登记管理部门和机构类别, 登记机关行政区划."""

AROUND: Mapping[str, tuple[str, Read]] = {
    "same_code_in_cycle": (FLAG, lambda scope: scope.case.around.same_code_in_cycle),
    "barred": (FLAG, lambda scope: scope.case.around.barred),
    "recognised_before": (FLAG, lambda scope: scope.case.around.recognised_before),
    "divisions": (LIST, lambda scope: scope.case.around.divisions or None),
    "province": (WORDS, lambda scope: scope.case.around.province[:2] or None),
    "level": (WORDS, lambda scope: scope.case.around.level or None),
    "register_name": (WORDS, lambda scope: scope.case.around.register_name or None),
}


def _item(scope: Scope) -> Item:
    assert scope.item is not None  # noqa: S101 - the loader gives these words to for-each rows only
    return scope.item


def _files(scope: Scope) -> Evidence | None:
    return scope.case.evidence(scope.code)


def _dated(scope: Scope, pick: Callable[..., object]) -> object | None:
    files = _files(scope)
    return pick(files.dates) if files and files.dates else None


HUNG: Mapping[str, tuple[str, Read]] = {
    "count": (NUMBER, lambda scope: exact(files.count) if (files := _files(scope)) else None),
    "elsewhere": (NUMBER, lambda scope: exact(files.elsewhere) if (files := _files(scope)) else None),
    "first": (DATE, lambda scope: _dated(scope, min)),
    "last": (DATE, lambda scope: _dated(scope, max)),
}


def _proposed(scope: Scope) -> object | None:
    return exact(scope.case.proposal(_item(scope).id).points)


def _own(scope: Scope, beside: str) -> object | None:
    own = scope.case.marks.get(_item(scope).id)
    return getattr(own, beside) if own else None


def _points(scope: Scope) -> Fraction | None:
    return exact(scope.case.mark(_item(scope).id))


def _on_step(scope: Scope) -> object | None:
    points = _points(scope)
    return None if points is None else (points / Fraction(scope.case.step)).denominator == 1


ROW: Mapping[str, tuple[str, Read]] = {
    "code": (WORDS, lambda scope: _item(scope).id),
    "name": (WORDS, lambda scope: _item(scope).name),
    "auto": (WORDS, lambda scope: _item(scope).auto),
    "flag": (WORDS, lambda scope: _item(scope).mark),
    "full": (NUMBER, lambda scope: exact(_item(scope).points)),
    "mark": (NUMBER, _points),
    "on_step": (FLAG, _on_step),
    "words": (FLAG, lambda scope: _own(scope, "words")),
    "reason": (FLAG, lambda scope: _own(scope, "reason")),
    "proposed": (NUMBER, _proposed),
    "because": (WORDS, lambda scope: scope.case.proposal(_item(scope).id).because),
    "files": HUNG["count"],
}


def _section_mark(scope: Scope) -> object | None:
    """The sum of the marks that are given in the section; nothing while none is."""
    assert scope.section is not None  # noqa: S101 - the loader gives these words to for-each sections only
    read = (exact(scope.case.mark(item.id)) for item in scope.section.items())
    given = [mark for mark in read if mark is not None]
    return sum(given, Fraction(0)) if given else None


SECTION: Mapping[str, tuple[str, Read]] = {
    "code": (WORDS, lambda scope: scope.section and scope.section.code),
    "name": (WORDS, lambda scope: scope.section and scope.section.name),
    "full": (NUMBER, lambda scope: scope.section and Fraction(scope.section.points)),
    "mark": (NUMBER, _section_mark),
}


def _place(scope: Scope) -> object | None:
    rows = {item.id: item.name for item in scope.case.rubric.items()}
    name = rows.get(scope.code)
    return f"{scope.code}{name}" if name else f"“{scope.case.labels.get(scope.code, scope.code)}”"


FILE: Mapping[str, tuple[str, Read]] = {"place": (WORDS, _place), **HUNG}


CODED = ("code", "auto", "flag", "province", "level", "divisions")


def _one_of(word: str, known: Mapping[str, tuple[str, Read]], each: str = "") -> Reader:
    """A word whose keys are closed; with `each`, one for that for-each only."""

    def reader(key: str, lexicon: Lexicon) -> Term:
        if each and lexicon.each != each:
            raise lexicon.error(f"“{word}”只能用在each为{each}的校验里")
        if key not in known:
            raise lexicon.error(f"“{word}”不认识“{clip(key)}”，可用：{'、'.join(known)}")
        kind, read = known[key]
        return Term(f"{word}.{key}", kind, read, coded=key in CODED)

    return reader


def _record(key: str, lexicon: Lexicon) -> Term:
    """A column of the record, or its number from 1."""
    if key == "number" and lexicon.each in lexicon.fields:
        return Term("record.number", NUMBER, lambda scope: Fraction(scope.index + 1))
    kind, options = _column(key, "record", lexicon)
    return Term(
        f"record.{key}",
        kind,
        lambda scope: value_of(kind, scope.records[scope.index].get(key)),
        options,
        coded=bool(options),
    )


def _column(key: str, word: str, lexicon: Lexicon) -> tuple[str, tuple[str, ...]]:
    if lexicon.each not in lexicon.fields:
        raise lexicon.error(f"“{word}”只能用在each为列表字段的校验里")
    columns = {column.id: column for column in lexicon.fields[lexicon.each].item}
    if key not in columns:
        raise lexicon.error(f"字段“{lexicon.each}”没有栏目“{clip(key)}”")
    return kind_of(columns[key].kind), columns[key].options


def _earlier(key: str, lexicon: Lexicon) -> Term:
    """The number of the first record before this one whose column reads alike."""
    if _column(key, "earlier", lexicon)[0] != WORDS:
        raise lexicon.error(f"“earlier”的栏目“{key}”应为文字")

    def read(scope: Scope) -> object | None:
        own = scope.records[scope.index].get(key)
        before = enumerate(scope.records[: scope.index], start=1)
        same = (
            number
            for number, record in before
            if isinstance(other := record.get(key), str)
            and isinstance(own, str)
            and alike(other) == alike(own)
        )
        return None if (found := next(same, None)) is None else Fraction(found)

    return Term(f"earlier.{key}", NUMBER, read)


WORD_BOOK: Mapping[str, Reader] = {
    **PLAIN,
    **USCC,
    "around": _one_of("around", AROUND),
    "row": _one_of("row", ROW, ROWS),
    "section": _one_of("section", SECTION, SECTIONS),
    "file": _one_of("file", FILE, FILES),
    "record": _record,
    "earlier": _earlier,
}


def parse_term(table: Table, lexicon: Lexicon) -> Term:
    """The one word of a table, taken from it."""
    found = [word for word in ("metric", *WORD_BOOK) if table.has(word)]
    if len(found) != 1:
        raise table.error(f"应有且只有一个所看之物：metric、{'、'.join(WORD_BOOK)}")
    if found[0] == "metric":
        return metric(table.take("metric"), lexicon)
    return WORD_BOOK[found[0]](table.text(found[0]), lexicon)


def named_term(name: str, figures: Mapping[str, Term], lexicon: Lexicon) -> Term:
    """The term of a placeholder: a named figure, a field, or word.key such as row.mark and full.B2.7."""
    word, dot, key = name.partition(".")
    if not dot and name in figures:
        return figures[name]
    if dot and word not in WORD_BOOK:
        raise lexicon.error(f"“message”不认识“{{{clip(name)}}}”，可用字段、figures和{'、'.join(WORD_BOOK)}")
    term = WORD_BOOK[word](key, lexicon) if dot else PLAIN["field"](name, lexicon)
    if term.kind == RECORDS:
        raise lexicon.error(f"“message”里写不下列表字段“{name}”")
    return term
