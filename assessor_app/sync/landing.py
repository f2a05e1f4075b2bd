"""Records that are new to this device, written the short way: a statement a kind, no entity a record.

Everything else goes through ``sync/apply.py``. Both ways leave the same rows; a test compares them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from assessor_app.models.entities import ENTITIES
from assessor_app.models.journal import SEARCHED, Unit
from assessor_app.models.kinds import Kind, default_of, fields_of, known
from assessor_app.models.records import CREATED
from assessor_app.models.tables import Erasure
from assessor_app.sync.protocol import State

_IN = 400
Tuples = Callable[[State], tuple[Any, ...]]


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()


def _statement(kind: Kind) -> tuple[str, Tuples]:
    fields = fields_of(kind)
    names = [f.name for f in fields]
    known_names = frozenset(names)
    json_at = frozenset(i for i, f in enumerate(fields) if f.type == "refs")
    bool_at = frozenset(i for i, f in enumerate(fields) if f.type == "bool")
    defaults = [default_of(f) for f in fields]
    blank = [_text(d) if i in json_at else bool(d) if i in bool_at else d for i, d in enumerate(defaults)]
    shaped = json_at | bool_at
    columns = ", ".join(f'"{name}"' for name in ("id", "scope", "versions", "extra", "changed_by", "changed_at", *names))
    sql = (f"INSERT INTO {ENTITIES[kind].__tablename__} ({columns}) VALUES ({', '.join('?' * (len(names) + 6))})")

    def row(state: State) -> tuple[Any, ...]:
        given = state.fields
        values = [given.get(name, blank[i]) for i, name in enumerate(names)]
        for i in shaped:
            if names[i] in given:
                values[i] = _text(values[i]) if i in json_at else bool(values[i])
        extra = {n: v for n, v in given.items() if n not in known_names}
        return (state.id, state.scope, _text(state.versions), _text(extra) if extra else "{}", state.by, state.at, *values)

    return sql, row


_STATEMENTS: dict[Kind, tuple[str, Tuples]] = {}
_DIRTY = "INSERT OR REPLACE INTO search_dirty (kind, record) VALUES (?, ?)"


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
        there = present(connection, ENTITIES[kind].__tablename__, "id", [s.id for s in group], "")
        there |= present(connection, Erasure.__tablename__, "record", [s.id for s in group], name)
        fresh = {s.id: s for s in group if s.id not in there and CREATED in s.versions}
        rest += [s for s in group if fresh.get(s.id) is not s]
        if not fresh:
            continue
        if kind not in _STATEMENTS:
            _STATEMENTS[kind] = _statement(kind)
        sql, row = _STATEMENTS[kind]
        connection.exec_driver_sql(sql, [row(s) for s in fresh.values()])
        if kind in SEARCHED:
            connection.exec_driver_sql(_DIRTY, [(name, record) for record in fresh])
        for record in fresh:
            unit.touched(kind, record)
    return rest


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
