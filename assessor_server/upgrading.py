"""Bring the database of an older server up to this one: tables and columns are added, nothing is changed or removed."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, inspect, select, update
from sqlalchemy.schema import CreateColumn

from assessor_app.sync.digests import digest
from assessor_server import tables as tb


def upgrade(engine: Engine) -> list[str]:
    """Make missing tables, and missing columns (which may be empty); return the columns that were added."""
    tb.metadata.create_all(engine)
    inspector = inspect(engine)
    missing = []
    for table in tb.metadata.sorted_tables:
        present = {column["name"] for column in inspector.get_columns(table.name)}
        missing += [(table, column) for column in table.columns if column.name not in present]
    if not missing:
        return []
    quote = engine.dialect.identifier_preparer.quote
    with engine.begin() as connection:
        for table, column in missing:
            definition = CreateColumn(column).compile(dialect=engine.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {quote(table.name)} ADD COLUMN {definition}")
        if any(column is tb.scope.c.digest for _, column in missing):
            _sum_up(connection)
    return [f"{table.name}.{column.name}" for table, column in missing]


def _sum_up(connection: Connection) -> None:
    """Give every scope the digest that an older server did not keep."""
    for scope in connection.execute(select(tb.scope.c.name)).scalars().all():
        rows = connection.execute(select(tb.record.c.kind, tb.record.c.id, tb.record.c.versions).where(tb.record.c.scope == scope))
        value = digest((row.kind, row.id, row.versions) for row in rows)
        connection.execute(update(tb.scope).where(tb.scope.c.name == scope).values(digest=value))
