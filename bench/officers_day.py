"""What officers ask of the desk, as real requests to the real application over a filled database."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from bench.province import LONG_EVERY, NOON, Province
from bench.province_rows import OFFICERS
from bench.vocabulary import COMMON, MIDDLING, NOWHERE, rare
from handlers import compose
from handlers.runtime import Runtime
from handlers.settings import load
from handlers.web import signing
from handlers.web.app import create_app
from storage import officers, sign_ins
from storage.inbox import ListName


@dataclass(frozen=True, slots=True)
class Look:
    """A page, and by whom it is looked at."""

    name: str
    officer_id: int
    path: str


@contextmanager
def desk(address: str, folder: Path, province: Province) -> Iterator[tuple[Runtime, Flask]]:
    """The whole application over the database at *address*, at the moment for which it was filled."""
    config = folder / "config.yaml"
    config.write_text(json.dumps(_config(address, folder, province)), "utf-8")  # JSON is YAML
    environ = {"LOKET_SECRET_KEY": "b" * 40, "TWILIO_ACCOUNT_SID": "AC", "TWILIO_AUTH_TOKEN": "b" * 32}
    runtime = compose.compose(load(config, environ), {**os.environ, **environ}, clock=lambda: NOON)
    app = create_app(runtime)
    app.config.update(WTF_CSRF_ENABLED=False, SESSION_COOKIE_SECURE=False)
    yield runtime, app
    runtime.database.close()


def _config(address: str, folder: Path, province: Province) -> dict[str, Any]:
    return {
        "public_url": "https://bench.example.org",
        "data_dir": str(folder / "data"),
        "database": {"url": address},
        "channels": {
            "whatsapp": {
                "accounts": {"main": {"sid": "env:TWILIO_ACCOUNT_SID", "token": "env:TWILIO_AUTH_TOKEN"}}
            }
        },
        "offices": {province.code(place): _office(province, place) for place in range(province.offices)},
    }


def _office(province: Province, place: int) -> dict[str, Any]:
    return {
        "short_name": province.short_name(place),
        "name": {"id": f"BPS Kabupaten {place}", "en": f"BPS-Statistics {place}"},
        "timezone": "Asia/Makassar",
        "modes": {"whatsapp": "consult", "email": "off"},
        "senders": {"whatsapp": [f"+628110000{province.code(place)}"]},
    }


def signed_in(app: Flask, runtime: Runtime, officer_id: int) -> FlaskClient:
    """A browser in which this officer is signed in."""
    key, client = token_urlsafe(24), app.test_client()
    with runtime.database.write() as connection:
        account = officers.find(connection, officer_id)
        if account is None:
            raise LookupError(officer_id)
        sign_ins.begin(connection, signing.mark_of(key), officer_id, "a measurement", runtime.clock())
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = f"{officer_id}.{account.sessions}.{key}", True
    return client


def looks(runtime: Runtime, province: Province) -> tuple[Look, ...]:
    """Everything that is looked at: in the largest office, and in the smallest."""
    large, small = province.code(0), province.code(province.offices - 1)
    head, mere, far = 1, 2, (province.offices - 1) * OFFICERS + 1
    administrator = province.offices * OFFICERS + 1
    short, long, reference, phone = _tickets(runtime, large)
    asked = [
        *((f"list: {name.value}", head, f"{large}?list={name.value}") for name in ListName),
        ("list: waiting, an officer", mere, f"{large}?list=waiting"),
        ("list: waiting, page 3", head, f"{large}?list=waiting&page=2"),
        ("list: open, by window", head, f"{large}?list=open&sort=window"),
        ("list: closed, page 25", head, f"{large}?list=closed&page=24"),
        ("list: waiting, small office", far, f"{small}?list=waiting"),
        ("list: closed, small office", far, f"{small}?list=closed"),
        ("list: waiting, 500 offices' administrator", administrator, f"{large}?list=waiting"),
        ("ticket: 10 messages", head, f"{large}/tickets/{short}"),
        ("ticket: 200 messages", head, f"{large}/tickets/{long}"),
        ("ticket: beside the closed ones", mere, f"{large}/tickets/{short}?list=closed"),
        ("changes", head, f"{large}/changes"),
        ("changes, small office", far, f"{small}/changes"),
    ]
    words = {
        "a rare word": rare(3 * 1234),
        "a common word": COMMON,
        "a middling word": MIDDLING,
        "a ticket's number": reference,
        "its last digits": reference.rpartition("-")[2],
        "a phone number": phone,
        "a name": f"siti {rare(7 * (int(short) // 3 + 1) % 20_000)}",
        "two words": "inflasi kendari",
        "a common and a rare word": f"{COMMON} {rare(3 * 2345)}",
        "two common words": f"{COMMON} kabupaten",
        "the beginning of a word": "penghun",
        "a word that is nowhere": NOWHERE,
        "a misspelt word": "inflassi",
    }
    asked += [(f"search: {name}", head, f"{large}?q={word}") for name, word in words.items()]
    asked += [
        (f"search: {name}, small office", far, f"{small}?q={words[name]}")
        for name in ("a rare word", "a common word", "a middling word", "a word that is nowhere")
    ]
    return tuple(Look(name, who, f"/inbox/{path}".replace("+", "%2B")) for name, who, path in asked)


def _tickets(runtime: Runtime, office: str) -> tuple[int, int, str, str]:
    """An open ticket of the office, a long one, a number and a phone number."""
    newest = text(
        "SELECT ticket.id, reference, value FROM ticket"
        " JOIN address ON address.contact_id = ticket.contact_id"
        " WHERE ticket.office = :office AND ticket.handled_by = :office AND status = 'open' AND"
        " address.kind = 'whatsapp' AND ticket.kind = 'consultation' ORDER BY ticket.id DESC LIMIT 1"
    )
    every = text(
        "SELECT max(id) FROM ticket WHERE office = :office AND handled_by = :office AND kind = 'consultation'"
        " AND id % :every = 0"
    )
    with runtime.database.read() as connection:
        row = connection.execute(newest, {"office": office}).one()
        long = connection.execute(every, {"office": office, "every": LONG_EVERY}).scalar()
    return row.id, long or row.id, row.reference, row.value
