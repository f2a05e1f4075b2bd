"""After an upgrade of the program: what an older one could only keep is put where this one looks for it.

An older program keeps fields that it does not know in ``extra``, and records of a kind that it does not know in ``held``. Their versions
stand already, so that nothing is missing in a digest, and no sync would bring them again.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, insert, select, update

from assessor_app.models.entities import ENTITIES
from assessor_app.models.journal import SEARCHED
from assessor_app.models.keystrokes import mark_dirty
from assessor_app.models.kinds import SPECS, Kind, default_of, fields_of, known
from assessor_app.models.records import CREATED, personal_fields
from assessor_app.models.tables import Erasure, Held


def catch_up(engine: Engine) -> None:
    """Take up fields and records that this program knows and an older one did not, in one transaction."""
    with engine.begin() as connection:
        connection.info["journaling"] = True
        try:
            for kind in ENTITIES:
                _fields(connection, kind)
            for held in connection.execute(select(Held.__table__)).mappings().all():
                kind_ = known(held["kind"])
                if kind_ is not None:
                    _record(connection, kind_, dict(held))
        finally:
            connection.info.pop("journaling", None)


def _fields(connection: Connection, kind: Kind) -> None:
    table = _table(kind)
    kept = connection.exec_driver_sql(f"SELECT id FROM {table.name} WHERE extra != '{{}}'").scalars().all()
    for record in kept:
        extra: dict[str, Any] = connection.execute(select(table.c.extra).where(table.c.id == record)).scalar_one()
        mine = {name: value for name, value in extra.items() if SPECS[kind].field(name)}
        if mine:
            values = _without_erased(connection, kind, record, mine)
            rest = {name: value for name, value in extra.items() if name not in mine}
            connection.execute(update(table).where(table.c.id == record).values(extra=rest, **_fitting(kind, values)))
            _seek(connection, kind, record)


def _record(connection: Connection, kind: Kind, held: dict[str, Any]) -> None:
    table, record = _table(kind), str(held["record"])
    fields, versions = dict(held["content"]["fields"]), dict(held["content"]["versions"])
    there = connection.execute(select(table.c.id).where(table.c.id == record)).first()
    if there is None and CREATED in versions:  # what is not whole differs in the digest now, and the next sync brings it
        mine = _without_erased(connection, kind, record, {n: v for n, v in fields.items() if SPECS[kind].field(n)})
        connection.execute(insert(table).values(
            id=record, scope=held["scope"], versions=versions, changed_by="", changed_at=0,
            extra={n: v for n, v in fields.items() if not SPECS[kind].field(n)},
            **{f.name: default_of(f) for f in fields_of(kind)} | _fitting(kind, mine)))
        _seek(connection, kind, record)
    connection.execute(delete(Held).where(Held.kind == held["kind"], Held.record == record))


def _table(kind: Kind) -> Table:
    table = ENTITIES[kind].__table__
    assert isinstance(table, Table)
    return table


def _fitting(kind: Kind, values: dict[str, Any]) -> dict[str, Any]:
    """Return values as columns take them: a deletion travels as a digest, or as a truth value."""
    return {name: bool(value) if (field := SPECS[kind].field(name)) and field.type == "bool" else value for name, value in values.items()}


def _without_erased(connection: Connection, kind: Kind, record: str, values: dict[str, Any]) -> dict[str, Any]:
    erased = connection.execute(select(Erasure.record).where(Erasure.kind == kind.value, Erasure.record == record)).first()
    empty = personal_fields(kind) if erased is not None else {}
    return {name: empty.get(name, value) for name, value in values.items()}


def _seek(connection: Connection, kind: Kind, record: str) -> None:
    if kind in SEARCHED:
        mark_dirty(connection, kind, record)
