"""Comparing the cases of a cycle, and keeping what is found as rows: by a job, never while somebody waits."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from django.db import transaction

from declarations.actions.reading import read_evidence
from declarations.copying import Among, beside, common_texts, pairs_among, prints_of
from declarations.crossing import Compared, Crossed, alike_files, copied, found_among, set_text
from declarations.models import CaseFinding, Comparison, CrossFinding, Cycle
from declarations.queries.alike import likenesses_within
from declarations.queries.checks import HINT
from declarations.queries.crossed import (
    compared,
    compared_cases,
    compared_keys,
    figures_of,
    pages_of,
    texts_of,
)
from declarations.queries.dossier import Dossier
from scoring.engine import Programme
from scoring.queries import programme_of
from sihao.accounts.models import Seat
from sihao.audit.events import Event
from sihao.audit.record import record
from sihao.jobs.actions import enqueue
from sihao.jobs.models import Job, JobState

COMPARE = "compare_cases"
MANY = 500
Progress = Callable[[int, int], None]
Wanted = tuple[str, dict[str, object]]


@transaction.atomic
def order_comparison(*, cycle: Cycle, actor: Seat, now: datetime) -> Job:
    """Order that the cases of a cycle are compared; one that waits already will do."""
    waiting = Job.objects.filter(kind=COMPARE, state=JobState.QUEUED, arguments__cycle=cycle.pk, owner=actor.user)
    if (found := waiting.first()) is not None:
        return found
    return enqueue(COMPARE, owner=actor.user, at=now, cycle=cycle.pk, seat=actor.pk)


def compare(*, cycle: Cycle, now: datetime, actor: Seat | None = None, progress: Progress | None = None) -> Comparison:
    """Compare every case that was sent up with every other, and write what is found; words given on it stay.

    Linear in the number of cases; evidence that was not read yet is read first. A word stays with a finding as long as
    its sentence is the same.
    """
    programme, sent_up = programme_of(cycle.programme), compared_cases(cycle)
    while read_evidence(now=now, cases=sent_up, progress=progress):
        pass
    keys = compared_keys(cycle)
    cases: list[Compared] = []
    prints, whole = [], []
    for page in pages_of(keys):
        if progress is not None:
            progress(len(cases), len(keys))
        cases += compared(programme, page)
        for pk, texts in texts_of(programme, page).items():
            prints.append(prints_of(texts.values()))
            whole += [(pk, place, text) for place, text in texts.items()]
    found = found_among(cases, figures_of(programme), programme.likeness.person_label)
    found += alike_files(cases, likenesses_within(sent_up))
    found += [set_text(group) for group in common_texts(whole, len(keys))]
    found += _copied(programme, keys, pairs_among(prints))
    if progress is not None:
        progress(len(keys), len(keys))
    return _write(cycle, keys, found, now, actor)


def _copied(programme: Programme, keys: list[int], among: Among) -> Iterable[Crossed]:
    """Yield the pairs whose texts hold longer passages in common; read two cases at a time."""
    for pair in among.pairs:
        first, second = keys[pair.first], keys[pair.second]
        texts = texts_of(programme, [first, second])
        found = beside(texts[first], texts[second], among.common)
        if found.passages:
            yield copied(first, second, found)


@transaction.atomic
def _write(
    cycle: Cycle, keys: list[int], found: Iterable[Crossed], now: datetime, actor: Seat | None
) -> Comparison:
    Cycle.objects.select_for_update(of=("self",)).only("pk").get(pk=cycle.pk)
    wanted = {(one.kind.value, one.key): one for one in found}
    rows = _findings(cycle, wanted, now)
    _parts(cycle, {(rows[key], part.case): part for key, one in wanted.items() for part in one.parts}, now)
    counts: dict[str, int] = {}
    for kind, _ in wanted:
        counts[kind] = counts.get(kind, 0) + 1
    values = {"at": now, "cases": len(keys), "found": counts}
    comparison, _ = Comparison.objects.update_or_create(cycle=cycle, defaults=values)
    record(Event.CASES_COMPARED, actor=actor, target=cycle, at=now, data={"cases": len(keys), "found": counts})
    return comparison


def _findings(cycle: Cycle, wanted: Mapping[tuple[str, str], Crossed], now: datetime) -> dict[tuple[str, str], int]:
    """Write the findings, take away what is not found any more, and return the rows by kind and key."""
    known = {(one.kind, one.key): one for one in CrossFinding.objects.filter(cycle=cycle)}
    gone = [one.pk for key, one in known.items() if key not in wanted]
    CrossFinding.objects.filter(pk__in=gone).delete()
    changed = []
    for key in known.keys() & wanted.keys():
        row, one = known[key], wanted[key]
        if (row.title, row.told, row.weight) != (one.title, one.told, one.weight):
            row.title, row.told, row.weight = one.title[:200], dict(one.told), one.weight
            changed.append(row)
    CrossFinding.objects.bulk_update(changed, ["title", "told", "weight"], batch_size=MANY)
    new = [
        CrossFinding(
            cycle=cycle, kind=kind, key=key, title=one.title[:200], told=dict(one.told), weight=one.weight, found_at=now
        )
        for (kind, key), one in wanted.items()
        if (kind, key) not in known
    ]
    CrossFinding.objects.bulk_create(new, batch_size=MANY)
    rows = CrossFinding.objects.filter(cycle=cycle).values_list("kind", "key", "pk")
    return {(kind, key): pk for kind, key, pk in rows}


def _parts(cycle: Cycle, wanted: Mapping[tuple[int, int], object], now: datetime) -> None:
    """Write what is told of each case; a sentence that is the same keeps the word given on it."""
    rows = CaseFinding.objects.filter(cross__cycle=cycle).select_related(None)
    known = {(one.cross_id, one.declaration_id): one for one in rows}
    CaseFinding.objects.filter(pk__in=[one.pk for key, one in known.items() if key not in wanted]).delete()
    changed, new = [], []
    for (cross, case), part in wanted.items():
        told = {"sentence": part.sentence, "places": list(part.places), "told": dict(part.told)}
        row = known.get((cross, case))
        if row is None:
            key = f"cross-{cross}"
            new.append(CaseFinding(declaration_id=case, key=key, cross_id=cross, found_at=now, **told))
        elif any(getattr(row, name) != value for name, value in told.items()):
            if row.sentence != part.sentence:
                row.word, row.noted_by, row.noted_at = "", None, None
            for name, value in told.items():
                setattr(row, name, value)
            changed.append(row)
    fields = ["sentence", "places", "told", "word", "noted_by", "noted_at"]
    CaseFinding.objects.bulk_update(changed, fields, batch_size=MANY)
    CaseFinding.objects.bulk_create(new, batch_size=MANY)


def write_hints(*, dossier: Dossier, now: datetime) -> None:
    """Write the hints of the checks as what the reviewer says a word on; the other findings have the chamber's."""
    rows = [
        CaseFinding(
            declaration=dossier.case,
            key=f"check-{one.key}"[:120],
            sentence=f"{one.message}。",
            clause=one.clause[:40],
            places=[*one.fields, *one.rows],
            found_at=now,
        )
        for one in dossier.findings
        if one.severity == HINT
    ]
    CaseFinding.objects.bulk_create(rows, ignore_conflicts=True)
