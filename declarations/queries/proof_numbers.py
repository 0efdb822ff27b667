"""Numbers of the evidence: one run through the whole declaration, in the order of the standard, then of the form."""

from dataclasses import dataclass

from declarations.models import Attachment
from declarations.queries.facts import Dossier


@dataclass(frozen=True)
class Proof:
    """One piece of evidence with its number and the name of what it proves."""

    number: int
    piece: Attachment
    proves: str


def numbered_evidence(dossier: Dossier) -> list[Proof]:
    """Return every piece with its number and the name of what it proves."""
    names = {item.id: f"{item.id} {item.name}" for item in dossier.programme.rubric.items()}
    names |= {spec.id: f"申报表“{spec.label}”" for spec in dossier.programme.fields}
    order = {code: place for place, code in enumerate(names)}
    pieces = sorted(dossier.evidence, key=lambda piece: (order.get(piece.row, len(order)), piece.row, piece.pk))
    return [Proof(number, piece, names.get(piece.row, piece.row)) for number, piece in enumerate(pieces, start=1)]


def numbers_by_row(dossier: Dossier) -> dict[str, str]:
    """Return by row the numbers of its evidence as they are written: 3、5—7."""
    found: dict[str, list[int]] = {}
    for proof in numbered_evidence(dossier):
        found.setdefault(proof.piece.row, []).append(proof.number)
    return {row: spelled_numbers(numbers) for row, numbers in found.items()}


def spelled_numbers(numbers: list[int]) -> str:
    """Return numbers in rising order, three and more in a run as a span."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts = (f"{run[0]}—{run[-1]}" if len(run) > 2 else "、".join(map(str, run)) for run in runs)
    return "、".join(parts)
