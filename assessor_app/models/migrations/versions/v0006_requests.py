"""What persons ask for about their own data."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the kind's table."""
    op.create_table(
        "request", *(sa.Column(name, sa.String(), nullable=False) for name in ("visit", "person", "type")),
        sa.Column("received_at", sa.Integer(), nullable=True), sa.Column("done_at", sa.Integer(), nullable=True),
        sa.Column("id", sa.String(), nullable=False), sa.Column("scope", sa.String(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False), sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False), sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint("id"))
    for column in ("scope", "visit", "person"):
        op.create_index(op.f(f"ix_request_{column}"), "request", [column], unique=False)
