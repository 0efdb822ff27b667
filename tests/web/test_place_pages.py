"""Sharing places out in a browser's eyes: the three per cent, a sheet looked through, set figures, adoption by two."""

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from declarations.actions import places
from declarations.models import (
    ChamberCount,
    CountSheet,
    ForwardLimit,
    Pending,
    PlaceOverride,
    Quota,
    QuotaPlan,
)
from sihao import clock
from tests import worlds
from tests.declarations.actions.test_places import units_of_annex
from tests.declarations.test_counts_import import sheet
from tests.factories import make_federation
from tests.kept import as_it_stands, kept

pytestmark = pytest.mark.django_db
OFFICIAL = "按通知附件2的名额。"


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker):
    with kept(django_db_blocker):
        for code in units_of_annex():
            make_federation(code)
        yield worlds.make_world()


@pytest.fixture
def world(ground, monkeypatch):
    mine = as_it_stands(ground)
    monkeypatch.setattr(clock, "now", lambda: mine.clock.at)
    return mine


@pytest.fixture
def department(world):
    return signed_in(world.seats["department"])


@pytest.fixture
def head(world):
    return signed_in(world.seats["head"])


def signed_in(seat):
    client = Client()
    client.force_login(seat.user)
    return client


def url(name, *args):
    return reverse(f"declarations:{name}", args=args)


def text(response):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def bring(client, *rows):
    file = SimpleUploadedFile("统计.xlsx", sheet(*rows).getvalue())
    return client.post(url("bring_counts"), {"file": file}, follow=True)


def typed(**changed):
    """Return the form of all units' places as proposed, some of them otherwise."""
    return {f"places-{code}": number for code, number in units_of_annex().items()} | {
        f"places-{code[1:]}": number for code, number in changed.items()
    }


def test_the_plan_shows_the_three_per_cent_the_rule_and_every_figure(department):
    told = text(department.get(url("plan")))

    assert "商会总数50000个，按3%为1500个。" in told
    assert "第2轮得出，按小数部分再分14个。与现有名额相同。" in told
    assert "应得数＝名额总数×本单位权重×本单位商会数÷各单位（权重×商会数）之和。" in told
    assert "合计 50000 1500 1500 1500" in told


def test_a_sheet_is_looked_through_before_it_is_written_and_bad_rows_are_named(department):
    page = bring(department, ("110000", "", 800), ("120000", "", "多"), ("310000", "", 427))

    assert "可以写入2个单位，其中1个有改动；有误的1处不会写入。" in text(page)
    assert "工作表“商会统计”第3行（120000）“商会数”C3：应填整数，现在是“多”。" in text(page)
    assert ChamberCount.objects.get(organisation__code="110000").number == 382

    done = department.post(url("count_sheet", CountSheet.objects.get().pk), follow=True)

    assert "商会统计已写入，改动1个单位。" in text(done)
    assert ChamberCount.objects.get(organisation__code="110000").number == 800
    assert "与现有名额相比，" in text(done)


def test_a_set_figure_shows_its_reason_and_how_far_it_is_from_the_formula(department):
    unit = make_federation("110000")
    form = {"places": 13, "reason": "按工作实际。"}

    blank = text(department.post(url("override_places", unit.pk), form | {"reason": " "}))
    page = text(department.post(url("override_places", unit.pk), form, follow=True))

    assert "请填写理由。" in blank
    assert "调整为13个（公式为11个，多2个）：按工作实际。" in page
    assert "各单位合计1502个，应为1500个，多2个。请调整后再采用。" in page


def test_an_official_table_is_typed_at_once_and_must_come_to_the_total(department):
    more = department.post(url("official_places"), typed(_110000=12) | {"reason": OFFICIAL})
    done = department.post(url("official_places"), typed(_110000=12, _120000=8) | {"reason": OFFICIAL}, follow=True)

    assert "各单位合计1501个，应为1500个。请核对后再保存。（四）" in text(more)
    assert 'name="places-110000" value="12"' in more.content.decode()
    assert "已按理由调整2个单位，采用后生效。" in text(done)
    assert f"调整为8个（公式为9个，少1个）：{OFFICIAL}" in text(done)

    back = department.post(url("official_places"), typed() | {"reason": "更正。"}, follow=True)

    assert "已按理由调整2个单位，采用后生效。" in text(back)
    assert PlaceOverride.objects.count() == 0


@pytest.mark.parametrize("bad", ["", "-1", "1.5", "九", "9" * 30])
def test_what_is_typed_as_places_is_named_or_left(department, bad):
    page = department.post(url("official_places"), typed(_110000=bad) | {"reason": OFFICIAL}, follow=True)

    assert page.status_code == 200
    assert PlaceOverride.objects.count() == 0
    assert ("没有改动。" in text(page)) is (bad == "")


def test_two_adopt_and_annex_two_is_the_new_one(world, department, head):
    department.post(url("official_places"), typed(_110000=12, _120000=8) | {"reason": OFFICIAL})
    asked = text(department.post(url("adopt_places"), follow=True))
    before = text(Client().get(reverse("public:quotas")))
    head.post(url("pending", Pending.objects.get().pk), {"decision": "confirm"})

    after = text(Client().get(reverse("public:quotas")))
    assert "采用推荐名额分配（共1500个）" in asked
    assert ("1 110000 11" in before, "1 110000 12" in after) == (True, True)
    assert (QuotaPlan.objects.get().version, Quota.objects.get(organisation__code="120000").places) == (1, 8)


@pytest.mark.parametrize(("hard", "words"), [("on", "不能再报"), ("", "只作提醒")])
def test_a_province_decides_whether_its_limits_are_hard(world, hard, words):
    henan = make_federation(worlds.PROVINCE)
    officer, leader = signed_in(world.officer(henan)), signed_in(world.leader(henan))
    numbers = {f"count-{code}": 5 for code in (worlds.CITY, "411200")}
    make_federation("411200")

    officer.post(url("counts"), numbers)
    officer.post(url("plan_parameters"), {"total": 9, "floor": 0, "hard": hard})
    shown = text(officer.get(url("plan")))
    leader.post(url("adopt_places"))

    assert f"额满 {words}" in shown
    limits = ForwardLimit.objects.order_by("organisation__code").values_list("places", "hard")
    assert list(limits) == [(5, bool(hard)), (4, bool(hard))]
    assert places.needs_two(world.cycle, "adopt_limits") is False
