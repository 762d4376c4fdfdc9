"""What officers find by words: tickets in which all of them occur, whoever said them.

However much is stored, only so much is read. Words that many tickets have are found among the newest ones; a
rare one is looked up in the index of its office, and the others in the tickets that it leads to.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
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
        _look(connection, spoken, _between_offices(connection, view))
        rarest = min(words, key=lambda word: spoken.seen[word])
        if spoken.seen[rarest] >= COMMON:
            further = _newest(connection, view, NEWEST, FURTHER)
        else:
            further = sorted(search.of_office(connection, view.office, rarest, MOST_HITS), reverse=True)
        _until(connection, spoken, further, size)
    return spoken.whole


def _until(connection: Connection, spoken: "_Words", tickets: Sequence[int], size: int) -> None:
    for start in range(0, min(len(tickets), FURTHER), _AT_ONCE):
        if len(spoken.whole) >= size:
            break
        _look(connection, spoken, tickets[start : start + _AT_ONCE])


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
    changed = select(Ticket.id).where(visible(view)).order_by(Ticket.touched_at.desc())
    return changed.offset(bindparam("beyond")).limit(bindparam("most"))


def _between_offices(connection: Connection, view: View) -> list[int]:
    """The newest that came from other offices, whose words are indexed there, and that went to others."""
    asked = asked_by(view, most=NEWEST)
    both = (_came(view), _went(view))
    return [ticket for each in both for ticket in connection.execute(each, asked).scalars()]


@made_once
def _came(view: View) -> Select[*tuple[Any, ...]]:
    return _away(Ticket.handled_by == view.office)


@made_once
def _went(view: View) -> Select[*tuple[Any, ...]]:
    return _away(Ticket.office == view.office)


def _away(theirs: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    away: ColumnElement[bool] = literal_column("ticket.handled_by <> ticket.office")
    return select(Ticket.id).where(theirs, away).order_by(Ticket.id.desc()).limit(bindparam("most"))


_THESE: BindParameter[int] = bindparam("tickets", expanding=True)
_TITLED = select(Ticket.id, Ticket.search_text).where(Ticket.id.in_(_THESE))
_SAID = select(Message.ticket_id, func.substr(Message.body, 1, search.INDEXED_CHARACTERS)).where(
    Message.ticket_id.in_(_THESE), Message.author != "bot"
)


def _texts(connection: Connection, tickets: Sequence[int]) -> dict[int, str]:
    """What stands on each ticket and what people said there, as far as it is indexed."""
    if not tickets:
        return {}
    asked = {"tickets": tickets}
    texts = {row.id: [row.search_text] for row in connection.execute(_TITLED, asked).all()}
    for ticket, words in connection.execute(_SAID, asked).all():
        texts[ticket].append(words)
    return {ticket: _plain("\n".join(parts)) for ticket, parts in texts.items()}
