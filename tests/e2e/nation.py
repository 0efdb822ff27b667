"""What the department, the experts and the public do with the cases once the lists are in."""

import re

from playwright.sync_api import expect

from tests.e2e.conftest import days_later
from tests.e2e.walk import FILL_IN, Walk

DIFFERS = "A2.1"
"""A baseline row: where two readers differ on it, a third is called."""
QUICKLY = """([row, reason, words]) => {
  const type = (name, value) => {
    const field = document.getElementsByName(name)[0];
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  type(`points-${row}`, "6");
  type(`reason-${row}`, reason);
  [...document.querySelectorAll("button")].find((one) => one.textContent.startsWith(words)).click();
  document.querySelector("dialog[open] .btn-primary").click();
}"""
"""Type a mark and its reason, press a button and agree, before anything can have been saved."""


class Nation(Walk):
    """The people of the national review."""

    def disqualify(self, case: int, row: str) -> None:
        """Propose it on one ground, let the province answer, and let a second person confirm."""
        officer, unit, head = self.person("department"), self.person("province-leader"), self.person("head")
        officer.go(f"/work/cases/{case}/disqualification/")
        officer.page.check("[name=talk-ground][value=untrue]")
        officer.page.fill("[name=talk-reason]", "活动次数与签到表不符，请核实。")
        officer.page.select_option("[name=form-0-item]", row)
        officer.page.fill("[name=form-0-text]", "签到表第2页只有一次活动。")
        officer.press("提出取消认定资格")
        head.go(f"/work/cases/{case}/step/disqualify/")
        assert head.sees("须先与省级工商联沟通：等待答复至")
        unit.go("/work/")
        assert not unit.sees("现在没有待办理的事项")
        unit.press(re.compile("^答复："))
        unit.page.fill("[name=text]", "经核实，只开展一次活动，情况属实。")
        unit.press("提交答复")
        officer.go(f"/work/cases/{case}/step/disqualify/")
        assert officer.page.get_by_role("button", name="取消认定资格").count() == 0
        self.step("head", case, "disqualify", "取消认定资格")
        assert head.sees("已办理“取消认定资格”")

    def drop_flag(self, case: int) -> None:
        """Find a proposed disqualification unfounded."""
        head = self.person("head")
        head.go(f"/work/cases/{case}/step/drop_flag/")
        head.page.fill("[name=reason]", "经核实系共同开展的活动，各自如实填写。")
        head.press("撤销取消资格意见")

    def deal_out(self) -> None:
        """Draw experts for every case that lacks some; the head lets it take effect."""
        officer, head = self.person("department"), self.person("head")
        officer.go("/work/experts/assignments/")
        officer.page.fill("[name=spread]", "3")
        officer.page.fill("[name=seed]", "2020-10-09")
        officer.press("拟定方案")
        self.until(officer, officer.page.get_by_text("由会员部负责人确认生效"))
        head.go("/work/")
        head.press(re.compile("^确认：第1次专家分派"))
        head.press("确认生效")
        self.until(head, head.page.get_by_text("已生效").first)

    def step_aside(self, expert: str, case: int, name: str) -> None:
        """Recuse oneself from an offer: whatever is asked for afterwards, the case is not there."""
        person = self.person(expert)
        person.go("/work/offers/")
        person.page.get_by_role("row").filter(has_text=name).get_by_role("link").click()
        person.page.check("[name=way][value=recuse]")
        person.page.fill("[name=reason]", "曾任该会顾问，离任不满两年。")
        person.press("提交")
        for path in ("", "sheet/", "papers/", "agreed/", "recusals/"):
            answer = person.page.goto(f"{person.url}/work/cases/{case}/{path}")
            assert answer.status == 404, path
        for path in ("/work/", "/work/cases/", "/work/offers/"):
            person.go(path)
            assert not person.sees(name), path

    def differ(self, expert: str, case: int) -> None:
        """Give a baseline row less than everybody else, with the reason, and confirm.

        The person is quick: the button that fills the other rows is pressed before the mark is saved.
        """
        person = self.person(expert)
        person.go(f"/work/cases/{case}/sheet/")
        expect(person.page.locator("[data-draft-status]")).to_contain_text("填写后自动保存")
        person.page.evaluate(QUICKLY, [DIFFERS, "只看到一次活动的记录。", "未评各项按省级得分"])
        expect(person.page.get_by_role("button", name=FILL_IN)).to_have_count(0)
        assert person.page.locator(f"[name='points-{DIFFERS}']").input_value() == "6"
        person.press("确认评分")

    def read_all(self, expert: str) -> int:
        """Read what waits at the desk, one case after the other."""
        person = self.person(expert)
        for number in range(20):
            person.go("/work/")
            waiting = person.page.get_by_role("link", name=re.compile("^评分"))
            if not waiting.count():
                return number
            waiting.first.click()
            self.fill(person)
        raise AssertionError("the desk never empties")

    def agree(self, case: int) -> None:
        """Take what all readers gave alike; where one differs the group agrees with the others."""
        person = self.person("group-head")
        person.go(f"/work/cases/{case}/agreed/")
        person.press("登记各专家评分一致的项目")
        agreed = person.page.locator(f"[name='points-{DIFFERS}']")
        if not agreed.input_value():
            agreed.fill("10")
            person.press("保存商定得分")

    def sign_all(self, number: int) -> None:
        """Sign the verdicts of everything that is agreed, in one run."""
        person = self.person("group-head")
        person.go("/work/verdicts/")
        person.press(f"运行评分并签署{number}件")
        self.until_done(person)

    def announce(self) -> None:
        """Open the public notice, by two persons."""
        officer = self.person("department")
        officer.go("/work/publication/")
        officer.press("提请公示")
        self.confirm_job(self.person("head"), "发布公示")

    def object_to(self, name: str) -> str:
        """Object to a name as anybody may, by name; return the number of the receipt."""
        person = self.person("")
        person.go("/announcement/")
        person.page.get_by_role("row").filter(has_text=name).get_by_role("link").click()
        person.page.check("[name=way][value=named]")
        person.page.fill("[name=name]", "示例异议人")
        person.page.fill("[name=contact]", "yiyi@example.org")
        person.page.fill("[name=facts]", "该会申报的活动不是商会组织的。")
        person.press("提交")
        return person.page.locator(".answer-word").inner_text()

    def admit(self, name: str) -> str:
        """Let a named officer admit an objection; return the address of its page."""
        person = self.person("department-2")
        person.go("/work/")
        person.press(re.compile(f"^办理：对{re.escape(name)}的异议"))
        person.page.get_by_label("核查事项").fill("核实活动是否由商会组织。")
        officers = person.page.get_by_label("核查人")
        officers.select_option(officers.locator("option").filter(has_text="示例会员部经办人丙").get_attribute("value"))
        person.press("受理")
        return person.page.url.removeprefix(person.url)

    def report(self, page: str) -> None:
        """Let the recommending unit report."""
        person = self.person("province-leader")
        person.go(page)
        person.page.get_by_label("核查情况").fill("经查阅签到表和会议记录，核查如上。")
        person.press("报告核查情况")

    def settle(self, page: str, outcome: str) -> None:
        """Look into it, propose the outcome, and let the head confirm."""
        officer, head = self.person("department-3"), self.person("head")
        officer.go(page)
        officer.page.get_by_label("核查情况").fill("已核对报告和原始材料。")
        officer.press("登记核查情况")
        officer.page.get_by_label(outcome, exact=True).check()
        officer.page.get_by_label("给异议人的答复").fill("经核查，答复如上。")
        officer.press("提出结论")
        head.go("/work/")
        head.press(re.compile(f"^确认：{outcome}"))
        head.press("确认办理")

    def back_to_meeting(self, case: int) -> None:
        """Send a case that was rightly objected to back to the meeting."""
        head = self.person("head")
        head.go(f"/work/cases/{case}/step/to_meeting_again/")
        head.page.fill("[name=reason]", "异议成立，提请重新审议。")
        head.press("提请重新审议")
        assert head.sees("已办理“提请重新审议”")

    def answer_to(self, receipt: str) -> str:
        """Look an objection up as the objector does."""
        person = self.person("")
        person.go("/announcement/check/")
        person.page.fill("[name=receipt]", receipt)
        person.press("查询")
        return person.page.locator(".answer-word").inner_text()

    def let_pass(self, days: int) -> None:
        """Let days pass."""
        days_later(self.site, days)

    def revoke(self, number: str, president: str) -> None:
        """Open an inquiry into a title, hear the chamber, let the meeting decide, and publish the revocation."""
        officer, chamber, head = self.person("department"), self.person(president), self.person("head")
        officer.go("/work/publication/")
        officer.press("证书和效力")
        officer.press(number)
        page = officer.page.url.removeprefix(officer.url)
        officer.page.get_by_label("注销或者被吊销登记证书").check()
        officer.page.fill("[name=facts]", "登记管理机关公告注销登记。")
        officer.press("立项核查")
        chamber.go("/work/")
        chamber.press(re.compile("^陈述意见"))
        chamber.page.fill("[name=text]", "情况属实，没有异议。")
        chamber.press("提交陈述")
        officer.go(page)
        officer.page.get_by_label("撤销认定的建议和依据").fill("商会已注销，建议撤销认定。")
        officer.press("提请主席办公会议审议")
        secretary = self.person("secretary")
        secretary.go("/work/")
        secretary.press(re.compile("^登记审议结果"))
        secretary.page.fill("[name=on]", "2020-10-17")
        secretary.page.fill("[name=present]", "示例主席、示例副主席")
        secretary.page.fill("[name=minutes]", "会议决定撤销认定。")
        secretary.page.check("[name=outcome][value=revoke]")
        secretary.press("登记审议结果")
        officer.go(page)
        officer.press("公布撤销认定")
        head.go("/work/")
        head.press(re.compile("^确认：.*撤销"))
        head.press("确认办理")

    def validity(self, number: str) -> str:
        """Return what the certificate check says of a number."""
        person = self.person("")
        person.go("/certificate/")
        person.page.fill("[name=number]", number)
        person.press("查验")
        return person.page.locator(".answer-word").inner_text()

    def published(self) -> dict[str, str]:
        """Return the public list: number by name of chamber."""
        person = self.person("")
        person.go("/recognised/")
        rows = person.page.get_by_role("row").filter(has_text="SH2020-")
        expect(rows.first).to_be_visible()
        cells = [one.inner_text().split("\t") for one in rows.all()]
        return {cell[1].strip(): cell[0].strip() for cell in cells}

