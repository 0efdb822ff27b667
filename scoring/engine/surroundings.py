"""What a check needs and no answer says: own marks with what stands beside them, evidence, what the shell knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType


@dataclass(frozen=True)
class OwnMark:
    """The applicant's own mark of one row.

    `words`: something is written under 实际情况说明; `reason`: it is said why the mark is above what the facts
    support. A shell with one text for both sets both.
    """

    points: Decimal
    words: bool = False
    reason: bool = False


@dataclass(frozen=True)
class Evidence:
    """The files hung on one row or field: how many, their dates as far as stated, how many another chamber uses too."""

    count: int = 0
    dates: tuple[date, ...] = ()
    elsewhere: int = 0


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What only the shell knows. Every default is neutral: what is not known gives no finding.

    `unread`: answers as typed that could not be read, by field. `evidence`: by code of row or field, None when it is
    not known; a code that is absent has no file. `divisions`: the organisation's division codes, its own first;
    `province`: its province's, 100000 for a national body. `level`: in the form's words, such as 县级.
    `register_name`: the name in the register of organisations. `same_code_in_cycle`: another declaration of the cycle
    has this unified social credit code. `barred`: the chamber may not take part. `recognised_before`: it was
    recognised in the last cycle, by the register; None when the register does not say.
    """

    unread: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    evidence: Mapping[str, Evidence] | None = None
    divisions: tuple[str, ...] = ()
    province: str = ""
    level: str = ""
    register_name: str = ""
    same_code_in_cycle: bool = False
    barred: bool = False
    recognised_before: bool | None = None


NOTHING_KNOWN = Surroundings()
