"""A desk with some past to measure pages on: tickets with five messages each, and an officer signed in."""

from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import ColumnElement, Connection, Text, case, cast, insert, literal, select

from bench.heap import NOON, OFFICE, Heap, fill, settle
from handlers import compose
from handlers.web import signing
from storage import officers, search, sign_ins
from storage.columns import Moment, table
from storage.db import Database
from storage.tables import Message, Ticket

MESSAGES = 5
SECRET = "b" * 40
_SAID = ("mohon data inflasi", "kolaka timur tahun", "ya", "untuk skripsi bab", "datanya terlampir nomor")


def filled(address: str, folder: Path, heap: Heap) -> str:
    """Fill the empty database at *address*; the cookie of an officer who has signed in there."""
    database = Database(address, folder)
    with database.write() as connection:
        fill(connection, heap)
        for place in range(MESSAGES):
            _say(connection, place)
        cookie = _signed_in(connection)
    search.catch_up(database)
    with database.engine.connect() as connection:
        settle(connection)
    database.close()
    return cookie


def _say(connection: Connection, place: int) -> None:
    """The message that stands at this place in every ticket; the last one is the officer's answer."""
    ticket, message = table(Ticket), table(Message)
    number, answers = cast(ticket.c.id, Text), place == MESSAGES - 1
    told: dict[str, ColumnElement[Any]] = {
        "mid": literal(f"{place}-") + number,
        "direction": literal("out" if answers else "in"),
        "author": literal("officer" if answers else "citizen"),
        "external_id": literal(f"SM{place}-") + number,
        "body": literal(f"{_SAID[place]} ") + number,
        "at": literal(NOON, Moment()),
        "intake": literal(None) if answers else literal("handled"),
        "delivery": literal("sent") if answers else literal(None),
        "outcome": literal(None) if answers else literal("ticket"),
        "channel": literal("whatsapp"),
        "sender": literal("+62811"),
        "address": literal("+62") + cast(ticket.c.contact_id, Text),
        "address_id": ticket.c.contact_id,
    }
    told |= {name: ticket.c[name] for name in ("office", "conversation_id")} | {"ticket_id": ticket.c.id}
    chosen = select(*told.values())
    if answers:
        chosen = chosen.where(case((ticket.c.status == "closed", 1), else_=0) == 1)
    connection.execute(insert(message).from_select(list(told), chosen))


def _signed_in(connection: Connection) -> str:
    at, key = compose.now(), token_urlsafe(24)
    one = officers.add(connection, email="bench@contoh.id", name="Petugas", password_hash="", now=at)
    officers.set_role(connection, one, OFFICE, "officer")
    sign_ins.begin(connection, signing.mark_of(key), one, "a measurement", at)
    app = Flask(__name__, static_folder=None)
    app.secret_key = SECRET
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    if signer is None:
        raise RuntimeError("a key signs")
    return str(signer.dumps({"_user_id": f"{one}.1.{key}", "_fresh": True}))
