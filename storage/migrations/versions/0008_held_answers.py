"""Templates that WhatsApp has approved, and the ways of answers that its window has stopped."""

import sqlalchemy as sa
from alembic import op

from storage.columns import Key, Moment

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_message_fall_over": (["fall_over_at", "id"], "fall_over_at is not null"),
    "ix_message_mailed_as": (["mailed_as"], "mailed_as is not null"),
    "ix_message_stuck": (["ticket_id"], "delivery = 'held'"),
}


def upgrade() -> None:
    """What is held already waits for the citizen's word as before: nobody is written to for it.

    Columns are added in place: SQLite's search triggers hang on the table of messages.
    """
    _templates()
    op.add_column("message", sa.Column("template", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("message", sa.Column("fall_over_at", Moment(), nullable=True))
    op.add_column("message", sa.Column("mailed_as", Key, nullable=True))
    for name, (indexed, condition) in _INDEXES.items():
        only = sa.text(condition)
        op.create_index(name, "message", indexed, sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    """Back to answers that only the citizen's word releases."""
    for name in _INDEXES:
        op.drop_index(name, table_name="message")
    for column in ("mailed_as", "fall_over_at", "template"):
        op.drop_column("message", column)
    op.drop_table("content_template")


def _templates() -> None:
    op.create_table(
        "content_template",
        sa.Column("id", Key, nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("content_id", sa.String(length=64), nullable=False),
        sa.Column("wording", sa.String(length=64), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("approval", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=255), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_template")),
        sa.UniqueConstraint(
            "account", "key", "language", name=op.f("uq_content_template_account_key_language")
        ),
    )
