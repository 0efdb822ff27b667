"""The chamber's own writing: start, answers, marks, evidence, handing in."""

from declarations.actions.draft.carrying import confirm_carried
from declarations.actions.draft.evidence import SERVER_BUSY, annotate, attach, detach
from declarations.actions.draft.explaining import save_explanations
from declarations.actions.draft.handing_in import recall, reopen_self_layer, resubmit, submit, withdraw
from declarations.actions.draft.sheets import (
    Brought,
    Decided,
    MovedOn,
    bring_sheet,
    discard_sheet,
    write_sheet,
)
from declarations.actions.draft.starting import start
from declarations.actions.draft.uploads import WrongOffset, begin_upload, drop_upload, take_piece
from declarations.actions.draft.writing import (
    NOT_EDITABLE,
    AnswersWritten,
    CaseKey,
    RowsWritten,
    answer_return,
    fill_proposed_marks,
    save_answers,
    save_self_marks,
    unlocked_items,
)

__all__ = [
    "NOT_EDITABLE",
    "SERVER_BUSY",
    "AnswersWritten",
    "Brought",
    "CaseKey",
    "Decided",
    "MovedOn",
    "RowsWritten",
    "WrongOffset",
    "annotate",
    "answer_return",
    "attach",
    "begin_upload",
    "bring_sheet",
    "confirm_carried",
    "detach",
    "discard_sheet",
    "drop_upload",
    "fill_proposed_marks",
    "recall",
    "reopen_self_layer",
    "resubmit",
    "save_answers",
    "save_explanations",
    "save_self_marks",
    "start",
    "submit",
    "take_piece",
    "unlocked_items",
    "withdraw",
    "write_sheet",
]
