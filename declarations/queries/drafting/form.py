"""The application form (附件4) as the page draws it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from declarations.models import Answer, ReturnItem
from declarations.queries.checks import Found
from declarations.queries.drafting.found import found_beside
from declarations.queries.drafting.places import is_open, returned_items
from declarations.queries.drafting.saved import NO_COLLISIONS, Collision
from declarations.queries.facts import COMMITMENT, Dossier
from declarations.queries.summary import columns_of
from scoring.engine import FieldSpec, Programme, numeral
from sihao.ui.formats import beijing, local_time
from sihao.ui.forms import ErrorLine

TRUE_WORDS = frozenset({"true", "是"})
CONFIRM = "confirm:"
"""How a button says which answer taken over from the last cycle is right as it stands."""
SUMMARY_LIST = ("附件3", "推荐名单汇总表", "")


@dataclass(frozen=True)
class ListColumn:
    """One column of a field that holds records."""

    name: str
    label: str
    kind: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class FormField:
    """One field as ``{% form_field %}`` draws it, with the answer as typed and what the return says of it."""

    id: str
    name: str
    label: str
    kind: str
    value: object
    options: tuple[str, ...]
    unit: str
    help: str
    example: str
    required: bool
    error: str
    saved_at: str
    min_chars: int
    max_chars: int
    columns: tuple[ListColumn, ...]
    disabled: bool
    returned: ReturnItem | None
    collision: Collision | None
    number: str
    clause: str
    uses: tuple[tuple[str, str, str], ...]
    preamble: str
    signatures: tuple[str, ...]
    carried: bool
    found: tuple[Found, ...] = ()

    @property
    def prompt(self) -> tuple[str, str, str]:
        """What is asked at the field: words, the button and what the button posts."""
        return ("沿用上期，请核对", "确认无误", f"{CONFIRM}{self.name}") if self.carried else ("", "", "")


@dataclass(frozen=True)
class FormGroup:
    """One heading of the form with its fields, and how many of the required ones are filled in."""

    number: int
    title: str
    fields: tuple[FormField, ...]
    done: int
    total: int
    named: int

    @property
    def anchor(self) -> str:
        """The place on the page."""
        return f"group-{self.number}"

    @property
    def carried(self) -> int:
        """How many of its answers were taken over from the last cycle and are not confirmed."""
        return sum(field.carried for field in self.fields)

    @property
    def confirmation(self) -> str:
        """What the button posts that confirms them all."""
        return f"{CONFIRM}{self.anchor}"

    @property
    def numeral(self) -> str:
        """The heading's number as it is printed."""
        return numeral(self.number + 1)

    @property
    def signatures(self) -> tuple[str, ...]:
        """What is signed and stamped under this heading on paper."""
        return tuple(line for field in self.fields for line in field.signatures)


@dataclass(frozen=True)
class Told:
    """What the page says of a field whatever is answered: its number, help, columns and what it is for."""

    spec: FieldSpec
    number: str
    help: str
    columns: tuple[ListColumn, ...]
    uses: tuple[tuple[str, str, str], ...]


def told_of(programme: Programme) -> dict[str, Told]:
    """Return what is said of each field, by field id."""
    listed = {field for _, field in columns_of(programme) if field}
    return {
        spec.id: Told(
            spec,
            programme.numbers[spec.id],
            _help(spec),
            tuple(ListColumn(one.id, one.label, one.kind, one.options) for one in spec.item),
            _uses(programme, spec, listed=spec.id in listed),
        )
        for spec in programme.fields
    }


def _uses(programme: Programme, spec: FieldSpec, *, listed: bool) -> tuple[tuple[str, str, str], ...]:
    """Return the rows that a field is judged by as (code, name, clause), and the list it is printed in."""
    rows = tuple((use.item.id, use.item.name.partition("，")[0], use.clause) for use in programme.uses.get(spec.id, ()))
    return (*rows, SUMMARY_LIST) if listed else rows


def form_groups(
    dossier: Dossier, now: datetime, collisions: Mapping[str, Collision] = NO_COLLISIONS
) -> list[FormGroup]:
    """Return the form by group; in a return only what it names is open, a field that collided shows what was typed."""
    blank = {spec.id for spec in blank_fields(dossier)}
    faulty = {answer.field for answer in dossier.answers.values() if answer.problem}
    returned = returned_items(dossier)
    told, found = told_of(dossier.programme), found_beside(dossier)
    groups = []
    for number, (title, specs) in enumerate(dossier.programme.field_groups()):
        asked = [spec for spec in specs if spec.required]
        fields = tuple(
            _form_field(told[spec.id], dossier.answers.get(spec.id), returned, now, collisions.get(spec.id))
            for spec in specs
        )
        fields = tuple(replace(one, found=tuple(found[one.name])) if one.name in found else one for one in fields)
        done = sum(spec.id not in blank | faulty for spec in asked)
        named = sum(field.returned is not None for field in fields)
        groups.append(FormGroup(number, title, fields, done, len(asked), named))
    return groups


def _form_field(
    told: Told,
    answer: Answer | None,
    returned: dict[str, ReturnItem] | None,
    now: datetime,
    collision: Collision | None,
) -> FormField:
    spec = told.spec
    return FormField(
        id=f"field-{spec.id}",
        name=spec.id,
        label=spec.label,
        kind=spec.kind,
        value=_drawable(spec, collision.typed if collision else answer.value if answer else None),
        options=spec.options,
        unit=spec.unit,
        help=told.help,
        example=spec.example,
        required=spec.required,
        error=answer.problem if answer else "",
        saved_at=_saved(answer, now),
        min_chars=spec.min_chars,
        max_chars=spec.max_chars,
        columns=told.columns,
        disabled=not is_open(returned, spec.id),
        returned=(returned or {}).get(spec.id),
        collision=collision,
        number=told.number,
        clause=f"依据：{spec.clause}" if spec.clause else "",
        uses=told.uses,
        preamble=spec.text,
        signatures=spec.signatures,
        carried=answer is not None and answer.carried,
    )


def _drawable(spec: FieldSpec, value: object) -> object:
    """Return the answer in the shape that its control takes; rows that are no records are left out."""
    if spec.kind == "list":
        return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
    return "" if value is None else value


def _help(spec: FieldSpec) -> str:
    """Return the file's help, and what it does not say of limits and ways of writing."""
    told = [spec.help] if spec.help else []
    if spec.kind == "ratio" and "%" not in spec.help:
        told.append("写成85%或0.85")
    if spec.kind == "multi":
        told.append("可多选，没有的不选")
    if spec.kind == "list":
        told.append("没有的不填；不要的行清空后保存即删除")
    if spec.min_chars or spec.max_chars:
        limits = (("至少", spec.min_chars), ("最多", spec.max_chars))
        told += [f"{word}{count}字" for word, count in limits if count and str(count) not in spec.help]
        told.append("标点计入字数，空格和换行不计")
    return "；".join(told)


def _saved(answer: Answer | None, now: datetime) -> str:
    """Return when a field was saved, if that was today."""
    if answer is None or answer.carried or local_time(answer.set_at).date() != local_time(now).date():
        return ""
    return f"已保存 {beijing(answer.set_at, 'time')}"


def seen_answers(dossier: Dossier) -> str:
    """Return the version of every field as the page draws it, for the save to be compared with."""
    versions = {name: answer.version for name, answer in dossier.answers.items()}
    return " ".join(f"{spec.id}:{versions.get(spec.id, 0)}" for spec in dossier.programme.fields)


def carried_fields(groups: Iterable[FormGroup]) -> list[FormField]:
    """Return the fields taken over from the last cycle and not confirmed, in their order."""
    return [one for group in groups for one in group.fields if one.carried]


def form_errors(groups: Iterable[FormGroup]) -> list[ErrorLine]:
    """Return what is wrong in the form, each line leading to its field."""
    return [
        ErrorLine(one.id, "", mended(one.number, one.label, one.error))
        for group in groups
        for one in group.fields
        if one.error
    ]


def mended(number: str, label: str, problem: str) -> str:
    """Return what is wrong with a field after its number and, where the sentence does not name it, its label."""
    return f"{number}{problem}" if label in problem else f"{number}{label}：{problem}"


def blank_fields(dossier: Dossier) -> list[FieldSpec]:
    """Return the required fields that are empty; a commitment that is not given counts as empty."""
    typed = dossier.facts_typed
    return [
        spec
        for spec in dossier.programme.fields
        if spec.required and (spec.id not in typed or (spec.id == COMMITMENT and not _is_true(typed[spec.id])))
    ]


def _is_true(value: object) -> bool:
    return value is True or str(value) in TRUE_WORDS
