"""The people of a jurisdiction, and their one-time links."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from sihao import clock
from sihao.accounts.actions import links as issuing
from sihao.accounts.actions.mailing import mail_leaves
from sihao.accounts.activation import activation_code, activation_path, link_ends
from sihao.accounts.forms import PeopleForm
from sihao.accounts.models import Seat, User
from sihao.accounts.paging import page_of
from sihao.accounts.permissions import allowed, grantable_roles, grantable_seats
from sihao.accounts.queries import one_of
from sihao.accounts.queries.people import ALL, IN_USE, WAITING, awaiting_password, seats_in_jurisdiction
from sihao.accounts.queries.rosters import imports_of, named_in
from sihao.accounts.refusals import Refused
from sihao.accounts.views.gate import opens

CHIPS = ((ALL, "全部"), (WAITING, "尚未设置密码"), (IN_USE, "已设置密码"))


@opens("accounts.people")
def people(request: HttpRequest) -> HttpResponse:
    """List who holds a seat in the jurisdiction, in the order of the tree."""
    form = PeopleForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    found = seats_in_jurisdiction(request.seat, wanted.get("q", ""), wanted.get("state", ALL))
    page = page_of(request, found, order=("organisation__path", "id"))
    facts = {"form": form, "page": page, "chips": _chips(request, wanted.get("state", ALL))}
    facts["rows"] = [(seat, _answers_for(request.seat, seat)) for seat in page.rows]
    facts["may_issue"] = allowed(request.seat, "accounts.links")
    return render(request, "accounts/people.html", facts)


def _answers_for(viewer: Seat, seat: Seat) -> bool:
    return seat.user_id != viewer.user_id and seat.role in grantable_roles(viewer, seat.organisation)


def _chips(request: HttpRequest, state: str) -> list[dict[str, Any]]:
    place, words = reverse("accounts:people"), request.GET.get("q", "")[:50]
    return [
        {"label": label, "url": f"{place}?{_query(q=words, state=value)}", "current": value == state}
        for value, label in CHIPS
    ]


def _query(**words: str) -> str:
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in words.items() if value})
    return query.urlencode()


@never_cache
@opens("accounts.links")
def links(request: HttpRequest) -> HttpResponse:
    """Choose people without a password; print or mail their one-time links."""
    if request.method == "POST":
        return _mailed(request) if request.POST.get("way") == "mail" else _printed(request)
    form = PeopleForm(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    found = awaiting_password(request.seat, grantable_seats(request.seat), words)
    if roster := one_of(imports_of(request.seat), _whole(request.GET.get("roster", ""))):
        found = named_in(roster, found)
    page = page_of(request, found, order=("id",), size=issuing.MOST_LINKS)
    facts = {"form": form, "page": page, "rows": [(one, link_ends(one)) for one in page.rows]}
    return render(request, "accounts/links.html", {**facts, "roster": roster, "mail_leaves": mail_leaves()})


def _whole(text: str) -> int:
    """Return a key from an address; 0, which nothing has, for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def _chosen(request: HttpRequest) -> list[int]:
    return [_whole(one) for one in request.POST.getlist("person")]


def _printed(request: HttpRequest) -> HttpResponse:
    """Issue links and show the sheets; printing them once more issues none."""
    try:
        found = issuing.issue_links(
            actor=request.seat, people=_chosen(request), way=issuing.PRINTED, now=clock.now()
        )
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("accounts:links")
    sheets = [_sheet(request, person) for person in found]
    place = request.build_absolute_uri(reverse("accounts:activate_by_code"))
    return render(request, "accounts/link_sheets.html", {"sheets": sheets, "place": place})


def _sheet(request: HttpRequest, person: User) -> dict[str, Any]:
    return {
        "person": person,
        "held": person.held_seats,
        "link": request.build_absolute_uri(activation_path(person)),
        "code": activation_code(person),
        "ends": link_ends(person),
    }


def _mailed(request: HttpRequest) -> HttpResponse:
    try:
        mails = issuing.mail_links(actor=request.seat, people=_chosen(request), now=clock.now())
        messages.success(request, f"已交发{len(mails)}封设置链接邮件，原来的链接作废。")
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("accounts:links")
