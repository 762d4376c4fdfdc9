"""Columns and constraints, no behaviour. Every promise the database can keep is a constraint here.

Rows of an office carry its code; officers and unrouted intake belong to the installation.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage import (
    catalogue_tables,
    mail_tables,
    media_tables,
    privacy_tables,
    promise_tables,
    sign_in_tables,
    template_tables,
    voice_tables,
)
from storage.columns import Base, Key, only
from storage.officer_tables import Membership, Officer, Presence, ReadMark
from storage.own_tables import Audit, Installation
from storage.provider_tables import ReceiptRow, Unrouted

OWED = "status = 'open' and answered_at is null and due_at is not null"
"""Which tickets still owe an answer that was promised, as the partial index says it."""
CLOSABLE = "status = 'open' and closable_at is not null"
"""Which tickets an officer may close for the citizen's silence."""
UNCONFIRMED = "delivery = 'sent' and channel = 'whatsapp' and ask_at is not null"
"""Which messages have left and wait for the provider's final word."""
__all__ = [
    "Audit",
    "Installation",
    "Membership",
    "Officer",
    "Presence",
    "ReadMark",
    "ReceiptRow",
    "Unrouted",
    "catalogue_tables",
    "mail_tables",
    "media_tables",
    "privacy_tables",
    "promise_tables",
    "sign_in_tables",
    "template_tables",
    "voice_tables",
]


class Contact(Base):
    """One person at one office. Nothing here is shared between offices.

    ``notice_version``: the notice on personal data that they were shown first, at ``notice_at``.
    ``erased_at``: nothing of them is left but what counts.
    """

    __tablename__ = "contact"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    office: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(120), default="")
    profile_name: Mapped[str] = mapped_column(String(255), default="")
    institution_category: Mapped[str] = mapped_column(String(32), default="")
    main_use: Mapped[str] = mapped_column(String(32), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    language: Mapped[str] = mapped_column(String(8), default="id")
    opted_out_at: Mapped[datetime | None]
    blocked_at: Mapped[datetime | None]
    notice_version: Mapped[str] = mapped_column(String(16), default="")
    notice_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Address(Base):
    """A way to a contact. A turn locks this row first. An alias points to the address seen first.

    ``dead_at``: mail to it came back for ever, with the reason in ``dead_why``.
    """

    __tablename__ = "address"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    office: Mapped[str] = mapped_column(String(16))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    value: Mapped[str] = mapped_column(String(254))
    alias_of: Mapped[int | None] = mapped_column(ForeignKey("address.id"))
    proved: Mapped[bool] = mapped_column(default=True)
    dead_at: Mapped[datetime | None]
    dead_why: Mapped[str] = mapped_column(String(255), default="")
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("office", "kind", "value"),)


class Conversation(Base):
    """A thread: on chat one per office, sender and address; by mail as many as there are subjects.

    ``thread`` is empty on chat; by mail it tells the threads of one address apart. ``memory`` is the core's
    own value as JSON. ``subject`` is what a thread by mail is called.
    """

    __tablename__ = "conversation"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    office: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(16))
    sender: Mapped[str] = mapped_column(String(254))
    address_id: Mapped[int] = mapped_column(ForeignKey("address.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    reply_to: Mapped[str] = mapped_column(String(254))
    thread: Mapped[str] = mapped_column(String(36), default="")
    subject: Mapped[str] = mapped_column(String(255), default="")
    state: Mapped[str] = mapped_column(String(16), default="new")
    memory: Mapped[dict[str, Any]] = mapped_column(default=dict)
    ticket_id: Mapped[int | None]
    complaint_id: Mapped[int | None]
    last_inbound_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("address_id", "channel", "sender", "thread"),
        Index("ix_conversation_ticket", "ticket_id", **only("ticket_id is not null")),
        Index("ix_conversation_complaint", "complaint_id", **only("complaint_id is not null")),
    )


class Series(Base):
    """The last number given out of one series; counted up where it is used, so without gaps."""

    __tablename__ = "series"
    office: Mapped[str] = mapped_column(String(16), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


class Ticket(Base):
    """A consultation or a complaint. ``touched_at`` moves with everything an officer's page shows of it.

    ``linked_to``: the request before it. ``perhaps_of``: the ticket that its first mail named without a right
    to it. ``merged_into``: where its messages went. ``clock_from``: since when the promise counts;
    ``due_at``: when it ends, as of ``calendar_version``; ``pauses``: when the citizen was asked back, and
    when they answered.
    ``silent_since``: the office's message that the citizen has not answered; ``closable_at``: since when it
    may be closed for that. ``handled_by`` is the office that works on it, ``office`` the one that was asked.
    """

    __tablename__ = "ticket"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    office: Mapped[str] = mapped_column(String(16))
    handled_by: Mapped[str] = mapped_column(String(16))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    year: Mapped[int]
    number: Mapped[int]
    reference: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(8), default="open")
    close_reason: Mapped[str | None] = mapped_column(String(16))
    waiting_for: Mapped[str] = mapped_column(String(8), default="office")
    waiting_since: Mapped[datetime]
    claimed_by: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    subject: Mapped[str] = mapped_column(String(200))
    request: Mapped[dict[str, Any]] = mapped_column(default=dict)
    search_text: Mapped[str] = mapped_column(Text, default="")
    confirmed: Mapped[bool] = mapped_column(default=True)
    linked_to: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    perhaps_of: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    opened_at: Mapped[datetime]
    clear_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closings: Mapped[int] = mapped_column(default=0)
    topic: Mapped[str] = mapped_column(String(32), default="")
    clock_from: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    pauses: Mapped[list[Any]] = mapped_column(JSON, default=list)
    calendar_version: Mapped[int] = mapped_column(default=0)
    silent_since: Mapped[datetime | None]
    closable_at: Mapped[datetime | None]
    touched_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("office", "kind", "year", "number"),
        UniqueConstraint("office", "reference"),
        CheckConstraint("kind in ('consultation','complaint')", name="kind"),
        CheckConstraint("status in ('open','closed')", name="status"),
        CheckConstraint("waiting_for in ('office','citizen')", name="waiting_for"),
        Index(
            "uq_ticket_one_open_consultation",
            "conversation_id",
            unique=True,
            **only("status = 'open' and kind = 'consultation'"),
        ),
        Index("ix_ticket_open", "handled_by", "waiting_for", "waiting_since", **only("status = 'open'")),
        Index("ix_ticket_closed", "handled_by", "closed_at", "id", **only("status = 'closed'")),
        Index("ix_ticket_complaints", "handled_by", "id", **only("kind = 'complaint'")),
        Index("ix_ticket_touched", "touched_at"),
        Index("ix_ticket_changed", "handled_by", "touched_at"),
        Index("ix_ticket_due", "handled_by", "due_at", "id", **only(OWED)),
        Index("ix_ticket_closable", "handled_by", "closable_at", "id", **only(CLOSABLE)),
        Index("ix_ticket_counted", "office", "calendar_version", "id", **only("status = 'open'")),
        Index("ix_ticket_forwarded", "office", "id", **only("handled_by <> office")),
        Index("ix_ticket_taken_on", "handled_by", "id", **only("handled_by <> office")),
        Index("ix_ticket_linked", "linked_to", **only("linked_to is not null")),
        Index("ix_ticket_merged", "merged_into", **only("merged_into is not null")),
        Index("ix_ticket_conversation", "conversation_id"),
    )


class TicketEvent(Base):
    """The append-only log of a ticket: who did what, when. Never changed, never deleted."""

    __tablename__ = "ticket_event"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    office: Mapped[str] = mapped_column(String(16))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    at: Mapped[datetime]
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    what: Mapped[str] = mapped_column(String(64))
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Message(Base):
    """Everything said: by a citizen (``in``), to a citizen (``out``), among officers (``note``).

    The unsent ``out`` rows are the outbox; the ``pending`` ``in`` rows are the intake. ``template``: what
    leaves instead of ``body``, which is how it reads. ``fall_over_at``: when the desk looks for another way
    for an answer that could not leave; ``mailed_as``: the mail that it went by in the end. ``menu``: the
    choices that go along to be tapped, until they turn out to have gone by number alone; ``replies_to``: the
    provider's id of the message that a citizen tapped or answered. ``ask_at``: when the provider is asked
    what became of it. ``doubts``: how often it was sent again while nobody knew whether it had left.
    """

    __tablename__ = "message"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    mid: Mapped[str] = mapped_column(String(36), unique=True)
    office: Mapped[str] = mapped_column(String(16))
    direction: Mapped[str] = mapped_column(String(4))
    author: Mapped[str] = mapped_column(String(8))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    channel: Mapped[str] = mapped_column(String(16))
    account: Mapped[str] = mapped_column(String(64), default="")
    external_id: Mapped[str | None] = mapped_column(String(255))
    address_id: Mapped[int] = mapped_column(ForeignKey("address.id"))
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    sender: Mapped[str] = mapped_column(String(254))
    address: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(255), default="")
    body: Mapped[str] = mapped_column(Text)
    content: Mapped[str] = mapped_column(String(16), default="text")
    choice: Mapped[str | None] = mapped_column(String(255))
    replies_to: Mapped[str | None] = mapped_column(String(255))
    media: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    raw: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("mail.id"))
    at: Mapped[datetime]
    intake: Mapped[str | None] = mapped_column(String(8))
    outcome: Mapped[str | None] = mapped_column(String(16))
    delivery: Mapped[str | None] = mapped_column(String(16))
    rank: Mapped[int] = mapped_column(default=0)
    text_key: Mapped[str | None] = mapped_column(String(64))
    part_of: Mapped[str | None] = mapped_column(String(36))
    part: Mapped[int] = mapped_column(default=0)
    answers: Mapped[bool] = mapped_column(default=False)
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    error_code: Mapped[str | None] = mapped_column(String(32))
    error_text: Mapped[str | None] = mapped_column(Text)
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    template: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    fall_over_at: Mapped[datetime | None]
    mailed_as: Mapped[int | None] = mapped_column(Key)
    menu: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    ask_at: Mapped[datetime | None]
    doubts: Mapped[int] = mapped_column(default=0)
    __table_args__ = (
        UniqueConstraint("channel", "account", "external_id"),
        CheckConstraint("direction in ('in','out','note')", name="direction"),
        CheckConstraint("author in ('citizen','officer','bot')", name="author"),
        CheckConstraint("intake in ('pending','handled','filed','shunted')", name="intake"),
        CheckConstraint(
            "delivery in ('queued','sending','sent','delivered','read',"
            "'held','unknown','failed','cancelled')",
            name="delivery",
        ),
        Index("ix_message_ticket", "ticket_id", "id"),
        Index("ix_message_conversation", "conversation_id", "id"),
        Index(
            "ix_message_pending",
            "address_id",
            "id",
            **only("intake = 'pending'"),
        ),
        Index(
            "ix_message_shunted",
            "office",
            "id",
            **only("intake = 'shunted'"),
        ),
        Index(
            "ix_message_outbox",
            "next_try_at",
            "id",
            **only("delivery in ('queued','sending','unknown')"),
        ),
        Index(
            "ix_message_held",
            "conversation_id",
            **only("delivery in ('queued','held')"),
        ),
        Index("ix_message_failed", "id", **only("delivery = 'failed'")),
        Index("ix_message_fall_over", "fall_over_at", "id", **only("fall_over_at is not null")),
        Index("ix_message_mailed_as", "mailed_as", **only("mailed_as is not null")),
        Index("ix_message_stuck", "ticket_id", **only("delivery = 'held'")),
        Index("ix_message_mail", "mail_id", **only("mail_id is not null")),
        Index(
            "ix_message_automatic",
            "channel",  # the same in all; but without it SQLite prefers an index that begins with it
            "at",
            **only("direction = 'out' and author = 'bot' and channel = 'email'"),
        ),
        Index(
            "ix_message_automatic_to",
            "address_id",
            "at",
            **only("direction = 'out' and author = 'bot' and channel = 'email'"),
        ),
        Index(
            "ix_message_mailed",
            "address_id",
            "at",
            **only("direction = 'in' and channel = 'email'"),
        ),
        Index("ix_message_opted_out", "office", "id", **only("outcome = 'after_opt_out'")),
        Index("ix_message_unconfirmed", "ask_at", "id", **only(UNCONFIRMED)),
        Index("ix_message_at", "at"),
    )


class Timer(Base):
    """A deadline of a conversation. The turn that takes it deletes it."""

    __tablename__ = "timer"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    office: Mapped[str] = mapped_column(String(16))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    kind: Mapped[str] = mapped_column(String(16))
    due_at: Mapped[datetime] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0)
    __table_args__ = (UniqueConstraint("conversation_id", "kind"),)


class Rating(Base):
    """One question, perhaps one reminder, and perhaps one answer, per closing.

    ``page``: answered on the page behind the link, and not by a reply.
    """

    __tablename__ = "rating"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    office: Mapped[str] = mapped_column(String(16))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    closing: Mapped[int]
    close_reason: Mapped[str] = mapped_column(String(16))
    score: Mapped[int | None]
    comment: Mapped[str] = mapped_column(Text, default="")
    asked_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    page: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (
        UniqueConstraint("ticket_id", "closing"),
        CheckConstraint("score between 1 and 4", name="score"),
        Index("ix_rating_office", "office", "asked_at"),
    )
