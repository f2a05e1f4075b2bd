"""A record as it stands, and what its fields were: read back from the journal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Text, cast, select, update

from assessor_app.models.kinds import SPECS, Kind, Value, known
from assessor_app.models.records import CREATED, default_for, wiped_change
from assessor_server import tables as tb

#: The longest text that a field takes, in characters.
LONGEST = 2_000_000
_TYPES: dict[str, tuple[type, ...]] = {
    "bool": (bool,), "int": (int, type(None)), "float": (int, float, type(None)), "refs": (list,)}


@dataclass(slots=True)
class Row:
    """A record as it stands, being changed."""

    kind: Kind
    id: str
    scope: str
    fields: dict[str, Value]
    versions: dict[str, str]
    seqs: dict[str, int]
    created: int
    by: str
    at: int
    fresh: bool = False
    changed: bool = False

    def version(self, name: str) -> str:
        """Return the id of the change that gave the field its value."""
        return self.versions.get(name) or self.versions.get(CREATED, "")


def unfitting(kind: Kind, values: dict[str, Value]) -> str:
    """Return why no client of ours writes these values (``type``, ``size``), or nothing where they fit."""
    for name, value in values.items():
        spec = SPECS[kind].field(name)
        if spec is None:
            continue
        if not isinstance(value, _TYPES.get(spec.type, (str,))) or (spec.type != "bool" and isinstance(value, bool)):
            return "type"
        if isinstance(value, list) and not all(isinstance(item, str) for item in value):
            return "type"
        if isinstance(value, str) and len(value) > LONGEST:
            return "size"
    return ""


def arrived(connection: Connection, version: str) -> bool:
    """Tell whether the change of that id is in the journal."""
    if not version:
        return True
    device, _, rest = version.partition(".")
    counter = rest.partition(".")[0]
    return counter.isdigit() and connection.execute(select(tb.intent.c.device).where(
        tb.intent.c.device == device, tb.intent.c.counter == int(counter))).first() is not None


def value_at(connection: Connection, version: str, kind: str, record: str, name: str) -> Value:
    """Return the value that a change gave a field; None where it is not known.

    A version that ends in ``m`` is a merge's: its value stands beside the intent's changes.
    """
    device, _, rest = version.partition(".")
    counter, _, index = rest.partition(".")
    number = index.rstrip("mdr")
    spec = known(kind)
    if not counter.isdigit() or not number.isdigit():
        return default_for(spec, name) if not version and spec else None
    row = connection.execute(select(tb.intent.c.changes, tb.intent.c.merged).where(
        tb.intent.c.device == device, tb.intent.c.counter == int(counter))).first()
    if row is None:
        return None
    if index.endswith("m"):
        value: Value = row.merged.get(number + name)
        return value
    change: list[Any] = row.changes[int(number)] if int(number) < len(row.changes) else []
    if change[1:3] != [kind, record]:
        return None
    if change[0] == "+":
        made: Value = change[3].get(name, default_for(spec, name) if spec else None)
        return made
    return change[5] if change[0] == "=" and change[3] == name else None


def wipe_history(connection: Connection, scope: str, kind: Kind, record: str, empty: dict[str, Value]) -> None:
    """Empty a record's personal values in the journal, in merged values and in differences; ids and places stay."""
    touching = select(tb.intent).where(tb.intent.c.scope == scope, cast(tb.intent.c.changes, Text).contains(record))
    for intent in connection.execute(touching).all():
        concerned = {str(index) + name for index, change in enumerate(intent.changes) if change[1:3] == [kind.value, record]
                     for name in empty}
        merged = {key: value for key, value in intent.merged.items() if key not in concerned}
        connection.execute(update(tb.intent).where(
            tb.intent.c.device == intent.device, tb.intent.c.counter == intent.counter).values(
            changes=[wiped_change(change, kind, record, empty) for change in intent.changes], merged=merged))
    differences = select(tb.record).where(tb.record.c.scope == scope, tb.record.c.kind == Kind.DIFFERENCE.value)
    for difference in connection.execute(differences).all():
        fields = difference.fields
        if fields.get("record") == record and fields.get("field") in empty:
            kept = {name: value for name, value in fields.items() if name not in {"value_a", "value_b", "chosen"}}
            connection.execute(update(tb.record).where(
                tb.record.c.kind == difference.kind, tb.record.c.id == difference.id).values(fields=kept))
