"""Pages to come."""

from django.http import HttpRequest, HttpResponse


def home(request: HttpRequest, **kwargs: str) -> HttpResponse:
    """To come."""
    return HttpResponse("")


def notice(request: HttpRequest, **kwargs: str) -> HttpResponse:
    """To come."""
    return HttpResponse("")


def standards(request: HttpRequest, **kwargs: str) -> HttpResponse:
    """To come."""
    return HttpResponse("")


def standard(request: HttpRequest, **kwargs: str) -> HttpResponse:
    """To come."""
    return HttpResponse("")


def recognised(request: HttpRequest, **kwargs: str) -> HttpResponse:
    """To come."""
    return HttpResponse("")


def certificate(request: HttpRequest, **kwargs: str) -> HttpResponse:
    """To come."""
    return HttpResponse("")


def check(request: HttpRequest, **kwargs: str) -> HttpResponse:
    """To come."""
    return HttpResponse("")


def quotas(request: HttpRequest, **kwargs: str) -> HttpResponse:
    """To come."""
    return HttpResponse("")


def guide(request: HttpRequest, **kwargs: str) -> HttpResponse:
    """To come."""
    return HttpResponse("")


def accessibility(request: HttpRequest, **kwargs: str) -> HttpResponse:
    """To come."""
    return HttpResponse("")
