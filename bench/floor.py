"""The floor: a bare Flask app that checks the signature with the SDK, commits twice and does nothing else."""

import json
import queue
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import psycopg
from flask import Flask, Response, request
from twilio.request_validator import RequestValidator

from bench.posts import PATH, PUBLIC_URL, TOKEN

_EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
_CONNECTIONS = 20


class Store(Protocol):
    """Where a message is kept, with one commit for each call."""

    def keep(self, sid: str, raw: str) -> None:
        """Insert it."""

    def settle(self, sid: str) -> None:
        """Mark it as handled."""


def floor_app(store: Store) -> Flask:
    """The bare app on *store*."""
    app = Flask(__name__, static_folder=None)
    validator = RequestValidator(TOKEN)

    @app.post(PATH)
    def message() -> Response:
        signature = request.headers.get("X-Twilio-Signature", "")
        if not validator.validate(PUBLIC_URL + PATH, request.form, signature):
            return Response("signature refused", 403)
        sid = request.form["MessageSid"]
        store.keep(sid, json.dumps(request.form.to_dict()))
        store.settle(sid)
        return Response(_EMPTY_TWIML, 200, mimetype="text/xml")

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    return app


class Sqlite:
    """Plain ``sqlite3``: WAL, ``synchronous=FULL`` as in Loket, and writers take turns at one lock."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._own = threading.local()
        self._turn = threading.Lock()
        self._commit("CREATE TABLE IF NOT EXISTS message (sid TEXT PRIMARY KEY, raw TEXT, handled INTEGER)")

    def keep(self, sid: str, raw: str) -> None:
        """Insert it."""
        self._commit("INSERT INTO message VALUES (?, ?, 0) ON CONFLICT DO NOTHING", sid, raw)

    def settle(self, sid: str) -> None:
        """Mark it as handled."""
        self._commit("UPDATE message SET handled = 1 WHERE sid = ?", sid)

    def _commit(self, statement: str, *values: str) -> None:
        connection = self._connection()
        with self._turn:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(statement, values)
            connection.execute("COMMIT")

    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if found is None:
            found = self._own.connection = sqlite3.connect(self._path, isolation_level=None, timeout=30)
            found.execute("PRAGMA journal_mode=WAL")
            found.execute("PRAGMA synchronous=FULL")
        return found


class Postgres:
    """Plain psycopg on a small pool, with its usual transactions."""

    def __init__(self, address: str) -> None:
        self._free: queue.LifoQueue[psycopg.Connection] = queue.LifoQueue()
        for _ in range(_CONNECTIONS):
            self._free.put(psycopg.connect(address))
        with self._connection() as connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS message (sid text PRIMARY KEY, raw json, handled boolean)"
            )
            connection.commit()

    def keep(self, sid: str, raw: str) -> None:
        """Insert it."""
        with self._connection() as connection:
            statement = "INSERT INTO message VALUES (%s, %s, false) ON CONFLICT DO NOTHING"
            connection.execute(statement, (sid, raw))
            connection.commit()

    def settle(self, sid: str) -> None:
        """Mark it as handled."""
        with self._connection() as connection:
            connection.execute("UPDATE message SET handled = true WHERE sid = %s", (sid,))
            connection.commit()

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection]:
        connection = self._free.get()
        try:
            yield connection
        finally:
            self._free.put(connection)
