"""Columns and constraints of working days and duty, no behaviour; see ``storage.tables``."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Base, Key, only


class Calendar(Base):
    """How often the calendar of an office has changed: every process compares its copy with it."""

    __tablename__ = "calendar"
    office: Mapped[str] = mapped_column(String(16), primary_key=True)
    version: Mapped[int] = mapped_column(default=0)


class CalendarDay(Base):
    """A special date of an office. What the library gave it may change; what the office wrote stays.

    ``kind`` is a ``bot.calendar.DayKind``; ``hours`` are an open day's, where they are not its weekday's.
    """

    __tablename__ = "calendar_day"
    office: Mapped[str] = mapped_column(String(16), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(120))
    hours: Mapped[list[str]] = mapped_column(JSON, default=list)
    estimated: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(String(8))
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    changed_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("kind in ('holiday','collective','closed','open')", name="kind"),
        CheckConstraint("source in ('library','office')", name="source"),
    )


class CalendarSeason(Base):
    """Other hours from one date to another, both included; ``hours`` by weekday (``mon`` to ``sun``)."""

    __tablename__ = "calendar_season"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    office: Mapped[str] = mapped_column(String(16), index=True)
    name: Mapped[str] = mapped_column(String(120))
    first: Mapped[date]
    last: Mapped[date]
    hours: Mapped[dict[str, Any]]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    changed_at: Mapped[datetime]
    __table_args__ = (CheckConstraint("first <= last", name="order"),)


class Duty(Base):
    """An officer is on duty in this half of this weekday (0 is Monday), every week."""

    __tablename__ = "duty"
    office: Mapped[str] = mapped_column(String(16), primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), primary_key=True)
    weekday: Mapped[int] = mapped_column(primary_key=True)
    half: Mapped[str] = mapped_column(String(2), primary_key=True)
    __table_args__ = (
        CheckConstraint("weekday between 0 and 6", name="weekday"),
        CheckConstraint("half in ('am','pm')", name="half"),
    )


class Leave(Base):
    """An officer is away, from one half-day to another, both included.

    ``given_back_at``: when the tickets that waited with them went back to the others.
    """

    __tablename__ = "leave"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    office: Mapped[str] = mapped_column(String(16))
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    first: Mapped[date]
    first_half: Mapped[str] = mapped_column(String(2), default="am")
    last: Mapped[date]
    last_half: Mapped[str] = mapped_column(String(2), default="pm")
    reason: Mapped[str] = mapped_column(String(120), default="")
    given_back_at: Mapped[datetime | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    created_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("first <= last", name="order"),
        CheckConstraint("first_half in ('am','pm') and last_half in ('am','pm')", name="half"),
        Index("ix_leave_office", "office", "last"),
        Index("ix_leave_begins", "first", **only("given_back_at is null")),
    )
