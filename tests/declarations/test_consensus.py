"""What a group agrees: carried by more than half, a voice counts for the mark it was given of."""

from decimal import Decimal

import pytest

from declarations.consensus import Member, Voice, not_carried, of_one_mind, standings

TEN, FIVE, ZERO = Decimal(10), Decimal(5), Decimal(0)


def member(key, mark, voice=None):
    return Member(key, {"A1.1": mark}, {"A1.1": voice} if voice else {})


@pytest.mark.parametrize(
    ("others", "carried"),
    [
        ([TEN], True),  # two of two
        ([FIVE], False),  # one of two is half
        ([TEN, FIVE], True),  # two of three
        ([FIVE, FIVE], False),
        ([TEN, FIVE, FIVE], False),  # two of four is half
    ],
)
def test_an_agreed_mark_needs_more_than_half(others, carried):
    members = [member(0, TEN), *(member(key, mark) for key, mark in enumerate(others, start=1))]

    assert (not_carried({"A1.1": TEN}, members) == ()) is carried


def test_a_voice_counts_as_it_was_given_and_while_the_mark_stays():
    voices = [Voice(ZERO, agrees=True), Voice(ZERO, agrees=False, reason="材料齐全。")]
    members = [member(key, TEN, voice) for key, voice in enumerate([*voices, None])]

    row = standings({"A1.1": ZERO}, members)[0]
    later = standings({"A1.1": FIVE}, members)[0]

    assert (row.for_it, row.against, row.silent, row.carried, row.is_unanimous) == (1, 1, 1, False, False)
    assert (later.for_it, later.against, later.silent) == (0, 0, 3)


def test_who_gave_the_agreed_mark_is_for_it_whatever_was_said_before():
    row = standings({"A1.1": TEN}, [member(1, TEN, Voice(TEN, agrees=False, reason="x"))])[0]

    assert row.is_unanimous


def test_rows_on_which_all_gave_the_same_are_of_one_mind():
    members = [Member(1, {"A": TEN, "B": TEN}, {}), Member(2, {"A": TEN, "B": FIVE}, {})]

    assert of_one_mind(["A", "B", "C"], members) == {"A": TEN}
