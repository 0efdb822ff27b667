"""Publishes the programme files of the fixtures; a file that has not changed changes nothing."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from scoring.actions import publish_programme
from scoring.engine import ProgrammeError
from sihao import clock


class Command(BaseCommand):
    """Load ``fixtures/programmes/*.toml``."""

    help = "发布 fixtures/programmes 中的认定标准（未改动的文件不会重复发布）"

    def handle(self, *args: Any, **options: Any) -> None:
        """Publish each file; a file that does not hold together stops the command and is named."""
        for path in sorted((settings.BASE_DIR / "fixtures" / "programmes").glob("*.toml")):
            try:
                version = publish_programme(text=path.read_text(encoding="utf-8"), actor=None, now=clock.now())
            except ProgrammeError as error:
                raise CommandError(f"{path.name}：{error}") from None
            self.stdout.write(f"{version.title}（{version.digest[:12]}）")
