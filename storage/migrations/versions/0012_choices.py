"""The choices of a message that go along as buttons or as a list, and below which message one was tapped."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was said before offered nothing to tap."""
    op.add_column("message", sa.Column("menu", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("message", sa.Column("replies_to", sa.String(length=255), nullable=True))


def downgrade() -> None:
    """Back to numbers alone."""
    op.drop_column("message", "replies_to")
    op.drop_column("message", "menu")
