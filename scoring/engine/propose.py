"""What the declared facts support, row by row."""

from .facts import Facts
from .marking import Proposal, apply
from .programme import Programme
from .rubric import Rubric


def propose(standard: Programme | Rubric, facts: Facts) -> dict[str, Proposal]:
    """A proposal for every row, in the order of the file."""
    rubric = standard.rubric if isinstance(standard, Programme) else standard
    return {item.id: apply(item.rule, facts) for item in rubric.items()}
