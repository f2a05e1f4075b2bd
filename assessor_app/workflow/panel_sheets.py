"""Signed sheets and last year's report as verified data: read in a process of their own, remembered by their SHA-256."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app import isolate
from assessor_app.errors import BadInput
from assessor_app.models import files, panel
from assessor_app.models.attachments import Attachment
from assessor_app.models.catalogue import Assessor
from assessor_app.models.documents import Document
from assessor_app.models.kinds import AttachmentType, DocumentType, SheetState
from assessor_app.models.panel import Before, SheetData, SheetFault
from assessor_app.models.visits import Visit
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.revisions import newest_here
from assessor_app.workflow.trusting import Anchors
from assessor_app.workflow.trusting import anchors_of as anchors_of

#: How many files' findings are remembered.
_MOST = 400
_remembered: OrderedDict[tuple[str, str], dict[str, Any]] = OrderedDict()


@dataclass(frozen=True, slots=True)
class File:
    """A file that may be a signed sheet: where it comes from, its bytes (None: not here), the document it is, where that is known."""

    source: str
    data: bytes | None
    document: str = ""


def examine(pdfs: Sequence[bytes], anchors: Anchors) -> list[dict[str, Any]]:
    """Verify PDFs and return what ``panel_reader.examine_all`` says of each; each file is read once while the program runs.

    Takes about a second for files not seen before. A file that breaks its reader is ``unreadable``.
    """
    keys = [(hashlib.sha256(pdf).hexdigest(), anchors.name) for pdf in pdfs]
    fresh = {key: pdf for key, pdf in zip(keys, pdfs, strict=True) if key not in _remembered}
    if fresh:
        for key, found in zip(fresh, _read(list(fresh.values()), anchors), strict=True):
            _remembered[key] = found
    out = []
    for key in keys:
        _remembered.move_to_end(key)
        out.append(_remembered[key])
    while len(_remembered) > max(_MOST, len(keys)):
        _remembered.popitem(last=False)
    return out


def _read(pdfs: list[bytes], anchors: Anchors) -> list[dict[str, Any]]:
    try:
        found: list[dict[str, Any]] = isolate.call(
            "assessor_app.workflow.panel_reader:examine_all", [(pdf, anchors.known, anchors.word) for pdf in pdfs], anchors.root,
            anchors.crl, timeout_s=120, memory_mb=2048)
        return found
    except BadInput:
        if len(pdfs) == 1:
            return [{"problems": ["unreadable"], "signatures": [], "data": {}, "data_sha256": ""}]
        return [one for pdf in pdfs for one in _read([pdf], anchors)]  # one hostile file must not hide the others


def read_sheets(session: Session, found: Sequence[File], anchors: Anchors) -> tuple[list[tuple[str, SheetData]], list[SheetFault]]:
    """Return what verified files say, each with its source, and the faults of those that do not verify or are no sheets."""
    sheets: dict[str, tuple[str, SheetData]] = {}
    faults: list[tuple[str, SheetFault]] = []
    here = [(file, file.data) for file in found if file.data is not None]
    for (file, data), said in zip(here, examine([data for _, data in here], anchors), strict=True):
        signer = next((str(line["signer"]) for line in said["signatures"] if line["field"] == "assessor"), "")
        try:
            sheet = panel.read_sheet(said["data"], hashlib.sha256(data).hexdigest(), said["data_sha256"]) if not said["problems"] else None
            codes = tuple(said["problems"])
        except ValueError:
            sheet, codes = None, (panel.NOT_A_SHEET,)
        if sheet is not None:
            known = session.get(Assessor, sheet.assessor)
            if panel.same_person(signer, known.name if known is not None and known.name else sheet.name):
                sheets.setdefault(sheet.document, (file.source, sheet))
                continue
            codes = (panel.OTHER_SIGNER,)
        faults.append((file.document, SheetFault(file.source, signer, codes)))
    faults += [(file.document, SheetFault(file.source, "", (panel.NOT_HERE,))) for file in found if file.data is None]
    return list(sheets.values()), [fault for document, fault in faults if document not in sheets]


def files_of(session: Session, account: Account, visit: str) -> list[File]:
    """Return the signed sheets of a visit that this notebook names: from its documents, and as they were handed over."""
    out = []
    for document in session.scalars(select(Document).where(
            Document.visit == visit, Document.type == DocumentType.EVALUATION_SHEET, Document.deleted.is_(False)).order_by(Document.id)):
        digest = newest_here(session, document.id)
        out.append(File(document.number or document.id, files.get(session, digest) if digest else None, document.id))
    for given in session.scalars(select(Attachment).where(
            Attachment.visit == visit, Attachment.type == AttachmentType.SIGNED_SHEET, Attachment.deleted.is_(False)).order_by(
                Attachment.id)):
        out.append(File(given.name, account.blobs.get(given.sha256) if account.blobs.has(given.sha256) else None))
    return out


def last_year(session: Session, visit: Visit, typed: float | None, anchors: Anchors) -> Before | None:
    """Return last year's figures: from the newest earlier panel report of the region that verifies, otherwise as typed by hand."""
    year = visit.year or 0
    reports = session.scalars(select(Document).where(
        Document.region == visit.region, Document.type == DocumentType.PANEL_REPORT, Document.visit != visit.id,
        Document.deleted.is_(False), Document.state != SheetState.RETURNED).order_by(Document.id)).all()
    replaced = {report.supersedes for report in reports if report.supersedes}
    there = [newest_here(session, report.id) for report in reports if report.id not in replaced]
    pdfs = [files.get(session, digest) for digest in there if digest]
    best: Before | None = None
    for said in examine(pdfs, anchors):
        try:
            found = panel.read_before(said["data"]) if not said["problems"] else None
            of_region = found is not None and said["data"]["region"]["code"] == visit.region
        except (ValueError, KeyError, TypeError):
            continue
        if found is not None and of_region and (found.year or 0) < year and (best is None or (found.year or 0) >= (best.year or 0)):
            best = found
    return best or panel.typed_before(year - 1 if year else None, typed)
