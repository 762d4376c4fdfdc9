"""The command ``loket``."""

import os
import sys

import click

from handlers.commands.lazily import Lazily

_HERE = "handlers.commands"
PLACES = {
    "backup": (
        f"{_HERE}.backups:backup_command",
        "All rows, files and the configuration in one archive, while the desk goes on.",
    ),
    "catalogue": (
        f"{_HERE}.catalogue:catalogue_command",
        "What is searched before a ticket opens: fetch it, read it from a file, look into it.",
    ),
    "chat": (f"{_HERE}.trying:chat", "Talk to the bot in the terminal, through a really signed webhook."),
    "check": (
        "handlers.checking:check_command",
        "Say what is wrong, and what is missing before going live; exit code 1 on any error.",
    ),
    "demo": (
        f"{_HERE}.trying:demo",
        "The whole desk on this machine, with simulated phones: no account, no key.",
    ),
    "erase": (
        f"{_HERE}.people:erase_command",
        "Forget the person behind ADDRESS (a number as +62..., or an e-mail address) at one office.",
    ),
    "export": (f"{_HERE}.people:export_command", "Take something out of the desk."),
    "mailbox": (
        f"{_HERE}.mailboxes:mailbox",
        "Mailboxes: how they are, a proof that mail goes round, leave to sign in.",
    ),
    "migrate": (
        f"{_HERE}.serving:migrate",
        "Bring the database to the tables this program needs, and its holidays to those of the library.",
    ),
    "officer": (f"{_HERE}.officers:officer", "Officers: add, list, disable, new password."),
    "reconcile": (
        f"{_HERE}.reconciling:reconcile_command",
        "Compare the provider's log with the desk: import what the webhook missed, report what differs.",
    ),
    "replay": (
        f"{_HERE}.serving:replay",
        "Handle what was accepted but not handled, the shunted messages and mails included.",
    ),
    "restore": (
        f"{_HERE}.backups:restore_command",
        "Fill an empty database, SQLite or PostgreSQL, and the files folder from ARCHIVE.",
    ),
    "serve": (f"{_HERE}.serving:serve", "Everything in one process: pages, webhooks and the worker."),
    "templates": (
        f"{_HERE}.templates:templates",
        "WhatsApp templates: make them at Twilio, and see whether WhatsApp has approved them.",
    ),
    "web": (f"{_HERE}.serving:web", "Pages and webhooks only."),
    "worker": (f"{_HERE}.serving:worker", "The ticks and the mailroom only: deliver, retry, timers, mail."),
}


@click.group(cls=Lazily, places=PLACES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="loket")
def main() -> None:
    """Loket: the consultation desk for public offices."""


if __name__ == "__main__":
    sys.exit(main(prog_name=os.environ.get("LOKET_PROG", "loket")))
