"""The plan's books, marks in them, and the text of their pages for searching."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two kinds' tables, and the pages' text with its index."""
    _record("book", "region", _text("region"), _text("name"), sa.Column("size", sa.Integer(), nullable=True), _text("sha256"),
            sa.Column("pages", sa.Integer(), nullable=True), _text("type"), _text("title"),
            sa.Column("number", sa.Integer(), nullable=True))
    _record("mark", "visit", _text("visit"), _text("book"), sa.Column("page", sa.Integer(), nullable=True), _text("quote"), _text("place"),
            _text("note"))
    op.create_index(op.f("ix_mark_book"), "mark", ["book"], unique=False)
    op.create_table("book_page", sa.Column("number", sa.Integer(), nullable=False), _text("sha256"),
                    sa.Column("page", sa.Integer(), nullable=False), _text("body"), sa.PrimaryKeyConstraint("number"))
    op.create_index("book_page_of", "book_page", ["sha256", "page"], unique=True)
    op.execute("CREATE VIRTUAL TABLE page_text USING fts5(body, content='book_page', content_rowid='number', prefix='1 2 3', "
               "tokenize='unicode61 remove_diacritics 2')")


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=False)


def _record(table: str, parent: str, *columns: sa.Column[Any]) -> None:
    op.create_table(
        table, *columns,
        sa.Column("id", sa.String(), nullable=False), sa.Column("scope", sa.String(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False), sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False), sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint("id"))
    for column in ("scope", parent):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)
