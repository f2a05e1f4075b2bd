"""Documents: what was signed, the file itself, and the centre's word on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import Response
from sqlalchemy import Connection, select

from assessor_app import formats
from assessor_app.errors import AppError
from assessor_app.i18n import t
from assessor_app.models.kinds import Kind, RevisionType, SheetState
from assessor_app.models.permissions import Action
from assessor_server import centre
from assessor_server import late as late_documents
from assessor_server import tables as tb
from assessor_server.history import load_row
from assessor_server.late import Late
from assessor_server.web import queries, words
from assessor_server.web.overview import WAITING
from assessor_server.web.page import PAGE, Badge, Cell, Code, Link, Missing, Page, Table, attachment, moment
from assessor_server.web.queries import FIELDS
from assessor_server.web.routes import Routes

routes = Routes()
_CHOICES = {"": WAITING, "disetujui": (SheetState.APPROVED.value,), "dikembalikan": (SheetState.RETURNED.value,), "semua": ()}
#: The longest remark, in characters.
REMARK = 4000


@routes.get("/dokumen", Action.SEE_DOCUMENTS)
def everything(page: Page) -> Response:
    """Show documents by their state."""
    chosen = page.asked("keadaan")
    chosen = chosen if chosen in _CHOICES else ""
    number = page.number("halaman", 1, 1, 10_000)
    query = select(tb.record).where(tb.record.c.kind == Kind.DOCUMENT.value)
    if _CHOICES[chosen]:
        query = query.where(FIELDS["state"].as_string().in_(_CHOICES[chosen]))
    with page.store.transaction() as connection:
        rows = connection.execute(query.order_by(tb.record.c.at.desc(), tb.record.c.id).limit(PAGE + 1).offset((number - 1) * PAGE)).all()
        visits = queries.records(connection, Kind.VISIT, {str(row.fields.get("visit") or "") for row in rows})
        signers = _signers(connection, {row.id for row in rows})
    lines: list[tuple[Cell, ...]] = []
    for row in rows[:PAGE]:
        visit = visits.get(str(row.fields.get("visit")), {})
        signer, at = signers.get(row.id, ("–", None))
        lines.append((Link(f"{words.document(row.fields.get('type'))} {row.fields.get('number') or ''}".strip(), f"/web/dokumen/{row.id}"),
                      words.region(visit.get("region")), words.stage(visit.get("stage")), signer, moment(at),
                      words.state(row.fields.get("state"))))
    columns = (t("Document"), t("Region"), t("Visit"), t("Signed by"), t("Time of the device"), t("State"))
    table = Table(t("Documents, newest first"), columns, lines, t("There is no document in this state."))
    choices = [("", t("Waiting for approval")), ("disetujui", t("Approved")), ("dikembalikan", t("Returned")), ("semua", t("All"))]
    return page.show("documents.html", documents=table, choices=choices, chosen=chosen, number=number, more=len(rows) > PAGE)


@routes.get("/dokumen/{document}", Action.SEE_DOCUMENTS)
def one(page: Page) -> Response:
    """Show one document, its revisions and digests."""
    with page.store.transaction() as connection:
        row = load_row(connection, Kind.DOCUMENT, page.of("document"))
        if row is None:
            raise Missing
        visit = load_row(connection, Kind.VISIT, str(row.fields.get("visit") or ""))
        revisions = _revisions(connection, row.id)
        names = queries.names(connection)
        result = connection.execute(select(tb.result).where(tb.result.c.document == row.id)).first()
    fields = row.fields
    place = visit.fields if visit else {}
    facts: list[tuple[str, Cell]] = [
        (t("State"), words.state(fields.get("state"))), (t("Region"), words.region(place.get("region"))),
        (t("Visit"), f"{words.stage(place.get('stage'))}, {formats.date(str(place.get('starts_on') or '')) or '–'}"),
        (t("Number"), str(fields.get("number") or "–")),
        (t("Signed by"), names.get(str(revisions[0].get("signer")), "–") if revisions else "–"),
        (t("SHA-256 of the data"), Code(str(fields.get("data_sha256") or "–")))]
    if fields.get("remark"):
        facts.append((t("Remark"), str(fields["remark"])))
    if result is not None and result.state == "verified":
        facts.append((t("Signature"), Badge(t("as signed, and vouched for"), "good")))
    elif result is not None and result.state == "faulty":
        facts.append((t("Signature"), Badge(" ".join(words.fault(code) for code in result.faults.split()), "warn")))
    table = Table(t("Revisions"), (t("Revision"), t("Made by"), t("Time of the device"), t("SHA-256 of the file"), t("File")), [
        (str(int(r.get("number") or 0)), words.revision(r.get("type")), moment(r.get("made_at")), Code(str(r.get("sha256") or "")),
         Badge(t("arrived"), "good") if page.site.blobs.size(str(r.get("sha256"))) is not None else Badge(t("not here yet"), "warn"))
        for r in revisions], t("No file is recorded."))
    waits = fields.get("state") in WAITING
    late = late_documents.of(page.store, page.site.blobs, row.id)
    return page.show("document.html", document=row, title=f"{words.document(fields.get('type'))} {fields.get('number') or ''}".strip(),
                     lines=facts, revisions=table, waits=waits, here_file=_newest(page, revisions) is not None, longest=REMARK, late=late,
                     late_lines=_late_lines(late) if late else [])


@routes.post("/dokumen/{document}/berkas", Action.SEE_DOCUMENTS)
def download(page: Page) -> Response:
    """Return the signed file, and write down that somebody took it."""
    with page.store.transaction() as connection:
        row = load_row(connection, Kind.DOCUMENT, page.of("document"))
        revisions = _revisions(connection, row.id) if row is not None else []
    found = _newest(page, revisions)
    if row is None or found is None:
        raise Missing
    data = b"".join(page.site.blobs.read(str(found["sha256"])))
    page.log_access("document", row.id, row.scope)
    return attachment(data, f"dokumen-{row.id[:8]}-{int(found.get('number') or 0)}.pdf", "application/pdf")


@routes.post("/dokumen/{document}/setujui", Action.APPROVE)
def approve(page: Page) -> Response:
    """Approve a document."""
    with page.store.transaction() as connection:
        centre.decide(connection, page.session.account, page.of("document"), SheetState.APPROVED)
    return page.go(f"/web/dokumen/{page.of('document')}", t("Approved. The assessor's device learns it at its next sync."))


@routes.post("/dokumen/{document}/kembalikan", Action.APPROVE)
def give_back(page: Page) -> Response:
    """Return a document with a remark."""
    remark = page.sent("remark", REMARK)
    if not remark:
        raise AppError(t("Write a remark: what is to be corrected?"), kept=t("Nothing was changed."))
    with page.store.transaction() as connection:
        centre.decide(connection, page.session.account, page.of("document"), SheetState.RETURNED, remark)
    return page.go(f"/web/dokumen/{page.of('document')}", t("Returned. The remark reaches the assessor's device at its next sync."))


@routes.post("/dokumen/{document}/kata", Action.APPROVE)
def word(page: Page) -> Response:
    """Take the secretariat's word on a document that was signed with a revoked key and came late."""
    accepted = page.sent("kata", 20) == "terima"
    late_documents.decide(page.store, page.site.blobs, page.session.account, page.of("document"), accepted=accepted,
                          remark=page.sent("alasan", REMARK))
    return page.go(f"/web/dokumen/{page.of('document')}", t("Accepted and written down. Devices learn it at their next sync.") if accepted
                   else t("Not accepted; that is written down."))


def _late_lines(late: Late) -> list[tuple[str, Cell]]:
    lines: list[tuple[str, Cell]] = [
        (t("Signed by"), ", ".join(name for name, _ in late.signers)),
        (t("Time claimed by the device"), ", ".join(moment(_ms(claimed)) for _, claimed in late.signers)),
        (t("Arrived here"), moment(late.arrived))]
    if late.accepted is not None:
        lines += [(t("The secretariat's word"), Badge(t("accepted"), "good") if late.accepted else Badge(t("not accepted"), "warn")),
                  (t("Why"), late.remark), (t("Written down by"), f"{late.by}, {moment(late.at)}")]
    return lines


def _ms(claimed: str) -> int | None:
    return int(datetime.fromisoformat(claimed).timestamp() * 1000) if claimed else None


def _revisions(connection: Connection, document: str) -> list[dict[str, Any]]:
    found = connection.execute(select(tb.record.c.fields).where(
        tb.record.c.kind == Kind.REVISION.value, FIELDS["document"].as_string() == document)).scalars().all()
    return sorted(found, key=lambda fields: int(fields.get("number") or 0))


def _newest(page: Page, revisions: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the newest revision whose file is here."""
    files = (r for r in reversed(revisions) if r.get("type") != RevisionType.WET_SCAN)
    return next((r for r in files if page.site.blobs.size(str(r.get("sha256"))) is not None), None)


def _signers(connection: Connection, documents: set[str]) -> dict[str, tuple[str, object]]:
    """Return who signed each document first, and when, as the device claims."""
    if not documents:
        return {}
    names = queries.names(connection)
    found = connection.execute(select(tb.record.c.fields).where(
        tb.record.c.kind == Kind.REVISION.value, FIELDS["document"].as_string().in_(sorted(documents)),
        FIELDS["type"].as_string() == RevisionType.SIGNED.value)).scalars()
    return {str(r.get("document")): (names.get(str(r.get("signer")), "–"), r.get("made_at")) for r in found}
