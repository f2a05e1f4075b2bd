"""What both ends must agree on about a record's fields: defaults, what is personal, what a deletion saw. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any

from assessor_app.models.kinds import SPECS, Field, Kind, Value, default_of, fields_of

#: The version of every field that was never changed after the creation of its record stands under this key.
CREATED = ""


def default_for(kind: Kind, name: str) -> Value:
    """Return a field's default; a field that only a newer version knows has none."""
    field: Field | None = SPECS[kind].field(name)
    return default_of(field) if field else None


def personal_fields(kind: Kind) -> dict[str, Value]:
    """Return the kind's personal fields with the value that stands there after an erasure."""
    return {f.name: default_of(f) for f in fields_of(kind) if f.personal}


#: The fields of a difference that hold values of its record.
DIFFERING = ("value_a", "value_b", "chosen")


def wiped_choice(change: list[Any]) -> list[Any]:
    """Return a change of a difference without the value that was chosen."""
    return [*change[:5], ""] if change[0] == "=" and change[3] in DIFFERING else change


def wiped_change(change: list[Any], kind: Kind, record: str, empty: dict[str, Value], differences: Collection[str] = ()) -> list[Any]:
    """Return a change without the personal values of an erased record, of which these are the ``differences``; its place and id stay."""
    if change[1] == Kind.DIFFERENCE and change[2] in differences:
        return wiped_choice(change)
    if change[1:3] != [kind.value, record]:
        return change
    if change[0] == "+":
        return [*change[:3], {name: value for name, value in change[3].items() if name not in empty}]
    if change[0] == "=" and change[3] in empty:
        return [*change[:5], empty[change[3]]]
    return change


def seen_digest(versions: dict[str, str]) -> str:
    """Return a digest of the versions that somebody who deletes a record has seen; the deletion mark itself is left out."""
    text = "\n".join(f"{name}={versions[name]}" for name in sorted(versions) if name != "deleted")
    return hashlib.sha256(text.encode()).hexdigest()[:16]
