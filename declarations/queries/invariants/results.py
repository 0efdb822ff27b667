"""Invariants of what leaves the house: the published list, certificates, letters, titles, the trail itself."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import CharField, Count, Exists, F, Max, Min, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat

from declarations.digests import digest_of
from declarations.models import (
    Cycle,
    DecisionLetter,
    Inquiry,
    LetterState,
    Objection,
    Recognition,
    Relinquishment,
)
from declarations.notices import RESULTS
from declarations.queries.invariants.registry import Breach, Gate, Scope, breach, breaches, invariant
from declarations.states import InquiryState, State, TitleState
from sihao.accounts.models import Seat, StandIn
from sihao.audit.canonical import HashMissing
from sihao.audit.events import Event
from sihao.audit.models import Entry
from sihao.audit.queries import verify

AT_END = (Gate.PUBLICATION,)
HIDDEN_UNTIL_RELEASED = (State.NOT_ELIGIBLE, State.NOT_APPROVED)


@invariant(4, "办理留痕逐条相连，没有改动", Gate.AGENDA, Gate.PUBLICATION)
def trail_unbroken(scope: Scope) -> Iterator[Breach]:
    """Follow the chain of the trail and name the first break."""
    try:
        broken = verify().broken
    except HashMissing as missing:
        yield Breach("办理留痕", "", str(missing))
        return
    if broken is not None:
        yield Breach("办理留痕", str(broken.sequence), broken.sentence)


@invariant(21, "公布的商会都已认定，已认定的都已公布，名单摘要值与名单相符", *AT_END)
def published(scope: Scope) -> Iterator[Breach]:
    """Compare titles with cases both ways, and the published digest with the list."""
    titles = Recognition.objects.filter(scope.where("declaration"))
    yield from breaches(titles.exclude(declaration__state=State.RECOGNISED), "已公布而没有认定", case="declaration")
    named = titles.exclude(name=F("declaration__applicant_name"))
    yield from breaches(named, "公布的名称与申报单位名称不同", case="declaration")
    unpublished = scope.cases.filter(state=State.RECOGNISED, recognition__isnull=True)
    yield from breaches(unpublished, "已认定而没有公布", case="pk")
    for cycle in Cycle.objects.filter(scope.of_cycle("pk"), published_at__isnull=False).defer("notice_text"):
        seen = cycle.recognitions.filter(published_at__isnull=False)
        names = list(seen.order_by("serial").values_list("number", "name"))
        if digest_of([list(pair) for pair in names]) != cycle.published_digest:
            yield breach(cycle, "名单摘要值与公布的名单不符")


@invariant(22, "证书编号不重复，从1起连续", *AT_END)
def certificates(scope: Scope) -> Iterator[Breach]:
    """Compare the last serial of each cycle with how many titles it has, and every number with its serial."""
    titles = Recognition.objects.filter(scope.where("declaration"))
    numbered = titles.order_by().values("cycle").annotate(
        number=Count("serial", distinct=True), first=Min("serial"), last=Max("serial")
    )
    for one in numbered.exclude(first=1, last=F("number")):
        yield Breach("认定", f"周期{one['cycle']}", f"共{one['number']}个，末号{one['last']}")
    for prefix in Cycle.objects.filter(scope.of_cycle("pk")).values_list("pk", "certificate_prefix"):
        rows = titles.filter(cycle=prefix[0]).values_list("pk", "serial", "number", "declaration")
        yield from (
            Breach("认定", str(pk), f"证书编号与序号{serial}不符", case)
            for pk, serial, number, case in rows.iterator()
            if number != f"{prefix[1]}{serial:04d}"
        )


@invariant(23, "其他结果公开以前，没有人看得到", *AT_END)
def nothing_before_release(scope: Scope) -> Iterator[Breach]:
    """Look for letters on results that were released before the results were, and releases before the list."""
    early = Q(declaration__cycle__released_at__isnull=True) | Q(settled_at__lt=F("declaration__cycle__released_at"))
    letters = DecisionLetter.objects.filter(scope.where("declaration"), state=LetterState.RELEASED)
    told = letters.filter(Q(decision=RESULTS) | Q(state_of_case__in=HIDDEN_UNTIL_RELEASED))
    yield from breaches(told.filter(early), "结果公开以前已发出", case="declaration")
    cycles = Cycle.objects.filter(scope.of_cycle("pk"), released_at__lt=F("published_at"))
    yield from breaches(cycles, "其他结果先于名单公开")


@invariant(24, "同一件、同一决定、同一收件单位的通知至多发出一封", *AT_END)
def letters_once(scope: Scope) -> Iterator[Breach]:
    """Compare each letter's key, which is unique, with what it is made of."""
    letters = DecisionLetter.objects.filter(scope.where("declaration"), state=LetterState.RELEASED)
    text = CharField()
    begin = Concat(Cast("declaration_id", text), Value(":"), "decision", Value(":"), output_field=text)
    end = Concat(Value(":"), Cast("recipient_id", text), output_field=text)
    keyed = letters.annotate(begin=begin, end=end)
    fits = Q(key__startswith=F("begin")) & Q(key__endswith=F("end"))
    yield from breaches(keyed.exclude(fits), "唯一标识与事由、收件单位不符", case="declaration")


CLOCK_STRIKES = timedelta(hours=1)
"""The clock flags what is overdue every half hour."""


@invariant(27, "异议按期答复，逾期的都已提示", *AT_END)
def objections_answered(scope: Scope) -> Iterator[Breach]:
    """Look for objections that were answered late, or wait past their term, without being flagged by the clock."""
    rows = Objection.objects.filter(scope.where("declaration"), flagged_at__isnull=True)
    yield from breaches(rows.filter(settled_at__gt=F("due_at")), "逾期答复而没有提示", case="declaration")
    if scope.at is not None:
        waiting = rows.filter(settled_at__isnull=True, due_at__lt=scope.at - CLOCK_STRIKES)
        yield from breaches(waiting, "逾期没有答复，也没有提示", case="declaration")


@invariant(29, "每个称号都经公布，每次撤销都经会议", *AT_END)
def titles_grounded(scope: Scope) -> Iterator[Breach]:
    """Look for titles without a publication, and for changes of titles without what they rest on."""
    told = Entry.objects.filter(
        event=Event.LIST_PUBLISHED, target_kind="cycle", target_id=Cast(OuterRef("cycle_id"), CharField())
    )
    titles = Recognition.objects.filter(scope.where("declaration"))
    seen = titles.filter(published_at__isnull=False)
    own = Entry.objects.filter(
        event=Event.DECIDED_BY_SCORE,
        target_kind="declaration",
        target_id=Cast(OuterRef("declaration_id"), CharField()),
    )
    nations, cities = seen.filter(cycle__decider__isnull=True), seen.filter(cycle__decider__isnull=False)
    yield from breaches(nations.exclude(Exists(told)), "没有公布名单的留痕", case="declaration")
    yield from breaches(cities.exclude(Exists(own)), "没有按分值认定的留痕", case="declaration")
    inquiries = Inquiry.objects.filter(recognition=OuterRef("pk"))
    decided = inquiries.filter(state=InquiryState.REVOKED, meeting_on__isnull=False, decided_by__isnull=False)
    revoked = titles.filter(state=TitleState.REVOKED).exclude(Exists(decided))
    yield from breaches(revoked, "撤销没有主席办公会议的决定", case="declaration")
    open_ones = inquiries.filter(ended_at__isnull=True)
    suspended = titles.filter(state=TitleState.SUSPENDED).exclude(Exists(open_ones))
    yield from breaches(suspended, "暂停效力而没有核查", case="declaration")
    asked = Relinquishment.objects.filter(recognition=OuterRef("pk"), accepted_at__isnull=False)
    given_up = titles.filter(state=TitleState.RELINQUISHED).exclude(Exists(asked))
    yield from breaches(given_up, "放弃没有经过同意", case="declaration")


@invariant(30, "代办的留痕写明代办人和被代的人")
def both_names(scope: Scope) -> Iterator[Breach]:
    """Look for seats of stand-ins without the other name, and for beginnings that no entry of both names tells."""
    yield from breaches(Seat.objects.filter(stands_in_for__isnull=False, stands_in_name=""), "没有写明所代的人")
    both = Entry.objects.filter(event=Event.STAND_IN_BEGUN, data__has_keys=["substitute", "absent"])
    told = both.filter(target_kind="standin", target_id=Cast(OuterRef("pk"), CharField()))
    yield from breaches(StandIn.objects.filter(seat__isnull=False).exclude(Exists(told)), "代办开始没有写明两人的留痕")
