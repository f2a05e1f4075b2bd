"""A document's recorded revisions: the newest one, its bytes, and a copy of them outside."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app import ids
from assessor_app.errors import AppError
from assessor_app.i18n import t
from assessor_app.models import files
from assessor_app.models.documents import Document, Revision
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import Kind, RevisionType
from assessor_app.refusals import why
from assessor_app.workflow import outside


def latest(session: Session, document: str) -> Revision:
    """Return the newest recorded revision of a document's file. Raises AppError."""
    found = session.scalar(select(Revision).where(Revision.document == document, Revision.type != RevisionType.WET_SCAN)
                           .order_by(Revision.number.desc()).limit(1))
    if found is None:
        raise AppError(t("The document has no recorded file."))
    return found


def newest_here(session: Session, document: str) -> str:
    """Return the SHA-256 of the newest recorded revision whose bytes are on this device, or nothing: each begins with those before it."""
    found = session.scalars(select(Revision.sha256).where(Revision.document == document, Revision.type != RevisionType.WET_SCAN)
                            .order_by(Revision.number.desc()))
    return next((digest for digest in found if files.has(session, digest)), "")


def document_bytes(session: Session, document: str) -> bytes:
    """Return the newest revision's bytes."""
    return files.get(session, latest(session, document).sha256)


def record(unit: Unit, document: Document, number: int, pdf: bytes, type: str, signer: str) -> None:
    """Record a document's next revision: its bytes and their SHA-256 in one transaction."""
    digest = files.put(unit.session, pdf)
    unit.add(Revision(id=ids.natural_id(Kind.REVISION, document.id, str(number)), region=document.region, visit=document.visit,
                      sheet=document.sheet, document=document.id, number=number, sha256=digest, size=len(pdf), type=type, signer=signer,
                      made_at=unit.now_ms))


def write_whole(target: Path, data: bytes) -> None:
    """Write a file outside the notebook, whole or not at all. Raises AppError, BadInput."""
    outside.insist(target)
    name = ""
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, suffix=".part")
        with os.fdopen(handle, "wb") as f:
            f.write(data)
            f.flush()
            os.fsync(f.fileno())
        os.replace(name, target)
    except OSError as e:
        if name:
            Path(name).unlink(missing_ok=True)
        raise AppError(t("The copy could not be written."), why(e), t("Choose another folder."),
                       t("The document itself is safe.")) from e
