"""On SQLite messages come into the search index some seconds later, many at once."""

from alembic import op

from storage.search import index_at_once, index_later

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is in the index stays. What a version before writes meanwhile comes in later as well."""
    index_later(op.get_bind())


def downgrade() -> None:
    """What has not come in yet does so now."""
    index_at_once(op.get_bind())
