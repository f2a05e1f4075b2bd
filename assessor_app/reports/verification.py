"""Is a document as it was signed? Four answers shown apart, and their sum.

Who signed and whether we trust that · whether a byte changed · whether it is the whole file · whether it is a recorded revision, and
the latest. PDF readers say "valid" after a page was replaced by an increment and for an impostor of the same name; pyHanko's own
sum stays true for a changed title, trailing bytes and a cut back to an earlier revision. What is checked here beyond
both: the pinned root, the expected fields, the end of the file, title and author, the zeros after each signature.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from assessor_app.reports.anchors import Anchors, common_name, seen_by
from assessor_app.reports.edges import covers, described, padded
from assessor_app.reports.status import TRUSTED, Problem, Remark, SignatureLine, SignatureStatus, TimestampLine, Trust, Word

for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)  # their faults carry names

#: The largest file that is looked into, in bytes: a plan's book has 40 MB.
LARGEST: Final = 100 << 20
#: How much later than the centre or a timestamp a device may claim to have signed before its clock is called wrong.
_SLACK: Final = timedelta(minutes=10)


def verify(pdf: bytes, root_pem: bytes | None, recorded_sha256: str | None = None, *, known: Sequence[bytes] = (),
           crl: bytes | None = None, word: Word | None = None) -> SignatureStatus:
    """Return what can be said of a file; never raises for what is in it.

    A document is as signed when every expected field is signed; each signature is intact, valid and vouched for by the
    pinned root or an authority that the centre accepts; the last signature or timestamp covers the whole file; title and author are
    those first signed; and the file is a recorded one, where there is a record. After a revocation only what a timestamp or the centre
    saw before it is trusted, whatever time a signature claims.

    Args:
        root_pem: the pinned root; further PEM certificates in it are taken as roots where they are authorities, and as
            ``known`` where not. None trusts nobody.
        recorded_sha256: the revision's SHA-256 as the program recorded it; None where it holds no record.
        known: certificates (PEM) that vouch for keys which signed before they were certified.
        crl: the authority's list (PEM) of revoked certificates.
        word: what the centre says beside that list.

    Raises:
        BadInput: the root or the list is no certificate (the caller's mistake, not the file's).
    """
    digest = hashlib.sha256(pdf).hexdigest()
    record = (recorded_sha256.strip().lower(),) if recorded_sha256 is not None else ()
    anchors = Anchors(root_pem, known, crl, word or Word())

    def refused(problem: Problem) -> SignatureStatus:
        return SignatureStatus(digest, problems=(problem,)).recorded(record)

    if b"%PDF-" not in pdf[:1024]:
        return refused(Problem.NOT_A_PDF)
    if len(pdf) > LARGEST:
        return refused(Problem.TOO_LARGE)
    try:
        return _examine(pdf, digest, anchors, refused).recorded(record)
    except RecursionError:
        return refused(Problem.UNREADABLE)
    except Exception as fault:
        logging.getLogger(__name__).info("verify: %s", type(fault).__name__)
        return refused(Problem.UNREADABLE)


def verify_as_json(pdf: bytes, root_pem: bytes | None = None, recorded_sha256: str | None = None,
                   known: Sequence[bytes] = (), crl: bytes | None = None, word: Any = None) -> dict[str, Any]:
    """Do the same and return the wire form, for ``isolate.call``."""
    return verify(pdf, root_pem, recorded_sha256, known=known, crl=crl, word=Word.from_json(word)).to_json()


def _examine(pdf: bytes, digest: str, anchors: Anchors, refused: Callable[[Problem], SignatureStatus]) -> SignatureStatus:
    from cryptography import x509
    from pyhanko.pdf_utils.reader import PdfFileReader

    from assessor_app.reports.embedded import data_of

    reader = PdfFileReader(io.BytesIO(pdf), strict=False)
    if reader.encrypted:
        return refused(Problem.ENCRYPTED)
    every = sorted(reader.embedded_signatures, key=_end)
    regular = [one for one in every if str(one.sig_object.get("/Type", "/Sig")) == "/Sig"]
    if not regular:
        return refused(Problem.NO_SIGNATURE)
    anchors.vouch(x509.load_der_x509_certificate(der) for der in _kept(reader.root))
    data = data_of(reader.get_historical_root(regular[0].signed_revision))
    content = _content(data)
    expected = tuple(str(name) for name in content.get("expected_signatures", ()))
    problems: list[Problem] = [] if content else [Problem.NOT_OURS]
    remarks: list[Remark] = []

    stamps: list[tuple[int, TimestampLine]] = []
    for one in every:
        if one in regular:
            continue
        stamp, sound = _timestamp(one, anchors)
        stamps.append((_end(one), stamp))
        if not sound:
            problems.append(Problem.CHANGED)
        if not padded(pdf, one.byte_range):
            problems.append(Problem.PADDING)

    digests = {_end(one): hashlib.sha256(pdf[:_end(one)]).hexdigest() for one in every} | {len(pdf): digest}
    lines: list[SignatureLine] = []
    for one in regular:
        later = [stamp.time for end, stamp in stamps if end > _end(one) and stamp.trusted]
        line, sound = _line(one, anchors, later, [name for end, name in digests.items() if end >= _end(one)])
        if not sound:
            problems.append(Problem.CHANGED)
        if not padded(pdf, one.byte_range):
            problems.append(Problem.PADDING)
        lines.append(line)
    vouched = any(line.trusted and line.intact and line.valid for line in lines)
    names = _named(content)
    lines = [_named_line(line, names) if vouched and line.trust is Trust.UNKNOWN else line for line in lines]
    weak = {line.trust for line in lines} - TRUSTED - {Trust.NAMED}
    if Trust.REVOKED in weak:
        problems.append(Problem.REVOKED)
    if weak - {Trust.REVOKED} or not (vouched or weak):
        problems.append(Problem.NOT_TRUSTED)
    if set(expected) - {line.field for line in lines}:
        problems.append(Problem.MISSING_SIGNATURE)
    whole = covers(pdf, every[-1].byte_range)
    if not whole:
        problems.append(Problem.MORE_AFTER)
    if described(reader, regular[0].signed_revision) != described(reader, reader.total_revisions - 1):
        problems.append(Problem.TITLE_CHANGED)
    if data_of(reader.root) != data:
        problems.append(Problem.CHANGED)
    if any(_ahead(line) for line in lines):
        remarks.append(Remark.CLOCK)
    if any(not stamp.trusted for _, stamp in stamps) or any(line.timestamp and not line.timestamp_trusted for line in lines):
        remarks.append(Remark.TIMESTAMP_UNKNOWN)
    return SignatureStatus(
        digest, tuple(lines), whole, None, not problems, tuple(dict.fromkeys(problems)), expected,
        hashlib.sha256(data).hexdigest() if data else "", content, tuple(stamp for _, stamp in stamps), tuple(remarks))


def _line(one: Any, anchors: Anchors, stamped: list[datetime], digests: list[str]) -> tuple[SignatureLine, bool]:
    """Return a signature's line, and whether the document was left alone after it as far as its rules ask.

    Args:
        stamped: times of the trusted timestamps over the document with this signature in it.
        digests: SHA-256 of the revisions that hold it.
    """
    from cryptography import x509
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.settings import KeyUsageConstraints

    certificate = x509.load_der_x509_certificate(one.signer_cert.dump())
    claimed = _utc(one.self_reported_timestamp)
    inside = _inside_time(one)
    now = datetime.now(UTC)
    status = validate_pdf_signature(
        one, signer_validation_context=anchors.context(claimed or now), key_usage_settings=KeyUsageConstraints(key_usage=set()),
        ts_validation_context=anchors.context(inside or now, anchors.stampers))
    own = status.timestamp_validity
    stamp = _utc(own.timestamp) if own and own.valid and own.intact else None
    sure = bool(stamp and own and own.trusted)
    times = [*stamped, *([stamp] if stamp and sure else [])]
    seen = seen_by(anchors.word, digests)
    proof = min([*times, *([seen] if seen else [])], default=None)
    # Without another's word the claim is all there is: the chain is judged for that moment, and the claim is shown as one.
    trust = anchors.trust(one, certificate, proof or claimed or now, proof, digests)
    level = status.modification_level
    sound = (status.intact and status.valid and status.docmdp_ok is not False
             and level is not None and level <= ModificationLevel.FORM_FILLING)
    voucher = anchors.voucher(certificate) if trust is Trust.LATER else None
    return SignatureLine(
        str(one.field_name), common_name((voucher or certificate).subject),  # what a key says of itself before is nobody's word
        bool(status.intact), bool(status.valid), trust in TRUSTED, trust, claimed, min(times) if times else stamp,
        hashlib.sha256(one.signer_cert.dump()).hexdigest(), certificate.subject == certificate.issuer,
        common_name((voucher or certificate).issuer), bool(times), seen), bool(sound)


def _timestamp(one: Any, anchors: Anchors) -> tuple[TimestampLine, bool]:
    """Return a document timestamp's line, and whether it is sound and the document was left alone after it."""
    from cryptography import x509
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation import validate_pdf_timestamp

    # The authority is judged for the moment that it names: an authority whose certificate has ended since was none the worse then.
    time = _utc(one.signed_data["encap_content_info"]["content"].parsed["gen_time"].native)
    assert time is not None
    status = validate_pdf_timestamp(one, validation_context=anchors.context(time, anchors.stampers))
    level = status.modification_level
    sound = status.intact and status.valid and level is not None and level <= ModificationLevel.FORM_FILLING
    authority = common_name(x509.load_der_x509_certificate(one.signer_cert.dump()).subject)
    return TimestampLine(time, authority, bool(status.trusted and sound)), bool(sound)


def _inside_time(one: Any) -> datetime | None:
    """Return the time that a signature's own timestamp names, unchecked, or None."""
    from pyhanko.sign.validation.generic_cms import extract_tst_data_iter

    for token in extract_tst_data_iter(one.signer_info, signed=False):
        return _utc(token["encap_content_info"]["content"].parsed["gen_time"].native)
    return None


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _ahead(line: SignatureLine) -> bool:
    """Tell whether a device claims to have signed after others had the signature."""
    others = [moment for moment in (line.timestamp if line.timestamp_trusted else None, line.seen) if moment]
    return line.claimed_time is not None and any(line.claimed_time > moment + _SLACK for moment in others)


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


def _kept(root: Any) -> list[bytes]:
    """Return the certificates (DER) among the document's long-term data; each is believed only as far as the pinned root issued it."""
    try:
        return [one.get_object().data for one in root["/DSS"]["/Certs"]]
    except (KeyError, TypeError):
        return []


def _end(one: Any) -> int:
    return int(one.byte_range[2]) + int(one.byte_range[3])
