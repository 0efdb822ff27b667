"""The one-time link by which a person sets the first password, or a new one after a reset, and its short code.

Both come from Django's token generator and hold until the password is set, the link grows old, or a new one is issued;
nothing secret is stored.
"""

from base64 import b32encode
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from sihao import clock
from sihao.accounts.models import User

CODE_SALT = "sihao.accounts.activation.code"
CODE_BYTES = 10
CODE_GROUP = 4
# What people read wrongly on paper is read as what was printed: the code has no 0, 1 or 8.
MISREAD = str.maketrans("018", "OIB")


class LinkTokens(PasswordResetTokenGenerator):
    """Django's generator, on the clock of the house; a token belongs to one issue of the link."""

    key_salt = "sihao.accounts.activation.LinkTokens"

    def of(self, user: User) -> str:
        """Return the token of the link that counts now."""
        issued = self._num_seconds(_plain(user.link_issued_at))
        return self._make_token_with_timestamp(user, issued, self.secret)

    def check_token(self, user: User | None, token: str | None) -> bool:
        """Return whether the token is that of the last link, unused and not too old."""
        return bool(user and user.link_issued_at) and super().check_token(user, token)

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{_plain(user.link_issued_at).isoformat()}"

    def _now(self) -> datetime:
        return _plain(clock.now())


def _plain(at: datetime) -> datetime:
    """Return an instant as Django's generator counts: UTC without saying so."""
    return at.astimezone(UTC).replace(tzinfo=None)


link_tokens = LinkTokens()


def activation_path(user: User) -> str:
    """Return the address of the link that counts now; the person must have been issued one."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("accounts:activate", args=[uid, link_tokens.of(user)])


def activation_code(user: User) -> str:
    """Return the code that stands on paper for the link: sixteen letters and figures in groups of four."""
    digest = salted_hmac(CODE_SALT, link_tokens.of(user), algorithm="sha256").digest()
    text = b32encode(digest[:CODE_BYTES]).decode()
    return "-".join(text[place : place + CODE_GROUP] for place in range(0, len(text), CODE_GROUP))


def code_fits(user: User | None, typed: str, now: datetime) -> bool:
    """Return whether what somebody typed is the code of the person's link, and the link still holds."""
    if user is None or not user.is_active or not link_holds(user, now):
        return False
    return constant_time_compare(_bare(typed), _bare(activation_code(user)))


def _bare(code: str) -> str:
    return "".join(letter for letter in code.upper() if letter.isalnum()).translate(MISREAD)


def link_ends(user: User) -> datetime | None:
    """Return the instant at which the person's link ends; None without one."""
    if user.link_issued_at is None:
        return None
    return user.link_issued_at + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)


def link_holds(user: User, now: datetime) -> bool:
    """Return whether the person has a link that can still be used."""
    ends = link_ends(user)
    return ends is not None and now < ends and not user.has_usable_password()
