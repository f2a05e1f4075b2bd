"""How long a recording is; and notes with tags are found without reading the others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add one column and one index."""
    op.add_column("attachment", sa.Column("seconds", sa.Integer(), nullable=True))
    op.create_index("interview_tagged", "interview", ["deleted", "tags"], sqlite_where=sa.text("tags <> '[]'"))
