"""Issuing one-time links: one by one, many for printing, many by mail; a new link voids the old."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from sihao.accounts.actions.mailing import mail_leaves, post
from sihao.accounts.models import Mail, MailKind, Seat, User
from sihao.accounts.permissions import grantable_seats
from sihao.accounts.queries.people import awaiting_password
from sihao.accounts.refusals import Refused
from sihao.audit.events import Event
from sihao.audit.record import record

MOST_LINKS = 200
SHOWN, PRINTED, MAILED = "当面交付", "打印", "邮件"
TITLE = "设置登录密码"


@transaction.atomic
def issue_links(*, actor: Seat, people: Iterable[int], way: str, now: datetime) -> list[User]:
    """Issue a new link to each of the people (by key) and return them; the links they had are void.

    All or nothing: refuses whoever is not the actor's to answer for, or has set a password meanwhile.
    """
    wanted = set(people)
    if not wanted:
        raise Refused.because("nobody_chosen", "请先选择人员。")
    if len(wanted) > MOST_LINKS:
        raise Refused.because("too_many", f"一次最多{MOST_LINKS}人，现选了{len(wanted)}人。")
    waiting = awaiting_password(actor, grantable_seats(actor)).filter(pk__in=wanted)
    found = list(waiting.select_for_update(of=("self",)))
    if missing := len(wanted) - len(found):
        raise Refused.because(
            "not_awaiting", f"有{missing}人不能发放设置链接：已设置密码、账号已停用，或席位不全在您的管理范围内。"
        )
    for person in found:
        person.link_issued_at = now
        record(Event.LINK_ISSUED, actor=actor, target=person, at=now, data={"holder": person.name, "way": way})
    User.objects.bulk_update(found, ["link_issued_at"])
    return found


@transaction.atomic
def mail_links(*, actor: Seat, people: Iterable[int], now: datetime) -> list[Mail]:
    """Issue links and send each by e-mail; refuses when somebody has no address or no mail can leave the house."""
    if not mail_leaves():
        raise Refused.because("mail_off", "尚未配置邮件服务器，不能发送。请改用打印。")
    found = issue_links(actor=actor, people=people, way=MAILED, now=now)
    if without := [person.name for person in found if not person.email]:
        named = "、".join(without[:5]) + (f"等{len(without)}人" if len(without) > 5 else "")
        raise Refused.because("no_address", f"{named}没有电子邮箱，不能发送。请改用打印，或先补充电子邮箱。")
    mails = [
        Mail(
            kind=MailKind.ACTIVATION,
            key=f"link:{person.pk}:{now.timestamp():.6f}",
            recipient=person,
            address=person.email,
            path=person.held_seats[0].organisation.path,
            title=TITLE,
            created_at=now,
            created_by=actor,
        )
        for person in found
    ]
    return post(mails=mails, now=now)
