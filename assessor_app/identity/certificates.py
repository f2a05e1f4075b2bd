"""Certificates: the device's own until it is enrolled, its request, and the server's small authority."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from assessor_app import clock
from assessor_app.errors import BadInput
from assessor_app.i18n import t

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey

#: Document signing (RFC 9336): a certificate of ours is good for nothing else.
_DOCUMENT_SIGNING: Final = "1.3.6.1.5.5.7.3.36"
_TIME_STAMPING: Final = "1.3.6.1.5.5.7.3.8"
_LONGEST: Final = 64  # X.520's upper bound of a name, in octets of UTF-8 as cryptography counts


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a certificate names: full name with titles, institution, account id."""

    name: str
    institution: str
    account: str


def self_signed(key: EllipticCurvePrivateKey, subject: Subject, *, days: int = 1826) -> bytes:
    """Return the device's first certificate (PEM), vouched for by nobody and shown as such."""
    from cryptography.hazmat.primitives.hashes import SHA256

    name = _name(subject)
    return _pem(_leaf(name, name, key.public_key(), key.public_key(), days).sign(key, SHA256()))


def request(key: EllipticCurvePrivateKey, subject: Subject) -> bytes:
    """Return a certificate request (PEM) for the server."""
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding

    return x509.CertificateSigningRequestBuilder().subject_name(_name(subject)).sign(key, SHA256()).public_bytes(Encoding.PEM)


def make_root(name: str, *, days: int = 7305) -> tuple[bytes, bytes]:
    """Return the key (PKCS#8 PEM, not encrypted: the server guards it) and certificate (PEM) of a new authority."""
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from cryptography.x509.oid import NameOID

    from assessor_app.identity.keys import new_key

    key = new_key()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _fitted(name))])
    now = clock.now()
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), _pem(certificate)


def certify(request_pem: bytes, root_key: bytes, root: bytes, *, days: int, subject: Subject | None = None) -> bytes:
    """Return the certificate (PEM) of a device's key.

    ``subject`` is what the server knows of the account; the names in the request are used only without it. It begins
    where the authority does, so that what a device signed before it was enrolled can be vouched for later.

    Raises:
        BadInput: not a request, not signed by its own key, or not a P-256 key.
    """
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        wanted = x509.load_pem_x509_csr(request_pem)
        sound = wanted.is_signature_valid
        public = wanted.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadInput(t("This is not a certificate request.")) from error
    if not sound or not isinstance(public, ec.EllipticCurvePublicKey) or public.curve.name != "secp256r1":
        raise BadInput(t("The certificate request is not signed by a key of the kind that devices make."))
    issuer, key = x509.load_pem_x509_certificate(root), _authority_key(root_key)
    builder = _leaf(_name(subject) if subject else wanted.subject, issuer.subject, public, key.public_key(), days,
                    begins=issuer.not_valid_before_utc, ends_by=issuer.not_valid_after_utc)
    return _pem(builder.sign(key, SHA256()))


def make_stamping(name: str, root_key: bytes, root: bytes, *, days: int = 5478) -> tuple[bytes, bytes]:
    """Return key (PKCS#8 PEM) and certificate (PEM) of a timestamping authority: good for timestamps alone (RFC 3161, 2.3)."""
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from cryptography.x509.oid import NameOID

    from assessor_app.identity.keys import new_key

    key, issuer, issuer_key = new_key(), x509.load_pem_x509_certificate(root), _authority_key(root_key)
    now = clock.now()
    subject = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "ID"), x509.NameAttribute(NameOID.COMMON_NAME, _fitted(name))])
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer.subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(max(now - timedelta(days=1), issuer.not_valid_before_utc))
        .not_valid_after(min(now + timedelta(days=days), issuer.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([x509.ObjectIdentifier(_TIME_STAMPING)]), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .sign(issuer_key, SHA256())
    )
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), _pem(certificate)


def make_crl(root_key: bytes, root: bytes, revoked: Iterable[tuple[int, datetime]], *, number: int, days: int = 30) -> bytes:
    """Return the list (PEM) of revoked certificates: serial numbers and the moments of their revocation."""
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding

    issuer, key, now = x509.load_pem_x509_certificate(root), _authority_key(root_key), clock.now()
    builder = (
        x509.CertificateRevocationListBuilder().issuer_name(issuer.subject).last_update(now)
        .next_update(now + timedelta(days=days)).add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
    )
    for serial, at in revoked:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at).build())
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM)


def fingerprint(certificate: bytes) -> str:
    """Return the SHA-256 of a certificate (PEM or DER) as 64 hex digits."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return hashlib.sha256(load(certificate).public_bytes(Encoding.DER)).hexdigest()


def spoken_fingerprint(certificate: bytes) -> str:
    """Return the fingerprint in groups of four for comparing aloud."""
    digits = fingerprint(certificate).upper()
    return " ".join(digits[i : i + 4] for i in range(0, len(digits), 4))


def load(certificate: bytes) -> x509.Certificate:
    """Return a certificate from PEM or DER. Raise BadInput."""
    from cryptography import x509

    try:
        if b"-----BEGIN" in certificate:
            return x509.load_pem_x509_certificate(certificate)
        return x509.load_der_x509_certificate(certificate)
    except ValueError as error:
        raise BadInput(t("This is not a certificate.")) from error


def subject_of(certificate: bytes) -> Subject:
    """Return whom a certificate names; empty texts where it does not say."""
    from cryptography.x509.oid import NameOID

    name = load(certificate).subject

    def one(oid: x509.ObjectIdentifier) -> str:
        found = name.get_attributes_for_oid(oid)
        return str(found[0].value) if found else ""

    return Subject(one(NameOID.COMMON_NAME), one(NameOID.ORGANIZATION_NAME), one(NameOID.SERIAL_NUMBER))


def issuer_of(certificate: bytes) -> str:
    """Return the common name of who certified, or nothing."""
    from cryptography.x509.oid import NameOID

    found = load(certificate).issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else ""


def is_self_signed(certificate: bytes) -> bool:
    """Return whether nobody but its own key vouches for a certificate."""
    loaded = load(certificate)
    return loaded.subject == loaded.issuer


def valid_from(certificate: bytes) -> datetime:
    """Return the moment (UTC) from which a certificate holds."""
    return load(certificate).not_valid_before_utc.astimezone(UTC)


def _leaf(subject: x509.Name, issuer: x509.Name, public: EllipticCurvePublicKey, issuer_key: EllipticCurvePublicKey,
          days: int, begins: datetime | None = None, ends_by: datetime | None = None) -> x509.CertificateBuilder:
    from cryptography import x509

    now = clock.now()
    ends = now + timedelta(days=days)
    return (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins or now).not_valid_after(min(ends, ends_by) if ends_by else ends)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([x509.ObjectIdentifier(_DOCUMENT_SIGNING)]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not authority, content_commitment=not authority, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=authority, crl_sign=authority,
        encipher_only=False, decipher_only=False)


def _name(subject: Subject) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    parts = [(NameOID.COUNTRY_NAME, "ID"), (NameOID.ORGANIZATION_NAME, subject.institution),
             (NameOID.COMMON_NAME, subject.name), (NameOID.SERIAL_NUMBER, subject.account)]
    return x509.Name([x509.NameAttribute(oid, _fitted(text)) for oid, text in parts if text.strip()])


def _fitted(text: str) -> str:
    clean = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if len(clean.encode()) <= _LONGEST:
        return clean
    return clean.encode()[: _LONGEST - 3].decode(errors="ignore").rstrip(" ,.") + "…"


def _authority_key(pem: bytes) -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key(pem, None)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise BadInput(t("This is not the key of the authority."))
    return key


def _pem(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM)
