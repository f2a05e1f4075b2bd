"""Records that are new to this device, written the short way: a statement a kind, no entity a record.

Everything else goes through ``sync/apply.py``. Both ways leave the same rows; a test compares them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from sqlalchemy import Connection

from assessor_app.models.entities import ENTITIES
from assessor_app.models.journal import SEARCHED, Unit
from assessor_app.models.kinds import Kind, default_of, fields_of, known
from assessor_app.models.records import CREATED
from assessor_app.models.tables import Erasure
from assessor_app.sync.protocol import State

_IN = 400
_ERASED = f"SELECT record FROM {Erasure.__tablename__} WHERE kind = ?"
Tuples = Callable[[State], tuple[Any, ...]]


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()


def _statement(kind: Kind) -> tuple[str, Tuples]:
    fields = fields_of(kind)
    names = [f.name for f in fields]
    known_names = frozenset(names)
    json_names = {f.name: i for i, f in enumerate(fields, 6) if f.type == "refs"}
    bool_names = {f.name: i for i, f in enumerate(fields, 6) if f.type == "bool"}
    shaped = {**json_names, **bool_names}.keys()
    blank = [(f.name, _text(default_of(f)) if f.name in json_names else default_of(f)) for f in fields]
    columns = ", ".join(f'"{name}"' for name in ("id", "scope", "versions", "extra", "changed_by", "changed_at", *names))
    sql = (f"INSERT INTO {ENTITIES[kind].__tablename__} ({columns}) VALUES ({', '.join('?' * (len(names) + 6))}) "
           "ON CONFLICT (id) DO NOTHING")

    def row(state: State) -> tuple[Any, ...]:
        given = state.fields
        get = given.get
        extra = "{}" if given.keys() <= known_names else _text({n: v for n, v in given.items() if n not in known_names})
        values = [state.id, state.scope, _text(state.versions), extra, state.by, state.at, *[get(name, default) for name, default in blank]]
        for name in given.keys() & shaped:
            at = shaped_at[name]
            values[at] = _text(values[at]) if name in json_names else bool(values[at])
        return tuple(values)

    shaped_at = {**json_names, **bool_names}
    return sql, row


_STATEMENTS: dict[Kind, tuple[str, Tuples]] = {}


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
        erased = {record for (record,) in connection.exec_driver_sql(_ERASED, (name,)).all()}
        fresh = {s.id: s for s in group if CREATED in s.versions and s.id not in erased}
        if len(fresh) < len(group):
            rest += [s for s in group if fresh.get(s.id) is not s]
        if fresh:
            rest += _insert(unit, connection, kind, fresh)
    return rest


def _insert(unit: Unit, connection: Connection, kind: Kind, fresh: dict[str, State]) -> list[State]:
    """Insert records of a kind; return those that stood here already, which are left as they are."""
    if kind not in _STATEMENTS:
        _STATEMENTS[kind] = _statement(kind)
    sql, row = _STATEMENTS[kind]
    table = ENTITIES[kind].__tablename__
    before = connection.exec_driver_sql(f"SELECT coalesce(max(rowid), 0) FROM {table}").scalar()
    done = connection.exec_driver_sql(sql, list(map(row, fresh.values()))).rowcount
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
