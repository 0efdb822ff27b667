"""The papers beside those of a case and of a list, by the name in their address: a word, a stroke, a key.

``shelf`` is what the page lists; the record of a visit, an answer and a revocation are reached from where they belong.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from declarations.exports.papers.answers import answer_paper, feedback_paper, revocation_paper
from declarations.exports.papers.catalog import CasePaper
from declarations.exports.papers.lists import annex_two_paper
from declarations.exports.papers.meeting import deliberation_agenda, deliberation_minutes
from declarations.exports.papers.titles import circular_paper, notice_paper, plaques_paper
from declarations.exports.papers.visits import is_blank, visit_paper, visit_report_paper
from declarations.models import Agenda, Batch, Cycle, Declaration, FeedbackPack, PublicNotice
from declarations.queries.annex_two import annex_of
from declarations.queries.announced import entries_of
from declarations.queries.dossier import dossier_of
from declarations.queries.feedback import results_of
from declarations.queries.issued import visit_version
from declarations.queries.publication_page import published_titles
from declarations.queries.shelf import (
    agendas_for,
    deliberated,
    may_have_titles,
    notices_for,
    packs_for,
    revocation_for,
    settled_objection_for,
    visit_at,
)
from declarations.queries.visit_record import record_page
from declarations.queries.visit_report import reads_whole, report_of, visit_report_draft
from declarations.queries.visits import photos_of, visit_for
from declarations.states import IssuedKind, VisitState
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.ui.formats import beijing


@dataclass(frozen=True)
class HousePaper(CasePaper):
    """One paper that is of a cycle, or of something that hangs on a case; ``back`` is the page it belongs to."""

    of: Declaration | Batch | Cycle | None = None
    numbered: bool = True
    back: tuple[str, str, int | None] = ("文书", "declarations:papers", None)

    @property
    def edition(self) -> int | None:
        """Return its version; None where the editions are counted when it is taken out."""
        return self.version if self.numbered else None


def _of_cycle(
    slug: str, kind: IssuedKind, cycle: Cycle, make: Callable[[], object], **more: object
) -> HousePaper:
    words = {"title": kind.label, "version": 1, "is_draft": False, "numbered": False} | more
    return HousePaper(slug=slug, kind=kind, of=cycle, make=make, **words)


def shelf(seat: Seat, cycle: Cycle) -> list[HousePaper]:
    """Return the papers of a cycle that a seat may have, in the order of the procedure."""
    found: list[HousePaper | None] = [_quotas(seat, cycle, 0), _visits(seat, cycle, 0)]
    for agenda in agendas_for(seat, cycle):
        found += [
            _agenda_of(cycle, agenda),
            _minutes_of(cycle, agenda) if agenda.decided_at is not None else None,
        ]
    found += [_notice_of(cycle, notice) for notice in notices_for(seat, cycle)]
    found += [_circular(seat, cycle, 0), _plaques(seat, cycle, 0)]
    found += [_pack(cycle, pack) for pack in packs_for(seat, cycle)]
    return [one for one in found if one is not None]


def house_paper(seat: Seat, cycle: Cycle, slug: str) -> HousePaper | None:
    """Return one paper by its name, if the seat may have it."""
    name, _, key = slug.rpartition("-")
    find = FIND.get(name or slug)
    if find is None or (name and not (key.isascii() and key.isdigit() and len(key) < LONGEST_KEY)):
        return None
    return find(seat, cycle, int(key) if name else 0)


LONGEST_KEY = 18


def _quotas(seat: Seat, cycle: Cycle, key: int) -> HousePaper | None:
    return _of_cycle("quotas", IssuedKind.QUOTAS, cycle, lambda: annex_two_paper(annex_of(cycle)))


def _visits(seat: Seat, cycle: Cycle, key: int) -> HousePaper | None:
    if not (allowed(seat, "declarations.visit_report") and reads_whole(seat, cycle)):
        return None
    kept = report_of(cycle)

    def make() -> object:
        text = kept.text if kept is not None else visit_report_draft(cycle).text
        return visit_report_paper(cycle, text, draft=kept is None)

    told = f"{beijing(kept.written_at, 'date')}保存" if kept is not None else "尚未保存，按数据草拟"
    return _of_cycle("visits", IssuedKind.VISITS, cycle, make, is_draft=kept is None, told=told)


def _agenda(seat: Seat, cycle: Cycle, key: int) -> HousePaper | None:
    agenda = next((one for one in agendas_for(seat, cycle) if one.pk == key), None)
    return _agenda_of(cycle, agenda) if agenda is not None else None


def _agenda_of(cycle: Cycle, agenda: Agenda) -> HousePaper:
    return _of_cycle(
        f"agenda-{agenda.pk}",
        IssuedKind.AGENDA,
        cycle,
        lambda: deliberation_agenda(agenda, deliberated(agenda)),
        title=f"主席办公会议第{agenda.number}次审议议程",
        subject=agenda.pk,
        numbered=True,
        told=f"{beijing(agenda.frozen_at, 'date')}提请",
    )


def _minutes(seat: Seat, cycle: Cycle, key: int) -> HousePaper | None:
    agenda = next((one for one in agendas_for(seat, cycle) if one.pk == key), None)
    return _minutes_of(cycle, agenda) if agenda is not None and agenda.decided_at is not None else None


def _minutes_of(cycle: Cycle, agenda: Agenda) -> HousePaper:
    return _of_cycle(
        f"minutes-{agenda.pk}",
        IssuedKind.MINUTES,
        cycle,
        lambda: deliberation_minutes(agenda, deliberated(agenda)),
        title=f"主席办公会议第{agenda.number}次审议纪要",
        subject=agenda.pk,
        numbered=True,
        told=f"{beijing(agenda.decided_at, 'date')}登记",
    )


def _notice(seat: Seat, cycle: Cycle, key: int) -> HousePaper | None:
    notice = next((one for one in notices_for(seat, cycle) if one.pk == key), None)
    return _notice_of(cycle, notice) if notice is not None else None


def _notice_of(cycle: Cycle, notice: PublicNotice) -> HousePaper:
    return _of_cycle(
        f"notice-{notice.pk}",
        IssuedKind.NOTICE,
        cycle,
        lambda: notice_paper(notice, entries_of(notice).order_by("place")),
        title=f"第{notice.number}次公示",
        subject=notice.pk,
        numbered=True,
        told=f"{beijing(notice.opened_at, 'date')}发布",
    )


def _circular(seat: Seat, cycle: Cycle, key: int) -> HousePaper | None:
    if not may_have_titles(seat, cycle):
        return None
    return _of_cycle(
        "circular", IssuedKind.CIRCULAR, cycle, lambda: circular_paper(cycle, published_titles(cycle))
    )


def _plaques(seat: Seat, cycle: Cycle, key: int) -> HousePaper | None:
    if not may_have_titles(seat, cycle):
        return None
    return _of_cycle(
        "plaques", IssuedKind.PLAQUES, cycle, lambda: plaques_paper(cycle, published_titles(cycle))
    )


def _feedback(seat: Seat, cycle: Cycle, key: int) -> HousePaper | None:
    pack = next((one for one in packs_for(seat, cycle) if one.unit_id == key), None)
    return _pack(cycle, pack) if pack is not None else None


def _pack(cycle: Cycle, pack: FeedbackPack) -> HousePaper:
    unit = pack.unit
    return _of_cycle(
        f"feedback-{unit.pk}",
        IssuedKind.FEEDBACK,
        cycle,
        lambda: feedback_paper(cycle, unit, results_of(cycle, unit)),
        title=f"分数结果反馈：{unit}",
        subject=unit.pk,
        back=("反馈材料", "declarations:feedback", None),
    )


def _visit(seat: Seat, cycle: Cycle, key: int) -> HousePaper | None:
    if not visit_at(seat, key):
        return None
    visit = visit_for(seat, key)
    dossier = dossier_of(visit.declaration)
    record = record_page(dossier, visit)
    return HousePaper(
        slug=f"visit-{key}",
        kind=IssuedKind.VISIT,
        title=IssuedKind.VISIT.label,
        version=visit_version(visit),
        is_draft=visit.state != VisitState.CONFIRMED and not is_blank(record),
        make=lambda: visit_paper(dossier, visit, record, photos_of(visit)),
        subject=key,
        of=visit.declaration,
        back=("实地抽查", "declarations:visit", key),
    )


def _answer(seat: Seat, cycle: Cycle, key: int) -> HousePaper | None:
    objection = settled_objection_for(seat, key)
    if objection is None:
        return None
    return HousePaper(
        slug=f"answer-{key}",
        kind=IssuedKind.ANSWER,
        title=IssuedKind.ANSWER.label,
        version=1,
        is_draft=False,
        make=lambda: answer_paper(objection),
        subject=key,
        of=objection.cycle,
        back=("异议", "declarations:objection", key),
    )


def _revocation(seat: Seat, cycle: Cycle, key: int) -> HousePaper | None:
    inquiry = revocation_for(seat, key)
    if inquiry is None:
        return None
    return HousePaper(
        slug=f"revocation-{key}",
        kind=IssuedKind.REVOCATION,
        title=IssuedKind.REVOCATION.label,
        version=1,
        is_draft=False,
        make=lambda: revocation_paper(inquiry),
        subject=key,
        of=inquiry.recognition.declaration,
        back=("证书和效力", "declarations:title", inquiry.recognition_id),
    )


FIND: Mapping[str, Callable[[Seat, Cycle, int], HousePaper | None]] = MappingProxyType(
    {
        "quotas": _quotas,
        "visits": _visits,
        "agenda": _agenda,
        "minutes": _minutes,
        "notice": _notice,
        "circular": _circular,
        "plaques": _plaques,
        "feedback": _feedback,
        "visit": _visit,
        "answer": _answer,
        "revocation": _revocation,
    }
)
