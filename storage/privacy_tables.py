"""Columns and constraints of what personal data's protection needs, no behaviour; see ``storage.tables``."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Base, Key, only

DUE = "erase_at is not null"
"""Which requests the clock will act on."""


class PrivacyRequest(Base):
    """What a person asked about their own data, and by when it must be done (UU 27/2022: 3 x 24 hours).

    ``conversation_id``: where they are told. An erasure is ``waiting`` for a supervisor, or ``scheduled`` for
    ``erase_at``; once its person was ``told`` it happens at ``erase_at``. ``opened``: how often a copy was
    taken.
    """

    __tablename__ = "privacy_request"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    office: Mapped[str] = mapped_column(String(16))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id"))
    kind: Mapped[str] = mapped_column(String(8))
    channel: Mapped[str] = mapped_column(String(16))
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12))
    erase_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    opened: Mapped[int] = mapped_column(default=0)
    __table_args__ = (
        CheckConstraint("kind in ('copy','erasure')", name="kind"),
        CheckConstraint("state in ('waiting','scheduled','told','done','cancelled')", name="state"),
        Index("ix_privacy_request_office", "office", "id"),
        Index("ix_privacy_request_erase", "erase_at", "id", **only(DUE)),
    )


class Forgotten(Base):
    """The mark of a message or mail that was erased, so that it is not kept again: a hash, no content."""

    __tablename__ = "forgotten"
    mark: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime]


class UnwantedFile(Base):
    """A file whose rows were erased: it goes from the folder as soon as nobody else has the same."""

    __tablename__ = "unwanted_file"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime]


class Breach(Base):
    """A failure to protect personal data, and whom it was told to. ``due_at``: 3 x 24 hours from noticing.

    ``office`` is empty for one that concerns the whole installation. It is told to nobody by itself.
    """

    __tablename__ = "breach"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    office: Mapped[str] = mapped_column(String(16), default="")
    noticed_at: Mapped[datetime]
    # SQLite minds no length, and a change of its column would be a table made anew.
    happened: Mapped[str] = mapped_column(Text().with_variant(String(255), "sqlite"), default="")
    what: Mapped[str] = mapped_column(Text)
    which: Mapped[str] = mapped_column(Text, default="")
    whose: Mapped[str] = mapped_column(Text, default="")
    measures: Mapped[str] = mapped_column(Text, default="")
    due_at: Mapped[datetime]
    people_told_at: Mapped[datetime | None]
    authority_told_at: Mapped[datetime | None]
    written_by: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    changed_at: Mapped[datetime]
