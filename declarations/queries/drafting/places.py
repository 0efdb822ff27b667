"""The chamber's pages of a case, what a return leaves open, and where a field or a row is written."""

from dataclasses import dataclass
from functools import lru_cache

from django.urls import reverse

from declarations.models import Declaration, ReturnItem
from declarations.queries.facts import Dossier


@dataclass(frozen=True)
class Place:
    """One of the chamber's pages as the row of steps draws it."""

    label: str
    url: str
    current: bool
    count: int | None = None


PAGES = (
    ("return_slip", "退回单"),
    ("form", "申报表"),
    ("self_assessment", "自评表"),
    ("evidence", "佐证材料"),
    ("check", "提交前检查"),
)


def drafting_places(dossier: Dossier, current: str) -> list[Place]:
    """Return the chamber's pages of a case; the return slip only while one is open."""
    return [
        Place(label, reverse(f"declarations:{name}", args=[dossier.case.pk]), name == current)
        for name, label in PAGES
        if name != "return_slip" or dossier.slip is not None
    ]


def returned_items(dossier: Dossier) -> dict[str, ReturnItem] | None:
    """Return the rows and fields that the open return names; None for a draft, where everything is open."""
    return {item.item: item for item in dossier.open_items} or None


def is_open(returned: dict[str, ReturnItem] | None, name: str) -> bool:
    """Return whether a row or field may be written."""
    return returned is None or name in returned


@lru_cache(maxsize=1024)
def _address(name: str, pk: int) -> str:
    """Return the address of one of the pages; a page asks for it two hundred times."""
    return reverse(f"declarations:{name}", args=[pk])


def field_url(case: Declaration, field: str) -> str:
    """Return where a field is filled in."""
    return f"{_address('form', case.pk)}#field-{field}"


def row_url(case: Declaration, code: str) -> str:
    """Return where a row is marked."""
    return f"{_address('self_assessment', case.pk)}#row-{code}"
