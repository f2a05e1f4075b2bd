"""The bytes of signed documents, kept in the notebook itself so that they commit with the row that names them."""

from __future__ import annotations

import hashlib

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app.errors import NotebookError
from assessor_app.i18n import t
from assessor_app.models.tables import StoredFile


def put(session: Session, data: bytes) -> str:
    """Store bytes in the session's transaction and return their SHA-256."""
    digest = hashlib.sha256(data).hexdigest()
    if session.get(StoredFile, digest) is None:
        session.add(StoredFile(sha256=digest, size=len(data), data=data))
    return digest


def get(session: Session, digest: str) -> bytes:
    """Return stored bytes; raise NotebookError where they are missing or no longer what they were."""
    data = session.scalar(select(StoredFile.data).where(StoredFile.sha256 == digest))
    if data is None:
        raise NotebookError(t("The document's file is not on this device yet."), hint=t("Synchronise to fetch it."))
    if hashlib.sha256(data).hexdigest() != digest:
        raise NotebookError(t("The document's file is damaged."), hint=t("Fetch it again from the centre or from a backup."))
    return data


def has(session: Session, digest: str) -> bool:
    """Tell whether the bytes are here."""
    return session.scalar(select(StoredFile.sha256).where(StoredFile.sha256 == digest)) is not None
