"""The published list found again, byte for byte; what was altered since is named by its first line."""

from datetime import timedelta
from hashlib import sha256
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from declarations.actions.publication import publish_list
from declarations.demo import stages
from declarations.models import Cycle, Declaration, ExpertReview, Recognition, Revision, ScoreRun
from declarations.queries.replay import replay
from declarations.states import SheetState
from scoring.models import Layer, MarkVersion
from sihao.audit.actions import seal
from sihao.audit.models import DailyHead
from tests import worlds
from tests.kept import as_it_stands, building, kept

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    """Two publications: two chambers of a province, then one of the nation."""
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")):
        world = worlds.make_world()
        for homes in ((worlds.PROVINCE, worlds.PROVINCE), (worlds.NATION,)):
            publish(world, homes)
        yield world


def publish(world, homes):
    cases = [worlds.make_shortlisted(world, home) for home in homes]
    stages.send_up(world, cases[0].unit)
    stages.accept(world, cases[0].unit)
    for case in map(stages.fresh, cases):
        stages.sign(world, stages.score(world, stages.assign(world, stages.pass_preliminary(world, case))))
    stages.decide(world)
    publish_list(cycle=world.cycle, actor=world.seats["head"], now=world.tick())


@pytest.fixture
def world(ground, db):
    mine = as_it_stands(ground)
    mine.cycle = Cycle.objects.get(pk=mine.cycle.pk)
    return mine


def told(world, **options):
    out = StringIO()
    call_command("replay", cycle=world.cycle.slug, at=world.tick().isoformat(), stdout=out, **options)
    return out.getvalue().strip()


def different(world):
    with pytest.raises(CommandError) as caught:
        told(world)
    assert caught.value.returncode == 1
    return str(caught.value).partition("。重建名单的摘要值")[0].removeprefix("不一致（different）。")


def test_the_list_is_rebuilt_byte_for_byte(world, client, tmp_path):
    file = tmp_path / "list.json"

    said = told(world, out=file)

    page = client.get(f"/published/{world.cycle.slug}.json")
    assert said == f"一致（identical）：3行，摘要值 {world.cycle.published_digest}"
    assert file.read_bytes() == page.content
    assert sha256(page.content).hexdigest() == world.cycle.published_digest
    assert world.cycle.published_digest in client.get("/recognised/").content.decode()
    assert world.cycle.published_digest in client.get("/trail/").content.decode()


def test_as_of_an_earlier_instant_it_is_the_list_of_then(world):
    first, last = Recognition.objects.order_by("published_at").values_list("published_at", flat=True)[::2]

    then = replay(world.cycle, last - timedelta(seconds=1))

    assert (then.identical, len(then.rebuilt)) == (True, 2)
    assert replay(world.cycle, first - timedelta(seconds=1)) is None


def lower(rows):
    """Take the points of rows in the history of the ledger, past everything."""
    rows.update(points=0)


ALTERED = {
    "a name on the list": (
        lambda: Recognition.objects.filter(serial=2).update(name="别的商会"),
        "第2行：重建为“SH2020-0002 {second}”，公布的是“SH2020-0002 别的商会”",
    ),
    "a number": (
        lambda: Recognition.objects.filter(serial=3).update(number="SH2020-0009"),
        "第3行：重建为“SH2020-0003 {third}”，公布的是“SH2020-0009 {third}”",
    ),
    "a line taken out": (
        lambda: Recognition.objects.filter(serial=3).update(published_at=None),
        "第3行：重建为“SH2020-0003 {third}”，公布的是“没有这一行”",
    ),
    "a frozen name": (
        lambda: Revision.objects.filter(declaration__recognition__serial=1).update(content={"applicant": "改名"}),
        "第1行：重建为“SH2020-0001 改名”，公布的是“SH2020-0001 {first}”",
    ),
    "an expert's veto in the ledger": (
        lambda: lower(MarkVersion.objects.filter(assessment__layer=Layer.AGREED, code="A1.1", **of(1))),
        "第1行：重建为“SH2020-0001 {second}”，公布的是“SH2020-0001 {first}”",
    ),
    "a mark that turns no verdict": (
        lambda: MarkVersion.objects.filter(assessment__layer=Layer.EXPERT, code="A1.2", **of(2)).update(points=0),
        "第2行（SH2020-0002 {second}）：由台账重算的得分与评分结果不同：A1.2",
    ),
    "an assignment": (
        lambda: ExpertReview.objects.filter(declaration__recognition__serial=1).update(
            state=SheetState.RECUSED, recusal_reason="有利害关系。"
        ),
        "第1行：重建为“SH2020-0001 {second}”，公布的是“SH2020-0001 {first}”",
    ),
    "a rank": (
        lambda: Declaration.objects.filter(recognition__serial=1).update(rank=9),
        "第1行：重建为“SH2020-0001 {second}”，公布的是“SH2020-0001 {first}”",
    ),
    "the rules": (
        lambda: ScoreRun.objects.filter(declaration__recognition__serial=1).update(programme_digest="0" * 64),
        "第1行：重建为“SH2020-0001 {second}”，公布的是“SH2020-0001 {first}”",
    ),
    "the published digest": (
        lambda: Cycle.objects.update(published_digest="0" * 64),
        "各行相同，公开页的摘要值与公布时留痕记载的不同",
    ),
}


def of(serial):
    return {"assessment__ledger__declaration__recognition__serial": serial}


ORDER = ("first", "second", "third")


@pytest.mark.parametrize("what", ALTERED)
def test_the_first_line_that_differs_is_named(world, what):
    alter, words = ALTERED[what]
    names = dict(zip(ORDER, Recognition.objects.order_by("serial").values_list("name", flat=True), strict=True))

    alter()

    assert different(world) == words.format(**names)


def test_a_cycle_that_is_not_there_and_an_instant_that_is_none(world):
    for options, words in (
        ({"cycle": "none"}, "没有代号为none的周期。"),
        ({"cycle": world.cycle.slug, "at": "gestern"}, "“gestern”不是时刻，请写成 2021-02-01T09:00。"),
        ({"cycle": world.cycle.slug, "at": "2020-01-01T00:00"}, "2019—2020年度截至这一时刻没有公布过名单。"),
    ):
        with pytest.raises(CommandError) as caught:
            call_command("replay", **options)
        assert str(caught.value) == words


def test_the_days_seals_are_published_as_a_page_and_as_text(world, client):
    seal(now=worlds.NOW)
    seal(now=worlds.NOW + timedelta(days=1))
    head = DailyHead.objects.get()

    text = client.get("/trail/heads.txt")
    page = client.get("/trail/").content.decode()

    assert text["Content-Type"] == "text/plain; charset=utf-8"
    assert text.content.decode().splitlines()[1:] == [
        "# 日期 序号 算法 封存值",
        f"2020-09-28 {head.sequence} sha256 {head.seal}",
    ]
    assert head.seal in page
    assert f"{head.sequence}条" in page
