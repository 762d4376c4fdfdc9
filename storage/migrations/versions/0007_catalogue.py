"""The catalogue of what is published, the office's own answers, and what citizens searched."""

import sqlalchemy as sa
from alembic import op

from storage.catalogue_search import create_index, drop_index
from storage.columns import Key, Moment

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The tables, and the index that is searched."""
    _catalogue()
    _answers()
    _searches()
    create_index(op.get_bind())


def downgrade() -> None:
    """Without them."""
    drop_index(op.get_bind())
    for table in ("searched", "answer", "catalogue_source", "catalogue_item"):
        op.drop_table(table)


def _catalogue() -> None:
    op.create_table(
        "catalogue_item",
        sa.Column("id", Key, nullable=False),
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("link", sa.String(length=290), nullable=False),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.Column("summary", sa.String(length=255), nullable=False),
        sa.Column("title_terms", sa.Text(), nullable=False),
        sa.Column("more_terms", sa.Text(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.CheckConstraint(
            "kind in ('answer','publication','pressrelease','statictable','news')",
            name=op.f("ck_catalogue_item_kind"),
        ),
        sa.CheckConstraint("source in ('webapi','csv','office')", name=op.f("ck_catalogue_item_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_item")),
        sa.UniqueConstraint(
            "office",
            "source",
            "kind",
            "external_id",
            name=op.f("uq_catalogue_item_office_source_kind_external_id"),
        ),
    )
    op.create_table(
        "catalogue_source",
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("tried_at", Moment(), nullable=True),
        sa.Column("fetched_at", Moment(), nullable=True),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("office", name=op.f("pk_catalogue_source")),
    )


def _answers() -> None:
    op.create_table(
        "answer",
        sa.Column("id", Key, nullable=False),
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("question", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("from_ticket", Key, nullable=True),
        sa.Column("written_by", Key, nullable=True),
        sa.Column("published_at", Moment(), nullable=True),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["from_ticket"], ["ticket.id"], name=op.f("fk_answer_from_ticket")),
        sa.ForeignKeyConstraint(["written_by"], ["officer.id"], name=op.f("fk_answer_written_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
    )
    op.create_index("ix_answer_office", "answer", ["office", "changed_at"])


def _searches() -> None:
    op.create_table(
        "searched",
        sa.Column("id", Key, nullable=False),
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("conversation_id", Key, nullable=False),
        sa.Column("query", sa.String(length=300), nullable=False),
        sa.Column("found", sa.Integer(), nullable=True),
        sa.Column("answered", sa.Boolean(), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("settled_at", Moment(), nullable=True),
        sa.Column("settled_by", Key, nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_searched_conversation_id")
        ),
        sa.ForeignKeyConstraint(["settled_by"], ["officer.id"], name=op.f("fk_searched_settled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_searched")),
    )
    op.create_index("ix_searched_conversation", "searched", ["conversation_id", "id"])
    op.create_index("ix_searched_list", "searched", ["office", "id"])
    waits = sa.text("settled_at is null")
    op.create_index(
        "ix_searched_unanswered", "searched", ["office", "at"], sqlite_where=waits, postgresql_where=waits
    )
