"""Looks at every invariant and says which do not hold."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from declarations.actions.integrity import check_invariants
from declarations.models import CheckCause, Cycle
from declarations.queries.invariants import INVARIANTS, Scope
from sihao import clock


class Command(BaseCommand):
    """Look at all invariants, of everything or of one cycle."""

    help = "检查数据完整性（31条），逐条列出结果；有不成立的，退出码为1"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the cycle, and whether to leave out what takes long."""
        parser.add_argument("--cycle", help="只检查这个周期（代号）")
        parser.add_argument("--quick", action="store_true", help="不逐个核对文件内容")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each; raise when one does not hold."""
        cycle = Cycle.objects.filter(slug=options["cycle"]).first() if options["cycle"] else None
        if options["cycle"] and cycle is None:
            raise CommandError(f"没有代号为{options['cycle']}的周期。")
        scope = Scope(cycle, deep=not options["quick"])
        check = check_invariants(cause=CheckCause.ORDERED, clock=clock.now, scope=scope)
        for one in check.results:
            self.stdout.write(_line(one))
        if check.failing:
            raise CommandError(f"{check.failing}条不成立。")
        self.stdout.write(f"{len(check.results)}条全部成立。")


def _line(one: dict[str, Any]) -> str:
    """Return what came of one invariant, with its first breaches."""
    head = f"{one['number']:>2} {INVARIANTS[one['number']].sentence}"
    if one["error"]:
        return f"{head}：{one['error']}"
    if not one["count"]:
        return f"{head}：成立"
    told = "".join(f"\n   - {first['kind']}{first['key']}：{first['words']}" for first in one["examples"])
    return f"{head}：不成立，{one['count']}处{told}"
