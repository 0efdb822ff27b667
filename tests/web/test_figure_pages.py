"""The department's plots, the diagnosis, the boundary cases and the runs, in a browser's eyes."""

import re
from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from declarations.actions import verdicts
from declarations.exports.figures import FIGURES, Viewing
from declarations.models import Cycle, Declaration, Recomputation, Recusal, ScoreRun
from declarations.queries.figures import _sum_of
from declarations.queries.severity import ReadCase
from declarations.states import State
from declarations.views.figures import PLOTS
from sihao import clock
from sihao.audit.events import Event
from sihao.audit.models import Entry
from sihao.jobs.models import Job
from sihao.jobs.tasks import run
from tests import worlds
from tests.kept import as_it_stands, kept
from tests.panels import plant
from tests.web import sparing

pytestmark = pytest.mark.django_db
HARSH, SIGNED = 1, 6


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker):
    """Eight cases, each read by three of five experts; six have their verdict, one lies on the line."""
    with kept(django_db_blocker):
        world = worlds.make_world()
        panel = plant(world, cases=8, experts=5, apart={HARSH: -15}, lost={0: 150}, noise=0)
        for case in panel.cases[:SIGNED]:
            verdicts.sign_verdict(case=case, actor=world.seats["group-head"], now=world.tick())
        yield world, panel


@pytest.fixture
def world(ground, monkeypatch, settings, tmp_path):
    mine = as_it_stands(ground[0])
    mine.cycle = Cycle.objects.get(pk=mine.cycle.pk)
    settings.MEDIA_ROOT = settings.STORAGE_ROOT = tmp_path
    monkeypatch.setattr(clock, "now", lambda: mine.clock.at)
    return mine


@pytest.fixture
def panel(ground):
    return ground[1]


@pytest.fixture
def browser(world):
    def sign_in(name) -> Client:
        client = Client()
        client.force_login(world.seats[name].user)
        return client

    return sign_in


def address(name, *args):
    return reverse(f"declarations:{name}", args=args)


def text(answer) -> str:
    body = re.sub(r"<script.*?</script>|<[^>]+>", " ", answer.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", body)


def rows_of(answer) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content))).get_sheet_by_index(0).to_python()


def fresh(case) -> Declaration:
    return Declaration.objects.get(pk=case.pk)


# ---- the plots


def test_each_plot_stands_with_its_sentence_its_drawing_and_its_table(browser):
    answer = browser("supervision").get(address("figures"))

    page = answer.content.decode()
    plots = {plot.slug: plot for plot in answer.context["plots"]}
    assert page.count('<svg class="drawing"') == sum(plot.drawing is not None for plot in plots.values())
    assert "style=" not in page
    assert plots["funnel"].sentence.startswith("全国提交申报8件，推荐上报8件，进入专家复审8件，拟认定6件，认定0件；")
    assert plots["totals"].sentence == (
        "推荐单位审核得分8件，其中低于350分的0件；复审得分6件，其中低于350分的0件。"
    )
    assert plots["margins"].sentence == "复审总分在350分上下25分以内的1件：线下0件，恰在线上1件，线上0件。"
    assert plots["holders"].sentence == "现无逾期未办的申报。"
    assert plots["squeezed"].lines[0][2][1] != "不足5件"


def test_more_cases_ask_no_more_queries(world, browser, settings):
    settings.TEMPLATES = sparing.TEMPLATES
    sparing.draw(False)
    client = browser("department")
    pages = [address(name) for name in ("figures", "severity", "boundary", "verdicts")]
    few = [_queries(client, page) for page in pages]
    plant(world, cases=2, experts=6, first=8)

    assert [_queries(client, page) for page in pages] == few


def _queries(client, page) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(page).status_code == 200
    return len(asked)


def test_means_of_fewer_than_five_cases_are_withheld(world, panel):
    Declaration.objects.filter(pk__in=[case.pk for case in panel.cases[:4]]).update(unit_total=None)

    squeezed = FIGURES["squeezed"](Viewing(world.seats["department"], world.cycle, worlds.NOW))

    assert squeezed.sentence == "4件申报，不足5件，不列平均数。"
    assert [cell for _, cell, _ in squeezed.lines[0]][1:4] == ["4", "不足5件", "不足5件"]
    assert squeezed.drawing is None


@pytest.mark.parametrize(("small", "told"), [((3,), "合计（不含不足5件的单位）"), ((3, 2), "合计"), ((5,), "合计")])
def test_a_sum_does_not_give_away_what_is_withheld(small, told):
    means = {"own": 400, "by_unit": 390, "judged_own": 400, "judged_unit": 390, "final": 380}

    found = _sum_of([{"cases": number, "judged": number, **means} for number in (9, *small)])

    assert (found.name, found.cases) == (told, 9 if told != "合计" else 9 + sum(small))


def test_every_plot_can_be_taken_away_as_sheet_and_drawing_and_leaves_a_trail(browser):
    client = browser("department")
    for slug in PLOTS:
        sheet = client.get(address("figure_sheet", slug))
        assert rows_of(sheet)[1][0].startswith("2019—2020年度　截至"), slug
        drawing = client.get(address("figure_drawing", slug))
        if slug == "holders":
            assert drawing.status_code == 404
            continue
        root = ET.fromstring(drawing.content)  # noqa: S314 our own file
        assert root.attrib["aria-label"], slug
        assert not [one for one in root.iter() if "style" in one.attrib or one.tag.endswith("style")]
    assert Entry.objects.filter(event=Event.EXPORTED, data__what="总分分布（图）").count() == 1
    assert client.get(address("figure_sheet", "nothing")).status_code == 404


def test_a_case_to_step_back_from_is_in_no_plot(world, panel):
    officer = world.seats["department"]
    kept_away = {"reason": "示例", "declared_by": officer, "declared_at": worlds.NOW}
    Recusal.objects.create(user=officer.user, declaration=panel.cases[0], **kept_away)

    view = Viewing(officer, world.cycle, worlds.NOW)

    assert FIGURES["funnel"](view).sentence.startswith("全国提交申报7件")
    assert FIGURES["totals"](view).sentence.startswith("推荐单位审核得分7件，其中低于350分的0件；复审得分5件")
    assert FIGURES["margins"](view).sentence.startswith("复审总分在350分上下25分以内的0件")
    assert FIGURES["sections"](view).sentence.startswith("5个部分的得分分布：推荐单位审核得分5件")


# ---- the diagnosis


def test_the_expert_who_stands_out_is_named_with_the_rule(browser, panel):
    answer = browser("head").get(address("severity"))

    told = text(answer)
    assert "示例专家2 ：与专家组居中者相比偏严，见其评阅的申报。" in told
    assert "达到10分，超过标准误的两倍，且与他人共同评阅不少于" in told
    assert [line.seat for line in answer.context["found"].flagged] == [panel.experts[HARSH]]


def test_where_a_case_is_still_read_the_department_may_ask_for_one_more_reader(browser, panel, world):
    readings = address("expert_readings", panel.experts[HARSH].pk)
    case = next(
        case for case in panel.cases[SIGNED:] if case.expert_reviews.filter(expert=panel.experts[HARSH]).exists()
    )

    page = browser("department").get(readings).content.decode()

    assert f'href="{address("experts", case.pk)}#assign">增派一名专家</a>' in page
    assert "由会员部办理" in text(browser("supervision").get(readings))
    assert browser("department").get(address("expert_readings", world.seats["expert"].pk)).status_code == 404


# ---- the boundary cases


def test_boundary_cases_are_listed_by_kind_with_what_would_turn_them(browser):
    client = browser("department")
    for query, number in (("", 1), ("?kind=on", 1), ("?kind=above", 0), ("?kind=%00<b>", 1)):
        assert len(client.get(address("boundary") + query).context["page"].rows) == number

    told = text(client.get(address("boundary")))
    assert "6件有复审结论的申报中，恰在线上或者一行之差的1件。" in told
    assert "总分350分，恰在线上，恰为350分按达线处理。" in told
    sheet = rows_of(client.get(address("boundary_sheet")))
    assert sheet[2][:4] == ["推荐单位", "受理编号", "商会名称", "复审总分"]
    assert sheet[3][1:5] == ["PANEL-0000", "复审商会001", 350, 0]


# ---- runs


def test_the_groups_head_signs_what_is_ready(world, browser, panel):
    client = browser("group-head")
    assert "运行评分并签署2件" in text(client.get(address("verdicts")))
    assert "运行评分并签署" not in text(browser("department").get(address("verdicts")))

    client.post(address("sign_ready"))
    job = Job.objects.get(kind="declarations.sign_ready")
    run(job.pk)

    job.refresh_from_db()
    assert (job.state, job.done) == ("done", 2)
    assert {fresh(case).state for case in panel.cases} == {State.PROPOSED}
    answer = client.post(address("sign_ready"), follow=True)
    assert "没有评分全部确认、商定完毕的申报件。（五（二）3）" in text(answer)


def test_the_head_tries_confirms_and_reads_what_changed(world, browser, panel):
    client = browser("head")
    sent = {"gate-G1": "no", "method": "median", "reason": "主办方书面解释：350分以下包含350分。"}
    assert "请填写" in text(client.post(address("recomputations"), sent | {"reason": ""}))
    client.post(address("recomputations"), sent)
    found = Recomputation.objects.get()
    page = address("recomputation", found.pk)
    assert "查看办理进度" in text(client.get(page))

    run(Job.objects.get(kind="declarations.try_recomputation").pk)
    told = text(client.get(page))
    assert "6件中，总分或者结论将有变动的1件。" in told
    assert "复审商会001 PANEL-0000" in told
    client.post(address("confirm_recomputation", found.pk))
    run(Job.objects.get(kind="declarations.recompute").pk)

    assert "6件中，总分或者结论有变动的1件。" in text(client.get(page))
    assert fresh(panel.cases[0]).state == State.NOT_ELIGIBLE
    assert "总分恰为350分不达线；一般指标取中位数" in text(browser("supervision").get(page))


def test_a_correction_is_tried_before_it_is_made(browser, panel):
    client, case = browser("head"), panel.cases[2]
    url = address("correct_row", case.pk)
    sent = {"code": "A1.1", "points": "0", "reason": "登记证书已注销。"}

    assert "A1.1：评9.3分，不是0.5分的整数倍。" in text(client.post(url, sent | {"points": "9.3"}))
    assert "结论由达到认定条件变为不能参与认定。" in text(client.post(url, sent))
    assert ScoreRun.objects.filter(declaration=case).count() == 1
    told = text(client.post(url, sent | {"confirmed": "yes"}, follow=True))

    assert "已更正并重新计算，见第1次重新计算。" in told
    assert "第2次评分" in told
    assert "否决项A1.1须高于0分。" in told
    assert fresh(case).state == State.NOT_ELIGIBLE


@pytest.mark.parametrize(
    ("readers", "verb", "place"), [(2, "请第三名专家", "third"), (3, "增派一名专家", "assign")]
)
def test_asking_for_a_reader_leads_to_where_it_is_done(readers, verb, place):
    read = ReadCase(review=None, others=None, readers=readers)

    assert (read.verb, read.place) == (verb, place)
