"""The people of one cycle at their browsers, and what each of them does; the files of e2e tests let them walk."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing

from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Site, Visitor

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
CHAIRS = {"county": "示例省级分管领导", "direct": "示例会员部负责人"}
LEADING_BODY = (("示例主席", "主席", "chair"), ("示例副主席", "副主席", "member"), ("示例会员部", "部长", "recorder"))
FILL_IN = re.compile("^未评各项按省级得分")
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
        """Confirm every row as the layer below marked it, and agree."""
        person = self.person(username)
        person.go(f"/work/cases/{case}/review/agree/")
        self.tick(person, "main form input[type=checkbox]")
        person.press("确认勾选的指标")
        self.opine(username, case)

    @staticmethod
    def tick(person: Visitor, boxes: str) -> None:
        """Tick every box there is, as quickly as the page takes it."""
        person.page.eval_on_selector_all(boxes, "all => all.forEach((one) => one.checked || one.click())")

    def opine(self, username: str, case: int) -> None:
        """Write the tier's opinion."""
        person = self.person(username)
        person.go(f"/work/cases/{case}/opinion/")
        person.page.check("[name=opinion_stance][value=agree]")
        person.page.fill("[name=opinion_text]", OPINION)
        person.page.check("[name=opinion_authentic]")
        person.press("保存")
        expect(person.page.locator("[data-draft-status]")).to_contain_text("全部已保存")

    def to_unit(self, kind: str) -> None:
        self.forward(CASES[kind], TIERS[kind])

    def forward(self, case: int, tiers: list[str]) -> None:
        for tier in tiers:
            self.review(tier, case)
            self.step(tier, case, "forward", "报上级审核")

    def recommend(self, kind: str) -> None:
        officer, leader = UNITS.get(kind, UNITS["county"])
        self.review(officer, CASES[kind])
        self.shortlist(leader, CASES[kind])

    def shortlist(self, leader: str, case: int) -> None:
        person = self.step(leader, case, "shortlist", "列入拟推荐")
        assert person.sees("已办理“列入拟推荐”")

    def freeze(self, kind: str) -> Visitor:
        """Fix the list as it stands."""
        officer = self.person(UNITS[kind][0])
        officer.go("/work/board/")
        ordering = officer.page.get_by_role("button", name="按得分由高到低排列")
        if ordering.count():
            officer.press("按得分由高到低排列")
        officer.press("固定名单")
        return officer

    def convene(self, kind: str) -> Visitor:
        """Write down the meeting and its people: the leader presides and can sign, the officer keeps the record."""
        officer = self.freeze(kind)
        officer.go("/work/board/")
        officer.press("登记会议和参会人员")
        officer.page.fill("[name=name]", "主席会议（示例）")
        officer.page.fill("[name=held_on]", "2020-10-09")
        for place, (name, post, duty) in enumerate(LEADING_BODY):
            if place:
                officer.page.get_by_role("button", name="增加一行").click()
            officer.page.fill(f"[name=people-{place}-name]", name)
            officer.page.fill(f"[name=people-{place}-post]", post)
            officer.page.select_option(f"[name=people-{place}-duty]", duty)
        officer.page.select_option("[name=people-0-user]", label=CHAIRS[kind])
        officer.press("保存，登记研究结果")
        return officer

    def decide_list(self, kind: str) -> None:
        """Let the meeting agree as one, and the chair sign the minutes."""
        officer = self.convene(kind)
        officer.page.check("[name=way][value=consensus]")
        officer.press("登记研究结果")
        leader = self.person(UNITS[kind][1])
        leader.go("/work/board/")
        leader.press("固定名单和办理情况")
        leader.press("签署会议纪要")

    def print_papers(self, kind: str) -> bytes:
        """Write the report and let the papers be printed; return the report."""
        officer = self.person(UNITS[kind][0])
        officer.go("/work/board/")
        officer.press("固定名单和办理情况")
        officer.press(re.compile("^(起草|修改)报告正文$"))
        officer.press("保存报告")
        officer.press(re.compile("^(生成盖章材料|重新生成)$"))
        return self.printed(officer, "report")

    def printed(self, officer: Visitor, paper: str) -> bytes:
        """Return a paper as soon as it is printed."""
        link = officer.page.locator(f"#paper-{paper} a[href$='.pdf']").filter(has_text="打印件")
        self.until(officer, link)
        return officer.page.request.get(officer.url + link.get_attribute("href")).body()

    def seal(self, kind: str) -> None:
        """Bring the scans of the two papers that need a seal, and hand them in."""
        officer = self.person(UNITS[kind][0])
        for paper in ("report", "summary"):
            self.scan(officer, paper, self.printed(officer, paper))
            self.until(officer, officer.page.locator(f"#paper-{paper} .badge-success").first)
        officer.press("盖章材料齐备，提交上报")

    @staticmethod
    def scan(officer: Visitor, paper: str, content: bytes) -> None:
        """Bring a scan of one paper."""
        file = {"name": f"{paper}.pdf", "mimeType": "application/pdf", "buffer": content}
        card = officer.page.locator(f"#paper-{paper}")
        card.locator("input[type=file]").set_input_files(file)
        card.get_by_role("button", name="上传扫描件").click()
        officer.page.wait_for_load_state()

    def until(self, person: Visitor, sight: Locator) -> None:
        """Look again until a job has done its part."""
        for _ in range(60):
            if sight.count():
                return
            self.look_again(person)
        expect(sight).to_be_visible()

    def until_gone(self, person: Visitor, sight: Locator) -> None:
        """Look again until a job has taken something away."""
        for _ in range(60):
            if not sight.count():
                return
            self.look_again(person)
        expect(sight).to_have_count(0)

    def look_again(self, person: Visitor) -> None:
        """Load the page anew once no job is under way: the page costs more than the look into the tables."""
        for _ in range(120):
            person.page.wait_for_timeout(500)
            if not self.read("select 1 from jobs_job where state in ('queued', 'running')"):
                break
        person.look_again()

    def read(self, words: str, *values: object) -> list[tuple]:
        """Ask the world's file, which nobody else writes to by hand."""
        with closing(sqlite3.connect(f"file:{self.site.folder}/sihao.sqlite3?mode=ro", uri=True)) as file:
            return file.execute(words, values).fetchall()

    def send_up(self, kind: str) -> Visitor:
        """Decide, seal and send up the list."""
        self.decide_list(kind)
        self.print_papers(kind)
        self.seal(kind)
        leader = self.person(UNITS[kind][1])
        leader.go("/work/board/")
        leader.press("推荐上报")
        leader.press("推荐上报")
        return leader

    def accept(self) -> None:
        person = self.person("department")
        while True:
            person.go("/work/")
            ready = person.page.get_by_role("link", name=re.compile("^接收：")).first
            if not ready.count():
                return self.until_gone(person, person.page.locator("main").get_by_text("已推荐上报"))
            ready.click()
            expect(person.page.get_by_role("button", name="接收名单")).to_be_visible(timeout=60_000)
            person.press("接收名单")
            expect(person.page.get_by_text("办理进度")).to_have_count(0, timeout=60_000)

    def preliminary(self, case: int) -> None:
        person = self.person("department")
        person.go(f"/work/cases/{case}/preliminary/")
        self.tick(person, "input[name^=noted-]")
        for question in ("complete", "logical", "true"):
            person.page.check(f"[name={question}][value=yes]")
        person.press("保存初审结论")
        self.step("department", case, "pass_preliminary", "通过初审")

    def assign(self, case: int) -> None:
        person = self.person("department")
        person.go(f"/work/cases/{case}/experts/")
        for name in ("示例专家甲", "示例专家乙"):
            person.page.get_by_role("row").filter(has_text=name).get_by_role("checkbox").check()
        person.press("分派所选专家")

    def take(self, expert: str) -> Visitor:
        """Pledge, and take everything that is offered."""
        person = self.person(expert)
        person.go("/work/offers/")
        person.page.check("[name=pledge]")
        person.press("接受所选各件")
        return person

    @staticmethod
    def fill(person: Visitor) -> None:
        """Give the rows that are blank the province's marks, and confirm."""
        person.press(FILL_IN)
        expect(person.page.get_by_role("button", name=FILL_IN)).to_have_count(0)
        person.press("确认评分")

    def sign(self, case: int) -> None:
        person = self.person("group-head")
        person.go(f"/work/cases/{case}/agreed/")
        person.press("登记各专家评分一致的项目")
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
        self.confirm_job(head, "公布认定名单")

    def confirm_job(self, head: Visitor, job: str) -> None:
        """Confirm what waits on the page of publication, and see the job done."""
        head.go("/work/publication/")
        head.press("查看并办理")
        head.press("确认办理")
        head.go("/jobs/")
        head.page.get_by_role("link", name=re.compile(job)).first.click()
        self.until_done(head)

    @staticmethod
    def until_done(person: Visitor) -> None:
        expect(person.page.get_by_text("已完成").first).to_be_visible(timeout=60_000)

    def faults(self) -> list[str]:
        return [fault for person in self._people.values() for fault in person.faults]
