"""The panel's diagnosis as plots with their tables; names for whom the table of permissions lets read them."""

from declarations.exports.figures import Figure, Viewing
from declarations.queries.severity import Diagnosis, JudgeLine, alpha_words, diagnosis_of
from scoring.agreement import Agreement
from scoring.engine import figure
from sihao.documents.table import Column
from sihao.ui import drawing as draw

RULE = "估计值只作提示，不改变任何得分。"


def severity_figure(view: Viewing, found: Diagnosis | None = None) -> Figure:
    """Return every expert's differences from the other readers, with the shrunk estimate."""
    found = found or diagnosis_of(view.seat, view.cycle)
    told = told_of(found)
    rows = [_line(line, found) for line in (*found.lines, *found.few)]
    columns = [
        Column("专家", key=lambda row: row[0]),
        Column("评阅件数", kind="int", key=lambda row: row[1]),
        *(
            Column(title, kind="decimal", places=1, key=lambda row, place=place: row[place])
            for place, title in enumerate(
                ("与同件其他专家之差（平均）", "中位", "宽严差（收缩后）", "标准误"), start=2
            )
        ),
        Column("提示", key=lambda row: row[6]),
    ]
    notes = [rule_words(found), RULE]
    table = view.table("专家评分宽严诊断", columns, rows, notes=notes, pinned=1)
    boxes = [_box(line) for line in found.lines]
    drawing = draw.boxes("severity", told, boxes, float(found.limit)) if boxes else None
    return Figure("severity", "各专家评分与专家组的差", told, drawing, table)


def told_of(found: Diagnosis) -> str:
    """Return in one sentence what the diagnosis comes to."""
    whole = found.severity
    if not whole.cases:
        return "尚无两名以上专家都确认评分的申报。"
    flagged = found.flagged
    head = f"{whole.cases}件申报、{len(whole.judges)}名专家、{whole.readings}份已确认的评分"
    apart = (
        f"；专家分属{whole.groups}组，各组之间没有共同评阅的申报，不能互相比较" if whole.groups > 1 else ""
    )
    if not flagged:
        return f"{head}，没有须提示的专家{apart}。"
    names = "、".join(
        f"{line.seat.user.name}（{'偏严' if line.judge.is_severe else '偏宽'}{abs(line.judge.effect):.1f}分）"
        for line in flagged
    )
    return f"{head}，提示{len(flagged)}名：{names}{apart}。"


def rule_words(found: Diagnosis) -> str:
    """Return the rule by which an expert is flagged."""
    return (
        f"提示规则：宽严差（按评阅件数收缩后、以专家组居中者为零）达到{figure(found.limit)}分，超过标准误的两倍，"
        f"且与他人共同评阅不少于{found.fewest}件。负数为偏严。"
    )


def _line(line: JudgeLine, found: Diagnosis) -> tuple[object, ...]:
    judge = line.judge
    if judge.cases < found.fewest:
        return (line.seat.user.name, judge.cases, "", "", "", "", f"不足{found.fewest}件，不作估计")
    figures = (judge.mean_apart, judge.spread.middle, judge.effect, judge.error)
    return (line.seat.user.name, judge.cases, *figures, line.words)


def _box(line: JudgeLine) -> draw.Box:
    judge, five = line.judge, line.judge.spread
    spread = (five.least, five.lower, five.middle, five.upper, five.most)
    word = ("偏严" if judge.is_severe else "偏宽") if judge.flagged else ""
    return draw.Box(line.seat.user.name, spread, judge.effect, 2 * judge.error, judge.flagged, word)


def agreement_figure(view: Viewing, found: Diagnosis | None = None) -> Figure:
    """Return how far the experts agree on the rows that decide, row by row."""
    found = found or diagnosis_of(view.seat, view.cycle)
    told = (
        f"否决项是否为0分：α {_alpha(found.veto)}，{alpha_words(found.veto)}；"
        f"基础达标项是否满分：α {_alpha(found.baseline)}，{alpha_words(found.baseline)}。"
    )
    rows = [
        (
            row.item.id, row.item.name, row.marked_as, row.decided.units, row.decided.share_alike,
            _alpha(row.decided), _alpha(row.points), alpha_words(row.decided),
        )
        for row in found.rows
    ]  # fmt: skip
    columns = [
        Column("指标", key=lambda row: row[0]),
        Column("名称", key=lambda row: row[1], width=40),
        Column("标记", key=lambda row: row[2]),
        Column("两人以上评阅件数", kind="int", key=lambda row: row[3]),
        Column("判断相同的件", kind="percent", places=1, key=lambda row: row[4]),
        Column("α（是否为0分、是否满分）", key=lambda row: row[5], align="right"),
        Column("α（得分，按次序）", key=lambda row: row[6], align="right"),
        Column("说明", key=lambda row: row[7]),
    ]
    notes = [
        "α为克里彭多夫一致性系数（Krippendorff，2004）：1为完全一致，0相当于随机；不低于0.8为可靠，0.667以上只宜作初步结论。",
        "几乎各件都相同的指标，偶有不同也会使α很低，应与“判断相同的件”对照。" + RULE,
    ]
    table = view.table("否决项和基础达标项评分一致性", columns, rows, notes=notes)
    shares = [
        (f"{row.item.id}{row.marked_as}", [_percent(row.decided)]) for row in found.rows if row.decided.units
    ]
    series = (draw.Series("判断相同的件（%）", "square", draw.SOLID),)
    drawing = draw.dots("agreement", told, shares, series, span=(0, 100)) if shares else None
    return Figure("agreement", "否决项和基础达标项评分一致性", told, drawing, table)


def _alpha(found: Agreement) -> str:
    return "—" if found.alpha is None else f"{found.alpha:.3f}"


def _percent(found: Agreement) -> float | None:
    return None if found.share_alike is None else found.share_alike * 100
