"""An expert's sheet as a workbook: which it is, what stands in it, what was brought back."""

from collections.abc import Mapping

from django.http import Http404
from django.urls import reverse

from declarations.models import Declaration, ExpertReview, FilledSheet
from declarations.queries.drafting.sheets import SheetKind
from scoring.models import Mark

FILLED: Mapping[str, str] = {"points": "专家评分", "reason": "理由"}


def _row_url(case: Declaration, code: str) -> str:
    return f"{reverse('declarations:sheet', args=[case.pk])}#row-{code}"


def kind_of(review: ExpertReview) -> SheetKind:
    """Return the kind of workbook that is an expert's own sheet on one case, and nobody else's."""
    return SheetKind("专家评分表", FILLED, _row_url, f"expert:{review.pk}")


def marks_of(review: ExpertReview) -> dict[str, Mark]:
    """Return the sheet's marks as they stand."""
    return {mark.code: mark for mark in review.assessment.marks.all()}


def brought_sheet(review: ExpertReview, pk: int) -> FilledSheet:
    """Return a workbook that was brought to this very sheet, or answer 404."""
    sheet = review.filled_sheets.filter(pk=pk).select_related("brought_by__user").first()
    if sheet is None:
        raise Http404
    return sheet


def brought_waiting(review: ExpertReview) -> list[FilledSheet]:
    """Return the workbooks that were brought and not yet confirmed, newest first."""
    waiting = review.filled_sheets.filter(written_at=None).select_related("brought_by__user")
    return list(waiting.defer("downloaded", "filled", "versions").order_by("-id")[:5])
