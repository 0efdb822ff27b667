"""Standing in (代办): the appointments of an office, a new one, ending one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from sihao import clock
from sihao.accounts.actions.stand_ins import appoint_stand_in, end_stand_in
from sihao.accounts.forms import EndStandInForm, SearchForm, StandInForm
from sihao.accounts.models import Organisation, StandIn
from sihao.accounts.paging import page_of
from sihao.accounts.permissions import allowed
from sihao.accounts.queries.stand_ins import (
    offices_named,
    seats_to_stand_in_for,
    stand_ins_at,
    substitutes_at,
)
from sihao.accounts.views import targets
from sihao.accounts.views.answers import carried_out
from sihao.accounts.views.gate import opens


@opens("accounts.appoint")
def offices(request: HttpRequest) -> HttpResponse:
    """Find the office for which somebody is to stand in."""
    form = SearchForm(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    found = offices_named(request.seat.organisation, words, clock.now())
    facts = {"form": form, "page": page_of(request, found, order=("path",))}
    return render(request, "accounts/stand_in_offices.html", facts)


@opens("accounts.stand_ins", target=targets.organisation)
def stand_ins(request: HttpRequest, office: Organisation) -> HttpResponse:
    """Show who stands in for whom, and appoint somebody."""
    now = clock.now()
    choices = {"seats": seats_to_stand_in_for(office), "people": substitutes_at(office, request.seat)}
    form = StandInForm(request.POST or None, initial={"since": timezone.localdate(now)}, **choices)
    facts = {"actor": request.seat, "now": now}
    valid = request.method == "POST" and form.is_valid()
    if valid and carried_out(form, appoint_stand_in, **facts, **form.cleaned_data):
        return redirect("accounts:stand_ins", office.pk)
    page = page_of(request, stand_ins_at(office), order=("-id",), size=30)
    context = {"organisation": office, "form": form, "page": page, "now": now}
    return render(request, "accounts/stand_ins.html", context)


@opens("accounts.end_stand_in", target=targets.stand_in)
def end(request: HttpRequest, stand_in: StandIn) -> HttpResponse:
    """End one before its time."""
    form = EndStandInForm(request.POST or None)
    facts = {"stand_in": stand_in, "actor": request.seat, "now": clock.now()}
    valid = request.method == "POST" and form.is_valid()
    office = stand_in.absent.organisation
    may_list = allowed(request.seat, "accounts.stand_ins", office)
    back = reverse("accounts:stand_ins", args=[office.pk]) if may_list else reverse("accounts:account")
    if valid and carried_out(form, end_stand_in, **facts, **form.cleaned_data):
        return redirect(back)
    form.cancel_url = back
    context = {"form": form, "stand_in": stand_in, "back": back, "organisation": office}
    return render(request, "accounts/end_stand_in.html", context)
