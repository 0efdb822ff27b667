"""A city's own programme in a real browser: from a county's work plan to what the province confirmed."""

import tomllib
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.e2e.conftest import ROOT, Visitor
from tests.e2e.walk import Walk

pytestmark = pytest.mark.e2e

ANSWERS = tomllib.loads((ROOT / "fixtures" / "demo" / "county.toml").read_text(encoding="utf-8"))["answers"]
OWN = {"chair_name": "示例主席", "secretary_name": "示例书记", "contact_name": "示例联系人"}
WORDS = "工作台账和会议记录可查（示例）。"
ZONE = "漯河经济技术开发区工商业联合会"


@pytest.fixture
def walk(site: Callable, visit: Callable) -> Walk:
    return Walk(site(None), visit)


def room(person: Visitor) -> Visitor:
    """Open the room of the development zone in the city's programme."""
    person.go("/work/campaigns/")
    person.page.get_by_role("link", name="漯河市2020年“五好”县级工商联建设").click()
    person.page.get_by_role("link", name=ZONE).first.click()
    person.page.wait_for_load_state()
    return person


def paper() -> dict[str, object]:
    """Return a small invented picture."""
    file = BytesIO()
    Image.new("RGB", (80, 60), "#f4f1e8").save(file, "PNG")
    return {"name": "示例材料.png", "mimeType": "image/png", "buffer": file.getvalue()}


def put_on_record(person: Visitor, matter: str, day: str) -> None:
    room(person).press("登记步骤记录")
    person.page.select_option("[name=matter]", matter)
    person.page.fill("[name=held_on]", day)
    person.page.fill("[name=text]", WORDS)
    person.page.set_input_files("[name=files]", [paper()])
    person.press("登记")
    assert person.sees(f"已登记：{matter}。")


def as_leader(person: Visitor, office: str) -> Visitor:
    """Act as the one who signs, where one person holds both seats."""
    person.page.locator("details.account > summary").click()
    person.page.select_option("#seat-switch", label=f"{office} · 分管领导")
    person.page.get_by_role("button", name="切换身份").click()
    person.page.wait_for_load_state()
    return person


def save(person: Visitor) -> None:
    """Save what was typed, and wait until it is."""
    person.page.get_by_role("button", name="保存").first.click()
    expect(person.page.locator("[data-draft-status]")).to_contain_text("全部已保存")


def answer(person: Visitor) -> None:
    """Fill in the form, field by field, and save it."""
    for name, value in (ANSWERS | OWN).items():
        if isinstance(value, list):
            for one in value:
                person.page.check(f'[name={name}][value="{one}"]')
        elif value in {"是", "否"}:
            person.page.check(f"[name={name}][value={'true' if value == '是' else 'false'}]")
        elif person.page.locator(f"select[name={name}]").count():
            person.page.select_option(f"[name={name}]", value)
        elif person.page.locator(f"[name={name}][type=radio]").count():
            person.page.check(f'[name={name}][value="{value}"]')
        else:
            person.page.fill(f"[name={name}]", value)
    save(person)


def check_oneself(person: Visitor) -> None:
    """Give each row what the answers support, else full marks, with a word on it."""
    for field in person.page.locator("input[name^=points-]").all():
        mark = field.get_attribute("data-proposed") or field.get_attribute("data-maximum") or ""
        code = (field.get_attribute("name") or "").removeprefix("points-")
        field.fill(mark)
        person.page.fill(f'[name="words-{code}"]', WORDS)
    save(person)


def score(city: Visitor, case: str, short: dict[str, str]) -> None:
    """Let the city mark each row as the federation did, but for those that fall short."""
    city.go(f"{case}review/")
    for field in city.page.locator("input[name^=points-]").all():
        code = (field.get_attribute("name") or "").removeprefix("points-")
        if code in short:
            field.fill(short[code])
            city.page.fill(f'[name="reason-{code}"]', "现场查看，台账不全（示例）。")
    save(city)


def test_a_county_goes_from_its_work_plan_to_the_certificate(walk):
    zone, city = walk.person("zone"), walk.person("city")
    put_on_record(zone, "工作方案上报市工商联", "2020-05-20")

    room(city).press("登记督查问题")
    city.page.select_option("[name=code]", "M1.2")
    city.page.fill("[name=text]", "执常委数据库未更新（示例）。")
    city.page.fill("[name=due_on]", "2020-10-20")
    city.press("登记问题")
    assert city.sees("督查问题已登记，已通知被督查单位。")

    room(zone).press("M1.2")
    zone.page.fill("[name=text]", "已更新（示例）。")
    zone.page.set_input_files("[name=files]", [paper()])
    zone.press("提交整改情况")
    assert zone.sees("待核查")
    put_on_record(zone, "自查报告", "2020-10-09")

    room(zone).press("开始申请")
    case = zone.page.url.removeprefix(zone.url).removesuffix("form/")
    answer(zone)
    zone.go(f"{case}self-assessment/")
    check_oneself(zone)
    as_leader(zone, ZONE)
    zone.go(f"{case}step/submit/")
    assert zone.sees("督查问题须整改到位、由督查单位销号后才能申请，尚有：M1.2")

    room(city).press("M1.2")
    city.page.check("[name=outcome][value=close]")
    city.press("提交核查意见")
    assert city.sees("已销号")
    zone.go(f"{case}step/submit/")
    zone.press("申请认定")
    assert zone.sees("已办理“申请认定”")

    city.go(f"{case}review/agree/")
    for box in city.page.locator("main form input[type=checkbox]").all():
        box.check()
    city.press("确认勾选的指标")
    score(city, case, {"L1.2": "1.5", "M1.3": "2.5", "S1.1": "1.5"})
    as_leader(city, "漯河市工商业联合会")
    city.go(f"{case}step/decide_by_score/")
    assert city.sees("总分89.5分，分数线90分，差0.5分")
    score(city, case, {"M1.3": "3"})
    city.go(f"{case}step/decide_by_score/")
    city.press("认定")
    assert city.sees("已办理“认定”")

    room(city)
    city.go(city.page.url.removeprefix(city.url).split("offices/")[0] + "best/")
    row = city.page.get_by_role("row").filter(has_text=ZONE)
    assert "90/100" in row.inner_text()
    number = case.strip("/").split("/")[-1]
    city.page.check(f"[name=go-{number}]")
    city.page.fill(f"[name=reason-{number}]", "整改扎实，基层商会建设有特色（示例）。")
    city.press("择优上报")
    assert city.sees("已择优上报1个单位。")

    province = walk.person("province-leader")
    province.go("/work/campaigns/sent-up/")
    province.press(ZONE)
    province.page.check("[name=outcome][value=confirm]")
    province.press("提交意见")
    assert province.sees("已确认")

    zone.go(f"{case}papers/certificate/")
    certificate = zone.page.locator("body").inner_text()
    assert "认定你单位为2020年市级“五好”县级工商联" in certificate
    assert "已择优上报河南省工商业联合会" in certificate
    assert walk.faults() == []
