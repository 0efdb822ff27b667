"""Creating messages; one per seat and event, whatever is repeated."""

from collections.abc import Iterable
from datetime import datetime

from declarations.models import Declaration, Notice
from declarations.notices import HOLDER_ROLES, TO_CHAMBER, TO_HOLDER, TO_UNIT, Letter
from declarations.workflow import Transition
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.queries import active_seats_at
from sihao.accounts.roles import CHAMBER_ROLES, Role


def announce(*, case: Declaration, step: Transition, now: datetime, reason: str = "") -> None:
    """Tell the new holder, the chamber and the unit what the step says to each."""
    audiences: list[tuple[dict[str, Letter], Organisation | None, frozenset[Role]]] = [
        (TO_HOLDER, case.holder, HOLDER_ROLES),
        (TO_CHAMBER, case.applicant, CHAMBER_ROLES),
        (TO_UNIT, case.unit, HOLDER_ROLES),
    ]
    for letters, organisation, roles in audiences:
        letter = letters.get(step.name)
        if letter is not None and organisation is not None:
            seats = active_seats_at(organisation.pk, roles)
            send(case=case, letter=letter, seats=seats, step=step.name, now=now, reason=reason)


def send(
    *, case: Declaration, letter: Letter, seats: Iterable[Seat], step: str, now: datetime, reason: str = ""
) -> None:
    """Write one message for each seat; the same event reaches a seat once."""
    words = {
        "name": case.applicant_name,
        "number": case.number,
        "holder": str(case.holder or ""),
        "unit": str(case.unit),
        "honour": case.cycle.honour,
        "reason": reason,
    }
    key = f"{case.pk}:{step}:{case.version}"
    Notice.objects.bulk_create(
        [
            Notice(
                seat=seat,
                declaration=case,
                key=f"{key}:{letter.title[:8]}",
                title=letter.title.format(**words)[:160],
                body=letter.body.format(**words),
                sent_at=now,
            )
            for seat in seats
        ],
        ignore_conflicts=True,
    )


def tell(*, seats: Iterable[Seat], key: str, title: str, body: str, now: datetime) -> None:
    """Write one message that belongs to no case for each seat; the same key reaches a seat once."""
    notices = [Notice(seat=seat, key=key[:100], title=title[:160], body=body, sent_at=now) for seat in seats]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)


def mark_read(*, notice: Notice, now: datetime) -> None:
    """Keep when a message was first opened."""
    if notice.read_at is None:
        notice.read_at = now
        notice.save(update_fields=["read_at"])
