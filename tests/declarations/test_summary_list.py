"""附件3: the sheet of one unit and that of the whole cycle, what is in it, who may have it, how it is read."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from django.test import Client, override_settings
from openpyxl import load_workbook

from declarations.actions.exporting import NATIONAL_SUMMARY, order_national_summary
from declarations.demo import stages
from declarations.exports.summary_list import summary_of_batch, summary_of_cycle
from declarations.models import Answer, Batch, Declaration, Recusal
from declarations.queries.summary import batches_to_export, cases_sent_up, columns_of
from declarations.states import State
from scoring.queries import programme_of
from sihao import clock
from sihao.accounts.models import Seat
from sihao.accounts.roles import Role
from sihao.audit.models import Entry
from sihao.jobs import registry, results, tasks
from sihao.jobs.models import Job
from tests import worlds
from tests.factories import make_federation, make_seat
from tests.kept import kept
from tests.rows import declare

pytestmark = pytest.mark.django_db
HOSTILE = ["=1+1", "+86商会", "@x", "-2+3", "'quoted", "\t=cmd"]
DIGITS = "123456789012345678"


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    with kept(django_db_blocker), override_settings(STORAGE_ROOT=folder, MEDIA_ROOT=folder):
        world = worlds.make_world()
        for name in HOSTILE:
            worlds.make_shortlisted(world, worlds.PROVINCE, name=name)
        Answer.objects.filter(field="president_mobile").update(value="13800000001")
        Answer.objects.filter(field="uscc").update(value=DIGITS)
        yield world


@pytest.fixture
def batch(world):
    return Batch.objects.select_related("unit", "cycle__programme").get(unit=make_federation(worlds.PROVINCE))


@pytest.fixture(autouse=True)
def now(monkeypatch, world):
    monkeypatch.setattr(clock, "now", lambda: world.clock.at)


def signed_in(seat: Seat) -> Client:
    client = Client()
    client.force_login(seat.user)
    return client


def sheet_of(content: bytes) -> object:
    return load_workbook(BytesIO(content)).worksheets[0]


def head_row(sheet: object) -> int:
    return next(row[0].row for row in sheet.iter_rows() if row[0].value == "序号")


@dataclass(frozen=True)
class Taken:
    """The sheet of the unit as its officer was given it, the answer that brought it, and what the trail says of it."""

    sheet: Any
    answer: Any
    entry: Entry


@pytest.fixture(scope="module")
def taken(world):
    batch = Batch.objects.get(unit=make_federation(worlds.PROVINCE))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(clock, "now", lambda: world.clock.at)
        answer = signed_in(world.officer(batch.unit)).get(f"/work/lists/{batch.pk}/summary.xlsx")
        assert answer.status_code == 200
        return Taken(sheet_of(b"".join(answer)), answer, Entry.objects.latest("pk"))


# ---- the sheet of one unit


def test_the_head_is_the_programmes(world, taken):
    sheet = taken.sheet

    assert tuple(cell.value for cell in sheet[head_row(sheet)]) == programme_of(world.cycle.programme).annex3_columns


def test_every_column_of_the_programme_finds_what_fills_it(world):
    unfilled = [title for title, field in columns_of(programme_of(world.cycle.programme)) if not field]

    assert unfilled == ["序号", "所在地", "自评得分", "省级审核得分", "推荐排序", "备注"]


def test_text_stays_text_and_figures_are_figures(taken):
    sheet = taken.sheet
    head = [cell.value for cell in sheet[head_row(sheet)]]
    figures = {"序号", "会员数", "自评得分", "省级审核得分", "推荐排序"}

    for row in sheet.iter_rows(min_row=head_row(sheet) + 1, max_row=head_row(sheet) + len(HOSTILE)):
        kinds = {title: cell.data_type for title, cell in zip(head, row, strict=True) if cell.value is not None}
        assert {title for title, kind in kinds.items() if kind == "n"} == figures
        assert {kind for title, kind in kinds.items() if title not in figures} == {"s"}


def column(sheet: object, title: str) -> list[object]:
    first = head_row(sheet)
    place = [cell.value for cell in sheet[first]].index(title)
    return [row[place].value for row in sheet.iter_rows(min_row=first + 1, max_row=first + len(HOSTILE))]


def test_names_codes_and_numbers_are_whole(taken):
    sheet = taken.sheet

    assert column(sheet, "商会名称") == HOSTILE
    assert column(sheet, "统一社会信用代码") == [DIGITS] * len(HOSTILE)
    assert column(sheet, "会长电话") == ["13800000001"] * len(HOSTILE)
    assert column(sheet, "推荐排序") == column(sheet, "序号") == list(range(1, len(HOSTILE) + 1))


def test_scores_are_the_cases_own(taken, batch):
    cases = Declaration.objects.filter(batch=batch).order_by("rank")
    sheet = taken.sheet

    assert column(sheet, "自评得分") == [float(case.self_total) for case in cases]
    assert column(sheet, "省级审核得分") == [float(case.unit_total) for case in cases]
    assert column(sheet, "是否上届全国“四好”商会") == ["是"] * len(HOSTILE)


def test_title_captions_and_foot_say_what_it_is(world, batch):
    table = summary_of_batch(batch, world.seats["head"])

    assert table.title == "2019—2020年度全国“四好”商会推荐名单汇总表"
    assert table.captions == ["推荐单位：410000工商业联合会", "附件3　标准重建稿，非官方　示例数据"]
    assert table.notes == ["推荐单位（盖章）：", "填表人：", "电话：", "日期：　　年　　月　　日"]


def test_a_frozen_list_carries_version_and_digest(world, batch):
    batch.version, batch.digest = 2, "abcdef0123456789" * 4

    assert summary_of_batch(batch, world.seats["head"]).captions[1].endswith("名单第2版，摘要值abcdef0123456789")


def test_reserves_stay_out(world, batch):
    case = Declaration.objects.filter(batch=batch).order_by("rank").last()
    Declaration.objects.filter(pk=case.pk).update(is_reserve=True, rank=1)

    names = [row[1] for row in summary_of_batch(batch, world.seats["head"]).lines()]

    assert (len(names), case.applicant_name in names) == (len(HOSTILE) - 1, False)


def test_taking_it_leaves_a_trail(taken):
    assert (taken.entry.event, taken.entry.data) == ("exported", {"what": "推荐名单汇总表（附件3）"})


def test_the_file_is_named_and_kept_by_nobody(taken):
    assert taken.answer["Cache-Control"] == "private, no-store"
    assert "filename*=utf-8''%E9%99%84%E4%BB%B63_410000" in taken.answer["Content-Disposition"]


# ---- who may have which, and the sheet of the whole cycle


def may_have(seat: Seat) -> set[int]:
    return set(batches_to_export(seat).values_list("pk", flat=True))


def run(world: object, seat: Seat) -> Job:
    job = order_national_summary(cycle=world.cycle, actor=seat, now=world.clock.at)
    tasks.run(job.pk)
    job.refresh_from_db()
    return job


def test_a_list_is_its_units_until_it_has_gone_up_and_then_in_the_sheet_of_the_cycle(world, batch):
    nation = [world.seats["department"], world.seats["head"], world.seats["supervision"]]
    own, others = world.officer(batch.unit), world.officer(make_federation(worlds.CITY))
    worlds.make_submitted(world, name="未上报商会")

    assert [may_have(seat) for seat in (own, others, *nation)] == [{batch.pk}, set(), set(), set(), set()]
    stages.send_up(world, batch.unit)
    assert [may_have(seat) for seat in (own, others, *nation)] == [{batch.pk}, set(), *[{batch.pk}] * 3]
    assert may_have(world.seats["expert"]) == may_have(world.seats["secretary"]) == set()
    assert_the_job_writes_every_case_that_was_sent_up(world)
    assert_the_job_of_a_seat_that_ended_is_not_done(world)
    assert_the_finished_file_is_refused_to_whoever_lost_the_seat(world)
    assert_whoever_steps_back_from_a_case_has_the_sheet_without_it(world)


def assert_the_job_writes_every_case_that_was_sent_up(world):
    job = run(world, world.seats["department"])
    sheet = sheet_of(results.located(job.result_file).read_bytes())
    rows = list(sheet.iter_rows(values_only=True))
    head = next(n for n, row in enumerate(rows) if row[0] == "推荐单位")

    assert (job.state, job.error, job.done, job.total) == ("done", "", len(HOSTILE), len(HOSTILE))
    assert job.result_name == "2019—2020年度推荐名单汇总表.xlsx"
    assert rows[head][1:] == programme_of(world.cycle.programme).annex3_columns
    sent = cases_sent_up(world.cycle, world.seats["head"])
    assert [row[2] for row in rows[head + 1 :]] == [case.applicant_name for case in sent]


def assert_the_job_of_a_seat_that_ended_is_not_done(world):
    seat = make_seat(Role.DEPARTMENT_OFFICER)
    job = order_national_summary(cycle=world.cycle, actor=seat, now=world.clock.at)
    Seat.objects.filter(pk=seat.pk).update(ended_at=world.clock.at)

    tasks.run(job.pk)

    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", tasks.NOT_PERMITTED)


def assert_the_finished_file_is_refused_to_whoever_lost_the_seat(world):
    seat = make_seat(Role.DEPARTMENT_OFFICER)
    job, client = run(world, seat), signed_in(seat)
    before = client.get(f"/jobs/{job.number}/file/")
    b"".join(before)
    Seat.objects.filter(pk=seat.pk).update(ended_at=world.clock.at)

    assert before.status_code == 200
    assert client.get(f"/jobs/{job.number}/file/").status_code == 403
    assert signed_in(world.seats["head"]).get(f"/jobs/{job.number}/file/").status_code == 404


def assert_whoever_steps_back_from_a_case_has_the_sheet_without_it(world):
    case = Declaration.objects.filter(unit=make_federation(worlds.PROVINCE)).order_by("rank")[1]
    seat = make_seat(Role.DEPARTMENT_OFFICER)
    before = run(world, seat)
    Recusal.objects.create(user=seat.user, declaration=case, reason="同学", declared_by=seat, declared_at=worlds.NOW)

    after = run(world, seat)

    names = [row[2] for row in summary_of_cycle(world.cycle, seat).lines()]
    assert case.applicant_name not in names
    assert len(names) == len(HOSTILE) - 1
    assert signed_in(seat).get(f"/jobs/{before.number}/file/").status_code == 403
    answer = signed_in(seat).get(f"/jobs/{after.number}/file/")
    b"".join(answer)
    assert answer.status_code == 200


def test_nobody_sent_up_gives_an_empty_sheet(world):
    job = run(world, world.seats["head"])

    assert (job.state, job.total) == ("done", 0)
    assert list(summary_of_cycle(world.cycle, world.seats["head"]).lines()) == []


def test_a_seat_without_the_right_cannot_have_the_job_done(world):
    permitted = registry.find(NATIONAL_SUMMARY).permitted
    expert, head = world.seats["expert"], world.seats["head"]

    assert permitted(head.user, {"seat": head.pk})
    assert not permitted(expert.user, {"seat": expert.pk})
    assert not permitted(expert.user, {"seat": head.pk})
    assert not permitted(head.user, {"seat": 10**9})


def test_ordering_leads_to_the_job_and_leaves_a_trail(world):
    answer = signed_in(world.seats["head"]).post("/work/summary/")
    job = Job.objects.latest("pk")

    assert answer["Location"] == f"/jobs/{job.number}/"
    assert (job.label, job.owner) == ("2019—2020年度推荐名单汇总表", world.seats["head"].user)
    assert Entry.objects.latest("pk").data == {"what": "全国推荐名单汇总表"}


# ---- how it is read


def listed(cycle: object, rows: int) -> Batch:
    """Write a list of another unit with so many cases, each with three answers."""
    home = make_federation("420000")
    batch = Batch.objects.create(cycle=cycle, unit=home)
    cases = declare(cycle, [f"示例商会{n}" for n in range(rows)], home=home, state=State.RECOMMENDED)
    for rank, case in enumerate(cases, start=1):
        case.rank, case.batch = rank, batch
    Declaration.objects.bulk_update(cases, ["rank", "batch"])
    Answer.objects.bulk_create(
        Answer(declaration=case, field=field, value="1", set_at=worlds.NOW)
        for case in cases
        for field in ("uscc", "president_mobile", "sg_mobile")
    )
    return Batch.objects.select_related("unit", "cycle__programme").get(pk=batch.pk)


@pytest.mark.parametrize("rows", [1, 3])
def test_a_sheet_asks_as_often_for_one_case_as_for_three(world, django_assert_num_queries, rows):
    batch = listed(world.cycle, rows)
    programme_of(batch.cycle.programme)

    with django_assert_num_queries(2):
        assert len(list(summary_of_batch(batch, world.seats["head"]).lines())) == rows
    with django_assert_num_queries(2):
        assert len(list(summary_of_cycle(world.cycle, world.seats["head"]).lines())) == rows


def test_a_long_list_is_read_in_pieces(world, django_assert_num_queries):
    listed(world.cycle, 201)

    with django_assert_num_queries(3):
        assert len(list(summary_of_cycle(world.cycle, world.seats["head"]).lines())) == 201
