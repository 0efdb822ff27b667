"""From the approved list to the end of a title: notice, objections, publication line by line, packs, revocation."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from random import Random
from unittest.mock import patch

import pytest
from django.utils.timezone import localdate
from openpyxl import load_workbook

from declarations import tasks
from declarations.actions import (
    confirming,
    consulting,
    correcting,
    draft,
    feedback,
    objecting,
    preliminary,
    publication,
    publish,
    stories,
    titles,
)
from declarations.actions.questions import Brought
from declarations.demo import stages
from declarations.models import (
    Cycle,
    DecisionLetter,
    Declaration,
    FeedbackPack,
    NamedOfficer,
    Notice,
    NoticeEntry,
    Objection,
    Pending,
    Publication,
    PublicNotice,
    Recognition,
    ScoreRun,
)
from declarations.objections import new_receipt
from declarations.queries.announced import open_notices, to_publish
from declarations.queries.feedback import holds_recused, pack_of, packs_visible_to
from declarations.queries.objections import checked, objections_visible_to
from declarations.queries.public import Sought, certificate_of, recognised_list
from declarations.queries.stories import public_story
from declarations.states import ObjectionState, Outcome, State, TitleState
from declarations.store import fetch
from scoring.queries import programme_of
from sihao.accounts.refusals import Refused
from sihao.accounts.roles import Role
from sihao.audit.events import Event
from sihao.audit.models import Entry
from sihao.audit.record import record
from sihao.jobs import actions as jobs
from tests import worlds
from tests.factories import make_federation, make_seat, make_user
from tests.kept import as_it_stands, building, kept
from tests.rows import approve, recognise

pytestmark = pytest.mark.django_db

MINUTES = publish.Minutes(on=date(2020, 9, 28), present="甲、乙", recused="无", text="一致同意。")
CASES = 4
CITED = [consulting.Cited("A1.1", "A1.1", "年检公告。")]


@pytest.fixture(scope="module")
def begun(django_db_setup, django_db_blocker, tmp_path_factory):
    """A world with a public notice on, four approved cases of a province, and five people in the department.

    The cases were written past the actions, so that no gate looks at them.
    """
    folder = tmp_path_factory.mktemp("evidence")
    gates = [patch.object(module, "refuse_broken", lambda **words: None) for module in (publication, publish)]
    with kept(django_db_blocker), building(folder), gates[0], gates[1]:
        world = worlds.make_world(public_notice=True)
        cases = approve(world, CASES)
        nation = make_federation(worlds.NATION)
        for name in ("second", "third", "fourth"):
            world.seats[name] = make_seat(Role.DEPARTMENT_OFFICER, nation, make_user(name, name=f"会员部{name}"))
        world.clock.at = worlds.NOW
        yield world, [case.pk for case in cases]


@pytest.fixture
def world(begun, db):
    mine = as_it_stands(begun[0])
    mine.cycle = Cycle.objects.get(pk=mine.cycle.pk)
    return mine


@pytest.fixture
def cases(world, begun):
    """The four approved cases by rank."""
    return [stages.fresh(Declaration(pk=pk)) for pk in begun[1]]


def refused(act: Callable[..., object], **words: object) -> str:
    with pytest.raises(Refused) as caught:
        act(**words)
    return str(caught.value)


def states(cases) -> list[str]:
    return [Declaration.objects.get(pk=case.pk).state for case in cases]


def by(world, name: str) -> dict[str, object]:
    return {"actor": world.seats[name], "now": world.tick()}


def announce(world) -> PublicNotice:
    return publication.open_notice(cycle=world.cycle, **by(world, "head"))


def over(world) -> None:
    """Let the last notice run out."""
    world.clock.at = PublicNotice.objects.latest("pk").closes_at


def publish_list(world, **words) -> Cycle:
    return publication.publish_list(cycle=world.cycle, **(by(world, "head") | words))


def confirm(world, prepared: object, name: str = "head") -> None:
    confirming.confirm(pending=prepared, **by(world, name))


def name_officers(world) -> None:
    seats = [world.seats[name].pk for name in ("second", "third")]
    confirm(world, objecting.propose_officers(cycle=world.cycle, seats=seats, **by(world, "head")), "department")


def entry_of(case) -> NoticeEntry:
    return NoticeEntry.objects.select_related("declaration__cycle", "notice").get(declaration=case)


WHO = objecting.Objecting("举报人张某", "13911112222", "会员数与公告不符，我任职时查过。")


def object_to(world, case, seed: int = 1, **words) -> Objection:
    words = {"by": WHO, "token": uuid.UUID(int=seed), "receipt": new_receipt(Random(seed)), **words}
    return objecting.receive(entry=entry_of(case), now=world.tick(), **words)


def admit(world, objection, **words) -> Objection:
    words = {"summary": "核对会员数。", "officer": world.seats["fourth"].pk} | by(world, "second") | words
    return objecting.admit(objection=objection, **words)


def settle(world, objection, outcome: str) -> None:
    """Let the unit report, the officer find, and two persons settle."""
    case = objection.declaration
    objecting.report(objection=objection, text="已核对。", actor=world.leader(case.unit), now=world.tick())
    objecting.investigate(objection=objection, findings="属实。", **by(world, "fourth"))
    told = {"outcome": outcome, "answer": "经核查办理。"}
    confirm(world, objecting.propose_outcome(objection=objection, **told, **by(world, "fourth")))


# ---- the public notice


def test_a_notice_names_the_approved_for_five_working_days_and_only_then_may_they_be_published(world, cases):
    early = refused(publish_list, world=world)
    world.clock.at = world.clock.at.replace(year=2020, month=9, day=28, hour=10)
    notice = announce(world)

    assert early == "没有审议通过、待公布的对象。（六）"
    # 9月29日、30日，10月1日至8日放假，9日、10日（调休上班）、12日。
    assert str(notice.closes_at.astimezone(worlds.BEIJING)) == "2020-10-13 00:00:00+08:00"
    assert states(cases) == [State.NOTICE] * CASES
    assert [one.name for one in notice.entries.order_by("place")] == [case.applicant_name for case in cases]
    last = notice.closes_at - timedelta(seconds=1)
    assert [to_publish(world.cycle, at).count() for at in (last, notice.closes_at)] == [0, CASES]
    assert [open_notices(at).exists() for at in (last, notice.closes_at)] == [True, False]
    over(world)
    publish_list(world)
    assert states(cases) == [State.RECOGNISED] * CASES


def test_by_two_persons_a_notice_is_opened_and_the_job_done_twice_opens_one(world, cases):
    pending = publication.order_notice(cycle=world.cycle, **by(world, "department"))
    confirm(world, pending)
    job = jobs.Job.objects.get(kind=publication.ANNOUNCE)
    for _ in range(2):
        with patch.object(tasks.clock, "now", lambda: world.clock.at):
            tasks.open_notice(job, lambda done, total: None)

    assert (PublicNotice.objects.count(), NoticeEntry.objects.count()) == (1, CASES)
    assert states(cases) == [State.NOTICE] * CASES
    assert refused(publication.order_notice, cycle=world.cycle, **by(world, "department")) == (
        "没有审议通过、待公示的对象。（通知未规定）"
    )


def test_whether_and_how_long_is_set_by_two_persons_of_the_department(world, cases):
    rules = {"cycle": world.cycle, "reason": "时间紧。"}
    short = refused(publication.propose_rules, public_notice=True, days=4, **rules, **by(world, "department"))
    pending = publication.propose_rules(public_notice=False, days=5, **rules, **by(world, "department"))
    confirm(world, pending)

    assert short == "公示期不少于5个工作日。（通知未规定）"
    assert Cycle.objects.get().public_notice is False
    publish_list(world)
    assert states(cases) == [State.RECOGNISED] * CASES


# ---- objections


def test_only_the_case_concerned_is_held_and_what_is_dismissed_is_published_with_the_rest(world, cases):
    name_officers(world)
    announce(world)
    objection = admit(world, object_to(world, cases[1]))
    held = states(cases)
    settle(world, objection, "dismiss")
    after = states(cases)
    over(world)
    publish_list(world)

    assert held == [State.NOTICE, State.OBJECTION_HOLD, State.NOTICE, State.NOTICE]
    assert (after, states(cases)) == ([State.NOTICE] * CASES, [State.RECOGNISED] * CASES)
    told = checked(objection.receipt, world.clock.at)
    assert (told.state, told.answer, told.late) == (ObjectionState.DISMISSED, "经核查办理。", False)
    assert checked("YY-22222-22222", world.clock.at) is None


def test_what_is_upheld_waits_and_goes_to_the_meeting_again_while_nine_of_ten_go_on(world, cases):
    name_officers(world)
    announce(world)
    settle(world, admit(world, object_to(world, cases[0])), "uphold")
    over(world)
    publish_list(world)

    assert states(cases) == [State.OBJECTION_HOLD, *[State.RECOGNISED] * 3]
    assert list(Recognition.objects.order_by("serial").values_list("number", "declaration")) == [
        (f"SH2020-000{place}", case.pk) for place, case in enumerate(cases[1:], start=1)
    ]
    publish.reopen_decision(case=cases[0], reason="异议成立。", **by(world, "head"))
    agenda = publish.freeze_agenda(cycle=world.cycle, **by(world, "head"))
    outcomes = {agenda.items.get().pk: (Outcome.APPROVED, "")}
    publish.decide(agenda=agenda, minutes=MINUTES, outcomes=outcomes, **by(world, "secretary"))
    announce(world)
    over(world)
    publish_list(world)
    assert Recognition.objects.get(declaration=cases[0]).number == "SH2020-0004"


def test_an_upheld_case_may_be_disqualified_and_one_without_may_not_be_proposed(world, cases):
    name_officers(world)
    announce(world)
    objection = admit(world, object_to(world, cases[0]))
    words = {"case": cases[0], "ground": "untrue", "reason": "会员数不实。", "items": CITED}
    early = refused(preliminary.propose_disqualification, **words, **by(world, "department"))
    settle(world, objection, "uphold")
    preliminary.propose_disqualification(**words, **by(world, "department"))

    assert early == "没有成立的异议。（通知未规定）"
    world.clock.at += timedelta(days=20)
    preliminary.disqualify(case=cases[0], **by(world, "head"))
    assert states(cases[:1]) == [State.DISQUALIFIED]


def test_an_objection_that_nobody_has_looked_at_keeps_its_case_back_when_the_notice_is_over(world, cases):
    announce(world)
    object_to(world, cases[2])
    over(world)
    publish_list(world)

    assert states(cases) == [State.RECOGNISED, State.RECOGNISED, State.NOTICE, State.RECOGNISED]


def test_refused_on_a_ground_the_objection_holds_nothing(world, cases):
    name_officers(world)
    announce(world)
    objection = object_to(world, cases[0])
    words = {"objection": objection, "ground": "no_facts", "answer": "没有具体事实。"}

    assert refused(objecting.refuse, **words, **by(world, "department")) == (
        "异议由指定的两名登记人登记和受理。（通知未规定）"
    )
    objecting.refuse(**words, **by(world, "third"))
    assert (checked(objection.receipt, world.clock.at).answer, states(cases)) == ("没有具体事实。", [State.NOTICE] * 4)
    assert refused(admit, world=world, objection=objection).startswith("本件异议现为“不予受理”，不能办理“受理”。")


def test_the_same_form_sent_twice_is_one_objection_and_after_the_notice_none(world, cases):
    announce(world)
    first, again = object_to(world, cases[0]), object_to(world, cases[0], receipt="YY-ANOTH-ERONE")
    over(world)

    assert (first.pk, Objection.objects.count()) == (again.pk, 1)
    assert refused(object_to, world=world, case=cases[0], seed=2) == "公示已经结束，不再登记异议。（通知未规定）"
    assert refused(object_to, world=world, case=cases[0], seed=3, by=objecting.Objecting("甲", " ", "事实")) == (
        "实名提出异议的，请写明姓名或者单位名称、联系方式和具体事实。"
    )


def test_a_tip_without_a_name_has_no_effect(world, cases):
    announce(world)
    tip = objecting.receive_tip(entry=entry_of(cases[0]), facts="听说。", token=uuid.UUID(int=5), now=world.tick())
    objecting.read_tip(tip=tip, remark="无具体事实。", **by(world, "department"))
    over(world)
    publish_list(world)

    assert states(cases) == [State.RECOGNISED] * CASES


def test_a_source_may_try_so_often_and_no_more(world):
    for _ in range(6):
        objecting.knock(form="object", source="a", now=world.clock.at)

    words = refused(objecting.knock, form="object", source="a", now=world.clock.at)
    objecting.knock(form="object", source="b", now=world.clock.at)
    objecting.knock(form="object", source="a", now=world.clock.at + timedelta(hours=1, seconds=1))

    assert words == "提交过于频繁，请过一段时间再试；也可以书面寄送全国工商联会员部。"
    assert objecting.forget_knocks(now=world.clock.at + timedelta(days=2)) == 8


def test_who_looks_into_it_has_had_no_part_and_reports_come_first(world, cases):
    name_officers(world)
    announce(world)
    objection = object_to(world, cases[0])
    record(Event.PASSED, target=cases[0], at=world.clock.at, actor=world.seats["department"])
    involved = refused(admit, world=world, objection=objection, officer=world.seats["department"].pk)
    admit(world, objection)

    assert involved == "核查人须是会员部没有办理过本件、也不应当回避的人员。（通知未规定）"
    early = refused(objecting.investigate, objection=objection, findings="属实。", **by(world, "fourth"))
    assert early.startswith("推荐单位尚未报告，等待至10月")
    other = refused(objecting.investigate, objection=objection, findings="属实。", **by(world, "second"))
    assert other == "核查情况由指定的核查人登记。（通知未规定）"
    world.clock.at = Objection.objects.get().report_due
    objecting.investigate(objection=objection, findings="属实。", **by(world, "fourth"))


def test_who_objects_is_read_by_two_named_officers_alone_each_time_with_an_entry(world, cases):
    name_officers(world)
    announce(world)
    objection = object_to(world, cases[0])
    admit(world, objection)
    settle(world, objection, "uphold")
    closed = [refused(objecting.reveal, objection=objection, **by(world, name)) for name in ("head", "fourth")]

    assert closed == ["异议人姓名和联系方式只有指定的两名登记人可以查看。（通知未规定）"] * 2
    assert objecting.reveal(objection=objection, **by(world, "second")).name == WHO.name
    assert Entry.objects.filter(event="objector_read").values_list("actor_label", flat=True).get().startswith("会员部")
    told = [str(row) for model in (Entry, Notice, DecisionLetter, Pending) for row in model.objects.values()]
    secrets = (WHO.name, WHO.contact, WHO.facts, objection.receipt)
    assert [secret for secret in secrets if any(secret in row for row in told)] == []
    chamber = worlds.president_of(cases[0].applicant)
    assert list(objections_visible_to(chamber)) == []
    assert "facts" in next(iter(objections_visible_to(world.seats["head"]))).get_deferred_fields()


def test_two_others_are_named_by_the_head_and_a_second_person(world):
    words = {"cycle": world.cycle, "seats": [world.seats["second"].pk]}

    assert refused(objecting.propose_officers, **words, **by(world, "head")) == (
        "请指定会员部两名不同的人员。（通知未规定）"
    )
    name_officers(world)
    both = [world.seats[name].pk for name in ("third", "fourth")]
    confirm(
        world, objecting.propose_officers(cycle=world.cycle, seats=both, **by(world, "head")), "department"
    )
    assert list(NamedOfficer.objects.filter(ended_at=None).values_list("seat", flat=True)) == both


def test_a_late_answer_is_flagged_once(world, cases):
    name_officers(world)
    announce(world)
    objection = object_to(world, cases[0])

    assert objecting.flag_overdue(now=objection.due_at - timedelta(seconds=1)) == 0
    assert [objecting.flag_overdue(now=objection.due_at) for _ in range(2)] == [1, 0]
    title = f"{objection}逾期未答复"
    assert set(Notice.objects.filter(title=title).values_list("seat__user__username", flat=True)) >= {"second", "third"}


# ---- publication, line by line


class Killed(BaseException):
    """The worker is gone."""


def test_a_publication_that_was_killed_in_the_middle_goes_on_without_loss_or_double(world, cases, monkeypatch):
    announce(world)
    over(world)
    monkeypatch.setattr(publication, "REPORTED_EVERY", 1)

    def killed(done, total):
        if done == 2:
            raise Killed

    with pytest.raises(Killed):
        publish_list(world, progress=killed)
    half = (states(cases), list(recognised_list(Sought())), certificate_of("SH2020-0001"))
    publish_list(world)

    assert half == ([State.RECOGNISED, State.RECOGNISED, State.NOTICE, State.NOTICE], [], None)
    assert states(cases) == [State.RECOGNISED] * CASES
    numbers = [f"SH2020-{place:04d}" for place in range(1, CASES + 1)]
    assert list(Recognition.objects.order_by("serial").values_list("number", flat=True)) == numbers
    assert [one.number for one in recognised_list(Sought()).order_by("serial")] == numbers
    assert DecisionLetter.objects.filter(decision="recognise").count() == CASES
    assert Entry.objects.filter(event="list_published").count() == 1
    assert (Publication.objects.get().published, Cycle.objects.get().published_digest != "") == (CASES, True)


def test_a_case_that_may_no_longer_be_published_is_left_out_and_the_numbers_go_on(world, cases, monkeypatch):
    announce(world)
    objected = entry_of(cases[1])
    over(world)
    monkeypatch.setattr(publication, "REPORTED_EVERY", 1)

    def meanwhile(done, total):
        if done == 1:
            Objection.objects.create(
                cycle=world.cycle, notice=objected.notice, declaration=cases[1], number=1, receipt="x",
                token=uuid.uuid4(), facts="x", received_at=world.clock.at, due_at=world.clock.at + timedelta(days=1),
            )

    publish_list(world, progress=meanwhile)

    assert states(cases) == [State.RECOGNISED, State.NOTICE, State.RECOGNISED, State.RECOGNISED]
    assert list(Recognition.objects.order_by("serial").values_list("serial", "declaration")) == [
        (1, cases[0].pk), (2, cases[2].pk), (3, cases[3].pk)
    ]
    line = Publication.objects.get().lines.exclude(refusal="").get()
    assert (line.declaration_id, line.refusal) == (cases[1].pk, "本件有1件异议未办结，暂缓公布。（通知未规定）")


# ---- feedback


def run(world, case, short: str) -> None:
    """Let the experts have come to full marks but for one row."""
    programme = programme_of(world.cycle.programme)
    points = {item.id: str(item.points) for item in programme.rubric.items()} | {short: "0"}
    total = sum(map(Decimal, points.values()))
    facts = {"inputs": points, "inputs_digest": "0", "programme_digest": "0", "explanation": [], "bonus": 60}
    ScoreRun.objects.create(
        declaration=case, total=total, eligible=True, run_by=world.seats["group-head"], run_at=worlds.NOW, **facts
    )


def packs(world) -> None:
    job = feedback.order_packs(cycle=world.cycle, **by(world, "department"))
    with patch.object(tasks.clock, "now", lambda: world.clock.at):
        tasks.make_packs(job, lambda done, total: None)
    jobs.Job.objects.all().delete()


def test_a_unit_reads_its_own_totals_sections_and_lost_points_and_no_expert(world, cases):
    for case in cases:
        run(world, case, short="A1.2")
    announce(world)
    over(world)
    publish_list(world)
    early = refused(feedback.order_packs, cycle=world.cycle, **by(world, "department"))
    world.cycle = publication.release_results(cycle=world.cycle, **by(world, "head"))
    packs(world)
    packs(world)
    pack = FeedbackPack.objects.get()

    assert early == "结果公开后才能向省级工商联反馈。（六）"
    assert (pack.unit_id, pack.cases, pack.edition) == (cases[0].unit_id, CASES, 1)
    with fetch(pack.stored) as file:
        book = load_workbook(BytesIO(file.read()))
    assert book.sheetnames == ["总表", "失分明细"]
    cells = [list(row) for row in book["总表"].values]
    named = next(row for row in cells if cases[0].applicant_name in row)
    lost = programme_of(world.cycle.programme).rubric.item("A1.2").points
    assert (named[6], named[-1]) == (float(500 - lost), float(lost))
    names = {case.applicant_name for case in cases}
    assert [row[1] for row in book["失分明细"].values if row[0] in names] == ["A1.2"] * CASES
    whole = str([[cell for row in book[name].values for cell in row] for name in book.sheetnames])
    assert [one for one in ("专家甲", world.seats["expert"].user.name) if one in whole] == []
    leader, stranger = world.leader(cases[0].unit), make_seat(Role.LEADER, make_federation("420000"))
    assert pack_of(leader, world.cycle, cases[0].unit_id) == pack
    assert pack_of(stranger, world.cycle, cases[0].unit_id) is None
    assert list(packs_visible_to(stranger, world.cycle)) == []
    assert holds_recused(leader, pack) is False


# ---- titles


@pytest.fixture
def published(world):
    """Four titles of a list that was published."""
    titles = recognise(world.cycle, [f"认定商会{n}" for n in range(1, CASES + 1)], unit=worlds.PROVINCE)
    named = Recognition.objects.select_related("declaration__applicant", "cycle").order_by("serial")
    return list(named.filter(pk__in=[one.pk for one in titles]))


def inquire(world, title, **words):
    words = {"ground": "false", "facts": "会员数不实。", "suspend": True} | words
    return titles.open_inquiry(recognition=title, **words, **by(world, "department"))


def state_of(title) -> str:
    return certificate_of(title.number).state


def meeting(world, **words) -> titles.MeetingRecord:
    return titles.MeetingRecord(**({"on": localdate(world.clock.at), "present": "甲", "minutes": "同意。"} | words))


def test_a_title_is_revoked_by_way_of_statement_proposal_meeting_and_two_persons(world, published):
    title = published[0]
    inquiry = inquire(world, title)
    suspended = state_of(title)
    unheard = refused(titles.propose_revocation, inquiry=inquiry, text="建议撤销。", **by(world, "department"))
    president = worlds.president_of(title.declaration.applicant)
    titles.give_statement(inquiry=inquiry, text="属实。", actor=president, now=world.tick())
    titles.propose_revocation(inquiry=inquiry, text="建议撤销。", **by(world, "department"))
    ahead = meeting(world, on=localdate(world.clock.at) + timedelta(days=1))
    words = {"inquiry": inquiry, "revoke": True}
    late = refused(titles.decide_revocation, meeting=ahead, **words, **by(world, "secretary"))
    undecided = refused(titles.order_revocation, inquiry=inquiry, **by(world, "department"))
    titles.decide_revocation(meeting=meeting(world), **words, **by(world, "secretary"))
    confirm(world, titles.order_revocation(inquiry=inquiry, **by(world, "department")))

    assert (suspended, state_of(title)) == (TitleState.SUSPENDED, TitleState.REVOKED)
    assert unheard.startswith("须先听取商会陈述：等待陈述至")
    assert late == "会议日期不能晚于今天。（通知未规定）"
    assert undecided == "本次核查现为“待主席办公会议审议”，不能办理“公布撤销认定”。（通知未规定）"
    letters = DecisionLetter.objects.filter(decision=f"revoke:{inquiry.pk}")
    assert sorted(letters.values_list("title", flat=True)) == sorted(["贵会认定已撤销", f"{title.name}认定已撤销"])
    titles.note_plaque(recognition=title, **by(world, "department"))
    assert refused(titles.note_plaque, recognition=title, **by(world, "department")) == (
        "没有待收回的牌匾、证书。（通知未规定）"
    )


def test_whose_title_was_revoked_does_not_declare_in_the_next_cycle(world, published, tmp_path):
    title = published[0]
    Recognition.objects.filter(pk=title.pk).update(
        state=TitleState.REVOKED, revoked_at=world.clock.at, revoked_why="x", barred_cycles=1
    )
    following = worlds.make_next_cycle(tmp_path)
    now = following.opens_at + timedelta(days=1)
    words = {"cycle": following, "now": now}
    president = worlds.president_of(title.declaration.applicant)
    said = refused(draft.start, applicant=title.declaration.applicant, actor=president, **words)

    assert said == "贵会原认定已撤销，撤销后规定的周期内不得申报。（通知未规定）"
    other = published[1].declaration.applicant
    assert draft.start(applicant=other, actor=worlds.president_of(other), **words).state == State.DRAFT


def test_kept_or_closed_a_suspended_title_is_in_force_again_and_the_term_of_the_statement_ends(world, published):
    inquiry = inquire(world, published[0])
    world.clock.at = inquiry.statement_due
    president = worlds.president_of(published[0].declaration.applicant)
    late = refused(titles.give_statement, inquiry=inquiry, text="属实。", actor=president, now=world.clock.at)
    titles.propose_revocation(inquiry=inquiry, text="建议撤销。", **by(world, "department"))
    titles.decide_revocation(inquiry=inquiry, meeting=meeting(world), revoke=False, **by(world, "secretary"))
    second = inquire(world, published[1])
    titles.close_inquiry(inquiry=second, reason="不属实。", **by(world, "head"))

    assert late.startswith("陈述期限已于")
    assert [state_of(one) for one in published[:2]] == [TitleState.ACTIVE] * 2
    assert refused(titles.close_inquiry, inquiry=second, reason="再办。", **by(world, "head")) == (
        "本次核查现为“不予撤销”，不能办理“不予撤销”。（通知未规定）"
    )


def test_a_title_is_given_up_by_president_and_head(world, published):
    title = published[0]
    president = worlds.president_of(title.declaration.applicant)
    words = {"recognition": title, "reason": "商会合并。"}
    assert refused(titles.ask_relinquishment, **words, **by(world, "head")) == (
        "由商会会长申请放弃认定。（通知未规定）"
    )
    titles.ask_relinquishment(**words, actor=president, now=world.tick())
    titles.accept_relinquishment(recognition=title, **by(world, "head"))

    assert state_of(title) == TitleState.RELINQUISHED
    again = refused(titles.ask_relinquishment, **words, actor=president, now=world.tick())
    assert again == "证书效力现为“已放弃”，不能办理“放弃认定”。（通知未规定）"


def test_with_the_next_list_earlier_titles_are_renewed_or_over(world, published, tmp_path):
    following = worlds.make_next_cycle(tmp_path)
    again = published[0].declaration
    case = Declaration.objects.get(pk=published[3].declaration_id)
    Declaration.objects.filter(pk=case.pk).update(applicant=again.applicant, cycle=following)
    head = world.seats["head"]
    begun = Publication.objects.create(
        cycle=following, number=1, digest="0", begun_by=head, begun_at=worlds.NEXT
    )
    Recognition.objects.filter(pk=published[3].pk).update(cycle=following, publication=begun)
    titles.end_earlier_titles(publication=begun, actor=head, now=worlds.NEXT)

    assert [state_of(one) for one in published] == [
        TitleState.RENEWED, TitleState.EXPIRED, TitleState.EXPIRED, TitleState.ACTIVE
    ]
    assert Entry.objects.get(event="titles_over").data == {"expired": 2, "renewed": 1}


# ---- stories


def test_a_story_is_edited_by_one_person_and_released_by_another_with_its_picture_drawn_anew(world, published):
    title, words = published[0], {"title": "服务会员", "text": "做法。", "caption": "合影", "seen": 0}
    picture = Brought(stages.picture("x"), "合影.png")
    bare = refused(
        stories.save_story, recognition=title, picture=picture, **(words | {"caption": ""}), **by(world, "department")
    )
    story = stories.save_story(recognition=title, picture=picture, **words, **by(world, "department"))
    hidden = public_story(title.number)
    stories.release_story(story=story, seen=1, **by(world, "head"))

    assert (bare, hidden, public_story(title.number).title) == ("请写明图片说明。（六）", None, "服务会员")
    stale = refused(stories.save_story, recognition=title, **words, **by(world, "department"))
    assert stale.startswith("事迹已由")
    own = stories.save_story(recognition=title, **(words | {"seen": 1}), **by(world, "head"))
    assert refused(stories.release_story, story=own, seen=2, **by(world, "head")) == (
        "编辑和发布须由两人办理，请由会员部另一人编辑。（六）"
    )
    inquire(world, published[1])
    assert refused(
        stories.save_story, recognition=published[1], **words, **by(world, "department")
    ) == "只编辑已经公布、没有撤销或者放弃的商会的事迹。（六）"


# ---- correcting


def test_an_outcome_is_corrected_by_the_head_and_supervision_and_stays_readable(world, cases):
    name_officers(world)
    announce(world)
    settle(world, admit(world, object_to(world, cases[0])), "uphold")
    publish.reopen_decision(case=cases[0], reason="异议成立。", **by(world, "head"))
    agenda = publish.freeze_agenda(cycle=world.cycle, **by(world, "head"))
    outcomes = {agenda.items.get().pk: (Outcome.NOT_APPROVED, "不实。")}
    publish.decide(agenda=agenda, minutes=MINUTES, outcomes=outcomes, **by(world, "secretary"))
    case = stages.fresh(cases[0])
    alone = refused(correcting.propose_correction, case=case, reason="误记。", **by(world, "department"))
    pending = correcting.propose_correction(case=case, reason="误记。", **by(world, "head"))
    confirm(world, pending, "supervision")

    assert alone == "更正由会员部负责人提出。（通知未规定）"
    assert states(cases[:1]) == [State.PROPOSED]
    entry = Entry.objects.get(event="corrected")
    assert (entry.sentence.endswith("更正：由“审议未通过”更正为“拟认定”"), entry.reason) == (True, "误记。")
    assert Entry.objects.filter(event="not_approved", target_id=str(case.pk)).exists()
    again = refused(
        correcting.propose_correction, case=stages.fresh(case), reason="误记。", **by(world, "head")
    )
    assert again == "本件现为“拟认定”，没有可以更正的结果。（通知未规定）"
