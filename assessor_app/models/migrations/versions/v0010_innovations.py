"""Published innovations of other regions, and where a programme was copied from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TEXTS = ("region", "code", "name", "dimension", "sub_dimension", "problem", "description", "benefit", "agency", "contact", "phone",
          "email", "source")


def upgrade() -> None:
    """Add the kind's table, and a column."""
    op.create_table(
        "innovation", *(sa.Column(name, sa.String(), nullable=False) for name in _TEXTS), sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("id", sa.String(), nullable=False), sa.Column("scope", sa.String(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False), sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False), sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint("id"))
    for column in ("scope", "region"):
        op.create_index(op.f(f"ix_innovation_{column}"), "innovation", [column], unique=False)
    op.add_column("programme", sa.Column("origin", sa.String(), nullable=False, server_default=""))
