"""The chamber's word on what the checks ask it to explain."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from declarations.actions.draft.writing import Desk, for_writing
from declarations.models import Declaration, Explanation
from declarations.queries.checks import EXPLAIN, is_explained
from declarations.queries.dossier import Dossier, dossier_of
from scoring.engine import Finding
from sihao.accounts.models import Seat


@transaction.atomic
def save_explanations(*, case: Declaration, texts: Mapping[str, str], actor: Seat, now: datetime) -> int:
    """Keep the word on each finding that asks for one now, by its key, and return how many words were written.

    A word belongs to the sentence it was given on; a blank one takes it back. Keys of nothing that is found are left
    alone. In a return a word that stands is shut like what was handed in, unless it is on a row or field that the
    return names; what the mended figures newly ask to explain is open. Raises ``Refused`` when the case is not the
    actor's to write.
    """
    desk = for_writing(case, actor)
    locked = desk.case
    dossier = dossier_of(locked)
    asked = {one.key: one for one in dossier.findings if one.severity == EXPLAIN and _is_open(one, desk, dossier)}
    given = {key: text.strip() for key, text in texts.items() if key in asked}
    changed = [
        Explanation(
            declaration=locked, finding=key, sentence=asked[key].message, text=text, set_by=actor, set_at=now
        )
        for key, text in given.items()
        if text and not _stands(dossier.explanations.get(key), asked[key], text)
    ]
    Explanation.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["declaration", "finding"],
        update_fields=["sentence", "text", "set_by", "set_at"],
    )
    locked.explanations.filter(finding__in=[key for key, text in given.items() if not text]).delete()
    return len(changed)


def _is_open(finding: Finding, desk: Desk, dossier: Dossier) -> bool:
    if desk.open_items is None or not desk.open_items.isdisjoint((*finding.rows, *finding.fields)):
        return True
    return not is_explained(finding, dossier.explanations.get(finding.key))


def _stands(word: Explanation | None, finding: Finding, text: str) -> bool:
    return word is not None and is_explained(finding, word) and word.text == text
