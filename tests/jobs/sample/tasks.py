"""The work: write a file, slowly enough to be seen running where asked; and put such work to the queue."""

import time
from pathlib import Path

from sihao import clock
from sihao.jobs.actions import enqueue
from sihao.jobs.registry import work


@work("sample", label="示例任务", permitted=lambda user, arguments: True)
def write_lines(job, report) -> Path:
    """Write as many lines as asked, a report after each."""
    path = report.folder / "示例.txt"
    total = job.arguments["lines"]
    with path.open("w", encoding="utf-8") as file:
        for n in range(1, total + 1):
            file.write(f"第{n}行\n")
            report(n, total)
            time.sleep(job.arguments["pause"])
    return path


@work("chain", label="示例任务之前", permitted=lambda user, arguments: True)
def enqueue_lines(job, report) -> None:
    """Enqueue the sample work from inside the serving process, as a page does."""
    enqueue("sample", owner=None, at=clock.now(), key="chained", **job.arguments)
