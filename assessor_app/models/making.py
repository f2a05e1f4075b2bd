"""Many new records at once: the rows, changes and search marks that entities would write, by the fewest statements.

A sheet of thousands of programmes is one intent of tens of thousands of records; each as an entity costs ten times its insert. Only for
kinds whose scope says everything about who may write them; a test holds both ways against each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from assessor_app.models.base import Record
from assessor_app.models.journal import SEARCHED, Unit, raw_writes
from assessor_app.models.keystrokes import mark_all_dirty
from assessor_app.models.kinds import SPECS, default_of, fields_of
from assessor_app.models.records import CREATED
from assessor_app.models.texts import is_one_line, normal_text
from assessor_app.oneline import one_line

_BESIDE = ("id", "scope", "versions", "extra", "changed_by", "changed_at")


def make(unit: Unit, entity: type[Record], rows: Sequence[dict[str, Any]]) -> None:
    """Add new records of one kind; each row has its ``id`` and the fields that differ from their default.

    Raises NotAllowed as an entity would. Whoever has already loaded such a record must not use this.
    """
    kind = entity.kind
    if SPECS[kind].scope != "region" or any(f.personal or f.type == "refs" for f in fields_of(kind)):
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
