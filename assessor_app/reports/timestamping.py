"""Timestamps (RFC 3161) and long-term data: another's word on when a signature was there, and what its check will need later."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from asn1crypto import cms, crl, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import InvisSigSettings
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import pdf_signer
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore

from assessor_app import clock
from assessor_app.errors import AppError
from assessor_app.i18n import t
from assessor_app.identity import certificates, stamping

#: Room for one token with its certificates, in bytes of hexadecimal digits: ours takes 2.9 kB, an outside one with a chain of RSA 12 kB.
#: Inside a signature there is less: what does not fit comes as a document timestamp.
ROOM: Final = 16_384
ROOM_INSIDE: Final = 8_192
#: How far the device's clock may stand from the authority's when it signs.
SLACK: Final = timedelta(minutes=10)


@dataclass(slots=True)
class Asked:
    """One question to a timestamping authority: ``ask`` sends a query and returns the reply, both DER, and raises AppError.

    Afterwards ``time`` is what the authority said, or ``fault`` why there is no timestamp: a signature does without.
    """

    ask: Callable[[bytes], bytes]
    room: int = ROOM_INSIDE
    time: datetime | None = None
    fault: AppError | None = None

    def stamper(self) -> TimeStamper:
        """Return it as pyHanko wants it."""
        return _Stamper(self)


class _Stamper(TimeStamper):
    """Asks once and never raises: where there is no answer, the signature has no timestamp."""

    def __init__(self, asked: Asked) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._asked = asked

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
        """Return the token, or None."""
        nonce, query = self.request_cms(message_digest, md_algorithm)  # type: ignore[no-untyped-call]
        try:
            token, self._asked.time = _token(self._asked.ask(query.dump()), nonce, message_digest, self._asked.room)
            return token
        except AppError as fault:
            self._asked.fault = fault
            return None


def _token(reply: bytes, nonce: int, digest: bytes, room: int) -> tuple[cms.ContentInfo, datetime]:
    """Return the token of a reply and its time; a token for another digest or question is none. Raises AppError."""
    try:
        status, token = stamping.reply(reply)
        if status not in stamping.GRANTED or token is None:
            raise _unusable(t("The timestamping authority refused."))
        info = token["content"]["encap_content_info"]["content"].parsed
        if info["nonce"].native != nonce or info["message_imprint"]["hashed_message"].native != digest:
            raise _unusable(t("The timestamping authority answered another question."))
        if len(token.dump()) * 2 > room:
            raise _unusable(t("The timestamp is too large."))
        return token, info["gen_time"].native.astimezone(UTC)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _unusable(t("The timestamping authority answered nothing that could be read.")) from error


def _unusable(title: str) -> AppError:
    return AppError(title, t("The document is signed without a timestamp."), t("It is tried again at the next sync."),
                    t("The signature itself is whole."))


@dataclass(frozen=True, slots=True)
class LongTerm:
    """What the check will need later: certificates (PEM) above and beside the signers', lists (PEM) of revoked ones."""

    certificates: Sequence[bytes] = field(default=())
    lists: Sequence[bytes] = field(default=())


def extend(pdf: bytes, ask: Callable[[bytes], bytes], known: LongTerm) -> bytes:
    """Return the document with long-term data and a document timestamp over all of it; it begins with the bytes given.

    Takes 0.1 s and one question to the authority.

    Raises:
        AppError: no timestamp was to be had, or the document cannot be read; nothing is lost.
    """
    from assessor_app.reports.signing import Increment, beside_loops

    asked = Asked(ask, ROOM)

    def work() -> bytes:
        writer = Increment(io.BytesIO(pdf))
        DocumentSecurityStore.supply_dss_in_writer(
            writer, None, certs=[*_inside(writer), *map(_certificate, known.certificates)], crls=[_list(pem) for pem in known.lists])
        out = io.BytesIO()
        # beyond the page: PDF/UA lets a mark without a place there stand outside the structure
        maker = pdf_signer.PdfTimeStamper(_Insistent(asked), invis_settings=InvisSigSettings(
            set_print_flag=True, set_hidden_flag=False, box_out_of_bounds=True), readable_field_name=t("Timestamp"))
        maker.timestamp_pdf(writer, "sha256", bytes_reserved=ROOM, output=out)
        return out.getvalue()

    try:
        stamped = beside_loops(work)
    except _NoTime:
        assert asked.fault is not None
        raise asked.fault from None
    except (SigningError, PdfError, ValueError, KeyError) as error:
        raise _unusable(t("The document could not be timestamped.")) from error
    if not stamped.startswith(pdf):
        raise _unusable(t("The document could not be timestamped."))
    return stamped


class _NoTime(Exception):
    """The authority gave no token: a document timestamp cannot do without."""


class _Insistent(_Stamper):
    """Breaks off where there is no answer."""

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
        """Return the token. Raises _NoTime."""
        token = await super().async_timestamp(message_digest, md_algorithm)
        if token is None:
            raise _NoTime
        return token


def check_clock(asked: Asked, claimed: datetime) -> None:
    """Stop where the authority's time shows that this computer's clock is wrong. Raises AppError."""
    if asked.time is not None and abs(asked.time - claimed) > SLACK:
        raise AppError(t("The clock of this computer is wrong."),
                       t("It shows {0}; the timestamping authority says {1}.").format(_said(claimed), _said(asked.time)),
                       t("Set date and time, then sign."), t("Nothing was signed, nothing is lost."))


def _said(moment: datetime) -> str:
    from assessor_app import formats

    here = moment.astimezone(clock.here().tzinfo)
    return formats.date_time(here, here.tzname() or "")


def _inside(writer: IncrementalPdfFileWriter) -> list[x509.Certificate]:
    """Return the certificates that the signatures carry."""
    found = []
    for signature in writer.prev.embedded_signatures:
        found += [signature.signer_cert, *signature.other_embedded_certs]
    return found


def _certificate(pem: bytes) -> x509.Certificate:
    from cryptography.hazmat.primitives.serialization import Encoding

    return x509.Certificate.load(certificates.load(pem).public_bytes(Encoding.DER))


def _list(pem: bytes) -> crl.CertificateList:
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509 import load_pem_x509_crl

    return crl.CertificateList.load(load_pem_x509_crl(pem).public_bytes(Encoding.DER))
