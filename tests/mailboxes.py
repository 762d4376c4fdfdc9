"""A desk with one mailbox on a real Dovecot, and what stands in its database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from channels.email.imap import open_mailbox
from handlers import compose
from handlers.mailroom.fetching import fetch
from handlers.mailroom.reading import raw_of
from handlers.runtime import Runtime
from handlers.settings import load
from storage import mailboxes
from storage.columns import AnyRow, table
from storage.mail_tables import Mail
from tests.driver import environment

MAIL = table(Mail)
BOX, OFFICE = "pst", "6302"
_CONFIG = """
data_dir: {folder}/data
database: {{url: "{database_url}"}}
channels:
  email:
    mailboxes:
      pst:
        address: bps6302@bps.go.id
        user: {user}
        password: env:MAILBOX_PASSWORD
        imap: {{host: 127.0.0.1, port: {port}, security: none, processed: {processed}, start: {start}}}
        smtp: {{host: 127.0.0.1, port: 9, security: none}}
        largest_mb: 1
        probe_minutes: 0
offices:
  "6302":
    short_name: KTB
    name: {{id: BPS Kabupaten Kotabaru, en: BPS-Statistics Kotabaru Regency}}
    timezone: Asia/Makassar
    senders: {{email: [{owned}]}}
    modes: {{email: consult}}
"""


def mail(number: int, size: int = 0) -> bytes:
    """A mail that is like no other, about *size* bytes large."""
    head = f"From: ani@contoh.id\r\nSubject: {number}\r\nMessage-ID: <{number}@contoh.id>\r\n\r\n"
    return (head + "halo, " * (size // 6 + 1) + "\r\n").encode()


def config_of(
    folder: Path,
    database_url: str,
    user: str,
    port: int,
    processed: str | None,
    *,
    owned: bool = True,
    start: str = "all",
) -> Path:
    """The configuration file of the desk. *owned*: the mailbox's address is the office's."""
    path = folder / f"{user}.yaml"
    told = {"folder": folder, "database_url": database_url, "user": user, "port": port}
    told |= {"owned": "bps6302@bps.go.id" if owned else "lain@bps.go.id"}
    path.write_text(_CONFIG.format(processed=processed or "null", start=start, **told), "utf-8")
    return path


@contextmanager
def reading(
    folder: Path,
    database_url: str,
    user: str,
    port: int,
    processed: str | None = "Diproses",
    clock: Callable[[], datetime] = compose.now,
    *,
    owned: bool = True,
    start: str = "all",
) -> Iterator[Runtime]:
    """The desk, wired, with the mailbox of *user*; nothing is read yet. Others: see ``config_of``."""
    config = config_of(folder, database_url, user, port, processed, owned=owned, start=start)
    settings = load(config, environment())
    runtime = compose.compose(settings, environment(), clock=clock)
    try:
        yield runtime
    finally:
        runtime.database.close()


def fetch_once(runtime: Runtime) -> int:
    """One session."""
    with open_mailbox(runtime.mailboxes[BOX]) as opened:
        return fetch(runtime, BOX, opened)


def kept(runtime: Runtime) -> list[AnyRow]:
    """All mails, in the order they were kept."""
    with runtime.database.read() as connection:
        return list(connection.execute(select(MAIL).order_by(MAIL.c.id)))


def contents(runtime: Runtime) -> list[bytes]:
    """What was kept of all mails, from wherever it stands."""
    return [raw_of(runtime, row) for row in kept(runtime)]


def state(runtime: Runtime) -> AnyRow:
    """The row of the mailbox."""
    with runtime.database.read() as connection:
        row = mailboxes.find(connection, BOX)
    assert row is not None
    return row
