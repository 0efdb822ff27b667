"""What papers cost: ours beside a bare WeasyPrint run on the same HTML, and 附件3 with many rows as .xlsx.

    .venv/bin/python -m tests.benchmarks.papers [--rounds 7] [--rows 1500 6000 25000 50000]

First part: the paper is laid out from its definition (templates, code, styles) and printed, and in the same run, turn
by turn, bare WeasyPrint prints the HTML that came of it with the same styles; CPU, the least of each, as a busy machine
only ever adds.
Second part: the national summary as its job writes it, from rows in a database; each size in a process of its own, CPU
and the memory it took beyond what it began with. Ends with 1 where the overhead is 15 % or more, where a row of the
largest sheet costs 1.5 times one of the smallest, or its memory is 1.5 times as much and 20 MB more.
"""

import argparse
import os
import resource
import sys
import time
from decimal import Decimal
from pathlib import Path

import weasyprint
from django.core.management import call_command
from django.db import connection, connections

from declarations.exports.summary_list import summary_of_cycle
from declarations.models import Answer, Cycle, Declaration
from declarations.queries.summary import columns_of
from declarations.states import State
from scoring.queries import programme_of
from sihao.accounts.models import Seat
from sihao.accounts.roles import Role
from sihao.documents.paper import Closing, Heading, KeyValues, Listing, Paper, Paragraph, Standing
from sihao.documents.table import Column, Table
from sihao.documents.xlsx import write
from sihao.ui.press import laid_out
from tests import worlds
from tests.factories import make_federation, make_seat
from tests.rows import declare

MOST_OVERHEAD, MOST_GROWTH, MOST_MEGABYTES = 0.15, 1.5, 20
STANDING = Standing("SH2020-000001　申报表", "第2版", "ab12" * 16, "ABCD-EFGH-JKMN", "https://example.org/papers/X/")


def samples() -> dict[str, Paper]:
    """Return a letter, a form and a wide table of 100 rows."""
    text = "根据通知要求，逐级审核推荐，现将有关情况报告如下。" * 6
    middle = [Column(f"第{n}栏", width=12) for n in range(12)]
    columns = [Column("序号", "int", width=6), *middle, Column("得分", "decimal")]
    rows = [(n, *(f"第{n}行第{at}格" for at in range(12)), Decimal(n) / 2) for n in range(100)]
    pairs = tuple((f"第{n}项名称", f"第{n}项内容") for n in range(120))
    return {
        "letter": Paper("关于情况的报告", (*(Paragraph(text) for _ in range(12)), Closing("工商联", "2020年10月9日"))),
        "form": Paper("申报表", (Heading("一、基本情况"), KeyValues(pairs)), annex="附件4", standing=STANDING),
        "table": Paper("汇总表", (Listing(Table("表", columns, rows), size=7.5),), landscape=True, standing=STANDING),
    }


def overhead(rounds: int) -> dict[str, tuple[float, float]]:
    """Return of each paper the seconds of bare WeasyPrint and by how much ours took longer."""
    found = {}
    for name, paper in samples().items():
        printed = laid_out(paper)

        def bare(printed=printed) -> None:
            styles = [weasyprint.CSS(string=style) for style in printed.styles]
            weasyprint.HTML(string=printed.html).write_pdf(stylesheets=styles, pdf_tags=True)

        def ours(paper=paper) -> None:
            laid_out(paper).pdf()

        bare(), ours()
        turns = [(spent(bare), spent(ours)) for _ in range(rounds)]
        least = [min(taken) for taken in zip(*turns, strict=True)]
        found[name] = (least[0], least[1] / least[0] - 1)
    return found


def spent(act) -> float:
    begun = time.process_time()
    act()
    return time.process_time() - begun


def grow(cycle: Cycle, rows: int) -> None:
    """Let there be so many cases that were sent up, each with an answer for every column."""
    home, there = make_federation(worlds.PROVINCE), Declaration.objects.count()
    fields = [field for _, field in columns_of(programme_of(cycle.programme)) if field]
    for start in range(there, rows, 1000):
        names = [f"示例商会{number}" for number in range(start, min(start + 1000, rows))]
        cases = declare(cycle, names, home=home, state=State.RECOMMENDED)
        answers = (
            Answer(declaration=case, field=field, value=f"{case.pk}号", set_at=worlds.NOW)
            for case in cases
            for field in fields
        )
        Answer.objects.bulk_create(answers, batch_size=5000)


def sheet(cycle: Cycle, seat: Seat) -> tuple[float, float, int]:
    """Write the summary in a process of its own; return CPU seconds, megabytes it took and the bytes of the file."""
    target = Path(os.environ["SIHAO_DATA"]) / "summary.xlsx"
    connections.close_all()
    reading, telling = os.pipe()
    child = os.fork()
    if not child:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        begun = time.process_time()
        with target.open("wb") as file:
            write(summary_of_cycle(cycle, seat), file)
        taken = time.process_time() - begun
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        os.write(telling, f"{taken} {grown}".encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(telling)
    taken, grown = map(float, os.read(reading, 100).decode().split())
    os.close(reading)
    return taken, grown, target.stat().st_size


def main() -> None:
    """Measure both, print what was seen, and fail where a bound is passed."""
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--rows", type=int, nargs="+", default=[1500, 6000, 25000, 50000])
    chosen = options.parse_args()
    say = sys.stdout.write
    worse = 0
    for name, (bare, more) in overhead(chosen.rounds).items():
        worse += more >= MOST_OVERHEAD
        say(f"{name}: bare WeasyPrint {bare:.2f} s, ours {more:+.1%}\n")
    call_command("migrate", verbosity=0)
    cycle = worlds.make_cycle()
    seat = make_seat(Role.DEPARTMENT_HEAD, make_federation(worlds.NATION))
    sizes = {}
    for rows in chosen.rows:
        grow(cycle, rows)
        taken, grown, size = sheet(cycle, seat)
        sizes[rows] = (taken / rows, grown)
        each = f"{taken / rows * 1000:.2f} ms a row"
        say(f"{connection.vendor}, {rows:,} rows: {taken:.1f} s, {each}, {grown:.0f} MB more, {size:,} bytes\n")
        sys.stdout.flush()
    few, many = sizes[min(sizes)], sizes[max(sizes)]
    worse += many[0] > MOST_GROWTH * few[0]
    worse += many[1] > max(MOST_GROWTH * few[1], few[1] + MOST_MEGABYTES)
    sys.exit(1 if worse else 0)


if __name__ == "__main__":
    main()
