"""Find a planted pair of copied texts among 1,500 invented cases, and say how long it took and what else was told.

    .venv/bin/python -m tests.benchmarks.copied_texts [--cases 1500] [--seed 7] [--job]

Each case has deeds of about 2,500 characters and words at 89 rows: sentences of its own, sentences that all copy from
the notice, and sentences out of a pool that some share. One case copies another's deeds with other figures, other
commas and every fifth sentence anew. A third of the cases is measured first: the time grows with the cases and not with
the pairs. With ``--job`` the cases are written as rows, with every figure of the form, and the whole job is measured:
what it reads, compares and writes. Ends with 1 when the pair is not found, or when more than one pair in a thousand
cases is told beside it.
"""

import argparse
import sys
import time
from random import Random

from django.core.management import call_command

from declarations.actions import cross
from declarations.copying import beside, pairs_among, prints_of
from declarations.models import Answer
from declarations.states import State
from scoring.models import Assessment, Layer, Mark
from scoring.queries import programme_of
from tests import worlds
from tests.declarations.texts import copied, deeds, own_sentence
from tests.factories import make_federation
from tests.rows import declare

ROWS = 89
POOL = 3000


def invented(cases: int, seed: int) -> tuple[list[list[str]], tuple[int, int]]:
    """Return the texts of each case, and which case copied which."""
    rng = Random(seed)
    pool = tuple(own_sentence(rng) for _ in range(POOL))
    texts = []
    for _ in range(cases):
        words = [own_sentence(rng) + rng.choice(pool) if rng.randrange(3) else rng.choice(pool) for _ in range(ROWS)]
        texts.append([deeds(rng, 80, pool), *words])
    first, second = sorted(rng.sample(range(cases), 2))
    texts[second][0] = copied(rng, texts[first][0])
    return texts, (first, second)


def whole_job(texts: list[list[str]]) -> str:
    """Write the cases as rows, compare them twice, and return what it took."""
    call_command("migrate", verbosity=0)
    world = worlds.make_world()
    names = [f"比对商会{number}" for number in range(len(texts))]
    cases = declare(world.cycle, names, home=make_federation(worlds.PROVINCE), state=State.PRELIMINARY_REVIEW)
    programme, rng = programme_of(world.cycle.programme), Random(1)
    numbers = [spec.id for spec in programme.fields if spec.kind in {"int", "decimal"}]
    rows = [item.id for item in programme.rubric.items()]
    facts = {"maximum": 5, "set_by": world.seats["department"], "set_at": worlds.NOW}
    for at in range(0, len(cases), 100):
        page = list(zip(cases[at : at + 100], texts[at : at + 100], strict=True))
        Answer.objects.bulk_create(
            Answer(declaration=case, field=name, value=value, set_at=worlds.NOW)
            for case, told in page
            for name, value in {
                "deeds": told[0],
                "chamber_type": rng.choice(["行业商会", "异地商会", "综合性商会"]),
                "level": rng.choice(["省级", "市级", "县级"]),
                "president_name": f"会长{rng.randrange(9000)}",
                "president_mobile": f"138{rng.randrange(10**8):08d}",
                **{name: str(round(rng.lognormvariate(4, 0.5))) for name in numbers},
            }.items()
        )
        layers = Assessment.objects.bulk_create(
            Assessment(ledger_id=case.ledger_id, layer=Layer.SELF) for case, _ in page
        )
        Mark.objects.bulk_create(
            Mark(assessment=layer, code=code, words=words, **facts)
            for layer, (_, told) in zip(layers, page, strict=True)
            for code, words in zip(rows, told[1:], strict=False)
        )
    said = []
    for turn in ("first", "second"):
        begun = time.process_time()
        found = cross.compare(cycle=world.cycle, now=worlds.NOW)
        said.append(f"the job, {turn} time: {time.process_time() - begun:.1f} s, found {found.found}\n")
    return "".join(said)


def main() -> None:
    """Compare, print what was seen, and fail where the pair is missed."""
    options = argparse.ArgumentParser()
    options.add_argument("--cases", type=int, default=1500)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--job", action="store_true")
    chosen = options.parse_args()
    texts, planted = invented(chosen.cases, chosen.seed)
    say = sys.stdout.write
    signs = sum(len(text) for case in texts for text in case)
    say(f"{chosen.cases:,} cases, {signs / chosen.cases:,.0f} characters each; planted: {planted}\n")
    for part in (chosen.cases // 3, chosen.cases):
        begun = time.process_time()
        prints = [prints_of(case) for case in texts[:part]]
        read = time.process_time()
        found = pairs_among(prints)
        say(f"{part:,} cases: fingerprints {read - begun:.1f} s, pairs {time.process_time() - read:.1f} s\n")
    named = [(one.first, one.second) for one in found.pairs]
    begun = time.process_time()
    for first, second in named:
        shown = beside(*({str(n): text for n, text in enumerate(texts[one])} for one in (first, second)), found.common)
        say(f"  {first}, {second}: {shown.shared} characters, {shown.share:.0%} of the shorter\n")
    say(f"side by side: {time.process_time() - begun:.1f} s\n")
    missed, others = planted not in named, len(named) - (planted in named)
    say(f"planted pair {'MISSED' if missed else 'found'}, {others} other pairs\n")
    if chosen.job:
        say(whole_job(texts))
    sys.exit(1 if missed or others * 1000 > chosen.cases else 0)


if __name__ == "__main__":
    main()
