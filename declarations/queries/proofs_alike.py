"""Who else uses the same file, and who one that is alike: what those who judge a piece of evidence are told at it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import Exists, OuterRef

from declarations.alike import Likeness
from declarations.models import Attachment
from declarations.queries.alike import likenesses
from declarations.queries.cases import cases_visible_to
from declarations.queries.facts import Dossier
from declarations.queries.proofs import NAMED_AT_MOST, Elsewhere, proof_label, used_elsewhere
from declarations.states import FileStanding
from scoring.engine import Programme
from sihao.accounts.models import Seat


@dataclass(frozen=True)
class AlikeUse:
    """Another chamber's case with a file that is alike; ``name`` is empty where the viewer may not see it."""

    pk: int
    row: str
    name: str
    number: str
    likeness: Likeness


def told_elsewhere(seat: Seat, dossier: Dossier) -> dict[str, Elsewhere]:
    """Return by digest who else uses the same file, and which other chambers use one that is alike.

    What is alike is told by the rules of the same file: by name of the cases that the viewer may see, by number of the
    others. A case that uses the very file is not told of again. Two queries more, where something alike was found.
    """
    found = used_elsewhere(seat, dossier)
    pieces = [one for one in dossier.evidence if getattr(one, "standing", None) == FileStanding.ALIKE]
    digests = {one.digest for one in pieces}
    for digest, uses in _uses(seat, dossier, likenesses(digests), digests).items():
        same = found.get(digest, Elsewhere())
        found[digest] = replace(same, alike=alike_sentences(dossier.programme, uses))
    return found


def _uses(
    seat: Seat, dossier: Dossier, alike: Iterable[Likeness], own: set[str]
) -> dict[str, list[AlikeUse]]:
    """Return which other chambers' cases use what is alike to each of the case's own files."""
    others: dict[str, list[tuple[str, Likeness]]] = {}
    for one in alike:
        for mine, other in ((one.first, one.second), (one.second, one.first)):
            if mine in own:
                others.setdefault(other, []).append((mine, one))
    if not others:
        return {}
    visible = cases_visible_to(seat).filter(pk=OuterRef("declaration_id"))
    pieces = Attachment.objects.filter(
        digest__in=own | others.keys(), removed_at__isnull=True, declaration__submitted_at__isnull=False
    )
    pieces = pieces.exclude(declaration__applicant=dossier.case.applicant_id).annotate(visible=Exists(visible))
    rows = pieces.order_by("declaration_id", "row").values_list(
        "digest", "declaration_id", "row", "visible", "declaration__applicant_name", "declaration__number"
    )
    told = list(rows)
    same = {(digest, case) for digest, case, *_ in told if digest in own}
    found: dict[str, dict[int, AlikeUse]] = {}
    for digest, case, row, seen, name, number in told:
        for mine, likeness in others.get(digest, ()):
            if (mine, case) not in same:
                use = AlikeUse(case, row, name if seen else "", number if seen else "", likeness)
                found.setdefault(mine, {}).setdefault(case, use)
    return {digest: list(uses.values()) for digest, uses in found.items()}


def alike_sentences(programme: Programme, uses: Iterable[AlikeUse]) -> tuple[str, ...]:
    """Return what is told of files that are alike: the first few by name, how many there are, how many unseen."""
    every = list(uses)
    pictured = any(one.likeness.bits is not None for one in every)
    what, whose = ("照片", "照片") if pictured else ("文字", "材料")
    seen = [one for one in every if one.name]
    named = (
        f"{one.name}（{one.number}）{proof_label(programme, one.row)}的{whose}近似，{one.likeness.told}"
        for one in seen[:NAMED_AT_MOST]
    )
    told = [f"{what}与{'；与'.join(named)}"] if seen else []
    if len(seen) > NAMED_AT_MOST:
        told[0] += f"；共{len(seen)}件"
    if unseen := len(every) - len(seen):
        told.append(f"{'另' if seen else ''}有{unseen}件其他申报的{whose}与本件{what}近似")
    return tuple(told)

