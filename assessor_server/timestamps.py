"""The server's timestamping authority (RFC 3161): it says that a digest was here at a moment, and nothing of whose it is.

Its certificate stands under the server's own authority and is good for timestamps alone. An operator who has a better known
authority names that one (``serve --tsa URL``): queries are then passed on to it and its answers back, byte for byte.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from assessor_app import clock
from assessor_app.identity import certificates, stamping
from assessor_server import authority
from assessor_server import tables as tb

#: This authority's policy: an arc of its own under the UUID 0d3c7b1e-6f2a-4c58-9e41-a7d5b2c86f10 (ITU-T X.667).
POLICY: Final = "2.25.17593998904346092098016468782637674256"
QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
#: The longest query and the longest answer of an outside authority, in bytes.
LONGEST_QUERY, LONGEST_REPLY = 4096, 65_536
#: How exact the time is, in seconds, as far as the machine's clock is.
ACCURACY: Final = 1
#: How long an outside authority may take, in seconds.
PATIENCE: Final = 20
#: From when on a new key takes over: tokens must be checked for years after they were made.
_RENEWED = timedelta(days=1826)
_DIGESTS: Final = {"sha256": 32, "sha384": 48, "sha512": 64}
_KEY, _CERTIFICATE = "tsa_key", "tsa"


class Unreachable(Exception):
    """The outside authority did not answer, or not with a timestamp reply."""


@dataclass(frozen=True, slots=True)
class Outside:
    """Another's timestamping authority, by its address; what its tokens must lead to is among the accepted authorities."""

    url: str


def ready(connection: Connection) -> None:
    """Make key and certificate where there are none, or where the certificate ends within five years."""
    kept = connection.execute(select(tb.secret.c.value).where(tb.secret.c.name == _CERTIFICATE)).scalar()
    if kept is not None:
        ends = certificates.load(bytes(kept)).not_valid_after_utc
        if ends - clock.now() > _RENEWED or ends == certificates.load(authority.root(connection)).not_valid_after_utc:
            return
    key, certificate = authority.stamping(connection)
    for name, value in ((_KEY, key), (_CERTIFICATE, certificate)):
        if connection.execute(update(tb.secret).where(tb.secret.c.name == name).values(value=value)).rowcount == 0:
            connection.execute(insert(tb.secret).values(name=name, value=value))


def answer(connection: Connection, query: bytes) -> bytes:
    """Return the reply (DER) to a query (DER): a token, or why not (RFC 3161, 2.4.2). Raises nothing for what is in the query."""
    from asn1crypto import tsp

    try:
        asked = tsp.TimeStampReq.load(query, strict=True)
        asked.native  # noqa: B018 - reads every part of it
        digest = asked["message_imprint"]["hashed_message"].native
        algorithm = asked["message_imprint"]["hash_algorithm"]["algorithm"].native
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return stamping.refusal("bad_data_format")
    if asked["version"].native != "v1":
        return stamping.refusal("bad_request")
    if algorithm not in _DIGESTS:
        return stamping.refusal("bad_alg")
    if len(digest) != _DIGESTS[algorithm]:
        return stamping.refusal("bad_data_format")
    if asked["req_policy"].native is not None and asked["req_policy"].dotted != POLICY:
        return stamping.refusal("unaccepted_policy")
    if asked["extensions"].native:
        return stamping.refusal("unaccepted_extensions")
    rows = connection.execute(select(tb.secret.c.name, tb.secret.c.value).where(tb.secret.c.name.in_([_KEY, _CERTIFICATE]))).all()
    kept = {row.name: bytes(row.value) for row in rows}
    return _granted(asked, kept[_KEY], kept[_CERTIFICATE])


def relay(outside: Outside, query: bytes) -> bytes:
    """Return the outside authority's reply. Raises Unreachable."""
    import requests

    try:
        with requests.post(outside.url, data=query, headers={"Content-Type": QUERY, "Accept": REPLY}, timeout=PATIENCE, stream=True,
                           allow_redirects=False) as response:
            if response.status_code != 200 or response.headers.get("Content-Type", "").partition(";")[0].strip() != REPLY:
                raise Unreachable
            reply = response.raw.read(LONGEST_REPLY + 1, decode_content=True)
        stamping.reply(reply)
    except (requests.RequestException, OSError, ValueError, TypeError) as error:
        raise Unreachable from error
    return bytes(reply)


def _granted(asked: Any, key_pem: bytes, certificate_pem: bytes) -> bytes:
    from asn1crypto import cms, core, tsp, x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

    certificate = x509.Certificate.load(certificates.load(certificate_pem).public_bytes(Encoding.DER))
    moment = datetime.fromtimestamp(clock.now_ms() // 1000, UTC)
    info = tsp.TSTInfo({
        "version": "v1", "policy": POLICY, "message_imprint": asked["message_imprint"], "serial_number": secrets.randbits(127) + 1,
        "gen_time": moment, "accuracy": tsp.Accuracy({"seconds": ACCURACY}),
        "tsa": x509.GeneralName(name="directory_name", value=certificate.subject),
        **({"nonce": asked["nonce"]} if asked["nonce"].native is not None else {})}).dump()
    named = tsp.SigningCertificateV2({"certs": [tsp.ESSCertIDv2({  # SHA-256 is the default and stays unsaid in DER
        "cert_hash": hashlib.sha256(certificate.dump()).digest(),
        "issuer_serial": tsp.IssuerSerial({"issuer": [x509.GeneralName("directory_name", certificate.issuer)],
                                           "serial_number": certificate.serial_number})})]})
    signed = cms.CMSAttributes([
        cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
        cms.CMSAttribute({"type": "signing_time", "values": [cms.Time({"utc_time": core.UTCTime(moment)})]}),
        cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(info).digest()]}),
        cms.CMSAttribute({"type": "signing_certificate_v2", "values": [named]})])
    key = load_pem_private_key(key_pem, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    token = cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData({
        "version": "v3", "digest_algorithms": [{"algorithm": "sha256"}],
        "encap_content_info": {"content_type": "tst_info", "content": cms.ParsableOctetString(info)},
        **({"certificates": [certificate]} if asked["cert_req"].native else {}),
        "signer_infos": [{
            "version": "v1", "digest_algorithm": {"algorithm": "sha256"}, "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "sid": cms.SignerIdentifier({"issuer_and_serial_number": cms.IssuerAndSerialNumber(
                {"issuer": certificate.issuer, "serial_number": certificate.serial_number})}),
            "signed_attrs": signed, "signature": key.sign(signed.dump(), ec.ECDSA(SHA256()))}]})})
    return bytes(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump())

