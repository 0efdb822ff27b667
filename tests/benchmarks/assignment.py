"""1,500 cases × 3 readers × 60 experts: how long the assignment takes, and whether it keeps every constraint.

    .venv/bin/python -m tests.benchmarks.assignment [--cases 1500] [--readers 3] [--experts 60] [--rounds 3]
"""

import argparse
import sys
import time
from random import Random

from declarations.assignment import Assignment, Bar, Reader, Shortage, Task, Wanting, assign, solver_version
from declarations.assignment_check import faults

KINDS = tuple("行异乡园市楼综其")
PROVINCES = 33


def made(cases: int, readers: int, experts: int, seed: int) -> Task:
    """Return an invented task: cases and experts spread over the provinces, a tie here and there."""
    rng = Random(seed)
    wanting = [Wanting(key, f"{key:06}", readers, rng.choice(KINDS)) for key in range(1, cases + 1)]
    pool = [Reader(key, frozenset(rng.sample(KINDS, 3))) for key in range(1, experts + 1)]
    lives = {reader.key: rng.randrange(PROVINCES) for reader in pool}
    bars = {
        (case.key, reader.key): Bar.PROVINCE
        for case in wanting
        for home in (rng.randrange(PROVINCES),)
        for reader in pool
        if lives[reader.key] == home
    }
    for _ in range(cases // 5):
        bars[rng.choice(wanting).key, rng.choice(pool).key] = Bar.TIE
    return Task(tuple(wanting), tuple(pool), bars, f"示例{seed}")


def main() -> int:
    """Measure, check and print; status 1 when a constraint is broken or the same seed gives something else."""
    options = argparse.ArgumentParser()
    for name, default in (("cases", 1500), ("readers", 3), ("experts", 60), ("rounds", 3)):
        options.add_argument(f"--{name}", type=int, default=default)
    chosen = options.parse_args()
    good = True
    sys.stdout.write(f"{solver_version()}, {chosen.cases} cases x {chosen.readers}, {chosen.experts} experts\n")
    for seed in range(chosen.rounds):
        task = made(chosen.cases, chosen.readers, chosen.experts, seed)
        begun = time.process_time()
        found = assign(task)
        taken = time.process_time() - begun
        if isinstance(found, Shortage):
            sys.stdout.write(f"{seed}: short of {found.missing}, least spread {found.least_spread} ({taken:.1f} s)\n")
            continue
        good &= told(seed, task, found, taken)
    return 0 if good else 1


def told(seed: int, task: Task, found: Assignment, taken: float) -> bool:
    """Print one round and return whether it is as it must be."""
    wrong, again = faults(task, found), assign(task) == found
    loads = sorted(found.loads.values())
    share = 100 * found.matched / len(found.pairs)
    sys.stdout.write(
        f"{seed}: {taken:.1f} s, {len(found.pairs)} sheets, loads {loads[0]} to {loads[-1]}, {share:.1f} % matched, "
        f"{len(wrong)} faults, {'the same again' if again else 'ANOTHER RESULT'}\n"
    )
    return not wrong and again


if __name__ == "__main__":
    sys.exit(main())
