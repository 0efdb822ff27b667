"""Mail: laid ready with the act that causes it, sent by a job, each at most once."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core import mail as wire
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.template.loader import render_to_string

from sihao.accounts.activation import activation_path, link_ends, link_holds
from sihao.accounts.models import Mail, MailKind, MailState
from sihao.jobs.actions import enqueue

logger = logging.getLogger(__name__)

SEND_MAIL = "send_mail"
PAGE = 50
BROKEN_OFF_AFTER = timedelta(minutes=10)
BROKEN_OFF = "发送中断，是否送达不明，请核对后重新办理。"
NO_SERVER = "邮件服务器没有接收。"
LINK_VOID = "设置链接已失效或密码已设置，没有发送。"
NOWHERE = "django.core.mail.backends.dummy.EmailBackend"


def mail_leaves() -> bool:
    """Return whether mail goes anywhere at all."""
    return settings.EMAIL_BACKEND != NOWHERE


@transaction.atomic
def post(*, mails: Iterable[Mail], now: datetime) -> list[Mail]:
    """Lay mails ready and have them sent once this is committed; one whose key is there already is left out."""
    laid = Mail.objects.bulk_create(mails, ignore_conflicts=True, batch_size=200)
    if laid:
        enqueue(SEND_MAIL, owner=None, at=now)
    return laid


def send_waiting(*, clock: Callable[[], datetime], progress: Callable[[int, int], None] | None = None) -> int:
    """Send what is laid ready, oldest first, over one connection; return how many left.

    Each mail is claimed by a conditional UPDATE before it leaves, so that it leaves once whoever else sends; one that
    was broken off is marked so, never sent a second time by itself.
    """
    _mark_broken_off(clock())
    sent = done = 0
    connection = wire.get_connection()
    try:
        while page := list(_waiting()):
            for mail in page:
                sent += _send(mail, connection, clock)
                done += 1
                if progress is not None:
                    progress(done, done + 1)
    finally:
        connection.close()
    return sent


def _waiting() -> Iterable[Mail]:
    found = Mail.objects.filter(state=MailState.WAITING).select_related("recipient").order_by("id")
    return found[:PAGE]


def _mark_broken_off(now: datetime) -> None:
    lost = Mail.objects.filter(state=MailState.SENDING, claimed_at__lt=now - BROKEN_OFF_AFTER)
    lost.update(state=MailState.FAILED, error=BROKEN_OFF)


def _send(mail: Mail, connection: BaseEmailBackend, clock: Callable[[], datetime]) -> bool:
    mine = Mail.objects.filter(pk=mail.pk)
    if not mine.filter(state=MailState.WAITING).update(state=MailState.SENDING, claimed_at=clock()):
        return False
    body = mail.body if mail.kind != MailKind.ACTIVATION else activation_text(mail, clock())
    if not body:
        mine.update(state=MailState.FAILED, error=LINK_VOID)
        return False
    try:
        wire.EmailMessage(mail.title, body, to=[mail.address], connection=connection).send()
    except (OSError, ValueError) as error:  # smtplib's errors are among the first, bad addresses among the second
        logger.warning("mail %s not sent: %s", mail.pk, type(error).__name__)
        mine.update(state=MailState.FAILED, error=NO_SERVER)
        return False
    mine.update(state=MailState.SENT, sent_at=clock())
    return True


def activation_text(mail: Mail, now: datetime) -> str:
    """Return the body of a mail with the link, or "" when its link no longer counts: it is written nowhere else."""
    person = mail.recipient
    if not link_holds(person, now) or mail.key != f"link:{person.pk}:{person.link_issued_at.timestamp():.6f}":
        return ""
    facts = {
        "person": person,
        "link": f"{settings.SITE_URL}{activation_path(person)}",
        "ends": link_ends(person),
        "site_name": settings.SITE_NAME,
    }
    return render_to_string("accounts/activation_mail.txt", facts)
