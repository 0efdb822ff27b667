"""The daily digest: one mail a person with what is due, returned and decided; none when there is nothing."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from declarations.models import Notice
from declarations.queries.digest import (
    DueCase,
    Unmailed,
    digests_laid,
    due_at_organisations,
    lock_people,
    people_with_mail,
    unmailed_of,
)
from sihao.accounts.actions.mailing import mail_leaves, post
from sihao.accounts.models import Mail, MailKind, Organisation, Seat, User

PAGE = 200
SHOWN = 20
AHEAD = timedelta(days=3)
AGE = timedelta(days=14)
"""Messages older than this are not mailed any more; they stay in the house."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Part:
    """What a person has to hear for one organisation, whatever seats the person holds there."""

    organisation: Organisation
    roles: str
    due: Sequence[DueCase]
    news: Sequence[Unmailed]
    more_due: int = 0
    more_news: int = 0


def write_digests(*, now: datetime, progress: Progress | None = None, page: int = PAGE) -> int:
    """Lay ready today's digest of everybody who has an address and something to hear; return how many.

    Page by page with a fixed number of queries; the key of a mail holds the day and the person, and messages are
    marked in the transaction that writes the mail, so that a broken pass goes on, nobody gets two, and nothing is
    marked that no mail tells.
    """
    if not mail_leaves():
        return 0
    written = after = 0
    while people := list(people_with_mail(after)[:page]):
        written += _write(people, now)
        after = people[-1].pk
        if progress is not None:
            progress(written, written + 1)
    return written


@transaction.atomic
def _write(found: Sequence[User], now: datetime) -> int:
    people = _still_without(found, now)
    seats = [seat for person in people for seat in person.held_seats]
    due = defaultdict(list)
    for case in due_at_organisations({seat.organisation_id for seat in seats}, now + AHEAD):
        due[case.holder_id].append(case)
    news = defaultdict(list)
    for one in unmailed_of([seat.pk for seat in seats], now - AGE):
        news[one.seat_id].append(one)
    mails = [mail for person in people if (mail := _mail(person, due, news, now))]
    post(mails=mails, now=now)
    told = [one.pk for seat_news in news.values() for one in seat_news]
    Notice.objects.filter(pk__in=told).update(mailed_at=now)
    return len(mails)


def _still_without(people: Sequence[User], now: datetime) -> list[User]:
    """Lock the people, then return those who have no digest of today: another pass may write at the same time."""
    lock_people(person.pk for person in people)
    done = digests_laid(_key(person, now) for person in people)
    return [person for person in people if _key(person, now) not in done]


def _key(person: User, now: datetime) -> str:
    return f"digest:{timezone.localdate(now)}:{person.pk}"


def _mail(
    person: User, due: dict[int, list[DueCase]], news: dict[int, list[Unmailed]], now: datetime
) -> Mail | None:
    parts = [part for seats in _by_organisation(person.held_seats) if (part := _part(seats, due, news))]
    if not parts:
        return None
    number = sum(len(part.due) + len(part.news) + part.more_due + part.more_news for part in parts)
    facts = {"person": person, "parts": parts, "now": now}
    facts |= {"site_url": settings.SITE_URL, "site_name": settings.SITE_NAME}
    return Mail(
        kind=MailKind.DIGEST,
        key=_key(person, now),
        recipient=person,
        address=person.email,
        path=parts[0].organisation.path,
        title=f"每日摘要：{number}项",
        body=render_to_string("notices/digest.txt", facts),
        created_at=now,
    )


def _by_organisation(seats: Iterable[Seat]) -> Iterable[list[Seat]]:
    found: dict[int, list[Seat]] = defaultdict(list)
    for seat in seats:
        found[seat.organisation_id].append(seat)
    return found.values()


def _part(seats: list[Seat], due: dict[int, list[DueCase]], news: dict[int, list[Unmailed]]) -> Part | None:
    """Return what the seats at one organisation have to hear; a message to two of them is told once."""
    mine = due.get(seats[0].organisation_id, [])
    heard = list({one.title: one for seat in seats for one in news.get(seat.pk, ())}.values())
    if not mine and not heard:
        return None
    return Part(
        seats[0].organisation,
        "、".join(seat.get_role_display() for seat in seats),
        mine[:SHOWN],
        heard[:SHOWN],
        more_due=max(0, len(mine) - SHOWN),
        more_news=max(0, len(heard) - SHOWN),
    )
