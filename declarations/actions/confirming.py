"""The table of acts that wait for a second person: how each is done when it is confirmed."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from declarations.actions import (
    correcting,
    extensions,
    objecting,
    own_cycle,
    paired_steps,
    places,
    publication,
    sealing,
    second_person,
    titles,
)
from declarations.actions.second_person import Confirmed
from declarations.models import Pending
from declarations.second_person import PAIRED_STEPS, Paired
from sihao.accounts.models import Seat

CONFIRMED: Mapping[Paired, Confirmed] = MappingProxyType(
    {
        Paired.ADOPT_QUOTAS: places.ADOPTION,
        Paired.ADOPT_LIMITS: places.ADOPTION,
        Paired.DEADLINE_EXCEPTION: extensions.EXTENDING,
        Paired.CONFIRM_SCAN: sealing.SCAN_CONFIRMATION,
        Paired.NOTICE_RULES: publication.RULES,
        Paired.OPEN_NOTICE: publication.ANNOUNCEMENT,
        Paired.PUBLISH: publication.PUBLICATION,
        Paired.NAME_OFFICERS: objecting.OFFICERS_NAMED,
        Paired.SETTLE_OBJECTION: objecting.OUTCOME,
        Paired.REVOKE_TITLE: titles.REVOCATION,
        Paired.CORRECT: correcting.CORRECTION,
        Paired.OPEN_OWN: own_cycle.OPENING,
        **dict.fromkeys(PAIRED_STEPS.values(), paired_steps.STEP),
    }
)


def how(pending: Pending) -> Confirmed:
    """Return how a prepared act is done; raises ``KeyError`` for one that the table does not name."""
    return CONFIRMED[Paired(pending.act)]


def confirm(*, pending: Pending, actor: Seat, now: datetime) -> Pending:
    """Do what was prepared, as a second person."""
    return second_person.confirm(pending=pending, how=how(pending), actor=actor, now=now)
