"""Taking papers out: each says on every page what it is, and is known by its check code from then on."""

from base64 import b32encode
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import salted_hmac

from declarations.models import Batch, Cycle, Declaration, IssuedPaper
from declarations.queries.issued import edition_of
from declarations.states import IssuedKind
from sihao.accounts.models import Seat
from sihao.documents.paper import Paper, Standing

SALT = "declarations.issued-paper"
BYTES = 8
LETTERS = 12
# No I, O, 0 and 1 on paper: they are read for one another.
SPOKEN = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "ABCDEFGHJKLMNPQRSTUVWXYZ23456789")


def check_code(*parts: object) -> str:
    """Return the twelve letters by which a paper is known; the same paper has the same."""
    code = salted_hmac(SALT, ":".join(map(str, parts)), algorithm="sha256").digest()[:BYTES]
    return b32encode(code).decode().rstrip("=").translate(SPOKEN)[:LETTERS]


def in_fours(code: str) -> str:
    """Return a check code in groups of four."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


@transaction.atomic
def issue(
    *,
    paper: Paper,
    kind: IssuedKind,
    of: Declaration | Batch | Cycle,
    is_draft: bool,
    actor: Seat | None,
    now: datetime,
    version: int | None = None,
    subject: int | None = None,
) -> Paper:
    """Return the paper with its standing on it, and keep by its check code what it is.

    Idempotent: what says the same of the same version is the same paper, whoever takes it out. Without a version the
    editions of a cycle's paper are counted: one that says something else than the last is the next.
    """
    digest = paper.digest
    home = _home(of)
    if version is None:
        version = 0 if is_draft else edition_of(kind, of, subject, digest)
    place = "".join(f"{name[0]}{thing.pk}" for name, thing in home.items())
    code = check_code(kind.value, place, subject or 0, version, int(is_draft), digest)
    facts = {"kind": kind, **home, "subject": subject, "version": version, "is_draft": is_draft, "digest": digest}
    first = {"issued_by": actor, "issued_at": now}
    IssuedPaper.objects.get_or_create(check_code=code, defaults=facts | first)
    standing = Standing(
        subject=f"{_words(of)}　{kind.label}",
        version=version_words(version, is_draft=is_draft),
        digest=digest,
        check=in_fours(code),
        url=f"{settings.SITE_URL}{reverse('public:paper', args=[code])}",
    )
    return replace(paper, standing=standing)


def _home(of: Declaration | Batch | Cycle) -> dict[str, Declaration | Batch | Cycle]:
    if isinstance(of, Declaration):
        return {"declaration": of}
    return {"batch": of} if isinstance(of, Batch) else {"cycle": of}


def _words(of: Declaration | Batch | Cycle) -> str:
    """Return by which words the paper names what it is of."""
    if isinstance(of, Declaration):
        return of.number
    return str(of.unit) if isinstance(of, Batch) else of.name


def version_words(version: int, *, is_draft: bool) -> str:
    """Return which version a paper is of, in words."""
    if not is_draft:
        return f"第{version}版"
    return f"草稿（第{version}版提交后修改）" if version else "草稿"
