"""Columns and constraints of officers, no behaviour; see ``storage.tables``."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Base, Key


class Officer(Base):
    """A person who may sign in. ``sessions`` counts up to end every sign-in at once.

    ``password_temporary``: somebody else has chosen it, so it opens nothing but the page for a new one.
    ``second_factor``: its sealed secret, in force once ``second_factor_at`` says since when;
    ``second_factor_step``: the moment of the last code that was taken, in half minutes.
    """

    __tablename__ = "officer"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str] = mapped_column(String(255))
    administrator: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(String(8), default="id")
    sessions: Mapped[int] = mapped_column(default=1)
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    password_temporary: Mapped[bool] = mapped_column(default=False)
    second_factor: Mapped[str] = mapped_column(String(255), default="")
    second_factor_at: Mapped[datetime | None]
    second_factor_step: Mapped[int] = mapped_column(BigInteger, default=0)


class Membership(Base):
    """An officer's role at one office, which tickets of it come to them as mail, and which are given to them.

    ``topics``: what they answer (everything, if it is empty); ``takes``: whether tickets are given to them by
    themselves; ``given_at``: when that happened last.
    """

    __tablename__ = "membership"
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), primary_key=True)
    office: Mapped[str] = mapped_column(String(16), primary_key=True)
    role: Mapped[str] = mapped_column(String(16))
    mail_mine: Mapped[bool] = mapped_column(default=False)
    mail_new: Mapped[bool] = mapped_column(default=False)
    mail_reminders: Mapped[bool] = mapped_column(default=False)
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)
    takes: Mapped[bool] = mapped_column(default=True)
    given_at: Mapped[datetime | None]
    __table_args__ = (CheckConstraint("role in ('officer','supervisor')", name="role"),)


class ReadMark(Base):
    """How far an officer has read a ticket."""

    __tablename__ = "read_mark"
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    message_id: Mapped[int] = mapped_column(Key)


class Presence(Base):
    """Who has a ticket open right now, and whether they are writing."""

    __tablename__ = "presence"
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True, index=True)
    writing: Mapped[bool] = mapped_column(default=False)
    seen_at: Mapped[datetime]
