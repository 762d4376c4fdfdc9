"""``loket check``: what is wrong with an installation, and what is missing before it goes live."""

import os
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from channels.their_clocks import TheirClocks
from handlers import compose
from handlers.checking import (
    calendar,
    cloud,
    connections,
    folders,
    installation,
    issuer,
    mailboxes,
    offices,
    round_trip,
    surroundings,
    templates,
)
from handlers.checking.findings import Finding, Language, Level, error, exit_code, fine, render
from handlers.secrets import SecretError
from handlers.settings import ConfigError, Settings, load

__all__ = ["Finding", "Level", "check", "check_command", "exit_code", "render"]


def check(outcome: Settings | ConfigError, environ: Mapping[str, str], now: datetime) -> list[Finding]:
    """Every finding about this installation. Asks the database, and nobody else; changes nothing."""
    if isinstance(outcome, ConfigError):
        broken = [error(f"Konfigurasi: {line}", f"Configuration: {line}") for line in outcome.problems]
        return [*broken, *installation.secret_key(environ)]
    return [*_installation(outcome, environ), *_machine(outcome, now), *_offices(outcome, now)]


def _installation(settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    count = len(settings.offices)
    yield fine(f"Konfigurasi terbaca: {count} kantor.", f"The configuration is readable, offices: {count}.")
    yield from installation.secret_key(environ)
    for name, account in settings.channels.whatsapp.accounts.items():
        yield from installation.account(name, account, environ)
    yield from cloud.configured(settings, environ)
    yield from installation.webapi(settings, environ)
    yield from issuer.secret(settings, environ)
    yield from installation.public_url(settings)
    yield from installation.api_url(settings)
    yield from folders.usable(settings)
    yield from installation.database(settings)
    yield from installation.sentences(settings)
    yield from installation.interpreter()
    yield from templates.remembered(settings, environ)
    yield from mailboxes.served(settings, environ)
    yield from mailboxes.authorized(settings)


def _machine(settings: Settings, now: datetime) -> Iterator[Finding]:
    yield from folders.disk(settings)
    yield from surroundings.clock(settings, now)


def _offices(settings: Settings, now: datetime) -> Iterator[Finding]:
    yield from offices.whatsapp(settings)
    yield from offices.unowned_numbers(settings)
    yield from mailboxes.offices(settings)
    yield from offices.not_served(settings)
    yield from calendar.holidays_known(settings, now)
    yield from offices.unconfirmed(settings)


@click.command("check")
@click.option("--config", type=click.Path(path_type=Path), help="The configuration (else LOKET_CONFIG).")
@click.option(
    "--lang", type=click.Choice(["id", "en"]), default="id", show_default=True, help="Indonesian or English."
)
@click.option("--mail", is_flag=True, help="Prove each mailbox too, with a mail to ourselves.")
@click.option("--whatsapp", is_flag=True, help="Ask Twilio about templates, and Meta about numbers.")
@click.option(
    "--processes", type=click.IntRange(1), default=2, show_default=True,
    help="How many web and worker processes there are, on all machines.",
)  # fmt: skip
def check_command(config: Path | None, lang: Language, *, mail: bool, whatsapp: bool, processes: int) -> None:
    """Say what is wrong, and what is missing before going live; exit code 1 on any error."""
    outcome = _outcome(config)
    findings = check(outcome, os.environ, compose.now())
    if isinstance(outcome, Settings):
        findings += [*connections.enough(outcome, processes), *issuer.answered(outcome, os.environ)]
    if whatsapp and isinstance(outcome, Settings):
        findings += _asked(outcome)
    if mail and isinstance(outcome, Settings):
        findings += _proved(outcome)
    click.echo(render(findings, lang))
    raise SystemExit(exit_code(findings))


def _asked(settings: Settings) -> Iterator[Finding]:
    clocks = TheirClocks(compose.now, enough=1)
    yield from cloud.answered(settings, os.environ, clocks.heard)
    yield from templates.at_twilio(settings, os.environ, clocks.heard)
    yield from surroundings.clock_compared(clocks)


def _proved(settings: Settings) -> Iterator[Finding]:
    try:
        runtime = compose.compose(settings, os.environ)
    except SecretError:
        return  # told already
    with closing(runtime.database), suppress(SQLAlchemyError):  # what is wrong with it is told already
        for name in settings.channels.email.mailboxes:
            yield from round_trip.prove(runtime, name)


def _outcome(config: Path | None) -> Settings | ConfigError:
    try:
        return load(config, os.environ)
    except ConfigError as problem:
        return problem
