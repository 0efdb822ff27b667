"""The report on a cycle's visits (专题工作报告), drafted from the data; what the data do not hold is not mentioned."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Count

from declarations.models import Cycle, SpotDraw, Visit, VisitEntry, VisitMember, VisitPhoto, VisitReport
from declarations.queries.recusals import hidden_from
from declarations.queries.report import NUMERALS, Draft
from declarations.sampling import METHOD
from declarations.states import VisitFinding, VisitFollow, VisitState
from declarations.visiting import RowFinding, day_of, findings_of
from scoring.engine import figure
from scoring.queries import programme_of
from sihao.accounts.models import Seat
from sihao.ui.formats import beijing

OPENING = "根据《{notice}》要求，{period}开展互学互促活动，实地抽查{honour}推荐对象。现将有关情况报告如下。"
MOST_ROWS = 10


def report_title(cycle: Cycle) -> str:
    """Return what the report is called."""
    return f"关于{cycle.honour}推荐对象互学互促实地抽查情况的报告"


def report_of(cycle: Cycle) -> VisitReport | None:
    """Return the report as it was saved."""
    return VisitReport.objects.filter(cycle=cycle).select_related("written_by__user").first()


def reads_whole(seat: Seat, cycle: Cycle) -> bool:
    """Return whether the seat's people step back from no case that was visited."""
    return not Visit.objects.filter(hidden_from(seat, "declaration"), draw__cycle=cycle).exists()


def visit_report_draft(cycle: Cycle) -> Draft:
    """Return the report as the data tell it; a fixed number of queries."""
    visits = list(Visit.objects.filter(draw__cycle=cycle).select_related("declaration").order_by("id"))
    done = [visit for visit in visits if visit.state == VisitState.CONFIRMED]
    records = _records(done)
    programme = programme_of(cycle.programme)
    found = {
        visit.pk: findings_of(records.get(visit.pk, {}), programme.rubric.items(), programme.step) for visit in done
    }
    parts = [
        ("抽样情况", _drawn(cycle, visits)),
        ("走访情况", _visited(visits, done, records)),
        ("核对结果", _findings(done, found)),
        ("办理情况", _followed(done)),
        ("可供学习借鉴的做法和建议", _overviews(done, records)),
    ]
    told = [(title, lines) for title, lines in parts if lines]
    opening = OPENING.format(notice=cycle.notice_title, period=_period(cycle), honour=cycle.honour)
    lines = ["全国工商联会员部：", opening]
    for number, (title, paragraphs) in enumerate(told):
        lines += [f"{NUMERALS[number]}、{title}", *paragraphs]
    return Draft("\n".join(lines))


def _period(cycle: Cycle) -> str:
    named = cycle.milestones.filter(text__contains="互学互促").values_list("period", flat=True).first()
    return named or cycle.name


def _records(done: Sequence[Visit]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    rows = VisitEntry.objects.filter(visit__in=done).values_list("visit_id", "field", "value")
    for visit, field, value in rows:
        found.setdefault(visit, {})[field] = value
    return found


def _drawn(cycle: Cycle, visits: Sequence[Visit]) -> list[str]:
    draws = SpotDraw.objects.filter(cycle=cycle, drawn_at__isnull=False).order_by("number")
    told = [
        f"{beijing(one.announced_at, 'date')}公布第{one.number}批抽样种子“{one.seed}”，{beijing(one.drawn_at, 'date')}"
        f"从{len(one.frame)}件推荐对象中抽取{one.cases}件。"
        for one in draws
    ]
    regions = _counted(visit.region for visit in visits)
    levels = _counted(visit.level for visit in visits)
    spread = [f"按地区：{regions}；按层级：{levels}。"] if visits else []
    return [f"抽样方法为{METHOD}，任何人可以复算。", *told, *spread] if told else []


def _counted(words: Iterable[str]) -> str:
    return "、".join(f"{word}{number}件" for word, number in Counter(words).most_common())


def _visited(visits: Sequence[Visit], done: Sequence[Visit], records: Mapping[int, Mapping[str, str]]) -> list[str]:
    if not visits:
        return []
    waived = [visit for visit in visits if visit.state == VisitState.WAIVED]
    going = len(visits) - len(done) - len(waived)
    people = VisitMember.objects.filter(visit__in=done).aggregate(
        people=Count("person", distinct=True), offices=Count("seat__organisation", distinct=True)
    )
    photos = VisitPhoto.objects.filter(visit__in=done, removed_at__isnull=True).count()
    told = [
        f"抽中{len(visits)}件，已走访并经调研组全体成员核定{len(done)}件"
        + (f"，尚未核定{going}件" if going else "")
        + (f"，免于走访{len(waived)}件" if waived else "")
        + "。"
    ]
    if done:
        days = sorted(day for record in records.values() if (day := day_of(record.get("visited_on", ""))))
        until = f"至{beijing(days[-1], 'date')}" if days and days[-1] > days[0] else ""
        span = f"走访时间为{beijing(days[0], 'date')}{until}。" if days else ""
        told.append(
            f"调研组成员{people['people']}人，来自{people['offices']}个工商联，均与被走访商会不在同一省份。"
            f"{span}留存照片{photos}张。"
        )
    told += [f"{visit.declaration.applicant_name}免于走访，理由：{visit.waive_reason}" for visit in waived]
    return told


def _findings(done: Sequence[Visit], found: Mapping[int, Sequence[RowFinding]]) -> list[str]:
    if not done:
        return []
    counts = Counter(visit.finding for visit in done)
    told = [
        "核定结论：" + "、".join(f"{one.label}{counts[one]}件" for one in VisitFinding if counts[one]) + "。"
    ]
    rows = [(visit, row) for visit in done for row in found[visit.pk] if row.finding != VisitFinding.CONSISTENT]
    often = Counter(row.name for _, row in rows).most_common(MOST_ROWS)
    if often:
        told.append("不符较多的指标：" + "、".join(f"{name}{number}件" for name, number in often) + "。")
    told += [f"{visit.declaration.applicant_name}：{_row_words(row)}" for visit, row in rows]
    return told


def _row_words(row: RowFinding) -> str:
    mark = f"，建议得{figure(row.mark)}/{figure(row.item.points)}分" if row.mark is not None else ""
    note = row.note if row.note.endswith(("。", "）")) else f"{row.note}。"
    return f"{row.name}{row.finding.label}{mark}。{note}"


def _followed(done: Sequence[Visit]) -> list[str]:
    untrue = [visit for visit in done if visit.finding == VisitFinding.UNTRUE]
    told = []
    for visit in untrue:
        words = VisitFollow(visit.follow).label if visit.follow else "尚未提出处理意见"
        reason = f"，理由：{visit.follow_reason}" if visit.follow_reason else ""
        told.append(f"{visit.declaration.applicant_name}：{words}{reason}。".replace("。。", "。"))
    return told


def _overviews(done: Sequence[Visit], records: Mapping[int, Mapping[str, str]]) -> list[str]:
    told = []
    for visit in done:
        words = " ".join(records.get(visit.pk, {}).get("overview", "").split())
        if words:
            told.append(f"{visit.declaration.applicant_name}：{words}")
    return told

