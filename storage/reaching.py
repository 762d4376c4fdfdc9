"""Whether a PostgreSQL can be talked to yet: one that is coming up is another thing than a wrong password.

The driver tells of a connection that failed in words alone, which a server says in its own language.
"""

from enum import Enum

from sqlalchemy import make_url

from storage.db import SECONDS_TO_CONNECT

_FULL = ("too many clients", "too many connections", "connection slots are reserved")


class Server(Enum):
    """How a server answers somebody who wants to come in."""

    THERE = "answers"
    BEGINNING = "is starting up"
    SILENT = "does not answer"


def server_of(url: str) -> Server:
    """How the server of SQLAlchemy's *url* answers, whoever asks. SQLite's file is always there."""
    if not url.startswith("postgresql"):
        return Server.THERE
    from psycopg import pq  # SQLite does without it

    told = {pq.Ping.REJECT: Server.BEGINNING, pq.Ping.NO_RESPONSE: Server.SILENT}
    return told.get(pq.Ping(pq.PGconn.ping(_address(url))), Server.THERE)


def _address(url: str) -> bytes:
    from psycopg import pq
    from psycopg.conninfo import make_conninfo

    parsed = make_url(url)
    _, given = parsed.get_dialect()().create_connect_args(parsed)
    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    asked = {"connect_timeout": SECONDS_TO_CONNECT} | {name: given[name] for name in given if name in known}
    return make_conninfo(**asked).encode()


def is_full(error: Exception) -> bool:
    """Whether *error* says that others have all connections. Of a server that speaks English only."""
    return any(words in str(error) for words in _FULL)
