"""Spot checks: the list, a visit, its team, its record with photographs, what the department does about it."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string

from declarations import store
from declarations.actions import draft, visits
from declarations.actions.exporting import record_export
from declarations.actions.visit_photos import MOST_PHOTOS, add_photo, begin_photo, remove_photo
from declarations.actions.visit_record import RecordWritten, fields_of, save_record
from declarations.actions.visit_report import save_visit_report
from declarations.exports.draws import visit_report_paper
from declarations.forms.application import seen_versions
from declarations.forms.visits import (
    BeginPhoto,
    PhotosForm,
    PlanForm,
    ProposalForm,
    ReportForm,
    WhyForm,
    chosen_seats,
    typed_record,
)
from declarations.models import Declaration, Upload, Visit
from declarations.papers import kept_paper
from declarations.queries.dossier import Dossier, dossier_of
from declarations.queries.drafting import Collision, Saved, offset_of
from declarations.queries.draws import draws_of, waiting_for_team
from declarations.queries.visit_record import (
    FINDINGS,
    KINDS,
    entry_collision,
    photo_limits,
    photo_upload,
    record_page,
    told_photo,
    unfinished_photos,
)
from declarations.queries.visit_report import reads_whole, report_of, report_title, visit_report_draft
from declarations.queries.visits import (
    candidates_for,
    photo_of,
    photos_of,
    record_of,
    visit_chips,
    visit_for,
    visit_rows,
)
from declarations.states import VisitFinding, VisitState
from declarations.views.base import SeatView, refusals_in, refusals_told
from declarations.views.deciding import pdf_response
from declarations.views.drafting.files import SANDBOX, drawn_anew, guarded
from declarations.views.drafting.saving import in_words, told
from declarations.views.drafting.uploads import NOT_NOW, broke_off, refused
from declarations.visiting import STEPS, day_of, findings_of
from scoring.engine import figure
from sihao.accounts.paging import page_of
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refused
from sihao.documents.pdf import CannotPrint
from sihao.ui.formats import beijing
from sihao.ui.requests import wants_json
from sihao.ui.uploads import claimed_name


class Visits(SeatView):
    """The spot checks of the cycle: the nation's all, a team's own."""

    permission = "declarations.visits"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one page of them, and the draws that they come from."""
        wanted = request.GET.get("state", "")
        page = page_of(request, visit_rows(self.seat, self.cycle, wanted), order=("-id",), size=50)
        national = allowed(self.seat, "declarations.draws")
        context = {
            "page": page,
            "chips": visit_chips(self.seat, self.cycle, wanted, request.path),
            "kinds": KINDS,
            "national": national,
            "draws": draws_of(self.cycle) if national else (),
            "teamless": waiting_for_team(self.cycle) if national else 0,
            "may_draw": allowed(self.seat, "declarations.draw_visits"),
        }
        return render(request, "declarations/visits/visits.html", context)


class VisitView(SeatView):
    """A page of one visit: outside the viewer's sight it is 404, seen but not permitted it is 403."""

    permission = "declarations.visits"

    @cached_property
    def visit(self) -> Visit:
        """Return the visit named in the address, fetched through the viewer."""
        return visit_for(self.seat, self.kwargs["pk"])

    @property
    def case(self) -> Declaration:
        """Return its case."""
        return self.visit.declaration

    @cached_property
    def dossier(self) -> Dossier:
        """Return the case with everything that hangs on it, read once."""
        return dossier_of(self.case)

    def permission_object(self) -> object:
        """Ask the rule about the visit."""
        return self.visit

    def back(self, name: str = "visit") -> HttpResponse:
        """Lead back to the visit, or to another page of it."""
        return redirect(f"declarations:{name}", pk=self.kwargs["pk"])

    def open_steps(self) -> set[str]:
        """Return the names of the steps that are the viewer's now."""
        return {
            step.name
            for step in STEPS.values()
            if self.visit.state in step.sources and allowed(self.seat, step.permission, self.visit)
        }

    def listed_photos(self) -> list[Any]:
        """Return the photographs with what their times say."""
        day = day_of(self.visited_on)
        return [told_photo(photo, day) for photo in photos_of(self.visit)]

    @cached_property
    def visited_on(self) -> str:
        """Return the day of the visit as typed."""
        return self.visit.entries.filter(field="visited_on").values_list("value", flat=True).first() or ""


class VisitPage(VisitView):
    """One visit to be read: where it stands, its team, what it found, and what the viewer may do."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it."""
        open_steps = self.open_steps()
        mine = next((one for one in self.visit.members.all() if one.seat_id == self.seat.pk), None)
        untrue = self.visit.finding == VisitFinding.UNTRUE and not self.visit.follow
        context = {
            "visit": self.visit,
            "case": self.case,
            "programme": self.dossier.programme,
            "record": record_page(self.dossier, self.visit),
            "photos": self.listed_photos(),
            "kind": KINDS.get(self.visit.finding, "info"),
            "kinds": KINDS,
            "open_steps": open_steps,
            "on_team": mine is not None,
            "agreed": mine is not None and mine.confirmed_at is not None,
            "may_read_case": mine is None or self.visit.state in {VisitState.ASSIGNED, VisitState.VISITED},
            "may_propose": untrue and allowed(self.seat, "declarations.follow_visit"),
            "may_set_aside": untrue and allowed(self.seat, "declarations.waive_visit"),
        }
        return render(request, "declarations/visits/visit.html", context)


class Team(VisitView):
    """Who visits: chosen among those of other provinces."""

    permission = "declarations.assign_visit"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the team, and whom to choose from."""
        chosen = chosen_seats(request.GET) or [member.seat_id for member in self.visit.members.all()]
        return self.page(PlanForm(initial={"planned_on": self.visit.planned_on}), chosen, request.GET.get("q", ""))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Give the visit its team, or show why not with everything as chosen."""
        form, chosen = PlanForm(request.POST), chosen_seats(request.POST)
        if form.is_valid():
            with refusals_in(form):
                words = {"members": chosen, "planned_on": form.day, "actor": self.seat, "now": self.now}
                visits.assign(visit=self.visit, **words)
                messages.success(request, "调研组已确定，已通知成员、商会和推荐单位。")
                return self.back()
        return self.page(form, chosen, request.POST.get("q", ""))

    def page(self, form: Form, chosen: list[int], words: str) -> HttpResponse:
        """Draw the page."""
        sought = words.replace("\x00", "").strip()[:60]
        context = {
            "visit": self.visit,
            "case": self.case,
            "form": form,
            "words": sought,
            "candidates": candidates_for(self.visit, sought, chosen),
            "open": "assign" in self.open_steps(),
        }
        return render(self.request, "declarations/visits/team.html", context)


# ---- the record


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


class PhotoUpload(VisitView):
    """One photograph on its way, which only whoever began it can see; the protocol is that of evidence."""

    permission = "declarations.record_visit"

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
        return self.taken(
            lambda: draft.take_piece(upload=upload, offset=int(offset), piece=piece, actor=self.seat, now=self.now)
        )

    def taken(self, take: Callable[[], Upload]) -> JsonResponse:
        """Let the piece be taken, and tell what came of it."""
        try:
            return self.told(take())
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
        return self.back("visit_record")

    def upload(self, token: UUID) -> Upload:
        """Return the person's own upload of this visit, or answer 404."""
        found = photo_upload(self.visit, token, self.seat)
        if found is None:
            raise Http404
        return found

    def told(self, upload: Upload) -> JsonResponse:
        """Return how far it has come; what it became is given as the page draws it."""
        answer: dict[str, Any] = {"offset": offset_of(upload), "done": not upload.is_open}
        if upload.refusal:
            answer["refused"] = [upload.refusal]
        if upload.photo is not None:
            context = {"visit": self.visit, "one": told_photo(upload.photo, day_of(self.visited_on)), "open": True}
            html = render_to_string("declarations/visits/photo.html", context, self.request)
            answer |= {"piece": upload.photo.pk, "html": html}
        return JsonResponse(answer)


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


# ---- words on a record, and what the department does


class Agree(VisitView):
    """Stand by a record that a colleague handed in."""

    permission = "declarations.record_visit"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Do it, or say why not."""
        with refusals_told(request):
            visits.agree(visit=self.visit, actor=self.seat, now=self.now)
            messages.success(request, "已核对无误。调研组全体成员核对后即为核定。")
        return self.back()


class WithReason(VisitView):
    """A step that asks for its reason."""

    title, lead, done, kind = "", "", "", "danger"
    action: Callable[..., object]
    form: type[Form] = WhyForm

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask for it."""
        return self.page(self.form(initial=self.initial()))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Do it, or show why not with what was typed."""
        form = self.form(request.POST)
        if form.is_valid():
            with refusals_in(form):
                type(self).action(visit=self.visit, actor=self.seat, now=self.now, **form.cleaned_data)
                messages.success(request, self.done)
                return self.back()
        return self.page(form)

    def initial(self) -> dict[str, str]:
        """Return what the reason begins with."""
        return {}

    def page(self, form: Form) -> HttpResponse:
        """Draw the page."""
        form.submit_label, form.submit_kind = self.title, self.kind
        form.cancel_url = self.back().url
        context = {"title": self.title, "lead": f"{self.case.applicant_name}，受理编号{self.case.number}。{self.lead}"}
        return render(self.request, "declarations/visits/why.html", context | {"form": form, "back": self.back().url})


class SendBack(WithReason):
    """Give a record back to be mended."""

    permission = "declarations.record_visit"
    title, lead, done = "退回补正", "退回后记录可以修改，各成员的核对作废，改好后重新提交。", "走访记录已退回补正。"
    action, kind = visits.send_back, "primary"


class Waive(WithReason):
    """Let a case go unvisited."""

    permission = "declarations.waive_visit"
    title, lead, done = "免于走访", "免于走访后不能再列为抽查对象，理由写入工作报告。（通知未规定）", "已免于走访。"
    action = visits.waive


class SetAside(WithReason):
    """Not propose to disqualify a case that was found untrue."""

    permission = "declarations.waive_visit"
    title, lead, done = "不提出取消认定资格", "调研组的核定结论保留，理由写入工作报告。（通知未规定）", "已登记。"
    action = visits.set_aside


class Propose(WithReason):
    """Propose to disqualify a case that was found untrue; the words begin with what the record says."""

    permission = "declarations.follow_visit"
    title, lead, done = "提出取消认定资格", "事由：材料与事实不符（通知五（二）3）。", "已提出取消认定资格。"
    action, form = visits.propose, ProposalForm

    def initial(self) -> dict[str, str]:
        """Return the rows that were found untrue, in the team's words."""
        programme = self.dossier.programme
        found = findings_of(record_of(self.visit), programme.rubric.items(), programme.step)
        told = (row for row in found if row.finding == VisitFinding.UNTRUE)
        untrue = [f"{row.name}（满分{figure(row.item.points)}）：{row.note}" for row in told]
        return {"reason": "\n".join(["实地抽查核定下列指标与事实不符：", *untrue])}


# ---- the report


class Report(SeatView):
    """The report on the cycle's visits: as it was saved, or drafted from the data."""

    permission = "declarations.visit_report"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show nothing of it to one who steps back from a case that it tells of."""
        seat = getattr(request, "seat", None)
        if seat is not None and allowed(seat, self.permission):
            self.request = request
            if not reads_whole(seat, self.cycle):
                messages.error(request, "报告写到您应当回避的申报，由本单位其他人员办理。")
                return redirect("declarations:visits")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        drafted, kept = visit_report_draft(self.cycle), report_of(self.cycle)
        anew = kept is None or "anew" in request.GET
        return self.page(ReportForm(initial={"text": drafted.text if anew else kept.text}), drafted.basis)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Save it, or show why not with everything as typed."""
        form, basis = ReportForm(request.POST), visit_report_draft(self.cycle).basis
        if form.is_valid():
            with refusals_in(form):
                words = {"text": form.cleaned_data["text"], "basis": basis, "actor": self.seat, "now": self.now}
                save_visit_report(cycle=self.cycle, **words)
                messages.success(request, "工作报告已保存。")
                return redirect("declarations:visit_report")
        return self.page(form, basis)

    def page(self, form: Form, basis: str) -> HttpResponse:
        """Draw the page."""
        kept = report_of(self.cycle)
        context = {
            "cycle": self.cycle,
            "title": report_title(self.cycle),
            "form": form,
            "kept": kept,
            "stale": kept is not None and kept.basis != basis,
            "may_write": allowed(self.seat, "declarations.write_visit_report"),
        }
        return render(self.request, "declarations/visits/report.html", context)


class ReportPaper(Report):
    """The report as a paper."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Hand it over as it was saved, or as it is drafted."""
        kept = report_of(self.cycle)
        paper = visit_report_paper(self.cycle, kept.text if kept else visit_report_draft(self.cycle).text)
        record_export(target=self.cycle, what="互学互促工作报告", actor=self.seat, now=self.now)
        try:
            file = kept_paper(paper.digest, paper.pdf)
        except CannotPrint as problem:
            messages.error(request, str(problem))
            return redirect("declarations:visit_report")
        return pdf_response(file, f"互学互促工作报告_{self.cycle.name}.pdf")
