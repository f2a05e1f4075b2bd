"""The server's small certificate authority: it certifies a device's key when the device enrols."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, update

from assessor_app.identity import certificates
from assessor_server import tables as tb
from assessor_server.store import add_if_absent, now

VALID_DAYS = 730


def make(connection: Connection, name: str) -> None:
    """Make the authority where there is none."""
    if connection.execute(select(tb.secret.c.name).where(tb.secret.c.name == "root")).first() is None:
        key, root = certificates.make_root(name)
        add_if_absent(connection, tb.secret, name="root_key", value=key)
        add_if_absent(connection, tb.secret, name="root", value=root)


def root(connection: Connection) -> bytes:
    """Return the root certificate (PEM)."""
    return bytes(connection.execute(select(tb.secret.c.value).where(tb.secret.c.name == "root")).scalar_one())


def stamping(connection: Connection) -> tuple[bytes, bytes]:
    """Return key and certificate (PEM) of a new timestamping authority under this one."""
    key, own = (bytes(connection.execute(select(tb.secret.c.value).where(tb.secret.c.name == name)).scalar_one())
                for name in ("root_key", "root"))
    return certificates.make_stamping(f"{certificates.subject_of(own).name} – Penanda Waktu", key, own)


def certify(connection: Connection, request: bytes, account: str, device: str, name: str, institution: str) -> bytes:
    """Certify a device's key for its account and return the certificate (PEM)."""
    key = bytes(connection.execute(select(tb.secret.c.value).where(tb.secret.c.name == "root_key")).scalar_one())
    pem = certificates.certify(request, key, root(connection), days=VALID_DAYS, subject=certificates.Subject(name, institution, account))
    serial = str(certificates.load(pem).serial_number)
    connection.execute(insert(tb.certificate).values(serial=serial, account=account, device=device, pem=pem.decode(), issued_at=now()))
    return pem


def revocations(connection: Connection) -> bytes:
    """Return the list of revoked certificates (PEM)."""
    key = bytes(connection.execute(select(tb.secret.c.value).where(tb.secret.c.name == "root_key")).scalar_one())
    rows = connection.execute(select(tb.certificate).where(tb.certificate.c.revoked_at.is_not(None))).all()
    revoked = [(int(row.serial), datetime.fromtimestamp(row.revoked_at / 1000, UTC)) for row in rows]
    return certificates.make_crl(key, root(connection), revoked, number=now())


def revoke(connection: Connection, device: str) -> int:
    """Revoke the certificates of a device and return how many that were."""
    return connection.execute(update(tb.certificate).where(
        tb.certificate.c.device == device, tb.certificate.c.revoked_at.is_(None)).values(revoked_at=now())).rowcount


def vouchers(connection: Connection, account: str) -> list[bytes]:
    """Return the certificates (PEM) of an account's devices: they vouch for keys that signed before they were certified."""
    rows = connection.execute(select(tb.certificate.c.pem).where(tb.certificate.c.account == account).order_by(tb.certificate.c.serial))
    return [str(pem).encode() for pem in rows.scalars()]
