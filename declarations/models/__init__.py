"""The procedure's tables; ``declarations.models`` names them all."""

from declarations.models.announcement import (
    Knock,
    NamedOfficer,
    NoticeEntry,
    Objection,
    ObjectionPiece,
    Objector,
    PublicNotice,
    Tip,
)
from declarations.models.batch import (
    Batch,
    BatchReceipt,
    ListVersion,
    PaperScan,
    SealedPaper,
    SendBack,
    SendBackItem,
)
from declarations.models.campaign import (
    CampaignPaper,
    CampaignTarget,
    Circular,
    InspectionFinding,
    SentUp,
    StageRecord,
)
from declarations.models.clock import ClockStep, Deadline, Extension
from declarations.models.consultation import CitedItem, Consultation, Liaison, Statement, StatementFile
from declarations.models.content import FileContent, FileLikeness, FileMark
from declarations.models.cross import CaseFinding, Comparison, CrossFinding
from declarations.models.cycle import Cycle, Milestone, Quota, StateCount
from declarations.models.declaration import (
    Answer,
    AnswerVersion,
    Attachment,
    Declaration,
    Explanation,
    FilledSheet,
    Upload,
)
from declarations.models.delta import DeltaRound, DeltaRow, DeltaTask
from declarations.models.integrity import CheckCause, IntegrityCheck
from declarations.models.issued import IssuedPaper
from declarations.models.letter import DecisionLetter, LetterState
from declarations.models.look import Look
from declarations.models.meeting import (
    Attendee,
    Ballot,
    Meeting,
    MeetingPoint,
    MinutesSignature,
    StandingAside,
)
from declarations.models.notice import Notice
from declarations.models.panel import (
    AgreedProof,
    AssignmentPlan,
    Consensus,
    ConsensusVoice,
    PanelMember,
    PlannedPair,
    PoolSheet,
    ThirdReading,
)
from declarations.models.pending import Pending
from declarations.models.places import (
    ChamberCount,
    CountSheet,
    ForwardedPlace,
    ForwardLimit,
    PlaceOverride,
    QuotaPlan,
    Region,
)
from declarations.models.programmes import DraftState, ProgrammeDraft, ProgrammeTrial
from declarations.models.publication import FeedbackPack, Publication, PublicationLine, Story
from declarations.models.question import Annex, Question, Reply
from declarations.models.recognition import Agenda, AgendaItem, Recognition
from declarations.models.recusal import Kinship, Recusal, Tie, TieKind, TieOver
from declarations.models.review import (
    Decline,
    Endorsement,
    ExpertReview,
    PreliminaryReview,
    ReturnItem,
    ReturnSlip,
)
from declarations.models.revision import Revision
from declarations.models.runs import (
    Nearness,
    Recomputation,
    RecomputationState,
    RunCause,
    ScoreRun,
    SectionScore,
)
from declarations.models.title import Inquiry, Relinquishment
from declarations.models.totals import TotalBand
from declarations.models.visit import (
    DrawRun,
    SpotDraw,
    Visit,
    VisitEntry,
    VisitMember,
    VisitPhoto,
    VisitReport,
)
from declarations.models.withdrawal import WithdrawalRequest

__all__ = [
    "Agenda",
    "AgendaItem",
    "AgreedProof",
    "Annex",
    "Answer",
    "AnswerVersion",
    "AssignmentPlan",
    "Attachment",
    "Attendee",
    "Ballot",
    "Batch",
    "BatchReceipt",
    "CampaignPaper",
    "CampaignTarget",
    "CaseFinding",
    "ChamberCount",
    "CheckCause",
    "Circular",
    "CitedItem",
    "ClockStep",
    "Comparison",
    "Consensus",
    "ConsensusVoice",
    "Consultation",
    "CountSheet",
    "CrossFinding",
    "Cycle",
    "Deadline",
    "DecisionLetter",
    "Declaration",
    "Decline",
    "DeltaRound",
    "DeltaRow",
    "DeltaTask",
    "DraftState",
    "DrawRun",
    "Endorsement",
    "ExpertReview",
    "Explanation",
    "Extension",
    "FeedbackPack",
    "FileContent",
    "FileLikeness",
    "FileMark",
    "FilledSheet",
    "ForwardLimit",
    "ForwardedPlace",
    "Inquiry",
    "InspectionFinding",
    "IntegrityCheck",
    "IssuedPaper",
    "Kinship",
    "Knock",
    "LetterState",
    "Liaison",
    "ListVersion",
    "Look",
    "Meeting",
    "MeetingPoint",
    "Milestone",
    "MinutesSignature",
    "NamedOfficer",
    "Nearness",
    "Notice",
    "NoticeEntry",
    "Objection",
    "ObjectionPiece",
    "Objector",
    "PanelMember",
    "PaperScan",
    "Pending",
    "PlaceOverride",
    "PlannedPair",
    "PoolSheet",
    "PreliminaryReview",
    "ProgrammeDraft",
    "ProgrammeTrial",
    "PublicNotice",
    "Publication",
    "PublicationLine",
    "Question",
    "Quota",
    "QuotaPlan",
    "Recognition",
    "Recomputation",
    "RecomputationState",
    "Recusal",
    "Region",
    "Relinquishment",
    "Reply",
    "ReturnItem",
    "ReturnSlip",
    "Revision",
    "RunCause",
    "ScoreRun",
    "SealedPaper",
    "SectionScore",
    "SendBack",
    "SendBackItem",
    "SentUp",
    "SpotDraw",
    "StageRecord",
    "StandingAside",
    "StateCount",
    "Statement",
    "StatementFile",
    "Story",
    "ThirdReading",
    "Tie",
    "TieKind",
    "TieOver",
    "Tip",
    "TotalBand",
    "Upload",
    "Visit",
    "VisitEntry",
    "VisitMember",
    "VisitPhoto",
    "VisitReport",
    "WithdrawalRequest",
]
