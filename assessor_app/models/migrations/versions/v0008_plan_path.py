"""What the path of the workshops asks of a plan and of its quick wins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    for name in ("gap", "council", "team", "forum"):
        op.add_column("plan", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.add_column("plan", sa.Column("path", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("programme", sa.Column("benefit_months", sa.Integer(), nullable=True))
    op.add_column("programme", sa.Column("is_infrastructure", sa.String(), nullable=False, server_default=""))
