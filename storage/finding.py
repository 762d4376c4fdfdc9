"""What officers find by words: tickets in which all of them occur, whoever said them.

However much is stored, only so much is read. Words that many tickets have are found among the newest ones; a
rare one is looked up in the index of its office, and the others in the tickets that it leads to.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache, partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    func,
    literal_column,
    select,
)

from storage import search
from storage.asked import made_once
from storage.inbox import PAGE, Listed, View, among, asked_by, visible
from storage.many import one_of
from storage.tables import Message, Ticket

NEWEST = 150
"""So many tickets are looked through first, those that changed last."""
FURTHER = 1_000
"""Up to so many where the words are common, and of those that a rarer word leads to."""
COMMON = 5
"""How many of the newest tickets make a word a common one."""
MOST_HITS = 10_000
_AT_ONCE = 250


def found(connection: Connection, view: View, query: str, size: int = PAGE) -> tuple[Listed, ...]:
    """Tickets in which all words of *query* occur, open ones first, then the newest; none for no words.

    Where more than *size* have them, those that changed last are preferred.
    """
    words = search.words_in(query)
    if not words:
        return ()
    return among(connection, view, _hits(connection, view, words, size), size)


def _hits(connection: Connection, view: View, words: Sequence[str], size: int) -> Collection[int]:
    spoken = _Words(words)
    _look(connection, spoken, _newest(connection, view, 0, NEWEST))
    if len(spoken.whole) < size:
        rarest = min(words, key=lambda word: spoken.seen[word])
        further = _common if spoken.seen[rarest] >= COMMON else partial(_rare, rarest)
        _until(connection, spoken, further(connection, view, spoken), size)
    return spoken.whole


def _common(connection: Connection, view: View, _: "_Words") -> Iterator[Sequence[int]]:
    """Where to look on for words that many have: among what changed last, here and on its way."""
    yield _between_offices(connection, _went(view), view)
    further = _newest(connection, view, NEWEST, FURTHER)
    for start in range(0, len(further), _AT_ONCE):
        yield further[start : start + _AT_ONCE]
    yield _between_offices(connection, _came(view), view)


def _rare(word: str, connection: Connection, view: View, spoken: "_Words") -> Iterator[Sequence[int]]:
    """And for a rare one: where the index of the office leads, which knows no words of other offices."""
    yield _between_offices(connection, _came(view), view)
    hits = sorted(search.of_office(connection, view.office, word, MOST_HITS), reverse=True)
    if spoken.is_alone(word) and word.isascii():  # of other letters each database has its own opinion
        spoken.whole.update(hits[:_AT_ONCE])
        return
    for start in range(0, min(len(hits), FURTHER), _AT_ONCE):
        yield hits[start : start + _AT_ONCE]


def _until(connection: Connection, spoken: "_Words", further: Iterator[Sequence[int]], size: int) -> None:
    for tickets in further:
        _look(connection, spoken, tickets)
        if len(spoken.whole) >= size:
            break


def _look(connection: Connection, spoken: "_Words", tickets: Sequence[int]) -> None:
    for ticket, text in _texts(connection, tickets).items():
        spoken.look(ticket, text)


class _Words:
    """The words that are looked for: in how many tickets each was seen, and which have all."""

    def __init__(self, words: Iterable[str]) -> None:
        self.seen: defaultdict[str, int] = defaultdict(int)
        self.whole: set[int] = set()
        self._spelled = {word: [_plain(one) for one in search.spellings(word)] for word in words}
        self._begins = {word: _beginning(spelled) for word, spelled in self._spelled.items()}

    def look(self, ticket: int, text: str) -> None:
        """Look for the words in what was said on a ticket."""
        there = [word for word, spelled in self._spelled.items() if self._is_in(text, word, spelled)]
        for word in there:
            self.seen[word] += 1
        if len(there) == len(self._spelled):
            self.whole.add(ticket)

    def is_alone(self, word: str) -> bool:
        """Whether no other word is looked for."""
        return self._spelled.keys() == {word}

    def _is_in(self, text: str, word: str, spelled: Sequence[str]) -> bool:
        # Most texts have the letters nowhere, which is soon told.
        return any(one in text for one in spelled) and bool(self._begins[word].search(text))


def _beginning(spelled: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, spelled))})")


def _plain(text: str) -> str:
    """As the index reads it: small letters, without accents."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _newest(connection: Connection, view: View, beyond: int, most: int) -> list[int]:
    asked = asked_by(view, beyond=beyond, most=most)
    return list(connection.execute(_changed_last(view), asked).scalars())


@made_once
def _changed_last(view: View) -> Select[*tuple[Any, ...]]:
    newest = (Ticket.touched_at.desc(), Ticket.id.desc())
    changed = select(Ticket.id).where(visible(view)).order_by(*newest)
    return changed.offset(bindparam("beyond")).limit(bindparam("most"))


def _between_offices(
    connection: Connection, statement: Select[*tuple[Any, ...]], view: View
) -> Sequence[int]:
    """The newest that came from other offices, whose words are indexed there; or that went to others."""
    return connection.execute(statement, asked_by(view, most=NEWEST)).scalars().all()


@made_once
def _came(view: View) -> Select[*tuple[Any, ...]]:
    return _away(Ticket.handled_by == view.office)


@made_once
def _went(view: View) -> Select[*tuple[Any, ...]]:
    return _away(Ticket.office == view.office)


def _away(theirs: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    away: ColumnElement[bool] = literal_column("ticket.handled_by <> ticket.office")
    return select(Ticket.id).where(theirs, away).order_by(Ticket.id.desc()).limit(bindparam("most"))


@cache
def _titled(dialect: str) -> Select[*tuple[Any, ...]]:
    return select(Ticket.id, Ticket.search_text).where(one_of(Ticket.id, "tickets", dialect))


@cache
def _said(dialect: str) -> Select[*tuple[Any, ...]]:
    # In one row: to fetch each message by itself costs more than to look into it.
    said = func.aggregate_strings(func.substr(Message.body, 1, search.INDEXED_CHARACTERS), "\n").label("said")
    theirs = (one_of(Message.ticket_id, "tickets", dialect), Message.author != "bot")
    return select(Message.ticket_id, said).where(*theirs).group_by(Message.ticket_id)


def _texts(connection: Connection, tickets: Sequence[int]) -> dict[int, str]:
    """What stands on each ticket and what people said there, as far as it is indexed."""
    if not tickets:
        return {}
    dialect, asked = connection.dialect.name, {"tickets": list(tickets)}
    said = {row.ticket_id: row.said for row in connection.execute(_said(dialect), asked).all()}
    titled = connection.execute(_titled(dialect), asked).all()
    return {row.id: _plain(f"{row.search_text}\n{said.get(row.id, '')}") for row in titled}
