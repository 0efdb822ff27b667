"""The `[[cross_checks]]` of a programme file become checks, or an error that names the check that is wrong."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

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


@dataclass(frozen=True)
class Bounds:
    """What the branches of one check may use: its words, its figures, the fields and rows it says to look at."""

    lexicon: Lexicon
    figures: Mapping[str, Term]
    fields: tuple[str, ...]
    rows: tuple[str, ...]


def _check(table: Table, fields: Fields, rubric: Rubric) -> CrossCheck:
    lexicon = Lexicon(table.where, fields, rubric, _each(table, fields))
    bounds = Bounds(
        lexicon=lexicon,
        figures=_figures(table, lexicon),
        fields=tuple(lexicon.spec(name).id for name in table.texts("fields", ())),
        rows=tuple(lexicon.row(name) for name in table.texts("rows", ())),
    )
    branches = _branches(table, bounds)
    check = CrossCheck(
        id=table.text("id"),
        severity=_severity(table, words_only=not branches),
        text=table.text("text"),
        clause=table.text("clause", ""),
        fields=bounds.fields,
        rows=bounds.rows,
        each=lexicon.each,
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


def _branches(table: Table, bounds: Bounds) -> tuple[Branch, ...]:
    """The one branch of a check's own `when` and `message`, or its `cases`, or none for a check in words only."""
    if table.has("cases"):
        branches = _cases(table, bounds)
    elif table.has("when") or table.has("message"):
        one = _branch(table, bounds)
        branches = (replace(one, fields=bounds.fields, rows=bounds.rows),)
    else:
        branches = ()
    told = {term for branch in branches for term in branch.message.terms}
    for name, term in bounds.figures.items():
        if term not in told:
            raise table.error(f"figures里的“{clip(name)}”没有用到")
    return branches


def _cases(table: Table, bounds: Bounds) -> tuple[Branch, ...]:
    cases = [Table(raw, f"{table.where}第{number}种") for number, raw in enumerate(table.array("cases"), 1)]
    if not cases:
        raise table.error("“cases”不能为空")
    branches = tuple(_branch(case, bounds) for case in cases)
    for case in cases:
        case.end()
    return branches


def _branch(table: Table, bounds: Bounds) -> Branch:
    """A branch looks at what its condition looks at; all of that must be among what the check names."""
    lexicon = replace(bounds.lexicon, where=table.where)
    when = parse_predicate(table.take("when"), lexicon)
    message = _message(table, bounds.figures, lexicon)
    looked = [name for term in when.terms() for name in term.fields]
    looked += [lexicon.each] if lexicon.each in lexicon.fields else []
    judged = [name for term in when.terms() for name in term.rows]
    _refuse_unnamed(table, "fields", looked, bounds.fields)
    _refuse_unnamed(table, "rows", judged, bounds.rows)
    return Branch(
        when,
        message,
        tuple(name for name in bounds.fields if name in looked),
        tuple(name for name in bounds.rows if name in judged),
    )


def _refuse_unnamed(table: Table, key: str, used: Iterable[str], named: Iterable[str]) -> None:
    for name in used:
        if name not in named:
            raise table.error(f"条件用到“{name}”，“{key}”中却没有写")


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
