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
from handlers.passwords import Weakness
from handlers.settings import load
from storage import officers, second_factors, sign_ins

_config = click.option("--config", type=click.Path(path_type=Path), help="The configuration file.")
_LONGEST_NAME = 120


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
    if not 0 < len(name.strip()) <= _LONGEST_NAME:
        raise click.ClickException(f"a name has 1 to {_LONGEST_NAME} letters")
    password, made = _password(name, email)
    with ready_database(config) as database, database.write() as connection:
        account = officers.find_by_email(connection, email)
        if account is None:
            officer_id = _new(connection, email, name, password, administrator=administrator, made=made)
        else:
            officer_id = _again(connection, account, password, administrator=administrator, made=made)
        _record(connection, "officer_added", officer_id, offices=list(offices), administrator=administrator)
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


def _new(
    connection: Connection, email: str, name: str, password: str, *, administrator: bool, made: bool
) -> int:
    return officers.add(
        connection,
        email=email,
        name=name,
        password_hash=passwords.hashed(password),
        now=compose.now(),
        administrator=administrator,
        temporary=made,
    )


def _again(
    connection: Connection, account: officers.Account, password: str, *, administrator: bool, made: bool
) -> int:
    """A disabled officer comes back with a new password; an active one keeps theirs."""
    if account.disabled:
        officers.enable(connection, account.id)
        officers.set_password(connection, account.id, passwords.hashed(password), temporary=made)
    if administrator:
        officers.make_administrator(connection, account.id)
    return account.id


def _done(account: officers.Account | None) -> str:
    if account is None:
        return "added"
    return "may sign in again" if account.disabled else "is there already; offices set"


def _password(*own_words: str) -> tuple[str, bool]:
    """From the environment, or a new one; whether it was made here and must be shown once."""
    given = os.environ.get("LOKET_OFFICER_PASSWORD")
    if given is None:
        return secrets.token_urlsafe(12), True
    weakness = passwords.weakness(given, own_words)
    if weakness is not None:
        raise click.ClickException(f"LOKET_OFFICER_PASSWORD {_WEAK[weakness]}")
    return given, False


_WEAK = {
    Weakness.SHORT: f"is too short: at least {passwords.SHORTEST} characters",
    Weakness.LONG: f"is too long: at most {passwords.LONGEST} characters",
    Weakness.SIMPLE: "is too easily guessed: it has too few different characters",
    Weakness.COMMON: "is too easily guessed: it is made of common words, the officer's name or figures",
}


def _record(connection: Connection, what: str, officer_id: int, **about: object) -> None:
    """A row in the audit log. Who sits at the terminal is not known; that it was done there is."""
    detail = {"officer": officer_id, "by": "loket officer", **about}
    officers.record(connection, what, compose.now(), None, detail)


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
        _record(connection, "officer_disabled", account.id)
    click.echo(f"{email} disabled")


@officer.command("password")
@click.argument("email")
@_config
@wiring_errors
def password(email: str, config: Path | None) -> None:
    """A new password, from LOKET_OFFICER_PASSWORD or made here; ends the officer's sign-ins.

    One that was made here opens nothing but the page on which the officer chooses their own.
    """
    chosen, made = _password(email)
    with ready_database(config) as database, database.write() as connection:
        account = _known(officers.find_by_email(connection, email), email)
        officers.set_password(connection, account.id, passwords.hashed(chosen), temporary=made)
        _record(connection, "password_reset", account.id)
    click.echo(f"new password: {chosen}" if made else "password changed")


@officer.command("sign-out")
@click.argument("email")
@_config
@wiring_errors
def sign_out(email: str, config: Path | None) -> None:
    """End all sign-ins of an officer whose phone or computer is lost."""
    with ready_database(config) as database, database.write() as connection:
        account = _known(officers.find_by_email(connection, email), email)
        sign_ins.end_all(connection, account.id)
        _record(connection, "sign_ins_ended", account.id)
    click.echo(f"{email} is signed out everywhere")


@officer.command("forget-code")
@click.argument("email")
@_config
@wiring_errors
def forget_code(email: str, config: Path | None) -> None:
    """Take the second factor off an account, for an officer whose phone is lost; ends their sign-ins."""
    with ready_database(config) as database, database.write() as connection:
        account = _known(officers.find_by_email(connection, email), email)
        second_factors.remove(connection, account.id)
        sign_ins.end_all(connection, account.id)
        _record(connection, "second_factor_removed", account.id)
    click.echo(f"{email} signs in with the password alone")


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
