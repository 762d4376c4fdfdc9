"""When administrators were told of an alarm by mail, and that it was over."""

import sqlalchemy as sa
from alembic import op

from storage.columns import Moment

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Alarms from before are told once, if they still last."""
    for name in ("told_at", "over_told_at"):
        op.add_column("alarm", sa.Column(name, Moment(), nullable=True))


def downgrade() -> None:
    """Without them."""
    for name in ("over_told_at", "told_at"):
        op.drop_column("alarm", name)
