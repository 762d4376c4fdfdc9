"""Linking and merging tickets, and undoing it. Each act is one transaction under the locks of all who speak.

Nothing is deleted: every act leaves a row in the log of both tickets, and the log knows what an undoing has
to bring back.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from bot.conversation import State, TicketKind
from handlers import complaints, uniting
from handlers.runtime import Runtime
from storage import conversations, links, tickets
from storage.columns import AnyRow
from storage.conversations import Thread
from storage.db import after_others


class Obstacle(StrEnum):
    """Why tickets can't be brought together or taken apart. The officer is told in words."""

    GONE = "gone"
    CHANGED = "changed"
    NOT_ALIKE = "not_alike"
    NOT_OPEN = "not_open"
    LINKED = "linked"
    MERGED = "merged"
    NOT_MERGED = "not_merged"
    MERGED_ON = "merged_on"
    HOLDS_ANOTHER = "holds_another"
    TAKEN_APART = "taken_apart"
    ANOTHER_OPEN = "another_open"
    WRITING_NEW = "writing_new"
    NOTHING_LEFT = "nothing_left"
    ON_CHAT = "on_chat"
    UNDER_WAY = "under_way"


class Stopped(Exception):
    """Rolls the transaction back; *why* is what the officer hears."""

    def __init__(self, why: Obstacle) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Act:
    """An act under way, under the locks of all who speak in its tickets (``rows``, by their ids)."""

    runtime: Runtime
    connection: Connection
    officer_id: int
    now: datetime
    rows: dict[int, AnyRow]

    def ticket(self, ticket_id: int) -> AnyRow:
        """The row as it was when the locks were held."""
        if ticket_id not in self.rows:
            raise Stopped(Obstacle.GONE)
        return self.rows[ticket_id]

    def log(
        self,
        first: tuple[AnyRow, str],
        second: tuple[AnyRow, str],
        promises: Sequence[Mapping[str, object]] = (),
        **detail: object,
    ) -> None:
        """A row in the log of either ticket; *detail*, what an undoing needs, in the first one's.

        *promises*, which stand on neither any more, are kept with the second one.
        """
        kept = {"promises": promises} if promises else {}
        for (ticket, what), (other, _), told in ((first, second, detail), (second, first, kept)):
            named = {"ticket": other.id, "reference": other.reference, **told}
            tickets.log(
                self.connection, ticket.office, ticket.id, what, self.now, self.officer_id, dict(named)
            )


def perform(
    runtime: Runtime,
    officer_id: int,
    ticket_ids: Sequence[int],
    change: Callable[[Act], None],
    conversation_ids: Sequence[int] = (),
) -> Obstacle | None:
    """Lock these tickets with all who speak in them and let *change* happen, or leave no trace."""
    now = runtime.clock()

    def once() -> None:
        with runtime.database.write() as connection:
            rows = links.lock(connection, ticket_ids, conversation_ids)
            change(Act(runtime, connection, officer_id, now, rows))

    try:
        after_others(once)
    except Stopped as stopped:
        return stopped.why
    except links.Moved:
        return Obstacle.CHANGED
    return None


def need(condition: bool, otherwise: Obstacle) -> None:
    """Stop the act where *condition* does not hold."""
    if not condition:
        raise Stopped(otherwise)


def link(runtime: Runtime, officer_id: int, ticket_id: int, other_id: int) -> Obstacle | None:
    """Show each of the two tickets on the other one's page. Messages stay where they are."""

    def change(act: Act) -> None:
        ticket, other = act.ticket(ticket_id), act.ticket(other_id)
        _need_alike(ticket, other)
        naming, named = _unlinked(ticket, other)
        links.link(act.connection, naming.id, named.id, act.now)
        tickets.touch(act.connection, named.id, act.now)
        act.log((naming, "linked"), (named, "linked"))

    return perform(runtime, officer_id, (ticket_id, other_id), change)


def _unlinked(ticket: AnyRow, other: AnyRow) -> tuple[AnyRow, AnyRow]:
    """The one of the two that is to name the other: the later one, if it names none yet."""
    need(ticket.linked_to != other.id and other.linked_to != ticket.id, Obstacle.LINKED)
    earlier, later = sorted((ticket, other), key=lambda row: int(row.id))
    if later.linked_to is None:
        return later, earlier
    need(earlier.linked_to is None, Obstacle.LINKED)
    return earlier, later


def unlink(runtime: Runtime, officer_id: int, ticket_id: int, other_id: int) -> Obstacle | None:
    """The two tickets have nothing to do with each other."""

    def change(act: Act) -> None:
        ticket, other = act.ticket(ticket_id), act.ticket(other_id)
        naming = [one for one, two in ((ticket, other), (other, ticket)) if one.linked_to == two.id]
        need(bool(naming), Obstacle.CHANGED)
        for one in naming:
            links.link(act.connection, one.id, None, act.now)
        for one in (ticket, other):
            tickets.touch(act.connection, one.id, act.now)
        act.log((ticket, "unlinked"), (other, "unlinked"))

    return perform(runtime, officer_id, (ticket_id, other_id), change)


def refuse_guess(runtime: Runtime, officer_id: int, ticket_id: int) -> None:
    """The ticket is not of the one that its first mail named."""

    def change(act: Act) -> None:
        row = act.ticket(ticket_id)
        if links.refuse_guess(act.connection, ticket_id, act.now):
            detail = {"ticket": row.perhaps_of}
            tickets.log(
                *(act.connection, row.office, ticket_id, "guess_refused", act.now, act.officer_id, detail)
            )

    perform(runtime, officer_id, (ticket_id,), change)


def merge(runtime: Runtime, officer_id: int, ticket_id: int, into_id: int) -> Obstacle | None:
    """Bring the words of *ticket_id* to *into_id*, where those of its citizen go from now on.

    Both must be open, of one office and of one kind. Everybody keeps the way on which they are answered.
    """

    def change(act: Act) -> None:
        gone, into = act.ticket(ticket_id), act.ticket(into_id)
        _need_alike(gone, into)
        need(gone.status == into.status == "open", Obstacle.NOT_OPEN)
        messages = links.message_ids(act.connection, gone.id)
        threads = links.threads_of(act.connection, gone)
        links.move(act.connection, messages, gone.id, into.id)
        links.point(act.connection, gone.kind, threads, into.id)
        links.forget_silence(act.connection, threads)
        links.close_into(act.connection, gone.id, into.id, act.now)
        links.owe(act.connection, into, gone, act.now)
        if gone.kind == TicketKind.COMPLAINT:
            complaints.join(act.runtime, act.connection, gone.id, into.id, act.now)
        united = uniting.unite(act.runtime, act.connection, into, gone, act.now)
        moved = {"messages": messages, "threads": threads, "before": united.before}
        act.log((gone, "merged"), (into, "merged_here"), united.promises, **moved)

    return perform(runtime, officer_id, (ticket_id, into_id), change)


def undo_merge(runtime: Runtime, officer_id: int, ticket_id: int) -> Obstacle | None:
    """The ticket stands by itself again, with the messages it had and what its citizen wrote since.

    Not once its messages went on elsewhere, or its conversation has begun another request.
    """
    with runtime.database.read() as connection:
        row = tickets.find(connection, ticket_id)
    if row is None or row.merged_into is None:
        return Obstacle.NOT_MERGED
    into_id = row.merged_into
    return perform(
        *(runtime, officer_id, (ticket_id, into_id), lambda act: _undo_merge(act, ticket_id, into_id)),
        conversation_ids=(row.conversation_id,),
    )


def _undo_merge(act: Act, ticket_id: int, into_id: int) -> None:
    gone, into = act.ticket(ticket_id), act.ticket(into_id)
    need(gone.merged_into == into.id, Obstacle.CHANGED)
    need(into.merged_into is None, Obstacle.MERGED_ON)
    need(gone.handled_by == into.handled_by, Obstacle.GONE)
    done = links.latest(act.connection, gone.id, "merged")
    if done is None:
        raise Stopped(Obstacle.NOT_MERGED)
    # Of whom was erased the log counts only.
    need("messages" in done.detail, Obstacle.GONE)
    home = room_in(act, gone.conversation_id, gone.kind, besides=(gone.id, into.id))
    messages, threads = done.detail["messages"], done.detail["threads"]
    later = _words_since(act, into, threads, done.at)
    # What was split off again meanwhile can't be told from what never belonged here.
    moved = links.move(act.connection, messages, into.id, gone.id)
    need(moved == len(messages), Obstacle.TAKEN_APART)
    links.move(act.connection, later, into.id, gone.id)
    still = [each for each in links.threads_of(act.connection, into) if each in threads]
    links.stand_alone(act.connection, gone.id, act.now)
    links.point(act.connection, gone.kind, still, gone.id)
    resume(act, home, gone.kind, gone.id)
    links.forget_silence(act.connection, threads)
    owed_since = uniting.part(act.connection, into, gone, done)
    links.recount(act.connection, gone, act.now, gone.answered_at or done.at)
    links.recount(act.connection, into, act.now, owed_since)
    for each in (gone, into):
        uniting.look_again(act.runtime, act.connection, each.id, act.now)
    act.log((gone, "merge_undone"), (into, "merge_undone"), messages=[*messages, *later])


def _words_since(act: Act, into: AnyRow, threads: Sequence[int], moment: datetime) -> list[int]:
    """What came by the merged ticket's own conversations since. A conversation of both is the other one's."""
    apart = [each for each in threads if each != into.conversation_id]
    return links.since_in(act.connection, into.id, apart, moment)


def _need_alike(ticket: AnyRow, other: AnyRow) -> None:
    """Of one office and of one kind, two, and neither merged."""
    need(ticket.id != other.id, Obstacle.NOT_ALIKE)
    need((ticket.office, ticket.handled_by) == (other.office, other.handled_by), Obstacle.GONE)
    # A complaint's words must not reach the officer it may be about.
    need(ticket.kind == other.kind, Obstacle.NOT_ALIKE)
    need(ticket.merged_into is None and other.merged_into is None, Obstacle.MERGED)


def room_in(act: Act, conversation_id: int, kind: str, besides: Sequence[int]) -> Thread:
    """The conversation, which must have room for a ticket of this kind: no other open, none being written."""
    thread = conversations.by_id(act.connection, conversation_id)
    if thread is None:
        raise Stopped(Obstacle.GONE)
    if kind == TicketKind.CONSULTATION:
        taken = links.another_open(act.connection, conversation_id, besides)
        theirs = thread.value.ticket
        need(not taken and (theirs is None or theirs.id in besides), Obstacle.ANOTHER_OPEN)
    writing = thread.value.draft.text or thread.value.state is State.COMPLAINING
    need(not writing, Obstacle.WRITING_NEW)
    return thread


def resume(act: Act, thread: Thread, kind: str, ticket_id: int) -> None:
    """The citizen of this conversation is with the officers, and their words belong to this ticket."""
    value = thread.value.but(
        state=State.WITH_OFFICERS,
        focus=TicketKind(kind),
        last_closed=None,
        closed_at=None,
        asking="",
        misses=0,
    )
    complaint = kind == TicketKind.COMPLAINT
    theirs = thread.value.ticket.id if thread.value.ticket else None
    conversations.save(
        *(act.connection, thread, value),
        theirs if complaint else ticket_id,
        ticket_id if complaint else thread.complaint_id,
    )
