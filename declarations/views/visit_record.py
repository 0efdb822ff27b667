"""The record of a visit and its photographs: saved as it is typed, sent by the browser when the line is back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from declarations.actions import visits
from declarations.actions.visit_photos import MOST_PHOTOS, add_photo, as_photo, begin_photo, remove_photo
from declarations.actions.visit_record import RecordWritten, fields_of, save_record
from declarations.forms.application import seen_versions
from declarations.forms.visits import BeginPhoto, PhotosForm, typed_record
from declarations.models import Upload
from declarations.queries.drafting import Collision, Saved, offset_of
from declarations.queries.visit_record import (
    FINDINGS,
    entry_collision,
    photo_limits,
    photo_upload,
    record_page,
    told_photo,
    unfinished_photos,
)
from declarations.queries.visits import photo_of
from declarations.states import VisitState
from declarations.views.base import refusals_told
from declarations.views.drafting.files import SANDBOX, drawn_anew, guarded
from declarations.views.drafting.saving import in_words, told
from declarations.views.pieces import Pieces, refused
from declarations.views.visits import VisitView
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refused
from sihao.ui.formats import beijing
from sihao.ui.requests import wants_json
from sihao.ui.uploads import claimed_name


class Record(VisitView):
    """The record of a visit, saved as it is typed; what the browser keeps while offline comes by the same post."""

    permission = "declarations.record_visit"

    def may_open(self) -> bool:
        """Ask about the visit when the page is drawn; a save is judged by the action, under the lock."""
        saves = self.request.method == "POST" and allowed(self.seat, "declarations.visits")
        return saves or super().may_open()

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it; once it was handed in, lead to what is read."""
        return self.drawn({}) if self.visit.state == VisitState.ASSIGNED else self.back()

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep everything that was posted; by its own button hand it in."""
        try:
            saved = self.saved()
        except Refused as problem:
            sentences = [str(refusal) for refusal in problem.refusals]
            if wants_json(request):
                return JsonResponse({"refused": sentences}, status=403)
            return self.told(sentences)
        if wants_json(request):
            return JsonResponse(told(saved, beijing(self.now, "time")))
        if saved.collisions:
            return self.drawn(saved.collisions)
        if request.POST.get("_then") == "submit":
            return self.submitted()
        messages.success(request, in_words(saved, beijing(self.now, "time")))
        return self.back("visit_record")

    def saved(self) -> Saved:
        """Write what was posted."""
        pk = self.visit.pk
        typed = typed_record(self.request.POST, fields_of(self.dossier.programme))
        seen = seen_versions(self.request.POST)
        return saved_record(save_record(visit=pk, typed=typed, actor=self.seat, now=self.now, seen=seen))

    def submitted(self) -> HttpResponse:
        """Hand the record in, or say what it lacks."""
        with refusals_told(self.request):
            visits.submit(visit=self.visit, actor=self.seat, now=self.now)
            messages.success(self.request, "走访记录已提交，等待调研组其他成员核对。")
            return self.back()
        return self.back("visit_record")

    def told(self, sentences: list[str]) -> HttpResponse:
        """Say why nothing was saved."""
        for sentence in sentences:
            messages.error(self.request, sentence)
        return self.back()

    def drawn(self, collisions: Mapping[str, Collision]) -> HttpResponse:
        """Draw the page; with collisions both values stand at their fields, and the status is 409."""
        limits = photo_limits(MOST_PHOTOS)
        context = {
            "visit": self.visit,
            "case": self.case,
            "programme": self.dossier.programme,
            "record": record_page(self.dossier, self.visit, collisions),
            "choices": FINDINGS,
            "collisions": collisions,
            "photos": self.listed_photos(),
            "limits": limits,
            "unfinished": [(one, offset_of(one)) for one in unfinished_photos(self.visit, self.seat)],
            "photo_form": PhotosForm(extensions=limits.extensions),
        }
        status = 409 if collisions else 200
        return render(self.request, "declarations/visits/record.html", context, status=status)


def saved_record(written: RecordWritten) -> Saved:
    """Return what became of a record, in words."""
    met = {name: entry_collision(written.programme, one.mine, one.entry) for name, one in written.collisions.items()}
    return Saved(written.versions, written.problems, met)


# ---- photographs


class Photos(VisitView):
    """Photographs by form: several at once, each judged by itself."""

    permission = "declarations.record_visit"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Take them one by one, or say of each why not."""
        form = PhotosForm(request.POST, request.FILES, extensions="")
        if not form.is_valid():
            messages.error(request, "请选择照片。")
        for file in form.cleaned_data.get("files", ()):
            with refusals_told(request):
                words = {"file": file, "name": claimed_name(file), "actor": self.seat, "now": self.now}
                photo = add_photo(visit=self.visit.pk, **words)
                messages.success(request, f"已上传：{photo.name}")
        return self.back("visit_record")


class PhotoUploads(VisitView):
    """Where a photograph that comes piece by piece begins."""

    permission = "declarations.record_visit"

    def post(self, request: HttpRequest, **kwargs: Any) -> JsonResponse:
        """Begin it, or find it again by its token."""
        form = BeginPhoto(request.POST)
        if not form.is_valid():
            return refused(400, *(str(error) for errors in form.errors.values() for error in errors))
        try:
            upload = begin_photo(visit=self.visit.pk, actor=self.seat, now=self.now, **form.cleaned_data)
        except Refused as problem:
            return refused(400, *map(str, problem.refusals))
        return JsonResponse({"token": str(upload.token), "offset": offset_of(upload)})


class PhotoUpload(Pieces, VisitView):
    """One photograph on its way; the protocol is that of evidence."""

    permission = "declarations.record_visit"
    take_words = {"take": as_photo}

    def upload(self, token: UUID) -> Upload:
        """Return the person's own upload of this visit, or answer 404."""
        found = photo_upload(self.visit, token, self.seat)
        if found is None:
            raise Http404
        return found

    def given_up(self) -> HttpResponse:
        """Lead back to the record."""
        return self.back("visit_record")

    def became(self, upload: Upload) -> Mapping[str, Any]:
        """Return the photograph as the record draws it."""
        if upload.photo is None:
            return {}
        context = {"visit": self.visit, "one": told_photo(upload.photo, self.day), "open": True}
        html = render_to_string("declarations/visits/photo.html", context, self.request)
        return {"piece": upload.photo.pk, "html": html}


class PhotoFile(VisitView):
    """One photograph, decoded and encoded again, without what the camera wrote beside it."""

    def get(self, request: HttpRequest, photo: int, **kwargs: Any) -> HttpResponse:
        """Send it."""
        found = photo_of(self.visit, photo)
        return guarded(drawn_anew(found.stored, found.kind), SANDBOX)


class RemovePhoto(VisitView):
    """Take a photograph out of an open record."""

    permission = "declarations.record_visit"

    def post(self, request: HttpRequest, photo: int, **kwargs: Any) -> HttpResponse:
        """Take it out, or say why not."""
        found = photo_of(self.visit, photo)
        with refusals_told(request):
            remove_photo(visit=self.visit.pk, photo=found, actor=self.seat, now=self.now)
            messages.success(request, f"已移除：{found.name}")
        return self.back("visit_record")
