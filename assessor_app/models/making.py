"""Many records at once, made or changed: the rows, changes and search marks that entities would write, by the fewest statements.

A sheet of thousands of programmes is one intent of tens of thousands of records; each as an entity costs ten times its statement. Only for
kinds whose scope says everything about who may write them; a test holds both ways against each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import insert
from sqlalchemy.orm import Session

from assessor_app.models.base import Record
from assessor_app.models.journal import SEARCHED, Unit, raw_writes
from assessor_app.models.keystrokes import mark_all_dirty
from assessor_app.models.kinds import SPECS, Kind, default_of, fields_of
from assessor_app.models.records import CREATED, seen_digest
from assessor_app.models.tables import Pristine
from assessor_app.models.texts import is_one_line, kept_text, normal_text
from assessor_app.oneline import one_line

_BESIDE = ("id", "scope", "versions", "extra", "changed_by", "changed_at")
#: How many ids one query asks for.
_IN = 900


def is_plain(kind: Kind) -> bool:
    """Tell whether records of a kind may be written without entities: their scope decides everything, nothing in them is personal."""
    return SPECS[kind].scope == "region" and not any(f.personal or f.type == "refs" for f in fields_of(kind))


def make(unit: Unit, entity: type[Record], rows: Sequence[dict[str, Any]]) -> None:
    """Add new records of one kind; each row has its ``id`` and the fields that differ from their default.

    Raises NotAllowed as an entity would. Whoever has already loaded such a record must not use this.
    """
    kind = entity.kind
    if not is_plain(kind):
        raise RuntimeError(f"{kind} is made as an entity")
    if not rows:
        return
    fields = fields_of(kind)
    defaults = {f.name: default_of(f) for f in fields}
    names = [f.name for f in fields]
    lines = {f.name for f in fields if is_one_line(kind, f)}
    unit.session.flush()  # what these refer to stands before them
    out = []
    for row in rows:
        unknown = row.keys() - defaults.keys() - {"id"}
        if unknown:
            raise KeyError(min(unknown))
        whole = {name: row.get(name, default) for name, default in defaults.items()}
        for name, value in whole.items():
            if isinstance(value, str):
                whole[name] = one_line(normal_text(value)) if name in lines else normal_text(value)
        values = {name: value for name, value in whole.items() if value != defaults[name]}
        scope, version = unit.made(kind, row["id"], values)
        versions = orjson.dumps({CREATED: version}).decode()
        out.append((*(whole[name] for name in names), row["id"], scope, versions, "{}", unit.author, unit.now_ms))
    columns = ", ".join(f'"{name}"' for name in (*names, *_BESIDE))
    marks = ", ".join("?" * (len(names) + len(_BESIDE)))
    with raw_writes(unit.session):
        connection = unit.session.connection()
        connection.exec_driver_sql(f'INSERT INTO "{entity.__tablename__}" ({columns}) VALUES ({marks})', out)
        if kind in SEARCHED:
            mark_all_dirty(connection, kind, [row["id"] for row in rows])


@dataclass(slots=True)
class Held:
    """A record as it stands in its table: its scope, the versions of its fields, their values."""

    scope: str
    versions: dict[str, str]
    values: dict[str, Any]

    def version_of(self, name: str) -> str:
        """Return the id of the change that gave a field its present value."""
        return str(self.versions.get(name) or self.versions.get(CREATED, ""))


def load(session: Session, entity: type[Record], records: Iterable[str]) -> dict[str, Held]:
    """Return records by id, those that are there."""
    every, out = sorted(records), dict[str, Held]()
    fields, connection = fields_of(entity.kind), session.connection()
    names = [f.name for f in fields]
    truths = [at for at, f in enumerate(fields) if f.type == "bool"]
    asked = f'SELECT id, scope, versions, {", ".join(map(_quoted, names))} FROM "{entity.__tablename__}" WHERE id IN '
    for at in range(0, len(every), _IN):
        part = tuple(every[at:at + _IN])
        for record, scope, versions, *values in connection.exec_driver_sql(f"{asked}({', '.join('?' * len(part))})", part):
            for place in truths:
                values[place] = bool(values[place])
            out[record] = Held(scope, orjson.loads(versions), dict(zip(names, values, strict=True)))
    return out


def change(unit: Unit, entity: type[Record], held: Mapping[str, Held], wanted: Mapping[str, Mapping[str, Any]]) -> None:
    """Set fields of many records of one kind, as they were loaded just before; what stands already is no change.

    Raises NotAllowed as an entity would. Whoever has already loaded such a record as an entity must not use this.
    """
    kind = entity.kind
    if not is_plain(kind):
        raise RuntimeError(f"{kind} is changed as an entity")
    fields = {f.name: f for f in fields_of(kind)}
    unit.session.flush()
    kept = set(unit.session.connection().exec_driver_sql(
        f"SELECT record, field FROM {Pristine.__tablename__} WHERE kind = ?", (kind.value,)))
    pristine: list[dict[str, Any]] = []
    rows: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}  # those that change the same fields, by one statement
    for record, values in wanted.items():
        row, new, versions = held[record], dict[str, Any](), dict[str, str]()
        for name, f in fields.items():
            if name not in values:
                continue
            value, before = values[name], row.values[name]
            after = kept_text(kind, f, value) if isinstance(value, str) else value
            if before == after:
                continue
            base = row.version_of(name)
            if (record, name) not in kept and not unit.pending(base):
                pristine.append({"kind": kind.value, "record": record, "field": name, "value": before, "version": base})
            said = seen_digest(row.versions) if name == "deleted" and after else after
            versions[name] = unit.set(kind, record, row.scope, f, base, said, before)
            new[name] = after
        if new:
            rows.setdefault(tuple(new), []).append((
                *new.values(), orjson.dumps({**row.versions, **versions}).decode(), unit.author, unit.now_ms, record))
    with raw_writes(unit.session):
        connection = unit.session.connection()
        for names, same in rows.items():
            columns = ", ".join(f"{_quoted(name)} = ?" for name in (*names, "versions", "changed_by", "changed_at"))
            connection.exec_driver_sql(f'UPDATE "{entity.__tablename__}" SET {columns} WHERE id = ?', same)
            if kind in SEARCHED:
                mark_all_dirty(connection, kind, [record for *_, record in same])
        if pristine:
            connection.execute(insert(Pristine), pristine)


def _quoted(name: str) -> str:
    return f'"{name}"'
