"""Creating messages; one per seat and event, whatever is repeated."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from declarations.models import DecisionLetter, Declaration, Notice
from declarations.notices import (
    DECISIONS,
    HOLDER_ROLES,
    TO_ABOVE,
    TO_CHAMBER,
    TO_HOLDER,
    TO_PREVIOUS,
    TO_UNIT,
    Letter,
)
from declarations.queries.recusals import told_at
from declarations.workflow import Transition
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.roles import CHAMBER_ROLES, TIER_ROLES, Role


def announce(
    *,
    case: Declaration,
    step: Transition,
    now: datetime,
    actor: Seat | None,
    reason: str = "",
    previous: Organisation | None = None,
) -> None:
    """Tell the new holder, the one before, the chamber and the unit what the step says to each.

    What announces a decision is drafted and waits for a person (``letters.release``).
    """
    audiences: list[tuple[dict[str, Letter], Organisation | None, frozenset[Role]]] = [
        (TO_HOLDER, case.holder, HOLDER_ROLES),
        (TO_PREVIOUS, previous, HOLDER_ROLES),
        (TO_CHAMBER, case.applicant, CHAMBER_ROLES | TIER_ROLES),
        (TO_ABOVE, case.unit.parent if step.name in TO_ABOVE else None, TIER_ROLES),
        (TO_UNIT, case.unit, HOLDER_ROLES),
    ]
    told = {"case": case, "now": now, "reason": reason}
    for letters, organisation, roles in audiences:
        letter = letters.get(step.name)
        if letter is None or organisation is None:
            continue
        if actor is not None and step.name in DECISIONS:
            draft_letter(letter=letter, to=organisation, decision=step.name, actor=actor, **told)
        else:
            seats = told_at(organisation.pk, roles, case)
            send(letter=letter, seats=seats, step=step.name, sender=actor and actor.organisation, **told)


def words_of(case: Declaration, reason: str) -> dict[str, str]:
    """Return what the braces of a letter stand for."""
    return {
        "name": case.applicant_name,
        "number": case.number,
        "holder": str(case.holder or ""),
        "unit": str(case.unit),
        "honour": case.cycle.honour,
        "verb": case.cycle.verb,
        "reason": reason,
    }


def send(
    *,
    case: Declaration,
    letter: Letter,
    seats: Iterable[Seat],
    step: str,
    sender: Organisation | None,
    now: datetime,
    reason: str = "",
    more: Mapping[str, str] | None = None,
) -> None:
    """Write one message for each seat; the same event reaches a seat once.

    ``more`` are further words that the letter's braces take.
    """
    words = words_of(case, reason) | dict(more or {})
    key = f"{case.pk}:{step}:{case.version}"
    Notice.objects.bulk_create(
        [
            Notice(
                seat=seat,
                declaration=case,
                sender=sender,
                key=f"{key}:{letter.title[:8]}",
                title=letter.title.format(**words)[:160],
                body=letter.body.format(**words),
                sent_at=now,
            )
            for seat in seats
        ],
        ignore_conflicts=True,
    )


def draft_letter(
    *,
    case: Declaration,
    letter: Letter,
    to: Organisation,
    decision: str,
    actor: Seat,
    now: datetime,
    reason: str = "",
) -> None:
    """Draft what announces a decision to one organisation; once for a case, a decision, a turn and an audience."""
    words = words_of(case, reason)
    DecisionLetter.objects.get_or_create(
        key=f"{case.pk}:{decision}:{case.version}:{to.pk}",
        defaults={
            "declaration": case,
            "decision": decision,
            "state_of_case": case.state,
            "sender": actor.organisation,
            "recipient": to,
            "title": letter.title.format(**words)[:160],
            "body": letter.body.format(**words),
            "drafted_at": now,
        },
    )


def tell(
    *, seats: Iterable[Seat], key: str, title: str, body: str, now: datetime, case: Declaration | None = None
) -> None:
    """Write one message of no step for each seat; the same key reaches a seat once."""
    told = {"declaration": case, "key": key[:100], "title": title[:160], "body": body, "sent_at": now}
    notices = [Notice(seat=seat, **told) for seat in seats]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)


def mark_read(*, notice: Notice, now: datetime) -> None:
    """Keep when a message was first opened."""
    if notice.read_at is None:
        notice.read_at = now
        notice.save(update_fields=["read_at"])


def mark_mailed(*, notices: Iterable[int], now: datetime) -> None:
    """Keep that a daily digest told these messages."""
    Notice.objects.filter(pk__in=list(notices)).update(mailed_at=now)
