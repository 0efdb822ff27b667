"""Withdrawing after the list went up (T15): three persons, what stays until the last, what follows, each refusal."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from declarations.actions import (
    confirming,
    correcting,
    preliminary,
    publish,
    review,
    stepping_back,
    withdrawing,
)
from declarations.actions.counting import places_of, recount
from declarations.demo import stages
from declarations.models import (
    Batch,
    Cycle,
    Declaration,
    Notice,
    Quota,
    Revision,
    StateCount,
    WithdrawalRequest,
)
from declarations.queries.acts import acts_open_to
from declarations.queries.corrections import before_outcome
from declarations.queries.desk import desk_of
from declarations.queries.facts import dossier_of
from declarations.queries.invariants.registry import INVARIANTS, Scope, look
from declarations.queries.lists_page import entries_of
from declarations.queries.withdrawals import waiting_withdrawals
from declarations.states import BatchState, State, WithdrawalOutcome
from sihao.accounts.models import Organisation
from sihao.accounts.refusals import Refused
from sihao.audit.queries import trail_of
from sihao.jobs.models import Job
from tests import worlds
from tests.kept import as_it_stands, building, kept

pytestmark = pytest.mark.django_db
HENAN = worlds.PROVINCE
REASON = "本会正在换届，申报内容将有较大变化。"


@pytest.fixture(scope="module")
def begun(django_db_setup, django_db_blocker, tmp_path_factory):
    """A world with two cases in the preliminary review and a reserve that stayed below."""
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")):
        world = worlds.make_world()
        spare = worlds.make_at_unit(world, HENAN)
        review.reserve(case=spare, actor=world.leader(spare.unit), now=world.tick())
        other = worlds.make_shortlisted(world, HENAN)
        case = worlds.make_accepted(world, HENAN)
        yield world, case.pk, other.pk, spare.pk


@pytest.fixture
def world(begun, db):
    return as_it_stands(begun[0])


@pytest.fixture
def case(world, begun):
    return stages.fresh(Declaration(pk=begun[1]))


@pytest.fixture
def other(world, begun):
    return stages.fresh(Declaration(pk=begun[2]))


def now(one: Declaration) -> Declaration:
    return stages.fresh(one)


def ask(world, case, **words):
    president = worlds.president_of(case.applicant)
    given = {"case": case, "reason": REASON, "actor": president, "now": world.tick()}
    return withdrawing.ask_withdrawal(**given | words)


def agree(world, case, **words):
    return withdrawing.agree_withdrawal(**{"case": case, "actor": world.leader(case.unit), "now": world.tick()} | words)


def oppose(world, case, **words):
    given = {"case": case, "reason": "仍请参加。", "actor": world.leader(case.unit), "now": world.tick()}
    return withdrawing.oppose_withdrawal(**given | words)


def accept(world, case, **words):
    return withdrawing.accept_withdrawal(**{"case": case, "actor": world.seats["head"], "now": world.tick()} | words)


def refuse(world, case, **words):
    given = {"case": case, "reason": "已近审议。", "actor": world.seats["department"], "now": world.tick()}
    return withdrawing.refuse_withdrawal(**given | words)


def withdrawn(world, case) -> Declaration:
    ask(world, case)
    agree(world, case)
    return now(accept(world, case))


def refused(act, *given, **words) -> str:
    with pytest.raises(Refused) as caught:
        act(*given, **words)
    return "".join(str(one) for one in caught.value.refusals)


def titles(seat) -> list[str]:
    return list(Notice.objects.filter(seat=seat).order_by("id").values_list("title", flat=True))


def correct(world, case) -> Declaration:
    given = {"reason": "误办。", "actor": world.seats["head"], "now": world.tick()}
    pending = correcting.propose_correction(case=case, **given)
    confirming.confirm(pending=pending, actor=world.seats["supervision"], now=world.tick())
    return now(case)


def broken(*numbers: int) -> list[str]:
    """Return what the invariants find; the files (20) lie in the folder in which the world was built."""
    found = look(numbers or sorted(INVARIANTS.keys() - {20}), Scope())
    return [f"{one.number}{breach.words}" for one in found for breach in one.examples]


def put(case, **changes) -> Declaration:
    """Let a case stand elsewhere, with the counters that tell of it."""
    one = now(case)
    before = places_of(one)
    Declaration.objects.filter(pk=one.pk).update(**changes)
    recount(now(one), before)
    return now(one)


# ---- the way


def test_nothing_moves_until_the_department_accepts_and_the_review_goes_on(world, case):
    stood = (case.state, case.holder_id)
    ask(world, case)
    asked = now(case)
    agree(world, case)
    agreed = now(case)
    stages.answer_yes(world, agreed)

    assert [(one.state, one.holder_id) for one in (asked, agreed)] == [stood, stood]
    preliminary.pass_preliminary(case=agreed, actor=world.seats["department"], now=world.tick())
    assert now(case).state == State.EXPERT_REVIEW
    assert now(accept(world, case)).state == State.WITHDRAWN


def test_three_persons_withdraw_a_case_and_its_place_stays_used(world, case):
    quota, listing = Quota.objects.get(organisation=case.unit).used, Batch.objects.get().listing
    one = withdrawn(world, case)

    request = WithdrawalRequest.objects.get()
    assert (one.state, one.holder_id, request.outcome) == (State.WITHDRAWN, None, WithdrawalOutcome.ACCEPTED)
    people = (worlds.president_of(case.applicant), world.leader(case.unit), world.seats["head"])
    assert (request.asked_by, request.unit_by, request.settled_by) == people
    assert (request.reason, request.agreed) == (REASON, True)
    assert request.unit_due > request.asked_at
    assert request.settle_due > request.unit_at
    events = [entry.event for entry in trail_of(one)][-3:]
    assert events == ["withdrawal_asked", "withdrawal_agreed", "withdrawal_accepted"]
    assert Revision.objects.filter(declaration=one).latest("number").transition == "accept_withdrawal"
    assert (Quota.objects.get(organisation=case.unit).used, Batch.objects.get().listing) == (quota, listing)
    counted = StateCount.objects.filter(scope="unit", organisation=case.unit, number__gt=0)
    assert dict(counted.values_list("state", "number")) == {"shortlisted": 1, "preliminary_review": 1, "withdrawn": 1}
    assert not broken()


def test_each_step_tells_who_is_concerned(world, case):
    president, leader = worlds.president_of(case.applicant), world.leader(case.unit)
    name = case.applicant_name
    withdrawn(world, case)

    assert titles(president)[-3:] == ["贵会已申请撤回申报", f"{case.unit}同意贵会撤回申报", "贵会申报已撤回"]
    assert titles(leader)[-2:] == [f"{name}申请撤回申报，请提出意见", f"{name}的申报已撤回"]
    assert titles(world.seats["department"])[-1] == f"{case.unit}同意{name}撤回申报，请办理"


def test_experts_with_open_sheets_are_told_and_have_nothing_to_score_any_more(world, case):
    case = stages.assign(world, stages.pass_preliminary(world, case))
    expert = world.seats["expert"]
    before = [task.title for task in desk_of(expert, world.cycle, world.tick()).waiting]
    withdrawn(world, case)

    assert before == [case.applicant_name]
    assert titles(expert)[-1] == f"{case.applicant_name}的申报已撤回，不再评分"
    desk = desk_of(expert, world.cycle, world.tick())
    assert (desk.waiting, desk.held) == ([], 0)
    assert not broken()


def test_with_the_rule_the_first_reserve_takes_the_place(world, case, begun):
    Cycle.objects.update(refills=True)
    withdrawn(world, now(case))

    up = Declaration.objects.get(pk=begun[3])
    assert (up.state, up.is_reserve) == (State.PRELIMINARY_REVIEW, False)
    told = trail_of(up).filter(event="moved_up").get().sentence
    assert told.endswith(f"{case.applicant_name}空出名额，由备选第1位递补")
    assert not broken(5, 6, 31)


def test_the_list_as_sent_says_who_was_withdrawn(world, case, other):
    withdrawn(world, case)

    entries = entries_of(world.officer(case.unit), Batch.objects.get())
    assert {one.pk: one.withdrawn for one in entries} == {case.pk: True, other.pk: False}


def test_a_unit_that_does_not_agree_closes_the_request_and_the_chamber_may_ask_again(world, case):
    ask(world, case)
    oppose(world, case)

    one = WithdrawalRequest.objects.get()
    assert (one.outcome, one.agreed, one.unit_words) == (WithdrawalOutcome.OPPOSED, False, "仍请参加。")
    assert titles(worlds.president_of(case.applicant))[-1] == f"{case.unit}不同意贵会撤回申报"
    ask(world, case)
    assert now(case).state == State.PRELIMINARY_REVIEW
    assert not broken(2, 3)


@pytest.mark.parametrize("agreed", [False, True])
def test_the_department_may_refuse_whether_the_unit_was_heard_or_not(world, case, agreed):
    ask(world, case)
    if agreed:
        agree(world, case)
    refuse(world, case)

    one = WithdrawalRequest.objects.get()
    assert (one.outcome, one.words, now(case).state) == ("refused", "已近审议。", State.PRELIMINARY_REVIEW)
    assert titles(worlds.president_of(case.applicant))[-1] == "贵会撤回申请未获接受"
    assert titles(world.leader(case.unit))[-1] == f"{case.applicant_name}的撤回申请未获接受"


def test_of_a_chamber_of_the_nation_the_head_speaks_for_the_unit_too(world, case):
    case = put(case, unit=Organisation.objects.get(code=worlds.NATION), batch=None, rank=None)
    ask(world, case)

    acts = [act.label for act in acts_open_to(world.seats["head"], dossier_of(now(case)), world.tick(), code="T15")]
    assert acts == ["同意撤回", "不同意撤回", "不接受撤回", "接受撤回"]
    agree(world, now(case), actor=world.seats["head"])
    assert now(accept(world, now(case))).state == State.WITHDRAWN


# ---- refusals


def test_every_act_is_refused_out_of_its_order(world, case):
    none = "没有待办理的撤回申请。（通知未规定）"
    assert [refused(act, world, case) for act in (agree, oppose, refuse, accept)] == [none] * 4
    assert refused(ask, world, case, reason=" ") == "请写明理由。"
    ask(world, case)
    assert refused(ask, world, case) == "已申请撤回，等待推荐单位提出意见，不能重复申请。（通知未规定）"
    assert refused(accept, world, case) == "推荐单位尚未同意撤回，不能接受。（通知未规定）"
    assert refused(oppose, world, case, reason="") == "请写明理由。"
    assert refused(refuse, world, case, reason="") == "请写明理由。"
    agree(world, case)
    heard = "推荐单位已同意撤回，等待全国工商联会员部办理。（通知未规定）"
    assert [refused(act, world, case) for act in (agree, oppose)] == [heard] * 2
    assert refused(ask, world, case) == "已申请撤回，等待全国工商联会员部办理，不能重复申请。（通知未规定）"
    accept(world, case)
    assert refused(ask, world, case) == "本件状态已由他人改变，请刷新页面后再办理。"


def test_no_act_is_anybody_elses(world, case):
    president, officer, leader = worlds.president_of(case.applicant), world.officer(case.unit), world.leader(case.unit)
    department, head = world.seats["department"], world.seats["head"]
    wrong = [(ask, (officer, leader, head)), (agree, (president, officer, department)), (oppose, (president, officer))]
    wrong += [(refuse, (president, leader)), (accept, (president, leader, department))]
    for act, seats in wrong:
        for seat in seats:
            assert refused(act, world, case, actor=seat) == "您的席位无权办理这一步。"


def test_who_steps_back_cannot_answer(world, case):
    ask(world, case)
    leader = world.leader(case.unit)
    given = {"reason": "亲属任职。", "actor": leader, "now": world.tick()}
    stepping_back.recuse(case=case, who=leader, **given)

    assert refused(agree, world, case) == "您对本件应当回避，不能办理，由本单位其他人办理。（回避）"
    assert not waiting_withdrawals(leader).exists()


def test_a_proposed_disqualification_is_settled_first(world, case):
    ask(world, case)
    agree(world, case)
    stages.flag(world, now(case), reason="会员数与年检材料不符。")

    assert refused(accept, world, case) == "本件已提出取消认定资格，须先办结。（五（二）3）"


def test_a_list_that_was_not_accepted_is_recalled_by_its_unit(world, case):
    Batch.objects.update(state=BatchState.UPLOADED)
    put(case, state=State.RECOMMENDED)
    ask(world, case)
    agree(world, case)

    words = "推荐名单尚未接收，接收后再办理；接收前推荐单位可以撤回上报。（通知未规定）"
    assert refused(accept, world, case) == words
    Batch.objects.update(state=BatchState.ACCEPTED)
    assert now(accept(world, case)).state == State.WITHDRAWN


# ---- the meeting


@pytest.fixture
def proposed(world, case):
    return stages.sign(world, stages.score(world, stages.assign(world, stages.pass_preliminary(world, case))))


def closed(world, seat, case) -> list[str]:
    acts = acts_open_to(seat, dossier_of(now(case)), world.tick(), code="T15")
    return [str(refusal) for act in acts for refusal in act.refusals]


def test_before_the_meeting_a_proposed_case_is_withdrawn_and_on_the_agenda_no_more(world, proposed):
    president, leader, head = worlds.president_of(proposed.applicant), world.leader(proposed.unit), world.seats["head"]
    assert acts_open_to(president, dossier_of(proposed), world.tick(), code="T15")[0].refusals == ()
    ask(world, proposed)
    agree(world, proposed)
    publish.freeze_agenda(cycle=world.cycle, actor=head, now=world.tick())

    over = "本周期已提请主席办公会议审议，不能再撤回。（通知未规定）"
    assert refused(accept, world, proposed) == "本件已列入待审议名单。（五（二）4）"
    assert refused(agree, world, proposed).startswith(over)
    assert refused(ask, world, proposed).startswith(over)
    assert not waiting_withdrawals(leader).exists()
    refuse(world, proposed)
    assert refused(ask, world, proposed) == over


def test_a_case_that_is_ruled_out_answers_like_one_that_is_proposed(world, proposed):
    """Until the release no answer tells a chamber or its unit how the experts found."""
    president, leader = worlds.president_of(proposed.applicant), world.leader(proposed.unit)
    told = []
    for state in (State.PROPOSED, State.NOT_ELIGIBLE):
        holder = proposed.holder if state == State.PROPOSED else None
        put(proposed, state=state, holder=holder)
        with transaction.atomic():
            ask(world, now(proposed))
            waits = waiting_withdrawals(leader).count()
            told.append((closed(world, president, proposed), closed(world, leader, proposed), waits))
            transaction.set_rollback(True)

    assert told[0] == told[1]
    assert told[0][2] == 1


# ---- corrections


def test_a_correction_leads_back_to_where_the_case_stood(world, case):
    one = correct(world, withdrawn(world, case))

    assert (one.state, one.holder_id) == (State.PRELIMINARY_REVIEW, case.holder_id)
    assert not broken()
    ask(world, one)


def test_a_correction_gives_the_experts_their_sheets_back(world, case):
    case = stages.assign(world, stages.pass_preliminary(world, case))
    one = correct(world, withdrawn(world, case))

    assert one.state == State.EXPERT_REVIEW
    assert stages.sign(world, stages.score(world, one)).state == State.PROPOSED
    assert not broken()


def test_a_proposed_case_comes_back_and_its_letter_tells_no_outcome(world, proposed):
    one = correct(world, withdrawn(world, proposed))

    assert one.state == State.PROPOSED
    letter = Notice.objects.get(declaration=one, seat=worlds.president_of(one.applicant), key__contains="correct-")
    assert letter.body == "原结果更正，申报回到“评审中”环节。"
    assert not broken()


def test_a_recommended_case_that_comes_back_is_taken_up(world, case):
    put(case, state=State.RECOMMENDED)
    ask(world, case)
    agree(world, case)
    gone = now(accept(world, case))
    assert before_outcome(gone).state == State.RECOMMENDED
    one = correct(world, gone)

    assert one.state == State.RECOMMENDED
    assert Job.objects.filter(kind="take_up_listed", arguments__batch=one.batch_id).exists()


def test_a_replaced_case_takes_a_place_again(world, case):
    Cycle.objects.update(refills=True)
    used = Quota.objects.get(organisation=case.unit).used
    correct(world, withdrawn(world, now(case)))

    assert Quota.objects.get(organisation=case.unit).used == used + 1
    assert not broken(5, 6, 31)


# ---- what the tables hold


def test_the_database_holds_one_open_request_and_whole_answers(world, case):
    ask(world, case)
    one = WithdrawalRequest.objects.get()
    same = {"declaration": case, "reason": "再次。", "asked_by": one.asked_by, "asked_at": one.asked_at}
    with pytest.raises(IntegrityError, match=r"one_open|declaration_id"), transaction.atomic():
        WithdrawalRequest.objects.create(**same, unit_due=one.unit_due)
    with pytest.raises(IntegrityError, match="unit_whole"), transaction.atomic():
        WithdrawalRequest.objects.update(agreed=True)
    with pytest.raises(IntegrityError, match="settled_whole"), transaction.atomic():
        WithdrawalRequest.objects.update(outcome="accepted", settled_at=one.asked_at, settled_by=one.asked_by)
    with pytest.raises(IntegrityError, match="has_reason"), transaction.atomic():
        WithdrawalRequest.objects.update(reason="")


# ---- pages


def page_of(seat, name, *args):
    client = Client()
    client.force_login(seat.user)
    return client.get(reverse(f"declarations:{name}", args=args))


def test_the_presidents_page_offers_it_and_the_step_says_that_the_reviews_go_on(world, case):
    president = worlds.president_of(case.applicant)
    client = Client()
    client.force_login(president.user)
    url = reverse("declarations:step", kwargs={"pk": case.pk, "name": "ask_withdrawal"})

    assert url in page_of(president, "case", case.pk).content.decode()
    page = client.get(url).content.decode()
    assert "办结前审核、评审照常进行" in page
    assert "依据：通知未规定" in page
    assert client.post(url, {"reason": REASON}).status_code == 302
    assert reverse("declarations:withdrawal", args=[case.pk]) in page_of(president, "case", case.pk).content.decode()


def test_the_worklists_lead_to_the_page_with_who_said_what(world, case):
    leader, department = world.leader(case.unit), world.seats["department"]
    ask(world, case)
    tasks = {task.state: task for task in desk_of(leader, world.cycle, world.tick()).waiting}
    request = WithdrawalRequest.objects.get()
    assert tasks["待推荐单位提出意见"].due == request.unit_due
    agree(world, case)
    tasks = {task.state: task for task in desk_of(department, world.cycle, world.tick()).waiting}
    assert tasks["推荐单位已同意"].due == WithdrawalRequest.objects.get().settle_due

    page = page_of(department, "withdrawal", case.pk).content.decode()
    for words in (REASON, f"{case.unit}同意撤回", "审核、评审照常进行", leader.user.name):
        assert words in page
    theirs = page_of(worlds.president_of(case.applicant), "withdrawal", case.pk).content.decode()
    assert REASON in theirs
    assert leader.user.name not in theirs


def test_the_page_asks_as_much_of_three_requests_as_of_one(world, case, django_assert_num_queries):
    ask(world, case)
    refuse(world, case)
    client = Client()
    client.force_login(world.seats["department"].user)
    url = reverse("declarations:withdrawal", args=[case.pk])
    client.get(url)
    with CaptureQueriesContext(connection) as one:
        client.get(url)
    for _ in range(2):
        ask(world, case)
        refuse(world, case)
    with django_assert_num_queries(len(one)):
        client.get(url)


def test_the_step_page_names_no_outcome_that_is_not_released(world, proposed):
    put(proposed, state=State.NOT_ELIGIBLE, holder=None)
    page = page_of(worlds.president_of(proposed.applicant), "step", proposed.pk, "withdraw").content.decode()

    assert "本件现为“评审中”，不能办理这一步。" in page
    assert "不能参与认定" not in page
