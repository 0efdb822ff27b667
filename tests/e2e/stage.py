"""A world with all its cases at one stage, carried on by whoever has them, as its own data say who that is."""

from tests.e2e import walk
from tests.e2e.nation import Nation

OFFICES = {
    "100000": ("department", "head"),
    "410000": ("province", "province-leader"),
    "411100": ("city", "city"),
    "411122": ("county", "county"),
}
STATES = """
select d.id, holder.code, unit.code from declarations_declaration d
join declarations_cycle c on c.id = d.cycle_id join accounts_organisation unit on unit.id = d.unit_id
left join accounts_organisation holder on holder.id = d.holder_id
where c.workflow = 'sihao' and d.state = ? order by d.id
"""
PRESIDENT = """
select u.username from accounts_seat s join accounts_user u on u.id = s.user_id
join declarations_declaration d on d.applicant_id = s.organisation_id
where d.id = ? and s.role = 'chamber_president'
"""
READERS = """
select count(*) from declarations_expertreview where declaration_id = ? and state not in ('declined', 'recused')
"""
OPEN_VISIT = "select id from declarations_visit where declaration_id = ? and state in ('drawn', 'assigned', 'visited')"
EXPERTS = ("expert", "expert-2", "expert-3")


def office(code: str) -> tuple[str, str]:
    """Return who prepares and who signs at a federation."""
    return OFFICES.get(code, (f"o{code}", f"l{code}"))


class Stage(Nation):
    """The people of a world whose cases all stand at one stage; each method goes on with what is there."""

    left: tuple[str, ...] = ()

    def at(self, state: str) -> list[tuple[int, str, str]]:
        """Return the cases of a state: key, code of the holder, code of the unit."""
        return self.read(STATES, state)

    def carry_on(self) -> None:
        """Carry every case on to the published list."""
        self.hand_in()
        self.go_up()
        self.examine()
        self.judge()
        for pk, *_ in self.at("objection_hold"):
            self.back_to_meeting(pk)
        if self.at("proposed"):
            self.decide()
        if self.at("approved"):
            self.announce()
        self.let_pass(8)
        self.forget()
        if self.at("notice"):
            self.publish()

    def forget(self) -> None:
        """Let everybody sign in anew: the days that passed ended their sessions."""
        self.left = tuple(self.faults())
        self._people.clear()

    def hand_in(self) -> None:
        """Submit the drafts."""
        for pk, *_ in self.at("draft"):
            assert self.step(self.read(PRESIDENT, pk)[0][0], pk, "submit", "提交申报").sees("已办理“提交申报”")

    def review(self, username: str, case: int) -> None:
        """Confirm what is not confirmed yet, and agree."""
        person = self.person(username)
        person.go(f"/work/cases/{case}/review/agree/")
        if person.page.get_by_role("button", name="确认勾选的指标", exact=True).count():
            self.tick(person, "main form input[type=checkbox]")
            person.press("确认勾选的指标")
        self.opine(username, case)

    def go_up(self) -> None:
        """Bring what lies with the tiers to the lists, and the lists to the department."""
        while waiting := self.at("local_review"):
            for pk, holder, unit in waiting:
                officer, leader = office(holder)
                self.review(officer, pk)
                if holder == unit:
                    self.shortlist(leader, pk)
                else:
                    self.step(officer, pk, "forward", "报上级审核")
        for unit in sorted({unit for _, _, unit in self.at("shortlisted")}):
            walk.UNITS[unit] = office(unit)
            walk.CHAIRS[unit] = self.read("select name from accounts_user where username = ?", office(unit)[1])[0][0]
            self.send_up(unit)
        if self.at("recommended"):
            self.accept()

    def examine(self) -> None:
        """Pass the preliminary review; open visits are waived, a proposal to disqualify is dropped."""
        for pk, *_ in self.at("preliminary_review"):
            for (visit,) in self.read(OPEN_VISIT, pk):
                head = self.person("head")
                head.go(f"/work/visits/{visit}/waive/")
                head.page.fill("[name=reason]", "因疫情防控无法成行，已视频核实。")
                head.press("免于走访")
            head = self.person("head")
            head.go(f"/work/cases/{pk}/")
            if head.page.get_by_role("link", name="撤销取消资格意见").count():
                self.drop_flag(pk)
            self.preliminary(pk)

    def judge(self) -> None:
        """Assign who is missing, read everything, agree and sign."""
        cases = [pk for pk, *_ in self.at("expert_review")]
        missing = [pk for pk in cases if self.read(READERS, pk)[0][0] < len(walk.EXPERTS)]
        if missing and self.read("select count(*) from declarations_panelmember")[0][0]:
            self.deal_out()
        else:
            for pk in missing:
                self.assign(pk)
        for expert in EXPERTS * 2 if cases else ():
            person = self.person(expert)
            person.go("/work/offers/")
            if person.page.locator("[name=pledge]").count():
                self.take(expert)
            self.read_all(expert)
        for pk in cases:
            self.agree(pk)
        if cases:
            self.sign_all(len(cases))
