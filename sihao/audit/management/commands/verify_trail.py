"""Follows the chain of the trail and names the first entry that is broken."""

import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sihao import clock
from sihao.audit.actions import seal
from sihao.audit.canonical import HashMissing
from sihao.audit.queries import Head, verify

LINE = re.compile(r"(?P<day>\d{4}-\d\d-\d\d) (?P<sequence>\d+) (?P<hash>\w+) (?P<seal>[0-9a-f]{64})")


class Command(BaseCommand):
    """Seal what is not sealed yet, then verify everything."""

    help = "核对办理留痕：先封存尚未封存的条目，再自第一条起逐条核对；发现问题时指出第一条，退出码为1"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a file of seals that was kept elsewhere."""
        parser.add_argument("--heads", type=Path, help="另行保存的每日封存值（公开页下载的.txt），一并核对")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say that everything holds, or raise."""
        heads = _heads_in(options["heads"]) if options["heads"] else ()
        try:
            sealed = seal(now=clock.now(), thorough=True)
            found = verify(heads=heads)
        except HashMissing as missing:
            raise CommandError(str(missing)) from missing
        if found.broken is not None:
            raise CommandError(f"办理留痕有改动。{found.broken.sentence}此前{found.number}条相符。")
        self.stdout.write(f"办理留痕相符：共{found.number}条，本次封存{sealed}条。末条封存值：{found.seal}")


def _heads_in(path: Path) -> list[Head]:
    """Return the seals of a file; lines that begin with # are words for people."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"不能读取{path}。") from error
    read = [(line, LINE.fullmatch(line.strip())) for line in lines if line.strip() and not line.startswith("#")]
    if strange := next((line for line, found in read if found is None), ""):
        raise CommandError(f"{path.name}中这一行不是封存值：{strange}")
    return [Head(found["day"], int(found["sequence"]), found["seal"]) for _, found in read if found]
