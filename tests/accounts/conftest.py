"""The account pages alone, and browsers that are signed in."""

import pytest
from django.test import Client

from sihao.accounts import shell
from sihao.accounts.context import own_pages
from sihao.accounts.models import Seat
from tests.factories import make_federation


@pytest.fixture(autouse=True)
def alone(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Serve the account pages without the rest of the house."""
    settings.ROOT_URLCONF = "tests.accounts.urls"
    monkeypatch.setattr(shell, "_navigation", [(90, own_pages)])
    monkeypatch.setattr(shell, "_facts", [])


@pytest.fixture
def browser():
    """Return a function: a browser in which the person of that seat is signed in."""

    def sign_in(seat: Seat) -> Client:
        client = Client()
        client.force_login(seat.user)
        return client

    return sign_in


@pytest.fixture
def henan(db):
    """Return a small tree by code: the nation, two provinces, a city, two counties."""
    codes = ("100000", "410000", "411100", "411121", "411122", "420000")
    return {code: make_federation(code) for code in codes}
