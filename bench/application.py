"""Serves what only a measurement needs: ``python -m bench.application floor|raw|accept PORT``.

All run on the product's own server, with its settings. ``accept`` is Loket itself, except that a webhook
ends once the message is stored: what it costs to handle is left away, and how the sender's chat stands is not
asked where a message comes by itself.
"""

import os
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import Connection

import handlers.receiving
from bench.floor import Postgres, Sqlite, floor_app
from bench.rawpages import pages_app
from bot.policy import Office
from channels.contract import Inbound
from handlers import inbound, logs
from handlers.commands.wiring import wired
from handlers.runtime import Runtime
from handlers.serving import Server
from handlers.web.app import create_app
from storage import contacts, intake, writers

_PENDING = intake.End("pending", "", None)


class OtherServer(Server):
    """The product's server around another application."""

    def __init__(self, make: Callable[[], Flask], port: int) -> None:
        self._make = make
        super().__init__(_no_desk, "127.0.0.1", port, worker=False)

    def load(self) -> Any:
        """The application, made in the process that serves it."""
        return self._make()


def _no_desk() -> Runtime:
    raise AssertionError("this server wires no desk")


def floor() -> Flask:
    """The bare app on the database that the environment names."""
    address = os.environ["LOKET_DATABASE_URL"]
    if address.startswith("sqlite"):
        return floor_app(Sqlite(address.removeprefix("sqlite:///")))
    return floor_app(Postgres(address.replace("postgresql+psycopg:", "postgresql:")))


def raw() -> Flask:
    """The bare app that answers an officer's pages from the desk that the environment names."""
    return pages_app(os.environ["LOKET_DATABASE_URL"])


def accept() -> Flask:
    """Loket, of which a webhook only accepts."""
    vars(handlers.receiving)["turn"] = _keep
    vars(writers)["expect_one"] = _ask_nothing
    return create_app(wired(None))


def _ask_nothing(_: Connection, __: writers.Writer) -> None:
    """Only a turn needs the chat; who has written is asked for next."""


def _keep(
    _: Runtime, connection: Connection, message: Inbound, office: Office, home: contacts.Home, now: datetime
) -> None:
    """Keep the message, and leave its turn away."""
    row = inbound.row_of(message, office.code, home.address_id, now)
    intake.add_settled(connection, row, _PENDING, at_once=False)


if __name__ == "__main__":
    logs.configure({})
    OtherServer({"floor": floor, "raw": raw, "accept": accept}[sys.argv[1]], int(sys.argv[2])).run()
