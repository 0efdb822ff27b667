"""Write fixtures/federations.json anew from the code table that python-stdnum carries (a tool for maintainers)."""

from importlib.metadata import version
from typing import Any

from django.core.management.base import BaseCommand

from sihao.accounts.divisions import federations
from sihao.accounts.federations import FIXTURE, write_federations


class Command(BaseCommand):
    """Generates the roster; review the difference before committing it."""

    help = "由 python-stdnum 的行政区划代码表生成工商联名录（维护工具）"
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file."""
        rows = federations()
        write_federations(
            rows, source=f"GB/T 2260, python-stdnum {version('python-stdnum')} (stdnum/cn/loc.dat)"
        )
        self.stdout.write(f"{FIXTURE.name}：{len(rows)}个工商联")
