"""What a stranger finds: every address without signing in, and a neighbour's case asked for by a county officer."""

import logging
import re
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from html import unescape
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.db import transaction
from django.test import override_settings
from django.urls import NoReverseMatch, URLPattern, resolve, reverse

from declarations.models import Answer, Declaration, Recognition
from declarations.views.base import CaseView
from declarations.views.steps import STEPS
from declarations.workflow import WORKFLOWS
from scoring.models import Assessment
from sihao.accounts.roles import Role
from sihao.documents.intake.kinds import MIME_TYPES
from tests import worlds
from tests.factories import make_federation
from tests.kept import kept
from tests.web import crowd, sparing
from tests.web.crowd import NOBODY, Crowd, Visitor, addresses, view_of

pytestmark = pytest.mark.django_db

SIGN_IN = "/account/sign-in/"
TOKEN = re.compile(rb'(name="csrfmiddlewaretoken" value=)"[^"]+"')
TAG = re.compile(r"<[^>]*>")
HREF = re.compile(r'href="(/[^"#]*)')
FIGURE_OF_FULL = re.compile(r"(?<![\d/.])\d+(?:\.\d+)?\s*/\s*\d+(?:\.\d+)?(?![\d/])")
PEOPLE = ("legal_rep", "president_name", "contact_name", "sg_name", "address", "deeds")
NUMBERS = ("president_mobile", "contact_mobile", "sg_mobile", "uscc")


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    with kept(django_db_blocker), override_settings(STORAGE_ROOT=folder, MEDIA_ROOT=folder):
        yield crowd.build(), folder


@pytest.fixture
def house(built, settings):
    settings.STORAGE_ROOT = settings.MEDIA_ROOT = built[1]
    return built[0]


@pytest.fixture
def few_pages(settings):
    settings.TEMPLATES = sparing.TEMPLATES
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"


@pytest.fixture(autouse=True)
def quiet(caplog):
    caplog.set_level(logging.ERROR, "django.request")  # a refusal is no news here
SOUGHT = {"total", "president_mobile", "president_name", "evidence", "receipt", "name of a case in draft"}


# ---- every address without signing in


def filled(house: Crowd, name: str, pattern: URLPattern) -> Iterator[str]:
    """Yield the address with every argument that the house has for it."""
    wanted = set(pattern.pattern.converters)
    for given in choices(house, name, wanted):
        yield reverse(name, kwargs=given)


def choices(house: Crowd, name: str, wanted: set[str]) -> Iterator[dict[str, object]]:
    if not wanted:
        yield {}
    elif name == "public:standard":
        yield from ({"slug": slug} for slug in ("sihao-2019-2020", "wuhao-2015", "no-such"))
    elif name == "public:certificate":
        yield from ({"number": number} for number in ("SH2020-0001", "SH2020-9999"))
    elif name == "accounts:activate":
        yield {"uidb64": "MQ", "token": "c0ffee-0"}
    elif "number" in wanted:
        yield from ({"number": crowd.job_for(house.national(Role.DEPARTMENT_HEAD), state).number} for state in JOBS)
    elif wanted == {"pk"} and not name.startswith("declarations:"):
        yield {"pk": house.cases["draft"].applicant_id}
    elif "pk" in wanted:
        yield from ({"pk": case.pk, **further} for case in house.cases.values() for further in more(case, wanted))
    else:
        yield {name: STAND_INS[name] for name in wanted}


JOBS = ("queued", "done")
NUMBERED = ("recusal", "sheet", "unit", "scan", "serial", "question", "annex")
STAND_INS = {"token": NOBODY.number, "kind": "report", **dict.fromkeys(NUMBERED, NOBODY.pk)}


def more(case: Declaration, wanted: set[str]) -> Iterator[dict[str, object]]:
    """Yield the further arguments of an address of a case."""
    if "piece" in wanted:
        yield from ({"piece": piece.pk} for piece in case.attachments.all())
    elif "name" in wanted:
        yield from ({"name": name} for name in STEPS)
    else:
        yield {name: STAND_INS[name] for name in wanted - {"pk"}}


def asked(visitor: Visitor, method: str, url: str) -> object:
    """Ask and undo what was done."""
    with transaction.atomic():
        answer = visitor.ask(method, url)
        transaction.set_rollback(True)
    return answer


def fault_of(answer: object, permission: str, method: str) -> str:
    """Return what is wrong with an anonymous visitor's answer; "" for nothing."""
    status, to = answer.status_code, answer.get("Location", "")
    if permission == "public":
        fits = status in {200, 404, 405} or (status == 302 and not to.startswith(SIGN_IN))
    else:
        # An address that takes POST alone may say so before it asks who is there, with nothing in its hands.
        fits = (status == 302 and to.startswith(SIGN_IN)) or (status == 405 and method == "get" and not answer.body)
    return "" if fits else f"{status} {to}"


def test_without_signing_in_only_public_pages_open_and_they_tell_no_secret(house):
    visitor, told, faults, opened = Visitor(None), secrets(house), [], set()
    for name, pattern in addresses():
        permission = getattr(view_of(pattern), "permission", "")
        for url in filled(house, name, pattern):
            for method in ("get", "post"):
                answer = asked(visitor, method, url)
                if fault := fault_of(answer, permission, method):
                    faults.append(f"{method} {url}: {fault}")
                if answer.status_code == 200:
                    opened.add(name)
                faults += [f"{method} {url}: {leak}" for leak in leaks(readable(answer), told)]
    faults += crawled(visitor, told)

    assert set(told.values()) >= SOUGHT
    assert faults == []
    assert opened == {
        name for name, pattern in addresses() if getattr(view_of(pattern), "permission", "") == "public"
    } - {"accounts:sign_out"}


def crawled(visitor: Visitor, told: dict[str, str]) -> list[str]:
    """Follow every link from the first page on and return what is wrong on the way."""
    seen, waiting, faults = {"/"}, ["/", "/recognised/?words=商会", "/recognised/?unit=410000", "/nowhere/"], []
    while waiting:
        url = waiting.pop()
        answer = visitor.ask("get", url)
        text = answer.body.decode(errors="replace")
        faults += [f"crawl {url}: {leak}" for leak in leaks(readable(answer), told)]
        if answer.status_code != (404 if url == "/nowhere/" else 200):
            faults.append(f"crawl {url}: {answer.status_code}")
        found = {unescape(link) for link in HREF.findall(text) if not link.startswith("/static/")}
        waiting += sorted(found - seen)
        seen |= found
    return faults


def secrets(house: Crowd) -> dict[str, str]:
    """Return every text that no stranger may read, with what it is; what was published is none."""
    answers = Answer.objects.filter(field__in=PEOPLE + NUMBERS)
    found = {str(value): field for field, value in answers.values_list("field", "value")}
    published = set(Recognition.objects.values_list("name", flat=True))
    for case in Declaration.objects.exclude(applicant_name__in=published):
        found[case.applicant_name] = f"name of a case in {case.state}"
    for case in Declaration.objects.all():
        found |= {case.number: "number of a case", case.applicant.uscc: "code"}
        found |= {piece.name: "evidence" for piece in case.attachments.all()}
        if case.receipt:
            found[case.receipt] = "receipt"
    people = (seat.user.name for seat in house.world.seats.values())
    return found | dict.fromkeys(people, "person") | totals()


def totals() -> dict[str, str]:
    """Return every total of a case or of a layer as it would be printed."""
    of_cases = Declaration.objects.values_list("self_total", "unit_total", "final_total")
    found = {total for row in of_cases for total in row if total} | {one.total for one in Assessment.objects.all()}
    return {f"{total.normalize():f}": "total" for total in found if total and total > Decimal(200)}


def readable(answer: object) -> bytes:
    """Return what people read in an answer: of a paper or a sheet its text, of anything else all of it."""
    kind = answer.get("Content-Type", "")
    if kind == MIME_TYPES["pdf"]:
        return subprocess.run(["pdftotext", "-", "-"], input=answer.body, capture_output=True, check=True).stdout
    if kind == MIME_TYPES["xlsx"]:
        with ZipFile(BytesIO(answer.body)) as parts:
            return b"".join(parts.read(name) for name in parts.namelist())
    return answer.body


def leaks(body: bytes, told: dict[str, str]) -> list[str]:
    """Return what a page tells that it must not."""
    page = body.decode(errors="replace")
    text, whole = unescape(TAG.sub(" ", page)), unescape(page)
    found = [f"{what} {secret}" for secret, what in told.items() if what != "total" and secret in whole]
    marks = [f"mark {figure}" for figure in FIGURE_OF_FULL.findall(text)]
    sums = [f"total {t}" for t, what in told.items() if what == "total" and re.search(rf"(?<![\d.]){t}(?![\d.])", text)]
    return found + marks + sums


def test_what_would_leak_is_seen():
    told = {"13800000001": "president_mobile", "412.5": "total", "草稿甲商会": "name of a case in draft"}

    page = '<p title="草稿甲商会"></p><td>13800000001</td><b>412.5</b><i>7/10</i>'.encode()

    assert leaks(page, told) == [
        "president_mobile 13800000001",
        "name of a case in draft 草稿甲商会",
        "mark 7/10",
        "total 412.5",
    ]
    assert leaks("<p>2020年，1412.5元，指标A1.1</p>".encode(), told) == []


# ---- a neighbour's case


def case_addresses(pk: int, piece: int) -> Iterator[str]:
    """Yield every address of a case, with every step."""
    names = sorted({step.name for workflow in WORKFLOWS.values() for step in workflow.transitions})
    for name, pattern in addresses():
        view = view_of(pattern)
        if not (isinstance(view, type) and issubclass(view, CaseView)):
            continue
        asked_of = {"question": NOBODY.pk}
        furthers = ({}, {"piece": piece}, asked_of, asked_of | {"annex": NOBODY.pk})
        for given in (*furthers, *({"name": one} for one in names)):
            try:
                yield reverse(name, kwargs={"pk": pk, **given})
            except NoReverseMatch:
                continue


def plain(answer: object) -> tuple[int, bytes, dict[str, str]]:
    """Return all of an answer that a browser sees, but for the token of the forms."""
    return answer.status_code, TOKEN.sub(rb"\1", answer.body), dict(answer.headers)


def list_addresses(pk: int) -> list[str]:
    """Return every address of a list."""
    named = ((name, pattern) for name, pattern in addresses() if str(pattern.pattern).startswith("lists/<int:pk>/"))
    return [reverse(name, kwargs={"pk": pk, **_further(pattern)}) for name, pattern in named]


def _further(pattern: URLPattern) -> dict[str, object]:
    known = {"kind": "report", "scan": 1, "serial": 1}
    return {name: value for name, value in known.items() if f":{name}>" in str(pattern.pattern)}


def told_apart(officer: Visitor, there: list[str], nowhere: dict[str, list[tuple]]) -> list[str]:
    """Return the addresses that answer other than 404, or other than one where nothing is."""
    found = []
    for method, absences in nowhere.items():
        for url, answer, absent in zip(there, answers(officer, method, there), absences, strict=True):
            # A method that an address never takes is refused before anybody looks for the object.
            if answer[0] != 404 and not (answer[0] == 405 and method == "post"):
                found.append(f"{method} {url}: {answer[0]}")
            if answer != absent:
                found.append(f"{method} {url}: not as where nothing is")
    return found


def voids(officer: Visitor, urls: list[str]) -> dict[str, list[tuple]]:
    return {method: list(answers(officer, method, urls)) for method in ("get", "post")}


def answers(officer: Visitor, method: str, urls: list[str]) -> Iterator[tuple]:
    """Yield what each address answers; of the many that one view has, such as the steps, the first page is drawn."""
    seen = set()
    for url in urls:
        view = resolve(url).view_name
        sparing.draw(view not in seen)
        seen.add(view)
        yield plain(asked(officer, method, url))


@pytest.mark.usefixtures("few_pages")
def test_a_county_officer_cannot_tell_a_neighbours_case_from_none(house):
    officer = Visitor(house.world.officer(make_federation(worlds.COUNTY)))
    of_no_case = voids(officer, list(case_addresses(NOBODY.pk, NOBODY.pk)))
    of_no_list = voids(officer, list_addresses(NOBODY.pk))
    own = reverse("declarations:evidence_file", args=[house.cases["county"].pk, house.piece("county").pk])
    through = reverse("declarations:evidence_file", args=[house.cases["county"].pk, house.piece("neighbour").pk])

    for key in ("neighbour", "recognised", "draft"):
        there = list(case_addresses(house.cases[key].pk, house.piece(key).pk))
        assert len(there) > 40
        assert told_apart(officer, there, of_no_case) == []
    for batch in (house.sent_up, house.open_list):
        assert told_apart(officer, list_addresses(batch.pk), of_no_list) == []
    mine = asked(officer, "get", own)
    assert (mine.status_code, mine["X-Content-Type-Options"], mine.body[:4]) == (200, "nosniff", b"\x89PNG")
    assert asked(officer, "get", through).status_code == 404
