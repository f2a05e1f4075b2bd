"""Every attack on a signed file is answered: what it is, never a crash; nothing in a file runs."""

from __future__ import annotations

import hashlib
import io
import random
import re
import shutil
import subprocess
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from assessor_app.identity import certificates
from assessor_app.identity.certificates import Subject
from assessor_app.identity.keys import new_key
from assessor_app.identity.signers import LocalKey
from assessor_app.reports import signing, verification
from assessor_app.reports.status import Problem, Remark, SignatureStatus, Trust
from assessor_app.reports.timestamping import LongTerm, extend
from assessor_app.reports.verification import verify
from assessor_app.workflow.trusting import Anchors
from assessor_app.workflow.verifying import examine
from tests.reports import samples
from tests.reports.test_signing import Authority, stamp
from tests.reports.test_timestamping import Ask, ask

assert ask  # the fixture: the server's own authority


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority(*certificates.make_root("Sekretariat Gerakan Menuju Smart City"))


@pytest.fixture(scope="module")
def chain(authority: Authority, ask: Ask) -> list[bytes]:
    """Signed, timestamped, co-signed, timestamped: each begins with the one before."""
    crl = certificates.make_crl(authority.key, authority.root, [], number=1)
    kept = LongTerm([authority.root], [crl])
    made = signing.make(samples.minutes(official_signs="certificate"))
    out = [signing.sign(made, authority.device(samples.MARIA.full_name), "assessor", stamp())]
    out.append(extend(out[-1], ask, kept))
    out.append(signing.sign(out[-1], authority.device(samples.YOHANES.full_name, "o1"), "official", stamp("Yohanes")))
    out.append(extend(out[-1], ask, kept))
    return out


@pytest.fixture(scope="module")
def revisions(chain: list[bytes]) -> tuple[str, ...]:
    return tuple(hashlib.sha256(pdf).hexdigest() for pdf in chain)


def test_the_untouched_chain_verifies_at_every_link(chain: list[bytes], revisions: tuple[str, ...], authority: Authority) -> None:
    for number, pdf in enumerate(chain, 1):
        status = verify(pdf, authority.root).recorded(revisions)
        assert status.covers_whole_file
        assert status.as_recorded
        assert status.revision == (number, 4)
        assert all(line.intact and line.valid for line in status.signatures)
        assert status.as_signed == (number > 2)
        assert (Remark.EARLIER_REVISION in status.remarks) == (number < 4)


def _contents(pdf: bytes) -> list[tuple[int, int]]:
    """Return where the hexadecimal digits of each signature stand."""
    return [(found.start() + 11, found.end() - 1) for found in re.finditer(rb"/Contents <[0-9a-fA-F]+>", pdf)]


def test_a_flipped_byte_anywhere_is_found(chain: list[bytes], revisions: tuple[str, ...], authority: Authority) -> None:
    pdf, dice = chain[-1], random.Random(11)
    edges = [place for start, end in _contents(pdf) for place in (start - 2, start - 1, start, start + 1, end - 1, end, end + 1)]
    inside = [dice.randrange(start, end) for start, end in _contents(pdf) for _ in range(12)]
    tails = [len(pdf) - 1, len(pdf) - 5, 0, 5, *(len(one) - 1 for one in chain), *(len(one) for one in chain[:-1])]
    anywhere = [dice.randrange(len(pdf)) for _ in range(90)]
    assert len(_contents(pdf)) == 4
    for place in {*edges, *inside, *tails, *anywhere}:
        changed = pdf[:place] + bytes([pdf[place] ^ (1 << dice.randrange(8))]) + pdf[place + 1:]
        status = verify(changed, authority.root)
        # what is inside the last timestamp's own token shows as a timestamp that nobody trusts; everything else without a record
        assert not status.as_signed or Remark.TIMESTAMP_UNKNOWN in status.remarks, place
        beside = status.recorded(revisions)
        assert not beside.as_signed, place
        assert beside.as_recorded is False


def test_a_changed_digit_in_the_padding_is_found_without_a_record(chain: list[bytes], authority: Authority) -> None:
    pdf = chain[-1]
    for start, end in _contents(pdf):
        zeros = re.search(rb"0{64,}$", pdf[start:end])
        assert zeros
        for place in (start + zeros.start() + 40, end - 2):
            changed = pdf[:place] + b"1" + pdf[place + 1:]
            assert Problem.PADDING in verify(changed, authority.root).problems


def _increment(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(writer)
    out = io.BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()


def _page(writer: IncrementalPdfFileWriter) -> object:
    node = writer.root["/Pages"]
    while "/Kids" in node:
        node = node["/Kids"][0]
    return node


def _replaced(writer: IncrementalPdfFileWriter) -> None:
    page = _page(writer)
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"0 0 100 100 re f"))  # type: ignore[index]
    writer.update_container(page)


def _overlay(writer: IncrementalPdfFileWriter) -> None:
    page = _page(writer)
    more = writer.add_object(generic.StreamObject(stream_data=b"BT /F1 12 Tf 72 700 Td (4.00) Tj ET"))
    before = page["/Contents"]  # type: ignore[index]
    page["/Contents"] = generic.ArrayObject([*([before] if not isinstance(before, list) else before), more])  # type: ignore[index]
    writer.update_container(page)


def _annotated(writer: IncrementalPdfFileWriter) -> None:
    page = _page(writer)
    note = generic.DictionaryObject({
        pdf_name("/Type"): pdf_name("/Annot"), pdf_name("/Subtype"): pdf_name("/FreeText"),
        pdf_name("/Contents"): generic.pdf_string("4,00"),
        pdf_name("/Rect"): generic.ArrayObject([generic.NumberObject(n) for n in (100, 100, 300, 200)])})
    page.setdefault(pdf_name("/Annots"), generic.ArrayObject()).append(writer.add_object(note))  # type: ignore[attr-defined]
    writer.update_container(page)


def _data(writer: IncrementalPdfFileWriter) -> None:
    names = writer.root["/Names"]["/EmbeddedFiles"]["/Names"]
    stream = names[1]["/EF"]["/F"]
    stream._data = stream.data.replace(b'"number"', b'"numbex"')
    stream._encoded_data = None
    writer.update_container(stream)


def _title(writer: IncrementalPdfFileWriter) -> None:
    writer.document_meta.title = "Berita Acara Lain"
    writer.update_root()


def _xmp(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/Metadata"] = writer.add_object(generic.StreamObject(stream_data=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"))
    writer.update_root()


def _script(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/OpenAction"] = generic.DictionaryObject({
        pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): generic.pdf_string("app.alert('x')")})
    writer.update_root()


def _structure(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/Lang"] = generic.pdf_string("xx")
    del writer.root["/StructTreeRoot"]
    writer.update_root()


def _unsigned_field(writer: IncrementalPdfFileWriter) -> None:
    """Take the official's signature out of its field."""
    for field in writer.root["/AcroForm"]["/Fields"]:
        value = field.get_object()
        if str(value.get("/T")) == "official":
            del value["/V"]
            writer.update_container(value)


@pytest.mark.parametrize(("change", "problem"), [
    (_replaced, Problem.CHANGED), (_overlay, Problem.CHANGED), (_annotated, Problem.CHANGED), (_data, Problem.CHANGED),
    (_title, Problem.TITLE_CHANGED), (_xmp, Problem.TITLE_CHANGED), (_script, Problem.CHANGED), (_structure, Problem.CHANGED),
    (_unsigned_field, None)],
    ids=["page", "overlay", "annotation", "data", "title", "xmp", "script", "structure", "unsigned"])
@pytest.mark.parametrize("link", [0, 3])
def test_every_increment_that_is_no_signature_is_found(
    chain: list[bytes], authority: Authority, change: Callable[[IncrementalPdfFileWriter], None], problem: Problem | None, link: int
) -> None:
    if problem is None and link == 0:
        return  # not signed there yet
    changed = _increment(chain[link], change)
    status = verify(changed, authority.root)
    assert not status.as_signed
    assert Problem.MORE_AFTER in status.problems
    if problem:
        assert problem in status.problems


def test_a_change_hidden_under_a_fresh_timestamp_is_found(chain: list[bytes], authority: Authority, ask: Ask) -> None:
    """The attacker has the whole file covered again, by a true timestamp of the true authority."""
    for change, problem in ((_replaced, Problem.CHANGED), (_data, Problem.CHANGED), (_title, Problem.TITLE_CHANGED),
                            (_annotated, Problem.CHANGED)):
        status = verify(extend(_increment(chain[-1], change), ask, LongTerm()), authority.root)
        assert status.covers_whole_file
        assert not status.as_signed
        assert problem in status.problems


def test_cut_and_lengthened(chain: list[bytes], revisions: tuple[str, ...], authority: Authority) -> None:
    whole = chain[-1]
    for more in (b"\n", b"\0", b" ", b"% more", b"%%EOF\n", whole, b"\0" * 5000, b"trailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF"):
        status = verify(whole + more, authority.root)
        assert not status.as_signed
        assert status.problems
    for cut in (1, 7, 40, 700, len(whole) // 3, len(whole) // 2, len(whole) - 400):
        assert not verify(whole[:-cut], authority.root).as_signed
    # cut back to an earlier revision exactly: it is that revision, and says so
    status = verify(whole[: len(chain[1])], authority.root).recorded(revisions)
    assert status.revision == (2, 4)
    assert status.problems == (Problem.MISSING_SIGNATURE,)
    assert Remark.EARLIER_REVISION in status.remarks
    # padding before the header shifts everything
    assert not verify(b"\n" * 100 + whole, authority.root).as_signed


def test_impostor_revoked_and_backdated(authority: Authority) -> None:
    name = samples.MARIA.full_name
    key = new_key()
    alone = LocalKey(key, certificates.self_signed(key, Subject(name, "Universitas Cenderawasih", "a1")))
    twin = Authority(*certificates.make_root("Sekretariat Gerakan Menuju Smart City")).device(name)
    for impostor in (alone, twin):
        status = verify(signing.sign(signing.make(samples.minutes()), impostor, "assessor", stamp()), authority.root)
        assert status.signatures[0].signer == name
        assert status.signatures[0].trust is Trust.UNKNOWN
        assert status.problems == (Problem.NOT_TRUSTED,)
    # an enrolled device that calls itself by another's name is shown by its own
    budi = new_key()
    as_maria = LocalKey(budi, certificates.self_signed(budi, Subject(name, "", "")))
    own = certificates.certify(certificates.request(budi, Subject("Budi", "", "b")), authority.key, authority.root, days=365)
    shown = verify(signing.sign(signing.make(samples.minutes()), as_maria, "assessor", None), authority.root, known=[own])
    assert shown.signatures[0].signer == "Budi"
    lost = authority.device(name)
    crl = certificates.make_crl(authority.key, authority.root, [(certificates.load(lost.certificate).serial_number,
                                                                 datetime.now(UTC))], number=1)
    backdated = signing.sign(signing.make(samples.minutes()), lost, "assessor", None, at=datetime.now(UTC) - timedelta(hours=20))
    assert verify(backdated, authority.root, crl=crl).problems == (Problem.REVOKED,)


REWRITES = {
    "qpdf": ["qpdf", "--linearize", "in.pdf", "out.pdf"], "qpdf-plain": ["qpdf", "--qdf", "--object-streams=disable", "in.pdf", "out.pdf"],
    "mutool": ["mutool", "clean", "in.pdf", "out.pdf"], "mutool-garbage": ["mutool", "clean", "-gggg", "-z", "in.pdf", "out.pdf"],
    "gs": ["gs", "-q", "-dNOPAUSE", "-dBATCH", "-sDEVICE=pdfwrite", "-sOutputFile=out.pdf", "in.pdf"],
}


@pytest.mark.parametrize("tool", sorted(REWRITES))
def test_a_file_that_a_tool_wrote_anew_is_not_as_signed(
    chain: list[bytes], revisions: tuple[str, ...], authority: Authority, tmp_path: Path, tool: str
) -> None:
    if not shutil.which(REWRITES[tool][0]):
        pytest.skip(f"needs {REWRITES[tool][0]} (Debian: qpdf, mupdf-tools, ghostscript)")
    (tmp_path / "in.pdf").write_bytes(chain[-1])
    subprocess.run(REWRITES[tool], cwd=tmp_path, check=True, capture_output=True)
    written = (tmp_path / "out.pdf").read_bytes()
    status = verify(written, authority.root).recorded(revisions)
    assert not status.as_signed
    assert status.problems
    assert status.as_recorded is False


@pytest.mark.skipif(not shutil.which("qpdf"), reason="needs qpdf")
@pytest.mark.parametrize("words", [["a", "b", "256"], ["", "", "256"], ["", "b", "128", "--use-aes=y"]], ids=["locked", "owner", "128"])
def test_an_encrypted_file_is_called_so(chain: list[bytes], authority: Authority, tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "in.pdf").write_bytes(chain[-1])
    subprocess.run(["qpdf", "--encrypt", *words, "--", "in.pdf", "out.pdf"], cwd=tmp_path, check=False, capture_output=True)
    data = (tmp_path / "out.pdf").read_bytes()
    assert verify(data, authority.root).problems == (Problem.ENCRYPTED,)
    assert examine(data, Anchors(authority.root))["problems"] == ["encrypted"]


def _bomb() -> bytes:
    """A page whose content would unpack to 4 GB."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b"\0" * (1 << 20)) for _ in range(512)) + packer.flush()
    twice = zlib.compress(packed, 9)
    body = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/SigFlags 3>>>>endobj\n"
    body += b"2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\n"
    body += b"3 0 obj<</Length %d/Filter[/FlateDecode/FlateDecode]>>stream\n" % len(twice) + twice + b"\nendstream endobj\n"
    body += b"4 0 obj<</FT/Sig/T(x)/V 3 0 R>>endobj\n"
    return body + b"trailer<</Root 1 0 R/Size 5>>\nstartxref\n0\n%%EOF"


def _deep() -> bytes:
    return b"%PDF-1.7\n1 0 obj" + b"[" * 200_000 + b"]" * 200_000 + b"endobj\ntrailer<</Root 1 0 R/Size 2>>\nstartxref\n9\n%%EOF"


def _loop() -> bytes:
    body = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[3 0 R]>>>>endobj\n"
    body += b"2 0 obj<</Type/Pages/Kids[2 0 R]/Count 1/Parent 2 0 R>>endobj\n3 0 obj<</FT/Sig/T(x)/Kids[3 0 R]/Parent 3 0 R>>endobj\n"
    offsets = [body.index(b"%d 0 obj" % n) for n in (1, 2, 3)]
    start = len(body)
    table = b"xref\n0 4\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % n for n in offsets)
    return body + table + b"trailer<</Root 1 0 R/Size 4/Prev %d>>\nstartxref\n%d\n%%%%EOF" % (start, start)


def _foreign() -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.drawString(100, 100, "Undangan rapat")
    canvas.save()
    return out.getvalue()


@pytest.mark.parametrize(("data", "codes"), [
    (b"", {"not_a_pdf"}), (b"PK\x03\x04", {"not_a_pdf"}), (b"\xff\xd8\xff" * 100, {"not_a_pdf"}), (b"%PDF-", {"unreadable"}),
    (b"%PDF-1.7\n" + bytes(range(256)) * 400, {"unreadable"}), (_bomb(), {"unreadable", "no_signature"}), (_deep(), {"unreadable"}),
    (_loop(), {"unreadable", "no_signature"}), (_foreign(), {"no_signature"}),
], ids=["empty", "zip", "jpeg", "header", "noise", "bomb", "deep", "loop", "foreign"])
def test_hostile_damaged_and_foreign_files_get_an_answer(authority: Authority, data: bytes, codes: set[str]) -> None:
    result = examine(data, Anchors(authority.root))
    assert set(result["problems"]) <= codes
    assert result["problems"]
    assert not result["as_signed"]
    assert SignatureStatus.from_json(result).to_json() == result
    from assessor_app.workflow.verdicts import lines

    assert lines(result)[-1]


def test_a_huge_file_is_not_looked_into(authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from assessor_app.workflow.verifying import read_file

    file = tmp_path / "besar.pdf"
    with file.open("wb") as out:
        out.write(b"%PDF-1.7\n")
        out.truncate(verification.LARGEST + 10)
    data = read_file(file)
    assert len(data) == verification.LARGEST + 1  # no more of it is ever in memory
    monkeypatch.setattr("assessor_app.isolate.call", lambda *_, **__: pytest.fail("it was looked into"))
    assert examine(data, Anchors(authority.root))["problems"] == ["too_large"]


def test_a_file_that_takes_its_reader_down_gets_an_answer_too(chain: list[bytes], authority: Authority,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    from assessor_app import isolate

    real = isolate.call
    monkeypatch.setattr("assessor_app.isolate.call", lambda target, *values, **limits: real(
        "tests.faults.hostile:dies", **limits))
    result = examine(chain[-1], Anchors(authority.root))
    assert result["problems"] == ["unreadable"]
    assert result["sha256"] == hashlib.sha256(chain[-1]).hexdigest()


def test_nothing_in_a_file_runs_or_reaches_out(chain: list[bytes], authority: Authority, tmp_path: Path) -> None:
    """A file that wants to open, launch, submit and fetch: the loopback guard of the tests and a marker tell if anything did."""
    marker = tmp_path / "ran"

    def wants(writer: IncrementalPdfFileWriter) -> None:
        launch = generic.DictionaryObject({pdf_name("/S"): pdf_name("/Launch"), pdf_name("/F"): generic.pdf_string(f"touch {marker}")})
        send = generic.DictionaryObject({pdf_name("/S"): pdf_name("/URI"), pdf_name("/URI"): generic.pdf_string("http://192.0.2.1/x")})
        writer.root["/OpenAction"] = launch
        writer.root["/AA"] = generic.DictionaryObject({pdf_name("/WC"): send})
        writer.update_root()

    assert not verify(_increment(chain[-1], wants), authority.root).as_signed
    assert not marker.exists()


def test_certificates_in_a_file_send_nobody_anywhere(authority: Authority) -> None:
    """Addresses in a certificate (issuers, lists, OCSP) are not asked: a file must not tell its sender that it is read."""
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

    key = new_key()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Mata-mata")])
    where = x509.UniformResourceIdentifier("http://192.0.2.1/x")
    now = datetime.now(UTC)
    made = (x509.CertificateBuilder().subject_name(subject).issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Jauh")]))
            .public_key(key.public_key()).serial_number(5)
            .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=9))
            .add_extension(x509.AuthorityInformationAccess([
                x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, where),
                x509.AccessDescription(AuthorityInformationAccessOID.OCSP, where)]), critical=False)
            .add_extension(x509.CRLDistributionPoints([x509.DistributionPoint([where], None, None, None)]), critical=False)
            .sign(key, SHA256()))
    pdf = signing.sign(signing.make(samples.minutes()), LocalKey(key, made.public_bytes(Encoding.PEM)), "assessor", stamp())
    assert verify(pdf, authority.root).problems == (Problem.NOT_TRUSTED,)  # the guard fails the test where anybody connects
