"""How a failure to protect personal data happened is kept at any length, as the rest of it is."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0015"
branch_labels = None
depends_on = None

_SHORT = sa.String(length=255)


def upgrade() -> None:
    """PostgreSQL changes its catalogue and no row, and what a version before writes still fits.

    SQLite never minded the length.
    """
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("breach", "happened", existing_type=_SHORT, type_=sa.Text())


def downgrade() -> None:
    """What is longer is cut."""
    if op.get_bind().dialect.name == "postgresql":
        cut = "left(happened, 255)"
        op.alter_column("breach", "happened", existing_type=sa.Text(), type_=_SHORT, postgresql_using=cut)
