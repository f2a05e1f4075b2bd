"""An intent as it travels: its changes, texts as splices of their base, and the hash that its id stands for. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import orjson

from assessor_app import ids
from assessor_app.models.kinds import SPECS, Kind, Merge, Value, known
from assessor_app.sync.merge import Splice, splice


@dataclass(frozen=True, slots=True)
class WireIntent:
    """An intent on its way; ``changes`` as in ``models/journal.py``, or with ``~`` for a text that travels as a splice."""

    device: str
    counter: int
    at: int
    purpose: str
    scope: str
    changes: list[Any]


#: No counter and no time is as large.
MOST = 1 << 53


def fitting(intent: WireIntent) -> bool:
    """Tell whether counter and time are numbers that a database holds."""
    return 0 < intent.counter < MOST and -MOST < intent.at < MOST


_LENGTHS = {"+": 4, "=": 6, "~": 9, "!": 3}


def well_formed(changes: Any) -> bool:
    """Tell whether changes have the shape that ``docs/protocol.md`` gives them."""
    return isinstance(changes, list) and all(_well_formed(change) for change in changes)


def _well_formed(change: Any) -> bool:
    if not isinstance(change, list) or not change or not isinstance(change[0], str) or len(change) != _LENGTHS.get(change[0]):
        return False
    if not isinstance(change[1], str) or not isinstance(change[2], str):
        return False
    if change[0] == "+":
        return isinstance(change[3], dict)
    return change[0] == "!" or (isinstance(change[3], str) and isinstance(change[4], str))


def unnamed(changes: list[Any]) -> list[Any]:
    """Return changes in which a new record whose id follows from its parents goes without it."""
    return [["+", change[1], "", change[3]] if change[0] == "+" and change[2] == _named(change[1], change[3]) else change
            for change in changes]


def named(changes: list[Any]) -> list[Any]:
    """Return changes with the ids that :func:`unnamed` left out."""
    return [["+", change[1], _named(change[1], change[3]), change[3]] if change[0] == "+" and not change[2] else change
            for change in changes]


def _named(name: str, values: dict[str, Value]) -> str:
    kind = known(name)
    parents = SPECS[kind].parents if kind is not None else ()
    if not parents or not all(values.get(parent) for parent in parents):
        return ""
    return ids.natural_id(name, *(str(values[parent]) for parent in parents))


def content_hash(intent: WireIntent) -> str:
    """Return the SHA-256 of an intent in whole form: what its id stands for, for ever."""
    return content_of(intent)[0]


def content_of(intent: WireIntent) -> tuple[str, bytes]:
    """Return the same, and the changes as JSON."""
    changes = orjson.dumps(intent.changes, option=orjson.OPT_SORT_KEYS)
    head = orjson.dumps([intent.at, intent.purpose, intent.scope])
    return hashlib.sha256(b"%s,%s]" % (head[:-1], changes)).hexdigest(), changes


def text_hash(text: str) -> str:
    """Return the short digest by which a splice names its base."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def is_text(change: list[Any]) -> bool:
    """Tell whether a change sets a long text."""
    if change[0] != "=" or not isinstance(change[5], str):
        return False
    kind = known(change[1])
    spec = SPECS[kind].field(change[3]) if isinstance(kind, Kind) else None
    return spec is not None and spec.merge is Merge.TEXT


def as_splice(change: list[Any], base: Value) -> list[Any]:
    """Return a text change as a splice of its base where that is shorter, otherwise unchanged."""
    if not is_text(change) or not isinstance(base, str):
        return change
    cut = splice(base, change[5])
    if len(cut.inserted) + 40 >= len(change[5]):
        return change
    return ["~", *change[1:5], text_hash(base), cut.start, cut.removed, cut.inserted]


def as_whole(change: list[Any], base: Value) -> list[Any] | None:
    """Return a spliced change in whole form, or None where ``base`` is not the text that it was cut from."""
    if change[0] != "~":
        return change
    if not isinstance(base, str) or text_hash(base) != change[5]:
        return None
    return ["=", *change[1:5], Splice(int(change[6]), int(change[7]), str(change[8])).apply(base)]
