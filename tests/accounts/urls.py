"""The account pages by themselves, with plain stand-ins for what stands above them."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from sihao.accounts.views.gate import opens


@opens("public")
def plain(request: HttpRequest) -> HttpResponse:
    """Answer with the seat the request acts in."""
    return HttpResponse(str(request.seat))


@opens("accounts.manage_seats", target=lambda request: request.seat.organisation)
def for_some_seats(request: HttpRequest, organisation: object) -> HttpResponse:
    """Answer only those who manage seats."""
    return HttpResponse(str(organisation))


declarations = ([path("worklist/", opens("signed_in")(plain), name="worklist")], "declarations")
public = ([path("", plain, name="home")], "public")

urlpatterns = [
    path("", include(public)),
    path("work/", include(declarations)),
    path("managing/", for_some_seats),
    path("jobs/", include("sihao.jobs.urls")),
    path("account/", include("sihao.accounts.urls")),
]
