"""Tickets, messages and what belongs to them."""

import sqlalchemy as sa
from alembic import op

from storage.columns import Key, Moment, only

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tickets, messages and what belongs to them."""
    op.create_table(
        "ticket",
        sa.Column("id", Key, nullable=False),
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("handled_by", sa.String(length=16), nullable=False),
        sa.Column("conversation_id", Key, nullable=False),
        sa.Column("contact_id", Key, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("close_reason", sa.String(length=16), nullable=True),
        sa.Column("waiting_for", sa.String(length=8), nullable=False),
        sa.Column("waiting_since", Moment(), nullable=False),
        sa.Column("claimed_by", Key, nullable=True),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("linked_to", Key, nullable=True),
        sa.Column("perhaps_of", Key, nullable=True),
        sa.Column("merged_into", Key, nullable=True),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("clear_at", Moment(), nullable=True),
        sa.Column("answered_at", Moment(), nullable=True),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.Column("closings", sa.Integer(), nullable=False),
        sa.Column("touched_at", Moment(), nullable=False),
        sa.CheckConstraint("kind in ('consultation','complaint')", name=op.f("ck_ticket_kind")),
        sa.CheckConstraint("status in ('open','closed')", name=op.f("ck_ticket_status")),
        sa.CheckConstraint("waiting_for in ('office','citizen')", name=op.f("ck_ticket_waiting_for")),
        sa.ForeignKeyConstraint(["claimed_by"], ["officer.id"], name=op.f("fk_ticket_claimed_by")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_ticket_contact_id")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_ticket_conversation_id")
        ),
        sa.ForeignKeyConstraint(["linked_to"], ["ticket.id"], name=op.f("fk_ticket_linked_to")),
        sa.ForeignKeyConstraint(["merged_into"], ["ticket.id"], name=op.f("fk_ticket_merged_into")),
        sa.ForeignKeyConstraint(["perhaps_of"], ["ticket.id"], name=op.f("fk_ticket_perhaps_of")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint(
            "office", "kind", "year", "number", name=op.f("uq_ticket_office_kind_year_number")
        ),
        sa.UniqueConstraint("office", "reference", name=op.f("uq_ticket_office_reference")),
    )
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index("ix_ticket_conversation", ["conversation_id"], unique=False)
        batch_op.create_index(
            "ix_ticket_list", ["handled_by", "status", "waiting_for", "waiting_since"], unique=False
        )
        batch_op.create_index("ix_ticket_touched", ["touched_at"], unique=False)
        batch_op.create_index(
            "ix_ticket_linked",
            ["linked_to"],
            unique=False,
            **only("linked_to is not null"),
        )
        batch_op.create_index(
            "ix_ticket_merged",
            ["merged_into"],
            unique=False,
            **only("merged_into is not null"),
        )
        batch_op.create_index(
            "uq_ticket_one_open_consultation",
            ["conversation_id"],
            unique=True,
            **only("status = 'open' and kind = 'consultation'"),
        )
    op.create_table(
        "ticket_event",
        sa.Column("id", Key, nullable=False),
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("ticket_id", Key, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("officer_id", Key, nullable=True),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_ticket_event_officer_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_event_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_event")),
    )
    with op.batch_alter_table("ticket_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_event_ticket_id"), ["ticket_id"], unique=False)
    op.create_table(
        "mail",
        sa.Column("id", Key, nullable=False),
        sa.Column("mailbox", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("received_at", Moment(), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("intake", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("rule", sa.String(length=120), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("author", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("conversation_id", Key, nullable=True),
        sa.Column("ticket_id", Key, nullable=True),
        sa.Column("moved_at", Moment(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", Moment(), nullable=True),
        sa.Column("error_text", sa.String(length=255), nullable=False),
        sa.Column("settled_by", Key, nullable=True),
        sa.CheckConstraint("intake in ('pending','handled','filed','shunted')", name=op.f("ck_mail_intake")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_mail_conversation_id")
        ),
        sa.ForeignKeyConstraint(["settled_by"], ["officer.id"], name=op.f("fk_mail_settled_by")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_mail_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("mailbox", "uidvalidity", "uid", name=op.f("uq_mail_mailbox_uidvalidity_uid")),
    )
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.create_index(
            "ix_mail_filed",
            ["office", "id"],
            unique=False,
            **only("intake = 'filed'"),
        )
        batch_op.create_index("ix_mail_message_id", ["mailbox", "message_id"], unique=False)
        batch_op.create_index(
            "ix_mail_pending",
            ["mailbox", "id"],
            unique=False,
            **only("intake = 'pending'"),
        )
        batch_op.create_index("ix_mail_ends", ["office", "intake"], unique=False)
        batch_op.create_index("ix_mail_author", ["mailbox", "author", "at"], unique=False)
        batch_op.create_index("ix_mail_sha256", ["mailbox", "sha256"], unique=False)
        batch_op.create_index(
            "ix_mail_shunted",
            ["office", "id"],
            unique=False,
            **only("intake = 'shunted'"),
        )
        batch_op.create_index(
            "ix_mail_ticket",
            ["ticket_id"],
            unique=False,
            **only("ticket_id is not null"),
        )
        batch_op.create_index(
            "ix_mail_unmoved",
            ["mailbox", "id"],
            unique=False,
            **only("moved_at is null"),
        )

    op.create_table(
        "message",
        sa.Column("id", Key, nullable=False),
        sa.Column("mid", sa.String(length=36), nullable=False),
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("direction", sa.String(length=4), nullable=False),
        sa.Column("author", sa.String(length=8), nullable=False),
        sa.Column("officer_id", Key, nullable=True),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=True),
        sa.Column("address_id", Key, nullable=False),
        sa.Column("conversation_id", Key, nullable=True),
        sa.Column("ticket_id", Key, nullable=True),
        sa.Column("sender", sa.String(length=254), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("content", sa.String(length=16), nullable=False),
        sa.Column("choice", sa.String(length=255), nullable=True),
        sa.Column("media", sa.JSON(), nullable=False),
        sa.Column("raw", sa.JSON(), nullable=True),
        sa.Column("mail_id", Key, nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("intake", sa.String(length=8), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("delivery", sa.String(length=16), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("text_key", sa.String(length=64), nullable=True),
        sa.Column("part_of", sa.String(length=36), nullable=True),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", Moment(), nullable=True),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("error_code", sa.String(length=32), nullable=True),
        sa.Column("error_text", sa.Text(), nullable=True),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.Column("delivered_at", Moment(), nullable=True),
        sa.Column("read_at", Moment(), nullable=True),
        sa.CheckConstraint("author in ('citizen','officer','bot')", name=op.f("ck_message_author")),
        sa.CheckConstraint(
            "delivery in ('queued','sending','sent','delivered','read',"
            "'held','unknown','failed','cancelled')",
            name=op.f("ck_message_delivery"),
        ),
        sa.CheckConstraint("direction in ('in','out','note')", name=op.f("ck_message_direction")),
        sa.CheckConstraint(
            "intake in ('pending','handled','filed','shunted')", name=op.f("ck_message_intake")
        ),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name=op.f("fk_message_address_id")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_message_conversation_id")
        ),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_message_mail_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_message_officer_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_message_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint(
            "channel", "account", "external_id", name=op.f("uq_message_channel_account_external_id")
        ),
        sa.UniqueConstraint("mid", name=op.f("uq_message_mid")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index("ix_message_conversation", ["conversation_id", "id"], unique=False)
        batch_op.create_index(
            "ix_message_held",
            ["conversation_id"],
            unique=False,
            **only("delivery in ('queued','held')"),
        )
        batch_op.create_index(
            "ix_message_failed",
            ["id"],
            unique=False,
            **only("delivery = 'failed'"),
        )
        batch_op.create_index(
            "ix_message_opted_out",
            ["office", "id"],
            unique=False,
            **only("outcome = 'after_opt_out'"),
        )
        batch_op.create_index(
            "ix_message_outbox",
            ["next_try_at", "id"],
            unique=False,
            **only("delivery in ('queued','sending','unknown')"),
        )
        batch_op.create_index(
            "ix_message_pending",
            ["address_id", "id"],
            unique=False,
            **only("intake = 'pending'"),
        )
        batch_op.create_index(
            "ix_message_shunted",
            ["office", "id"],
            unique=False,
            **only("intake = 'shunted'"),
        )
        batch_op.create_index(
            "ix_message_mail",
            ["mail_id"],
            unique=False,
            **only("mail_id is not null"),
        )
        batch_op.create_index(
            "ix_message_automatic",
            ["channel", "at"],
            unique=False,
            **only("direction = 'out' and author = 'bot' and channel = 'email'"),
        )
        batch_op.create_index(
            "ix_message_automatic_to",
            ["address_id", "at"],
            unique=False,
            **only("direction = 'out' and author = 'bot' and channel = 'email'"),
        )
        batch_op.create_index(
            "ix_message_mailed",
            ["address_id", "at"],
            unique=False,
            **only("direction = 'in' and channel = 'email'"),
        )
        batch_op.create_index("ix_message_ticket", ["ticket_id", "id"], unique=False)
    op.create_table(
        "receipt",
        sa.Column("id", Key, nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("mid", sa.String(length=36), nullable=True),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("error_code", sa.String(length=32), nullable=False),
        sa.Column("error_text", sa.Text(), nullable=True),
        sa.Column("raw", sa.JSON(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("matched", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint(
            "channel",
            "external_id",
            "status",
            "error_code",
            name=op.f("uq_receipt_channel_external_id_status_error_code"),
        ),
    )
    op.create_table(
        "timer",
        sa.Column("id", Key, nullable=False),
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("conversation_id", Key, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_timer_conversation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
        sa.UniqueConstraint("conversation_id", "kind", name=op.f("uq_timer_conversation_id_kind")),
    )
    with op.batch_alter_table("timer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_timer_due_at"), ["due_at"], unique=False)
    op.create_table(
        "rating",
        sa.Column("id", Key, nullable=False),
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("ticket_id", Key, nullable=False),
        sa.Column("closing", sa.Integer(), nullable=False),
        sa.Column("close_reason", sa.String(length=16), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("answered_at", Moment(), nullable=True),
        sa.CheckConstraint("score between 1 and 4", name=op.f("ck_rating_score")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_rating_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating")),
        sa.UniqueConstraint("ticket_id", "closing", name=op.f("uq_rating_ticket_id_closing")),
    )
    op.create_table(
        "read_mark",
        sa.Column("officer_id", Key, nullable=False),
        sa.Column("ticket_id", Key, nullable=False),
        sa.Column("message_id", Key, nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_read_mark_officer_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_read_mark_ticket_id")),
        sa.PrimaryKeyConstraint("officer_id", "ticket_id", name=op.f("pk_read_mark")),
    )
    op.create_table(
        "presence",
        sa.Column("officer_id", Key, nullable=False),
        sa.Column("ticket_id", Key, nullable=False),
        sa.Column("writing", sa.Boolean(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_presence_officer_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_presence_ticket_id")),
        sa.PrimaryKeyConstraint("officer_id", "ticket_id", name=op.f("pk_presence")),
    )
    with op.batch_alter_table("presence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_presence_ticket_id"), ["ticket_id"], unique=False)


def downgrade() -> None:
    """Take them away."""
    op.drop_table("presence")
    op.drop_table("read_mark")
    op.drop_table("rating")
    op.drop_table("timer")
    op.drop_table("receipt")
    op.drop_table("message")
    op.drop_table("mail")
    op.drop_table("ticket_event")
    op.drop_table("ticket")
