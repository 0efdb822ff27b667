"""Pages without sign-in."""

from collections.abc import Callable
from io import BytesIO

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from declarations.actions.issuing import issue
from declarations.exports.annex_two import table_of
from declarations.exports.papers.files import file_of
from declarations.exports.papers.lists import annex_two_paper
from declarations.forms.public import CertificateCheck, RecognisedSearch, folded_number
from declarations.queries.annex_two import Annex, annex_of
from declarations.queries.announced import open_notices
from declarations.queries.draws import public_draws
from declarations.queries.paper import gate_lines, lines_of_notice, standard_sections
from declarations.queries.public import (
    calendar_of,
    certificate_of,
    lists_with_digests,
    public_cycle,
    published_cycle,
    recognised_list,
)
from declarations.queries.public import standards as published_standards
from declarations.queries.replay import document_of, published_lines
from declarations.sampling import METHOD
from declarations.states import IssuedKind
from scoring.queries import programme_of
from sihao import clock
from sihao.accounts.paging import page_of
from sihao.audit.queries import chain_end, daily_heads, heads_text
from sihao.documents.intake.kinds import MIME_TYPES
from sihao.documents.pdf import CannotPrint
from sihao.documents.xlsx import write

View = Callable[..., HttpResponse]


def for_anybody(view: View) -> View:
    """Declare a page open to anybody; it answers only to reading."""
    safe = require_safe(view)
    safe.permission = "public"
    return safe


@for_anybody
def home(request: HttpRequest) -> HttpResponse:
    """The programme, the cycle and its calendar."""
    cycle = public_cycle()
    stages = calendar_of(cycle, clock.now()) if cycle else []
    notice = open_notices(clock.now()).first()
    return render(request, "public/home.html", {"cycle": cycle, "stages": stages, "now": clock.now(), "notice": notice})


@for_anybody
def notice(request: HttpRequest) -> HttpResponse:
    """The notice of the cycle, set as a document."""
    cycle = public_cycle()
    if cycle is None or not cycle.notice_text:
        raise Http404
    lines = lines_of_notice(cycle.notice_text)
    return render(request, "public/notice.html", {"cycle": cycle, "lines": lines})


@for_anybody
def standards(request: HttpRequest) -> HttpResponse:
    """The published standards."""
    versions = [(version, programme_of(version)) for version in published_standards()]
    return render(request, "public/standards.html", {"versions": versions})


@for_anybody
def standard(request: HttpRequest, slug: str) -> HttpResponse:
    """One standard, readable as a document."""
    version = next((one for one in published_standards() if one.slug == slug), None)
    if version is None:
        raise Http404
    programme = programme_of(version)
    context = {
        "programme": programme,
        "sections": standard_sections(programme),
        "gates": gate_lines(programme),
    }
    return render(request, "public/standard.html", context)


@for_anybody
def recognised(request: HttpRequest) -> HttpResponse:
    """The recognised list: searched, filtered, paged by key."""
    search = RecognisedSearch(request.GET)
    page = page_of(request, recognised_list(search.sought()), order=("-cycle__opens_at", "serial", "id"), size=50)
    return render(request, "public/recognised.html", {"page": page, "search": search, "cycle": public_cycle()})


@for_anybody
def published_list(request: HttpRequest, slug: str) -> HttpResponse:
    """The published list of a cycle, the very bytes that its digest is of."""
    cycle = published_cycle(slug)
    if cycle is None:
        raise Http404
    content = document_of(published_lines(cycle, cycle.published_at))
    answer = HttpResponse(content, content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{cycle.slug}.json"'
    return answer


@for_anybody
def certificate(request: HttpRequest, number: str) -> HttpResponse:
    """What a certificate number stands for today."""
    asked = folded_number(number)
    found = certificate_of(asked)
    context = {"found": found, "number": asked, "now": clock.now()}
    return render(request, "public/certificate.html", context, status=200 if found else 404)


@for_anybody
def check(request: HttpRequest) -> HttpResponse:
    """Ask for a certificate by its number."""
    form = CertificateCheck(request.GET) if "number" in request.GET else CertificateCheck()
    form.form_method = "get"
    if form.is_bound and form.is_valid():
        return redirect("public:certificate", number=form.cleaned_data["number"])
    return render(request, "public/check.html", {"form": form})


@for_anybody
def quotas(request: HttpRequest) -> HttpResponse:
    """The places of every recommending unit (附件2)."""
    return render(request, "public/quotas.html", {"annex": _annex()})


def _annex() -> Annex:
    cycle = public_cycle()
    if cycle is None:
        raise Http404
    return annex_of(cycle)


@for_anybody
def quotas_sheet(request: HttpRequest) -> HttpResponse:
    """The same as a spreadsheet."""
    annex, file = _annex(), BytesIO()
    write(table_of(annex), file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=_named(annex, "xlsx"), content_type=MIME_TYPES["xlsx"])


@for_anybody
def quotas_paper(request: HttpRequest) -> HttpResponse:
    """The same as a paper; where it cannot be made, the page with the reason."""
    annex = _annex()
    paper = issue(
        paper=annex_two_paper(annex),
        kind=IssuedKind.QUOTAS,
        of=annex.cycle,
        is_draft=False,
        actor=None,
        now=clock.now(),
    )
    try:
        file = file_of(paper, "pdf")
    except CannotPrint as problem:
        return render(request, "public/quotas.html", {"annex": annex, "problem": str(problem)}, status=503)
    return FileResponse(file, filename=_named(annex, "pdf"), content_type=MIME_TYPES["pdf"])


def _named(annex: Annex, ending: str) -> str:
    return f"附件2_推荐名额分配表_{annex.cycle.name}.{ending}"


@for_anybody
def trail_heads(request: HttpRequest) -> HttpResponse:
    """The seal of the trail as it stands, and of every day."""
    page = page_of(request, daily_heads(), order=("-day", "-id"), size=60)
    context = {"end": chain_end(), "page": page, "lists": lists_with_digests()}
    return render(request, "public/trail_heads.html", context)


@for_anybody
def trail_heads_text(request: HttpRequest) -> HttpResponse:
    """The same as plain text, to be kept elsewhere: all days, oldest first, one a line."""
    text = heads_text(daily_heads(), f"{settings.SITE_NAME}办理留痕每日封存值")
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@for_anybody
def spot_draws(request: HttpRequest) -> HttpResponse:
    """The seeds of the draws for spot checks, published before anything is drawn, and how anybody draws again."""
    cycle = public_cycle()
    rows = public_draws(cycle) if cycle is not None else []
    return render(request, "public/draws.html", {"cycle": cycle, "rows": rows, "method": METHOD})


@for_anybody
def guide(request: HttpRequest) -> HttpResponse:
    """How to declare and how to review, step by step."""
    limits = {"megabytes": settings.EVIDENCE_MAX_BYTES // (1024 * 1024), "files": settings.EVIDENCE_MAX_FILES}
    return render(request, "public/guide.html", limits)


@for_anybody
def accessibility(request: HttpRequest) -> HttpResponse:
    """What was done so that everybody can use these pages."""
    return render(request, "public/accessibility.html")
