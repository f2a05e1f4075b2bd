"""The indexes of the search write fewer and larger pieces, and can be asked which words they hold.

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
    """Fill a page of the file with each piece, and gather eight megabytes first; add the lists of words.

    What is indexed already stays as it is until its piece is merged with others.
    """
    for table, words in (("search_text", "search_word"), ("page_text", "page_word")):
        for name, value in (("pgsz", 8000), ("hashsize", 8 << 20)):
            op.execute(f"INSERT INTO {table}({table}, rank) VALUES('{name}', {value})")
        op.execute(f"CREATE VIRTUAL TABLE {words} USING fts5vocab({table}, instance)")
    for kind in ("plan", "answer", "panel_remark"):  # searched from now on
        op.execute(f"INSERT OR REPLACE INTO search_dirty (kind, record) SELECT '{kind}', id FROM {kind}")
