"""Requests about one's own data, marks of what was erased, failures of protection, and notices shown."""

import sqlalchemy as sa
from alembic import op

from storage.columns import Key, Moment

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None

_CONTACT = (
    ("notice_version", sa.String(length=16), ""),
    ("notice_at", Moment(), None),
    ("erased_at", Moment(), None),
)


def upgrade() -> None:
    """Nobody has asked for anything yet, and nobody knows which notice was shown to whom before."""
    for name, type_, default in _CONTACT:
        op.add_column("contact", sa.Column(name, type_, nullable=default is None, server_default=default))
    _requests()
    for name, column in (("forgotten", "mark"), ("unwanted_file", "sha256")):
        op.create_table(
            name,
            sa.Column(column, sa.String(length=64), nullable=False),
            sa.Column("at", Moment(), nullable=False),
            sa.PrimaryKeyConstraint(column, name=op.f(f"pk_{name}")),
        )
    _breaches()


def downgrade() -> None:
    """Back to serving who asks by hand."""
    for name in ("breach", "unwanted_file", "forgotten", "privacy_request"):
        op.drop_table(name)
    for name, _, _ in reversed(_CONTACT):
        op.drop_column("contact", name)


def _requests() -> None:
    op.create_table(
        "privacy_request",
        sa.Column("id", Key, nullable=False),
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("contact_id", Key, nullable=False),
        sa.Column("conversation_id", Key, nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("erase_at", Moment(), nullable=True),
        sa.Column("done_at", Moment(), nullable=True),
        sa.Column("confirmed_by", Key, nullable=True),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind in ('copy','erasure')", name=op.f("ck_privacy_request_kind")),
        sa.CheckConstraint(
            "state in ('waiting','scheduled','told','done','cancelled')",
            name=op.f("ck_privacy_request_state"),
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_privacy_request_contact_id")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_privacy_request_conversation_id")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["officer.id"], name=op.f("fk_privacy_request_confirmed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_request")),
    )
    op.create_index("ix_privacy_request_contact_id", "privacy_request", ["contact_id"])
    op.create_index("ix_privacy_request_office", "privacy_request", ["office", "id"])
    due = sa.text("erase_at is not null")
    op.create_index(
        "ix_privacy_request_erase",
        "privacy_request",
        ["erase_at", "id"],
        sqlite_where=due,
        postgresql_where=due,
    )


def _breaches() -> None:
    op.create_table(
        "breach",
        sa.Column("id", Key, nullable=False),
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("noticed_at", Moment(), nullable=False),
        sa.Column("happened", sa.String(length=255), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("what", "which", "whose", "measures")),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("people_told_at", Moment(), nullable=True),
        sa.Column("authority_told_at", Moment(), nullable=True),
        sa.Column("written_by", Key, nullable=True),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["written_by"], ["officer.id"], name=op.f("fk_breach_written_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breach")),
    )
