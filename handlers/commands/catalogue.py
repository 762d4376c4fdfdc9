"""``loket catalogue``: what is searched before a ticket opens, from the WebAPI or from a file."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click

from bot.policy import Office
from handlers import catalogue_csv, cataloguing, searching, sheets
from handlers.commands.wiring import wired, wiring_errors
from handlers.runtime import Runtime
from storage import catalogue

_CSV = "csv"
_config = click.option("--config", type=click.Path(path_type=Path), help="The configuration file.")
_office = click.option("--office", required=True, help="The BPS code of the office.")


@click.group("catalogue")
def catalogue_command() -> None:
    """What is searched before a ticket opens: fetch it, read it from a file, look into it."""


@catalogue_command.command("list")
@_config
@wiring_errors
def listing(config: Path | None) -> None:
    """Each domain that is looked in: how much there is, when it was fetched, what did not come."""
    with _desk(config) as runtime, runtime.database.read() as connection:
        domains = tuple(cataloguing.wanted(runtime))
        if not domains:
            click.echo("no office searches first (offices.<code>.search_first.enabled)")
        sources = catalogue.sources(connection, domains)
        counts = catalogue.counts(connection, domains)
        for domain in domains:
            told = [f"{kind} {n} ({source})" for (of, source, kind), n in counts.items() if of == domain]
            row = sources.get(domain)
            when = f"{row.fetched_at:%Y-%m-%d %H:%M} UTC" if row and row.fetched_at else "never fetched"
            click.echo(f"{domain}  {when}  {', '.join(told) or 'nothing'}")
            if row and row.error:
                click.echo(f"  FAILED {row.tried_at:%Y-%m-%d %H:%M} UTC: {row.error}")


@catalogue_command.command("fetch")
@click.option("--domain", multiple=True, help="Only this BPS code; may be repeated.")
@_config
@wiring_errors
def fetch(domain: tuple[str, ...], config: Path | None) -> None:
    """Fetch now what the worker fetches at night; exit code 1 when something did not come."""
    with _desk(config) as runtime:
        if runtime.webapi is None:
            raise click.ClickException("there is no key: name one in webapi.key")
        failed = False
        for fetched, how in cataloguing.fetch_now(
            runtime, runtime.webapi, domain or tuple(cataloguing.wanted(runtime))
        ):
            click.echo(f"{fetched}  {how.items} items{f'  FAILED: {how.error}' if how.failed else ''}")
            failed = failed or bool(how.failed)
    raise SystemExit(1 if failed else 0)


@catalogue_command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_office
@click.option("--replace", is_flag=True, help="Take away what earlier files brought and this one has not.")
@_config
@wiring_errors
def read_file(file: Path, office: str, config: Path | None, *, replace: bool) -> None:
    """Read a CSV file into an office's catalogue: all of it, or, when a line is wrong, nothing."""
    with _desk(config) as runtime:
        place = searching.place_words(_known(runtime, office))
        try:
            items = catalogue_csv.read(file.read_bytes())
        except sheets.Unreadable as unreadable:
            raise click.ClickException("\n".join(unreadable.problems[:20])) from None
        gone = 0
        with runtime.database.write() as connection:
            catalogue.keep(connection, office, _CSV, items, place, runtime.clock())
            for kind in catalogue_csv.NAMES if replace else ():
                there = {item.external_id for item in items if item.kind == kind}
                gone += catalogue.forget_others(connection, office, _CSV, kind, there)
    click.echo(f"{len(items)} items read{f', {gone} taken away' if replace else ''}")


@catalogue_command.command("export")
@_office
@click.option("--source", type=click.Choice(["csv", "webapi"]), default="csv", show_default=True)
@_config
@wiring_errors
def write_file(office: str, source: str, config: Path | None) -> None:
    """Write an office's catalogue as CSV, to be read in again."""
    with _desk(config) as runtime, runtime.database.read() as connection:
        _known(runtime, office)
        content = catalogue_csv.written(catalogue.listed(connection, office, source))
    click.echo(content, nl=False)


@catalogue_command.command("search")
@click.argument("words", nargs=-1, required=True)
@_office
@_config
@wiring_errors
def search(words: tuple[str, ...], office: str, config: Path | None) -> None:
    """Show what a citizen who writes this would be shown."""
    with _desk(config) as runtime, runtime.database.read() as connection:
        found = searching.found(connection, _known(runtime, office), " ".join(words))
    for each in found:
        click.echo(f"{each.title}\n  {each.kind} {each.released_on or ''}\n  {each.link}")
    if not found:
        click.echo("nothing")


def _known(runtime: Runtime, office: str) -> Office:
    if office not in runtime.settings.offices:
        raise click.ClickException(f"the configuration has no office {office}")
    return runtime.office(office)


@contextmanager
def _desk(config: Path | None) -> Iterator[Runtime]:
    runtime = wired(config)
    with closing(runtime.database):
        yield runtime
