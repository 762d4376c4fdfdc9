"""What only e-mail needs: mailboxes, the desk's own letters, codes; and alarms."""

import sqlalchemy as sa
from alembic import op

from storage.columns import Key, Moment

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Mailboxes, letters, codes, alarms."""
    op.create_table(
        "mailbox",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=True),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("began_at", Moment(), nullable=True),
        sa.Column("lease_owner", sa.String(length=64), nullable=False),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("polled_at", Moment(), nullable=True),
        sa.Column("failing_since", Moment(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=255), nullable=False),
        sa.Column("refresh_token", sa.String(length=4096), nullable=False),
        sa.Column("probe", sa.String(length=64), nullable=False),
        sa.Column("probe_sent_at", Moment(), nullable=True),
        sa.Column("probe_seen_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mailbox")),
    )
    op.create_table(
        "notice",
        sa.Column("id", Key, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("mailbox", sa.String(length=254), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("officer_id", Key, nullable=True),
        sa.Column("ticket_id", Key, nullable=True),
        sa.Column("mail_id", Key, nullable=True),
        sa.Column("purpose", sa.String(length=24), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("delivery", sa.String(length=16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", Moment(), nullable=True),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("error_text", sa.String(length=255), nullable=False),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.CheckConstraint(
            "delivery in ('queued','sending','sent','failed','cancelled')", name=op.f("ck_notice_delivery")
        ),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_notice_mail_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_notice_officer_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_notice_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("key", name=op.f("uq_notice_key")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(
            "ix_notice_outbox",
            ["next_try_at", "id"],
            unique=False,
            sqlite_where=sa.text("delivery in ('queued','sending')"),
            postgresql_where=sa.text("delivery in ('queued','sending')"),
        )
        batch_op.create_index("ix_notice_ticket", ["ticket_id"], unique=False)

    op.create_table(
        "proof",
        sa.Column("id", Key, nullable=False),
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("contact_id", Key, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", sa.String(length=254), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_proof_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proof")),
    )
    with op.batch_alter_table("proof", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proof_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index("ix_proof_office", ["office", "kind", "value"], unique=False)

    op.create_table(
        "alarm",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("office", sa.String(length=16), nullable=True),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("last_at", Moment(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("settled_at", Moment(), nullable=True),
        sa.Column("settled_by", Key, nullable=True),
        sa.ForeignKeyConstraint(["settled_by"], ["officer.id"], name=op.f("fk_alarm_settled_by")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_alarm")),
    )
    with op.batch_alter_table("alarm", schema=None) as batch_op:
        batch_op.create_index("ix_alarm_office", ["office", "settled_at"], unique=False)


def downgrade() -> None:
    """Take them away."""
    op.drop_table("alarm")
    op.drop_table("proof")
    op.drop_table("notice")
    op.drop_table("mailbox")
