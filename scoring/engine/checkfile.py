"""The `[[cross_checks]]` of a programme file become checks, or an error that names the check that is wrong."""

from collections.abc import Mapping

from .crosscheck import BRACES, SEVERITIES, Branch, CrossCheck, Message
from .figures import clip
from .metrics import Fields
from .predicates import parse_predicate
from .rubric import Rubric
from .scope import FILES, ROWS, SECTIONS
from .tables import Table, named_tables, refuse_twins
from .terms import Lexicon, Term
from .vocabulary import named_term, parse_term

OLD_WARNING = "warn"
"""The weight, now 须说明, of checks published before checks could be carried out."""


def parse_checks(table: Table, fields: Fields, rubric: Rubric) -> tuple[CrossCheck, ...]:
    checks = tuple(
        _check(one, fields, rubric) for one in named_tables(table, "cross_checks", "id", "逻辑校验", ())
    )
    refuse_twins(("逻辑校验", check.id) for check in checks)
    return checks


def _check(table: Table, fields: Fields, rubric: Rubric) -> CrossCheck:
    each = _each(table, fields)
    lexicon = Lexicon(table.where, fields, rubric, each)
    looked, rows = _named(table, lexicon)
    branches = _branches(table, lexicon, looked, rows)
    check = CrossCheck(
        id=table.text("id"),
        severity=_severity(table, words_only=not branches),
        text=table.text("text"),
        clause=table.text("clause", ""),
        fields=looked,
        rows=rows,
        each=each,
        branches=branches,
    )
    table.end()
    return check


def _severity(table: Table, *, words_only: bool) -> str:
    found = table.choice("severity", (*SEVERITIES, OLD_WARNING) if words_only else SEVERITIES)
    return "explain" if found == OLD_WARNING else found


def _each(table: Table, fields: Fields) -> str:
    lists = [spec.id for spec in fields.values() if spec.kind == "list"]
    return table.choice("each", (ROWS, SECTIONS, FILES, *lists)) if table.has("each") else ""


def _named(table: Table, lexicon: Lexicon) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The fields and rows that a check or a branch says to look at."""
    fields = tuple(lexicon.spec(name).id for name in table.texts("fields", ()))
    rows = tuple(lexicon.row(name) for name in table.texts("rows", ()))
    return fields, rows


def _branches(
    table: Table, lexicon: Lexicon, fields: tuple[str, ...], rows: tuple[str, ...]
) -> tuple[Branch, ...]:
    """The one branch of a check's own `when` and `message`, or its `cases`, or none for a check in words only."""
    figures = _figures(table, lexicon)
    if not table.has("cases"):
        if not table.has("when") and not table.has("message"):
            return ()
        one = _branch(table, figures, lexicon, fields, rows)
        return (Branch(one.when, one.message, fields, rows),)
    cases = [Table(raw, f"{table.where}第{number}种") for number, raw in enumerate(table.array("cases"), 1)]
    if not cases:
        raise table.error("“cases”不能为空")
    branches = tuple(_branch(case, figures, lexicon, fields, rows) for case in cases)
    for case in cases:
        case.end()
    return branches


def _branch(
    table: Table,
    figures: Mapping[str, Term],
    lexicon: Lexicon,
    fields: tuple[str, ...],
    rows: tuple[str, ...],
) -> Branch:
    """A branch looks at what its condition looks at; the check must name all of that as worth a look."""
    lexicon = Lexicon(table.where, lexicon.fields, lexicon.rubric, lexicon.each)
    when = parse_predicate(table.take("when"), lexicon)
    message = _message(table, figures, lexicon)
    looked = tuple(dict.fromkeys(name for term in when.terms() for name in term.fields))
    judged = tuple(dict.fromkeys(name for term in when.terms() for name in term.rows))
    _refuse_unnamed(table, "fields", looked, fields)
    _refuse_unnamed(table, "rows", judged, rows)
    own = (lexicon.each,) if lexicon.each in lexicon.fields else ()
    return Branch(when, message, tuple(dict.fromkeys((*own, *looked))), judged)


def _refuse_unnamed(table: Table, key: str, used: tuple[str, ...], named: tuple[str, ...]) -> None:
    for name in used:
        if name not in named:
            raise table.error(f"条件用到“{name}”，“{key}”里却没有")


def _figures(table: Table, lexicon: Lexicon) -> Mapping[str, Term]:
    """Terms that the messages call by a name of their own."""
    named = Table(table.take("figures", {}), f"{table.where}的figures")
    found = {}
    for name in named.names():
        if name in lexicon.fields or "." in name:
            raise named.error(f"“{clip(name)}”与字段或词同名")
        inner = Table(named.take(name), named.where)
        found[name] = parse_term(inner, lexicon)
        inner.end()
    return found


def _message(table: Table, figures: Mapping[str, Term], lexicon: Lexicon) -> Message:
    text = table.text("message")
    parts = BRACES.split(text)
    if any(brace in words for words in parts[::2] for brace in "{}"):
        raise table.error("“message”的花括号不成对")
    return Message(tuple(parts[::2]), tuple(named_term(name, figures, lexicon) for name in parts[1::2]))
