"""What the commands ask for and write: files that are there stay, secrets that are named are used, visits are listed."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from assessor_app.cli.main import main
from assessor_app.identity import keychain as keychains
from assessor_app.workflow import accounts, visiting
from tests.factories import PASSPHRASE, PIN, make_account, make_visit
from tests.ui.conftest import FakeKeychain


@pytest.fixture(autouse=True)
def _language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASESOR_LANGUAGE", "en")


def test_a_file_that_is_there_stays_unless_force_says_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                                 capsys: pytest.CaptureFixture[str]) -> None:
    make_account(tmp_path / "a").close()
    data, target = ["--data", str(tmp_path / "a")], tmp_path / "mine"
    target.write_text("mine")
    commands = (["backup", str(target), *data], ["courier", "pack", str(target), *data],
                ["instrument", "template", "--out", str(target)],
                ["blank", "smart-city-2022-baru", "--out", str(target), *data], ["report", "x", "--out", str(target), *data],
                ["summary", "x", "--out", str(target), *data])
    for command in commands:  # no passphrase is given: nothing is even asked for
        assert main(command) == 1
        said = capsys.readouterr().err
        assert said == (f"There is a file of this name already: {target}. Choose another name, or add --force to write over it. "
                        "Nothing was written.\n")
    assert target.read_text() == "mine"
    monkeypatch.setenv("ASESOR_PASSPHRASE", PASSPHRASE)
    assert main(["backup", str(target), "--force", *data]) == 0
    assert target.stat().st_size > 10_000
    assert main(["instrument", "template", "--out", str(target), "--force"]) == 0
    assert target.read_bytes().startswith(b"PK")
    capsys.readouterr()
    assert main(["backup", str(tmp_path / "nowhere" / "b"), *data]) == 1
    assert f"There is no such folder: {tmp_path / 'nowhere'}." in capsys.readouterr().err
    assert main(["backup", str(tmp_path), "--force", *data]) == 1
    assert "This is a folder" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["notebook.db", "slots.json", "backups/b", "new"])
def test_nothing_is_written_among_the_files_of_a_notebook(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch,
                                                           capsys: pytest.CaptureFixture[str]) -> None:
    make_account(tmp_path / "a").close()
    (tmp_path / "a" / "backups").mkdir()
    before = {file: file.read_bytes() for file in (tmp_path / "a").rglob("*") if file.is_file()}
    monkeypatch.setenv("ASESOR_PASSPHRASE", PASSPHRASE)
    target, data = str(tmp_path / "a" / name), ["--data", str(tmp_path / "a")]
    for command in (["backup", target, "--force", *data], ["instrument", "template", "--force", "--out", target],
                    ["courier", "pack", target, "--force", *data], ["report", "--all", target, *data]):
        assert main(command) == 1
        assert "belongs to a notebook" in capsys.readouterr().err
    assert {file: file.read_bytes() for file in before} == before


def test_visits_are_listed_with_the_ids_that_other_commands_take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                                  capsys: pytest.CaptureFixture[str]) -> None:
    account = make_account(tmp_path / "a")
    data = ["visits", "--data", str(tmp_path / "a")]
    monkeypatch.setenv("ASESOR_PASSPHRASE", PASSPHRASE)
    account.close()
    assert main(data) == 0
    assert capsys.readouterr().out == "There is no visit in this notebook yet.\n"
    account = accounts.open_account(tmp_path / "a", passphrase=PASSPHRASE)
    first = account.writer.run(lambda unit: visiting.create_visit(
        unit, "93.02", starts_on="2026-07-03", ends_on="2026-07-05", stage="evaluation"), purpose="x")
    second = make_visit(account, "91.71")
    account.close()
    assert main(data) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["Id", "Region", "Stage", "Dates", "State"]
    (line,) = [one for one in lines if one.startswith(first)]
    assert "93.02 Kab. Boven Digoel" in line
    assert "3–5 July 2026" in line
    assert line.endswith("Draft")
    assert any(one.startswith(second) and "Kota Jayapura" in one for one in lines)
    assert main([*data, "--json"]) == 0
    rows = {row["id"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows.keys() == {first, second}
    assert (rows[first]["region"], rows[first]["stage"], rows[first]["starts_on"], rows[first]["ends_on"], rows[first]["state"]) == (
        "93.02", "evaluation", "2026-07-03", "2026-07-05", "draft")
    assert main(["path", first, "--data", str(tmp_path / "a")]) == 0


def test_a_pin_that_is_named_is_used_or_said_to_be_of_no_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                              capsys: pytest.CaptureFixture[str]) -> None:
    keychain = FakeKeychain()
    for home in (accounts, keychains):
        monkeypatch.setattr(home, "system_keychain", lambda: keychain)
    profile = accounts.Profile("Maria Tefa")
    accounts.create_account(tmp_path / "k", profile, PIN, passphrase=PASSPHRASE, keychain=keychain)[0].close()
    make_account(tmp_path / "p").close()
    right, wrong, phrase = tmp_path / "right", tmp_path / "wrong", tmp_path / "phrase"
    right.write_text(PIN)
    wrong.write_text("9999")
    phrase.write_text(PASSPHRASE)
    by_keyring, by_passphrase = ["check", "--data", str(tmp_path / "k")], ["check", "--data", str(tmp_path / "p")]
    monkeypatch.setenv("ASESOR_PASSPHRASE", PASSPHRASE)
    assert main([*by_keyring, "--pin-file", str(right)]) == 0
    assert main([*by_keyring, "--pin-file", str(wrong)]) == 1  # what is named goes before the environment
    assert "The PIN is wrong." in capsys.readouterr().err
    assert main([*by_passphrase, "--pin-file", str(wrong)]) == 0
    assert "The PIN of --pin-file was not needed" in capsys.readouterr().err
    assert main([*by_keyring, "--pin-file", str(wrong), "--passphrase-file", str(phrase)]) == 0
    assert "was not needed" in capsys.readouterr().err
    monkeypatch.delenv("ASESOR_PASSPHRASE")
    assert main([*by_passphrase, "--pin-file", str(right)]) == 1
    assert capsys.readouterr().err == (
        "A PIN does not open this notebook: on this computer its passphrase does. Name a file that holds the passphrase with "
        "--passphrase-file. Nothing was changed.\n")


def test_what_is_said_is_whole_sentences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--data", str(tmp_path / "none")]) == 1
    assert capsys.readouterr().err == f"There is no notebook in this folder: {tmp_path / 'none'}. Name it with --data DIR.\n"


def test_a_locked_keyring_is_said_and_does_not_hang_where_nobody_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                                       capsys: pytest.CaptureFixture[str]) -> None:
    keychain = FakeKeychain()
    for home in (accounts, keychains):
        monkeypatch.setattr(home, "system_keychain", lambda: keychain)
    accounts.create_account(tmp_path / "k", accounts.Profile("Maria Tefa"), PIN, passphrase=PASSPHRASE, keychain=keychain)[0].close()
    (tmp_path / "pin").write_text(PIN)
    command = ["visits", "--data", str(tmp_path / "k"), "--pin-file", str(tmp_path / "pin")]
    assert main(command) == 0
    monkeypatch.setattr(type(keychain), "locked", True)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    capsys.readouterr()
    assert main(command) == 1
    said = capsys.readouterr().err
    assert "The computer's keyring is locked. Unlock it on the desktop." in said
    assert "ASESOR_PASSPHRASE" in said
