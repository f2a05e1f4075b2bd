"""The indexes of the search write fewer and larger pieces: one fills a page of the file, and eight megabytes are gathered first.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Set both; what is indexed already stays as it is until its piece is merged with others."""
    for table in ("search_text", "page_text"):
        for name, value in (("pgsz", 8000), ("hashsize", 8 << 20)):
            op.execute(f"INSERT INTO {table}({table}, rank) VALUES('{name}', {value})")
