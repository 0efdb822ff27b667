"""Files that come piece by piece: begun, asked about, carried on, given up."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string

from declarations.actions import draft
from declarations.forms.evidence import BeginForm
from declarations.models import Upload
from declarations.queries import drafting as pages
from declarations.queries.proofs import told_piece
from declarations.views.drafting.desk import DraftView
from declarations.views.pieces import Pieces, refused
from sihao.accounts.refusals import Refused


class Uploads(DraftView):
    """Where an upload begins."""

    def post(self, request: HttpRequest, **kwargs: Any) -> JsonResponse:
        """Begin it, or find it again by its token; a file that may not come is refused before its first byte."""
        form = BeginForm(request.POST)
        if not form.is_valid():
            return refused(400, *(str(error) for errors in form.errors.values() for error in errors))
        try:
            upload = draft.begin_upload(case=self.case, actor=self.seat, now=self.now, **form.cleaned_data)
        except Refused as problem:
            return refused(400, *map(str, problem.refusals))
        return JsonResponse({"token": str(upload.token), "offset": pages.offset_of(upload)})


class UploadInHand(Pieces, DraftView):
    """One piece of evidence on its way."""

    def upload(self, token: UUID) -> Upload:
        """Return the person's own upload of this case, or answer 404."""
        return pages.upload_of(self.case, token, self.seat)

    def given_up(self) -> HttpResponse:
        """Lead back to what is unfinished."""
        return redirect(self.url("evidence", "unfinished"))

    def became(self, upload: Upload) -> Mapping[str, Any]:
        """Return the piece of evidence as its row draws it."""
        if upload.piece is None:
            return {}
        row = pages.row_of_piece(self.dossier, upload.row)
        piece = told_piece(self.dossier.programme, upload.piece)
        context = {"case": self.case, "row": row, "piece": piece}
        html = render_to_string("declarations/drafting/piece.html", context, self.request)
        return {"piece": upload.piece.pk, "html": html}
