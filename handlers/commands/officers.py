"""``loket officer``: who may sign in."""

import os
import secrets
from collections.abc import Container
from dataclasses import asdict, replace
from pathlib import Path

import click
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import Connection

from handlers import compose, passwords
from handlers.commands.wiring import ready_database, wiring_errors
from handlers.settings import load
from storage import officers

SHORTEST_PASSWORD = 10
_config = click.option("--config", type=click.Path(path_type=Path), help="The configuration file.")


@click.group()
def officer() -> None:
    """Officers: add, list, disable, new password."""


@officer.command("add")
@click.argument("email")
@click.option("--name", required=True, help="The name colleagues and pages show.")
@click.option("--office", "offices", multiple=True, help="The BPS code of an office; may be repeated.")
@click.option("--role", type=click.Choice(["officer", "supervisor"]), help="Officer, unless told otherwise.")
@click.option("--administrator", is_flag=True, help="May also see what belongs to the installation.")
@_config
@wiring_errors
def add(
    email: str,
    name: str,
    offices: tuple[str, ...],
    role: str | None,
    administrator: bool,
    config: Path | None,
) -> None:
    """Add an officer; for one who is there already, add offices or let them sign in again.

    The password comes from LOKET_OFFICER_PASSWORD, or is made and shown once.
    """
    _refuse_nonsense(email, offices, administrator, load(config, os.environ).offices)
    password, made = _password()
    with ready_database(config) as database, database.write() as connection:
        account = officers.find_by_email(connection, email)
        if account is None:
            officer_id = _new(connection, email, name, password, administrator=administrator)
        else:
            officer_id = _again(connection, account, password, administrator=administrator)
        for office in offices:
            if role or account is None or office not in account.roles:
                officers.set_role(connection, officer_id, office, role or "officer")
    click.echo(f"{email} {_done(account)}")
    if made and (account is None or account.disabled):
        click.echo(f"password: {password}")


def _refuse_nonsense(
    email: str, offices: tuple[str, ...], administrator: bool, known: Container[str]
) -> None:
    try:
        validate_email(email, check_deliverability=False)
    except EmailNotValidError as error:
        raise click.ClickException(f"{email!r} is not an e-mail address: {error}") from error
    if strangers := [office for office in offices if office not in known]:
        raise click.ClickException(f"not in the configuration: office {', '.join(strangers)}")
    if not offices and not administrator:
        raise click.ClickException("name at least one --office, or --administrator")


def _new(connection: Connection, email: str, name: str, password: str, *, administrator: bool) -> int:
    return officers.add(
        connection,
        email=email,
        name=name,
        password_hash=passwords.hashed(password),
        now=compose.now(),
        administrator=administrator,
    )


def _again(connection: Connection, account: officers.Account, password: str, *, administrator: bool) -> int:
    """A disabled officer comes back with a new password; an active one keeps theirs."""
    if account.disabled:
        officers.enable(connection, account.id)
        officers.set_password(connection, account.id, passwords.hashed(password))
    if administrator:
        officers.make_administrator(connection, account.id)
    return account.id


def _done(account: officers.Account | None) -> str:
    if account is None:
        return "added"
    return "may sign in again" if account.disabled else "is there already; offices set"


def _password() -> tuple[str, bool]:
    """From the environment, or a new one; whether it was made here and must be shown once."""
    given = os.environ.get("LOKET_OFFICER_PASSWORD")
    if given is None:
        return secrets.token_urlsafe(12), True
    if len(given) < SHORTEST_PASSWORD:
        raise click.ClickException(
            f"LOKET_OFFICER_PASSWORD is too short: at least {SHORTEST_PASSWORD} characters"
        )
    return given, False


@officer.command("list")
@_config
@wiring_errors
def listing(config: Path | None) -> None:
    """Everybody who may sign in, and everybody who no longer may."""
    with ready_database(config) as database, database.read() as connection:
        accounts = officers.listed(connection)
    for account in accounts:
        roles = ", ".join(f"{office} {role}" for office, role in account.roles.items())
        marks = (" administrator" if account.administrator else "") + (
            " DISABLED" if account.disabled else ""
        )
        click.echo(f"{account.email}  {account.name}  {roles}{marks}")


@officer.command("disable")
@click.argument("email")
@_config
@wiring_errors
def disable(email: str, config: Path | None) -> None:
    """End an officer's sign-ins at once and give their tickets back."""
    with ready_database(config) as database, database.write() as connection:
        account = _known(officers.find_by_email(connection, email), email)
        officers.disable(connection, account.id, compose.now())
    click.echo(f"{email} disabled")


@officer.command("password")
@click.argument("email")
@_config
@wiring_errors
def password(email: str, config: Path | None) -> None:
    """A new password, from LOKET_OFFICER_PASSWORD or made here; ends the officer's sign-ins."""
    chosen, made = _password()
    with ready_database(config) as database, database.write() as connection:
        account = _known(officers.find_by_email(connection, email), email)
        officers.set_password(connection, account.id, passwords.hashed(chosen))
    click.echo(f"new password: {chosen}" if made else "password changed")


@officer.command("mail")
@click.argument("email")
@click.option("--office", required=True, help="The BPS code of the office whose tickets it is about.")
@click.option("--mine/--no-mine", default=None, help="News on their own tickets.")
@click.option("--new/--no-new", default=None, help="New tickets of the office.")
@click.option("--reminders/--no-reminders", default=None, help="Tickets that have waited for too long.")
@_config
@wiring_errors
def mail(
    email: str,
    office: str,
    mine: bool | None,
    new: bool | None,
    reminders: bool | None,
    config: Path | None,
) -> None:
    """What an officer gets as mail from an office; without an option, shows it."""
    with ready_database(config) as database, database.write() as connection:
        account = _known(officers.find_by_email(connection, email), email)
        before = officers.mail_wishes(connection, account.id, office)
        if before is None:
            raise click.ClickException(f"{email} does not belong to office {office}; see loket officer list")
        told = {"mine": mine, "new": new, "reminders": reminders}
        wishes = replace(before, **{name: wish for name, wish in told.items() if wish is not None})
        officers.set_mail_wishes(connection, account.id, office, wishes)
    click.echo(f"{email}  {office}  {_in_words(wishes)}")


def _in_words(wishes: officers.MailWishes) -> str:
    return ", ".join(name for name, wish in asdict(wishes).items() if wish) or "no mail"


def _known(account: officers.Account | None, email: str) -> officers.Account:
    if account is None:
        raise click.ClickException(f"nobody signs in with {email}; see loket officer list")
    return account
