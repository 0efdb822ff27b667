"""The stages of a programme that a city runs: each refusal, both sides of a boundary, what an application waits for."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.timezone import localtime

from declarations.actions import campaign, draft
from declarations.actions.cycle import open_cycle
from declarations.actions.own_cycle import OwnCycle, open_own_cycle
from declarations.actions.questions import Brought
from declarations.demo import counties
from declarations.demo.counties import CITY, LINYING, PLAN, PROVINCE, SELF_CHECK, WUYANG
from declarations.demo.stages import picture
from declarations.models import CampaignTarget, Cycle, InspectionFinding, StageRecord
from declarations.queries.campaign import campaigns_for, own_programmes, waiting_findings
from declarations.queries.cycles import current_cycle
from declarations.states import FindingState, Standing, Verb
from scoring.actions import publish_programme
from sihao.accounts.refusals import Refused
from sihao.audit.events import Event
from sihao.audit.models import Entry
from tests.declarations.campaigns import NOW, make_campaign
from tests.factories import make_federation
from tests.kept import building, kept

pytestmark = pytest.mark.django_db
BEIJING = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")):
        yield make_campaign()


def told(**changed):
    return replace(campaign.Told(PLAN, date(2020, 5, 20), "目标规划（示例）。"), **changed)


def put(world, said, *, code=LINYING, by=LINYING, files=True):
    brought = [Brought(picture("paper"), "方案.png")] if files else []
    given = {"cycle": world.cycle, "organisation": make_federation(code), "told": said, "files": brought}
    return campaign.record_stage(**given, actor=world.officer(by), now=NOW)


def refused(act, *args, **words):
    with pytest.raises(Refused) as caught:
        act(*args, **words)
    return str(caught.value)


# ---- records


def test_a_record_stands_with_its_paper_and_in_the_trail(world):
    made = put(world, told())

    assert (made.stage, made.matter, made.papers.get().name) == ("S1", PLAN, "方案.png")
    assert Entry.objects.latest("id").event == Event.STAGE_RECORDED


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"matter": "量化打分"}, "请选择方案所列的事项。（四）"),
        ({"held_on": date(2020, 3, 31)}, "“动员部署”自2020年4月1日开始，日期不能更早。（四）"),
        ({"held_on": date(2020, 9, 15)}, "日期不能晚于今天。（方案未规定）"),
        ({"text": " "}, "请写明内容。（方案未规定）"),
    ],
)
def test_a_record_is_refused_with_its_reason(world, said, words):
    assert refused(put, world, told(**said)) == words
    assert not StageRecord.objects.exists()


@pytest.mark.parametrize("day", [date(2020, 4, 1), date(2020, 9, 14)])
def test_the_first_day_of_the_stage_and_today_are_taken(world, day):
    assert put(world, told(held_on=day)).held_on == day


def test_a_record_asks_for_a_paper_and_for_the_own_federation(world):
    assert refused(put, world, told(), files=False) == "请至少附一份材料。（方案未规定）"
    assert refused(put, world, told(), by=WUYANG) == "步骤记录由本单位登记。（四（一））"


def test_a_record_can_be_taken_back_until_the_federation_has_applied(world):
    first = put(world, told())
    campaign.withdraw_record(record_of=first, actor=world.officer(LINYING), now=NOW)
    again = {"record_of": first, "actor": world.officer(LINYING), "now": NOW}
    assert refused(campaign.withdraw_record, **again) == "这条记录已经撤回。（方案未规定）"
    second = put(world, told())
    counties.apply_for(replace(world, clock=counties.DemoClock(NOW)), LINYING)

    told_no = refused(campaign.withdraw_record, record_of=second, actor=world.officer(LINYING), now=NOW)
    assert told_no == "本单位已申请认定，步骤记录不能撤回。（方案未规定）"


# ---- the inspection


def find(world, **changed):
    given = {"code": "M1.2", "text": "未更新。", "due_on": date(2020, 9, 15), "organisation": make_federation(LINYING)}
    given |= {"actor": world.officer(CITY), "cycle": world.cycle, "now": NOW}
    return campaign.find(**(given | changed))


def rectify(world, finding, *, text="已更新。", by=LINYING, files=True):
    brought = [Brought(picture("mended"), "整改.png")] if files else []
    return campaign.rectify(finding=finding, text=text, files=brought, actor=world.officer(by), now=NOW)


def test_a_finding_is_put_right_sent_back_put_right_again_and_closed(world):
    finding = find(world)
    assert [one.pk for one in waiting_findings(world.officer(LINYING))] == [finding.pk]
    rectify(world, finding)
    assert [one.pk for one in waiting_findings(world.officer(CITY))] == [finding.pk]
    campaign.reopen_finding(finding=finding, remark="材料不全。", actor=world.officer(CITY), now=NOW)
    rectify(world, finding, text="补充材料。")
    closed = campaign.close_finding(finding=finding, remark="", actor=world.officer(CITY), now=NOW)

    assert (closed.state, closed.rectified, closed.papers.count()) == (FindingState.CLOSED, "补充材料。", 2)
    events = [Event.INSPECTION_FOUND, Event.INSPECTION_RECTIFIED, Event.INSPECTION_REOPENED]
    events += [Event.INSPECTION_RECTIFIED, Event.INSPECTION_CLOSED]
    assert list(Entry.objects.order_by("-id").values_list("event", flat=True)[:5])[::-1] == events


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"code": "A1.1"}, "请选择标准中的一项指标。（四（三））"),
        ({"text": " "}, "请写明发现的问题。（四（三））"),
        ({"due_on": date(2020, 9, 14)}, "整改期限须晚于今天。（方案未规定）"),
    ],
)
def test_a_finding_is_refused_with_its_reason(world, changed, words):
    assert refused(find, world, **changed) == words


def test_only_the_city_inspects_and_only_its_own_counties(world):
    only = "督查由组织本项工作的工商联牵头。（四（三））"
    assert refused(find, world, actor=world.officer(LINYING)) == only
    assert refused(find, world, organisation=make_federation("420106")) == only


def test_what_is_put_right_asks_for_words_evidence_and_the_federation_itself(world):
    finding = find(world)
    assert refused(rectify, world, finding, text=" ") == "请写明整改情况。（四（三））"
    assert refused(rectify, world, finding, files=False) == "请至少附一份整改佐证材料。（四（三））"
    assert refused(rectify, world, finding, by=WUYANG) == "整改情况由被督查单位提交。（四（三））"
    rectify(world, finding)
    assert refused(rectify, world, finding) == "这个问题现为“待核查”，不能办理这一步。（四（三））"


def test_nobody_closes_what_was_not_put_right_nor_sends_back_without_a_reason(world):
    finding = find(world)
    given = {"finding": finding, "actor": world.officer(CITY), "now": NOW}
    told_no = refused(campaign.close_finding, remark="", **given)
    assert told_no == "这个问题现为“待整改”，不能办理这一步。（四（三））"
    rectify(world, finding)
    assert refused(campaign.reopen_finding, remark=" ", **given) == "请写明退回继续整改的理由。（四（三））"
    given["actor"] = world.officer(LINYING)
    assert refused(campaign.close_finding, remark="", **given) == "由组织督查的工商联核查。（四（三））"


def test_the_database_keeps_a_closed_finding_whole(world):
    finding = find(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        InspectionFinding.objects.filter(pk=finding.pk).update(state=FindingState.CLOSED)


# ---- the application waits for the stages


def test_an_application_waits_for_plan_self_check_and_closed_findings(world):
    own = replace(world, clock=counties.DemoClock(NOW))
    finding = find(own)
    case = counties.start(own, LINYING)
    hand_in = {"case": case, "actor": own.leader(LINYING), "now": own.tick()}
    missing = "申请前须先登记：工作方案上报市工商联、自查报告。（四）"
    row = "M1.2建立完善会员管理制度和执常委数据库，实行动态管理"
    open_one = f"督查问题须整改到位、由督查单位销号后才能申请，尚有：{row}。（四（四））"
    assert refused(draft.submit, **hand_in) == missing + open_one

    put(own, told())
    put(own, told(matter=SELF_CHECK, held_on=date(2020, 9, 14)))
    assert refused(draft.submit, **hand_in) == open_one
    rectify(own, finding)
    assert refused(draft.submit, **hand_in) == open_one
    campaign.close_finding(finding=finding, remark="", actor=own.officer(CITY), now=NOW)

    assert draft.submit(**hand_in).holder == make_federation(CITY)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (datetime(2020, 8, 31, 23, 59, 59, tzinfo=BEIJING), "本周期自2020年9月1日起接受申报。（四（四））"),
        (datetime(2020, 11, 1, tzinfo=BEIJING), "申报已于2020年10月31日24:00截止，不能再提交。"),
    ],
)
def test_an_application_has_its_window(world, at, words):
    node = make_federation(LINYING)
    given = {"cycle": world.cycle, "applicant": node, "actor": world.officer(LINYING)}
    assert refused(draft.start, now=at, **given).startswith(words)
    with transaction.atomic():
        inside = at + timedelta(seconds=1) if at.month == 8 else at - timedelta(seconds=1)
        assert draft.start(now=inside, **given).holder == node
        transaction.set_rollback(True)


def test_only_the_citys_own_county_federations_apply(world):
    only = "由411100工商业联合会所属的县级工商联为本单位申请。（四（四））"
    given = {"cycle": world.cycle, "now": NOW}
    mine, city = make_federation(LINYING), make_federation(CITY)
    assert refused(draft.start, applicant=mine, actor=world.officer(WUYANG), **given) == only
    assert refused(draft.start, applicant=city, actor=world.officer(CITY), **given) == only


# ---- targets


def test_a_target_says_where_a_federation_stood(world):
    words = {one.organisation.code: one.words for one in CampaignTarget.objects.select_related("organisation")}

    assert (words["411122"], words["411121"], words["411171"]) == ("已验收达标", "已申报", "计划2022年前完成")


@pytest.mark.parametrize(("standing", "year"), [(Standing.PLANNED, None), (Standing.ACCEPTED, 2022)])
def test_a_year_belongs_to_a_plan_and_to_nothing_else(world, standing, year):
    given = {"cycle": world.cycle, "organisation": make_federation(LINYING), "now": NOW}
    told_no = refused(
        campaign.set_target, standing=standing, before_year=year, actor=world.officer(CITY), **given
    )
    assert told_no == "计划完成的须写明年份，其他情况不写。（二）"


# ---- a city opens its own cycle


def words(**changed):
    said = OwnCycle(
        name="2021年度",
        title="本市2021年建设",
        honour="市级称号",
        plan="实施方案",
        verb=Verb.CONFIRM,
        law_note="市委批准文件〔2021〕1号（示例）",
        knows=True,
        opens_at=datetime(2021, 9, 1, tzinfo=BEIJING),
        submission_closes=datetime(2021, 11, 1, tzinfo=BEIJING),
        decides_by=datetime(2021, 11, 1, tzinfo=BEIJING),
    )
    return replace(said, **changed)


def test_a_city_opens_a_cycle_knowingly_and_the_nations_cycle_stays_the_current_one(world):
    programme = own_programmes(make_federation(CITY))[0]
    made = open_own_cycle(programme=programme, words=words(), actor=world.leader(CITY), now=NOW)

    assert (made.decider, made.verb, made.slug, made.milestones.count()) == (
        make_federation(CITY), "确认", "c411100-2", 5,
    )
    assert current_cycle() is None
    assert made in campaigns_for(world.officer(LINYING))
    assert made in campaigns_for(world.officer(PROVINCE))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"knows": False}, "请写明开展本项工作的依据，并确认已知悉有关规定。（《创建示范活动管理办法（试行）》）"),
        ({"law_note": " "}, "请写明开展本项工作的依据，并确认已知悉有关规定。（《创建示范活动管理办法（试行）》）"),
        (
            {"opens_at": datetime(2021, 11, 1, tzinfo=BEIJING)},
            "开始申请须早于申请截止，申请截止不得晚于考评截止。",
        ),
    ],
)
def test_a_cycle_is_not_opened_without(world, changed, said):
    programme = own_programmes(make_federation(CITY))[0]
    given = {"programme": programme, "actor": world.leader(CITY), "now": NOW}
    assert refused(open_own_cycle, words=words(**changed), **given) == said
    assert Cycle.objects.count() == 1


def test_neither_an_officer_nor_a_county_opens_one(world):
    programme = own_programmes(make_federation(CITY))[0]
    for actor in (world.officer(CITY), world.leader(LINYING), world.leader(PROVINCE)):
        said = refused(open_own_cycle, programme=programme, words=words(), actor=actor, now=NOW)
        assert said == "由市级工商联分管领导开启。"


def test_a_standard_that_the_nation_decides_opens_no_cycle_of_a_city(world):
    root = settings.BASE_DIR / "fixtures" / "programmes"
    text = (root / "sihao-2019-2020.toml").read_text(encoding="utf-8")
    nations = publish_programme(text=text, actor=None, now=NOW)

    said = refused(open_own_cycle, programme=nations, words=words(), actor=world.leader(CITY), now=NOW)
    assert said == "这个标准不由本级认定，不能据此开启。"


def test_the_plan_of_2015_opens_as_it_was(world):
    root = settings.BASE_DIR / "fixtures"
    text = (root / "programmes" / "wuhao-2015.toml").read_text(encoding="utf-8")
    publish_programme(text=text, actor=None, now=NOW)
    made = open_cycle(path=root / "cycles" / "wuhao-2015.toml", sample=True, actor=None, now=NOW)
    words_by_code = dict(made.targets.values_list("organisation__code", "before_year"))

    assert (made.decider.code, made.verb, made.milestones.count()) == (CITY, "认定", 5)
    assert [localtime(at).date() for at in (made.opens_at, made.submission_closes, made.city_closes)] == [
        date(2015, 9, 1), date(2015, 11, 1), date(2015, 11, 11),
    ]
    assert words_by_code == {
        "411122": None, "411103": None, "411121": None, "411102": 2017, "411104": 2017, "411171": 2017,
    }
