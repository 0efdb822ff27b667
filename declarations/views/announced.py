"""Pages without sign-in around the publication: the public notice, objections to it, stories of the recognised."""

import hmac
import random
from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import salted_hmac
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from declarations.actions import objecting
from declarations.actions.exporting import record_export
from declarations.actions.issuing import issue
from declarations.actions.questions import Brought
from declarations.exports.papers.answers import answer_paper
from declarations.exports.papers.files import file_of, handed_over
from declarations.forms.objections import ObjectionForm, ReceiptForm
from declarations.models import NoticeEntry, Objection
from declarations.objections import new_receipt
from declarations.queries.announced import (
    entries_running,
    entry_choices,
    entry_named,
    last_notice,
    open_notices,
)
from declarations.queries.objections import answered, checked
from declarations.queries.stories import public_stories, public_story
from declarations.states import IssuedKind
from declarations.store import fetch
from declarations.views.base import refusals_in
from declarations.views.public import for_anybody
from sihao import clock
from sihao.accounts.addresses import client_address
from sihao.accounts.paging import page_of
from sihao.documents.intake.kinds import MIME_TYPES
from sihao.documents.pdf import CannotPrint
from sihao.ui.uploads import claimed_name

CHANCES = random.SystemRandom()
BY_RECEIPT = f"{IssuedKind.ANSWER.label}（pdf，凭回执编号取用）"


def for_anybody_to_send(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Declare a form open to anybody: it is kept nowhere and its words stay out of error reports."""
    sent = require_http_methods(["GET", "HEAD", "POST"])(never_cache(sensitive_post_parameters()(view)))
    sent.permission = "public"
    return sent


def source_of(request: HttpRequest) -> str:
    """Return a keyed digest of where a request comes from: enough to count by, and nothing to find anybody by."""
    return salted_hmac("declarations.knock", client_address(request), algorithm="sha256").hexdigest()


@for_anybody
def announcement(request: HttpRequest) -> HttpResponse:
    """The public notices that run: names and recommending units; afterwards that they are over."""
    now = clock.now()
    notices = list(open_notices(now))
    page = page_of(request, entries_running(notices), order=("-notice_id", "place", "id"), size=100)
    notice = notices[0] if notices else None
    context = {"notice": notice, "notices": notices, "page": page, "last": last_notice(), "now": now}
    return render(request, "public/announcement.html", context)


@for_anybody_to_send
def objection(request: HttpRequest) -> HttpResponse:
    """Object to a name on the notice, or tell something of it without a name."""
    now = clock.now()
    notices = list(open_notices(now))
    if not notices:
        return render(request, "public/objection.html", {"closed": True}, status=200)
    entries = entry_choices(notices)
    if request.method != "POST":
        chosen = request.GET.get("name", "")
        form = ObjectionForm(entries=entries, initial={"entry": chosen if chosen.isascii() else ""})
        return render(request, "public/objection.html", {"form": form, "notice": notices[0]})
    form = ObjectionForm(request.POST, request.FILES, entries=entries)
    if form.is_valid():
        with refusals_in(form):
            return _taken(request, form, now)
    return render(request, "public/objection.html", {"form": form, "notice": notices[0]})


def _taken(request: HttpRequest, form: ObjectionForm, now: datetime) -> HttpResponse:
    """Take what was sent; the receipt stands on the answer alone, in no address and no history."""
    objecting.knock(form="object", source=source_of(request), now=now)
    given, entry = form.cleaned_data, _entry(form)
    if not form.is_named:
        objecting.receive_tip(entry=entry, facts=given["facts"], token=given["token"], now=now)
        return render(request, "public/objection_received.html", {"tip": True})
    by = objecting.Objecting(given["name"], given["contact"], given["facts"])
    files = [Brought(file, claimed_name(file)) for file in given["files"]]
    receipt = new_receipt(CHANCES)
    taken = objecting.receive(entry=entry, by=by, token=given["token"], receipt=receipt, now=now, files=files)
    return render(request, "public/objection_received.html", {"objection": taken, "name": entry.name})


def _entry(form: ObjectionForm) -> NoticeEntry:
    found = entry_named(form.cleaned_data["entry"])
    if found is None:
        raise Http404
    return found


@for_anybody_to_send
def objection_check(request: HttpRequest) -> HttpResponse:
    """How an objection stands, by the number of its receipt; once answered, the answer as a paper."""
    now = clock.now()
    form = ReceiptForm(request.POST) if request.method == "POST" else ReceiptForm()
    found, asked = None, False
    if form.is_bound and form.is_valid():
        with refusals_in(form):
            objecting.knock(form="check", source=source_of(request), now=now)
            receipt = form.cleaned_data["receipt"]
            answer = answered(receipt) if "paper" in request.POST else None
            if answer is not None:
                return _printed(request, answer, now)
            found, asked = checked(receipt, now), True
    return render(request, "public/objection_check.html", {"form": form, "found": found, "asked": asked})


def _printed(request: HttpRequest, answer: Objection, now: datetime) -> HttpResponse:
    """Hand the answer over as the paper that the house has of it, under a name that tells nothing."""
    words = {"kind": IssuedKind.ANSWER, "of": answer.cycle, "version": 1, "is_draft": False, "subject": answer.pk}
    paper = issue(paper=answer_paper(answer), **words, actor=None, now=now)
    try:
        file = file_of(paper, "pdf")
    except CannotPrint as problem:
        messages.error(request, str(problem))
        return redirect("public:objection_check")
    record_export(target=answer, what=BY_RECEIPT, actor=None, now=now)
    return handed_over(file, f"{IssuedKind.ANSWER.label}.pdf", "pdf")


@for_anybody
def stories(request: HttpRequest) -> HttpResponse:
    """The stories of recognised chambers, the newest first."""
    page = page_of(request, public_stories(), order=("-released_at", "-id"), size=20)
    return render(request, "public/stories.html", {"page": page})


@for_anybody
def story(request: HttpRequest, number: str) -> HttpResponse:
    """One story."""
    found = public_story(number)
    if found is None:
        raise Http404
    return render(request, "public/story.html", {"story": found})


@for_anybody
def story_picture(request: HttpRequest, number: str, digest: str) -> HttpResponse:
    """The picture of a story, as it was drawn anew; its address changes with it."""
    found = public_story(number)
    if found is None or not found.digest or not hmac.compare_digest(found.digest[:16], digest):
        raise Http404
    with fetch(found.stored) as file:
        response = HttpResponse(file.read(), content_type=MIME_TYPES[found.kind])
    response["Cache-Control"] = "public, max-age=3600"
    return response
