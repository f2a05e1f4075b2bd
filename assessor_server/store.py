"""The server's database: how it is reached, made, and locked a scope at a time."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, Table, bindparam, create_engine, event, insert, inspect, select, update
from sqlalchemy.dialects import postgresql, sqlite

from assessor_app import clock
from assessor_server import tables as tb
from assessor_server.upgrading import upgrade


class Store:
    """An open database, with the folder that holds blobs and keys."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.folder = folder
        self.url = url or f"sqlite:///{folder / 'server.db'}"
        if self.url.startswith("postgresql://"):
            self.url = self.url.replace("postgresql://", "postgresql+psycopg://", 1)
        self.engine = _engine(self.url)

    def create(self) -> None:
        """Make the tables, the columns that an older server lacks, and the epoch where there are none."""
        upgrade(self.engine)
        with self.engine.begin() as connection:
            if get_meta(connection, "epoch") is None:
                put_meta(connection, "epoch", secrets.token_hex(8))

    def made(self) -> bool:
        """Tell whether there is a database of a server: ``create`` was run once."""
        return inspect(self.engine).has_table(tb.meta.name)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Give a connection whose work commits whole or not at all."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Give a connection that sees one moment throughout: news, cursor and digest must be of the same step."""
        with self.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            else:
                connection = connection.execution_options(read_only=True)
            with connection.begin():
                yield connection


_JSON: dict[str, Any] = {"json_serializer": lambda value: orjson.dumps(value).decode(), "json_deserializer": orjson.loads}


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, hide_parameters=True, pool_size=5, max_overflow=15, pool_pre_ping=True, **_JSON)
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": 30, "check_same_thread": False}, **_JSON)

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA cache_size=-8000")  # kB
        connection.execute("PRAGMA wal_autocheckpoint=4000")  # pages

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("read_only")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def add_if_absent(connection: Connection, table: Any, **values: Any) -> None:
    """Insert a row unless its key exists already."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(table).values(**values).on_conflict_do_nothing())


def add_rows(connection: Connection, table: Table, rows: list[tuple[Any, ...]]) -> None:
    """Insert rows, each in the order of the table's columns, its JSON as text."""
    if rows:
        mark = "%s" if connection.dialect.name == "postgresql" else "?"
        columns = ", ".join(f'"{column.name}"' for column in table.columns)
        connection.exec_driver_sql(f"INSERT INTO {table.name} ({columns}) VALUES ({', '.join([mark] * len(table.columns))})", rows)


def present(connection: Connection, table: Table, column: str, values: list[str], **same: str) -> list[str]:
    """Return which of these values stand in a column, in rows whose other columns are as said."""
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    others = "".join(f'"{name}" = {mark} AND ' for name in same)
    found: list[str] = []
    for start in range(0, len(values), 500):
        part = values[start:start + 500]
        marks = ", ".join([mark] * len(part))
        found += [row[0] for row in connection.exec_driver_sql(
            f'SELECT "{column}" FROM {table.name} WHERE {others}"{column}" IN ({marks})', (*same.values(), *part))]
    return found


def lock_scopes(connection: Connection, names: list[str]) -> dict[str, tuple[int, int]]:
    """Take the scopes' locks until the transaction ends; return the last step of each, and its digest.

    Whoever writes in a scope holds its lock from the first read to the commit, so steps become visible in their order.
    All locks are taken in the order of the names, so that nobody waits in a circle.
    """
    ordered = sorted(set(names))
    found: dict[str, tuple[int, int]] = {}
    for start in range(0, len(ordered), 500):
        part = ordered[start:start + 500]
        query = select(tb.scope).where(tb.scope.c.name.in_(part)).order_by(tb.scope.c.name)
        if connection.dialect.name == "postgresql":
            there = set(connection.execute(select(tb.scope.c.name).where(tb.scope.c.name.in_(part))).scalars())
            for name in part:
                if name not in there:
                    add_if_absent(connection, tb.scope, name=name, seq=0)
            query = query.with_for_update()
        found |= {row.name: (int(row.seq), int(row.digest or "0", 16)) for row in connection.execute(query)}
        new = [name for name in part if name not in found]
        if new:  # on SQLite the transaction is the lock
            connection.execute(insert(tb.scope), [{"name": name, "seq": 0} for name in new])
            found |= dict.fromkeys(new, (0, 0))
    return found


def set_places(connection: Connection, places: dict[str, tuple[int, int]]) -> None:
    """Record the scopes' last steps and digests; the caller holds their locks."""
    if places:
        connection.execute(update(tb.scope).where(tb.scope.c.name == bindparam("of")).values(
            {"seq": bindparam("step"), "digest": bindparam("sum")}),
            [{"of": name, "step": seq, "sum": f"{digest % (1 << 128):032x}"} for name, (seq, digest) in places.items()])


def get_meta(connection: Connection, name: str) -> str | None:
    """Return a value of the server's own, or None."""
    value: str | None = connection.execute(select(tb.meta.c.value).where(tb.meta.c.name == name)).scalar()
    return value


def put_meta(connection: Connection, name: str, value: str) -> None:
    """Set a value of the server's own."""
    if connection.execute(update(tb.meta).where(tb.meta.c.name == name).values(value=value)).rowcount == 0:
        connection.execute(insert(tb.meta).values(name=name, value=value))


def now() -> int:
    """Return the server's time in ms UTC."""
    return clock.now_ms()
