"""The full-text index over messages and tickets."""

from alembic import op

from storage.search import create_search, drop_search

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the index."""
    create_search(op.get_bind())


def downgrade() -> None:
    """Take it away; the texts stay."""
    drop_search(op.get_bind())
