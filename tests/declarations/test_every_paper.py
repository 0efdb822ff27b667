"""Every paper of the programme: measured in the PDF's own coordinates, and the same words in each of its forms."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse

from declarations.actions.issuing import issue
from declarations.demo import stages
from declarations.exports.papers.answers import answer_paper, feedback_paper, revocation_paper
from declarations.exports.papers.book import cover_paper
from declarations.exports.papers.catalog import case_papers, paper_named
from declarations.exports.papers.judged import sheet_paper
from declarations.exports.papers.lists import agenda_paper, annex_two_paper, paper_of_list
from declarations.exports.papers.meeting import deliberation_agenda, deliberation_minutes
from declarations.exports.papers.titles import certificate_paper, circular_paper, notice_paper, plaques_paper
from declarations.exports.papers.visits import visit_paper, visit_report_paper
from declarations.exports.sealed_papers import printed
from declarations.models import (
    Agenda,
    AgendaItem,
    Inquiry,
    NoticeEntry,
    Objection,
    PublicNotice,
    Recognition,
    SpotDraw,
    Visit,
    VisitEntry,
)
from declarations.queries.annex_two import annex_of
from declarations.queries.batches import meeting_of, papers_of
from declarations.queries.facts import dossier_of
from declarations.queries.feedback import results_of
from declarations.queries.visit_record import record_page
from declarations.queries.visit_report import visit_report_draft
from declarations.states import IssuedKind, TitleState
from scoring.queries import programme_of
from sihao import clock
from sihao.documents.paper import Paper
from tests import worlds
from tests.documents.measuring import RARE, drawn, measured, squeezed, text_of
from tests.documents.told import cells_in, told_in_every_form, words_in
from tests.kept import Ground, building, kept

pytestmark = pytest.mark.django_db
CASE = ("application", "self", "opinion", "verdict")
LINES = 24
"""Lines of a list that goes on over a page."""


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")):
        world = worlds.make_world()
        yield Ground(world, worlds.make_proposed(world, name=f"{RARE}商会"))


@pytest.fixture(scope="module")
def made(ground):
    """Return what makes each paper, by name."""
    world, case = ground.world, stages.fresh(ground.case)
    seat, dossier, cycle, batch = world.seats["department"], dossier_of(case), case.cycle, case.batch
    meeting = meeting_of(batch)
    of_case = {one.kind.value: one for one in case_papers(seat, dossier)}
    sealed = {one.kind.value: one.paper for one in papers_of(batch, meeting)}
    title = Recognition(
        declaration=case, cycle=cycle, serial=1, number="SH2020-0001", name=case.applicant_name,
        unit_name=str(case.unit), unit_code="410000", chamber_type="行业商会", recognised_at=worlds.NOW,
    )  # fmt: skip
    gone = {"state": TitleState.REVOKED, "revoked_at": worlds.NOW, "revoked_why": "申报材料弄虚作假"}
    revoked = Recognition(**{**_fields(title), **gone, "barred_cycles": 1})
    notice = PublicNotice(
        cycle=cycle, number=1, days=5, opened_at=worlds.NOW, closes_at=worlds.NOW + timedelta(days=7)
    )
    entry = NoticeEntry(notice=notice, place=1, name=case.applicant_name, unit_name=str(case.unit))
    objection = Objection(
        cycle=cycle, notice=notice, declaration=case, state="dismissed", received_at=worlds.NOW,
        answer="会员数与名册一致，经费公开情况属实。", settled_at=worlds.NOW,
    )  # fmt: skip
    inquiry = Inquiry(
        recognition=revoked, ground="false", facts="会员名册与登记不符。", state="revoked", meeting_on=date(2021, 3, 1)
    )
    agenda = Agenda(
        cycle=cycle, number=1, digest="ab" * 32, frozen_at=worlds.NOW, meeting_on=date(2020, 12, 1), present="示例主席",
        minutes="会议听取了汇报，\n逐一审议。", decided_by=seat, decided_at=worlds.NOW,
    )  # fmt: skip
    item = AgendaItem(agenda=agenda, declaration=case, place=1, outcome="approved")
    return {
        **{name: of_case[name].make for name in CASE},
        "sheet": lambda: sheet_paper(dossier, dossier.reviews[0], "专家1"),
        "cover": lambda: cover_paper(seat, dossier),
        "quotas": lambda: annex_two_paper(annex_of(cycle)),
        **{name: lambda paper=paper: paper_of_list(batch, paper) for name, paper in sealed.items()},
        "agenda": lambda: agenda_paper(batch, meeting),
        "certificate": lambda: certificate_paper(title),
        "revoked certificate": lambda: certificate_paper(revoked),
        "circular": lambda: circular_paper(cycle, [title] * LINES),
        "plaques": lambda: plaques_paper(cycle, [title] * LINES),
        "notice": lambda: notice_paper(notice, [entry] * LINES),
        "answer": lambda: answer_paper(objection),
        "revocation": lambda: revocation_paper(inquiry),
        "deliberation": lambda: deliberation_agenda(agenda, [item] * LINES),
        "deliberated": lambda: deliberation_minutes(agenda, [item] * LINES),
        "feedback": lambda: feedback_paper(cycle, case.unit, results_of(cycle, case.unit)),
        "visit form": lambda: _visit(dossier, seat, filled=False),
        "visit record": lambda: _visit(dossier, seat, filled=True),
        "visits report": lambda: visit_report_paper(cycle, visit_report_draft(cycle).text, draft=True),
    }


def _fields(title: Recognition) -> dict[str, object]:
    return {field.name: getattr(title, field.name) for field in Recognition._meta.concrete_fields}


def _visit(dossier, seat, *, filled: bool) -> Paper:
    """Return the paper of a visit, blank or with a word on the first rows; what is written is rolled back."""
    draw = SpotDraw.objects.create(
        cycle=dossier.case.cycle, number=9, seed="示例", source="示例", cases=1, announced_by=seat,
        announced_at=worlds.NOW, drawn_at=worlds.NOW, frame_digest="ab",
    )  # fmt: skip
    visit = Visit.objects.create(
        draw=draw, declaration=dossier.case, region="中部", level="县级", chamber_type="行业商会", random="1", place=1
    )
    if filled:
        words = {"visited_on": "2020-11-05", "interviews": "会长介绍了情况。\n秘书长答问。", "found-A2.1": "minor"}
        for field, value in words.items():
            VisitEntry.objects.create(visit=visit, field=field, value=value, set_by=seat, set_at=worlds.NOW)
    return visit_paper(dossier, visit, record_page(dossier, visit), [])


NAMES = [
    *CASE, "sheet", "cover", "quotas", "report", "summary", "minutes", "agenda", "certificate", "revoked certificate",
    "circular", "plaques", "notice", "answer", "revocation", "deliberation", "deliberated", "feedback", "visit form",
    "visit record", "visits report",
]  # fmt: skip


NAMELESS = frozenset({"quotas", "visits report"})
"""Papers on which no chamber's name stands; on every other it has the rare characters of ``RARE``."""


LONG = frozenset({"circular", "plaques", "notice", "deliberation", "deliberated"})
"""Papers with a list that is to go on over a page."""


@pytest.fixture
def standing(ground, made) -> Callable[[str], Paper]:
    """Return a paper with its standing, as it leaves the house."""
    words = {"kind": IssuedKind.CIRCULAR, "of": ground.case.cycle, "is_draft": False, "actor": None, "now": worlds.NOW}
    return lambda name: issue(paper=made[name](), **words)


def test_no_paper_is_left_out(made):
    assert sorted(made) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_paper_keeps_to_its_block_and_says_the_same_in_every_form(standing, name):
    told = told_in_every_form(standing(name))

    assert told.unsaid() == {}
    assert told.paper.watermark in told.forms["pdf"]
    assert (drawn(told.pdf).missing, drawn(told.pdf).borrowed) == (0, 0)
    assert [form for form in told.forms if RARE not in told.forms[form]] == [*told.forms] * (name in NAMELESS)
    assert told.astray() == []
    assert name not in LONG or len(pypdfium2.PdfDocument(told.pdf)) > 1


@pytest.mark.parametrize("name", ["report", "summary", "minutes"])
def test_a_paper_as_it_is_sealed_keeps_to_its_block(ground, name):
    batch = stages.fresh(ground.case).batch
    paper = next(one.paper for one in papers_of(batch, meeting_of(batch)) if one.kind == name)

    pdf, pages = printed(batch, paper)

    across = name == "summary"
    found = measured(pdf, landscape=across)
    assert found.outside == []
    assert found.numbers == [(f"—{page}—", "outer") for page in range(1, pages + 1)]


def test_the_same_figures_stand_on_the_page_in_the_pdf_in_word_and_in_the_sheet(ground, monkeypatch):
    """As its unit takes them out through the site."""
    world, case = ground.world, stages.fresh(ground.case)
    monkeypatch.setattr(clock, "now", lambda: world.clock.at)
    seat = world.officer(case.unit)
    client = Client()
    client.force_login(seat.user)

    def file(ending: str) -> bytes:
        answer = client.get(reverse("declarations:case_paper_file", args=[case.pk, "self-assessment", ending]))
        assert answer.status_code == 200
        return b"".join(answer.streaming_content)

    paper = paper_named(seat, dossier_of(case), "self-assessment").make()
    page = client.get(reverse("declarations:case_paper", args=[case.pk, "self-assessment"])).content.decode()

    forms = {
        "page": squeezed(unescape(re.sub(r"<[^>]*>", "", page))),
        "pdf": squeezed(text_of(file("pdf"))),
        "docx": words_in(file("docx")),
        "xlsx": cells_in(file("xlsx")),
    }

    rows = [squeezed("".join(row[:2] + row[3:4])) for row in paper.listings[0].body]
    sums = [cell for row in paper.listings[0].foot for cell in row if cell]
    whole = [squeezed("".join(row)) for row in paper.listings[0].body]
    for form, text in forms.items():
        assert {cell for cell in sums if cell not in text} == set(), form
        assert len(rows) == len(programme_of(case.cycle.programme).rubric.items())
    assert [row for row in whole if row not in forms["docx"]] == []
    assert [row for row in whole if row not in forms["page"]] == []
    totals = {one.layer: str(one.total) for one in case.ledger.assessments.all() if one.total is not None}
    assert totals != {}
    standing = re.search(r"摘要值([0-9A-F]{16})校验码([A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4})", forms["page"])
    assert [form for form in ("pdf", "xlsx") if standing[0] not in forms[form]] == []
