"""What a request asks for."""

from django.http import HttpRequest


def wants_json(request: HttpRequest) -> bool:
    """Return whether a script of ours asks, which wants data and no page."""
    return request.headers.get("Accept", "").split(",")[0].strip() == "application/json"
