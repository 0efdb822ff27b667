"""What the chamber's own pages print."""

from declarations.queries.drafting.evidence import (
    WAYS as EVIDENCE_WAYS,
)
from declarations.queries.drafting.evidence import (
    evidence_limits,
    evidence_parts,
    evidence_ways,
    piece_of,
    row_choices,
    row_of_piece,
    unfinished_uploads,
)
from declarations.queries.drafting.form import (
    CONFIRM,
    blank_fields,
    carried_fields,
    form_errors,
    form_groups,
    seen_answers,
)
from declarations.queries.drafting.marks import (
    mark_errors,
    mark_problem,
    own_marks,
    seen_marks,
    self_sections,
)
from declarations.queries.drafting.places import drafting_places, field_url, returned_items, row_url
from declarations.queries.drafting.readiness import CHECKS, Link, readiness_of
from declarations.queries.drafting.receipt import HANDING_IN, in_groups, last_handed_in, receipt_of
from declarations.queries.drafting.saved import Collision, Saved, answer_collision, mark_collision
from declarations.queries.drafting.sheets import comparison_of, sheet_of, sheets_waiting, told_of
from declarations.queries.drafting.slip import slip_lines
from declarations.queries.drafting.uploads import cut_short, offset_of, upload_of
from declarations.queries.drafting.verdict import live_verdict

__all__ = [
    "CHECKS",
    "CONFIRM",
    "EVIDENCE_WAYS",
    "HANDING_IN",
    "Collision",
    "Link",
    "Saved",
    "answer_collision",
    "blank_fields",
    "carried_fields",
    "comparison_of",
    "cut_short",
    "drafting_places",
    "evidence_limits",
    "evidence_parts",
    "evidence_ways",
    "field_url",
    "form_errors",
    "form_groups",
    "in_groups",
    "last_handed_in",
    "live_verdict",
    "mark_collision",
    "mark_errors",
    "mark_problem",
    "offset_of",
    "own_marks",
    "piece_of",
    "readiness_of",
    "receipt_of",
    "returned_items",
    "row_choices",
    "row_of_piece",
    "row_url",
    "seen_answers",
    "seen_marks",
    "self_sections",
    "sheet_of",
    "sheets_waiting",
    "slip_lines",
    "told_of",
    "unfinished_uploads",
    "upload_of",
]
