"""Mail: laid ready with the act that causes it, sent by a job, each at most once."""

import logging
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core import mail as wire
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string

from sihao.accounts.activation import activation_path, link_ends, link_holds
from sihao.accounts.models import Mail, MailKind, MailState, Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refused
from sihao.audit.events import Event
from sihao.audit.record import record
from sihao.jobs.actions import enqueue

logger = logging.getLogger(__name__)

SEND_MAIL = "send_mail"
PAGE = 50
BROKEN_OFF_AFTER = timedelta(minutes=10)
BROKEN_OFF = "发送中断，是否送达不明，请核对后重新办理。"
NO_SERVER = "邮件服务器没有接收，将自动重发。"
GAVE_UP = "邮件服务器一日内没有接收，已停止重发。"
BAD_ADDRESS = "地址无效或被拒收，请核对收件人的电子邮箱。"
TRIED_AGAIN_AFTER = timedelta(minutes=30)
TRIED_FOR = timedelta(days=1)
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


@transaction.atomic
def send_again(*, mail: Mail, actor: Seat, now: datetime) -> Mail:
    """Have a mail that did not leave, or perhaps not, sent once more: somebody looked first and answers for it."""
    if not allowed(actor, "accounts.send_mail_again"):
        raise Refused.because("not_permitted", "邮件由系统管理员重新发送。")
    again = {"state": MailState.WAITING, "claimed_at": None, "error": ""}
    if not Mail.objects.filter(pk=mail.pk, state=MailState.FAILED).update(**again):
        raise Refused.because("mail_not_failed", "这封邮件已经发送或者正在发送，不必重新发送。")
    record(Event.MAIL_SENT_AGAIN, actor=actor, target=mail, at=now, data={"title": mail.title, "why": mail.error})
    enqueue(SEND_MAIL, owner=None, at=now)
    mail.refresh_from_db()
    return mail


def send_waiting(*, clock: Callable[[], datetime], progress: Callable[[int, int], None] | None = None) -> int:
    """Send what is laid ready, oldest first, over one connection; return how many left.

    Each mail is claimed by a conditional UPDATE before it leaves, so that it leaves once whoever else sends; one that
    was broken off is marked so, never sent a second time by itself. What no server took is tried again for a day.
    """
    _mark_broken_off(clock())
    sent = done = 0
    with closing(wire.get_connection()) as connection, suppress(ServerAway):
        while page := list(_ready(clock()).select_related("recipient").order_by("id")[:PAGE]):
            for mail in page:
                sent += _send(mail, connection, clock)
                done += 1
                if progress is not None:
                    progress(done, done + 1)
    return sent


class ServerAway(Exception):
    """No server answers: the rest waits as well."""


def _ready(now: datetime) -> QuerySet[Mail]:
    """Return what waits; what no server took waits for half an hour."""
    untried = Q(claimed_at__isnull=True) | Q(claimed_at__lte=now - TRIED_AGAIN_AFTER)
    return Mail.objects.filter(untried, state=MailState.WAITING)


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
    except (SMTPRecipientsRefused, ValueError) as error:
        return _failed(mail, error, BAD_ADDRESS)
    except OSError as error:  # smtplib's other errors are among them
        again = mail.created_at > clock() - TRIED_FOR
        _failed(mail, error, NO_SERVER if again else GAVE_UP, MailState.WAITING if again else MailState.FAILED)
        if not isinstance(error, SMTPResponseException):
            raise ServerAway from error
        return False
    mine.update(state=MailState.SENT, sent_at=clock(), error="")
    return True


def _failed(mail: Mail, error: Exception, told: str, state: MailState = MailState.FAILED) -> bool:
    logger.warning("mail %s not sent: %s", mail.pk, type(error).__name__)
    Mail.objects.filter(pk=mail.pk).update(state=state, error=told)
    return False


def mail_waits(now: datetime) -> bool:
    """Return whether mail that no server took is to be tried again."""
    return _ready(now).filter(claimed_at__isnull=False).exists()


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
