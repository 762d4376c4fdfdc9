"""Patience with providers, their log beside ours, and what people said about wanting messages."""

import sqlalchemy as sa
from alembic import op

from storage.columns import Key, Moment
from storage.tables import UNCONFIRMED

revision = "0010"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Columns are added in place: the search hangs on the tables."""
    op.add_column("message", sa.Column("ask_at", Moment(), nullable=True))
    op.add_column("message", sa.Column("doubts", sa.Integer(), nullable=False, server_default="0"))
    only = sa.text(UNCONFIRMED)
    op.create_index(
        "ix_message_unconfirmed", "message", ["ask_at", "id"], sqlite_where=only, postgresql_where=only
    )
    op.create_index("ix_message_at", "message", ["at"])
    _pace()
    _reconciliation()
    _finding()
    _consent()


def downgrade() -> None:
    """Without them."""
    for table in ("consent", "finding", "reconciliation", "sender_pace"):
        op.drop_table(table)
    for name in ("ix_message_at", "ix_message_unconfirmed"):
        op.drop_index(name, table_name="message")
    for column in ("doubts", "ask_at"):
        op.drop_column("message", column)


def _pace() -> None:
    op.create_table(
        "sender_pace",
        sa.Column("sender", sa.String(length=254), nullable=False),
        sa.Column("recent", sa.JSON(), nullable=False),
        sa.Column("line_until", Moment(), nullable=True),
        sa.Column("paused_until", Moment(), nullable=True),
        sa.Column("pauses", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(length=32), nullable=False),
        sa.Column("refused_at", Moment(), nullable=True),
        sa.Column("refused_address", sa.String(length=254), nullable=False),
        sa.PrimaryKeyConstraint("sender", name=op.f("pk_sender_pace")),
    )


def _reconciliation() -> None:
    op.create_table(
        "reconciliation",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("began_at", Moment(), nullable=True),
        sa.Column("read_up_to", Moment(), nullable=True),
        sa.Column("lease_owner", sa.String(length=64), nullable=False),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("ran_at", Moment(), nullable=True),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("imported", sa.Integer(), nullable=False),
        sa.Column("marked", sa.Integer(), nullable=False),
        sa.Column("failing_since", Moment(), nullable=True),
        sa.Column("error", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_reconciliation")),
    )


def _finding() -> None:
    op.create_table(
        "finding",
        sa.Column("id", Key, nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("sender", sa.String(length=254), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("found_at", Moment(), nullable=False),
        sa.Column("message_id", Key, nullable=True),
        sa.Column("settled_at", Moment(), nullable=True),
        sa.Column("settled_by", Key, nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_finding_message_id")),
        sa.ForeignKeyConstraint(["settled_by"], ["officer.id"], name=op.f("fk_finding_settled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint("channel", "external_id", name=op.f("uq_finding_channel_external_id")),
    )
    only = sa.text("settled_at is null")
    op.create_index("ix_finding_open", "finding", ["id"], sqlite_where=only, postgresql_where=only)


def _consent() -> None:
    op.create_table(
        "consent",
        sa.Column("id", Key, nullable=False),
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("contact_id", Key, nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("what", sa.String(length=8), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("words", sa.String(length=255), nullable=False),
        sa.Column("message_id", Key, nullable=True),
        sa.Column("officer_id", Key, nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.CheckConstraint("what in ('in','out')", name=op.f("ck_consent_what")),
        sa.CheckConstraint("source in ('citizen','provider','officer')", name=op.f("ck_consent_source")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_consent_contact_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_consent_message_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_consent_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_contact_id"), "consent", ["contact_id"])
