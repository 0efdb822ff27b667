"""The page of what follows the meeting: public notice, publication, release, each with what stands against it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Max, QuerySet
from django.urls import reverse

from declarations.models import Cycle, Publication, PublicationLine, Recognition
from declarations.queries.second_person import somebody_confirms
from declarations.second_person import Paired
from declarations.states import State
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal

NOT_IN_NOTICE = "通知未规定"


@dataclass(frozen=True)
class PublicationPlan:
    """What will be announced and published: how many, under which certificate numbers, how many were before.

    ``announced`` are those whose public notice runs, ``ended`` those whose notice is over, not published yet.
    """

    waiting: int
    first: str
    last: str
    published: int
    to_announce: int = 0
    announced: int = 0
    ended: int = 0
    held: int = 0

    @property
    def objected(self) -> int:
        """How many wait after their notice for an objection that is not settled."""
        return max(self.ended - self.waiting, 0)


def publication_plan(
    cycle: Cycle, waiting: int, counts: Mapping[State, int], running: int = 0
) -> PublicationPlan:
    """Return what publishing so many cases will do (one query); ``counts`` are the kept ones of the viewer.

    ``running`` is how many of those on a public notice stand on one that is not over.
    """
    published = Recognition.objects.filter(cycle=cycle).aggregate(last=Max("serial"))["last"] or 0
    first, last = (f"{cycle.certificate_prefix}{published + place:04d}" for place in (1, max(waiting, 1)))
    to_announce = counts.get(State.APPROVED, 0) if cycle.public_notice else 0
    ended, held = max(counts.get(State.NOTICE, 0) - running, 0), counts.get(State.OBJECTION_HOLD, 0)
    return PublicationPlan(waiting, first, last, published, to_announce, running, ended, held)


def publications_of(cycle: Cycle) -> list[Publication]:
    """Return a cycle's publications, the newest first."""
    return list(Publication.objects.filter(cycle=cycle).select_related("begun_by__user").order_by("-number")[:20])


def left_out(cycle: Cycle) -> QuerySet[PublicationLine]:
    """Return the cases that the last publication left out, with the reason."""
    last = Publication.objects.filter(cycle=cycle).order_by("-number").values("pk")[:1]
    lines = PublicationLine.objects.filter(publication__in=last).exclude(refusal="")
    return lines.select_related("declaration").order_by("place")


def published_titles(cycle: Cycle) -> QuerySet[Recognition]:
    """Return the titles of a cycle that were published, by certificate number."""
    return Recognition.objects.filter(cycle=cycle, published_at__isnull=False).order_by("serial")


@dataclass(frozen=True)
class Deed:
    """One grave act of the page, with what it will do to whom."""

    label: str
    url: str
    confirm: str
    kind: str = "primary"
    refusals: tuple[Refusal, ...] = ()


def publication_acts(
    seat: Seat, cycle: Cycle, plan: PublicationPlan, counts: Mapping[State, int]
) -> list[Deed]:
    """Return announcing, publishing and releasing, as far as they are the seat's, each with why it is closed.

    By two persons, announcing and publishing are prepared by one and confirmed by the head.
    """
    head = allowed(seat, "declarations.publish")
    acts = [_announce(seat, cycle, plan)] if cycle.public_notice and _may(seat, cycle, Paired.OPEN_NOTICE) else []
    if _may(seat, cycle, Paired.PUBLISH):
        acts.append(_publish(seat, cycle, plan))
    return [*acts, _release(cycle, counts)] if head else acts


def _may(seat: Seat, cycle: Cycle, act: Paired) -> bool:
    two = act in cycle.two_persons
    return allowed(seat, "declarations.publish") or (two and allowed(seat, "declarations.prepare_publication"))


def _announce(seat: Seat, cycle: Cycle, plan: PublicationPlan) -> Deed:
    two = Paired.OPEN_NOTICE in cycle.two_persons
    confirm = (
        f"{'由会员部负责人确认后，' if two else ''}{plan.to_announce}家商会的名称和推荐单位向社会公示"
        f"{cycle.notice_days}个工作日，不公示得分。公示开始后名单不能增减。"
    )
    refusals: tuple[Refusal, ...] = ()
    if not plan.to_announce:
        refusals = (Refusal("nothing_to_announce", "没有审议通过、待公示的对象。", NOT_IN_NOTICE),)
    elif two and not somebody_confirms(seat, Paired.OPEN_NOTICE):
        refusals = (Refusal("no_second_person", "公示由两人办理：由会员部经办人提请，由您确认。", "两人办理"),)
    label = "提请公示" if two else "开始公示"
    return Deed(label, reverse("declarations:announce"), confirm, refusals=refusals)


def _publish(seat: Seat, cycle: Cycle, plan: PublicationPlan) -> Deed:
    two = Paired.PUBLISH in cycle.two_persons
    first = "由会员部负责人确认后，" if two else ""
    numbers = plan.first if plan.waiting == 1 else f"{plan.first}至{plan.last}"
    return Deed(
        "提请公布名单" if two else "公布名单",
        reverse("declarations:publish"),
        f"{first}{plan.waiting}家商会将认定为{cycle.honour}，证书编号{numbers}，同时通知这些商会，"
        "认定名单和证书查验对社会公开。公布后不能撤回。",
        refusals=_publish_refusals(seat, plan, two=two),
    )


def _publish_refusals(seat: Seat, plan: PublicationPlan, *, two: bool) -> tuple[Refusal, ...]:
    if not plan.waiting and plan.announced:
        return (Refusal("notice_runs", "公示尚未期满。", NOT_IN_NOTICE),)
    if not plan.waiting and plan.ended + plan.held:
        return (Refusal("objections_open", "公示已经期满，所涉异议尚未办结。", NOT_IN_NOTICE),)
    if not plan.waiting:
        return (Refusal("nothing_to_publish", "没有审议通过、待公布的对象。", "六"),)
    if two and not somebody_confirms(seat, Paired.PUBLISH):
        return (Refusal("no_second_person", "公布名单由两人办理：由会员部经办人提请，由您确认。", "两人办理"),)
    return ()


def _release(cycle: Cycle, counts: Mapping[State, int]) -> Deed:
    others = counts.get(State.NOT_APPROVED, 0) + counts.get(State.NOT_ELIGIBLE, 0)
    return Deed(
        "公开其他结果",
        reverse("declarations:release"),
        f"公开后，省级工商联和申报商会可以看到各件的结果，包括不能参与认定和审议未通过的{others}件。公开后不能撤回。",
        "secondary",
        _release_refusals(cycle),
    )


def _release_refusals(cycle: Cycle) -> tuple[Refusal, ...]:
    if cycle.published_at is None:
        return (Refusal("not_published", "名单公布后才能公开其他结果。", "六"),)
    if cycle.released_at is not None:
        return (Refusal("already_released", "结果已经公开。", "六"),)
    return ()
