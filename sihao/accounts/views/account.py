"""One's own account, and the seat one acts in."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from sihao import clock
from sihao.accounts import actions
from sihao.accounts.forms import ContactForm
from sihao.accounts.middleware import SESSION_KEY
from sihao.accounts.permissions import allowed
from sihao.accounts.queries import seats_of
from sihao.accounts.queries.stand_ins import standing_in_for
from sihao.accounts.views.gate import WITHOUT_SEAT, opens, permission_of
from sihao.ui.formats import beijing, mask_mobile


@opens("signed_in")
def account(request: HttpRequest) -> HttpResponse:
    """Show one's own account and every seat one held."""
    user = request.user
    facts = {
        "姓名": user.name,
        "登录名": user.username,
        "手机": mask_mobile(user.mobile),
        "电子邮箱": user.email,
    }
    facts["开户时间"] = beijing(user.opened_at, "date")
    shown = {"held": seats_of(user), "facts": facts, "stand_ins": standing_in_for(user.pk)}
    shown["may_appoint"] = request.seat is not None and allowed(request.seat, "accounts.appoint")
    return render(request, "accounts/account.html", shown)


@opens("signed_in")
def contact(request: HttpRequest) -> HttpResponse:
    """Edit one's own telephone and e-mail address."""
    person = request.user
    form = ContactForm(request.POST or None, initial={"mobile": person.mobile, "email": person.email})
    if request.method == "POST" and form.is_valid():
        actions.change_contact(actor=request.seat or person, user=person, now=clock.now(), **form.cleaned_data)
        messages.success(request, "联系方式已保存。")
        return redirect("accounts:account")
    form.cancel_url = reverse("accounts:account")
    return render(request, "accounts/contact.html", {"form": form})


@require_POST
@opens("signed_in")
def switch_seat(request: HttpRequest) -> HttpResponse:
    """Act in another of one's own seats from now on."""
    seat = next((one for one in request.seats if str(one.pk) == request.POST.get("seat")), None)
    if seat is None:
        raise Http404
    request.session[SESSION_KEY] = seat.pk
    return redirect(_place_for_every_seat(request) or settings.LOGIN_REDIRECT_URL)


def _place_for_every_seat(request: HttpRequest) -> str:
    """Return the page one came from if it is the same for every seat; another seat's page would be a dead end."""
    place = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(place, allowed_hosts={request.get_host()}):
        return ""
    try:
        view = resolve(place.partition("?")[0]).func
    except Resolver404:
        return ""
    return place if permission_of(view) in WITHOUT_SEAT else ""
