"""The floor of officers' pages: a bare Flask app in which each page is one statement of raw SQL."""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import psycopg
from flask import Flask, request

from storage import search

Ask = Callable[[str, Sequence[object]], list[Any]]

# ruff: noqa: S608  # the words of statements are all written here
_LINE = (
    "SELECT t.id, t.reference, t.subject, t.due_at, c.name, v.reply_to, v.channel, m.body"
    " FROM ticket t JOIN contact c ON c.id = t.contact_id JOIN conversation v ON v.id = t.conversation_id"
    " LEFT JOIN message m ON m.id = (SELECT max(id) FROM message WHERE ticket_id = t.id AND author <> 'bot')"
)
LIST = (
    f"{_LINE} WHERE t.handled_by = ? AND t.status = 'open' AND t.waiting_for = 'office'"
    " ORDER BY t.due_at, t.id LIMIT 41"
)
TICKET = (
    "SELECT t.reference, c.name, m.id, m.author, m.body, m.at, m.delivery FROM ticket t"
    " JOIN contact c ON c.id = t.contact_id JOIN message m ON m.ticket_id = t.id"
    " WHERE t.id = ? AND t.handled_by = ? ORDER BY m.id LIMIT 200"
)
_SAID = {
    "SQLite": "id IN (SELECT rowid FROM message_search WHERE message_search MATCH ?)",
    "PostgreSQL": f"author <> 'bot' AND {search._vector('body')} @@ to_tsquery('simple', ?)",  # noqa: SLF001  # as indexed
}
SEARCH = {
    database: f"{_LINE} WHERE t.handled_by = ? AND t.id IN (SELECT ticket_id FROM message WHERE {said})"
    " ORDER BY t.id DESC LIMIT 40"
    for database, said in _SAID.items()
}


def pages_app(address: str) -> Flask:
    """The bare app on a filled desk of Loket's."""
    ask = asking(address)
    name = "SQLite" if address.startswith("sqlite") else "PostgreSQL"
    app = Flask(__name__, static_folder=None)

    @app.get("/list")
    def shown() -> str:
        return _page(ask(LIST, [request.args["office"]]))

    @app.get("/ticket")
    def ticket() -> str:
        return _page(ask(TICKET, [int(request.args["id"]), request.args["office"]]))

    @app.get("/search")
    def found() -> str:
        office = request.args["office"]
        return _page(ask(SEARCH[name], [office, _wanted(name, office, request.args["q"])]))

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    return app


def _wanted(database: str, office: str, query: str) -> str:
    """Words as the index has them, each with its office before it."""
    words = [f"x{office}x{word}" for word in query.split()]
    if database == "SQLite":
        return " AND ".join(f'"{word}"*' for word in words)
    return " & ".join(f"'{word}':*" for word in words)


def asking(address: str) -> Ask:
    """What executes a statement and gives its rows, on a kept connection of the thread that asks."""
    own = threading.local()

    def connection() -> Any:
        if not hasattr(own, "connection"):
            own.connection = _connected(address)
        return own.connection

    def ask(statement: str, values: Sequence[object]) -> list[Any]:
        if not address.startswith("sqlite"):
            statement = statement.replace("?", "%s")
        return list(connection().execute(statement, values).fetchall())

    return ask


def _connected(address: str) -> Any:
    if address.startswith("sqlite"):
        return sqlite3.connect(address.removeprefix("sqlite:///"), isolation_level=None)
    return psycopg.connect(address.replace("postgresql+psycopg:", "postgresql:"), autocommit=True)


def _page(rows: list[Any]) -> str:
    cells = ("".join(f"<td>{escape(str(cell))}</td>" for cell in row) for row in rows)
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in cells)}</table>"
