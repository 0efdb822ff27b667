"""A third, made-up programme as an office writes it in a sheet: three sections, 60 points, one gate, two tiers."""

from collections.abc import Callable
from io import BytesIO

import openpyxl

SLUG = "shifan-2022"
TITLE = "示范商会服务站建设标准（2022）"
ROW_HEAD = (
    "一级指标代号",
    "一级指标",
    "一级指标分值",
    "是否加分项",
    "二级指标代号",
    "二级指标",
    "二级指标分值",
    "二级指标依据",
    "指标代号",
    "指标",
    "标记",
    "分值",
    "评分标准",
    "计分规则",
    "佐证材料",
    "依据字段",
    "核算方式",
    "依据",
    "说明",
    "核验方式",
    "标记的理由",
)
ROWS = (
    (
        "P",
        "阵地建设",
        25,
        "",
        "P1",
        "场所和人员",
        None,
        "二（一）",
        "P1.1",
        "有固定服务场所",
        "",
        10,
        "",
        "是：有固定服务场所",
        "场所照片",
    ),
    (
        "",
        "",
        None,
        "",
        "",
        "",
        None,
        "",
        "P1.2",
        "有专职工作人员",
        "",
        15,
        "",
        "分档：专职人员数：3及以上＝15；1及以上＝8",
        "名册",
    ),
    (
        "Q",
        "服务实效",
        25,
        "",
        "Q1",
        "服务会员",
        None,
        "二（二）",
        "Q1.1",
        "走访会员企业",
        "",
        15,
        "",
        "分档：走访企业数：20及以上＝15；10及以上＝9",
        "走访记录",
    ),
    (
        "",
        "",
        None,
        "",
        "",
        "",
        None,
        "",
        "Q1.2",
        "服务事项办得好",
        "",
        10,
        "",
        "评定：好＝10；较好＝6；一般＝3；无＝0",
        "台账",
    ),
    (
        "R",
        "规范运行",
        10,
        "",
        "R1",
        "制度",
        None,
        "二（三）",
        "R1.1",
        "制度健全",
        "",
        10,
        "制度齐全并公开上墙。",
        "",
        "制度文本",
    ),
)
HEAD = {
    "代号": SLUG,
    "标准名称": TITLE,
    "来源说明": "漯河市工商联自定，非官方文本",
    "简短说明": "自定稿，非官方",
    "依据文件": "示例通知",
    "程序": "sihao",
    "总分": 60,
    "打分单位": 0.5,
    "考察期起": "2022-01-01",
    "考察期止": "2022-12-31",
}
GATE_HEAD = (
    "门槛代号",
    "门槛内容",
    "门槛依据",
    "门槛种类",
    "门槛界限",
    "门槛标记",
    "门槛恰在线上",
    "门槛说明",
)
GATES = (("G1", "总分45分以上为达标", "三", "总分不低于", 45, "", "通过", ""),)
FIELD_HEAD = (
    "字段代号",
    "字段名称",
    "字段类型",
    "字段分组",
    "字段选项",
    "字段单位",
    "字段必填",
    "字段填写说明",
    "字段示例",
    "字段依据",
    "字段最少字数",
    "字段最多字数",
    "字段其他",
)
FIELDS = (
    ("name", "商会名称", "文字", "基本情况", "", "", "是"),
    ("place", "有固定服务场所", "是否", "服务站", "", "", "是"),
    ("staff", "专职人员数", "整数", "服务站", "", "人", "是"),
    ("calls", "走访企业数", "整数", "服务站", "", "家", "是"),
)


def workbook(change: Callable[[openpyxl.Workbook], None] = lambda book: None) -> bytes:
    """Return the workbook, changed as asked."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, head, rows in (
        ("指标", ROW_HEAD, ROWS),
        ("基本情况", ("项目", "内容"), tuple(HEAD.items())),
        ("门槛", GATE_HEAD, GATES),
        ("字段", FIELD_HEAD, FIELDS),
    ):
        sheet = book.create_sheet(name)
        sheet.append(head)
        for row in rows:
            sheet.append(row)
    change(book)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def cell(sheet: str, place: str, value: object) -> Callable[[openpyxl.Workbook], None]:
    """Return the change that one cell holds something else."""

    def change(book: openpyxl.Workbook) -> None:
        book[sheet][place] = value

    return change
