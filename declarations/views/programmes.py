"""Standards: uploaded or copied, edited row by row, previewed, compared, tried, published by two persons."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from io import BytesIO
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse

from declarations.actions import programmes
from declarations.actions.exporting import record_export
from declarations.exports.programmes import write_workbook
from declarations.forms.programmes import (
    GAP,
    BringForm,
    SendBackForm,
    TrialForm,
    asked_fields,
    cells_of,
    edits_of,
    headings_of,
    seen_of,
)
from declarations.imports.programmes import read_programme
from declarations.models import DraftState, ProgrammeDraft
from declarations.queries.meeting_page import open_job
from declarations.queries.paper import gate_lines, standard_sections
from declarations.queries.programmes import (
    TRY_PROGRAMME,
    belongs_to,
    changes_seen,
    cycles_like,
    differences,
    draft_of,
    drafts_of,
    earlier_versions,
    full,
    group_tables,
    is_open,
    judged,
    outline,
    placed,
    sheet_rows,
    text_of,
    trials_of,
    version_named,
    versions,
)
from declarations.views.base import SeatView, refusals_in, refusals_told
from scoring.editing.comparing import Version
from scoring.editing.edits import DOWN, UP, Edit, rank_of
from scoring.editing.judging import Judged, opened
from scoring.editing.layout import SHEETS, Sheet
from scoring.editing.writing import Content
from scoring.engine import Programme, ProgrammeError
from scoring.models import ProgrammeVersion
from scoring.queries import programme_of
from sihao.accounts.paging import page_of
from sihao.accounts.refusals import Refused
from sihao.documents.intake.kinds import MIME_TYPES
from sihao.documents.sniff import safe_name
from sihao.ui.requests import wants_json
from sihao.ui.uploads import claimed_name

PARTS = ("sections", "groups", "gates", "fields", "checks", "stages")
PARENT_KEYS = frozenset({"group", "section"})
FOLDER = "declarations/programmes"
SHOWN_FAULTS = 200


class ProgrammesView(SeatView):
    """A page of the standards, for the department and for a city's office."""

    permission = "declarations.programmes"

    def page(self, name: str, **context: Any) -> HttpResponse:
        """Draw one of the pages."""
        return render(self.request, f"{FOLDER}/{name}.html", context)


class Programmes(ProgrammesView):
    """The office's drafts, the published standards, and the file to bring."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        return self.drawn(BringForm())

    def drawn(self, form: BringForm, faults: tuple[str, ...] = ()) -> HttpResponse:
        """Draw the page; faults of a file that was brought stand above."""
        form.form_action = reverse("declarations:bring_programme")
        drafts = list(drafts_of(self.seat)[:50])
        page = page_of(self.request, versions(), order=("-id",), size=20)
        shown = {"shown": faults[:SHOWN_FAULTS], "number": len(faults)}
        return self.page(
            "list", drafts=drafts, page=page, form=form, faults=shown, office=self.seat.organisation
        )


class BringProgramme(Programmes):
    """Bringing a workbook or a programme file: a draft of all of it, or nothing and every fault."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Lead to the page that offers it."""
        return redirect("declarations:programmes")

    def post(self, request: HttpRequest) -> HttpResponse:
        """Read the file and lead to the draft, or name every fault."""
        form = BringForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.drawn(form)
        file = form.cleaned_data["file"]
        name = safe_name(claimed_name(file))
        found = read_programme(file, name)
        if found.content is None:
            return self.drawn(BringForm(), tuple(found.faults))
        with refusals_in(form):
            told = {"source": f"上传《{name}》", "actor": self.seat, "now": self.now}
            draft = programmes.begin_draft(content=found.content, **told)
            messages.success(request, "没有发现错误，已收为草稿；请预览后提请发布。")
            return redirect("declarations:programme_preview", pk=draft.pk)
        return self.drawn(form)


# ---- published versions


class VersionView(ProgrammesView):
    """A page of one published version."""

    @cached_property
    def version(self) -> ProgrammeVersion:
        """Return the version named in the address."""
        found = version_named(self.kwargs["pk"])
        if found is None:
            raise Http404
        return found


class VersionPage(VersionView):
    """One published standard as its users see it, who uses it, and what can be made of it."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it."""
        others = earlier_versions(self.version.slug)
        own = belongs_to(self.version, self.seat.organisation)
        return self.page(
            "preview", version=self.version, others=others, own=own, **seen(programme_of(self.version))
        )


def seen(programme: Programme) -> dict[str, object]:
    """Return a standard as those who declare will see it."""
    return {
        "programme": programme,
        "sections": standard_sections(programme),
        "gates": gate_lines(programme),
        "headings": asked_fields(programme),
    }


class CopyProgramme(VersionView):
    """Begin a draft from a published version."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Lead to the version."""
        return redirect("declarations:programme_version", pk=self.version.pk)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Copy it and lead to the draft, or say why not."""
        with refusals_told(request):
            draft = programmes.copy_programme(version=self.version, actor=self.seat, now=self.now)
            messages.success(request, "已复制为草稿。")
            return redirect("declarations:programme_draft", pk=draft.pk)
        return redirect("declarations:programme_version", pk=self.version.pk)


class VersionWorkbook(VersionView):
    """A published version as the workbook to be filled in."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Send it."""
        try:
            content = opened(text_of(self.version))
        except ProgrammeError as problem:
            messages.error(request, str(problem))
            return redirect("declarations:programme_version", pk=self.version.pk)
        record_export(target=self.version, what="认定标准工作簿", actor=self.seat, now=self.now)
        return workbook(content, self.version.title)


def workbook(content: dict[str, Any], title: str) -> FileResponse:
    """Return a standard as a workbook."""
    file = BytesIO()
    write_workbook(content, file)
    file.seek(0)
    name = safe_name(f"{title or '标准'}.xlsx")
    response = FileResponse(file, as_attachment=True, filename=name, content_type=MIME_TYPES["xlsx"])
    response["Cache-Control"] = "private, no-store"
    return response


class VersionComparison(VersionView):
    """Two published versions row by row."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show what the later one changes."""
        others = [one for one in versions() if one.pk != self.version.pk]
        before = chosen(request, others, earlier_versions(self.version.slug, self.version.pk))
        found = differences(before, full(self.version)) if before else []
        return self.page("comparison", version=self.version, before=before, others=others, found=found)


def chosen(
    request: HttpRequest, others: list[ProgrammeVersion], usual: list[ProgrammeVersion]
) -> ProgrammeVersion | None:
    """Return the version to compare with: the one asked for, or the one before."""
    asked = request.GET.get("with", "")
    named = next((one for one in others if str(one.pk) == asked), None)
    return named or next(iter(usual), None)


# ---- drafts


class DraftView(ProgrammesView):
    """A page of one draft of the seat's office."""

    @cached_property
    def draft(self) -> ProgrammeDraft:
        """Return the draft named in the address."""
        found = draft_of(self.seat, self.kwargs["pk"])
        if found is None:
            raise Http404
        return found

    @cached_property
    def judged(self) -> Judged:
        """Return what the loader says of it."""
        return judged(self.draft)

    @property
    def closed(self) -> bool:
        """Return whether nothing of it can be changed now."""
        return self.draft.state != DraftState.EDITING

    def drawn(self, name: str, **context: Any) -> HttpResponse:
        """Draw a page of the draft with what is wrong with it."""
        faults = placed(self.draft.content, self.judged.faults)
        posted = self.request.method == "POST"
        seen_version = seen_of(self.request.POST) if posted else self.draft.version
        shown = {"draft": self.draft, "judged": self.judged, "faults": faults, "closed": self.closed}
        shown["seen"] = seen_version
        return self.page(name, **{**shown, **context})

    def back(self) -> HttpResponse:
        """Lead to the draft."""
        return redirect("declarations:programme_draft", pk=self.draft.pk)


class DraftPage(DraftView):
    """A draft: its parts, what is wrong, what comes next."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it."""
        draft = self.draft
        proposer = draft.proposed_by
        parts = [(SHEETS[name], len(draft.content.get(name, []))) for name in PARTS]
        return self.drawn(
            "draft",
            sections=outline(draft.content, self.judged.faults),
            parts=parts,
            open=is_open(draft),
            may_confirm=proposer is not None and programmes.confirms(self.seat, draft, proposer),
            own=proposer is not None and bool(set(self.seat.people) & set(proposer.people)),
            form=SendBackForm(),
        )


def moved_to(edits: Sequence[Edit], before: Content, after: Content) -> str:
    """Return the button that moved a row, where it stands now: it has the focus, to be pressed again."""
    moved = next((edit for edit in edits if edit.to in {UP, DOWN} and edit.index is not None), None)
    if moved is None or moved.index >= len(before[moved.sheet]):
        return ""
    key = SHEETS[moved.sheet].key
    code = (moved.values or {}).get(key, before[moved.sheet][moved.index].get(key, ""))
    here = next((at for at, row in enumerate(after[moved.sheet]) if row.get(key, "") == code), moved.index)
    rank, siblings = rank_of(after, moved.sheet, here)
    goes_on = rank < siblings if moved.to == DOWN else rank > 1
    return f"#{moved.sheet}-{here}-{moved.to if goes_on else DOWN if moved.to == UP else UP}"


class EditView(DraftView, ABC):
    """A page on which rows of a draft are typed."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep what was typed; a script is told what the loader says now."""
        try:
            typed = {"edits": edits_of(request.POST), "seen": seen_of(request.POST)}
            saved = programmes.save_draft(draft=self.draft, **typed, actor=self.seat, now=self.now)
        except Refused as refused:
            return self.refused(refused)
        if wants_json(request):
            return self.told(saved)
        messages.success(request, "已保存。")
        return redirect(f"{self.onward()}{moved_to(typed['edits'], self.draft.content, saved.content)}")

    def refused(self, refused: Refused) -> HttpResponse:
        """Say why nothing was kept; what was typed is drawn again."""
        told = [str(one) for one in refused.refusals]
        if wants_json(self.request):
            return JsonResponse({"refused": told}, status=409)
        for one in told:
            messages.error(self.request, one)
        return self.typed()

    def told(self, saved: ProgrammeDraft) -> JsonResponse:
        """Tell a script the version that stands and every fault."""
        faults = placed(saved.content, judged(saved).faults)
        context = {"draft": saved, "faults": faults}
        html = render_to_string(f"{FOLDER}/faults.html", context, request=self.request)
        return JsonResponse({"seen": saved.version, "html": html})

    def typed(self) -> HttpResponse:
        """Draw the page with what was typed, which is not kept."""
        self.draft.content = programmes.as_typed(self.draft.content, edits_of(self.request.POST))
        return self.get(self.request, **self.kwargs)

    def onward(self) -> str:
        """Return where a save leads."""
        return self.request.path

    @abstractmethod
    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the rows."""


class PartPage(EditView):
    """One list of a draft: gates, fields, checks, steps, groups, sections; its rows are put in order here."""

    @cached_property
    def sheet(self) -> Sheet:
        """Return the list named in the address."""
        if self.kwargs["part"] not in PARTS:
            raise Http404
        return SHEETS[self.kwargs["part"]]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show its rows."""
        rows = sheet_rows(self.draft.content, self.sheet.name, self.judged.faults)
        columns = [column for column in self.sheet.columns if not column.hidden]
        lines = [(row, [(column, row.cells.get(column.key, "")) for column in columns]) for row in rows]
        return self.drawn("part", sheet=self.sheet, columns=columns, lines=lines)


class RowPage(EditView):
    """One row of a list with all its columns; ``new`` is the row after the last."""

    @cached_property
    def sheet(self) -> Sheet:
        """Return the list named in the address."""
        if self.kwargs["part"] not in {*PARTS, "rows", "head"}:
            raise Http404
        return SHEETS[self.kwargs["part"]]

    @cached_property
    def index(self) -> int | None:
        """Return the place of the row; None for a new one."""
        index = self.kwargs.get("index")
        if index is not None and index >= len(self.draft.content.get(self.sheet.name, [])):
            raise Http404
        return index

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the row."""
        name, content = self.sheet.name, self.draft.content
        if name == "head":
            place, row, faults = "0", content["head"], self.judged.at("head")
        elif self.index is None:
            place, row, faults = (
                "new",
                {key: text for key, text in request.GET.items() if key in PARENT_KEYS},
                [],
            )
        else:
            place, row, faults = str(self.index), content[name][self.index], self.judged.at(name, self.index)
        cells = cells_of(name, place, row, faults, headings=headings_of(content, name), closed=self.closed)
        general = [fault.message for fault in faults if not fault.key]
        context = {"cells": cells, "general": general, "is_new": place == "new", "place": place}
        context["code"] = row.get(self.sheet.key, "")
        if self.index is not None and name != "head":
            context["rank"], context["siblings"] = rank_of(content, name, self.index)
        return self.drawn("row", sheet=self.sheet, back=self.onward(), **context)

    def onward(self) -> str:
        """Return to the list, or to the section."""
        if self.sheet.name == "head":
            return reverse("declarations:programme_draft", args=[self.draft.pk])
        if self.sheet.name != "rows":
            return reverse("declarations:programme_part", args=[self.draft.pk, self.sheet.name])
        return reverse("declarations:programme_draft", args=[self.draft.pk])


class SectionPage(EditView):
    """The rows of one section, to be typed side by side."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show them."""
        sections, index = self.draft.content["sections"], self.kwargs["index"]
        if index >= len(sections):
            raise Http404
        tables = group_tables(self.draft.content, sections[index].get("code", ""), self.judged.faults)
        columns = [SHEETS["rows"].column(key) for key in ("id", "name", "mark", "points", "rule", "evidence")]
        headings = [(one.split(GAP)[0], one) for one in headings_of(self.draft.content, "rows")]
        shown = {"tables": tables, "columns": columns, "headings": headings}
        return self.drawn("section", section=sections[index], index=index, **shown)


class DraftWorkbook(DraftView):
    """A draft as a workbook that can be brought back."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Send it."""
        record_export(target=self.draft, what="标准草稿工作簿", actor=self.seat, now=self.now)
        return workbook(self.draft.content, self.draft.title)


class DraftPreview(DraftView):
    """A draft as those who declare will see it."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it, or lead back while the loader does not take it."""
        if self.judged.programme is None:
            messages.error(request, "标准还有须改正之处，改正后才能预览。")
            return self.back()
        return self.drawn("preview", **seen(self.judged.programme))


class DraftComparison(DraftView):
    """A draft beside a published version, row by row."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show what it changes, or lead back while the loader does not take it."""
        if self.judged.programme is None:
            messages.error(request, "标准还有须改正之处，改正后才能比较。")
            return self.back()
        others = list(versions())
        basis = [self.draft.basis] if self.draft.basis else earlier_versions(self.draft.slug)
        before = chosen(request, others, basis)
        found = differences(before, Version(self.judged.programme, self.judged.text)) if before else []
        return self.drawn("comparison", before=before, others=others, found=found)


class DraftTrial(DraftView):
    """What a draft would have changed for the declarations of an earlier cycle."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the trials there are and offer another."""
        return self.shown(self.form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Order a trial, or show why not."""
        form = self.form(request.POST)
        if form.is_valid():
            with refusals_in(form):
                cycle = next(one for one in self.cycles if one.pk == form.cleaned_data["cycle"])
                programmes.order_trial(draft=self.draft, cycle=cycle, actor=self.seat, now=self.now)
                messages.success(request, "正在后台试算，完成后在此查看。")
                return redirect("declarations:programme_trial", pk=self.draft.pk)
        return self.shown(form)

    @cached_property
    def cycles(self) -> list[Any]:
        """Return the cycles to choose from: those whose standard has rows in common with the draft."""
        programme = self.judged.programme
        return cycles_like(self.seat, programme) if programme is not None else []

    def form(self, *data: Any) -> TrialForm:
        """Return the form with the cycles."""
        return TrialForm([(one.pk, one.name) for one in self.cycles], *data)

    def shown(self, form: Form) -> HttpResponse:
        """Draw the page."""
        trials = [(one, changes_seen(self.seat, one)) for one in trials_of(self.draft)[:10]]
        job = open_job(TRY_PROGRAMME, draft=self.draft.pk)
        offered = bool(self.cycles) and is_open(self.draft) and self.judged.programme is not None
        return self.drawn("trial", trials=trials, job=job, form=form, offered=offered)


class DraftAct(DraftView, ABC):
    """An act on a draft: it leads back to the draft, done or with the reason why not."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Lead to the draft."""
        return self.back()

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Do it, or say why not."""
        with refusals_told(request):
            messages.success(request, self.done())
        return self.back()

    @abstractmethod
    def done(self) -> str:
        """Do it and return what to say."""


class ProposeProgramme(DraftAct):
    """Put a draft before a second person."""

    def done(self) -> str:
        """Propose it as it was seen."""
        seen_version = seen_of(self.request.POST)
        programmes.propose_publication(draft=self.draft, seen=seen_version, actor=self.seat, now=self.now)
        return "已提请发布，由本单位另一人确认。"


class ConfirmProgramme(DraftAct):
    """Publish a proposed draft."""

    def done(self) -> str:
        """Publish it."""
        version = programmes.confirm_publication(draft=self.draft, actor=self.seat, now=self.now)
        return f"《{version.title}》已发布，摘要值{version.digest[:16]}。"


class SendBackProgramme(DraftAct):
    """Let a proposed draft be edited again."""

    def done(self) -> str:
        """Send it back, or take it back."""
        form = SendBackForm(self.request.POST)
        reason = form.cleaned_data["reason"] if form.is_valid() else ""
        programmes.send_back(draft=self.draft, reason=reason, actor=self.seat, now=self.now)
        return "已退回，可以修改。"


class DropProgramme(DraftAct):
    """Give a draft up."""

    def done(self) -> str:
        """Give it up."""
        programmes.drop_draft(draft=self.draft, actor=self.seat, now=self.now)
        return "草稿已放弃，没有发布任何内容。"
