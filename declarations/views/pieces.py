"""Files that come piece by piece: how a piece is taken, how the answer tells how far the file has come."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from declarations import store
from declarations.actions import draft
from declarations.models import Upload
from declarations.queries.drafting import offset_of
from sihao.accounts.refusals import Refused

NOT_NOW = "服务器正在处理这个文件的上一段，请稍候。"


class Pieces(ABC):
    """One upload on its way, which only whoever began it can see; a view says which one and what it becomes."""

    take_words: Mapping[str, Any] = {}
    """What ``draft.take_piece`` is told besides, where the file is no piece of evidence."""

    @abstractmethod
    def upload(self, token: UUID) -> Upload:
        """Return the person's own upload, or answer 404."""

    @abstractmethod
    def became(self, upload: Upload) -> Mapping[str, Any]:
        """Return what the upload has become, as the page draws it; nothing while it is on its way."""

    @abstractmethod
    def given_up(self) -> HttpResponse:
        """Lead back to the page."""

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
        return self.taken(upload, int(offset), piece)

    def taken(self, upload: Upload, offset: int, piece: bytes) -> JsonResponse:
        """Let the piece be taken, and tell what came of it."""
        told = {"actor": self.seat, "now": self.now, **self.take_words}
        try:
            return self.told(draft.take_piece(upload=upload, offset=offset, piece=piece, **told))
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
        return self.given_up()

    def told(self, upload: Upload) -> JsonResponse:
        """Return how far an upload has come, or how it ended."""
        answer: dict[str, Any] = {"offset": offset_of(upload), "done": not upload.is_open}
        if upload.refusal:
            answer["refused"] = [upload.refusal]
        return JsonResponse(answer | self.became(upload))


def broke_off(request: HttpRequest, piece: bytes) -> bool:
    """Return whether the line broke within the piece."""
    announced = request.META.get("CONTENT_LENGTH") or "0"
    return announced.isdigit() and int(announced) != len(piece)


def refused(status: int, *sentences: str) -> JsonResponse:
    """Return why something was not taken."""
    return JsonResponse({"refused": list(sentences)}, status=status)
