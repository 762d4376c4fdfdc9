"""What a provider knows of WhatsApp templates, no behaviour; see ``storage.tables``."""

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Base, Key


class ContentTemplate(Base):
    """A template as the provider's account has it; templates belong to accounts, and not to offices.

    ``content_id`` is the provider's. ``wording`` is the mark of the configured wording that it was made from:
    one that was changed since is another template. ``category`` is what WhatsApp decided, which may differ
    from what was asked for. ``reason``: why it was refused.
    """

    __tablename__ = "content_template"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    account: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(8))
    content_id: Mapped[str] = mapped_column(String(64))
    wording: Mapped[str] = mapped_column(String(64))
    category: Mapped[str] = mapped_column(String(16), default="")
    approval: Mapped[str] = mapped_column(String(16), default="unsubmitted")
    reason: Mapped[str] = mapped_column(String(255), default="")
    changed_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("account", "key", "language"),)
