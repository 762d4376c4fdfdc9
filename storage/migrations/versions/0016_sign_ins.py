"""Sign-ins that end on the server, guesses counted for all processes, second factors."""

import sqlalchemy as sa
from alembic import op

from storage.columns import Key, Moment

revision = "0016"
down_revision = "0013"
branch_labels = None
depends_on = None

_OFFICER = (
    ("password_temporary", sa.Boolean(), sa.false()),
    ("second_factor", sa.String(length=255), ""),
    ("second_factor_at", Moment(), None),
    ("second_factor_step", sa.BigInteger(), "0"),
)


def upgrade() -> None:
    """Whoever is signed in signs in once more: their browser is not known yet."""
    for name, type_, default in _OFFICER:
        column = sa.Column(name, type_, nullable=default is None, server_default=default)
        op.add_column("officer", column)
    op.create_table(
        "sign_in",
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("officer_id", Key, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("browser", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_sign_in_officer_id")),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_sign_in")),
    )
    op.create_index("ix_sign_in_officer_id", "sign_in", ["officer_id"])
    op.create_table(
        "guess",
        sa.Column("id", Key, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guess")),
    )
    op.create_index("ix_guess_place", "guess", ["place", "at"])
    op.create_index("ix_guess_account", "guess", ["account", "at"])
    op.create_table(
        "recovery_code",
        sa.Column("officer_id", Key, nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_recovery_code_officer_id")),
        sa.PrimaryKeyConstraint("officer_id", "mark", name=op.f("pk_recovery_code")),
    )
    op.create_index("ix_audit_what", "audit", ["what", "id"])
    op.create_index("ix_audit_officer_id", "audit", ["officer_id", "id"])


def downgrade() -> None:
    """Second factors are lost with it."""
    for index in ("ix_audit_officer_id", "ix_audit_what"):
        op.drop_index(index, "audit")
    for name in ("recovery_code", "guess", "sign_in"):
        op.drop_table(name)
    for name, _, _ in reversed(_OFFICER):
        op.drop_column("officer", name)
