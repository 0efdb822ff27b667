"""Starting the probe: a short-lived process of its own, with limits, for parsers that hostile files attack."""

import subprocess
import sys
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import BinaryIO

from sihao.documents.intake.blocks import BLOCK

PROBE = Path(__file__).with_name("probe.py")
PATIENCE = 20


def run(task: str, file: BinaryIO) -> bytes | None:
    """Return what the probe answers about ``file``, or None when it gave up, was stopped or took too long."""
    with TemporaryFile() as copy:
        file.seek(0)
        copyfileobj(file, copy, BLOCK)
        copy.seek(0)
        return _answer(task, copy)


def _answer(task: str, file: BinaryIO) -> bytes | None:
    command = [sys.executable, "-I", str(PROBE), task]
    try:
        done = subprocess.run(  # noqa: S603 our own program, a fixed word and no shell
            command, stdin=file, capture_output=True, env={}, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return None
    return done.stdout if done.returncode == 0 else None
