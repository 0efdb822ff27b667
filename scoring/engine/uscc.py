"""The unified social credit code of GB 32100-2015 taken apart: what can be said of it without a register."""

from .answers import ALPHABET, fold

LENGTH = 18
WEIGHTS = tuple(pow(3, place, 31) for place in range(LENGTH - 1))


def tidy(raw: str) -> str:
    """A code as it is compared: half-width, upper case, without white space."""
    return "".join(fold(raw).split()).upper()


def in_alphabet(code: str) -> bool:
    """Only digits and capitals without I, O, S, V and Z (GB 32100-2015, 4.2)."""
    return all(letter in ALPHABET for letter in code)


def is_whole(code: str) -> bool:
    """18 characters of the alphabet."""
    return len(code) == LENGTH and in_alphabet(code)


def check_character(code: str) -> str:
    """The 18th character that the first 17 ask for: weights 3^(i−1) modulo 31 (GB 32100-2015, annex)."""
    total = sum(
        ALPHABET.index(letter) * weight for letter, weight in zip(code[: LENGTH - 1], WEIGHTS, strict=True)
    )
    return ALPHABET[-total % 31]
