"""A record as it stands while intents are applied to it, and what may be written into it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from assessor_app.models.kinds import COMMON, MOST, SPECS, Kind, Value, known
from assessor_app.models.records import CREATED, default_for

#: The longest text that a field takes, in characters.
LONGEST = 2_000_000
_TYPES: dict[str, tuple[type, ...]] = {
    "bool": (bool,), "int": (int, type(None)), "float": (int, float, type(None)), "refs": (list,)}


@dataclass(slots=True)
class Row:
    """A record: its fields that differ from their default, and which change gave each its value.

    ``seqs`` says at which step of the scope each field came to its value, ``created`` at which the record was made.
    """

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

    def copy(self) -> Row:
        """Return a copy that may be changed without this one."""
        return Row(self.kind, self.id, self.scope, dict(self.fields), dict(self.versions), dict(self.seqs), self.created, self.by, self.at)


@dataclass(frozen=True, slots=True)
class Entry:
    """What the journal keeps of an applied intent: its changes in whole form, and the values of its merges."""

    changes: list[Any]
    merged: dict[str, Value]


class Ledger(Protocol):
    """What the rules read of one scope while its lock is held."""

    erased: set[tuple[str, str]]

    def row(self, kind: Kind, record: str) -> Row | None:
        """Return a record as it stands; the caller copies before changing it."""

    def entry(self, device: str, counter: int) -> Entry | None:
        """Return what an intent did, or None where it never arrived or was refused."""

    def remembered(self, kind: str, record: str, name: str, version: str) -> Entry | None:
        """Return a field's earlier value, as ``merged[name]``, where it is kept elsewhere than in the journal."""


#: What each field may hold: a type, True where a truth value may stand for it, True where it is a list of strings.
_FITTING: dict[Kind, dict[str, tuple[tuple[type, ...], bool, bool]]] = {
    kind: {f.name: (_TYPES.get(f.type, (str,)), f.type == "bool", f.type == "refs") for f in (*spec.fields, *COMMON)}
    for kind, spec in SPECS.items()}


def unfitting(kind: Kind, values: dict[str, Value]) -> str:
    """Return why no client of ours writes these values (``type``, ``size``), or nothing where they fit."""
    fitting = _FITTING[kind]
    for name, value in values.items():
        rule = fitting.get(name)
        if rule is None:
            continue
        if type(value) is str:
            if str not in rule[0]:
                return "type"
            if len(value) > LONGEST:
                return "size"
        elif (not isinstance(value, rule[0]) or (isinstance(value, bool) and not rule[1]) or (rule[2] and not _strings(value))
              or (isinstance(value, int) and not -MOST <= value <= MOST)):
            return "type"
    return ""


def _strings(value: Value) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def place_of(version: str) -> tuple[str, int, str] | None:
    """Return device, counter and index (with its ending) of a change's id; None for what is none."""
    device, _, rest = version.partition(".")
    counter, _, index = rest.partition(".")
    return (device, int(counter), index) if counter.isdigit() else None


def value_at(ledger: Ledger, version: str, kind: str, record: str, name: str) -> Value:
    """Return the value that a change gave a field; None where it is not known.

    A version that ends in ``m`` is a merge's: its value stands beside the intent's changes.
    """
    spec = known(kind)
    kept = ledger.remembered(kind, record, name, version)
    if kept is not None:
        return kept.merged[name]
    place = place_of(version)
    number = place[2].rstrip("mdr") if place else ""
    if place is None or not number.isdigit():
        return default_for(spec, name) if not version and spec else None
    entry = ledger.entry(place[0], place[1])
    if entry is None:
        return None
    if place[2].endswith("m"):
        value: Value = entry.merged.get(number + name)
        return value
    change: list[Any] = entry.changes[int(number)] if int(number) < len(entry.changes) else []
    if change[1:3] != [kind, record]:
        return None
    if change[0] == "+":
        made: Value = change[3].get(name, default_for(spec, name) if spec else None)
        return made
    if change[0] != "=" or change[3] != name:
        return None
    field = spec and SPECS[spec].field(name)
    return bool(change[5]) if field and field.type == "bool" else change[5]  # a deletion travels as a digest of what was seen
