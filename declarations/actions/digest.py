"""The daily digest: one mail a person with what is overdue, due and new; none when there is nothing."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from declarations.actions.notify import mark_mailed
from declarations.queries.digest import (
    DueCase,
    Unmailed,
    digests_laid,
    due_at_organisations,
    lock_people,
    people_with_mail,
    unmailed_of,
)
from declarations.queries.recusals import Apart, apart
from declarations.working_days import official
from sihao.accounts.actions.mailing import mail_leaves, post
from sihao.accounts.models import Mail, MailKind, Organisation, Seat, User
from sihao.ui.formats import beijing, deadline, time_left

PAGE = 200
SHOWN = 20
AHEAD_DAYS = 3
OVERDUE, SOON, NEWS = "逾期", f"{AHEAD_DAYS}个工作日内到期", "新消息"
AGE = timedelta(days=14)
"""Messages older than this are not mailed any more; they stay in the house."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Group:
    """What belongs under one heading: how many, and the first of them in words."""

    label: str
    unit: str
    count: int
    lines: Sequence[str]

    @property
    def more(self) -> int:
        """How many are not listed."""
        return self.count - len(self.lines)


@dataclass(frozen=True)
class Part:
    """What a person has to hear for one organisation, whatever seats the person holds there."""

    organisation: Organisation
    roles: str
    groups: Sequence[Group]


@dataclass(frozen=True)
class Heard:
    """What there is to hear for a page of people: what is due by holder, news by seat, who steps back from what."""

    now: datetime
    apart: Apart
    due: dict[int, list[DueCase]] = field(default_factory=lambda: defaultdict(list))
    news: dict[int, list[Unmailed]] = field(default_factory=lambda: defaultdict(list))

    def told(self) -> list[int]:
        """Return the keys of the messages that the mails tell."""
        return [one.pk for news in self.news.values() for one in news]


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
    heard = _heard([seat for person in people for seat in person.held_seats], now)
    mails = [mail for person in people if (mail := _mail(person, heard))]
    post(mails=mails, now=now)
    mark_mailed(notices=heard.told(), now=now)
    return len(mails)


def _still_without(people: Sequence[User], now: datetime) -> list[User]:
    """Lock the people, then return those who have no digest of today: another pass may write at the same time."""
    lock_people(person.pk for person in people)
    done = digests_laid(_key(person, now) for person in people)
    return [person for person in people if _key(person, now) not in done]


def _key(person: User, now: datetime) -> str:
    return f"digest:{timezone.localdate(now)}:{person.pk}"


def _heard(seats: Sequence[Seat], now: datetime) -> Heard:
    """Read what is due and new for all the seats of a page; a fixed number of queries."""
    heard = Heard(now, apart(seats))
    for case in due_at_organisations({seat.organisation_id for seat in seats}, now, official().after(now, AHEAD_DAYS)):
        heard.due[case.holder_id].append(case)
    by_key = {seat.pk: seat for seat in seats}
    for one in unmailed_of(by_key, now - AGE):
        if heard.apart.may_know(by_key[one.seat_id], one.case or 0, one.applicant_id or 0):
            heard.news[one.seat_id].append(one)
    return heard


def _mail(person: User, heard: Heard) -> Mail | None:
    parts = [part for seats in _by_organisation(person.held_seats) if (part := _part(seats, heard))]
    if not parts:
        return None
    facts = {"person": person, "parts": parts, "now": heard.now}
    facts |= {"site_url": settings.SITE_URL, "site_name": settings.SITE_NAME}
    return Mail(
        kind=MailKind.DIGEST,
        key=_key(person, heard.now),
        recipient=person,
        address=person.email,
        path=parts[0].organisation.path,
        title=_title(parts),
        body=render_to_string("notices/digest.txt", facts),
        created_at=heard.now,
    )


def _title(parts: Iterable[Part]) -> str:
    """Return the subject: how many under each heading, over all organisations."""
    counts = dict.fromkeys(((OVERDUE, "件"), (SOON, "件"), (NEWS, "条")), 0)
    for part in parts:
        for group in part.groups:
            counts[group.label, group.unit] += group.count
    told = "，".join(f"{label}{count}{unit}" for (label, unit), count in counts.items() if count)
    return f"每日摘要：{told}"


def _by_organisation(seats: Iterable[Seat]) -> Iterable[list[Seat]]:
    found: dict[int, list[Seat]] = defaultdict(list)
    for seat in seats:
        found[seat.organisation_id].append(seat)
    return found.values()


def _part(seats: list[Seat], heard: Heard) -> Part | None:
    """Return what the seats at one organisation have to hear; a message to two of them is told once."""
    due = [
        case
        for case in heard.due.get(seats[0].organisation_id, ())
        if any(heard.apart.may_know(seat, case.pk, case.applicant_id) for seat in seats)
    ]
    late = sum(case.due_at <= heard.now for case in due)
    words = [_due_words(case, heard.now) for case in due]
    news = {one.title: _news_words(one) for seat in seats for one in heard.news.get(seat.pk, ())}
    found = ((OVERDUE, "件", words[:late]), (SOON, "件", words[late:]), (NEWS, "条", list(news.values())))
    groups = [Group(label, unit, len(lines), lines[:SHOWN]) for label, unit, lines in found if lines]
    roles = "、".join(dict.fromkeys(seat.get_role_display() for seat in seats))
    return Part(seats[0].organisation, roles, groups) if groups else None


def _due_words(case: DueCase, now: datetime) -> str:
    left, _ = time_left(case.due_at, now)
    return f"{case.applicant_name}（{case.number}），{case.words}，限{deadline(case.due_at)}，{left}"


def _news_words(one: Unmailed) -> str:
    return f"{one.title}（{beijing(one.sent_at, 'short')}）"
