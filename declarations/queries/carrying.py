"""What a chamber's declaration takes over from its last one."""

from declarations.models import Cycle, Revision
from declarations.queries.drafting.receipt import HANDING_IN
from declarations.queries.facts import COMMITMENT
from scoring.engine import FieldSpec, Programme, ValueProblem, parse_value
from scoring.queries import programme_of
from sihao.accounts.models import Organisation


def last_of_an_earlier_cycle(applicant: Organisation, cycle: Cycle) -> Revision | None:
    """Return what the chamber last handed in in the latest cycle before this one."""
    earlier = Revision.objects.filter(
        declaration__applicant=applicant,
        declaration__cycle__opens_at__lt=cycle.opens_at,
        transition__in=HANDING_IN,
    )
    earlier = earlier.select_related("declaration__cycle__programme")
    earlier = earlier.defer("declaration__cycle__programme__text", "declaration__cycle__notice_text")
    return earlier.order_by("-declaration__cycle__opens_at", "-declaration_id", "-number").first()


def answers_to_carry(revision: Revision, programme: Programme) -> dict[str, object]:
    """Return the answers that a new declaration takes over: same field, same kind, still an answer.

    The commitment is given anew each time.
    """
    old = {spec.id: spec for spec in programme_of(revision.declaration.cycle.programme).fields}
    answers = revision.content.get("answers", {})
    return {
        spec.id: answers[spec.id]
        for spec in programme.fields
        if spec.id in answers
        and spec.id != COMMITMENT
        and spec.id in old
        and old[spec.id].kind == spec.kind
        and _is_answer(spec, answers[spec.id])
    }


def _is_answer(spec: FieldSpec, value: object) -> bool:
    try:
        return parse_value(spec, value) is not None
    except ValueProblem:
        return False
