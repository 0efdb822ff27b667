"""The fields of a declaration: what is asked, in which form."""

from dataclasses import dataclass

OPTION_KINDS = ("choice", "multi")
NUMBER_KINDS = ("int", "decimal", "ratio")
KINDS = (
    "text",
    "long_text",
    "date",
    "bool",
    "list",
    "uscc",
    "gb2260",
    "mobile",
    *NUMBER_KINDS,
    *OPTION_KINDS,
)


class ValueProblem(ValueError):
    """A value that cannot be taken; the Chinese message says what is wrong and how to mend it."""


@dataclass(frozen=True)
class ItemSpec:
    """One column of a field of kind `list`."""

    id: str
    kind: str
    label: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FieldSpec:
    """One field of the application form. Characters are counted without white space; 0 means no limit stated.

    `text` is what is put before the answer, such as the wording of a commitment; `signatures` are the lines that are
    signed and stamped on paper.
    """

    id: str
    label: str
    kind: str
    group: str = ""
    options: tuple[str, ...] = ()
    unit: str = ""
    help: str = ""
    example: str = ""
    clause: str = ""
    required: bool = True
    signed: bool = False
    min_chars: int = 0
    max_chars: int = 0
    item: tuple[ItemSpec, ...] = ()
    text: str = ""
    signatures: tuple[str, ...] = ()
