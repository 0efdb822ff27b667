"""The one process of the embedded default: the site, a Celery worker and the sweeper, each in threads of it."""

import logging
import os
import signal
import threading
from datetime import timedelta
from typing import Any

from celery.worker import WorkController
from celery.worker import state as worker_state
from django.conf import settings
from django.core.servers.basehttp import get_internal_wsgi_application
from django.db import Error, close_old_connections
from django.utils.module_loading import import_string
from waitress.server import create_server

from sihao import clock
from sihao.jobs import actions

logger = logging.getLogger(__name__)

SWEEP_EVERY = 30.0
WORKER_THREADS = 2
GRACE = 10.0
ROOM_FOR_FIELDS = 4 * 1024 * 1024


def works_here() -> bool:
    """Return whether this process must work the queue itself: messages of the memory broker never leave it."""
    return settings.CELERY_BROKER_URL.startswith("memory:")


class QueueWorker(threading.Thread):
    """Celery's worker in a thread; its own command would want the main thread for signals."""

    def __init__(self) -> None:
        super().__init__(name="sihao-worker", daemon=True)
        self._controller = WorkController(
            app=import_string(settings.JOBS_CELERY),
            pool_cls="threads",
            concurrency=WORKER_THREADS,
            without_mingle=True,
            without_gossip=True,
            without_heartbeat=True,
        )

    def run(self) -> None:
        """Work until told to stop."""
        self._controller.start()

    def stop(self) -> bool:
        """Finish what runs, take nothing new; return whether it ended within the grace."""
        worker_state.should_stop = os.EX_OK
        self.join(GRACE)
        return not self.is_alive()


class Sweeper(threading.Thread):
    """Sends lost jobs again; the first round takes all that wait, for a memory broker starts empty."""

    def __init__(self) -> None:
        super().__init__(name="sihao-sweeper", daemon=True)
        self._stopping = threading.Event()

    def run(self) -> None:
        """Sweep at once and then every half minute; a database that is away is tried again next time."""
        patience = timedelta(0)
        while not self._stopping.is_set():
            try:
                actions.sweep(now=clock.now(), patience=patience)
                patience = actions.PATIENCE
            except Error:
                logger.exception("sweep failed, next try in %s s", SWEEP_EVERY)
            close_old_connections()
            self._stopping.wait(SWEEP_EVERY)

    def stop(self) -> None:
        """End after the round in hand."""
        self._stopping.set()
        self.join(GRACE)


class Site:
    """The served site with its worker; making it binds the port (``OSError`` when that is taken)."""

    def __init__(self, *, host: str, port: int, threads: int) -> None:
        self._server: Any = create_server(
            get_internal_wsgi_application(),
            host=host,
            port=port,
            threads=threads,
            ident=None,
            clear_untrusted_proxy_headers=not settings.TRUSTED_PROXIES,
            max_request_body_size=settings.UPLOAD_MAX_BYTES + ROOM_FOR_FIELDS,
        )

    def run(self) -> bool:
        """Serve until Ctrl-C or SIGTERM; return whether all work in hand was finished."""
        signal.signal(signal.SIGTERM, _stop)
        # A shell that starts us in the background has us ignore Ctrl-C; whoever sends it means it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sweeper = Sweeper()
        worker = QueueWorker() if works_here() else None
        if worker:
            worker.start()
        sweeper.start()
        self._server.run()
        self._server.close()
        sweeper.stop()
        return worker.stop() if worker else True


def _stop(*_: Any) -> None:
    raise KeyboardInterrupt
