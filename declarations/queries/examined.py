"""What the guards of the preliminary review ask of cases: read for any number of them in a fixed number of queries."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.utils import timezone

from declarations.guards import CaseFacts, Preliminary
from declarations.models import CaseFinding, Consultation, Declaration, PreliminaryReview, Visit
from declarations.states import OPEN_VISIT, State, Subject, VisitFinding, VisitState


def examined(cases: Iterable[int]) -> dict[int, dict[str, object]]:
    """Return, for each case (by key), the facts of the guards of T17 to T21; four queries."""
    keys = list(cases)
    answers = {one["declaration_id"]: one for one in _answers(keys)}
    threads: dict[int, list[Consultation]] = {}
    for one in Consultation.objects.filter(declaration__in=keys).select_related("opened_by").order_by("id"):
        threads.setdefault(one.declaration_id, []).append(one)
    unnoted: dict[int, list[str]] = {}
    waiting = CaseFinding.objects.filter(declaration__in=keys, noted_at__isnull=True).order_by("id")
    for case, sentence in waiting.values_list("declaration_id", "sentence"):
        unnoted.setdefault(case, []).append(sentence)
    visits = {one.declaration_id: one for one in _visits(keys)}
    return {
        key: {
            "preliminary": _preliminary(answers.get(key, {}), threads.get(key, []), unnoted.get(key, [])),
            **_visit(visits.get(key)),
        }
        for key in keys
    }


def _visits(keys: list[int]) -> Iterable[Visit]:
    """Return the spot checks of the cases that were not waived."""
    return Visit.objects.filter(declaration__in=keys).exclude(state=VisitState.WAIVED)


def _visit(visit: Visit | None) -> dict[str, object]:
    """Return where the spot check of a case stands, if there is one."""
    if visit is None:
        return {}
    state = VisitState(visit.state)
    untrue = state == VisitState.CONFIRMED and visit.finding == VisitFinding.UNTRUE and not visit.follow
    return {"visit_open": state if state in OPEN_VISIT else None, "visit_untrue": untrue}


def _answers(keys: list[int]) -> Iterable[Mapping[str, object]]:
    reviews = PreliminaryReview.objects.filter(declaration__in=keys)
    return reviews.values("declaration_id", "complete", "logical", "true")


def _preliminary(
    answers: Mapping[str, object], threads: list[Consultation], unnoted: list[str]
) -> Preliminary:
    waiting = next((one for one in threads if one.closed_at is None), None)
    flagged = waiting is not None and waiting.is_proposal
    return Preliminary(
        complete=answers.get("complete"),  # type: ignore[arg-type] a nullable flag
        logical=answers.get("logical"),  # type: ignore[arg-type]
        true=answers.get("true"),  # type: ignore[arg-type]
        unnoted=tuple(unnoted),
        flagged=flagged,
        proposers=frozenset(waiting.opened_by.people if waiting is not None and flagged else ()),
        answered=waiting is not None and waiting.answered_at is not None,
        answer_due=timezone.localtime(waiting.due_at) if waiting is not None else None,
        clarifying=waiting is not None and not flagged,
        clarified=any(one.subject == Subject.CLARIFICATION for one in threads),
    )


def bulk_facts(cases: Iterable[Declaration], now: datetime) -> dict[int, CaseFacts]:
    """Return what the guards of the preliminary review ask, for many cases at once; of other steps nothing is told."""
    known = list(cases)
    found = examined(case.pk for case in known)
    local = timezone.localtime
    return {
        case.pk: CaseFacts(
            state=State(case.state),
            now=local(now),
            opens_at=local(case.cycle.opens_at),
            submission_closes=local(case.cycle.submission_closes),
            province_closes=local(case.cycle.province_closes),
            clarifies=case.cycle.clarifies,
            **found[case.pk],  # type: ignore[arg-type] each names its own fields
        )
        for case in known
    }
