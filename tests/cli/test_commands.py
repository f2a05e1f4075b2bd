"""The command line: what it prints, and an exit status of 0 only on success."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assessor_app import paths
from assessor_app.cli.main import main
from assessor_app.models.journal import Unit
from assessor_app.workflow import planning, sample
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


def test_an_instrument_is_begun_from_the_template_imported_whole_or_not_at_all(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from openpyxl import load_workbook

    account = make_account(tmp_path / "a")
    visit = make_visit(account)
    account.close()
    monkeypatch.setenv("ASESOR_PASSPHRASE", PASSPHRASE)
    template = tmp_path / "mulai.xlsx"
    assert main(["instrument", "template", "--out", str(template)]) == 0
    assert main(["instrument", "check", str(template)]) == 0
    book = load_workbook(template)
    book["survey"]["G2"] = 70  # the weights add up to 110
    book["survey"]["A4"] = "geopoint"
    book["choices"]["B3"] = "satu"
    book["choices"]["D4"] = None
    book["settings"]["F2"] = "tahun ini"
    book.save(tmp_path / "salah.xlsx")
    capsys.readouterr()
    folder = ["--data", str(tmp_path / "a")]
    assert main(["instrument", "import", str(tmp_path / "salah.xlsx"), *folder]) == 1
    said = capsys.readouterr().err
    for fault in ("Sheet “settings”, row 2", "Sheet “survey”, row 2", "Sheet “survey”, row 4", "Sheet “choices”, row 3",
                  "Sheet “choices”, row 4", "Nothing was imported"):
        assert fault in said
    assert main(["blank", "instrumen-baru", "--out", str(tmp_path / "x.pdf"), *folder]) == 1
    capsys.readouterr()
    assert main(["instrument", "import", str(template), "--json", *folder]) == 0
    assert json.loads(capsys.readouterr().out)["ref"] == "instrumen-baru@1"
    assert main(["blank", "instrumen-baru", "--out", str(tmp_path / "x.pdf"), *folder]) == 0
    assert visit
    book = load_workbook(template)
    book["survey"]["C4"] = "Kata lain"
    book.save(tmp_path / "lain.xlsx")
    capsys.readouterr()
    assert main(["instrument", "import", str(tmp_path / "lain.xlsx"), *folder]) == 1
    assert "published version never changes" in capsys.readouterr().err


def test_spbe_is_scored_and_called_by_its_band_and_every_bad_answer_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from assessor_app.models.instrument import Instrument

    workbook = paths.resources() / "instruments/spbe-47.xlsx"
    asked = Instrument.from_json(workbook.with_suffix(".json").read_text(encoding="utf-8")).questions()
    answers = tmp_path / "a.csv"
    answers.write_text("question,assessor,score\n" + "".join(f"{q.id},Maria,4\n" for q in asked), encoding="utf-8")
    assert main(["score", "--instrument", str(workbook), "--answers", str(answers), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["index"], result["band"]) == (4, "Very good")
    rows = [f"{asked[0].id},Maria,6", f"{asked[1].id},Maria,0", "tidak_ada,Maria,3", f"{asked[2].id},,3", f"{asked[3].id},Maria,tiga",
            f"{asked[4].id},Maria,-1", f"{asked[5].id},Maria,4", f"{asked[5].id},Maria,3", f"{asked[6].id},Markus,3"]
    answers.write_text("\n".join(["question,assessor,score", *rows]), encoding="utf-8")
    assert main(["score", "--instrument", str(workbook), "--answers", str(answers), "--assessor", "Maria", "--assessor", "Yosep"]) == 1
    said = capsys.readouterr().err
    for row, words in ((2, "“6” is no score"), (3, "“0” is no score"), (4, "no question “tidak_ada”"), (5, "the assessor is missing"),
                       (6, "“tiga” is no score"), (7, "“-1” is no score"), (9, "stands already in row 8"),
                       (10, "no assessor “Markus” (it has Maria, Yosep)")):
        assert f"Row {row}: " in said
        assert words in said


def test_path_says_what_is_missing_and_fails_nobody(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    account = make_account(tmp_path / "a")
    visit = make_visit(account)

    def work(unit: Unit) -> None:
        planning.edit_plan(unit, "93.02", vision="Kota di atas sungai")
        planning.add_programme(unit, planning.ensure_plan(unit, "93.02"), name="Loket keliling")

    account.writer.run(work, purpose="plan.edit")
    account.close()
    monkeypatch.setenv("ASESOR_PASSPHRASE", PASSPHRASE)
    assert main(["path", visit, "--data", str(tmp_path / "a")]) == 0
    said = capsys.readouterr().out
    assert "Workshop I: 1 of 10 there\n" in said
    assert "  + Vision: There\n" in said
    assert "      1. Loket keliling: no agency\n" in said
    assert main(["path", "93.02", "--data", str(tmp_path / "a"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["bimtek_2"]["warnings"] == 17 + 3
    assert main(["path", "93.99", "--data", str(tmp_path / "a")]) == 1
    assert "no region of that code" in capsys.readouterr().err
