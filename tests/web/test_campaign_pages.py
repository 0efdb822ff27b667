"""The pages of a programme that a city runs: who sees what, what was typed stays, a fixed number of queries."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from declarations.actions import campaign, own_decision
from declarations.demo import counties
from declarations.demo.counties import CITY, LINYING, PROVINCE, WUYANG
from declarations.exports.papers.titles import certificate_paper
from declarations.models import Cycle, Recognition, SentUp
from declarations.states import UpwardState, Verb
from sihao.accounts.middleware import SESSION_KEY
from sihao.accounts.roles import Role
from sihao.documents.paper import Paragraph
from tests.declarations.campaigns import NOW, make_campaign
from tests.factories import make_federation, make_seat
from tests.kept import building, kept

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")):
        made = make_campaign()
        for code in (LINYING, WUYANG):
            counties.file_records(made, code)
            counties.apply_for(made, code)
        counties.score(made, LINYING, short=("L1.1",))
        counties.score(made, WUYANG, short=("L1.1", "L1.2"))
        yield made


@pytest.fixture(autouse=True)
def rehearsed(settings, monkeypatch):
    monkeypatch.setattr("sihao.clock.now", lambda: NOW)


def client(seat):
    found = Client()
    found.force_login(seat.user)
    session = found.session
    session[SESSION_KEY] = seat.pk
    session.save()
    return found


def url(name, *arguments):
    return reverse(f"declarations:{name}", args=arguments)


def words_of(paper):
    return "".join(str(block.text) for block in paper.blocks if isinstance(block, Paragraph))


def decided(world):
    for code in (LINYING, WUYANG):
        case = counties.case_in(world, code)
        own_decision.decide_by_score(case=case, actor=world.leader(CITY), now=world.tick())


def test_each_tier_sees_the_cycle_and_a_county_sees_itself_alone(world):
    own = url("campaign", world.cycle.pk)
    whole = client(world.officer(CITY)).get(own)
    alone = client(world.officer(LINYING)).get(own)

    assert [line.office.code for line in whole.context["lines"]] == [
        "411102", "411103", "411104", "411121", "411122", "411171",
    ]
    assert [line.office.code for line in alone.context["lines"]] == [LINYING]
    assert client(world.officer(PROVINCE)).get(own).status_code == 200


def test_a_stranger_and_a_neighbour_find_nothing(world):
    foreign = make_seat(Role.OFFICER, make_federation("420106"))
    neighbour = world.officer(WUYANG)
    other = url("campaign_office", world.cycle.pk, make_federation(LINYING).pk)

    assert client(foreign).get(url("campaign", world.cycle.pk)).status_code == 404
    assert client(neighbour).get(other).status_code == 404
    assert client(neighbour).get(url("case", counties.case_in(world, LINYING).pk)).status_code == 404


def test_who_sits_in_the_city_and_in_a_county_finds_nothing_of_that_county(world):
    both = make_seat(Role.OFFICER, make_federation(CITY))
    make_seat(Role.OFFICER, make_federation(LINYING), both.user)
    lines = client(both).get(url("campaign", world.cycle.pk)).context["lines"]

    assert LINYING not in [line.office.code for line in lines]
    assert client(both).get(url("campaign_office", world.cycle.pk, make_federation(LINYING).pk)).status_code == 404


def test_the_distance_to_each_row_is_the_citys_marks_where_there_are_some(world):
    table = client(world.officer(CITY)).get(url("campaign_distance", world.cycle.pk)).context["distance"]
    column = next(one for one in table.columns if one.office.code == LINYING)
    none = next(one for one in table.columns if one.office.code == "411102")

    assert (column.source, column.total, column.lacking) == ("市级考评", Decimal(99), Decimal(0))
    assert [gap.words for gap in column.gaps[:2]] == ["差1分", "达标"]
    assert (none.total, none.gaps[0].words) == (None, "未评")
    assert table.threshold == Decimal(90)


def test_the_number_of_queries_does_not_grow_with_the_federations(world):
    officer = client(world.officer(CITY))
    for name in ("campaign", "campaign_distance"):
        address = url(name, world.cycle.pk)
        officer.get(address)
        with CaptureQueriesContext(connection ) as few:
            officer.get(address)
        extra = make_federation("411123")
        campaign.find(
            cycle=world.cycle, organisation=extra, code="M1.2", text="未更新。", due_on=NOW.date().replace(day=20),
            actor=world.officer(CITY), now=NOW,
        )
        with CaptureQueriesContext(connection) as more:
            officer.get(address)
        assert len(more) == len(few)


def test_a_refused_record_keeps_what_was_typed(world):
    address = url("add_stage_record", world.cycle.pk, make_federation(LINYING).pk)
    page = client(world.officer(LINYING)).post(address, {"matter": "专题学习", "held_on": "2020-13-40", "text": "学习"})

    assert page.status_code == 200
    assert page.context["form"].errors["held_on"] == ["日期请写成2020-10-12这样的年月日。"]
    assert "学习</textarea>" in page.content.decode()


def test_the_best_are_ranked_and_sent_with_their_reasons(world):
    decided(world)
    leader, address = client(world.leader(CITY)), url("campaign_best", world.cycle.pk)
    rows = leader.get(address).context["rows"]
    first, second = (row.case for row in rows)
    assert [(row.place, row.case.final_total) for row in rows] == [(1, Decimal(99)), (2, Decimal(98))]
    empty = leader.post(address, {})
    unsaid = leader.post(address, {f"go-{first.pk}": "on"})
    assert empty.context["form"].non_field_errors() == ["请至少选择一个上报单位。"]
    assert unsaid.context["form"].errors == {f"reason-{first.pk}": ["请写明上报理由。"]}
    assert not SentUp.objects.exists()

    sent = leader.post(address, {f"go-{first.pk}": "on", f"reason-{first.pk}": "得分第一。"})
    assert sent.status_code == 302
    assert [one.declaration_id for one in SentUp.objects.all()] == [first.pk]
    assert second.pk in [row.case.pk for row in leader.get(address).context["form"].rows]


def test_an_officer_reads_the_ranking_and_sends_nothing(world):
    decided(world)
    officer, address = client(world.officer(CITY)), url("campaign_best", world.cycle.pk)
    case = counties.case_in(world, LINYING)

    assert officer.get(address).context["form"] is None
    officer.post(address, {f"go-{case.pk}": "on", f"reason-{case.pk}": "得分第一。"})
    assert not SentUp.objects.exists()


def test_the_province_returns_with_a_reason_and_confirms_what_comes_again(world):
    decided(world)
    case, province = counties.case_in(world, LINYING), client(world.leader(PROVINCE))
    chosen = [own_decision.Chosen(case, 1, "得分第一。")]
    own_decision.send_to_above(chosen=chosen, actor=world.leader(CITY), now=world.tick())
    address = url("sent_up_case", case.pk)
    silent = province.post(address, {"outcome": "return", "reason": ""})
    assert "请写明理由。" in silent.content.decode()
    assert province.post(address, {"outcome": "return", "reason": "请补充材料。"}).status_code == 302
    assert SentUp.objects.get().state == UpwardState.RETURNED

    own_decision.send_to_above(chosen=chosen, actor=world.leader(CITY), now=world.tick())
    assert client(world.officer(PROVINCE)).get(address).context["form"] is None
    province.post(address, {"outcome": "confirm", "reason": ""})
    assert SentUp.objects.get().state == UpwardState.CONFIRMED
    assert province.get(address).context["form"] is None


@pytest.mark.parametrize("verb", Verb.values)
def test_the_result_is_called_what_the_cycle_calls_it(world, verb):
    Cycle.objects.filter(pk=world.cycle.pk).update(verb=verb)
    case = counties.case_in(world, LINYING)
    step = client(world.leader(CITY)).get(url("step", case.pk, "decide_by_score"))
    assert step.context["form"].submit_label == verb
    own_decision.decide_by_score(case=case, actor=world.leader(CITY), now=world.tick())

    title = Recognition.objects.get(declaration=case)
    assert f"经自查申请和量化考评，{verb}你单位为2020年市级“五好”县级工商联。" in words_of(certificate_paper(title))


def test_a_step_of_the_other_procedure_is_not_there(world):
    case = counties.case_in(world, LINYING)
    leader = client(world.leader(CITY))

    for name in ("forward", "shortlist", "decline", "propose"):
        assert leader.get(url("step", case.pk, name)).status_code == 404


def test_the_publics_pages_leave_the_citys_cycle_out_but_its_certificate_can_be_checked(world):
    decided(world)
    anybody = Client()
    number = Recognition.objects.get(declaration__applicant__code=LINYING).number
    found = anybody.get(reverse("public:check"), {"number": number}, follow=True)

    assert number not in anybody.get(reverse("public:recognised")).content.decode()
    assert number in found.content.decode()


def test_what_waits_stands_on_the_worklist(world):
    finding = campaign.find(
        cycle=world.cycle, organisation=make_federation(LINYING), code="M1.2", text="未更新。",
        due_on=NOW.date().replace(day=20), actor=world.officer(CITY), now=NOW,
    )
    desk = client(world.officer(LINYING)).get(reverse("declarations:worklist")).context["desk"]
    task = next(one for one in desk.waiting if one.verb == "整改")

    assert (task.title, task.state) == ("督查问题：411122工商业联合会，指标M1.2", "待整改")
    assert task.due.isoformat() == "2020-09-21T00:00:00+08:00"
    assert task.url == url("inspection_finding", world.cycle.pk, finding.organisation_id, finding.pk)
    decided(world)
    chosen = [own_decision.Chosen(counties.case_in(world, WUYANG), 2, "得分第二。")]
    own_decision.send_to_above(chosen=chosen, actor=world.leader(CITY), now=world.tick())
    above = client(world.leader(PROVINCE)).get(reverse("declarations:worklist")).context["desk"]
    assert "411100工商业联合会择优上报411121工商业联合会" in [one.title for one in above.waiting]


def test_a_city_opens_a_cycle_on_its_page(world):
    leader, address = client(world.leader(CITY)), reverse("declarations:open_campaign")
    standard = leader.get(address).context["programmes"][0]
    typed = {
        "programme": standard.pk, "name": "2021年度", "title": "2021年建设", "honour": "市级称号", "plan": "实施方案",
        "verb": "通报", "law_note": "批准文件（示例）", "opens_on": "2021-09-01", "closes_on": "2021-10-31",
        "decides_by": "2021-11-10",
    }
    unknown = leader.post(address, typed)
    assert "并确认已知悉有关规定" in unknown.context["form"].non_field_errors()[0]

    assert leader.post(address, typed | {"knows": "on"}).status_code == 302
    made = Cycle.objects.get(name="2021年度")
    assert (made.verb, made.opens_at.isoformat(), made.city_closes.isoformat()) == (
        "通报", "2021-08-31T16:00:00+00:00", "2021-11-10T16:00:00+00:00",
    )
