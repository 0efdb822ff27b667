"""Where a request comes from, past the proxies that stand in front of the house."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the address of who asks.

    Each proxy appends who spoke to it to ``X-Forwarded-For``: behind ``TRUSTED_PROXIES`` of them the entry that many
    places from the end was written by the outermost, and what stands before it anybody may have invented. A header
    that is shorter, or no address at that place, counts for nothing: then it is who spoke to us.
    """
    near = str(request.META.get("REMOTE_ADDR", ""))
    told = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    trusted = settings.TRUSTED_PROXIES
    if not 0 < trusted <= len(told):
        return near
    try:
        return str(ip_address(told[-trusted].strip()))
    except ValueError:
        return near
