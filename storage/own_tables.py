"""Columns and constraints of what belongs to the installation, no behaviour; see ``storage.tables``."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Base, Key


class Audit(Base):
    """What was done to the installation rather than to a ticket, and who read what about whom."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime]
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    what: Mapped[str] = mapped_column(String(64))
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    __table_args__ = (
        Index("ix_audit_what", "what", "id"),
        Index("ix_audit_officer_id", "officer_id", "id"),
    )


class Installation(Base):
    """Facts about this database itself, such as that it belongs to a demo."""

    __tablename__ = "installation"
    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[str] = mapped_column(String(255))
