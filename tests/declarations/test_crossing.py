"""What cases have in common: files, telephones, who presides, figures; told without naming another case."""

from declarations.crossing import (
    Compared,
    Figure,
    Person,
    apart,
    found_among,
    same_files,
    same_people,
    same_phones,
)
from declarations.states import CrossKind

FIRM, OTHER = "示例建材有限公司董事长", "示例餐饮集团总裁"


def told(found):
    return [[(part.case, part.sentence) for part in one.parts] for one in found]


def test_a_file_that_two_cases_use_is_told_with_what_it_proves():
    one = Compared(1, files={"d1": (("A1.1", "纪要.pdf"), ("A1.2", "纪要.pdf")), "d2": (("A1.3", "甲.pdf"),)})
    two = Compared(2, files={"d1": (("“会员名册”", "名册.pdf"),)})

    found = list(same_files([one, two]))

    assert told(found) == [
        [
            (1, "A1.1、A1.2的佐证材料《纪要.pdf》：另有1件申报使用同一文件。"),
            (2, "“会员名册”的佐证材料《名册.pdf》：另有1件申报使用同一文件。"),
        ]
    ]
    assert (found[0].kind, found[0].key) == (CrossKind.FILE, "d1")


def test_one_telephone_in_two_cases_is_told_masked_and_within_one_case_it_is_not():
    cases = [
        Compared(1, phones={"会长联系电话": "138 0000 0001", "联系人手机": "13800000001"}),
        Compared(2, phones={"秘书长手机": "+8613800000001"}),
        Compared(3, phones={"会长联系电话": "13800000002", "联系人手机": "13800000002", "秘书长手机": "无"}),
    ]

    found = list(same_phones(cases))

    assert told(found) == [
        [
            (1, "会长联系电话、联系人手机138****0001：另有1件填写同一号码。"),
            (2, "秘书长手机138****0001：另有1件填写同一号码。"),
        ]
    ]
    assert "13800000001" not in repr(found)


def test_one_president_is_known_by_enterprise_or_telephone_and_in_one_unit_by_name():
    cases = [
        Compared(1, 7, person=Person("张三", FIRM, "13800000001")),
        Compared(2, 8, person=Person("张三", "示例建材有限公司党委书记", "13800000002")),
        Compared(3, 9, person=Person("张三", OTHER, "13800000003")),
        Compared(4, 9, person=Person("张三", "示例农场", "13800000004")),
        Compared(5, 9, person=Person("李四", FIRM, "13800000001")),
        Compared(6, 9, person=Person("", FIRM, "")),
        Compared(7, 10, person=Person("王五", "", "13800000009")),
        Compared(8, 11, person=Person("王五", "", "13800000009")),
    ]

    found = told(same_people(cases, "会长"))

    firmly = "与另外1件申报的会长姓名和所在企业或者电话相同。"
    assert found == [
        [(1, f"会长张三：{firmly}"), (2, f"会长张三：{firmly}")],
        [(7, f"会长王五：{firmly}"), (8, f"会长王五：{firmly}")],
        [
            (case, "会长张三：与另外1件申报的会长同一推荐单位内姓名相同，所在企业和电话不同。") for case in (3, 4)
        ],
    ]


def test_a_figure_is_compared_with_its_peers_alone_and_told_with_their_median():
    members = Figure("members", "会员数", "家")
    like, unlike = ("行业商会", "县级"), ("异地商会", "县级")
    cases = [Compared(n, peers=like, figures={"members": 100 + n}) for n in range(9)]
    cases += [Compared(20, peers=like, figures={"members": 3000}), Compared(21, peers=unlike, figures={"members": 9})]
    cases += [Compared(22, peers=("", "县级"), figures={"members": 9}), Compared(23, peers=like)]

    found = list(apart(cases, [members]))

    assert told(found) == [
        [(20, "会员数3,000家：行业商会、县级同类10件的中位数为104.5家，明显偏高（稳健z值8.4）。")]
    ]
    assert len(found[0].told["values"]) == 10


def test_where_peers_are_too_few_those_of_one_kind_are_the_measure_and_nobody_is_told_twice():
    members = Figure("members", "会员数", "家")
    cases = [Compared(n, peers=("行业商会", "县级"), figures={"members": 100}) for n in range(8)]
    cases.append(Compared(8, peers=("行业商会", "县级"), figures={"members": 1000}))
    cases.append(Compared(9, peers=("行业商会", "市级"), figures={"members": 2000}))

    assert told(apart(cases, [members])) == [
        [(9, "会员数2,000家：行业商会同类10件的中位数为100家，明显偏高（稳健z值7.5）。")],
        [(8, "会员数1,000家：行业商会、县级同类9件的中位数为100家，明显偏高（稳健z值5.7）。")],
    ]


def test_a_share_is_told_in_points_of_a_hundred():
    rate = Figure("rate", "满意度", "", is_share=True)
    cases = [Compared(n, peers=("行业商会",), figures={"rate": 0.95}) for n in range(8)]
    cases.append(Compared(9, peers=("行业商会",), figures={"rate": 0.4}))

    assert "满意度40%：行业商会同类9件的中位数为95%，明显偏低" in told(apart(cases, [rate]))[0][0][1]


def test_nothing_in_common_is_nothing_found():
    assert found_among([Compared(1), Compared(2)], [Figure("members", "会员数")], "会长") == []
