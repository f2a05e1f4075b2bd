"""The panel's report from signed sheets, signed by its lead and members; the summary; blank sheets; a file's data read back."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pypdfium2
import pytest
from sqlalchemy import select

from assessor_app.cli.main import main
from assessor_app.errors import AppError, BadInput
from assessor_app.identity import certificates
from assessor_app.identity.signers import LocalKey
from assessor_app.models.attachments import Attachment
from assessor_app.models.documents import Document, Revision
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import DocumentType
from assessor_app.models.visits import Person, Visit
from assessor_app.reports import content as c
from assessor_app.reports import reading
from assessor_app.workflow import contents, documents, panel, reporting, sample, sample_panel, verifying
from assessor_app.workflow.accounts import Account, setting, store_settings
from tests.factories import PASSPHRASE, PIN, make_account, read, write


@dataclass(frozen=True)
class Scene:
    account: Account
    loaded: sample.Sample
    root: tuple[bytes, bytes]
    members: tuple[tuple[str, LocalKey, bytes], ...]  # assessor, key, signed sheet
    own: c.SheetContent


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A panel of three on the sample visit, certified by one centre; each has signed a sheet, and the lead closed the panel."""
    patch = pytest.MonkeyPatch()
    patch.setenv("ASESOR_HOME", str(tmp_path_factory.mktemp("home")))
    account = make_account(tmp_path_factory.mktemp("a") / "a", "Ratna Prameswari")
    loaded = sample.load(account)
    root = certificates.make_root("Sekretariat Contoh")
    with account.reading() as session:
        request = str(setting(session, "certificate_request")).encode()
    pem = certificates.certify(request, root[0], root[1], days=365)
    values = {"root": root[1].decode(), "certificate": pem.decode(), "chain": [root[1].decode()]}
    account.writer.run(lambda unit: store_settings(unit, **values), purpose="x")
    prepared = documents.prepare(account, DocumentType.EVALUATION_SHEET, loaded.visit, documents.wish(number="LE-1", date="2024-07-04"))
    documents.sign(account, prepared, PIN)
    assert isinstance(prepared.content, c.SheetContent)
    members = tuple(_member(prepared.content, loaded.visit, n, name, root) for n, name in enumerate(("Suharto", "Ni Luh Ayu"), 2))
    write(account, Visit, loaded.visit, lead=account.profile, team=[account.profile, *(one for one, _, _ in members)])
    panel.close(account, loaded.visit, [(f"{one}.pdf", pdf) for one, _, pdf in members])
    yield Scene(account, loaded, root, members, prepared.content)
    account.close()
    patch.undo()


def _member(own: c.SheetContent, visit: str, n: int, name: str, root: tuple[bytes, bytes]) -> tuple[str, LocalKey, bytes]:
    def score(k: int, given: str | None) -> str | None:
        return given if given in (None, "-") or k % n else str((int(given or 0) + 2) % 5)

    return sample_panel.colleague_sheet(own, visit, name, f"Universitas {n}", f"LE-{n}", sample_panel.Centre(*root), score)


def words(pdf: bytes) -> str:
    opened = pypdfium2.PdfDocument(pdf)
    try:
        return " ".join(" ".join(page.get_textpage().get_text_bounded() for page in opened).split())
    finally:
        opened.close()


def test_the_report_is_signed_by_the_lead_and_then_by_the_members(scene: Scene) -> None:
    account, visit = scene.account, scene.loaded.visit
    prepared = documents.prepare(account, DocumentType.PANEL_REPORT, visit, documents.wish(number="LP-1", date="2024-07-05"))
    result = panel.result(account, visit)
    assert len(result.sheets) == 3
    assert result.owed
    with pytest.raises(BadInput, match="not ready"):
        documents.sign(account, prepared, PIN)

    def say(unit: Unit) -> None:
        for question in result.owed:
            panel.remark(unit, visit, question, "Panel membaca naskahnya bersama.")

    account.writer.run(say, purpose="panel.remark")
    with pytest.raises(AppError, match="changed since the preview"):
        documents.sign(account, prepared, PIN)
    prepared = documents.prepare(account, DocumentType.PANEL_REPORT, visit, documents.wish(number="LP-1", date="2024-07-05"))
    report = documents.sign(account, prepared, PIN)
    assert read(account, Document, report, "region") == "93.02"
    assert read(account, Document, report, "sheet") == ""
    said = words(prepared.pdf)
    index = f"{float(result.evaluation.index or 0):.2f}".replace(".", ",")
    for expected in ("Suharto", "Universitas 3", index, "Panel membaca naskahnya bersama.", *(s.data_sha256[:8] for s in result.sheets)):
        assert expected in said, expected
    with account.reading() as session:
        first = documents.document_bytes(session, report)
        assert reporting.member_field(session, account, report) == ""
    with pytest.raises(AppError, match="no place"):
        reporting.sign_as_member(account, report, PIN)
    by_id = {assessor: key for assessor, key, _ in scene.members}
    for n, member in enumerate(prepared.content.member_ids, 1):  # type: ignore[attr-defined]
        assert "missing_signature" in verifying.verify_file(account, _newest(account, report))["problems"]
        documents.cosign(account, report, by_id[member], field=f"member_{n}")
    last = _newest(account, report)
    assert last.startswith(first)
    result2 = verifying.verify_file(account, last)
    assert [line["field"] for line in result2["signatures"]] == ["assessor", "member_1", "member_2"]
    assert result2["as_signed"], result2
    assert read(account, Document, report, "state") == "cosigned"
    with account.reading() as session:
        assert {row.region for row in session.scalars(select(Revision).where(Revision.document == report))} == {"93.02"}
    assert reporting.read_back(last) == prepared.content
    page = reporting.summary(account, visit, documents.wish(language="id"))
    assert len(pypdfium2.PdfDocument(page)) == 1
    assert index in words(page)
    assert "LP-1" in words(page)


def _newest(account: Account, document: str) -> bytes:
    with account.reading() as session:
        return documents.document_bytes(session, document)


def test_what_is_read_back_is_what_was_recorded(scene: Scene) -> None:
    account, visit = scene.account, scene.loaded.visit
    minutes = documents.prepare(account, DocumentType.MINUTES, visit, documents.wish(number="BA-1", date="2024-07-05"))
    assert reporting.read_back(minutes.pdf) == minutes.content
    with account.reading() as session:
        made = session.scalars(select(Document).where(Document.sheet == scene.loaded.sheet)).one()
        back = reporting.read_back(documents.document_bytes(session, made.id))
    assert isinstance(back, c.SheetContent)
    assert c.to_json(back) == c.to_json(scene.own)
    assert replace(back, photos=()) == replace(scene.own, photos=())
    assert [(one.caption, one.sha256) for one in back.photos] == [(one.caption, one.sha256) for one in scene.own.photos]


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n", b"PK\x03\x04", b"%PDF-1.4\n" + b"1 0 obj<</Type/Catalog>>endobj\n" * 50])
def test_a_foreign_file_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(BadInput) as refused:
        reporting.inside(data)
    assert refused.value.kept


@pytest.mark.parametrize("change", [
    {"type": "letter"}, {"aspects": 3}, {"aspects": [{"name": 1}]}, {"index": "4"}, {"region": None}, {"format": "asesor-document/9"},
])
def test_data_that_are_not_whole_are_refused(scene: Scene, change: dict[str, object]) -> None:
    raw = json.loads(c.to_json(scene.own)) | change
    with pytest.raises(BadInput):
        reading.from_json(raw)


def test_the_commands_write_pages_and_read_them_back(scene: Scene, tmp_path: Path, capsys: pytest.CaptureFixture[str],
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASESOR_PASSPHRASE", PASSPHRASE)
    monkeypatch.setenv("ASESOR_LANGUAGE", "en")
    folder, visit = str(scene.account.folder), scene.loaded.visit
    blank, summary, report = (tmp_path / name for name in ("blank.pdf", "summary.pdf", "report.pdf"))
    assert main(["blank", visit, "--out", str(blank), "--data", folder, "--paper", "F4"]) == 0
    assert main(["blank", "smart-city-2023-wisata", "--out", str(tmp_path / "other.pdf"), "--data", folder]) == 0
    assert main(["summary", visit, "--out", str(summary), "--data", folder]) == 0
    assert main(["report", visit, "--out", str(report), "--data", folder]) == 0
    assert main(["report", "--all", str(tmp_path / "all"), "--data", folder]) == 0
    assert main(["report", "--all", str(tmp_path / "all"), "--data", folder]) == 1  # what is there already stays
    (there,) = (tmp_path / "all").iterdir()
    assert there.name in capsys.readouterr().err
    assert main(["report", "--all", str(tmp_path / "all"), "--data", folder, "--force"]) == 0
    assert main(["report", "--data", folder]) == 1
    assert main(["blank", "no-such-form", "--out", str(blank), "--data", folder]) == 1
    assert "Boven Digoel" in words(blank.read_bytes())
    assert [words(file.read_bytes()).count("PANEL REPORT") for file in (tmp_path / "all").iterdir()] == [1]
    capsys.readouterr()
    signed = tmp_path / "sheet.pdf"
    with scene.account.reading() as session:
        made = session.scalars(select(Document).where(Document.sheet == scene.loaded.sheet)).one()
        signed.write_bytes(documents.document_bytes(session, made.id))
    assert main(["import-sheet", str(signed), "--json", "--data", folder]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"on_record": True, "data": json.loads(c.to_json(scene.own))}
    signed.write_bytes(scene.members[0][2])
    assert main(["import-sheet", str(signed), "--data", folder]) == 0
    said = capsys.readouterr().out
    assert "Suharto" in said
    assert "read only" in said


def test_no_respondents_face_without_consent_to_publication(scene: Scene) -> None:
    account, visit = scene.account, scene.loaded.visit
    with account.reading() as session:
        shown = contents._photos(session, account.blobs, visit)
        row = session.scalars(select(Attachment).where(Attachment.visit == visit, Attachment.sha256 == shown[0].sha256)).first()
        person = session.scalars(select(Person).where(Person.visit == visit, Person.role == "respondent")).first()
    assert row is not None
    assert person is not None
    write(account, Attachment, row.id, person=person.id)
    for publication, consent, there in ((True, "given", True), (False, "given", False), (True, "withdrawn", False)):
        write(account, Person, person.id, consent_publication=publication, consent=consent)
        with account.reading() as session:
            now = contents._photos(session, account.blobs, visit)
        assert (shown[0].sha256 in {one.sha256 for one in now}) is there
    assert io.BytesIO(now[0].data).getvalue()
