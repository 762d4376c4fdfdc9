"""``loket mailbox``: how the mailboxes are, a proof that mail goes round, and leave to sign in."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import click
from sqlalchemy import Connection

from channels.email import oauth
from channels.email.faults import MailboxError
from handlers import compose
from handlers.checking import round_trip
from handlers.checking.findings import Language, exit_code, line
from handlers.commands.listening import Answers
from handlers.commands.wiring import ready_database, wired, wiring_errors
from handlers.mailroom.accounts import oauth_client
from handlers.mailroom.sealing import seal
from handlers.runtime import Runtime
from handlers.settings import load
from handlers.settings.shape import Mailbox
from storage import mailboxes, mails
from storage.columns import AnyRow

_config = click.option("--config", type=click.Path(path_type=Path), help="The configuration file.")


@click.group()
def mailbox() -> None:
    """Mailboxes: how they are, a proof that mail goes round, leave to sign in."""


@mailbox.command("list")
@_config
@wiring_errors
def listing(config: Path | None) -> None:
    """Each mailbox: when it was read, what is wrong, how many mails ended how, when a probe came back."""
    boxes = load(config, os.environ).channels.email.mailboxes
    if not boxes:
        click.echo("the configuration has no mailbox (channels.email.mailboxes)")
    with ready_database(config) as database, database.read() as connection:
        for name, box in boxes.items():
            click.echo("\n".join(_described(connection, name, box, compose.now())))


def _described(connection: Connection, name: str, box: Mailbox, now: datetime) -> Iterator[str]:
    row = mailboxes.find(connection, name)
    yield f"{name}  {box.address}  {_read(row, now)}"
    if row is not None and row.failing_since is not None:
        yield f"  FAILING since {_ago(row.failing_since, now)}, {row.failures} times: {row.error}"
    ends = mails.balance(connection, name)
    parts = " + ".join(f"{end} {ends[end]}" for end in ("handled", "filed", "shunted", "pending"))
    yield f"  in {sum(ends.values())} = {parts}" + (f"; up to UID {row.last_uid}" if row else "")
    yield f"  {_probe(box, row, now)}"


def _read(row: AnyRow | None, now: datetime) -> str:
    if row is None or row.polled_at is None:
        return "never read"
    return f"read {_ago(row.polled_at, now)}"


def _probe(box: Mailbox, row: AnyRow | None, now: datetime) -> str:
    if row is None or row.probe_sent_at is None:
        return "no probe yet" if box.probe_minutes else "probes are off (probe_minutes: 0)"
    if row.probe_seen_at is None:
        return f"probe sent {_ago(row.probe_sent_at, now)}, NOT BACK"
    took = (row.probe_seen_at - row.probe_sent_at).total_seconds()
    return f"probe sent {_ago(row.probe_sent_at, now)}, back after {took:.0f} s"


def _ago(moment: datetime, now: datetime) -> str:
    passed = timedelta(seconds=max(0, round((now - moment).total_seconds())))
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC ({passed} ago)"


@mailbox.command("probe")
@click.argument("name")
@click.option(
    "--lang", type=click.Choice(["id", "en"]), default="id", show_default=True, help="Indonesian or English."
)
@_config
@wiring_errors
def probe(name: str, lang: Language, config: Path | None) -> None:
    """Sign in, mail ourselves, wait for it to come back, take it away; exit code 1 when that fails."""
    findings = []
    with _desk(config, name) as (runtime, _):
        for finding in round_trip.prove(runtime, name):
            click.echo(line(finding, lang))
            findings.append(finding)
    raise SystemExit(exit_code(findings))


@mailbox.command("authorize")
@click.argument("name")
@click.option("--port", default=8765, show_default=True, help="Where the browser brings the answer.")
@_config
@wiring_errors
def authorize(name: str, port: int, config: Path | None) -> None:
    """Let the desk sign in with tokens: a person agrees in the browser, once."""
    with _desk(config, name) as (runtime, box):
        client = oauth_client(box, runtime.keys.mailboxes[name])
        if client is None:
            raise click.ClickException(f"{name} signs in with a password; there is nothing to authorize")
        token = _agreed(client, box.address, port)
        with runtime.database.write() as connection:
            mailboxes.keep_refresh_token(connection, name, seal(token, runtime.keys.signing))
    click.echo(f"{name} may sign in now; prove it with: loket mailbox probe {name}")


def _agreed(client: oauth.Client, address: str, port: int) -> str:
    with Answers(port) as answers:
        asked = oauth.ask(client, address, answers.address)
        click.echo(f"Open this page and sign in as {address}:\n\n{asked.url}\n")
        click.echo(
            f"Afterwards the browser goes to {answers.address}. If that page does not open, because the\n"
            "browser runs on another machine, copy its whole address from the address bar and paste it here:"
        )
        try:
            return oauth.redeem(client, asked, answers.wait())
        except MailboxError as error:
            raise click.ClickException(f"no leave was given: {error}") from error


@contextmanager
def _desk(config: Path | None, name: str) -> Iterator[tuple[Runtime, Mailbox]]:
    """The wired desk and the mailbox of this name."""
    runtime = wired(config)
    with closing(runtime.database):
        boxes = runtime.settings.channels.email.mailboxes
        if name not in boxes:
            listed = ", ".join(boxes) or "none"
            raise click.ClickException(f"there is no mailbox {name}; the configuration has: {listed}")
        yield runtime, boxes[name]
