"""What the guards ask of a case in a cycle that a federation runs itself."""

from declarations.models import Circular, InspectionFinding, SentUp, StageRecord
from declarations.queries.dossier import Dossier
from declarations.states import FindingState, State, UpwardState
from declarations.workflow import WORKFLOWS


def campaign_facts(dossier: Dossier) -> dict[str, object]:
    """Return what of the stages stands against an application, and where what was sent up stands."""
    case = dossier.case
    if case.state in {State.DRAFT, State.RETURNED}:
        return {"records_missing": _missing(dossier), "findings_open": _open_findings(dossier)}
    if case.state == State.LOCAL_REVIEW:
        return {"circular": Circular.objects.filter(cycle=case.cycle_id).values_list("number", flat=True).first() or ""}
    if case.state != State.RECOGNISED:
        return {}
    sent = SentUp.objects.filter(declaration=case).values_list("state", flat=True).first()
    return {"upward": UpwardState(sent) if sent is not None else None}


def _missing(dossier: Dossier) -> tuple[str, ...]:
    """Return the deliverables that the procedure asks for, as far as the programme has them, and that are not there."""
    case = dossier.case
    delivered = {matter for stage in dossier.programme.stages for matter in stage.deliver}
    asked = [matter for matter in WORKFLOWS[case.cycle.workflow].asked if matter in delivered]
    there = StageRecord.objects.filter(
        cycle=case.cycle_id, organisation=case.applicant_id, withdrawn_at__isnull=True, matter__in=asked
    )
    filed = set(there.values_list("matter", flat=True))
    return tuple(matter for matter in asked if matter not in filed)


def _open_findings(dossier: Dossier) -> tuple[str, ...]:
    case = dossier.case
    found = InspectionFinding.objects.filter(cycle=case.cycle_id, organisation=case.applicant_id)
    codes = found.exclude(state=FindingState.CLOSED).order_by("due_on", "id").values_list("code", flat=True)
    return tuple(f"{code}{dossier.programme.rubric.item(code).name}" for code in codes)
