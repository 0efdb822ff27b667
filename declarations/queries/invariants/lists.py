"""Invariants of the way upward: places, ranks, opinions, second persons, deadline exceptions."""

from collections.abc import Iterator

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, Sum

from declarations.digests import digest_of
from declarations.models import Batch, Cycle, Endorsement, Extension, ListVersion, Pending, Quota, Revision
from declarations.queries.invariants.registry import (
    Breach,
    Gate,
    Scope,
    breach,
    breaches,
    invariant,
    pages,
)
from declarations.second_person import Paired, PendingState
from declarations.states import GONE_UP

SENT_ON = ("forward", "shortlist", "reserve")
"""The steps with which a tier sends a case on whole; a round's rows may leave the opinion as it was."""
LISTED = ("shortlist", "reserve")
"""The unit signs its opinion again when the case goes from one side of its list to the other."""
PAIRED_FORWARDS = {"forward": Paired.FORWARD, "shortlist": Paired.SHORTLIST}


@invariant(5, "推荐不超过名额，各单位名额合计等于拟认定总数", Gate.UPLOAD, Gate.AGENDA, Gate.PUBLICATION)
def places(scope: Scope) -> Iterator[Breach]:
    """Compare places used with places given; of a cycle also their sum with its total."""
    quotas = Quota.objects.filter(scope.of_cycle(unit="organisation"))
    yield from breaches(quotas.filter(used__gt=F("places")), "已用名额超过分配名额")
    if scope.unit is None:
        yield from _sums(scope)


def _sums(scope: Scope) -> Iterator[Breach]:
    """Before a step more places than there are is a breach; at night fewer too, for they must all be given."""
    cycles = Cycle.objects.filter(scope.of_cycle("pk")).annotate(given=Sum("quotas__places"))
    for cycle in cycles.filter(given__isnull=False).only("pk", "places_total"):
        if cycle.given > cycle.places_total or (scope.deep and cycle.given != cycle.places_total):
            yield breach(cycle, f"各单位名额合计{cycle.given}个，拟认定总数{cycle.places_total}个")


@invariant(6, "推荐排序和备选排序各自从1起连续", Gate.UPLOAD, Gate.AGENDA, Gate.PUBLICATION)
def ranks(scope: Scope) -> Iterator[Breach]:
    """Compare the greatest rank of each list with how many cases it has."""
    ranked = scope.cases.filter(rank__isnull=False).order_by()
    lists = ranked.values("unit", "is_reserve", "cycle").annotate(
        number=Count("rank", distinct=True), first=Min("rank"), last=Max("rank")
    )
    for one in lists.exclude(first=1, last=F("number")):
        side = "备选" if one["is_reserve"] else "推荐"
        yield Breach("推荐名单", f"推荐单位{one['unit']}", f"{side}排序不连续：{one['number']}件，末位{one['last']}")


@invariant(18, "每次报出都有签批的审核意见，须两人办理的有第二人确认", Gate.UPLOAD)
def opinions(scope: Scope) -> Iterator[Breach]:
    """Look for the signed opinion of each step with which a tier sent a case on, and for who confirmed it."""
    sent = Revision.objects.filter(scope.where("declaration"), transition__in=SENT_ON)
    signed = Endorsement.objects.filter(declaration=OuterRef("declaration"), authentic=True).exclude(text="")
    with_it = signed.filter(signed_at=OuterRef("frozen_at"))
    again = signed.filter(signed_at__gt=OuterRef("frozen_at"), organisation=OuterRef("declaration__unit"))
    unsigned = sent.exclude(Exists(with_it)).exclude(Q(transition__in=LISTED) & Exists(again))
    yield from breaches(unsigned, "报出时没有签批的审核意见", case="declaration")
    for step, act in PAIRED_FORWARDS.items():
        cycles = [one.pk for one in Cycle.objects.only("pk", "two_persons") if act in one.two_persons]
        if cycles:
            confirmed = Pending.objects.filter(
                act=act, declaration=OuterRef("declaration"), state=PendingState.CONFIRMED
            ).exclude(settler=F("preparer"))
            alone = sent.filter(transition=step, declaration__cycle__in=cycles).exclude(Exists(confirmed))
            yield from breaches(alone, "没有第二人确认", case="declaration")


@invariant(19, "拟定人不是批准人；名单各版的摘要值与内容相符", Gate.UPLOAD, Gate.AGENDA, Gate.PUBLICATION)
def two_persons(scope: Scope) -> Iterator[Breach]:
    """Compare who prepared with who approved, and every version of a list with its digest."""
    acts = Pending.objects.filter(scope.of_cycle(unit="organisation"), state=PendingState.CONFIRMED)
    yield from breaches(acts.filter(settler=F("preparer")), "拟办人与确认人是同一人", case="declaration")
    sent = Batch.objects.filter(scope.of_cycle(unit="unit"), state__in=sorted(GONE_UP)).select_related("cycle")
    same = sent.filter(prepared_by__user=F("uploaded_by__user")).only("pk", "cycle__two_persons")
    yield from (
        breach(one, "拟定人与上报人是同一人") for one in same if Paired.UPLOAD_BATCH in one.cycle.two_persons
    )
    for page in pages(ListVersion.objects.filter(scope.of_cycle("batch__cycle", "batch__unit"))):
        yield from (breach(one, "摘要值与名单不符") for one in page if digest_of(one.listing) != one.digest)


@invariant(25, "延期有两人办理并写明延至何时", Gate.UPLOAD)
def exceptions(scope: Scope) -> Iterator[Breach]:
    """Compare who proposed an exception with who granted it, and its end with its beginning."""
    found = Extension.objects.filter(scope.of_cycle())
    yield from breaches(found.filter(until__lte=F("granted_at")), "延至时间不晚于批准时间")
    alone = found.filter(proposed_by__user=F("confirmed_by__user")).select_related("cycle")
    two = Q(cycle__in=[one.pk for one in Cycle.objects.all() if Paired.DEADLINE_EXCEPTION in one.two_persons])
    yield from breaches(alone.filter(two), "拟办人与批准人是同一人")
