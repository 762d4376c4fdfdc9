"""What officers find by words: tickets in which all of them occur, whoever said them.

However much is stored, only so much is read. Words that many tickets have are found among the newest ones; a
rare one is looked up in the index of its office, and the others in the tickets that it leads to.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache, partial
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    case,
    func,
    literal_column,
    select,
)

from storage import search
from storage.inbox import PAGE, Listed, View, among, anybody, asked_by, visible
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
_Texts: TypeAlias = Sequence[Any]
"""Of tickets: the number, what stands on it, and what people said there."""


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
    spoken.look(_newest(connection, view, 0, NEWEST))
    if len(spoken.whole) < size:
        rarest = min(words, key=lambda word: spoken.seen[word])
        further = _common if spoken.seen[rarest] >= COMMON else partial(_rare, rarest)
        _until(spoken, further(connection, view, spoken), size)
    return spoken.whole


def _common(connection: Connection, view: View, _: "_Words") -> Iterator[_Texts]:
    """Where to look on for words that many have: among what changed last, here and on its way."""
    yield _between_offices(connection, _went, view)
    for beyond in range(0, FURTHER, _AT_ONCE):
        further = _newest(connection, view, NEWEST + beyond, min(_AT_ONCE, FURTHER - beyond))
        if not further:
            break
        yield further
    yield _between_offices(connection, _came, view)


def _rare(word: str, connection: Connection, view: View, spoken: "_Words") -> Iterator[_Texts]:
    """And for a rare one: where the index of the office leads, which knows no words of other offices."""
    yield _between_offices(connection, _came, view)
    hits = sorted(search.of_office(connection, view.office, word, MOST_HITS), reverse=True)
    if spoken.is_alone(word) and word.isascii():  # of other letters each database has its own opinion
        spoken.whole.update(hits[:_AT_ONCE])
        return
    for start in range(0, min(len(hits), FURTHER), _AT_ONCE):
        yield _of_tickets(connection, hits[start : start + _AT_ONCE])


def _until(spoken: "_Words", further: Iterator[_Texts], size: int) -> None:
    for texts in further:
        spoken.look(texts)
        if len(spoken.whole) >= size:
            break


class _Words:
    """The words that are looked for: in how many tickets each was seen, and which have all."""

    def __init__(self, words: Iterable[str]) -> None:
        self.seen: defaultdict[str, int] = defaultdict(int)
        self.whole: set[int] = set()
        self._spelled = {word: [_plain(one) for one in search.spellings(word)] for word in words}

    def look(self, texts: _Texts) -> None:
        """Look for the words in what stands on each ticket, and in what was said there."""
        for ticket, titled, said in texts:
            text = _plain(f"{titled}\n{said or ''}")
            there = [word for word, spelled in self._spelled.items() if _begins(text, spelled)]
            for word in there:
                self.seen[word] += 1
            if len(there) == len(self._spelled):
                self.whole.add(ticket)

    def is_alone(self, word: str) -> bool:
        """Whether no other word is looked for."""
        return self._spelled.keys() == {word}


def _begins(text: str, spelled: Iterable[str]) -> bool:
    """Whether a word of the text begins so. A pattern would be tried at every letter."""
    for one in spelled:
        at = text.find(one)
        while at >= 0:
            if not at or not text[at - 1].isalnum():
                return True
            at = text.find(one, at + 1)
    return False


def _plain(text: str) -> str:
    """As the index reads it: small letters, without accents."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFD", text.casefold())
    for letter in filter(unicodedata.combining, set(apart)):  # which are few, while a text is long
        apart = apart.replace(letter, "")
    return apart


def _newest(connection: Connection, view: View, beyond: int, most: int) -> _Texts:
    asked = asked_by(view, beyond=beyond, most=most)
    return _read(connection, _changed_last(view.complaints, connection.dialect.name), asked)


@cache
def _changed_last(complaints: bool, dialect: str) -> Select[*tuple[Any, ...]]:
    newest = (Ticket.touched_at.desc(), Ticket.id.desc())
    changed = _TITLED.where(visible(anybody(complaints=complaints))).order_by(*newest)
    return _with_said(changed.offset(bindparam("beyond")).limit(bindparam("most")), dialect)


def _between_offices(
    connection: Connection, which: Callable[[str], Select[*tuple[Any, ...]]], view: View
) -> _Texts:
    """The newest that came from other offices, whose words are indexed there; or that went to others."""
    return _read(connection, which(connection.dialect.name), {"office": view.office, "most": NEWEST})


@cache
def _came(dialect: str) -> Select[*tuple[Any, ...]]:
    return _away(Ticket.handled_by == bindparam("office"), dialect)


@cache
def _went(dialect: str) -> Select[*tuple[Any, ...]]:
    return _away(Ticket.office == bindparam("office"), dialect)


def _away(theirs: ColumnElement[bool], dialect: str) -> Select[*tuple[Any, ...]]:
    away: ColumnElement[bool] = literal_column("ticket.handled_by <> ticket.office")
    passed = _TITLED.where(theirs, away).order_by(Ticket.id.desc())
    return _with_said(passed.limit(bindparam("most")), dialect)


def _of_tickets(connection: Connection, tickets: list[int]) -> _Texts:
    return _read(connection, _those(connection.dialect.name), {"tickets": tickets})


@cache
def _those(dialect: str) -> Select[*tuple[Any, ...]]:
    return _with_said(_TITLED.where(one_of(Ticket.id, "tickets", dialect)), dialect)


def _read(connection: Connection, statement: Select[*tuple[Any, ...]], asked: dict[str, Any]) -> _Texts:
    return connection.execute(statement, asked).all()


_TITLED = select(Ticket.id, Ticket.search_text)


def _with_said(chosen: Select[*tuple[Any, ...]], dialect: str) -> Select[*tuple[Any, ...]]:
    """Those tickets, what stands on them, and what people said there, as far as it is indexed."""
    ticket = chosen.subquery()
    # In one row: to fetch each message by itself costs more than to look into it.
    said = func.aggregate_strings(_indexed(dialect), "\n")
    theirs = (Message.ticket_id == ticket.c.id, Message.author != "bot")
    return select(ticket.c.id, ticket.c.search_text, select(said).where(*theirs).scalar_subquery())


def _indexed(dialect: str) -> ColumnElement[str]:
    first = func.substr(Message.body, 1, search.INDEXED_CHARACTERS)
    if dialect == "sqlite":
        return first
    # PostgreSQL counts every letter for it, and knows a text's bytes without looking.
    return case((func.octet_length(Message.body) <= search.INDEXED_CHARACTERS, Message.body), else_=first)
