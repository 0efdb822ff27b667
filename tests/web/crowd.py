"""A whole small house for the tests of access: cases in every state, people in every seat, every address filled in."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace

from django.conf import settings
from django.contrib.messages.storage import default_storage
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.client import ClientHandler
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from declarations.actions import delta, draft, review
from declarations.actions.batch import open_batch
from declarations.actions.expert_sheets import bring_expert_sheet
from declarations.actions.exporting import NATIONAL_SUMMARY
from declarations.actions.issuing import issue
from declarations.actions.programmes import begin_draft
from declarations.actions.publication import publish_list
from declarations.actions.review import Mend
from declarations.demo import stages
from declarations.demo.stages import World
from declarations.exports.papers.catalog import paper_named
from declarations.imports.programmes import read_programme
from declarations.models import (
    Agenda,
    Annex,
    AssignmentPlan,
    Attachment,
    Batch,
    CaseFinding,
    Consultation,
    CountSheet,
    CrossFinding,
    DecisionLetter,
    Declaration,
    ExpertReview,
    Extension,
    IntegrityCheck,
    Notice,
    PaperScan,
    Pending,
    PlannedPair,
    PoolSheet,
    ProgrammeDraft,
    Question,
    Recomputation,
    Recusal,
    Reply,
    SealedPaper,
    SpotDraw,
    Statement,
    StatementFile,
    Tie,
    TieKind,
    Upload,
    Visit,
    VisitMember,
    VisitPhoto,
    VisitReport,
)
from declarations.papers import kept_paper
from declarations.queries.dossier import dossier_of
from declarations.queries.draws import Framed, kept_frame
from declarations.queries.recusals import recused_in
from declarations.sampling import Unit, list_digest
from declarations.second_person import Paired
from declarations.states import CrossKind, DeclineReason, ReturnReason, State, VisitState
from scoring.models import Assessment, Layer
from sihao.accounts.middleware import SESSION_KEY
from sihao.accounts.models import Mail, Organisation, RosterImport, Seat, StandIn, User
from sihao.accounts.queries import person_with_seats
from sihao.accounts.roles import CHAMBER_ROLES, TIER_ROLES, Level, Role
from sihao.jobs import results
from sihao.jobs.actions import enqueue
from sihao.jobs.models import Job
from tests import made_up, worlds
from tests.factories import make_federation, make_seat

OTHER_PROVINCE, OTHER_CITY = "420000", "420100"
NAMES = {
    "draft": "草稿甲商会",
    "county": "县审乙商会",
    "returned": "退回丙商会",
    "round": "核对丑商会",
    "declined": "未荐寅商会",
    "unit": "省审丁商会",
    "shortlisted": "拟荐戊商会",
    "preliminary": "初审己商会",
    "flagged": "取消庚商会",
    "experts": "专家辛商会",
    "proposed": "拟认壬商会",
    "recognised": "认定癸商会",
    "neighbour": "邻县子商会",
}


@dataclass
class Crowd:
    """The world with its cases by the state they stand in."""

    world: World
    cases: dict[str, Declaration]
    sent_up: Batch
    open_list: Batch
    agenda: Agenda
    right: dict[tuple[Role, int], Seat] = field(default_factory=dict)

    def seat(self, role: Role, case: Declaration) -> Seat:
        """Return the seat of a role that stands right for a case; it is looked for once."""
        key = (role, case.pk)
        if key not in self.right:
            self.right[key] = self._seat(role, case)
        return self.right[key]

    def _seat(self, role: Role, case: Declaration) -> Seat:
        if role in CHAMBER_ROLES:
            return case.applicant.seats.get(role=role)
        if role in TIER_ROLES:
            return self.world.staff[self.tier_of(case).pk][role == Role.LEADER]
        return self.national(role)

    def national(self, role: Role) -> Seat:
        """Return the seat of a national role."""
        return next(seat for seat in self.world.seats.values() if seat.role == role)

    def tier_of(self, case: Declaration) -> Organisation:
        """Return the federation that holds a case; past it, the unit, before it, or declined there, the home."""
        holder = case.home if case.state == State.NOT_FORWARDED else case.holder
        if holder is None or holder.level == Level.NATIONAL:
            return case.unit
        return case.home if holder.is_chamber else holder

    def stranger(self, role: Role) -> Seat:
        """Return a seat of the role that has nothing to do with any case but its neighbour's."""
        if role in CHAMBER_ROLES:
            return self.cases["neighbour"].applicant.seats.get(role=role)
        if role in TIER_ROLES:
            return self.world.staff[make_federation(worlds.NEIGHBOUR).pk][role == Role.LEADER]
        return self.world.seats["expert-3"]

    def piece(self, key: str) -> Attachment:
        """Return a piece of evidence of a case."""
        return self.cases[key].attachments.order_by("pk").first()


def build() -> Crowd:
    """Bring cases to every state; one list is sent up and accepted, another is open."""
    world = worlds.make_world()
    for code in (OTHER_PROVINCE, OTHER_CITY):
        node = make_federation(code)
        world.staff[node.pk] = (make_seat(Role.OFFICER, node), make_seat(Role.LEADER, node))
    world.seats["expert-3"] = make_seat(Role.EXPERT, make_federation(worlds.NATION))
    cases = {key: worlds.make_draft(world, _home(key), name=name) for key, name in NAMES.items()}
    for key in cases.keys() - {"draft"}:
        cases[key] = _submit(world, cases[key])
    cases["returned"] = _give_back(world, cases["returned"])
    cases["round"] = _sent_down(world, cases["round"])
    cases["declined"] = _declined(world, cases["declined"])
    _send_up(world, cases)
    agenda = _decide(world, cases)
    print_falsely(open_batch(cycle=world.cycle, unit=make_federation(worlds.PROVINCE)))
    for case in cases.values():
        make_seat(Role.CHAMBER_FILLER, case.applicant)
    return Crowd(
        world,
        {key: stages.fresh(case) for key, case in cases.items()},
        sent_up=open_batch(cycle=world.cycle, unit=make_federation(worlds.PROVINCE)),
        open_list=open_batch(cycle=world.cycle, unit=make_federation(OTHER_PROVINCE)),
        agenda=agenda,
    )


def _home(key: str) -> str:
    return {
        "draft": worlds.COUNTY,
        "county": worlds.COUNTY,
        "returned": worlds.COUNTY,
        "round": worlds.COUNTY,
        "declined": worlds.COUNTY,
        "neighbour": worlds.NEIGHBOUR,
        "shortlisted": OTHER_CITY,
    }.get(key, worlds.PROVINCE)


def _submit(world: World, case: Declaration) -> Declaration:
    stages.draft.submit(case=case, actor=worlds.president_of(case.applicant), now=world.tick())
    return stages.fresh(case)


def _give_back(world: World, case: Declaration) -> Declaration:
    mend = Mend(item="A1.1", label="A1.1", reason=ReturnReason.UNCLEAR, text="请写明次数。")
    review.return_for_correction(case=case, items=[mend], actor=world.officer(case.home), now=world.tick())
    return stages.fresh(case)


def _sent_down(world: World, case: Declaration) -> Declaration:
    """Let the county send a case up and the city send it back down for a new opinion."""
    case = stages.review_as_holder(world, case)
    review.forward(case=case, actor=world.leader(case.home), now=world.tick())
    case = stages.fresh(case)
    actor = world.officer(case.holder)
    delta.send_down(case=case, to=case.home_id, rows=[], opinion=True, actor=actor, now=world.tick())
    return stages.fresh(case)


def _declined(world: World, case: Declaration) -> Declaration:
    """Let the county not recommend a case."""
    actor = world.leader(case.home)
    review.decline(case=case, code=DeclineReason.SCOPE, reason="登记不满两年。", actor=actor, now=world.tick())
    return stages.fresh(case)


def _send_up(world: World, cases: dict[str, Declaration]) -> None:
    """Let both provinces list their cases, and one send its list up."""
    cases["unit"] = stages.to_unit(world, cases["unit"])
    for key in ("shortlisted", "preliminary", "flagged", "experts", "proposed", "recognised"):
        cases[key] = stages.shortlist(world, stages.to_unit(world, cases[key]))
    province = make_federation(worlds.PROVINCE)
    stages.send_up(world, province)
    stages.accept(world, province)
    stages.flag(world, stages.fresh(cases["flagged"]), reason="会员名册与年检公告不符。")


def _decide(world: World, cases: dict[str, Declaration]) -> Agenda:
    """Let one case be recognised, then another be proposed, and leave a third before the experts."""
    for key in ("experts", "proposed", "recognised"):
        cases[key] = stages.assign(world, stages.pass_preliminary(world, stages.fresh(cases[key])))
    cases["recognised"] = stages.sign(world, stages.score(world, cases["recognised"]))
    stages.decide(world)
    publish_list(cycle=world.cycle, actor=world.seats["head"], now=world.tick())
    cases["proposed"] = stages.sign(world, stages.score(world, cases["proposed"]))
    return Agenda.objects.get()


# ---- addresses


def addresses(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield every address of the site by its full name."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from addresses(entry, inner)
        else:
            yield f"{namespace}{entry.name}", entry


def code_of_paper(house: Crowd) -> str:
    """Let the self-assessment of a recognised case be taken out, with every layer's marks; return its check code."""
    case, seat = house.cases["recognised"], house.national(Role.DEPARTMENT_HEAD)
    one = paper_named(seat, dossier_of(case), "self-assessment")
    made = issue(
        paper=one.make(),
        kind=one.kind,
        of=case,
        version=one.version,
        is_draft=one.is_draft,
        actor=seat,
        now=worlds.NOW,
    )
    return made.standing.check.replace("-", "")


def view_of(pattern: URLPattern) -> object:
    """Return the class or the function that answers."""
    return getattr(pattern.callback, "view_class", pattern.callback)


# ---- people at the door


class KnownPerson(ClientHandler):
    """Hands every request the person as read once, for whatever a request did to the row was undone."""

    def __init__(self, user: User) -> None:
        super().__init__(enforce_csrf_checks=False)
        self.user = person_with_seats(user.pk)

    def get_response(self, request: HttpRequest) -> HttpResponse:
        """Answer as if the person had been read with the session."""
        request._cached_user = self.as_read()
        return super().get_response(request)

    def as_read(self) -> User:
        """Return the person with the seats, of which a request may do what it likes to."""
        person = copy(self.user)
        person.held_seats = [copy(seat) for seat in self.user.held_seats]
        return person


class Visitor:
    """One person's browser: it keeps the seat and forgets everything else between two requests."""

    def __init__(self, seat: Seat | None) -> None:
        self.client, self.seat = Client(raise_request_exception=False), seat
        if seat is not None:
            self.client.force_login(seat.user)
            session = self.client.session
            session[SESSION_KEY] = seat.pk
            session.save()
            self.client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
            self.client.handler = KnownPerson(seat.user)
        self.kept = {name: morsel.value for name, morsel in self.client.cookies.items()}

    def ask(self, method: str, url: str, data: Mapping[str, object] | None = None) -> object:
        """Send one request."""
        self.client.cookies.clear()
        for name, value in self.kept.items():
            self.client.cookies[name] = value
        answer = getattr(self.client, method)(url, data or {})
        return read(answer)

    def knock(self, method: str, url: str, data: Mapping[str, object]) -> HttpResponse:
        """Ask the view itself, past the middleware: whether it lets the seat in is all that is wanted."""
        request = getattr(RequestFactory(), method)(url, data)
        request._dont_enforce_csrf_checks = True
        request.resolver_match = match = resolve(request.path_info)
        request.user = self.client.handler.as_read()
        request.seats = request.user.held_seats
        request.seat = next(seat for seat in request.seats if seat.pk == self.seat.pk)
        request.session = SessionStore()
        request.session[SESSION_KEY] = self.seat.pk
        request._messages = default_storage(request)
        try:
            answer = match.func(request, *match.args, **match.kwargs)
        except (PermissionDenied, Http404) as refusal:
            answer = HttpResponse(str(refusal), status=403 if isinstance(refusal, PermissionDenied) else 404)
        answer = read(answer.render() if hasattr(answer, "render") else answer)
        for close in answer._resource_closers:  # not ``close``, which would take the database away as well
            close()
        return answer


def read(answer: HttpResponse) -> HttpResponse:
    """Return the answer with all it sent in ``body``."""
    answer.body = b"".join(answer) if answer.streaming else answer.content
    return answer


def bound(seat: Seat) -> bool:
    """Return whether recusal concerns the seat: a chamber's own people have nothing to step back from."""
    return seat.role not in CHAMBER_ROLES


def tied_to_all(house: Crowd, seat: Seat) -> Seat:
    """Return a seat like this one whose person is tied to every chamber, with messages on every case and more.

    Of the two experts the second is taken, who has sheets; a chamber's seat is returned as it is.
    """
    if not bound(seat):
        return seat
    second = seat.role == Role.EXPERT
    tied = house.world.seats["expert-2"] if second else make_seat(Role(seat.role), seat.organisation)
    facts = {"kind": TieKind.POST, "post": "顾问", "declared_at": worlds.NOW}
    Tie.objects.bulk_create(
        Tie(user=tied.user, organisation=case.applicant, name=case.applicant_name, **facts)
        for case in house.cases.values()
    )
    Notice.objects.bulk_create(
        Notice(seat=tied, declaration=case, key=f"told-{key}", title=f"{case}请办理", sent_at=worlds.NOW)
        for key, case in house.cases.items()
    )
    case, preparer = house.cases["county"], colleague_of(seat)
    facts = {"title": f"报上级审核：{case}", "prepared_by": preparer, "preparer": preparer.user}
    facts |= {"cycle": case.cycle, "declaration": case, "prepared_at": worlds.NOW}
    key = {"act": Paired.FORWARD, "organisation": seat.organisation, "subject_id": seat.organisation_id}
    Pending.objects.get_or_create(**key, defaults=facts)
    extension_of(house)
    return tied


def notice_for(seat: Seat) -> Notice:
    """Return a message of the seat."""
    found = {"title": "示例消息", "sent_at": worlds.NOW}
    return Notice.objects.get_or_create(seat=seat, key="crowd", defaults=found)[0]


def mail_of(house: Crowd) -> Mail:
    """Return a mail that did not leave."""
    person = house.world.seats["department"]
    found = {
        "kind": "digest", "recipient": person.user, "address": "one@example.org", "path": person.organisation.path,
        "title": "示例邮件", "state": "failed", "created_at": worlds.NOW,
    }
    return Mail.objects.get_or_create(key="crowd", defaults=found)[0]


def letter_of(house: Crowd) -> DecisionLetter:
    """Return the letter of the national node on the recognised case."""
    return DecisionLetter.objects.filter(declaration=house.cases["recognised"]).order_by("pk").first()


def recomputation_of(house: Crowd) -> Recomputation:
    """Return a trial of corrected parameters that was let go."""
    key = {"cycle": house.world.cycle, "number": 1}
    head = house.national(Role.DEPARTMENT_HEAD)
    found = {"cause": "parameter", "state": "dropped", "reason": "示例", "ordered_by": head}
    times = {"ordered_at": worlds.NOW, "ended_at": worlds.NOW}
    return Recomputation.objects.get_or_create(**key, defaults=found | times)[0]


def extension_of(house: Crowd) -> Extension:
    """Return an extension for the chamber of the draft."""
    case, head = house.cases["draft"], house.national(Role.DEPARTMENT_HEAD)
    until = case.cycle.submission_closes + timedelta(days=1)
    found = {"until": until, "reason": "示例", "proposed_by": head, "confirmed_by": head, "granted_at": worlds.NOW}
    key = {"cycle": case.cycle, "organisation": case.applicant, "deadline": "submission"}
    return Extension.objects.get_or_create(**key, defaults=found)[0]


def roster_for(seat: Seat) -> RosterImport:
    """Return a roster that was uploaded at the seat's organisation."""
    found = {"name": "名册.xlsx", "digest": "", "brought_by": seat, "brought_at": worlds.NOW}
    return RosterImport.objects.get_or_create(organisation=seat.organisation, defaults=found)[0]


def job_for(seat: Seat, state: str = "queued") -> Job:
    """Return a job of the person; a done one has a file."""
    cycle = worlds_cycle()
    told = {"cycle": cycle, "seat": seat.pk, "without": recused_in(seat, cycle)}
    job = enqueue(NATIONAL_SUMMARY, owner=seat.user, at=worlds.NOW, key=f"{seat.pk}-{state}", **told)
    if state == "done":
        sheet = results.scratch(str(job.number)) / "sheet.xlsx"
        sheet.write_bytes(b"PK")
        ended = {"state": state, "finished_at": worlds.NOW, "result_name": sheet.name}
        Job.objects.filter(pk=job.pk).update(**ended, result_file=results.keep(job.number, sheet))
    return job


def file_to_come() -> dict[str, object]:
    """Return what a script says before it sends a file."""
    return {"token": str(uuid.uuid4()), "row": "A1.2", "name": "会议纪要.png", "size": 9}


def upload_for(house: Crowd, seat: Seat) -> Upload:
    """Return a file of the person on its way into the draft."""
    found = {"token": uuid.uuid4(), "row": "A1.2", "name": "会议纪要.png", "size": 9, "started_at": worlds.NOW}
    return Upload.objects.create(
        declaration=house.cases["draft"], started_by=seat, touched_at=worlds.NOW, **found
    )


def check_of(house: Crowd) -> int:
    """Return a check that found something in the county's case."""
    first = {"kind": "申报", "key": "1", "words": "示例", "case": house.cases["county"].pk}
    results = [{"number": 1, "count": 1, "examples": [first], "error": ""}]
    facts = {"begun_at": worlds.NOW, "ended_at": worlds.NOW, "results": results, "failing": 1}
    return IntegrityCheck.objects.get_or_create(cause="nightly", defaults=facts)[0].pk


def scan_up(house: Crowd) -> int:
    """Return a scan of the list that was sent up."""
    return PaperScan.objects.filter(paper__version__batch=house.sent_up).values_list("pk", flat=True).first()


def print_falsely(batch: Batch) -> None:
    """Keep files that are no real prints of a list's papers: making those takes seconds."""
    for paper in SealedPaper.objects.filter(version__batch=batch):
        kept_paper(paper.stored, lambda: b"%PDF-1.7").close()


def standard_draft(house: Crowd) -> int:
    """Return a draft of a small standard that the department brought."""
    found = ProgrammeDraft.objects.order_by("pk").values_list("pk", flat=True).first()
    if found is not None:
        return found
    content = read_programme(BytesIO(made_up.workbook()), "标准.xlsx").content
    officer = house.world.seats["department"]
    return begin_draft(content=content, source="示例", actor=officer, now=worlds.NOW).pk


def worlds_cycle() -> int:
    """Return the key of the one cycle."""
    return Declaration.objects.values_list("cycle_id", flat=True).first()


def colleague_of(seat: Seat) -> Seat:
    """Return somebody else's seat at the same organisation, of a role that the leading seat there answers for."""
    organisation = seat.organisation
    answered = {Role.SECURITY_ADMIN: Role.SYSTEM_ADMIN}.get(seat.role)
    role = answered or (Role.CHAMBER_FILLER if organisation.is_chamber else None)
    role = role or (Role.DEPARTMENT_OFFICER if organisation.level == 0 else Role.OFFICER)
    found = organisation.seats.filter(role=role).exclude(user=seat.user).first()
    return found or make_seat(role, organisation)


NOBODY = SimpleNamespace(pk=10**9, number=uuid.UUID(int=0))


def pending_for(seat: Seat) -> Pending:
    """Return an act that a colleague of the seat prepared."""
    preparer = colleague_of(seat)
    return Pending.objects.get_or_create(
        act=Paired.ADOPT_QUOTAS,
        cycle_id=worlds_cycle(),
        organisation=seat.organisation,
        subject_id=seat.pk,
        title="采用推荐名额分配",
        defaults={"prepared_by": preparer, "preparer": preparer.user, "prepared_at": worlds.NOW},
    )[0]


def count_sheet_for(seat: Seat) -> CountSheet:
    """Return a sheet of counts that waits at the seat's office."""
    return CountSheet.objects.get_or_create(
        cycle_id=worlds_cycle(),
        owner=seat.organisation,
        name="商会统计.xlsx",
        defaults={"digest": "0" * 64, "brought_by": seat, "brought_at": worlds.NOW, "numbers": {}},
    )[0]


def unit_below(seat: Seat) -> int:
    """Return a federation directly beneath the seat's office, or no such thing."""
    found = seat.organisation.children.filter(kind="federation").order_by("code").first()
    return found.pk if found is not None else NOBODY.pk


def stand_in_for(seat: Seat) -> int:
    """Return an appointment to stand in for a colleague of the seat, which has not begun."""
    absent = colleague_of(seat)
    found = {"substitute": seat.user, "since": worlds.NOW, "until": worlds.NEXT, "reason": "病假"}
    found |= {"appointed_by": seat, "appointed_at": worlds.NOW}
    return StandIn.objects.get_or_create(absent=absent, defaults=found)[0].pk


def tie_of(seat: Seat) -> int:
    """Return a post that the person declared, in a body that declares nothing."""
    found = {"name": "别处商会", "kind": TieKind.POST, "post": "顾问", "declared_by": seat, "declared_at": worlds.NOW}
    return Tie.objects.get_or_create(user=seat.user, organisation=None, defaults=found)[0].pk


def recusal(house: Crowd) -> int:
    """Return a recusal from the county's case, of somebody who asks nothing."""
    officer = house.world.staff[make_federation(OTHER_CITY).pk][0]
    found = {"reason": "同学", "declared_by": officer, "declared_at": worlds.NOW}
    return Recusal.objects.get_or_create(declaration=house.cases["county"], user=officer.user, defaults=found)[0].pk


def question(house: Crowd) -> int:
    """Return a question of the county to its chamber, answered with an annex."""
    case, at = house.cases["county"], worlds.NOW
    found = case.questions.first()
    if found is None:
        asker, president = house.world.officer(case.home), worlds.president_of(case.applicant)
        whom = {"organisation": case.home, "addressee": case.applicant, "asked_by": asker, "asked_at": at}
        found = Question.objects.create(declaration=case, text="在哪一页？", due_at=at + timedelta(days=1), **whom)
        reply = Reply.objects.create(question=found, text="第三页。", replied_by=president, replied_at=at)
        piece = house.piece("county")
        file = {name: getattr(piece, name) for name in ("name", "kind", "size", "digest", "stored")}
        Annex.objects.create(reply=reply, **file)
    return found.pk


def annex(house: Crowd) -> int:
    """Return the annex of that answer."""
    return Annex.objects.get(reply__question=question(house)).pk


def draw_of(house: Crowd) -> SpotDraw:
    """Return a draw of the case in the preliminary review."""
    case, head = house.cases["preliminary"], house.national(Role.DEPARTMENT_HEAD)
    frame = [Framed(case.pk, Unit(case.number, "中部", "省级", "行业商会"))]
    found = {"seed": "种子", "source": "示例", "cases": 1, "announced_by": head, "announced_at": worlds.NOW}
    found |= {"frame": kept_frame(frame), "frame_digest": list_digest(one.unit for one in frame)}
    found |= {"drawn_by": head, "drawn_at": worlds.NOW}
    return SpotDraw.objects.get_or_create(cycle=case.cycle, number=1, defaults=found)[0]


def visit_of(house: Crowd, seat: Seat) -> Visit:
    """Return the visit of that case, which waits for its record; a tier's seat is of its team."""
    facts = {"draw": draw_of(house), "region": "中部", "level": "省级", "chamber_type": "行业商会", "random": "0"}
    facts |= {"place": 1, "state": VisitState.ASSIGNED}
    visit = Visit.objects.get_or_create(declaration=house.cases["preliminary"], defaults=facts)[0]
    if seat.role in TIER_ROLES:
        VisitMember.objects.get_or_create(visit=visit, person=seat.user, defaults={"seat": seat})
    return visit


def photo_of(house: Crowd, seat: Seat) -> VisitPhoto:
    """Return a photograph of that visit."""
    piece, visit = house.piece("county"), visit_of(house, seat)
    file = {name: getattr(piece, name) for name in ("name", "kind", "size", "stored")}
    key = {"visit": visit, "digest": piece.digest}
    return VisitPhoto.objects.get_or_create(**key, defaults=file | {"added_by": seat, "added_at": worlds.NOW})[0]


def photo_upload_of(house: Crowd, seat: Seat) -> uuid.UUID:
    """Return the token of a photograph of the person on its way into that visit."""
    visit = visit_of(house, seat)
    found = {"row": "photos", "name": "走访.jpg", "size": 9, "started_at": worlds.NOW, "touched_at": worlds.NOW}
    token = uuid.uuid4()
    Upload.objects.create(declaration=visit.declaration, visit=visit, token=token, started_by=seat, **found)
    return token


def report_of(house: Crowd, seat: Seat) -> VisitReport:
    """Return a report that tells of that visit, as it was saved."""
    cycle, text = visit_of(house, seat).declaration.cycle, f"走访{house.cases['preliminary']}。"
    written = {"text": text, "basis": "", "written_by": seat, "written_at": worlds.NOW}
    return VisitReport.objects.get_or_create(cycle=cycle, defaults=written)[0]


def statement_file(house: Crowd) -> int:
    """Return a file that the department brought with words on the proposal to disqualify."""
    thread = Consultation.objects.get(declaration=house.cases["flagged"])
    found = {"of_unit": False, "by": thread.opened_by, "at": worlds.NOW}
    said, _ = Statement.objects.get_or_create(consultation=thread, text="请核对所附名册。", defaults=found)
    piece = house.piece("flagged")
    file = {name: getattr(piece, name) for name in ("name", "kind", "size", "digest", "stored")}
    return StatementFile.objects.get_or_create(statement=said, defaults=file)[0].pk


def finding_of(house: Crowd) -> CrossFinding:
    """Return a finding that two cases of the preliminary review have in common."""
    cases = [house.cases[key] for key in ("preliminary", "flagged")]
    facts = {"title": "示例佐证.png", "found_at": worlds.NOW}
    key = {"cycle": cases[0].cycle, "kind": CrossKind.FILE, "key": "crowd"}
    found, _ = CrossFinding.objects.get_or_create(**key, defaults=facts)
    for case in cases:
        told = {"cross": found, "sentence": "另有1件申报使用同一文件。", "found_at": worlds.NOW}
        CaseFinding.objects.get_or_create(declaration=case, key=f"cross-{found.pk}", defaults=told)
    return found


def piece_of(key: str) -> Callable[[Crowd], int]:
    """Return what finds a piece of evidence of a case."""
    return lambda house: house.piece(key).pk


def filled_sheet(house: Crowd) -> int:
    """Return a workbook that was brought to the draft and waits to be confirmed."""
    case = house.cases["draft"]
    found = case.filled_sheets.first()
    if found is None:
        brought = draft.Brought("附件5.xlsx", {}, {}, {"A1.1": {"words": "离线填写"}})
        found = draft.bring_sheet(
            case=case, brought=brought, actor=worlds.president_of(case.applicant), now=case.started_at
        )
    return found.pk


def expert_review(house: Crowd) -> int:
    """Return the first sheet of the case before the experts."""
    return house.cases["experts"].expert_reviews.order_by("pk").values_list("pk", flat=True).first()


def expert_workbook(house: Crowd) -> int:
    """Return a workbook that the expert brought to the own sheet and that waits to be confirmed."""
    expert = house.national(Role.EXPERT)
    review = house.cases["experts"].expert_reviews.get(expert=expert)
    found = review.filled_sheets.first()
    if found is None:
        brought = draft.Brought("专家评分表.xlsx", {}, {}, {"A1.1": {"points": "5"}})
        found = bring_expert_sheet(review=review, brought=brought, actor=expert, now=worlds.NOW)
    return found.pk


def offer_for(house: Crowd, seat: Seat) -> int:
    """Return an offer to the group head, who reads nothing else; no such thing for anybody else."""
    if seat.role != Role.GROUP_HEAD:
        return NOBODY.pk
    case = house.cases["experts"]
    layer = Assessment.objects.get_or_create(ledger=case.ledger, layer=Layer.EXPERT, assessor=seat, version=1)[0]
    found = {"assessment": layer, "assigned_at": worlds.NOW}
    return ExpertReview.objects.get_or_create(declaration=case, expert=seat, defaults=found)[0].pk


def pool_sheet_of(house: Crowd) -> int:
    """Return a sheet of experts that waits to be confirmed."""
    found = {"digest": "0" * 64, "brought_by": house.world.seats["head"], "brought_at": worlds.NOW}
    return PoolSheet.objects.get_or_create(cycle=house.world.cycle, name="评审专家.xlsx", defaults=found)[0].pk


def assignment_of(house: Crowd) -> int:
    """Return an assignment of the case before the experts that was proposed."""
    case, at = house.cases["experts"], worlds.NOW
    found = {"seed": "示例", "readers": 3, "spread": 1, "begins": at.date(), "ends": at.date(), "state": "proposed"}
    found |= {"proposed_by": house.world.seats["department"], "proposed_at": at, "cases": 1}
    plan, new = AssignmentPlan.objects.get_or_create(cycle=house.world.cycle, number=1, defaults=found)
    if new:
        PlannedPair.objects.create(plan=plan, declaration=case, expert=house.world.seats["expert-3"], matched=True)
    return plan.pk
