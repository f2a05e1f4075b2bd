"""Who signs: this device's key or a person's own PKCS#12 file, behind one interface.

A PKCS#11 token and a remote signer (BSrE) fit behind the same one: ``pyhanko_signer`` may return any of pyHanko's
signers, also one that asks a token or a server when its turn comes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from assessor_app import clock
from assessor_app.errors import AppError, BadInput, WrongKey
from assessor_app.i18n import t
from assessor_app.identity import certificates

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey


class Signer(Protocol):
    """One that can sign a PDF."""

    @property
    def certificate(self) -> bytes:
        """Return the signer's certificate (PEM)."""

    @property
    def chain(self) -> tuple[bytes, ...]:
        """Return the certificates above it (PEM), as far as known."""

    def pyhanko_signer(self) -> Any:
        """Return a ``pyhanko.sign.signers.Signer``; may take a second, may ask the person, may raise AppError."""


@dataclass(frozen=True, slots=True)
class LocalKey:
    """This device's key, unlocked for one signature, with its certificate (the server's or its own)."""

    key: EllipticCurvePrivateKey = field(repr=False)
    certificate: bytes
    chain: tuple[bytes, ...] = ()

    def pyhanko_signer(self) -> Any:
        """Return pyHanko's signer."""
        return _simple(self.key, self.certificate, self.chain)


@dataclass(frozen=True, slots=True)
class PKCS12:
    """A key and certificate that a person keeps in a file of his own."""

    key: Any = field(repr=False)
    certificate: bytes
    chain: tuple[bytes, ...] = ()

    @staticmethod
    def load(data: bytes, password: str) -> PKCS12:
        """Read a ``.p12`` or ``.pfx`` file of at most 1 MB.

        Raises:
            WrongKey: the password is wrong.
            BadInput: not such a file, no key or certificate in it, or a kind of key that PDF readers do not know.
        """
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric import ec, rsa
        from cryptography.hazmat.primitives.serialization import Encoding
        from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates

        if not data.startswith(b"\x30") or len(data) > 1 << 20:
            raise BadInput(t("This file is not a PKCS#12 file (.p12, .pfx)."))
        try:
            key, certificate, others = load_key_and_certificates(data, password.encode())
        except ValueError as error:
            if "password" in str(error).lower() or "mac" in str(error).lower():
                raise WrongKey(t("The password of the certificate file is wrong."), t("Nothing was signed."),
                               t("Try again."), t("The document is as it was.")) from error
            raise BadInput(t("This file is not a PKCS#12 file (.p12, .pfx).")) from error
        except UnsupportedAlgorithm as error:
            raise BadInput(t("The key in the certificate file is of a kind that PDF readers do not know.")) from error
        if key is None or certificate is None:
            raise BadInput(t("The file holds no key with its certificate."))
        if not ((isinstance(key, rsa.RSAPrivateKey) and key.key_size >= 2048)
                or (isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in {"secp256r1", "secp384r1", "secp521r1"})):
            raise BadInput(t("The key in the certificate file is of a kind that PDF readers do not know."))
        return PKCS12(key, certificate.public_bytes(Encoding.PEM), tuple(c.public_bytes(Encoding.PEM) for c in others))

    def pyhanko_signer(self) -> Any:
        """Return pyHanko's signer."""
        return _simple(self.key, self.certificate, self.chain)


def name_of(signer: Signer) -> str:
    """Return the signer's name as the certificate has it."""
    return certificates.subject_of(signer.certificate).name


def check_time(signer: Signer) -> None:
    """Stop a signature whose time could not be believed. Raise AppError."""
    certificate, now = certificates.load(signer.certificate), clock.now()
    if now < certificate.not_valid_before_utc:
        raise AppError(
            t("The clock of this computer stands before the start of the certificate."),
            t("Nothing was signed."), t("Set the clock, then sign again."), t("The document is as it was."))
    if now > certificate.not_valid_after_utc:
        raise AppError(t("The certificate has expired."), t("Nothing was signed."),
                       t("Check the clock; a connected device gets a new certificate."), t("The document is as it was."))


def _simple(key: Any, certificate: bytes, chain: tuple[bytes, ...]) -> Any:
    from asn1crypto.keys import PrivateKeyInfo
    from asn1crypto.x509 import Certificate
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from pyhanko.sign.signers import SimpleSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    def der(pem: bytes) -> Certificate:
        return Certificate.load(certificates.load(pem).public_bytes(Encoding.DER))

    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    # Whoever checks has the root; a copy inside would only be bytes that no signature protects.
    store.register_multiple([der(pem) for pem in chain if not certificates.is_self_signed(pem)])
    info = PrivateKeyInfo.load(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
    return SimpleSigner(signing_cert=der(certificate), signing_key=info, cert_registry=store)
