"""Courier files: devices' public keys, and what is carried for others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both tables, and the index by which what waits is found in its order."""
    op.drop_index(op.f("ix_intent_state"), table_name="intent")
    op.create_index("intent_pending", "intent", ["state", "device", "counter"], unique=False)
    op.create_table(
        "device_key",
        sa.Column("assessor", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("signing", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_device_key_scope"), "device_key", ["scope"], unique=False)
    op.create_table(
        "carried",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("arrived", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
