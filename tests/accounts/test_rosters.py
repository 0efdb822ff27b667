"""A roster by spreadsheet: read, shown, written whole or not at all, and never twice."""

import re
from datetime import date
from io import BytesIO

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sihao.accounts import actions
from sihao.accounts.actions import rosters
from sihao.accounts.models import Organisation, RosterImport, Seat, User
from sihao.accounts.queries import rosters as plans
from sihao.accounts.refusals import Refused
from sihao.accounts.roles import Role
from sihao.audit.models import Entry
from sihao.jobs.models import Job
from tests.accounts.sheets import filled, template
from tests.accounts.test_seat_pages import text
from tests.factories import NOW, make_chamber, make_federation, make_seat, make_user

pytestmark = pytest.mark.django_db

PLACE = "/account/rosters/"
CODE = "91110000600037341L"
CHAMBER = {"name": "食品商会", "uscc": CODE, "type": "行业商会", "level": "县级", "home": "411122"}
PRESIDENT = {
    "body": "食品商会",
    "person": "张三",
    "username": "zhang",
    "mobile": "13812345678",
    "role": "会长",
}


@pytest.fixture
def leader(henan):
    return make_seat(Role.LEADER, henan["411122"], make_user("leader", name="王五"))


@pytest.fixture
def office(browser, leader):
    return browser(leader)


def brought(office, leader, **rows) -> str:
    """Upload a roster and return the address of its preview."""
    answer = office.post(PLACE, {"file": filled(leader.organisation, **rows)})
    assert answer.status_code == 302, text(answer)
    return answer.url


def confirmed(office, place: str):
    """Confirm what the preview shows."""
    seen = re.search(r'name="seen" value="(\w+)"', office.get(place).content.decode())
    return office.post(place, {"seen": seen[1] if seen else ""}, follow=True)


def written() -> tuple[int, int, int]:
    return Organisation.objects.filter(kind="chamber").count(), User.objects.count(), Seat.objects.count()


# ---- the way of a good roster


def test_template_names_columns_and_federations(office, henan):
    answer = office.get(f"{PLACE}template.xlsx")
    book = openpyxl.load_workbook(BytesIO(b"".join(answer)))

    assert book.sheetnames == ["商会", "人员", "填写说明", "工商联名录"]
    assert [cell.value for cell in book["商会"][3]] == [
        "商会名称＊",
        "统一社会信用代码",
        "商会类型",
        "层级",
        "所在地工商联＊",
    ]
    assert [cell.value for cell in book["人员"][3]] == [
        "单位名称＊",
        "单位代码",
        "姓名＊",
        "登录名",
        "手机",
        "电子邮箱",
        "角色＊",
    ]
    named = [row[0].value for row in book["工商联名录"].iter_rows(min_row=4)]
    assert named == ["411122工商业联合会"]


def test_preview_says_what_will_be_done_and_writes_nothing(office, leader):
    before = written()

    place = brought(office, leader, chambers=[CHAMBER], people=[PRESIDENT])
    page = text(office.get(place))

    assert "确认后：登记商会1个，开设账号1个，授予席位1个；0行不变。" in page
    assert "商会 4 食品商会 411122工商业联合会 — 新商会 —" in page
    assert "人员 4 张三 食品商会 zhang 新账号 新席位 会长 —" in page
    assert written() == before


def test_confirmed_roster_is_written_whole(office, leader, henan):
    confirmed(office, brought(office, leader, chambers=[CHAMBER], people=[PRESIDENT]))

    chamber = Organisation.objects.get(name="食品商会")
    assert (chamber.parent, chamber.uscc, chamber.chamber_type) == (henan["411122"], CODE, "行业商会")
    seat = Seat.objects.get(organisation=chamber)
    assert (seat.user.username, seat.user.name, seat.user.mobile, seat.role) == (
        "zhang",
        "张三",
        "13812345678",
        Role.CHAMBER_PRESIDENT,
    )
    assert not seat.user.has_usable_password()
    assert [entry.sentence for entry in Entry.objects.order_by("id")] == [
        "王五（411122工商业联合会·分管领导）在411122工商业联合会登记商会食品商会",
        "王五（411122工商业联合会·分管领导）为张三开设账号",
        "王五（411122工商业联合会·分管领导）授予张三（食品商会）“会长”席位",
        "王五（411122工商业联合会·分管领导）导入名册《名册.xlsx》：登记商会1个，开设账号1个，授予席位1个",
    ]


def test_the_same_file_twice_changes_nothing(office, leader):
    first = brought(office, leader, chambers=[CHAMBER], people=[PRESIDENT])
    confirmed(office, first)
    before = written(), Entry.objects.count()

    second = brought(office, leader, chambers=[CHAMBER], people=[PRESIDENT])
    page = text(office.get(second))

    assert "没有需要写入的内容" in page
    assert "商会 4 食品商会 411122工商业联合会 — 已有，不变 —" in page
    assert "人员 4 张三 食品商会 zhang 已有人员 已有，不变 会长 —" in page
    assert "确认写入" not in page
    confirmed(office, second)
    confirmed(office, first)
    assert written()[0] == before[0][0]
    assert Entry.objects.count() - before[1] <= 1  # the second roster is noted, nothing else is


def test_written_roster_leads_to_the_links_of_its_people(office, leader):
    make_seat(Role.OFFICER, leader.organisation, make_user("other", name="别人"))
    place = brought(office, leader, chambers=[CHAMBER], people=[PRESIDENT])

    page = confirmed(office, place)
    links = text(office.get(f"/account/people/links/?roster={place.split('/')[-2]}"))

    assert "登记商会1个，开设账号1个，授予席位1个，0行不变。" in text(page)
    assert "张三" in links
    assert "别人" not in links


def test_person_with_an_account_gets_a_further_seat(office, leader):
    make_seat(
        Role.CHAMBER_FILLER,
        make_chamber(leader.organisation, name="饮品商会"),
        make_user("zhang", name="张三"),
    )

    place = brought(office, leader, chambers=[CHAMBER], people=[PRESIDENT])

    assert "人员 4 张三 食品商会 zhang 已有人员 新席位 会长 —" in text(office.get(place))
    confirmed(office, place)
    assert User.objects.filter(username="zhang").count() == 1
    assert Seat.objects.filter(user__username="zhang").count() == 2


def test_without_a_sign_in_name_the_telephone_stands_for_it(office, leader):
    people = [{**PRESIDENT, "username": None}]

    confirmed(office, brought(office, leader, chambers=[CHAMBER], people=people))

    assert Seat.objects.get(organisation__name="食品商会").user.username == "13812345678"


def test_two_seats_of_a_new_person_open_one_account(office, leader):
    people = [PRESIDENT, {**PRESIDENT, "role": "填报员"}]

    confirmed(office, brought(office, leader, chambers=[CHAMBER], people=people))

    assert sorted(Seat.objects.filter(user__username="zhang").values_list("role", flat=True)) == [
        "chamber_filler",
        "chamber_president",
    ]


def test_lower_federation_gets_its_people(browser, henan):
    city = make_seat(Role.LEADER, henan["411100"])
    client = browser(city)
    people = [
        {
            "body": "411122工商业联合会",
            "code": "411122",
            "person": "李四",
            "username": "lisi",
            "role": "分管领导",
        }
    ]

    confirmed(client, brought(client, city, people=people))

    assert Seat.objects.get(user__username="lisi").organisation == henan["411122"]


def test_registered_chamber_is_completed_not_changed(office, leader):
    chamber = make_chamber(leader.organisation, name="食品商会")
    make_chamber(leader.organisation, name="饮品商会", uscc="51410000MJ0000001A", chamber_type="园区商会")
    rows = [CHAMBER, {"name": "饮品商会", "type": "市场商会", "home": "411122"}]

    place = brought(office, leader, chambers=rows)

    page = text(office.get(place))
    assert "食品商会 411122工商业联合会 — 补充商会信息 —" in page
    assert (
        "饮品商会 411122工商业联合会 — 已有，不变 请核对：已登记的内容与表中不同，不作更改：市场商会。"
        in page
    )
    confirmed(office, place)
    chamber.refresh_from_db()
    assert (chamber.uscc, chamber.chamber_type) == (CODE, "行业商会")
    assert Organisation.objects.get(name="饮品商会").chamber_type == "园区商会"


# ---- what is wrong is named by its cell


def planned(office, leader, **rows) -> list[str]:
    """Upload rows and return the errors of each."""
    pk = brought(office, leader, **rows).split("/")[-2]
    plan = plans.plan_of(RosterImport.objects.get(pk=pk), leader, NOW)
    return [error for row in plan.rows for error in row.errors]


TYPES = "行业商会、异地商会、乡镇（街道）商会、园区商会、市场商会、楼宇商会、综合性商会、其他"
NO_HOME = "请按“工商联名录”表填写名称或代码。"


def test_faults_of_chambers_are_named_by_their_cells(office, leader):
    changes = [
        {"home": "火星工商联"},
        {"home": "411121"},
        {"home": None},
        {"name": None},
        {"level": "市级"},
        {"type": "好商会"},
        {"uscc": CODE + "9"},
        {"name": "食" * 101},
        {"name": "食" * 100},
    ]
    rows = [{**CHAMBER, "uscc": None, "name": f"商会{n}", **change} for n, change in enumerate(changes)]
    before = written()

    place = brought(office, leader, chambers=rows)
    page = text(office.get(place))
    office.post(place, {"seen": ""})

    assert planned(office, leader, chambers=rows) == [
        f"“所在地工商联”（E4）：没有找到本级及下级工商联“火星工商联”，{NO_HOME}",
        f"“所在地工商联”（E5）：没有找到本级及下级工商联“411121”，{NO_HOME}",
        "“所在地工商联”（E6）：不能为空。",
        "“商会名称”（A7）：不能为空。",
        "“层级”（D8）：所在地工商联为县级，商会层级应填“县级”，现为“市级”。",
        f"“商会类型”（C9）：应为{TYPES}之一，现为“好商会”。",
        "“统一社会信用代码”（B10）：应为18位，现为19位。",
        "“商会名称”（A11）：不超过100字，现为101字。",
    ]
    assert "有8行有误，全部不写入。" in page
    assert "“商会”表第8行 ：“层级”（D8）：所在地工商联为县级" in page
    assert "确认写入" not in page
    assert written() == before


def test_faults_of_people_are_named_by_their_cells(office, leader):
    make_seat(Role.CHAMBER_FILLER, make_chamber(leader.organisation), make_user("zhang", name="张三"))
    make_user("gone", name="赵六", is_active=False)
    changes = [
        {"body": "无名商会"},
        {"code": "411121"},
        {"code": "411122"},
        {"username": "z"},
        {"username": None, "mobile": None},
        {"mobile": "123"},
        {"email": "zhang@"},
        {"role": "主任"},
        {"person": "李四", "username": "zhang"},
        {"person": "王五", "username": "leader"},
        {"username": "gone", "person": "赵六"},
    ]
    rows = [{**PRESIDENT, "username": f"user-{n}", **change} for n, change in enumerate(changes)]

    assert planned(office, leader, chambers=[CHAMBER], people=rows) == [
        "“单位名称”（A4）：本级及下级没有“无名商会”。商会须先登记，或在“商会”表里填写。",
        "“单位代码”（B5）：本级及下级没有代码为411121的单位。",
        "“单位名称”（A6）：单位代码411122对应的单位是“411122工商业联合会”，与单位名称不符。",
        "“登录名”（D7）：应为3至64位字母、数字或 . _ -，现为“z”。",
        "“登录名”（D8）：登录名和手机至少填写一项。",
        "“手机”（E9）：应为11位手机号码，现为“123”。",
        "“电子邮箱”（F10）：不是有效的电子邮箱：“zhang@”。",
        "“角色”（G11）：食品商会的角色应为“填报员”、“会长”之一，现为“主任”。",
        "“登录名”（D12）：登录名zhang已由他人使用，或者姓名与账号不一致。",
        "“登录名”（D13）：不能给自己授予席位。",
        "“登录名”（D14）：登录名gone的账号已停用。",
    ]


def test_bad_check_digit_warns_and_does_not_stop(office, leader):
    place = brought(office, leader, chambers=[{**CHAMBER, "uscc": "51410000MJ0000001A"}])

    page = text(office.get(place))
    assert "请核对：统一社会信用代码51410000MJ0000001A的长度或校验位不符，请核对；可以先导入。" in page
    confirmed(office, place)
    assert Organisation.objects.get(name="食品商会").uscc == "51410000MJ0000001A"


def test_rows_that_meet_in_the_file_are_named(office, leader):
    chambers = [CHAMBER, {**CHAMBER, "name": "饮品商会"}, {**CHAMBER, "uscc": None}]
    people = [PRESIDENT, PRESIDENT, {**PRESIDENT, "person": "李四"}]

    page = text(office.get(brought(office, leader, chambers=chambers, people=people)))

    assert "“商会”表第5行 ：“统一社会信用代码”（B5）：与第4行的代码相同。" in page
    assert "“商会”表第6行 ：“商会名称”（A6）：与第4行重复。" in page
    assert "“人员”表第5行 ：“角色”（G5）：与第4行重复。" in page
    assert "“人员”表第6行 ：“登录名”（D6）：与第4行（张三）的登录名相同，姓名不同。" in page


def test_code_of_another_chamber_is_refused(office, leader, henan):
    make_chamber(leader.organisation, name="饮品商会", uscc=CODE)

    near = text(office.get(brought(office, leader, chambers=[CHAMBER])))
    Organisation.objects.filter(uscc=CODE).update(path=f"{henan['420000'].path}c9/", parent=henan["420000"])
    far = text(office.get(brought(office, leader, chambers=[CHAMBER])))

    assert "“统一社会信用代码”（B4）：该代码已登记为饮品商会（411122工商业联合会）。" in near
    assert "“统一社会信用代码”（B4）：该代码已由其他机构使用，请核对。" in far
    assert "饮品商会" not in far


def test_namesakes_need_their_code(browser, henan):
    city = make_seat(Role.LEADER, henan["411100"])
    client = browser(city)
    chambers = [{**CHAMBER, "home": "411122"}, {**CHAMBER, "uscc": None, "home": "411121"}]

    unclear = text(client.get(brought(client, city, chambers=chambers, people=[PRESIDENT])))
    clear = brought(client, city, chambers=chambers, people=[{**PRESIDENT, "code": CODE}])

    assert "“单位名称”（A4）：有2个同名的单位，请填写单位代码。" in unclear
    confirmed(client, clear)
    assert Seat.objects.get(user__username="zhang").organisation.parent == henan["411122"]


def test_officer_registers_chambers_but_grants_nothing(browser, henan):
    officer = make_seat(Role.OFFICER, henan["411122"])
    client = browser(officer)

    alone = brought(client, officer, chambers=[CHAMBER])
    both = text(client.get(brought(client, officer, chambers=[CHAMBER], people=[PRESIDENT])))
    confirmed(client, alone)

    assert "“角色”（G4）：当前身份不能在食品商会授予“会长”席位。" in both
    assert Organisation.objects.filter(name="食品商会").exists()


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"PK\x03\x04 broken", "名册.xlsx", "名册.xlsx"),
        (b"a,b,c", "名册.csv", "名册.csv"),
    ],
)
def test_what_is_no_workbook_is_refused(office, content, name, sentence):
    file = BytesIO(content)
    file.name = name

    assert sentence in text(office.post(PLACE, {"file": file}))
    assert not RosterImport.objects.exists()


def test_empty_and_foreign_workbooks_are_refused(office, leader):
    foreign = BytesIO()
    openpyxl.Workbook().save(foreign)
    foreign.seek(0)
    foreign.name = "别的.xlsx"

    assert "表里没有填写内容。请在“商会”或“人员”表里填写后再上传。" in text(
        office.post(PLACE, {"file": filled(leader.organisation)})
    )
    assert "找不到表头" in text(office.post(PLACE, {"file": foreign}))


def test_one_sheet_may_be_missing(office, leader):
    book = openpyxl.load_workbook(BytesIO(filled(leader.organisation, chambers=[CHAMBER]).read()))
    del book["人员"]
    file = BytesIO()
    book.save(file)
    file.seek(0)
    file.name = "名册.xlsx"

    place = office.post(PLACE, {"file": file}).url

    assert "登记商会1个，开设账号0个" in text(office.get(place))


def test_too_many_rows_are_refused(office, leader, monkeypatch):
    monkeypatch.setattr("sihao.accounts.imports.MOST_ROWS", 2)
    rows = [{**CHAMBER, "uscc": None, "name": f"商会{n}"} for n in range(3)]

    answer = text(office.post(PLACE, {"file": filled(leader.organisation, chambers=rows)}))

    assert "“商会”表有3行，一次最多导入2行。请分成几个文件。" in answer


# ---- all or nothing


def test_what_changed_since_the_preview_is_shown_again(office, leader):
    place = brought(office, leader, chambers=[CHAMBER], people=[PRESIDENT])
    seen = re.search(r'name="seen" value="(\w+)"', office.get(place).content.decode())[1]
    make_chamber(leader.organisation, name="食品商会", uscc=CODE, chamber_type="行业商会")

    again = office.post(place, {"seen": seen})

    assert again.status_code == 409
    assert "机构或人员刚有变动" in text(again)
    assert not User.objects.filter(username="zhang").exists()


def test_a_row_that_the_house_refuses_undoes_all_before_it(leader, monkeypatch):
    roster = RosterImport(
        organisation=leader.organisation, name="x", digest="", brought_by=leader, brought_at=NOW
    )
    values = [("食品商会", "zhang"), ("饮品商会", "li")]
    roster.columns = {"商会": {}, "人员": {}}
    roster.rows = [
        {"sheet": "商会", "number": n, "values": {"name": name, "home": "411122"}, "faults": []}
        for n, (name, _) in enumerate(values, start=4)
    ]
    roster.save()
    seen = plans.plan_of(roster, leader, NOW).digest
    real = rosters.add_chamber

    def second_fails(*, name, **facts):
        if name == "饮品商会":
            raise Refused.because("lost_race", "同样的内容刚刚已由他人登记，请刷新后查看。")
        return real(name=name, **facts)

    monkeypatch.setattr(rosters, "add_chamber", second_fails)

    with pytest.raises(Refused) as refused:
        rosters.write_roster(roster=roster, seen=seen, actor=leader, now=NOW)

    assert str(refused.value) == "“商会”表第5行（饮品商会）：同样的内容刚刚已由他人登记，请刷新后查看。"
    assert not Organisation.objects.filter(kind="chamber").exists()
    assert not Entry.objects.exists()
    assert RosterImport.objects.get().written_at is None


@pytest.mark.parametrize(("number", "as_job"), [(3, False), (4, True)])
def test_a_long_roster_is_a_job(
    office, leader, monkeypatch, number, as_job, django_capture_on_commit_callbacks
):
    assert plans.AT_ONCE == 200
    monkeypatch.setattr(plans, "AT_ONCE", 3)
    rows = [{"name": f"商会{n}", "home": "411122"} for n in range(number)]
    place = brought(office, leader, chambers=rows)
    seen = re.search(r'name="seen" value="(\w+)"', office.get(place).content.decode())[1]

    with django_capture_on_commit_callbacks(execute=True):
        answer = office.post(place, {"seen": seen})

    assert Job.objects.filter(kind="write_roster").exists() is as_job
    assert answer.url.startswith("/jobs/") is as_job
    assert Organisation.objects.filter(kind="chamber").count() == number
    assert RosterImport.objects.get().counts["chambers"] == number


def test_discarded_roster_is_gone_and_a_written_one_stays(office, leader):
    place = brought(office, leader, chambers=[CHAMBER])
    assert "已放弃这份名册，没有写入任何内容。" in text(office.post(f"{place}discard/", follow=True))
    assert office.get(place).status_code == 404

    kept = brought(office, leader, chambers=[CHAMBER])
    confirmed(office, kept)
    assert "这份名册已经写入，不能放弃。" in text(office.post(f"{kept}discard/", follow=True))
    assert office.get(kept).status_code == 200


# ---- who may


def test_roster_of_another_office_is_not_found(office, browser, leader, henan):
    place = brought(office, leader, chambers=[CHAMBER])
    for code in ("411121", "411100"):
        other = browser(make_seat(Role.LEADER, henan[code]))
        assert other.get(place).status_code == 404
        assert other.post(place, {"seen": ""}).status_code == 404
        assert other.post(f"{place}discard/").status_code == 404


@pytest.mark.parametrize("role", [Role.CHAMBER_PRESIDENT, Role.EXPERT, Role.SYSTEM_ADMIN, Role.SUPERVISION])
def test_rosters_are_for_federations(browser, role):
    client = browser(make_seat(role))

    assert client.get(PLACE).status_code == 403
    assert client.get(f"{PLACE}template.xlsx").status_code == 403


def test_order_of_somebody_who_lost_the_seat_writes_nothing(leader):
    roster = RosterImport.objects.create(
        organisation=leader.organisation, name="x", digest="", brought_by=leader, brought_at=NOW
    )
    leader.ended_at = NOW

    with pytest.raises(Refused, match="名册由工商联办理人员导入"):
        rosters.write_roster(roster=roster, seen="", actor=leader, now=NOW)


def test_preview_asks_the_same_for_1_3_and_100_rows(office, leader):
    def asked(count: int) -> int:
        chambers = [{"name": f"商会{n}", "home": "411122"} for n in range(count)]
        people = [
            {"body": f"商会{n}", "person": "某人", "username": f"user-{n}", "role": "会长"}
            for n in range(count)
        ]
        place = brought(office, leader, chambers=chambers, people=people)
        with CaptureQueriesContext(connection) as queries:
            assert office.get(place).status_code == 200
        return len(queries)

    assert asked(1) == asked(3) == asked(100)


# ---- leaving


def test_successor_holds_the_seat_afterwards(leader, henan):
    seat = make_seat(Role.OFFICER, henan["411122"], make_user(name="张三"))
    heir = make_seat(Role.LEADER, henan["411122"], make_user(name="李四")).user

    given = actions.revoke_seat(actor=leader, seat=seat, now=NOW, reason="退休", successor=heir)

    assert (given.user, given.role, given.organisation) == (heir, Role.OFFICER, henan["411122"])
    assert [entry.sentence for entry in Entry.objects.order_by("id")] == [
        "王五（411122工商业联合会·分管领导）收回张三（411122工商业联合会）的“经办人”席位",
        "王五（411122工商业联合会·分管领导）授予李四（411122工商业联合会）“经办人”席位",
        "王五（411122工商业联合会·分管领导）把张三的未办事项交给李四",
    ]


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2020-09-02", "离任日期不能晚于今天；届时再办理。"),
        ("2020-08-31", "离任日期不能早于授予席位之日（2020-09-01）。"),
        ("2020-09-01", ""),
    ],
)
def test_day_of_leaving_lies_between_grant_and_today(leader, day, sentence):
    seat = make_seat(Role.OFFICER, leader.organisation)
    said = ""
    try:
        actions.revoke_seat(actor=leader, seat=seat, now=NOW, reason="退休", left_on=date.fromisoformat(day))
    except Refused as refused:
        said = str(refused)

    assert said == sentence
    assert (Seat.objects.get(pk=seat.pk).ended_at is None) is bool(sentence)


def test_office_has_its_template(henan):
    make_federation("411171", name="开发区工商联")

    book = openpyxl.load_workbook(BytesIO(template(henan["411100"])))

    assert [row[0].value for row in book["工商联名录"].iter_rows(min_row=4)] == [
        "411100工商业联合会",
        "411121工商业联合会",
        "411122工商业联合会",
        "开发区工商联",
    ]
