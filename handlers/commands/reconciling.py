"""``loket reconcile``: WhatsApp's own log beside the desk, now."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import click

from handlers import reconciling
from handlers.commands.wiring import wired, wiring_errors
from handlers.reconciling import Outcome
from handlers.runtime import Runtime


@click.command("reconcile")
@click.option("--since", default=None, help="From this moment on (2026-07-06 or 2026-07-06T08:00+08:00).")
@click.option("--config", type=click.Path(path_type=Path), help="The configuration file.")
@wiring_errors
def reconcile_command(since: str | None, config: Path | None) -> None:
    """Compare the provider's log with the desk: import what the webhook missed, report what differs."""
    moment = _moment(since)
    runtime = wired(config)
    with closing(runtime.database):
        outcomes = list(_run(runtime, moment))
    if any(one is None or one.error for one in outcomes):
        raise SystemExit(1)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is no moment; write 2026-07-06T08:00+08:00") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _run(runtime: Runtime, since: datetime | None) -> Iterator[Outcome | None]:
    for account in reconciling.senders(runtime):
        outcome = reconciling.run(runtime, account, since)
        click.echo(_told(account, outcome))
        yield outcome


def _told(account: str, outcome: Outcome | None) -> str:
    name = f"account …{account[-6:]}"
    if outcome is None:
        return f"{name}: another process is comparing it just now"
    if outcome.error:
        return f"{name}: the log can't be read ({outcome.error})"
    counts = (
        f"{outcome.seen} messages seen, {outcome.imported} imported, {outcome.marked} marked,"
        f" {outcome.found} that the desk does not know"
    )
    return f"{name}: {counts}"
