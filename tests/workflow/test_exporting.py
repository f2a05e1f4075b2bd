"""What leaves the notebook: notes as PDF and Word, the plan as Excel that comes back unchanged, a folder that anybody can read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
from docx import Document as WordDocument
from sqlalchemy import select

from assessor_app.cli.main import main
from assessor_app.errors import AppError
from assessor_app.models.interviews import Interview
from assessor_app.models.plans import Programme
from assessor_app.models.visits import Person
from assessor_app.workflow import plan_import, sample
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.exporting import folder, notes, plan
from tests.factories import PASSPHRASE, make_account, write

#: A note that has no consent, and a respondent's name, in the sample: neither may be in anything that leaves.
HELD, NAME = "Ia mau bercerita", "Mama Rosa"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Account, sample.Sample]]:
    import os

    os.environ["ASESOR_HOME"] = str(tmp_path_factory.mktemp("home"))
    account = make_account(tmp_path_factory.mktemp("a") / "a", "Ratna Prameswari")
    yield account, sample.load(account)
    account.close()


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_notes_as_pages_hold_what_may_leave_and_name_nobody(loaded: tuple[Account, sample.Sample]) -> None:
    account, visit = loaded
    pdf = notes.as_pdf(account, visit.visit)
    text = text_of(pdf)
    assert "Rumah produksi sagu di Kouh" in text
    assert "N-03, ketua kelompok pengolah sagu" in text
    assert "1 catatan tetap di perangkat" in text
    assert HELD not in text
    assert NAME.encode() not in pdf
    with account.reading() as session:
        names = [p.name for p in session.scalars(select(Person).where(Person.role == "respondent"))]
    assert not [name for name in names if name and name in text.replace("\n", " ")]


def test_notes_as_word_open_with_headings_lists_and_pictures(loaded: tuple[Account, sample.Sample]) -> None:
    account, visit = loaded
    note = visit.interviews[1]
    write(account, Interview, note, body="# Temuan\n- satu\n- dua\n\nLalu \x0b\x00biasa <b>&\n## Rincian\nakhir")
    document = WordDocument(io.BytesIO(notes.as_word(account, visit.visit)))
    lines = [(p.style.name, p.text) for p in document.paragraphs]  # type: ignore[union-attr]
    assert ("Heading 2", "Temuan") in lines
    assert [text for style, text in lines if style == "List Bullet"][:2] == ["satu", "dua"]
    assert any("biasa <b>&" in text for style, text in lines if style == "Normal")
    assert ("Heading 2", "Rincian") in lines
    assert len(document.inline_shapes) >= 4
    assert not any(HELD in text or NAME in text for _, text in lines)


def test_the_plan_comes_back_unchanged_and_runs_nothing(loaded: tuple[Account, sample.Sample]) -> None:
    account, visit = loaded
    first = min(visit.programmes.values())
    write(account, Programme, first, description="=HYPERLINK(\"http://x\";\"klik\")", agency="+62 Dinas", benefit="-1 bulan")
    with account.reading() as session:
        data = plan.as_excel(session, "93.02")
        before = {p.id: (p.values(), dict(p.versions)) for p in session.scalars(select(Programme))}
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert sheet is not None
    assert sheet.max_row == 61
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}  # no formula
    proposal = plan_import.propose(data, "rencana.xlsx")
    assert proposal.faults == ()

    def back(unit) -> plan_import.ImportOutcome:  # type: ignore[no-untyped-def]
        from assessor_app.workflow.planning import ensure_plan

        return plan_import.apply_import(unit, "93.02", ensure_plan(unit, "93.02"), proposal.rows)

    outcome = account.writer.run(back, purpose="plan.import")
    assert (outcome.created, outcome.updated, outcome.skipped) == (0, 0, 60)
    with account.reading() as session:
        assert {p.id: (p.values(), dict(p.versions)) for p in session.scalars(select(Programme))} == before


def test_a_folder_that_needs_no_program_of_ours(loaded: tuple[Account, sample.Sample], tmp_path: Path) -> None:
    account, visit = loaded
    first = min(visit.programmes.values())
    write(account, Programme, first, agency="@SUM(A1)")
    target = tmp_path / "kunjungan"
    count = folder.write(account, visit.visit, target)
    names = {str(file.relative_to(target)) for file in target.rglob("*") if file.is_file()}
    assert len(names) == count
    assert {"BACA.txt", "data.json", "program.csv", "rencana-induk.xlsx", "wawancara.csv"} <= names
    assert any(name.startswith("buku/") for name in names)
    assert any(name.startswith("foto/") for name in names)
    everything = b"".join((target / name).read_bytes() for name in sorted(names))
    assert HELD.encode() not in everything
    assert NAME.encode() not in everything
    rows = list(csv.DictReader(io.StringIO((target / "program.csv").read_text(encoding="utf-8-sig")), delimiter=";"))
    assert len(rows) == 60
    assert "'@SUM(A1)" in {row["agency"] for row in rows}
    read = json.loads((target / "data.json").read_text())
    assert "@SUM(A1)" in {row["agency"] for row in read["program"]}
    assert len(read["wawancara"]) == len(visit.interviews) - 1
    about = (target / "BACA.txt").read_text()
    assert "tetap di perangkat" in about
    assert "program.csv – program dalam rencana" in about
    with account.reading() as session:
        silent = {p.id for p in session.scalars(select(Person).where(Person.role == "respondent")) if p.consent != "given"}
    assert silent
    assert silent.isdisjoint(row["id"] for row in read["narasumber"])  # their occupations stay here as well
    assert f"{len(silent)} narasumber tanpa persetujuan" in about
    assert (target / "data.json").stat().st_mode & 0o077 == 0
    with pytest.raises(AppError, match="there already"):
        folder.write(account, visit.visit, target)


def test_what_is_stopped_leaves_nothing_half(loaded: tuple[Account, sample.Sample], tmp_path: Path) -> None:
    account, visit = loaded
    seen: list[int] = []

    def stop() -> None:
        seen.append(1)
        if len(seen) == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        folder.write(account, visit.visit, tmp_path / "x", stop)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("x")
    with pytest.raises(AppError, match="could not be written"):
        folder.write(account, visit.visit, tmp_path / "file" / "x")


def test_by_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASESOR_LANGUAGE", "en")
    account = make_account(tmp_path / "a", "Ratna Prameswari")
    visit = sample.load(account).visit
    account.close()
    (tmp_path / "p").write_text(PASSPHRASE)
    data = ["--data", str(tmp_path / "a"), "--passphrase-file", str(tmp_path / "p")]
    for name, begins in (("n.pdf", b"%PDF-"), ("n.docx", b"PK"), ("p.xlsx", b"PK")):
        assert main([*data, "export", visit, str(tmp_path / name)]) == 0
        assert (tmp_path / name).read_bytes().startswith(begins)
        (tmp_path / name).write_bytes(b"mine")
        assert main([*data, "export", visit, str(tmp_path / name)]) == 1
        assert (tmp_path / name).read_bytes() == b"mine"
        assert f"There is a file of this name already: {tmp_path / name}. Choose another name, or add --force" in capsys.readouterr().err
        assert main([*data, "export", visit, str(tmp_path / name), "--force"]) == 0
        assert (tmp_path / name).read_bytes().startswith(begins)
    assert main([*data, "export", visit, str(tmp_path / "all")]) == 0
    names = {file.relative_to(tmp_path / "all").parts[0] for file in (tmp_path / "all").rglob("*")}
    assert {"README.txt", "data.json", "programmes.csv", "master-plan.xlsx", "interviews.csv", "notes", "photos", "books"} <= names
    assert not names & {"BACA.txt", "program.csv", "rencana-induk.xlsx", "wawancara.csv", "catatan", "foto", "buku"}
    said = (tmp_path / "all" / "README.txt").read_text()
    assert "programmes.csv – the plan's programmes" in said
    assert "notes/ – notes as texts, one a file" in said
    assert "Names of files and folders are in the language of the export" in said
    assert {"visit", "programmes", "interviews"} <= json.loads((tmp_path / "all" / "data.json").read_text()).keys()
    assert main([*data, "export", visit, str(tmp_path / "n.odt")]) == 1
    assert main([*data, "export", "no-such-visit", str(tmp_path / "m.pdf")]) == 1
    assert "not in the notebook" in capsys.readouterr().err
    assert not (tmp_path / "m.pdf").exists()
