"""Whether an assignment keeps every constraint: asked before it is kept, and knowing nothing of the solver."""

from collections import Counter
from collections.abc import Iterable, Iterator

from declarations.assignment import Assignment, Pair, Task

Faults = Iterator[str]


def faults(task: Task, found: Assignment) -> list[str]:
    """Return every breach of a constraint, in words; none when the assignment is good."""
    return [
        *_pairs(task, found.pairs),
        *_readers_a_case(task, found.pairs),
        *_loads(task, found),
        *_level(task, found, task.spread),
    ]


def _pairs(task: Task, pairs: Iterable[Pair]) -> Faults:
    cases, readers = {case.key for case in task.cases}, {reader.key for reader in task.readers}
    seen = Counter((pair.case, pair.reader) for pair in pairs)
    for (case, reader), times in sorted(seen.items()):
        if case not in cases or reader not in readers:
            yield f"case {case}, reader {reader}: not of this task"
        if times > 1:
            yield f"case {case}, reader {reader}: {times} times"
        if (bar := task.bars.get((case, reader))) is not None:
            yield f"case {case}, reader {reader}: barred by {bar.value}"


def _readers_a_case(task: Task, pairs: Iterable[Pair]) -> Faults:
    given = Counter(pair.case for pair in pairs)
    for case in task.cases:
        if given[case.key] != max(0, case.wants):
            yield f"case {case.key}: {given[case.key]} readers, wants {case.wants}"


def _loads(task: Task, found: Assignment) -> Faults:
    given = Counter(pair.reader for pair in found.pairs)
    for reader in task.readers:
        load = reader.load + given[reader.key]
        if found.loads.get(reader.key) != load:
            yield f"reader {reader.key}: told to have {found.loads.get(reader.key)}, has {load}"
        if given[reader.key] and reader.most is not None and load > reader.most:
            yield f"reader {reader.key}: {load}, at most {reader.most}"


def _level(task: Task, found: Assignment, spread: int) -> Faults:
    """Whoever could take more has at most ``spread`` fewer than anybody who was given something now."""
    given = Counter(pair.reader for pair in found.pairs)
    loads = {reader.key: reader.load + given[reader.key] for reader in task.readers}
    highest = max((loads[key] for key in given if key in loads), default=0)
    for reader in task.readers:
        could = reader.most is None or loads[reader.key] < reader.most
        if could and highest - loads[reader.key] > spread:
            yield f"reader {reader.key}: {loads[reader.key]}, another has {highest}"
