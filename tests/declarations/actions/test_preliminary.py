"""The preliminary review: three answers, one ground, a second person, the province heard."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from declarations.actions import consulting, desks, preliminary
from declarations.actions.consulting import Cited
from declarations.actions.questions import Brought
from declarations.calendar import add_working_days
from declarations.demo import stages
from declarations.models import CaseFinding, Consultation, Declaration, Notice, PreliminaryReview
from declarations.queries.desks import desks_for, liaisons_of
from declarations.queries.preliminary import preview_of
from declarations.states import Conclusion, Ground, State
from sihao.accounts.refusals import Refused
from sihao.audit.queries import trail_of
from tests import worlds
from tests.factories import make_federation, make_seat
from tests.kept import as_it_stands, building, kept

pytestmark = pytest.mark.django_db
HINT = "check-X65"
NAMED = (Cited("D2.1", "D2.1 会员", "名册第2页载126人，年检公告载98人。"),)


@pytest.fixture(scope="module")
def begun(django_db_setup, django_db_blocker, tmp_path_factory):
    """A world with one case in the preliminary review, built once for the module."""
    with kept(django_db_blocker):
        with building(tmp_path_factory.mktemp("evidence")):
            world = worlds.make_world()
            case = worlds.make_accepted(world, worlds.PROVINCE)
        yield world, case.pk


@pytest.fixture
def world(begun, db):
    return as_it_stands(begun[0])


@pytest.fixture
def case(world, begun):
    return stages.fresh(Declaration(pk=begun[1]))


def answer(world, case, *, complete=True, logical=True, true=True, notes=None):
    return preliminary.answer_questions(
        case=case, complete=complete, logical=logical, true=true, remarks="", actor=world.seats["department"],
        now=world.tick(), notes={HINT: ""} if notes is None else notes,
    )


def propose(world, case, *, ground=Ground.UNTRUE, actor=None, reason="会员数与年检材料不符。", items=NAMED):
    return preliminary.propose_disqualification(
        case=case, ground=ground, reason=reason, items=items, actor=actor or world.seats["department"],
        now=world.tick(),
    )


def reply(world, case, text="属实。", actor=None):
    return consulting.speak(case=case, text=text, actor=actor or world.leader(case.unit), now=world.tick())


def thread_of(case) -> Consultation:
    return Consultation.objects.get(declaration=case)


def refused(act, **words):
    with pytest.raises(Refused) as caught:
        act(**words)
    return str(caught.value)


def passing(world, case):
    return refused(preliminary.pass_preliminary, case=case, actor=world.seats["department"], now=world.tick())


def disqualifying(world, case, *, actor=None, at=None):
    return refused(preliminary.disqualify, case=case, actor=actor or world.seats["head"], now=at or world.tick())


@pytest.mark.parametrize(
    ("lacking", "question"),
    [("complete", "材料是否齐全"), ("logical", "内容逻辑是否通顺"), ("true", "材料与事实是否相符")],
)
@pytest.mark.parametrize("said", [False, None])
def test_pass_needs_every_answer_to_be_yes(world, case, lacking, question, said):
    answer(world, case, **{lacking: said})

    assert passing(world, case) == f"初审三问须全部为“是”才能通过，尚缺：{question}。（五（二）3）"


def test_pass_without_any_answer_names_all_three(world, case):
    answer(world, case, complete=None, logical=None, true=None)

    assert passing(world, case) == (
        "初审三问须全部为“是”才能通过，尚缺：材料是否齐全、内容逻辑是否通顺、材料与事实是否相符。（五（二）3）"
    )


def test_pass_with_three_yes_brings_the_case_before_the_experts(world, case):
    answer(world, case)

    preliminary.pass_preliminary(case=case, actor=world.seats["department"], now=world.tick())

    case.refresh_from_db()
    assert (case.state, case.holder.code) == (State.EXPERT_REVIEW, worlds.NATION)


def test_answers_are_kept_with_who_and_when_and_are_told(world, case):
    review = answer(world, case, true=None)

    assert (review.complete, review.logical, review.true) == (True, True, None)
    assert review.answered_by == world.seats["department"]
    entry = trail_of(case).filter(event="preliminary_answered").get()
    assert entry.data == {"complete": True, "logical": True, "true": None}


def test_answers_are_refused_outside_the_preliminary_review(world, case):
    stages.pass_preliminary(world, case)

    words = refused(
        preliminary.answer_questions, case=case, complete=False, logical=None, true=None, remarks="",
        actor=world.seats["department"], now=world.tick(),
    )

    assert words == "本件不在初审环节，不能填写初审结论。（五（二）3）"
    assert PreliminaryReview.objects.get(declaration=case).complete is True


@pytest.mark.parametrize("ground", Ground.values)
def test_each_of_the_three_grounds_may_be_proposed(world, case, ground):
    propose(world, case, ground=ground)

    thread = thread_of(case)
    entry = trail_of(case).filter(event="disqualification_proposed").get()
    assert (thread.ground, entry.data["ground"], entry.reason) == (
        ground, Ground(ground).label, "会员数与年检材料不符。"
    )
    assert [(one.item, one.text) for one in thread.items.all()] == [("D2.1", "名册第2页载126人，年检公告载98人。")]
    assert entry.data["items"] == ["D2.1 会员"]


@pytest.mark.parametrize("ground", ["", "late", "incomplete,untrue"])
def test_no_other_ground_may_be_proposed(world, case, ground):
    words = refused(
        preliminary.propose_disqualification, case=case, ground=ground, reason="不符。", items=NAMED,
        actor=world.seats["department"], now=world.tick(),
    )

    assert words == "取消认定资格只能依据三类事由之一：报送材料不全、内容逻辑不通、与事实不符。（五（二）3）"


def test_a_proposal_needs_its_reason(world, case):
    words = refused(
        preliminary.propose_disqualification, case=case, ground=Ground.UNTRUE, reason=" ", items=NAMED,
        actor=world.seats["department"], now=world.tick(),
    )

    assert words == "请写明理由。"


def test_a_flagged_case_cannot_pass(world, case):
    answer(world, case)
    propose(world, case)

    assert passing(world, case) == "本件已提出取消认定资格，须先办结。（五（二）3）"


def test_a_second_proposal_is_refused_while_the_first_is_open(world, case):
    propose(world, case)

    words = refused(
        preliminary.propose_disqualification, case=case, ground=Ground.INCOMPLETE, reason="缺材料。", items=NAMED,
        actor=world.seats["department"], now=world.tick(),
    )

    assert words == "本件已提出取消认定资格，须先办结。（五（二）3）"


def test_who_proposed_cannot_confirm(world, case):
    propose(world, case, actor=world.seats["head"])
    reply(world, case)

    assert disqualifying(world, case) == "提出人不能自己确认，请由另一人办理。（五（二）3）"


def test_who_proposed_cannot_confirm_from_another_seat(world, case):
    twice = make_seat(world.seats["head"].role, make_federation(worlds.NATION), world.seats["department"].user)
    propose(world, case)
    reply(world, case)

    assert disqualifying(world, case, actor=twice) == "提出人不能自己确认，请由另一人办理。（五（二）3）"


def test_a_second_person_confirms_after_the_province_answered(world, case):
    propose(world, case)
    reply(world, case)

    preliminary.disqualify(case=case, actor=world.seats["head"], now=world.tick())

    case.refresh_from_db()
    thread = thread_of(case)
    assert (case.state, case.holder) == (State.DISQUALIFIED, None)
    assert [(one.text, one.of_unit) for one in thread.statements.all()] == [("属实。", True)]
    assert (thread.outcome, thread.closed_by) == (Conclusion.DISQUALIFIED, world.seats["head"])
    entry = trail_of(case).filter(event="disqualified").get()
    assert (entry.data["ground"], entry.data["state"]) == ("材料与事实不符", "disqualified")


def term_of(case) -> datetime:
    return thread_of(case).due_at


def test_the_term_is_five_working_days(world, case):
    propose(world, case)

    assert term_of(case) == add_working_days(world.clock.at, 5)
    assert term_of(case).astimezone(worlds.BEIJING) == datetime(2020, 10, 13, 0, 0, tzinfo=worlds.BEIJING)


def test_an_instant_before_the_term_is_over_the_province_must_have_answered(world, case):
    propose(world, case)

    words = disqualifying(world, case, at=term_of(case) - timedelta(seconds=1))

    assert words == "须先与省级工商联沟通：等待答复至2020年10月12日24:00。（五（二）3）"


def test_when_the_term_is_over_nobody_has_to_answer(world, case):
    propose(world, case)

    preliminary.disqualify(case=case, actor=world.seats["head"], now=term_of(case))

    case.refresh_from_db()
    assert case.state == State.DISQUALIFIED


def test_without_a_proposal_nothing_is_confirmed(world, case):
    words = disqualifying(world, case)

    assert words == "尚未提出取消认定资格。（五（二）3）"


def test_of_the_unit_only_its_leader_answers(world, case):
    propose(world, case)
    leader, officer = world.staff[case.unit_id][1], world.staff[case.unit_id][0]
    elsewhere = make_seat(leader.role, make_federation("420000"))

    for actor in (officer, elsewhere, world.seats["supervision"]):
        words = refused(consulting.speak, case=case, text="属实。", actor=actor, now=world.tick())
        assert words == "由推荐单位分管领导答复。（五（二）3）"


def test_words_of_the_department_are_no_answer_and_each_side_hears_of_the_other(world, case):
    propose(world, case)
    reply(world, case, "请核对名册第2页。", world.seats["department"])

    assert disqualifying(world, case).startswith("须先与省级工商联沟通")
    reply(world, case, "已核对，确有出入。")

    said = [(one.of_unit, one.text) for one in thread_of(case).statements.order_by("id")]
    assert said == [(False, "请核对名册第2页。"), (True, "已核对，确有出入。")]
    heard = {seat: seat_messages(seat) for seat in (world.leader(case.unit), world.seats["head"])}
    assert [title for title in heard[world.leader(case.unit)] if "提出意见" in title] == [
        f"{world.seats['department'].organisation}就{case.applicant_name}的取消资格意见提出意见"
    ]
    assert f"{case.unit}就{case.applicant_name}的取消资格意见提出意见" in heard[world.seats["head"]]


def seat_messages(seat) -> list[str]:
    return list(Notice.objects.filter(seat=seat).order_by("id").values_list("title", flat=True))


@pytest.mark.parametrize(("flagged", "text"), [(True, " "), (False, "属实。")])
def test_an_empty_answer_or_one_to_nothing_is_refused(world, case, flagged, text):
    if flagged:
        propose(world, case)

    words = refused(consulting.speak, case=case, text=text, actor=world.leader(case.unit), now=world.tick())

    assert words == "没有待答复的事项，或答复内容为空。（五（二）3）"


@pytest.mark.parametrize(
    ("items", "sentence"),
    [
        ((), "请至少写明一项涉及的指标或字段，并逐项写明依据。（五（二）3）"),
        ((Cited("D2.1", "D2.1 会员", " "),), "请逐项写明依据，尚缺：D2.1 会员。（五（二）3）"),
    ],
)
def test_a_proposal_names_its_items_each_with_the_evidence(world, case, items, sentence):
    words = refused(propose, world=world, case=case, items=items)

    assert words == sentence


def test_one_person_is_enough_where_the_cycle_says_so(world, case):
    case.cycle.two_persons = []
    case.cycle.save(update_fields=["two_persons"])
    propose(world, case, actor=world.seats["head"])
    reply(world, case)

    preliminary.disqualify(case=stages.fresh(case), actor=world.seats["head"], now=world.tick())

    assert stages.fresh(case).state == State.DISQUALIFIED


def test_the_database_takes_one_ground_and_one_open_thread(world, case):
    propose(world, case)
    thread = thread_of(case)
    told = {"declaration": case, "text": "x", "opened_by": thread.opened_by, "opened_at": thread.opened_at}
    told |= {"due_at": thread.due_at, "subject": "disqualification"}

    for fields in ({"ground": "untrue"}, {"ground": ""}, {"ground": "late"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Consultation.objects.create(**told, **fields)


def test_a_proposal_that_was_dropped_lets_the_case_pass(world, case):
    answer(world, case)
    propose(world, case)

    preliminary.drop_flag(case=case, reason="省级工商联已补充说明。", actor=world.seats["head"], now=world.tick())
    preliminary.pass_preliminary(case=case, actor=world.seats["department"], now=world.tick())

    case.refresh_from_db()
    assert case.state == State.EXPERT_REVIEW
    thread = thread_of(case)
    assert (thread.outcome, thread.words) == (Conclusion.DROPPED, "省级工商联已补充说明。")


def test_a_direct_chamber_is_answered_for_by_the_head(world):
    case = worlds.make_accepted(world, worlds.NATION)
    propose(world, case)

    said = reply(world, case, "已核实。", world.seats["head"])

    assert (said.of_unit, said.text) == (True, "已核实。")
    assert thread_of(case).answered_at is not None


# ---- what the machine found wants a word


def test_a_hint_of_the_checks_wants_a_word_before_the_case_passes(world, case):
    answer(world, case, notes={})
    hint = case.case_findings.get()

    assert hint.key == HINT
    assert passing(world, case) == f"系统发现的情况须逐项核对，尚缺1项：{hint.sentence}（五（二）3）"

    answer(world, case, notes={HINT: "证书已当面核对。"})

    hint.refresh_from_db()
    assert (hint.word, hint.noted_by) == ("证书已当面核对。", world.seats["department"])
    entry = trail_of(case).filter(event="finding_noted").get()
    assert (entry.data["what"], entry.reason) == (hint.sentence, "证书已当面核对。")
    preliminary.pass_preliminary(case=case, actor=world.seats["department"], now=world.tick())


def test_a_tick_alone_says_that_it_was_looked_at_and_the_same_word_is_told_once(world, case):
    for _ in range(2):
        answer(world, case, notes={HINT: "", "check-nothing": "没有这一项"})

    assert CaseFinding.objects.get(declaration=case).word == "已核对"
    assert trail_of(case).filter(event="finding_noted").count() == 1
    assert trail_of(case).filter(event="preliminary_answered").count() == 1


# ---- a clarification (T17)


def clarify(world, case, **words):
    told = {"reason": "名册第2页看不清。", "items": NAMED, "actor": world.seats["department"], "now": world.tick()}
    return consulting.ask_clarification(case=case, **(told | words))


def test_a_clarification_gives_the_case_to_the_unit_for_its_days_and_comes_back_with_the_answer(world, case):
    at_unit = clarify(world, case)
    assert (at_unit.state, at_unit.holder) == (State.PRELIMINARY_REVIEW, case.unit)
    assert at_unit.due_at == thread_of(case).due_at == add_working_days(world.clock.at, 5)
    answer(world, case)
    assert passing(world, case) == "已请推荐单位说明材料问题，须先办结。（五（二）3）"

    leader, file = world.leader(case.unit), Brought(stages.picture("page 2"), "名册第2页.png")
    back = consulting.answer_clarification(
        case=case, text="已重新扫描。", actor=leader, now=world.tick(), files=[file]
    )

    thread = thread_of(case)
    assert (back.holder.code, thread.outcome) == (worlds.NATION, Conclusion.ANSWERED)
    assert [one.name for one in thread.statements.get().files.all()] == ["名册第2页.png"]
    assert case.revisions.count() == stages.fresh(case).revisions.count()
    preliminary.pass_preliminary(case=case, actor=world.seats["department"], now=world.tick())


def test_there_is_one_clarification_and_only_where_the_cycle_knows_it(world, case):
    clarify(world, case)
    assert refused(clarify, world=world, case=case) == (
        "每件只能请推荐单位说明一次材料问题。（通知未规定）已请推荐单位说明材料问题，须先办结。（五（二）3）"
    )
    leader = world.leader(case.unit)
    consulting.answer_clarification(case=case, text="已说明。", actor=leader, now=world.tick())
    assert refused(clarify, world=world, case=case) == "每件只能请推荐单位说明一次材料问题。（通知未规定）"

    case.cycle.clarifies = False
    case.cycle.save(update_fields=["clarifies"])
    assert refused(clarify, world=world, case=case).startswith("本周期不设材料问题说明。（通知未规定）")


def test_without_an_answer_the_case_is_taken_back_when_the_term_is_over_and_not_an_instant_before(world, case):
    clarify(world, case)
    due = thread_of(case).due_at
    take = {"case": case, "actor": world.seats["department"]}

    words = refused(consulting.close_clarification, **take, now=due - timedelta(seconds=1))
    assert words == "推荐单位的说明期限为2020年10月12日24:00，期满前不能收回。（通知未规定）"
    back = consulting.close_clarification(**take, now=due)

    assert (back.holder.code, thread_of(case).outcome) == (worlds.NATION, Conclusion.UNANSWERED)
    late = {"text": "迟到的说明。", "actor": world.leader(case.unit), "now": due}
    assert refused(consulting.answer_clarification, case=case, **late) == "您的席位无权办理这一步。"


def test_while_a_clarification_waits_nothing_is_proposed(world, case):
    clarify(world, case)

    assert refused(propose, world=world, case=case) == "已请推荐单位说明材料问题，须先办结。（五（二）3）"


# ---- passing many


def test_a_bulk_pass_does_what_the_single_step_does_and_tells_who_ordered_it_of_each_refusal(world, case):
    other = worlds.make_accepted(world, worlds.NATION)
    answer(world, case)
    officer = world.seats["department"]
    preview = preview_of(officer, case.cycle, [case.pk, other.pk], world.clock.at)
    assert [one.pk for one in preview.passing] == [case.pk]
    single = refused(preliminary.pass_preliminary, case=other, actor=officer, now=world.tick())
    assert "".join(str(no) for no in preview.refused[0].refusals) == single

    job = preliminary.order_passing(cases=[case.pk, other.pk], actor=officer, now=world.tick())
    words = {"cases": job.arguments["cases"], "actor": officer, "now": world.tick(), "key": "k"}
    passed, no = preliminary.pass_listed(**words)
    again = preliminary.pass_listed(**words)

    assert (passed, no) == (1, [f"{other.applicant_name}（{other.number}）：{single}"])
    assert again[0] == 0
    assert stages.fresh(case).state == State.EXPERT_REVIEW
    told = Notice.objects.get(seat=officer, key="k")
    assert (told.title, told.body) == ("批量通过初审：通过1件，未通过1件", no[0])


def test_nothing_chosen_too_much_and_the_wrong_seat_are_refused(world, case):
    words = {"actor": world.seats["department"], "now": world.tick()}
    order = preliminary.order_passing

    assert refused(order, cases=[], **words) == "没有选定可以通过初审的申报。"
    assert refused(order, cases=range(501), **words) == "一次最多办理500件，请分批办理。"
    assert refused(order, cases=[case.pk], actor=world.seats["supervision"], now=world.tick()) == (
        "由全国工商联会员部办理初审。（五（二）3）"
    )


# ---- whose desk


def test_a_case_goes_to_the_officer_with_the_least_who_does_not_look_after_its_unit(world, case):
    own = world.seats["department"]
    second, third = (make_seat(own.role, own.organisation) for _ in range(2))
    assert case.desk == own
    liaison = {case.unit_id: second.pk}
    desks.set_liaisons(cycle=case.cycle, seats=liaison, actor=world.seats["head"], now=world.tick())

    assert list(desks_for(case)) == [third, own]
    words = {"case": case, "actor": world.seats["head"], "now": world.tick()}
    assert refused(desks.assign_desk, seat=second.pk, **words) == (
        "初审经办人须为会员部经办人，不联系本件推荐单位，也不须回避。（回避）"
    )
    assert desks.assign_desk(seat=third.pk, **words).desk == third
    assert refused(desks.assign_desk, seat=own.pk, case=case, actor=own, now=world.tick()) == (
        "联系单位和初审经办人由全国工商联会员部负责人指定。"
    )
    entry = trail_of(case).filter(event="desk_assigned").get()
    assert entry.data["holder"] == third.user.name


def test_liaisons_are_officers_and_change_only_by_the_head(world, case):
    words = {"cycle": case.cycle, "now": world.tick()}
    head = world.seats["head"]

    assert refused(desks.set_liaisons, seats={}, actor=world.seats["department"], **words) == (
        "联系单位和初审经办人由全国工商联会员部负责人指定。"
    )
    assert refused(desks.set_liaisons, seats={case.unit_id: head.pk}, actor=head, **words) == (
        "联系人须为会员部经办人。"
    )
    officer = world.seats["department"].pk
    assert [desks.set_liaisons(seats={case.unit_id: who}, actor=head, **words) for who in (officer, officer, None)] == [
        1, 0, 1
    ]
    assert liaisons_of(case.cycle)[0].seat is None
