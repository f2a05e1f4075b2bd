"""Records that are new to this device, written the short way: a statement a kind, no entity a record.

Everything else goes through ``sync/apply.py``. Both ways leave the same rows; a test compares them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Connection

from assessor_app.models.entities import ENTITIES
from assessor_app.models.journal import SEARCHED, Unit
from assessor_app.models.kinds import Field, Kind, Value, default_of, fields_of, known
from assessor_app.models.records import CREATED
from assessor_app.models.tables import Erasure
from assessor_app.sync.states import State

_IN = 400
_ERASED = f"SELECT record FROM {Erasure.__tablename__} WHERE kind = ?"
_ANY_ERASED = f"SELECT 1 FROM {Erasure.__tablename__} LIMIT 1"
Tuples = Callable[[State], tuple[Any, ...]]


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()


@lru_cache(500)
def _statement(kind: Kind, names: tuple[str, ...]) -> tuple[str, Tuples]:
    """Return how records are inserted of which just these fields are given, in this order: the others are in the statement."""
    fields = {f.name: f for f in fields_of(kind)}
    own = tuple(name for name in names if name in fields)
    columns = ("id", "scope", "versions", "changed_by", "changed_at", "extra", *own)
    blank = {name: _literal(f) for name, f in fields.items() if name not in own}
    sql = (f"INSERT INTO {ENTITIES[kind].__tablename__} ({', '.join(map(_quoted, (*columns, *blank)))}) "
           f"VALUES ({', '.join([*'?' * len(columns), *blank.values()])}) ON CONFLICT (id) DO NOTHING")
    if own == names and all(fields[name].type not in {"refs", "bool"} for name in own):
        return sql, lambda s: (s.id, s.scope, _text(s.versions), s.by, s.at, "{}", *s.fields.values())

    def row(s: State) -> tuple[Any, ...]:
        extra = {name: value for name, value in s.fields.items() if name not in fields}
        values = [_stored(fields[name], value) for name, value in s.fields.items() if name in fields]
        return (s.id, s.scope, _text(s.versions), s.by, s.at, _text(extra), *values)

    return sql, row


def _stored(field: Field, value: Value) -> Any:
    return _text(value) if field.type == "refs" else bool(value) if field.type == "bool" else value


def _literal(field: Field) -> str:
    value = _stored(field, default_of(field))
    return "NULL" if value is None else f"'{value}'" if isinstance(value, str) else str(int(value))


def _quoted(name: str) -> str:
    return f'"{name}"'


def land(unit: Unit, states: list[State]) -> list[State]:
    """Write the records that are wholly new here; return the states that must be taken in one by one.

    The caller has said that journaled tables may be written (``raw_writes``).
    """
    connection = unit.session.connection()
    by_kind: dict[str, list[State]] = {}
    for state in states:
        by_kind.setdefault(state.kind, []).append(state)
    rest: list[State] = []
    for name, group in by_kind.items():
        kind = known(name)
        if kind is None:
            rest += group
            continue
        if kind is Kind.DIFFERENCE and connection.exec_driver_sql(_ANY_ERASED).first():
            rest += group  # it may be of an erased record
            continue
        erased = {record for (record,) in connection.exec_driver_sql(_ERASED, (name,)).all()}
        fresh = {s.id: s for s in group if CREATED in s.versions and s.id not in erased}
        if len(fresh) < len(group):
            rest += [s for s in group if fresh.get(s.id) is not s]
        if fresh:
            rest += _insert(unit, connection, kind, fresh)
    return rest


def _insert(unit: Unit, connection: Connection, kind: Kind, fresh: dict[str, State]) -> list[State]:
    """Insert records of a kind; return those that stood here already, which are left as they are."""
    table = ENTITIES[kind].__tablename__
    before = connection.exec_driver_sql(f"SELECT coalesce(max(rowid), 0) FROM {table}").scalar()
    by_names: dict[tuple[str, ...], list[State]] = {}
    for state in fresh.values():
        by_names.setdefault(tuple(state.fields), []).append(state)
    done = 0
    for names, alike in by_names.items():
        sql, row = _statement(kind, names)
        done += connection.exec_driver_sql(sql, list(map(row, alike))).rowcount
    stood: list[State] = []
    if done != len(fresh):
        new = {record for (record,) in connection.exec_driver_sql(f"SELECT id FROM {table} WHERE rowid > ?", (before,)).all()}
        stood = [s for s in fresh.values() if s.id not in new]
        fresh = {record: s for record, s in fresh.items() if record in new}
    if kind in SEARCHED and fresh:
        connection.exec_driver_sql(f"INSERT OR REPLACE INTO search_dirty (kind, record) SELECT ?, id FROM {table} WHERE rowid > ?",
                                   (kind.value, before))
    unit.touched(kind, *fresh)
    return stood


def present(connection: Any, table: str, column: str, records: list[str], kind: str) -> set[str]:
    """Return which of these records a table holds, of one kind where ``kind`` is given."""
    found: set[str] = set()
    of_kind = " AND kind = ?" if kind else ""
    for start in range(0, len(records), _IN):
        part = records[start:start + _IN]
        marks = ", ".join("?" * len(part))
        rows = connection.exec_driver_sql(f"SELECT {column} FROM {table} WHERE {column} IN ({marks}){of_kind}",
                                          (*part, kind) if kind else tuple(part))
        found.update(row[0] for row in rows)
    return found
