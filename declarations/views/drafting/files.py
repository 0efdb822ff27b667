"""Files of evidence, to whoever may see the case; nothing is served by its place in the store."""

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse

from declarations.queries import drafting as pages
from declarations.queries.proofs import PICTURES, SHOWN_INLINE
from declarations.store import fetch
from declarations.views.base import CaseView
from sihao.documents.intake.kinds import MIME_TYPES
from sihao.documents.sniff import UnacceptableFile, clean_image

SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
# A browser's reader of PDF needs a place of its own in the page; scripts and everything else stay shut out.
READER = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"


class EvidenceFile(CaseView):
    """One file, to be saved."""

    permission = "declarations.cases"
    on_visits = True

    def get(self, request: HttpRequest, piece: int, **kwargs: Any) -> HttpResponse:
        """Send it."""
        found = pages.piece_of(self.case, piece)
        response = FileResponse(
            fetch(found.stored),
            as_attachment=True,
            filename=found.name,
            content_type=MIME_TYPES.get(found.kind, "application/octet-stream"),
        )
        return guarded(response, SANDBOX)


class EvidencePreview(CaseView):
    """One file, to be looked at in the page: pictures drawn anew, PDF by the browser's own reader."""

    permission = "declarations.cases"
    on_visits = True

    def get(self, request: HttpRequest, piece: int, **kwargs: Any) -> HttpResponse:
        """Send it; other kinds are not shown."""
        found = pages.piece_of(self.case, piece)
        if found.kind not in SHOWN_INLINE:
            raise Http404
        if found.kind in PICTURES:
            return guarded(drawn_anew(found.stored, found.kind), SANDBOX)
        response = FileResponse(fetch(found.stored), filename=found.name, content_type=MIME_TYPES["pdf"])
        response["X-Frame-Options"] = "SAMEORIGIN"
        return guarded(response, READER)


def drawn_anew(stored: str, kind: str) -> HttpResponse:
    """Return a stored picture decoded and encoded again, without anything that was not picture."""
    try:
        with fetch(stored) as file:
            return HttpResponse(clean_image(file), content_type=MIME_TYPES[kind])
    except UnacceptableFile as problem:
        return HttpResponse(str(problem), status=503, content_type="text/plain; charset=utf-8")


def guarded(response: HttpResponse, policy: str) -> HttpResponse:
    """Shut a file in: no sniffing, no keeping, nothing loaded from it."""
    response["Content-Security-Policy"] = policy
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
