"""``loket officer``: who may sign in."""

import os
import secrets
from pathlib import Path

import click
from sqlalchemy.exc import IntegrityError

from handlers import compose, passwords
from handlers.commands.wiring import ready_database, wiring_errors
from handlers.settings import load
from storage import officers

_config = click.option("--config", type=click.Path(path_type=Path), help="The configuration file.")


@click.group()
def officer() -> None:
    """Officers: add, list, disable, new password."""


@officer.command("add")
@click.argument("email")
@click.option("--name", required=True, help="The name colleagues and pages show.")
@click.option("--office", "offices", multiple=True, help="The BPS code of an office; may be repeated.")
@click.option("--role", type=click.Choice(["officer", "supervisor"]), default="officer", show_default=True)
@click.option("--administrator", is_flag=True, help="May also see what belongs to the installation.")
@_config
@wiring_errors
def add(
    email: str, name: str, offices: tuple[str, ...], role: str, administrator: bool, config: Path | None
) -> None:
    """Add an officer, or more offices to one. The password comes from LOKET_OFFICER_PASSWORD, or is made."""
    known = load(config, os.environ).offices
    for office in offices:
        if office not in known:
            raise click.ClickException(
                f"office {office} is not in the configuration; there are: {', '.join(known)}"
            )
    if "@" not in email:
        raise click.ClickException(f"{email!r} is not an e-mail address")
    if not offices and not administrator:
        raise click.ClickException("name at least one --office, or --administrator")
    _add(config, email, name, offices, role, administrator)


def _add(
    config: Path | None, email: str, name: str, offices: tuple[str, ...], role: str, administrator: bool
) -> None:
    password, made = _password()
    database = ready_database(config)
    try:
        with database.write() as connection:
            account = officers.find_by_email(connection, email)
            officer_id = (
                account.id
                if account
                else officers.add(
                    connection,
                    email=email,
                    name=name,
                    password_hash=passwords.hashed(password),
                    now=compose.now(),
                    administrator=administrator,
                )
            )
            for office in offices:
                officers.set_role(connection, officer_id, office, role)
    except IntegrityError as error:
        raise click.ClickException(f"{email} could not be added: it is there already") from error
    click.echo(f"{email} exists; offices set" if account else f"{email} added")
    if made and not account:
        click.echo(f"password: {password}")


def _password() -> tuple[str, bool]:
    """From the environment, or a new one; whether it was made here and must be shown once."""
    given = os.environ.get("LOKET_OFFICER_PASSWORD")
    if given is None:
        return secrets.token_urlsafe(12), True
    if len(given) < passwords.SHORTEST:
        raise click.ClickException(
            f"LOKET_OFFICER_PASSWORD is too short: at least {passwords.SHORTEST} characters"
        )
    return given, False


@officer.command("list")
@_config
@wiring_errors
def listing(config: Path | None) -> None:
    """Everybody who may sign in, and everybody who no longer may."""
    database = ready_database(config)
    with database.read() as connection:
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
    database = ready_database(config)
    with database.write() as connection:
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
    database = ready_database(config)
    with database.write() as connection:
        account = _known(officers.find_by_email(connection, email), email)
        officers.set_password(connection, account.id, passwords.hashed(chosen))
    click.echo(f"new password: {chosen}" if made else "password changed")


def _known(account: officers.Account | None, email: str) -> officers.Account:
    if account is None:
        raise click.ClickException(f"nobody signs in with {email}; see loket officer list")
    return account
