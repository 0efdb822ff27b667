"""A case as it is frozen: everything that was handed in, as JSON."""

from typing import Any

from declarations.models import Declaration
from scoring.models import Assessment
from scoring.queries import Book


def content_of(case: Declaration, book: Book) -> dict[str, Any]:
    """Return the case as JSON: answers, the newest marks of every layer, evidence with digests, words on findings."""
    return {
        "number": case.number,
        "applicant": case.applicant_name,
        "answers": dict(case.answers.order_by("field").values_list("field", "value")),
        "marks": [_layer(sheet.assessment, sheet.marks) for sheet in book.newest],
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
