"""The ways in which a declaration fails, in a real browser; test_to_publication.py walks to the certificate."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Site, Visitor, change, move_clock
from tests.e2e.walk import CASES, PRESIDENTS, Walk

pytestmark = pytest.mark.e2e


def self_marks(kind: str, marks: dict[str, str]) -> Callable[[Walk], Visitor]:
    """Return a function that writes marks into a chamber's self-assessment and tries to submit it."""

    def fill(people: Walk) -> Visitor:
        person = people.person(PRESIDENTS[kind])
        person.go(f"/work/cases/{CASES[kind]}/self-assessment/")
        for code, mark in marks.items():
            person.page.fill(f"[name='points-{code}']", mark)
        person.press("保存")
        expect(person.page.locator("[data-draft-status]")).to_contain_text("全部已保存")
        person.go(f"/work/cases/{CASES[kind]}/step/submit/")
        return person

    return fill


LOW_ROWS = (
    "A1.5 A2.5 A3.2 B1.4 B2.1 B2.2 C1.1 C1.4 C1.7 C1.8 C2.1 C2.2 C2.3 C2.4 C2.5 C2.6 C3.1 C3.2 C3.3 C3.4 "
    "D1.5 D2.4 D3.2 E1.1 E2.1 E2.2"
)
LOW = dict.fromkeys(LOW_ROWS.split(), "0")


@pytest.fixture(scope="module")
def everyday(served_copy, demo_folder, tmp_path_factory) -> Iterator[Site]:
    """One served world for the tests that meet in no chamber."""
    with served_copy(demo_folder, tmp_path_factory.mktemp("everyday") / "world") as one:
        yield one


@pytest.mark.parametrize(
    ("kind", "marks", "sentence"),
    [
        ("city", {"D1.1": "0"}, "否决项为0分的有1项（D1.1）"),
        ("province", {"A2.1": "6", "A3.8": "0", "B2.4": "4", "B2.7": "4", "B3.1": "0"}, "基础达标项不是满分的有5项"),
        ("direct", LOW, "分数线350分，差"),
    ],
    ids=["a veto at 0", "five baseline rows short", "total below 350"],
)
def test_a_self_assessment_that_fails_a_gate_cannot_be_submitted(everyday, visit, kind, marks, sentence):
    people = Walk(everyday, visit)

    person = self_marks(kind, marks)(people)

    assert person.sees("现在不能办理")
    assert person.sees(sentence)
    assert person.sees("依据：五（一）")
    assert person.page.get_by_role("button", name="提交申报").count() == 0
    assert people.faults() == []


NO_PLACES = """
UPDATE declarations_quota SET places = 0
WHERE organisation_id = (SELECT id FROM accounts_organisation WHERE code = '410000')
"""


def test_a_full_quota_refuses_and_offers_the_reserve(site, visit):
    people = Walk(site(lambda folder: change(folder, NO_PLACES)), visit)
    people.submit("province")
    people.review("province", CASES["province"])

    person = people.person("province-leader")
    person.go(f"/work/cases/{CASES['province']}/step/shortlist/")
    refused = person.page.locator("main").inner_text()
    people.step("province-leader", CASES["province"], "reserve", "列为备选")

    assert "推荐名额已满（0/0），可列为备选。" in refused
    assert person.sees("已办理“列为备选”")
    assert people.faults() == []


def test_after_the_deadline_nothing_is_submitted(site, visit):
    people = Walk(site(lambda folder: move_clock(folder, 4 * 24 * 3600)), visit)

    person = people.person("president")
    person.go(f"/work/cases/{CASES['county']}/step/submit/")

    assert person.sees("申报已于2020年10月12日24:00截止，不能再提交。")
    assert person.page.get_by_role("button", name="提交申报").count() == 0


def test_another_organisation_finds_nothing(everyday, visit):
    people = Walk(everyday, visit)
    people.submit("county")

    stranger = people.person("county-neighbour")
    for path in ("", "review/", "step/forward/", "return/", "evidence/1/"):
        answer = stranger.page.goto(f"{people.site.url}/work/cases/{CASES['county']}/{path}")
        assert answer.status == 404, path
    stranger.go("/work/cases/")

    assert not stranger.sees("临颍县食品工业商会")
    assert people.faults() == []
