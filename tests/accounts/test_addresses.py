"""Who asks: behind so many proxies the entry that the outermost wrote, never one that a visitor invented."""

import pytest
from django.test import RequestFactory

from declarations.views.announced import source_of
from sihao.accounts.addresses import client_address

PROXY, VISITOR, OTHER = "10.0.0.1", "203.0.113.9", "2001:db8::7"


def asked(told=None, near=PROXY):
    headers = {} if told is None else {"HTTP_X_FORWARDED_FOR": told}
    return RequestFactory().get("/", REMOTE_ADDR=near, **headers)


@pytest.mark.parametrize(
    ("proxies", "told", "address"),
    [
        (0, VISITOR, PROXY),
        (1, None, PROXY),
        (1, "", PROXY),
        (1, VISITOR, VISITOR),
        (1, f"198.51.100.1, {VISITOR}", VISITOR),
        (1, f"{VISITOR},  2001:DB8::7 ", OTHER),
        (2, VISITOR, PROXY),
        (2, f"{VISITOR}, 10.0.0.2", VISITOR),
        (2, f"198.51.100.1, {VISITOR}, 10.0.0.2", VISITOR),
        (1, "unknown", PROXY),
        (1, f"{VISITOR}, ", PROXY),
    ],
)
def test_the_address_is_what_the_outermost_trusted_proxy_wrote(settings, proxies, told, address):
    settings.TRUSTED_PROXIES = proxies

    assert client_address(asked(told)) == address


def test_visitors_behind_one_proxy_are_counted_apart_and_cannot_choose_how(settings):
    settings.TRUSTED_PROXIES = 1

    one, again, other = (source_of(asked(told)) for told in (VISITOR, f"198.51.100.1, {VISITOR}", OTHER))

    assert one == again != other


def test_without_a_proxy_the_header_changes_nothing(settings):
    settings.TRUSTED_PROXIES = 0

    assert source_of(asked(VISITOR)) == source_of(asked(OTHER)) == source_of(asked())
