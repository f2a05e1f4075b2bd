"""A device's key may name the office for which it receives courier files.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("device_key", sa.Column("receiving_office", sa.String(), nullable=False, server_default=""))
