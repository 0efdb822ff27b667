"""Freezing what was handed in."""

from datetime import datetime
from typing import Any

from declarations.digests import digest_of
from declarations.models import Declaration, Revision
from scoring.models import Assessment
from scoring.queries import Book
from sihao.accounts.models import Seat


def content_of(case: Declaration, book: Book) -> dict[str, Any]:
    """Return the case as JSON: answers, every layer's marks, evidence with digests, words on findings."""
    return {
        "number": case.number,
        "applicant": case.applicant_name,
        "answers": dict(case.answers.order_by("field").values_list("field", "value")),
        "marks": [_layer(sheet.assessment, sheet.marks) for sheet in book.sheets],
        "evidence": [
            {"row": row, "name": name, "digest": digest}
            for row, name, digest in case.attachments.filter(removed_at__isnull=True)
            .order_by("row", "id")
            .values_list("row", "name", "digest")
        ],
        "explanations": list(case.explanations.order_by("finding").values("finding", "sentence", "text")),
    }


def _layer(assessment: Assessment, marks: Any) -> dict[str, Any]:
    rows = {
        code: {
            "points": str(mark.points) if mark.points is not None else None,
            "words": mark.words,
            "reason": mark.reason,
        }
        for code, mark in sorted(marks.items())
    }
    return {"layer": assessment.layer, "assessor": assessment.assessor_id, "rows": rows}


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
