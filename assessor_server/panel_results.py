"""Results of closed panels: means and index computed anew from the verified sheets of their members, and from nothing else."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, select, update

from assessor_app import ids, paths
from assessor_app.models import panel
from assessor_app.models.instrument import Instrument
from assessor_app.models.kinds import AttachmentType, Kind, PanelState, RevisionType
from assessor_app.models.panel import SheetData, SheetFault
from assessor_app.sync.rows import Row, value_at
from assessor_server import signed_files
from assessor_server import tables as tb
from assessor_server.blobs import Blobs
from assessor_server.history import ServerLedger, load_row
from assessor_server.projecting import AWAITING, FAULTY, VERIFIED, Projection, Rows
from assessor_server.store import Store

FIELDS = tb.record.c.fields
#: Figures are here, but not of every member.
PARTIAL = "partial"


def journaled(connection: Connection, row: Row, name: str) -> Any:
    """Return a field as the journal says it came about: a row edited by hand does not change it."""
    return value_at(ServerLedger(connection, []), row.version(name), row.kind.value, row.id, name)


def arrived(connection: Connection, digest: str) -> None:
    """Have the panels read anew whose sheet's file has just come."""
    visits = connection.execute(select(FIELDS["visit"].as_string()).where(
        tb.record.c.kind.in_([Kind.REVISION.value, Kind.ATTACHMENT.value]), FIELDS["sha256"].as_string() == digest)).scalars().all()
    wanted = sorted({str(visit) for visit in visits if visit})
    if wanted:
        connection.execute(update(tb.panel_result).where(tb.panel_result.c.visit.in_(wanted)).values(state=AWAITING))


def _concerns(row: Row) -> str:
    sheet = row.kind is Kind.REVISION and row.fields.get("sheet")
    given = row.kind is Kind.ATTACHMENT and row.fields.get("type") == AttachmentType.SIGNED_SHEET
    return str(row.fields.get("visit") or "") if row.kind is Kind.PANEL or sheet or given else ""


def _keys(connection: Connection) -> list[str]:
    return [str(visit) for visit in connection.execute(select(FIELDS["visit"].as_string()).where(
        tb.record.c.kind == Kind.PANEL.value)).scalars() if visit]


def _closed(connection: Connection, visit: str) -> Row | None:
    row = load_row(connection, Kind.PANEL, ids.natural_id(Kind.PANEL, visit))
    return row if row is not None and journaled(connection, row, "state") == PanelState.CLOSED else None


def _outline(connection: Connection, visit: str) -> Rows | None:
    row = _closed(connection, visit)
    if row is None:
        return None
    at = load_row(connection, Kind.VISIT, visit)
    year = at.fields.get("year") if at else None
    return {"panel_result": [{
        "visit": visit, "state": AWAITING, "faults": "", "region": str(at.fields.get("region") or "") if at else "",
        "year": year if isinstance(year, int) else None, "instrument": "", "instrument_version": "", "instrument_sha256": "",
        "index": None, "provisional": True, "members": len(journaled(connection, row, "members") or []), "sheets": 0, "sources": ""}],
        "panel_aspect": [], "panel_dimension": []}


def _fill(store: Store, blobs: Blobs, outline: Rows) -> Rows:
    row = outline["panel_result"][0]
    visit = row["visit"]
    with store.transaction() as connection:
        closed = _closed(connection, visit)
        if closed is None:
            return outline
        members = [str(one) for one in journaled(connection, closed, "members") or []]
        closed_by = str(journaled(connection, closed, "closed_by") or "")
        digests = _digests(connection, visit)
        people = {signed_files.account_of(connection, member) for member in members} - {""}
    looked = signed_files.look(store, blobs, digests, people)
    found: list[tuple[str, SheetData]] = []
    faults: list[SheetFault] = []
    with store.transaction() as connection:
        for digest, file in looked.items():
            try:
                sheet = panel.read_sheet(file.data, digest, file.data_sha256) if not file.problems else None
                codes = file.problems
            except ValueError:
                sheet, codes = None, (panel.NOT_A_SHEET,)
            if sheet is not None and signed_files.signed_by(connection, file, sheet.assessor):
                found.append((digest, sheet))
            else:
                faults.append(SheetFault(digest, "", codes or (panel.OTHER_SIGNER,)))
        try:
            result, named = panel.compute(found, visit, members, closed_by, lambda one: _instrument(connection, one), {}, None, faults)
        except LookupError:
            result, named = None, (*faults, SheetFault("", "", ("instrument",)))
    row = {**row, "faults": " ".join(sorted({code for fault in named for code in fault.codes})), "state": PARTIAL}
    if result is None:
        return {**outline, "panel_result": [{**row, "state": FAULTY if named else PARTIAL}]}
    figures, used = result.evaluation, result.instrument
    whole = len(result.sheets) == len(members)
    return {
        "panel_result": [{
            **row, "state": VERIFIED if whole else PARTIAL, "region": result.sheets[0].region, "instrument": used.title.get("id"),
            "instrument_version": used.version, "instrument_sha256": used.sha256, "index": _float(figures.index),
            "provisional": figures.provisional or not whole, "sheets": len(result.sheets),
            "sources": " ".join(sheet.file_sha256 for sheet in result.sheets)}],
        "panel_aspect": [{"visit": visit, "number": number, "code": used.aspect(aspect.id).code, "name": aspect.name.get("id"),
                          "weight": float(aspect.weight), "mean": _float(aspect.score)}
                         for number, aspect in enumerate(figures.aspects, 1)],
        "panel_dimension": [{"visit": visit, "code": code, "mean": _float(mean)} for code, mean in sorted(figures.dimensions.items())]}


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def _digests(connection: Connection, visit: str) -> list[str]:
    """Return the digests of the visit's signed sheets: the newest revision of each document, and what was handed over."""
    newest: dict[str, tuple[int, str]] = {}
    for fields in connection.execute(select(FIELDS).where(
            tb.record.c.kind == Kind.REVISION.value, FIELDS["visit"].as_string() == visit, FIELDS["sheet"].as_string() != "")).scalars():
        number, document = int(fields.get("number") or 0), str(fields.get("document") or "")
        if fields.get("type") != RevisionType.WET_SCAN and number >= newest.get(document, (0, ""))[0]:
            newest[document] = (number, str(fields.get("sha256") or ""))
    given = connection.execute(select(FIELDS["sha256"].as_string()).where(
        tb.record.c.kind == Kind.ATTACHMENT.value, FIELDS["visit"].as_string() == visit,
        FIELDS["type"].as_string() == AttachmentType.SIGNED_SHEET.value)).scalars().all()
    return sorted({*(digest for _, digest in newest.values()), *map(str, given)} - {""})


def _instrument(connection: Connection, sheet: SheetData) -> Instrument | None:
    """Return the instrument of a sheet by the hash of its content: published here, or shipped with the program."""
    form, _, version = sheet.instrument.partition("@")
    published = load_row(connection, Kind.INSTRUMENT, ids.natural_id(Kind.INSTRUMENT, form, version))
    contents = [str(published.fields.get("content") or "")] if published is not None else []
    for content in (*contents, *_shipped()):
        found = _parsed(content)
        if found is not None and found.sha256 == sheet.instrument_sha256:
            return found
    return None


@lru_cache(maxsize=1)
def _shipped() -> tuple[str, ...]:
    return tuple(file.read_text(encoding="utf-8") for file in sorted((paths.resources() / "instruments").glob("*.json")))


@lru_cache(maxsize=16)
def _parsed(content: str) -> Instrument | None:
    try:
        return Instrument.from_json(content)
    except ValueError:
        return None


PANELS = Projection("panels", (tb.panel_result, tb.panel_aspect, tb.panel_dimension), _concerns, _keys, _outline, _fill, grows=True)
