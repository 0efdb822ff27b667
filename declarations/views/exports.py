"""Papers to take away: fetched through what the seat may see, recorded, never a guessable address."""

import tempfile
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from declarations.actions.exporting import order_national_summary, record_export
from declarations.exports.summary_list import summary_of_batch
from declarations.queries.summary import batches_to_export
from declarations.views.base import SeatView
from sihao.accounts.queries import one_of
from sihao.documents.xlsx import write

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class BatchSummary(SeatView):
    """One unit's summary list (附件3) as a spreadsheet."""

    permission = "declarations.export"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Write the sheet of the list as it stands and hand it over."""
        batch = one_of(batches_to_export(self.seat), kwargs["pk"])
        if batch is None:
            raise Http404
        file = tempfile.TemporaryFile()  # noqa: SIM115 the response closes it when it was sent
        write(summary_of_batch(batch, self.seat), file)
        file.seek(0)
        record_export(target=batch, what="推荐名单汇总表（附件3）", actor=self.seat, now=self.now)
        name = f"附件3_{batch.unit.name}_{batch.cycle.name}.xlsx"
        response = FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)
        response["Cache-Control"] = "private, no-store"
        return response


class NationalSummary(SeatView):
    """Order the whole summary list of the cycle; a job writes it."""

    permission = "declarations.department_reading"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Say what will be written."""
        return render(request, "declarations/exports/national_summary.html", {"cycle": self.cycle})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Order it and lead to the job."""
        job = order_national_summary(cycle=self.cycle, actor=self.seat, now=self.now)
        return redirect("jobs:detail", job.number)
