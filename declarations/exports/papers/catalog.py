"""Which papers there are of a case for a viewer, each with its version and how it is made."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from declarations.exports.papers.application import application_paper, self_assessment_paper
from declarations.exports.papers.judged import opinion_paper, return_paper, sheet_paper, verdict_paper
from declarations.exports.papers.titles import certificate_paper
from declarations.queries.facts import Dossier
from declarations.queries.issued import Numbers, numbers_of, sheet_version
from declarations.queries.opinions import open_opinion
from declarations.queries.pages import opinions_for, recognition_of
from declarations.queries.runs import told_runs
from declarations.rules import is_editable, layers_open_to
from declarations.states import SHEETS_COUNTED, IssuedKind, SheetState
from scoring.models import Layer
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.documents.paper import Paper
from sihao.ui.formats import beijing


@dataclass(frozen=True)
class CasePaper:
    """One paper that a viewer may have of a case."""

    slug: str
    kind: IssuedKind
    title: str
    version: int
    is_draft: bool
    make: Callable[[], Paper] = field(repr=False)
    subject: int | None = None
    told: str = ""

    @property
    def edition(self) -> int | None:
        """Return the version that stands on it."""
        return self.version


def case_papers(seat: Seat, dossier: Dossier) -> list[CasePaper]:
    """Return the papers in the order of the procedure; what the viewer may not read is not there."""
    numbers = numbers_of(dossier.case)
    return [
        *_own(seat, dossier, numbers),
        *_returns(seat, dossier),
        *_opinions(seat, dossier),
        *_sheets(seat, dossier),
        *_verdict(seat, dossier),
        *_certificate(dossier),
    ]


def paper_named(seat: Seat, dossier: Dossier, slug: str) -> CasePaper | None:
    """Return one of them by its name in the address."""
    return next((one for one in case_papers(seat, dossier) if one.slug == slug), None)


def _own(seat: Seat, dossier: Dossier, numbers: Numbers) -> Iterator[CasePaper]:
    draft = is_editable(seat, dossier.case)
    yield CasePaper(
        "application",
        IssuedKind.APPLICATION,
        IssuedKind.APPLICATION.label,
        numbers.handed_in,
        draft,
        lambda: application_paper(seat, dossier),
    )
    if layers_open_to(seat):
        yield CasePaper(
            "self-assessment",
            IssuedKind.SELF,
            IssuedKind.SELF.label,
            numbers.frozen,
            draft,
            lambda: self_assessment_paper(seat, dossier),
            told="含您可以查看的各级得分",
        )


def _returns(seat: Seat, dossier: Dossier) -> Iterator[CasePaper]:
    if not allowed(seat, "declarations.returns", dossier.case):
        return
    for place, slip in enumerate(dossier.slips, start=1):
        yield CasePaper(
            f"return-{slip.pk}",
            IssuedKind.RETURN,
            f"第{place}次退回修改通知",
            1,
            False,
            lambda slip=slip: return_paper(seat, dossier, slip),
            slip.pk,
            f"{slip.organisation}，{beijing(slip.returned_at, 'date')}",
        )


def _opinions(seat: Seat, dossier: Dossier) -> Iterator[CasePaper]:
    mine = open_opinion(seat, dossier)
    for opinion in (*opinions_for(seat, dossier), *((mine,) if mine is not None else ())):
        yield CasePaper(
            f"opinion-{opinion.pk}",
            IssuedKind.OPINION,
            f"{opinion.organisation}审核意见表",
            opinion.round,
            opinion.signed_at is None,
            lambda opinion=opinion: opinion_paper(seat, dossier, opinion),
            opinion.pk,
            f"{beijing(opinion.signed_at, 'date')}签批" if opinion.signed_at else "尚未签批",
        )


def _sheets(seat: Seat, dossier: Dossier) -> Iterator[CasePaper]:
    """Yield the own sheet; others' only where the viewer reads that layer, and never before the own is confirmed."""
    mine = next((one for one in dossier.reviews if one.expert_id == seat.pk), None)
    others = Layer.EXPERT in layers_open_to(seat) and (mine is None or mine.state in SHEETS_COUNTED)
    for place, review in enumerate(dossier.reviews, start=1):
        own = mine is not None and review.pk == mine.pk
        if review.state == SheetState.RECUSED or not (
            own or (others and review.state in SHEETS_COUNTED)
        ):
            continue
        name = review.expert.user.name if own else f"专家{place}"
        yield CasePaper(
            f"sheet-{review.pk}",
            IssuedKind.SHEET,
            f"{'本人' if own else name}评分表",
            sheet_version(review),
            review.state not in SHEETS_COUNTED,
            lambda review=review, name=name: sheet_paper(dossier, review, name),
            review.pk,
        )


def _verdict(seat: Seat, dossier: Dossier) -> Iterator[CasePaper]:
    if not allowed(seat, "declarations.verdicts", dossier.case):
        return
    told = next(iter(told_runs(dossier.case)), None)
    if told is not None:
        yield CasePaper(
            "verdict",
            IssuedKind.VERDICT,
            IssuedKind.VERDICT.label,
            told.run.number,
            False,
            lambda: verdict_paper(dossier, told),
            told=f"{beijing(told.run.run_at, 'date')}签署",
        )


def _certificate(dossier: Dossier) -> Iterator[CasePaper]:
    title = recognition_of(dossier.case)
    if title is not None:
        yield CasePaper(
            "certificate",
            IssuedKind.CERTIFICATE,
            IssuedKind.CERTIFICATE.label,
            1,
            False,
            lambda: certificate_paper(title),
            title.pk,
            title.number,
        )
