"""Pages to come."""

from declarations.views.base import CaseView, SeatView


class BatchSummary(SeatView):
    """To come."""

    permission = "declarations.cases"


class NationalSummary(SeatView):
    """To come."""

    permission = "declarations.cases"
