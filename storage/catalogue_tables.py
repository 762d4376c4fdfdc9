"""Columns and constraints of the catalogue and of searches, no behaviour; see ``storage.tables``.

``office`` is a BPS code; of what is published it may also be a province's (6300) or the whole country's
(0000).
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Base, Key, only

KINDS = ("answer", "publication", "pressrelease", "statictable", "news")
"""What is published, the office's own answers first: the one that is shown first of two that fit alike."""
LONGEST_TITLE, LONGEST_LINK = 300, 290
_KINDS = ",".join(f"'{kind}'" for kind in KINDS)


class CatalogueItem(Base):
    """Something published, with a page to look at. The terms are what searches look for, stemmed.

    ``source``: the BPS WebAPI, a CSV file, or an answer of the office. ``external_id`` names it there.
    """

    __tablename__ = "catalogue_item"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    office: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(8))
    external_id: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    link: Mapped[str] = mapped_column(String(LONGEST_LINK))
    released_on: Mapped[date | None]
    summary: Mapped[str] = mapped_column(String(255), default="")
    title_terms: Mapped[str] = mapped_column(Text)
    more_terms: Mapped[str] = mapped_column(Text, default="")
    changed_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("office", "source", "kind", "external_id"),
        CheckConstraint(f"kind in ({_KINDS})", name="kind"),
        CheckConstraint("source in ('webapi','csv','office')", name="source"),
    )


class CatalogueSource(Base):
    """How fetching one domain from the WebAPI goes. ``lease_until``: a process is at it."""

    __tablename__ = "catalogue_source"
    office: Mapped[str] = mapped_column(String(16), primary_key=True)
    lease_until: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    fetched_at: Mapped[datetime | None]
    items: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(255), default="")


class Answer(Base):
    """A question and the office's own answer (Markdown). Published, it is an item of the catalogue too."""

    __tablename__ = "answer"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    office: Mapped[str] = mapped_column(String(16))
    question: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    body: Mapped[str] = mapped_column(Text)
    from_ticket: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    written_by: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    published_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]
    __table_args__ = (Index("ix_answer_office", "office", "changed_at"),)


class Searched(Base):
    """A search of a citizen. ``found`` is empty where the search failed; ``answered`` until they tell.

    ``settled_at``: the office has dealt with what was not found.
    """

    __tablename__ = "searched"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    office: Mapped[str] = mapped_column(String(16))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    query: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    found: Mapped[int | None]
    answered: Mapped[bool | None]
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    __table_args__ = (
        Index("ix_searched_conversation", "conversation_id", "id"),
        Index("ix_searched_list", "office", "id"),
        Index("ix_searched_unanswered", "office", "at", **only("settled_at is null")),
    )
