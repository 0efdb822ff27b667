"""What ties a person to a body that may declare (回避申报): declared, left, struck out, lapsed."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from declarations.actions.stepping_back import step_back_from_body
from declarations.models import Kinship, Tie, TieKind, TieOver
from sihao.accounts.handover import register_leaving
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.queries import chambers_called
from sihao.accounts.refusals import Refusal, Refused
from sihao.accounts.roles import CHAMBER_ROLES
from sihao.audit.events import Event
from sihao.audit.record import record

CLAUSE = "回避"
YEARS = 2


def _refuse(code: str, sentence: str) -> None:
    raise Refused((Refusal(code, sentence, CLAUSE),))


def bound_until(left_on: date) -> date:
    """Return the day on which two years since leaving are full: from that day on the post binds no more."""
    try:
        return left_on.replace(year=left_on.year + YEARS)
    except ValueError:  # 29 February has no counterpart two years on
        return date(left_on.year + YEARS, 3, 1)


@dataclass(frozen=True)
class Post:
    """A post as its holder declares it; without ``left_on`` it is held now."""

    name: str
    post: str
    since: date | None = None
    left_on: date | None = None


@dataclass(frozen=True)
class Relative:
    """Kinship as it is declared: to somebody of a body, by name, or to the body as a whole."""

    name: str
    relation: Kinship
    relative: str = ""


@transaction.atomic
def declare_post(*, post: Post, actor: Seat, now: datetime) -> Tie:
    """Declare a post of one's own; from this moment nothing of that body's cases is there for the person."""
    today = timezone.localdate(now)
    _refuse_dates(post, today)
    term = {"left_on": post.left_on, "binds_until": bound_until(post.left_on) if post.left_on else None}
    if term["binds_until"] and term["binds_until"] <= today:
        _refuse("left_long_ago", f"{_day(post.left_on)}离任，至今已满两年，不必回避，无需申报。")
    found = _declare(actor, post.name, now, kind=TieKind.POST, post=post.post, since=post.since, **term)
    step_back_from_body(tie=found, now=now)
    return found


def _refuse_dates(post: Post, today: date) -> None:
    if post.left_on and post.left_on > today:
        _refuse("leaves_later", "离任日期不能晚于今天；现仍任职的，离任日期留空。")
    if post.since and post.since > (post.left_on or today):
        _refuse("since_later", "任职日期不能晚于离任日期或今天。")


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


@transaction.atomic
def declare_kinship(*, relative: Relative, actor: Seat, now: datetime) -> Tie:
    """Declare kinship to a body or to somebody of it; from this moment nothing of its cases is there for the person."""
    kin = {"relation": relative.relation, "relative": relative.relative}
    found = _declare(actor, relative.name, now, kind=TieKind.KINSHIP, **kin)
    step_back_from_body(tie=found, now=now)
    return found


def _declare(actor: Seat, name: str, now: datetime, **facts: object) -> Tie:
    if not allowed(actor, "declarations.own_recusals"):
        _refuse("not_permitted", "商会人员办理本会申报，无需申报回避。")
    words = name.strip()
    if not words:
        _refuse("body_missing", "请填写商会全称或统一社会信用代码。")
    body = _body(words)
    called = body.name if body is not None else words
    same = Tie.objects.filter(user=actor.user_id, name=called, over_at=None, **_sameness(facts))
    if same.exists():
        _refuse("declared_already", f"与{called}的这一情形已经申报。")
    found = Tie.objects.create(
        user=actor.user, organisation=body, name=called, declared_by=actor, declared_at=now, **facts
    )
    data = {"body": called, "what": found.ground}
    record(Event.TIE_DECLARED, actor=actor, target=found, at=now, data=data)
    return found


def _sameness(facts: dict[str, object]) -> dict[str, object]:
    """Return what two declarations have in common that are one."""
    return {name: facts[name] for name in ("kind", "post", "relation", "relative") if name in facts}


def _body(words: str) -> Organisation | None:
    found = chambers_called(words)
    if len(found) > 1:
        _refuse("several_bodies", f"名称为“{words}”的商会有多家，请填写统一社会信用代码。")
    return found[0] if found else None


@transaction.atomic
def leave_post(*, tie: Tie, left_on: date, actor: Seat, now: datetime) -> Tie:
    """Note that one's own post was left; it binds for two years more."""
    found = _open_tie(tie)
    if found.user_id != actor.user_id or found.kind != TieKind.POST or found.left_on is not None:
        _refuse("not_permitted", "只能办理本人现任职务的离任。")
    _refuse_dates(Post(found.name, found.post, found.since, left_on), timezone.localdate(now))
    found.left_on, found.binds_until = left_on, bound_until(left_on)
    found.save(update_fields=["left_on", "binds_until"])
    record(Event.TIE_LEFT, actor=actor, target=found, at=now, data={"body": found.name, "left_on": left_on})
    return found


@transaction.atomic
def strike_tie(*, tie: Tie, reason: str, actor: Seat, now: datetime) -> Tie:
    """Strike a declaration out that was wrong, by a superior and never by the person, with the reason."""
    found = _open_tie(tie)
    if found.user_id in actor.people or not allowed(actor, "declarations.strike_tie", found):
        _refuse("not_permitted", "本人不能更正，由本单位分管领导或上级工商联更正。")
    if not reason.strip():
        _refuse("reason_missing", "请写明更正的理由。")
    found.over_at, found.over_why = now, TieOver.STRUCK
    found.struck_by, found.struck_reason = actor, reason.strip()[:200]
    found.save(update_fields=["over_at", "over_why", "struck_by", "struck_reason"])
    data = {"holder": found.user.name, "body": found.name}
    record(Event.TIE_STRUCK, actor=actor, target=found, at=now, data=data, reason=reason)
    return found


def _open_tie(tie: Tie) -> Tie:
    rows = Tie.objects.select_for_update(of=("self",)).select_related("user", "organisation")
    found = rows.get(pk=tie.pk)
    if found.over_at is not None:
        _refuse("tie_over", "该项申报已经解除，请刷新页面。")
    return found


def lapse_ties(*, now: datetime) -> int:
    """Let the posts go that were left two full years ago; return how many."""
    over = Tie.objects.filter(over_at=None, binds_until__lte=timezone.localdate(now))
    return over.update(over_at=now, over_why=TieOver.LAPSED)


def tie_by_name(body: Organisation) -> None:
    """Bind the declarations that named a body before it was registered."""
    Tie.objects.filter(organisation=None, over_at=None, name__in=[body.name, body.uscc or body.name]).update(
        organisation=body
    )


@register_leaving
def keep_tied(left: Seat, now: datetime) -> None:
    """Keep a person bound for two years to the chamber whose seat ended."""
    if left.role not in CHAMBER_ROLES:
        return
    day = left.left_on or timezone.localdate(now)
    Tie.objects.create(
        user_id=left.user_id,
        organisation=left.organisation,
        name=left.organisation.name,
        kind=TieKind.SEAT,
        post=left.get_role_display(),
        since=timezone.localdate(left.since),
        left_on=day,
        binds_until=bound_until(day),
        declared_at=now,
    )
