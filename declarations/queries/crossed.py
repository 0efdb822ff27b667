"""What is read of the cases of a cycle to compare them: few queries for every page of cases."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db.models import QuerySet

from declarations.crossing import Compared, Figure, Person
from declarations.models import Answer, Attachment, Cycle, Declaration
from declarations.queries.proofs import proof_label
from declarations.states import State
from scoring.engine import Facts, Programme
from scoring.models import Layer, Mark

COMPARED = frozenset(
    {
        State.RECOMMENDED,
        State.PRELIMINARY_REVIEW,
        State.EXPERT_REVIEW,
        State.DISQUALIFIED,
        State.NOT_ELIGIBLE,
        State.PROPOSED,
        State.APPROVED,
        State.NOTICE,
        State.OBJECTION_HOLD,
    }
)
NUMBERS = frozenset({"int", "decimal", "ratio"})
A_PAGE = 200


def compared_cases(cycle: Cycle) -> QuerySet[Declaration]:
    """Return the cases that were sent up and not withdrawn."""
    return Declaration.objects.filter(cycle=cycle, state__in=sorted(COMPARED))


def compared_keys(cycle: Cycle) -> list[int]:
    """Return the keys of the cases that were sent up and not withdrawn."""
    return list(compared_cases(cycle).order_by("pk").values_list("pk", flat=True))


def pages_of(keys: list[int]) -> Iterator[list[int]]:
    """Yield the keys in pages."""
    return (keys[at : at + A_PAGE] for at in range(0, len(keys), A_PAGE))


def figures_of(programme: Programme) -> tuple[Figure, ...]:
    """Return the figures of the form."""
    numbers = (spec for spec in programme.fields if spec.kind in NUMBERS)
    return tuple(Figure(spec.id, spec.label, spec.unit, spec.kind == "ratio") for spec in numbers)


def compared(programme: Programme, keys: list[int]) -> list[Compared]:
    """Return what is compared of some cases, but for their texts; three queries."""
    like = programme.likeness
    phones = {spec.id: spec.label for spec in programme.fields if spec.kind == "mobile"}
    numbers = {one.id for one in figures_of(programme)}
    asked = {*phones, *numbers, *like.peers, like.person, like.post, like.phone} - {""}
    typed: dict[int, dict[str, Any]] = {}
    answers = Answer.objects.filter(declaration__in=keys, field__in=asked)
    for case, name, value in answers.values_list("declaration_id", "field", "value"):
        typed.setdefault(case, {})[name] = value
    files = _files(programme, keys)
    units = Declaration.objects.filter(pk__in=keys).order_by("pk").values_list("pk", "unit_id")
    return [
        Compared(
            pk,
            unit,
            {label: str(mine[name]) for name, label in phones.items() if mine.get(name)},
            Person(*(str(mine.get(name) or "") for name in (like.person, like.post, like.phone))),
            tuple(str(mine.get(name) or "") for name in like.peers),
            _numbers(programme, mine, numbers),
            files.get(pk, {}),
        )
        for pk, unit in units
        for mine in [typed.get(pk, {})]
    ]


def _numbers(programme: Programme, typed: Mapping[str, Any], names: Iterable[str]) -> dict[str, float]:
    """Return the figures that can be read."""
    facts, _ = Facts.parse(programme, {name: typed[name] for name in names if name in typed})
    return {name: float(value) for name, value in facts.values.items()}  # type: ignore[arg-type] numbers alone


def _files(programme: Programme, keys: list[int]) -> dict[int, dict[str, tuple[tuple[str, str], ...]]]:
    found: dict[int, dict[str, tuple[tuple[str, str], ...]]] = {}
    pieces = Attachment.objects.filter(declaration__in=keys, removed_at__isnull=True).order_by("declaration_id", "row")
    for case, digest, row, name in pieces.values_list("declaration_id", "digest", "row", "name"):
        mine = found.setdefault(case, {})
        mine[digest] = (*mine.get(digest, ()), (proof_label(programme, row), name))
    return found


def texts_of(programme: Programme, keys: list[int]) -> dict[int, dict[str, str]]:
    """Return the texts that the chambers wrote, by field or row: the long answers, the words beside the rows."""
    long = [spec.id for spec in programme.fields if spec.kind == "long_text"]
    found: dict[int, dict[str, str]] = {key: {} for key in keys}
    answers = Answer.objects.filter(declaration__in=keys, field__in=long).order_by("field")
    for case, name, value in answers.values_list("declaration_id", "field", "value"):
        if value:
            found[case][name] = str(value)
    own = Mark.objects.filter(assessment__ledger__declaration__in=keys, assessment__layer=Layer.SELF).exclude(words="")
    rows = own.order_by("assessment__version", "id")
    for case, code, words in rows.values_list("assessment__ledger__declaration", "code", "words"):
        found[case][code] = words
    return found
