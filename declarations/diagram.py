"""The state diagram of a workflow, drawn from its table for the README."""

from declarations.states import State
from declarations.workflow import Workflow


def mermaid(workflow: Workflow) -> str:
    """Return the states and steps as a Mermaid state diagram, in the order of the table."""
    lines = ["stateDiagram-v2", "    [*] --> draft: T01 开始申报"]
    for step in workflow.transitions:
        sources = sorted(step.sources, key=list(State).index) if step.target else ()
        lines += [f"    {source.value} --> {step.target}: {step.code} {step.label}" for source in sources]
    return "\n".join(lines)
