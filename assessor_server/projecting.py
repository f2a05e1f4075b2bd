"""What every projection is made of: its tables, and how the rows of one key are read, compared and replaced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, Connection, Table, insert, select

from assessor_app.sync.rows import Row
from assessor_server.blobs import Blobs
from assessor_server.store import Store

#: A key awaits a file (or must be read anew), is as its verified files say, or has a file that does not verify.
AWAITING: Final = "awaiting"
VERIFIED: Final = "verified"
FAULTY: Final = "faulty"
#: The rows of one key, by the name of their table; each row by its columns.
Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Projection:
    """One projection: ``tables`` (the first one's primary key is the key), and where its rows come from."""

    name: str
    tables: tuple[Table, ...]
    concerns: Callable[[Row], str]  # the key that a changed record concerns, or nothing
    keys: Callable[[Connection], list[str]]
    outline: Callable[[Connection, str], Rows | None]  # what is known without the file
    fill: Callable[[Store, Blobs, Rows], Rows]  # the same with what the files say; outside of any transaction
    grows: bool = False  # later records change the rows of a key that is there already

    @property
    def main(self) -> Table:
        """The table with one row a key."""
        return self.tables[0]

    @property
    def key(self) -> Column[Any]:
        """The key's column in the main table; it goes by the same name in the others."""
        return next(iter(self.main.primary_key.columns))


def put(connection: Connection, projection: Projection, key: str, rows: Rows) -> None:
    """Replace the rows of a key."""
    for table in projection.tables:
        connection.execute(table.delete().where(table.c[projection.key.name] == key))
        for row in rows[table.name]:
            connection.execute(insert(table).values(**row))


def present(connection: Connection, projection: Projection, key: str) -> Rows:
    """Return the rows of a key as they stand."""
    return {table.name: [dict(row) for row in connection.execute(select(table).where(
        table.c[projection.key.name] == key).order_by(*table.primary_key.columns)).mappings()] for table in projection.tables}
