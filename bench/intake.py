"""One side of the comparison, as a process: ``python -m bench.intake floor|loket CONFIG MANY``.

Takes in all new mails of the mailbox that CONFIG names and prints, as JSON, the seconds and the CPU it took,
from the connection to the last commit. The floor is a bare loop: mails fetched a hundred at a time, read with
the standard library, one commit for each. Loket is its mailroom, as ``loket worker`` runs it, on a clock that
moves on by fifteen seconds whenever it is looked at, and by a minute for each mail of an earlier run, so that
the usual budgets let every answer leave.
"""

import json
import os
import resource
import sqlite3
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime
from itertools import count
from pathlib import Path
from queue import SimpleQueue

import psycopg
from imapclient import IMAPClient

from channels.email.imap import ImapAccount
from handlers import compose
from handlers.collecting import collect_less_often
from handlers.mailroom.room import Mailroom
from handlers.mailroom.watching import Watcher
from handlers.runtime import Runtime
from handlers.settings import load
from storage import alarms, mails

BOX, OFFICE = "pst", "6302"
SECONDS_OF_NOTHING = 120
MORNING = datetime(2026, 7, 6, 0, 20, tzinfo=UTC)
_COUNT = "SELECT count(*) FROM floor"
_TABLE = (
    "CREATE TABLE IF NOT EXISTS"
    " floor (id TEXT PRIMARY KEY, author TEXT, subject TEXT, at TEXT, body TEXT, raw {blob})"
)
_INSERT = "INSERT INTO floor VALUES ({0}, {0}, {0}, {0}, {0}, {0}) ON CONFLICT DO NOTHING"


def loket(runtime: Runtime, many: int) -> int:
    """All that Loket does with a mail until its answer waits in the outbox; how many were handled."""
    mailroom, before = Mailroom(runtime), _handled(runtime)
    told: SimpleQueue[int] = SimpleQueue()
    watcher = Watcher(runtime, lambda mailbox: told.put(mailroom.handle(mailbox)))
    watcher.start()
    done = 0
    while done < many:
        done += told.get(timeout=SECONDS_OF_NOTHING)
    watcher.stop()
    mailroom.close()
    with runtime.database.read() as connection:
        if silent := alarms.open_alarms(connection, OFFICE):
            raise RuntimeError(f"not every mail was answered: {[alarm.what for alarm in silent]}")
    return _handled(runtime) - before


def _handled(runtime: Runtime) -> int:
    with runtime.database.read() as connection:
        ends = mails.balance(connection)
    if ends["filed"] or ends["shunted"]:
        raise RuntimeError(f"not every mail was handled: {ends}")
    return ends["handled"]


def floor(account: ImapAccount, database_url: str) -> int:
    """The bare loop; how many mails it took in."""
    opened = _sqlite(database_url) if database_url.startswith("sqlite") else _postgres(database_url)
    known, keep = opened
    password = account.password() if account.password else ""
    with IMAPClient(account.host, account.port, ssl=False) as client:
        client._imap.debug = 0  # noqa: SLF001  # as Loket does
        client.login(account.user, password)
        client.select_folder("INBOX", readonly=True)
        uids = client.search(["UID", f"{known + 1}:*"])
        for start in range(0, len(uids), 100):
            for found in client.fetch(uids[start : start + 100], ["BODY.PEEK[]"]).values():
                keep(_read(found[b"BODY[]"]))
    return len(uids)


def _read(raw: bytes) -> Mapping[str, object]:
    mail = message_from_bytes(raw)
    return {
        "id": str(mail["Message-ID"]),
        "author": parseaddr(str(make_header(decode_header(mail["From"]))))[1],
        "subject": str(make_header(decode_header(mail["Subject"]))),
        "at": parsedate_to_datetime(mail["Date"]).isoformat(),
        "body": _text(mail),
        "raw": raw,
    }


def _text(mail: Message) -> str:
    for part in mail.walk():
        if part.get_content_type() == "text/plain":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                return content.decode(part.get_content_charset("utf-8"), "replace")
    return ""


_Keep = Callable[[Mapping[str, object]], None]


def _sqlite(url: str) -> tuple[int, _Keep]:
    """How many mails are there, and what keeps one more."""
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(_TABLE.format(blob="BLOB"))
    (known,) = connection.execute(_COUNT).fetchone()

    def keep(row: Mapping[str, object]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_INSERT.format("?"), tuple(row.values()))
        connection.execute("COMMIT")

    return known, keep


def _postgres(url: str) -> tuple[int, _Keep]:
    connection = psycopg.connect(url.replace("postgresql+psycopg:", "postgresql:"))
    connection.execute(_TABLE.format(blob="bytea").encode())
    (known,) = connection.execute(_COUNT).fetchone() or (0,)
    connection.commit()

    def keep(row: Mapping[str, object]) -> None:
        connection.execute(_INSERT.format("%s").encode(), tuple(row.values()))
        connection.commit()

    return known, keep


def main(what: str, config: Path, many: int) -> None:
    """Take in and print. Raises ``RuntimeError`` when not every mail came to its end."""
    ticks, settings = count(), load(config, os.environ)
    runtime = compose.compose(
        settings, os.environ, clock=lambda: began_at + timedelta(seconds=15 * next(ticks))
    )
    collect_less_often()  # as ``loket worker`` does
    began_at = MORNING + timedelta(minutes=_handled(runtime))
    sides = {
        "loket": lambda: loket(runtime, many),
        "floor": lambda: floor(runtime.mailboxes[BOX], runtime.settings.database.url),
    }
    began, used = time.perf_counter(), _cpu()
    done = sides[what]()
    told = {"seconds": time.perf_counter() - began, "cpu": _cpu() - used}
    if done != many:
        raise RuntimeError(f"{what} took in {done} of {many} mails")
    print(json.dumps(told))
    runtime.database.close()


def _cpu() -> float:
    """Seconds of this process and of the children that have ended."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
