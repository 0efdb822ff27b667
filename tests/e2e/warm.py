"""The program, loaded once: a process that forks for every command, so that none waits for Python to load it.

It takes one order a line (JSON) and answers each by a line; ``tests/e2e/conftest.py`` starts it.
"""

import gc
import importlib
import json
import os
import signal
import sys

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.template.loader import get_template
from django.urls import get_resolver

from sihao.documents import pdf

SETTINGS = ("sihao.settings.base", "sihao.settings.dev", "tests.e2e.settings")
SERVING = ("celery.worker", "celery.concurrency.thread", "django.core.servers.basehttp", "waitress.server")


def load() -> None:
    """Load what commands and pages would load one after the other, and put it out of the collector's sight."""
    django.setup()
    for name in SERVING:
        importlib.import_module(name)
    get_resolver()._populate()
    folder = settings.BASE_DIR / "templates"
    for path in folder.rglob("*.html"):
        get_template(path.relative_to(folder).as_posix())
    pdf.write('<html lang="zh"><title>字</title><p>字</p></html>')
    gc.collect()
    gc.freeze()


def move_into(folder: str) -> None:
    """Read the settings anew: they say where a world lies and how far its clock stands from ours."""
    os.environ["SIHAO_DATA"] = folder
    for name in SETTINGS:
        module = importlib.reload(sys.modules[name])
    for name in filter(str.isupper, dir(module)):
        setattr(settings, name, getattr(module, name))
    vars(connections).clear()
    connections.__init__()


def carry_out(order: dict) -> int:
    """Carry an order out in a process of its own; return its number."""
    if number := os.fork():
        return number
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for path, stream in ((order["out"], sys.stdout), (order["errors"], sys.stderr)):
            if path:
                os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), stream.fileno())
        move_into(order["folder"])
        call_command(*order["command"], **order["options"])
        sys.stdout.flush()
        connections.close_all()
        status = 0
    except BaseException:  # noqa: BLE001 a process ends here, whatever it was
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(status)


def main() -> None:
    """Answer a command's order by the number of its process, and the question for a process by how it ended."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    load()
    for line in sys.stdin:
        order = json.loads(line)
        if "ended" in order:
            pid, status = os.waitpid(order["ended"], 0 if order["wait"] else os.WNOHANG)
            print(json.dumps(os.waitstatus_to_exitcode(status) if pid else None), file=answers)
        else:
            print(carry_out(order), file=answers)


if __name__ == "__main__":
    main()
