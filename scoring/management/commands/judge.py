"""Judge one JSON request from a file or from standard input."""

import io
import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from scoring.judging import LONGEST, JudgeError, judge


class Command(BaseCommand):
    """Prints the answer as JSON and ends with 0; bad input ends with 2 and one line on standard error."""

    help = "按标准评判一份JSON：marks得出结论，facts得出系统建议分；FILE为-时读标准输入"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="JSON文件，或 - 表示标准输入")

    def handle(self, *, file: str, **options: Any) -> None:
        _speak_utf8()
        try:
            answer = judge(_read(file), settings.BASE_DIR / "fixtures" / "programmes")
        except JudgeError as error:
            self.stderr.write(str(error))
            sys.exit(2)
        self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2))


def _speak_utf8() -> None:
    """JSON and messages are UTF-8 whatever the terminal's locale says."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _read(file: str) -> bytes:
    """No more than what can be judged, and one byte to tell that there was more."""
    try:
        if file == "-":
            return sys.stdin.buffer.read(LONGEST + 1)
        with Path(file).open("rb") as stream:
            return stream.read(LONGEST + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise JudgeError(f"读不到文件“{file}”：{reason}") from None
