"""The board in a browser's eyes: what is marked, what a script is answered, ranks typed, the country at a glance."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from declarations.actions import review
from declarations.demo import stages
from declarations.models import Batch, Cycle, Declaration, Quota
from declarations.queries.country import country_of
from declarations.states import State
from sihao import clock
from tests import rush, worlds
from tests.factories import make_federation
from tests.kept import as_it_stands, kept
from tests.rows import declare

pytestmark = pytest.mark.django_db
MANY = 40
LISTED = 3


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker):
    """Forty cases of a province: three on the list, one reserve, the others before it."""
    with kept(django_db_blocker):
        place = rush.ground(worlds.make_world(), MANY)
        for number, case in enumerate(place.cases[: LISTED + 1]):
            act = review.reserve if number == LISTED else review.shortlist
            act(case=case, actor=place.leader, now=place.world.tick())
        for case, total in zip(place.cases, (430, 450, 450), strict=False):
            Declaration.objects.filter(pk=case.pk).update(unit_total=total)
        rush.count_totals(place.unit)
        yield place


@pytest.fixture
def world(ground, monkeypatch):
    mine = as_it_stands(ground.world)
    mine.cycle = Cycle.objects.get(pk=mine.cycle.pk)
    monkeypatch.setattr(clock, "now", lambda: mine.clock.at)
    return mine


@pytest.fixture
def cases(ground):
    return [stages.fresh(case) for case in ground.cases[: LISTED + 1]]


@pytest.fixture
def leader(world, ground):
    return signed_in(world.leader(ground.unit))


@pytest.fixture
def officer(world, ground):
    return signed_in(world.officer(ground.unit))


def signed_in(seat):
    client = Client()
    client.force_login(seat.user)
    return client


def url(name, *args):
    return reverse(f"declarations:{name}", args=args)


def text(response):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def marks(page, key):
    """Return which marks are shown in a case's row."""
    row = re.search(rf'<tr id="case-{key}".*?</tr>', page.content.decode(), re.DOTALL).group()
    return [name for name, hidden in re.findall(r'data-mark="(\w+)"( hidden)?', row) if not hidden]


def batch():
    return Batch.objects.get(unit__code=worlds.PROVINCE)


def ask(client, case, **fields):
    """Move a case as the board's script does."""
    return client.post(url("move", case.pk), fields, headers={"accept": "application/json"})


def order(answer, side="listed"):
    return [one["key"] for one in answer.json()["order"][side]]


# ---- the board


def test_ties_and_missing_reasons_are_marked_and_the_next_act_says_why_not(officer, cases):
    page = officer.get(url("board"))

    assert [marks(page, case.pk) for case in cases] == [["ask"], ["tie"], ["tie"], []]
    told = text(page)
    assert "排序与得分不一致须说明 有 1 家须写明理由，写明后才能固定名单。" in told
    assert "固定名单 拟推荐第1位排序与得分不一致，须写明理由后才能固定名单。 依据：五（二）1" in told
    assert "备选不占名额，不随名单上报；上报后有被取消认定资格的，不递补。" in told
    assert "待审核 36件" in told


def test_the_reason_is_asked_beside_those_it_stands_against_and_is_printed(officer, cases):
    asked = text(officer.get(url("rank_reason", cases[0].pk)))
    blank = text(officer.post(url("rank_reason", cases[0].pk), {"reason": " "}))
    kept_ = officer.post(url("rank_reason", cases[0].pk), {"reason": "带动就业突出。"}, follow=True)

    assert f"共2家。 第2位 {cases[1].applicant_name}，450/500，得分较高，排在后面" in asked
    assert "请填写排序理由。" in blank
    assert f"{cases[0].applicant_name}：排序理由已保存。" in text(kept_)
    assert "排序理由： 带动就业突出。" in text(kept_)
    assert marks(kept_, cases[0].pk) == ["told"]


def test_only_the_leader_reads_of_changing_sides(officer, leader):
    read = [text(client.get(url("board"))) for client in (officer, leader)]

    assert ["改列备选" in told for told in read] == [False, True]


# ---- a script


def test_a_script_is_answered_with_the_order_as_it_is(officer, cases):
    answer = ask(officer, cases[2], to=1, seen=batch().order_version)

    assert (answer.status_code, answer.json()["said"]) == (200, f"{cases[2].applicant_name}移至第1位。")
    assert order(answer) == [cases[2].pk, cases[0].pk, cases[1].pk]
    assert answer.json()["order"]["version"] == batch().order_version
    assert [one["ask"] for one in answer.json()["order"]["listed"]] == [False, True, False]


def test_a_script_that_is_late_is_told_and_given_the_present_order(world, officer, leader, cases):
    seen = batch().order_version
    ask(leader, cases[2], to=1, seen=seen)

    answer = ask(officer, cases[0], to=3, seen=seen)

    assert answer.status_code == 409
    assert answer.json()["refused"].endswith("本次调整没有写入。请按现在的次序再办理。")
    assert order(answer) == [cases[2].pk, cases[0].pk, cases[1].pk]


@pytest.mark.parametrize("to", ["", "零", "0", "1.5", "9" * 30])
def test_a_script_that_names_no_rank_is_told(officer, cases, to):
    answer = ask(officer, cases[0], to=to)

    assert (answer.status_code, answer.json()["refused"]) == (
        409, f"{cases[0].applicant_name}：请填写要移到的位次，从1起的整数。"
    )


def test_between_the_lists_with_the_reason_and_the_place_guard(world, leader, officer, cases):
    without = ask(leader, cases[0], to=1, side="reserves")
    made = ask(leader, cases[0], to=1, side="reserves", reason="得分较低。")
    Quota.objects.filter(organisation__code=worlds.PROVINCE).update(places=2)
    full = ask(leader, cases[3], to=1, side="listed")
    other = ask(officer, cases[3], to=1, side="listed")

    assert (without.status_code, without.json()["refused"]) == (409, "请写明理由。")
    assert made.json()["said"] == f"{cases[0].applicant_name}改列备选第1位。"
    assert (order(made), order(made, "reserves")) == ([cases[1].pk, cases[2].pk], [cases[0].pk, cases[3].pk])
    assert (full.status_code, full.json()["refused"]) == (409, "推荐名额已满（2/2），可列为备选。（四）")
    assert (other.status_code, other.json()["refused"]) == (409, "您的席位无权办理这一步。")


# ---- without a script


def test_ranks_typed_are_arranged_at_once(officer, cases):
    typed = {f"rank-{case.pk}": rank for case, rank in zip(cases, (3, 2, 1, 1), strict=True)}

    page = officer.post(url("arrange", batch().pk), typed | {"seen": batch().order_version}, follow=True)

    assert "已按填写的次序排列，2家位次有变动。" in text(page)
    listed = Declaration.objects.filter(is_reserve=False, rank__isnull=False).order_by("rank")
    assert list(listed.values_list("pk", flat=True)) == [cases[2].pk, cases[1].pk, cases[0].pk]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("二", "请填写要移到的位次，从1起的整数。"),
        ("0", "请填写要移到的位次，从1起的整数。"),
        ("9" * 400, "请填写要移到的位次，从1起的整数。"),
        ("\x00", "请填写要移到的位次，从1起的整数。"),
        ("1", "位次没有变动。"),
        ("2", "已按填写的次序排列，2家位次有变动。"),
    ],
)
def test_what_is_typed_is_named_or_done(officer, cases, typed, told):
    page = officer.post(url("arrange", batch().pk), {f"rank-{cases[0].pk}": typed, "rank-x" * (typed == "1"): "1"})

    assert page.url == "/work/board/"
    assert (told in text(officer.get(page.url))) is (typed != "1")


def test_by_total_in_one_act(officer, cases):
    page = officer.post(url("order_by_total", batch().pk), {"seen": batch().order_version}, follow=True)
    again = officer.post(url("order_by_total", batch().pk), {}, follow=True)

    assert "已按得分排列，3家位次有变动。" in text(page)
    assert "已是按得分排列的次序。" in text(again)
    assert "须写明理由" not in text(page).replace("有 0 家须写明理由，写明后才能固定名单。", "")


def test_changing_sides_by_its_page_leads_back_to_the_board(leader, cases):
    asked = text(leader.get(url("step", cases[0].pk, "demote")))
    done = leader.post(url("step", cases[0].pk, "demote"), {"reason": "得分较低。"}, follow=True)

    assert "空出一个推荐名额，列在备选末位，可再调整次序。" in asked
    assert done.redirect_chain == [("/work/board/", 302)]
    assert Declaration.objects.get(pk=cases[0].pk).is_reserve is True


# ---- as light with many


def listed_all(cases):
    """Put every case of the province on the list, past the actions."""
    first = Declaration.objects.filter(is_reserve=False).order_by("-rank").exclude(rank=None)[0].rank
    for rank, case in enumerate(Declaration.objects.filter(state=State.LOCAL_REVIEW), start=first + 1):
        Declaration.objects.filter(pk=case.pk).update(
            state=State.SHORTLISTED, rank=rank, unit_total=440, batch=batch(), is_reserve=False
        )


def statements(act, capture):
    with capture as queries:
        answer = act()
    return [query["sql"].split(" WHERE ")[0][:70] for query in queries.captured_queries], answer


def test_board_and_move_ask_as_often_for_39_as_for_three(officer, cases, django_assert_max_num_queries):
    few = {
        name: statements(act, django_assert_max_num_queries(40))[0]
        for name, act in (
            ("board", lambda: officer.get(url("board"))),
            ("move", lambda: ask(officer, cases[2], to=1)),
        )
    }
    listed_all(cases)

    board, page = statements(lambda: officer.get(url("board")), django_assert_max_num_queries(40))
    move, _ = statements(lambda: ask(officer, cases[2], to=LISTED), django_assert_max_num_queries(40))

    assert (board, len(move)) == (few["board"], len(few["move"]))
    assert len(page.content) < MANY * 3000 + 20_000


# ---- the country


def test_the_country_shows_used_waiting_and_overdue_and_leads_to_each_list(world, ground, cases):
    world.clock.at = Declaration.objects.get(pk=ground.cases[-1].pk).due_at + timedelta(seconds=1)
    seat = world.seats["department"]

    henan = next(one for one in country_of(seat, world.cycle, world.clock.at).units if one.unit == ground.unit)
    told = text(signed_in(seat).get(url("department")))

    assert (henan.used, henan.waiting, henan.overdue, henan.level) == (LISTED, MANY - LISTED - 1, 36, 1)
    assert (henan.url, henan.leads_to, henan.cell) == (
        "/work/cases/?unit=410000", "申报件", "tile-column-5 tile-line-3"
    )
    places = sum(Quota.objects.values_list("places", flat=True))
    assert f"个推荐单位共{places}个名额，已用3个；待推荐单位和下级审核36件，其中逾期36件，在1个单位。" in told
    assert "40件申报的总分（4件按推荐单位审核得分，其余36件按自评得分），没有低于350分的。" in told


def test_an_instant_before_the_term_nothing_is_overdue(world, ground):
    at = Declaration.objects.get(pk=ground.cases[-1].pk).due_at - timedelta(seconds=1)

    assert country_of(world.seats["department"], world.cycle, at).sums["overdue"] == 0


def test_a_list_that_went_up_is_what_its_tile_leads_to(world, ground):
    stages.send_up(world, ground.unit)

    henan = next(
        one
        for one in country_of(world.seats["department"], world.cycle, world.clock.at).units
        if one.unit == ground.unit
    )
    assert (henan.url, henan.leads_to, henan.words) == (f"/work/lists/{batch().pk}/", "推荐名单", "已上报")


@pytest.mark.parametrize(("used", "places", "level"), [(0, 4, 0), (1, 4, 1), (2, 4, 2), (3, 4, 2), (4, 4, 3)])
def test_a_tile_is_the_deeper_the_more_places_are_used(world, ground, used, places, level):
    Quota.objects.filter(organisation=ground.unit).update(used=used, places=places)

    units = country_of(world.seats["department"], world.cycle, world.clock.at).units
    assert next(one for one in units if one.unit == ground.unit).level == level


def test_the_list_of_a_unit_is_narrowed_to_it_and_keeps_that(world, ground, officer):
    department = signed_in(world.seats["department"])
    [other] = declare(world.cycle, ["别省商会"], home=make_federation("420100"), state=State.LOCAL_REVIEW)

    here, there = (department.get(url("cases"), {"unit": code}) for code in ("420000", worlds.PROVINCE))

    assert other.applicant_name in text(here)
    assert other.applicant_name not in text(there)
    assert f"只列{ground.unit}推荐的申报件。 列出全部" in text(there)
    assert "?unit=410000&amp;overdue=1" in there.content.decode()
    assert department.get(url("cases"), {"unit": "410000'"}).status_code == 200
