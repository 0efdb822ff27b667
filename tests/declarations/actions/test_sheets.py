"""The self-assessment filled in offline: given out, read back, compared in three ways, written once."""

import shutil
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from declarations import stamps
from declarations.actions import draft, review
from declarations.actions.draft import Brought, Decided, MovedOn
from declarations.demo import stages
from declarations.imports.self_assessment import read_filled
from declarations.models import FilledSheet
from declarations.queries.drafting.marks import own_marks
from declarations.queries.drafting.sheets import FILLED, comparison_of
from declarations.queries.facts import dossier_of
from declarations.stamps import IssuedRow, Stamp
from declarations.states import ReturnReason
from scoring.actions import Entered
from sihao.accounts.refusals import Refused
from sihao.documents import xlsx
from sihao.documents.table import Column, Table
from tests import worlds
from tests.kept import Ground, building, kept
from tests.workbooks import HEAD, changed, columns_of, filled_in, issued, rows_of

pytestmark = pytest.mark.django_db

NAME = "附件5.xlsx"
WORDS = "有关情况见佐证材料，数据截至2020年9月。"
AGAIN = "请重新下载工作簿，把填写的内容复制过去。"


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("evidence")
    with kept(django_db_blocker):
        with building(folder):
            world = worlds.make_world()
            case = worlds.make_draft(world)
        yield Ground(world, case), folder


@pytest.fixture
def world(ground, storage_root):
    shutil.copytree(ground[1], storage_root)
    return ground[0].afresh()


@pytest.fixture
def case(ground):
    return stages.fresh(ground[0].case)


@pytest.fixture
def content(case, world):
    return issued(case, world.clock.at)


def read(case, content):
    return read_filled(BytesIO(content), NAME, dossier_of(case))


def refusals(case, content):
    with pytest.raises(Refused) as caught:
        read(case, content)
    return [refusal.sentence for refusal in caught.value.refusals]


def bring(world, case, content):
    filled = read(case, content)
    brought = Brought(NAME, filled.downloaded, filled.versions, filled.rows, filled.told)
    actor = worlds.president_of(case.applicant)
    return draft.bring_sheet(case=case, brought=brought, actor=actor, now=world.tick())


def mark_online(world, case, **entries):
    words = {code.replace("_", "."): entered for code, entered in entries.items()}
    actor = worlds.president_of(case.applicant)
    draft.save_self_marks(case=case, entries=words, actor=actor, now=world.tick())


def seen(comparison):
    return {row.code: row.version for row in comparison.rows}


def confirm(world, sheet, *, comparison=None, **choices):
    comparison = comparison or comparison_of(sheet, dossier_of(sheet.declaration))
    chosen = {name.replace("_", "."): choice for name, choice in choices.items()}
    named = {cell.name: chosen.get(cell.code, False) for cell in comparison.cells if cell.clashes}
    actor = worlds.president_of(sheet.declaration.applicant)
    return draft.write_sheet(sheet=sheet, decided=Decided(seen(comparison), named), actor=actor, now=world.tick())


def row_of(case, code):
    mark = own_marks(dossier_of(case))[code]
    return mark.points, mark.words, mark.reason


def cells(sheet):
    found = comparison_of(sheet, dossier_of(sheet.declaration)).cells
    return {cell.name: (cell.issued, cell.filled, cell.now, cell.clashes) for cell in found}


# ---- given out


def test_the_workbook_has_a_row_for_each_item_and_opens_three_columns(content, case):
    sheet = openpyxl.load_workbook(BytesIO(content))["自评表"]
    programme = dossier_of(case).programme

    assert list(columns_of(sheet)) == [
        "序号", "指标编号", "一级指标", "二级指标", "末级指标", "标记", "评分标准", "分值", "建议得分与依据",
        "自评得分", "实际情况说明", "自评高于建议的理由",
    ]  # fmt: skip
    assert [code for code, _ in rows_of(sheet)] == [item.id for item in programme.rubric.items()]
    open_cells = {cell.column for row in sheet.iter_rows() for cell in row if not cell.protection.locked}
    assert open_cells == {columns_of(sheet)[title] for title in FILLED.values()}
    assert (sheet.protection.sheet, sheet.freeze_panes) == (True, "C6")
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.print_title_rows == "$5:$5"


def test_a_row_tells_its_standard_its_proposal_and_what_stands(content):
    sheet = openpyxl.load_workbook(BytesIO(content))["自评表"]

    first = [cell.value for cell in sheet[HEAD + 1]]

    assert first[:2] == [1, "A1.1"]
    assert (first[5], first[7]) == ("*否决项", 10)
    assert first[8].startswith("10/10：")
    assert first[9:] == [10, WORDS, None]


def test_the_check_line_counts_what_was_given_out(content, case):
    sheet = openpyxl.load_workbook(BytesIO(content))["自评表"]

    assert case.number in sheet["A2"].value
    assert sheet["A4"].value.startswith("核对：共90项，满分500分；发出时已打分90项，合计479分；2020年9月28日")
    assert case.cycle.programme.digest[:12] in sheet["A4"].value


def test_in_a_return_only_the_items_it_names_are_open(world, case):
    case = returned(world, case)

    sheet = openpyxl.load_workbook(BytesIO(issued(case, world.clock.at)))["自评表"]

    rows = dict(rows_of(sheet))
    assert {cell.row for row in sheet.iter_rows() for cell in row if not cell.protection.locked} == {rows["A1.3"]}


def returned(world, case):
    draft.submit(case=case, actor=worlds.president_of(case.applicant), now=world.tick())
    case = stages.fresh(case)
    mend = review.Mend(item="A1.3", label="A1.3", reason=ReturnReason.OVERRATED, text="材料不足。")
    review.return_for_correction(case=case, items=[mend], actor=world.officer(case.holder), now=world.tick())
    return stages.fresh(case)


# ---- read back


def test_an_untouched_workbook_changes_nothing(case, content):
    filled = read(case, content)

    assert (set(map(str, filled.rows.values())), filled.told) == ({"{}"}, [])


ODD_TEXTS = ["=1+1", "007", "“引号”\"'", "一\n二\n", "😀", "_x0041_", " 空 ", "#N/A"]
ANY_TEXT = st.text(max_size=40) | st.sampled_from(ODD_TEXTS)


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(ANY_TEXT, ANY_TEXT), min_size=12, max_size=24))
def test_whatever_stands_in_a_row_comes_back_untouched(world, case, texts):
    codes = [item.id for item in dossier_of(case).programme.rubric.items()]
    texts += [(odd, odd) for odd in ODD_TEXTS]
    entries = {}
    for code, pair in zip(codes, texts, strict=False):
        words, reason = (text.replace("\x00", "").encode("utf-8", "ignore").decode() for text in pair)
        entries[code.replace(".", "_")] = Entered(words=words, reason=reason)
    mark_online(world, case, **entries)

    filled = read(case, issued(case, world.clock.at))

    assert (set(map(str, filled.rows.values())), filled.told) == ({"{}"}, [])


@pytest.mark.parametrize("typed", ["８", "8", "8.0", 8, Decimal("8.0"), " 8 ", "８．０"], ids=repr)
def test_a_figure_is_taken_however_it_was_typed(case, content, typed):
    assert read(case, filled_in(content, {"A1.1": {"points": typed}})).rows["A1.1"] == {"points": "8"}


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        (11, "评11分，超过该行满分10分"),
        (-1, "评分不能为负数"),
        ("0.3", "评0.3分，不是0.5分的整数倍"),
        ("十分", "“十分”不是数字，请只填数字，不带单位，如12"),
    ],
)
def test_a_bad_mark_is_told_by_its_cell_and_the_rest_of_the_row_is_taken(case, content, typed, problem):
    filled = read(case, filled_in(content, {"A1.1": {"points": typed, "words": "新的"}, "A1.2": {"points": 5}}))

    assert filled.told == [f"自评表 J6：A1.1：{problem}。"]
    assert (filled.rows["A1.1"], filled.rows["A1.2"]) == ({"words": "新的"}, {"points": "5"})


def test_a_mark_that_was_none_when_it_went_out_is_no_error_while_untouched(world, case):
    mark_online(world, case, A1_1=Entered(points="十分"))

    filled = read(case, issued(case, world.clock.at))

    assert (filled.rows["A1.1"], filled.told) == ({}, [])


def test_a_formula_is_told_by_its_cell(case, content):
    def change(book):
        book["自评表"]["J6"] = "=5+3"

    filled = read(case, changed(content, change))

    assert filled.told == ["自评表 J6：不读取公式，请改为直接填写的内容（可复制后选择性粘贴为数值）。"]
    assert filled.rows["A1.1"] == {}


def test_rows_that_moved_are_found_by_their_code(case, content):
    def change(book):
        sheet = book["自评表"]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=HEAD + 1)]
        for number, row in enumerate(reversed(rows), HEAD + 1):
            for place, value in enumerate(row, 1):
                sheet.cell(number, place, value)
        sheet.insert_rows(HEAD + 3)

    filled = read(case, changed(filled_in(content, {"A1.1": {"points": 3}}), change))

    assert (filled.rows["A1.1"], filled.told) == ({"points": "3"}, [])


def test_missing_double_and_unknown_rows_are_named(case, content):
    def change(book):
        sheet = book["自评表"]
        sheet["B6"], sheet["B7"], sheet["B9"] = "A1.3", "Z9.9", None
        sheet.delete_rows(95)

    filled = read(case, changed(content, change))

    assert filled.told == [
        "自评表 B6：A1.3出现了2次，各行都没有读取。请只保留一行。",
        "自评表 B7：没有“Z9.9”这项指标，本行没有读取。",
        "自评表 B8：A1.3出现了2次，各行都没有读取。请只保留一行。",
        "自评表 B9：缺少指标编号，本行没有读取。",
        "自评表：缺少4项指标，保持现在的内容：A1.1、A1.2、A1.4、E4.1。",
    ]
    assert not filled.rows.keys() & {"A1.1", "A1.2", "A1.3", "A1.4"}


def test_twenty_thousand_strange_rows_are_told_shortly(case, content):
    def change(book):
        sheet = book["自评表"]
        for number in range(HEAD + 91, 20_000):
            sheet.cell(number, 2, f"X{number}")

    filled = read(case, changed(content, change))

    assert (len(filled.told), filled.told[-1]) == (201, "另有19704处没有列出。")


def test_what_the_return_did_not_open_is_told(world, case):
    case = returned(world, case)
    content = filled_in(issued(case, world.clock.at), {"A1.1": {"points": 1}, "A1.3": {"points": 1}})

    filled = read(case, content)

    assert filled.told == ["自评表 J6：A1.1不在退回修改的事项内，填写的内容没有读取。"]
    assert (filled.rows["A1.1"], filled.rows["A1.3"]) == ({}, {"points": "1"})


def test_extra_sheets_before_and_behind_are_passed_over(case, content):
    def change(book):
        other = book.create_sheet("草稿", 0)
        other.append(["指标编号", "自评得分"])
        other.append(["A1.1", 1])
        book.create_sheet("算术")["A1"] = "=1+1"

    assert read(case, changed(filled_in(content, {"A1.1": {"points": 9}}), change)).rows["A1.1"] == {"points": "9"}


# ---- not this workbook


def test_the_workbook_of_another_case_is_refused(world, case):
    other = worlds.make_draft(world)

    assert refusals(case, issued(other, world.clock.at)) == [
        f"这份工作簿是受理编号{other.number}的自评表，本件是{case.number}。请上传从本件下载的工作簿。"
    ]


def test_a_workbook_of_another_programme_is_refused(world, case, content):
    version = case.cycle.programme
    version.digest = "f" * 64

    theirs, title = world.cycle.programme.digest[:12], "全国“四好”商会认定标准表（2019—2020年度）"
    why = f"这份工作簿按另一版认定标准（摘要{theirs}）发出，本件按{title}（摘要ffffffffffff）。{AGAIN}"
    assert refusals(case, content) == [why]


def without_seal(book):
    del book["请勿改动"]


def bent_seal(book):
    cell = book["请勿改动"]["B4"]
    cell.value = cell.value[:40] + ("A" if cell.value[40] != "A" else "B") + cell.value[41:]


def cut_seal(book):
    book["请勿改动"].delete_rows(4)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (without_seal, "工作簿里没有“请勿改动”表，或者其中内容不全，无法确认它从哪一件申报发出。"),
        (cut_seal, "工作簿里没有“请勿改动”表，或者其中内容不全，无法确认它从哪一件申报发出。"),
        (bent_seal, "工作簿“请勿改动”表里的内容被改动过，不能确认它从哪一件申报发出。"),
    ],
)
def test_a_workbook_without_its_true_stamp_is_refused(case, content, change, why):
    assert refusals(case, changed(content, change)) == [why + AGAIN]


def test_a_stamp_signed_with_another_key_is_refused(case, content, settings, world):
    settings.SECRET_KEY = "another" * 8
    forged = stamps.sealed(Stamp(case.number, case.cycle.programme.digest, world.clock.at, {"A1.1": IssuedRow()}))
    settings.SECRET_KEY = "third" * 8

    with pytest.raises(stamps.BadStamp):
        stamps.opened(forged)
    assert len(refusals(case, content)) == 1


def test_another_sheet_is_refused_in_words(case):
    file = BytesIO()
    xlsx.write(Table("名册", [Column("名称")], [("甲",)]), file)

    wanted = "“指标编号”、“自评得分”、“实际情况说明”、“自评高于建议的理由”等列"
    why = f"工作表“名册”前10行里找不到表头（应有{wanted}）。请使用下载的模板填写。"
    assert refusals(case, file.getvalue()) == [why]
    assert refusals(case, b"PK\x03\x04nonsense")[0].startswith("“附件5.xlsx”")


# ---- compared and written


def test_three_marks_of_the_workbook_and_one_online_meet_in_one_collision(world, case, content):
    changes = {"A1.1": {"points": 7}, "A1.2": {"points": "4.5"}, "A1.3": {"points": 2, "words": "表中"}}
    mark_online(world, case, A1_3=Entered(points="3"), A1_5=Entered(points="5"))
    sheet = bring(world, case, filled_in(content, changes))

    assert cells(sheet) == {
        "A1.1/points": ("10", "7", "10", False),
        "A1.2/points": ("7", "4.5", "7", False),
        "A1.3/points": ("7", "2", "3", True),
        "A1.3/words": (WORDS, "表中", WORDS, False),
    }
    assert comparison_of(sheet, dossier_of(case)).others == ("A1.5",)
    assert row_of(case, "A1.1")[0] == 10

    assert confirm(world, sheet) == 3

    assert [row_of(case, code)[0] for code in ("A1.1", "A1.2", "A1.3", "A1.5")] == [7, Decimal("4.5"), 3, 5]
    assert row_of(case, "A1.3")[1] == "表中"
    assert FilledSheet.objects.get().written_at is not None


def test_a_collision_is_written_where_the_chamber_chose_the_workbook(world, case, content):
    mark_online(world, case, A1_3=Entered(points="3"))
    sheet = bring(world, case, filled_in(content, {"A1.3": {"points": 2}}))

    assert confirm(world, sheet, A1_3=True) == 1

    assert row_of(case, "A1.3")[0] == 2


def test_a_cell_that_both_changed_alike_is_not_listed(world, case, content):
    mark_online(world, case, A1_3=Entered(points="3"))

    sheet = bring(world, case, filled_in(content, {"A1.3": {"points": "3.0"}}))

    assert cells(sheet) == {}


def test_a_cell_that_was_emptied_is_emptied(world, case, content):
    sheet = bring(world, case, filled_in(content, {"A1.1": {"points": None, "words": "  "}}))

    assert confirm(world, sheet) == 2

    assert row_of(case, "A1.1") == (None, "", "")


def test_a_change_after_the_comparison_is_shown_again_and_nothing_is_written(world, case, content):
    sheet = bring(world, case, filled_in(content, {"A1.1": {"points": 7}, "A1.2": {"points": 4}}))
    comparison = comparison_of(sheet, dossier_of(case))
    mark_online(world, case, A1_1=Entered(points="9"))

    with pytest.raises(MovedOn):
        confirm(world, sheet, comparison=comparison)

    assert [row_of(case, code)[0] for code in ("A1.1", "A1.2")] == [9, 7]
    assert FilledSheet.objects.get().written_at is None
    assert cells(sheet)["A1.1/points"] == ("10", "7", "9", True)


def test_a_second_change_to_a_chosen_collision_is_shown_again(world, case, content):
    mark_online(world, case, A1_1=Entered(points="9"))
    sheet = bring(world, case, filled_in(content, {"A1.1": {"points": 7}}))
    comparison = comparison_of(sheet, dossier_of(case))
    mark_online(world, case, A1_1=Entered(points="8"))

    with pytest.raises(MovedOn):
        confirm(world, sheet, comparison=comparison, A1_1=True)

    assert row_of(case, "A1.1")[0] == 8


def test_a_change_to_another_part_of_the_row_does_not_hinder(world, case, content):
    sheet = bring(world, case, filled_in(content, {"A1.1": {"points": 7}}))
    comparison = comparison_of(sheet, dossier_of(case))
    mark_online(world, case, A1_1=Entered(words="网上"))

    assert confirm(world, sheet, comparison=comparison) == 1

    assert row_of(case, "A1.1") == (7, "网上", "")


def test_a_cell_that_was_not_drawn_is_shown_first(world, case, content):
    mark_online(world, case, A1_1=Entered(points="7"))
    sheet = bring(world, case, filled_in(content, {"A1.1": {"points": 7}}))
    comparison = comparison_of(sheet, dossier_of(case))
    mark_online(world, case, A1_1=Entered(points="10"))

    with pytest.raises(MovedOn):
        confirm(world, sheet, comparison=comparison)


def test_a_workbook_is_written_once(world, case, content):
    sheet = bring(world, case, filled_in(content, {"A1.1": {"points": 7}}))
    confirm(world, sheet)
    mark_online(world, case, A1_1=Entered(points="9"))

    with pytest.raises(Refused) as caught:
        confirm(world, sheet)

    assert [refusal.code for refusal in caught.value.refusals] == ["sheet_written"]
    assert row_of(case, "A1.1")[0] == 9


def test_a_new_workbook_takes_the_place_of_the_seat_s_last_one(world, case, content):
    first = bring(world, case, content)
    bring(world, case, content)

    with pytest.raises(Refused) as caught:
        confirm(world, first)

    assert [refusal.code for refusal in caught.value.refusals] == ["sheet_gone"]
    assert FilledSheet.objects.count() == 1


def test_after_handing_in_nothing_is_brought_written_or_given_up(world, case, content):
    actor = worlds.president_of(case.applicant)
    sheet = bring(world, case, filled_in(content, {"A1.1": {"points": 7}}))
    draft.submit(case=case, actor=actor, now=world.tick())

    for act in (
        lambda: bring(world, stages.fresh(case), content),
        lambda: confirm(world, sheet),
        lambda: draft.discard_sheet(sheet=sheet, actor=actor),
    ):
        with pytest.raises(Refused) as caught:
            act()
        assert [refusal.code for refusal in caught.value.refusals] == ["not_editable"]


def test_what_was_given_up_is_gone(world, case, content):
    sheet = bring(world, case, filled_in(content, {"A1.1": {"points": 7}}))

    draft.discard_sheet(sheet=sheet, actor=worlds.president_of(case.applicant))

    assert (FilledSheet.objects.count(), row_of(case, "A1.1")[0]) == (0, 10)
