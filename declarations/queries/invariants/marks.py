"""Invariants of what was handed in and marked: revisions, marks and their history, totals, verdicts, rules, files."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256

from django.db.models import Count, DecimalField, Exists, F, Max, Min, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, Round

from declarations import store
from declarations.digests import digest_of
from declarations.models import (
    Attachment,
    Cycle,
    Declaration,
    RecomputationState,
    Revision,
    RunCause,
    ScoreRun,
)
from declarations.queries.invariants.registry import (
    Breach,
    Gate,
    Scope,
    breach,
    breaches,
    invariant,
    pages,
)
from declarations.queries.rerun import rerun
from scoring.digests import digest_of_layer, digest_of_mark
from scoring.engine import Programme, explain, partial
from scoring.models import Assessment, Ledger, Mark, MarkVersion, ProgrammeVersion
from scoring.queries import parsed, programme_of
from sihao.audit.events import Event
from sihao.audit.models import Entry

ALWAYS = (Gate.UPLOAD, Gate.AGENDA, Gate.PUBLICATION)
IN_LEDGER = "ledger__declaration"


@invariant(7, "每个固定版本的摘要值与内容相符，也与留痕记载的相同", *ALWAYS)
def revisions(scope: Scope) -> Iterator[Breach]:
    """Digest every frozen copy anew; compare its row with what the trail told when it was frozen, and both ways."""
    for page in pages(Revision.objects.filter(scope.where("declaration")), size=100):
        told = _told_of(page)
        for one in page:
            if words := _altered(one, told.get((str(one.declaration_id), one.number))):
                yield breach(one, words, case=one.declaration_id)
    for cases in pages(scope.cases.only("pk")):
        yield from _lost(cases)


def _frozen(cases: Iterable[int]) -> QuerySet[Entry]:
    """Return the entries that tell of frozen copies of the cases."""
    keys = [str(key) for key in cases]
    return Entry.objects.filter(target_kind="declaration", target_id__in=keys, data__has_key="frozen")


def _told_of(revisions: list[Revision]) -> dict[tuple[str, int], Entry]:
    told = _frozen({one.declaration_id for one in revisions}).order_by("pk")
    return {(one.target_id, one.data["revision"]): one for one in told}


def _altered(one: Revision, told: Entry | None) -> str:
    """Return what a frozen copy is found altered in, "" for nothing."""
    if digest_of(one.content) != one.digest:
        return "摘要值与内容不符"
    if told is None:
        return "没有这一版的留痕"
    if told.data["frozen"] != one.digest:
        return "摘要值与留痕记载的不同"
    ours = (one.frozen_at, one.frozen_by_id, one.transition)
    theirs = (told.at, told.data.get("seat", one.frozen_by_id), told.data.get("step", one.transition))
    return "" if ours == theirs else "步骤、办理人或者固定时间与留痕记载的不同"


def _lost(cases: list[Declaration]) -> Iterator[Breach]:
    """Look for frozen copies that the trail tells of and that are gone."""
    keys = [case.pk for case in cases]
    kept = set(Revision.objects.filter(declaration__in=keys).values_list("declaration", "number"))
    for key, data in _frozen(keys).values_list("target_id", "data"):
        if (int(key), data["revision"]) not in kept:
            yield Breach("固定版本", f"第{data['revision']}版", "留痕记载的这一版已不存在", int(key))


@invariant(8, "得分在0和满分之间、符合计分单位，并与修改记录一致", *ALWAYS)
def marks(scope: Scope) -> Iterator[Breach]:
    """Compare the marks with the rules and with the last line of their history; a deep look digests every line."""
    mine = Mark.objects.filter(_of(scope, "assessment__"))
    yield from breaches(mine.filter(Q(points__lt=0) | Q(points__gt=F("maximum"))), "得分低于0或者高于满分", case=CASE)
    yield from _off_the_rules(scope, mine)
    yield from breaches(mine.exclude(Exists(_same_version())), "与修改记录的最后一次不同", case=CASE)
    yield from _broken_history(scope)


CASE = "assessment__ledger__declaration"


def _of(scope: Scope, before: str = "") -> Q:
    """Return the condition that a layer (``before`` leads to it) is of a case concerned."""
    return scope.where(f"{before}ledger__declaration") if scope.cycle is not None else Q()


def _off_the_rules(scope: Scope, mine: QuerySet[Mark]) -> Iterator[Breach]:
    """Look at each pair of mark and maximum that occurs, once: rows without such a maximum, marks off the step."""
    for rules in _rules(scope):
        maxima = {item.id: item.points for item in rules.programme.rubric.items()}
        own = mine.filter(assessment__ledger__programme=rules.pk)
        pairs = own.order_by().values_list("code", "points", "maximum").distinct()
        for code, points, maximum in pairs:
            if maxima.get(code) != maximum:
                wrong, words = own.filter(code=code, maximum=maximum), "满分与标准不符"
            elif points is not None and points % rules.programme.step:
                wrong, words = own.filter(code=code, points=points), "得分不符合计分单位"
            else:
                continue
            yield from breaches(wrong, f"{code}{words}", case=CASE)


def _same_version() -> QuerySet[MarkVersion]:
    """Return the line of history that a mark must equal."""
    same = {name: OuterRef(name) for name in ("assessment", "code", "version", "typed", "words", "reason", "set_at")}
    points = Q(points=OuterRef("points")) | Q(points__isnull=True, nothing=Coalesce(OuterRef("points"), NOTHING))
    nobody = Q(set_by=OuterRef("set_by")) | Q(set_by__isnull=True, no_one=Coalesce(OuterRef("set_by_id"), 0))
    lines = MarkVersion.objects.annotate(nothing=NOTHING, no_one=Value(0)).filter(**same)
    return lines.filter(points, nobody)


NOTHING = Value(-1, output_field=DecimalField(max_digits=6, decimal_places=2))


def _broken_history(scope: Scope) -> Iterator[Breach]:
    """Look for lines of the history that are missing or altered."""
    lines = MarkVersion.objects.filter(_of(scope, "assessment__"))
    whole = Q(number=F("last") - F("first") + 1)
    rows = lines.order_by().values("assessment", "code")
    counted = rows.annotate(number=Count("pk"), first=Min("version"), last=Max("version"))
    for row in counted.exclude(whole):
        yield Breach("得分修改记录", f"评分层{row['assessment']}", f"{row['code']}的修改记录缺失")
    if scope.deep:
        marks = Mark.objects.filter(assessment=OuterRef("assessment"), code=OuterRef("code"))
        yield from breaches(lines.filter(version=1).exclude(Exists(marks)), "修改记录所记的得分已不存在", case=CASE)
        yield from _altered_lines(lines)


def _altered_lines(lines: QuerySet[MarkVersion]) -> Iterator[Breach]:
    """Digest every line anew; the history of a national review has millions, so this is for the night."""
    names = ("pk", "assessment_id", "code", "version", "points", "typed", "words", "reason", "set_by_id", "set_at")
    for line in lines.values_list(*names, "digest", named=True).iterator(chunk_size=2000):
        if digest_of_mark(line) != line.digest:
            yield Breach("得分修改记录", str(line.pk), f"{line.code}第{line.version}次修改的记录有改动")


@invariant(9, "固定的评分层总分等于各项得分之和，各处所记总分一致", *ALWAYS)
def totals(scope: Scope) -> Iterator[Breach]:
    """Add up every frozen layer and digest the head of each; compare the totals of the case with those of its runs."""
    locked = Assessment.objects.filter(_of(scope), locked_at__isnull=False)
    summed = locked.annotate(sum=Round(Coalesce(Sum("marks__points"), ZERO), precision=2)).exclude(total=F("sum"))
    yield from breaches(summed, "总分与各项得分之和不符", case=IN_LEDGER)
    for page in pages(Assessment.objects.filter(_of(scope)).annotate(case=F(IN_LEDGER))):
        changed = (one for one in page if digest_of_layer(one) != one.digest)
        yield from (breach(one, "评分层的归属、版本、总分或者固定时间有改动", case=one.case) for one in changed)
    last = ScoreRun.objects.filter(declaration=OuterRef("pk")).order_by("-number").values("total")[:1]
    judged = scope.cases.filter(score_runs__isnull=False).distinct()
    yield from breaches(judged.exclude(final_total=last), "复审得分与最后一次评分结果不符", case="pk")


ZERO = Value(0, output_field=DecimalField(max_digits=8, decimal_places=2))


@invariant(10, "保存的评分结论与由标准、台账、分派重新计算的结论相同", Gate.AGENDA, Gate.PUBLICATION)
def verdicts(scope: Scope) -> Iterator[Breach]:
    """Judge the inputs of every run anew by the rules of the time, and find them again in the ledger of the time."""
    texts = dict(ProgrammeVersion.objects.values_list("digest", "text"))
    for page in pages(ScoreRun.objects.filter(scope.where("declaration"))):
        broken = {one.pk: words for one in page if (words := _misjudged(one, texts))}
        whole = (one for one in page if one.pk not in broken)
        broken |= {again.run.pk: again.fault for again in rerun(whole) if again.fault}
        yield from (breach(one, broken[one.pk], case=one.declaration_id) for one in page if one.pk in broken)


def _misjudged(run: ScoreRun, texts: Mapping[str, str]) -> str:
    if run.programme_digest not in texts:
        return "所依据的标准已不存在"
    if digest_of(run.inputs) != run.inputs_digest:
        return "得分摘要值与得分不符"
    programme = parsed(texts[run.programme_digest])
    verdict = partial(programme, {code: Decimal(value) for code, value in run.inputs.items()})
    if (verdict.total, verdict.bonus, verdict.eligible) != (run.total, run.bonus, run.eligible):
        return "结论与重新计算的不同"
    return "" if list(explain(programme, verdict)) == run.explanation else "理由与重新计算的不同"


@invariant(11, "否决项和基础达标项的项数与标准写明的相同", *ALWAYS)
def marked_rows(scope: Scope) -> Iterator[Breach]:
    """Count the marked rows of each programme, and look for a run that lacks one."""
    for rules in _rules(scope):
        found = [item.id for item in rules.programme.rubric.items() if item.mark]
        if len(found) != sum(spec.count for spec in rules.programme.marks):
            yield Breach("认定标准", str(rules.pk), "带标记的项数与写明的不同")
        settled = ScoreRun.objects.filter(scope.where("declaration"), programme_digest=rules.digest)
        lacking = Q()
        for code in found:
            lacking |= ~Q(inputs__has_key=code)
        yield from breaches(settled.filter(lacking), "缺少带标记的指标", case="declaration")


@invariant(12, "已开启的周期，标准没有变动；经重新计算更正的除外", *ALWAYS)
def unchanged_rules(scope: Scope) -> Iterator[Breach]:
    """Digest the rules anew; compare with what the trail told, and with what ledgers and runs were made by."""
    told = Entry.objects.filter(event=Event.PROGRAMME_PUBLISHED, target_kind="programmeversion")
    told = told.values_list("target_id", "data", "at")
    published = {key: (data["digest"], data.get("owner"), at) for key, data, at in told}
    for one in ProgrammeVersion.objects.select_related("owner").order_by("pk"):
        owner = one.owner.code if one.owner else None
        if sha256(one.text.encode()).hexdigest() != one.digest:
            yield breach(one, "摘要值与标准文件不符")
        elif published.get(str(one.pk)) != (one.digest, owner, one.published_at):
            yield breach(one, "摘要值、所属单位或者发布时间与发布时的留痕不同")
        elif (one.slug, one.title) != ((programme := parsed(one.text)).id, programme.title):
            yield breach(one, "代号或者名称与标准文件不符")
    for cycle in Cycle.objects.filter(scope.of_cycle("pk")).select_related("programme").defer("programme__text"):
        known = _rules_of(cycle)
        if cycle.programme.digest != known[-1]:
            yield breach(cycle, "标准不是开启时的标准，也没有更正的记录")
        cases = scope.cases.filter(cycle=cycle).exclude(ledger__programme__digest__in=known)
        yield from breaches(cases, "评分台账的标准不是本周期的标准", case="pk")
        runs = ScoreRun.objects.filter(scope.where("declaration"), declaration__cycle=cycle)
        runs = runs.exclude(programme_digest__in=known)
        yield from breaches(runs, "评分结果的标准不是本周期的标准", case="declaration")


def _rules_of(cycle: Cycle) -> list[str]:
    """Return the digests of the rules a cycle was opened with and corrected to, in their order."""
    opened = Entry.objects.filter(event=Event.CYCLE_OPENED, target_kind="cycle", target_id=str(cycle.pk)).first()
    first = opened.data.get("programme", cycle.programme.digest) if opened else cycle.programme.digest
    done = cycle.recomputations.filter(cause=RunCause.PARAMETER, state=RecomputationState.DONE).order_by("number")
    return [first, *(after["programme"] for after in done.values_list("after", flat=True) if "programme" in after)]


@invariant(20, "佐证材料都有所证事项，文件都在，内容未变", *ALWAYS)
def evidence(scope: Scope) -> Iterator[Breach]:
    """Look for evidence of no row, for files that are gone or of another size; a deep look digests each file."""
    mine = Attachment.objects.filter(scope.where("declaration"))
    for rules in _rules(scope):
        known = {item.id for item in rules.programme.rubric.items()} | {one.id for one in rules.programme.fields}
        own = mine.filter(declaration__ledger__programme=rules.pk, removed_at__isnull=True)
        yield from breaches(own.exclude(row__in=sorted(known)), "没有这一事项", case="declaration")
    judged: dict[str, str] = {}
    for page in pages(mine):
        for one in page:
            if one.stored not in judged:
                judged[one.stored] = _fault_of_file(one, scope.deep)
            if judged[one.stored]:
                yield breach(one, judged[one.stored], case=one.declaration_id)


def _fault_of_file(piece: Attachment, deep: bool) -> str:
    if piece.stored != store.place_of(piece.digest):
        return "存放位置与摘要值不符"
    size = store.size_of(piece.stored)
    if size is None:
        return "文件已不存在"
    if size != piece.size:
        return "文件大小有变化"
    return "文件内容有变化" if deep and store.digest_at(piece.stored) != piece.digest else ""


@dataclass(frozen=True)
class Rules:
    """A published version that ledgers are kept by, with its programme."""

    pk: int
    digest: str
    programme: Programme


def _rules(scope: Scope) -> list[Rules]:
    """Return the rules that ledgers are kept by, or verdicts were found by."""
    ledgers = Ledger.objects.filter(scope.where("declaration") if scope.cycle else Q(), programme=OuterRef("pk"))
    found = ProgrammeVersion.objects.filter(Exists(ledgers) | Q(cycles__isnull=False)).defer("text").distinct()
    return [Rules(one.pk, one.digest, programme_of(one)) for one in found]
