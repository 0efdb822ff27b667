"""A thousand declarations as nobody should fill them in: no page breaks, and what was typed is still there."""

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from declarations.demo import stages
from declarations.models import Declaration
from scoring.engine import FieldSpec, ValueProblem, figure, load_programme, parse_mark
from scoring.models import Mark
from tests import worlds
from tests.kept import Ground, building, kept

FILE = Path(__file__).resolve().parents[2] / "fixtures" / "programmes" / "sihao-2019-2020.toml"
PROGRAMME = load_programme(FILE.read_text(encoding="utf-8"))
SPECS = {spec.id: spec for spec in PROGRAMME.fields}
ITEMS = {item.id: item for item in PROGRAMME.rubric.items()}
PARTS = ("points", "words", "reason")
BATCH = 40
FORM = "application/x-www-form-urlencoded"
TRAPS = [
    "",
    " ",
    "\u3000\n",
    "0",
    "-1",
    "-0",
    "1e400",
    "NaN",
    "Infinity",
    "１２３",
    "1,2345",
    "12345678901234567890",
    "0.1234567",
    "85",
    "101%",
    "%",
    "2020-02-30",
    "9999-12-31",
    "0001-01-01",
    "2020年13月1日",
    "true",
    "是",
    "maybe",
    "None",
    "[]",
    "{}",
    "null",
    "５１０００",
    "514100005000100007",
    "5141000050001000OI",
    "９９９９９９",
    "+86 138-0000-0000",
    "\x00",
    "甲\x00乙",
    "\x01\x07\x1b[31m",
    "一\r\n二\r三\u2028四\x85五",
    "\ud800",
    "\udfff尾",
    "\u202e倒写\u202c\u200f",
    "\ufeff\u200b零宽",
    "a\u0301\u0301\u0301\u0301",
    "🈶🏛️👩‍👩‍👧",
    "</textarea></select><script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "&lt;b&gt; &amp;amp; &#0; &#x41;",
    "{{ 7|add:7 }}{% url 'x' %}",
    "=cmd|' /C calc'!A0",
    "'; DROP TABLE declarations_answer; --",
    "../../etc/passwd",
    "長" * 301,
    "字" * 1501,
    "x" * 20000,
]
TEXT = st.sampled_from(TRAPS) | st.text(max_size=20) | st.text("0123456789０５９.,%-年月日 ", max_size=12)
NAMES = st.sampled_from(
    ["_group", "_blank", "_then", "_seen", "csrfmiddlewaretoken", "uscc ", "awards", "points-", "x" * 300]
)
SEEN = st.sampled_from(
    ["", "uscc", "uscc:", "uscc:-1", "uscc:99999999999", ":1", "uscc:1:2", "A1.1:x", "\x00", "uscc:１"]
) | st.text(max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@dataclass(frozen=True)
class Post:
    """One declaration as it is sent: its pairs in their order, who asks, and what else is wrong with it."""

    pairs: tuple[tuple[str, str], ...]
    script: bool

    def body(self) -> bytes:
        """Return it as a browser without manners sends it: any code point goes."""
        return b"&".join(b"=".join(map(coded, pair)) for pair in self.pairs)


def coded(text: str) -> bytes:
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"), safe="").encode()


def received(text: str) -> str:
    """Return a text as it can be kept: what is no character replaced, one kind of line end, no NUL."""
    decoded = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return decoded.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")


# ---- what is sent


@st.composite
def field_pairs(draw: st.DrawFn) -> list[tuple[str, str]]:
    """One field with anything in it, now and then more than once."""
    spec = SPECS[draw(st.sampled_from(sorted(SPECS)))]
    if spec.kind == "list":
        return draw(record_pairs(spec))
    options = st.sampled_from(spec.options) if spec.options else st.nothing()
    typed = draw(st.lists(TEXT | options, min_size=1, max_size=3 if spec.kind == "multi" else 2))
    return [(spec.id, text) for text in typed]


@st.composite
def record_pairs(draw: st.DrawFn, spec: FieldSpec) -> list[tuple[str, str]]:
    columns = [column.id for column in spec.item]
    cells = draw(
        st.lists(st.tuples(st.integers(0, 4), st.sampled_from([*columns, "foreign"]), TEXT), max_size=6)
    )
    count = draw(st.sampled_from(["1", "0", "-3", "x", "9" * 30]))
    return [(f"{spec.id}-rows", count), *((f"{spec.id}-{row}-{name}", text) for row, name, text in cells)]


@st.composite
def row_pairs(draw: st.DrawFn) -> list[tuple[str, str]]:
    """One row of the self-assessment with anything in some of its parts."""
    code = draw(st.sampled_from(sorted(ITEMS)))
    return [(f"{part}-{code}", draw(TEXT)) for part in draw(st.sets(st.sampled_from(PARTS), min_size=1))]


def posts(one: st.SearchStrategy[list[tuple[str, str]]]) -> st.SearchStrategy[Post]:
    """Declarations of several fields, with keys nobody knows and versions nobody drew among some of them."""
    strange = st.lists(st.tuples(NAMES, TEXT) | st.tuples(st.just("_seen"), SEEN), min_size=1, max_size=2)
    nothing: st.SearchStrategy[list[tuple[str, str]]] = st.just([])
    fields = st.lists(one, min_size=1, max_size=4).map(
        lambda many: [pair for pairs in many for pair in pairs]
    )
    pairs = st.tuples(fields, st.sampled_from(range(8)).flatmap(lambda one: nothing if one else strange)).map(
        lambda both: tuple(both[0] + both[1])
    )
    return st.builds(Post, pairs, st.booleans())


def batches(one: st.SearchStrategy[list[tuple[str, str]]]) -> st.SearchStrategy[tuple[Post, ...]]:
    return st.tuples(*[posts(one)] * BATCH)


# ---- what is then on the page


CONTROL = re.compile(
    r"<(?:input(?P<input>[^>]*)|textarea(?P<area>[^>]*)>\n(?P<text>[^<]*)</textarea"
    r"|select(?P<select>[^>]*)|option(?P<option>[^>]* selected))>"
)
ATTRIBUTE = re.compile(r'([a-z-]+)(?:="([^"]*)")?')


def held_by(html: str) -> dict[str, list[str]]:
    """Return what the controls of a page hold, by name, as a browser would send it back."""
    held: dict[str, list[str]] = defaultdict(list)
    chooser = ""
    for found in CONTROL.finditer(html):
        tag = found.lastgroup if found["text"] is None else "area"
        told = {name: unescape(value) for name, value in ATTRIBUTE.findall(found[tag or ""])}
        if tag == "area":
            held[told["name"]].append(unescape(found["text"]))
        elif tag == "select":
            chooser = told["name"]
        elif tag == "option":
            held[chooser].append(told["value"])
        elif told["type"] not in ("radio", "checkbox") or "checked" in told:
            # A day that is none would be blanked by a browser.
            assert told["type"] != "date" or not told["value"] or date.fromisoformat(told["value"])
            held[told["name"]].append(told["value"])
    return held


def expected_answers(post: Post) -> dict[str, Any]:
    """Return what a declaration says of each field: of a name sent twice the last, of boxes all of them."""
    sent: dict[str, list[str]] = defaultdict(list)
    for name, text in post.pairs:
        sent[received(name)].append(received(text))
    typed: dict[str, Any] = {}
    for spec in PROGRAMME.fields:
        if spec.kind == "list" and f"{spec.id}-rows" in sent:
            typed[spec.id] = expected_records(spec, sent)
        elif spec.kind == "multi" and spec.id in sent:
            typed[spec.id] = [text for text in dict.fromkeys(sent[spec.id]) if text.strip()]
        elif spec.kind != "list" and spec.id in sent:
            typed[spec.id] = sent[spec.id][-1]
    return typed


def expected_records(spec: FieldSpec, sent: dict[str, list[str]]) -> list[dict[str, str]]:
    rows = [
        {
            column.id: sent[f"{spec.id}-{row}-{column.id}"][-1]
            for column in spec.item
            if f"{spec.id}-{row}-{column.id}" in sent
        }
        for row in range(5)
    ]
    return [row for row in rows if any(text.strip() for text in row.values())]


def held_answer(spec: FieldSpec, held: dict[str, list[str]]) -> Any:
    """Return what the controls of one field hold, in the shape of what was expected."""
    if spec.kind == "list":
        count = int(held[f"{spec.id}-rows"][0]) - 1
        return [
            {column.id: held[f"{spec.id}-{row}-{column.id}"] for column in spec.item} for row in range(count)
        ]
    return held[spec.id] if spec.kind == "multi" else "".join(held[spec.id])


def same_answer(spec: FieldSpec, typed: Any, held: Any) -> bool:
    if spec.kind == "multi":
        return sorted(typed) == sorted(held)
    if spec.kind == "list":
        padded = [{column.id: row.get(column.id, "") for column in spec.item} for row in typed]
        return padded == [{name: "".join(texts) for name, texts in row.items()} for row in held]
    truth = {"是": "true", "否": "false"}
    return held == (truth.get(typed, typed) if spec.kind == "bool" else typed)


def expected_rows(post: Post) -> dict[str, str]:
    """Return what a declaration says of each part of a row; a mark that is one is written plainly."""
    typed = {received(name): received(text) for name, text in post.pairs}
    parts = {f"{part}-{code}": (part, item) for code, item in ITEMS.items() for part in PARTS}
    return {
        name: plain_mark(item, typed[name]) if part == "points" else typed[name]
        for name, (part, item) in parts.items()
        if name in typed
    }


def plain_mark(item: Any, text: str) -> str:
    try:
        return figure(parse_mark(item, PROGRAMME.step, text))
    except ValueProblem:
        return text if text.strip() else ""


# ---- the desk


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")):
        world = worlds.make_world()
        yield Ground(world, worlds.make_draft(world, filled=False))


@pytest.fixture
def desk(ground, db, monkeypatch):
    """The chamber's own browser, and its case."""
    world = ground.afresh()
    monkeypatch.setattr("sihao.clock.now", lambda: world.clock.at)
    client = Client()
    client.force_login(worlds.president_of(ground.case.applicant).user)
    return client, stages.fresh(ground.case)


steadily = {
    "deadline": None,
    "print_blob": True,
    "database": None,
    # A failure names what was lost; forty declarations would be posted again for every step of making it smaller.
    "phases": (Phase.generate,),
    "report_multiple_bugs": False,
    "suppress_health_check": [
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
}


def sent(client: Client, path: str, post: Post) -> Any:
    """Post a declaration; the answer is one of those that are agreed."""
    accept = {"Accept": "application/json"} if post.script else {}
    response = client.post(path, post.body(), content_type=FORM, headers=accept)
    assert response.status_code in ((200,) if post.script else (302, 409)), response.content[:500]
    return response


def seen_in(post: Post) -> bool:
    return any(name == "_seen" for name, _ in post.pairs)


def stored_names(response: Any, post: Post, names: set[str]) -> set[str]:
    """Return what must be on the page from now on; what a version may have kept out is nobody's promise."""
    if not post.script:
        return set() if seen_in(post) else names
    answer = response.json()
    assert set(answer["saved"]).isdisjoint(answer["collisions"])
    found = names & set(answer["saved"])
    assert seen_in(post) or found == names
    return found


@settings(max_examples=15, **steadily)
@given(many=batches(field_pairs()))
def test_six_hundred_forms_break_nothing_and_lose_nothing(
    desk: tuple[Client, Declaration], many: tuple[Post, ...]
):
    client, case = desk
    path = reverse("declarations:form", args=[case.pk])
    wanted: dict[str, Any] = {}
    for post in many:
        typed = expected_answers(post)
        response = sent(client, path, post)
        if response.status_code == 409:
            assert (
                lost_answers(response, {name: typed[name] for name in response.context["collisions"]}) == {}
            )
        boxes = {"_group", "_blank"} & {name for name, _ in post.pairs}
        gone = set(typed) | (
            {spec.id for spec in PROGRAMME.fields if spec.kind == "multi"} if boxes else set()
        )
        wanted = {name: text for name, text in wanted.items() if name not in gone}
        wanted |= {name: typed[name] for name in stored_names(response, post, set(typed))}

    assert lost_answers(client.get(path), wanted) == {}


def lost_answers(response: Any, wanted: dict[str, Any]) -> dict[str, Any]:
    """Return what was typed and is not on the page."""
    held = held_by(response.content.decode())
    shown = {name: held_answer(SPECS[name], held) for name in wanted}
    return {
        name: (text, shown[name])
        for name, text in wanted.items()
        if not same_answer(SPECS[name], text, shown[name])
    }


@settings(max_examples=10, **steadily)
@given(many=batches(row_pairs()))
def test_four_hundred_self_assessments_break_nothing_and_lose_nothing(
    desk: tuple[Client, Declaration], many: tuple[Post, ...]
):
    client, case = desk
    path = reverse("declarations:self_assessment", args=[case.pk])
    wanted: dict[str, str] = {}
    for post in many:
        typed = expected_rows(post)
        response = sent(client, path, post)
        if response.status_code == 409:
            met = {"-".join(reversed(name.split("/"))) for name in response.context["collisions"]}
            raw = {received(name): received(text) for name, text in post.pairs}
            assert lost_rows(response, {name: raw[name] for name in met}) == {}  # shown as typed, not yet written
        wanted = {name: text for name, text in wanted.items() if name not in typed}
        if not seen_in(post):
            wanted |= typed

    assert lost_rows(client.get(path), wanted) == {}


def lost_rows(response: Any, wanted: dict[str, str]) -> dict[str, Any]:
    """Return what was typed and is not on the page."""
    held = held_by(response.content.decode())
    return {name: (text, held[name]) for name, text in wanted.items() if "".join(held[name]) != text}


@settings(max_examples=30, **steadily)
@given(
    body=st.binary(max_size=60) | JSON.map(lambda thing: json.dumps(thing).encode()),
    kind=st.sampled_from(
        ["application/json", "multipart/form-data", "multipart/form-data; boundary=x", "text/\udcff", ""]
    ),
    name=st.sampled_from(["form", "self_assessment"]),
    script=st.booleans(),
)
def test_bodies_that_are_no_form_change_nothing(desk, body, kind, name, script):
    client, case = desk
    before = standing(case)

    response = client.post(
        reverse(f"declarations:{name}", args=[case.pk]),
        body,
        content_type=kind,
        headers={"Accept": "application/json"} if script else {},
    )

    assert response.status_code in (200, 302, 400)
    assert standing(case) == before


def standing(case: Declaration) -> tuple[Any, Any]:
    """Return how often anything of the case was written."""
    marks = Mark.objects.filter(assessment__ledger=case.ledger_id)
    return case.answers.aggregate(Sum("version")), marks.aggregate(Sum("version"))


def test_a_declaration_too_large_to_be_read_is_refused_and_nothing_changes(desk):
    client, case = desk
    before = standing(case)

    response = client.post(reverse("declarations:form", args=[case.pk]), {"deeds": "长" * 3_000_000})

    assert response.status_code == 400
    assert standing(case) == before
