"""Timestamps by themselves: at the moment of a signature where there is a line, otherwise after the next sync, as one more revision."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app.errors import AppError, LineError
from assessor_app.i18n import t
from assessor_app.models import files
from assessor_app.models.documents import Document, Revision
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import RevisionType
from assessor_app.models.records import CREATED
from assessor_app.models.tables import Device
from assessor_app.workflow.accounts import Account, put_settings, setting
from assessor_app.workflow.line import joined, server_place, transport_of
from assessor_app.workflow.revisions import latest, record
from assessor_app.workflow.trusting import anchors_of

if TYPE_CHECKING:
    from assessor_app.reports.timestamping import Asked
    from assessor_app.sync.transport import Transport

#: How long a signature waits for a line, in seconds, and then for connection and answer.
_KNOCK: Final = 3.0
_ANSWER: Final = (5.0, 15.0)
#: What makes a revision that a timestamp should follow.
_BARE: Final = (RevisionType.SIGNED, RevisionType.COSIGNED)


def asked(account: Account) -> Asked | None:
    """Return the question that a signature puts to the centre's timestamping authority; None where no server was joined.

    Where there is no line its answer is a fault, after three seconds at the most: the signature does without.
    """
    from assessor_app.reports.timestamping import Asked

    with account.reading() as session:
        place = server_place(session) if joined(session) else None
    if place is None:
        return None

    def ask(query: bytes) -> bytes:
        if not _line(*place):
            raise LineError("offline", t("There is no line to the server."))
        transport = transport_of(account)
        transport.timeout = _ANSWER
        try:
            return transport.timestamp(query)
        finally:
            transport.close()

    return Asked(ask)


def _line(host: str, port: int) -> bool:
    """Tell whether a server's port answers soon; a name that nobody resolves may take longer, and is not waited for."""
    found: list[bool] = []

    def knock() -> None:
        try:
            socket.create_connection((host, port), timeout=_KNOCK).close()
            found.append(True)
        except OSError:
            found.append(False)

    thread = threading.Thread(target=knock, name="knock", daemon=True)
    thread.start()
    thread.join(_KNOCK)
    return bool(found and found[0])


def pending(session: Session) -> list[str]:
    """Return the documents whose newest revision this notebook signed and no timestamp covers yet, oldest first."""
    own = set(session.scalars(select(Device.id)))
    out = []
    for document in session.scalars(select(Document.id).where(Document.deleted.is_(False)).order_by(Document.id)):
        newest = session.scalar(select(Revision).where(Revision.document == document, Revision.type != RevisionType.WET_SCAN)
                                .order_by(Revision.number.desc()).limit(1))
        if newest is not None and newest.type in _BARE and files.has(session, newest.sha256) \
                and str(newest.versions.get(CREATED, "")).partition(".")[0] in own:
            out.append(document)
    return out


def catch_up(account: Account, transport: Transport, cancelled: Callable[[], bool] = lambda: False) -> int:
    """Timestamp what was signed without a line, with what its check will need later; return how many documents that were.

    A dead authority is no fault of a sync: ``setting timestamp_fault`` says why, and the next sync tries again.
    """
    with account.reading() as session:
        waiting = pending(session)
        told = str(setting(session, "timestamp_fault") or "")
    if not waiting:
        return 0
    done, fault = 0, ""
    try:
        crl = transport.revoked()
        put_settings(account, revoked=crl.decode())
        for document in waiting:
            if cancelled():
                break
            _extend(account, transport, document, crl)
            done += 1
    except AppError as error:
        fault = error.title
    if fault != told:
        put_settings(account, timestamp_fault=fault)
    return done


def _extend(account: Account, transport: Transport, document: str, crl: bytes) -> None:
    """Add long-term data and a document timestamp as one more revision. Raises AppError."""
    from assessor_app.reports import timestamping, verification
    from assessor_app.reports.status import Word

    with account.reading() as session:
        before = latest(session, document)
        pdf = files.get(session, before.sha256)
        anchors = anchors_of(session)
    beside = [pem for pem in (anchors.root, *anchors.known) if pem]
    stamped = timestamping.extend(pdf, transport.timestamp, timestamping.LongTerm(beside, [crl]))
    found = verification.verify(stamped, anchors.root, known=anchors.known, crl=crl, word=Word.from_json(anchors.word)).timestamps
    if not found or not found[-1].trusted:
        raise AppError(t("The timestamp is by an authority that is not trusted here."), hint=t("Ask the secretariat."),
                       kept=t("The document is as it was."))

    def work(unit: Unit) -> None:
        if latest(unit.session, document).sha256 == before.sha256:  # otherwise somebody signed meanwhile: the next sync does it
            record(unit, unit.get(Document, document), (before.number or 0) + 1, stamped, RevisionType.TIMESTAMPED, found[-1].authority)

    account.writer.run(work, purpose="document.timestamp")
