"""The register of complaints, whom they are about, and the satisfaction survey."""

import sqlalchemy as sa
from alembic import op

from storage.columns import Key, Moment
from storage.voice_tables import MARKS

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ELEMENTS = (
    *("requirements", "procedure", "time", "cost", "product"),
    *("competence", "behaviour", "complaints", "facilities"),
)
_REGISTERED = """
INSERT INTO complaint (ticket_id, office, category, weight, acknowledged_at, plan, plan_by, tells_at)
SELECT id, office, '', '', CASE WHEN confirmed THEN opened_at END, '', '',
       CASE WHEN status = 'open' THEN opened_at END
FROM ticket WHERE kind = 'complaint'
"""


def upgrade() -> None:
    """Complaints that are open already have their deadlines counted by the next tick."""
    _complaints()
    _accused()
    _surveys()
    op.add_column("rating", sa.Column("reminded_at", Moment(), nullable=True))
    op.add_column("rating", sa.Column("page", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_rating_office", "rating", ["office", "asked_at"])
    op.execute(_REGISTERED)


def downgrade() -> None:
    """Back to complaints that are tickets and nothing else."""
    op.drop_index("ix_rating_office", table_name="rating")
    op.drop_column("rating", "page")
    op.drop_column("rating", "reminded_at")
    for table in ("survey", "accused", "complaint"):
        op.drop_table(table)
    op.execute("UPDATE ticket SET due_at = NULL, clock_from = NULL WHERE kind = 'complaint'")


def _complaints() -> None:
    op.create_table(
        "complaint",
        sa.Column("ticket_id", Key, autoincrement=False, nullable=False),
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("weight", sa.String(length=8), nullable=False),
        sa.Column("acknowledged_at", Moment(), nullable=True),
        sa.Column("examined_at", Moment(), nullable=True),
        sa.Column("complete_at", Moment(), nullable=True),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("plan_by", sa.String(length=120), nullable=False),
        sa.Column("plan_due", sa.Date(), nullable=True),
        sa.Column("plan_done_at", Moment(), nullable=True),
        sa.Column("tells_at", Moment(), nullable=True),
        sa.Column("changed_by", Key, nullable=True),
        sa.Column("changed_at", Moment(), nullable=True),
        sa.CheckConstraint("weight in ('','simple','usual')", name=op.f("ck_complaint_weight")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_complaint_ticket_id")),
        sa.ForeignKeyConstraint(["changed_by"], ["officer.id"], name=op.f("fk_complaint_changed_by")),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_complaint")),
    )
    told = sa.text("tells_at is not null")
    columns = ["tells_at", "ticket_id"]
    op.create_index("ix_complaint_tells", "complaint", columns, sqlite_where=told, postgresql_where=told)
    op.create_index("ix_complaint_office", "complaint", ["office", "ticket_id"])


def _accused() -> None:
    op.create_table(
        "accused",
        sa.Column("officer_id", Key, nullable=False),
        sa.Column("ticket_id", Key, nullable=False),
        sa.Column("found", sa.String(length=8), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.CheckConstraint("found in ('served','named','said')", name=op.f("ck_accused_found")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_accused_officer_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_accused_ticket_id")),
        sa.PrimaryKeyConstraint("officer_id", "ticket_id", name=op.f("pk_accused")),
    )
    op.create_index("ix_accused_ticket_id", "accused", ["ticket_id"])


def _surveys() -> None:
    op.create_table(
        "survey",
        sa.Column("id", Key, nullable=False),
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("ticket_id", Key, nullable=False),
        sa.Column("closing", sa.Integer(), nullable=False),
        *(sa.Column(element, sa.Integer(), nullable=False) for element in _ELEMENTS),
        sa.Column("suggestion", sa.Text(), nullable=False),
        sa.Column("answered_at", Moment(), nullable=False),
        sa.CheckConstraint(MARKS, name=op.f("ck_survey_marks")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_survey_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey")),
        sa.UniqueConstraint("ticket_id", "closing", name=op.f("uq_survey_ticket_id_closing")),
    )
    op.create_index("ix_survey_office", "survey", ["office", "answered_at"])
