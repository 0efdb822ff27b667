"""Routes of the face by itself, with the addresses the shell looks for."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


public = [
    path("", nothing, name="home"),
    path("help/", nothing, name="help"),
    path("access/", nothing, name="accessibility"),
]
accounts = [
    path("in/", nothing, name="sign_in"),
    path("switch/", nothing, name="switch_seat"),
    path("out/", nothing, name="sign_out"),
    path("me/", nothing, name="account"),
]
declarations = [path("", nothing, name="notices")]
urlpatterns = [
    path("gallery/", include("sihao.ui.urls")),
    path("account/", include((accounts, "accounts"))),
    path("notices/", include((declarations, "declarations"))),
    path("", include((public, "public"))),
]
