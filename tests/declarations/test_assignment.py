"""Who reads what: every constraint kept over random pools, the same seed the same result, a shortage named."""

from dataclasses import replace
from itertools import product
from random import Random

import pytest

from declarations.assignment import Assignment, Bar, Pair, Reader, Shortage, Task, Wanting, assign, level_of
from declarations.assignment_check import faults

KINDS = ("行", "异", "园")


def task(wants=(1,), readers=2, *, bars=None, most=None, load=None, seed="s", spread=1, kinds=None) -> Task:
    cases = [Wanting(key, f"{key:04}", wanted, (kinds or {}).get(key, "")) for key, wanted in enumerate(wants, start=1)]
    pool = [
        Reader(key, frozenset((kinds or {}).get(key, "")), (load or {}).get(key, 0), (most or {}).get(key))
        for key in range(11, 11 + readers)
    ]
    return Task(tuple(cases), tuple(pool), bars or {}, seed, spread)


def random_task(seed: int) -> Task:
    rng = Random(seed)
    cases = [Wanting(key, f"{key:04}", rng.randint(1, 3), rng.choice(KINDS)) for key in range(1, rng.randint(2, 14))]
    pool = [
        Reader(
            key,
            frozenset(rng.sample(KINDS, rng.randint(0, 3))),
            rng.choice((0, 0, 0, 1, 2)),
            rng.choice((None, None, 3, 6, 9)),
        )
        for key in range(101, 101 + rng.randint(3, 10))
    ]
    bars = {
        (case.key, reader.key): rng.choice(list(Bar)) for case, reader in product(cases, pool) if rng.random() < 0.2
    }
    return Task(tuple(cases), tuple(pool), bars, str(seed), rng.randint(1, 2))


def test_a_hundred_random_pools_break_no_constraint_and_no_shortage_is_invented():
    found = [(one, assign(one)) for one in map(random_task, range(100))]
    plans = [(one, plan) for one, plan in found if isinstance(plan, Assignment)]

    assert [wrong for one, plan in plans if (wrong := faults(one, plan))] == []
    assert 40 < len(plans) < 100
    for one, short in found:
        if isinstance(short, Shortage) and not short.lacking:
            wider = replace(one, spread=short.least_spread)
            assert isinstance(assign(wider), Assignment)
            assert isinstance(assign(replace(one, spread=short.least_spread - 1)), Shortage)


def test_the_same_inputs_in_any_order_give_the_same_result_and_another_seed_another():
    one = random_task(7)
    turned = replace(one, cases=one.cases[::-1], readers=one.readers[::-1])
    free = task(wants=[1] * 12, readers=4)

    assert assign(one) == assign(turned)
    assert len({assign(replace(free, seed=str(seed))).pairs for seed in range(5)}) > 1


def test_matching_is_as_good_as_the_level_loads_allow():
    kinds = {1: "行", 2: "行", 3: "异", 4: "异", 11: "行", 12: "异"}

    found = assign(task(wants=[1] * 4, kinds=kinds))

    assert found.matched == 4
    assert assign(task(wants=[1] * 4, kinds={**kinds, 3: "行", 4: "行"})).matched == 2  # two and two, all the same


def test_a_case_without_a_kind_is_neither_matched_nor_not():
    assert [pair.matched for pair in assign(task()).pairs] == [None]


def test_what_a_reader_has_already_counts():
    found = assign(task(wants=[1, 1, 1], load={11: 2}))

    assert sorted(found.loads.values()) == [2, 3]
    assert level_of(task(wants=[1, 1, 1], load={11: 2})) == 2


@pytest.mark.parametrize(("most", "short"), [(2, False), (1, True)])
def test_nobody_gets_more_than_the_maximum(most, short):
    found = assign(task(wants=[1, 1, 1, 1], most={11: most, 12: 2}))

    assert isinstance(found, Shortage) is short
    if short:
        assert (found.missing, found.room, found.lacking[0].by_maximum) == (1, 3, True)


def test_a_full_reader_makes_no_loads_uneven():
    found = assign(task(wants=[1] * 9, readers=3, most={11: 1}))

    assert sorted(found.loads.values()) == [1, 4, 4]


def test_a_shortage_names_case_number_and_constraint():
    bars = {(1, 11): Bar.PROVINCE, (1, 12): Bar.TIE}

    found = assign(task(wants=[2, 2], readers=3, bars=bars))

    assert [(lack.case, lack.missing, lack.free, dict(lack.barred)) for lack in found.lacking] == [
        (1, 1, 1, {Bar.PROVINCE: 1, Bar.TIE: 1})
    ]
    assert (found.wanted, found.lacking[0].by_maximum) == (4, False)


def test_where_loads_must_differ_by_more_the_least_is_told():
    bars = {(case, 12): Bar.PROVINCE for case in range(1, 6)}

    found = assign(task(wants=[1] * 6, bars=bars))

    assert (found.lacking, found.least_spread, found.narrow) == ((), 4, {12: 1})
    assert sorted(assign(task(wants=[1] * 6, bars=bars, spread=4)).loads.values()) == [1, 5]


def test_no_readers_and_nothing_wanted():
    assert assign(task(wants=[1], readers=0)).missing == 1
    assert assign(task(wants=[])).pairs == ()


PLANTED = {
    "barred": lambda plan, one: (plan, replace(one, bars={(plan.pairs[0].case, plan.pairs[0].reader): Bar.TIE})),
    "twice": lambda plan, one: (replace(plan, pairs=(*plan.pairs, plan.pairs[0])), one),
    "missing": lambda plan, one: (replace(plan, pairs=plan.pairs[1:]), one),
    "stranger": lambda plan, one: (replace(plan, pairs=(*plan.pairs[1:], Pair(1, 99, None))), one),
    "too many": lambda plan, one: (
        plan, replace(one, readers=tuple(replace(reader, most=1) for reader in one.readers))
    ),
    "uneven": lambda plan, one: (plan, replace(one, readers=(*one.readers, Reader(99)))),
}


@pytest.mark.parametrize("breach", PLANTED)
def test_the_checker_sees_a_planted_breach(breach):
    one = task(wants=[2, 2, 2], readers=3)
    plan = assign(one)
    assert faults(one, plan) == []

    assert faults(*reversed(PLANTED[breach](plan, one))) != []
