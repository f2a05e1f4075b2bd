"""Typed tables of what was signed, projected from records and files; they can be made anew from these at any time.

A projection names its tables, its keys, and how a key's rows follow from records and files. The first lines of a result are
written in the transaction that applies the signed document; the figures follow when its file is here and verifies, for they
come from what the signed file says and from nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from assessor_app import isolate
from assessor_app.errors import AppError
from assessor_app.models.kinds import DocumentType, Kind, RevisionType
from assessor_app.sync.rows import Row
from assessor_server import authority
from assessor_server import tables as tb
from assessor_server.blobs import BlobFault, Blobs, Upload
from assessor_server.history import load_row
from assessor_server.store import Store

AWAITING, VERIFIED, FAULTY = "awaiting", "verified", "faulty"
log = logging.getLogger(__name__)
#: The rows of one key, by the name of their table; each row by its columns.
Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Projection:
    """One projection: ``tables`` (the first one's primary key is the key), and where its rows come from."""

    name: str
    tables: tuple[Table, ...]
    concerns: Callable[[Row], str]  # the key that a changed record concerns, or nothing
    keys: Callable[[Connection], list[str]]
    outline: Callable[[Connection, str], Rows | None]  # what is known without the file
    fill: Callable[[Store, Blobs, Rows], Rows]  # the same with what the file says; outside of any transaction


def expect(connection: Connection, rows: Iterable[Row]) -> None:
    """Project what changed records are the source of; called in the transaction that applies them."""
    for projection in PROJECTIONS:
        for key in {projection.concerns(row) for row in rows} - {""}:
            if _present(connection, projection, key)[projection.tables[0].name]:
                continue
            outline = projection.outline(connection, key)
            if outline is not None:
                _put(connection, projection, key, outline)


def settle(store: Store, blobs: Blobs) -> int:
    """Fill in what awaited its file and whose file is here; return how many rows were filled in.

    What cannot be read just now goes on waiting; nothing is raised.
    """
    with store.transaction() as connection:
        waiting = connection.execute(select(tb.result.c.document, tb.result.c.sha256).where(tb.result.c.state == AWAITING)).all()
        outlines = [(key, outline) for key, digest in waiting if blobs.size(digest) is not None
                    for outline in [RESULTS.outline(connection, key)] if outline is not None]
    done = 0
    for key, outline in outlines:
        try:
            rows = RESULTS.fill(store, blobs, outline)
        except (BlobFault, OSError) as e:
            log.warning("result not read: %s", type(e).__name__)
            continue
        with store.transaction() as connection:
            _put(connection, RESULTS, key, rows)
        done += 1
    return done


class ProjectingBlobs(Blobs):
    """The blobs of a server that projects what a signed file says as soon as the file is whole."""

    def complete(self, upload: Upload) -> None:
        """Put a whole upload into its place, and read it where a result waits for it. Raises BlobFault."""
        super().complete(upload)
        settle(self.store, self)


def rebuild(store: Store, blobs: Blobs) -> int:
    """Make all projected tables anew from records and files; return how many results there are. Raises BlobFault, OSError."""
    count = 0
    for projection in PROJECTIONS:
        wanted = _wanted(store, blobs, projection)
        with store.transaction() as connection:
            for table in projection.tables:
                connection.execute(table.delete())
            for key, rows in wanted.items():
                _put(connection, projection, key, rows)
        count += len(wanted)
    return count


def check(store: Store, blobs: Blobs) -> list[str]:
    """Return the keys whose rows differ from what records and files say. Raises BlobFault, OSError."""
    out = []
    for projection in PROJECTIONS:
        wanted = _wanted(store, blobs, projection)
        main = projection.tables[0]
        with store.transaction() as connection:
            keys: set[str] = set(wanted)
            for table in projection.tables:
                keys |= {str(key) for key in connection.execute(select(table.c[_key(main)])).scalars()}
            out += sorted(key for key in keys if _present(connection, projection, key) != wanted.get(
                key, {table.name: [] for table in projection.tables}))
    return out


def _wanted(store: Store, blobs: Blobs, projection: Projection) -> dict[str, Rows]:
    with store.transaction() as connection:
        outlines = {key: outline for key in projection.keys(connection)
                    for outline in [projection.outline(connection, key)] if outline is not None}
    return {key: projection.fill(store, blobs, outline) for key, outline in outlines.items()}


def _key(table: Table) -> str:
    return str(next(iter(table.primary_key.columns)).name)


def _put(connection: Connection, projection: Projection, key: str, rows: Rows) -> None:
    for table in projection.tables:
        connection.execute(table.delete().where(table.c[_key(projection.tables[0])] == key))
        for row in rows[table.name]:
            connection.execute(insert(table).values(**row))


def _present(connection: Connection, projection: Projection, key: str) -> Rows:
    return {table.name: [dict(row) for row in connection.execute(select(table).where(
        table.c[_key(projection.tables[0])] == key).order_by(*table.primary_key.columns)).mappings()] for table in projection.tables}


# Results: what a signed score sheet says

def _concerns(row: Row) -> str:
    signed = row.kind is Kind.REVISION and row.fields.get("sheet") and row.fields.get("type") == RevisionType.SIGNED
    return str(row.fields.get("document") or "") if signed else ""


def _keys(connection: Connection) -> list[str]:
    fields = tb.record.c.fields
    return [str(key) for key in connection.execute(select(fields["document"].as_string()).where(
        tb.record.c.kind == Kind.REVISION.value, fields["sheet"].as_string() != "",
        fields["type"].as_string() == RevisionType.SIGNED.value).distinct()).scalars() if key]


def _outline(connection: Connection, document: str) -> Rows | None:
    row = load_row(connection, Kind.DOCUMENT, document)
    fields = tb.record.c.fields
    signed = connection.execute(select(fields["sha256"].as_string()).where(
        tb.record.c.kind == Kind.REVISION.value, fields["document"].as_string() == document,
        fields["type"].as_string() == RevisionType.SIGNED.value).order_by(fields["number"].as_integer())).scalars().first()
    if row is None or not signed or row.fields.get("type") != DocumentType.EVALUATION_SHEET:
        return None
    visit = load_row(connection, Kind.VISIT, str(row.fields.get("visit") or ""))
    year = visit.fields.get("year") if visit else None
    return {"result": [{
        "document": document, "sheet": str(row.fields.get("sheet") or ""), "visit": str(row.fields.get("visit") or ""),
        "sha256": str(signed), "data_sha256": str(row.fields.get("data_sha256") or ""), "state": AWAITING, "faults": "",
        "region": str(visit.fields.get("region") or "") if visit else "", "year": year if isinstance(year, int) else None, "signer": "",
        "instrument": "", "instrument_version": "", "instrument_sha256": "", "index": None, "provisional": False}],
        "result_aspect": []}


def _fill(store: Store, blobs: Blobs, outline: Rows) -> Rows:
    row = outline["result"][0]
    if blobs.size(row["sha256"]) is None:
        return outline
    with store.transaction() as connection:
        account, arrived = _arrival(connection, row["sha256"])
        root, known = authority.root(connection), authority.vouchers(connection, account)
        # What came before a revocation stays what it was: a result does not change by it.
        revoked = authority.revocations(connection, before=arrived)
    pdf = b"".join(blobs.read(row["sha256"]))
    try:
        found = isolate.call("assessor_app.reports.verification:verify_and_read", pdf, root, row["sha256"], known, revoked,
                             timeout_s=30, memory_mb=2048)
    except AppError:  # what broke its reader once would break it at every sync
        return {**outline, "result": [{**row, "state": FAULTY, "faults": "unreadable"}]}
    said = found["data"]
    faults = list(found["problems"])
    if said and (said.get("document") != row["document"] or found["data_sha256"] != row["data_sha256"]
                 or said.get("type") != DocumentType.EVALUATION_SHEET or said["region"]["code"] != row["region"]):
        faults.append("other_document")
    if faults:
        return {**outline, "result": [{**row, "state": FAULTY, "faults": " ".join(faults)}]}
    used, began = said["instrument"], str(said["visit"]["starts_on"])[:4]
    return {"result": [{
        **row, "state": VERIFIED, "year": int(began) if began.isdigit() else row["year"],
        "signer": next((line["signer"] for line in found["signatures"] if line["field"] == "assessor"), ""),
        "instrument": used["title"], "instrument_version": used["version"], "instrument_sha256": used["sha256"],
        "index": said["index"], "provisional": bool(said["provisional"])}],
        "result_aspect": [{"document": row["document"], "number": number, "code": aspect["code"], "name": aspect["name"],
                           "weight": float(aspect["weight"]), "mean": aspect["mean"]} for number, aspect in enumerate(said["aspects"], 1)]}


def _arrival(connection: Connection, digest: str) -> tuple[str, int | None]:
    """Return whose device brought the record of a file, and when it arrived here (ms UTC)."""
    version = connection.execute(select(tb.record.c.versions).where(
        tb.record.c.kind == Kind.REVISION.value, tb.record.c.fields["sha256"].as_string() == digest)).scalars().first() or {}
    device, _, rest = str(version.get("") or "").partition(".")
    counter = rest.partition(".")[0]
    at = connection.execute(select(tb.intent.c.received_at).where(
        tb.intent.c.device == device, tb.intent.c.counter == int(counter))).scalar() if counter.isdigit() else None
    account = connection.execute(select(tb.device.c.account).where(tb.device.c.id == device)).scalar()
    return str(account or ""), at


RESULTS = Projection("results", (tb.result, tb.result_aspect), _concerns, _keys, _outline, _fill)
PROJECTIONS = (RESULTS,)
