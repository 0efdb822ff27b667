"""Taking over the marks that a spot check proposes: they stand in the layer of the preliminary review."""

from datetime import datetime

from django.db import transaction

from declarations.actions.transition import lock
from declarations.models import Declaration
from declarations.queries.dossier import dossier_of
from declarations.queries.visit_card import marks_to_take
from declarations.rules import in_preliminary_review
from declarations.visiting import OURS
from scoring.actions import Entered, open_layer, save_marks
from scoring.engine import figure
from scoring.models import Layer
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refused
from sihao.audit.events import Event
from sihao.audit.record import record


@transaction.atomic
def take_over_marks(*, case: Declaration, actor: Seat, now: datetime) -> int:
    """Write every mark that the case's spot check proposes into the preliminary layer; return how many.

    Beside the layers of the tiers, which stay; experts judge by themselves. Each mark keeps the team's words as its
    reason. Refuses outside the preliminary review, and where nothing is proposed that does not stand already.
    """
    locked = lock(case.pk, by=actor)
    if not (allowed(actor, "declarations.preliminary", locked) and in_preliminary_review(actor, locked)):
        raise Refused.because("not_permitted", "本件不在初审环节，不能采用建议得分。", "五（二）3")
    dossier = dossier_of(locked)
    rows = marks_to_take(dossier)
    if not rows:
        raise Refused.because("nothing_to_take", "实地抽查没有尚未采用的建议得分。", OURS)
    entries = {row.item.id: Entered(points=row.mark, reason=f"采用实地抽查建议得分：{row.note}") for row in rows}
    layer = open_layer(ledger=locked.ledger, layer=Layer.PRELIMINARY)
    save_marks(assessment=layer, entries=entries, actor=actor, now=now)
    told = "，".join(f"{row.item.id} {figure(row.mark)}/{figure(row.item.points)}" for row in rows)
    record(Event.VISIT_MARKS_TAKEN, actor=actor, target=locked, at=now, data={"rows": told})
    return len(rows)
