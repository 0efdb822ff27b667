"""附件4 as the chamber meets it: numbered from the file, each answer with its use, the deadline on every page."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from declarations.actions import draft, review
from declarations.demo import stages
from declarations.queries.facts import dossier_of
from declarations.states import ReturnReason, State
from sihao.accounts.refusals import Refused
from tests import worlds
from tests.kept import Ground, building, kept

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")):
        world = worlds.make_world()
        yield Ground(world, worlds.make_draft(world))


@pytest.fixture
def world(ground, monkeypatch):
    world = ground.afresh()
    monkeypatch.setattr("sihao.clock.now", lambda: world.clock.at)
    return world


@pytest.fixture
def case(ground, world):
    return stages.fresh(ground.case)


@pytest.fixture
def browser(client, case):
    client.force_login(worlds.president_of(case.applicant).user)
    return client


@pytest.fixture(scope="module")
def form(ground, django_db_blocker):
    """The form as it is found, drawn once for all who read it."""
    with kept(django_db_blocker):
        client = Client()
        client.force_login(worlds.president_of(ground.case.applicant).user)
        return client.get(address("form", ground.case)).content.decode()


def address(name, case):
    return reverse(f"declarations:{name}", args=[case.pk])


def drawn(browser, case, name="form"):
    return browser.get(address(name, case)).content.decode()


def test_headings_and_fields_are_numbered_as_in_the_file(case, form):
    programme = dossier_of(case).programme

    heads = re.findall(r'<h2 id="group-\d+-title">([^<]+)</h2>', form)
    numbers = re.findall(r'<span class="field-number">([^<]+)</span>', form)

    assert (heads[0], heads[10]) == ("一、基本情况", "十一、真实性承诺")
    assert numbers == list(programme.numbers.values())
    assert (numbers[0], numbers[-1], programme.numbers["visited_2020"]) == ("一（1）", "十一（1）", "五（14）")


def test_each_answer_says_what_it_is_for(form):
    told = dict(re.findall(r'data-field="(\w+)".*?(?:<p class="field-uses">(.*?)</p>|(?=data-field))', form, re.DOTALL))
    plain = {name: re.sub(r"<[^>]+>", "", text) for name, text in told.items()}
    assert plain["visited_2020"] == "用于B2.7 每年实地走访20%以上的会员企业〔二（二）2〕"
    assert plain["uscc"] == "用于D1.1 依法依规登记〔二（四）1〕；附件3 推荐名单汇总表"
    assert '<span class="clause">依据：六</span>' in form


def test_the_commitment_stands_whole_with_room_to_sign(case, form):
    spec = dossier_of(case).programme.field("commitment")

    part = form[form.index('id="group-10"') :]
    assert re.findall(r'<div class="field-preamble">(.*?)</div>', part) == [
        "".join(f"<p>{line}</p>" for line in spec.text.splitlines())
    ]
    assert "取消认定资格" in spec.text
    assert all(f"<span>{line}：</span>" in part for line in spec.signatures)
    assert "年　　月　　日" in part


def test_saving_leads_to_the_first_fault_unless_another_page_was_asked_for(browser, case):
    faulty = {"staff_total": "五", "members_2020": "很多", "legal_rep": "李某"}

    stay = browser.post(address("form", case), faulty | {"_then": "group-7"})
    leave = browser.post(address("form", case), faulty | {"_then": "self_assessment"})
    right = browser.post(address("form", case), {"legal_rep": "王某", "_then": "group-7"})
    mark = browser.post(address("self_assessment", case), {"points-A1.2": "99", "points-A1.1": "8"})

    assert [response.url.removeprefix(f"/work/cases/{case.pk}") for response in (stay, leave, right, mark)] == [
        "/form/#field-members_2020",
        "/self-assessment/",
        "/form/#group-7",
        "/self-assessment/#mark-A1.2",
    ]


@pytest.mark.parametrize("name", ["form", "self_assessment", "evidence", "check"])
def test_every_page_of_the_draft_says_until_when_and_how_long(browser, case, world, name):
    world.clock.at = case.cycle.submission_closes - 2 * SECOND
    last = re.sub(r"<[^>]+>", "", drawn(browser, case, name))
    world.clock.at = case.cycle.submission_closes
    over = re.sub(r"<[^>]+>", "", drawn(browser, case, name))

    assert "今天到期，不足1分钟·10月12日24:00" in last
    assert "已逾期1天·10月12日24:00" in over
    assert not re.search(r"10月13日0?0:00", last + over)


@pytest.mark.parametrize(("early", "after"), [(SECOND, State.LOCAL_REVIEW), (SECOND * 0, State.RETURNED)])
def test_what_was_returned_is_handed_in_again_until_the_last_second_of_the_province(world, case, early, after):
    president = worlds.president_of(case.applicant)
    draft.submit(case=case, actor=president, now=world.tick())
    case = stages.fresh(case)
    mend = [review.Mend(item="members_2020", label="会员数", reason=ReturnReason.ILLOGICAL, text="不一致。")]
    review.return_for_correction(case=case, items=mend, actor=world.officer(case.holder), now=world.tick())
    act = {"case": stages.fresh(case), "actor": president}
    draft.answer_return(answers={"members_2020": "已核对。"}, now=world.tick(), **act)

    refused = ""
    try:
        draft.resubmit(now=case.cycle.province_closes - early, **act)
    except Refused as problem:
        refused = str(problem)

    assert stages.fresh(case).state == after
    assert ("申报已于2020年10月15日24:00截止，不能再提交。" in refused) == (after == State.RETURNED)
