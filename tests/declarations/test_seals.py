"""Codes on sealed papers, what they say of a scan, and how two versions of a list differ. No database."""

from dataclasses import replace

import pytest

from declarations.listing import changes, told
from declarations.seals import Forged, Judged, PaperMark, judge, opened
from declarations.states import PaperKind
from declarations.wording import placeholders

NOW = PaperMark("sh2020", "410000", 2, PaperKind.REPORT, 1, "0123456789abcdef" + "0" * 48, pages=3)
HERE = [NOW.on(page, 3).text for page in (1, 2, 3)]


def test_a_code_is_short_capital_and_read_back():
    assert NOW.text == f"SH1:SH2020:410000:2:R1:1.3:0123456789ABCDEF:{NOW.check}"
    assert (len(NOW.check), NOW.check.isupper()) == (10, True)
    found = opened(NOW.text)
    assert (found.kind, found.version, found.edition, found.page, found.pages) == (
        PaperKind.REPORT,
        2,
        1,
        1,
        3,
    )


@pytest.mark.parametrize("text", ["", "https://example.org/", "SH2:SH2020"])
def test_a_strange_code_is_nobodys(text):
    assert opened(text) is None


@pytest.mark.parametrize(
    "text",
    [
        NOW.text.replace(":2:", ":3:", 1),
        NOW.text[:-1] + ("A" if NOW.text[-1] != "A" else "B"),
        NOW.text.replace("R1", "Q1"),
        NOW.text.replace(":2:", ":02:", 1),
        "SH1:a:b",
        "SH1:" + ":" * 7,
    ],
)
def test_a_code_that_was_altered_is_not_ours(text):
    with pytest.raises(Forged):
        opened(text)


def test_a_whole_scan_covers_every_page_whatever_else_is_on_it():
    read = [[HERE[1], "https://example.org/"], [HERE[0]], [HERE[2]]]

    assert judge(read, NOW) == Judged(covers=(1, 2, 3))


def test_a_page_without_our_code_is_unread():
    assert judge([[HERE[0]], [], ["foreign"]], NOW) == Judged(covers=(1,), unread=(2, 3))


@pytest.mark.parametrize(
    ("mark", "words", "old"),
    [
        (
            replace(NOW, version=1, digest="f" * 64),
            "属于名单第1版（摘要值FFFFFFFFFFFFFFFF），现为第2版（摘要值0123456789ABCDEF）。",
            1,
        ),
        (replace(NOW, kind=PaperKind.MINUTES), "是《会议纪要》，这里应上传《推荐审核情况报告》。", None),
        (replace(NOW, unit="420000"), "不是本单位本周期的材料。", None),
        (replace(NOW, cycle="sh2022"), "不是本单位本周期的材料。", None),
        (replace(NOW, edition=2), "是第2稿，现为第1稿，请按现稿重新打印、盖章。", None),
    ],
)
def test_what_is_not_the_current_paper_is_said(mark, words, old):
    read = [[mark.on(1, 3).text], [HERE[1]], [mark.on(3, 3).text]]

    assert judge(read, NOW) == Judged(covers=(2,), complaints=(f"第1、3页{words}",), old=old)


def test_a_forged_code_is_said():
    found = judge([[HERE[0][:-2] + "ZZ"]], NOW)

    assert found.complaints == ("第1页的二维码不是本系统生成的，或者已被改动。",)


# ---- versions of a list


def line(rank, name, **words):
    return {"rank": rank, "number": name, "name": name, "uscc": "1", "total": "400", "content": "a"} | words


OLD = [line(1, "甲"), line(2, "乙"), line(3, "丙")]


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (OLD, []),
        ([line(1, "甲"), line(2, "丙")], ["乙：已移出（原第2位）"]),
        ([line(1, "丁"), line(2, "甲"), line(3, "乙"), line(4, "丙")], ["丁：新列入（第1位）"]),
        (
            [line(1, "乙"), line(2, "甲"), line(3, "丙")],
            ["乙：次序由第2位变为第1位", "甲：次序由第1位变为第2位"],
        ),
        (
            [line(1, "甲", total="398.5", content="b"), *OLD[1:]],
            ["甲：审核得分由400分变为398.5分，申报材料或者评分有改动"],
        ),
        ([line(1, "甲", uscc="2"), *OLD[1:]], ["甲：统一社会信用代码由1变为2"]),
    ],
)
def test_two_versions_differ_in_words(new, words):
    assert list(map(str, changes(OLD, new))) == words


def test_a_long_row_of_changes_is_counted():
    old = [line(rank, f"商会{rank}") for rank in range(1, 11)]
    new = [line(rank, f"商会{rank}", total="1") for rank in range(1, 11)]

    assert told(changes(old, new)).endswith("商会8：审核得分由400分变为1分；等10家")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("全部写明，共3家。", ()),
        ("共【数量】家，XX商会，＿＿＿，待填", ("【数量】", "XX", "＿＿＿", "待填")),
        ("XXL公司不是空格", ()),
    ],
)
def test_what_is_left_to_fill_in_is_found(text, left):
    assert placeholders(text) == left
