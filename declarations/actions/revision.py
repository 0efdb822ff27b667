"""Freezing what was handed in."""

from datetime import datetime

from declarations.digests import digest_of
from declarations.models import Declaration, Revision
from declarations.queries.contents import content_of
from scoring.queries import Book
from sihao.accounts.models import Seat


def freeze(*, case: Declaration, book: Book, step: str, actor: Seat | None, now: datetime) -> Revision:
    """Store the next numbered revision with its digest; the caller holds the case's lock.

    ``book`` is the ledger as read under that lock: no step that freezes changes a mark.
    """
    content = content_of(case, book)
    return Revision.objects.create(
        declaration=case,
        number=case.revisions.count() + 1,
        transition=step,
        content=content,
        digest=digest_of(content),
        frozen_by=actor,
        frozen_at=now,
    )
