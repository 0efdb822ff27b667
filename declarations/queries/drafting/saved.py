"""What a save came to, in the words the page shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from declarations.models import Answer
from declarations.queries.pages import spelled
from scoring.engine import FieldSpec
from scoring.models import Mark, MarkVersion
from sihao.accounts.models import Seat
from sihao.ui.formats import beijing


@dataclass(frozen=True)
class Collision:
    """A field, or a part of a row, that two people changed at once: both values, and who was first.

    ``value`` is what stands, in the shape its control takes; ``version`` is to be sent back by who insists; ``place``
    is where it stands on the page.
    """

    label: str
    place: str
    mine: str
    theirs: str
    typed: object
    value: object
    version: int
    by: str
    at: datetime

    def told(self) -> dict[str, object]:
        """Return it as the script reads it."""
        return {
            "label": self.label,
            "mine": self.mine,
            "theirs": self.theirs,
            "value": self.value,
            "version": self.version,
            "by": self.by,
            "at": beijing(self.at, "time"),
        }


@dataclass(frozen=True)
class Saved:
    """The versions that now hold what was typed, what is wrong with it, and what collided, by field or row and part."""

    versions: Mapping[str, int]
    problems: Mapping[str, str]
    collisions: Mapping[str, Collision]


NO_COLLISIONS: Mapping[str, Collision] = {}
PART_LABELS: Mapping[str, str] = {"points": "自评得分", "words": "实际情况说明", "reason": "理由"}


def answer_collision(spec: FieldSpec, typed: object, stands: Answer) -> Collision:
    """Return a field that collided, in words."""
    return Collision(
        label=spec.label,
        place=f"field-{spec.id}-field",
        mine=spelled(spec, typed) or "（空白）",
        theirs=spelled(spec, stands.value) or "（空白）",
        typed=typed,
        value=stands.value,
        version=stands.version,
        by=_name(stands.set_by),
        at=stands.set_at,
    )


def mark_collision(
    part: str, typed: str, value: str, stands: Mark | MarkVersion, labels: Mapping[str, str] = PART_LABELS
) -> Collision:
    """Return a part of a row that collided, in words."""
    return Collision(
        label=f"{stands.code}{labels[part]}",
        place=f"row-{stands.code}",
        mine=typed or "（空白）",
        theirs=value or "（空白）",
        typed=typed,
        value=value,
        version=stands.version,
        by=_name(stands.set_by),
        at=stands.set_at,
    )


def _name(seat: Seat | None) -> str:
    return seat.user.name if seat is not None else ""
