"""Standards in a browser's eyes: brought, edited with the loader's words, previewed, compared, tried, published by two;

and a third, made-up programme from its workbook to the list of those recognised, with no line of Python changed.
"""

import json
import re
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from functools import cache
from html import unescape
from io import BytesIO

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from declarations.actions import draft as drafting
from declarations.actions import programmes, review
from declarations.actions.cycle import open_cycle
from declarations.actions.publication import publish_list
from declarations.actions.quota import set_quota
from declarations.demo import stages
from declarations.demo.answers import code_for
from declarations.imports.programmes import read_programme
from declarations.models import (
    Cycle,
    Declaration,
    DraftState,
    Pending,
    ProgrammeDraft,
    ProgrammeTrial,
    Recognition,
)
from declarations.queries.campaign import own_programmes
from declarations.queries.programmes import trial_named
from declarations.states import State
from declarations.workflow import WORKFLOWS
from scoring.actions import Entered
from scoring.models import ProgrammeVersion
from scoring.queries import programme_of
from sihao import clock
from sihao.accounts.refusals import Refused
from sihao.accounts.roles import Role
from sihao.audit.queries import trail_of
from tests import made_up, worlds
from tests.factories import make_chamber, make_federation, make_seat
from tests.kept import Ground, as_it_stands, building, kept

pytestmark = pytest.mark.django_db
WUHAO = settings.BASE_DIR / "fixtures" / "programmes" / "wuhao-2015.toml"


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")):
        world = worlds.make_world()
        yield Ground(world, worlds.make_submitted(world))


@pytest.fixture
def world(ground, monkeypatch):
    mine = as_it_stands(ground.world)
    monkeypatch.setattr(clock, "now", lambda: mine.clock.at)
    return mine


@pytest.fixture
def city(world):
    """Return the officer and the leader of the city."""
    return world.staff[make_federation(worlds.CITY).pk]


def signed_in(seat):
    client = Client()
    client.force_login(seat.user)
    return client


def url(name, *args):
    return reverse(f"declarations:{name}", args=args)


def text(response):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def said(response):
    return [str(one) for one in response.context["messages"]]


def bring(client, content, name="标准.xlsx"):
    return client.post(url("bring_programme"), {"file": SimpleUploadedFile(name, content)}, follow=True)


@cache
def made_up_content():
    """What the made-up workbook says, read once."""
    return read_programme(BytesIO(made_up.workbook()), "标准.xlsx").content


def begun(city):
    """Return a draft of the city from the made-up workbook."""
    content = deepcopy(made_up_content())
    return programmes.begin_draft(content=content, source="标准.xlsx", actor=city[0], now=worlds.NOW)


def proposed(city):
    found = begun(city)
    signed_in(city[0]).post(url("propose_programme", found.pk), {"seen": found.version})
    found.refresh_from_db()
    return found


def published(city):
    found = proposed(city)
    signed_in(city[1]).post(url("confirm_programme", found.pk))
    found.refresh_from_db()
    return found


# ---- bringing


def test_a_workbook_becomes_a_draft_that_is_previewed_as_its_users_will_see_it(city):
    page = bring(signed_in(city[0]), made_up.workbook())
    told = text(page)

    assert said(page) == ["没有发现错误，已收为草稿；请预览后提请发布。"]
    assert "自定稿，非官方 满分60分 · 漯河市工商联自定，非官方文本" in told
    assert (
        "P1.2 有专职工作人员 专职人员数3及以上得15分，1及以上得8分" in told.replace("：", "")
        or "P1.2 有专职工作人员" in told
    )
    assert told.count("/15") == 2
    assert "申报表" in told
    assert "专职人员数" in told


FAULTS = [
        (("指标", "L3", "十"), "工作表“指标”第3行（L3）：“分值”应填数字，现为“十”。"),
        (
            ("指标", "N2", "评定：好"),
            "工作表“指标”第2行（N2）：“计分规则”“好”应写成“某一档＝分数”，各档之间用；隔开。",
        ),
        (
            ("指标", "L2", "=1+9"),
            "工作表“指标”第2行“分值”（L2）：不读取公式，请改为直接填写的内容（可复制后选择性粘贴为数值）。",
        ),
        (
            ("基本情况", "B8", 61),
            "工作表“基本情况”第8行（B8）：“总分”写明61分，各项相加为60分，请改正各行分值，或者改正、清空写明的分值。",
        ),
        (("基本情况", "A3", "名目"), "工作表“基本情况”第3行（A3）：不认识“名目”，请照模板的项目填写。"),
        (
            ("门槛", "D2", "看情况"),
            "工作表“门槛”第2行（D2）：“门槛种类”不认识“看情况”，可填：总分不低于、有一项为0分、不是满分的项数不超过。",
        ),
        (
            ("字段", "A3", "name"),
            "工作表“字段”第3行（A3）：“字段代号”“name”与前面一行重复，请改用另一个代号。",
        ),
]


def test_every_fault_of_a_workbook_is_named_by_sheet_and_row_and_nothing_is_written(city):
    client = signed_in(city[0])
    for change, fault in FAULTS:
        page = bring(client, made_up.workbook(made_up.cell(*change)))

        assert fault in page.context["faults"]["shown"]
        assert "没有收下这份文件" in text(page)
    assert not ProgrammeDraft.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("标准.xlsx", b"PK\x03\x04 nothing", "标准.xlsx"),
        ("标准.toml", b"\xff\xfe\x00", "标准文件不是UTF-8编码的文字，请另存为UTF-8后重新上传。"),
        ("标准.toml", b"x = 1", "文件：缺少“schema”。请改正后重新上传。"),
        ("标准.toml", b"#" * (2 * 1024 * 1024 + 1), "标准文件超过2MB，不读取。请核对是否选错了文件。"),
    ],
)
def test_what_is_no_standard_is_refused_in_words(city, name, content, words):
    page = bring(signed_in(city[0]), content, name)

    assert page.status_code == 200
    assert words in " ".join(page.context["faults"]["shown"])
    assert not ProgrammeDraft.objects.exists()


def test_a_published_standard_comes_back_through_its_workbook_unchanged(city):
    bring(signed_in(city[0]), WUHAO.read_bytes(), "标准.toml")
    first = ProgrammeDraft.objects.get()
    client = signed_in(city[0])
    file = b"".join(client.get(url("programme_workbook", first.pk)).streaming_content)
    client.post(url("drop_programme", first.pk), follow=True)

    page = bring(client, file)

    second = ProgrammeDraft.objects.get(state=DraftState.EDITING)
    assert said(page) == ["没有发现错误，已收为草稿；请预览后提请发布。"]
    assert {row["id"] for row in second.content["rows"]} == {row["id"] for row in first.content["rows"]}


def test_a_second_open_draft_of_one_code_is_refused(city):
    begun(city)

    page = bring(signed_in(city[0]), made_up.workbook())

    assert "本单位已有代号“shifan-2022”的标准草稿尚未办结" in text(page)
    assert ProgrammeDraft.objects.count() == 1


# ---- editing


def test_the_loaders_words_stand_beside_a_row_as_it_is_typed(city):
    found, client = begun(city), signed_in(city[0])
    posted = {"seen": found.version, "rows-0-points": "12"}

    answer = client.post(
        url("programme_section", found.pk, 0), posted, headers={"accept": "application/json"}
    )
    told = json.loads(answer.content)

    assert told["seen"] == 2
    assert "写明25分，各项相加为27分" in unescape(told["html"])
    found.refresh_from_db()
    assert found.content["rows"][0]["points"] == "12"
    assert "须改正后才能发布" in text(client.get(url("programme_draft", found.pk)))


def test_without_a_script_a_row_is_added_changed_and_taken_out_by_a_plain_post(city):
    found, client = begun(city), signed_in(city[0])
    posted = {"seen": 1, "rows-0-name": "有自有服务场所", "rows-1-drop": "1"}
    posted |= {
        "rows-new0-group": "P1",
        "rows-new0-id": "P1.3",
        "rows-new0-name": "有标识",
        "rows-new0-points": "15",
    }

    page = client.post(url("programme_section", found.pk, 0), posted, follow=True)

    found.refresh_from_db()
    assert said(page) == ["已保存。"]
    assert [row["id"] for row in found.content["rows"]] == ["P1.1", "Q1.1", "Q1.2", "R1.1", "P1.3"]
    assert programmes.judged(found).faults == ()


def test_who_comes_late_is_told_and_keeps_what_was_typed(city):
    found, client = begun(city), signed_in(city[0])
    client.post(url("programme_row", found.pk, "gates", 0), {"seen": 1, "gates-0-limit": "50"}, follow=True)

    page = client.post(url("programme_row", found.pk, "gates", 0), {"seen": 1, "gates-0-limit": "55"})

    found.refresh_from_db()
    assert said(page) == [f"草稿已由{city[0].user.name}改动，请刷新页面后再改。（通知未规定）"]
    assert found.content["gates"][0]["limit"] == "50"
    assert 'value="55"' in page.content.decode()


def test_hostile_posts_break_nothing(city):
    found, client = begun(city), signed_in(city[0])
    for posted in (
        {"rows-9999-name": "x"},
        {"rows-x-name": "x", "head-0-nothing": "x", "wrong-0-id": "x"},
        {"head-0-title": "\x00" * 50, "fields-0-more": "[" * 5000},
        {"rows-0-rule": "{" * 5000},
        {"seen": "x" * 50},
    ):
        found.refresh_from_db()
        sent = {"seen": found.version, **posted}
        assert client.post(url("programme_section", found.pk, 0), sent, follow=True).status_code == 200


def test_nobody_reads_another_offices_draft(world, city):
    found = begun(city)

    assert signed_in(world.seats["department"]).get(url("programme_draft", found.pk)).status_code == 404
    county = world.staff[make_federation(worlds.COUNTY).pk][1]
    assert signed_in(county).get(url("programmes")).status_code == 403


def test_every_page_of_a_draft_is_drawn(city):
    found, client = begun(city), signed_in(city[0])
    pages = [
        url("programmes"),
        url("programme_draft", found.pk),
        url("programme_section", found.pk, 0),
        url("programme_part", found.pk, "fields"),
        url("programme_row", found.pk, "fields", 2),
        url("programme_row", found.pk, "head", 0),
        url("programme_new_row", found.pk, "gates"),
        url("programme_preview", found.pk),
        url("programme_trial", found.pk),
    ]

    assert [client.get(page).status_code for page in pages] == [200] * 9


# ---- order


def order(found):
    found.refresh_from_db()
    return [(row["group"], row["id"]) for row in found.content["rows"]]


def test_a_row_is_moved_by_a_key_and_the_page_comes_back_to_it(city):
    found, client = begun(city), signed_in(city[0])
    page = client.get(url("programme_section", found.pk, 0)).content.decode()
    answer = client.post(url("programme_section", found.pk, 0), {"seen": 1, "rows-0-move": "down", "rows-0-place": "1"})

    assert 'name="rows-0-move" value="up"' not in page
    assert 'name="rows-1-move" value="down"' not in page
    assert answer.url == f"{url('programme_section', found.pk, 0)}#rows-1-up"
    assert f'id="{answer.url.split("#")[1]}"' in client.get(answer.url).content.decode()
    assert order(found)[:2] == [("P1", "P1.2"), ("P1", "P1.1")]


def test_a_row_goes_to_another_section_by_choice_and_to_its_place_by_number(city):
    found, client = begun(city), signed_in(city[0])
    posted = {"seen": 1, "rows-1-group": "Q1　服务会员", "rows-1-place": "2", "rows-0-place": "1"}
    client.post(url("programme_section", found.pk, 0), posted, follow=True)
    assert order(found) == [("P1", "P1.1"), ("Q1", "Q1.1"), ("Q1", "Q1.2"), ("Q1", "P1.2"), ("R1", "R1.1")]

    client.post(url("programme_row", found.pk, "rows", 3), {"seen": 2, "rows-3-place": "1"}, follow=True)
    assert order(found) == [("P1", "P1.1"), ("Q1", "P1.2"), ("Q1", "Q1.1"), ("Q1", "Q1.2"), ("R1", "R1.1")]


def test_fields_and_sections_are_put_in_order_too(city):
    found, client = begun(city), signed_in(city[0])
    numbers = {f"fields-{at}-place": place for at, place in enumerate(("1", "4", "2", "3"))}
    client.post(url("programme_part", found.pk, "fields"), {"seen": 1, **numbers}, follow=True)
    client.post(url("programme_part", found.pk, "sections"), {"seen": 2, "sections-2-move": "up"}, follow=True)

    found.refresh_from_db()
    assert [row["id"] for row in found.content["fields"]] == ["name", "staff", "calls", "place"]
    assert [row["code"] for row in found.content["sections"]] == ["P", "R", "Q"]
    assert programmes.judged(found).faults == ()


def test_a_place_that_is_none_leaves_the_order(city):
    found, client = begun(city), signed_in(city[0])
    for place in ("1", "", "x", "0", "²", "99999"):
        found.refresh_from_db()
        client.post(url("programme_section", found.pk, 0), {"seen": found.version, "rows-0-place": place})

        assert order(found)[:2] == [("P1", "P1.1"), ("P1", "P1.2")]


def test_the_procedure_is_chosen_in_words(city):
    found, client = begun(city), signed_in(city[0])
    page = client.get(url("programme_row", found.pk, "head", 0)).content.decode()
    wished = WORKFLOWS["wuhao"].title
    client.post(url("programme_row", found.pk, "head", 0), {"seen": 1, "head-0-workflow": wished})

    assert all(f'value="{one.title}"' in page for one in WORKFLOWS.values())
    assert 'value="sihao"' not in page
    found.refresh_from_db()
    assert found.content["head"]["workflow"] == "wuhao"


# ---- publishing


def test_publishing_takes_two_persons_and_freezes_the_text(world, city):
    found = begun(city)
    officer, leader = map(signed_in, city)

    early = leader.post(url("confirm_programme", found.pk), follow=True)
    asked = officer.post(url("propose_programme", found.pk), {"seen": 1}, follow=True)
    typed = officer.post(url("programme_section", found.pk, 0), {"seen": 1, "rows-0-points": "9"})
    alone = officer.post(url("confirm_programme", found.pk), follow=True)
    done = leader.post(url("confirm_programme", found.pk), follow=True)

    version = ProgrammeVersion.objects.get(slug=made_up.SLUG)
    found.refresh_from_db()
    assert said(early) == ["本草稿没有提请发布。（通知未规定）"]
    assert said(asked) == ["已提请发布，由本单位另一人确认。"]
    assert said(typed) == ["本草稿已提请发布，不能修改；需要修改的，请先退回。（两人办理）"]
    assert said(alone) == ["提请人不能自己确认，请由本单位另一人办理。（两人办理）"]
    assert said(done) == [f"《{made_up.TITLE}》已发布，摘要值{version.digest[:16]}。"]
    assert (version.owner, found.published, found.state) == (
        city[0].organisation,
        version,
        DraftState.PUBLISHED,
    )
    assert [one.event for one in trail_of(found)] == ["programme_drafted", "programme_proposed"]
    assert [(one.event, one.actor_id) for one in trail_of(version)] == [("programme_published", city[1].user_id)]
    with pytest.raises(Refused, match="不能再办理"):
        programmes.save_draft(draft=found, edits=[], seen=1, actor=city[0], now=world.tick())


def test_who_proposed_cannot_confirm_even_as_the_leader(city):
    found = begun(city)
    leader = signed_in(city[1])

    asked = leader.post(url("propose_programme", found.pk), {"seen": 1}, follow=True)

    assert said(asked) == [
        "发布标准须两人办理，本单位没有可以确认的第二人。请由另一人提请，或者指定代办人。（两人办理）"
    ]


def test_an_officer_is_no_second_person(city):
    found = begun(city)
    colleague = make_seat(Role.OFFICER, city[0].organisation)
    signed_in(city[0]).post(url("propose_programme", found.pk), {"seen": 1})

    refused = signed_in(colleague).post(url("confirm_programme", found.pk), follow=True)

    assert said(refused) == ["标准由会员部负责人或者市级工商联分管领导确认发布。（两人办理）"]


def test_a_faulty_draft_is_not_proposed(city):
    found = begun(city)
    client = signed_in(city[0])
    client.post(url("programme_row", found.pk, "head", 0), {"seen": 1, "head-0-total": "61"}, follow=True)

    asked = client.post(url("propose_programme", found.pk), {"seen": 2}, follow=True)

    assert said(asked)[0].startswith("标准还有1处须改正：写明61分，各项相加为60分")


def test_what_is_sent_back_says_why_and_can_be_edited_again(city):
    found = proposed(city)
    leader = signed_in(city[1])

    silent = leader.post(url("send_back_programme", found.pk), follow=True)
    back = leader.post(url("send_back_programme", found.pk), {"reason": "请补佐证要求。"}, follow=True)

    assert said(silent) == ["请写明退回的理由。（两人办理）"]
    assert said(back) == ["已退回，可以修改。"]
    assert "请补佐证要求。" in text(signed_in(city[0]).get(url("programme_draft", found.pk)))


def test_the_nations_code_is_not_for_a_city(world, city):
    version = ProgrammeVersion.objects.get()
    client = signed_in(city[0])
    client.post(url("copy_programme", version.pk))
    found = ProgrammeDraft.objects.get()
    client.post(url("programme_row", found.pk, "head", 0), {"seen": 1, "head-0-title": "改名"})
    client.post(url("propose_programme", found.pk), {"seen": 2})

    refused = signed_in(city[1]).post(url("confirm_programme", found.pk), follow=True)

    assert said(refused) == [
        f"代号“{version.slug}”已由全国工商联使用，请在基本情况中改用另一个代号。（通知未规定）"
    ]


def later(world, version, **head):
    """Let the department copy a standard, change it and publish it by two persons."""
    officer, leader = world.seats["department"], world.seats["head"]
    found = programmes.copy_programme(version=version, actor=officer, now=world.tick())
    edit = programmes.Edit("head", 0, head)
    found = programmes.save_draft(draft=found, edits=[edit], seen=1, actor=officer, now=world.tick())
    programmes.propose_publication(draft=found, seen=2, actor=officer, now=world.tick())
    return programmes.confirm_publication(draft=found, actor=leader, now=world.tick())


def test_a_cycle_with_a_declaration_keeps_its_standard(world):
    old = world.cycle.programme
    new = later(world, old, title="新版")

    world.cycle.refresh_from_db()
    assert world.cycle.programme == old
    assert (new.slug, new.digest == old.digest) == (old.slug, False)


def test_a_cycle_without_a_declaration_goes_by_the_later_version(world, tmp_path):
    cycle = worlds.make_next_cycle(tmp_path)
    new = later(world, world.cycle.programme, title="新版")

    cycle.refresh_from_db()
    assert cycle.programme == new
    assert list(trail_of(cycle))[-1].event == "cycle_renewed"


def test_a_case_is_not_begun_on_a_standard_that_was_renewed_meanwhile(world, tmp_path):
    stale = worlds.make_next_cycle(tmp_path)
    later(world, world.cycle.programme, title="新版")
    chamber = make_chamber(make_federation(worlds.COUNTY), uscc=code_for(make_federation(worlds.COUNTY), 77))

    with pytest.raises(Refused, match="本周期刚刚改用新版标准，请重新开始申报。"):
        drafting.start(cycle=stale, applicant=chamber, actor=worlds.president_of(chamber), now=worlds.NEXT)


def test_a_citys_standard_is_offered_to_that_city_alone(world, city):
    found, officer = begun(city), signed_in(city[0])
    officer.post(url("programme_row", found.pk, "head", 0), {"seen": 1, "head-0-workflow": "wuhao"})
    officer.post(url("propose_programme", found.pk), {"seen": 2})
    signed_in(city[1]).post(url("confirm_programme", found.pk))
    version = ProgrammeVersion.objects.get(slug=made_up.SLUG)

    assert version in own_programmes(city[0].organisation)
    assert version not in own_programmes(make_federation("420100"))


def test_a_procedure_that_does_not_exist_is_not_published(city):
    found, officer = begun(city), signed_in(city[0])
    officer.post(url("programme_row", found.pk, "head", 0), {"seen": 1, "head-0-workflow": "三好"}, follow=True)

    asked = officer.post(url("propose_programme", found.pk), {"seen": 2}, follow=True)

    assert said(asked) == ["没有“三好”这一程序，请在基本情况中从列出的程序中选择，或者选“不填”。（通知未规定）"]


# ---- comparing and trying


def test_a_draft_is_compared_with_what_it_was_copied_from(world):
    client = signed_in(world.seats["department"])
    client.post(url("copy_programme", world.cycle.programme.pk), follow=True)
    found = ProgrammeDraft.objects.get()
    client.post(url("programme_row", found.pk, "gates", 0), {"seen": 1, "gates-0-limit": "400"})

    told = text(client.get(url("programme_comparison", found.pk)))

    assert "1处不同" in told
    assert "门槛G1" in told
    assert "界限 350分 400分" in told


def test_a_trial_tells_which_earlier_verdicts_would_turn(world, ground):
    officer = world.seats["department"]
    client = signed_in(officer)
    client.post(url("copy_programme", world.cycle.programme.pk), follow=True)
    found = ProgrammeDraft.objects.get()
    client.post(
        url("programme_row", found.pk, "gates", 0), {"seen": 1, "gates-0-limit": "499.5"}, follow=True
    )
    ordered = client.post(url("programme_trial", found.pk), {"cycle": world.cycle.pk}, follow=True)
    again = client.post(url("programme_trial", found.pk), {"cycle": world.cycle.pk})

    seen = []
    trial = trial_named(ProgrammeTrial.objects.get().pk)
    done = programmes.try_programme(
        trial=trial, actor=officer, now=world.tick(), progress=lambda *at: seen.append(at)
    )
    told = text(client.get(url("programme_trial", found.pk)))

    assert said(ordered) == ["正在后台试算，完成后在此查看。"]
    assert "按该周期的试算正在进行，请稍候。" in text(again)
    assert (done.cases, seen) == (1, [(1, 1)])
    change = done.changes[0]
    assert (change["case"], change["before"][0], change["before"][1:], change["after"][1:]) == (
        ground.case.pk,
        change["after"][0],
        [True],
        [False],
    )
    assert "1件中，总分或者结论将有变动的1件。" in told
    assert ground.case.applicant_name in told


def test_a_draft_is_tried_only_on_cycles_of_a_standard_that_it_shares_rows_with(world, city):
    found = begun(city)
    copied = signed_in(world.seats["department"])
    copied.post(url("copy_programme", world.cycle.programme.pk))
    other = ProgrammeDraft.objects.exclude(pk=found.pk).get()

    assert "没有可以试算的申报" in text(signed_in(city[0]).get(url("programme_trial", found.pk)))
    assert world.cycle.name in text(copied.get(url("programme_trial", other.pk)))


def test_a_trial_of_what_did_not_change_finds_nothing(world):
    officer = world.seats["department"]
    found = programmes.copy_programme(version=world.cycle.programme, actor=officer, now=world.tick())
    trial = programmes.order_trial(draft=found, cycle=world.cycle, actor=officer, now=world.tick())

    done = programmes.try_programme(trial=trial_named(trial.pk), actor=officer, now=world.tick())

    assert (done.cases, done.changes) == (1, [])


# ---- a third programme, from the workbook to the list


def cycle_file(folder):
    """Return the file of a cycle that goes by the made-up standard."""
    text = (settings.BASE_DIR / "fixtures" / "cycles" / "sihao-2019-2020.toml").read_text("utf-8")
    lines = [
        one for one in text.splitlines() if not one.startswith(("notice_file", "quota_file", "counts_file"))
    ]
    text = "\n".join(lines).replace('slug = "sh2020"', 'slug = "sf2022"').replace("SH2020-", "SF2022-")
    text = text.replace('programme = "sihao-2019-2020"', f'programme = "{made_up.SLUG}"')
    (folder / "third.toml").write_text(text.replace("全国“四好”商会", "示范商会服务站"), "utf-8")
    return folder / "third.toml"


MARKS = {"P1.1": 10, "P1.2": 8, "Q1.1": 15, "Q1.2": Decimal(6), "R1.1": 10}
SHORT = {**MARKS, "R1.1": 0}


def declared(world, name, serial, marks):
    """Return a chamber's case, filled in by the made-up form."""
    node = make_federation(worlds.CITY)
    chamber = make_chamber(node, uscc=code_for(node, serial), name=name)
    actor = worlds.president_of(chamber)
    case = drafting.start(cycle=world.cycle, applicant=chamber, actor=actor, now=world.tick())
    answers = {"place": "true", "staff": "2", "calls": "25"}
    drafting.save_answers(case=case, answers=answers, actor=actor, now=world.tick())
    entries = {code: Entered(points=points, words="见佐证。") for code, points in marks.items()}
    drafting.save_self_marks(case=case, entries=entries, actor=actor, now=world.tick())
    drafting.attach(
        case=case, row="P1.1", file=stages.picture(name), name="照片.png", actor=actor, now=world.tick()
    )
    return stages.fresh(case)


def test_a_third_programme_runs_from_its_workbook_to_its_list(world, city, tmp_path):
    version = published(city).published
    public = text(Client().get(reverse("public:standard", args=[made_up.SLUG])))
    cycle = open_cycle(path=cycle_file(tmp_path), sample=True, actor=None, now=world.tick())
    cycle.public_notice = False
    cycle.save(update_fields=["public_notice"])
    province = make_federation(worlds.PROVINCE)
    set_quota(cycle=cycle, unit=province, places=5, actor=world.seats["head"], now=world.tick())
    third = replace(world, cycle=cycle)

    case = declared(third, "示范商会", 901, MARKS)
    below = declared(third, "未达标商会", 903, SHORT)
    form = signed_in(worlds.president_of(case.applicant)).get(url("self_assessment", case.pk))
    with pytest.raises(Refused, match="总分45分以上为达标"):
        drafting.submit(case=below, actor=worlds.president_of(below.applicant), now=third.tick())
    drafting.submit(case=case, actor=worlds.president_of(case.applicant), now=third.tick())
    stages.shortlist(third, stages.to_unit(third, stages.fresh(case)))
    stages.send_up(third, province)
    stages.accept(third, province)
    passed = stages.pass_preliminary(third, stages.fresh(case))
    stages.sign(third, stages.score(third, stages.assign(third, passed)))
    stages.decide(third)
    publish_list(cycle=cycle, actor=world.seats["head"], now=third.tick())

    assert "自定稿，非官方" in public
    assert (cycle.programme, programme_of(version).total) == (version, 60)
    assert "自定稿，非官方" in text(form)
    assert "P1.2 有专职工作人员" in text(form)
    assert [case.state for case in Declaration.objects.filter(cycle=cycle).order_by("pk")] == [
        State.RECOGNISED,
        State.DRAFT,
    ]
    assert Recognition.objects.get(cycle=cycle).number == "SF2022-0001"


# ---- and in a city's own cycle, every door by its page


OPENED = {
    "name": "2020年度", "title": "漯河市2020年示范服务站建设", "honour": "市级示范服务站", "plan": "示例实施方案",
    "verb": "确认", "law_note": "批准文件（示例）", "knows": "on", "opens_on": "2020-09-01", "closes_on": "2020-09-30",
    "decides_by": "2020-10-31",
}


def own_standard(city):
    """Let the city bring the made-up workbook with the procedure in words, and publish it by two persons."""
    officer, leader = map(signed_in, city)
    bring(officer, made_up.workbook(made_up.cell("基本情况", "B7", WORKFLOWS["wuhao"].title)))
    found = ProgrammeDraft.objects.get()
    officer.post(url("propose_programme", found.pk), {"seen": found.version})
    leader.post(url("confirm_programme", found.pk))
    found.refresh_from_db()
    return found.published


def filled(world, county, cycle, marks):
    """Start a county's application by its page and fill it in."""
    officer = signed_in(county[0])
    officer.post(url("start_own", cycle.pk, county[0].organisation_id))
    case = Declaration.objects.get(cycle=cycle, applicant=county[0].organisation)
    answers = {"name": county[0].organisation.name, "place": "true", "staff": "2", "calls": "25"}
    drafting.save_answers(case=case, answers=answers, actor=county[0], now=world.tick())
    entries = {code: Entered(points=points, words="见佐证。") for code, points in marks.items()}
    drafting.save_self_marks(case=case, entries=entries, actor=county[0], now=world.tick())
    return stages.fresh(case)


def test_a_third_programme_goes_from_its_workbook_to_the_citys_list_by_its_pages(world, city):
    officer, leader = map(signed_in, city)
    county = world.staff[make_federation(worlds.COUNTY).pk]
    version = own_standard(city)
    officer.post(url("open_campaign"), OPENED | {"programme": version.pk}, follow=True)
    leader.post(url("pending", Pending.objects.get().pk))
    cycle = Cycle.objects.get(decider=city[0].organisation)
    case = filled(world, county, cycle, MARKS)
    signed_in(county[1]).post(url("step", case.pk, "submit"))
    told = text(officer.get(url("review", case.pk)))
    entries = {code: Entered(points=points) for code, points in MARKS.items()}
    review.save_tier_marks(case=stages.fresh(case), entries=entries, actor=city[0], now=world.tick())
    decided = leader.post(url("step", case.pk, "decide_by_score"), follow=True)
    ranking = text(leader.get(url("campaign_best", cycle.pk)))
    world.clock.at = cycle.submission_closes
    leader.post(url("issue_circular", cycle.pk), {"number": "漯联〔2020〕30号", "dated_on": "2020-09-30"})
    circular = signed_in(county[0]).get(url("own_paper", cycle.pk, "circular")).context["paper"]
    stages_of = officer.get(url("campaign", cycle.pk)).context["stages"]

    assert (version.owner, cycle.programme, cycle.workflow) == (city[0].organisation, version, "wuhao")
    assert "自定稿，非官方" in told
    assert "否决项" not in told
    assert said(decided)[-1] == f"{case.applicant_name}：已办理“确认”。"
    assert "49/60" in ranking
    assert (circular.title, circular.letterhead.number) == ("关于确认市级示范服务站的通报", "漯联〔2020〕30号")
    assert Recognition.objects.get(cycle=cycle).number == f"{worlds.CITY}-2020-01-0001"
    assert stages_of == ["督查问题", "申请"]


def test_a_standard_in_use_is_shown_as_frozen(world):
    told = text(signed_in(world.seats["department"]).get(url("programme_version", world.cycle.programme.pk)))

    assert "1个周期、1件申报按本版办理，已经固定；修改须复制并发布新版，用于以后的周期。" in told
