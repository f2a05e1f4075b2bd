"""Verifying anybody's file in a process of its own, beside what this notebook trusts and has on record."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app import isolate
from assessor_app.errors import BadInput
from assessor_app.i18n import t
from assessor_app.models.documents import Document, Revision
from assessor_app.models.kinds import RevisionType
from assessor_app.refusals import why
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.revisions import latest
from assessor_app.workflow.trusting import Anchors, anchors_of


def read_file(path: Path) -> bytes:
    """Return a file's bytes, of a larger one than is looked into only the beginning. Raises BadInput."""
    from assessor_app.reports.verification import LARGEST

    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise BadInput(t("The file cannot be read."), message=f"{path.name}: {why(error)}") from error


def verify_file(account: Account | None, data: bytes) -> dict[str, Any]:
    """Examine anybody's PDF against the pinned root and our records; returns the JSON of ``reports.verification``.

    It is always an answer: a file that breaks its reader is ``unreadable``.
    """
    if account is None:
        return examine(data, Anchors(None))
    with account.reading() as session:
        anchors = anchors_of(session)
    result = examine(data, anchors)
    with account.reading() as session:
        revisions = revisions_on_record(session, result["sha256"], result["data_sha256"])
    return beside_record(result, revisions)


def examine(data: bytes, anchors: Anchors) -> dict[str, Any]:
    """Verify a PDF in a process of its own; returns the JSON of ``reports.verification``. Raises BadInput for a bad root."""
    from assessor_app.reports.verification import LARGEST, verify

    if len(data) > LARGEST or b"%PDF-" not in data[:1024]:
        return verify(data, None).to_json()  # nothing is read of it
    _readable(anchors)
    try:
        result: dict[str, Any] = isolate.call("assessor_app.reports.verification:verify_as_json", data, anchors.root, None,
                                              list(anchors.known), anchors.crl, anchors.word, timeout_s=120, memory_mb=2048)
    except BadInput:  # it took its process down, or all the time there was: what is wrong with the file is not worth more
        return unreadable(data)
    return result


def unreadable(data: bytes) -> dict[str, Any]:
    """Return the answer for a file that breaks its reader."""
    from assessor_app.reports.status import Problem, SignatureStatus

    return SignatureStatus(hashlib.sha256(data).hexdigest(), problems=(Problem.UNREADABLE,)).to_json()


def beside_record(result: dict[str, Any], revisions: tuple[str, ...]) -> dict[str, Any]:
    """Return a result beside the SHA-256 of the document's recorded revisions; the same where there are none."""
    from assessor_app.reports.status import SignatureStatus

    return SignatureStatus.from_json(result).recorded(revisions).to_json()


def revisions_on_record(session: Session, sha256: str, data_sha256: str) -> tuple[str, ...]:
    """Return the SHA-256 of the recorded revisions, in order, of the document that a file is or says to be; nothing of a foreign one."""
    document = session.scalar(select(Revision.document).where(Revision.sha256 == sha256, Revision.type != RevisionType.WET_SCAN).limit(1))
    if document is None and data_sha256:
        document = session.scalar(select(Document.id).where(Document.data_sha256 == data_sha256).limit(1))
    if not document:
        return ()
    return tuple(session.scalars(select(Revision.sha256).where(
        Revision.document == document, Revision.type != RevisionType.WET_SCAN, Revision.deleted.is_(False)).order_by(Revision.number)))


def recorded_for(session: Session, data_sha256: str) -> str | None:
    """Return the SHA-256 on record of the document that holds these data, or None where we made none such."""
    document = session.scalar(select(Document.id).where(Document.data_sha256 == data_sha256).limit(1))
    return latest(session, document).sha256 if document else None


def _readable(anchors: Anchors) -> None:
    """Refuse a root or list that is none before any file is blamed for it. Raises BadInput."""
    from assessor_app.reports import anchors as read
    from assessor_app.reports.status import Word

    try:
        read.Anchors(anchors.root, anchors.known, anchors.crl, Word.from_json(anchors.word))
    except BadInput as error:
        raise BadInput(t("This is not a certificate, or not a list of revoked ones."),
                       hint=t("Name PEM files with --root, --tsa-root and --revoked.")) from error
