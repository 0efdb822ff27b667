"""What the checks find, for the chamber's own pages."""

from collections.abc import Iterable
from functools import partial

from django.urls import reverse

from declarations.queries.checks import BLOCK, Found, by_place, found_in, told_by_guards
from declarations.queries.dossier import Dossier
from declarations.queries.drafting.places import field_url, row_url
from scoring.engine import Finding


def chambers_findings(dossier: Dossier, findings: Iterable[Finding]) -> list[Found]:
    """Return the findings with links to the chamber's own pages; what a guard tells in its own words is left to it."""
    case = dossier.case
    own = (one for one in findings if one.severity != BLOCK or not told_by_guards(dossier, one))
    page = reverse("declarations:check", args=[case.pk])
    return found_in(dossier, own, partial(field_url, case), partial(row_url, case), page)


def found_beside(dossier: Dossier) -> dict[str, list[Found]]:
    """Return what is found in the case alone, by the field or row that it says to look at."""
    return by_place(chambers_findings(dossier, dossier.near_findings))
