"""What the centre says of trust beside its list of revoked certificates: further authorities, what it saw in time, and its word."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, func, insert, select, update

from assessor_app.errors import AppError, BadInput
from assessor_app.i18n import t
from assessor_app.identity import certificates
from assessor_app.models.kinds import Kind
from assessor_app.reports.status import Word
from assessor_server import tables as tb
from assessor_server.projecting import AWAITING
from assessor_server.store import add_if_absent, get_meta, now, put_meta

SIGNERS: Final = "signers"
TIMESTAMPS: Final = "timestamps"
_CHANGES: Final = "trust-changes"


def number(connection: Connection) -> int:
    """Return a number that grows whenever something here, or the list of revoked certificates, changes."""
    revoked = connection.execute(select(func.count()).where(tb.certificate.c.revoked_at.is_not(None))).scalar() or 0
    return int(revoked) + int(get_meta(connection, _CHANGES) or 0)


def accept(connection: Connection, pem: bytes, purpose: str) -> list[str]:
    """Accept the authorities in a PEM file for signers or for timestamps; return the names of those that are new. Raises BadInput."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        given = x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise BadInput(t("This is not a certificate.")) from error
    fresh = []
    for one in given:
        text = one.public_bytes(Encoding.PEM)
        mark = certificates.fingerprint(text)
        there = select(tb.anchor.c.pem).where(tb.anchor.c.fingerprint == mark, tb.anchor.c.purpose == purpose)
        if connection.execute(there).first() is None:
            connection.execute(insert(tb.anchor).values(fingerprint=mark, purpose=purpose, pem=text.decode(), added_at=now()))
            fresh.append(certificates.subject_of(text).name)
    if fresh:
        _changed(connection)
    return fresh


def drop(connection: Connection, fingerprint: str) -> bool:
    """Accept an authority no longer; return whether there was one."""
    done = connection.execute(tb.anchor.delete().where(tb.anchor.c.fingerprint == fingerprint.replace(" ", "").lower())).rowcount
    if done:
        _changed(connection)
    return bool(done)


def accepted(connection: Connection) -> list[tuple[str, str, str]]:
    """Return purpose, name and fingerprint of each further authority."""
    rows = connection.execute(select(tb.anchor).order_by(tb.anchor.c.purpose, tb.anchor.c.added_at)).all()
    return [(row.purpose, certificates.subject_of(row.pem.encode()).name, row.fingerprint) for row in rows]


def decide(connection: Connection, account: str, document: str, sha256: str, *, accepted: bool, remark: str) -> None:
    """Write down the secretariat's word on a revision that was signed with a revoked key and came late; it can be given anew.

    Raises AppError without a reason.
    """
    if not remark.strip():
        raise AppError(t("Write down why: how do you know when it was signed?"), kept=t("Nothing was changed."))
    values = {"document": document, "accepted": accepted, "account": account, "at": now(), "remark": remark.strip()}
    add_if_absent(connection, tb.word, sha256=sha256, **values)
    connection.execute(update(tb.word).where(tb.word.c.sha256 == sha256).values(**values))
    _changed(connection)


def word(connection: Connection, seen: dict[str, int] | None = None) -> Word:
    """Return what a verification needs to know; ``seen`` replaces the digests of all whose key was ever revoked."""
    rows = connection.execute(select(tb.anchor.c.purpose, tb.anchor.c.pem).order_by(tb.anchor.c.fingerprint)).all()
    authorities, stampers = ("".join(row.pem for row in rows if row.purpose == purpose).encode() for purpose in (SIGNERS, TIMESTAMPS))
    said = connection.execute(select(tb.word.c.sha256).where(tb.word.c.accepted).order_by(tb.word.c.sha256)).scalars().all()
    return Word(authorities, stampers, _seen(connection) if seen is None else seen, tuple(map(str, said)))


def _seen(connection: Connection) -> dict[str, int]:
    """Return when the revisions arrived here whose makers ever had a key revoked, by SHA-256."""
    accounts = select(tb.certificate.c.account).where(tb.certificate.c.revoked_at.is_not(None))
    devices = set(connection.execute(select(tb.device.c.id).where(tb.device.c.account.in_(accounts))).scalars())
    if not devices:
        return {}
    rows = connection.execute(select(tb.record.c.fields, tb.record.c.versions).where(tb.record.c.kind == Kind.REVISION.value)).all()
    places = {str(row.fields.get("sha256")): str(row.versions.get("") or "").split(".") for row in rows}
    mine = {sha: (place[0], int(place[1])) for sha, place in places.items()
            if len(place) == 3 and place[0] in devices and place[1].isdigit()}
    arrived = _arrivals(connection, mine.values())
    return {sha: arrived[place] for sha, place in mine.items() if place in arrived}


def _arrivals(connection: Connection, places: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int]:
    wanted = set(places)
    rows = connection.execute(select(tb.intent.c.device, tb.intent.c.counter, tb.intent.c.received_at).where(
        tb.intent.c.device.in_({device for device, _ in wanted}))).all()
    return {(row.device, int(row.counter)): int(row.received_at) for row in rows if (row.device, int(row.counter)) in wanted}


def _changed(connection: Connection) -> None:
    """Let devices ask anew, and have read anew what signed files were found to say: whom we trust has changed."""
    connection.execute(update(tb.result).values(state=AWAITING))
    connection.execute(update(tb.panel_result).values(state=AWAITING))
    put_meta(connection, _CHANGES, str(int(get_meta(connection, _CHANGES) or 0) + 1))
