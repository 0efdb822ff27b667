"""The procedure's tables; ``declarations.models`` names them all."""

from declarations.models.batch import Batch
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
from declarations.models.notice import Notice
from declarations.models.recognition import Agenda, AgendaItem, Recognition, ScoreRun
from declarations.models.review import Endorsement, ExpertReview, PreliminaryReview, ReturnItem, ReturnSlip
from declarations.models.revision import Revision

__all__ = [
    "Agenda",
    "AgendaItem",
    "Answer",
    "AnswerVersion",
    "Attachment",
    "Batch",
    "Cycle",
    "Declaration",
    "Endorsement",
    "ExpertReview",
    "Explanation",
    "FilledSheet",
    "Milestone",
    "Notice",
    "PreliminaryReview",
    "Quota",
    "Recognition",
    "ReturnItem",
    "ReturnSlip",
    "Revision",
    "ScoreRun",
    "StateCount",
    "Upload",
]
