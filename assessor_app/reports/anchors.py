"""Whom a verification trusts: the pinned root, keys certified later, further authorities, and what a revocation leaves standing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from assessor_app.errors import BadInput
from assessor_app.reports.status import Trust, Word

_TIME_STAMPING: Final = "1.3.6.1.5.5.7.3.8"


class Anchors:
    """Whom the caller trusts, read once."""

    def __init__(self, root_pem: bytes | None, known: Sequence[bytes], crl: bytes | None, word: Word) -> None:
        """Read what is given. Raises BadInput where it is no certificate or list: the caller's mistake, not the file's."""
        from cryptography import x509

        try:
            given = x509.load_pem_x509_certificates(root_pem) if root_pem else []
            given += [x509.load_pem_x509_certificate(pem) for pem in known]
            listed = x509.load_pem_x509_crl(crl) if crl else None
            further = x509.load_pem_x509_certificates(word.authorities) if word.authorities else []
            stampers = x509.load_pem_x509_certificates(word.stampers) if word.stampers else []
        except ValueError as error:
            raise BadInput("root") from error
        self._issuers = [one for one in given if _is_authority(one)]
        self.revoked = {entry.serial_number: entry.revocation_date_utc for entry in listed or ()}
        self.roots = [asn1(one) for one in self._issuers]
        self.further = [asn1(one) for one in further]
        self.stampers = [*self.roots, *map(asn1, stampers)]
        self.word = word
        self._vouchers: dict[bytes, Any] = {}
        self.vouch(one for one in given if not _is_authority(one))

    def vouch(self, certificates: Iterable[Any]) -> None:
        """Take further certificates as vouching for their keys, where the pinned root issued them."""
        for one in certificates:
            if not _is_authority(one) and self.issued(one):
                self._vouchers.setdefault(key_of(one), one)

    def issued(self, certificate: Any) -> bool:
        """Tell whether the pinned root issued a certificate, whatever its time and revocation."""
        from cryptography.exceptions import InvalidSignature

        for root in self._issuers:
            try:
                certificate.verify_directly_issued_by(root)
            except (ValueError, TypeError, InvalidSignature):
                continue
            return True
        return False

    def voucher(self, certificate: Any) -> Any:
        """Return the pinned root's certificate of the same key, or None."""
        return self._vouchers.get(key_of(certificate))

    def revoked_at(self, *certificates: Any) -> datetime | None:
        """Return when the first of these certificates was revoked, or None."""
        moments = [self.revoked[one.serial_number] for one in certificates if one is not None and one.serial_number in self.revoked]
        return min(moments, default=None)

    def context(self, moment: datetime, roots: Sequence[Any] | None = None) -> Any:
        """Return pyHanko's context of a moment, over these roots (default: the pinned one)."""
        from pyhanko_certvalidator import ValidationContext

        return ValidationContext(trust_roots=list(self.roots if roots is None else roots), allow_fetching=False, moment=moment,
                                 best_signature_time=moment)

    def trust(self, one: Any, certificate: Any, moment: datetime, proof: datetime | None, digests: Iterable[str]) -> Trust:
        """Return who vouches for a signature.

        Args:
            one: pyHanko's embedded signature.
            moment: when the certificate must hold: what was proved, otherwise what the device claims.
            proof: by when a timestamp or the centre had the signature; no claim of the device.
            digests: SHA-256 of the revisions that hold this signature.
        """
        voucher = self.voucher(certificate)
        trust = Trust.UNKNOWN
        if _stamps_only(certificate):
            return trust
        if self._leads(one, certificate, moment, self.roots):
            trust = Trust.CERTIFIED
        elif self._leads(one, certificate, moment, self.further):
            trust = Trust.OUTSIDE
        elif voucher is not None and certificate.not_valid_before_utc <= moment <= min(
                certificate.not_valid_after_utc, voucher.not_valid_after_utc):
            trust = Trust.LATER
        elif self.issued(certificate) or voucher is not None:
            return Trust.EXPIRED
        revoked = self.revoked_at(certificate, voucher if trust is Trust.LATER else None)
        if revoked is None or (proof is not None and proof < revoked):
            return trust
        return Trust.VOUCHED if set(digests) & set(self.word.accepted) else Trust.REVOKED

    def _leads(self, one: Any, certificate: Any, moment: datetime, roots: Sequence[Any]) -> bool:
        """Tell whether a signer's certificate leads to one of these roots at a moment."""
        import asyncio

        from pyhanko_certvalidator import CertificateValidator
        from pyhanko_certvalidator.errors import InvalidCertificateError, PathBuildingError, PathValidationError

        if not roots:
            return False
        validator = CertificateValidator(asn1(certificate), intermediate_certs=one.other_embedded_certs,
                                         validation_context=self.context(moment, roots))
        try:
            asyncio.run(validator.async_validate_usage(set()))  # type: ignore[no-untyped-call]
        except (InvalidCertificateError, PathBuildingError, PathValidationError):
            return False
        return True


def key_of(certificate: Any) -> bytes:
    """Return a certificate's public key (DER)."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key: bytes = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return key


def asn1(certificate: Any) -> Any:
    """Return a certificate as pyHanko reads it."""
    from asn1crypto.x509 import Certificate
    from cryptography.hazmat.primitives.serialization import Encoding

    return Certificate.load(certificate.public_bytes(Encoding.DER))


def common_name(name: Any) -> str:
    """Return the common name in a certificate's subject or issuer, or nothing."""
    from cryptography.x509.oid import NameOID

    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else ""


def seen_by(word: Word, digests: Iterable[str]) -> datetime | None:
    """Return when the centre first had one of these revisions, or None."""
    moments = [word.seen[digest] for digest in digests if digest in word.seen]
    return datetime.fromtimestamp(min(moments) / 1000, UTC) if moments else None


def _is_authority(certificate: Any) -> bool:
    from cryptography import x509

    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except (x509.ExtensionNotFound, ValueError):
        return False


def _stamps_only(certificate: Any) -> bool:
    """Tell whether a certificate is good for timestamps alone: it names no signer."""
    from cryptography import x509

    try:
        usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    return {usage.dotted_string for usage in usages} == {_TIME_STAMPING}
