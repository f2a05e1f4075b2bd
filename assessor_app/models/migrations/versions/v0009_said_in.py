"""In which interview the status of a programme's year was said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add one column."""
    op.add_column("programme_year", sa.Column("interview", sa.String(), nullable=False, server_default=""))
