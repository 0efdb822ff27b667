"""Sharing places out: the national table, counts, single units, adoption by two persons, the sum."""

import csv
from decimal import Decimal

import pytest
from django.conf import settings

from declarations.actions import places
from declarations.actions.confirming import confirm
from declarations.actions.places import Brought, Parameters
from declarations.models import ChamberCount, Cycle, ForwardLimit, Pending, Quota, QuotaPlan, Region
from declarations.queries.annex_two import annex_of
from declarations.queries.places import plan_of, plan_table
from declarations.second_person import Paired
from sihao.accounts.refusals import Refused
from sihao.audit.events import Event
from sihao.audit.queries import trail_of
from tests import worlds
from tests.factories import make_federation
from tests.kept import as_it_stands, kept

pytestmark = pytest.mark.django_db
ANNEX = settings.BASE_DIR / "fixtures" / "quotas-2019-2020.csv"


def units_of_annex():
    with ANNEX.open(encoding="utf-8", newline="") as file:
        return {row["单位代码"]: int(row["名额"]) for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker):
    with kept(django_db_blocker):
        for code in units_of_annex():
            make_federation(code)
        yield worlds.make_world()


@pytest.fixture
def world(ground):
    world = as_it_stands(ground)
    world.cycle = Cycle.objects.get(pk=ground.cycle.pk)
    return world


@pytest.fixture
def officer(world):
    return world.seats["department"]


@pytest.fixture
def head(world):
    return world.seats["head"]


def refused(act, **words):
    with pytest.raises(Refused) as caught:
        act(**words)
    return [str(one) for one in caught.value.refusals]


def table(world, code=worlds.NATION):
    return plan_table(plan_of(Cycle.objects.get(pk=world.cycle.pk), make_federation(code)), worlds.NOW)


def override(world, code, number, actor):
    unit = make_federation(code)
    words = {"places": number, "reason": "按工作实际。", "actor": actor, "now": world.tick()}
    return places.override(cycle=world.cycle, unit=unit, **words)


def adopted(world, officer, head):
    pending = places.adopt(cycle=world.cycle, actor=officer, now=world.tick())
    confirm(pending=pending, actor=head, now=world.tick())
    return QuotaPlan.objects.get(owner=head.organisation)


# ---- the national table


def test_the_national_table_of_33_units_and_1500_places_comes_out_exactly(world):
    found = table(world)

    assert {row.unit.code: row.computed for row in found.rows} == units_of_annex()
    assert (len(found.rows), found.size, found.computed, found.problem) == (33, 50_000, 1500, "")
    assert found.three_per_cent == "商会总数50000个，按3%为1500个。"
    fixed = [row.name for row in found.rows if row.share.fixed]
    assert fixed == ["120000"]
    assert next(row.how for row in found.rows if row.share.fixed) == "应得7.1118，不足保底数，按保底数9个"


def test_the_notes_beside_a_figure_say_how_it_came_about(world):
    rows = table(world).rows

    won = next(row for row in rows if row.share.extra and row.share.rank == 1)
    lost = next(row for row in rows if row.share.rank == 32)
    assert won.how == f"整数部分{won.share.whole}，小数部分第1大，再得1个"
    assert won.computed == won.share.whole + 1
    assert lost.how == f"整数部分{lost.share.whole}，小数部分第32大，不再得"


def test_a_region_with_more_weight_takes_places_from_the_others(world, officer):
    regions = {region.name: region for region in Region.objects.filter(cycle=world.cycle)}
    before = {row.unit.code: row.computed for row in table(world).rows}
    weights = {regions["东北地区"].pk: Decimal("1.3")}

    parameters = Parameters(1500, 9, weights=weights)
    places.set_parameters(cycle=world.cycle, parameters=parameters, actor=officer, now=world.tick())

    after = table(world)
    assert after.computed == 1500
    northeast = regions["东北地区"].codes
    assert all(row.computed > before[row.unit.code] for row in after.rows if row.unit.code in northeast)
    entry = trail_of(QuotaPlan.objects.get(owner=officer.organisation)).last()
    assert entry.event == Event.PLAN_SET
    assert "东北地区权重1.3" in entry.data["what"]


def test_a_floor_that_does_not_fit_is_told_and_nothing_can_be_adopted(world, officer):
    parameters = Parameters(1500, 46)
    places.set_parameters(cycle=world.cycle, parameters=parameters, actor=officer, now=world.tick())

    told = refused(places.adopt, cycle=world.cycle, actor=officer, now=world.tick())

    assert told == ["33个单位每个至少46个，共需1518个，超过名额总数1500个。请降低保底数。（四）"]


def test_parameters_stand_still_once_a_list_was_sent_up(world, officer):
    unit = worlds.make_shortlisted(world, worlds.PROVINCE).unit
    worlds.stages.send_up(world, unit)

    words = {"parameters": Parameters(1600, 0), "actor": officer, "now": world.tick()}
    told = refused(places.set_parameters, cycle=world.cycle, **words)

    assert told == ["已有推荐名单上报，名额总数、保底数和地区权重不能再改；单个单位可按理由调整。（四）"]
    assert override(world, "110000", 12, officer).places == 12


# ---- counts


def test_a_sheet_is_written_once_and_its_digest_is_kept(world, officer):
    brought = Brought("统计.xlsx", "d" * 64, {"110000": 400, "310000": 387, "999999": 1}, ["第5行：……"])
    sheet = places.bring_counts(cycle=world.cycle, brought=brought, actor=officer, now=world.tick())

    assert ChamberCount.objects.get(organisation__code="110000").number == 382
    places.write_counts(sheet=sheet, actor=officer, now=world.tick())

    count = ChamberCount.objects.get(organisation__code="110000")
    assert (count.number, count.source, count.digest, count.written_by) == (400, "统计.xlsx", "d" * 64, officer)
    told = refused(places.write_counts, sheet=sheet, actor=officer, now=world.tick())
    assert told == ["这份统计表已经写入，不能再次写入。"]


def test_a_sheet_given_up_writes_nothing(world, officer):
    brought = Brought("统计.xlsx", "d" * 64, {"110000": 400})
    sheet = places.bring_counts(cycle=world.cycle, brought=brought, actor=officer, now=world.tick())

    places.discard_counts(sheet=sheet, actor=officer)

    assert ChamberCount.objects.get(organisation__code="110000").number == 382
    told = refused(places.write_counts, sheet=sheet, actor=officer, now=world.tick())
    assert told == ["这份统计表已被放弃或被新上传的代替，请重新上传。"]


def test_without_every_count_nothing_is_computed(world, officer):
    ChamberCount.objects.filter(organisation__code__in=["110000", "120000"]).delete()

    told = refused(places.adopt, cycle=world.cycle, actor=officer, now=world.tick())

    assert told == ["尚缺商会统计：110000、120000。（四）"]


# ---- single units and adoption


def test_the_sum_must_be_the_total(world, officer, head):
    override(world, "110000", 12, officer)

    more = refused(places.adopt, cycle=world.cycle, actor=officer, now=world.tick())
    override(world, "120000", 7, officer)
    fewer = refused(places.adopt, cycle=world.cycle, actor=officer, now=world.tick())
    override(world, "120000", 8, officer)

    assert more == ["各单位合计1501个，应为1500个，多1个。请调整后再采用。（四）"]
    assert fewer == ["各单位合计1499个，应为1500个，少1个。请调整后再采用。（四）"]
    assert adopted(world, officer, head).version == 1
    quotas = dict(Quota.objects.values_list("organisation__code", "places"))
    assert (quotas["110000"], quotas["120000"], sum(quotas.values())) == (12, 8, 1500)


def test_nothing_changes_before_the_second_person_confirms(world, officer, head):
    override(world, "110000", 12, officer)
    override(world, "120000", 8, officer)

    pending = places.adopt(cycle=world.cycle, actor=officer, now=world.tick())

    assert isinstance(pending, Pending)
    assert (pending.act, pending.title) == (Paired.ADOPT_QUOTAS, "采用推荐名额分配（共1500个）")
    assert ["110000", "12个（原11个），按理由调整：按工作实际。"] in pending.told
    assert Quota.objects.get(organisation__code="110000").places == 11
    assert refused(confirm, pending=pending, actor=officer, now=world.tick()) == [
        "拟办人不能自己确认，请由本单位另一人办理。（两人办理）"
    ]

    confirm(pending=pending, actor=head, now=world.tick())

    assert Quota.objects.get(organisation__code="110000").places == 12
    annex = annex_of(Cycle.objects.get(pk=world.cycle.pk))
    assert (annex.total, annex.version, len(annex.lines)) == (1500, 1, 33)
    assert (annex.lines[0].name, annex.lines[0].places, annex.lines[-1].name) == ("110000", 12, "直属商会")


def test_what_was_prepared_is_refused_when_a_count_has_changed_since(world, officer, head):
    pending = places.adopt(cycle=world.cycle, actor=officer, now=world.tick())
    places.enter_counts(cycle=world.cycle, numbers={"110000": 383}, actor=officer, now=world.tick())

    told = refused(confirm, pending=pending, actor=head, now=world.tick())

    assert told == ["拟办之后有关数据又有改动，请退回，由拟办人核对后重新提请。（两人办理）"]


def test_one_person_is_enough_where_the_cycle_says_so_and_then_it_is_the_head(world, officer, head):
    world.cycle.two_persons = []
    world.cycle.save()

    told = refused(places.adopt, cycle=world.cycle, actor=officer, now=world.tick())
    plan = places.adopt(cycle=world.cycle, actor=head, now=world.tick())

    assert told == ["名额分配由本单位负责人采用。"]
    assert (plan.version, plan.adopted_by, len(plan.adopted)) == (1, head, 33)


def test_a_unit_cannot_have_fewer_places_than_it_has_used(world, officer):
    worlds.make_shortlisted(world, worlds.PROVINCE)
    henan = make_federation(worlds.PROVINCE)
    used = Quota.objects.get(organisation=henan).used
    override(world, worlds.PROVINCE, 0, officer)
    override(world, "110000", 11 + 74, officer)

    told = refused(places.adopt, cycle=world.cycle, actor=officer, now=world.tick())

    assert used == 1
    assert told == ["410000已用1个名额，不能改为0个。（四）"]


def test_a_new_total_becomes_the_cycles(world, officer, head):
    parameters = Parameters(1600, 9)
    places.set_parameters(cycle=world.cycle, parameters=parameters, actor=officer, now=world.tick())

    adopted(world, officer, head)

    assert Cycle.objects.get(pk=world.cycle.pk).places_total == 1600
    assert sum(Quota.objects.values_list("places", flat=True)) == 1600


def test_dropping_an_override_brings_the_formula_back(world, officer):
    override(world, "110000", 20, officer)

    unit = make_federation("110000")
    places.drop_override(cycle=world.cycle, unit=unit, actor=officer, now=world.tick())

    assert table(world).rows[0].proposed == 11


@pytest.mark.parametrize("name", ["expert", "supervision", "secretary"])
def test_who_may_not_touches_nothing(world, name):
    words = {"parameters": Parameters(1, 0), "actor": world.seats[name], "now": world.tick()}

    assert refused(places.set_parameters, cycle=world.cycle, **words) == ["您的席位无权办理名额分配。"]


# ---- a province among its cities


def test_a_province_shares_out_among_its_cities_by_the_same_formula(world):
    henan = make_federation(worlds.PROVINCE)
    cities = [make_federation(code) for code in (worlds.CITY, "411200", "411300")]
    leader, officer = world.leader(henan), world.officer(henan)
    numbers = dict(zip([city.code for city in cities], (60, 25, 15), strict=True))
    words = {"cycle": world.cycle, "now": world.tick()}

    places.enter_counts(numbers=numbers, actor=officer, **words)
    places.set_parameters(parameters=Parameters(10, 0, hard=True), actor=officer, **words)
    told = refused(places.adopt, actor=officer, **words)
    plan = places.adopt(actor=leader, **words)

    assert told == ["名额分配由本单位负责人采用。"]
    assert plan.version == 1
    limits = ForwardLimit.objects.order_by("organisation__code").values_list("organisation__code", "places", "hard")
    assert list(limits) == [(worlds.CITY, 6, True), ("411200", 3, True), ("411300", 1, True)]


def test_a_county_has_nobody_to_share_out_among(world):
    county = make_federation(worlds.COUNTY)

    words = {"cycle": world.cycle, "actor": world.leader(county), "now": world.tick()}

    assert refused(places.adopt, **words) == ["您的席位无权办理名额分配。"]
