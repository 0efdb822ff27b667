"""Returns and what follows: named items, the round of lower tiers, a case sent down, a second look, questions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import IntegrityError, transaction

from declarations.actions import delta, draft, questions, review, second_look
from declarations.actions.delta import Redo
from declarations.actions.letters import release
from declarations.actions.questions import About, Brought
from declarations.actions.review import Mend, Settled
from declarations.demo import stages
from declarations.models import (
    DecisionLetter,
    Declaration,
    Decline,
    DeltaRound,
    DeltaTask,
    Notice,
    Question,
    ReturnItem,
    ReturnSlip,
)
from declarations.queries.dossier import dossier_of
from declarations.states import (
    DeclineReason,
    DeltaState,
    ItemOutcome,
    ReturnReason,
    SecondLook,
    Stance,
    State,
)
from scoring.actions import Entered
from scoring.models import Assessment, Layer
from scoring.queries import book_of
from sihao.accounts.refusals import Refused
from sihao.accounts.roles import Role
from tests import worlds
from tests.factories import make_seat
from tests.kept import as_it_stands, building, kept

pytestmark = pytest.mark.django_db
ROW, OTHER = "A1.2", "A1.3"
AGREEING = {"text": "同意。", "stance": Stance.AGREE, "authentic": True}
LABELS = {ROW: f"{ROW} 某项", OTHER: f"{OTHER} 某项"}


@dataclass(frozen=True)
class Ground:
    """A world with one case before its county, and one that county and city have sent up to the province."""

    world: stages.World
    fresh: Declaration
    above: Declaration


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")):
        world = worlds.make_world()
        above = worlds.make_submitted(world)
        for _tier in ("county", "city"):
            officer = world.officer(above.holder)
            review.agree_with_below(case=above, actor=officer, now=world.tick())
            review.save_opinion(case=above, actor=officer, now=world.tick(), **AGREEING)
            review.forward(case=above, actor=world.leader(above.holder), now=world.tick())
            above = stages.fresh(above)
        yield Ground(world, worlds.make_submitted(world), above)


@pytest.fixture
def world(ground):
    return as_it_stands(ground.world)


@pytest.fixture
def case(ground):
    return stages.fresh(ground.fresh)


@pytest.fixture
def above(ground):
    return stages.fresh(ground.above)


def refused(action, **keywords):
    with pytest.raises(Refused) as caught, transaction.atomic():
        action(**keywords)
    return [refusal.sentence for refusal in caught.value.refusals]


def office(code):
    return worlds.make_federation(code)


COUNTY, CITY, PROVINCE = worlds.COUNTY, worlds.CITY, worlds.PROVINCE


def mend(item=ROW):
    return Mend(item, LABELS.get(item, item), ReturnReason.MISSING, "请补充签到表。")


def give_back(world, case, *items, **words):
    keywords = {
        "items": [mend(item) for item in items],
        "actor": world.officer(case.holder),
        "now": world.tick(),
    }
    review.return_for_correction(case=case, **(keywords | words))
    return stages.fresh(case)


def come_back(world, case, rows=None, answers=None):
    """Let the chamber change rows and answers of the open return, answer every item, and hand in again."""
    president = worlds.president_of(case.applicant)
    draft.save_self_marks(case=case, entries=rows or {}, actor=president, now=world.tick())
    draft.save_answers(case=case, answers=answers or {}, actor=president, now=world.tick())
    items = ReturnItem.objects.filter(slip__declaration=case, slip__closed_at=None).values_list(
        "item", flat=True
    )
    draft.answer_return(
        case=case, answers=dict.fromkeys(items, "已补充。"), actor=president, now=world.tick()
    )
    draft.resubmit(case=stages.fresh(case), actor=president, now=world.tick())
    return stages.fresh(case)


def reworded(world, above, *rows):
    """Return the rows from the province and let the chamber reword them: the county has to look again first."""
    returned = give_back(world, above, *(rows or (ROW,)))
    return come_back(world, returned, {row: Entered(words="另附会议纪要三份。") for row in rows or (ROW,)})


def settle(world, case, *rows, **entries):
    marks = {code.replace("_", "."): entry for code, entry in entries.items()}
    return delta.settle_rows(
        case=case, entries=marks, settled=rows, actor=world.officer(case.holder), now=world.tick()
    )


def confirm(world, case):
    delta.confirm_delta(case=stages.fresh(case), actor=world.officer(case.holder), now=world.tick())
    return stages.fresh(case)


def tasks(case):
    found = DeltaTask.objects.filter(round__declaration=case).order_by("round", "place")
    return [(task.organisation.code, task.state, [row.code for row in task.rows.all()]) for task in found]


def points(case, layer):
    return book_of(case.ledger_id).layer(layer).points


# ---- a return with its date


def test_the_named_date_is_the_chambers_term(world, case):
    until = datetime(2020, 10, 13, tzinfo=worlds.BEIJING)

    returned = give_back(world, case, ROW, due=until)

    assert (ReturnSlip.objects.get().due_at, returned.due_at) == (until, until)


def test_a_date_after_the_tiers_own_deadline_is_refused_with_both(world, case):
    late = datetime(2020, 10, 15, tzinfo=worlds.BEIJING)

    told = refused(give_back, world=world, case=case, due=late)

    assert told == [
        "请至少写明一项需要修改的指标或字段，并逐项说明原因。",
        "修改期限2020年10月14日24:00晚于县级审核截止时间2020年10月13日24:00，请提前。",
    ]


def test_nothing_but_the_named_items_can_be_changed_by_any_door(world, case):
    returned = give_back(world, case, ROW)
    president = worlds.president_of(case.applicant)
    before = dict(returned.answers.values_list("field", "value"))
    marks = points(case, Layer.SELF)
    piece = returned.attachments.exclude(row=ROW).first()
    words = {"case": returned, "actor": president, "now": world.tick()}

    draft.save_answers(answers={"chamber_name": "另一商会"}, **words)
    draft.save_self_marks(entries={OTHER: Entered(points="0"), ROW: Entered(points="1")}, **words)
    draft.fill_proposed_marks(**words)
    draft.confirm_carried(fields=["chamber_name"], **words)
    sentence = f"{piece.row}不在退回修改的事项内，不能改动。"

    assert dict(returned.answers.values_list("field", "value")) == before
    assert points(case, Layer.SELF) == marks | {ROW: Decimal(1)}
    assert refused(draft.detach, attachment=piece, **words) == [sentence]
    unnamed = {"attachment": piece, "case": returned, "pages": "第1页", "dated": None, "actor": president}
    assert refused(draft.annotate, **unnamed) == [sentence]
    file = {"row": piece.row, "file": stages.picture("x"), "name": "x.png"}
    assert refused(draft.attach, **file, **words) == [sentence]


def test_a_row_that_came_back_is_settled_before_the_tier_goes_on(world, case):
    again = come_back(world, give_back(world, case, ROW, OTHER))
    item, other = ReturnItem.objects.order_by("item")
    officer = world.officer(again.holder)
    words = {"case": again, "actor": officer, "now": world.tick()}
    review.agree_with_below(**words)
    review.save_opinion(text="同意。", stance=Stance.AGREE, authentic=True, **words)

    first = refused(review.forward, **words)
    lacking = refused(review.settle_items, words={item.pk: Settled(ItemOutcome.LACKING)}, **words)
    number = review.settle_items(
        words={item.pk: Settled(ItemOutcome.MENDED), other.pk: Settled(ItemOutcome.LACKING, "仍缺签到表。")},
        **words,
    )

    assert first == [f"退回事项重新提交后须逐项核对，尚缺：{LABELS[ROW]}、{LABELS[OTHER]}。"]
    assert lacking == ["核对结果为“仍不符合”的，请写明理由。"]
    assert number == 2
    assert review.forward(**words).holder == office(CITY)


def test_items_are_settled_by_the_tier_that_returned_them_when_they_are_answered(world, case):
    returned = give_back(world, case, ROW)
    item = ReturnItem.objects.get()
    words = {"words": {item.pk: Settled(ItemOutcome.MENDED)}, "now": world.tick()}

    early = refused(review.settle_items, case=returned, actor=world.officer(case.holder), **words)
    again = come_back(world, returned)
    other = refused(review.settle_items, case=again, actor=world.officer(office(worlds.NEIGHBOUR)), **words)
    strange = refused(
        review.settle_items,
        case=again,
        actor=world.officer(again.holder),
        words={0: Settled(ItemOutcome.MENDED)},
        now=world.tick(),
    )

    assert (early, other) == (["本件现不由本单位办理，不能评分。"],) * 2
    assert strange == ["只能核对本单位退回、商会已答复的事项。"]


# ---- a round of lower tiers


def test_a_return_by_the_first_tier_asks_nobody_else(world, case):
    again = come_back(world, give_back(world, case, ROW), {ROW: Entered(words="另附。")})

    assert (again.holder, again.awaited_by, DeltaRound.objects.count()) == (office(COUNTY), None, 0)


def test_a_row_that_changed_goes_from_below_upward_to_who_returned_it(world, above):
    case = reworded(world, above)

    assert (case.state, case.holder, case.awaited_by) == (
        State.LOCAL_REVIEW,
        office(COUNTY),
        office(PROVINCE),
    )
    assert tasks(case) == [(COUNTY, "open", [ROW]), (CITY, "waiting", [ROW])]

    settle(world, case, ROW)
    case = confirm(world, case)
    assert (case.holder, tasks(case)) == (office(CITY), [(COUNTY, "done", [ROW]), (CITY, "open", [ROW])])

    settle(world, case, ROW)
    case = confirm(world, case)
    assert (case.holder, case.awaited_by) == (office(PROVINCE), None)
    assert DeltaRound.objects.get().ended_at is not None


def test_nothing_changed_skips_every_tier_and_the_history_says_why(world, above):
    case = come_back(world, give_back(world, above, ROW))

    assert (case.holder, case.awaited_by) == (office(PROVINCE), None)
    assert tasks(case) == [(COUNTY, "skipped", []), (CITY, "skipped", [])]
    assert set(DeltaTask.objects.values_list("note", flat=True)) == {"自本级报出以来，各指标没有变动。"}


def test_a_tier_that_marked_none_of_the_changed_rows_is_skipped(world, above):
    county = book_of(above.ledger_id).layer(Layer.COUNTY).assessment
    county.marks.filter(code=ROW).delete()

    case = reworded(world, above)

    assert case.holder == office(CITY)
    assert tasks(case) == [(COUNTY, "skipped", []), (CITY, "open", [ROW])]
    assert DeltaTask.objects.get(state=DeltaState.SKIPPED).note == "变动的指标本级都没有评分。"


def test_only_the_rounds_rows_are_marked_and_the_old_layer_stays(world, above):
    case = reworded(world, above)
    officer = world.officer(case.holder)
    words = {"case": case, "actor": officer, "now": world.tick()}
    sentence = f"本次只核对1项指标，{OTHER}不在其内，不能改动。"
    before = points(above, Layer.COUNTY)

    assert refused(review.save_tier_marks, entries={OTHER: Entered(points="0")}, **words) == [sentence]
    assert refused(delta.settle_rows, entries={OTHER: Entered(points="0")}, settled=(), **words) == [sentence]
    assert refused(review.agree_with_below, **words) == [
        "本级只核对变动的指标，请在“核对变动指标”页逐项办理。"
    ]
    settle(world, case, ROW, A1_2=Entered(points="1", reason="纪要只有一份。"))

    versions = Assessment.objects.filter(ledger=case.ledger_id, layer=Layer.COUNTY).order_by("version")
    assert [one.marks.get(code=ROW).points for one in versions] == [before[ROW], Decimal(1)]
    assert versions[0].locked_at is not None
    assert points(case, Layer.COUNTY) == before | {ROW: Decimal(1)}


def test_a_round_asks_for_an_opinion_only_where_a_mark_moved(world, above):
    case = reworded(world, above)
    officer = world.officer(case.holder)
    words = {"case": case, "text": "补充后同意。", "stance": Stance.AGREE, "authentic": True, "actor": officer}

    holds = refused(review.save_opinion, now=world.tick(), **words)
    settle(world, case, ROW, A1_2=Entered(points="1", reason="纪要只有一份。"))
    wanted = refused(delta.confirm_delta, case=case, actor=officer, now=world.tick())
    review.save_opinion(now=world.tick(), **words)
    gone = confirm(world, case)

    assert holds == ["得分没有变动，本级原审核意见继续有效，不需另写。"]
    assert wanted == ["核对后得分有变动，请重新填写本级审核意见。"]
    assert gone.holder == office(CITY)
    assert [one.round for one in dossier_of(gone).endorsements if one.organisation == office(COUNTY)] == [
        1,
        2,
    ]


def test_a_round_ends_with_every_row_confirmed_and_reasoned(world, above):
    case = reworded(world, above, ROW, OTHER)
    officer = world.officer(case.holder)
    settle(world, case, ROW, A1_2=Entered(points="1"))

    told = refused(delta.confirm_delta, case=case, actor=officer, now=world.tick())

    names = {item.id: item.name for item in dossier_of(case).programme.rubric.items()}
    assert told == [
        f"变动的指标须逐项核对，尚缺：{OTHER}{names[OTHER]}。",
        f"审核得分与下一级不同的指标须写明理由：{ROW}{names[ROW]}。",
        "核对后得分有变动，请重新填写本级审核意见。",
    ]


def test_a_row_without_a_mark_is_not_confirmed(world, above):
    case = reworded(world, above)

    assert settle(world, case, ROW, A1_2=Entered(points="")) == 0
    assert settle(world, case, ROW, A1_2=Entered(points="很多")) == 0
    assert settle(world, case, ROW, A1_2=Entered(points="1")) == 1
    assert settle(world, case) == 0


def test_the_whole_case_is_not_dealt_with_in_a_round(world, above):
    case = reworded(world, above)
    words = {"case": case, "actor": world.leader(case.holder), "now": world.tick()}
    province = office(PROVINCE)
    sentence = f"本级只核对变动的指标，核对后交{province}办理，不在本级办理这一步。"

    for action, more in (
        (review.forward, {}),
        (review.decline, {"code": DeclineReason.SCOPE, "reason": "不符。"}),
        (review.return_for_correction, {"items": [mend()]}),
    ):
        assert sentence in refused(action, **more, **words)


def test_outside_a_round_nothing_is_settled_or_ended(world, case):
    officer = world.officer(case.holder)

    told = refused(delta.settle_rows, case=case, entries={}, settled=(), actor=officer, now=world.tick())
    ended = refused(delta.confirm_delta, case=case, actor=officer, now=world.tick())
    stranger = world.officer(office(worlds.NEIGHBOUR))

    assert (told, ended) == (["本件没有待核对的变动指标。"],) * 2
    assert refused(
        delta.settle_rows, case=case, entries={}, settled=(), actor=stranger, now=world.tick()
    ) == ["本件现不由本单位办理，不能核对。"]


def test_a_second_return_asks_again_only_for_what_changed_since(world, above):
    case = reworded(world, above)
    for _tier in range(2):
        settle(world, case, ROW)
        case = confirm(world, case)
    officer = world.officer(case.holder)
    item = ReturnItem.objects.get()
    review.settle_items(
        case=case, words={item.pk: Settled(ItemOutcome.MENDED)}, actor=officer, now=world.tick()
    )

    case = come_back(world, give_back(world, case, OTHER), {OTHER: Entered(words="另附。")})

    assert tasks(case)[2:] == [(COUNTY, "open", [OTHER]), (CITY, "waiting", [OTHER])]


def test_who_waits_takes_an_overdue_round_over(world, above):
    case = reworded(world, above)
    late = case.due_at + timedelta(seconds=1)
    words = {"case": case, "reason": "逾期。", "now": late}

    city = refused(review.take_over, actor=world.leader(office(CITY)), **words)
    taken = review.take_over(actor=world.leader(office(PROVINCE)), **words)

    assert city == ["您的席位无权办理这一步。"]
    assert (taken.holder, taken.awaited_by) == (office(PROVINCE), None)
    assert tasks(case) == [(COUNTY, "dropped", [ROW]), (CITY, "dropped", [ROW])]
    assert DeltaTask.objects.first().note == f"逾期未办结，由{office(PROVINCE)}接办。"


def test_a_withdrawal_ends_a_round_and_frees_a_place_of_the_list(world, above):
    case = reworded(world, above)
    words = {"reason": "另有安排。", "actor": worlds.president_of(case.applicant), "now": world.tick()}

    gone = draft.withdraw(case=case, **words)
    listed = worlds.make_shortlisted(world, PROVINCE)
    used = dossier_of(listed).quota.used
    draft.withdraw(case=listed, **words | {"actor": worlds.president_of(listed.applicant)})

    assert (gone.state, gone.awaited_by) == (State.WITHDRAWN, None)
    assert DeltaTask.objects.filter(state=DeltaState.DROPPED, note="申报已撤回。").count() == 2
    assert (used, dossier_of(listed).quota.used) == (1, 0)


# ---- sent down to a lower tier


def send(world, case, to, *rows, **words):
    redo = [Redo(row, row, "请核对签到表。") for row in rows]
    keywords = {"to": office(to).pk, "rows": redo, "actor": world.officer(case.holder), "now": world.tick()}
    delta.send_down(case=case, **(keywords | words))
    return stages.fresh(case)


def test_a_case_sent_down_comes_straight_back(world, above):
    before = Notice.objects.filter(seat__organisation=above.applicant, declaration=above).count()

    case = send(world, above, COUNTY, ROW)

    assert (case.state, case.holder, case.awaited_by) == (
        State.LOCAL_REVIEW,
        office(COUNTY),
        office(PROVINCE),
    )
    assert tasks(case) == [(COUNTY, "open", [ROW])]
    assert Notice.objects.filter(seat__organisation=case.applicant, declaration=case).count() == before

    settle(world, case, ROW)
    assert confirm(world, case).holder == office(PROVINCE)


def test_an_opinion_that_is_asked_for_anew_is_given_before_the_case_goes_back(world, above):
    case = send(world, above, CITY, opinion=True)
    officer = world.officer(case.holder)
    words = {"case": case, "actor": officer, "now": world.tick()}

    told = refused(delta.confirm_delta, **words)
    shut = refused(review.save_tier_marks, entries={ROW: Entered(points="0")}, **words)
    review.save_opinion(text="重新核对，同意。", stance=Stance.AGREE, authentic=True, **words)

    assert told == ["上级要求重写审核意见，请重新填写本级审核意见。"]
    assert shut == [f"本次只核对0项指标，{ROW}不在其内，不能改动。"]
    assert confirm(world, case).holder == office(PROVINCE)


def test_a_case_is_sent_down_only_to_a_tier_on_its_way_and_with_words(world, above, case):
    assert refused(send, world=world, case=above, to=worlds.NEIGHBOUR, opinion=True) == [
        "请选择本级之下、本件经过的工商联。"
    ]
    assert refused(send, world=world, case=above, to=CITY) == [
        "请指明下级须重新审核的指标，或者要求重写审核意见。"
    ]
    assert refused(send, world=world, case=case, to=CITY, opinion=True) == [
        "本件没有经下级工商联审核，不能退回下级。"
    ]


# ---- not recommended, and looked at again


def decline(world, case, actor=None):
    keywords = {"code": DeclineReason.SCOPE, "reason": "登记不满两年。", "now": world.tick()}
    review.decline(case=case, actor=actor or world.leader(case.holder), **keywords)
    release(
        letters=DecisionLetter.objects.filter(state="draft").values_list("pk", flat=True),
        actor=world.leader(case.home),
        now=world.tick(),
    )
    return stages.fresh(case)


def plead(world, case):
    president = worlds.president_of(case.applicant)
    second_look.ask_second_look(case=case, reason="登记已满两年。", actor=president, now=world.tick())
    return stages.fresh(case)


def test_a_granted_second_look_is_anothers_and_keeps_the_first_reasons(world, case):
    declined = plead(world, decline(world, case))
    words = {"case": declined, "reason": "核对登记证书。", "now": world.tick()}

    own = refused(second_look.reconsider, actor=world.leader(case.holder), **words)
    again = second_look.reconsider(actor=world.officer(case.holder), **words)

    decline_of = Decline.objects.get()
    assert own == ["不予推荐由您办理，复核须由本单位另一人办理。"]
    assert (again.state, again.holder) == (State.LOCAL_REVIEW, office(COUNTY))
    assert (decline_of.outcome, decline_of.reason) == (SecondLook.GRANTED, "不在认定范围。登记不满两年。")
    review.agree_with_below(case=again, actor=world.officer(again.holder), now=world.tick())


def test_a_tier_looks_a_second_time_once(world, case):
    declined = plead(world, decline(world, case))
    officer = world.officer(case.holder)
    again = second_look.reconsider(case=declined, reason="再核。", actor=officer, now=world.tick())

    declined = decline(world, stages.fresh(again))

    assert refused(plead, world=world, case=declined) == [
        f"已向{office(COUNTY)}申请过复核，每一级只能申请一次。"
    ]


def test_an_upheld_decline_stays_ended_and_is_told_by_letter(world, case):
    declined = plead(world, decline(world, case))
    words = {"case": declined, "reason": "登记日期无误。", "now": world.tick()}

    upheld = second_look.uphold_decline(actor=world.officer(case.holder), **words)
    twice = refused(second_look.uphold_decline, actor=world.officer(case.holder), **words)

    assert (upheld.state, Decline.objects.get().outcome) == (State.NOT_FORWARDED, SecondLook.UPHELD)
    assert DecisionLetter.objects.get(decision="uphold_decline").title == "贵会申报经复核维持不予推荐"
    assert twice == ["商会没有待办理的复核申请。"]


def test_the_days_for_a_second_look_run_from_the_letter(world, case):
    keywords = {"code": DeclineReason.SCOPE, "reason": "登记不满两年。", "now": world.tick()}
    review.decline(case=case, actor=world.leader(case.holder), **keywords)
    world.clock.at += timedelta(days=20)

    assert dossier_of(plead(world, stages.fresh(case))).declines[-1].asked_at is not None


def test_a_second_look_is_refused_after_its_days(world, case):
    declined = decline(world, case)
    world.clock.at += timedelta(days=20)

    assert refused(plead, world=world, case=declined) == [
        "申请复核限收到告知后5个工作日内，已于2020年10月12日24:00截止。"
    ]


def test_where_an_office_has_one_person_that_one_looks_again(world, case):
    officer, leader = world.staff[case.holder_id]
    declined = plead(world, decline(world, case))
    officer.ended_at = world.tick()
    officer.save(update_fields=["ended_at"])

    again = second_look.reconsider(case=declined, reason="再核。", actor=leader, now=world.tick())

    assert again.state == State.LOCAL_REVIEW


def test_nobody_but_the_office_that_declined_settles_and_nobody_but_the_president_asks(world, case):
    declined = decline(world, case)
    filler = make_seat(Role.CHAMBER_FILLER, case.applicant)
    words = {"case": declined, "reason": "再核。", "now": world.tick()}

    assert refused(second_look.ask_second_look, actor=filler, **words) == ["您的席位无权办理这一步。"]
    assert refused(second_look.reconsider, actor=world.officer(office(CITY)), **words) == [
        "您的席位无权办理这一步。"
    ]
    assert refused(second_look.reconsider, actor=world.officer(office(COUNTY)), **words) == [
        "商会没有待办理的复核申请。"
    ]


# ---- questions


def ask(world, case, to=None, **words):
    until = world.clock.at + timedelta(days=2)
    keywords = {
        "to": (to or case.applicant).pk,
        "text": "签到表在哪一页？",
        "due": until,
        "now": world.tick(),
    }
    about = About(ROW, LABELS[ROW])
    questions.ask(case=case, about=about, **({"actor": world.officer(case.holder)} | keywords | words))
    return Question.objects.latest("id")


def test_a_question_is_answered_with_an_annex_and_changes_nothing_handed_in(world, case):
    before = case.revisions.count(), case.attachments.count()
    question = ask(world, case)
    president = worlds.president_of(case.applicant)

    reply = questions.answer(
        question=question,
        text="见附件第三页。",
        files=[
            Brought(stages.picture("annex"), "签到表.png"),
            Brought(stages.picture("annex"), "又一份.png"),
        ],
        actor=president,
        now=world.tick(),
    )
    questions.answer(question=question, text="另有一份。", actor=president, now=world.tick())

    again = stages.fresh(case)
    assert (again.revisions.count(), again.attachments.count()) == before
    assert (again.state, again.holder) == (State.LOCAL_REVIEW, case.holder)
    assert [annex.name for annex in reply.annexes.all()] == ["签到表.png"]
    told = Notice.objects.filter(declaration=case, title__contains="询问").values_list(
        "seat__organisation", flat=True
    )
    assert sorted(told) == sorted([case.applicant_id, case.holder_id, case.holder_id])


def test_braces_in_a_question_are_words_like_others(world, case):
    ask(world, case, text="{name} {0} {reason.__class__}")

    body = Notice.objects.filter(title__contains="提出询问").get().body
    assert body.endswith("询问内容：{name} {0} {reason.__class__}")


def test_only_who_is_asked_answers_until_the_question_is_closed(world, above):
    question = ask(world, above, office(CITY))
    words = {"question": question, "now": world.tick()}
    city = world.officer(office(CITY))
    sentence = ["这项询问不由本单位答复。"]

    for stranger in (
        worlds.president_of(above.applicant),
        world.officer(office(COUNTY)),
        world.officer(above.holder),
    ):
        assert refused(questions.answer, text="是。", actor=stranger, **words) == sentence
    assert refused(questions.answer, text=" ", actor=city, **words) == ["请写明答复。"]
    assert refused(questions.close, actor=city, **words) == ["这项询问由提出询问的单位办结。"]
    questions.close(actor=world.officer(above.holder), **words)
    assert refused(questions.answer, text="是。", actor=city, **words) == ["这项询问已经办结。"]
    assert refused(questions.close, actor=world.officer(above.holder), **words) == ["这项询问已经办结。"]


def test_a_bad_annex_is_refused_and_leaves_nothing(world, case):
    question = ask(world, case)
    words = {"question": question, "text": "见附件。", "actor": worlds.president_of(case.applicant)}
    many = [Brought(BytesIO(b"x"), "x.png")] * 6

    assert refused(questions.answer, files=many, now=world.tick(), **words) == ["一次答复最多附5个文件。"]
    assert len(refused(questions.answer, files=many[:1], now=world.tick(), **words)) == 1
    assert question.replies.count() == 0


def test_questions_go_to_the_chamber_or_a_tier_below_and_are_ten_at_most(world, case):
    assert refused(ask, world=world, case=case, to=office(CITY)) == [
        "只能询问申报商会和本件经过的下级工商联。"
    ]
    for _number in range(10):
        ask(world, case)
    assert refused(ask, world=world, case=case) == ["未办结的询问已有10项，请先办结。"]


def test_who_does_not_hold_the_case_does_not_ask(world, case):
    city = world.officer(office(CITY))

    assert refused(ask, world=world, case=case, actor=city) == ["您的席位无权办理这一步。"]


# ---- facts that the database keeps


@pytest.mark.parametrize(
    "broken",
    [
        lambda case, seat, now: ReturnSlip.objects.create(
            declaration=case, organisation=case.holder, returned_by=seat, returned_at=now, due_at=now
        ),
        lambda case, seat, now: DeltaRound.objects.create(
            declaration=case, cause="resubmitted", target=case.holder, opened_by=seat, opened_at=now
        ),
        lambda case, seat, now: DeltaTask.objects.create(
            round=DeltaRound.objects.create(
                declaration=case, cause="sent_down", target=case.holder, opened_by=seat, opened_at=now
            ),
            organisation=case.holder,
            place=1,
            state=DeltaState.SKIPPED,
            ended_at=now,
        ),
        lambda case, seat, now: Question.objects.create(
            declaration=case,
            organisation=case.holder,
            addressee=case.holder,
            text="？",
            asked_by=seat,
            asked_at=now,
            due_at=now + timedelta(days=1),
        ),
        lambda case, seat, now: Decline.objects.create(
            declaration=case,
            organisation=case.holder,
            code="scope",
            reason="不符。",
            declined_by=seat,
            declined_at=now,
            outcome=SecondLook.UPHELD,
        ),
        lambda case, seat, now: [
            DeltaRound.objects.create(
                declaration=case, cause="sent_down", target=case.holder, opened_by=seat, opened_at=now
            )
            for _time in range(2)
        ],
        lambda case, seat, now: Declaration.objects.filter(pk=case.pk).update(
            state=State.RETURNED, awaited_by=case.holder
        ),
    ],
    ids=["due", "cause", "note", "self", "unasked", "two rounds", "awaited"],
)
def test_the_database_refuses_what_does_not_fit(world, case, broken):
    with pytest.raises(IntegrityError), transaction.atomic():
        broken(case, world.officer(case.holder), world.tick())
