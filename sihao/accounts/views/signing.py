"""Signing in and out, passwords, the activation link."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import (
    INTERNAL_RESET_SESSION_TOKEN,
    LoginView,
    LogoutView,
    PasswordResetConfirmView,
)
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from sihao import clock
from sihao.accounts import actions
from sihao.accounts.activation import activation_path, link_tokens
from sihao.accounts.forms import ActivationForm, ChangePasswordForm, CodeForm, SignInForm
from sihao.accounts.models import User
from sihao.accounts.queries import rehearsal_seats
from sihao.accounts.views.gate import opens
from sihao.ui.requests import wants_json

WRONG, LOCKED = "登录名或密码不正确", "连续登录失败，暂停登录"
NO_SUCH_CODE = "登录名或设置码不正确"


class SignIn(LoginView):
    """Signs in; Django renews the session's key, follows ``next`` only within this site and hashes for nobody too."""

    permission = "public"
    form_class = SignInForm
    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the accounts of a rehearsal (read only when shown); leave the site's name to the shell."""
        context = super().get_context_data(rehearsal_seats=rehearsal_seats, **kwargs)
        del context["site_name"]  # Django puts the host name there
        return context

    def form_valid(self, form: SignInForm) -> HttpResponse:
        """Sign in and leave the entry."""
        response = super().form_valid(form)
        actions.note_sign_in(user=form.get_user(), now=clock.now())
        return signed_in(self.request) if wants_json(self.request) else response

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        """Leave the entry of the refusal; the lock-out page comes from the middleware."""
        if {"username", "password"} <= form.cleaned_data.keys():
            why = LOCKED if getattr(self.request, "axes_locked_out", False) else WRONG
            actions.note_refused_sign_in(username=form.cleaned_data["username"], why=why, now=clock.now())
        if wants_json(self.request):
            return JsonResponse({"errors": [error for errors in form.errors.values() for error in errors]}, status=400)
        return super().form_invalid(form)


def signed_in(request: HttpRequest) -> JsonResponse:
    """Tell a script that somebody is signed in again, with the token for what it sends next."""
    if request.user.must_change_password:
        return JsonResponse({"errors": ["请先设置新密码，再继续填写。"]}, status=409)
    return JsonResponse({"csrf": get_token(request), "name": request.user.username})


class SignOut(LogoutView):
    """Signs out; POST only."""

    permission = "public"
    http_method_names = ["post", "options"]


@opens("public")
def activate_by_code(request: HttpRequest) -> HttpResponse:
    """Take the code of a printed sheet and lead to the one-time link it stands for."""
    form = CodeForm(request.POST if request.method == "POST" else None, now=clock.now())
    if request.method == "POST":
        if form.is_valid():
            return redirect(activation_path(form.cleaned_data["person"]))
        if {"username", "code"} <= form.cleaned_data.keys():
            actions.note_refused_sign_in(username=form.cleaned_data["username"], why=NO_SUCH_CODE, now=clock.now())
    return render(request, "accounts/activate_by_code.html", {"form": form})


class Activate(PasswordResetConfirmView):
    """Sets the first password by a one-time link, which is kept out of the address while the form is open."""

    permission = "public"
    token_generator = link_tokens
    form_class = ActivationForm
    template_name = "accounts/activate.html"

    def get_user(self, uidb64: str) -> User | None:
        """Return the person of the link; a closed account has none."""
        user = super().get_user(uidb64)
        return user if user and user.is_active else None

    def form_valid(self, form: ActivationForm) -> HttpResponse:
        """Set the password; the link is void from now on."""
        actions.change_password(
            user=self.user, new_password=form.cleaned_data["new_password1"], now=clock.now()
        )
        del self.request.session[INTERNAL_RESET_SESSION_TOKEN]
        messages.success(self.request, "密码已设置，请登录。")
        return redirect("accounts:sign_in")


@sensitive_post_parameters()
@opens("signed_in")
def change_password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; other sessions end, this one goes on."""
    form = ChangePasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.change_password(
            user=request.user, new_password=form.cleaned_data["new_password1"], now=clock.now()
        )
        update_session_auth_hash(request, request.user)
        messages.success(request, "密码已修改。其他设备上的登录已经失效。")
        return redirect("accounts:account")
    return render(request, "accounts/change_password.html", {"form": form})
