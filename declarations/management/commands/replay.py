"""Rebuilds the published list of a cycle from rules, ledger and assignments, and says whether it is the same."""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from declarations.models import Cycle
from declarations.queries.replay import document_of, replay
from sihao import clock


class Command(BaseCommand):
    """Rebuild a published list and compare it, byte for byte."""

    help = "由标准、评分台账、专家分派重建公布的名单，逐字节比对；不同时指出第一行，退出码为1"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the cycle, the instant, and where to write the rebuilt list."""
        parser.add_argument("--cycle", required=True, help="周期代号")
        parser.add_argument("--at", help="截至这一时刻，例如 2021-02-01T09:00（北京时间）；不写为现在")
        parser.add_argument("--out", type=Path, help="把重建的名单写到这个文件")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say 一致 with the digest, or raise."""
        cycle = Cycle.objects.filter(slug=options["cycle"]).defer("notice_text").first()
        if cycle is None:
            raise CommandError(f"没有代号为{options['cycle']}的周期。")
        found = replay(cycle, _instant(options["at"]) if options["at"] else clock.now())
        if found is None:
            raise CommandError(f"{cycle.name}截至这一时刻没有公布过名单。")
        if options["out"]:
            options["out"].write_bytes(document_of(found.rebuilt))
        if not found.identical:
            raise CommandError(f"不一致（different）。{found.fault}。重建名单的摘要值：{found.digest}")
        self.stdout.write(f"一致（identical）：{len(found.rebuilt)}行，摘要值 {found.digest}")


def _instant(typed: str) -> datetime:
    """Return an instant as typed; without a zone it is Beijing's."""
    try:
        found = parse_datetime(typed)
    except ValueError:
        found = None
    if found is None:
        raise CommandError(f"“{typed}”不是时刻，请写成 2021-02-01T09:00。")
    return timezone.make_aware(found) if timezone.is_naive(found) else found
