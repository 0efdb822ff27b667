"""The sheets a programme is written on: which columns, what each holds, how it is called."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

MARKS = {"veto": "否决项", "baseline": "基础达标项"}
AUTOS = {"full": "系统核算", "assist": "系统建议", "manual": "人工评定"}
GATES = {"min_total": "总分不低于", "any_zero": "有一项为0分", "max_not_full": "不是满分的项数不超过"}
KINDS = {
    "text": "文字",
    "long_text": "长文字",
    "date": "日期",
    "bool": "是否",
    "list": "列表",
    "uscc": "统一社会信用代码",
    "gb2260": "行政区划代码",
    "mobile": "电话",
    "int": "整数",
    "decimal": "小数",
    "ratio": "百分比",
    "choice": "单选",
    "multi": "多选",
}
SEVERITIES = {"block": "阻断", "explain": "须说明", "hint": "提示"}
READINGS = {"true": "通过", "false": "不通过"}


@dataclass(frozen=True)
class Column:
    """One column: its key in the programme file, its title, what it holds, and how it is filled in.

    ``kind`` is text, number, whole, flag, day, list, choice, rule, inline (a value of the file) or more (several keys).
    A column that is ``hidden`` stands in no table of a page, only on the page of its row.
    """

    key: str
    title: str
    kind: str = "text"
    required: bool = False
    words: Mapping[str, str] = field(default_factory=dict)
    help: str = ""
    wide: bool = False
    hidden: bool = False


@dataclass(frozen=True)
class Sheet:
    """One kind of row: its name in the workbook, its columns; ``key`` names the column that tells rows apart."""

    name: str
    title: str
    key: str
    columns: tuple[Column, ...]
    where: str = ""

    def column(self, key: str) -> Column:
        """Return a column by key; raises KeyError."""
        return next(column for column in self.columns if column.key == key)


C = Column
HEAD = Sheet(
    "head",
    "基本情况",
    "id",
    (
        C("id", "代号", required=True, help="小写字母、数字和连字符；同一标准的各版用同一代号"),
        C("title", "标准名称", required=True),
        C("status_label_zh", "来源说明", required=True, help="写明由谁依据什么制定，是否官方文本"),
        C("short_status", "简短说明", help="印在每张表的标题旁；空着用来源说明"),
        C("status", "状态代号", hidden=True, help="空着为issued"),
        C("source", "依据文件", required=True),
        C("official", "来源原文规定的内容", wide=True, hidden=True),
        C("workflow", "程序", hidden=True, help="由谁申请、逐级由谁审核和认定；空着的由周期规定"),
        C("total", "总分", "number", required=True, help="含加分；各一级指标分值之和"),
        C("score_step", "打分单位", "number", required=True, help="如0.5"),
        C("period_start", "考察期起", "day", required=True),
        C("period_end", "考察期止", "day", required=True),
        C("period_note", "考察期说明", hidden=True),
        C("veto_symbol", "否决项符号", help="没有否决项的空着"),
        C("veto_count", "否决项项数", "whole", help="空着按实际项数"),
        C("baseline_symbol", "基础达标项符号", help="没有基础达标项的空着"),
        C("baseline_count", "基础达标项项数", "whole", help="空着按实际项数"),
        C("veto_zh", "否决项名称", hidden=True, help="空着为“否决项”"),
        C("baseline_zh", "基础达标项名称", hidden=True, help="空着为“基础达标项”"),
        C("annex3_columns", "汇总表各列", "list", wide=True, hidden=True),
        C("annex3_fields", "汇总表各列的字段", "inline", wide=True, hidden=True),
        C("annex5_columns", "自评表各列", "list", wide=True, hidden=True),
        C("likeness", "比对", "inline", wide=True, hidden=True),
    ),
)
SECTIONS = Sheet(
    "sections",
    "一级指标",
    "code",
    (
        C("code", "代号", required=True),
        C("name", "名称", required=True),
        C("points", "分值", "number", help="空着按各行相加"),
        C("bonus", "是否加分项", "flag"),
    ),
    where="一级指标",
)
GROUPS = Sheet(
    "groups",
    "二级指标",
    "code",
    (
        C("section", "一级指标", required=True, help="所属一级指标的代号"),
        C("code", "代号", required=True),
        C("name", "名称", required=True),
        C("clause", "依据"),
        C("points", "分值", "number", help="空着按各行相加"),
    ),
    where="二级指标",
)
ROWS = Sheet(
    "rows",
    "指标",
    "id",
    (
        C("group", "二级指标", required=True, help="所属二级指标的代号"),
        C("id", "指标代号", required=True),
        C("name", "指标", required=True, wide=True),
        C("mark", "标记", "choice", words=MARKS),
        C("points", "分值", "number", required=True),
        C("rule", "计分规则", "rule", wide=True, help="评定：好＝5；较好＝3；一般＝1；无＝0"),
        C("evidence", "佐证材料", "list", wide=True, help="多项用；隔开"),
        C("fields", "依据字段", "list", help="申报表字段的代号，多项用；隔开"),
        C("auto", "核算方式", "choice", words=AUTOS, help="空着由计分规则定"),
        C("basis", "依据", hidden=True),
        C("note", "说明", wide=True, hidden=True),
        C("verify_by", "核验方式", hidden=True),
        C("mark_reason", "标记的理由", hidden=True),
    ),
    where="指标",
)
GATE = Sheet(
    "gates",
    "门槛",
    "id",
    (
        C("id", "代号", required=True),
        C("text", "内容", required=True, wide=True),
        C("clause", "依据"),
        C("type", "种类", "choice", required=True, words=GATES),
        C("limit", "界限", "number", help="分数或者项数；“有一项为0分”空着"),
        C("mark", "标记", "choice", words=MARKS, help="看分数的空着"),
        C("boundary_passes", "恰在线上", "choice", words=READINGS, help="看分数的填通过或者不通过"),
        C("note", "说明", wide=True, hidden=True),
    ),
    where="门槛",
)
FIELDS = Sheet(
    "fields",
    "字段",
    "id",
    (
        C("id", "代号", required=True, help="小写字母、数字和下划线"),
        C("label", "名称", required=True),
        C("type", "类型", "choice", required=True, words=KINDS),
        C("group", "分组", required=True),
        C("options", "选项", "list", wide=True, help="单选、多选填，用；隔开"),
        C("unit", "单位"),
        C("required", "必填", "flag", help="空着为是"),
        C("help", "填写说明", wide=True),
        C("example", "示例", hidden=True),
        C("clause", "依据", hidden=True),
        C("min_chars", "最少字数", "whole", hidden=True),
        C("max_chars", "最多字数", "whole", hidden=True),
        C("more", "其他", "more", wide=True, hidden=True, help="列表各栏等，按标准文件的写法，一行一项"),
    ),
    where="字段",
)
CHECKS = Sheet(
    "checks",
    "校验",
    "id",
    (
        C("id", "代号", required=True),
        C("severity", "轻重", "choice", required=True, words=SEVERITIES),
        C("text", "内容", required=True, wide=True),
        C("clause", "依据"),
        C("fields", "字段", "list", wide=True),
        C("rows", "指标", "list"),
        C(
            "more",
            "条件和提示",
            "more",
            wide=True,
            hidden=True,
            help="when、message等，按标准文件的写法，一行一项",
        ),
    ),
    where="逻辑校验",
)
STAGES = Sheet(
    "stages",
    "步骤",
    "id",
    (
        C("id", "代号", required=True),
        C("name", "名称", required=True),
        C("start", "开始", "day", required=True),
        C("end", "结束", "day", required=True),
        C("deliver", "交什么", "list", wide=True),
    ),
    where="步骤",
)
SHEETS = MappingProxyType(
    {sheet.name: sheet for sheet in (HEAD, SECTIONS, GROUPS, ROWS, GATE, FIELDS, CHECKS, STAGES)}
)
LISTS = tuple(name for name in SHEETS if name != "head")
