"""From the agenda to the published list: frozen, decided on as a whole, published in order, released afterwards."""

from datetime import date, timedelta

import pytest
from django.db import connection

from declarations import tasks
from declarations.actions import confirming, panel, preliminary, publication, publish, second_person, verdicts
from declarations.demo import stages
from declarations.digests import digest_of
from declarations.models import Agenda, AgendaItem, Cycle, Declaration, Recognition
from declarations.queries.acts import state_words
from declarations.queries.cases import case_list
from declarations.queries.facts import dossier_of
from declarations.queries.lists import Narrowing, case_rows, filter_chips
from declarations.queries.pages import recognition_of, timeline_for
from declarations.states import Outcome, State
from scoring.actions import Entered
from sihao.accounts.refusals import Refused
from sihao.audit.models import Entry
from sihao.jobs import actions as jobs
from sihao.jobs.models import Job
from sihao.jobs.tasks import CannotBeDone
from tests import worlds
from tests.kept import as_it_stands, building, kept

pytestmark = pytest.mark.django_db

MINUTES = publish.Minutes(on=date(2020, 9, 28), present="甲、乙", recused="无", text="一致同意。")


@pytest.fixture(scope="module")
def begun(django_db_setup, django_db_blocker, tmp_path_factory):
    """A world with four proposed cases, one direct chamber and three of a province, and one scored with a veto at 0."""
    with kept(django_db_blocker):
        with building(tmp_path_factory.mktemp("evidence")):
            world = worlds.make_world()
            cases = [worlds.make_shortlisted(world, worlds.PROVINCE) for _ in range(4)]
            cases = sorted(cases, key=lambda case: (-case.unit_total, case.rank))
            cases.insert(0, worlds.make_shortlisted(world, worlds.NATION))
            for unit in (cases[1].unit, cases[0].unit):
                stages.send_up(world, unit)
                stages.accept(world, unit)
            for case in map(stages.fresh, cases):
                stages.score(world, stages.assign(world, stages.pass_preliminary(world, case)))
                agree(world, stages.fresh(case), veto="zero" if case.pk == cases[-1].pk else "full")
            for case in cases[:-1]:
                sign(world, stages.fresh(case))
        yield world, [case.pk for case in cases]


@pytest.fixture
def world(begun, db):
    mine = as_it_stands(begun[0])
    mine.cycle = Cycle.objects.get(pk=mine.cycle.pk)
    return mine


@pytest.fixture
def cases(world, begun):
    """The four that are proposed."""
    return [stages.fresh(Declaration(pk=pk)) for pk in begun[1][:4]]


def agree(world, case, veto="full"):
    items = [item for item in dossier_of(case).programme.rubric.items() if item.mark]
    entries = {item.id: Entered(points=item.points, reason="商定。") for item in items}
    if veto == "zero":
        entries["A1.1"] = Entered(points="0", reason="未开展。")
    agreed = panel.Agreed(entries, {"A1.1": panel.Proofs(source="会议记录")} if veto == "zero" else {})
    panel.save_agreed(case=case, agreed=agreed, actor=world.seats["group-head"], now=world.tick())
    for one in case.expert_reviews.select_related("expert__user") if veto == "zero" else ():
        panel.voice(review=one, code="A1.1", agrees=True, reason="", actor=one.expert, now=world.tick())


def sign(world, case):
    verdicts.sign_verdict(case=case, actor=world.seats["group-head"], now=world.tick())


def freeze(world, **words) -> Agenda:
    return publish.freeze_agenda(cycle=world.cycle, actor=world.seats["head"], now=world.tick(), **words)


def approved(agenda, **others):
    """Outcomes by item: approved, except for places named as p2=(outcome, remark)."""
    return {
        item.pk: others.get(f"p{item.place}", (Outcome.APPROVED, "")) for item in agenda.items.order_by("place")
    }


def decide(world, agenda, outcomes=None, **words):
    given = approved(agenda) if outcomes is None else outcomes
    words = {"minutes": MINUTES, "actor": world.seats["secretary"], **words}
    return publish.decide(agenda=agenda, outcomes=given, now=world.tick(), **words)


def publish_all(world, **words):
    return publication.publish_list(cycle=world.cycle, actor=world.seats["head"], now=world.tick(), **words)


def published_by_two(world, stale=None):
    """Let the department's officer prepare the publication and the head confirm it; return the job that follows."""
    seats = world.seats
    if stale is not None:
        second_person.drop(pending=stale, actor=seats["department"], now=world.tick())
    pending = publication.order_publication(cycle=world.cycle, actor=seats["department"], now=world.tick())
    confirming.confirm(pending=pending, actor=seats["head"], now=world.tick())
    return Job.objects.filter(kind="declarations.publish").latest("pk")


def refused(act, *arguments, **words):
    with pytest.raises(Refused) as caught:
        act(*arguments, **words)
    return str(caught.value)


def states(cases):
    return [Declaration.objects.get(pk=case.pk).state for case in cases]


# ---- the agenda


def test_the_agenda_lists_the_proposed_by_unit_and_rank_with_its_digest(world, cases):
    agenda = freeze(world)

    assert list(agenda.items.order_by("place").values_list("declaration", flat=True)) == [case.pk for case in cases]
    listing = [
        {"number": case.number, "name": case.applicant_name, "total": str(case.final_total)} for case in cases
    ]
    assert agenda.digest == digest_of(listing)
    assert (agenda.number, agenda.frozen_by) == (1, world.seats["head"])


def test_what_is_on_an_open_agenda_is_not_put_on_another(world, cases):
    freeze(world)

    assert refused(freeze, world) == "没有待提请审议的拟认定对象。（五（二）4）"


def test_only_the_head_freezes(world, cases):
    words = refused(
        publish.freeze_agenda, cycle=world.cycle, actor=world.seats["department"], now=world.tick()
    )

    assert words == "由会员部负责人提请审议。（五（二）4）"


# ---- the meeting


def test_every_item_needs_an_outcome(world, cases):
    agenda = freeze(world)
    outcomes = approved(agenda)
    outcomes.pop(next(iter(outcomes)))

    assert refused(decide, world, agenda, outcomes) == "请为名单上的每一件选择审议结果。（五（二）4）"
    assert states(cases) == [State.PROPOSED] * 4


@pytest.mark.parametrize("outcome", [Outcome.NOT_APPROVED, Outcome.HELD_OVER])
def test_what_is_not_approved_needs_a_remark(world, cases, outcome):
    agenda = freeze(world)

    words = refused(decide, world, agenda, approved(agenda, p2=(outcome, " ")))

    assert words == "审议未通过或再议的须写明说明：第2件。（五（二）4）"


def test_the_minutes_are_needed(world, cases):
    agenda = freeze(world)
    empty = publish.Minutes(on=date(2020, 9, 28), present=" ", recused="", text="同意。")

    assert refused(decide, world, agenda, minutes=empty) == "请登记出席人员和会议纪要。（五（二）4）"


def test_only_the_secretary_decides(world, cases):
    agenda = freeze(world)

    words = refused(decide, world, agenda, actor=world.seats["head"])

    assert words == "由主席办公会议秘书登记审议结果。（五（二）4）"


def test_each_outcome_leads_where_it_says(world, cases):
    agenda = freeze(world)

    decide(
        world, agenda,
        approved(agenda, p2=(Outcome.NOT_APPROVED, "材料存疑。"), p3=(Outcome.HELD_OVER, "补充材料。")),
    )

    assert states(cases) == [State.APPROVED, State.NOT_APPROVED, State.PROPOSED, State.APPROVED]
    assert refused(decide, world, agenda) == "本次审议结果已经登记。（五（二）4）"


def test_what_was_held_over_comes_on_the_next_agenda(world, cases):
    agenda = freeze(world)
    decide(world, agenda, approved(agenda, p3=(Outcome.HELD_OVER, "补充材料。")))

    again = freeze(world)

    assert [(again.number, item.declaration_id) for item in again.items.all()] == [(2, cases[2].pk)]


def test_a_list_that_is_not_the_frozen_one_is_not_decided(world, cases):
    agenda = freeze(world)
    Declaration.objects.filter(pk=cases[0].pk).update(final_total=499)

    assert refused(decide, world, agenda) == "名单与提请审议时不一致，不能登记审议结果。（五（二）4）"


# ---- the draft and its order


def draft(world, agenda, outcomes, **words):
    record = {"on": MINUTES.on, "present": "甲、乙", "recused": "无", "text": "一致同意。", **words}
    return publish.draft_meeting(agenda=agenda, outcomes=outcomes, actor=world.seats["secretary"], **record)


def order(world, agenda):
    return publish.order_decision(agenda=agenda, actor=world.seats["secretary"], now=world.tick())


def test_a_draft_decides_nothing(world, cases):
    agenda = freeze(world)

    draft(world, agenda, dict(list(approved(agenda).items())[:2]))

    assert list(agenda.items.order_by("place").values_list("proposed_outcome", "outcome")) == [
        ("approved", ""), ("approved", ""), ("", ""), ("", "")
    ]
    assert states(cases) == [State.PROPOSED] * 4
    assert refused(order, world, agenda) == "请为名单上的每一件选择审议结果。（五（二）4）"


def test_all_may_be_drafted_at_once(world, cases):
    agenda = freeze(world)

    number = publish.draft_all_approved(agenda=agenda, actor=world.seats["secretary"])

    assert number == AgendaItem.objects.filter(agenda=agenda, proposed_outcome="approved").count() == 4


def test_an_order_needs_a_date_that_has_come(world, cases):
    agenda = freeze(world)
    tomorrow = world.clock.at.date() + timedelta(days=1)

    draft(world, agenda, approved(agenda), on=None)
    assert refused(order, world, agenda) == "请填写会议日期。（五（二）4）"
    draft(world, agenda, approved(agenda), on=tomorrow)
    assert refused(order, world, agenda) == "会议日期不能晚于今天。（五（二）4）"
    draft(world, agenda, approved(agenda), on=world.clock.at.date())
    assert order(world, agenda).kind == "declarations.decide"


def test_a_draft_is_closed_while_the_order_waits_and_a_second_order_is_the_first(world, cases):
    agenda = freeze(world)
    draft(world, agenda, approved(agenda))
    job = order(world, agenda)

    assert refused(draft, world, agenda, approved(agenda)) == "审议结果正在登记，请稍后查看。（五（二）4）"
    assert order(world, agenda) == job


# ---- the jobs


class Told(list):
    """What a job reports."""

    def __call__(self, done, total):
        self.append((done, total))


def taken(job) -> Job:
    """The job as the worker holds it."""
    return jobs.take(job.pk, worker="test", now=job.created_at)


def counts():
    return (
        Agenda.objects.count(), AgendaItem.objects.count(), Recognition.objects.count(), Entry.objects.count(),
        tuple(Declaration.objects.order_by("pk").values_list("state", "version")),
    )


def at(monkeypatch, world):
    monkeypatch.setattr(tasks.clock, "now", lambda: world.clock.at)


def test_each_job_run_twice_changes_nothing_the_second_time(world, cases, monkeypatch):
    at(monkeypatch, world)
    told = Told()

    job = publish.order_agenda(cycle=world.cycle, actor=world.seats["head"], now=world.tick())
    tasks.freeze_agenda(job, told)
    once = counts()
    tasks.freeze_agenda(job, told)
    assert (counts(), once[:2], told) == (once, (1, 4), [(0, 4), (0, 4)])

    agenda = Agenda.objects.get()
    draft(world, agenda, approved(agenda))
    Job.objects.all().delete()
    job = order(world, agenda)
    tasks.decide(job, told)
    once = counts()
    tasks.decide(job, told)
    assert (counts(), states(cases)) == (once, [State.APPROVED] * 4)

    job = published_by_two(world)
    tasks.publish_list(job, told)
    once = counts()
    tasks.publish_list(job, told)
    assert (counts(), once[2], states(cases)) == (once, 4, [State.RECOGNISED] * 4)


def test_how_many_cases_there_are_is_told_before_anything_is_locked(world, cases):
    outside, depths = len(connection.atomic_blocks), []

    def told(done, total):
        depths.append((done, total, len(connection.atomic_blocks) - outside))

    agenda = publish.freeze_agenda(cycle=world.cycle, actor=world.seats["head"], now=world.tick(), progress=told)
    draft(world, agenda, approved(agenda))
    publish.decide_as_drafted(agenda=agenda, actor=world.seats["secretary"], now=world.tick(), progress=told)

    assert [(done, total) for done, total, depth in depths if depth == 0] == [(0, 4), (0, 4)]
    assert depths[0] == depths[2] == (0, 4, 0)


def test_a_second_order_for_the_same_list_is_the_first(world, cases):
    words = {"cycle": world.cycle, "actor": world.seats["head"]}

    first = publish.order_agenda(**words, now=world.tick())

    assert publish.order_agenda(**words, now=world.tick()) == first
    assert (first.owner, first.label) == (world.seats["head"].user, "提请主席办公会议审议")


def test_a_job_that_is_refused_ends_with_the_sentence(world, cases, monkeypatch):
    at(monkeypatch, world)
    job = publish.order_agenda(cycle=world.cycle, actor=world.seats["head"], now=world.tick())
    freeze(world)
    Agenda.objects.update(frozen_at=job.created_at - timedelta(seconds=1))

    with pytest.raises(CannotBeDone) as caught:
        tasks.freeze_agenda(job, Told())

    assert str(caught.value) == "没有待提请审议的拟认定对象。（五（二）4）"


def test_a_job_that_stops_half_way_leaves_nothing(world, cases, monkeypatch):
    at(monkeypatch, world)
    monkeypatch.setattr(publish, "REPORTED_EVERY", 2)
    job = publish.order_agenda(cycle=world.cycle, actor=world.seats["head"], now=world.tick())
    before = counts()

    def stop(done, total):
        if done == 2:
            raise jobs.Cancelled(job.pk)

    with pytest.raises(jobs.Cancelled):
        tasks.freeze_agenda(job, stop)

    assert counts() == before


def test_who_lost_the_seat_may_no_longer(world, cases):
    may = tasks.from_seat("declarations.publish")
    head = world.seats["head"]

    assert may(head.user, {"seat": head.pk}) is True
    assert may(world.seats["department"].user, {"seat": head.pk}) is False
    assert may(world.seats["department"].user, {"seat": world.seats["department"].pk}) is False
    head.ended_at = world.clock.at
    head.save(update_fields=["ended_at"])
    assert may(head.user, {"seat": head.pk}) is False


def test_orders_are_refused_at_once_where_the_job_would_be(world, cases):
    head, department, secretary = (world.seats[name] for name in ("head", "department", "secretary"))

    nothing = "没有审议通过、待公布的对象。（六）"
    for actor in (department, head):
        assert refused(publication.order_publication, cycle=world.cycle, actor=actor, now=world.tick()) == nothing
    world.cycle.two_persons = []
    head_alone = "由会员部负责人公布名单。（六）"
    for actor, words in ((department, head_alone), (head, nothing), (secretary, head_alone)):
        assert refused(publication.order_publication, cycle=world.cycle, actor=actor, now=world.tick()) == words


# ---- the list


def test_numbers_run_on_in_the_order_of_units_and_ranks(world, cases):
    decide(world, freeze(world))

    publish_all(world)

    rows = list(Recognition.objects.order_by("serial").values_list("serial", "number", "declaration"))
    assert rows == [(n, f"SH2020-{n:04d}", case.pk) for n, case in enumerate(cases, start=1)]
    cycle = Cycle.objects.get(pk=world.cycle.pk)
    names = [[f"SH2020-{n:04d}", case.applicant_name] for n, case in enumerate(cases, start=1)]
    assert (cycle.published_digest, cycle.released_at) == (digest_of(names), None)
    assert recognition_of(cases[2]).number == "SH2020-0003"


def test_a_second_list_goes_on_where_the_first_ended(world, cases):
    agenda = freeze(world)
    decide(world, agenda, approved(agenda, p2=(Outcome.HELD_OVER, "补充材料。")))
    publish_all(world)
    decide(world, freeze(world))
    publish_all(world)

    rows = list(Recognition.objects.order_by("serial").values_list("number", "declaration"))
    order_of = [cases[0], cases[2], cases[3], cases[1]]
    assert rows == [(f"SH2020-{n:04d}", case.pk) for n, case in enumerate(order_of, start=1)]


def test_only_the_list_that_two_persons_looked_at_is_published(world, cases):
    agenda = freeze(world)
    decide(world, agenda, approved(agenda, p2=(Outcome.HELD_OVER, "补充材料。")))
    words = {"cycle": world.cycle, "actor": world.seats["department"]}
    pending = publication.order_publication(**words, now=world.tick())
    decide(world, freeze(world))
    moved_on = "拟办之后有关数据又有改动，请退回，由拟办人核对后重新提请。（两人办理）"
    head = {"actor": world.seats["head"]}
    assert refused(confirming.confirm, pending=pending, **head, now=world.tick()) == moved_on

    job = published_by_two(world, pending)
    Declaration.objects.filter(pk=cases[0].pk).update(applicant_name="改名商会")
    with pytest.raises(CannotBeDone, match="待公布的名单与两人确认的不一致，请重新提请"):
        tasks.publish_list(job, lambda done, total: None)


def test_nothing_approved_is_nothing_to_publish(world, cases):
    assert refused(publish_all, world) == "没有审议通过、待公布的对象。（六）"
    assert recognition_of(cases[0]) is None


def test_the_results_are_released_only_after_the_list(world, cases):
    words = {"cycle": world.cycle, "actor": world.seats["head"]}
    decide(world, freeze(world))

    assert refused(publication.release_results, **words, now=world.tick()) == "名单公布后才能公开其他结果。（六）"
    publish_all(world)
    publication.release_results(**words, now=world.tick())
    assert refused(publication.release_results, **words, now=world.tick()) == "结果已经公开。（六）"


def test_only_the_head_publishes_and_releases(world, cases):
    decide(world, freeze(world))
    words = {"cycle": world.cycle, "actor": world.seats["department"], "now": world.tick()}

    assert refused(publication.publish_list, **words) == "由会员部负责人公布名单。（六）"
    assert refused(publication.release_results, **words) == "由会员部负责人公开结果。（六）"


# ---- what the outer tiers see before the release


@pytest.fixture
def four(world, begun):
    """One case of the province in each of the four states that nobody outside may tell apart."""
    sign(world, stages.fresh(Declaration(pk=begun[1][4])))
    agenda = freeze(world)
    decide(
        world, agenda,
        approved(agenda, p2=(Outcome.NOT_APPROVED, "存疑。"), p3=(Outcome.HELD_OVER, "再议。")),
    )
    return [stages.fresh(Declaration(pk=pk)) for pk in begun[1][1:]]


def outer_seats(world, case):
    officer, leader = world.staff[case.unit_id]
    president = worlds.president_of(case.applicant)
    return officer, leader, president


def test_outside_the_four_states_read_alike_until_the_release(world, four):
    assert states(four) == ["not_approved", "proposed", "approved", "not_eligible"]

    before = {state_words(seat, case) for case in four for seat in outer_seats(world, case)}
    publish_all(world)
    publication.release_results(cycle=world.cycle, actor=world.seats["head"], now=world.tick())
    after = {
        state_words(seat, stages.fresh(case)) for case in four for seat in outer_seats(world, stages.fresh(case))
    }

    assert before == {"评审中"}
    assert after == {"已认定", "审议未通过", "不能参与认定", "拟认定"}


def test_outside_no_filter_tells_the_four_states_apart(world, four):
    leader = world.staff[four[1].unit_id][1]
    whole = {case.pk for case in case_list(leader)}

    found = [
        {case.pk for case in case_rows(leader, world.cycle, Narrowing(state=state), world.tick())}
        for state in ("proposed", "not_eligible", "approved", "not_approved")
    ]

    assert found == [whole] * 4
    labels = [chip["label"] for chip in filter_chips(leader, world.cycle, Narrowing(), "/")]
    assert labels == ["全部", "本单位办理中", "逾期"]


def test_outside_the_history_tells_no_outcome_before_the_release(world, four):
    told = {
        tuple(event.title for event in timeline_for(seat, case))[-1]
        for case in four
        for seat in outer_seats(world, case)
    }

    assert told == {"通过初审", "进入专家复审"}


def test_a_ruled_out_case_was_never_before_the_meeting(world, four):
    assert [case.agenda_items.count() for case in four] == [1, 1, 1, 0]


def test_a_flagged_case_cannot_be_put_before_the_meeting(world, cases):
    words = {"case": cases[0], "ground": "untrue", "reason": "不符。", "items": [], "actor": world.seats["department"]}

    assert refused(preliminary.propose_disqualification, **words, now=world.tick()) == (
        "本件状态已由他人改变，请刷新页面后再办理。"
    )
