"""Two hundred recommendations on 47 places at once, twenty rounds; then with withdrawals; then without the locks.

    .venv/bin/python -m tests.postgres .venv/bin/python -m tests.benchmarks.quota_rush
    .venv/bin/python -m tests.benchmarks.quota_rush --cases 20 --places 5          # SQLite

Makes a database of its own and drops it. Prints a line for each round; ends with status 1 when a round found a fault,
or when the control, the same rounds without the locks, found none.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable

import django
from django.db import connection
from django.test.utils import setup_databases, setup_test_environment, teardown_databases


def timed(name: str, rounds: int, race: Callable[[], list[str]], *, control: bool = False) -> bool:
    """Run so many rounds, print each, and return whether all were as they must be."""
    good = True
    for number in range(1, rounds + 1):
        begun = time.monotonic()
        faults = race()
        good &= bool(faults) if control else not faults
        words = f"{len(faults)} faults, as without locks there must be" if control else "; ".join(faults) or "exact"
        sys.stdout.write(f"{name} {number}: {words} ({time.monotonic() - begun:.1f} s)\n")
        sys.stdout.flush()
    return good


def main() -> int:
    """Run all rounds and return the status."""
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=20)
    options.add_argument("--cases", type=int, default=200)
    options.add_argument("--places", type=int, default=47)
    options.add_argument("--skip-plain", action="store_true", help="only the rounds with withdrawals and the controls")
    chosen = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sihao.settings.test")
    django.setup()
    from tests import rush, worlds

    setup_test_environment()
    made = setup_databases(verbosity=0, interactive=False, serialized_aliases=[])
    try:
        begun = time.monotonic()
        place = rush.ground(worlds.make_world(), chosen.cases)
        taken = time.monotonic() - begun
        sys.stdout.write(f"{connection.vendor}: {chosen.cases} cases, {chosen.places} places ({taken:.1f} s)\n")
        listed, leaving = chosen.places * 4 // 5, chosen.places * 2 // 5
        crowd = rush.Crowd(chosen.cases, chosen.places, listed, leaving)
        plain = 0 if chosen.skip_plain else chosen.rounds
        good = timed("round", plain, lambda: rush.rush(place, crowd))
        good &= timed("round with withdrawals", chosen.rounds, lambda: rush.rush_with_withdrawals(place, crowd))
        with rush.locks_off():
            good &= timed("control", 1, lambda: rush.rush(place, crowd), control=True)
            good &= timed(
                "control with withdrawals", 1, lambda: rush.rush_with_withdrawals(place, crowd), control=True
            )
    finally:
        teardown_databases(made, verbosity=0)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
