"""A programme that a city runs: from the work plan to what the province confirmed."""

from decimal import Decimal

import pytest

from declarations.actions import own_decision
from declarations.demo import counties
from declarations.demo.counties import CITY, DONE, LINYING, PROVINCE
from declarations.models import Recognition
from declarations.states import State, UpwardState
from sihao.accounts.refusals import Refused
from tests.declarations.campaigns import make_campaign
from tests.kept import building, kept


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")):
        made = make_campaign()
        counties.file_records(made, LINYING, DONE)
        counties.apply_for(made, LINYING)
        yield made


@pytest.fixture(autouse=True)
def rolled_back(world, db):
    world.clock.at = world.clock.at


def test_89_5_is_refused_and_90_recognised(world):
    rows = ("L1.1", "L1.2", "M1.3")
    assert counties.score(world, LINYING, short=rows, by=Decimal("3.5")) == Decimal("89.5")

    with pytest.raises(Refused) as refused:
        own_decision.decide_by_score(case=counties.case_in(world, LINYING), actor=world.leader(CITY), now=world.tick())
    assert str(refused.value) == (
        "按考评得分未达到认定条件：门槛G1〔四（五）：分值在90分以上认定为市级“五好”县级工商联〕"
        "总分89.5分，分数线90分，差0.5分；恰为90分按达线处理；未通过。（四（五））"
    )


def test_90_is_recognised_ranked_sent_and_confirmed(world):
    rows = ("L1.1", "L1.2", "M1.3", "G1.1")
    assert counties.score(world, LINYING, short=rows, by=Decimal("2.5")) == Decimal(90)
    case = counties.case_in(world, LINYING)

    own_decision.decide_by_score(case=case, actor=world.leader(CITY), now=world.tick())
    case = counties.case_in(world, LINYING)
    assert (case.state, case.final_total, case.holder) == (State.RECOGNISED, Decimal(90), None)
    title = Recognition.objects.get(declaration=case)
    assert (title.number, title.unit_name) == ("LHWH2020-0001", "411100工商业联合会")

    chosen = [own_decision.Chosen(case, 1, "得分第一。")]
    own_decision.send_to_above(chosen=chosen, actor=world.leader(CITY), now=world.tick())
    with pytest.raises(Refused) as twice:
        own_decision.send_to_above(chosen=chosen, actor=world.leader(CITY), now=world.tick())
    assert str(twice.value) == "本件已择优上报，现为“已上报”，不能重复上报。（四（五））"

    own_decision.confirm_above(case=case, actor=world.leader(PROVINCE), now=world.tick())
    assert counties.case_in(world, LINYING).sent_up.state == UpwardState.CONFIRMED
