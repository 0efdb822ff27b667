"""A house with any number of rows in every list, and the lists with who reads them: for the test and the benchmark.

Rows are written past the actions, as in ``tests.rows``: only reading is looked at.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from django.db.models import F
from django.test import Client

from declarations.demo.stages import World
from declarations.models import (
    Agenda,
    AgendaItem,
    Attachment,
    Batch,
    CaseFinding,
    ClockStep,
    CrossFinding,
    DecisionLetter,
    Declaration,
    ExpertReview,
    Extension,
    Inquiry,
    Notice,
    NoticeEntry,
    Objection,
    PublicNotice,
    Quota,
    Recognition,
    SpotDraw,
    Story,
    Tie,
    Tip,
    Visit,
    VisitMember,
)
from declarations.sheets import pledge_digest
from declarations.states import BatchState, CrossKind, SheetState, State, VisitState
from scoring.models import Assessment, Layer
from sihao.accounts.middleware import SESSION_KEY
from sihao.accounts.models import Mail, Organisation, RosterImport, Seat, StandIn, User
from sihao.accounts.roles import Role
from sihao.audit.models import Entry
from sihao.jobs.models import Job
from tests import worlds
from tests.factories import make_chamber, make_federation
from tests.rows import declare, recognise

SECOND = timedelta(seconds=1)
MOST_TIES = 60
PROVINCES = tuple(f"{number}0000" for number in range(31, 62))
STATES = (
    State.SHORTLISTED,
    State.RECOMMENDED,
    State.PRELIMINARY_REVIEW,
    State.EXPERT_REVIEW,
    State.PROPOSED,
    State.APPROVED,
)


@dataclass(frozen=True)
class Long:
    """One list: its address, who reads it, and whether it goes on by pages."""

    url: str
    reader: str
    paged: bool = True


LISTS = (
    Long("/work/", "county", paged=False),
    Long("/work/", "city", paged=False),
    Long("/work/", "department", paged=False),
    Long("/work/", "expert", paged=False),
    Long("/work/", "secretary", paged=False),
    Long("/work/cases/", "county"),
    Long("/work/cases/", "city"),
    Long("/work/cases/", "department"),
    Long("/work/cases/", "supervision"),
    Long("/work/cases/", "expert"),
    Long("/work/cases/", "group-head"),
    Long("/work/cases/", "secretary"),
    Long("/work/cases/?words=商会", "department"),
    Long("/work/cases/?state=local_review", "city"),
    Long("/work/cases/?overdue=1", "city"),
    Long("/work/cases/?held=1", "county"),
    Long("/work/notices/", "county"),
    Long("/work/outbox/", "county"),
    Long("/work/outbox/?settled=1", "county"),
    Long("/work/outbox/messages/", "county"),
    Long("/work/outbox/clock/", "city"),
    Long("/work/outbox/mail/", "department"),
    Long("/work/outbox/mail/?failed=1&q=example", "department"),
    Long("/work/extensions/", "department"),
    Long("/work/board/", "province", paged=False),
    Long("/work/lists/", "department", paged=False),
    Long("/work/lists/{batch}/", "province", paged=False),
    Long("/work/department/", "department", paged=False),
    Long("/work/preliminary/", "department"),
    Long("/work/preliminary/?only=open", "head"),
    Long("/work/preliminary/cross/", "supervision"),
    Long("/work/preliminary/desks/", "head", paged=False),
    Long("/work/visits/", "department"),
    Long("/work/visits/?state=assigned", "supervision"),
    Long("/work/visits/", "city"),
    Long("/work/quotas/", "department", paged=False),
    Long("/work/agendas/", "secretary", paged=False),
    Long("/work/agendas/{agenda}/", "secretary"),
    Long("/work/agendas/freeze/", "head"),
    Long("/work/publication/", "head"),
    Long("/work/recusals/", "county"),
    Long("/work/recusals/office/", "county-leader"),
    Long("/work/cases/{case}/", "county", paged=False),
    Long("/work/cases/{case}/experts/", "department", paged=False),
    Long("/account/organisations/", "county-leader"),
    Long("/account/organisations/{county}/", "county-leader"),
    Long("/account/organisations/{county}/?ended=1", "county-leader"),
    Long("/account/organisations/{county}/stand-ins/", "county-leader"),
    Long("/account/people/", "county-leader"),
    Long("/account/people/?q=人员&state=waiting", "county-leader"),
    Long("/account/people/links/", "county-leader"),
    Long("/account/rosters/", "county-leader"),
    Long("/account/trail/", "auditadmin"),
    Long("/jobs/", "county"),
    Long("/work/objections/", "head"),
    Long("/work/objections/tips/", "department"),
    Long("/work/titles/", "supervision"),
    Long("/work/titles/?state=inquiry", "head"),
    Long("/work/stories/", "department"),
    Long("/work/feedback/", "department", paged=False),
    Long("/announcement/", "public"),
    Long("/stories/", "public"),
    Long("/recognised/", "public"),
    Long("/recognised/?words=认定", "public"),
)


class House:
    """A world whose lists grow."""

    def __init__(self, world: World) -> None:
        self.world, self.rows = world, 0
        self.county, self.city, self.province, self.nation = (
            make_federation(code) for code in (worlds.COUNTY, worlds.CITY, worlds.PROVINCE, worlds.NATION)
        )
        self.officer, self.leader = world.officer(self.county), world.leader(self.county)
        self.batch = Batch.objects.create(cycle=world.cycle, unit=self.province)
        self.agenda = Agenda.objects.create(
            cycle=world.cycle, number=1, digest="0" * 64, frozen_by=world.seats["head"], frozen_at=worlds.NOW
        )
        self.case = self.declare(1, State.LOCAL_REVIEW)[0]

    def seat(self, reader: str) -> Seat:
        """Return who reads a list."""
        named = {
            "county": self.officer,
            "county-leader": self.leader,
            "city": self.world.leader(self.city),
            "province": self.world.leader(self.province),
        }
        return named.get(reader) or self.world.seats[reader]

    def browser(self, reader: str) -> Client:
        """Return a browser in which the reader is signed in."""
        client = Client()
        if reader != "public":
            seat = self.seat(reader)
            client.force_login(seat.user)
            session = client.session
            session[SESSION_KEY] = seat.pk
            session.save()
        return client

    def address(self, one: Long) -> str:
        """Return the address of a list in this house."""
        named = {"agenda": self.agenda.pk, "batch": self.batch.pk, "case": self.case.pk, "county": self.county.pk}
        return one.url.format(**named)

    # ---- growing

    def grow(self, to: int) -> None:
        """Let every list have so many rows; of a later state of the procedure there are half as many cases."""
        more, start = to - self.rows, self.rows
        cases = self.declare(more, State.LOCAL_REVIEW)
        for state in STATES:
            self.declare(more if state == State.PROPOSED else (more + 1) // 2, state)
        titles = recognise(self.world.cycle, [f"认定商会{start + n}" for n in range(more)])
        self.aftermath(start, cases, titles)
        people = self.people(start, more)
        self.units(PROVINCES[: 1 + min(to, len(PROVINCES)) // 10])
        for fill in (self.post, self.clock, self.office, self.machine):
            fill(start, cases, people)
        self.rows = to

    def declare(self, count: int, state: State) -> list[Declaration]:
        """Write cases of the county in one state, held where that state has them, overdue where a tier holds them."""
        start = Declaration.objects.count()
        home = {State.SHORTLISTED: self.province, State.LOCAL_REVIEW: self.county}.get(state, self.nation)
        names = [f"{state.label}商会{start + n}" for n in range(count)]
        cases = declare(self.world.cycle, names, home=self.county, state=state)
        route = [self.county.pk, self.city.pk, self.province.pk]
        held = {"holder": home, "route": route, "unit": self.province, "due_at": worlds.NOW - SECOND}
        if state == State.SHORTLISTED:
            held |= {"batch": self.batch, "rank": F("pk"), "unit_total": 400}
        Declaration.objects.filter(pk__in=[case.pk for case in cases]).update(**held)
        extra: dict[State, Callable[[list[Declaration]], object]] = {
            State.PRELIMINARY_REVIEW: self.findings,
            State.EXPERT_REVIEW: self.sheets,
            State.PROPOSED: self.proposals,
        }
        if state in extra:
            extra[state](cases)
        return cases

    def findings(self, cases: list[Declaration]) -> None:
        """Let each case of the preliminary review have something in common with others."""
        facts = {"cycle": self.world.cycle, "kind": CrossKind.FILE, "found_at": worlds.NOW}
        found = CrossFinding.objects.bulk_create(
            CrossFinding(key=f"file-{case.pk}", title="文件", weight=case.pk, **facts) for case in cases
        )
        CaseFinding.objects.bulk_create(
            CaseFinding(declaration=case, cross=one, key=f"cross-{one.pk}", sentence="相同。", found_at=worlds.NOW)
            for case, one in zip(cases, found, strict=True)
        )
        self.visits(cases)

    def visits(self, cases: list[Declaration]) -> None:
        """Let each of them be visited by two people."""
        head = self.world.seats["head"]
        facts = {"seed": "种子", "source": "示例", "cases": 1, "announced_by": head, "announced_at": worlds.NOW}
        facts |= {"frame_digest": "0" * 64, "drawn_by": head, "drawn_at": worlds.NOW}
        found, _ = SpotDraw.objects.get_or_create(cycle=self.world.cycle, number=1, defaults=facts)
        told = {"region": "中部", "level": "县级", "chamber_type": "行业商会", "state": VisitState.ASSIGNED}
        told |= {"assigned_by": head, "assigned_at": worlds.NOW}
        visits = Visit.objects.bulk_create(
            Visit(draw=found, declaration=case, random=f"{case.pk:064}", place=place, **told)
            for place, case in enumerate(cases, start=1)
        )
        team = [self.seat("city"), self.world.officer(self.city)]
        VisitMember.objects.bulk_create(
            VisitMember(visit=visit, seat=seat, person=seat.user) for visit in visits for seat in team
        )

    def aftermath(self, start: int, cases: list[Declaration], titles: list[Recognition]) -> None:
        """Write names on a notice that runs, objections and tips to them; inquiries and stories of titles; packs."""
        head, cycle, at = self.world.seats["head"], self.world.cycle, worlds.NOW
        until = {"opened_at": at - SECOND, "closes_at": at + timedelta(days=9), "days": 5}
        opened = {"digest": "0" * 64, "opened_by": head} | until
        notice, _ = PublicNotice.objects.get_or_create(cycle=cycle, number=1, defaults=opened)
        named = {"notice": notice, "unit_name": self.province.name, "unit_code": self.province.code}
        NoticeEntry.objects.bulk_create(
            NoticeEntry(declaration=case, place=n, name=case.applicant_name, **named)
            for n, case in enumerate(cases, start=start + 1)
        )
        said = {"cycle": cycle, "facts": "事实", "received_at": at}
        object_to = {"notice": notice, "due_at": at + SECOND} | said
        Objection.objects.bulk_create(
            Objection(declaration=case, number=n, receipt=f"r{n}", token=uuid4(), **object_to)
            for n, case in enumerate(cases, start=start + 1)
        )
        Tip.objects.bulk_create(Tip(declaration=case, token=uuid4(), **said) for case in cases)
        looked = {"ground": "false", "facts": "x", "opened_by": head, "opened_at": at, "statement_due": at + SECOND}
        Inquiry.objects.bulk_create(Inquiry(recognition=one, **looked) for one in titles)
        told = {"title": "事迹", "text": "x", "state": "released", "edited_by": head, "edited_at": at}
        Story.objects.bulk_create(
            Story(recognition=one, released_by=head, released_at=at, **told) for one in titles
        )

    def sheets(self, cases: list[Declaration]) -> None:
        """Give each case to the expert."""
        expert = self.world.seats["expert"]
        layers = Assessment.objects.bulk_create(
            Assessment(ledger_id=case.ledger_id, layer=Layer.EXPERT, assessor=expert) for case in cases
        )
        taken = {"state": SheetState.ACCEPTED, "accepted_at": worlds.NOW, "pledge": pledge_digest()}
        ExpertReview.objects.bulk_create(
            ExpertReview(declaration=case, expert=expert, assessment=layer, assigned_at=worlds.NOW, **taken)
            for case, layer in zip(cases, layers, strict=True)
        )

    def proposals(self, cases: list[Declaration]) -> None:
        """Put half of the cases on the agenda."""
        place = self.agenda.items.count()
        AgendaItem.objects.bulk_create(
            AgendaItem(agenda=self.agenda, declaration=case, place=n)
            for n, case in enumerate(cases[: (len(cases) + 1) // 2], start=place + 1)
        )

    def units(self, codes: Sequence[str]) -> None:
        """Give the units places, and a list that was sent up."""
        facts = {"state": BatchState.UPLOADED, "uploaded_at": worlds.NOW, "uploaded_by": self.leader, "receipt": "x"}
        for unit in [make_federation(code) for code in codes]:
            Quota.objects.get_or_create(cycle=self.world.cycle, organisation=unit, defaults={"places": 9})
            Batch.objects.get_or_create(cycle=self.world.cycle, unit=unit, defaults=facts)

    def people(self, start: int, more: int) -> list[User]:
        """Write people with seats at the county, one that ended beside each."""
        users = User.objects.bulk_create(
            User(
                username=f"row{start + n}",
                name=f"人员行{start + n}",
                email=f"row{start + n}@example.org",
                password="!none",
                opened_at=worlds.NOW,
            )
            for n in range(more)
        )
        held = {"organisation": self.county, "since": worlds.NOW}
        Seat.objects.bulk_create(Seat(user=user, role=Role.OFFICER, **held) for user in users)
        Seat.objects.bulk_create(
            Seat(user=user, role=Role.LEADER, ended_at=worlds.NOW, end_reason="调离", **held) for user in users
        )
        return users

    def post(self, start: int, cases: list[Declaration], people: list[User]) -> None:
        """Write messages, letters and mail."""
        told = {"declaration": self.case, "title": "标题"}
        Notice.objects.bulk_create(
            Notice(seat=self.officer, sender=self.county, key=f"r{start + n}", sent_at=worlds.NOW, **told)
            for n in range(len(people))
        )
        letter = {"decision": "decline", "state_of_case": "local_review", "sender": self.county} | told
        settled = {"state": "released", "settled_by": self.officer, "settled_at": worlds.NOW}
        DecisionLetter.objects.bulk_create(
            DecisionLetter(key=f"{word}{start + n}", recipient=self.county, drafted_at=worlds.NOW, **letter, **fields)
            for n in range(len(people))
            for word, fields in (("a", {}), ("b", settled))
        )
        mail = {"kind": "digest", "title": "摘要", "state": "failed", "error": "x", "created_at": worlds.NOW}
        Mail.objects.bulk_create(
            Mail(key=f"r{user.username}", recipient=user, address=user.email, path=self.county.path, **mail)
            for user in people
        )

    def clock(self, start: int, cases: list[Declaration], people: list[User]) -> None:
        """Write what the clock said, deadlines put off, and evidence that all cases use."""
        turn = {"holder": self.county, "since": worlds.NOW, "due_at": worlds.NOW, "at": worlds.NOW}
        ClockStep.objects.bulk_create(ClockStep(declaration=case, step="overdue", **turn) for case in cases)
        until = {"deadline": "county", "until": self.world.cycle.city_closes, "reason": "台风"}
        hands = {"proposed_by": self.world.seats["department"], "confirmed_by": self.world.seats["head"]}
        Extension.objects.bulk_create(
            Extension(
                cycle=self.world.cycle, organisation=case.applicant, granted_at=worlds.NOW, **until, **hands
            )
            for case in cases
        )
        piece = {"row": "A1.1", "kind": "png", "size": 1, "added_at": worlds.NOW}
        piece |= {"added_by": self.officer}
        Attachment.objects.bulk_create(
            Attachment(declaration=case, name="同一文件.png", digest="d" * 64, **piece)
            for case in ([self.case] if not start else []) + cases
        )

    def office(self, start: int, cases: list[Declaration], people: list[User]) -> None:
        """Write stand-ins, ties and uploaded rosters of the county."""
        at = {"since": worlds.NOW, "until": worlds.NOW + SECOND, "appointed_at": worlds.NOW, "ended_at": worlds.NOW}
        StandIn.objects.bulk_create(
            StandIn(absent=self.officer, substitute=user, reason="出差", appointed_by=self.leader, **at)
            for user in people
        )
        far = Organisation.objects.filter(name="别处的商会").first()
        far = far or make_chamber(make_federation("420000"), name="别处的商会")
        tie = {"organisation": far, "name": far.name, "kind": "kinship", "relation": "spouse"}
        own = [self.officer.user] * min(len(people), MOST_TIES)  # nobody has thousands
        for declared_by, users in ((self.officer, own), (None, people)):
            Tie.objects.bulk_create(
                Tie(user=user, declared_by=declared_by, declared_at=worlds.NOW, **tie) for user in users
            )
        roster = {"organisation": self.county, "brought_by": self.leader, "brought_at": worlds.NOW}
        RosterImport.objects.bulk_create(RosterImport(name="名册.xlsx", **roster) for _ in people)

    def machine(self, start: int, cases: list[Declaration], people: list[User]) -> None:
        """Write jobs and trail entries."""
        Job.objects.bulk_create(
            Job(kind="x", label="任务", owner=self.officer.user, created_at=worlds.NOW) for _ in people
        )
        Entry.objects.bulk_create(
            Entry(
                event="signed_in",
                at=worlds.NOW,
                actor_label=user.name,
                target_kind="user",
                target_id=str(user.pk),
                target_label=user.name,
                path=self.county.path,
            )
            for user in people
        )
