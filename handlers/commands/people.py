"""``loket erase`` and ``loket export person``: a person is forgotten, or gets a copy of what is kept."""

from contextlib import closing
from pathlib import Path

import click
from sqlalchemy import select

from handlers import compose, copying, erasing, erasure_journal
from handlers.commands.wiring import wired, wiring_errors
from handlers.runtime import Runtime
from handlers.settings.offices import e164
from storage import people
from storage.db import make_private

_config = click.option("--config", type=click.Path(path_type=Path), help="The configuration file.")


@click.command("erase")
@click.argument("address", required=False)
@click.option("--office", help="The BPS code of the office that shall forget them.")
@click.option("--again", is_flag=True, help="Erase anew whom a restored backup has brought back.")
@click.option(
    "--journal", type=click.Path(path_type=Path, exists=True), help="With --again: another journal."
)
@click.option("--yes", is_flag=True, help="Don't ask.")
@_config
@wiring_errors
def erase_command(
    address: str | None,
    office: str | None,
    journal: Path | None,
    config: Path | None,
    *,
    again: bool,
    yes: bool,
) -> None:
    """Forget the person behind ADDRESS (a number as +62..., or an e-mail address) at one office.

    Everything they said goes, and who they are; what only counts stays. It can't be undone.
    """
    runtime = wired(config)
    with closing(runtime.database):
        if again:
            _again(runtime, journal)
            return
        if not address or not office:
            raise click.ClickException("name an ADDRESS and its --office, or use --again")
        contact_id = _contact(runtime, office, address)
        if not yes:
            click.confirm(f"Erase everything of {address} at office {office}?", abort=True)
        erasing.erase(runtime, office, contact_id, None)
        erasing.clean_up(runtime.database, runtime.files)
        click.echo("erased")


@click.group("export")
def export_command() -> None:
    """Take something out of the desk."""


@export_command.command("person")
@click.argument("address")
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--office", required=True, help="The BPS code of the office.")
@_config
@wiring_errors
def person_command(address: str, target: Path, office: str, config: Path | None) -> None:
    """Write everything that is kept about the person behind ADDRESS into the ZIP file TARGET."""
    runtime = wired(config)
    with closing(runtime.database):
        contact_id = _contact(runtime, office, address)
        known = runtime.office(office)
        content = copying.make(runtime, known, contact_id, known.languages[0], None)
        try:
            make_private(target)
            target.write_bytes(content)
        except OSError as error:
            raise click.ClickException(f"{target}: {error.strerror or error}") from error
        click.echo(f"{target}: {len(content)} bytes")


def _again(runtime: Runtime, journal: Path | None) -> None:
    path = journal or runtime.settings.data_dir / erasure_journal.JOURNAL
    done = erasing.again(runtime.database, runtime.files, path, compose.now())
    click.echo(f"{done} people erased anew")


def _contact(runtime: Runtime, office: str, address: str) -> int:
    of = people.ADDRESS
    wanted = select(of.c.contact_id).where(of.c.office == office, of.c.value == _spelt(address))
    with runtime.database.read() as connection:
        found = set(connection.execute(wanted).scalars())
    if len(found) != 1:
        raise click.ClickException(f"office {office} knows nobody with the address {address}")
    return int(found.pop())


def _spelt(address: str) -> str:
    """As addresses stand in the database: a number in whatever way people write it, too."""
    plain = address.strip().lower()
    return plain if "@" in plain else e164(plain) or plain
