"""Serving with gunicorn: one process with threads, for pages, webhooks and (with ``worker``) the ticks.

Live pages hold no thread: their connections are taken over as soon as they are answered.
"""

import resource
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import TConn, ThreadWorker

from handlers import logs
from handlers.collecting import collect_less_often
from handlers.runtime import Runtime
from handlers.web import live, streams
from handlers.web.app import create_app

if TYPE_CHECKING:
    from handlers.worker import Worker

THREADS = 32
SECONDS_TO_END = 20
_OPEN_FILES = 8192


class Threads(ThreadWorker):
    """Gunicorn's threads, except that a connection which a live page has taken over is no longer theirs."""

    def finish_request(self, conn: TConn, fs: "Future[Any]") -> None:
        """Keep the connection, or close it, unless it is gone."""
        if conn.sock.fileno() < 0:
            self.nr_conns -= 1
        else:
            super().finish_request(conn, fs)


class Lines(Logger):
    """Gunicorn's own words, in the form of all other lines."""

    def setup(self, cfg: Any) -> None:
        """As gunicorn does it, with our form."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            logs.speak(handler)


class Server(BaseApplication):
    """Gunicorn with our settings in code. The desk is wired in the serving process, after the fork."""

    def __init__(
        self, wire: Callable[[], Runtime], host: str, port: int, *, processes: int = 1, worker: bool
    ) -> None:
        self._wire = wire
        self._bind = f"{host}:{port}"
        self._processes = processes
        self._with_worker = worker
        self._worker: Worker | None = None
        self._runtime: Runtime | None = None
        self._site: Flask | None = None
        super().__init__()

    def load_config(self) -> None:
        """Threads for requests and live pages; a clean end within twenty seconds of SIGTERM."""
        chosen: dict[str, Any] = {
            "bind": self._bind,
            "workers": self._processes,
            "worker_class": Threads,
            "threads": THREADS,
            "timeout": 60,
            "graceful_timeout": SECONDS_TO_END,
            "keepalive": 5,
            "loglevel": "warning",
            "logger_class": Lines,
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
        self._runtime = self._wire()
        self._worker = _worker(self._runtime) if self._with_worker else None
        self._site = create_app(self._runtime)
        return self._site

    def _started(self, process: Any) -> None:
        """Begin to tick, and let open live pages end when the server is asked to stop."""
        _open_more_files()
        collect_less_often()
        if self._worker:
            self._worker.start()
        threading.Thread(target=_tell_when_stopping, args=(process, streams.stopping), daemon=True).start()

    def _ended(self, _server: Any, _process: Any) -> None:
        if self._site:
            live.broadcaster(self._site).end()
        if self._worker:
            self._worker.stop()
        if self._runtime:
            self._runtime.database.close()


def _worker(runtime: Runtime) -> "Worker":
    from handlers.worker import Worker  # pages alone do without its scheduler

    return Worker(runtime)


def _open_more_files() -> None:
    """As many as the system allows: a live page is one, and the usual limit is 1,024."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if most == resource.RLIM_INFINITY else min(most, _OPEN_FILES)
    if now != resource.RLIM_INFINITY and now < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def _tell_when_stopping(process: Any, stopping: threading.Event) -> None:
    while process.alive:
        threading.Event().wait(0.2)
    stopping.set()
