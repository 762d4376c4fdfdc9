"""``loket serve``, ``web``, ``worker``, ``migrate``, ``replay``: what an installation runs."""

import gc
import os
import threading
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from signal import SIGINT, SIGTERM, signal
from typing import Any

import click

from handlers.commands.wiring import wired, wired_as, wiring_errors
from handlers.settings import load

_config = click.option(
    "--config", type=click.Path(path_type=Path), help="The configuration (else LOKET_CONFIG)."
)
_host = click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
_port = click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="The port to listen on."
)


@click.command()
@_config
@_host
@_port
@wiring_errors
def serve(config: Path | None, host: str, port: int) -> None:
    """Everything in one process: pages, webhooks and the worker. For one office and SQLite."""
    _serve(config, host, port, processes=1, worker=True)


@click.command()
@_config
@_host
@_port
@click.option(
    "--processes",
    default=1,
    show_default=True,
    type=click.IntRange(1),
    help="How many processes serve requests.",
)
@wiring_errors
def web(config: Path | None, host: str, port: int, processes: int) -> None:
    """Pages and webhooks only. Needs a ``loket worker`` beside it."""
    _serve(config, host, port, processes=processes, worker=False)


def _serve(config: Path | None, host: str, port: int, *, processes: int, worker: bool) -> None:
    from handlers import logs
    from handlers.allocating import share_heaps
    from handlers.awaiting import once_there
    from handlers.serving import Server

    logs.configure(os.environ)
    share_heaps()  # the processes that serve are forked from this one
    settings = load(config, os.environ)
    # Also a process that is forked later, in place of one that ended, may find the database away.
    wire = partial(once_there, settings.database.url, partial(wired_as, settings))
    # What is wrong is said here, before any process is started.
    wire().database.close()
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host  # an address of IPv6
    click.echo(f"Loket: http://{host}:{port}/inbox", err=True)
    gc.freeze()  # what no collector writes on, the processes go on sharing with this one
    Server(wire, host, port, processes=processes, worker=worker).run()


@click.command()
@_config
@wiring_errors
def worker(config: Path | None) -> None:
    """The ticks and the mailroom only: deliver, retry, timers, mail. Several may run at once."""
    from handlers import logs
    from handlers.allocating import share_heaps
    from handlers.awaiting import once_there
    from handlers.collecting import collect_less_often
    from handlers.worker import Worker

    logs.configure(os.environ)
    share_heaps()
    settings = load(config, os.environ)
    background = Worker(once_there(settings.database.url, partial(wired_as, settings)))
    collect_less_often()
    _until_stopped(background.start, background.stop)


def _until_stopped(start: Callable[[], Any], stop: Callable[[], Any]) -> None:
    asked = threading.Event()
    for number in (SIGTERM, SIGINT):
        signal(number, lambda *_: asked.set())
    start()
    asked.wait()
    stop()


@click.command()
@_config
@wiring_errors
def migrate(config: Path | None) -> None:
    """Bring the database to the tables this program needs, and its holidays to those of the library."""
    from handlers import calendars, compose, databases
    from storage import schema
    from storage.db import Database

    settings = load(config, os.environ)
    with closing(Database(settings.database.url, settings.data_dir)) as database:
        before = schema.current(database)
        databases.migrate(database, compose.now())
        click.echo(f"{before or 'empty'} -> {schema.current(database)}")
        calendars.fill(database, settings.offices, compose.now())


@click.command()
@_config
@wiring_errors
def replay(config: Path | None) -> None:
    """Handle what was accepted but not handled, the shunted messages and mails included."""
    from handlers import jobs, officer
    from handlers.mailroom.room import Mailroom, retry_all

    runtime = wired(config)
    count = officer.retry_all_shunted(runtime) + retry_all(runtime)
    jobs.handle_pending(runtime)
    with closing(Mailroom(runtime)) as room:
        room.handle_all()
    click.echo(f"{count} unhandled messages tried again")
