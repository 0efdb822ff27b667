"""The plots of the department and of supervision, each with its table: one definition for page, sheet and drawing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from django.utils import timezone

from declarations.bands import line_of, step_of
from declarations.models import Cycle
from declarations.queries import figures as kept
from declarations.queries.country import TILES, country_of
from scoring.engine import Programme, figure
from scoring.queries import programme_of
from sihao.accounts.models import Seat
from sihao.documents.table import Column, Table
from sihao.ui import drawing as draw
from sihao.ui.drawing import Drawing

FEW = f"不足{kept.FEWEST}件"
WITHHELD = f"少于{kept.FEWEST}件的不列平均数，以免推知单个商会的得分。"


@dataclass(frozen=True)
class Figure:
    """One plot: what it shows in one sentence, its drawing (None where there is nothing to draw) and its table."""

    slug: str
    title: str
    sentence: str
    drawing: Drawing | None
    table: Table
    note: str = ""

    @property
    def heads(self) -> list[tuple[str, bool]]:
        """Return the heads of the table, and whether figures stand beneath."""
        return [(column.title, column.alignment == "right") for column in self.table.columns]

    @property
    def lines(self) -> list[list[tuple[str, str, bool]]]:
        """Return the rows of the table as they are read: head, text, whether it is a figure."""
        return [self._line(row) for row in self.table.rows]

    @property
    def foot(self) -> list[list[tuple[str, str, bool]]]:
        """Return the foot of the table."""
        return [self._line(row) for row in self.table.footer]

    def _line(self, row: object) -> list[tuple[str, str, bool]]:
        texts = self.table.texts(row)
        return [(head, text, right) for (head, right), text in zip(self.heads, texts, strict=True)]


@dataclass(frozen=True)
class Viewing:
    """Who looks at which cycle, and when."""

    seat: Seat
    cycle: Cycle
    now: datetime

    @property
    def programme(self) -> Programme:
        """The programme of the cycle."""
        return programme_of(self.cycle.programme)

    def captions(self) -> list[str]:
        """Return what stands over a table: cycle, instant, how far the standard is official."""
        told = [
            self.cycle.name,
            f"截至{timezone.localtime(self.now):%Y年%m月%d日 %H:%M}",
            self.programme.short_status,
        ]
        return ["　".join([*told, *(["示例数据"] if self.cycle.is_sample else [])])]

    def table(self, title: str, columns: Sequence[Column], rows: Sequence[object], **words: object) -> Table:
        """Return a table with these captions."""
        return Table(title=title, columns=columns, rows=rows, captions=self.captions(), **words)  # type: ignore[arg-type]


def _text(title: str, place: int) -> Column:
    return Column(title, key=lambda row: row[place])


def _number(title: str, place: int) -> Column:
    return Column(title, kind="int", key=lambda row: row[place])


def _points(title: str, place: int) -> Column:
    return Column(title, kind="decimal", key=lambda row: row[place])


# ---- the plots


def funnel(view: Viewing) -> Figure:
    """Return how many cases of each unit reached each stage."""
    units = kept.stages_by_unit(view.seat, view.cycle)
    sums = tuple(sum(one.reached[place] for one in units) for place in range(len(kept.STAGE_NAMES)))
    with_cases = [("全国", sums), *((one.name, one.reached) for one in units if one.reached[0])]
    told = (
        f"全国提交申报{sums[0]}件，推荐上报{sums[2]}件，进入专家复审{sums[4]}件，拟认定{sums[5]}件，认定{sums[7]}件；"
        f"{len(with_cases) - 1}个推荐单位有申报。"
    )
    columns = [
        _text("推荐单位", 0),
        *(_number(name, place) for place, name in enumerate(kept.STAGE_NAMES, start=1)),
    ]
    rows = [(one.name, *one.reached) for one in units]
    table = view.table("各推荐单位到达各阶段的件数", columns, rows, footer=[("合计", *sums)], pinned=1)
    drawing = draw.matrix("funnel", told, kept.STAGE_NAMES, with_cases)
    note = "每行以本单位提交申报的件数为满格；已过该阶段的也计入。"
    return Figure("funnel", "各单位各阶段件数", told, drawing, table, note)


LEVEL_WORDS = ("未用", "不到一半", "一半以上", "用满")


def country(view: Viewing) -> Figure:
    """Return the units as squares with their places and what waits there."""
    found = country_of(view.seat, view.cycle, view.now)
    squares = [
        draw.Tile(
            TILES[one.unit.code][1],
            TILES[one.unit.code][2],
            one.short,
            f"{one.used}/{one.places}",
            word,
            one.level,
        )
        for one in found.units
        if one.unit.code in TILES
        for word in [f"待审{one.waiting}" + (f" 逾期{one.overdue}" if one.overdue else "")]
    ]
    told = found.sentence
    columns = [
        _text("推荐单位", 0),
        *(_number(title, at) for at, title in enumerate(("名额", "已用", "待审", "逾期"), start=1)),
    ]
    rows = [(one.name, one.places, one.used, one.waiting, one.overdue) for one in found.units]
    table = view.table(
        "各推荐单位名额使用和待审", columns, rows, footer=[("合计", *found.sums.values())], pinned=1
    )
    levels = list(zip(LEVEL_WORDS, draw.LEVELS, strict=True))
    drawing = draw.tiles("country", told, squares, levels) if squares else None
    return Figure(
        "country",
        "全国方格图",
        told,
        drawing,
        table,
        "每格一个推荐单位：已用名额/名额。本图为示意，不是地图。",
    )


def totals(view: Viewing) -> Figure:
    """Return how the totals spread, by the units' marks and by the verdicts."""
    found = kept.totals_by_layer(view.seat, view.cycle)
    programme, line = view.programme, line_of(view.programme)
    step, top = step_of(programme.total), programme.total
    unit, final = found["unit"], found["final"]
    low = max(Decimal(0), (min([line, *unit, *final]) // step - 1) * step)
    bins = draw.columns_of([_floats(unit), _floats(final)], float(low), float(top), float(step))
    below = [sum(number for total, number in one.items() if total < line) for one in (unit, final)]
    told = (
        f"推荐单位审核得分{unit.total()}件，其中低于{figure(line)}分的{below[0]}件；"
        f"复审得分{final.total()}件，其中低于{figure(line)}分的{below[1]}件。"
    )
    columns = [_text("总分区间", 0), _number("推荐单位审核", 1), _number("专家复审", 2)]
    rows = [(f"{draw.figure(one.low)}—{draw.figure(one.high)}", *one.counts) for one in bins]
    footer = [("合计", unit.total(), final.total())]
    table = view.table(
        "总分分布", columns, rows, footer=footer, notes=["区间含下限，不含上限；最后一个区间含满分。"]
    )
    series = (("推荐单位审核", draw.BLANK), ("专家复审", draw.SOLID))
    drawing = draw.histogram("totals", told, bins, series, float(line)) if unit or final else None
    return Figure("totals", "总分分布", told, drawing, table)


def _floats(counts: Mapping[Decimal, int]) -> dict[float, int]:
    return {float(value): number for value, number in counts.items()}


TENTHS = 10


def sections(view: Viewing) -> Figure:
    """Return how the marks of each section spread."""
    found = kept.sections_of(view.seat, view.cycle, view.programme)
    number = max([0, *(one.unit.total() for one in found)])
    judged = max([0, *(one.final.total() for one in found)])
    told = f"{len(found)}个部分的得分分布：推荐单位审核得分{number}件，复审得分{judged}件，每部分按满分分为{TENTHS}段。"
    panels = [(f"{one.name}（满分{figure(one.maximum)}）", _tenths(one)) for one in found]
    columns = [_text("部分", 0), _text("区间", 1), _number("推荐单位审核", 2), _number("专家复审", 3)]
    rows = [
        (one.name, f"{draw.figure(bin_.low)}—{draw.figure(bin_.high)}", *bin_.counts)
        for one, (_, bins) in zip(found, panels, strict=True)
        for bin_ in bins
    ]
    table = view.table("各部分得分分布", columns, rows)
    series = (("推荐单位审核", draw.BLANK), ("专家复审", draw.SOLID))
    drawing = draw.small_multiples("sections", told, panels, series) if number else None
    return Figure("sections", "各部分得分分布", told, drawing, table, "各图高度用同一比例。")


def _tenths(section: kept.SectionFigures) -> list[draw.Column]:
    top = float(section.maximum)
    return draw.columns_of([_floats(section.unit), _floats(section.final)], 0.0, top, top / TENTHS)


LAYERS = (
    draw.Series("自评", "circle", draw.BLANK),
    draw.Series("推荐单位审核", "square", draw.SOFT),
    draw.Series("专家复审", "diamond", draw.SOLID),
)


def squeezed(view: Viewing) -> Figure:
    """Return where points were lost: by the chambers, by their units, by the experts, unit by unit."""
    found = kept.squeezed_by_unit(view.seat, view.cycle)
    whole = found[-1] if found else None
    told = "尚无推荐单位审核得分。"
    if whole is not None:
        told = f"{whole.cases}件申报{_lost('自评', whole.own, '推荐单位审核', whole.unit)}"
        if whole.final is not None:
            lost = _lost("推荐单位审核", whole.judged_unit, "专家复审", whole.final)
            told += f"；其中{whole.judged}件已有复审结论，{lost}"
        told += "。"
    rows = [
        (
            one.name, one.cases, _or_few(one.own), _or_few(one.unit), _gap(one.unit, one.own),
            one.judged, _or_few(one.judged_unit), _or_few(one.final), _gap(one.final, one.judged_unit),
        )
        for one in found
    ]  # fmt: skip
    titles = (
        "自评平均",
        "推荐单位审核平均",
        "审核减自评",
        "有复审结论",
        "其审核平均",
        "其复审平均",
        "复审减审核",
    )
    columns = [
        _text("推荐单位", 0),
        _number("件数", 1),
        *(_points(title, at) for at, title in enumerate(titles, start=2)),
    ]
    table = view.table("自评、推荐单位审核、专家复审得分对照", columns, rows, notes=[WITHHELD], pinned=1)
    placed = [(one.name, [_float(one.own), _float(one.unit), _float(one.final)]) for one in found]
    limit = float(line_of(view.programme))
    drawing = draw.dots("squeezed", told, placed, LAYERS, limit) if any(one.unit for one in found) else None
    return Figure("squeezed", "分数在哪一级变动（挤水分）", told, drawing, table, WITHHELD)


def _lost(one: str, before: Decimal | None, other: str, after: Decimal | None) -> str:
    if before is None or after is None:
        return f"，{FEW}，不列平均数"
    change = after - before
    word = (
        f"比{one}低{figure(-change)}分"
        if change < 0
        else f"比{one}高{figure(change)}分"
        if change
        else f"与{one}相同"
    )
    return f"{other}平均{figure(after)}分，{word}"


def _or_few(value: Decimal | None) -> object:
    return FEW if value is None else value


def _gap(one: Decimal | None, other: Decimal | None) -> object:
    return "" if one is None or other is None else one - other


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def squeezed_sections(view: Viewing) -> Figure:
    """Return the same section by section, in per cent of each section's maximum."""
    found = kept.sections_of(view.seat, view.cycle, view.programme)
    judged = all(one.judged for one in found) and bool(found)
    rows, placed = [], []
    for one in found:
        means = one.judged or one.listed
        shares = [float(mean / one.maximum * 100) for mean in means] if means else []
        shares = [*shares, *[None] * (len(LAYERS) - len(shares))]
        placed.append((one.name, shares))
        told_means = [*means, *[""] * (len(LAYERS) - len(means))] if means else [FEW, FEW, FEW]
        rows.append(
            (one.name, one.maximum, one.final.total() if one.judged else one.unit.total(), *told_means)
        )
    worst = _worst(found)
    told = worst or "尚无足够的得分可以比较。"
    titles = ("满分", "件数", "自评平均", "推荐单位审核平均", "专家复审平均")
    columns = [_text("部分", 0), *(_points(title, at) for at, title in enumerate(titles, start=1))]
    table = view.table("各部分自评、推荐单位审核、专家复审得分对照", columns, rows, notes=[WITHHELD])
    drawing = draw.dots("squeezed-sections", told, placed, LAYERS) if worst else None
    basis = "按有复审结论的申报" if judged else "按推荐单位已列入名单的申报"
    return Figure(
        "squeezed-sections",
        "分数在哪一部分变动",
        told,
        drawing,
        table,
        f"横轴为占该部分满分的百分数，{basis}。",
    )


def _worst(found: Sequence[kept.SectionFigures]) -> str:
    """Return in a sentence in which section most was lost between the chamber's marks and the last layer."""
    lost = [(one.judged or one.listed, one) for one in found if one.judged or one.listed]
    if not lost:
        return ""
    means, most = max(lost, key=lambda pair: (pair[0][0] - pair[0][-1]) / pair[1].maximum)
    gone = means[0] - means[-1]
    if gone <= 0:
        return "各部分审核后的平均得分均不低于自评。"
    share = draw.figure(round(float(gone / most.maximum * 100), 1))
    return f"自评与最后一级审核相差最多的是{most.name}：平均{figure(gone)}分，占该部分满分的{share}%。"


def holders(view: Viewing) -> Figure:
    """Return who lets cases lie past their term."""
    found = kept.slow_holders(view.seat, view.cycle, view.now)
    late = sum(one.overdue for one in found)
    told = "现无逾期未办的申报。"
    if found:
        oldest = max(found, key=lambda one: one.days)
        told = f"{len(found)}个办理单位共逾期{late}件；{oldest.name}最久，已{oldest.days}天。"
    rows = [(one.name, one.held, one.overdue, one.since, one.days) for one in found]
    columns = [
        _text("现由谁办理", 0), _number("在办", 1), _number("逾期", 2),
        Column("逾期中最早的起于", kind="datetime", key=lambda row: row[3]), _number("已几天", 4),
    ]  # fmt: skip
    notes = [f"逾期件数最多的{kept.SLOW_SHOWN}个办理单位。"] if len(found) == kept.SLOW_SHOWN else []
    table = view.table("逾期未办的办理单位", columns, rows, notes=notes)
    series = (("逾期", draw.SOLID), ("在办，未逾期", draw.BLANK))
    pairs = [(one.name, (one.overdue, one.held - one.overdue)) for one in found]
    return Figure(
        "holders", "逾期未办", told, draw.bars("holders", told, pairs, series) if found else None, table
    )


def margins(view: Viewing) -> Figure:
    """Return how near the verdicts lie to the line."""
    found = kept.margins_of(view.seat, view.cycle)
    line, reach = line_of(view.programme), float(kept.MARGIN)
    counts = {float(line + margin): number for margin, number in found.items()}
    low, high = float(line) - reach, float(line) + reach
    bins = draw.columns_of([counts], low, high, 2.5)
    on = sum(number for margin, number in found.items() if margin == 0)
    below = sum(number for margin, number in found.items() if margin < 0)
    told = (
        f"复审总分在{figure(line)}分上下{kept.MARGIN}分以内的{sum(found.values())}件：线下{below}件，恰在线上{on}件，"
        f"线上{sum(found.values()) - below - on}件。"
    )
    columns = [_text("复审总分区间", 0), _number("件数", 1)]
    rows = [(f"{draw.figure(one.low)}—{draw.figure(one.high)}", *one.counts) for one in bins if found]
    table = view.table(
        "分数线上下的复审总分", columns, rows, notes=["区间含下限，不含上限；最后一个区间含上限。"]
    )
    series = (("件数", draw.HATCH),)
    drawing = draw.histogram("margins", told, bins, series, float(line)) if found else None
    return Figure("margins", "分数线上下", told, drawing, table)


FIGURES: Mapping[str, Callable[[Viewing], Figure]] = MappingProxyType(
    {
        "funnel": funnel,
        "country": country,
        "totals": totals,
        "sections": sections,
        "squeezed": squeezed,
        "squeezed-sections": squeezed_sections,
        "holders": holders,
        "margins": margins,
    }
)
