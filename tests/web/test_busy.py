"""A database that is locked too long: 503 with the time to come back, and a fault of another kind stays a fault."""

import pytest
from django.db import OperationalError
from django.test import Client

from declarations.views.drafting.form import FormPage
from tests import worlds

pytestmark = pytest.mark.django_db
LOCKED = ("database is locked", "deadlock detected\nDETAIL: …", "canceling statement due to lock timeout")


@pytest.fixture
def case():
    return worlds.make_draft(worlds.make_world(), filled=False)


@pytest.fixture
def chamber(case):
    client = Client(raise_request_exception=False)
    client.force_login(worlds.president_of(case.applicant).user)
    return client


def failing(monkeypatch, words):
    def post(self, request, **kwargs):
        raise OperationalError(words)

    monkeypatch.setattr(FormPage, "post", post)


def test_a_lock_not_had_in_time_asks_to_come_back(case, chamber, monkeypatch):
    for words in LOCKED:
        failing(monkeypatch, words)

        page = chamber.post(f"/work/cases/{case.pk}/form/")
        told = chamber.post(f"/work/cases/{case.pk}/form/", HTTP_ACCEPT="application/json")

        assert (page.status_code, page["Retry-After"]) == (503, "5")
        assert "系统正忙，这次没有办理" in page.content.decode()
        assert (told.status_code, told.json()) == (503, {"refused": ["系统正忙，这次没有办理，请稍后再试。"]})


def test_another_fault_stays_a_fault(case, chamber, monkeypatch):
    failing(monkeypatch, "no such table: x")

    assert chamber.post(f"/work/cases/{case.pk}/form/").status_code == 500
