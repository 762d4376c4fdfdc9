"""``loket templates``: the templates of every WhatsApp account, made at Twilio and judged by WhatsApp."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import click

from channels.contract import SendError
from handlers import pushing
from handlers.commands.wiring import wired, wiring_errors
from handlers.menu_contents import PREFIX
from handlers.pushing import Done, Step, Templates, Wanted
from handlers.runtime import Runtime
from storage.columns import AnyRow

_config = click.option("--config", type=click.Path(path_type=Path), help="The configuration file.")


@click.group()
def templates() -> None:
    """WhatsApp templates: make them at Twilio, and see whether WhatsApp has approved them."""


@templates.command("push")
@click.option("--dry-run", is_flag=True, help="Only tell what would be made.")
@_config
@wiring_errors
def push(config: Path | None, *, dry_run: bool) -> None:
    """Make what is missing at Twilio, and submit what WhatsApp must approve; may be repeated at any time."""
    runtime = wired(config)
    with closing(runtime.database):
        _need_accounts(runtime)
        asked = pushing.wanted(runtime)
        went = [_pushed(runtime, of, at, asked, dry=dry_run) for of, at in pushing.accounts(runtime)]
    raise SystemExit(0 if all(went) else 1)


def _pushed(
    runtime: Runtime, account: str, contents: Templates, asked: Sequence[Wanted], *, dry: bool
) -> bool:
    """Push to one account, telling each step; whether all went well."""
    click.echo(account)
    choices: Counter[Step] = Counter()
    refused = False
    try:
        for done in pushing.push(runtime, account, contents, asked, dry=dry):
            refused = refused or done.step is Step.REFUSED
            if done.wanted.key.startswith(PREFIX) and done.step is not Step.REFUSED:
                choices[done.step] += 1
            else:
                click.echo(f"  {_told(done)}")
    except SendError as error:
        click.echo(f"  FAILED: {error.detail} ({error.code}); what is done stays done, push again", err=True)
        return False
    finally:
        if choices:
            click.echo(f"  choices  {', '.join(f'{step.value} {n}' for step, n in choices.items())}")
    return not refused


def _told(done: Done) -> str:
    name = f"{done.wanted.key}  {done.wanted.draft.language}  {done.step.value}"
    if done.why:
        return f"{name}: {done.why}"
    if not done.verdict.category:
        return name
    how = "submitted, " if done.submitted else ""
    reason = f": {done.verdict.reason}" if done.verdict.reason else ""
    return f"{name}, {how}{done.verdict.status} as {done.verdict.category}{reason}"


@templates.command("list")
@_config
@wiring_errors
def listing(config: Path | None) -> None:
    """Each template of each account, as WhatsApp judges it now; exit code 1 when Twilio can't be asked."""
    runtime, answered = wired(config), True
    with closing(runtime.database):
        _need_accounts(runtime)
        asked = pushing.wanted(runtime)
        for account, contents in pushing.accounts(runtime):
            try:
                pushing.refreshed(runtime, account, contents)
            except SendError as error:
                answered = False
                click.echo(f"FAILED: {error.detail} ({error.code}); what follows is older", err=True)
            click.echo("\n".join(_lines(runtime, account, asked)))
    raise SystemExit(0 if answered else 1)


def _lines(runtime: Runtime, account: str, asked: Sequence[Wanted]) -> Iterator[str]:
    known = pushing.known_of(runtime, account)
    yield account
    for each in asked:
        if not each.key.startswith(PREFIX):
            yield f"  {each.key}  {each.draft.language}  {_standing(each, known)}"
    if account in runtime.keys.cloud:
        return  # there they stand in the message itself
    choices = [each for each in asked if each.key.startswith(PREFIX)]
    made = sum((each.key, each.draft.language) in known for each in choices)
    yield f"  choices  {made} of {len(choices)}"


def _standing(asked: Wanted, known: Mapping[tuple[str, str], AnyRow]) -> str:
    row = known.get((asked.key, asked.draft.language))
    if row is None or row.wording != asked.mark:
        return f"{asked.fixed or 'not pushed'}{', its words have changed' if row else ''}"
    reason = f": {row.reason}" if row.reason else ""
    return f"{row.content_id}  {row.approval} as {row.category or asked.category}{reason}"


def _need_accounts(runtime: Runtime) -> None:
    if not (runtime.keys.whatsapp or runtime.keys.cloud):
        raise click.ClickException("the configuration has no WhatsApp account (channels.whatsapp.accounts)")
