"""Files that come piece by piece: begun, asked about, carried on, given up."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string

from declarations import store
from declarations.actions import draft
from declarations.forms.evidence import BeginForm
from declarations.models import Upload
from declarations.queries import drafting as pages
from declarations.queries.proofs import told_piece
from declarations.views.drafting.desk import DraftView
from sihao.accounts.refusals import Refused

NOT_NOW = "服务器正在处理这个文件的上一段，请稍候。"


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


class UploadInHand(DraftView):
    """One upload, which only whoever began it can see."""

    def get(self, request: HttpRequest, token: UUID, **kwargs: Any) -> JsonResponse:
        """Tell how far it has come, or how it ended."""
        return self.told(self.upload(token))

    def put(self, request: HttpRequest, token: UUID, **kwargs: Any) -> JsonResponse:
        """Take the next piece; the last one brings the judgement."""
        upload, offset = self.upload(token), request.GET.get("offset", "")
        piece = request.read(settings.EVIDENCE_CHUNK_BYTES + 1)
        if len(piece) > settings.EVIDENCE_CHUNK_BYTES:
            return refused(413, f"每段最多{settings.EVIDENCE_CHUNK_BYTES}字节。")
        if not (offset.isascii() and offset.isdigit()) or len(offset) > 18 or broke_off(request, piece):
            return refused(400, "这一段没有收全，请重新发送。")
        try:
            return self.told(
                draft.take_piece(upload=upload, offset=int(offset), piece=piece, actor=self.seat, now=self.now)
            )
        except draft.WrongOffset as wrong:
            return JsonResponse({"offset": wrong.right}, status=409)
        except store.Busy:
            return refused(503, NOT_NOW)
        except Refused as problem:
            return refused(503, *map(str, problem.refusals))

    def delete(self, request: HttpRequest, token: UUID, **kwargs: Any) -> HttpResponse:
        """Give it up."""
        try:
            draft.drop_upload(upload=self.upload(token))
        except store.Busy:
            return refused(503, NOT_NOW)
        return HttpResponse(status=204)

    def post(self, request: HttpRequest, token: UUID, **kwargs: Any) -> HttpResponse:
        """Give it up by a form, as pages without scripts do."""
        self.delete(request, token)
        return redirect(self.url("evidence", "unfinished"))

    def upload(self, token: UUID) -> Upload:
        """Return the person's own upload of this case."""
        return pages.upload_of(self.case, token, self.seat)

    def told(self, upload: Upload) -> JsonResponse:
        """Return how far an upload has come; what it became is given as the page draws it."""
        told: dict[str, Any] = {"offset": pages.offset_of(upload), "done": not upload.is_open}
        if upload.refusal:
            told["refused"] = [upload.refusal]
        if upload.piece is not None:
            row = pages.row_of_piece(self.dossier, upload.row)
            piece = told_piece(self.dossier.programme, upload.piece)
            context = {"case": self.case, "row": row, "piece": piece}
            told |= {
                "piece": upload.piece.pk,
                "html": render_to_string("declarations/drafting/piece.html", context, self.request),
            }
        return JsonResponse(told)


def broke_off(request: HttpRequest, piece: bytes) -> bool:
    """Return whether the line broke within the piece."""
    announced = request.META.get("CONTENT_LENGTH") or "0"
    return announced.isdigit() and int(announced) != len(piece)


def refused(status: int, *sentences: str) -> JsonResponse:
    """Return why something was not taken."""
    return JsonResponse({"refused": list(sentences)}, status=status)
