"""What every page of a case says of it: who has it, since when, until when."""

from typing import Any

from django import template

from declarations.models import Cycle, Declaration
from declarations.queries.acts import is_withheld, state_words
from declarations.queries.deadlines import deadlines_for
from sihao.accounts.models import Organisation

register = template.Library()


@register.inclusion_tag("declarations/parts/holder.html", takes_context=True)
def holder_line(context: template.Context, case: Declaration) -> dict[str, Any]:
    """Say who has the case, since when and until when; nothing while that would tell what is not yet released."""
    told = case.holder is not None and not is_withheld(context["request"].seat, case)
    return {"case": case if told else None, "server_now": context.get("server_now")}


@register.inclusion_tag("declarations/parts/term.html", takes_context=True)
def sending_term(context: template.Context, cycle: Cycle, unit: Organisation) -> dict[str, Any]:
    """Say until when a unit sends its list up: the national deadline, put off where an extension says so."""
    closes = deadlines_for(cycle, unit).province
    return {"due": closes, "extended": closes != cycle.province_closes, "server_now": context.get("server_now")}


@register.simple_tag(takes_context=True)
def own_state(context: template.Context, case: Declaration) -> str:
    """Return what the viewer reads as the state of a case."""
    return state_words(context["request"].seat, case)
