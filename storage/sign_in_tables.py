"""Columns and constraints of sign-ins, guesses and recovery codes, no behaviour; see ``storage.tables``."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Base, Key


class SignIn(Base):
    """A browser in which an officer is signed in. ``mark``: the digest of what its cookie holds."""

    __tablename__ = "sign_in"
    mark: Mapped[str] = mapped_column(String(64), primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), index=True)
    at: Mapped[datetime]
    browser: Mapped[str] = mapped_column(String(80), default="")


class Guess(Base):
    """A wrong password or code: from where, and the digest of the e-mail address it was for."""

    __tablename__ = "guess"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime]
    place: Mapped[str] = mapped_column(String(64))
    account: Mapped[str] = mapped_column(String(64))
    __table_args__ = (
        Index("ix_guess_place", "place", "at"),
        Index("ix_guess_account", "account", "at"),
    )


class RecoveryCode(Base):
    """The digest of a code that opens once what the second factor keeps shut. A used one is gone."""

    __tablename__ = "recovery_code"
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), primary_key=True)
    mark: Mapped[str] = mapped_column(String(64), primary_key=True)
