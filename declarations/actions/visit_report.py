"""The report on a cycle's visits as a person leaves it."""

from datetime import datetime

from django.db import transaction

from declarations.models import Cycle, VisitReport
from declarations.visiting import CLAUSE
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refused
from sihao.audit.events import Event
from sihao.audit.record import record


@transaction.atomic
def save_visit_report(*, cycle: Cycle, text: str, basis: str, actor: Seat, now: datetime) -> VisitReport:
    """Keep the report, with the digest of the draft that it started from."""
    if not allowed(actor, "declarations.write_visit_report"):
        raise Refused.because("not_permitted", "工作报告由会员部填写。", CLAUSE)
    if not text.strip():
        raise Refused.because("report_empty", "请填写报告。", CLAUSE)
    words = {"text": text.strip(), "basis": basis, "written_by": actor, "written_at": now}
    report, _ = VisitReport.objects.update_or_create(cycle=cycle, defaults=words)
    record(Event.VISIT_REPORTED, actor=actor, target=report, at=now)
    return report
