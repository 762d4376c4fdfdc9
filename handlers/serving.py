"""Serving with gunicorn: one process with threads, for pages, webhooks and (with ``worker``) the ticks.

Live pages hold a thread each, up to their cap; the rest of the threads is always free for requests.
"""

import logging
import threading
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

from handlers.mailroom.running import Mailroom
from handlers.runtime import Runtime
from handlers.worker import Worker

THREADS = 32
SECONDS_TO_END = 20


class Background:
    """What works beside pages and webhooks: the ticks and the mailroom."""

    def __init__(self, runtime: Runtime) -> None:
        self._parts = (Worker(runtime), Mailroom(runtime))

    def start(self) -> None:
        """Begin. Returns at once."""
        for part in self._parts:
            part.start()

    def stop(self) -> None:
        """End what is at work, the mailroom first: its mails may leave words for the ticks to send."""
        for part in reversed(self._parts):
            part.stop()


class Server(BaseApplication):
    """Gunicorn with our settings in code. The desk is wired in the serving process, after the fork."""

    def __init__(
        self, wire: Callable[[], Runtime], host: str, port: int, *, processes: int = 1, worker: bool
    ) -> None:
        self._wire = wire
        self._bind = f"{host}:{port}"
        self._processes = processes
        self._with_worker = worker
        self._worker: Background | None = None
        self._runtime: Runtime | None = None
        super().__init__()

    def load_config(self) -> None:
        """Threads for requests and live pages; a clean end within twenty seconds of SIGTERM."""
        chosen: dict[str, Any] = {
            "bind": self._bind,
            "workers": self._processes,
            "worker_class": "gthread",
            "threads": THREADS,
            "timeout": 60,
            "graceful_timeout": SECONDS_TO_END,
            "keepalive": 5,
            "loglevel": "warning",
            "proc_name": "loket",
            "control_socket_disable": True,
            "post_worker_init": self._started,
            "worker_exit": self._ended,
        }
        for name, value in chosen.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """The application, made in the process that serves it."""
        from handlers.web.app import create_app

        self._runtime = self._wire()
        self._worker = Background(self._runtime) if self._with_worker else None
        return create_app(self._runtime)

    def _started(self, process: Any) -> None:
        """Begin to tick, and let open live pages end when the server is asked to stop."""
        from handlers.web import live

        if self._worker:
            self._worker.start()
        threading.Thread(target=_tell_when_stopping, args=(process, live.stopping), daemon=True).start()

    def _ended(self, _server: Any, _process: Any) -> None:
        if self._worker:
            self._worker.stop()
        if self._runtime:
            self._runtime.database.close()


def _tell_when_stopping(process: Any, stopping: threading.Event) -> None:
    while process.alive:
        threading.Event().wait(0.2)
    stopping.set()


def quiet_logs(level: int = logging.INFO) -> None:
    """One line an event on standard error, with the moment and the module."""
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for noisy in ("apscheduler", "twilio.http_client", "werkzeug", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
