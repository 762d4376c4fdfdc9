"""Where a complaint stands beside a consultation: to which of the two a citizen's words belong that answer an
officer's message. What is told to a supervisor must not reach the officer whom it may be about.
"""

from sqlalchemy import Connection

from storage import offers
from storage.columns import AnyRow
from storage.conversations import Pending, Thread


def is_in_doubt(thread: Thread) -> bool:
    """Whether both stand open."""
    return thread.value.ticket is not None and thread.value.complaint is not None


def on_what_was_answered(thread: Thread, said: AnyRow | None) -> Thread:
    """The thread with its talk about the ticket on which an officer *said* what is answered.

    As it was where nobody knows what is answered, or it was the bot's.
    """
    if said is None or said.author != "officer" or said.ticket_id is None:
        return thread
    return on_ticket(thread, said.ticket_id)


def on_ticket(thread: Thread, ticket_id: int) -> Thread:
    """The thread with its talk about this ticket, if it is one of the two."""
    ticket, complaint = thread.value.ticket, thread.value.complaint
    if not (ticket and complaint):
        return thread
    about = {ticket.id: ticket.kind, complaint.id: complaint.kind}.get(ticket_id)
    return thread._replace(value=thread.value.but(focus=about)) if about else thread


def as_quoted(connection: Connection, thread: Thread, message: Pending) -> tuple[Thread, int | None]:
    """The same for a *message* on chat that quotes one of ours, and the closed complaint it was about."""
    if message.choice or not (message.replies_to and thread.id):
        return thread, None
    said = offers.said(connection, thread.id, message.replies_to)
    return on_what_was_answered(thread, said), said.ended_complaint if said else None
