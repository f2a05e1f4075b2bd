"""Device keys, certificates and signers: never plain on disk, named properly, refused when they should be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

from assessor_app import clock
from assessor_app.errors import AppError, BadInput, NotebookError, WrongKey
from assessor_app.identity import certificates
from assessor_app.identity.attempts import PinGuard, TooManyAttempts
from assessor_app.identity.certificates import Subject
from assessor_app.identity.keys import change_pin, key_id, lock_key, new_key, unlock_key
from assessor_app.identity.signers import PKCS12, LocalKey, check_time, name_of

MARIA = Subject("Dr. Ir. Maria Tefa, M.Kom.", "Universitas Cenderawasih", "01910000-aaaa-7000-8000-000000000001")


def test_the_key_is_unlocked_by_pin_and_device_secret_only(tmp_path: Path) -> None:
    key, secret = new_key(), b"s" * 32
    blob = lock_key(key, "2468", secret)
    plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    assert plain not in blob
    assert key_id(unlock_key(blob, "2468", secret).public_key()) == key_id(key.public_key())
    for pin, held in (("2469", secret), ("2468", b"t" * 32), ("", secret)):
        with pytest.raises(WrongKey):
            unlock_key(blob, pin, held)
    changed = change_pin(blob, "2468", "", secret)
    assert key_id(unlock_key(changed, "", secret).public_key()) == key_id(key.public_key())
    with pytest.raises(NotebookError):
        unlock_key(blob[:30], "2468", secret)
    guard = PinGuard(tmp_path)
    for _ in range(5):
        with pytest.raises(WrongKey):
            unlock_key(blob, "0", secret, guard)
    with pytest.raises(TooManyAttempts):
        unlock_key(blob, "2468", secret, guard)


def test_first_certificate_names_the_person_and_vouches_for_nothing() -> None:
    pem = certificates.self_signed(new_key(), MARIA)
    assert certificates.subject_of(pem) == MARIA
    assert certificates.is_self_signed(pem)
    assert len(certificates.fingerprint(pem)) == 64
    assert certificates.spoken_fingerprint(pem).count(" ") == 15
    long = certificates.self_signed(new_key(), Subject("Prof. " + "Nama " * 40, "\tI\n" * 50, "x"))
    assert len(certificates.subject_of(long).name) <= 64
    assert certificates.subject_of(certificates.self_signed(new_key(), Subject("Suharto", "", "a"))).name == "Suharto"


def test_the_authority_certifies_and_revokes() -> None:
    root_key, root = certificates.make_root("Sekretariat Gerakan Menuju Smart City")
    key = new_key()
    pem = certificates.certify(certificates.request(key, Subject("Palsu", "", "0")), root_key, root, days=365, subject=MARIA)
    assert certificates.subject_of(pem) == MARIA
    assert not certificates.is_self_signed(pem)
    certificates.load(pem).verify_directly_issued_by(certificates.load(root))
    serial = certificates.load(pem).serial_number
    crl = x509.load_pem_x509_crl(certificates.make_crl(root_key, root, [(serial, clock.now())], number=2))
    assert crl.get_revoked_certificate_by_serial_number(serial) is not None
    assert crl.is_signature_valid(certificates.load(root).public_key())  # type: ignore[arg-type]


def test_the_authority_refuses_what_is_no_request() -> None:
    root_key, root = certificates.make_root("R")
    other = ec.generate_private_key(ec.SECP384R1())
    strange = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(other, SHA256())
    for bad in (b"", b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
                strange.public_bytes(Encoding.PEM)):
        with pytest.raises(BadInput):
            certificates.certify(bad, root_key, root, days=1)
    with pytest.raises(BadInput):
        certificates.load(b"nothing")


def test_a_file_of_the_persons_own_signs_too() -> None:
    key = new_key()
    pem = certificates.self_signed(key, MARIA)
    data = pkcs12.serialize_key_and_certificates(b"x", key, certificates.load(pem), None, BestAvailableEncryption(b"rahasia"))
    own = PKCS12.load(data, "rahasia")
    assert name_of(own) == MARIA.name
    assert own.pyhanko_signer().signing_cert.subject.native["common_name"] == MARIA.name
    with pytest.raises(WrongKey):
        PKCS12.load(data, "salah")
    for bad in (b"", b"PK\x03\x04", data[:200], b"\x30" + b"\0" * 50):
        with pytest.raises(BadInput):
            PKCS12.load(bad, "rahasia")
    empty = pkcs12.serialize_key_and_certificates(b"x", None, None, [certificates.load(pem)], BestAvailableEncryption(b"a"))
    with pytest.raises(BadInput):
        PKCS12.load(empty, "a")


def test_a_key_that_readers_do_not_know_is_refused() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    name = x509.Name([])
    now = datetime.now(UTC)
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
                   .serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, None))
    data = pkcs12.serialize_key_and_certificates(b"x", key, certificate, None, BestAvailableEncryption(b"a"))
    with pytest.raises(BadInput):
        PKCS12.load(data, "a")


def test_signing_stops_when_the_clock_cannot_be_right() -> None:
    key = new_key()
    signer = LocalKey(key, certificates.self_signed(key, MARIA))
    check_time(signer)
    made = clock.now()
    try:
        for moved in (timedelta(days=-2), timedelta(days=4000)):
            clock.set_source(lambda moved=moved: made + moved)  # type: ignore[misc]
            with pytest.raises(AppError) as error:
                check_time(signer)
            assert error.value.kept
    finally:
        clock.set_source(None)
    assert "PRIVATE" not in repr(signer)
    assert "key=" not in repr(signer)
