"""Taking in a roster: keeping what was read, writing all of it or nothing, giving it up."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from sihao.accounts.actions import add_chamber, complete_chamber, grant_seat, open_account
from sihao.accounts.entries import CHAMBERS, PEOPLE, Roster
from sihao.accounts.models import Organisation, RosterImport, Seat, User
from sihao.accounts.permissions import allowed
from sihao.accounts.queries.rosters import (
    COMPLETED,
    NEW_ACCOUNT,
    NEW_CHAMBER,
    NEW_SEAT,
    Plan,
    Planned,
    plan_of,
)
from sihao.accounts.refusals import Refusal, Refused
from sihao.audit.events import Event
from sihao.audit.record import record
from sihao.jobs.actions import enqueue
from sihao.jobs.models import Job

WRITE_ROSTER = "write_roster"
REPORTED_EVERY = 20
Progress = Callable[[int, int], None]


class MovedOn(Exception):
    """What the roster would do is no longer what was shown: it must be shown again."""


def _demand(actor: Seat, roster: RosterImport | None = None) -> None:
    foreign = roster is not None and roster.organisation_id != actor.organisation_id
    if foreign or not allowed(actor, "accounts.import_roster"):
        raise Refused.because("not_permitted", "名册由工商联办理人员导入，并由同一单位确认。")


@transaction.atomic
def bring_roster(*, roster: Roster, name: str, digest: str, actor: Seat, now: datetime) -> RosterImport:
    """Keep what was read of a file; refuses a file that cannot be read as a roster. Nothing else is written."""
    _demand(actor)
    if roster.errors:
        raise Refused(tuple(Refusal("roster_unreadable", error) for error in roster.errors))
    return RosterImport.objects.create(
        organisation=actor.organisation,
        name=name,
        digest=digest,
        columns=roster.columns,
        rows=[row.kept() for row in roster.rows],
        brought_by=actor,
        brought_at=now,
    )


@transaction.atomic
def discard_roster(*, roster: RosterImport, actor: Seat) -> None:
    """Give up a roster that was not written."""
    locked = RosterImport.objects.select_for_update().get(pk=roster.pk)
    _demand(actor, locked)
    if locked.written_at is not None:
        raise Refused.because("roster_written", "这份名册已经写入，不能放弃。")
    locked.delete()


def order_roster(*, roster: RosterImport, seen: str, actor: Seat, now: datetime) -> Job:
    """Have a long roster written in the background; a second order of the same plan returns the first."""
    _demand(actor, roster)
    _refuse(plan_of(roster, actor, now), seen)
    facts = {"seat": actor.pk, "roster": roster.pk, "seen": seen}
    key = f"roster:{roster.pk}:{actor.pk}:{seen[:24]}"
    return enqueue(WRITE_ROSTER, owner=actor.user, at=now, key=key, label=f"导入名册《{roster.name}》"[:200], **facts)


@transaction.atomic
def write_roster(
    *, roster: RosterImport, seen: str, actor: Seat, now: datetime, progress: Progress | None = None
) -> RosterImport:
    """Write every row or none; a roster that was written already changes nothing.

    ``seen`` is the digest of the plan that was shown: when another would be carried out, raises ``MovedOn``. A row
    that the house refuses is named with its reason, and nothing is written.
    """
    locked = RosterImport.objects.select_for_update().get(pk=roster.pk)
    _demand(actor, locked)
    if locked.written_at is not None:
        return locked
    plan = plan_of(locked, actor, now)
    _refuse(plan, seen)
    _Writing(actor, now).carry_out(plan, progress)
    locked.written_by, locked.written_at, locked.counts = actor, now, plan.counts
    locked.save(update_fields=["written_by", "written_at", "counts"])
    record(Event.ROSTER_IMPORTED, actor=actor, target=locked, at=now, data={"file": locked.name, **plan.counts})
    return locked


def _refuse(plan: Plan, seen: str) -> None:
    if plan.faulty:
        raise Refused.because("rows_faulty", f"有{len(plan.faulty)}行不能写入，全部没有写入。请改正后重新上传。")
    if plan.digest != seen:
        raise MovedOn


class _Writing:
    """Carries a plan out: chambers first, then people; later rows find what earlier ones made."""

    def __init__(self, actor: Seat, now: datetime) -> None:
        self.actor, self.now = actor, now
        self.chambers: dict[tuple[str, str], Organisation] = {}
        self.people: dict[str, User] = {}

    def carry_out(self, plan: Plan, progress: Progress | None) -> None:
        """Write row after row; the first refusal ends it with the row's name."""
        for done, row in enumerate(plan.rows):
            if progress is not None and done % REPORTED_EVERY == 0:
                progress(done, len(plan.rows))
            try:
                self._write(row)
            except Refused as refused:
                place = f"“{row.row.sheet}”表第{row.row.number}行（{row.name}）："
                told = tuple(Refusal(one.code, f"{place}{one.sentence}", one.clause) for one in refused.refusals)
                raise Refused(told) from refused

    def _write(self, one: Planned) -> None:
        if one.row.sheet == CHAMBERS:
            self._chamber(one)
        elif one.row.sheet == PEOPLE:
            self._person(one)

    def _chamber(self, one: Planned) -> None:
        facts = {"uscc": one.row.values.get("uscc", ""), "chamber_type": one.row.values.get("type", "")}
        if NEW_CHAMBER in one.acts:
            made = add_chamber(actor=self.actor, home=one.home, name=one.name, now=self.now, **facts)
            self.chambers[one.name, facts["uscc"]] = self.chambers[one.name, ""] = made
        elif COMPLETED in one.acts:
            complete_chamber(actor=self.actor, chamber=one.body, now=self.now, **facts)

    def _person(self, one: Planned) -> None:
        person = one.person or self.people.get(one.username)
        if NEW_ACCOUNT in one.acts:
            contact = {key: one.row.values.get(key, "") for key in ("mobile", "email")}
            person = open_account(actor=self.actor, username=one.username, name=one.name, now=self.now, **contact)
            self.people[one.username] = person
        if NEW_SEAT in one.acts:
            body = one.body or self.chambers[one.row.values.get("body", ""), one.row.values.get("code", "")]
            grant_seat(actor=self.actor, user=person, organisation=body, role=one.role, now=self.now, reason="名册导入")
