"""Panels, their words and surveys; the region of documents that belong to its dossier."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add three tables and a column of two."""
    for table in ("document", "revision"):
        op.add_column(table, sa.Column("region", sa.String(), nullable=False, server_default=""))
    _record("panel", _text("visit"), _text("state"), _text("closed_by"), sa.Column("closed_at", sa.Integer(), nullable=True),
            sa.Column("members", sa.JSON(), nullable=False), _text("introduction"), _text("method"), _text("conclusion"),
            sa.Column("previous_index", sa.Double(), nullable=True))
    _record("panel_remark", _text("visit"), _text("question"), _text("body"))
    _record("survey", _text("visit"), _text("name"), _text("sha256"), _text("sub_dimension"), _text("service"),
            sa.Column("users", sa.Integer(), nullable=True), _text("content"))


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=False)


def _record(table: str, *columns: sa.Column[Any]) -> None:
    op.create_table(
        table, *columns,
        sa.Column("id", sa.String(), nullable=False), sa.Column("scope", sa.String(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False), sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False), sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint("id"))
    for column in ("scope", "visit"):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)
