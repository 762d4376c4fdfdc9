"""Columns and constraints of complaints and of the survey, no behaviour; see ``storage.tables``."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.satisfaction import Element
from storage.columns import Base, Key, only

MARKS = " and ".join(f"{element} between 1 and 4" for element in Element)
"""What the database itself says of every mark of a questionnaire."""


class Complaint(Base):
    """What the register knows of a complaint besides its ticket.

    ``examined_at``: since when the citizen knows whether it is complete. ``plan``: what is done about it, by
    whom (a person's name) and until when. ``tells_at``: when supervisors are told of a deadline next.
    """

    __tablename__ = "complaint"
    ticket_id: Mapped[int] = mapped_column(
        Key, ForeignKey("ticket.id"), primary_key=True, autoincrement=False
    )
    office: Mapped[str] = mapped_column(String(16))
    category: Mapped[str] = mapped_column(String(16), default="")
    weight: Mapped[str] = mapped_column(String(8), default="")
    acknowledged_at: Mapped[datetime | None]
    examined_at: Mapped[datetime | None]
    complete_at: Mapped[datetime | None]
    plan: Mapped[str] = mapped_column(Text, default="")
    plan_by: Mapped[str] = mapped_column(String(120), default="")
    plan_due: Mapped[date | None]
    plan_done_at: Mapped[datetime | None]
    tells_at: Mapped[datetime | None]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    changed_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("weight in ('','simple','usual')", name="weight"),
        Index("ix_complaint_tells", "tells_at", "ticket_id", **only("tells_at is not null")),
        Index("ix_complaint_office", "office", "ticket_id"),
    )


class Accused(Base):
    """An officer whom a complaint is about, or may be about: to them it does not exist.

    ``found``: because they served the citizen, because the words name them, or because a supervisor said so.
    """

    __tablename__ = "accused"
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True, index=True)
    found: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime]
    __table_args__ = (CheckConstraint("found in ('served','named','said')", name="found"),)


class Survey(Base):
    """A complete questionnaire of the nine elements, once per closing. The elements stand here by name."""

    __tablename__ = "survey"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    office: Mapped[str] = mapped_column(String(16))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    closing: Mapped[int]
    requirements: Mapped[int]
    procedure: Mapped[int]
    time: Mapped[int]
    cost: Mapped[int]
    product: Mapped[int]
    competence: Mapped[int]
    behaviour: Mapped[int]
    complaints: Mapped[int]
    facilities: Mapped[int]
    suggestion: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("ticket_id", "closing"),
        CheckConstraint(MARKS, name="marks"),
        Index("ix_survey_office", "office", "answered_at"),
    )
