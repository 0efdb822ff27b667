"""Addresses of the signed-in rooms."""

from django.urls import path

from declarations.views import (
    dashboard,
    drafting,
    exports,
    ledger,
    lists,
    meeting,
    national,
    outbox,
    panel,
    pending,
    places,
    ranking,
    recusals,
    review,
    steps,
    workspace,
)
from declarations.views import extensions as put_off

app_name = "declarations"

DESK = [
    path("", dashboard.Worklist.as_view(), name="worklist"),
    path("start/", dashboard.StartCase.as_view(), name="start"),
    path("cases/", dashboard.CaseList.as_view(), name="cases"),
    path("cases/<int:pk>/", dashboard.CasePage.as_view(), name="case"),
    path("cases/<int:pk>/step/<slug:name>/", steps.StepPage.as_view(), name="step"),
    path("notices/", dashboard.Notices.as_view(), name="notices"),
    path("notices/<int:pk>/", dashboard.OpenNotice.as_view(), name="open_notice"),
    path("pending/<int:pk>/", pending.PendingPage.as_view(), name="pending"),
    path("pending/<int:pk>/drop/", pending.DropPending.as_view(), name="drop_pending"),
]
DRAFTING = [
    path("cases/<int:pk>/form/", drafting.FormPage.as_view(), name="form"),
    path("cases/<int:pk>/self-assessment/", drafting.SelfAssessment.as_view(), name="self_assessment"),
    path("cases/<int:pk>/self-assessment/workbook.xlsx", drafting.Workbook.as_view(), name="workbook"),
    path("cases/<int:pk>/self-assessment/offline/", drafting.Offline.as_view(), name="offline"),
    path(
        "cases/<int:pk>/self-assessment/offline/<int:sheet>/",
        drafting.SheetComparison.as_view(),
        name="sheet_comparison",
    ),
    path(
        "cases/<int:pk>/self-assessment/offline/<int:sheet>/discard/",
        drafting.DiscardSheet.as_view(),
        name="discard_sheet",
    ),
    path("cases/<int:pk>/evidence/", drafting.Evidence.as_view(), name="evidence"),
    path("cases/<int:pk>/evidence/<int:piece>/", drafting.EvidenceFile.as_view(), name="evidence_file"),
    path("cases/<int:pk>/evidence/uploads/", drafting.Uploads.as_view(), name="uploads"),
    path("cases/<int:pk>/evidence/uploads/<uuid:token>/", drafting.UploadInHand.as_view(), name="upload"),
    path("cases/<int:pk>/evidence/<int:piece>/preview/", drafting.EvidencePreview.as_view(), name="preview_evidence"),
    path("cases/<int:pk>/evidence/<int:piece>/hint/", drafting.EvidenceHint.as_view(), name="hint_evidence"),
    path("cases/<int:pk>/evidence/<int:piece>/remove/", drafting.RemoveEvidence.as_view(), name="remove_evidence"),
    path("cases/<int:pk>/return-slip/", drafting.ReturnSlipPage.as_view(), name="return_slip"),
    path("cases/<int:pk>/verdict/", drafting.LiveVerdictPart.as_view(), name="verdict"),
    path("cases/<int:pk>/check/", drafting.CheckPage.as_view(), name="check"),
    path("cases/<int:pk>/receipt/", drafting.Receipt.as_view(), name="receipt"),
]
REVIEW = [
    path("cases/<int:pk>/review/", workspace.ReviewPage.as_view(), name="review"),
    path("cases/<int:pk>/review/verdict/", workspace.TierVerdictPart.as_view(), name="tier_verdict"),
    path("cases/<int:pk>/review/agree/", workspace.AgreeWithBelow.as_view(), name="agree_with_below"),
    path("cases/<int:pk>/review/seen/", workspace.SeenUpToNow.as_view(), name="seen"),
    path("cases/<int:pk>/review/next/", workspace.NextCase.as_view(), name="next_case"),
    path("cases/<int:pk>/opinion/", workspace.OpinionPage.as_view(), name="opinion"),
    path("cases/<int:pk>/ledger/", ledger.LedgerView.as_view(), name="ledger"),
    path("cases/<int:pk>/return/", review.ReturnPage.as_view(), name="return"),
]
LISTS = [
    path("board/", ranking.Board.as_view(), name="board"),
    path("board/<int:pk>/move/", ranking.Move.as_view(), name="move"),
    path("board/<int:pk>/reason/", ranking.RankReason.as_view(), name="rank_reason"),
    path("lists/<int:pk>/arrange/", ranking.Arrange.as_view(), name="arrange"),
    path("lists/<int:pk>/by-total/", ranking.OrderByTotal.as_view(), name="order_by_total"),
    path("lists/", lists.BatchList.as_view(), name="batches"),
    path("lists/<int:pk>/", lists.BatchPage.as_view(), name="batch"),
    path("lists/<int:pk>/freeze/", lists.Freeze.as_view(), name="freeze_batch"),
    path("lists/<int:pk>/reopen/", lists.Reopen.as_view(), name="reopen_batch"),
    path("lists/<int:pk>/meeting/", lists.Meeting.as_view(), name="batch_meeting"),
    path("lists/<int:pk>/upload/", lists.Upload.as_view(), name="upload_batch"),
    path("lists/<int:pk>/accept/", lists.Accept.as_view(), name="accept_batch"),
    path("lists/<int:pk>/summary.xlsx", exports.BatchSummary.as_view(), name="batch_summary"),
    path("summary/", exports.NationalSummary.as_view(), name="national_summary"),
    path("quotas/", lists.Quotas.as_view(), name="quotas"),
    path("quotas/plan/", places.PlanPage.as_view(), name="plan"),
    path("quotas/plan/parameters/", places.ParametersPage.as_view(), name="plan_parameters"),
    path("quotas/plan/counts/", places.Counts.as_view(), name="counts"),
    path("quotas/plan/counts/template.xlsx", places.CountTemplate.as_view(), name="count_template"),
    path("quotas/plan/counts/bring/", places.BringCounts.as_view(), name="bring_counts"),
    path("quotas/plan/counts/<int:pk>/", places.CountSheetPage.as_view(), name="count_sheet"),
    path("quotas/plan/counts/<int:pk>/discard/", places.DiscardCounts.as_view(), name="discard_counts"),
    path("quotas/plan/units/<int:unit>/", places.Override.as_view(), name="override_places"),
    path("quotas/plan/units/<int:unit>/drop/", places.DropOverride.as_view(), name="drop_override"),
    path("quotas/plan/adopt/", places.Adopt.as_view(), name="adopt_places"),
]
POST = [
    path("outbox/", outbox.Outbox.as_view(), name="outbox"),
    path("outbox/messages/", outbox.Messages.as_view(), name="outbox_messages"),
    path("outbox/clock/", outbox.ClockSteps.as_view(), name="outbox_clock"),
    path("outbox/mail/", outbox.Mails.as_view(), name="outbox_mail"),
    path("outbox/release/", outbox.Release.as_view(), name="release_letters"),
    path("outbox/<int:pk>/", outbox.LetterPage.as_view(), name="letter"),
    path("outbox/<int:pk>/void/", outbox.VoidLetter.as_view(), name="void_letter"),
    path("extensions/", put_off.Extensions.as_view(), name="extensions"),
    path("extensions/new/", put_off.Propose.as_view(), name="propose_extension"),
    path("extensions/<int:pk>/end/", put_off.EndExtension.as_view(), name="end_extension"),
]
NATIONAL = [
    path("department/", national.Overview.as_view(), name="department"),
    path("cases/<int:pk>/preliminary/", national.PreliminaryPage.as_view(), name="preliminary"),
    path("cases/<int:pk>/answer-proposal/", national.AnswerProposal.as_view(), name="answer_proposal"),
    path("cases/<int:pk>/experts/", panel.Experts.as_view(), name="experts"),
    path("cases/<int:pk>/sheet/", panel.SheetPage.as_view(), name="sheet"),
    path("cases/<int:pk>/sheet/agree/", panel.AgreeWithProvince.as_view(), name="agree_with_province"),
    path("cases/<int:pk>/sheet/confirm/", panel.ConfirmSheet.as_view(), name="confirm_sheet"),
    path("cases/<int:pk>/sheet/recuse/", panel.Recuse.as_view(), name="recuse"),
    path("cases/<int:pk>/agreed/", panel.Agreed.as_view(), name="agreed"),
    path("agendas/", meeting.Agendas.as_view(), name="agendas"),
    path("agendas/freeze/", meeting.FreezeAgenda.as_view(), name="freeze_agenda"),
    path("agendas/<int:pk>/", meeting.AgendaPage.as_view(), name="agenda"),
    path("publication/", meeting.Publication.as_view(), name="publication"),
    path("publication/publish/", meeting.Publish.as_view(), name="publish"),
    path("publication/release/", meeting.Release.as_view(), name="release"),
]
RECUSALS = [
    path("recusals/", recusals.MyRecusals.as_view(), name="my_recusals"),
    path("recusals/<int:pk>/leave/", recusals.LeavePost.as_view(), name="leave_post"),
    path("recusals/office/", recusals.OfficeRecusals.as_view(), name="office_recusals"),
    path("recusals/<int:pk>/strike/", recusals.StrikeTie.as_view(), name="strike_tie"),
    path("cases/<int:pk>/recusals/", recusals.CaseRecusals.as_view(), name="case_recusals"),
    path("cases/<int:pk>/recusals/<int:recusal>/lift/", recusals.LiftRecusal.as_view(), name="lift_recusal"),
]
urlpatterns = DESK + DRAFTING + REVIEW + LISTS + POST + NATIONAL + RECUSALS
