"""Working days, the clock of the promise, silence, topics, duty and leave."""

import sqlalchemy as sa
from alembic import op

from storage.columns import Key, Moment
from storage.tables import CLOSABLE, OWED

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_ticket_due": (["handled_by", "due_at", "id"], OWED),
    "ix_ticket_closable": (["handled_by", "closable_at", "id"], CLOSABLE),
    "ix_ticket_counted": (["office", "calendar_version", "id"], "status = 'open'"),
    "ix_ticket_forwarded": (["office", "id"], "handled_by <> office"),
}
_TABLES = ("leave", "duty", "calendar_season", "calendar_day", "calendar")


def _columns() -> dict[str, tuple[sa.Column[object], ...]]:
    return {
        "ticket": (
            sa.Column("topic", sa.String(length=32), nullable=False, server_default=""),
            sa.Column("clock_from", Moment(), nullable=True),
            sa.Column("due_at", Moment(), nullable=True),
            sa.Column("pauses", sa.JSON(), nullable=False, server_default="[]"),
            sa.Column("calendar_version", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("silent_since", Moment(), nullable=True),
            sa.Column("closable_at", Moment(), nullable=True),
        ),
        "membership": (
            sa.Column("topics", sa.JSON(), nullable=False, server_default="[]"),
            sa.Column("takes", sa.Boolean(), nullable=False, server_default=sa.true()),
            sa.Column("given_at", Moment(), nullable=True),
        ),
    }


def upgrade() -> None:
    """Columns are added in place: SQLite's search triggers hang on the table of tickets."""
    _calendar_tables()
    _duty_tables()
    for table, columns in _columns().items():
        for column in columns:
            op.add_column(table, column)
    for name, (indexed, condition) in _INDEXES.items():
        only = sa.text(condition)
        op.create_index(name, "ticket", indexed, sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    """Back to promises without a clock."""
    for name in _INDEXES:
        op.drop_index(name, table_name="ticket")
    for table, columns in _columns().items():
        for column in columns:
            op.drop_column(table, column.name)
    for table in _TABLES:
        op.drop_table(table)


def _calendar_tables() -> None:
    op.create_table(
        "calendar",
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("office", name=op.f("pk_calendar")),
    )
    op.create_table(
        "calendar_day",
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("hours", sa.JSON(), nullable=False),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("changed_by", Key, nullable=True),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.CheckConstraint(
            "kind in ('holiday','collective','closed','open')", name=op.f("ck_calendar_day_kind")
        ),
        sa.CheckConstraint("source in ('library','office')", name=op.f("ck_calendar_day_source")),
        sa.ForeignKeyConstraint(["changed_by"], ["officer.id"], name=op.f("fk_calendar_day_changed_by")),
        sa.PrimaryKeyConstraint("office", "day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "calendar_season",
        sa.Column("id", Key, nullable=False),
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("hours", sa.JSON(), nullable=False),
        sa.Column("changed_by", Key, nullable=True),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.CheckConstraint("first <= last", name=op.f("ck_calendar_season_order")),
        sa.ForeignKeyConstraint(["changed_by"], ["officer.id"], name=op.f("fk_calendar_season_changed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_season")),
    )
    op.create_index("ix_calendar_season_office", "calendar_season", ["office"])


def _duty_tables() -> None:
    op.create_table(
        "duty",
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("officer_id", Key, nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("half", sa.String(length=2), nullable=False),
        sa.CheckConstraint("weekday between 0 and 6", name=op.f("ck_duty_weekday")),
        sa.CheckConstraint("half in ('am','pm')", name=op.f("ck_duty_half")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_duty_officer_id")),
        sa.PrimaryKeyConstraint("office", "officer_id", "weekday", "half", name=op.f("pk_duty")),
    )
    op.create_table(
        "leave",
        sa.Column("id", Key, nullable=False),
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("officer_id", Key, nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("first_half", sa.String(length=2), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("last_half", sa.String(length=2), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("given_back_at", Moment(), nullable=True),
        sa.Column("created_by", Key, nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.CheckConstraint("first <= last", name=op.f("ck_leave_order")),
        sa.CheckConstraint(
            "first_half in ('am','pm') and last_half in ('am','pm')", name=op.f("ck_leave_half")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["officer.id"], name=op.f("fk_leave_created_by")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_leave_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave")),
    )
    op.create_index("ix_leave_office", "leave", ["office", "last"])
    waits = sa.text("given_back_at is null")
    op.create_index("ix_leave_begins", "leave", ["first"], sqlite_where=waits, postgresql_where=waits)
