"""What a round rests on: the tiers below, and what each of them last signed."""

from collections.abc import Sequence
from typing import Any

from declarations.models import Declaration, DeltaTask
from declarations.queries.dossier import Dossier
from declarations.rules import layer_of
from sihao.accounts.models import Organisation

SIGNED = ("forward", "confirm_delta")
"""The steps with which a tier signs what it sends on."""


def tiers_below(case: Declaration, target: Organisation | None) -> list[Organisation]:
    """Return the tiers of a case below one of them, from below upward."""
    route = case.route
    keys = route[: route.index(target.pk)] if target is not None and target.pk in route else []
    found = Organisation.objects.in_bulk(keys)
    return [found[pk] for pk in keys]


def last_signed(case: Declaration, tiers: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return the copy that each tier last sent on, by tier; one that never did is left out. Two queries."""
    steps = case.revisions.filter(transition__in=SIGNED, frozen_by__organisation_id__in=tiers)
    newest = dict(steps.order_by("number").values_list("frozen_by__organisation_id", "pk"))
    contents = dict(case.revisions.filter(pk__in=newest.values()).values_list("pk", "content"))
    return {tier: contents[pk] for tier, pk in newest.items()}


def moved(dossier: Dossier, task: DeltaTask) -> bool:
    """Return whether a mark of a round's rows differs from what it was when the round began."""
    sheet = dossier.book.layer(layer_of(task.organisation.level))
    points = sheet.points if sheet is not None else {}
    return any(points.get(row.code) != row.before for row in task.rows.all())
