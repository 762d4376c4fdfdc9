"""What providers report, what the desk owes them in patience, and what it compares with their own log.

Columns and constraints, no behaviour; see ``storage.tables``.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Base, Key, only


class ReceiptRow(Base):
    """Every status a provider reported, kept as it came; ``matched`` once it changed or found its message."""

    __tablename__ = "receipt"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    external_id: Mapped[str] = mapped_column(String(255))
    mid: Mapped[str | None] = mapped_column(String(36))
    status: Mapped[str] = mapped_column(String(32))
    error_code: Mapped[str] = mapped_column(String(32), default="")
    error_text: Mapped[str | None] = mapped_column(Text)
    raw: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime]
    matched: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (UniqueConstraint("channel", "external_id", "status", "error_code"),)


class Unrouted(Base):
    """A message to a number or mailbox no office owns: kept and shown to the administrator."""

    __tablename__ = "unrouted"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    account: Mapped[str] = mapped_column(String(64))
    external_id: Mapped[str] = mapped_column(String(255))
    sender: Mapped[str] = mapped_column(String(254))
    address: Mapped[str] = mapped_column(String(254))
    raw: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    __table_args__ = (UniqueConstraint("channel", "account", "external_id"),)


class SenderPace(Base):
    """How fast one of our numbers sends, and whether it has to rest.

    ``recent``: the batches of the last second as [moment, how many]. ``line_until``: up to when others have
    been told to come again. ``trouble``: the code for which an alarm was raised. The last recipient for whom
    WhatsApp's limit was reached stands in ``refused_address``.
    """

    __tablename__ = "sender_pace"
    sender: Mapped[str] = mapped_column(String(254), primary_key=True)
    recent: Mapped[list[Any]] = mapped_column(JSON, default=list)
    line_until: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]
    pauses: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str] = mapped_column(String(32), default="")
    refused_at: Mapped[datetime | None]
    refused_address: Mapped[str] = mapped_column(String(254), default="")


class Reconciliation(Base):
    """How far the provider's own log of an account was compared with the desk, and what came of it.

    ``read_up_to``: everything sent before is accounted for. What was sent before the first run
    (``began_at``) is not the desk's.
    """

    __tablename__ = "reconciliation"
    account: Mapped[str] = mapped_column(String(64), primary_key=True)
    began_at: Mapped[datetime | None]
    read_up_to: Mapped[datetime | None]
    lease_owner: Mapped[str] = mapped_column(String(64), default="")
    lease_until: Mapped[datetime | None]
    ran_at: Mapped[datetime | None]
    seen: Mapped[int] = mapped_column(default=0)
    imported: Mapped[int] = mapped_column(default=0)
    marked: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(String(255), default="")


class Finding(Base):
    """A message that left from one of our numbers and that the desk knows nothing of.

    ``message_id``: a message of the desk with the same words, which the citizen then got twice.
    """

    __tablename__ = "finding"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    account: Mapped[str] = mapped_column(String(64))
    channel: Mapped[str] = mapped_column(String(16))
    external_id: Mapped[str] = mapped_column(String(255))
    sender: Mapped[str] = mapped_column(String(254))
    address: Mapped[str] = mapped_column(String(254))
    status: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
    found_at: Mapped[datetime]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    __table_args__ = (
        UniqueConstraint("channel", "external_id"),
        Index("ix_finding_open", "id", **only("settled_at is null")),
    )


class Consent(Base):
    """A fact about whether a person wants messages: who said what, when, in which words. Never changed.

    ``source``: the citizen's own words, the provider, or an officer. ``message_id``: the citizen's message.
    """

    __tablename__ = "consent"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    office: Mapped[str] = mapped_column(String(16))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(String(254))
    what: Mapped[str] = mapped_column(String(8))
    source: Mapped[str] = mapped_column(String(16))
    words: Mapped[str] = mapped_column(String(255), default="")
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("what in ('in','out')", name="what"),
        CheckConstraint("source in ('citizen','provider','officer')", name="source"),
    )
