"""What the checks need and no answer says: own marks, evidence, the register, other declarations."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.db.models import QuerySet

from declarations.models import Answer, Attachment, Cycle, Declaration, Recognition
from declarations.states import State, TitleState
from scoring.engine import Evidence, OwnMark
from scoring.queries import Sheet

NATION = "100000"
CODE = "uscc"


def own_marks_beside(sheet: Sheet | None) -> dict[str, OwnMark]:
    """Return the chamber's own marks with what is said beside them; a row without a mark is left out."""
    marks = sheet.marks.values() if sheet is not None else ()
    return {
        mark.code: OwnMark(mark.points, bool(mark.words.strip()), bool(mark.reason.strip()))
        for mark in marks
        if mark.points is not None
    }


def evidence_beside(pieces: Iterable[Attachment], elsewhere: frozenset[str] = frozenset()) -> dict[str, Evidence]:
    """Return the evidence by row or field; ``elsewhere`` are the digests that another chamber uses too."""
    hung: dict[str, list[Attachment]] = {}
    for piece in pieces:
        hung.setdefault(piece.row, []).append(piece)
    return {
        code: Evidence(len(own), _dates(own), sum(piece.digest in elsewhere for piece in own))
        for code, own in hung.items()
    }


def _dates(pieces: Iterable[Attachment]) -> tuple[date, ...]:
    return tuple(piece.dated for piece in pieces if piece.dated is not None)


def registered(case: Declaration) -> dict[str, object]:
    """Return what the register knows of the chamber and its place; costs no query.

    A federation with a code of our own (兵团, 开发区) has no division code to compare with, the nation no division.
    """
    home, chamber = case.place, case.applicant
    parts = case.path.strip("/").split("/")
    province = parts[1] if len(parts) > 1 and parts[1].isdigit() else NATION
    return {
        "divisions": () if home.internal or home.code in {"", NATION} else (home.code,),
        "province": "" if home.internal else province,
        "level": chamber.get_level_display(),
        "register_name": chamber.name,
    }


def digests_elsewhere(case: Declaration, digests: Iterable[str]) -> frozenset[str]:
    """Return those digests that another chamber handed in as well (one query, by the index of digests)."""
    others = Attachment.objects.filter(
        digest__in=set(digests), removed_at__isnull=True, declaration__submitted_at__isnull=False
    ).exclude(declaration__applicant_id=case.applicant_id)
    return frozenset(others.values_list("digest", flat=True))


def code_is_taken(case: Declaration, spellings: Iterable[object]) -> bool:
    """Return whether another chamber's declaration of the cycle has this unified social credit code (one query).

    ``spellings`` are the code as typed and as read; without any nothing is asked.
    """
    codes = [code for code in spellings if code]
    return bool(codes) and with_code(case, codes).exists()


def with_code(case: Declaration, codes: Iterable[object]) -> QuerySet[Answer]:
    """Return the answers of other chambers in the cycle that are one of these codes."""
    same = Answer.objects.filter(declaration__cycle_id=case.cycle_id, field=CODE, value__in=codes)
    others = same.exclude(declaration__applicant_id=case.applicant_id)
    return others.exclude(declaration__state=State.WITHDRAWN)


def titles_of(case: Declaration) -> QuerySet[Recognition]:
    """Return the titles that the chamber was given, oldest first."""
    return Recognition.objects.filter(declaration__applicant_id=case.applicant_id).order_by("recognised_at")


def last_cycle(case: Declaration) -> QuerySet[Cycle]:
    """Return the last cycle before the case's whose list was published, as the first of a set of rows."""
    earlier = Cycle.objects.filter(workflow=case.cycle.workflow, opens_at__lt=case.cycle.opens_at)
    return earlier.filter(published_at__isnull=False).order_by("-opens_at")


def titles_held(case: Declaration) -> dict[str, bool | None]:
    """Return whether the chamber's last title was revoked, and whether it was recognised in the last cycle.

    Two queries. A last cycle that is not in the data, or whose list was not published, says nothing (None).
    """
    held = list(titles_of(case).values_list("cycle_id", "state"))
    last = last_cycle(case).values_list("pk", flat=True).first()
    return {
        "barred": bool(held) and held[-1][1] == TitleState.REVOKED,
        "recognised_before": None if last is None else last in {cycle for cycle, _ in held},
    }


def unread_answers(typed: Mapping[str, object], problems: Mapping[str, str]) -> dict[str, str]:
    """Return the answers that could not be read, as typed."""
    return {name: str(typed[name]) for name in problems if name in typed}
