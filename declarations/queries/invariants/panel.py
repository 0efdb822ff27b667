"""Invariants of the national review: who reads, which sheets count, who is disqualified."""

from collections.abc import Iterator

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery

from declarations.models import CitedItem, Consultation, Cycle, ExpertReview, PanelMember, ScoreRun
from declarations.queries.invariants.cases import steps_back
from declarations.queries.invariants.registry import Breach, Gate, Scope, breaches, invariant
from declarations.second_person import Paired
from declarations.states import SHEETS_COUNTED, SHEETS_GONE, SHEETS_LIVE, Conclusion, Ground, State

THREE = 3
NATIONALLY = (Gate.AGENDA, Gate.PUBLICATION)
NOT_READ = sorted(SHEETS_GONE)


@invariant(13, "应当回避的专家没有评分", *NATIONALLY)
def no_recused_reader(scope: Scope) -> Iterator[Breach]:
    """Look for sheets whose expert stepped back from the case before confirming."""
    live = ExpertReview.objects.filter(scope.where("declaration")).exclude(state__in=NOT_READ)
    bound = steps_back("expert__user", "declaration", "declaration__applicant", until="confirmed_at")
    open_ones = live.filter(confirmed_at__isnull=True)
    still = steps_back("expert__user", "declaration", "declaration__applicant")
    yield from breaches(live.filter(bound), "专家应当回避本件", case="declaration")
    yield from breaches(open_ones.filter(still), "专家应当回避本件", case="declaration")


@invariant(14, "每个评分结果至少有周期规定份数的专家评分，须有第三名专家的至少三份", *NATIONALLY)
def readers(scope: Scope) -> Iterator[Breach]:
    """Count the confirmed sheets of each case that was judged."""
    judged = scope.cases.filter(score_runs__isnull=False).annotate(
        sheets=Count("expert_reviews", filter=Q(expert_reviews__state__in=sorted(SHEETS_COUNTED)), distinct=True)
    )
    yield from breaches(judged.filter(sheets__lt=F("cycle__readers")), "已确认的专家评分不足", case="pk")
    thirds = judged.filter(third_reading__isnull=False, sheets__lt=THREE)
    yield from breaches(thirds, "须有第三名专家，已确认的专家评分不足三份", case="pk")


@invariant(15, "没有确认的评分不计入结果", *NATIONALLY)
def no_draft_counted(scope: Scope) -> Iterator[Breach]:
    """Look for cases that were judged while a sheet was open, or before it was confirmed."""
    runs = ScoreRun.objects.filter(declaration=OuterRef("declaration"))
    judged = ExpertReview.objects.filter(Exists(runs), scope.where("declaration")).exclude(state__in=NOT_READ)
    judged = judged.exclude(declaration__state=State.EXPERT_REVIEW)
    last = Subquery(runs.order_by("-number").values("run_at")[:1])
    late = judged.filter(Q(confirmed_at__isnull=True) | Q(confirmed_at__gt=last))
    yield from breaches(late, "评分结果产生时尚未确认", case="declaration")
    unlocked = judged.filter(assessment__locked_at__isnull=True, confirmed_at__isnull=False)
    yield from breaches(unlocked, "已确认的评分没有固定", case="declaration")


@invariant(16, "专家件数不超过本人最多评审件数", Gate.AGENDA)
def no_overload(scope: Scope) -> Iterator[Breach]:
    """Count the live sheets of each expert of the cycle against what the pool says the person takes at most."""
    live = ExpertReview.objects.filter(scope.where("declaration"), state__in=sorted(SHEETS_LIVE))
    same = {"expert__user": OuterRef("expert__user"), "declaration__cycle": OuterRef("declaration__cycle")}
    sheets = ExpertReview.objects.filter(**same, state__in=sorted(SHEETS_LIVE)).order_by().values("expert__user")
    member = PanelMember.objects.filter(cycle=OuterRef("declaration__cycle"), seat=OuterRef("expert"))
    counted = live.annotate(
        load=Subquery(sheets.annotate(number=Count("pk")).values("number")), most=Subquery(member.values("most")[:1])
    )
    yield from breaches(counted.filter(load__gt=F("most")), "专家件数超过本人最多评审件数", case="declaration")


@invariant(17, "每次取消认定资格都有三类事由之一、两人办理，并与推荐单位沟通", *NATIONALLY)
def disqualified(scope: Scope) -> Iterator[Breach]:
    """Look at the ground, the two persons and the consultation of each disqualification."""
    gone = scope.cases.filter(state=State.DISQUALIFIED)
    settled = Consultation.objects.filter(outcome=Conclusion.DISQUALIFIED)
    told = settled.filter(declaration=OuterRef("pk"), ground__in=Ground.values)
    yield from breaches(gone.exclude(Exists(told)), "没有三类事由之一", case="pk")
    found = settled.filter(scope.where("declaration"), declaration__state=State.DISQUALIFIED)
    unheard = Q(answered_at__isnull=True, due_at__gt=F("closed_at"))
    yield from breaches(found.filter(unheard), "推荐单位没有答复，答复期限也没有届满", case="declaration")
    uncited = ~Exists(CitedItem.objects.filter(consultation=OuterRef("pk")))
    yield from breaches(found.filter(uncited), "没有写明涉及的指标和依据", case="declaration")
    two = [one.pk for one in Cycle.objects.only("pk", "two_persons") if Paired.DISQUALIFY in one.two_persons]
    same = found.filter(opened_by__user=F("closed_by__user"), declaration__cycle__in=two)
    yield from breaches(same, "提出人与确认人是同一人", case="declaration")


