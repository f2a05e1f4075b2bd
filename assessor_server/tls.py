"""The server's own TLS certificate, pinned by the fingerprint in invitations; a certificate of an authority may replace it."""

from __future__ import annotations

import ipaddress
import os
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from assessor_app import clock
from assessor_app.identity import certificates

DAYS = 3650


def certificate_file(folder: Path) -> Path:
    """Return where the TLS certificate (PEM) lies."""
    return folder / "tls.pem"


def key_file(folder: Path) -> Path:
    """Return where the TLS key (PEM) lies."""
    return folder / "tls.key"


def make(folder: Path, host: str) -> None:
    """Make a self-signed certificate for ``host`` and this machine, unless there is one."""
    if certificate_file(folder).exists():
        return
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    names: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    try:
        names.append(x509.IPAddress(ipaddress.ip_address(host)))
    except ValueError:
        names.append(x509.DNSName(host))
    now = clock.now()
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
                   .not_valid_after(now + timedelta(days=DAYS)).add_extension(x509.SubjectAlternativeName(names), critical=False)
                   .sign(key, SHA256()))
    key_bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    handle = os.open(key_file(folder), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as f:
        f.write(key_bytes)
    certificate_file(folder).write_bytes(certificate.public_bytes(Encoding.PEM))


def fingerprint(folder: Path) -> str:
    """Return the SHA-256 of the TLS certificate as hex."""
    return certificates.fingerprint(certificate_file(folder).read_bytes())


def is_own(folder: Path) -> bool:
    """Tell whether the certificate is self-signed, so that invitations must pin it."""
    return certificates.is_self_signed(certificate_file(folder).read_bytes())
