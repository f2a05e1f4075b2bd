"""The way of a keystroke: an autosave that its editing session's open intent takes in, in four small statements.

Everything else goes through the entities. Both ways leave the same rows; a test compares them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from assessor_app.models.kinds import SPECS, Field, Kind
from assessor_app.models.tables import SearchDirty

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: Replacing moves the mark to the end: the marks' own order is the order of the edits.
_DIRTY = f"INSERT OR REPLACE INTO {SearchDirty.__tablename__} (kind, record) VALUES (?, ?)"
_OPEN = "SELECT counter, changes FROM intent WHERE state = 'open' AND editing = ? AND device = ? ORDER BY counter DESC"


def mark_dirty(connection: Connection, kind: Kind, record: str) -> None:
    """Note that a record's text is newer than its index entry."""
    connection.exec_driver_sql(_DIRTY, (kind.value, record))


def mark_all_dirty(connection: Connection, kind: Kind, records: list[str]) -> None:
    """Note that many records' texts are newer than their index entries."""
    connection.exec_driver_sql(_DIRTY, [(kind.value, record) for record in records])


def coalesces(kind: Kind, field: Field, apart: frozenset[tuple[Kind, str]]) -> bool:
    """Tell whether one keystroke after another may become one change of this field."""
    return field.type == "str" and (kind, field.name) not in apart


def take_in(connection: Connection, device: str, editing: str, kind: Kind, record: str, field: Field, version: str, fresh: bool,
            value: str, default: object) -> bool:
    """Put a newer value into the open intent of the editing session; False where none of its changes is this field's.

    ``version`` is the field's present one, ``fresh`` tells that it still stands as the record was made.
    """
    for counter, text in connection.exec_driver_sql(_OPEN, (editing, device)).all():
        changes = json.loads(text)
        for index, change in enumerate(changes):
            if change[1] != kind.value or change[2] != record:
                continue
            if change[0] == "=" and change[3] == field.name and version == f"{device}.{counter}.{index}":
                change[5] = value
            elif change[0] == "+" and fresh:
                if value == default:
                    change[3].pop(field.name, None)
                else:
                    change[3][field.name] = value
            else:
                continue
            connection.exec_driver_sql("UPDATE intent SET changes = ? WHERE device = ? AND counter = ?",
                                       (json.dumps(changes, ensure_ascii=False), device, counter))
            return True
    return False


def retype(connection: Connection, device: str, author: str, now_ms: int, editing: str, kind: Kind, record: str, field: Field,
           value: str) -> bool:
    """Write one typed field and its intent directly, where the editing session has an open intent for it."""
    if SPECS[kind].scope == "sheet":
        return False  # whether a sheet is signed is asked each time
    row = connection.exec_driver_sql(f'SELECT versions FROM "{kind.value}" WHERE id = ?', (record,)).first()
    if row is None:
        return False
    versions = json.loads(row[0])
    version = versions.get(field.name) or versions.get("", "")
    if not take_in(connection, device, editing, kind, record, field, version, field.name not in versions, value, ""):
        return False
    connection.info["journaling"] = True
    connection.exec_driver_sql(f'UPDATE "{kind.value}" SET "{field.name}" = ?, changed_by = ?, changed_at = ? WHERE id = ?',
                               (value, author, now_ms, record))
    connection.info.pop("journaling", None)
    return True
