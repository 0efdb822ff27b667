"""Rosters from a spreadsheet: the template, the upload, the preview, and the one act that writes."""

import tempfile
from hashlib import sha256

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from sihao import clock
from sihao.accounts.actions import rosters as writing
from sihao.accounts.exports import write_template
from sihao.accounts.forms import RosterForm
from sihao.accounts.imports import read_roster
from sihao.accounts.models import RosterImport
from sihao.accounts.paging import page_of
from sihao.accounts.queries import federations_under, one_of
from sihao.accounts.queries.rosters import imports_of, plan_of
from sihao.accounts.refusals import Refused
from sihao.accounts.views.answers import announce, carried_out
from sihao.accounts.views.gate import opens
from sihao.documents.intake.kinds import MIME_TYPES
from sihao.documents.sniff import safe_name


@opens("accounts.import_roster")
def template(request: HttpRequest) -> FileResponse:
    """Hand over the empty workbook with the federations of the jurisdiction."""
    office = request.seat.organisation
    file = tempfile.TemporaryFile()  # noqa: SIM115 the response closes it when it was sent
    write_template(federations_under(office, timezone.localdate(clock.now())), office.name, file)
    file.seek(0)
    response = FileResponse(file, as_attachment=True, filename="名册模板.xlsx", content_type=MIME_TYPES["xlsx"])
    response["Cache-Control"] = "private, no-store"
    return response


@opens("accounts.import_roster")
def rosters(request: HttpRequest) -> HttpResponse:
    """Take a filled-in workbook and lead to its preview; list those uploaded before."""
    form = RosterForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        facts = {"roster": read_roster(file, file.name), "name": safe_name(file.name)[:160]}
        file.seek(0)
        facts |= {"digest": sha256(file.read()).hexdigest(), "actor": request.seat, "now": clock.now()}
        if kept := carried_out(form, writing.bring_roster, **facts):
            return redirect("accounts:roster_preview", kept.pk)
    page = page_of(request, imports_of(request.seat).defer("rows"), order=("-id",), size=20)
    return render(request, "accounts/rosters.html", {"form": form, "page": page})


def uploaded(request: HttpRequest, pk: int) -> RosterImport:
    """Return a roster of one's own organisation."""
    found = one_of(imports_of(request.seat), pk)
    if found is None:
        raise Http404
    return found


@opens("accounts.import_roster")
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what would be done, row by row; confirmed, do all of it or nothing."""
    roster = uploaded(request, pk)
    if request.method == "POST":
        return _confirmed(request, roster)
    return _shown(request, roster)


def _shown(request: HttpRequest, roster: RosterImport, *, moved_on: bool = False) -> HttpResponse:
    facts = {"roster": roster, "moved_on": moved_on}
    if roster.written_at is None:
        facts["plan"] = plan_of(roster, request.seat, clock.now())
    return render(request, "accounts/roster_preview.html", facts, status=409 if moved_on else 200)


def _confirmed(request: HttpRequest, roster: RosterImport) -> HttpResponse:
    facts = {"roster": roster, "seen": request.POST.get("seen", ""), "actor": request.seat, "now": clock.now()}
    try:
        if roster.written_at is None and plan_of(roster, request.seat, clock.now()).is_long:
            return redirect("jobs:detail", writing.order_roster(**facts).number)
        writing.write_roster(**facts)
    except writing.MovedOn:
        return _shown(request, roster, moved_on=True)
    except Refused as refused:
        for refusal in refused.refusals:
            messages.error(request, str(refusal))
    return redirect("accounts:roster_preview", roster.pk)


@require_POST
@opens("accounts.import_roster")
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up a roster; nothing was written."""
    roster = uploaded(request, pk)
    announce(request, "已放弃这份名册，没有写入任何内容。", writing.discard_roster, roster=roster, actor=request.seat)
    return redirect("accounts:rosters")
