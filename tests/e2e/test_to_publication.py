"""The demo world with all its stages side by side, carried on to the public list by the demo accounts.

On the way: one disqualification by two persons, one third reader, one recusal, one objection upheld and one dismissed,
a public notice that runs its days, one title revoked. Nothing is done but in the browser; only the days pass by hand.
"""

import json
from pathlib import Path

import pytest

from tests.e2e.conftest import Site, demo_world
from tests.e2e.nation import Nation
from tests.e2e.walk import CASES

# The longest way of the house, of many people: on a slow machine it takes ten minutes.
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1800)]

CHAMBERS = 12
"""The fewest with which every stage has a case."""
OWN = {
    "county": "临颍县食品工业商会（示例）",
    "city": "漯河市物流商会（示例）",
    "province": "河南省装备制造商会（示例）",
    "direct": "全国示例行业商会（示例）",
}
"""The four drafts: each goes all the way; that of the city is objected to wrongly, that of the province has an expert
who steps aside."""
OVERDUE, LISTED, PRELIMINARY, EXPERT, DECIDED, RECOMMENDED = 5, 7, 6, 8, 12, 16
NAMES = {
    LISTED: "漯河市家居商会（示例3）",
    PRELIMINARY: "杭州市建材商会（示例2）",
    EXPERT: "市南区医药商会（示例4）",
    DECIDED: "深圳市餐饮商会（示例8）",
}
"""Cases of the demo world that others filed, by where they stand."""
BLAMED = "湖北省汽车流通商会（示例12）"
"""The recommended one is rightly objected to."""


@pytest.fixture(scope="module")
def built(house, ground, tmp_path_factory) -> Path:
    """Build the demo world with all stages side by side."""
    return demo_world(house, ground, tmp_path_factory.mktemp("built"), CHAMBERS)


@pytest.fixture
def everything(served_copy, built, tmp_path) -> Site:
    """Serve it."""
    with served_copy(built, tmp_path / "world") as one:
        yield one


def test_every_case_can_be_worked_by_people_who_can_sign_in(house, built):
    """Each open case is seen by who has it, and every office it has still to pass has somebody of each kind.

    An account without a way in would leave a case where nobody who tries the demo can take it further.
    """
    assert json.loads(house.told(built, LACKING)) == []


LACKING = """
import json
from declarations.models import Declaration
from declarations.queries.cases import cases_visible_to
from declarations.states import ENDED
from sihao.accounts.models import Organisation, Seat, User
from sihao.accounts.queries import national_node

def usable(office):
    held = Seat.objects.filter(organisation=office, ended_at=None).select_related("user", "organisation")
    return [seat for seat in held if seat.user.has_usable_password()]

people = {}
lacking = [] if User.objects.get(username="c0001").check_password("Sihao-demo-2020") else ["password"]
for case in Declaration.objects.filter(cycle__workflow="sihao").exclude(state__in=ENDED).select_related("holder"):
    way = case.route[case.route.index(case.holder_id):] if case.holder_id in case.route else []
    way = [case.holder_id, *way, *(case.route if case.holder.is_chamber else []), national_node().pk]
    for pk in dict.fromkeys(way):
        if pk not in people:
            people[pk] = usable(Organisation.objects.get(pk=pk))
        office = Organisation.objects.get(pk=pk)
        kinds = {"chamber_president"} if office.is_chamber else {"officer", "leader"}
        kinds = {"department_officer", "department_head"} if pk == national_node().pk else kinds
        if not kinds <= {seat.role for seat in people[pk]}:
            lacking.append(f"{case}: {office}")
    if not any(cases_visible_to(seat).filter(pk=case.pk).exists() for seat in people[case.holder_id]):
        lacking.append(f"{case}: nobody sees it")
print(json.dumps(lacking, ensure_ascii=False))
"""


def test_every_stage_is_carried_on_to_the_public_list(everything, visit):
    people = Nation(everything, visit)

    # Drafts, and what lies with the tiers, go up; the list of the direct ones and of the province with them.
    for kind in OWN:
        people.submit(kind)
        people.to_unit(kind)
        people.recommend(kind)
    people.forward(OVERDUE, ["county", "city"])
    people.review("province", OVERDUE)
    people.shortlist("province-leader", OVERDUE)
    people.send_up("direct")
    people.send_up("county")
    people.accept()

    # The preliminary review: one is disqualified, a proposal to disqualify another is dropped.
    people.disqualify(OVERDUE, "A1.2")
    people.drop_flag(PRELIMINARY)
    to_experts = [*CASES.values(), LISTED, PRELIMINARY, RECOMMENDED]
    for case in to_experts:
        people.preliminary(case)

    # The experts: one steps aside, two differ so that a third is called.
    city, province = CASES["city"], CASES["province"]
    people.assign(city)
    people.assign(province)
    people.step_aside("expert-2", province, OWN["province"])
    people.deal_out()
    for expert in ("expert", "expert-2", "expert-3"):
        people.take(expert)
    people.differ("expert-2", city)
    for expert in ("expert", "expert-2"):
        assert people.read_all(expert) > 0
    third = people.take("expert-3")
    assert third.sees(OWN["city"])
    assert people.read_all("expert-3") > 0
    people.sign(province)
    together = [case for case in (*to_experts, EXPERT) if case != province]
    for case in together:
        people.agree(case)
    people.sign_all(len(together))

    # The meeting, the public notice, the objections.
    people.decide()
    people.announce()
    upheld, dismissed = people.object_to(BLAMED), people.object_to(OWN["city"])
    left, rightly, wrongly = (people.admit(name) for name in (NAMES[DECIDED], BLAMED, OWN["city"]))
    people.report(wrongly)
    people.settle(wrongly, "异议不成立")

    # The notice is over; the units whose reports never came have had their time.
    people.let_pass(8)
    people.settle(left, "异议不成立")
    people.settle(rightly, "异议成立")
    assert people.answer_to(upheld) == "异议成立"
    assert people.answer_to(dismissed) == "异议不成立"
    people.back_to_meeting(RECOMMENDED)
    people.publish()
    listed = people.published()
    assert {*OWN.values(), *NAMES.values()} <= set(listed)
    assert BLAMED not in listed
    assert "临颍县机械装备商会（示例1）" not in listed

    number = listed[OWN["city"]]
    assert people.validity(number.lower()) == "有效"
    people.revoke(number, "chamber-city")
    assert people.validity(number) == "已撤销"
    assert people.faults() == []
