"""Typed tables of what was signed, projected from records and files; they can be made anew from these at any time.

A projection names its tables, its keys, and how a key's rows follow from records and files. The first lines of a result are
written in the transaction that applies the signed document; the figures follow when its file is here and verifies, for they
come from what the signed file says and from nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, select

from assessor_app.models.kinds import DocumentType, Kind, RevisionType
from assessor_app.sync.rows import Row
from assessor_server import innovations, panel_results, signed_files
from assessor_server import tables as tb
from assessor_server.blobs import BlobFault, Blobs, Upload
from assessor_server.history import load_row
from assessor_server.projecting import AWAITING, FAULTY, VERIFIED, Projection, Rows, present, put
from assessor_server.store import Store

log = logging.getLogger(__name__)


def expect(connection: Connection, rows: Iterable[Row]) -> None:
    """Project what changed records are the source of; called in the transaction that applies them."""
    rows = list(rows)
    for projection in PROJECTIONS:
        for key in {projection.concerns(row) for row in rows} - {""}:
            if not projection.grows and present(connection, projection, key)[projection.main.name]:
                continue
            outline = projection.outline(connection, key)
            if outline is not None:
                put(connection, projection, key, outline)


def settle(store: Store, blobs: Blobs) -> int:
    """Fill in what awaited its file and whose file is here; return how many rows were filled in.

    What cannot be read just now goes on waiting; nothing is raised.
    """
    done = 0
    for projection in PROJECTIONS:
        with store.transaction() as connection:
            waiting = connection.execute(select(projection.key).where(projection.main.c.state == AWAITING)).scalars().all()
            outlines = [(key, outline) for key in waiting for outline in [projection.outline(connection, key)] if outline is not None]
        for key, outline in outlines:
            try:
                rows = projection.fill(store, blobs, outline)
            except (BlobFault, OSError) as e:
                log.warning("result not read: %s", type(e).__name__)
                continue
            if rows[projection.main.name][0]["state"] == AWAITING:
                continue
            with store.transaction() as connection:
                put(connection, projection, key, rows)
            done += 1
    return done


class ProjectingBlobs(Blobs):
    """The blobs of a server that projects what a signed file says as soon as the file is whole."""

    def complete(self, upload: Upload) -> None:
        """Put a whole upload into its place, and read it where a result waits for it. Raises BlobFault."""
        super().complete(upload)
        with self.store.transaction() as connection:
            panel_results.arrived(connection, upload.sha256)
        settle(self.store, self)


def rebuild(store: Store, blobs: Blobs) -> int:
    """Make all projected tables anew from records and files; return how many results there are. Raises BlobFault, OSError."""
    count = 0
    for projection in PROJECTIONS:
        found = wanted(store, blobs, projection)
        with store.transaction() as connection:
            for table in projection.tables:
                connection.execute(table.delete())
            for key, rows in found.items():
                put(connection, projection, key, rows)
        count += len(found)
    return count


def differing(store: Store, blobs: Blobs, projection: Projection,
              keys: Iterable[str] | None = None) -> tuple[list[str], dict[str, Rows], dict[str, Rows]]:
    """Return the keys (of these, otherwise of all) whose rows differ from records and files; the right rows, and those that differ.

    Raises BlobFault, OSError.
    """
    found = wanted(store, blobs, projection, keys)
    out = {}
    with store.transaction() as connection:
        every = set(found) if keys is None else set(keys)
        if keys is None:
            for table in projection.tables:
                every |= {str(key) for key in connection.execute(select(table.c[projection.key.name])).scalars()}
        for key in sorted(every):
            there = present(connection, projection, key)
            if there != found.get(key, {table.name: [] for table in projection.tables}):
                out[key] = there
    return list(out), found, out


def wanted(store: Store, blobs: Blobs, projection: Projection, keys: Iterable[str] | None = None) -> dict[str, Rows]:
    """Return the rows that records and files call for. Raises BlobFault, OSError."""
    with store.transaction() as connection:
        outlines = {key: outline for key in (projection.keys(connection) if keys is None else keys)
                    for outline in [projection.outline(connection, key)] if outline is not None}
    return {key: projection.fill(store, blobs, outline) for key, outline in outlines.items()}


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
    found = signed_files.look(store, blobs, [row["sha256"]]).get(row["sha256"])
    if found is None:
        return outline
    said, faults = found.data, list(found.problems)
    if said and (said.get("document") != row["document"] or found.data_sha256 != row["data_sha256"]
                 or said.get("type") != DocumentType.EVALUATION_SHEET or said["region"]["code"] != row["region"]
                 or not _same_sheet(store, row, said)):
        faults.append("other_document")
    if not faults and said.get("assessor_id"):
        with store.transaction() as connection:
            if not signed_files.signed_by(connection, found, str(said["assessor_id"])):
                faults.append("other_signer")
    if faults:
        return {**outline, "result": [{**row, "state": FAULTY, "faults": " ".join(faults)}]}
    used, began = said["instrument"], str(said["visit"]["starts_on"])[:4]
    return {"result": [{
        **row, "state": VERIFIED, "year": int(began) if began.isdigit() else row["year"],
        "signer": next((line["signer"] for line in found.signatures if line["field"] == "assessor"), ""),
        "instrument": used["title"], "instrument_version": used["version"], "instrument_sha256": used["sha256"],
        "index": said["index"], "provisional": bool(said["provisional"])}],
        "result_aspect": [{"document": row["document"], "number": number, "code": aspect["code"], "name": aspect["name"],
                           "weight": float(aspect["weight"]), "mean": aspect["mean"]} for number, aspect in enumerate(said["aspects"], 1)]}


def _same_sheet(store: Store, row: dict[str, Any], said: dict[str, Any]) -> bool:
    """Tell whether the file is of the sheet and visit under which it came (an older program's files do not say)."""
    if not said.get("sheet"):
        return True
    with store.transaction() as connection:
        sheet = load_row(connection, Kind.SHEET, row["sheet"])
    return (said["sheet"] == row["sheet"] and said.get("visit_id") == row["visit"]
            and (sheet is None or sheet.fields.get("assessor") == said.get("assessor_id")))


RESULTS = Projection("results", (tb.result, tb.result_aspect), _concerns, _keys, _outline, _fill)
PROJECTIONS = (RESULTS, panel_results.PANELS, innovations.INNOVATIONS)
