"""What a hand changed in the database: records that differ from the journal, results that differ from their signed files.

An index is never taken from such a row. What was noticed is kept as an alarm until the secretariat has said that it saw it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.exc import SQLAlchemyError

from assessor_app.models.kinds import Kind, known
from assessor_app.models.records import default_for, personal_fields
from assessor_app.sync.digests import digest_line
from assessor_app.sync.merge import Outcome
from assessor_app.sync.rows import Entry, Row, place_of, value_at
from assessor_server import panel_results, results
from assessor_server import tables as tb
from assessor_server.blobs import BlobFault, Blobs
from assessor_server.projecting import AWAITING, Projection, Rows, put
from assessor_server.store import Store, add_if_absent, now

log = logging.getLogger(__name__)
#: How often a server looks at everything, in seconds.
EVERY_S = 3600
#: What an alarm is about, beside the name of a projection's table: a record, or the sum of all records of a place.
RECORD, PLACE = "record", "scope"
_PART = 400
#: How many records are looked at together: a large dossier is not held as a whole.
_SLICE = 2000


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that differs: ``what`` and ``key`` name it, ``detail`` the fields, never their values."""

    what: str
    key: str
    detail: str


def look(store: Store, blobs: Blobs, *, mend: bool) -> list[Finding]:
    """Look at all records and results, raise an alarm for each that differs, and return them.

    ``mend`` puts the right results back; records are left to ``restore``. Reads every signed file: about a second a file
    that was not read before. Raises BlobFault, OSError.
    """
    found = [*_records(store, None), *(one for projection in results.PROJECTIONS for one in _results(store, blobs, projection, None, mend))]
    _raise(store, found)
    return found


def glance(store: Store, blobs: Blobs, documents: Iterable[str] = (), visits: Iterable[str] = ()) -> None:
    """Do the same for results that are about to be shown, and for the records that they rest on; they are mended first."""
    documents, visits = list(documents), list(visits)
    found = [*_results(store, blobs, results.RESULTS, documents, True), *_results(store, blobs, panel_results.PANELS, visits, True)]
    if visits:
        with store.snapshot() as connection:
            sheets = connection.execute(select(tb.record.c.scope).where(
                tb.record.c.kind == Kind.SHEET.value, tb.record.c.fields["visit"].as_string().in_(visits))).scalars().all()
        found += _records(store, sorted({f"visit:{visit}" for visit in visits} | set(sheets)))
    _raise(store, found)


def alarms(connection: Connection) -> list[Any]:
    """Return the alarms, the newest first."""
    return list(connection.execute(select(tb.alarm).order_by(tb.alarm.c.since.desc(), tb.alarm.c.what, tb.alarm.c.key)).all())


def seen(connection: Connection, what: str, key: str) -> None:
    """Take an alarm off the list; what still differs comes back at the next look."""
    connection.execute(delete(tb.alarm).where(tb.alarm.c.what == what, tb.alarm.c.key == key))


def _raise(store: Store, found: list[Finding]) -> None:
    if not found:
        return
    with store.transaction() as connection:
        for one in found:
            add_if_absent(connection, tb.alarm, what=one.what, key=one.key, since=now(), detail=one.detail)
    for one in found:
        log.warning("alarm: %s %s differs (%s)", one.what, one.key, one.detail)


class Watch(threading.Thread):
    """Looks at everything when the server starts, and then every hour, beside its other work."""

    def __init__(self, store: Store, blobs: Blobs, every_s: float = EVERY_S) -> None:
        super().__init__(name="watch", daemon=True)
        self._store, self._blobs, self._every = store, blobs, every_s
        self._stop = threading.Event()

    def stop(self) -> None:
        """End it after what it has begun."""
        self._stop.set()

    def run(self) -> None:
        """Look, wait, look again."""
        while not self._stop.is_set():
            try:
                look(self._store, self._blobs, mend=True)
            except (SQLAlchemyError, BlobFault, OSError) as e:
                log.warning("not looked at: %s", type(e).__name__)
            self._stop.wait(self._every)


# Results against signed files

def _results(store: Store, blobs: Blobs, projection: Projection, keys: Iterable[str] | None, mend: bool) -> list[Finding]:
    if keys is not None and not keys:
        return []
    differing, right, there = results.differing(store, blobs, projection, keys)
    if differing:  # what was just arriving at the first look is settled at the second
        differing, right, there = results.differing(store, blobs, projection, differing)
    out = []
    for key in differing:
        detail = _hand(projection, there[key], right.get(key))
        if detail:
            out.append(Finding(projection.main.name, key, detail))
    if mend and differing:
        with store.transaction() as connection:
            for key in differing:
                put(connection, projection, key, right.get(key) or {table.name: [] for table in projection.tables})
    return out


def _hand(projection: Projection, present: Rows, right: Rows | None) -> str:
    """Return what only a hand can have changed; nothing where the rows are just older than what has arrived since.

    A row without figures is filled when its file, its signer's certificate or its instrument comes; one of a panel grows with its sheets.
    """
    row = next(iter(present[projection.main.name]), None)
    if right is None:
        return "row"
    if row is None:
        return "" if right[projection.main.name][0]["state"] == AWAITING else "row"
    wanted = right[projection.main.name][0]
    if row["state"] == AWAITING or (row.get("index", 0) is None and wanted["index"] is not None):
        return ""
    if "sources" in row:
        before = set(row["sources"].split())
        if before < set(wanted["sources"].split()) and len(before) == row["sheets"]:
            return ""
    names = sorted(name for name, value in wanted.items() if row[name] != value and name != "year")
    names += [table.name for table in projection.tables[1:] if present[table.name] != right[table.name]]
    return " ".join(names)


# Records against the journal

@dataclass
class _Journal:
    """The journal entries of some records, read in few queries."""

    connection: Connection
    erased: set[tuple[str, str]] = field(default_factory=set)
    _entries: dict[tuple[str, int], Entry | None] = field(default_factory=dict)

    def read_for(self, rows: Iterable[Row]) -> None:
        places = {(place[0], place[1]) for row in rows for version in row.versions.values() if (place := place_of(version))}
        wanted = sorted(places - set(self._entries))
        self._entries.update(dict.fromkeys(wanted))
        c = tb.intent.c
        for device, group in groupby(wanted, key=itemgetter(0)):  # pairs in one query would be looked for in the whole journal
            counters = [counter for _, counter in group]
            for start in range(0, len(counters), _PART):
                found = self.connection.execute(select(c.counter, c.outcome, c.changes, c.merged).where(
                    c.device == device, c.counter.in_(counters[start:start + _PART])))
                for one in found:
                    if one.outcome != Outcome.REFUSED.value:
                        self._entries[device, one.counter] = Entry(one.changes, one.merged)

    def row(self, kind: Kind, record: str) -> Row | None:
        """Return nothing: no rule here asks for other records."""
        return None

    def entry(self, device: str, counter: int) -> Entry | None:
        """Return what an intent did."""
        return self._entries.get((device, counter))

    def remembered(self, kind: str, record: str, name: str, version: str) -> Entry | None:
        """Everything is in the journal."""
        return None


def _records(store: Store, scopes: list[str] | None) -> list[Finding]:
    """Return the records (of these scopes, otherwise of all) that differ from the journal, and the scopes whose sum does."""
    if scopes is None:
        with store.snapshot() as connection:
            scopes = sorted(connection.execute(select(tb.record.c.scope).union(select(tb.scope.c.name))).scalars())
    out: list[Finding] = []
    for scope in scopes:
        with store.snapshot() as connection:  # rows, journal and sum of one moment
            kept = connection.execute(select(tb.scope.c.digest).where(tb.scope.c.name == scope)).scalar()
            gone = {(row.kind, row.id) for row in connection.execute(select(tb.erasure).where(tb.erasure.c.scope == scope))}
            total = 0
            rows = connection.execute(select(tb.record).where(tb.record.c.scope == scope).order_by(tb.record.c.seq).execution_options(
                yield_per=_SLICE))
            for part in rows.partitions():
                total += sum(digest_line(row.kind, row.id, row.versions) for row in part)
                found = [Row(kind, row.id, row.scope, row.fields, row.versions, row.seqs, row.created, row.by, row.at)
                         for row in part if (kind := known(row.kind))]
                journal = _Journal(connection)
                journal.read_for(found)
                for row in found:
                    names = _differing(journal, row, (row.kind.value, row.id) in gone)
                    if names:
                        out.append(Finding(RECORD, f"{row.kind.value} {row.id}", " ".join(names)))
            if f"{total % (1 << 128):032x}" != (kept or f"{0:032x}"):
                out.append(Finding(PLACE, scope, "versions"))
    return out


def _differing(journal: _Journal, row: Row, erased: bool) -> dict[str, Any]:
    """Return the fields that differ from the journal, with the values that it gave them."""
    if row.kind is Kind.DIFFERENCE:
        return {}  # made by the server itself of changes that are in the journal
    personal = personal_fields(row.kind) if erased else {}
    out = {}
    for name in sorted({*row.fields, *row.versions, *_created(journal, row)} - {"", *personal}):
        version = row.version(name)
        place = place_of(version)
        if place is None or place[2].endswith(("r", "d")) or journal.entry(place[0], place[1]) is None:
            continue  # set by the server on the way, or older than this journal
        said = value_at(journal, version, row.kind.value, row.id, name)
        if row.fields.get(name, default_for(row.kind, name)) != said:
            out[name] = said
    return out


def _created(journal: _Journal, row: Row) -> Iterable[str]:
    place = place_of(row.versions.get("", ""))
    entry = journal.entry(place[0], place[1]) if place is not None else None
    if place is None or entry is None or not place[2].isdigit() or int(place[2]) >= len(entry.changes):
        return ()
    change = entry.changes[int(place[2])]
    return list(change[3]) if change[0] == "+" and change[1:3] == [row.kind.value, row.id] else ()


def restore(store: Store) -> int:
    """Put back into records what the journal says where a hand changed a field; return how many records were mended."""
    done = 0
    for finding in _records(store, None):
        if finding.what != RECORD:
            continue
        kind, _, record = finding.key.partition(" ")
        with store.transaction() as connection:
            found = connection.execute(select(tb.record).where(tb.record.c.kind == kind, tb.record.c.id == record)).first()
            if found is None:
                continue
            row = Row(Kind(kind), record, found.scope, dict(found.fields), found.versions, found.seqs, found.created, found.by, found.at)
            journal = _Journal(connection)
            journal.read_for([row])
            gone = connection.execute(select(func.count()).select_from(tb.erasure).where(
                tb.erasure.c.kind == kind, tb.erasure.c.id == record)).scalar_one()
            for name, said in _differing(journal, row, bool(gone)).items():
                if said == default_for(row.kind, name):
                    row.fields.pop(name, None)
                else:
                    row.fields[name] = said
            connection.execute(tb.record.update().where(tb.record.c.kind == kind, tb.record.c.id == record).values(fields=row.fields))
        done += 1
    return done
