"""``loket backup`` and ``loket restore``."""

import os
from collections.abc import Callable
from contextlib import closing
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from handlers import backups, compose, erasing, erasure_journal, unusable
from handlers.commands.wiring import wiring_errors
from handlers.settings import Settings, load
from storage.db import Database
from storage.files import Files

P = ParamSpec("P")
R = TypeVar("R")
SKIPPED = 50
_MEGABYTE = 1024 * 1024
_config = click.option("--config", type=click.Path(path_type=Path), help="The configuration file.")


def _plainly(command: Callable[P, R]) -> Callable[P, R]:
    """Say in a sentence what is wrong with an archive, a folder or a disk."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except backups.Unusable as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            raise click.ClickException(unusable.sentence(error)) from error

    return guarded


@click.command("backup")
@click.argument("target", type=click.Path(path_type=Path), required=False)
@click.option("--keep", type=click.IntRange(min=1), help="Keep so many backups in the folder, the newest.")
@_config
@wiring_errors
@_plainly
def backup_command(target: Path | None, keep: int | None, config: Path | None) -> None:
    """All rows, files and the configuration in one archive, while the desk goes on.

    TARGET is a folder or a file; without it the folder backups in data_dir.
    """
    settings, now = load(config, os.environ), compose.now()
    target = target or settings.data_dir / "backups"
    path = target if target.suffix == ".tar" else target / backups.name_for(now)
    with closing(_database(settings)) as database:
        made = backups.make(database, _files(settings), config or _named(), path, now)
    rows = sum(made.rows.values())
    click.echo(f"{made.path}: {rows} rows, {made.files} files, {made.size / _MEGABYTE:.1f} MB")
    for left_out in made.left_out:
        click.echo(f"{left_out}; keep a copy of it yourself", err=True)
    for gone in backups.prune(path, keep) if keep else ():
        click.echo(f"removed {gone}")


@click.command("restore")
@click.argument("archive", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--skip-numbers",
    default=SKIPPED,
    show_default=True,
    type=click.IntRange(min=0),
    help="Ticket numbers left out in every series: they may have been given since the backup.",
)
@_config
@wiring_errors
@_plainly
def restore_command(archive: Path, skip_numbers: int, config: Path | None) -> None:
    """Fill an empty database, SQLite or PostgreSQL, and the files folder from ARCHIVE.

    The desk must not be running. What was waiting to leave is looked for at the provider before it leaves.
    """
    settings = load(config, os.environ)
    with closing(_database(settings)) as database:
        now, offices = compose.now(), settings.offices
        done = backups.restore(database, _files(settings), archive, now, skip=skip_numbers, offices=offices)
        journal = settings.data_dir / erasure_journal.JOURNAL
        erased = erasing.again(database, _files(settings), journal, compose.now())
    rows = sum(done.rows.values())
    click.echo(f"backup of {done.at:%Y-%m-%d %H:%M} UTC: {rows} rows and {done.files} files are back")
    click.echo(f"{skip_numbers} ticket numbers of every series are left out")
    if erased:
        click.echo(f"{erased} people who were erased after that backup are erased anew")


def _database(settings: Settings) -> Database:
    return Database(settings.database.url, settings.data_dir)


def _files(settings: Settings) -> Files:
    return Files(settings.data_dir / "files")


def _named() -> Path:
    return Path(os.environ.get("LOKET_CONFIG") or "config.yaml")
