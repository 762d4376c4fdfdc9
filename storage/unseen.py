"""What an officer's copy of a person's data leaves out: complaints of which that officer may not know."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, select

from bot.conversation import Outcome
from storage import personal, theirs
from storage.columns import AnyRow, Base, table
from storage.tables import Conversation, Ticket
from storage.theirs import MAIL, MESSAGE, Rows
from storage.voice_tables import Accused

CONVERSATION, TICKET = table(Conversation), table(Ticket)
_MAKING = frozenset({"state", "memory"})
"""Of a conversation: what is being written at this moment, perhaps a complaint."""
_NAMING = frozenset({"complaint_id", "linked_to", "perhaps_of", "merged_into"})


class Unseen:
    """The complaints about an officer, of what is *found* of a person, with all that hangs on them.

    Also what is told as a complaint and not filed yet, or never: nobody knows whom it is about.
    """

    def __init__(self, connection: Connection, found: Rows, officer_id: int) -> None:
        about = select(Accused.ticket_id).where(Accused.officer_id == officer_id)
        self._tickets = found.get("ticket", set()) & set(connection.execute(about).scalars())
        own = theirs.rows_of(connection, TICKET, self._tickets)
        self._references = tuple(row.reference.casefold() for row in own)
        threads = self._threads(connection, found, own)
        messages, mails = self._said(connection, found, threads)
        self._rows: Rows = {
            "ticket": self._tickets, "conversation": threads, "message": messages, "mail": mails
        }  # fmt: skip
        for each in Base.metadata.sorted_tables:
            if personal.is_personal(each) and "id" in each.c and each.name not in self._rows:
                self._rows[each.name] = _hanging(connection, each, self._rows)

    def _threads(self, connection: Connection, found: Rows, own: Sequence[AnyRow]) -> set[int]:
        """Letters' threads that hold nothing else: their subject is the complaint's."""
        seen = theirs.rows_of(connection, TICKET, found.get("ticket", set()) - self._tickets)
        only = {row.conversation_id for row in own} - {row.conversation_id for row in seen}
        return {row.id for row in theirs.rows_of(connection, CONVERSATION, only) if row.thread}

    def _said(self, connection: Connection, found: Rows, threads: set[int]) -> tuple[set[int], set[int]]:
        said = theirs.rows_of(connection, MESSAGE, found.get("message", ()))
        hidden = [row for row in said if self._of_them(row, threads) or _unfiled(row) or self._names(row)]
        letters = theirs.rows_of(connection, MAIL, found.get("mail", ()))
        mails = {row.mail_id for row in hidden if row.mail_id}
        mails |= {row.id for row in letters if self._of_them(row, threads)}
        prints = {row.fingerprint for row in letters if row.id in mails} - {None}
        return {row.id for row in hidden}, mails | {row.id for row in letters if row.fingerprint in prints}

    def _of_them(self, row: AnyRow, threads: set[int]) -> bool:
        return row.ticket_id in self._tickets or row.conversation_id in threads

    def _names(self, row: AnyRow) -> bool:
        """Whether the number of one of these complaints stands in *row*."""
        return any(number in str(value).casefold() for number in self._references for value in row)

    def left_out(self, each: Table, row: AnyRow) -> bool:
        """Whether *row* is not to be given. What has no id of its own stands under that of its ticket."""
        (key,) = each.primary_key
        return getattr(row, key.name) in self._rows.get(each.name, self._tickets) or self._names(row)

    def blanked(self, each: Table, given: Mapping[str, Any]) -> dict[str, Any]:
        """The columns of a row that may be given, as far as they may."""
        making = _MAKING if each.name == "conversation" else frozenset()
        return {
            name: None if name in _NAMING and value in self._tickets else value
            for name, value in given.items()
            if name not in making
        }


def _unfiled(row: AnyRow) -> bool:
    return row.ticket_id is None and row.outcome == Outcome.COMPLAINT.value


def _hanging(connection: Connection, each: Table, hidden: Mapping[str, Iterable[int]]) -> set[int]:
    """The rows of *each* that a foreign key leads from to any of *hidden*."""
    found: set[int] = set()
    for column, of in theirs.links(each):
        for which in theirs.among(each, column, hidden.get(of, ())):
            found |= set(connection.execute(select(each.c.id).where(which)).scalars())
    return found
