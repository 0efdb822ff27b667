"""What answers tell: every address filled in, what people read in an answer, and what of it nobody there may read."""

import re
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from html import unescape
from io import BytesIO
from urllib.parse import unquote
from zipfile import ZipFile, is_zipfile

from django.db import transaction
from django.urls import NoReverseMatch, URLPattern, resolve, reverse

from declarations.models import Answer, Declaration, Recognition
from declarations.views.base import CaseView
from declarations.views.steps import STEPS
from declarations.workflow import WORKFLOWS
from scoring.models import Assessment
from sihao.accounts.roles import Role
from sihao.documents.intake.kinds import MIME_TYPES
from tests.web import aftermath, crowd, sparing
from tests.web.crowd import NOBODY, Crowd, Visitor, addresses, view_of

SIGN_IN = "/account/sign-in/"
TOKEN = re.compile(rb'(name="csrfmiddlewaretoken" value=)"[^"]+"')
TAG = re.compile(r"<[^>]*>")
HREF = re.compile(r'href="(/[^"#]*)')
FIGURE_OF_FULL = re.compile(r"(?<![\d/.])\d+(?:\.\d+)?\s*/\s*\d+(?:\.\d+)?(?![\d/])")
PEOPLE = ("legal_rep", "president_name", "contact_name", "sg_name", "address", "deeds")
NUMBERS = ("president_mobile", "contact_mobile", "sg_mobile", "uscc")
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
    elif name == "public:published_list":
        yield from ({"slug": slug} for slug in (house.world.cycle.slug, "no-such"))
    elif name == "public:certificate":
        yield from ({"number": number} for number in ("SH2020-0001", "SH2020-9999"))
    elif name.startswith("public:story"):
        yield {one: value for one, value in aftermath.story_of(house).items() if one in wanted}
    elif name == "public:paper":
        yield {"code": crowd.code_of_paper(house)}
        yield {"code": "AAAABBBBCCCC"}
    elif name == "accounts:activate":
        yield {"uidb64": "MQ", "token": "c0ffee-0"}
    elif "number" in wanted:
        yield from ({"number": crowd.job_for(house.national(Role.DEPARTMENT_HEAD), state).number} for state in JOBS)
    elif wanted == {"pk"} and not name.startswith("declarations:"):
        yield {"pk": house.cases["draft"].applicant_id}
    elif "pk" in wanted:
        yield from ({"pk": case.pk, **further} for case in few(house) for further in more(case, wanted))
    else:
        yield {name: STAND_INS[name] for name in wanted}


JOBS = ("queued", "done")
NUMBERED = (
    *("annex", "expert", "file", "photo", "question", "recusal", "review", "scan", "serial", "sheet", "unit"),
    *("office", "record", "finding", "paper"),
)
WORDS = {"kind": "report", "act": "plaque", "slug": "funnel", "ending": "xlsx", "part": "gates", "index": 0}
STAND_INS = {"token": NOBODY.number, **WORDS, **dict.fromkeys(NUMBERED, NOBODY.pk)}


def few(house: Crowd) -> tuple[Declaration, ...]:
    """Return a case that nobody has handed in, and one that everybody may know of."""
    return house.cases["draft"], house.cases["recognised"]


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


def of_cases(house: Crowd) -> dict[str, str]:
    """Return what tells of a case, with what it is: number, receipt, name."""
    found = {case.number: "number" for case in house.cases.values()}
    found |= {case.receipt: "receipt" for case in house.cases.values() if case.receipt}
    return found | {case.applicant_name: "name" for case in house.cases.values()}


def told_by(answer: object, told: dict[str, str], *, bodies: object = None) -> list[str]:
    """Return what an answer tells of cases; on a page of ``bodies`` a name is that of a body of the tree."""
    sought = {secret: what for secret, what in told.items() if not (bodies and what == "name")}
    headers = " ".join(unquote(str(answer.get(name, ""))) for name in ("Location", "Content-Disposition"))
    return found(headers + readable(answer).decode(errors="replace"), sought) if sought else []


def found(text: str, told: dict[str, str]) -> list[str]:
    """Return which of the secrets stand in a text."""
    whole = unescape(text)
    return [f"{what} {secret}" for secret, what in told.items() if secret in whole]


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
    if kind == MIME_TYPES["xlsx"] and is_zipfile(BytesIO(answer.body)):
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
    known = {"kind": "report", "ending": "docx", "scan": 1, "serial": 1}
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
    """Yield what each address answers; every view's page is drawn once, of the steps and of what is sent the name."""
    seen = set()
    for url in urls:
        view = resolve(url).view_name
        sparing.draw(method == "get" and view not in seen)
        seen.add(view)
        yield plain(asked(officer, method, url))
