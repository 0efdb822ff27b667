"""What every page of a case says of it: who has it, since when, until when."""

from typing import Any

from django import template

from declarations.models import Declaration
from declarations.queries.acts import is_withheld

register = template.Library()


@register.inclusion_tag("declarations/parts/holder.html", takes_context=True)
def holder_line(context: template.Context, case: Declaration) -> dict[str, Any]:
    """Say who has the case, since when and until when; nothing while that would tell what is not yet released."""
    told = case.holder is not None and not is_withheld(context["request"].seat, case)
    return {"case": case if told else None, "server_now": context.get("server_now")}
