"""One declaration from draft to certificate in a real browser, for each kind of home, and each way it can fail."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Site, Visitor, manage, move_clock, served_copy

pytestmark = pytest.mark.e2e

CASES = {"county": 1, "city": 2, "province": 3, "direct": 4}
PRESIDENTS = {
    "county": "president",
    "city": "chamber-city",
    "province": "chamber-province",
    "direct": "chamber-direct",
}
TIERS = {"county": ["county", "city"], "city": ["city"], "province": [], "direct": []}
UNITS = {"county": ("province", "province-leader"), "direct": ("department", "head")}
EXPERTS = ("expert", "expert-2")
OPINION = "经逐项核对，材料齐全、数据真实，同意推荐。"


class Walk:
    """The people of one cycle at their browsers, and what each of them does."""

    def __init__(self, site: Site, visit: Callable[[Site, str], Visitor]) -> None:
        self.site, self._visit = site, visit
        self._people: dict[str, Visitor] = {}

    def person(self, username: str) -> Visitor:
        if username not in self._people:
            self._people[username] = self._visit(self.site, username)
        return self._people[username]

    def step(self, username: str, case: int, name: str, label: str) -> Visitor:
        person = self.person(username)
        person.go(f"/work/cases/{case}/step/{name}/")
        person.press(label)
        return person

    def submit(self, kind: str) -> None:
        person = self.step(PRESIDENTS[kind], CASES[kind], "submit", "提交申报")
        assert person.sees("已办理“提交申报”")

    def review(self, username: str, case: int) -> None:
        person = self.person(username)
        person.go(f"/work/cases/{case}/review/")
        person.press(re.compile("^其余指标同意下一级评分"))
        person.go(f"/work/cases/{case}/opinion/")
        person.page.fill("[name=text]", OPINION)
        person.page.check("[name=authentic]")
        person.press("保存审核意见")

    def to_unit(self, kind: str) -> None:
        for tier in TIERS[kind]:
            self.review(tier, CASES[kind])
            self.step(tier, CASES[kind], "forward", "报上级审核")

    def recommend(self, kind: str) -> None:
        officer, leader = UNITS.get(kind, UNITS["county"])
        self.review(officer, CASES[kind])
        person = self.step(leader, CASES[kind], "shortlist", "列入拟推荐")
        assert person.sees("已办理“列入拟推荐”")

    def send_up(self, kind: str) -> None:
        officer, leader = (self.person(name) for name in UNITS[kind])
        officer.go("/work/board/")
        officer.press("固定名单")
        officer.go("/work/board/")
        officer.press("登记集体研究情况")
        officer.page.fill("[name=on]", "2020-10-09")
        officer.page.fill("[name=name]", "主席会议（示例）")
        officer.page.fill("[name=present]", "示例主席、示例副主席")
        officer.page.fill("[name=recused]", "无")
        officer.page.fill("[name=minutes]", "一致同意按名单推荐。")
        officer.press("登记")
        leader.go("/work/board/")
        leader.press("推荐上报")
        leader.press("推荐上报")
        assert leader.sees("已上报")

    def accept(self) -> None:
        person = self.person("department")
        while True:
            person.go("/work/")
            ready = person.page.get_by_role("link", name=re.compile("^接收：")).first
            if not ready.count():
                return
            ready.click()
            person.press("接收名单")

    def preliminary(self, kind: str) -> None:
        person = self.person("department")
        person.go(f"/work/cases/{CASES[kind]}/preliminary/")
        for question in ("complete", "logical", "true"):
            person.page.check(f"[name={question}][value=yes]")
        person.press("保存初审结论")
        self.step("department", CASES[kind], "pass_preliminary", "通过初审")

    def assign(self, kind: str) -> None:
        person = self.person("department")
        person.go(f"/work/cases/{CASES[kind]}/experts/")
        for name in ("示例专家甲", "示例专家乙"):
            person.page.get_by_role("row").filter(has_text=name).get_by_role("checkbox").check()
        person.press("分派所选专家")

    def score(self, kind: str) -> None:
        for expert in EXPERTS:
            person = self.person(expert)
            person.go(f"/work/cases/{CASES[kind]}/sheet/")
            person.press(re.compile("^未评各项按省级得分"))
            person.press("确认评分")

    def sign(self, kind: str) -> None:
        person = self.person("group-head")
        person.go(f"/work/cases/{CASES[kind]}/agreed/")
        for mark in person.page.locator("input[name^='points-']").all():
            mark.fill(re.search(r"满分([\d.]+)", mark.get_attribute("aria-label")).group(1))
        person.press("保存商定得分")
        person.press("签署复审结论")
        person.press("列为拟认定")

    def decide(self) -> None:
        head, secretary = self.person("head"), self.person("secretary")
        head.go("/work/agendas/freeze/")
        head.press("固定名单并提请审议")
        self.until_done(head)
        secretary.go("/work/")
        secretary.press(re.compile("^登记审议结果"))
        secretary.page.fill("[name=meeting_on]", "2020-10-09")
        secretary.page.fill("[name=present]", "示例主席、示例副主席")
        secretary.page.fill("[name=minutes]", "会议审议通过。")
        secretary.press("全部审议通过")
        secretary.press("登记审议结果")
        self.until_done(secretary)

    def publish(self) -> None:
        officer, head = self.person("department"), self.person("head")
        officer.go("/work/publication/")
        officer.press("提请公布名单")
        head.go("/work/publication/")
        head.press("查看并办理")
        head.press("确认办理")
        head.go("/jobs/")
        head.page.get_by_role("link", name=re.compile("公布认定名单")).first.click()
        self.until_done(head)

    @staticmethod
    def until_done(person: Visitor) -> None:
        expect(person.page.get_by_text("已完成").first).to_be_visible(timeout=60_000)

    def faults(self) -> list[str]:
        return [fault for person in self._people.values() for fault in person.faults]


@pytest.fixture
def walk(site, visit) -> Callable[..., Walk]:
    def begin(prepare: Callable[[Path], None] | None = None) -> Walk:
        return Walk(site(prepare), visit)

    return begin


def test_four_chambers_go_from_draft_to_certificate(walk):
    people = walk()
    for kind in CASES:
        people.submit(kind)
        people.to_unit(kind)
        people.recommend(kind)
    for kind in UNITS:
        people.send_up(kind)
    people.accept()
    for kind in CASES:
        people.preliminary(kind)
        people.assign(kind)
        people.score(kind)
        people.sign(kind)
    people.decide()
    people.publish()

    anybody = people.person("")
    anybody.go("/recognised/")
    rows = anybody.page.get_by_role("row").filter(has_text="SH2020-")
    assert rows.count() == len(CASES)
    anybody.go("/certificate/")
    anybody.page.fill("[name=number]", "sh2020-0001")
    anybody.press("查验")
    assert anybody.sees("有效")
    assert people.faults() == []


# ---- the ways it can fail


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
def everyday(demo_folder, tmp_path_factory) -> Iterator[Site]:
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


def test_a_full_quota_refuses_and_offers_the_reserve(walk):
    people = walk(lambda folder: manage(folder, "shell", "-c", FULL))
    people.submit("province")
    people.review("province", CASES["province"])

    person = people.person("province-leader")
    person.go(f"/work/cases/{CASES['province']}/step/shortlist/")
    refused = person.page.locator("main").inner_text()
    people.step("province-leader", CASES["province"], "reserve", "列为备选")

    assert "推荐名额已满（0/0），可列为备选。" in refused
    assert person.sees("已办理“列为备选”")
    assert people.faults() == []


FULL = (
    "from declarations.models import Quota; from sihao.accounts.models import Organisation; "
    "Quota.objects.filter(organisation__code='410000').update(places=0)"
)


def test_after_the_deadline_nothing_is_submitted(walk):
    people = walk(lambda folder: move_clock(folder, 4 * 24 * 3600))

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
