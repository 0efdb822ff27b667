"""Starting the probe: a short-lived process of its own, with limits, for parsers that hostile files attack."""

import subprocess
import sys
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import BinaryIO

from sihao.documents.intake.blocks import BLOCK
from sihao.documents.intake.refusal import Reason, UnacceptableFile

PROBE = Path(__file__).with_name("probe.py")
PATIENCE = 60


def run(task: str, file: BinaryIO) -> bytes | None:
    """Return what the probe answers about ``file``, or None when it gave up or reached a limit of its own.

    Raises ``UnacceptableFile`` when the machine is too busy to answer in time: that is not the fault of the file.
    """
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
        raise UnacceptableFile(Reason.BUSY, "服务器正忙，没能及时检查完", "请过几分钟再上传") from None
    return done.stdout if done.returncode == 0 else None
