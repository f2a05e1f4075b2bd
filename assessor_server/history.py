"""The server's ledger: rows and journal of the locked scopes as they stand, read ahead and written back a batch at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Text, cast, select, update
from sqlalchemy.sql.expression import bindparam

from assessor_app.models.kinds import Kind, Value, known
from assessor_app.models.records import DIFFERING, personal_fields, wiped_change
from assessor_app.sync.digests import digest_line
from assessor_app.sync.intents import WireIntent
from assessor_app.sync.merge import Outcome
from assessor_app.sync.rows import Entry, Row
from assessor_server import tables as tb
from assessor_server.store import add_if_absent, add_rows, now, present

_IN = 500


@dataclass(slots=True)
class Journaled:
    """An intent as the journal holds it."""

    changes: list[Any]
    merged: dict[str, Value]
    hash: str
    outcome: Outcome
    reason: str


class ServerLedger:
    """Rows and journal of scopes whose locks are held."""

    def __init__(self, connection: Connection, scopes: list[str]) -> None:
        self.connection = connection
        self.erased: set[tuple[str, str]] = set()
        for start in range(0, len(scopes), _IN):
            marks = connection.execute(select(tb.erasure.c.kind, tb.erasure.c.id).where(tb.erasure.c.scope.in_(scopes[start:start + _IN])))
            self.erased.update((row.kind, row.id) for row in marks)
        self._rows: dict[tuple[Kind, str], Row | None] = {}
        self._changed: dict[tuple[Kind, str], tuple[Row, int]] = {}
        self._journal: dict[tuple[str, int], Journaled | None] = {}
        self._new: list[tuple[Any, ...]] = []
        self.written: list[Row] = []
        self.moved: dict[str, int] = {}  # scope → what its digest grew by
        self._read: dict[str, tuple[int, int]] = {}  # device → counters of which all that exist were read

    def read_ahead(self, intents: list[WireIntent]) -> None:
        """Read the journal entries and records that a batch will ask for."""
        counters: dict[str, list[int]] = {}
        wanted: dict[Kind, set[str]] = {}
        for intent in intents:
            counters.setdefault(intent.device, []).append(intent.counter)
            for change in intent.changes:
                kind = known(change[1])
                if kind is not None:
                    wanted.setdefault(kind, set()).add(change[2])
        for device, numbers in counters.items():
            low, high = min(numbers), max(numbers)
            for row in self.connection.execute(select(tb.intent).where(
                    tb.intent.c.device == device, tb.intent.c.counter.between(low, high))):
                self._journal[device, row.counter] = _journaled(row)
            self._read[device] = (low, high)
        for kind, records in wanted.items():
            names = sorted(records)
            self._rows.update(((kind, one), None) for one in names if (kind, one) not in self._rows)
            there = present(self.connection, tb.record, "id", names, kind=kind.value)
            for start in range(0, len(there), _IN):
                part = there[start:start + _IN]
                for row in self.connection.execute(select(tb.record).where(tb.record.c.kind == kind.value, tb.record.c.id.in_(part))):
                    self._rows[kind, row.id] = _row(kind, row)

    def row(self, kind: Kind, record: str) -> Row | None:
        """Return a record as it stands."""
        key = (kind, record)
        if key not in self._rows:
            self._rows[key] = load_row(self.connection, kind, record)
        return self._rows[key]

    def journaled(self, device: str, counter: int) -> Journaled | None:
        """Return an intent that arrived before, refused ones too."""
        key = (device, counter)
        if key not in self._journal:
            low, high = self._read.get(device, (1, 0))
            if low <= counter <= high:
                return None
            row = self.connection.execute(select(tb.intent).where(tb.intent.c.device == device, tb.intent.c.counter == counter)).first()
            self._journal[key] = _journaled(row) if row is not None else None
        return self._journal[key]

    def entry(self, device: str, counter: int) -> Entry | None:
        """Return what an intent did, or None where it never arrived or was refused."""
        found = self.journaled(device, counter)
        return Entry(found.changes, found.merged) if found is not None and found.outcome is not Outcome.REFUSED else None

    def remembered(self, kind: str, record: str, name: str, version: str) -> Entry | None:
        """Everything is in the journal."""
        return None

    def put(self, row: Row, seq: int) -> None:
        """Keep a record as it became at step ``seq``."""
        key = (row.kind, row.id)
        before = self._changed.get(key)
        stood = self._rows.get(key)
        moved = digest_line(row.kind.value, row.id, row.versions)
        if stood is not None:
            moved -= digest_line(stood.kind.value, stood.id, stood.versions)
        self.moved[row.scope] = self.moved.get(row.scope, 0) + moved
        row.fresh = row.fresh or (before is not None and before[0].fresh)
        self._rows[key] = row
        self._changed[key] = (row, seq)

    def keep(self, intent: WireIntent, account: str, content: str, outcome: Outcome, reason: str, merged: dict[str, Value],
             step: int | None = None, changes: bytes = b"") -> None:
        """Keep the journal entry: the durable receipt of this intent; ``changes`` are its own as JSON, where that is there already."""
        self._journal[intent.device, intent.counter] = Journaled(intent.changes, merged, content, outcome, reason)
        self._new.append((intent.device, intent.counter, account, intent.scope, intent.at, now(), intent.purpose, content, outcome.value,
                          reason, (changes or orjson.dumps(intent.changes)).decode(), _json(merged), step))

    def erase(self, scope: str, kind: Kind, record: str) -> None:
        """Empty a record's personal values wherever history keeps them, and leave a mark."""
        self.write()
        add_if_absent(self.connection, tb.erasure, kind=kind.value, id=record, scope=scope, at=now())
        self.erased.add((kind.value, record))
        wipe_history(self.connection, scope, kind, record, personal_fields(kind))
        self._rows.clear()
        self._journal.clear()
        self._read.clear()

    def write(self) -> None:
        """Write what changed since the last time; ``written`` gathers the records."""
        fresh = [_new_row(row, seq) for row, seq in self._changed.values() if row.fresh]
        old = [_values(row, seq) for row, seq in self._changed.values() if not row.fresh]
        add_rows(self.connection, tb.record, fresh)
        if old:
            self.connection.execute(_UPDATE, [{**{name: one[name] for name in _COLUMNS}, "of_kind": one["kind"], "of_id": one["id"]}
                                              for one in old])
        add_rows(self.connection, tb.intent, self._new)
        for row, _ in self._changed.values():
            row.fresh = row.changed = False
            self.written.append(row)
        self._changed.clear()
        self._new.clear()


_COLUMNS = ("scope", "seq", "created", "fields", "versions", "seqs", "by", "at")
_UPDATE = update(tb.record).where(tb.record.c.kind == bindparam("of_kind"), tb.record.c.id == bindparam("of_id")).values(
    {name: bindparam(name) for name in _COLUMNS})


def _values(row: Row, seq: int) -> dict[str, Any]:
    return {"kind": row.kind.value, "id": row.id, "scope": row.scope, "seq": seq, "created": row.created, "fields": row.fields,
            "versions": row.versions, "seqs": row.seqs, "by": row.by, "at": row.at}


def _new_row(row: Row, seq: int) -> tuple[Any, ...]:
    return (row.kind.value, row.id, row.scope, seq, row.created, _json(row.fields), _json(row.versions), _json(row.seqs), row.by, row.at)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode() if value else "{}"


def _row(kind: Kind, found: Any) -> Row:
    return Row(kind, found.id, found.scope, dict(found.fields), dict(found.versions), dict(found.seqs), found.created, found.by, found.at)


def _journaled(row: Any) -> Journaled:
    return Journaled(row.changes, row.merged, row.hash, Outcome(row.outcome), row.reason)


def load_row(connection: Connection, kind: Kind, record: str) -> Row | None:
    """Return a record as it stands, or None where nobody made it."""
    found = connection.execute(select(tb.record).where(tb.record.c.kind == kind.value, tb.record.c.id == record)).first()
    return None if found is None else _row(kind, found)


def wipe_history(connection: Connection, scope: str, kind: Kind, record: str, empty: dict[str, Value]) -> None:
    """Empty a record's personal values in the journal, in merged values and in differences; ids and places stay."""
    met = connection.execute(select(tb.record).where(tb.record.c.scope == scope, tb.record.c.kind == Kind.DIFFERENCE.value)).all()
    differences = {row.id: row.fields for row in met if row.fields.get("record") == record and row.fields.get("field") in empty}
    for one in (record, *differences):
        touching = select(tb.intent).where(tb.intent.c.scope == scope, cast(tb.intent.c.changes, Text).contains(one))
        for intent in connection.execute(touching).all():
            concerned = {str(index) + name for index, change in enumerate(intent.changes) if change[1:3] == [kind.value, record]
                         for name in empty}
            merged = {key: value for key, value in intent.merged.items() if key not in concerned}
            connection.execute(update(tb.intent).where(
                tb.intent.c.device == intent.device, tb.intent.c.counter == intent.counter).values(
                changes=[wiped_change(change, kind, record, empty, differences) for change in intent.changes], merged=merged))
    for difference, fields in differences.items():
        kept = {name: value for name, value in fields.items() if name not in DIFFERING}
        connection.execute(update(tb.record).where(
            tb.record.c.kind == Kind.DIFFERENCE.value, tb.record.c.id == difference).values(fields=kept))
