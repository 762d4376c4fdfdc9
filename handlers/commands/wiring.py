"""From a configuration file to a wired desk, with errors in plain words."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import click
from sqlalchemy.exc import SQLAlchemyError

from channels.email.tokens import Purpose, Token
from handlers import calendars, compose, databases, unusable
from handlers.runtime import Runtime
from handlers.secrets import SecretError
from handlers.settings import ConfigError, Settings, load
from storage import schema
from storage.db import Database

P = ParamSpec("P")
R = TypeVar("R")
_OF_TABLES = (databases.SchemaOld, databases.SchemaBusy, databases.NotCopied, schema.Busy)


def wiring_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Turn what a wrong installation raises into a sentence and exit code 1."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except ConfigError as error:
            raise click.ClickException("\n".join(error.problems)) from error
        except (SecretError, *_OF_TABLES) as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            if not unusable.is_told(error):
                raise
            raise click.ClickException(unusable.sentence(error)) from error
        except UnicodeEncodeError as error:
            if error.reason != "surrogates not allowed":
                raise
            raise click.ClickException("what was typed is not UTF-8: let the terminal use UTF-8") from error
        except SQLAlchemyError as error:
            cause = str(getattr(error, "orig", error)).strip().splitlines()[0]
            raise click.ClickException(f"the database does not answer: {cause}") from error

    return guarded


def opened(config: Path | None) -> Database:
    """The database of the configuration, without looking at its tables."""
    settings = load(config, os.environ)
    return Database(settings.database.url, settings.data_dir)


@contextmanager
def ready_database(config: Path | None) -> Iterator[Database]:
    """The database of the configuration with its tables up to date, given back at the end."""
    with closing(opened(config)) as database:
        databases.make_ready(database, compose.now())
        yield database


def wired(config: Path | None) -> Runtime:
    """The whole desk, its database and its calendars ready. Raises what ``wiring_errors`` puts into words."""
    return wired_as(load(config, os.environ))


def wired_as(settings: Settings) -> Runtime:
    """The same of a configuration that was read."""
    runtime = compose.compose(settings, os.environ)
    databases.make_ready(runtime.database, runtime.clock())
    if databases.is_demo(runtime.database):
        raise click.ClickException("this database belongs to a demo; name another one in database.url")
    calendars.make_ready(runtime.database, runtime.settings.offices, runtime.clock())
    # The restores that words are signed with are read now, and not within somebody's turn.
    runtime.tokens.sign(Token(Purpose.FORM, 0))
    return runtime
