"""The chamber's own pages: form, self-assessment, evidence, return slip, check, receipt."""

from declarations.views.drafting.evidence import Evidence, EvidenceHint, RemoveEvidence
from declarations.views.drafting.files import EvidenceFile, EvidencePreview
from declarations.views.drafting.form import FormPage
from declarations.views.drafting.handing_in import CheckPage, Receipt
from declarations.views.drafting.marks import SelfAssessment
from declarations.views.drafting.offline import DiscardSheet, Offline, SheetComparison, Workbook
from declarations.views.drafting.slip import ReturnSlipPage
from declarations.views.drafting.uploads import UploadInHand, Uploads
from declarations.views.drafting.verdict import LiveVerdictPart

__all__ = [
    "CheckPage",
    "DiscardSheet",
    "Evidence",
    "EvidenceFile",
    "EvidenceHint",
    "EvidencePreview",
    "FormPage",
    "LiveVerdictPart",
    "Offline",
    "Receipt",
    "RemoveEvidence",
    "ReturnSlipPage",
    "SelfAssessment",
    "SheetComparison",
    "UploadInHand",
    "Uploads",
    "Workbook",
]
