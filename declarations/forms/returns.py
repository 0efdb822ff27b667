"""What a tier says of items that came back, and of rows that it looks at again."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

from declarations.actions.review import Settled
from declarations.forms.application import clean_text, seen_versions
from declarations.forms.workspace import typed_rows
from declarations.states import ItemOutcome
from scoring.actions import Entered
from scoring.engine import Programme

REMARK_LIMIT = 500
OUTCOME, REMARK = "outcome-", "remark-"


def settled_items(data: QueryDict) -> dict[int, Settled]:
    """Return what was chosen for each item; what is no outcome of the list is left out."""
    chosen = {name.removeprefix(OUTCOME): data[name] for name in data if name.startswith(OUTCOME)}
    return {
        int(key): Settled(
            ItemOutcome(outcome), clean_text(data.get(f"{REMARK}{key}", "")).strip()[:REMARK_LIMIT]
        )
        for key, outcome in chosen.items()
        if key.isascii() and key.isdigit() and len(key) < 12 and outcome in ItemOutcome.values
    }


@dataclass(frozen=True)
class SentRows:
    """The rows of a round as they were sent: marks and reasons, which are confirmed, which versions were drawn."""

    entries: dict[str, Entered]
    settled: frozenset[str]
    seen: dict[str, int] | None


def sent_rows(programme: Programme, data: QueryDict, codes: Sequence[str]) -> SentRows:
    """Return what was sent of the rows that a round names."""
    entries = {code: entered for code, entered in typed_rows(programme, data).items() if code in codes}
    ticked = codes if "all" in data else data.getlist("settled")
    return SentRows(entries, frozenset(ticked).intersection(codes), seen_versions(data))
