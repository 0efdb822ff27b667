"""The trail, for the audit administrator and supervision: sentences and labels, no case content."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sihao.accounts.forms import TrailForm
from sihao.accounts.paging import page_of
from sihao.accounts.queries.withheld import trail_for
from sihao.accounts.views.gate import opens


@opens("accounts.read_trail")
def trail(request: HttpRequest) -> HttpResponse:
    """List the entries that match the filter, newest first."""
    form = TrailForm(request.GET)
    entries = trail_for(request.seat, **(form.cleaned_data if form.is_valid() else {}))
    return render(
        request, "accounts/trail.html", {"form": form, "page": page_of(request, entries, order=("-id",))}
    )
