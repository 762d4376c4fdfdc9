"""Columns and constraints of files that travel apart from their message; see ``storage.tables``."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Base, Key, only


class Media(Base):
    """A file of a citizen's message, still at the provider or fetched.

    ``ref``: what the provider calls it. ``said_type``: what it says the file is; ``kind``: what it is by its
    bytes. ``blocked``: kept, but never shown as what it is; ``reason`` says why, or why it is not here yet.
    ``shown``: the picture to show, without what the camera wrote into it. ``next_try_at``: when there is
    something to do, to fetch it or to let the provider forget it; ``tries`` counts the present task.
    """

    __tablename__ = "media"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    office: Mapped[str] = mapped_column(String(16))
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    ref: Mapped[str] = mapped_column(String(64))
    url: Mapped[str] = mapped_column(Text)
    said_type: Mapped[str] = mapped_column(String(255), default="")
    state: Mapped[str] = mapped_column(String(8), default="pending")
    reason: Mapped[str] = mapped_column(String(32), default="")
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    kind: Mapped[str] = mapped_column(String(127), default="")
    name: Mapped[str] = mapped_column(String(255), default="")
    shown: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime]
    fetched_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("message_id", "ref"),
        CheckConstraint("state in ('pending','stored','blocked','failed')", name="state"),
        Index("ix_media_due", "next_try_at", "id", **only("next_try_at is not null")),
        Index("ix_media_sha256", "sha256", **only("sha256 is not null")),
    )


class FileScan(Base):
    """What the virus scanner says of a content, however many messages carry it."""

    __tablename__ = "file_scan"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    verdict: Mapped[str] = mapped_column(String(16))
    virus: Mapped[str] = mapped_column(String(120), default="")
    at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("verdict in ('unscanned','clean','infected')", name="verdict"),
        Index("ix_file_scan_unscanned", "at", **only("verdict = 'unscanned'")),
    )


class FileLink(Base):
    """A file that a citizen fetches by a link in an answer, until it expires."""

    __tablename__ = "file_link"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    office: Mapped[str] = mapped_column(String(16))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(127))
    size: Mapped[int] = mapped_column(BigInteger)
    language: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime]
    expires_at: Mapped[datetime]
