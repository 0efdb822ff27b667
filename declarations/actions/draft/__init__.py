"""The chamber's own writing: start, answers, marks, evidence, handing in."""

from declarations.actions.draft.evidence import attach, detach
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
    "AnswersWritten",
    "Brought",
    "CaseKey",
    "Decided",
    "MovedOn",
    "RowsWritten",
    "answer_return",
    "attach",
    "bring_sheet",
    "detach",
    "discard_sheet",
    "fill_proposed_marks",
    "recall",
    "reopen_self_layer",
    "resubmit",
    "save_answers",
    "save_explanations",
    "save_self_marks",
    "start",
    "submit",
    "unlocked_items",
    "withdraw",
    "write_sheet",
]
