"""A thousand declarations as nobody should fill them in: no page breaks, and what was typed is still there."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from html import unescape
from pathlib import Path
from random import Random
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
from tests.web.crowd import KnownPerson

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
DIGITS = "0123456789０５９.,%-年月日 "
NAMES = ["_group", "_blank", "_then", "_seen", "csrfmiddlewaretoken", "uscc ", "awards", "points-", "x" * 300]
SEEN = ["", "uscc", "uscc:", "uscc:-1", "uscc:99999999999", ":1", "uscc:1:2", "A1.1:x", "\x00", "uscc:１"]
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


Pairs = list[tuple[str, str]]


def any_text(chance: Random) -> str:
    """Return a trap, characters from anywhere, or what looks like a figure or a day."""
    kind = chance.randrange(3)
    if kind == 0:
        return chance.choice(TRAPS)
    if kind == 1:
        return "".join(any_character(chance) for _ in range(chance.randrange(21)))
    return "".join(chance.choices(DIGITS, k=chance.randrange(13)))


def any_character(chance: Random) -> str:
    """Return a character, as often of the first few as of all others; the halves of a pair are among the traps."""
    code = chance.randrange(chance.choice([0x100, 0x10000, 0x110000]))
    return chr(code) if not 0xD800 <= code < 0xE000 else "\ufffd"


def field_pairs(chance: Random) -> Pairs:
    """One field with anything in it, now and then more than once."""
    spec = SPECS[chance.choice(sorted(SPECS))]
    if spec.kind == "list":
        return record_pairs(chance, spec)
    times = chance.randint(1, 3 if spec.kind == "multi" else 2)
    return [(spec.id, any_option(chance, spec) or any_text(chance)) for _ in range(times)]


def any_option(chance: Random, spec: FieldSpec) -> str:
    return chance.choice(spec.options) if spec.options and chance.randrange(4) == 0 else ""


def record_pairs(chance: Random, spec: FieldSpec) -> Pairs:
    columns = [*(column.id for column in spec.item), "foreign"]
    count = chance.choice(["1", "0", "-3", "x", "9" * 30])
    cells = [f"{spec.id}-{chance.randrange(5)}-{chance.choice(columns)}" for _ in range(chance.randrange(7))]
    return [(f"{spec.id}-rows", count), *((cell, any_text(chance)) for cell in cells)]


def row_pairs(chance: Random) -> Pairs:
    """One row of the self-assessment with anything in some of its parts."""
    code = chance.choice(sorted(ITEMS))
    return [(f"{part}-{code}", any_text(chance)) for part in chance.sample(PARTS, chance.randint(1, len(PARTS)))]


def strange_pairs(chance: Random) -> Pairs:
    """Keys that nobody knows, versions that nobody drew."""
    if chance.randrange(2):
        return [(chance.choice(NAMES), any_text(chance))]
    return [("_seen", chance.choice(SEEN) if chance.randrange(2) else any_text(chance))]


def batch(seed: int, one: Callable[[Random], Pairs]) -> Iterator[Post]:
    """Yield declarations of several fields, with strange pairs among some of them."""
    chance = Random(seed)
    for _ in range(BATCH):
        pairs = [pair for _ in range(chance.randint(1, 4)) for pair in one(chance)]
        if chance.randrange(8) == 0:
            pairs += [pair for _ in range(chance.randint(1, 2)) for pair in strange_pairs(chance)]
        yield Post(tuple(pairs), chance.randrange(2) == 0)


SEEDS = st.integers(0, 2**64)


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
def desk(ground, db, monkeypatch, settings):
    """The chamber's own browser, and its case; who asks is read once, for that is asked of other tests."""
    world = ground.afresh()
    monkeypatch.setattr("sihao.clock.now", lambda: world.clock.at)
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    client, president = Client(), worlds.president_of(ground.case.applicant).user
    client.force_login(president)
    client.handler = KnownPerson(president)
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
@given(seed=SEEDS)
def test_six_hundred_forms_break_nothing_and_lose_nothing(desk: tuple[Client, Declaration], seed: int):
    client, case = desk
    path = reverse("declarations:form", args=[case.pk])
    wanted: dict[str, Any] = {}
    for post in batch(seed, field_pairs):
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
@given(seed=SEEDS)
def test_four_hundred_self_assessments_break_nothing_and_lose_nothing(desk: tuple[Client, Declaration], seed: int):
    client, case = desk
    path = reverse("declarations:self_assessment", args=[case.pk])
    wanted: dict[str, str] = {}
    for post in batch(seed, row_pairs):
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
