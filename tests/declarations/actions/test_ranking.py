"""Ordering a list: moves, both lists, ranks typed, totals, reasons, two officers at once, reserves that move up."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from declarations.actions import batch as lists
from declarations.actions import consulting, draft, preliminary, ranking, review
from declarations.actions.quota import set_quota
from declarations.demo import stages
from declarations.models import Batch, Cycle, Declaration, Endorsement, Quota, TotalBand
from declarations.queries.board import order_now
from declarations.queries.invariants import Scope, look
from declarations.queries.totals import spread_of
from declarations.states import State
from sihao.accounts.refusals import Refused
from sihao.audit.events import Event
from sihao.audit.queries import trail_of
from tests import rush, worlds
from tests.factories import make_federation, make_seat
from tests.kept import as_it_stands, kept

pytestmark = pytest.mark.django_db
HENAN = worlds.PROVINCE
TOTALS = (430, 450, 450, 410, 400, 390)
LISTED = 4


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker):
    """Six cases of a province: four on the list, two reserves, with totals that the order does not follow."""
    with kept(django_db_blocker):
        place = rush.ground(worlds.make_world(), len(TOTALS))
        for case, total in zip(place.cases, TOTALS, strict=True):
            act = review.shortlist if case in place.cases[:LISTED] else review.reserve
            act(case=case, actor=place.leader, now=place.world.tick())
            Declaration.objects.filter(pk=case.pk).update(unit_total=total)
        rush.count_totals(place.unit)
        yield place


@pytest.fixture
def world(ground):
    mine = as_it_stands(ground.world)
    mine.cycle = Cycle.objects.get(pk=mine.cycle.pk)
    return mine


@pytest.fixture
def cases(ground):
    return [stages.fresh(case) for case in ground.cases]


@pytest.fixture
def unit(ground):
    return ground.unit


@pytest.fixture
def hands(world, unit):
    """What every act of the leader takes."""
    return {"actor": world.leader(unit), "now": world.tick()}


def refused(act, **words):
    with pytest.raises(Refused) as caught:
        act(**words)
    return [str(one) for one in caught.value.refusals]


def standing(*, reserve=False):
    """Return the chambers' places in ``cases`` in the order of the ranks, which must be 1…n."""
    rows = Declaration.objects.filter(is_reserve=reserve, rank__isnull=False).order_by("rank")
    assert list(rows.values_list("rank", flat=True)) == list(range(1, len(rows) + 1))
    keys = sorted(Declaration.objects.filter(unit__code=HENAN).values_list("pk", flat=True))
    return [keys.index(pk) for pk in rows.values_list("pk", flat=True)]


def used():
    return Quota.objects.get(organisation__code=HENAN).used


def batch():
    return Batch.objects.get(unit__code=HENAN)


# ---- within a list


@pytest.mark.parametrize(
    ("which", "to", "order"),
    [(3, 1, [3, 0, 1, 2]), (0, 4, [1, 2, 3, 0]), (2, 2, [0, 2, 1, 3]), (1, 99, [0, 2, 3, 1]), (3, 0, [3, 0, 1, 2])],
)
def test_a_case_moves_up_and_down_and_to_the_ends(cases, hands, which, to, order):
    rank = ranking.move(case=cases[which], to=to, **hands)

    assert (standing(), rank) == (order, order.index(which) + 1)
    assert standing(reserve=True) == [4, 5]


def test_a_neighbour_moved_writes_two_ranks_and_its_entry_says_from_where(cases, hands):
    with CaptureQueriesContext(connection ) as asked:
        ranking.move(case=cases[3], to=3, **hands)

    writes = [one["sql"] for one in asked.captured_queries if one["sql"].startswith("UPDATE")]
    assert len([sql for sql in writes if "declarations_declaration" in sql]) == 4
    entry = trail_of(cases[3]).last()
    assert (entry.event, entry.data) == (Event.RANKED, {"was": 4, "rank": 3})


def test_a_move_to_the_same_rank_writes_and_tells_nothing(cases, hands):
    before = (batch().order_version, trail_of(cases[1]).count())

    ranking.move(case=cases[1], to=2, **hands)

    assert (batch().order_version, trail_of(cases[1]).count()) == before


def test_reserves_have_an_order_of_their_own(cases, hands):
    ranking.move(case=cases[5], to=1, **hands)

    assert (standing(), standing(reserve=True)) == ([0, 1, 2, 3], [5, 4])


# ---- two at once


def test_who_moves_by_an_older_order_is_told_by_whom_it_was_changed_and_nothing_is_lost(world, unit, cases, hands):
    seen = batch().order_version
    ranking.move(case=cases[3], to=1, seen=seen, **hands)

    told = refused(ranking.move, case=cases[0], to=4, actor=world.officer(unit), now=world.tick(), seen=seen)

    name, at = hands["actor"].user.name, hands["now"]
    assert told == [
        f"{name}已于{at.month}月{at.day}日{at:%H:%M}调整次序，您看到的是变动前的次序，本次调整没有写入。请按现在的次序再办理。"
    ]
    assert standing() == [3, 0, 1, 2]
    assert ranking.move(case=cases[0], to=4, actor=world.officer(unit), now=world.tick(), seen=seen + 1) == 4


def test_a_case_that_left_changes_the_order_one_that_came_does_not(world, cases, hands):
    seen = batch().order_version
    more = worlds.make_shortlisted(world, HENAN)
    assert ranking.move(case=more, to=1, seen=seen, **hands) == 1
    seen += 1

    gone = {"actor": worlds.president_of(cases[1].applicant), "now": world.tick(), "reason": "换届，本次不再申报。"}
    draft.withdraw(case=cases[1], **gone)

    told = refused(ranking.move, case=cases[0], to=1, seen=seen, **hands)
    assert told == [
        "有申报退出或改列，次序已有变动，您看到的是变动前的次序，本次调整没有写入。请按现在的次序再办理。"
    ]


# ---- between the lists


def test_a_reserve_that_is_listed_takes_a_place_and_the_opinion_says_so(cases, hands):
    moved = ranking.promote(case=cases[4], to=2, **hands)

    assert (moved.rank, moved.is_reserve, moved.state, used()) == (2, False, State.SHORTLISTED, 5)
    assert (standing(), standing(reserve=True)) == ([0, 4, 1, 2, 3], [5])
    assert Endorsement.objects.get(declaration=moved).conclusion == "同意推荐"
    entry = trail_of(moved).last()
    assert (entry.event, entry.data["was"], entry.data["rank"]) == (Event.PROMOTED, 1, 2)


def test_a_case_made_a_reserve_frees_its_place_and_keeps_the_reason(cases, hands):
    Declaration.objects.filter(pk=cases[0].pk).update(rank_reason="带动就业突出。")

    moved = ranking.demote(case=cases[0], reason="得分较低。", **hands)

    assert (moved.rank, moved.is_reserve, moved.rank_reason, used()) == (3, True, "", 3)
    assert (standing(), standing(reserve=True)) == ([1, 2, 3], [4, 5, 0])
    assert Endorsement.objects.get(declaration=moved).conclusion == "列为备选"
    assert trail_of(moved).last().reason == "得分较低。"


def test_an_opinion_signed_again_with_the_change_of_sides_still_stands_for_the_step(cases, hands):
    [sound] = look([18], Scope(deep=True))
    ranking.demote(case=cases[0], reason="得分较低。", **hands)
    [after] = look([18], Scope(deep=True))
    Endorsement.objects.filter(declaration=cases[0]).update(text="")
    [broken] = look([18], Scope(deep=True))

    assert (sound.count, after.count, broken.count) == (0, 0, 1)


def test_the_last_place_is_taken_and_the_next_reserve_refused(world, unit, cases, hands):
    set_quota(cycle=world.cycle, unit=unit, places=5, actor=world.seats["head"], now=world.tick())

    ranking.promote(case=cases[4], **hands)
    told = refused(ranking.promote, case=cases[5], **hands)

    assert told == ["推荐名额已满（5/5），可列为备选。（四）"]
    assert (used(), standing(reserve=True)) == (5, [5])


def test_what_each_side_refuses(world, unit, cases, hands):
    officer = {"actor": world.officer(unit), "now": world.tick()}

    assert refused(ranking.demote, case=cases[0], reason=" ", **hands) == ["请写明理由。"]
    assert refused(ranking.demote, case=cases[4], reason="再议。", **hands) == ["本件已列为备选。（五（二）1）"]
    assert refused(ranking.promote, case=cases[0], **hands) == ["本件已列入拟推荐。（五（二）1）"]
    assert refused(ranking.promote, case=cases[4], **officer) == ["您的席位无权办理这一步。"]
    stranger = make_seat("leader", make_federation("420000"))
    assert refused(ranking.move, case=cases[0], to=2, actor=stranger, now=world.tick()) == [
        "只有推荐单位可以办理推荐名单。（五（二）1）"
    ]


# ---- the whole list


def test_ranks_typed_for_several_stand_and_the_others_keep_their_order(cases, hands):
    wanted = {cases[3].pk: 1, cases[0].pk: 4, cases[1].pk: 2, cases[5].pk: 1, 10**9: 1}

    number = ranking.arrange(batch=batch(), wanted=wanted, **hands)

    assert (standing(), standing(reserve=True), number) == ([3, 1, 2, 0], [5, 4], 4)
    entry = trail_of(batch()).last()
    assert (entry.event, entry.data) == (Event.LIST_ARRANGED, {"how": "按填写的次序", "number": 4})


def test_two_at_one_rank_are_refused_and_nothing_moves(cases, hands):
    wanted = {cases[3].pk: 1, cases[2].pk: 1}

    told = refused(ranking.arrange, batch=batch(), wanted=wanted, **hands)

    assert told == ["拟推荐第1位填写了两家以上，请改正后再排列。"]
    assert standing() == [0, 1, 2, 3]


def test_by_total_from_the_highest_ties_as_they_stood(cases, hands):
    ranking.move(case=cases[2], to=2, **hands)

    assert ranking.order_by_total(batch=batch(), **hands) == 3
    assert (standing(), standing(reserve=True)) == ([2, 1, 0, 3], [4, 5])
    assert ranking.order_by_total(batch=batch(), **hands) == 0


# ---- reasons


def test_a_list_against_its_totals_is_not_frozen_before_it_says_why(world, unit, cases, hands):
    freeze = {"batch": batch(), "actor": world.officer(unit), "now": world.tick()}

    assert refused(lists.freeze_batch, **freeze) == [
        "拟推荐第1位排序与得分不一致，须写明理由后才能固定名单。（五（二）1）"
    ]
    assert refused(ranking.give_reason, case=cases[0], reason=" ", **hands) == ["请写明排序的理由。"]
    ranking.give_reason(case=cases[0], reason="带动就业突出。", **hands)
    listing = lists.freeze_batch(**freeze).listing

    assert [(one["total"], one["tie"], one["reason"]) for one in listing] == [
        ("430.00", False, "带动就业突出。"), ("450.00", True, ""), ("450.00", True, ""), ("410.00", False, ""),
    ]
    entry = trail_of(cases[0]).last()
    assert (entry.event, entry.reason) == (Event.RANK_REASONED, "带动就业突出。")
    assert refused(ranking.give_reason, case=cases[0], reason="另有理由。", **hands) == [
        "推荐名单现为“名单已固定”，只有“拟定中”时可以办理。（五（二）1）"
    ]


def test_a_reason_no_longer_needed_is_not_printed(world, unit, cases, hands):
    ranking.give_reason(case=cases[0], reason="带动就业突出。", **hands)
    ranking.order_by_total(batch=batch(), **hands)

    order = order_now(world.officer(unit), world.cycle)
    frozen = lists.freeze_batch(batch=batch(), actor=world.officer(unit), now=world.tick())

    assert [(row.tie, row.ask, row.told) for row in order.listed] == [
        (True, False, False), (True, False, False), (False, False, False), (False, False, False),
    ]
    assert {one["reason"] for one in frozen.listing} == {""}


# ---- reserves with a rule (B11)


@pytest.fixture
def flagged(world, unit, cases):
    """The list is up and accepted; the first case of it is to be disqualified."""
    stages.send_up(world, unit)
    stages.accept(world, unit)
    stages.flag(world, cases[1], reason="与年检公告不符。")
    consulting.speak(case=cases[1], text="情况属实。", actor=world.leader(unit), now=world.tick())
    return cases[1]


def recommended():
    gone = (State.SHORTLISTED, State.DISQUALIFIED)
    return Declaration.objects.filter(unit__code=HENAN).exclude(state__in=gone).count()


def test_without_the_rule_nobody_takes_the_place(world, flagged):
    preliminary.disqualify(case=flagged, actor=world.seats["head"], now=world.tick())

    assert (recommended(), used(), standing(reserve=True)) == (3, 4, [4, 5])


def test_with_the_rule_the_first_reserve_moves_up_and_its_trail_says_for_whom(world, flagged):
    Cycle.objects.update(refills=True)
    flagged = stages.fresh(flagged)

    preliminary.disqualify(case=flagged, actor=world.seats["head"], now=world.tick())

    up = Declaration.objects.get(state=State.PRELIMINARY_REVIEW, rank=5)
    assert (recommended(), used(), standing(reserve=True)) == (4, 4, [5])
    events = [(entry.event, entry.data.get("replaced")) for entry in trail_of(up)][-2:]
    assert events == [(Event.MOVED_UP, flagged.applicant_name), (Event.TAKEN_UP, None)]
    assert trail_of(up).filter(event=Event.MOVED_UP).get().sentence.endswith(
        f"{flagged.applicant_name}空出名额，由备选第1位递补"
    )


def test_with_the_rule_and_no_reserve_the_place_stays_used(world, cases, flagged):
    Cycle.objects.update(refills=True)
    Declaration.objects.filter(is_reserve=True).update(rank=None)

    preliminary.disqualify(case=stages.fresh(flagged), actor=world.seats["head"], now=world.tick())

    assert (recommended(), used()) == (3, 4)


# ---- totals


def test_the_kept_spread_is_what_the_cases_come_to(world, cases, hands):
    leader = world.leader(cases[0].unit)
    before = spread_of(leader, world.cycle, cases[0].unit)
    assert (dict(before.bands), before.own) == ({375: 1, 400: 2, 425: 1, 450: 2}, 6)
    assert before.told == "6件申报的总分（均按推荐单位审核得分），没有低于350分的。"

    more = worlds.make_submitted(world, HENAN)
    assert spread_of(leader, world.cycle).told == (
        "7件申报的总分（6件按推荐单位审核得分，其余1件按自评得分），没有低于350分的。"
    )
    listed = stages.shortlist(world, stages.to_unit(world, more))
    review.unshortlist(case=listed, reason="再核。", **hands)
    kept_so = list(TotalBand.objects.filter(number__gt=0).values_list("low", "below", "own", "number"))
    gone = {"actor": worlds.president_of(listed.applicant), "now": world.tick(), "reason": "不再申报。"}
    draft.withdraw(case=stages.fresh(listed), **gone)

    assert spread_of(leader, world.cycle).bands == before.bands
    assert sum(number for _, _, own, number in kept_so if own) == 7


def test_a_total_below_the_line_is_told(world, unit, cases):
    Declaration.objects.filter(pk=cases[0].pk).update(unit_total="349.5")
    rush.count_totals(unit)

    told = spread_of(world.leader(unit), world.cycle)

    assert told.told == "6件申报的总分（均按推荐单位审核得分），低于350分的1件。"
    assert told.bands[325] == 1
