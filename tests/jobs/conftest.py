"""Kinds of work that exist only here, and people to own them."""

from datetime import UTC, datetime

import pytest

from sihao.accounts.models import User
from sihao.jobs import registry
from sihao.jobs.registry import Work

NOW = datetime(2020, 5, 1, 1, 0, tzinfo=UTC)


def everyone(user, arguments) -> bool:
    return True


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def owner(db):
    return User.objects.create(username="county", name="王经办", opened_at=NOW)


@pytest.fixture
def other(db):
    return User.objects.create(username="city", name="李经办", opened_at=NOW)


@pytest.fixture
def kind(monkeypatch):
    """Register a function as a kind of work for one test: ``kind(function, permitted=…)`` returns its name."""

    def register(function, permitted=everyone, name="sample", back=registry.nowhere) -> str:
        monkeypatch.setitem(registry.WORKS, name, Work(name, "示例任务", function, permitted, back))
        return name

    return register


@pytest.fixture
def still(kind):
    """A kind whose function has nothing to do."""
    return kind(lambda job, report: None)
