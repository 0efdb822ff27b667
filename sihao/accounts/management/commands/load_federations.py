"""Load the roster of federations; can be run again at any time."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from sihao import clock
from sihao.accounts.actions import load_federations
from sihao.accounts.federations import FIXTURE, read_federations


class Command(BaseCommand):
    """Inserts what is new and refreshes what changed; keys and chambers stay."""

    help = "载入工商联名录（可重复执行）"

    def add_arguments(self, parser: CommandParser) -> None:
        """Let another file be named."""
        parser.add_argument(
            "file", nargs="?", type=Path, default=FIXTURE, help="名录文件，默认为 fixtures/federations.json"
        )

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """Load the file and say how many."""
        count = load_federations(federations=read_federations(file), now=clock.now())
        self.stdout.write(f"已载入{count}个工商联")
