"""Bring the database of an older server up to this one: tables and columns are added, nothing is changed or removed."""

from __future__ import annotations

from sqlalchemy import Engine, inspect
from sqlalchemy.schema import CreateColumn

from assessor_server import tables as tb


def upgrade(engine: Engine) -> list[str]:
    """Make missing tables, and missing columns (which may be empty); return the columns that were added."""
    tb.metadata.create_all(engine)
    inspector = inspect(engine)
    missing = [(table, column) for table in tb.metadata.sorted_tables
               for present in [{one["name"] for one in inspector.get_columns(table.name)}]
               for column in table.columns if column.name not in present]
    quote = engine.dialect.identifier_preparer.quote
    with engine.begin() as connection:
        for table, column in missing:
            definition = CreateColumn(column).compile(dialect=engine.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {quote(table.name)} ADD COLUMN {definition}")
    return [f"{table.name}.{column.name}" for table, column in missing]
