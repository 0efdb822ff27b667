"""Pages by key: the next page starts after the last row of this one, however deep and whatever was added meanwhile.

    page = page_of(request, cases, order=("-submitted_at", "-id"), size=50)
    {% for case in page.rows %}…{% endfor %}{% pager page %}

``order`` names fields (or annotations, or a relation's field that is ``select_related``), "-" for descending; the last
one must be unique, which makes the order total. Fields that may be NULL sort last in both directions. One query a page,
whatever its size or depth; an index on exactly these fields makes it a range scan. The cursor is signed for this list:
one that was tampered with, or belongs to another list, gives the first page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.core import signing
from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest

PARAMETER = "after"
FORWARD, BACKWARD = "f", "b"


@dataclass(frozen=True)
class Page:
    """The rows of one page, and the cursors and addresses of its neighbours ("" where there is none)."""

    rows: Sequence[Any]
    next: str = ""
    previous: str = ""
    next_url: str = ""
    previous_url: str = ""
    first_url: str = ""


@dataclass(frozen=True)
class Key:
    """One field of the order."""

    name: str
    descending: bool
    nullable: bool

    def ordering(self, *, reverse: bool) -> Any:
        """Return the expression to order by; NULL stands last, so first when the whole order is reversed."""
        expression = F(self.name)
        down = self.descending is not reverse
        if not self.nullable:
            return expression.desc() if down else expression.asc()
        places = {"nulls_first": True} if reverse else {"nulls_last": True}
        return expression.desc(**places) if down else expression.asc(**places)

    def beyond(self, value: Any, *, reverse: bool) -> Q | None:
        """Return the condition "sorts strictly after the value"; None when nothing can."""
        if value is None:
            return Q(**{f"{self.name}__isnull": False}) if reverse else None
        operator = "lt" if self.descending is not reverse else "gt"
        further = Q(**{f"{self.name}__{operator}": value})
        return further | Q(**{f"{self.name}__isnull": True}) if self.nullable and not reverse else further

    def level(self, value: Any) -> Q:
        """Return the condition "sorts at the value"."""
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})


def page_of(request: HttpRequest, queryset: QuerySet, *, order: tuple[str, ...], size: int = 50) -> Page:
    """Return the page the request asks for, with addresses that keep its other parameters."""
    page = keyset(queryset, order=order, after=request.GET.get(PARAMETER), size=size)
    return replace(
        page,
        next_url=_address(request, page.next) if page.next else "",
        previous_url=_address(request, page.previous) if page.previous else "",
        first_url=_address(request) if PARAMETER in request.GET else "",
    )


def keyset(queryset: QuerySet, *, order: tuple[str, ...], after: str | None, size: int) -> Page:
    """Return ``size`` rows beyond the cursor ``after`` (from the start without one), in one query."""
    keys = _keys(queryset, order)
    signer = signing.Signer(salt=f"keyset {queryset.model._meta.label} {order}")
    direction, values = _read(signer, after, len(keys))
    reverse = direction == BACKWARD
    rows = _rows(queryset, keys, values, reverse=reverse, limit=size + 1)
    more, rows = len(rows) > size, rows[:size]
    if reverse:
        rows.reverse()
    has_previous, has_next = (more, True) if reverse else (values is not None, more)
    return Page(
        rows,
        next=_cursor(signer, FORWARD, keys, rows[-1]) if rows and has_next else "",
        previous=_cursor(signer, BACKWARD, keys, rows[0]) if rows and has_previous else "",
    )


def _rows(queryset: QuerySet, keys: list[Key], values: list | None, *, reverse: bool, limit: int) -> list:
    if values is not None:
        queryset = queryset.filter(_beyond(keys, values, reverse=reverse))
    ordered = queryset.order_by(*(key.ordering(reverse=reverse) for key in keys))
    return list(first_of(ordered, limit)[:limit])


def first_of(ordered: QuerySet, limit: int) -> QuerySet:
    """Return the first rows of an ordered query: their keys are found and sorted alone, the rest is joined to those.

    Without this the database joins everything to every row before it sorts and throws most of it away.
    """
    joined = bool(ordered.query.select_related)
    plain = not (ordered.query.distinct or ordered.query.combinator or ordered.query.annotations)
    if not (joined and plain):
        return ordered[:limit]
    return ordered.filter(pk__in=ordered.select_related(None).values("pk")[:limit])


def _beyond(keys: list[Key], values: list, *, reverse: bool) -> Q:
    """Return a > x, or a = x and b > y, or …; with a ≥ x in front, which an index can use."""
    found, tied = Q(pk__in=[]), Q()
    for key, value in zip(keys, values, strict=True):
        further = key.beyond(value, reverse=reverse)
        if further is not None:
            found |= tied & further
        tied &= key.level(value)
    first, start = keys[0], values[0]
    if first.nullable or start is None:
        return found
    bound = "lte" if first.descending is not reverse else "gte"
    return Q(**{f"{first.name}__{bound}": start}) & found


def _keys(queryset: QuerySet, order: tuple[str, ...]) -> list[Key]:
    keys = []
    for name in order:
        bare = name.removeprefix("-")
        keys.append(
            Key(bare, descending=name != bare, nullable=_field_says(queryset, bare, "null", default=False))
        )
    if not _field_says(queryset, keys[-1].name, "unique", default=False):
        raise ValueError(f"the last field of the order must be unique: {order}")
    return keys


def _field_says(queryset: QuerySet, path: str, attribute: str, *, default: bool) -> bool:
    """Return an attribute of the field at the end of a path; the default for an annotation."""
    options = queryset.model._meta
    said = default
    if path in queryset.query.annotations:
        return default
    for name in path.split("__"):
        try:
            field = options.pk if name == "pk" else options.get_field(name)
        except FieldDoesNotExist:
            return default
        said = getattr(field, attribute, default) or (attribute == "null" and said)
        options = field.related_model._meta if field.is_relation else options
    return said


def _read(signer: signing.Signer, cursor: str | None, length: int) -> tuple[str, list | None]:
    """Return direction and values of a cursor that is ours; the start of the list for any other."""
    try:
        direction, *values = signer.unsign_object(cursor or "")
    except Exception:  # noqa: BLE001 whatever a stranger sends is no cursor of ours
        return FORWARD, None
    return (direction, values) if len(values) == length else (FORWARD, None)


def _cursor(signer: signing.Signer, direction: str, keys: list[Key], row: Any) -> str:
    return signer.sign_object([direction, *(_plain(_value(row, key.name)) for key in keys)])


def _value(row: Any, path: str) -> Any:
    """Return the value at the end of a path; None as soon as something on the way is."""
    for name in path.split("__"):
        row = row.get(name) if isinstance(row, Mapping) else getattr(row, name, None)
    return row


def _plain(value: Any) -> Any:
    if isinstance(value, date):  # an instant is one too
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _address(request: HttpRequest, cursor: str = "") -> str:
    """Return this page's address at the cursor (at the start without one), its other parameters kept."""
    query = request.GET.copy()
    query.pop(PARAMETER, None)
    if cursor:
        query[PARAMETER] = cursor
    return f"?{query.urlencode()}" if query else request.path
