"""A document's recorded revisions: the newest one, its bytes, and a copy of them outside."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app.errors import AppError
from assessor_app.i18n import t
from assessor_app.models import files
from assessor_app.models.documents import Revision
from assessor_app.models.kinds import RevisionType


def latest(session: Session, document: str) -> Revision:
    """Return the newest recorded revision of a document's file. Raises AppError."""
    found = session.scalar(select(Revision).where(Revision.document == document, Revision.type != RevisionType.WET_SCAN)
                           .order_by(Revision.number.desc()).limit(1))
    if found is None:
        raise AppError(t("The document has no recorded file."))
    return found


def document_bytes(session: Session, document: str) -> bytes:
    """Return the newest revision's bytes."""
    return files.get(session, latest(session, document).sha256)


def write_whole(target: Path, data: bytes) -> None:
    """Write a file outside the notebook, whole or not at all. Raises AppError."""
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
        raise AppError(t("The copy could not be written."), e.strerror or "", t("Choose another folder."),
                       t("The document itself is safe.")) from e
