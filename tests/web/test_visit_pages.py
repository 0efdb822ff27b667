"""Pages of spot checks: lists that anybody computes again, a record saved part by part, photographs, who reads what."""

import csv
import uuid
from dataclasses import dataclass
from hashlib import sha256
from html import unescape
from io import BytesIO, StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from declarations.actions import draws, visits
from declarations.demo.visiting import snapshot
from declarations.models import (
    Declaration,
    Notice,
    SpotDraw,
    Tie,
    TieKind,
    Upload,
    Visit,
    VisitEntry,
    VisitPhoto,
)
from declarations.states import State, VisitState
from sihao import clock
from sihao.accounts.middleware import SESSION_KEY
from sihao.accounts.roles import Role
from tests import worlds
from tests.factories import make_federation, make_seat
from tests.kept import as_it_stands, building, kept
from tests.rows import declare

pytestmark = pytest.mark.django_db
JSON = {"HTTP_ACCEPT": "application/json"}
OTHER = "420000"


@dataclass(frozen=True)
class Ground:
    """A draw of four of six cases, and two people who visit the first of them."""

    world: object
    draw: SpotDraw
    visit: Visit
    team: tuple


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("photos")):
        world = worlds.make_world()
        county, city = make_federation(worlds.COUNTY), make_federation(worlds.CITY)
        cases = declare(world.cycle, [f"县商会{n}" for n in range(3)], home=county, state=State.PRELIMINARY_REVIEW)
        cases += declare(world.cycle, [f"市商会{n}" for n in range(3)], home=city, state=State.PRELIMINARY_REVIEW)
        Declaration.objects.filter(pk__in=[case.pk for case in cases]).update(holder=make_federation(worlds.NATION))
        team = tuple(make_seat(role, make_federation(OTHER)) for role in (Role.OFFICER, Role.LEADER))
        officer = world.seats["department"]
        words = {"cycle": world.cycle, "seed": "2020110期", "source": "彩票", "cases": 4, "actor": officer}
        found = draws.announce(now=world.tick(), **words)
        found = draws.make_draw(found=found, actor=officer, now=worlds.later(world, hours=24))
        visit = found.visits.order_by("id").first()
        members = {"members": [seat.pk for seat in team], "planned_on": None, "actor": officer}
        yield Ground(world, found, visits.assign(visit=visit, now=world.tick(), **members), team)


@pytest.fixture(autouse=True)
def now(ground, settings, tmp_path, monkeypatch):
    settings.STORAGE_ROOT = settings.MEDIA_ROOT = tmp_path
    world = as_it_stands(ground.world)
    monkeypatch.setattr(clock, "now", world.tick)
    return world


def browser(seat):
    client = Client()
    client.force_login(seat.user)
    session = client.session
    session[SESSION_KEY] = seat.pk
    session.save()
    return client


@pytest.fixture
def writer(ground):
    return browser(ground.team[0])


@pytest.fixture
def officer(ground):
    return browser(ground.world.seats["department"])


def url(name, *args):
    return reverse(f"declarations:{name}", args=args)


def text(answer):
    return unescape(answer.content.decode())


# ---- the draw


def by_hand(rows, seed, number):
    """Draw again as the page says, from the rows of the file alone: numbers, strata, shares, hashes."""
    strata = {}
    for row in rows:
        strata.setdefault((row["地区"], row["层级"], row["类型"]), []).append(row["受理编号"])
    exact = {key: number * len(cases) / len(rows) for key, cases in strata.items()}
    taken = {key: int(share) for key, share in exact.items()}
    order = sorted(strata, key=lambda key: (taken[key] - exact[key], -len(strata[key]), "|".join(key)))
    for key in order[: number - sum(taken.values())]:
        taken[key] += 1
    return sorted(one for key, cases in strata.items() for one in sorted(cases, key=hashed(seed))[: taken[key]])


def hashed(seed):
    return lambda number: sha256(f"{seed}|{number}".encode()).hexdigest()


def test_a_third_party_draws_the_same_from_the_file_and_the_page(ground, officer):
    page = text(officer.get(url("draw", ground.draw.pk)))
    lines = officer.get(url("draw_lines", ground.draw.pk))
    rows = list(csv.DictReader(StringIO(lines.content.decode("utf-8-sig"))))

    drawn = sorted(row["受理编号"] for row in rows if row["抽中"] == "是")
    assert drawn == by_hand(rows, "2020110期", 4)
    assert drawn == sorted(ground.draw.visits.values_list("declaration__number", flat=True))
    listed = sorted("|".join(list(row.values())[:4]) + "\n" for row in rows)
    assert sha256("".join(listed).encode()).hexdigest() == ground.draw.frame_digest
    assert all(part in page for part in ("2020110期", ground.draw.frame_digest, "GB/T 10111—2008", "sha256sum"))
    sheet = officer.get(url("draw_sheet", ground.draw.pk))
    table = load_workbook(BytesIO(b"".join(sheet.streaming_content))).active
    cells = [[cell.value for cell in row[:7]] for row in table.iter_rows()]
    assert list(rows[0].values()) == [str(cell or "") for cell in cells[cells.index(list(rows[0])) + 1]]


def test_computing_again_is_shown_and_changes_nothing(ground, officer):
    answer = officer.post(url("draw", ground.draw.pk), {"seed": "别的"}, follow=True)

    assert "第2次运算：改用其他种子试算，结果与抽取时不一致" in text(answer) or "结果与抽取时一致" in text(answer)
    assert ground.draw.runs.count() == 2
    assert ground.draw.visits.count() == 4


def test_a_seed_is_published_with_its_source_or_made_by_the_system(ground, officer):
    asked = officer.post(url("announce_draw"), {"cases": "1", "seed": "自定", "source": ""})
    assert "自定种子的，请写明种子来源。" in text(asked)

    told = text(officer.post(url("announce_draw"), {"cases": "1", "seed": "", "source": ""}, follow=True))
    made = SpotDraw.objects.get(number=2)
    assert (len(made.seed), made.source) == (32, "系统随机生成")
    assert "实地抽查第2批的种子和件数已公布。" in told
    early = text(officer.post(url("make_draw", made.pk), follow=True))
    assert "种子公布满24小时后方可抽取" in early


def test_anybody_reads_seed_and_digests_and_no_case(ground):
    page = text(Client().get(reverse("public:spot_draws")))

    outcome = ground.draw.runs.get(number=1).digest
    assert all(part in page for part in ("2020110期", "彩票", ground.draw.frame_digest, outcome))
    for visit in ground.draw.visits.select_related("declaration"):
        assert visit.declaration.number not in page
        assert visit.declaration.applicant_name not in page


def test_who_steps_back_from_a_case_on_the_list_gets_no_list_and_sees_no_name(ground):
    tied = make_seat(Role.DEPARTMENT_OFFICER, make_federation(worlds.NATION))
    body, client = ground.visit.declaration.applicant, browser(tied)
    facts = {"name": body.name, "kind": TieKind.POST, "declared_at": worlds.NOW}
    Tie.objects.create(user=tied.user, organisation=body, **facts)

    page = client.get(url("draw", ground.draw.pk))
    assert page.status_code == 200
    assert body.name not in text(page)
    assert ground.visit.declaration.number not in text(page)
    refused = client.get(url("draw_lines", ground.draw.pk), follow=True)
    assert "抽样清单内有您应当回避的申报，清单由其他人员下载。" in text(refused)
    assert client.get(url("visit", ground.visit.pk)).status_code == 404


# ---- the record


def test_what_the_browser_sends_is_saved_by_version_and_what_met_comes_back(ground, writer):
    address = url("visit_record", ground.visit.pk)
    first = writer.post(address, {"place": "秘书处", "found-A1.2": "minor", "_seen": "place:0 found-A1.2:0"}, **JSON)
    assert first.json()["saved"] == {"place": 1, "found-A1.2": 1}

    colleague = browser(ground.team[1])
    met = colleague.post(address, {"place": "会议室", "mark-A1.2": "99", "_seen": "place:0 mark-A1.2:0"}, **JSON).json()
    assert met["saved"] == {"mark-A1.2": 1}
    assert list(met["problems"]) == ["mark-A1.2"]
    clash = met["collisions"]["place"]
    assert (clash["label"], clash["mine"], clash["theirs"], clash["version"]) == ("走访地点", "会议室", "秘书处", 1)
    assert clash["by"] == ground.team[0].user.name
    emptied = writer.post(address, {"_blank": "found-A1.2", "_seen": "found-A1.2:1"}, **JSON)
    assert emptied.json()["saved"] == {"found-A1.2": 2}
    assert VisitEntry.objects.get(field="found-A1.2").value == ""


def test_without_scripts_two_values_stand_beside_each_other(ground, writer):
    address = url("visit_record", ground.visit.pk)
    VisitEntry.objects.create(visit=ground.visit, field="place", value="甲处", set_by=ground.team[1], set_at=worlds.NOW)

    answer = writer.post(address, {"place": "乙处", "_seen": "place:0"})

    assert answer.status_code == 409
    assert all(word in text(answer) for word in ("甲处", "乙处", "走访地点"))
    theirs = writer.post(address, {"place": "乙处", "_seen": "place:1", "_theirs": "place"})
    assert theirs.status_code == 302
    assert VisitEntry.objects.get(field="place").value == "甲处"


def test_a_record_that_lacks_something_says_what_and_stays(ground, writer):
    answer = writer.post(url("visit_record", ground.visit.pk), {"place": "秘书处", "_then": "submit"}, follow=True)

    assert "走访记录还有必填项未填：走访日期、商会参加人员、访谈记录。" in text(answer)
    assert Visit.objects.get(pk=ground.visit.pk).state == VisitState.ASSIGNED


def test_a_record_of_another_team_is_not_there_and_one_handed_in_cannot_be_saved(ground, writer):
    stranger = browser(make_seat(Role.OFFICER, make_federation(OTHER)))
    address = url("visit_record", ground.visit.pk)
    assert stranger.post(address, {"place": "x"}, **JSON).status_code == 404

    Visit.objects.filter(pk=ground.visit.pk).update(state="visited", submitted_at=worlds.NOW)
    refused = writer.post(address, {"place": "x"}, **JSON)
    assert (refused.status_code, refused.json()) == (
        403, {"refused": ["走访记录已提交，退回补正前不能改动。（通知未规定）"]}
    )
    assert writer.get(address)["Location"] == url("visit", ground.visit.pk)


def test_a_photograph_comes_piece_by_piece_and_is_shown_with_both_times(ground, writer, now):
    content = snapshot(now.clock.at).getvalue()
    token, start = uuid.uuid4(), url("photo_uploads", ground.visit.pk)
    begun = writer.post(start, {"token": token, "name": "走访.jpg", "size": len(content)}, **JSON)
    assert begun.json() == {"token": str(token), "offset": 0}
    address, half = url("photo_upload", ground.visit.pk, token), len(content) // 2

    put = {"content_type": "application/octet-stream"}
    assert writer.put(f"{address}?offset=0", content[:half], **put).json() == {"offset": half, "done": False}
    assert writer.put(f"{address}?offset=0", content[half:], **put).status_code == 409
    done = writer.put(f"{address}?offset={half}", content[half:], **put).json()

    photo = VisitPhoto.objects.get(visit=ground.visit)
    assert (done["done"], done["piece"]) == (True, photo.pk)
    assert "照片自带时间2020年9月29日" in done["html"]
    assert writer.get(address).json()["piece"] == photo.pk
    assert browser(ground.team[1]).get(address).status_code == 404
    shown = writer.get(url("visit_photo", ground.visit.pk, photo.pk))
    assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert b"Exif" not in shown.content


def test_what_is_no_picture_is_refused_at_its_last_byte(ground, writer):
    token, start = uuid.uuid4(), url("photo_uploads", ground.visit.pk)
    writer.post(start, {"token": token, "name": "走访.jpg", "size": 4}, **JSON)
    address = url("photo_upload", ground.visit.pk, token)

    told = writer.put(f"{address}?offset=0", b"%PDF", content_type="application/octet-stream").json()

    assert told["done"]
    assert "走访.jpg" in told["refused"][0]
    assert Upload.objects.get(token=token).photo is None


# ---- who reads what


def test_a_team_reads_the_case_while_it_visits_and_nothing_of_it_afterwards(ground, writer):
    case = ground.visit.declaration
    page = writer.get(url("case", case.pk))

    assert page.status_code == 200
    assert url("questions", case.pk) not in text(page)
    for name in ("ledger", "questions", "receipt", "returns"):
        assert writer.get(url(name, case.pk)).status_code == 404
    Visit.objects.filter(pk=ground.visit.pk).update(
        state="confirmed", finding="consistent", submitted_at=worlds.NOW, confirmed_at=worlds.NOW
    )
    assert writer.get(url("case", case.pk)).status_code == 404
    assert writer.get(url("visit", ground.visit.pk)).status_code == 200


def test_a_members_message_leads_to_the_case(ground, writer):
    notice = Notice.objects.get(seat=ground.team[0], declaration=ground.visit.declaration)

    assert writer.post(url("open_notice", notice.pk))["Location"] == url("case", ground.visit.declaration_id)


def test_the_worklist_leads_to_the_record_and_the_department_to_teams(ground, writer, officer):
    assert url("visit_record", ground.visit.pk) in text(writer.get(url("worklist")))
    waiting = ground.draw.visits.filter(state=VisitState.DRAWN).first()
    assert url("visit_team", waiting.pk) in text(officer.get(url("worklist")))


def test_teams_are_searched_and_what_was_ticked_stays(ground, officer):
    waiting = ground.draw.visits.filter(state=VisitState.DRAWN).first()
    kept_one, page = ground.team[0], url("visit_team", waiting.pk)

    found = text(officer.get(page, {"q": "查无此处", "seat": kept_one.pk}))
    assert f'value="{kept_one.pk}" id="seat-{kept_one.pk}" checked' in found
    refused = officer.post(page, {"seat": kept_one.pk, "planned_on": ""})
    assert "调研组至少2人，现为1人。" in text(refused)
    done = officer.post(page, {"seat": [seat.pk for seat in ground.team], "planned_on": "2020-10-20"}, follow=True)
    assert "调研组已确定，已通知成员、商会和推荐单位。" in text(done)


def test_the_case_page_and_the_list_cost_the_same_with_one_visit_or_four(ground, officer):
    def asked(address):
        with CaptureQueriesContext(connection) as queries:
            assert officer.get(address).status_code == 200
        return len(queries)

    asked(url("visits"))
    four = asked(url("visits"))
    Visit.objects.exclude(pk=ground.visit.pk).delete()
    assert asked(url("visits")) == four


def test_bad_input_is_no_fault(ground, writer, officer):
    record = url("visit_record", ground.visit.pk)
    typed = {"place": "x\x00" * 9000, "found-A1.2": "\ud7ff", "_seen": "::"}
    assert writer.post(record, typed, **JSON).status_code == 200
    for data in ({"cases": "-1"}, {"cases": "一"}, {"cases": "9" * 30}, {}):
        assert officer.post(url("announce_draw"), data).status_code == 200
    chosen = {"seat": ["x", "1" * 40], "planned_on": "no"}
    assert officer.post(url("visit_team", ground.visit.pk), chosen).status_code == 200
    assert officer.get(url("visits"), {"state": "\x00"}).status_code == 200
