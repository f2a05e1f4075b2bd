"""Is a document as it was signed? Four answers shown apart (intact, valid, trusted, as recorded), and their sum.

PDF readers say "valid" after a page was replaced by an increment and for an impostor of the same name; pyHanko's own
sum stays true for a changed title, trailing bytes and a cut back to an earlier revision. What is checked here beyond
both: the pinned root, the expected fields, the end of the file, title and author, the zeros after each signature.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from assessor_app.errors import BadInput

for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)  # their faults carry names


class Trust(StrEnum):
    """Who vouches for a signer."""

    CERTIFIED = "certified"  # the certificate chains to the pinned root
    LATER = "certified_later"  # the same key was certified after this signature's certificate was made
    NAMED = "named"  # its fingerprint stands in data that a certified signature covers
    REVOKED = "revoked"
    UNKNOWN = "unknown"


class Problem(StrEnum):
    """Why a document is not as signed; stable codes, worded by ``workflow``."""

    NOT_A_PDF = "not_a_pdf"
    UNREADABLE = "unreadable"
    ENCRYPTED = "encrypted"
    NO_SIGNATURE = "no_signature"
    NOT_OURS = "not_ours"
    MISSING_SIGNATURE = "missing_signature"
    CHANGED = "changed"
    NOT_TRUSTED = "not_trusted"
    MORE_AFTER = "more_after"
    TITLE_CHANGED = "title_changed"
    PADDING = "padding"
    NOT_AS_RECORDED = "not_as_recorded"


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One signature. ``claimed_time`` is the signing device's own claim; ``timestamp`` is another's word, or None."""

    field: str
    signer: str
    intact: bool
    valid: bool
    trusted: bool
    trust: Trust
    claimed_time: datetime | None
    timestamp: datetime | None
    fingerprint: str  # SHA-256 of the certificate
    self_signed: bool

    def to_json(self) -> dict[str, Any]:
        """Return the wire form."""
        return {
            "field": self.field, "signer": self.signer, "intact": self.intact, "valid": self.valid,
            "trusted": self.trusted, "trust": self.trust.value, "claimed_time": _iso(self.claimed_time),
            "timestamp": _iso(self.timestamp), "certificate_sha256": self.fingerprint, "self_signed": self.self_signed,
        }


@dataclass(frozen=True, slots=True)
class SignatureStatus:
    """What was found; ``as_recorded`` is None where the program holds no record of the file."""

    sha256: str
    signatures: tuple[SignatureLine, ...] = ()
    covers_whole_file: bool = False
    as_recorded: bool | None = None
    as_signed: bool = False
    problems: tuple[Problem, ...] = ()
    expected: tuple[str, ...] = ()
    data_sha256: str = ""
    data: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return what ``asesor verify --json`` prints."""
        return {
            "signatures": [line.to_json() for line in self.signatures],
            "covers_whole_file": self.covers_whole_file, "as_recorded": self.as_recorded, "as_signed": self.as_signed,
            "problems": [problem.value for problem in self.problems], "expected_signatures": list(self.expected),
            "sha256": self.sha256, "data_sha256": self.data_sha256,
        }

    @staticmethod
    def from_json(raw: dict[str, Any]) -> SignatureStatus:
        """Read the wire form, as it comes back from a process of its own."""
        def moment(text: str | None) -> datetime | None:
            return datetime.fromisoformat(text) if text else None

        lines = tuple(SignatureLine(
            line["field"], line["signer"], line["intact"], line["valid"], line["trusted"], Trust(line["trust"]),
            moment(line["claimed_time"]), moment(line["timestamp"]), line["certificate_sha256"], line["self_signed"],
        ) for line in raw["signatures"])
        return SignatureStatus(
            raw["sha256"], lines, raw["covers_whole_file"], raw["as_recorded"], raw["as_signed"],
            tuple(Problem(code) for code in raw["problems"]), tuple(raw["expected_signatures"]), raw["data_sha256"])


def verify(pdf: bytes, root_pem: bytes | None, recorded_sha256: str | None = None, *, known: Sequence[bytes] = (),
           crl: bytes | None = None) -> SignatureStatus:
    """Return what can be said of a file; never raises for what is in it.

    A document is as signed when every expected field is signed; each signature is intact, valid and vouched for by the
    pinned root; the last signature or timestamp covers the whole file; title and author are those first signed; and the
    file is the recorded one, where there is a record.

    Args:
        root_pem: the pinned root; further PEM certificates in it are taken as roots where they are authorities, and as
            ``known`` where not. None trusts nobody.
        recorded_sha256: the revision's SHA-256 as the program recorded it; None where it holds no record.
        known: certificates (PEM) that vouch for keys which signed before they were certified.
        crl: the authority's list (PEM) of revoked certificates.

    Raises:
        BadInput: the root or the list is no certificate (the caller's mistake, not the file's).
    """
    digest = hashlib.sha256(pdf).hexdigest()
    recorded = None if recorded_sha256 is None else digest == recorded_sha256.strip().lower()
    anchors = _Anchors(root_pem, known, crl)

    def refused(problem: Problem) -> SignatureStatus:
        problems = (problem, Problem.NOT_AS_RECORDED) if recorded is False else (problem,)
        return SignatureStatus(digest, as_recorded=recorded, problems=problems)

    if b"%PDF-" not in pdf[:1024]:
        return refused(Problem.NOT_A_PDF)
    try:
        return _examine(pdf, digest, recorded, anchors, refused)
    except RecursionError:
        return refused(Problem.UNREADABLE)
    except Exception as fault:
        logging.getLogger(__name__).info("verify: %s", type(fault).__name__)
        return refused(Problem.UNREADABLE)


def verify_as_json(pdf: bytes, root_pem: bytes | None = None, recorded_sha256: str | None = None,
                   known: Sequence[bytes] = (), crl: bytes | None = None) -> dict[str, Any]:
    """Do the same and return the wire form, for ``isolate.call``."""
    return verify(pdf, root_pem, recorded_sha256, known=known, crl=crl).to_json()


def verify_and_read(pdf: bytes, root_pem: bytes | None, recorded_sha256: str, known: Sequence[bytes], crl: bytes | None) -> dict[str, Any]:
    """Do the same and return beside it, as ``data``, what the signed file holds."""
    status = verify(pdf, root_pem, recorded_sha256, known=known, crl=crl)
    return {**status.to_json(), "data": status.data}


def _examine(pdf: bytes, digest: str, recorded: bool | None, anchors: _Anchors,
             refused: Callable[[Problem], SignatureStatus]) -> SignatureStatus:
    from pyhanko.pdf_utils.reader import PdfFileReader

    from assessor_app.reports.embedded import data_of

    reader = PdfFileReader(io.BytesIO(pdf), strict=False)
    if reader.encrypted:
        return refused(Problem.ENCRYPTED)
    every = list(reader.embedded_signatures)
    regular = [one for one in every if str(one.sig_object.get("/Type", "/Sig")) == "/Sig"]
    if not regular:
        return refused(Problem.NO_SIGNATURE)
    regular.sort(key=_end)
    last = max(every, key=_end)
    first_revision = reader.get_historical_root(regular[0].signed_revision)
    data = data_of(first_revision)
    content = _content(data)
    expected = tuple(str(name) for name in content.get("expected_signatures", ()))
    problems: list[Problem] = [] if content else [Problem.NOT_OURS]

    names = _named(content)
    lines: list[SignatureLine] = []
    for one in regular:
        line, sound = _line(one, anchors)
        if not sound:
            problems.append(Problem.CHANGED)
        if not _padded(pdf, one.byte_range):
            problems.append(Problem.PADDING)
        lines.append(line)
    vouched = any(line.trusted and line.intact and line.valid for line in lines)
    lines = [_named_line(line, names) if vouched and line.trust is Trust.UNKNOWN else line for line in lines]
    if any(line.trust not in {Trust.CERTIFIED, Trust.LATER, Trust.NAMED} for line in lines) or not vouched:
        problems.append(Problem.NOT_TRUSTED)
    for one in every:
        if one not in regular and not _timestamp_sound(one, anchors):
            problems.append(Problem.CHANGED)
    if set(expected) - {line.field for line in lines}:
        problems.append(Problem.MISSING_SIGNATURE)
    whole = _covers(pdf, last.byte_range)
    if not whole:
        problems.append(Problem.MORE_AFTER)
    if _described(reader, regular[0].signed_revision) != _described(reader, reader.total_revisions - 1):
        problems.append(Problem.TITLE_CHANGED)
    if data_of(reader.root) != data:
        problems.append(Problem.CHANGED)
    if recorded is False:
        problems.append(Problem.NOT_AS_RECORDED)
    return SignatureStatus(
        digest, tuple(lines), whole, recorded, not problems, tuple(dict.fromkeys(problems)), expected,
        hashlib.sha256(data).hexdigest() if data else "", content)


class _Anchors:
    """Whom the caller trusts, read once."""

    def __init__(self, root_pem: bytes | None, known: Sequence[bytes], crl: bytes | None) -> None:
        from cryptography import x509

        try:
            given = x509.load_pem_x509_certificates(root_pem) if root_pem else []
            given += [x509.load_pem_x509_certificate(pem) for pem in known]
            self.revoked = {entry.serial_number: entry.revocation_date_utc for entry in x509.load_pem_x509_crl(crl)} if crl else {}
        except ValueError as error:
            raise BadInput("root") from error
        roots = [one for one in given if _is_authority(one)]
        self.roots = [_asn1(one) for one in roots]
        self._issuers = roots
        self.keys = {_key_of(one) for one in given if not _is_authority(one) and self._issued(one)}

    def _issued(self, certificate: Any) -> bool:
        from cryptography.exceptions import InvalidSignature

        for root in self._issuers:
            try:
                certificate.verify_directly_issued_by(root)
            except (ValueError, TypeError, InvalidSignature):
                continue
            return certificate.serial_number not in self.revoked
        return False

    def context(self, moment: datetime) -> Any:
        from pyhanko_certvalidator import ValidationContext

        return ValidationContext(trust_roots=self.roots, allow_fetching=False, moment=moment, best_signature_time=moment)


def _line(one: Any, anchors: _Anchors) -> tuple[SignatureLine, bool]:
    """Return a signature's line, and whether the document was left alone after it as far as its rules ask."""
    from cryptography import x509
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.settings import KeyUsageConstraints

    certificate = x509.load_der_x509_certificate(one.signer_cert.dump())
    claimed = one.self_reported_timestamp
    claimed = claimed.astimezone(UTC) if claimed and claimed.tzinfo else claimed.replace(tzinfo=UTC) if claimed else None
    # Without a timestamp the claim is all there is: the chain is judged for that moment, and the claim is shown as one.
    moment = claimed or datetime.now(UTC)
    status = validate_pdf_signature(
        one, signer_validation_context=anchors.context(moment), ts_validation_context=anchors.context(moment),
        key_usage_settings=KeyUsageConstraints(key_usage=set()))
    trust = Trust.UNKNOWN
    if status.trusted:
        trust = Trust.CERTIFIED
    elif _key_of(certificate) in anchors.keys and certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc:
        trust = Trust.LATER
    stamped = status.timestamp_validity
    stamp = stamped.timestamp if stamped and stamped.valid and stamped.intact else None
    revoked = anchors.revoked.get(certificate.serial_number)
    if revoked and not (stamp and stamped and stamped.trusted and stamp < revoked):
        trust = Trust.REVOKED
    level = status.modification_level
    sound = (status.intact and status.valid and status.docmdp_ok is not False
             and level is not None and level <= ModificationLevel.FORM_FILLING)
    name = _common_name(certificate)
    return SignatureLine(
        str(one.field_name), name, bool(status.intact), bool(status.valid), trust in {Trust.CERTIFIED, Trust.LATER}, trust,
        claimed, stamp.astimezone(UTC) if stamp else None, hashlib.sha256(one.signer_cert.dump()).hexdigest(),
        certificate.subject == certificate.issuer), bool(sound)


def _timestamp_sound(one: Any, anchors: _Anchors) -> bool:
    from pyhanko.sign.validation import validate_pdf_timestamp

    status = validate_pdf_timestamp(one, validation_context=anchors.context(datetime.now(UTC)))
    return bool(status.intact and status.valid)


def _named_line(line: SignatureLine, names: frozenset[str]) -> SignatureLine:
    return replace(line, trust=Trust.NAMED) if line.fingerprint in names else line


def _named(content: dict[str, Any]) -> frozenset[str]:
    """Return the fingerprints of co-signers' certificates that the signed data names."""
    name = content.get("official_certificate")
    return frozenset({name.lower()}) if isinstance(name, str) and name else frozenset()


def _content(data: bytes | None) -> dict[str, Any]:
    from assessor_app.reports.content import FORMAT

    if not data:
        return {}
    try:
        raw = json.loads(data)
    except ValueError:
        return {}
    return raw if isinstance(raw, dict) and raw.get("format") == FORMAT else {}


_DATES: Final = re.compile(rb"<(xmp:ModifyDate|xmp:MetadataDate|pdf:Producer)[^>]*>.*?</\1>", re.DOTALL)


def _described(reader: Any, revision: int) -> tuple[Any, ...]:
    """Return what the reader's title bar and properties show, without the dates that honest signers also change."""
    from pyhanko.pdf_utils.generic import Reference

    root = reader.get_historical_root(revision)
    resolver = reader.get_historical_resolver(revision)
    try:
        info = resolver.trailer_view["/Info"]
    except KeyError:
        info = {}
    shown = tuple(str(info.get(key, "")) for key in ("/Title", "/Author", "/Subject", "/Keywords", "/Creator", "/CreationDate"))
    try:
        place = root.raw_get("/Metadata")  # read past the resolver, which cannot hold pyHanko's parsed XMP
        xmp = _DATES.sub(b"", reader.get_object(Reference(place.idnum, place.generation, reader), revision=revision).data)
    except KeyError:
        xmp = b""
    return (*shown, xmp, str(root.get("/Lang", "")))


def _end(one: Any) -> int:
    return int(one.byte_range[2]) + int(one.byte_range[3])


def _covers(pdf: bytes, byte_range: Any) -> bool:
    """Return whether a byte range is the whole file but the signature's own place."""
    start, before, after, rest = (int(n) for n in byte_range)
    return start == 0 and after + rest == len(pdf) and pdf[before : before + 1] == b"<" and pdf[after - 1 : after] == b">"


def _padded(pdf: bytes, byte_range: Any) -> bool:
    """Return whether the signature's place holds one DER structure in lower-case hex, then only zeros."""
    before, after = int(byte_range[1]), int(byte_range[2])
    inside = pdf[before + 1 : after - 1]
    if not re.fullmatch(rb"(?:[0-9a-f]*|[0-9A-F]*)", inside) or len(inside) % 2:
        return False
    der = bytes.fromhex(inside.decode("ascii"))
    if len(der) < 2 or der[0] != 0x30:
        return False
    if der[1] < 0x80:
        length = 2 + der[1]
    else:
        count = der[1] & 0x7F
        length = 2 + count + int.from_bytes(der[2 : 2 + count], "big")
    return length <= len(der) and not der[length:].strip(b"\0")


def _is_authority(certificate: Any) -> bool:
    from cryptography import x509

    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except x509.ExtensionNotFound:
        return False


def _key_of(certificate: Any) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key: bytes = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return key


def _asn1(certificate: Any) -> Any:
    from asn1crypto.x509 import Certificate
    from cryptography.hazmat.primitives.serialization import Encoding

    return Certificate.load(certificate.public_bytes(Encoding.DER))


def _common_name(certificate: Any) -> str:
    from cryptography.x509.oid import NameOID

    found = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else ""


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
