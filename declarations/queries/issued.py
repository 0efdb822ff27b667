"""Versions of papers: which one a paper is of, and whether it is still the newest. Never what stands on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.db.models import QuerySet

from declarations.models import (
    Batch,
    Cycle,
    Declaration,
    ExpertReview,
    IssuedPaper,
    Recognition,
    ScoreRun,
    Visit,
)
from declarations.queries.drafting.receipt import HANDING_IN
from declarations.states import SHEETS_COUNTED, IssuedKind, State, TitleState, VisitState
from sihao.ui.formats import beijing


@dataclass(frozen=True)
class Numbers:
    """How far a case has been frozen: the last copy handed in, and the last of any step."""

    handed_in: int
    frozen: int


def numbers_of(case: Declaration) -> Numbers:
    """Return the numbers of the last frozen copies (one query); 0 before there is one."""
    steps = list(case.revisions.order_by("number").values_list("number", "transition"))
    handed = [number for number, step in steps if step in HANDING_IN]
    return Numbers(handed[-1] if handed else 0, steps[-1][0] if steps else 0)


def paper_of_code(code: str) -> IssuedPaper | None:
    """Return the paper of a check code."""
    found = IssuedPaper.objects.select_related("declaration__cycle", "batch__cycle", "batch__unit", "cycle")
    left_out = ("batch__listing", "declaration__cycle__notice_text", "cycle__notice_text")
    return found.defer(*left_out).filter(check_code=code).first()


@dataclass(frozen=True)
class PaperState:
    """What anybody is told of a paper: a word, a sentence, and how it is to be coloured."""

    word: str
    text: str
    kind: str


CURRENT = PaperState(
    "现行版本", "本件与系统所载的现行版本一致。请核对纸面的编号、版本和摘要值与下列各项相同。", "active"
)


def state_of(paper: IssuedPaper) -> PaperState:
    """Return how a paper stands today."""
    if paper.kind == IssuedKind.CERTIFICATE:
        return _title_state(paper)
    case = paper.declaration
    if case is not None and case.state == State.WITHDRAWN:
        return PaperState("已撤回", "这件申报已由申报单位撤回，本件不再使用。", "revoked")
    newest = NEWEST[IssuedKind(paper.kind)](paper)
    if newest > paper.version:
        return PaperState("已有新的版本", f"本件为第{paper.version}版，现行为第{newest}版，本件不再使用。", "expired")
    if paper.is_draft:
        return PaperState("草稿", "本件取用时尚未提交，不能作为正式文书。", "expired")
    return CURRENT


def _title_state(paper: IssuedPaper) -> PaperState:
    title = Recognition.objects.filter(pk=paper.subject).first()
    if title is not None and title.state == TitleState.REVOKED:
        return PaperState("已撤销", f"本证书所载称号已于{beijing(title.revoked_at, 'date')}撤销。", "revoked")
    if title is not None and title.state == TitleState.EXPIRED:
        return PaperState("已到期", "本证书所载称号有效期已满。", "expired")
    return CURRENT


def _handed_in(paper: IssuedPaper) -> int:
    return numbers_of(paper.declaration).handed_in


def _frozen(paper: IssuedPaper) -> int:
    return numbers_of(paper.declaration).frozen


def _opinion(paper: IssuedPaper) -> int:
    mine = paper.declaration.endorsements.filter(pk=paper.subject).values("organisation_id")
    rounds = paper.declaration.endorsements.filter(organisation_id__in=mine)
    return max(rounds.values_list("round", flat=True), default=paper.version)


def _sheet(paper: IssuedPaper) -> int:
    review = ExpertReview.objects.filter(pk=paper.subject).first()
    return sheet_version(review) if review is not None else paper.version


def sheet_version(review: ExpertReview) -> int:
    """Return the version of an expert's sheet: the first while it is written, the second once it is confirmed."""
    return 2 if review.state in SHEETS_COUNTED else 1


def _visit(paper: IssuedPaper) -> int:
    visit = Visit.objects.filter(pk=paper.subject).first()
    return visit_version(visit) if visit is not None else paper.version


def visit_version(visit: Visit) -> int:
    """Return the version of a visit's record: the first until the team confirmed it, the second after."""
    return 2 if visit.state == VisitState.CONFIRMED else 1


def edition_of(kind: IssuedKind, of: Declaration | Batch | Cycle, subject: int | None, digest: str) -> int:
    """Return which edition of a cycle's paper says what this one says: the last, or the next."""
    last = _editions(kind, of, subject).order_by("-version", "-id").values_list("version", "digest").first()
    if last is None:
        return 1
    return last[0] if last[1] == digest else last[0] + 1


def _editions(kind: str, cycle: object, subject: int | None) -> QuerySet[IssuedPaper]:
    return IssuedPaper.objects.filter(kind=kind, cycle=cycle, subject=subject, is_draft=False)


def _edition(paper: IssuedPaper) -> int:
    rows = _editions(paper.kind, paper.cycle, paper.subject).values_list("version", flat=True)
    return max(rows, default=paper.version)


def _verdict(paper: IssuedPaper) -> int:
    runs = ScoreRun.objects.filter(declaration=paper.declaration)
    return max(runs.values_list("number", flat=True), default=paper.version)


def _list(paper: IssuedPaper) -> int:
    return paper.batch.version if paper.batch is not None else paper.version


def _same(paper: IssuedPaper) -> int:
    return paper.version


NEWEST: Mapping[IssuedKind, Callable[[IssuedPaper], int]] = MappingProxyType(
    {
        IssuedKind.APPLICATION: _handed_in,
        IssuedKind.SELF: _frozen,
        IssuedKind.BOOK: _frozen,
        IssuedKind.OPINION: _opinion,
        IssuedKind.RETURN: _same,
        IssuedKind.SHEET: _sheet,
        IssuedKind.VERDICT: _verdict,
        IssuedKind.VISIT: _visit,
        **dict.fromkeys((IssuedKind.QUOTAS, IssuedKind.VISITS, IssuedKind.CIRCULAR, IssuedKind.PLAQUES), _edition),
        IssuedKind.FEEDBACK: _edition,
        **dict.fromkeys((IssuedKind.NOTICE, IssuedKind.ANSWER, IssuedKind.REVOCATION), _same),
        IssuedKind.CERTIFICATE: _same,
        **dict.fromkeys((IssuedKind.LIST, IssuedKind.REPORT), _list),
        **dict.fromkeys((IssuedKind.AGENDA, IssuedKind.MINUTES), _list),
    }
)
