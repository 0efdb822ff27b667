"""The access matrix: every address of the site with the roles that may open it, asked one by one.

Open is 200, 302 to anywhere but the sign-in page, or 405; closed is 403 or 404. Anonymous visitors are sent to sign in
wherever an address is not public. A seat of the same role that has nothing to do with the case finds nothing there,
and who must step back from every case finds nothing of any of them anywhere: page, file, counter, message, trail.
"""

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pytest
from django.db import transaction
from django.http import Http404
from django.test import override_settings
from django.urls import URLResolver, path, reverse
from django.urls.resolvers import RegexPattern

from declarations.exports.summary_list import summary_of_cycle
from declarations.models import Declaration
from declarations.views.base import CaseView
from sihao import urls
from sihao.accounts.models import Seat
from sihao.accounts.roles import CHAMBER_ROLES, DEPARTMENT_ROLES, TIER_ROLES, Role
from tests import worlds
from tests.factories import make_federation
from tests.kept import kept
from tests.web import aftermath, campaigns, crowd, leaks, sparing
from tests.web.crowd import NOBODY, Crowd, Visitor, addresses, view_of

pytestmark = pytest.mark.django_db

R = Role
ALL = frozenset(Role)
CHAMBER, TIER, DEPARTMENT = CHAMBER_ROLES, TIER_ROLES, DEPARTMENT_ROLES
EXPERTS = frozenset({R.EXPERT, R.GROUP_HEAD})
NATION = DEPARTMENT | {R.SUPERVISION}
OFFICES = TIER | NATION
WORKING = CHAMBER | OFFICES | {R.EXPERT, R.GROUP_HEAD, R.MEETING_SECRETARY}
MEETING = NATION | {R.MEETING_SECRETARY}
FEDERATION = TIER | DEPARTMENT
GRANTING = frozenset({R.CHAMBER_PRESIDENT, R.LEADER, R.DEPARTMENT_HEAD, R.SECURITY_ADMIN})
LEADING = frozenset({R.LEADER, R.DEPARTMENT_HEAD})
APPOINTING = LEADING | {R.SECURITY_ADMIN}
STRANGERS = CHAMBER | TIER | {R.EXPERT}
PUBLIC = None
"""Open to everybody, seat or not."""


@dataclass(frozen=True)
class Row:
    """One address: who may open it, on which case, with which further argument; ``posts`` where it takes POST alone."""

    roles: frozenset[Role] | None
    case: str = ""
    more: tuple[tuple[str, object], ...] = ()
    arguments: Callable[[Crowd, Seat], dict[str, object]] | None = None
    posts: bool = False
    sent: Callable[[Crowd, Seat], dict[str, object]] | None = None


def step(name: str, case: str, roles: Iterable[Role]) -> Row:
    return Row(frozenset(roles), case, (("name", name),))


def own(**which: Callable[[Crowd, Seat], object]) -> Callable[[Crowd, Seat], dict[str, object]]:
    return lambda house, seat: {name: find(house, seat) for name, find in which.items()}


def post(roles: Iterable[Role], case: str = "", **words: object) -> Row:
    return Row(frozenset(roles), case, posts=True, **words)


LIST_UP = own(pk=lambda house, seat: house.sent_up.pk)
LIST_OPEN = own(pk=lambda house, seat: house.open_list.pk)
PAPER_UP = own(pk=lambda house, seat: house.sent_up.pk, kind=lambda house, seat: "report")
SCAN_UP = own(pk=lambda house, seat: house.sent_up.pk, scan=lambda house, seat: crowd.scan_up(house))
RECEIPT_UP = own(pk=lambda house, seat: house.sent_up.pk, serial=lambda house, seat: 1)
AGENDA = own(pk=lambda house, seat: house.agenda.pk)
NOTICE = own(pk=lambda house, seat: crowd.notice_for(seat).pk)
COUNT_SHEET = own(pk=lambda house, seat: crowd.count_sheet_for(seat).pk)
UNIT_BELOW = own(unit=lambda house, seat: crowd.unit_below(seat))
PENDING = own(pk=lambda house, seat: crowd.pending_for(seat).pk)
STAND_IN = own(pk=lambda house, seat: crowd.stand_in_for(seat))
OWN_TIE = own(pk=lambda house, seat: crowd.tie_of(seat))
OFFICE_TIE = own(pk=lambda house, seat: crowd.tie_of(crowd.colleague_of(seat)))
OWN_BODY = own(pk=lambda house, seat: seat.organisation_id)
COLLEAGUE = own(pk=lambda house, seat: crowd.colleague_of(seat).pk)
PERSON = own(pk=lambda house, seat: crowd.colleague_of(seat).user_id)
READER = own(expert=lambda house, seat: house.world.seats["expert"].pk)
RECOMPUTED = own(pk=lambda house, seat: crowd.recomputation_of(house).pk)
MAIL = own(pk=lambda house, seat: crowd.mail_of(house).pk)
LETTER = own(pk=lambda house, seat: crowd.letter_of(house).pk)
EXTENSION = own(pk=lambda house, seat: crowd.extension_of(house).pk)
ROSTER = own(pk=lambda house, seat: crowd.roster_for(seat).pk)
JOB = own(number=lambda house, seat: crowd.job_for(seat).number)
DONE_JOB = own(number=lambda house, seat: crowd.job_for(seat, "done").number)
FINDING = own(pk=lambda house, seat: crowd.finding_of(house).pk)
STANDARD = own(slug=lambda house, seat: "sihao-2019-2020")
CERTIFICATE = own(number=lambda house, seat: "SH2020-0001")
UPLOAD = own(token=lambda house, seat: crowd.upload_for(house, seat).token)
CYCLE_KEY = own(pk=lambda house, seat: house.world.cycle.pk)
CYCLE = own(slug=lambda house, seat: house.world.cycle.slug)
EXPERT_SEAT = own(pk=lambda house, seat: house.world.seats["expert"].pk)
POOL_SHEET = own(pk=lambda house, seat: crowd.pool_sheet_of(house))
ASSIGNMENT = own(pk=lambda house, seat: crowd.assignment_of(house))
OFFER = own(pk=crowd.offer_for)
CHECK = own(pk=lambda house, seat: crowd.check_of(house))
DRAW = own(pk=lambda house, seat: crowd.draw_of(house).pk)
VISIT = own(pk=lambda house, seat: crowd.visit_of(house, seat).pk)
VISIT_PHOTO = own(
    pk=lambda house, seat: crowd.visit_of(house, seat).pk, photo=lambda house, seat: crowd.photo_of(house, seat).pk
)
PHOTO_UPLOAD = own(pk=lambda house, seat: crowd.visit_of(house, seat).pk, token=crowd.photo_upload_of)


def reported(house: Crowd, seat: Seat) -> dict[str, object]:
    """Let there be a visit and a report on it."""
    crowd.report_of(house, seat)
    return {}


REPORTED = reported
LINK = own(uidb64=lambda house, seat: "MQ", token=lambda house, seat: "c0ffee-0")

OBJECTION = own(pk=aftermath.objection_for)
OBJECTION_FILE = own(
    piece=lambda house, seat: aftermath.piece_of(house), pk=aftermath.objection_for
)
TIP = own(pk=lambda house, seat: aftermath.tip_of(house))
TITLE = own(pk=lambda house, seat: aftermath.title_of(house))
TITLE_ACT = own(pk=lambda house, seat: aftermath.title_of(house), act=lambda house, seat: "plaque")
STORY = own(number=lambda house, seat: aftermath.story_of(house)["number"])
PICTURE = own(**{one: lambda house, seat, one=one: aftermath.story_of(house)[one] for one in ("number", "digest")})
ISSUED = own(code=lambda house, seat: crowd.code_of_paper(house))
SHELVED_LIST = own(slug=lambda house, seat: "circular")
SHELVED_NOTICE = own(slug=lambda house, seat: f"notice-{aftermath.entry_of(house).notice_id}")
SHELVED_REPORT = own(slug=lambda house, seat: "visits" if crowd.report_of(house, seat) else "")
SHELVED_PACK = own(slug=lambda house, seat: f"feedback-{aftermath.pack_of(house)}")
SHELVED_VISIT = own(slug=lambda house, seat: f"visit-{crowd.visit_of(house, seat).pk}")
SHELVED = (SHELVED_LIST, SHELVED_NOTICE, SHELVED_REPORT, SHELVED_PACK, SHELVED_VISIT)
PACK = own(unit=lambda house, seat: aftermath.pack_of(house))

STANDARD_DRAFT = own(pk=lambda house, seat: crowd.standard_draft(house))
STANDARD_SECTION = own(pk=lambda house, seat: crowd.standard_draft(house), index=lambda house, seat: 0)
STANDARD_PART = own(pk=lambda house, seat: crowd.standard_draft(house), part=lambda house, seat: "gates")
STANDARD_ROW = own(
    pk=lambda house, seat: crowd.standard_draft(house), part=lambda house, seat: "gates", index=lambda house, seat: 0
)
STANDARD_VERSION = own(pk=lambda house, seat: house.world.cycle.programme_id)
OWN_CYCLE = own(pk=lambda house, seat: campaigns.cycle_of(house).pk)
OWN_PAPER = own(pk=lambda house, seat: campaigns.circular_of(house).pk, slug=lambda house, seat: "circular")
OWN_PAPER_FILE = own(
    pk=lambda house, seat: campaigns.circular_of(house).pk,
    slug=lambda house, seat: "circular",
    ending=lambda house, seat: "xlsx",
)


def own_office(**further: Callable[[Crowd], object]) -> Callable[[Crowd, Seat], dict[str, object]]:
    """Return the arguments of an address of one federation in a city's own cycle."""
    return lambda house, seat: {
        "pk": campaigns.cycle_of(house).pk,
        "office": campaigns.office(house).pk,
        **{name: find(house) for name, find in further.items()},
    }


# The seats of a tier that ask here are the province's: it reads everything, and writes but its answer.
OFFICE = own_office()
RECORD = own_office(record=lambda house: campaigns.record_of(house).pk)
INSPECTED = own_office(finding=lambda house: campaigns.finding_of(house).pk)
PAPER = own_office(paper=lambda house: campaigns.paper_of(house).pk)
SENT_UP = own(pk=lambda house, seat: campaigns.sent_up_of(house).pk)

MATRIX: dict[str, tuple[Row, ...]] = {
    "public:home": (Row(PUBLIC),),
    "public:notice": (Row(PUBLIC),),
    "public:standards": (Row(PUBLIC),),
    "public:standard": (Row(PUBLIC, arguments=STANDARD),),
    "public:check_paper": (Row(PUBLIC),),
    "public:paper": (Row(PUBLIC, arguments=ISSUED),),
    "public:recognised": (Row(PUBLIC),),
    "public:certificate": (Row(PUBLIC, arguments=CERTIFICATE),),
    "public:check": (Row(PUBLIC),),
    "public:quotas": (Row(PUBLIC),),
    "public:quotas_sheet": (Row(PUBLIC),),
    "public:quotas_paper": (Row(PUBLIC),),
    "public:spot_draws": (Row(PUBLIC),),
    "public:published_list": (Row(PUBLIC, arguments=CYCLE),),
    "public:trail_heads": (Row(PUBLIC),),
    "public:trail_heads_text": (Row(PUBLIC),),
    "public:announcement": (Row(PUBLIC),),
    "public:objection": (Row(PUBLIC),),
    "public:objection_check": (Row(PUBLIC),),
    "public:stories": (Row(PUBLIC),),
    "public:story": (Row(PUBLIC, arguments=STORY),),
    "public:story_picture": (Row(PUBLIC, arguments=PICTURE),),
    "public:help": (Row(PUBLIC),),
    "public:accessibility": (Row(PUBLIC),),
    "accounts:sign_in": (Row(PUBLIC),),
    "accounts:sign_out": (Row(PUBLIC, posts=True),),
    "accounts:activate": (Row(PUBLIC, arguments=LINK),),
    "accounts:account": (Row(ALL),),
    "accounts:change_password": (Row(ALL),),
    "accounts:switch_seat": (post(ALL, sent=own(seat=lambda house, seat: seat.pk)),),
    "accounts:seats": (Row(ALL),),
    "accounts:end_seat": (Row(GRANTING, arguments=COLLEAGUE),),
    "accounts:contact": (Row(ALL),),
    "accounts:activate_by_code": (Row(PUBLIC),),
    "accounts:people": (Row(FEDERATION | {R.CHAMBER_PRESIDENT, R.SECURITY_ADMIN}),),
    "accounts:links": (Row(GRANTING),),
    "accounts:contact_of": (Row(GRANTING, arguments=PERSON),),
    "accounts:rosters": (Row(FEDERATION),),
    "accounts:roster_template": (Row(FEDERATION),),
    "accounts:roster_preview": (Row(FEDERATION, arguments=ROSTER),),
    "accounts:discard_roster": (post(FEDERATION, arguments=ROSTER),),
    "accounts:organisations": (Row(FEDERATION),),
    "accounts:roster": (Row(GRANTING, arguments=OWN_BODY),),
    "accounts:enrol": (Row(GRANTING, arguments=OWN_BODY),),
    "accounts:grant": (Row(GRANTING, arguments=OWN_BODY),),
    "accounts:add_chamber": (Row(FEDERATION, arguments=OWN_BODY),),
    "accounts:activation": (Row(GRANTING, arguments=PERSON),),
    "accounts:reset_password": (post(GRANTING, arguments=PERSON),),
    "accounts:close_account": (post(GRANTING, arguments=PERSON),),
    "accounts:stand_in_offices": (Row(APPOINTING),),
    "accounts:stand_ins": (Row(APPOINTING, arguments=OWN_BODY),),
    "accounts:end_stand_in": (Row(APPOINTING, arguments=STAND_IN),),
    "accounts:trail": (Row(frozenset({R.AUDIT_ADMIN, R.SUPERVISION})),),
    "jobs:list": (Row(ALL),),
    "jobs:detail": (Row(ALL, arguments=JOB),),
    "jobs:status": (Row(ALL, arguments=JOB),),
    "jobs:cancel": (post(ALL, arguments=JOB),),
    "jobs:resume": (post(ALL, arguments=JOB),),
    "jobs:download": (Row(NATION, arguments=DONE_JOB),),
    "declarations:worklist": (Row(ALL),),
    "declarations:start": (post(CHAMBER),),
    "declarations:cases": (Row(WORKING),),
    "declarations:case": (
        Row(CHAMBER, "draft"),
        Row(CHAMBER | OFFICES, "county"),
        Row(CHAMBER | OFFICES | {R.EXPERT, R.GROUP_HEAD}, "experts"),
        Row(WORKING, "recognised"),
    ),
    "declarations:step": (
        step("submit", "draft", {R.CHAMBER_PRESIDENT}),
        step("withdraw", "county", {R.CHAMBER_PRESIDENT}),
        step("resubmit", "returned", {R.CHAMBER_PRESIDENT}),
        step("forward", "county", TIER),
        step("confirm_delta", "round", TIER),
        step("ask_second_look", "declined", {R.CHAMBER_PRESIDENT}),
        step("reconsider", "declined", TIER),
        step("uphold_decline", "declined", TIER),
        step("take_over", "county", ()),
        step("decline", "county", TIER),
        step("decline", "unit", {R.LEADER}),
        step("shortlist", "unit", {R.LEADER}),
        step("reserve", "unit", {R.LEADER}),
        step("unshortlist", "shortlisted", {R.LEADER}),
        step("promote", "shortlisted", {R.LEADER}),
        step("demote", "shortlisted", {R.LEADER}),
        step("pass_preliminary", "preliminary", DEPARTMENT),
        step("close_clarification", "preliminary", DEPARTMENT),
        step("propose_disqualification", "preliminary", ()),
        step("ask_withdrawal", "preliminary", {R.CHAMBER_PRESIDENT}),
        step("agree_withdrawal", "preliminary", {R.LEADER}),
        step("oppose_withdrawal", "preliminary", {R.LEADER}),
        step("refuse_withdrawal", "preliminary", DEPARTMENT),
        step("accept_withdrawal", "preliminary", {R.DEPARTMENT_HEAD}),
        step("disqualify", "flagged", {R.DEPARTMENT_HEAD}),
        step("drop_flag", "flagged", {R.DEPARTMENT_HEAD}),
        step("propose", "experts", {R.GROUP_HEAD}),
        step("rule_out", "experts", {R.GROUP_HEAD}),
        step("to_meeting_again", "flagged", {R.DEPARTMENT_HEAD}),
        step("nonsense", "county", ()),
    ),
    "declarations:notices": (Row(WORKING),),
    "declarations:open_notice": (post(WORKING, arguments=NOTICE),),
    "declarations:pending": (Row(FEDERATION | {R.SUPERVISION}, arguments=PENDING),),
    "declarations:drop_pending": (post(FEDERATION | {R.SUPERVISION}, arguments=PENDING),),
    "declarations:my_recusals": (Row(ALL - CHAMBER),),
    "declarations:leave_post": (Row(ALL - CHAMBER, arguments=OWN_TIE),),
    "declarations:office_recusals": (Row(LEADING),),
    "declarations:strike_tie": (Row(LEADING, arguments=OFFICE_TIE),),
    "declarations:case_recusals": (
        Row(OFFICES, "county"),
        Row(OFFICES | {R.GROUP_HEAD, R.MEETING_SECRETARY}, "recognised"),
    ),
    "declarations:lift_recusal": (Row(OFFICES, "county", (("recusal", crowd.recusal),)),),
    "declarations:form": (Row(CHAMBER, "draft"),),
    "declarations:self_assessment": (Row(CHAMBER, "draft"),),
    "declarations:workbook": (Row(CHAMBER, "draft"),),
    "declarations:offline": (Row(CHAMBER, "draft"),),
    "declarations:sheet_comparison": (Row(CHAMBER, "draft", (("sheet", crowd.filled_sheet),)),),
    "declarations:discard_sheet": (post(CHAMBER, "draft", more=(("sheet", crowd.filled_sheet),)),),
    "declarations:evidence": (Row(CHAMBER, "draft"),),
    "declarations:evidence_file": (
        Row(CHAMBER, "draft", (("piece", crowd.piece_of("draft")),)),
        Row(CHAMBER | OFFICES, "county", (("piece", crowd.piece_of("county")),)),
    ),
    "declarations:preview_evidence": (Row(WORKING, "recognised", (("piece", crowd.piece_of("recognised")),)),),
    "declarations:hint_evidence": (post(CHAMBER, "draft", more=(("piece", crowd.piece_of("draft")),)),),
    "declarations:uploads": (post(CHAMBER, "draft", sent=lambda house, seat: crowd.file_to_come()),),
    "declarations:upload": (Row(CHAMBER, "draft", arguments=UPLOAD),),
    "declarations:remove_evidence": (post(CHAMBER, "draft", more=(("piece", crowd.piece_of("draft")),)),),
    "declarations:return_slip": (Row(CHAMBER, "returned"),),
    "declarations:verdict": (Row(CHAMBER, "draft"),),
    "declarations:check": (Row(CHAMBER, "draft"), Row(CHAMBER, "county")),
    "declarations:case_papers": (Row(CHAMBER | OFFICES, "county"), Row(WORKING, "recognised")),
    "declarations:case_paper": (
        Row(CHAMBER, "draft", (("slug", "application"),)),
        Row(WORKING - {R.MEETING_SECRETARY}, "recognised", (("slug", "self-assessment"),)),
        Row(NATION | {R.GROUP_HEAD}, "proposed", (("slug", "verdict"),)),
        Row(WORKING, "recognised", (("slug", "certificate"),)),
    ),
    "declarations:case_paper_file": (
        Row(CHAMBER | OFFICES, "county", (("slug", "application"), ("ending", "xlsx"))),
        Row(frozenset(), "county", (("slug", "certificate"), ("ending", "docx"))),
    ),
    "declarations:papers": (Row(WORKING),),
    "declarations:house_paper": (
        Row(WORKING, more=(("slug", "quotas"),)),
        Row(NATION, arguments=SHELVED_LIST),
        Row(NATION, arguments=SHELVED_NOTICE),
        Row(NATION, arguments=SHELVED_REPORT),
        Row(NATION | TIER, arguments=SHELVED_PACK),
        Row(OFFICES, arguments=SHELVED_VISIT),
        Row(frozenset(), more=(("slug", "nothing-1"),)),
    ),
    "declarations:house_paper_file": (
        Row(WORKING, more=(("slug", "quotas"), ("ending", "xlsx"))),
        Row(NATION, more=(("ending", "docx"),), arguments=SHELVED_LIST),
    ),
    "declarations:order_certificates": (post(NATION),),
    "declarations:order_feedback": (post(DEPARTMENT),),
    "declarations:order_list_bundle": (post(OFFICES, arguments=LIST_UP),),
    "declarations:order_book": (post(CHAMBER | OFFICES, "county"),),
    "declarations:receipt": (Row(CHAMBER | OFFICES, "county"),),
    "declarations:review": (Row(TIER, "county"), Row(TIER, "unit")),
    "declarations:tier_verdict": (Row(TIER, "county"),),
    "declarations:agree_with_below": (Row(TIER, "county"),),
    "declarations:seen": (post(TIER, "county"),),
    "declarations:next_case": (Row(FEDERATION, "county"),),
    "declarations:ledger": (Row(CHAMBER, "draft"), Row(CHAMBER | OFFICES, "county")),
    "declarations:opinion": (Row(TIER, "county"),),
    "declarations:return": (Row(TIER, "county"),),
    "declarations:returns": (Row(CHAMBER | OFFICES, "returned"),),
    "declarations:delta": (Row(TIER, "round"),),
    "declarations:send_down": (Row(TIER, "unit"),),
    "declarations:questions": (Row(CHAMBER | OFFICES, "county"),),
    "declarations:answer": (post(CHAMBER | TIER, "county", more=(("question", crowd.question),)),),
    "declarations:close_question": (post(TIER, "county", more=(("question", crowd.question),)),),
    "declarations:annex": (
        Row(CHAMBER | OFFICES, "county", (("question", crowd.question), ("annex", crowd.annex))),
    ),
    "declarations:board": (Row(OFFICES),),
    "declarations:move": (post(TIER, "shortlisted"),),
    "declarations:rank_reason": (Row(TIER, "shortlisted"),),
    "declarations:arrange": (post(TIER, arguments=LIST_OPEN),),
    "declarations:order_by_total": (post(TIER, arguments=LIST_OPEN),),
    "declarations:batches": (Row(NATION),),
    "declarations:batch": (Row(OFFICES, arguments=LIST_UP), Row(TIER | {R.SUPERVISION}, arguments=LIST_OPEN)),
    "declarations:freeze_batch": (post(TIER, arguments=LIST_OPEN),),
    "declarations:reopen_batch": (Row(TIER, arguments=LIST_OPEN),),
    "declarations:batch_meeting": (Row(TIER, arguments=LIST_OPEN),),
    "declarations:upload_batch": (Row(frozenset({R.LEADER}), arguments=LIST_OPEN),),
    "declarations:batch_agenda_page": (Row(OFFICES, arguments=LIST_UP),),
    "declarations:batch_agenda": (Row(OFFICES, more=(("ending", "docx"),), arguments=LIST_UP),),
    "declarations:batch_decision": (Row(TIER, arguments=LIST_OPEN),),
    "declarations:sign_minutes": (post(TIER, arguments=LIST_OPEN),),
    "declarations:batch_report": (Row(TIER, arguments=LIST_OPEN),),
    "declarations:issue_papers": (post(TIER, arguments=LIST_OPEN),),
    "declarations:batch_paper": (Row(OFFICES, arguments=PAPER_UP),),
    "declarations:batch_paper_page": (Row(OFFICES, arguments=PAPER_UP),),
    "declarations:batch_paper_draft": (
        Row(OFFICES, more=(("ending", "docx"),), arguments=PAPER_UP),
    ),
    "declarations:bring_scans": (post(TIER, arguments=PAPER_UP),),
    "declarations:batch_scan": (Row(OFFICES, arguments=SCAN_UP),),
    "declarations:remove_scan": (post(TIER, arguments=SCAN_UP),),
    "declarations:seal_batch": (post(TIER, arguments=LIST_OPEN),),
    "declarations:unseal_batch": (post(TIER, arguments=LIST_OPEN),),
    "declarations:recall_batch": (Row(frozenset({R.LEADER}), arguments=LIST_OPEN),),
    "declarations:batch_receipt": (Row(OFFICES, arguments=RECEIPT_UP),),
    "declarations:send_back_batch": (Row(DEPARTMENT, arguments=LIST_UP),),
    "declarations:accept_batch": (post(DEPARTMENT, arguments=LIST_UP),),
    "declarations:batch_summary": (Row(OFFICES, arguments=LIST_UP), Row(TIER, arguments=LIST_OPEN)),
    "declarations:national_summary": (Row(NATION),),
    "declarations:quotas": (Row(OFFICES),),
    "declarations:plan": (Row(NATION | TIER),),
    "declarations:plan_parameters": (Row(FEDERATION),),
    "declarations:counts": (Row(FEDERATION),),
    "declarations:count_template": (Row(FEDERATION),),
    "declarations:bring_counts": (post(FEDERATION),),
    "declarations:count_sheet": (Row(FEDERATION, arguments=COUNT_SHEET),),
    "declarations:discard_counts": (post(FEDERATION, arguments=COUNT_SHEET),),
    "declarations:official_places": (Row(FEDERATION),),
    "declarations:override_places": (Row(FEDERATION, arguments=UNIT_BELOW),),
    "declarations:drop_override": (post(FEDERATION, arguments=UNIT_BELOW),),
    "declarations:adopt_places": (post(FEDERATION),),
    "declarations:outbox": (Row(FEDERATION),),
    "declarations:outbox_messages": (Row(FEDERATION),),
    "declarations:outbox_clock": (Row(FEDERATION),),
    "declarations:outbox_mail": (Row(FEDERATION | {R.SYSTEM_ADMIN}),),
    "declarations:send_mail_again": (post({R.SYSTEM_ADMIN}, arguments=MAIL),),
    "declarations:release_letters": (post(FEDERATION),),
    "declarations:letter": (Row(DEPARTMENT, arguments=LETTER),),
    "declarations:void_letter": (post(DEPARTMENT, arguments=LETTER),),
    "declarations:extensions": (Row(FEDERATION | {R.SUPERVISION}),),
    "declarations:propose_extension": (Row(DEPARTMENT),),
    "declarations:end_extension": (Row(frozenset({R.DEPARTMENT_HEAD}), arguments=EXTENSION),),
    "declarations:department": (Row(NATION),),
    "declarations:figures": (Row(NATION),),
    "declarations:figure_sheet": (Row(NATION, more=(("slug", "funnel"),)),),
    "declarations:figure_drawing": (Row(NATION, more=(("slug", "country"),)),),
    "declarations:boundary": (Row(NATION),),
    "declarations:boundary_sheet": (Row(NATION),),
    "declarations:severity": (Row(NATION),),
    "declarations:expert_readings": (Row(NATION, arguments=READER),),
    "declarations:recomputations": (Row(NATION),),
    "declarations:recomputation": (Row(NATION, arguments=RECOMPUTED),),
    "declarations:confirm_recomputation": (post({R.DEPARTMENT_HEAD}, arguments=RECOMPUTED),),
    "declarations:drop_recomputation": (post({R.DEPARTMENT_HEAD}, arguments=RECOMPUTED),),
    "declarations:verdicts": (Row(NATION | {R.GROUP_HEAD}),),
    "declarations:sign_ready": (post({R.GROUP_HEAD}),),
    "declarations:case_runs": (Row(NATION | {R.GROUP_HEAD}, "proposed"),),
    "declarations:correct_row": (Row(frozenset({R.DEPARTMENT_HEAD}), "proposed"),),
    "declarations:preliminary": (Row(DEPARTMENT, "preliminary"),),
    "declarations:visits": (Row(OFFICES),),
    "declarations:announce_draw": (Row(DEPARTMENT),),
    "declarations:draw": (Row(NATION, arguments=DRAW),),
    "declarations:make_draw": (post(DEPARTMENT, arguments=DRAW),),
    "declarations:void_draw": (Row(frozenset({R.DEPARTMENT_HEAD}), arguments=DRAW),),
    "declarations:draw_sheet": (Row(NATION, arguments=DRAW),),
    "declarations:draw_lines": (Row(NATION, arguments=DRAW),),
    "declarations:visit_report": (Row(NATION, arguments=REPORTED),),
    "declarations:visit": (Row(OFFICES, arguments=VISIT),),
    "declarations:visit_team": (Row(DEPARTMENT, arguments=VISIT),),
    "declarations:visit_record": (Row(TIER, arguments=VISIT),),
    "declarations:visit_photos": (post(TIER, arguments=VISIT),),
    "declarations:photo_uploads": (post(TIER, arguments=VISIT, sent=lambda house, seat: crowd.file_to_come()),),
    "declarations:photo_upload": (Row(TIER, arguments=PHOTO_UPLOAD),),
    "declarations:visit_photo": (Row(OFFICES, arguments=VISIT_PHOTO),),
    "declarations:remove_photo": (post(TIER, arguments=VISIT_PHOTO),),
    "declarations:agree_visit": (post(TIER, arguments=VISIT),),
    "declarations:send_back_visit": (Row(TIER, arguments=VISIT),),
    "declarations:recuse_visit": (Row(TIER, arguments=VISIT),),
    "declarations:waive_visit": (Row(frozenset({R.DEPARTMENT_HEAD}), arguments=VISIT),),
    "declarations:propose_of_visit": (Row(DEPARTMENT, arguments=VISIT),),
    "declarations:set_aside_visit": (Row(frozenset({R.DEPARTMENT_HEAD}), arguments=VISIT),),
    "declarations:take_visit_marks": (post(DEPARTMENT, "preliminary"),),
    "declarations:assign_desk": (post({R.DEPARTMENT_HEAD}, "preliminary"),),
    "declarations:ask_clarification": (Row(DEPARTMENT, "preliminary"),),
    "declarations:propose_disqualification": (Row(DEPARTMENT, "preliminary"),),
    "declarations:consultation": (Row(OFFICES, "flagged"),),
    "declarations:withdrawal": (Row(OFFICES | CHAMBER, "flagged"),),
    "declarations:statement_file": (Row(OFFICES, "flagged", (("file", crowd.statement_file),)),),
    "declarations:preliminaries": (Row(DEPARTMENT),),
    "declarations:pass_many": (Row(DEPARTMENT),),
    "declarations:desks": (Row(DEPARTMENT),),
    "declarations:cross": (Row(NATION),),
    "declarations:compare": (post(DEPARTMENT),),
    "declarations:cross_finding": (Row(NATION, arguments=FINDING),),
    "declarations:experts": (Row(DEPARTMENT, "experts"),),
    "declarations:sheet": (Row(frozenset({R.EXPERT}), "experts"),),
    "declarations:agree_with_province": (post({R.EXPERT}, "experts"),),
    "declarations:confirm_sheet": (post({R.EXPERT}, "experts"),),
    "declarations:recuse": (Row(frozenset({R.EXPERT}), "experts"),),
    "declarations:agreed": (Row(EXPERTS, "experts"),),
    "declarations:take_common": (post(EXPERTS, "experts"),),
    "declarations:voice": (post(EXPERTS, "experts"),),
    "declarations:name_rapporteur": (post({R.GROUP_HEAD}, "experts"),),
    "declarations:reopen_sheet": (Row(frozenset({R.GROUP_HEAD}), "experts", (("review", crowd.expert_review),)),),
    "declarations:pool": (Row(NATION),),
    "declarations:pool_member": (Row(DEPARTMENT, arguments=EXPERT_SEAT),),
    "declarations:pool_template": (Row(DEPARTMENT),),
    "declarations:bring_pool": (Row(DEPARTMENT),),
    "declarations:pool_sheet": (Row(DEPARTMENT, arguments=POOL_SHEET),),
    "declarations:discard_pool": (Row(DEPARTMENT, arguments=POOL_SHEET),),
    "declarations:assignments": (Row(NATION),),
    "declarations:assignment": (Row(NATION, arguments=ASSIGNMENT),),
    "declarations:deploy_assignment": (Row(frozenset({R.DEPARTMENT_HEAD}), arguments=ASSIGNMENT),),
    "declarations:drop_assignment": (Row(DEPARTMENT, arguments=ASSIGNMENT),),
    "declarations:offers": (Row(EXPERTS),),
    "declarations:leave_offer": (Row(frozenset({R.GROUP_HEAD}), arguments=OFFER),),
    "declarations:sheet_verdict": (Row(frozenset({R.EXPERT}), "experts"),),
    "declarations:sheet_offline": (Row(frozenset({R.EXPERT}), "experts"),),
    "declarations:expert_workbook": (Row(frozenset({R.EXPERT}), "experts"),),
    "declarations:expert_comparison": (
        Row(frozenset({R.EXPERT}), "experts", (("sheet", crowd.expert_workbook),)),
    ),
    "declarations:discard_expert_sheet": (post({R.EXPERT}, "experts", more=(("sheet", crowd.expert_workbook),)),),
    "declarations:agendas": (Row(MEETING),),
    "declarations:freeze_agenda": (Row(frozenset({R.DEPARTMENT_HEAD})),),
    "declarations:agenda": (Row(MEETING, arguments=AGENDA),),
    "declarations:integrity": (Row(NATION | {R.AUDIT_ADMIN}),),
    "declarations:integrity_of": (Row(NATION | {R.AUDIT_ADMIN}, arguments=CHECK),),
    "declarations:order_check": (post({R.DEPARTMENT_HEAD, R.SUPERVISION, R.AUDIT_ADMIN}),),
    "declarations:publication": (Row(NATION),),
    "declarations:archive": (Row(frozenset({R.DEPARTMENT_HEAD, R.SUPERVISION})),),
    "declarations:archive_of": (Row(frozenset({R.DEPARTMENT_HEAD, R.SUPERVISION}), arguments=CYCLE_KEY),),
    "declarations:announce": (post(DEPARTMENT),),
    "declarations:notice_rules": (Row(DEPARTMENT),),
    "declarations:correct": (Row(frozenset({R.DEPARTMENT_HEAD}), "flagged"),),
    "declarations:objections": (Row(NATION),),
    "declarations:objection_officers": (Row(frozenset({R.DEPARTMENT_HEAD})),),
    "declarations:tips": (Row(NATION),),
    "declarations:read_tip": (post(DEPARTMENT, arguments=TIP),),
    "declarations:objection": (Row(OFFICES, arguments=OBJECTION),),
    "declarations:reveal_objector": (post(OFFICES, arguments=OBJECTION),),
    "declarations:objection_file": (Row(DEPARTMENT, arguments=OBJECTION_FILE),),
    "declarations:titles": (Row(MEETING | CHAMBER),),
    "declarations:title": (Row(MEETING | CHAMBER, arguments=TITLE),),
    "declarations:title_act": (post(MEETING | CHAMBER, arguments=TITLE_ACT),),
    "declarations:stories": (Row(DEPARTMENT),),
    "declarations:story": (Row(DEPARTMENT, arguments=TITLE),),
    "declarations:story_picture": (Row(DEPARTMENT, arguments=TITLE),),
    "declarations:release_story": (post({R.DEPARTMENT_HEAD}, arguments=TITLE),),
    "declarations:withdraw_story": (post({R.DEPARTMENT_HEAD}, arguments=TITLE),),
    "declarations:feedback": (Row(NATION | TIER),),
    "declarations:make_packs": (post(DEPARTMENT),),
    "declarations:feedback_pack": (Row(NATION | TIER, arguments=PACK),),
    "declarations:publish": (post(DEPARTMENT),),
    "declarations:release": (post({R.DEPARTMENT_HEAD}),),
    "declarations:programmes": (Row(DEPARTMENT),),
    "declarations:bring_programme": (Row(DEPARTMENT),),
    "declarations:programme_version": (Row(DEPARTMENT, arguments=STANDARD_VERSION),),
    "declarations:copy_programme": (Row(DEPARTMENT, arguments=STANDARD_VERSION),),
    "declarations:programme_version_workbook": (Row(DEPARTMENT, arguments=STANDARD_VERSION),),
    "declarations:programme_version_comparison": (Row(DEPARTMENT, arguments=STANDARD_VERSION),),
    "declarations:programme_draft": (Row(DEPARTMENT, arguments=STANDARD_DRAFT),),
    "declarations:programme_section": (Row(DEPARTMENT, arguments=STANDARD_SECTION),),
    "declarations:programme_part": (Row(DEPARTMENT, arguments=STANDARD_PART),),
    "declarations:programme_new_row": (Row(DEPARTMENT, arguments=STANDARD_PART),),
    "declarations:programme_row": (Row(DEPARTMENT, arguments=STANDARD_ROW),),
    "declarations:programme_workbook": (Row(DEPARTMENT, arguments=STANDARD_DRAFT),),
    "declarations:programme_preview": (Row(DEPARTMENT, arguments=STANDARD_DRAFT),),
    "declarations:programme_comparison": (Row(DEPARTMENT, arguments=STANDARD_DRAFT),),
    "declarations:programme_trial": (Row(DEPARTMENT, arguments=STANDARD_DRAFT),),
    "declarations:propose_programme": (Row(DEPARTMENT, arguments=STANDARD_DRAFT),),
    "declarations:confirm_programme": (Row(DEPARTMENT, arguments=STANDARD_DRAFT),),
    "declarations:send_back_programme": (Row(DEPARTMENT, arguments=STANDARD_DRAFT),),
    "declarations:drop_programme": (Row(DEPARTMENT, arguments=STANDARD_DRAFT),),
    "declarations:campaigns": (Row(TIER),),
    "declarations:open_campaign": (Row(frozenset()),),
    "declarations:campaign": (Row(TIER, arguments=OWN_CYCLE),),
    "declarations:campaign_distance": (Row(TIER, arguments=OWN_CYCLE),),
    "declarations:campaign_best": (Row(frozenset(), arguments=OWN_CYCLE),),
    "declarations:issue_circular": (Row(frozenset(), arguments=OWN_CYCLE),),
    "declarations:own_paper": (Row(TIER, arguments=OWN_PAPER),),
    "declarations:own_paper_file": (Row(TIER, arguments=OWN_PAPER_FILE),),
    "declarations:campaign_office": (Row(TIER, arguments=OFFICE),),
    "declarations:start_own": (post((), arguments=OFFICE),),
    "declarations:campaign_target": (Row(frozenset(), arguments=OFFICE),),
    "declarations:add_stage_record": (Row(frozenset(), arguments=OFFICE),),
    "declarations:withdraw_stage_record": (post((), arguments=RECORD),),
    "declarations:add_finding": (Row(frozenset(), arguments=OFFICE),),
    "declarations:inspection_finding": (Row(TIER, arguments=INSPECTED),),
    "declarations:campaign_paper": (Row(TIER, arguments=PAPER),),
    "declarations:sent_up": (Row(TIER),),
    "declarations:sent_up_case": (Row(TIER, arguments=SENT_UP),),
}


# ---- every address stands in the table


def strays(resolver: URLResolver | None = None) -> tuple[set[str], set[str]]:
    """Return the addresses that the table forgot, and the rows that no address answers to."""
    known = {name for name, _ in addresses(resolver)}
    return known - MATRIX.keys(), MATRIX.keys() - known


def test_every_address_stands_in_the_matrix():
    assert strays() == (set(), set())


def test_an_address_that_the_matrix_forgot_would_be_seen():
    planted = path("planted/<int:pk>/", view_of, name="planted")
    resolver = URLResolver(RegexPattern(r"^/"), [*urls.urlpatterns, planted])

    assert strays(resolver) == ({"planted"}, set())


def test_a_row_is_public_exactly_when_its_view_says_so():
    named = dict(addresses())
    said = {name for name in MATRIX if getattr(view_of(named[name]), "permission", "") == "public"}

    assert said == {name for name, rows in MATRIX.items() if rows[0].roles is PUBLIC}


# ---- the house and who asks


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    with kept(django_db_blocker), override_settings(STORAGE_ROOT=folder, MEDIA_ROOT=folder):
        yield crowd.build(), folder


@pytest.fixture
def house(built, settings, caplog):
    """The one house of this file; refusals are no news here and are kept out of the log."""
    settings.STORAGE_ROOT = settings.MEDIA_ROOT = built[1]
    caplog.set_level(logging.ERROR, "django.request")
    return built[0]


@pytest.fixture
def few_pages(settings):
    """Draw few pages, for a thousand doors are only asked whether they open."""
    settings.TEMPLATES = sparing.TEMPLATES
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"


@pytest.fixture
def seen_once(monkeypatch):
    """Look once whether a seat sees a case, for the rule of every page of it: whatever a request does is undone."""
    known = {}

    def found(view: CaseView) -> Declaration:
        if view.on_visits:
            return view.case
        key = (type(view).case, view.seat.pk, view.kwargs["pk"])
        if key not in known:
            try:
                known[key] = view.case
            except Http404:
                known[key] = None
        if known[key] is None:
            raise Http404
        return known[key]

    monkeypatch.setattr(CaseView, "permission_object", found)


# ---- every role at every door


def doors() -> Iterator[tuple[str, Row, frozenset[Role]]]:
    """Yield every row with who asks: all roles at the first of an address, at the others those that touch cases."""
    for name, rows in MATRIX.items():
        yield name, rows[0], ALL
        yield from ((name, row, row.roles | CHAMBER | FEDERATION) for row in rows[1:])


def visitors(house: Crowd, row: Row, roles: frozenset[Role]) -> Iterator[tuple[str, Seat, bool]]:
    """Yield who asks (label, seat) and whether the table lets them in."""
    for role in sorted(roles):
        yield role.value, seat_for(house, row, role), row.roles is PUBLIC or role in row.roles
    if row.case:
        for role in sorted(STRANGERS & row.roles):
            yield f"stranger {role.value}", house.stranger(role), False


def seat_for(house: Crowd, row: Row, role: Role) -> Seat:
    case = house.cases[row.case or ("shortlisted" if row.arguments is LIST_OPEN else "recognised")]
    return house.seat(role, case)


def answer_of(house: Crowd, row: Row, name: str, visitor: Visitor, asked: Seat, *, whole: bool) -> object:
    """Ask, through the whole house or the view alone, and undo what was done; what is asked for stays."""
    url = reverse(name, kwargs=arguments_of(house, row, asked))
    data = row.sent(house, asked) if row.sent else {}
    way = visitor.ask if whole else visitor.knock
    with transaction.atomic():
        answer = way("post" if row.posts else "get", url, data)
        transaction.set_rollback(True)
    return answer


def arguments_of(house: Crowd, row: Row, seat: Seat) -> dict[str, object]:
    """Return what stands in the address when this seat asks."""
    given = {name: value(house) if callable(value) else value for name, value in row.more}
    found = row.arguments(house, seat) if row.arguments else {}
    return given | found | ({"pk": house.cases[row.case].pk} if row.case else {})


def stands(answer: object) -> str:
    """Return "open", "closed", "sign in" or the fault."""
    if answer.status_code == 302:
        return "sign in" if answer["Location"].startswith(reverse("accounts:sign_in")) else "open"
    if answer.status_code in {200, 405}:
        return "open"
    return "closed" if answer.status_code in {403, 404} else f"fault {answer.status_code}"


# A page of one list, agenda, letter or extension opens to who steps back from a case of it or not, as its room decides.
OF_ONE_THING = (
    *(LIST_UP, LIST_OPEN, PAPER_UP, SCAN_UP, RECEIPT_UP, AGENDA, LETTER, EXTENSION, FINDING),
    *(DRAW, VISIT, VISIT_PHOTO, PHOTO_UPLOAD, REPORTED, READER, OFFER),
    *(OBJECTION, OBJECTION_FILE, TIP, TITLE, TITLE_ACT, PACK, *SHELVED),
)
# These name chambers as bodies of the tree, whether or not they declare; the public reads the recognised by name.
NAMING_BODIES = re.compile(
    r"public:|accounts:(?!trail)|declarations:(my_recusals|office_recusals|leave_post|strike_tie)$"
)


class Round:
    """One round past the doors: who has knocked, what was drawn, what went wrong."""

    def __init__(self, house: Crowd) -> None:
        self.house, self.told = house, leaks.of_cases(house)
        self.visitors: dict[int, Visitor] = {}
        self.tied: dict[int, Seat] = {}
        self.drawn: set[Row | tuple[Row, bool]] = set()
        self.refused: set[Row] = set()
        self.knocked: set[tuple[str, int]] = set()
        self.faults: list[str] = []

    def tie(self, seats: Iterable[Seat]) -> None:
        """Have beside each seat one like it whose person is tied to every chamber."""
        for seat in seats:
            if seat.pk not in self.tied:
                self.tied[seat.pk] = crowd.tied_to_all(self.house, seat)

    def past(self, name: str, row: Row, people: Iterable[tuple[str, Seat, bool]]) -> None:
        """Let everybody ask at one door."""
        for label, seat, let_in in people:
            wanted = "404" if label.startswith("stranger") else "open" if let_in else "closed"
            if row.case or row.arguments in OF_ONE_THING:
                self.plainly(name, row, label, seat, wanted)
                if wanted != "open" or not crowd.bound(seat) or (name, seat.pk) in self.knocked:
                    continue
            self.knocked.add((name, seat.pk))
            self.stepping_back(name, row, label, seat, wanted)

    def ask(self, name: str, row: Row, seat: Seat, wanted: str, *, draw: bool) -> object:
        """Knock at one door: what is drawn and the first refusal come through the whole house, the rest of the view."""
        sparing.draw(draw)
        if seat.pk not in self.visitors:
            self.visitors[seat.pk] = Visitor(seat)
        whole = draw or (wanted != "open" and row not in self.refused)
        self.refused |= {row} if wanted != "open" else set()
        return answer_of(self.house, row, name, self.visitors[seat.pk], seat, whole=whole)

    def expect(self, place: str, answer: object, wanted: str) -> None:
        """Note an answer that is not the table's."""
        if stands(answer) != wanted and str(answer.status_code) != wanted:
            self.faults.append(f"{place}: {stands(answer)} ({answer.status_code}), not {wanted}")

    def plainly(self, name: str, row: Row, label: str, seat: Seat, wanted: str) -> None:
        """Let somebody ask who steps back from nothing; each page is drawn once."""
        draw = wanted == "open" and row not in self.drawn
        self.drawn |= {row} if draw else set()
        self.expect(place_of(name, row, label), self.ask(name, row, seat, wanted, draw=draw), wanted)

    def stepping_back(self, name: str, row: Row, label: str, seat: Seat, wanted: str) -> None:
        """Let the same be asked by one tied to every chamber, and read what the answer tells; a case is not there."""
        tied = self.tied[seat.pk]
        # A judge's page is read; what is public is the same for all, and a chamber's people step back from nothing.
        mark = (row, crowd.bound(tied))
        once = row.roles is PUBLIC or not crowd.bound(tied)
        draw = wanted == "open" and not row.case and not (once and mark in self.drawn)
        self.drawn |= {mark} if draw else set()
        answer = self.ask(name, row, tied, wanted, draw=draw)
        place = place_of(name, row, f"{label}, tied")
        if row.case or row.arguments not in OF_ONE_THING:
            self.expect(place, answer, "404" if row.case else wanted)
        told = self.told if crowd.bound(tied) else {}
        self.faults += [f"{place}: {leak}" for leak in leaks.told_by(answer, told, bodies=NAMING_BODIES.match(name))]


def place_of(name: str, row: Row, label: str) -> str:
    return f"{name} {row.case} {dict(row.more).get('name', '')} {label}"


@pytest.mark.usefixtures("few_pages", "seen_once")
def test_every_role_finds_every_door_as_the_matrix_says_and_nothing_of_what_it_steps_back_from(house):
    """Every address by every role: as the table says, and by one who is tied to every chamber without a word of a case.

    What is of no case is asked by the tied alone, what is of a case by both, the tied once an address.
    """
    goes = Round(house)
    asking = [(name, row, list(visitors(house, row, roles))) for name, row, roles in doors()]
    goes.tie(seat for *_, people in asking for label, seat, _ in people if not label.startswith("stranger"))
    crowd.standard_draft(house)
    for name, row, people in asking:
        with transaction.atomic():
            goes.past(name, row, people)
            transaction.set_rollback(True)

    assert goes.faults == []


def test_no_export_holds_a_case_from_which_its_reader_steps_back(house):
    told = leaks.of_cases(house)
    for role in (R.DEPARTMENT_OFFICER, R.DEPARTMENT_HEAD, R.SUPERVISION):
        tied = crowd.tied_to_all(house, house.national(role))
        for seat, number in ((house.national(role), 5), (tied, 0)):
            lines = list(summary_of_cycle(house.world.cycle, seat).lines())
            assert len(lines) >= number
            assert bool(leaks.found(str(lines), told)) is (seat is not tied)


# ---- without signing in


def test_without_signing_in_only_public_pages_open_and_they_tell_no_secret(house):
    visitor, told, faults, opened = Visitor(None), leaks.secrets(house), [], set()
    for name, pattern in addresses():
        permission = getattr(view_of(pattern), "permission", "")
        for url in leaks.filled(house, name, pattern):
            for method in ("get", "post"):
                answer = leaks.asked(visitor, method, url)
                if fault := leaks.fault_of(answer, permission, method):
                    faults.append(f"{method} {url}: {fault}")
                if answer.status_code == 200:
                    opened.add(name)
                faults += [f"{method} {url}: {leak}" for leak in leaks.leaks(leaks.readable(answer), told)]
    faults += leaks.crawled(visitor, told)

    assert set(told.values()) >= leaks.SOUGHT
    assert faults == []
    assert opened == {
        name for name, pattern in addresses() if getattr(view_of(pattern), "permission", "") == "public"
    } - {"accounts:sign_out"}


def test_what_would_leak_is_seen():
    told = {"13800000001": "president_mobile", "412.5": "total", "草稿甲商会": "name of a case in draft"}

    page = '<p title="草稿甲商会"></p><td>13800000001</td><b>412.5</b><i>7/10</i>'.encode()

    assert leaks.leaks(page, told) == [
        "president_mobile 13800000001",
        "name of a case in draft 草稿甲商会",
        "mark 7/10",
        "total 412.5",
    ]
    assert leaks.leaks("<p>2020年，1412.5元，指标A1.1</p>".encode(), told) == []


# ---- a neighbour's case


@pytest.mark.usefixtures("few_pages")
def test_a_county_officer_cannot_tell_a_neighbours_case_from_none(house):
    officer = Visitor(house.world.officer(make_federation(worlds.COUNTY)))
    of_no_case = leaks.voids(officer, list(leaks.case_addresses(NOBODY.pk, NOBODY.pk)))
    of_no_list = leaks.voids(officer, leaks.list_addresses(NOBODY.pk))
    own = reverse("declarations:evidence_file", args=[house.cases["county"].pk, house.piece("county").pk])
    through = reverse("declarations:evidence_file", args=[house.cases["county"].pk, house.piece("neighbour").pk])

    there = list(leaks.case_addresses(house.cases["neighbour"].pk, house.piece("neighbour").pk))
    assert len(there) > 40
    assert leaks.told_apart(officer, there, of_no_case) == []
    for key in ("recognised", "draft"):
        of_case = reverse("declarations:case", args=[house.cases[key].pk])
        assert leaks.plain(leaks.asked(officer, "get", of_case))[0] == 404
    for batch in (house.sent_up, house.open_list):
        assert leaks.told_apart(officer, leaks.list_addresses(batch.pk), of_no_list) == []
    mine = leaks.asked(officer, "get", own)
    assert (mine.status_code, mine["X-Content-Type-Options"], mine.body[:4]) == (200, "nosniff", b"\x89PNG")
    assert leaks.asked(officer, "get", through).status_code == 404
