"""Files of WhatsApp messages: fetched and kept apart, scanned, and given out by links."""

import sqlalchemy as sa
from alembic import op

from storage.columns import Key, Moment

revision = "0009"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The tables."""
    _media()
    _scans()
    _links()


def downgrade() -> None:
    """Without them."""
    for table in ("file_link", "file_scan", "media"):
        op.drop_table(table)


def _media() -> None:
    op.create_table(
        "media",
        sa.Column("id", Key, nullable=False),
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("message_id", Key, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("said_type", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", Moment(), nullable=True),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=127), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("shown", sa.String(length=64), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("fetched_at", Moment(), nullable=True),
        sa.Column("deleted_at", Moment(), nullable=True),
        sa.CheckConstraint("state in ('pending','stored','blocked','failed')", name=op.f("ck_media_state")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_media_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media")),
        sa.UniqueConstraint("message_id", "ref", name=op.f("uq_media_message_id_ref")),
    )
    for name, columns in (("due", ["next_try_at", "id"]), ("sha256", ["sha256"])):
        given = sa.text(f"{columns[0]} is not null")
        op.create_index(f"ix_media_{name}", "media", columns, sqlite_where=given, postgresql_where=given)


def _scans() -> None:
    op.create_table(
        "file_scan",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("virus", sa.String(length=120), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.CheckConstraint("verdict in ('unscanned','clean','infected')", name=op.f("ck_file_scan_verdict")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_file_scan")),
    )
    waiting = sa.text("verdict = 'unscanned'")
    op.create_index(
        "ix_file_scan_unscanned", "file_scan", ["at"], sqlite_where=waiting, postgresql_where=waiting
    )


def _links() -> None:
    op.create_table(
        "file_link",
        sa.Column("id", Key, nullable=False),
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("ticket_id", Key, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=127), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_file_link_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_link")),
    )
    op.create_index(op.f("ix_file_link_ticket_id"), "file_link", ["ticket_id"])
