"""Organisations, their seats and the accounts behind them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from sihao import clock
from sihao.accounts import actions
from sihao.accounts.actions import links
from sihao.accounts.activation import activation_code, activation_path, link_ends, link_holds
from sihao.accounts.forms import ChamberForm, ContactForm, EndSeatForm, EnrolForm, GrantForm, SearchForm
from sihao.accounts.handover import open_work_of
from sihao.accounts.models import Organisation, Seat, User
from sihao.accounts.paging import page_of
from sihao.accounts.permissions import allowed, grantable_roles
from sihao.accounts.queries import colleagues_of, is_last_of_role, organisations_named, roster_of
from sihao.accounts.views import targets
from sihao.accounts.views.answers import announce, carried_out
from sihao.accounts.views.gate import opens
from sihao.ui.forms import HouseForm


@opens("accounts.browse_organisations")
def organisations(request: HttpRequest) -> HttpResponse:
    """List one's own organisation and those beneath it, in the order of the tree."""
    form = SearchForm(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    found = organisations_named(request.seat.organisation, words, clock.now())
    facts = {"form": form, "page": page_of(request, found, order=("path",))}
    facts["may_manage"] = allowed(request.seat, "accounts.manage_seats", request.seat.organisation)
    return render(request, "accounts/organisations.html", facts)


@opens("signed_in")
def own_seats(request: HttpRequest) -> HttpResponse:
    """Lead to the roster of the organisation one acts for."""
    return (
        redirect("accounts:roster", request.seat.organisation_id)
        if request.seat
        else redirect("accounts:account")
    )


@opens("accounts.manage_seats", target=targets.organisation)
def roster(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """List the seats held now, or those that ended."""
    ended = "ended" in request.GET
    order = ("-ended_at", "-id") if ended else ("id",)
    page = page_of(request, roster_of(organisation, ended=ended), order=order)
    facts = {
        "organisation": organisation,
        "page": page,
        "ended": ended,
        "chips": _chips(organisation, ended=ended),
    }
    facts["grantable"] = grantable_roles(request.seat, organisation)
    facts["may_stand_in"] = allowed(request.seat, "accounts.stand_ins", organisation)
    facts["may_add_chamber"] = allowed(request.seat, "accounts.add_chamber", organisation)
    return render(request, "accounts/roster.html", facts)


def _chips(organisation: Organisation, *, ended: bool) -> list[dict[str, object]]:
    url = reverse("accounts:roster", args=[organisation.pk])
    return [
        {"label": "现任", "url": url, "current": not ended},
        {"label": "已收回", "url": f"{url}?ended=1", "current": ended},
    ]


@opens("accounts.manage_seats", target=targets.organisation)
def enrol(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """Open an account with its first seat, then show the activation link."""
    form = EnrolForm(request.POST or None, roles=grantable_roles(request.seat, organisation))
    if request.method == "POST" and form.is_valid():
        facts = {"actor": request.seat, "organisation": organisation, "now": clock.now(), **form.cleaned_data}
        if seat := carried_out(form, actions.enrol, **facts):
            return redirect("accounts:activation", seat.user_id)
    return _form_page(
        request, form, "开设账号", organisation, reverse("accounts:roster", args=[organisation.pk])
    )


@opens("accounts.manage_seats", target=targets.organisation)
def grant(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """Grant a seat to somebody who has an account."""
    form = GrantForm(request.POST or None, roles=grantable_roles(request.seat, organisation))
    if request.method == "POST" and form.is_valid():
        facts = {"user": form.person, "organisation": organisation, "role": form.cleaned_data["role"]}
        if carried_out(form, actions.grant_seat, actor=request.seat, now=clock.now(), **facts):
            messages.success(request, "席位已授予。")
            return redirect("accounts:roster", organisation.pk)
    return _form_page(
        request, form, "授予席位", organisation, reverse("accounts:roster", args=[organisation.pk])
    )


@opens("accounts.add_chamber", target=targets.organisation)
def add_chamber(request: HttpRequest, home: Organisation) -> HttpResponse:
    """Register a chamber under the federation."""
    form = ChamberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts = {"actor": request.seat, "home": home, "now": clock.now(), **form.cleaned_data}
        if chamber := carried_out(form, actions.add_chamber, **facts):
            messages.success(request, f"{chamber.name}已登记。")
            return redirect("accounts:organisations")
    return _form_page(request, form, "登记商会", home, reverse("accounts:organisations"))


def _form_page(
    request: HttpRequest, form: HouseForm, title: str, organisation: Organisation, back: str
) -> HttpResponse:
    form.cancel_url = back
    facts = {"form": form, "title": title, "organisation": organisation, "back": back}
    return render(request, "accounts/form_page.html", facts)


@opens("accounts.grant_seat", target=targets.seat)
def end_seat(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Ask when and why somebody left and who takes over, then end the seat; it acts no more from then on."""
    now = clock.now()
    form = EndSeatForm(
        request.POST or None, colleagues=colleagues_of(seat), initial={"left_on": timezone.localdate(now)}
    )
    facts = {"actor": request.seat, "seat": seat, "now": now}
    valid = request.method == "POST" and form.is_valid()
    if valid and carried_out(form, actions.revoke_seat, **facts, **form.cleaned_data):
        messages.success(request, "席位已收回。")
        return redirect("accounts:roster", seat.organisation_id)
    form.cancel_url = reverse("accounts:roster", args=[seat.organisation_id])
    form.confirm = f"收回后，{seat.user.name}立即不能再以“{seat.get_role_display()}”办理。"
    facts = {"form": form, "seat_to_end": seat, "last": is_last_of_role(seat)}
    return render(request, "accounts/end_seat.html", facts | {"open_work": open_work_of(seat, request.seat)})


@never_cache
@opens("accounts.manage_account", target=targets.person)
def activation(request: HttpRequest, person: User) -> HttpResponse:
    """Show the activation link of somebody who has no password yet; on request issue a new one, which voids it."""
    now = clock.now()
    if request.method == "POST":
        facts = {"actor": request.seat, "people": [person.pk], "way": links.SHOWN, "now": now}
        announce(request, "已发放新的设置链接，原来的链接作废。", links.issue_links, **facts)
        return redirect("accounts:activation", person.pk)
    holds = link_holds(person, now)
    facts = {"person": person, "ends": link_ends(person), "has_password": person.has_usable_password()}
    if holds:
        facts["link"] = request.build_absolute_uri(activation_path(person))
        facts["code"] = activation_code(person)
    return render(request, "accounts/activation.html", facts)


@opens("accounts.manage_account", target=targets.person)
def contact_of(request: HttpRequest, person: User) -> HttpResponse:
    """Edit the telephone and e-mail address of somebody one answers for."""
    form = ContactForm(request.POST or None, initial={"mobile": person.mobile, "email": person.email})
    if request.method == "POST" and form.is_valid():
        facts = {"actor": request.seat, "user": person, "now": clock.now(), **form.cleaned_data}
        if carried_out(form, actions.change_contact, **facts):
            messages.success(request, f"{person.name}的联系方式已保存。")
            return redirect("accounts:people")
    form.cancel_url = reverse("accounts:people")
    return render(request, "accounts/contact.html", {"form": form, "person": person})


@require_POST
@opens("accounts.manage_account", target=targets.person)
def reset_password(request: HttpRequest, person: User) -> HttpResponse:
    """Take somebody's password away and show the new activation link."""
    announce(
        request, "原密码已作废。", actions.reset_password, actor=request.seat, user=person, now=clock.now()
    )
    return redirect("accounts:activation", person.pk)


@require_POST
@opens("accounts.manage_account", target=targets.person)
def close_account(request: HttpRequest, person: User) -> HttpResponse:
    """Close somebody's account and end all seats."""
    announce(request, "账号已停用。", actions.close_account, actor=request.seat, user=person, now=clock.now())
    return redirect("accounts:seats")
