"""Find a planted pair of copied texts among 1,500 invented cases, and say how long it took and what else was told.

    .venv/bin/python -m tests.benchmarks.copied_texts [--cases 1500] [--seed 7] [--job] [--evidence]

Each case has deeds of about 2,500 characters and words at 89 rows: sentences of its own, sentences that all copy from
the notice, and sentences out of a pool that some share. One case copies another's deeds with other figures, other
commas and every fifth sentence anew. A third of the cases is measured first: the time grows with the cases and not with
the pairs. With ``--job`` the cases are written as rows, with every figure of the form, and the whole job is measured:
what it reads, compares and writes. Ends with 1 when the pair is not found, or when more than one pair in a thousand
cases is told beside it.

With ``--evidence`` each case brings two documents of about 1,500 characters and a photograph: one document is copied
from another chamber's as above, one photograph is saved again at half its size. Some files are read in the probe to say
what that takes; of the others what was read is invented, written and compared as the job does. A third is measured
first. Ends with 1 when one of the planted pairs is missed, or when more than one in a thousand files is told beside.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from random import Random

from django.core.management import call_command
from PIL import Image

from declarations.actions import cross, reading
from declarations.copying import beside, pairs_among, prints_of
from declarations.models import Answer, Attachment, Declaration, FileContent, FileLikeness
from declarations.states import State
from scoring.models import Assessment, Layer, Mark
from scoring.queries import programme_of
from sihao.documents.content import Content, Levels, content_of
from sihao.documents.docx import write
from sihao.documents.paper import Paper, Paragraph
from tests import worlds
from tests.declarations.pictures import saved, scene
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


SAMPLE = 25
DOCUMENTS = 2


def look(rng: Random) -> Levels:
    """Return what a photograph looks like: lighter and darker fields that run into each other, as they do."""
    rough = Image.frombytes("L", (5, 4), rng.randbytes(20))
    small = rough.resize((9, 9), Image.Resampling.BICUBIC).tobytes()
    return tuple(tuple(small[at : at + 9]) for at in range(0, 81, 9))


def brought(cases: int, seed: int) -> tuple[list[list[Content]], tuple[int, int]]:
    """Return what the files of each case hold, and which case copied a document and a photograph of which."""
    rng = Random(seed)
    first, second = sorted(rng.sample(range(cases), 2))
    held = [
        [*(Content(text=deeds(rng, 48)) for _ in range(DOCUMENTS)), Content(levels=look(rng))] for _ in range(cases)
    ]
    held[second][0] = Content(text=copied(rng, held[first][0].text))
    for case, file in ((first, saved(scene(1))), (second, saved(scene(1).resize((400, 300)), quality=60))):
        held[case][DOCUMENTS] = content_of(BytesIO(file), "jpeg")
    return held, (first, second)


def read_some(held: list[list[Content]]) -> str:
    """Read some documents and photographs in the probe, and return what one takes."""
    files = [(write(Paper("材料", (Paragraph(one[0].text),))), "docx") for one in held[:SAMPLE]]
    files += [(saved(scene(number, (1600, 1200))), "jpeg") for number in range(SAMPLE)]
    told = []
    for kind in ("docx", "jpeg"):
        begun = time.monotonic()
        for data, what in files:
            if what == kind:
                content_of(BytesIO(data), what)
        told.append(f"{kind} {(time.monotonic() - begun) / SAMPLE * 1000:.0f} ms")
    return f"reading a file in the probe: {', '.join(told)}\n"


def evidence(cases: int, seed: int) -> tuple[str, bool]:
    """Write and compare the evidence of many cases; return what was seen, and whether it is as it ought to be."""
    call_command("migrate", verbosity=0)
    world, (held, planted) = worlds.make_world(), brought(cases, seed)
    names = [f"材料商会{number}" for number in range(cases)]
    rows = declare(world.cycle, names, home=make_federation(worlds.PROVINCE), state=State.PRELIMINARY_REVIEW)
    facts = {"size": 1, "added_by": world.seats["department"], "added_at": worlds.NOW, "stored": "-", "kind": "-"}
    said, digests = [read_some(held)], {}
    for part in (range(cases // 3), range(cases // 3, cases)):
        files = [(row, f"{row}:{place}", one) for row in part for place, one in enumerate(held[row])]
        digests |= {sha256(name.encode()).hexdigest(): row for row, name, _ in files}
        Attachment.objects.bulk_create(_pieces(files, rows, facts), batch_size=500)
        begun = time.process_time()
        for _, name, one in files:
            reading.keep_content(digest=sha256(name.encode()).hexdigest(), found=one, now=worlds.NOW)
        written = time.process_time()
        while reading.read_evidence(now=worlds.NOW):
            pass
        compared = time.process_time() - written
        there = FileContent.objects.count() - len(files)
        said.append(
            f"{len(files):,} files beside {there:,}: written {written - begun:.1f} s, compared {compared:.1f} s"
            f" ({compared / len(files) * 1000:.1f} ms each)\n"
        )
    begun = time.process_time()
    found = cross.compare(cycle=world.cycle, now=worlds.NOW).found
    said.append(f"comparing the cases: {time.process_time() - begun:.1f} s, found {found}\n")
    pairs = FileLikeness.objects.values_list("first__digest", "second__digest", "share", "bits")
    met = [((digests[one], digests[other]), bits is None) for one, other, _, bits in pairs]
    wanted = {(planted, True), (planted, False)}
    others = len(met) - len(wanted & set(met))
    said += [f"  {digests[one]}, {digests[other]}: {share:.0%}, bits {bits}\n" for one, other, share, bits in pairs]
    missed = not wanted <= set(met)
    said.append(f"planted document and photograph {'MISSED' if missed else 'found'}, {others} other pairs\n")
    return "".join(said), not missed and others * 1000 <= len(digests)


def _pieces(
    files: list[tuple[int, str, Content]], rows: list[Declaration], facts: dict[str, object]
) -> Iterator[Attachment]:
    for row, name, _ in files:
        digest = sha256(name.encode()).hexdigest()
        yield Attachment(declaration=rows[row], row="A1.1", name=name, digest=digest, **facts)


def main() -> None:
    """Compare, print what was seen, and fail where the pair is missed."""
    options = argparse.ArgumentParser()
    options.add_argument("--cases", type=int, default=1500)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--job", action="store_true")
    options.add_argument("--evidence", action="store_true")
    chosen = options.parse_args()
    if chosen.evidence:
        said, right = evidence(chosen.cases, chosen.seed)
        sys.stdout.write(said)
        sys.exit(0 if right else 1)
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
