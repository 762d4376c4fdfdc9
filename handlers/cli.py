"""The command ``loket``."""

import os
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from signal import SIGINT, SIGTERM, signal
from typing import Any

import click

from handlers.checking import check_command
from handlers.commands.backups import backup_command, restore_command
from handlers.commands.catalogue import catalogue_command
from handlers.commands.mailboxes import mailbox
from handlers.commands.officers import officer
from handlers.commands.people import erase_command, export_command
from handlers.commands.reconciling import reconcile_command
from handlers.commands.templates import templates
from handlers.commands.wiring import wired, wiring_errors
from handlers.settings import load


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="loket")
def main() -> None:
    """Loket: the consultation desk for public offices."""


_config = click.option(
    "--config", type=click.Path(path_type=Path), help="The configuration (else LOKET_CONFIG)."
)
_host = click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
_port = click.option("--port", default=8000, show_default=True, help="The port to listen on.")


@main.command()
@_config
@_host
@_port
@wiring_errors
def serve(config: Path | None, host: str, port: int) -> None:
    """Everything in one process: pages, webhooks and the worker. For one office and SQLite."""
    _serve(config, host, port, processes=1, worker=True)


@main.command()
@_config
@_host
@_port
@click.option("--processes", default=1, show_default=True, help="How many processes serve requests.")
@wiring_errors
def web(config: Path | None, host: str, port: int, processes: int) -> None:
    """Pages and webhooks only. Needs a ``loket worker`` beside it."""
    _serve(config, host, port, processes=processes, worker=False)


def _serve(config: Path | None, host: str, port: int, *, processes: int, worker: bool) -> None:
    from handlers import logs
    from handlers.serving import Server

    logs.configure(os.environ)
    wired(config).database.close()  # what is wrong is said here, before any process is started
    click.echo(f"Loket: http://{host}:{port}/inbox", err=True)
    Server(partial(wired, config), host, port, processes=processes, worker=worker).run()


@main.command()
@_config
@wiring_errors
def worker(config: Path | None) -> None:
    """The ticks and the mailroom only: deliver, retry, timers, mail. Several may run at once."""
    from handlers import logs
    from handlers.serving import Background

    logs.configure(os.environ)
    background = Background(wired(config))
    _until_stopped(background.start, background.stop)


def _until_stopped(start: Callable[[], Any], stop: Callable[[], Any]) -> None:
    asked = threading.Event()
    for number in (SIGTERM, SIGINT):
        signal(number, lambda *_: asked.set())
    start()
    asked.wait()
    stop()


@main.command()
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


@main.command()
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


@main.command()
@_host
@_port
@click.option("--fresh", is_flag=True, help="Begin again with an empty demo.")
def demo(host: str, port: int, fresh: bool) -> None:
    """The whole desk on this machine, with simulated phones: no account, no key."""
    from handlers.demo import run

    run(host, port, fresh=fresh)


@main.command()
@click.option("--office", default=None, help="The BPS code of the office to talk to.")
@click.option("--why", is_flag=True, help="Say which rule understood each line.")
def chat(office: str | None, *, why: bool) -> None:
    """Talk to the bot in the terminal, through a really signed webhook."""
    from handlers.chat import run

    run(office, why=why)


main.add_command(backup_command)
main.add_command(restore_command)
main.add_command(erase_command)
main.add_command(export_command)
main.add_command(catalogue_command)
main.add_command(mailbox)
main.add_command(officer)
main.add_command(templates)
main.add_command(check_command)
main.add_command(reconcile_command)

if __name__ == "__main__":
    sys.exit(main(prog_name=os.environ.get("LOKET_PROG", "loket")))
