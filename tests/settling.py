"""Foreign keys of a kept world are checked once, and not again at the end of every test.

PostgreSQL looks at deferred constraints when the transaction ends or when it is told to, as Django does after each
test. What a world that is still open (``tests.kept``) has written would be looked at then every time, since rolling
back to the savepoint before the test makes it pending again; for a world of thousands of rows that takes longer than
the test.
"""

from django.db import connection
from django.test import TestCase

_enter_atomics = TestCase._enter_atomics.__func__


def enter_atomics(cls: type[TestCase]) -> dict:
    """Let what was written so far be checked before the savepoint of the test."""
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        connection.check_constraints()
    return _enter_atomics(cls)


def install() -> None:
    """Let every test begin so."""
    TestCase._enter_atomics = classmethod(enter_atomics)
