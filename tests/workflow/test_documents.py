"""Signing in the program: what is missing, what changed since the preview, the PIN each time, the official's signature, scans."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from assessor_app import clock
from assessor_app.errors import AppError, BadInput, WrongKey
from assessor_app.models import files
from assessor_app.models.documents import Document, Revision
from assessor_app.models.evaluations import Sheet
from assessor_app.models.kinds import DocumentType
from assessor_app.models.visits import Visit
from assessor_app.reports.content import CERTIFICATE, MinutesContent, SheetContent
from assessor_app.workflow import documents, sample, verifying
from assessor_app.workflow.accounts import Account
from tests.factories import PIN, make_account, read, write


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Account, sample.Sample]]:
    import os

    os.environ["ASESOR_HOME"] = str(tmp_path_factory.mktemp("home"))
    account = make_account(tmp_path_factory.mktemp("a") / "a", "Ratna Prameswari")
    yield account, sample.load(account)
    account.close()


def test_the_sheet_is_signed_in_one_transaction_and_locked(loaded) -> None:  # type: ignore[no-untyped-def]
    account, visit = loaded
    prepared = documents.prepare(account, DocumentType.EVALUATION_SHEET, visit.visit, documents.wish(number="2"))
    with pytest.raises(WrongKey):
        documents.sign(account, prepared, "0000")
    assert read(account, Sheet, visit.sheet, "state") == "draft"
    with account.reading() as session:
        assert session.scalars(select(Document).where(Document.sheet == visit.sheet)).all() == []
    document = documents.sign(account, prepared, PIN)
    assert read(account, Sheet, visit.sheet, "state") == "signed"
    with account.reading() as session:
        revision = documents.latest(session, document)
        pdf = files.get(session, revision.sha256)
    assert hashlib.sha256(pdf).hexdigest() == revision.sha256
    with pytest.raises(BadInput, match="not ready"):
        documents.sign(account, documents.prepare(account, DocumentType.EVALUATION_SHEET, visit.visit, documents.wish(number="3")), PIN)
    result = verifying.verify_file(account, pdf)
    assert result["as_recorded"] is True
    assert result["covers_whole_file"] is True
    assert all(s["intact"] and s["valid"] for s in result["signatures"])
    assert verifying.verify_file(account, pdf + b"\n")["as_recorded"] is False


def test_one_signs_what_one_saw(loaded) -> None:  # type: ignore[no-untyped-def]
    account, visit = loaded
    prepared = documents.prepare(account, DocumentType.MINUTES, visit.visit, documents.wish(number="4"))
    before = read(account, Visit, visit.visit, "seen")
    write(account, Visit, visit.visit, seen=before + " Diubah.")
    with pytest.raises(AppError, match="changed since the preview"):
        documents.sign(account, prepared, PIN)
    write(account, Visit, visit.visit, seen=before)


def test_midnight_may_pass_between_preview_and_pin(tmp_path: Path) -> None:
    from assessor_app.reports.content import data_sha256
    from tests.factories import make_visit

    account = make_account(tmp_path / "a")
    visit = make_visit(account)
    write(account, Visit, visit, seen="Dermaga.")
    evening = datetime.now(UTC).replace(hour=14, minute=59, second=30) + timedelta(days=1)  # 23.59 in Boven Digoel
    clock.set_source(lambda: evening)
    prepared = documents.prepare(account, DocumentType.MINUTES, visit, documents.wish(number="11"))
    clock.set_source(lambda: evening + timedelta(minutes=2))
    document = documents.sign(account, prepared, PIN)
    assert prepared.content.date == evening.date().isoformat()
    assert read(account, Document, document, "data_sha256") == data_sha256(prepared.content)
    account.close()


def test_nobody_stands_in_a_document_without_consent(loaded) -> None:  # type: ignore[no-untyped-def]
    account, visit = loaded
    content = documents.prepare(account, DocumentType.MINUTES, visit.visit, documents.wish(number="9")).content
    assert isinstance(content, MinutesContent)
    assert "N-01, motoris perahu angkutan sungai" in content.respondents
    assert not [name for name in content.respondents if name.startswith("N-06")]
    sheet = documents.prepare(account, DocumentType.EVALUATION_SHEET, visit.visit, documents.wish(number="9")).content
    assert isinstance(sheet, SheetContent)
    assert not [line for line in sheet.evidence if "N-06" in line.body]


def test_a_clock_set_back_stops_the_signature(loaded) -> None:  # type: ignore[no-untyped-def]
    account, visit = loaded
    prepared = documents.prepare(account, DocumentType.MINUTES, visit.visit, documents.wish(number="5"))
    clock.set_source(lambda: datetime.now(UTC) - timedelta(days=1))
    with pytest.raises(AppError, match="clock"):
        documents.sign(account, prepared, PIN)


def test_the_official_signs_with_a_certificate_of_his_own(loaded, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
    from cryptography.x509 import load_pem_x509_certificate

    from assessor_app.identity import certificates, keys
    from assessor_app.identity.signers import PKCS12

    account, visit = loaded
    key = keys.new_key()
    pem = certificates.self_signed(key, certificates.Subject("Yulianus Kambatop, S.Kom., M.Si.", "Diskominfo", "x"))
    file = pkcs12.serialize_key_and_certificates(b"x", key, load_pem_x509_certificate(pem), None, BestAvailableEncryption(b"sandi"))
    with pytest.raises(AppError):
        PKCS12.load(file, "salah")
    own = PKCS12.load(file, "sandi")
    wish = documents.wish(number="6", official=visit.persons["kominfo"], official_signs=CERTIFICATE,
                          official_certificate=certificates.fingerprint(own.certificate))
    document = documents.sign(account, documents.prepare(account, DocumentType.MINUTES, visit.visit, wish), PIN)
    with account.reading() as session:
        first = documents.document_bytes(session, document)
    assert "missing_signature" in verifying.verify_file(account, first)["problems"]
    documents.cosign(account, document, own)
    with account.reading() as session:
        both = documents.document_bytes(session, document)
        assert len(session.scalars(select(Revision).where(Revision.document == document)).all()) == 2
    assert both.startswith(first)
    result = verifying.verify_file(account, both)
    assert [s["field"] for s in result["signatures"]] == ["assessor", "official"]
    assert all(s["intact"] and s["valid"] for s in result["signatures"])
    assert read(account, Document, document, "state") == "cosigned"


def test_a_scan_of_the_wet_signed_print_shows_as_such(loaded) -> None:  # type: ignore[no-untyped-def]
    account, visit = loaded
    document = documents.sign(account, documents.prepare(account, DocumentType.MINUTES, visit.visit, documents.wish(number="7")), PIN)
    photo = (sample.folder() / "02-sungai-digoel.jpg").read_bytes()
    documents.attach_scan(account, document, photo, "pindaian.jpg")
    with pytest.raises(BadInput):
        documents.attach_scan(account, document, b"not a picture", "x.jpg")
    with account.reading() as session:
        assert [scan.name for scan in documents.scans_of(session, document)] == ["pindaian.jpg"]


def test_a_copy_is_written_whole_or_not_at_all(loaded, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    account, _ = loaded
    with account.reading() as session:
        document = session.scalars(select(Document.id)).first()
        assert document
        documents.save_copy(session, document, tmp_path / "salinan.pdf")
        assert (tmp_path / "salinan.pdf").read_bytes() == documents.document_bytes(session, document)
        with pytest.raises((AppError, OSError)):
            documents.save_copy(session, document, tmp_path / "missing" / "x.pdf")
    assert [f.name for f in tmp_path.iterdir() if f.suffix == ".part"] == []
