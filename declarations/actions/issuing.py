"""Taking papers out: each says on every page what it is, and is known by its check code from then on."""

from base64 import b32encode
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import salted_hmac

from declarations.models import Batch, Declaration, IssuedPaper
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
    of: Declaration | Batch,
    version: int,
    is_draft: bool,
    actor: Seat,
    now: datetime,
    subject: int | None = None,
) -> Paper:
    """Return the paper with its standing on it, and keep by its check code what it is.

    Idempotent: what says the same of the same version is the same paper, whoever takes it out.
    """
    digest = paper.digest
    case = of if isinstance(of, Declaration) else None
    batch = of if isinstance(of, Batch) else None
    place = f"d{case.pk}" if case is not None else f"b{batch.pk}" if batch is not None else ""
    code = check_code(kind.value, place, subject or 0, version, int(is_draft), digest)
    IssuedPaper.objects.get_or_create(
        check_code=code,
        defaults={
            "kind": kind,
            "declaration": case,
            "batch": batch,
            "subject": subject,
            "version": version,
            "is_draft": is_draft,
            "digest": digest,
            "issued_by": actor,
            "issued_at": now,
        },
    )
    words = case.number if case is not None else str(batch.unit) if batch is not None else ""
    standing = Standing(
        subject=f"{words}　{kind.label}",
        version=version_words(version, is_draft=is_draft),
        digest=digest,
        check=in_fours(code),
        url=f"{settings.SITE_URL}{reverse('public:paper', args=[code])}",
    )
    return replace(paper, standing=standing)


def version_words(version: int, *, is_draft: bool) -> str:
    """Return which version a paper is of, in words."""
    if not is_draft:
        return f"第{version}版"
    return f"草稿（第{version}版提交后修改）" if version else "草稿"
