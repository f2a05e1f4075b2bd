"""The command line: what it prints, and an exit status of 0 only on success."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assessor_app import paths
from assessor_app.cli.main import main
from assessor_app.workflow import sample
from tests.factories import PASSPHRASE, make_account, make_note, make_visit


@pytest.fixture(autouse=True)
def _language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASESOR_LANGUAGE", "en")


def test_score_prints_unrounded_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    instrument = paths.resources() / "instruments/smart-city-2022-baru.xlsx"
    assert main(["score", "--instrument", str(instrument), "--answers", str(sample.folder() / "skor.csv"), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert set(result) == {"aspects", "index", "provisional"}
    assert [a["weight"] for a in result["aspects"]] == [10, 20, 30, 10, 30]
    assert result["index"] == pytest.approx(sum(a["weight"] * a["score"] for a in result["aspects"]) / 100, abs=1e-12)
    assert result["provisional"] is False


def test_instrument_check_names_every_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from openpyxl import load_workbook

    good = paths.resources() / "instruments/smart-city-2022-baru.xlsx"
    assert main(["instrument", "check", str(good)]) == 0
    book = load_workbook(good)
    rows = book["survey"]
    names = [cell.value for cell in rows[1]]
    rows.cell(2, names.index("weight") + 1).value = "banyak"
    rows.cell(4, names.index("type") + 1).value = "geopoint"
    book.save(tmp_path / "faulty.xlsx")
    capsys.readouterr()
    assert main(["instrument", "check", str(tmp_path / "faulty.xlsx")]) == 1
    said = capsys.readouterr().err
    assert "survey" in said
    assert "geopoint" in said
    assert main(["instrument", "check", str(sample.folder() / "skor.csv")]) == 1


def test_backup_restore_check_and_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    account = make_account(tmp_path / "a")
    make_note(account, make_visit(account), "isi")
    account.close()
    monkeypatch.setenv("ASESOR_PASSPHRASE", PASSPHRASE)
    assert main(["check", "--data", str(tmp_path / "a"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "problems": []}
    assert main(["backup", "--data", str(tmp_path / "a"), str(tmp_path / "b.asesor")]) == 0
    assert main(["restore", str(tmp_path / "b.asesor"), "--data", str(tmp_path / "c")]) == 0
    assert main(["check", "--data", str(tmp_path / "c")]) == 0
    capsys.readouterr()
    assert main(["sync", "--data", str(tmp_path / "c")]) == 1
    assert "not joined a server" in capsys.readouterr().err
    monkeypatch.setenv("ASESOR_PASSPHRASE", "salah salah salah")
    assert main(["check", "--data", str(tmp_path / "c")]) == 1
    assert "passphrase is wrong" in capsys.readouterr().err
    assert main(["restore", str(tmp_path / "nothing"), "--data", str(tmp_path / "d")]) == 1


def test_verify_a_file_that_is_not_ours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "x.pdf"
    file.write_bytes(b"hello")
    assert main(["verify", str(file), "--json"]) == 1
    result = json.loads(capsys.readouterr().out)
    assert result["as_signed"] is False
    assert result["signatures"] == []


def test_a_damaged_notebook_is_told_in_a_few_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                    capsys: pytest.CaptureFixture[str]) -> None:
    from assessor_app.workflow import backup

    make_account(tmp_path / "a").close()
    monkeypatch.setenv("ASESOR_PASSPHRASE", PASSPHRASE)
    problems = [f"page {n} is damaged" for n in range(90)]
    monkeypatch.setattr(backup, "check", lambda account: problems)
    assert main(["check", "--data", str(tmp_path / "a")]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "The notebook is damaged: 90 problems."
    assert lines[1:6] == problems[:5]
    assert lines[6].startswith("and 85 more")
    assert len(lines) == 8
    assert main(["check", "--data", str(tmp_path / "a"), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["problems"] == problems
