"""A citizen's search: asked of the local catalogue within the turn, which goes on whatever comes of it."""

import logging
import re
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot import before_ticket
from bot.effects import NoteSearch, SettleSearch
from bot.events import Found, SearchFinished
from bot.policy import Office
from handlers.runtime import Runtime
from storage import catalogue_search, later, searches

log = logging.getLogger(__name__)
_SITE = re.compile(r"(?P<place>[a-z]{3,40}?)(?:kab|kota)?\.bps\.go\.id")


def look(runtime: Runtime, connection: Connection, office: str, query: str) -> SearchFinished:
    """What is published about *query*. A search that fails says so and leaves the turn as it was.

    On PostgreSQL only in a transaction of the turn's own: it refuses the rest of one with a failed statement.
    """
    if connection.dialect.name != "sqlite" and later.is_shared(connection):
        return SearchFinished(query, found(connection, runtime.office(office), query))
    try:
        with _apart(connection):
            return SearchFinished(query, found(connection, runtime.office(office), query))
    except SQLAlchemyError as error:
        log.error("the catalogue can't be searched: %s", type(error).__name__)
        return SearchFinished(query, failed=True)


def _apart(connection: Connection) -> AbstractContextManager[object]:
    """After a failed statement PostgreSQL would refuse the rest of the turn; SQLite does not."""
    return nullcontext() if connection.dialect.name == "sqlite" else connection.begin_nested()


def place_words(office: Office) -> str:
    """What the office's place is called: its name, and how its website shortens it."""
    return f"{before_ticket.place_named(office)} {nickname(office.website or '')}".strip()


def nickname(website: str) -> str:
    """How BPS shortens a place in the address of its website: ``contohkab.bps.go.id`` is *contoh*."""
    named = _SITE.fullmatch((urlsplit(website).hostname or "").removeprefix("www."))
    return named["place"] if named else ""


def found(connection: Connection, office: Office, query: str) -> tuple[Found, ...]:
    """The few things that fit best."""
    hits = catalogue_search.search(connection, query, office.domains, place_words(office))
    return tuple(
        Found(hit.title, hit.kind, hit.link, hit.released_on, hit.summary if hit.kind == "answer" else "")
        for hit in hits
    )


def write(
    connection: Connection,
    office: str,
    conversation_id: int,
    effect: NoteSearch | SettleSearch,
    now: datetime,
) -> None:
    """Keep what was searched, or what came of it."""
    match effect:
        case NoteSearch(query, number):
            searches.add(connection, office, conversation_id, query, number, now)
        case SettleSearch(answered):
            searches.settle(connection, conversation_id, answered=answered)
