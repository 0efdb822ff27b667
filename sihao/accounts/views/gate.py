"""The gate before every view: who may open it stands on the view as ``permission`` and is checked before it runs."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from sihao.accounts.permissions import RULES, allowed

View = Callable[..., HttpResponse]
WITHOUT_SEAT = frozenset({"public", "signed_in"})


def opens(permission: str, *, target: Callable[..., Any] | None = None) -> Callable[[View], View]:
    """Open the view to ``permission``: "public", "signed_in" or a registered one.

    ``target(request, **kwargs)`` fetches the object in question and raises ``Http404`` when it is out of the viewer's
    jurisdiction; the permission is asked about it, and the view gets it in place of the address's arguments.
    """
    if permission not in WITHOUT_SEAT and permission not in RULES:
        raise ValueError(f"unknown permission: {permission}")

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            if permission != "public" and not request.user.is_authenticated:
                return to_sign_in(request)
            if permission in WITHOUT_SEAT:
                return view(request, **kwargs)
            if request.seat is None:
                raise PermissionDenied("您现在没有席位，不能办理此事项。请与本单位管理员或上级工商联联系。")
            if target is None:
                demand(request, permission)
                return view(request, **kwargs)
            found = target(request, **kwargs)
            demand(request, permission, found)
            return view(request, found)

        guarded.permission = permission
        return guarded

    return guard


def demand(request: HttpRequest, permission: str, obj: Any = None) -> None:
    """Answer 403 unless the request's seat may."""
    if not allowed(request.seat, permission, obj):
        raise PermissionDenied


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send to the sign-in page and back; what was posted cannot be repeated, so a POST comes back to the start."""
    return redirect_to_login(request.get_full_path() if request.method == "GET" else "")


def permission_of(view: Callable[..., Any]) -> str:
    """Return who may open a view, function or class; "" when it does not say."""
    return getattr(getattr(view, "view_class", view), "permission", "")
