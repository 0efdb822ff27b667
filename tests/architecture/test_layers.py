"""The import contract of the house: who may import whom, and that the check would notice a breach."""

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import pytest

from tests.architecture import parsed
from tests.architecture.parsed import OURS

# Packages from the ground up. A package imports what stands on a lower floor; neighbours on one floor do not meet.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("sihao.env", "sihao.clock", "sihao.prepared", "sihao.many_rows"),
    ("scoring.engine", "sihao.documents"),
    ("sihao.audit", "sihao.ui", "sihao.jobs"),
    ("sihao.accounts",),
    ("scoring",),
    ("declarations",),
    ("sihao",),
)
FLOOR_OF = {package: number for number, packages in enumerate(FLOORS) for package in packages}

# Rooms of an app from the ground up, by the first name inside the app; any other name is data, the ground floor.
# Each room is called by the word at its place in ROOM_WORDS.
ROOMS: tuple[tuple[str, ...], ...] = (
    ("models",),
    ("rules", "permissions", "queries", "calendar", "activation"),
    ("actions", "record"),
    ("forms", "exports", "imports"),
    (
        "tasks",
        "views",
        "admin",
        "management",
        "templatetags",
        "urls",
        "public_urls",
        "middleware",
        "context",
        "backends",
        "worker",
        "gallery",
        "navigation",
        "demo",
    ),
)
ROOM_OF = {name: number for number, names in enumerate(ROOMS, start=1) for name in names}
ROOM_WORDS = ("data", "models", "queries", "actions", "forms", "views")

# The few imports inside functions, with their reason: (module, what it imports late).
LATE_IMPORTS = {
    ("sihao.documents.intake.probe", "pikepdf"): "the limits of the child process must stand before it is loaded",
    ("sihao.documents.intake.probe", "PIL"): "the same",
    ("sihao.documents.intake.probe", "python_calamine"): "the same",
    ("sihao.documents.intake.probe", "cv2"): "the same",
    ("sihao.documents.intake.probe", "numpy"): "the same",
    ("sihao.documents.intake.probe", "pypdfium2"): "the same",
    ("sihao.documents.pdf", "weasyprint"): "takes a second to load and most processes never make a PDF",
}

# What a statement can stand in that is none itself.
HOLDERS = ast.excepthandler | ast.match_case

ENGINE_ALONE = "the engine needs the standard library alone"
SETTINGS_ALONE = "settings read the environment and each other alone"
NOT_APPS = {"scoring.engine", "sihao.documents", "sihao"}

BANNED_NAMES = {"utils", "helpers", "common", "misc"}
BASE_BELONGS_IN = {"settings", "views", "templates"}


@dataclass(frozen=True)
class Import:
    """One import statement: the module it stands in, what it names, its line, and whether inside a function."""

    module: str
    target: str
    line: int
    late: bool


@cache
def sources() -> dict[str, str]:
    """Every module of ours by name."""
    return {
        ".".join(path.with_suffix("").parts).removesuffix(".__init__"): text for path, text in parsed.sources().items()
    }


def imports_of(module: str, source: str, modules: Mapping[str, str]) -> Iterator[Import]:
    """Every import in a source, at the top or in a function; ``from package import module`` names the module."""
    for node, late in _statements(source):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        else:
            home = _home(module, node, modules)
            names = [f"{home}.{alias.name}" for alias in node.names]
            targets = [name if name in modules else home for name in names]
        for target in dict.fromkeys(targets):
            yield Import(module, target, node.lineno, late)


@cache
def _statements(source: str) -> list[tuple[ast.Import | ast.ImportFrom, bool]]:
    """The import statements of a source, each with whether it stands inside a function."""
    found, waiting = [], [(parsed.parsed(source), False)]
    for node, late in waiting:
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.append((node, late))
        inside = late or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        waiting += [(child, inside) for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt | HOLDERS)]
    return found


def _home(module: str, node: ast.ImportFrom, modules: Mapping[str, str]) -> str:
    if not node.level:
        return node.module or ""
    is_package = any(name.startswith(f"{module}.") for name in modules)
    parts = module.split(".")
    parts = parts[: len(parts) - node.level + is_package]
    return ".".join([*parts, *([node.module] if node.module else [])])


def package_of(module: str) -> str:
    """The package of the table that a module belongs to: the longest name that fits."""
    fits = [name for name in FLOOR_OF if module == name or module.startswith(f"{name}.")]
    return max(fits, key=len)


def room_of(module: str) -> int:
    """The room inside its app: 0 is data."""
    inside = module.removeprefix(package_of(module)).strip(".").split(".")[0]
    return ROOM_OF.get(inside, 0)


def breaches(modules: Mapping[str, str]) -> list[str]:
    """Every breach of the contract in the given sources, as sentences."""
    return [breach for module in modules for breach in breaches_of(module, modules)]


def breaches_of(module: str, modules: Mapping[str, str]) -> list[str]:
    """The breaches that stand in one module."""
    return [
        f"{module}:{item.line} imports {item.target}: {why}"
        for item in imports_of(module, modules[module], modules)
        for why in _why_not(item)
    ]


def _why_not(item: Import) -> Iterator[str]:
    top = item.target.split(".")[0]
    package = package_of(item.module)
    if item.late and (item.module, top) not in LATE_IMPORTS:
        yield "imports stand at the top"
    if top not in OURS:
        if package == "scoring.engine" and top not in sys.stdlib_module_names:
            yield ENGINE_ALONE
        if package == "sihao.documents" and top == "django":
            yield "documents know no Django"
        return
    other = package_of(item.target)
    if item.module.startswith("sihao.settings"):
        if not item.target.startswith(("sihao.settings", "sihao.env")):
            yield SETTINGS_ALONE
    elif other == package:
        if package not in NOT_APPS and room_of(item.target) > room_of(item.module):
            yield f"{ROOM_WORDS[room_of(item.target)]} stands above {ROOM_WORDS[room_of(item.module)]}"
    elif package == "scoring.engine":
        yield ENGINE_ALONE
    elif FLOOR_OF[other] > FLOOR_OF[package]:
        yield f"{other} stands above {package}"
    elif FLOOR_OF[other] == FLOOR_OF[package]:
        yield f"{other} and {package} are neighbours"


def badly_named(modules: Mapping[str, str]) -> list[str]:
    """Modules whose name says nothing."""
    parts = {module: module.split(".") for module in modules}
    return [
        module
        for module, names in parts.items()
        if BANNED_NAMES & set(names) or (names[-1] == "base" and names[-2] not in BASE_BELONGS_IN)
    ]


def planted(module: str, line: str) -> list[str]:
    """The breaches that appear when one line is added to a module (or makes a new one)."""
    before = sources()
    after = before | {module: f"{before.get(module, '')}\n{line}\n"}
    known = breaches_of(module, before) if module in before else []
    return [breach.split(": ", 1)[1] for breach in breaches_of(module, after) if breach not in known]


def test_nothing_imports_upward():
    assert breaches(sources()) == []


def test_every_module_has_a_name_that_says_what_is_in_it():
    assert badly_named(sources()) == []


def test_late_imports_on_the_list_are_still_there():
    modules = sources()
    late = {
        (item.module, item.target.split(".")[0])
        for module, source in modules.items()
        for item in imports_of(module, source, modules)
        if item.late
    }

    assert {entry for entry in LATE_IMPORTS if entry[0] in modules} - late == set()


@pytest.mark.parametrize(
    ("module", "line", "breach"),
    [
        ("scoring.models", "from declarations import models", "declarations stands above scoring"),
        ("scoring.models", "import declarations.models", "declarations stands above scoring"),
        ("scoring.engine.rubric", "from scoring.models import MarkRow", ENGINE_ALONE),
        ("scoring.engine.rubric", "from sihao import clock", ENGINE_ALONE),
        ("scoring.engine.rubric", "import django", ENGINE_ALONE),
        ("sihao.documents.table", "from django.utils import timezone", "documents know no Django"),
        ("sihao.documents.table", "from scoring import engine", "scoring.engine and sihao.documents are neighbours"),
        ("sihao.jobs.actions", "from sihao.audit.record import record", "sihao.audit and sihao.jobs are neighbours"),
        ("sihao.jobs.actions", "from sihao.accounts import models", "sihao.accounts stands above sihao.jobs"),
        ("sihao.jobs.actions", "from ..accounts import models", "sihao.accounts stands above sihao.jobs"),
        ("sihao.jobs.tasks", "from sihao.celery import app", "sihao stands above sihao.jobs"),
        ("sihao.clock", "import sihao.audit.models", "sihao.audit stands above sihao.clock"),
        ("sihao.settings.base", "from sihao.accounts import roles", SETTINGS_ALONE),
        ("declarations.new", "from declarations import models", "models stands above data"),
        ("sihao.jobs.models", "from sihao.jobs import queries", "queries stands above models"),
        ("sihao.jobs.queries", "from . import actions", "actions stands above queries"),
        ("sihao.jobs.queries", "def f():\n    import json", "imports stand at the top"),
    ],
)
def test_a_planted_breach_is_seen(module, line, breach):
    assert planted(module, line) == [breach]


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("declarations.new", "from scoring.engine import evaluate\nfrom sihao import clock, env"),
        ("declarations.views.new", "from declarations.actions import draft\nfrom declarations import queries"),
        ("sihao.urls", "from sihao.jobs import views\nimport declarations.views"),
        ("scoring.engine.new", "from decimal import Decimal\nfrom scoring.engine.rubric import Rubric"),
    ],
)
def test_a_planted_import_downward_is_allowed(module, line):
    assert planted(module, line) == []


@pytest.mark.parametrize(
    ("module", "bad"),
    [
        ("declarations.utils", True),
        ("sihao.accounts.helpers.names", True),
        ("scoring.base", True),
        ("declarations.views.base", False),
        ("sihao.settings.base", False),
    ],
)
def test_a_name_that_says_nothing_is_seen(module, bad):
    assert (module in badly_named({module: ""})) is bad


# What a page shows it is given by a query of the room ``queries``; of what it is given it may pick one by its key.
READS = {"objects", "exclude", "values_list", "aggregate", "bulk_create", "get_or_create", "update_or_create"}


def reads_in(tree: ast.Module) -> Iterator[str]:
    """Yield what in a module puts a question of its own to the database."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in READS:
            yield node.attr
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "filter" and not by_key(node):
            yield "filter"


def by_key(call: ast.Call) -> bool:
    return not call.args and {word.arg for word in call.keywords} == {"pk"}


def test_no_view_asks_the_database_itself():
    views = {module: source for module, source in sources().items() if "views" in module.split(".")}
    found = {module: sorted(reads_in(parsed.parsed(source))) for module, source in views.items()}

    assert len(views) > 50
    assert {module: reads for module, reads in found.items() if reads} == {}


@pytest.mark.parametrize("line", ["Case.objects", "case.marks.values_list('id')", "cases.filter(state='draft')"])
def test_a_view_that_asks_would_be_seen(line):
    assert list(reads_in(ast.parse(line))) != []


def test_a_view_may_pick_one_by_its_key():
    assert list(reads_in(ast.parse("visible_to(seat).filter(pk=pk).first()"))) == []
