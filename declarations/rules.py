"""Who may do what: predicates over a seat and a case, and the table permission → predicate."""

from declarations.models import Declaration, Pending, ProgrammeDraft, QuotaPlan, Recusal, Tie, Visit
from declarations.states import SHEETS_LIVE, SHEETS_SIGNED, State
from scoring.models import Layer
from sihao.accounts.models import Seat
from sihao.accounts.permissions import at_level, has_role, predicate, register
from sihao.accounts.roles import (
    ADMIN_ROLES,
    CHAMBER_ROLES,
    DEPARTMENT_ROLES,
    EXPERT_ROLES,
    TIER_ROLES,
    Level,
    Role,
)

NATIONAL_READERS = DEPARTMENT_ROLES | {Role.SUPERVISION}


@predicate
def is_own_chamber(seat: Seat, case: Declaration) -> bool:
    """The seat belongs to the declaring body."""
    return seat.organisation_id == case.applicant_id


@predicate
def holds_case(seat: Seat, case: Declaration) -> bool:
    """The seat's organisation must act on the case."""
    return seat.organisation_id == case.holder_id


@predicate
def next_above_holder(seat: Seat, case: Declaration) -> bool:
    """The seat's organisation waits for the case: the tier a round goes to, else the next above its holder."""
    if case.awaited_by_id is not None:
        return seat.organisation_id == case.awaited_by_id
    route = case.route
    at = route.index(case.holder_id) + 1 if case.holder_id in route else len(route)
    return at < len(route) and route[at] == seat.organisation_id


@predicate
def heads_unit(seat: Seat, case: Declaration) -> bool:
    """The seat's organisation is the recommending unit of the case."""
    return seat.organisation_id == case.unit_id


@predicate
def at_national_node(seat: Seat, case: Declaration) -> bool:
    """The seat is at the national node."""
    return seat.organisation.level == Level.NATIONAL


@predicate
def in_own_office(seat: Seat, prepared: Pending | QuotaPlan | ProgrammeDraft) -> bool:
    """What was prepared or planned belongs to the seat's office."""
    return seat.organisation.path == prepared.path


@predicate
def in_jurisdiction(seat: Seat, case: Declaration) -> bool:
    """The case lies in the seat's subtree."""
    return case.path.startswith(seat.organisation.path)


@predicate
def is_handed_in(seat: Seat, case: Declaration) -> bool:
    """The case was submitted at least once."""
    return case.submitted_at is not None


@predicate
def is_not_forwarded(seat: Seat, case: Declaration) -> bool:
    """The case ended with a tier's 不予推荐."""
    return case.state == State.NOT_FORWARDED


@predicate
def declined_it(seat: Seat, case: Declaration) -> bool:
    """The seat's office was the last to decline the case."""
    last = case.declines.order_by("-id").values_list("organisation_id", flat=True).first()
    return last == seat.organisation_id


@predicate
def is_on_the_way(seat: Seat, case: Declaration) -> bool:
    """The case is before a tier, on its list, or back at the chamber."""
    return case.state in {State.LOCAL_REVIEW, State.RETURNED, State.SHORTLISTED}


@predicate
def on_the_route(seat: Seat, case: Declaration) -> bool:
    """The seat's organisation is one of the tiers of the case."""
    return seat.organisation_id in case.route


@predicate
def is_editable(seat: Seat, case: Declaration) -> bool:
    """The case is the chamber's to write."""
    return case.state in {State.DRAFT, State.RETURNED}


@predicate
def in_local_review(seat: Seat, case: Declaration) -> bool:
    """The case is before a tier."""
    return case.state == State.LOCAL_REVIEW


@predicate
def in_preliminary_review(seat: Seat, case: Declaration) -> bool:
    """The case is in the department's preliminary review."""
    return case.state == State.PRELIMINARY_REVIEW


@predicate
def in_expert_review(seat: Seat, case: Declaration) -> bool:
    """The case is before the experts."""
    return case.state == State.EXPERT_REVIEW


@predicate
def on_panel(seat: Seat, case: Declaration) -> bool:
    """The seat reads the case: it has taken the offer and signed, and did not step back."""
    return case.expert_reviews.filter(expert=seat, state__in=sorted(SHEETS_SIGNED)).exists()


@predicate
def has_offer(seat: Seat, case: Declaration) -> bool:
    """The seat was given the case and did not step back, whether it has signed or not."""
    return case.expert_reviews.filter(expert=seat, state__in=sorted(SHEETS_LIVE)).exists()


@predicate
def on_visit_team(seat: Seat, visit: Visit) -> bool:
    """The seat is one of the visit's team."""
    return any(member.seat_id == seat.pk for member in visit.members.all())


@predicate
def answers_for_seat(seat: Seat, other: Seat) -> bool:
    """The other seat is one that judges, in the seat's own office or beneath it."""
    return other.role not in CHAMBER_ROLES | ADMIN_ROLES and other.path.startswith(seat.path)


@predicate
def declared_beneath(seat: Seat, declared: Tie | Recusal) -> bool:
    """What was declared comes from the own office or beneath it; what the house found itself is the nation's."""
    by = declared.declared_by
    return by.path.startswith(seat.path) if by is not None else seat.organisation.level == Level.NATIONAL


@predicate
def above_unit(seat: Seat, case: Declaration) -> bool:
    """The seat's organisation is the next above the unit of the case."""
    return seat.organisation_id == case.unit.parent_id


chamber = has_role(*CHAMBER_ROLES)
president = has_role(Role.CHAMBER_PRESIDENT)
department = has_role(*DEPARTMENT_ROLES)
department_head = has_role(Role.DEPARTMENT_HEAD)
# A tier's officers; for 直属商会 the membership department stands where a province stands.
tier_staff = has_role(*TIER_ROLES) | (department & at_national_node)
# Those who share places out below themselves: a province among its cities, a city among its counties.
tier_with_tiers = has_role(*TIER_ROLES) & at_level(Level.PROVINCE, Level.CITY)
tier_leader = has_role(Role.LEADER) | department_head
# Those who draw up standards: the department for the nation, a city for itself.
city = at_level(Level.CITY)
programme_staff = department | (has_role(Role.OFFICER, Role.LEADER) & city)
expert = has_role(*EXPERT_ROLES)
group_head = has_role(Role.GROUP_HEAD)
secretary = has_role(Role.MEETING_SECRETARY)
supervision = has_role(Role.SUPERVISION)

# Who writes for the body that applies, and who signs for it: a chamber's people, or a federation's for itself.
applicant = chamber | has_role(*TIER_ROLES)
applicant_head = president | has_role(Role.LEADER)

RULES = {
    "declarations.start": chamber,
    "declarations.write": applicant,
    "declarations.edit": applicant & is_own_chamber & is_editable,
    "declarations.submit": applicant_head & is_own_chamber,
    "declarations.withdraw": applicant_head & is_own_chamber,
    "declarations.apply": has_role(*TIER_ROLES) & at_level(Level.COUNTY),
    "declarations.campaigns": has_role(*TIER_ROLES),
    "declarations.record_stage": has_role(*TIER_ROLES) & at_level(Level.COUNTY),
    "declarations.inspect": has_role(*TIER_ROLES) & at_level(Level.CITY),
    "declarations.open_own": has_role(Role.LEADER) & at_level(Level.CITY),
    "declarations.prepare_own": has_role(*TIER_ROLES) & at_level(Level.CITY),
    "declarations.confirm_own": has_role(Role.LEADER) & at_level(Level.CITY) & in_own_office,
    "declarations.decide_own": has_role(Role.LEADER) & heads_unit & holds_case & in_local_review,
    "declarations.send_to_above": has_role(Role.LEADER) & heads_unit,
    "declarations.answer_from_above": has_role(Role.LEADER) & above_unit,
    "declarations.sent_up": has_role(*TIER_ROLES) & at_level(Level.PROVINCE),
    "declarations.mark": tier_staff,
    "declarations.review": tier_staff & holds_case & in_local_review,
    "declarations.forward": tier_staff & holds_case & in_local_review,
    "declarations.take_over": tier_leader & next_above_holder & in_local_review,
    "declarations.return": tier_staff & holds_case,
    "declarations.returns": chamber | tier_staff | supervision,
    "declarations.settle_return": tier_staff & holds_case & in_local_review,
    "declarations.send_down": tier_staff & holds_case & in_local_review,
    "declarations.ask": tier_staff & holds_case,
    "declarations.answer": ((applicant & is_own_chamber) | (tier_staff & on_the_route)) & is_on_the_way,
    "declarations.close_question": tier_staff & on_the_route,
    "declarations.questions": chamber | tier_staff | supervision,
    "declarations.ask_second_look": president & is_own_chamber,
    "declarations.reconsider": tier_staff & is_not_forwarded & declined_it,
    "declarations.decline": (tier_leader | (tier_staff & ~heads_unit)) & holds_case & in_local_review,
    "declarations.shortlist": tier_leader & heads_unit,
    "declarations.prepare_batch": tier_staff & heads_unit,
    "declarations.upload_batch": tier_leader & heads_unit,
    "declarations.confirm_scan": tier_staff & in_own_office,
    "declarations.board": tier_staff | supervision,
    "declarations.department": department,
    "declarations.department_reading": has_role(*NATIONAL_READERS),
    "declarations.integrity": has_role(*NATIONAL_READERS, Role.AUDIT_ADMIN),
    "declarations.check_integrity": has_role(Role.DEPARTMENT_HEAD, Role.SUPERVISION, Role.AUDIT_ADMIN),
    "declarations.preliminary": department,
    "declarations.answer_proposal": tier_leader & heads_unit,
    "declarations.answer_clarification": tier_leader & heads_unit & holds_case,
    "declarations.ask_withdrawal": president & is_own_chamber,
    "declarations.answer_withdrawal": tier_leader & heads_unit,
    "declarations.accept_withdrawal": department_head,
    "declarations.refuse_withdrawal": department,
    "declarations.withdrawal": (chamber & is_own_chamber) | department | supervision | (tier_staff & heads_unit),
    "declarations.consultations": department | supervision | (tier_staff & heads_unit),
    "declarations.cross": has_role(*NATIONAL_READERS),
    "declarations.assign_desks": department_head,
    "declarations.confirm_disqualification": department_head,
    "declarations.visits": tier_staff | supervision,
    "declarations.draws": has_role(*NATIONAL_READERS),
    "declarations.draw_visits": department,
    "declarations.void_draw": department_head,
    "declarations.assign_visit": department,
    "declarations.record_visit": has_role(*TIER_ROLES) & on_visit_team,
    "declarations.waive_visit": department_head,
    "declarations.follow_visit": department,
    "declarations.visit_report": has_role(*NATIONAL_READERS),
    "declarations.write_visit_report": department,
    "declarations.assign_experts": department,
    "declarations.score": expert & on_panel & in_expert_review,
    "declarations.answer_offer": expert & has_offer & in_expert_review,
    "declarations.pool": has_role(*NATIONAL_READERS),
    "declarations.write_pool": department,
    "declarations.deploy_assignment": department_head,
    "declarations.ask_third": department,
    "declarations.experts": expert,
    "declarations.sign_verdict": group_head,
    "declarations.panel": group_head,
    "declarations.verdicts": group_head | has_role(*NATIONAL_READERS),
    "declarations.recompute": department_head,
    "declarations.reopen_sheet": group_head,
    "declarations.consensus": expert & (group_head | on_panel),
    "declarations.agenda": department_head,
    "declarations.decide": secretary,
    "declarations.meeting": secretary | has_role(*NATIONAL_READERS),
    "declarations.publish": department_head,
    "declarations.prepare_publication": department,
    "declarations.archive": department_head | supervision,
    "declarations.confirm_publication": department_head & in_own_office,
    "declarations.confirm_step": tier_leader & in_own_office,
    "declarations.publication": has_role(*NATIONAL_READERS),
    "declarations.confirm_in_department": department & in_own_office,
    "declarations.objections": department,
    "declarations.objections_reading": has_role(*NATIONAL_READERS),
    "declarations.objection": has_role(*NATIONAL_READERS) | has_role(*TIER_ROLES),
    "declarations.report_objection": tier_staff & heads_unit,
    "declarations.name_officers": department_head,
    "declarations.correct": department_head,
    "declarations.lapse": has_role(),
    "declarations.confirm_correction": supervision,
    "declarations.titles": has_role(*NATIONAL_READERS) | secretary | chamber,
    "declarations.inquire": department,
    "declarations.give_statement": president,
    "declarations.stories": department,
    "declarations.feedback": has_role(*NATIONAL_READERS) | (has_role(*TIER_ROLES) & at_level(Level.PROVINCE)),
    "declarations.make_feedback": department,
    "declarations.pending": (tier_staff | supervision) & in_own_office,
    "declarations.programmes": programme_staff,
    "declarations.city_programmes": has_role(Role.OFFICER, Role.LEADER) & city,
    "declarations.publish_programme": (department_head | (has_role(Role.LEADER) & city)) & in_own_office,
    "declarations.set_quota": department_head,
    "declarations.plan": has_role(*NATIONAL_READERS) | tier_with_tiers,
    "declarations.plan_places": department | tier_with_tiers,
    "declarations.adopt_places": (department_head | (has_role(Role.LEADER) & tier_with_tiers)) & in_own_office,
    "declarations.quotas": has_role(*NATIONAL_READERS) | has_role(*TIER_ROLES),
    "declarations.letters": tier_staff,
    "declarations.outbox": tier_staff,
    "declarations.mail": tier_staff | has_role(Role.SYSTEM_ADMIN),
    "declarations.extensions": tier_staff | supervision,
    "declarations.propose_extension": department,
    "declarations.end_extension": department_head,
    "declarations.grant_extension": department_head & in_own_office,
    "declarations.own_recusals": ~chamber,
    "declarations.office_recusals": tier_leader,
    "declarations.recuse_others": tier_leader & answers_for_seat,
    "declarations.strike_tie": tier_leader & declared_beneath,
    "declarations.lift_recusal": tier_leader & declared_beneath,
    "declarations.case_recusals": tier_staff | supervision | group_head | secretary,
    "declarations.export": tier_staff | supervision,
    "declarations.worklist": chamber | tier_staff | expert | secretary | supervision | has_role(
        Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN
    ),
    "declarations.cases": chamber | tier_staff | expert | secretary | supervision,
    "declarations.papers": chamber | tier_staff | expert | secretary | supervision,
    "declarations.notices": chamber | tier_staff | expert | secretary | supervision,
}
register(RULES)

TIER_LAYERS = {Level.COUNTY: Layer.COUNTY, Level.CITY: Layer.CITY, Level.PROVINCE: Layer.PROVINCE}


def layer_of(level: int) -> Layer:
    """Return the ledger layer of a tier; the national node nominates 直属商会 in the province's layer."""
    return TIER_LAYERS.get(Level(level), Layer.PROVINCE)


UPWARD = (Layer.SELF, Layer.COUNTY, Layer.CITY, Layer.PROVINCE)


def layers_open_to(seat: Seat) -> frozenset[Layer]:
    """Return the layers a seat may read: its own and lower; experts their own and the province's."""
    role = Role(seat.role)
    if role in NATIONAL_READERS or role == Role.GROUP_HEAD:
        return frozenset(Layer)
    if role in TIER_ROLES:
        return frozenset(UPWARD[: UPWARD.index(layer_of(seat.organisation.level)) + 1])
    if role == Role.EXPERT:
        return frozenset({Layer.SELF, Layer.PROVINCE})
    return frozenset({Layer.SELF}) if role in CHAMBER_ROLES else frozenset()
