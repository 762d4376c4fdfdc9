"""One side of delivering, as a process: ``python -m bench.delivering floor|loket CONFIG MANY``.

Queues what the bot says in so many conversations, sends it all to ``bench.sink`` and prints, as JSON, how
many left, the seconds and the CPU it took. The floor is a bare loop of as many threads as Loket's worker
has: claimed with one commit, posted with a kept connection, settled with another commit.
"""

import json
import os
import sqlite3
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import requests
from sqlalchemy import func, select

from bench import posts
from channels.whatsapp.reading import read_message
from handlers import compose, jobs, receiving
from handlers.runtime import Runtime
from handlers.settings import load
from storage.columns import table
from storage.tables import Message

SENDERS = 4
_PATH = f"/2010-04-01/Accounts/{posts.ACCOUNT}/Messages.json"
_TABLE = "CREATE TABLE outgoing (id INTEGER PRIMARY KEY, body TEXT, state TEXT, sid TEXT)"
_KEEP = "INSERT INTO outgoing VALUES (?, ?, 'queued', '')"
_CLAIM = "UPDATE outgoing SET state = 'sending' WHERE id = ?"
_SETTLE = "UPDATE outgoing SET state = 'sent', sid = ? WHERE id = ?"


def main(what: str, config: Path, conversations: int) -> None:
    """Queue, send and print. Raises ``RuntimeError`` when something did not leave."""
    settings, looks, began_at = load(config, os.environ), count(), datetime.now(UTC)  # noqa: TID251
    # Its own clock goes fast enough for what a number may send in a second.
    runtime = compose.compose(
        settings, os.environ, clock=lambda: began_at + timedelta(seconds=0.1 * next(looks))
    )
    _queue(runtime, conversations)
    bodies = _unsent(runtime)
    bare = _Sender(settings.database.url, settings.channels.whatsapp.api_url)
    bare.keep(bodies)
    began, used = time.perf_counter(), time.process_time()
    if what == "loket":
        _loket(runtime)
    else:
        _floor(bare, bodies)
    told = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - used}
    if what == "loket" and (left := _unsent(runtime)):
        raise RuntimeError(f"{len(left)} of {len(bodies)} messages did not leave")
    print(json.dumps({**told, "messages": len(bodies)}))
    runtime.database.close()


def _queue(runtime: Runtime, conversations: int) -> None:
    for form in posts.forms(conversations):
        receiving.receive(runtime, read_message(form))


def _unsent(runtime: Runtime) -> list[str]:
    rows = table(Message)
    wanted = select(rows.c.body).where(rows.c.delivery.in_(("queued", "sending")))
    with runtime.database.read() as connection:
        return list(connection.execute(wanted).scalars())


def _loket(runtime: Runtime) -> None:
    rows = select(func.count()).where(table(Message).c.delivery == "queued")
    with ThreadPoolExecutor(SENDERS) as pool:
        while True:
            jobs.deliver(runtime, pool, "whatsapp")
            with runtime.database.read() as connection:
                if not connection.execute(rows).scalar_one():
                    return


def _floor(sender: "_Sender", bodies: list[str]) -> None:
    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(sender.send, range(len(bodies)), bodies))


class _Sender:
    """The bare loop: a connection and a session for each thread."""

    def __init__(self, url: str, api_url: str) -> None:
        self._sqlite, self._url, self._api_url = url.startswith("sqlite"), url, api_url
        self._own, self._turn = threading.local(), threading.Lock()

    def keep(self, bodies: list[str]) -> None:
        """What waits to be sent."""
        with closing(self._connected()) as connection:
            connection.execute(_TABLE)
            for number, body in enumerate(bodies):
                connection.execute(self._words(_KEEP), (number, body))

    def send(self, number: int, body: str) -> None:
        """Claim it, post it, settle it."""
        if not hasattr(self._own, "session"):
            self._own.session, self._own.connection = requests.Session(), self._connected()
        self._commit(_CLAIM, number)
        form = {"To": "whatsapp:+6281", "From": "whatsapp:+6282", "Body": body}
        with self._own.session.post(self._api_url + _PATH, data=form, timeout=30) as answer:
            sid = answer.json()["sid"]
        self._commit(_SETTLE, sid, number)

    def _connected(self) -> Any:
        if self._sqlite:
            made = sqlite3.connect(self._url.removeprefix("sqlite:///"), isolation_level=None)
            made.execute("PRAGMA synchronous=FULL")
            return made
        return psycopg.connect(self._url.replace("postgresql+psycopg:", "postgresql:"), autocommit=True)

    def _commit(self, statement: str, *values: object) -> None:
        if self._sqlite:
            with self._turn:
                self._own.connection.execute(statement, values)
        else:
            self._own.connection.execute(self._words(statement), values)

    def _words(self, statement: str) -> str:
        return statement if self._sqlite else statement.replace("?", "%s")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
