"""Asking the probe: each file is judged in a short-lived process of its own, for parsers that hostile files attack.

Starting Python and loading a parser costs a fifth of a second, forking a process that has done both a hundredth. So one
nursery (``probe.py``) stands ready for each process of the house and forks a child, with limits, for each file.
It never looks at a file itself, and it ends when its parent does.
"""

import atexit
import os
import select
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from time import monotonic
from typing import BinaryIO

from sihao.documents.intake.blocks import BLOCK
from sihao.documents.intake.refusal import Reason, UnacceptableFile

PROBE = Path(__file__).with_name("probe.py")
PATIENCE = 60
MOMENT = 0.1
LENGTH = 8  # bytes that say how long the answer is; a child that crashes leaves it short


@dataclass(frozen=True)
class _Nursery:
    """A process that forks children, and the socket on which it takes orders."""

    program: Path
    owner: int
    process: subprocess.Popen
    orders: socket.socket

    def usable(self) -> bool:
        """Return whether it lives and was started by this very process, not by the one this was forked from."""
        return self.owner == os.getpid() and self.program == PROBE and self.process.poll() is None


_standing: list[_Nursery] = []
_door = threading.Lock()


def run(task: str, file: BinaryIO) -> bytes | None:
    """Return what the probe answers about ``file``, or None when it gave up or reached a limit of its own.

    Raises ``UnacceptableFile`` when the machine is too busy to answer in time: that is not the fault of the file.
    """
    with TemporaryFile() as copy:
        file.seek(0)
        copyfileobj(file, copy, BLOCK)
        copy.seek(0)
        return _answer(task, copy)


def stop() -> None:
    """End the nursery, if there is one, and wait for it; the next file starts another."""
    with _door:
        while _standing:
            _end(_standing.pop())


def _end(nursery: _Nursery) -> None:
    nursery.orders.close()
    if nursery.owner == os.getpid():
        nursery.process.wait()


atexit.register(stop)


def _nursery() -> _Nursery:
    """Return the nursery that stands ready; starts one where there is none that lives."""
    with _door:
        if _standing and _standing[-1].usable():
            return _standing[-1]
        while _standing:
            _end(_standing.pop())
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-I", str(PROBE)]
            process = subprocess.Popen(command, stdin=theirs, stdout=subprocess.DEVNULL, env={})  # noqa: S603 our own program
        _standing.append(_Nursery(PROBE, os.getpid(), process, ours))
        return _standing[-1]


def _answer(task: str, file: BinaryIO) -> bytes | None:
    nursery = _nursery()
    told = _ask(nursery, task, file)
    if told is None and _was_killed(nursery):
        file.seek(0)  # the file is not to blame
        told = _ask(_nursery(), task, file)
    return told


def _was_killed(nursery: _Nursery) -> bool:
    """Return whether the nursery itself was ended from outside; its socket closes a moment before it is gone."""
    if nursery.orders.fileno() < 0:  # another thread has buried it already
        return True
    if not select.select([nursery.orders], [], [], MOMENT)[0]:
        return False
    return nursery.process.wait() < 0


def _ask(nursery: _Nursery, task: str, file: BinaryIO) -> bytes | None:
    reading, writing = os.pipe()
    try:
        with suppress(OSError):  # a nursery that is gone leaves the pipe empty
            socket.send_fds(nursery.orders, [task.encode()], [file.fileno(), writing])
        os.close(writing)
        return _whole(_read(reading, monotonic() + PATIENCE))
    finally:
        os.close(reading)


def _read(pipe: int, end: float) -> bytes:
    parts = []
    while True:
        if not select.select([pipe], [], [], max(0.0, end - monotonic()))[0]:
            raise UnacceptableFile(Reason.BUSY, "服务器正忙，没能及时检查完", "请过几分钟再上传")
        part = os.read(pipe, BLOCK)
        if not part:
            return b"".join(parts)
        parts.append(part)


def _whole(answer: bytes) -> bytes | None:
    length, told = answer[:LENGTH], answer[LENGTH:]
    return told if len(length) == LENGTH and int.from_bytes(length, "big") == len(told) else None
