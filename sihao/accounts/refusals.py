"""Why something is not done: sentences for people, each with the clause it rests on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """One reason; ``code`` is for tests and logs, ``sentence`` and ``clause`` are what people read.

    ``mend_url`` is the page on which the reader can mend it, if there is one, and ``mend_label`` what is done there.
    """

    code: str
    sentence: str
    clause: str = ""
    mend_url: str = ""
    mend_label: str = ""

    def __str__(self) -> str:
        return f"{self.sentence}（{self.clause}）" if self.clause else self.sentence


class Refused(Exception):
    """Raised by an action that refuses; carries every reason at once, never an empty tuple."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(refusals)
        self.refusals = refusals

    def __str__(self) -> str:
        return "".join(map(str, self.refusals))

    @classmethod
    def because(cls, code: str, sentence: str, clause: str = "") -> "Refused":
        """Return the exception for a single reason."""
        return cls((Refusal(code, sentence, clause),))
