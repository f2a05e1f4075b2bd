"""Who signs: this device's key, a person's own PKCS#12 file, a PKCS#11 token, or a service elsewhere, behind one interface.

``pyhanko_signer`` may return any of pyHanko's signers, also one that asks a token when its turn comes; a ``Remote`` (``remote.py``)
signs the whole document at its own place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from assessor_app import clock
from assessor_app.errors import AppError, BadInput, WrongKey
from assessor_app.i18n import t
from assessor_app.identity import certificates

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography import x509
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


@dataclass(frozen=True, slots=True)
class PKCS11:
    """A key on a token, by its driver, token and id; the token's PIN is asked for each signature."""

    driver: str
    token: str
    key: bytes
    certificate: bytes
    chain: tuple[bytes, ...] = ()
    pin: str = field(default="", repr=False)

    @staticmethod
    def find(driver: str) -> list[PKCS11]:
        """Return what can sign on the tokens of a driver; takes about a second. Raises AppError, BadInput."""
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import Encoding

        said = _token("certificates", driver)
        found: list[tuple[str, bytes, Any]] = []
        for token, key, der in said["found"]:
            try:
                found.append((token, key, x509.load_der_x509_certificate(der)))
            except ValueError:
                continue
        authorities = tuple(one.public_bytes(Encoding.PEM) for _, _, one in found if _is_authority(one))
        mine = [PKCS11(driver, token, key, one.public_bytes(Encoding.PEM), authorities) for token, key, one in found
                if not _is_authority(one)]
        if not mine:
            raise AppError(t("No certificate was found on the token."), hint=t("Plug it in, then look again."))
        return mine

    def with_pin(self, pin: str) -> PKCS11:
        """Return the same with the token's PIN for one signature."""
        return PKCS11(self.driver, self.token, self.key, self.certificate, self.chain, pin)

    def pyhanko_signer(self) -> Any:
        """Return pyHanko's signer, which asks the token."""
        return _asking(self, lambda data: bytes(_token("sign", self.driver, self.token, self.key, self.pin, data)["signature"]))


def _token(what: str, *values: Any) -> dict[str, Any]:
    """Ask a token in a process of its own. Raises AppError."""
    from importlib.util import find_spec

    from assessor_app import isolate

    if find_spec("pkcs11") is None:
        raise AppError(t("Signing with a token needs a part of the program that is not installed."), "python-pkcs11",
                       t("Install the program with its part for tokens."), t("The document is as it was."))
    try:
        said: dict[str, Any] = isolate.call(f"assessor_app.identity.tokens:{what}", *values, timeout_s=60)
    except BadInput as error:  # the driver took its process down
        raise AppError(t("The token's driver failed."), values[0], t("Choose another driver, or plug the token in again."),
                       t("The document is as it was.")) from error
    kept = t("The document is as it was.")
    match said.get("fault"):
        case None:
            return said
        case "pin":
            # no WrongKey: what asks for the device's PIN would go on trying, and a token locks after a few
            raise AppError(t("The PIN of the token is wrong."), t("Nothing was signed."), t("Few tries are left: type it with care."), kept)
        case "locked":
            raise AppError(t("The token is locked after wrong PINs."), hint=t("Its issuer unlocks it."), kept=kept)
        case "away":
            raise AppError(t("The token is not there."), hint=t("Plug it in, then look again."), kept=kept)
        case "key":
            raise AppError(t("The token holds no key for this certificate."), kept=kept)
        case _:
            raise AppError(t("The token or its driver answered nothing that could be read."), values[0],
                           t("Choose the driver that came with the token."), kept)


def _is_authority(certificate: x509.Certificate) -> bool:
    from cryptography import x509

    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except x509.ExtensionNotFound:
        return False


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


def _asking(signer: Signer, ask: Callable[[bytes], bytes]) -> Any:
    """Return pyHanko's signer that has each signature made elsewhere."""
    from pyhanko.sign.signers.pdf_cms import ExternalSigner

    class Asking(ExternalSigner):
        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
            return bytes(512) if dry_run else ask(data)

    certificate, store = _store(signer.certificate, signer.chain)
    return Asking(signing_cert=certificate, cert_registry=store, signature_value=bytes(512))


def _simple(key: Any, certificate: bytes, chain: tuple[bytes, ...]) -> Any:
    from asn1crypto.keys import PrivateKeyInfo
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from pyhanko.sign.signers import SimpleSigner

    own, store = _store(certificate, chain)
    info = PrivateKeyInfo.load(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
    return SimpleSigner(signing_cert=own, signing_key=info, cert_registry=store)


def _store(certificate: bytes, chain: tuple[bytes, ...]) -> tuple[Any, Any]:
    """Return a certificate as pyHanko reads it, and a store of those above it."""
    from asn1crypto.x509 import Certificate
    from cryptography.hazmat.primitives.serialization import Encoding
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    def der(pem: bytes) -> Certificate:
        return Certificate.load(certificates.load(pem).public_bytes(Encoding.DER))

    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    # Whoever checks has the root; a copy inside would only be bytes that no signature protects.
    store.register_multiple([der(pem) for pem in chain if not certificates.is_self_signed(pem)])
    return der(certificate), store
