"""The table of transitions: whole, reachable, without dead ends, and every permission known."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from django.conf import settings

from declarations import guards
from declarations.diagram import mermaid
from declarations.rules import RULES
from declarations.states import ENDED, OPEN, State
from declarations.workflow import SIHAO, WORKFLOWS, WUHAO, Holder, Workflow, refusals_of


def reached_from(start: State, table: Workflow = SIHAO) -> set[State]:
    found, ahead = {start}, [start]
    while ahead:
        for step in table.leaving(ahead.pop()):
            if step.target is not None and step.target not in found:
                found.add(step.target)
                ahead.append(step.target)
    return found


def test_every_state_of_this_issue_is_reached_from_a_draft():
    assert reached_from(State.DRAFT) == set(State)


def test_only_ended_states_have_no_way_out():
    dead = {state for state in set(State) if not any(step.target for step in SIHAO.leaving(state))}

    # Every other outcome can be corrected (T-R1); a title is revoked.
    assert dead == {State.RECOGNISED}


def test_every_open_state_leads_to_recognition_or_an_end():
    for state in OPEN:
        assert reached_from(state) & ENDED


def test_ended_states_are_held_by_nobody_and_the_others_by_somebody():
    for step in (*SIHAO.transitions, *WUHAO.transitions):
        if step.target is not None:
            assert (step.holder is Holder.NOBODY) == (step.target in ENDED), step.name


def test_every_permission_of_the_table_has_a_rule():
    assert {step.permission for step in (*SIHAO.transitions, *WUHAO.transitions)} <= RULES.keys()
    assert {table.starts for table in WORKFLOWS.values()} <= RULES.keys()


def test_the_codes_of_this_issue_are_all_there():
    codes = {step.code for step in SIHAO.transitions}

    asked = {"T02", "T04", "T05", "T06", "T08", "T09", "T11", "T12", "T14", "T16", "T18", "T19", "T20", "T22", "T24"}
    later = {"T03", "T07", "T10", "T15", "T17", "T21", "T25", "T26", "T27", "T28", "T29", "T30", "T-R1", "T-R2", "Q"}
    assert codes == asked | later


def test_every_guard_is_used_by_a_step():
    tables = (step for table in WORKFLOWS.values() for step in table.transitions)
    used = {check.__name__ for step in tables for check in (*step.guards, *step.demands)}
    written = {
        name
        for name, value in vars(guards).items()
        if callable(value) and not name.startswith("_") and getattr(value, "__module__", "") == guards.__name__
        and "CaseFacts" in str(getattr(value, "__annotations__", {}).get("facts", ""))
    }

    assert used == written


def test_a_plain_step_asks_nothing_that_is_not_read_for_it():
    """The facts of the panel, of the tiers and of the form may be anything: its guards answer the same."""
    days = [datetime(2020, 1, day, tzinfo=UTC) for day in (1, 2, 1, 1)]
    facts = guards.CaseFacts(State.PROPOSED, *days)
    verdict = guards.Judged(False, Decimal(0), ("不通过",))
    other = replace(facts, sheets=9, unsettled_rows=("A1.1",), veto_without_evidence=("A1.1",), panel_verdict=verdict)
    plain = [step for table in WORKFLOWS.values() for step in table.transitions if step.plain]

    assert {step.name for step in plain} == {"put_on_agenda", "approve", "reject", "hold_over"}
    for step in plain:
        assert step.refusals(facts, guards.Act()) == step.refusals(other, guards.Act())


def test_grave_steps_ask_for_a_reason():
    for name in ("withdraw", "decline", "unshortlist", "propose_disqualification", "drop_flag", "reject", "hold_over"):
        assert guards.reason_given in SIHAO.transition(name).demands


def test_the_diagram_of_the_readme_is_that_of_the_table():
    readme = (settings.BASE_DIR / "declarations" / "README.md").read_text(encoding="utf-8")

    assert f"```mermaid\n{mermaid(SIHAO)}\n```" in readme
    assert f"```mermaid\n{mermaid(WUHAO)}\n```" in readme


def test_a_citys_procedure_runs_from_a_draft_to_recognition_without_a_dead_end():
    states = reached_from(State.DRAFT, WUHAO)
    ends = {State.RECOGNISED, State.NOT_ELIGIBLE, State.WITHDRAWN}

    assert states == {State.DRAFT, State.LOCAL_REVIEW, State.RETURNED} | ends
    assert {state for state in states if not any(step.target for step in WUHAO.leaving(state))} == ends


def test_no_refusal_of_a_citys_procedure_cites_a_clause_of_the_notice():
    facts = guards.CaseFacts(State.DRAFT, *[datetime(2020, 1, day, tzinfo=UTC) for day in (1, 2, 1, 1)])
    said = [
        refusal.clause
        for step in WUHAO.transitions
        for guard in (*step.guards, *step.demands)
        for refusal in refusals_of(guard, facts, guards.Act())
    ]

    assert said
    assert not [clause for clause in said if clause.startswith(("五", "通知"))]
