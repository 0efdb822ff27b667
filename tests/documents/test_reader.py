import time
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sihao.documents import reader, xlsx
from sihao.documents.intake import child
from sihao.documents.reader import Expected, Row, RowError, read, read_parts
from sihao.documents.table import Column, Table
from tests.documents.containers import RELATIONS, S, outside, package, relations, xlsx_parts, zipped
from tests.documents.hostile import HTML, MZ

NAME, CODE = Expected("名称", required=True), Expected("信用代码", key="code")
MEMBERS = Expected("会员数", "int", key="members", also=("会员数量",))


def book(*rows, title="Sheet", change=None):
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = title
    for number, row in enumerate(rows, 1):
        for place, value in enumerate(row, 1):
            cell = sheet.cell(number, place, value)
            if isinstance(value, str):
                cell.data_type = "s"
    if change:
        change(workbook)
    file = BytesIO()
    workbook.save(file)
    file.seek(0)
    return file


def errors_of(file, expected, **how):
    return [str(error) for error in read(file, expected, **how).errors]


def value_of(value, kind="text"):
    reading = read(book(["甲"], [value]), [Expected("甲", kind)])
    return reading.rows[0].values["甲"] if reading.rows else str(reading.errors[0])


# The head


def test_rows_are_read_by_title_with_their_numbers():
    file = book(["附件3"], [], ["序号", "会员数", "名称"], [1, 12, "甲商会"], [], [2, 3, "乙商会"])

    reading = read(file, [NAME, MEMBERS])

    assert reading.errors == []
    assert reading.sheet == "Sheet"
    assert reading.rows == [
        Row(4, {"名称": "甲商会", "members": 12}),
        Row(6, {"名称": "乙商会", "members": 3}),
    ]


def test_columns_do_not_shift_behind_empty_ones():
    assert read(book([], ["", "", "名称"], ["", "", "甲"]), [NAME]).rows == [Row(3, {"名称": "甲"})]


@pytest.mark.parametrize("title", ["会员数", " 会员 数*", "会员数\n", "会员数量", "＊会员数"])
def test_titles_are_found_however_they_are_spaced(title):
    assert read(book([title], [5]), [MEMBERS]).rows == [Row(2, {"members": 5})]


def test_the_head_may_stand_in_the_tenth_row_and_no_lower():
    rows = [["x"]] * 9 + [["名称"], ["甲"]]

    assert read(book(*rows), [NAME]).rows == [Row(11, {"名称": "甲"})]
    assert errors_of(book(["x"], *rows), [NAME]) == [
        "工作表“Sheet”前10行里找不到表头（应有“名称”等列）。请使用下载的模板填写。"
    ]


def test_missing_and_double_titles_are_named():
    assert errors_of(book(["说明"], ["名称", "x", "名称"]), [NAME, CODE]) == [
        "第2行：表头缺少“信用代码”列。请使用下载的模板填写。",
        "第2行：表头“名称”出现了2次（A列、C列）。请只保留一列。",
    ]


def test_the_sheet_with_the_head_is_read():
    def add(workbook):
        sheet = workbook.create_sheet("填报表")
        sheet.append(["名称"])
        sheet.append(["甲"])

    reading = read(book(["填表说明"], change=add), [NAME])

    assert (reading.sheet, reading.rows) == ("填报表", [Row(2, {"名称": "甲"})])


def test_hidden_sheets_are_not_read():
    def hide(workbook):
        sheet = workbook.create_sheet("字典")
        sheet.append(["名称"])
        sheet.sheet_state = "veryHidden"

    assert errors_of(book(["填表说明"], change=hide), [NAME]) == [
        "工作表“Sheet”前10行里找不到表头（应有“名称”等列）。请使用下载的模板填写。"
    ]


# Values


@pytest.mark.parametrize(
    ("value", "read_back"),
    [
        ("甲商会", "甲商会"),
        ("=1+1", "=1+1"),
        (" 前后空格 ", " 前后空格 "),
        ("440301199001011234", "440301199001011234"),
        ("0755", "0755"),
        (13800138000, "13800138000"),
        (12.5, "12.5"),
        (100.0, "100"),
        (True, "是"),
        (date(2020, 1, 2), "2020-01-02"),
        (datetime(2020, 1, 2, 8, 30), "2020-01-02 08:30:00"),
        ("第一行\n第二行", "第一行\n第二行"),
        ("𬱖㛃", "𬱖㛃"),
        ("_x0041_", "_x0041_"),
    ],
)
def test_text_is_read_as_it_was_typed(value, read_back):
    file = BytesIO()
    xlsx.write(Table("", [Column("甲")], [(value,)]), file)

    typed = value_of(value) if value != "_x0041_" else read(file, [Expected("甲")]).rows[0].values["甲"]

    assert typed == read_back


@pytest.mark.parametrize("value", [440301199001011234, 10**15, -(10**15)])
def test_a_long_number_that_lost_its_digits_is_refused(value):
    assert value_of(value) == (
        "第2行“甲”（A2）：数字超过15位，末尾已被表格软件改成0。请把单元格格式设为“文本”后重新填写。"
    )


def test_the_longest_exact_number_is_read():
    assert value_of(10**15 - 1) == "999999999999999"


@pytest.mark.parametrize(
    ("value", "kind", "read_back"),
    [
        (12, "int", 12),
        (12.0, "int", 12),
        ("13", "int", 13),
        ("１，２００", "int", 1200),
        ("-3", "int", -3),
        (8.95, "decimal", Decimal("8.95")),
        (0.1, "decimal", Decimal("0.1")),
        ("96.50", "decimal", Decimal("96.50")),
        (7, "decimal", Decimal(7)),
        (0.2, "percent", Decimal("0.2")),
        ("20%", "percent", Decimal("0.2")),
        ("１２.５％", "percent", Decimal("0.125")),
        (date(2020, 2, 29), "date", date(2020, 2, 29)),
        (datetime(2020, 2, 29, 23, 59), "date", date(2020, 2, 29)),
        ("2020-02-29", "date", date(2020, 2, 29)),
        ("2020/2/9", "date", date(2020, 2, 9)),
        ("2020.2.9", "date", date(2020, 2, 9)),
        ("2020年2月9日", "date", date(2020, 2, 9)),
        ("20200209", "date", date(2020, 2, 9)),
        ("2020-02-09 08:30", "datetime", datetime(2020, 2, 9, 8, 30)),
        (datetime(2020, 2, 9, 8, 30), "datetime", datetime(2020, 2, 9, 8, 30)),
        ("", "int", None),
        ("  ", "date", None),
        (None, "decimal", None),
    ],
)
def test_values_are_read_by_kind(value, kind, read_back):
    reading = read(book(["甲", "乙"], [value, "x"]), [Expected("甲", kind)])

    assert [row.values for row in reading.rows] == [{"甲": read_back}]
    assert type(reading.rows[0].values["甲"]) is type(read_back)


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        (1.5, "int", "应填整数，现在是“1.5”。"),
        ("十二", "int", "应填整数，现在是“十二”。"),
        (True, "int", "应填整数，现在是“是”。"),
        (date(2020, 1, 2), "int", "应填整数，现在是“2020-01-02”。"),
        ("1e5", "decimal", "应填数字，现在是“1e5”。"),
        ("NaN", "decimal", "应填数字，现在是“NaN”。"),
        ("约5", "decimal", "应填数字，现在是“约5”。"),
        ("长" * 40, "decimal", f"应填数字，现在是“{'长' * 30}…”。"),
        ("两成", "percent", "应填百分数，如20%，现在是“两成”。"),
        ("2020-02-30", "date", "应填日期，如2020-01-31，现在是“2020-02-30”。"),
        ("去年", "date", "应填日期，如2020-01-31，现在是“去年”。"),
        (43831, "date", "应填日期，如2020-01-31，现在是“43831”。"),
        ("0000-00-00", "datetime", "应填日期和时间，如2020-01-31 17:30，现在是“0000-00-00”。"),
    ],
)
def test_a_bad_value_is_named_with_row_and_cell(value, kind, message):
    assert value_of(value, kind) == f"第2行“甲”（A2）：{message}"


def test_errors_carry_their_place():
    reading = read(book(["名称", "会员数"], ["甲", "x"], ["", 3], ["丙", 4]), [NAME, MEMBERS])

    assert reading.errors == [
        RowError("应填整数，现在是“x”。", 2, "会员数", "B2"),
        RowError("不能为空。", 3, "名称", "A3"),
    ]
    assert [row.number for row in reading.rows] == [4]


def test_errors_are_listed_up_to_a_limit():
    reading = read(book(["会员数"], *[["x"]] * 600), [MEMBERS])

    assert len(reading.errors) == reader.MAX_ERRORS + 1
    assert str(reading.errors[-1]) == "错误超过500处，其余没有列出。请先改正以上各处再上传。"


# Formulas, faulty rows, several sheets


FORMULA = "不读取公式，请改为直接填写的内容（可复制后选择性粘贴为数值）。"


def with_formula(place, formula):
    def change(workbook):
        workbook.active[place] = formula

    return change


@pytest.mark.parametrize("formula", ["=1+1", "=B2", '=HYPERLINK("http://x.invalid")'])
def test_a_formula_is_an_error_with_its_cell(formula):
    file = book(["名称", "会员数"], ["甲", 1], ["乙", 2], change=with_formula("B3", formula))

    reading = read(file, [NAME, MEMBERS])

    assert [str(error) for error in reading.errors] == [f"第3行“会员数”（B3）：{FORMULA}"]
    assert reading.rows == [Row(2, {"名称": "甲", "members": 1})]


def test_a_formula_in_a_column_nobody_reads_is_passed_over():
    file = book(["名称", "合计"], ["甲", 1], change=with_formula("B2", "=1+1"))

    assert read(file, [NAME]).rows == [Row(2, {"名称": "甲"})]


def test_a_formula_without_a_result_is_not_a_blank_row():
    file = book(["名称", "会员数"], ["甲", 1], ["", ""], change=with_formula("A3", "=1+1"))

    assert errors_of(file, [NAME]) == [f"第3行“名称”（A3）：{FORMULA}"]


def test_what_can_be_read_of_a_faulty_row_is_kept_beside():
    reading = read(book(["名称", "会员数"], ["甲", "十二"]), [NAME, MEMBERS])

    assert (reading.rows, reading.faulty) == ([], [Row(2, {"名称": "甲"})])
    assert reading.columns == {"名称": "A", "members": "B"}


def test_several_sheets_are_read_at_once_each_by_its_titles():
    def add(workbook):
        workbook.create_sheet("说明").append(["名称", "备注"])
        other = workbook.create_sheet("会员")
        other.append(["会员数", "名称"])
        other.append([7, "乙"])

    names, members, codes = read_parts(book(["名称"], ["甲"], change=add), [[NAME], [NAME, MEMBERS], [CODE]])

    assert (names.sheet, [row.values for row in names.rows]) == ("Sheet", [{"名称": "甲"}])
    assert (members.sheet, [row.values for row in members.rows]) == ("会员", [{"名称": "乙", "members": 7}])
    assert [str(error) for error in codes.errors] == [
        "工作表“Sheet”前10行里找不到表头（应有“信用代码”等列）。请使用下载的模板填写。"
    ]


# Limits


def test_too_many_rows_are_refused():
    def far(workbook):
        workbook.active["A20011"] = "x"

    assert errors_of(book(["名称"], ["甲"], change=far), [NAME]) == [
        "工作表“Sheet”用到了第20011行、A列，超过上限（最多20000行、200列）。请删去多余的行和列，或分成几个文件。"
    ]


def test_too_many_columns_are_refused():
    def far(workbook):
        workbook.active["GS1"] = "x"

    assert errors_of(book(["名称"], ["甲"], change=far), [NAME]) == [
        "工作表“Sheet”用到了第2行、GS列，超过上限（最多20000行、200列）。请删去多余的行和列，或分成几个文件。"
    ]


def test_a_cell_at_the_end_of_the_world_is_refused_quickly():
    def far(workbook):
        workbook.active["XFD1048576"] = "x"

    begun = time.monotonic()

    assert errors_of(book(["名称"], ["甲"], change=far), [NAME]) == [
        "“表格.xlsx”无法读取：工作簿已损坏，或者在很远的行、列里填了内容。请把需要的内容复制到新下载的模板后再上传。"
    ]
    assert time.monotonic() - begun < 20


def test_one_text_repeated_beyond_measure_is_refused():
    row = '<c t="s"><v>0</v></c>' * 100
    cells = "".join(f'<row r="{number}">{row}</row>' for number in range(1, 200))

    (message,) = errors_of(BytesIO(package("xlsx", sharing("长" * 32_000, cells))), [NAME])

    assert message.startswith("“表格.xlsx”无法读取：工作簿已损坏")


def sharing(text, cells):
    """Return the parts of a workbook whose cells share one text."""
    rows = (("worksheet", "worksheets/sheet1.xml", ""), ("sharedStrings", "sharedStrings.xml", ""))
    sheet = '<sheet name="S" sheetId="1" r:id="r0"/>'
    return {
        "xl/workbook.xml": f'<workbook xmlns="{S}" xmlns:r="{RELATIONS}"><sheets>{sheet}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(*rows),
        "xl/sharedStrings.xml": f'<sst xmlns="{S}"><si><t>{text}</t></si></sst>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{S}"><sheetData>{cells}</sheetData></worksheet>',
    }


def test_twenty_thousand_rows_are_read():
    rows = ((f"{number}商会", number) for number in range(20_000))
    file = BytesIO()
    xlsx.write(Table("", [Column("名称"), Column("会员数", "int")], rows), file)

    reading = read(file, [NAME, MEMBERS])

    assert (len(reading.rows), reading.errors) == (20_000, [])
    assert reading.rows[-1] == Row(20_001, {"名称": "19999商会", "members": 19_999})


# Not a workbook


REAL = "请上传真正的PDF、JPG、PNG、OFD、DOCX、XLSX文件，不要只改扩展名。"


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"", "表.xlsx", "“表.xlsx”没有收下：文件是空的（0字节）。请确认文件已保存好再上传。"),
        (
            MZ,
            "表.xlsx",
            f"“表.xlsx”没有收下：扩展名说是XLSX，内容却是可执行程序。{REAL}",
        ),
        (
            HTML,
            "表.xlsx",
            f"“表.xlsx”没有收下：扩展名说是XLSX，内容却是网页。{REAL}",
        ),
        (b"a,b", "表.csv", "“表.csv”没有收下：扩展名“.csv”不在接受之列。请另存为XLSX或PDF后再上传。"),
        (
            zipped({**xlsx_parts(), "xl/_rels/workbook.xml.rels": outside("image", "http://x.invalid/")}),
            "表.xlsx",
            "“表.xlsx”没有收下：文件引用了外部内容（http://x.invalid/）。请用原来的软件打开，另存为PDF后再上传。",
        ),
    ],
    ids=["empty", "program", "web page", "csv", "reaching outside"],
)
def test_what_is_no_workbook_is_refused_in_words(content, name, message):
    assert errors_of(BytesIO(content), [NAME], name=name) == [message]


def test_another_kind_of_document_is_not_a_workbook():
    (message,) = errors_of(BytesIO(package("docx")), [NAME], name="表.docx")

    assert message == "“表.docx”不是XLSX工作簿。请使用下载的模板填写后上传。"


def test_a_workbook_without_a_visible_sheet_is_refused():
    parts = sharing("x", "")
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace("<sheet ", '<sheet state="hidden" ')

    assert errors_of(BytesIO(package("xlsx", parts)), [NAME]) == ["工作簿里没有可见的工作表。"]


def test_a_workbook_without_sheets_is_refused():
    assert errors_of(BytesIO(package("xlsx")), [NAME])[0].startswith("“表格.xlsx”无法读取：工作簿已损坏")


def test_a_busy_machine_is_not_the_fault_of_the_workbook(monkeypatch):
    monkeypatch.setattr(child, "PATIENCE", 0)

    assert errors_of(book(["名称"]), [NAME]) == [
        "“表格.xlsx”没有收下：服务器正忙，没能及时检查完。请过几分钟再上传。"
    ]


def test_a_file_too_large_is_refused():
    assert errors_of(BytesIO(bytes(2_000)), [NAME], max_bytes=1_000)[0].startswith(
        "“表格.xlsx”没有收下：文件大小为2000字节，超过1000字节的上限。"
    )


def test_the_file_stands_at_its_beginning_afterwards():
    file = book(["名称"], ["甲"])

    read(file, [NAME])

    assert file.tell() == 0


# Damage


GOOD = book(["名称", "会员数"], *[[f"{number}商会", number] for number in range(50)]).getvalue()


def never_raises(content):
    reading = read(BytesIO(content), [NAME, MEMBERS])
    assert all(str(error) and not str(error).isascii() for error in reading.errors)
    return reading


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_cut_and_bent_workbooks_never_raise(data):
    content = bytearray(GOOD)
    for _ in range(data.draw(st.integers(0, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))

    never_raises(bytes(content[: data.draw(st.integers(0, len(content)))]))
    never_raises(bytes(content))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_workbooks_bent_inside_their_wrapping_never_raise(data):
    with ZipFile(BytesIO(GOOD)) as archive:
        parts = {name: bytearray(archive.read(name)) for name in archive.namelist()}
    name = data.draw(st.sampled_from(sorted(name for name in parts if name.startswith("xl/"))))
    for _ in range(data.draw(st.integers(1, 4))):
        parts[name][data.draw(st.integers(0, len(parts[name]) - 1))] = data.draw(st.integers(32, 126))

    never_raises(zipped({name: bytes(content) for name, content in parts.items()}))


@settings(max_examples=6, deadline=None)
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), min_size=1), min_size=30, max_size=60
    )
)
def test_what_is_written_is_read_back(texts):
    file = BytesIO()
    xlsx.write(Table("表", [Column("名称"), Column("占位")], [(text, "x") for text in texts]), file)

    rows = read(file, [Expected("名称"), Expected("占位")]).rows

    assert [row.values["名称"] or "" for row in rows] == [text if text.strip() else "" for text in texts]
