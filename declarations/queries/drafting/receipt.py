"""What was handed in last, and its receipt."""


from django.http import Http404

from declarations.models import Declaration, Revision

HANDING_IN = ("submit", "resubmit")


def last_handed_in(case: Declaration) -> Revision | None:
    """Return the copy that was frozen when the chamber last handed in."""
    return case.revisions.filter(transition__in=HANDING_IN).order_by("-number").first()


def receipt_of(case: Declaration) -> Revision:
    """Return the copy that the receipt vouches for; answers 404 when nothing was ever handed in."""
    revision = last_handed_in(case)
    if revision is None:
        raise Http404
    return revision


def in_groups(digest: str, size: int = 8) -> str:
    """Return a digest in groups that can be read aloud and broken over lines."""
    return " ".join(digest[start : start + size] for start in range(0, len(digest), size))
