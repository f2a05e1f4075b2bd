"""Signed documents: called valid by others, and every change is found by ours."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import shutil
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from assessor_app import clock
from assessor_app.errors import AppError, BadInput
from assessor_app.identity import certificates
from assessor_app.identity.certificates import Subject
from assessor_app.identity.keys import new_key
from assessor_app.identity.signers import PKCS12, LocalKey, Signer
from assessor_app.reports import signing
from assessor_app.reports.content import Ink, to_json
from assessor_app.reports.embedded import embedded_data
from assessor_app.reports.stamps import Stamp
from assessor_app.reports.status import Problem, SignatureStatus, Trust
from assessor_app.reports.verification import verify
from tests.reports import samples

STROKES = (((0.0, 30.0), (10.0, 5.0), (20.0, 40.0), (60.0, 10.0)), ((70.0, 20.0),))


@dataclass(frozen=True)
class Authority:
    key: bytes
    root: bytes

    def device(self, name: str, account: str = "a1", days: int = 365) -> LocalKey:
        key = new_key()
        request = certificates.request(key, Subject(name, "Uncen", account))
        return LocalKey(key, certificates.certify(request, self.key, self.root, days=days), (self.root,))


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority(*certificates.make_root("Sekretariat Gerakan Menuju Smart City"))


@pytest.fixture(scope="module")
def maria(authority: Authority) -> LocalKey:
    return authority.device(samples.MARIA.full_name)


def stamp(name: str = "Dr. Ir. Maria Tefa, M.Kom.", **more: object) -> Stamp:
    return Stamp(name, "3 Juli 2025, 14.32 WIT", **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def sheet(maria: LocalKey) -> bytes:
    return signing.sign(signing.make(samples.sheet(1)), maria, "assessor", stamp(strokes=STROKES), reason="Saya membuatnya",
                        place="Tanah Merah")


@pytest.fixture(scope="module")
def cosigned(maria: LocalKey, authority: Authority) -> tuple[bytes, bytes]:
    """Return minutes signed by the assessor, and the same countersigned by the official."""
    first = signing.sign(signing.make(samples.minutes(official_signs="certificate")), maria, "assessor", stamp())
    official = authority.device(samples.YOHANES.full_name, "o1")
    return first, signing.sign(first, official, "official", stamp(samples.YOHANES.full_name, picture=samples.ink()))


def test_signed_sheet_is_as_signed_and_carries_its_data(sheet: bytes, authority: Authority) -> None:
    status = verify(sheet, authority.root, hashlib.sha256(sheet).hexdigest())
    assert status.as_signed
    assert status.covers_whole_file
    assert status.as_recorded
    assert not status.problems
    (line,) = status.signatures
    assert (line.signer, line.intact, line.valid, line.trusted, line.trust) == (
        samples.MARIA.full_name, True, True, True, Trust.CERTIFIED)
    assert line.claimed_time
    assert line.timestamp is None
    assert embedded_data(sheet) == to_json(samples.sheet(1))
    assert status.data_sha256 == hashlib.sha256(to_json(samples.sheet(1))).hexdigest()
    raw = json.loads(json.dumps(status.to_json()))
    assert {"signatures", "covers_whole_file", "as_recorded", "as_signed"} <= set(raw)
    assert {"signer", "intact", "valid", "trusted", "claimed_time", "timestamp"} <= set(raw["signatures"][0])
    assert SignatureStatus.from_json(raw).to_json() == status.to_json()


def test_cosigned_minutes_are_a_chain_of_prefixes(cosigned: tuple[bytes, bytes], authority: Authority) -> None:
    first, second = cosigned
    assert second.startswith(first)
    status = verify(second, authority.root)
    assert status.as_signed
    assert [line.field for line in status.signatures] == ["assessor", "official"]
    earlier = verify(first, authority.root, hashlib.sha256(first).hexdigest())
    assert earlier.as_recorded
    assert earlier.covers_whole_file
    assert earlier.problems == (Problem.MISSING_SIGNATURE,)


@pytest.mark.parametrize("tool", ["pdfsig", "qpdf", "pdffonts"])
def test_others_call_it_sound(tool: str, cosigned: tuple[bytes, bytes], sheet: bytes, tmp_path: Path) -> None:
    if not shutil.which(tool):
        pytest.skip(f"needs {tool} (Debian: poppler-utils, qpdf)")
    arguments = {"pdfsig": ["-nocert"], "qpdf": ["--check"], "pdffonts": []}[tool]
    for n, pdf in enumerate((cosigned[1], sheet)):
        path = tmp_path / f"{n}.pdf"
        path.write_bytes(pdf)
        ran = subprocess.run([tool, *arguments, str(path)], capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        if tool == "pdfsig":
            assert ran.stdout.count("Signature is Valid") == 2 - n
            assert "Total document signed" in ran.stdout
        elif tool == "qpdf":
            assert "PDF Version: 1.7" in ran.stdout
            assert "WARNING" not in ran.stdout + ran.stderr
        else:
            assert all(" yes yes yes " in line for line in ran.stdout.splitlines()[2:])


def _increment(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(writer)
    out = io.BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()


def _title(writer: IncrementalPdfFileWriter) -> None:
    writer.document_meta.title = "Another title"
    writer.update_root()


def _page(writer: IncrementalPdfFileWriter) -> None:
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"0 0 100 100 re f"))
    writer.update_container(page)


def _data(writer: IncrementalPdfFileWriter) -> None:
    stream = writer.root["/Names"]["/EmbeddedFiles"]["/Names"][1]["/EF"]["/F"]
    stream._data = b'{"format":"asesor-document/1"}'
    stream._encoded_data = None
    writer.update_container(stream)


def _flip_near(pdf: bytes, mark: bytes, offset: int, value: bytes) -> bytes:
    at = pdf.index(mark) + offset
    return pdf[:at] + value + pdf[at + len(value) :]


def _pad(pdf: bytes, value: bytes) -> bytes:
    end = pdf.index(b"0" * 40 + b">")
    return pdf[: end + 20] + value + pdf[end + 20 + len(value) :]


@pytest.mark.parametrize(("attack", "problem"), [
    (lambda pdf: pdf[:3000] + bytes([pdf[3000] ^ 1]) + pdf[3001:], None),
    (lambda pdf: pdf + b"\n% more", Problem.MORE_AFTER),
    (lambda pdf: pdf + b"\0", Problem.MORE_AFTER),
    (lambda pdf: pdf[:-40], None),
    (lambda pdf: pdf[: len(pdf) // 2], None),
    (lambda pdf: _increment(pdf, _title), Problem.TITLE_CHANGED),
    (lambda pdf: _increment(pdf, _page), Problem.CHANGED),
    (lambda pdf: _increment(pdf, _data), Problem.CHANGED),
    (lambda pdf: _pad(pdf, b"1"), Problem.PADDING),
    (lambda pdf: _flip_near(pdf, b"/M (D\\072", 9, b"19"), None),
], ids=["flip", "trailing", "trailing-zero", "cut", "half", "title", "page", "data", "padding", "claimed-time"])
def test_every_change_is_found_without_a_record(
    sheet: bytes, authority: Authority, attack: Callable[[bytes], bytes], problem: Problem | None
) -> None:
    changed = attack(sheet)
    assert changed != sheet
    status = verify(changed, authority.root)
    assert not status.as_signed
    assert status.problems
    assert status.as_recorded is None
    if problem:
        assert problem in status.problems
    assert verify(changed, authority.root, hashlib.sha256(sheet).hexdigest()).as_recorded is False


def test_a_flip_that_changes_no_meaning_is_found_by_the_record(sheet: bytes, authority: Authority) -> None:
    end = sheet.index(b"0" * 40 + b">")
    start = sheet.rindex(b"<", 0, end) + 1
    other = sheet[:start] + sheet[start : end + 40].swapcase() + sheet[end + 40 :]
    assert verify(other, authority.root).as_recorded is None
    status = verify(other, authority.root, hashlib.sha256(sheet).hexdigest())
    assert status.as_recorded is False
    assert not status.as_signed


def test_cut_back_to_before_the_cosignature(cosigned: tuple[bytes, bytes], authority: Authority) -> None:
    first, second = cosigned
    status = verify(second[: len(first)], authority.root, hashlib.sha256(second).hexdigest())
    assert not status.as_signed
    assert {Problem.MISSING_SIGNATURE, Problem.NOT_AS_RECORDED} <= set(status.problems)


def test_a_page_changed_between_two_signatures(
    cosigned: tuple[bytes, bytes], authority: Authority
) -> None:
    for change, problem in ((_page, Problem.CHANGED), (_title, Problem.TITLE_CHANGED)):
        changed = _increment(cosigned[0], change)
        second = signing.sign(changed, authority.device("Yohanes"), "official", None)
        status = verify(second, authority.root)
        assert status.covers_whole_file
        assert not status.as_signed
        assert problem in status.problems


def test_impostors_of_the_same_name_are_not_trusted(authority: Authority, maria: LocalKey) -> None:
    key = new_key()
    alone = LocalKey(key, certificates.self_signed(key, Subject(samples.MARIA.full_name, "Uncen", "a1")))
    other = Authority(*certificates.make_root("Sekretariat Gerakan Menuju Smart City"))
    for impostor in (alone, other.device(samples.MARIA.full_name)):
        pdf = signing.sign(signing.make(samples.minutes()), impostor, "assessor", stamp())
        status = verify(pdf, authority.root)
        (line,) = status.signatures
        assert (line.intact, line.valid, line.trusted, line.trust) == (True, True, False, Trust.UNKNOWN)
        assert not status.as_signed
        assert status.problems == (Problem.NOT_TRUSTED,)
    pdf = signing.sign(signing.make(samples.minutes()), maria, "assessor", None)
    assert not verify(pdf, None).as_signed
    assert not verify(pdf, other.root).as_signed


def test_a_key_certified_later_is_shown_as_such(authority: Authority) -> None:
    key = new_key()
    subject = Subject(samples.MARIA.full_name, "Uncen", "a1")
    pdf = signing.sign(signing.make(samples.minutes()), LocalKey(key, certificates.self_signed(key, subject)), "assessor", None)
    later = certificates.certify(certificates.request(key, subject), authority.key, authority.root, days=365)
    status = verify(pdf, authority.root, known=[later])
    assert status.as_signed
    assert status.signatures[0].trust is Trust.LATER
    assert status.signatures[0].self_signed
    stranger = certificates.self_signed(key, subject)
    assert not verify(pdf, authority.root, known=[stranger]).as_signed


def test_a_revoked_certificate_is_not_trusted(sheet: bytes, authority: Authority, maria: LocalKey) -> None:
    serial = certificates.load(maria.certificate).serial_number
    crl = certificates.make_crl(authority.key, authority.root, [(serial, clock.now())], number=1)
    status = verify(sheet, authority.root, crl=crl)
    assert not status.as_signed
    assert status.signatures[0].trust is Trust.REVOKED


def _own_file(name: str, key: object) -> PKCS12:
    made = new_key() if key is None else key
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509.oid import NameOID

    now = datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(made.public_key())  # type: ignore[union-attr, attr-defined]
                   .serial_number(7).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=90))
                   .sign(made, SHA256()))  # type: ignore[arg-type]
    return PKCS12.load(pkcs12.serialize_key_and_certificates(
        b"own", made, certificate, None, BestAvailableEncryption(b"x")), "x")  # type: ignore[arg-type]


@pytest.mark.parametrize("key", [None, rsa.generate_private_key(65537, 2048)], ids=["p256", "rsa"])
def test_the_official_cosigns_with_a_file_of_his_own(authority: Authority, maria: LocalKey, key: object) -> None:
    own = _own_file(samples.YOHANES.full_name, key)
    named = samples.minutes(official_signs="certificate", official_certificate=certificates.fingerprint(own.certificate))
    pdf = signing.sign(signing.sign(signing.make(named), maria, "assessor", stamp()), own, "official", stamp("Y"))
    status = verify(pdf, authority.root)
    assert status.as_signed
    assert status.signatures[1].trust is Trust.NAMED
    assert not status.signatures[1].trusted
    unnamed = samples.minutes(official_signs="certificate")
    pdf = signing.sign(signing.sign(signing.make(unnamed), maria, "assessor", stamp()), own, "official", stamp("Y"))
    assert verify(pdf, authority.root).problems == (Problem.NOT_TRUSTED,)


def test_what_is_not_ours_is_said_to_be_so(authority: Authority, maria: LocalKey, tmp_path: Path) -> None:
    unsigned = signing.make(samples.minutes())
    for data, problem in ((b"", Problem.NOT_A_PDF), (b"PK\x03\x04 zip", Problem.NOT_A_PDF),
                          (b"%PDF-1.7\n% nothing", Problem.UNREADABLE), (unsigned, Problem.NO_SIGNATURE)):
        status = verify(data, authority.root, "00" * 32)
        assert status.problems[0] is problem
        assert status.as_recorded is False
        assert not status.as_signed
    if shutil.which("qpdf"):
        plain, locked = tmp_path / "a.pdf", tmp_path / "b.pdf"
        plain.write_bytes(unsigned)
        subprocess.run(["qpdf", "--encrypt", "a", "b", "256", "--", str(plain), str(locked)], check=True)
        assert verify(locked.read_bytes(), authority.root).problems == (Problem.ENCRYPTED,)
    stripped = _increment(unsigned, lambda writer: (writer.root.pop("/Names"), writer.update_root())[1])
    foreign = signing.sign(stripped, maria, "assessor", None)
    assert verify(foreign, authority.root).problems == (Problem.NOT_OURS,)
    with pytest.raises(BadInput):
        verify(foreign, b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")


def test_drawn_ink_stands_under_the_assessors_signature(authority: Authority, maria: LocalKey) -> None:
    content = samples.drawn_minutes()
    pdf = signing.sign(signing.make(content), maria, "assessor", stamp())
    status = verify(pdf, authority.root)
    assert status.as_signed
    assert status.expected == ("assessor",)
    assert status.data["official_ink"]["how"] == "drawn"
    with pytest.raises(AppError):  # no field: the official has signed already
        signing.sign(pdf, maria, "official", stamp())


def test_signing_refuses_what_cannot_be(sheet: bytes, maria: LocalKey) -> None:
    for pdf, where in ((sheet, "assessor"), (sheet, "official"), (b"%PDF-1.7 nothing", "assessor")):
        with pytest.raises(AppError) as error:
            signing.sign(pdf, maria, where, stamp())
        assert error.value.kept
    made = clock.now()
    try:
        clock.set_source(lambda: made - timedelta(days=9000))
        with pytest.raises(AppError):
            signing.sign(signing.make(samples.minutes()), maria, "assessor", stamp())
    finally:
        clock.set_source(None)


def test_a_signers_own_words_reach_the_person(maria: LocalKey) -> None:
    class Fails:
        certificate, chain = maria.certificate, ()

        def pyhanko_signer(self) -> object:
            raise AppError("The token was pulled out.")

    with pytest.raises(AppError, match="token"):
        signing.sign(signing.make(samples.minutes()), Fails(), "assessor", None)


def test_signs_on_any_thread_and_beside_a_running_loop(authority: Authority, maria: Signer) -> None:
    pdf = signing.make(samples.minutes())
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    made: list[bytes] = []
    thread = threading.Thread(target=lambda: made.append(signing.sign(pdf, maria, "assessor", stamp(), at=at)))
    thread.start()
    thread.join()

    async def inside() -> bytes:
        return signing.sign(pdf, maria, "assessor", stamp(), at=at)

    made.append(asyncio.run(inside()))
    for signed in made:
        status = verify(signed, authority.root)
        assert status.signatures[0].claimed_time == at


def _text(pdf: bytes) -> str:
    import pypdfium2

    return " ".join(" ".join(page.get_textpage().get_text_bounded().split()) for page in pypdfium2.PdfDocument(pdf))


@pytest.mark.parametrize(("how", "said"), [
    ({"official_signs": "certificate"}, "Signs electronically, with a certificate of their own."),
    ({"official_signs": "ink", "official_ink": Ink(samples.ink(), "drawn")}, "Signature drawn on the screen, witnessed by the assessor."),
    ({"official_signs": "ink", "official_ink": Ink(samples.ink(), "photo")},
     "Wet signature, from a photo of the paper, witnessed by the assessor."),
    ({"official_signs": "paper"}, "Signs by pen on the print, witnessed by the assessor."),
], ids=["certificate", "drawn", "photo", "pen"])
def test_the_document_says_how_the_official_signs(how: dict[str, object], said: str) -> None:
    ways = {"Signs electronically", "Signature drawn", "Wet signature", "Signs by pen"}
    text = _text(signing.make(samples.minutes(language="en", **how)))
    assert said in text
    assert [way for way in ways if way in text] == [way for way in ways if said.startswith(way)]
    assert "Signs by pen" not in _text(signing.make(samples.minutes(language="en", official=None)))


def test_the_first_signature_certifies_and_leaves_room_for_fields_alone(cosigned: tuple[bytes, bytes]) -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.fields import MDPPerm

    first, second = PdfFileReader(io.BytesIO(cosigned[1])).embedded_signatures
    assert first.field_name == "assessor"
    assert first.docmdp_level is MDPPerm.FILL_FORMS
    assert second.docmdp_level is None
    assert first.fieldmdp is None
    assert second.fieldmdp is None  # a later signature and a timestamp stay possible
