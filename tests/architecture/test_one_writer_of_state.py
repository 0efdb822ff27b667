"""``Declaration.state`` is written in one function of one file; every view declares who may open it."""

import ast
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from declarations.rules import RULES as _CASE_RULES
from sihao.accounts.permissions import RULES
from tests.architecture import parsed

WRITER = ("declarations/actions/transition.py", "_move")
KNOWN_OTHERS = {"public", "signed_in"}


def sources() -> Iterator[tuple[str, ast.Module]]:
    """Yield the modules in which the word stands at all."""
    return ((path.as_posix(), parsed.parsed(text)) for path, text in parsed.sources().items() if "state" in text)


def writes_of_case_state(name: str, tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield (file, function) for each assignment to ``case.state`` or ``locked.state``, and each update of it."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            targets = node.targets if isinstance(node, ast.Assign) else []
            flat = [
                one
                for target in targets
                for one in (target.elts if isinstance(target, ast.Tuple) else [target])
            ]
            for target in flat:
                owner = target.value if isinstance(target, ast.Attribute) and target.attr == "state" else None
                if isinstance(owner, ast.Name) and owner.id in {"case", "locked", "declaration"}:
                    yield name, function.name
            if updates_declarations(node):
                yield name, function.name


def updates_declarations(node: ast.AST) -> bool:
    """Whether a call is ``Declaration.objects…update(state=…)``."""
    if not (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update"
    ):
        return False
    return any(word.arg == "state" for word in node.keywords) and "Declaration" in ast.dump(node.func)


def test_the_state_of_a_case_has_one_writer():
    found = {place for name, tree in sources() for place in writes_of_case_state(name, tree)}

    assert found == {WRITER}


def test_a_second_writer_would_be_seen():
    cheat = "def cheat(case):\n    case.state = 'recognised'\n"
    planted = cheat + "def sly():\n    Declaration.objects.all().update(state='x')\n"

    found = set(writes_of_case_state("declarations/views/cheat.py", ast.parse(planted)))

    assert found == {("declarations/views/cheat.py", "cheat"), ("declarations/views/cheat.py", "sly")}


def patterns(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from patterns(entry, inner)
        else:
            yield f"{namespace}{entry.name}", entry


def permission_of(pattern: URLPattern) -> str:
    view = getattr(pattern.callback, "view_class", pattern.callback)
    return getattr(view, "permission", "")


def test_every_address_declares_who_may_open_it():
    assert _CASE_RULES.keys() <= RULES.keys()
    undeclared = [
        name
        for name, pattern in patterns(get_resolver())
        if permission_of(pattern) not in KNOWN_OTHERS | RULES.keys()
    ]

    assert undeclared == []
