"""Officers, contacts, addresses and conversations."""

import sqlalchemy as sa
from alembic import op

from storage.columns import Key, Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Officers, contacts, addresses and conversations."""
    op.create_table(
        "officer",
        sa.Column("id", Key, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("administrator", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("sessions", sa.Integer(), nullable=False),
        sa.Column("disabled_at", Moment(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer")),
        sa.UniqueConstraint("email", name=op.f("uq_officer_email")),
    )
    op.create_table(
        "membership",
        sa.Column("officer_id", Key, nullable=False),
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("mail_mine", sa.Boolean(), nullable=False),
        sa.Column("mail_new", sa.Boolean(), nullable=False),
        sa.Column("mail_reminders", sa.Boolean(), nullable=False),
        sa.CheckConstraint("role in ('officer','supervisor')", name=op.f("ck_membership_role")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_membership_officer_id")),
        sa.PrimaryKeyConstraint("officer_id", "office", name=op.f("pk_membership")),
    )
    op.create_table(
        "audit",
        sa.Column("id", Key, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("officer_id", Key, nullable=True),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_audit_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_table(
        "installation",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_installation")),
    )
    op.create_table(
        "unrouted",
        sa.Column("id", Key, nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("sender", sa.String(length=254), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("raw", sa.JSON(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("settled_at", Moment(), nullable=True),
        sa.Column("settled_by", Key, nullable=True),
        sa.ForeignKeyConstraint(["settled_by"], ["officer.id"], name=op.f("fk_unrouted_settled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unrouted")),
        sa.UniqueConstraint(
            "channel", "account", "external_id", name=op.f("uq_unrouted_channel_account_external_id")
        ),
    )
    op.create_table(
        "contact",
        sa.Column("id", Key, nullable=False),
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("profile_name", sa.String(length=255), nullable=False),
        sa.Column("institution_category", sa.String(length=32), nullable=False),
        sa.Column("main_use", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("opted_out_at", Moment(), nullable=True),
        sa.Column("blocked_at", Moment(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_office"), ["office"], unique=False)
    op.create_table(
        "address",
        sa.Column("id", Key, nullable=False),
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("contact_id", Key, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", sa.String(length=254), nullable=False),
        sa.Column("alias_of", Key, nullable=True),
        sa.Column("proved", sa.Boolean(), nullable=False),
        sa.Column("dead_at", Moment(), nullable=True),
        sa.Column("dead_why", sa.String(length=255), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["alias_of"], ["address.id"], name=op.f("fk_address_alias_of")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_address_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address")),
        sa.UniqueConstraint("office", "kind", "value", name=op.f("uq_address_office_kind_value")),
    )
    with op.batch_alter_table("address", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_address_contact_id"), ["contact_id"], unique=False)
    op.create_table(
        "conversation",
        sa.Column("id", Key, nullable=False),
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("sender", sa.String(length=254), nullable=False),
        sa.Column("address_id", Key, nullable=False),
        sa.Column("contact_id", Key, nullable=False),
        sa.Column("reply_to", sa.String(length=254), nullable=False),
        sa.Column("thread", sa.String(length=36), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("memory", sa.JSON(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("complaint_id", sa.Integer(), nullable=True),
        sa.Column("last_inbound_at", Moment(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name=op.f("fk_conversation_address_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_conversation_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
        sa.UniqueConstraint(
            "address_id",
            "channel",
            "sender",
            "thread",
            name=op.f("uq_conversation_address_id_channel_sender_thread"),
        ),
    )
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conversation_contact_id"), ["contact_id"], unique=False)
        for name in ("ticket", "complaint"):
            batch_op.create_index(
                f"ix_conversation_{name}",
                [f"{name}_id"],
                unique=False,
                sqlite_where=sa.text(f"{name}_id is not null"),
                postgresql_where=sa.text(f"{name}_id is not null"),
            )
    op.create_table(
        "series",
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("office", "kind", "year", name=op.f("pk_series")),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("series")
    op.drop_table("conversation")
    op.drop_table("address")
    op.drop_table("contact")
    op.drop_table("unrouted")
    op.drop_table("installation")
    op.drop_table("audit")
    op.drop_table("membership")
    op.drop_table("officer")
