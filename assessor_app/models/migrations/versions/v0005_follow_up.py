"""In which visit an agreed action was last answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add one column."""
    op.add_column("action", sa.Column("answered", sa.String(), nullable=False, server_default=""))
