"""Starting a case, prefilled with what the register knows and what the chamber answered last time."""

from collections import Counter
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from declarations.actions.counting import recount
from declarations.actions.draft.writing import store_answers
from declarations.actions.ties import tie_by_name
from declarations.calendar import set_term
from declarations.guards import Act, CaseFacts, before_submission_closes, cycle_is_open, plain
from declarations.models import Answer, Cycle, Declaration
from declarations.queries.carrying import answers_to_carry, last_of_an_earlier_cycle
from declarations.queries.cycles import route_of
from declarations.queries.deadlines import deadlines_for
from declarations.queries.titles import bar_of
from declarations.states import State
from declarations.workflow import WORKFLOWS, refusals_of
from scoring.actions import open_ledger
from scoring.queries import programme_of
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal, Refused
from sihao.accounts.roles import Kind
from sihao.audit.events import Event
from sihao.audit.record import record

WINDOW = (cycle_is_open, before_submission_closes)
BARRED = "贵会原认定已撤销，撤销后规定的周期内不得申报。"


@transaction.atomic
def start(*, cycle: Cycle, applicant: Organisation, actor: Seat, now: datetime) -> Declaration:
    """Start the applicant's case in a cycle and return the draft (T01).

    The register's name, code and region stand in it, and the answers of the chamber's last declaration, to be
    confirmed one by one.

    Raises ``Refused`` outside the window, for a second case in the cycle, or for somebody else's body.
    """
    _refuse_start(cycle, applicant, actor, now)
    route = (cycle.decider,) if cycle.decider is not None else route_of(applicant)
    case = Declaration(
        cycle=cycle,
        applicant=applicant,
        applicant_name=applicant.name,
        number="",
        home=route[0],
        unit=route[-1],
        path=applicant.path,
        route=[stop.pk for stop in route],
        ledger=open_ledger(programme=cycle.programme),
        state=State.DRAFT,
        holder=applicant,
        held_since=now,
        started_at=now,
    )
    set_term(case, now)
    tie_by_name(applicant)
    case.number = f"{cycle.slug.upper()}-{case.ledger_id:06d}"
    _insert(case)
    _refuse_renewed(cycle)
    _prefill(case, actor, now)
    record(Event.STARTED, actor=actor, target=case, at=now)
    return case


def _refuse_renewed(cycle: Cycle) -> None:
    """Refuse a case whose cycle took a later standard meanwhile; the case that stands now keeps it from doing so."""
    if not Cycle.objects.filter(pk=cycle.pk, programme=cycle.programme_id).exists():
        raise Refused((Refusal("standard_renewed", "本周期刚刚改用新版标准，请重新开始申报。"),))


def _refuse_start(cycle: Cycle, applicant: Organisation, actor: Seat, now: datetime) -> None:
    _refuse_applicant(cycle, applicant, actor)
    closes = deadlines_for(cycle, applicant)
    facts = CaseFacts(
        state=State.DRAFT,
        now=timezone.localtime(now),
        opens_at=timezone.localtime(cycle.opens_at),
        submission_closes=timezone.localtime(closes.submission),
        province_closes=timezone.localtime(closes.province),
    )
    if bar_of(applicant, cycle) is not None:
        raise Refused((Refusal("barred", BARRED, "通知未规定"),))
    asked = (guard for guard in WORKFLOWS[cycle.workflow].transition("submit").guards if plain(guard) in WINDOW)
    refusals = tuple(r for guard in asked for r in refusals_of(guard, facts, Act()))
    if refusals:
        raise Refused(refusals)


def _refuse_applicant(cycle: Cycle, applicant: Organisation, actor: Seat) -> None:
    """Refuse somebody else's body, and one that does not apply in such a cycle."""
    workflow = WORKFLOWS[cycle.workflow]
    own = allowed(actor, workflow.starts) and actor.organisation_id == applicant.pk
    beneath = cycle.decider_id is None or applicant.parent_id == cycle.decider_id
    if own and beneath and applicant.kind == workflow.applicants:
        return
    if workflow.applicants == Kind.CHAMBER:
        raise Refused((Refusal("not_permitted", "只能为本商会申报。", "三"),))
    sentence = f"由{cycle.decider}所属的{workflow.words.applicant}为本单位申请。"
    raise Refused((Refusal("not_permitted", sentence, "四（四）"),))


def _insert(case: Declaration) -> None:
    try:
        with transaction.atomic():
            case.save(force_insert=True)
    except IntegrityError:
        raise Refused((Refusal("already_started", "本周期内贵会已有申报，请继续填写原有申报。", "四"),)) from None
    recount(case, Counter())


def _prefill(case: Declaration, actor: Seat, now: datetime) -> None:
    """Write what the register knows; every other answer of the last cycle is taken over unconfirmed."""
    programme = programme_of(case.cycle.programme)
    known = {"name": case.applicant.name, "uscc": case.applicant.uscc, "region_code": case.place.code}
    fields = {spec.id for spec in programme.fields}
    certain = {name: value for name, value in known.items() if value and name in fields}
    last = last_of_an_earlier_cycle(case.applicant, case.cycle)
    carried = answers_to_carry(last, programme) if last is not None else {}
    store_answers(
        Answer(declaration=case, field=name, value=value, carried=name not in certain, set_by=actor, set_at=now)
        for name, value in (carried | certain).items()
    )
