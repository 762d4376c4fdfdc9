"""Columns and constraints of what only e-mail needs, no behaviour; see ``storage.tables``."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Base, Key, only


class Mailbox(Base):
    """How far a mailbox was read, who reads it now, and how that goes.

    ``last_uid`` counts within ``uidvalidity``; both move in the transaction that keeps the mails.
    ``began_at``: what came before is not the desk's to answer (None: everything is).
    ``refresh_token`` is encrypted. A probe is a mail to ourselves: only its return proves both ways.
    """

    __tablename__ = "mailbox"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    uidvalidity: Mapped[int | None] = mapped_column(BigInteger)
    last_uid: Mapped[int] = mapped_column(BigInteger, default=0)
    began_at: Mapped[datetime | None]
    lease_owner: Mapped[str] = mapped_column(String(64), default="")
    lease_until: Mapped[datetime | None]
    polled_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(255), default="")
    refresh_token: Mapped[str] = mapped_column(String(4096), default="")
    probe: Mapped[str] = mapped_column(String(64), default="")
    probe_sent_at: Mapped[datetime | None]
    probe_seen_at: Mapped[datetime | None]


class Mail(Base):
    """A mail as it lay on the server, kept before it is read.

    A small one stands in ``raw``, a larger one in the files folder under its ``sha256``. ``whole`` is false
    for one beyond the size limit, of which only the beginning was fetched. ``uid`` is None for a mail that
    did not come from a mailbox. ``kind`` and ``rule`` say what it was taken for, and why. ``message_id`` is
    the sender's (hashed where it is longer than the column).
    """

    __tablename__ = "mail"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    mailbox: Mapped[str] = mapped_column(String(64))
    office: Mapped[str] = mapped_column(String(16))
    uidvalidity: Mapped[int] = mapped_column(BigInteger)
    uid: Mapped[int] = mapped_column(BigInteger)
    size: Mapped[int] = mapped_column(BigInteger)
    whole: Mapped[bool] = mapped_column(default=True)
    sha256: Mapped[str] = mapped_column(String(64))
    raw: Mapped[bytes | None] = mapped_column(LargeBinary)
    received_at: Mapped[datetime | None]
    at: Mapped[datetime]
    intake: Mapped[str] = mapped_column(String(8), default="pending")
    kind: Mapped[str] = mapped_column(String(16), default="")
    rule: Mapped[str] = mapped_column(String(120), default="")
    message_id: Mapped[str | None] = mapped_column(String(255))
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    author: Mapped[str] = mapped_column(String(254), default="")
    subject: Mapped[str] = mapped_column(String(255), default="")
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    moved_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    error_text: Mapped[str] = mapped_column(String(255), default="")
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    __table_args__ = (
        UniqueConstraint("mailbox", "uidvalidity", "uid"),
        CheckConstraint("intake in ('pending','handled','filed','shunted')", name="intake"),
        Index("ix_mail_pending", "mailbox", "id", **only("intake = 'pending'")),
        Index("ix_mail_ends", "office", "intake"),
        Index("ix_mail_shunted", "office", "id", **only("intake = 'shunted'")),
        Index("ix_mail_filed", "office", "id", **only("intake = 'filed'")),
        Index("ix_mail_unmoved", "mailbox", "id", **only("moved_at is null")),
        Index("ix_mail_message_id", "mailbox", "message_id"),
        Index("ix_mail_author", "mailbox", "author", "at"),
        Index("ix_mail_sha256", "mailbox", "sha256"),
        Index("ix_mail_ticket", "ticket_id", **only("ticket_id is not null")),
    )


class Notice(Base):
    """A mail of the desk that belongs to no citizen's thread: to an officer, or a code to prove an address.

    It is put into words when it leaves. ``key`` keeps one thing from being told twice. ``purpose`` names the
    template; ``about`` holds its values. ``mail_id`` is the mail it answers.
    """

    __tablename__ = "notice"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    office: Mapped[str] = mapped_column(String(16))
    mailbox: Mapped[str] = mapped_column(String(254))
    recipient: Mapped[str] = mapped_column(String(254))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("mail.id"))
    purpose: Mapped[str] = mapped_column(String(24))
    language: Mapped[str] = mapped_column(String(8), default="id")
    about: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime]
    delivery: Mapped[str] = mapped_column(String(16), default="queued")
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    error_text: Mapped[str] = mapped_column(String(255), default="")
    sent_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("delivery in ('queued','sending','sent','failed','cancelled')", name="delivery"),
        Index("ix_notice_outbox", "next_try_at", "id", **only("delivery in ('queued','sending')")),
        Index("ix_notice_ticket", "ticket_id"),
    )


class Proof(Base):
    """A code that was mailed to an address, to be typed back in another channel. Only its hash is kept."""

    __tablename__ = "proof"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    office: Mapped[str] = mapped_column(String(16))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    value: Mapped[str] = mapped_column(String(254))
    code_hash: Mapped[str] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_proof_office", "office", "kind", "value"),)


class Alarm(Base):
    """Something that a person must look at: once per key while it lasts, with a count.

    ``told_at``: since when administrators know of it by mail; ``over_told_at``: that it was over.
    """

    __tablename__ = "alarm"
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    office: Mapped[str | None] = mapped_column(String(16))
    what: Mapped[str] = mapped_column(String(32))
    about: Mapped[dict[str, Any]] = mapped_column(default=dict)
    since: Mapped[datetime]
    last_at: Mapped[datetime]
    times: Mapped[int] = mapped_column(default=1)
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    told_at: Mapped[datetime | None]
    over_told_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_alarm_office", "office", "settled_at"),)
