"""A logic check as data: when it finds something, what it then says, and where to look."""

import re
from dataclasses import dataclass

from .predicates import Predicate
from .scope import Scope
from .terms import Term

SEVERITIES = ("block", "explain", "hint")
"""阻断, 须说明, 提示."""

BRACES = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Message:
    """A Chinese sentence with its figures: words and terms in turn, words first and last."""

    words: tuple[str, ...]
    terms: tuple[Term, ...]

    def filled(self, scope: Scope) -> str:
        told = (term.spelled(scope) + words for term, words in zip(self.terms, self.words[1:], strict=True))
        return self.words[0] + "".join(told)


@dataclass(frozen=True)
class Branch:
    """One way in which a check finds something."""

    when: Predicate
    message: Message
    fields: tuple[str, ...]
    rows: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CrossCheck:
    """A check of a declaration against itself and what surrounds it.

    `each` says what it is made for each of: rows, sections, files, or the records of the list field it names. A check
    without branches is words only: people judge by it, it finds nothing.
    """

    id: str
    severity: str
    text: str
    clause: str = ""
    fields: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    each: str = ""
    branches: tuple[Branch, ...] = ()
