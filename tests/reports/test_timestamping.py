"""Timestamps and long-term data: increments that others' validators accept, dead and lying authorities, and whose word counts."""

from __future__ import annotations

import io
import itertools
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from asn1crypto import tsp
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import CertRevTrustPolicy, RevocationCheckingPolicy, RevocationCheckingRule
from pyhanko_certvalidator.registry import SimpleTrustManager

from assessor_app import clock
from assessor_app.errors import AppError
from assessor_app.identity import certificates
from assessor_app.identity.certificates import Subject
from assessor_app.identity.keys import new_key
from assessor_app.identity.signers import PKCS12, LocalKey
from assessor_app.reports import signing
from assessor_app.reports.anchors import asn1
from assessor_app.reports.status import Problem, Remark, Trust, Word
from assessor_app.reports.timestamping import Asked, LongTerm, extend
from assessor_app.reports.verification import verify
from assessor_server import timestamps
from tests.peer import Peer, peer
from tests.reports import conforming, samples
from tests.reports.test_signing import Authority, stamp

Ask = Callable[[bytes], bytes]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority(*certificates.make_root("Sekretariat Gerakan Menuju Smart City"))


@pytest.fixture(scope="module")
def maria(authority: Authority) -> LocalKey:
    return authority.device(samples.MARIA.full_name)


@pytest.fixture(scope="module")
def ask(authority: Authority) -> Ask:
    """The server's own authority, asked without a line."""
    key, certificate = certificates.make_stamping("Penanda Waktu", authority.key, authority.root)
    return lambda query: timestamps._granted(tsp.TimeStampReq.load(query), key, certificate)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    with peer(tmp_path_factory.mktemp("peer")) as made:
        yield made


@pytest.fixture(scope="module")
def outside(other: Peer) -> Ask:
    """Another's authority, over HTTP."""
    return lambda query: requests.post(other.url, data=query, headers={"Content-Type": timestamps.QUERY}, timeout=30).content


@pytest.fixture(scope="module")
def bare(maria: LocalKey) -> bytes:
    return signing.sign(signing.make(samples.minutes()), maria, "assessor", stamp())


def kept(authority: Authority, *revoked: tuple[int, datetime], more: tuple[bytes, ...] = ()) -> LongTerm:
    return LongTerm([authority.root, *more], [certificates.make_crl(authority.key, authority.root, revoked, number=1)])


def revoked_by(authority: Authority, signer: LocalKey, at: datetime) -> bytes:
    return certificates.make_crl(authority.key, authority.root, [(certificates.load(signer.certificate).serial_number, at)], number=2)


def _spec(root: bytes) -> PdfSignatureValidationSpec:
    """Strict: nothing without a list of revoked certificates that says so."""
    trust = SimpleTrustManager.build(trust_roots=[asn1(certificates.load(root))])
    rule = RevocationCheckingPolicy(RevocationCheckingRule.CRL_REQUIRED, RevocationCheckingRule.CRL_REQUIRED)
    return PdfSignatureValidationSpec(SignatureValidationSpec(
        CertValidationPolicySpec(trust_manager=trust, revinfo_policy=CertRevTrustPolicy(rule)),
        revinfo_gathering_policy=RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY),
        key_usage_settings=KeyUsageConstraints(key_usage=set())))


def test_a_signature_with_a_line_carries_a_timestamp_and_adds_at_most_40_kb(maria: LocalKey, authority: Authority, ask: Ask) -> None:
    unsigned = signing.make(samples.minutes())
    asked = Asked(ask)
    signed = signing.sign(unsigned, maria, "assessor", stamp(strokes=(((0.0, 0.0), (30.0, 20.0)),)), asked=asked)
    assert asked.fault is None
    assert asked.time is not None
    assert signed.startswith(unsigned)
    assert len(signed) - len(unsigned) <= 40_000
    status = verify(signed, authority.root)
    assert status.as_signed
    (line,) = status.signatures
    assert line.timestamp == asked.time
    assert line.timestamp_trusted
    assert not status.remarks


def test_long_term_data_and_a_document_timestamp_come_as_one_increment(bare: bytes, authority: Authority, ask: Ask) -> None:
    stamped = extend(bare, ask, kept(authority))
    assert stamped.startswith(bare)
    status = verify(stamped, authority.root)
    assert status.as_signed
    assert status.covers_whole_file
    (one,) = status.timestamps
    assert one.trusted
    assert one.authority == "Penanda Waktu"
    assert status.signatures[0].timestamp == one.time
    earlier = verify(bare, authority.root).recorded((verify(bare, None).sha256, status.sha256))
    assert earlier.as_signed
    assert earlier.revision == (1, 2)
    assert earlier.remarks == (Remark.EARLIER_REVISION,)
    root = PdfFileReader(io.BytesIO(stamped)).root
    assert len(root["/DSS"]["/CRLs"]) == 1
    assert PdfFileReader(io.BytesIO(stamped)).input_version == (1, 7)


def test_the_official_may_sign_after_a_timestamp_and_a_timestamp_may_follow_again(maria: LocalKey, authority: Authority, ask: Ask) -> None:
    made = signing.make(samples.minutes(official_signs="certificate"))
    chain = [signing.sign(made, maria, "assessor", stamp())]
    chain.append(extend(chain[-1], ask, kept(authority)))
    assert verify(chain[-1], authority.root).problems == (Problem.MISSING_SIGNATURE,)
    chain.append(signing.sign(chain[-1], authority.device(samples.YOHANES.full_name, "o1"), "official", stamp("Y")))
    chain.append(extend(chain[-1], ask, kept(authority)))
    for before, after in itertools.pairwise(chain):
        assert after.startswith(before)
    status = verify(chain[-1], authority.root)
    assert status.as_signed, status
    assert len(status.timestamps) == 2
    assert all(line.timestamp_trusted for line in status.signatures)


def test_pyhankos_strict_archival_validation_passes(maria: LocalKey, authority: Authority, ask: Ask) -> None:
    import asyncio

    signed = signing.sign(signing.make(samples.minutes()), maria, "assessor", stamp(), asked=Asked(ask))
    stamped = extend(signed, ask, kept(authority))
    reader = PdfFileReader(io.BytesIO(stamped))
    signature = next(one for one in reader.embedded_signatures if one.field_name == "assessor")
    result = asyncio.run(ades_lta_validation(signature, _spec(authority.root)))
    assert result.ades_subindic.status.name == "PASSED", result


def test_another_authority_counts_only_where_it_is_accepted(maria: LocalKey, authority: Authority, other: Peer, outside: Ask) -> None:
    signed = signing.sign(signing.make(samples.minutes()), maria, "assessor", stamp(), asked=Asked(outside))
    stamped = extend(signed, outside, kept(authority))
    unknown = verify(stamped, authority.root)
    assert unknown.as_signed  # the document is what it was, but nobody vouches for the time
    assert unknown.remarks == (Remark.TIMESTAMP_UNKNOWN,)
    assert not unknown.signatures[0].timestamp_trusted
    assert not unknown.timestamps[0].trusted
    known = verify(stamped, authority.root, word=Word(stampers=other.pem("root")))
    assert known.as_signed
    assert not known.remarks
    assert known.timestamps[0].trusted
    assert known.timestamps[0].authority == "Penanda Waktu Uji"
    late = revoked_by(authority, maria, datetime.now(UTC) + timedelta(seconds=5))
    assert verify(stamped, authority.root, crl=late).problems == (Problem.REVOKED,)
    assert verify(stamped, authority.root, crl=late, word=Word(stampers=other.pem("root"))).as_signed


def test_whose_authority_is_accepted_for_timestamps_is_no_signer_for_that_and_the_other_way_round(
    authority: Authority, other: Peer, bare: bytes, outside: Ask
) -> None:
    own = PKCS12.load(other.pkcs12("signer", "x"), "x")
    pdf = signing.sign(signing.make(samples.minutes()), own, "assessor", stamp())
    assert verify(pdf, authority.root, word=Word(stampers=other.pem("root"))).problems == (Problem.NOT_TRUSTED,)
    accepted = verify(pdf, authority.root, word=Word(authorities=other.pem("root")))
    assert accepted.as_signed
    assert (accepted.signatures[0].trust, accepted.signatures[0].issuer) == (Trust.OUTSIDE, "Perantara Uji")
    stamped = extend(bare, outside, LongTerm())
    assert not verify(stamped, authority.root, word=Word(authorities=other.pem("root"))).timestamps[0].trusted


def test_a_device_cannot_play_the_timestamping_authority(maria: LocalKey, authority: Authority, bare: bytes) -> None:
    from cryptography.hazmat.primitives.serialization import NoEncryption, PrivateFormat

    key = maria.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    forged = extend(bare, lambda query: timestamps._granted(tsp.TimeStampReq.load(query), key, maria.certificate), kept(authority))
    status = verify(forged, authority.root)
    assert not status.timestamps[0].trusted
    assert not status.signatures[0].timestamp_trusted
    crl = revoked_by(authority, maria, datetime.now(UTC) + timedelta(seconds=5))
    assert verify(forged, authority.root, crl=crl).signatures[0].trust is Trust.REVOKED


def test_the_authority_cannot_sign_documents(authority: Authority) -> None:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key, certificate = certificates.make_stamping("Penanda Waktu", authority.key, authority.root)
    signer = LocalKey(load_pem_private_key(key, None), certificate)  # type: ignore[arg-type]
    status = verify(signing.sign(signing.make(samples.minutes()), signer, "assessor", stamp()), authority.root)
    assert status.problems == (Problem.NOT_TRUSTED,)


def _fails(query: bytes) -> bytes:
    raise AppError("No line.")


@pytest.mark.parametrize("dead", [_fails, lambda query: b"<html>", lambda query: timestamps.answer(None, b""),  # type: ignore[arg-type]
                                  "replayed"], ids=["offline", "portal", "refusal", "replayed"])
def test_a_dead_authority_is_a_harmless_outcome(maria: LocalKey, authority: Authority, bare: bytes, ask: Ask, dead: Ask | str) -> None:
    if dead == "replayed":
        first: list[bytes] = []

        def replay(query: bytes) -> bytes:
            first.append(ask(query))
            return first[0]

        replay(tsp.TimeStampReq({"version": 1, "nonce": 1, "cert_req": True, "message_imprint": {
            "hash_algorithm": {"algorithm": "sha256"}, "hashed_message": b"\0" * 32}}).dump())
        dead = replay
    assert callable(dead)
    asked = Asked(dead)
    signed = signing.sign(signing.make(samples.minutes()), maria, "assessor", stamp(), asked=asked)
    assert asked.fault is not None
    status = verify(signed, authority.root)
    assert status.as_signed
    assert status.signatures[0].timestamp is None
    with pytest.raises(AppError) as fault:
        extend(bare, dead, kept(authority))
    assert fault.value.title


@pytest.mark.parametrize("off", [timedelta(days=-365), timedelta(days=365), timedelta(hours=-1)], ids=["back", "ahead", "hour"])
def test_a_clock_that_the_authority_contradicts_stops_the_signature(maria: LocalKey, ask: Ask, off: timedelta) -> None:
    real = datetime.now(UTC)
    unsigned = signing.make(samples.minutes())

    def honest(query: bytes) -> bytes:
        clock.set_source(lambda: real)
        try:
            return ask(query)
        finally:
            clock.set_source(lambda: real + off)

    long = Authority(*_old_root())
    device = long.device("Maria")
    clock.set_source(lambda: real + off)
    with pytest.raises(AppError, match="clock") as fault:
        signing.sign(unsigned, device, "assessor", None, asked=Asked(honest))
    assert "Nothing was signed" in str(fault.value)


def _old_root() -> tuple[bytes, bytes]:
    clock.set_source(lambda: datetime.now(UTC) - timedelta(days=2000))
    try:
        return certificates.make_root("Lama")
    finally:
        clock.set_source(None)


def test_a_claim_later_than_the_timestamp_is_remarked(authority: Authority, ask: Ask) -> None:
    ahead = datetime.now(UTC) + timedelta(days=200)
    device = authority.device("Maria", days=900)
    clock.set_source(lambda: ahead)
    signed = signing.sign(signing.make(samples.minutes()), device, "assessor", stamp())
    clock.set_source(None)
    status = verify(extend(signed, ask, kept(authority)), authority.root)
    assert status.as_signed
    assert status.remarks == (Remark.CLOCK,)


def test_after_a_revocation_only_what_was_seen_before_is_trusted(maria: LocalKey, authority: Authority, bare: bytes, ask: Ask) -> None:
    stamped = extend(bare, ask, kept(authority))
    moment = verify(stamped, authority.root).timestamps[0].time
    for at, trust in ((moment + timedelta(seconds=1), Trust.CERTIFIED), (moment - timedelta(seconds=1), Trust.REVOKED)):
        status = verify(stamped, authority.root, crl=revoked_by(authority, maria, at))
        assert status.signatures[0].trust is trust
        assert status.problems == (() if trust is Trust.CERTIFIED else (Problem.REVOKED,))
    # without a timestamp the signature may claim any time: a back-dated one is no better
    at = datetime.now(UTC) + timedelta(seconds=1)
    backdated = signing.sign(signing.make(samples.minutes()), maria, "assessor", None, at=datetime.now(UTC) - timedelta(hours=12))
    for pdf in (bare, backdated):
        assert verify(pdf, authority.root, crl=revoked_by(authority, maria, at)).problems == (Problem.REVOKED,)
    # the centre's word: it had the file before, or the secretariat accepts what came later
    digest = verify(bare, None).sha256
    crl = revoked_by(authority, maria, at)
    before, after = (int((at + timedelta(seconds=off)).timestamp() * 1000) for off in (-1, 1))
    assert verify(bare, authority.root, crl=crl, word=Word(seen={digest: before})).as_signed
    assert not verify(bare, authority.root, crl=crl, word=Word(seen={digest: after})).as_signed
    vouched = verify(bare, authority.root, crl=crl, word=Word(seen={digest: after}, accepted=(digest,)))
    assert vouched.as_signed
    assert vouched.signatures[0].trust is Trust.VOUCHED
    # what holds for a revision holds for those that begin with it
    later = extend(bare, ask, kept(authority))
    assert verify(later, authority.root, crl=revoked_by(authority, maria, datetime.now(UTC) - timedelta(days=1)),
                  word=Word(accepted=(digest,))).signatures[0].trust is Trust.VOUCHED
    assert not verify(later, authority.root, crl=crl, word=Word(accepted=("0" * 64,), seen={"0" * 64: before})).signatures[0].trust \
        .startswith("vouched")


def test_signed_before_enrolment_is_vouched_for_by_what_the_long_term_data_bring(authority: Authority, ask: Ask) -> None:
    key = new_key()
    alone = LocalKey(key, certificates.self_signed(key, Subject("Menteri Komunikasi", "", "x")))
    signed = signing.sign(signing.make(samples.minutes()), alone, "assessor", stamp())
    assert verify(signed, authority.root).signatures[0].trust is Trust.UNKNOWN
    later = certificates.certify(certificates.request(key, Subject("x", "", "")), authority.key, authority.root, days=365,
                                 subject=Subject(samples.MARIA.full_name, "Uncen", "a1"))
    stamped = extend(signed, ask, kept(authority, more=(later,)))
    status = verify(stamped, authority.root)
    assert status.as_signed
    (line,) = status.signatures
    assert line.trust is Trust.LATER
    assert line.signer == samples.MARIA.full_name  # as the centre knows the key, not as it called itself
    # a certificate that the root did not issue brings nothing, wherever it stands
    foreign = Authority(*certificates.make_root("Sekretariat Gerakan Menuju Smart City"))
    false = certificates.certify(certificates.request(key, Subject("x", "", "")), foreign.key, foreign.root, days=365)
    assert verify(extend(signed, ask, kept(authority, more=(false, foreign.root))), authority.root).problems == (Problem.NOT_TRUSTED,)
    # the voucher's revocation counts like any other
    crl = certificates.make_crl(authority.key, authority.root, [(certificates.load(later).serial_number,
                                                                 datetime.now(UTC) - timedelta(days=1))], number=3)
    assert verify(stamped, authority.root, crl=crl).problems == (Problem.REVOKED,)


def test_a_signature_outside_its_certificates_time_is_not_trusted(authority: Authority, ask: Ask) -> None:
    device = authority.device("Maria", days=1)
    begins = certificates.load(device.certificate).not_valid_before_utc
    for at in (begins - timedelta(days=30), datetime.now(UTC) + timedelta(days=30)):
        pdf = signing.sign(signing.make(samples.minutes()), device, "assessor", None, at=at)
        status = verify(pdf, authority.root)
        assert status.signatures[0].trust is Trust.EXPIRED
        assert status.problems == (Problem.NOT_TRUSTED,)
    # a claim within its time does not help where the first that anybody saw of it came when it had ended
    clock.set_source(lambda: datetime.now(UTC) - timedelta(days=40))
    old = Authority(*certificates.make_root("Lama"))
    pdf = signing.sign(signing.make(samples.minutes()), old.device("Maria", days=1), "assessor", None)
    assert verify(pdf, old.root).as_signed
    clock.set_source(None)
    assert verify(extend(pdf, ask, LongTerm()), old.root + authority.root).signatures[0].trust is Trust.EXPIRED


@pytest.mark.skipif(not shutil.which("qpdf"), reason="needs qpdf")
def test_qpdf_and_poppler_read_the_stamped_file(bare: bytes, authority: Authority, ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(extend(bare, ask, kept(authority)))
    checked = subprocess.run(["qpdf", "--check", str(file)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    if shutil.which("pdfsig"):
        told = subprocess.run(["pdfsig", "-nocert", str(file)], capture_output=True, text=True, check=False).stdout
        assert "Signature is Valid" in told


def test_an_attack_on_the_long_term_data_or_the_timestamp_is_found(bare: bytes, authority: Authority, ask: Ask) -> None:
    stamped = extend(bare, ask, kept(authority))
    writer = IncrementalPdfFileWriter(io.BytesIO(stamped))
    del writer.root["/DSS"]
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    assert Problem.MORE_AFTER in verify(out.getvalue(), authority.root).problems
    padding = stamped.rindex(b"0" * 40 + b">")
    touched = stamped[:padding] + b"1" + stamped[padding + 1:]
    assert Problem.PADDING in verify(touched, authority.root).problems
    cut = verify(stamped[: len(bare) + 2000], authority.root)
    assert not cut.as_signed


def test_the_stamped_file_is_still_archivable_and_accessible(bare: bytes, authority: Authority, maria: LocalKey, ask: Ask,
                                                             tmp_path: Path) -> None:
    timed = signing.sign(signing.make(samples.minutes()), maria, "assessor", stamp(), asked=Asked(ask))
    conforming.vera(tmp_path, timed=timed, stamped=extend(bare, ask, kept(authority)), both=extend(timed, ask, kept(authority)))
