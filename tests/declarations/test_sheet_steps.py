"""The table of an expert's sheet: every state is reached, what has ended stays, nobody else's hand is in it."""

from declarations.sheets import STEPS, Hand, pledge_digest
from declarations.states import SHEETS_COUNTED, SHEETS_GONE, SHEETS_WRITABLE, SheetState


def test_every_state_is_reached_from_the_offer():
    reached, more = {SheetState.OFFERED}, True
    while more:
        found = {step.target for step in STEPS.values() if step.sources & reached}
        more = not found <= reached
        reached |= found

    assert reached == set(SheetState)


def test_who_left_does_not_come_back_and_a_final_sheet_is_only_sent_back():
    assert [name for name, step in STEPS.items() if step.sources & SHEETS_GONE] == []
    assert [name for name, step in STEPS.items() if SheetState.FINAL in step.sources] == ["reopen"]


def test_marks_are_confirmed_by_the_own_hand_alone():
    ways = {name: step.hands for name, step in STEPS.items() if step.target in SHEETS_COUNTED}

    assert ways == {"confirm": frozenset({Hand.OWN}), "finish": frozenset({Hand.HOUSE})}
    assert STEPS["confirm"].sources == SHEETS_WRITABLE


def test_only_the_group_head_sends_a_sheet_back_and_only_with_a_reason():
    back = STEPS["reopen"]

    assert (back.hands, back.reasoned, back.sources) == (
        frozenset({Hand.GROUP_HEAD}), True, SHEETS_COUNTED
    )


def test_who_leaves_says_why():
    assert {name for name, step in STEPS.items() if step.target in SHEETS_GONE and not step.reasoned} == set()


def test_the_pledge_is_known_by_its_digest():
    assert len(pledge_digest()) == 64
