"""Files that somebody gives are weighed before they are read; a secret that nobody can type is said in a line."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from assessor_app import given
from assessor_app.cli.main import main
from assessor_app.errors import BadInput


def test_a_huge_file_is_refused_before_it_is_read(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    huge = tmp_path / "instrumen.xlsx"
    huge.touch()
    os.truncate(huge, 50 * given.DOCUMENT)  # a hole: no disk is filled, and no machine here could read it into memory
    with pytest.raises(BadInput, match=r"instrumen.xlsx is too large: 10(\.|,)?0* GB"):
        given.read(huge)
    monkeypatch.setenv("ASESOR_LANGUAGE", "en")
    assert main(["instrument", "check", str(huge)]) == 1
    assert "too large" in capsys.readouterr().err
    assert main(["verify", str(huge)]) == 1


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "ada").write_bytes(b"isi")
    assert given.read(tmp_path / "ada", 3) == b"isi"
    with pytest.raises(BadInput, match="too large"):
        given.read(tmp_path / "ada", 2)
    with pytest.raises(BadInput, match="tidak-ada"):
        given.read(tmp_path / "tidak-ada")
    with pytest.raises(BadInput, match="cannot be read"):
        given.read(tmp_path)


def test_without_a_terminal_a_secret_is_asked_for_in_a_line(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def nobody(prompt: str = "") -> str:
        raise EOFError

    from tests.factories import make_account

    monkeypatch.setenv("ASESOR_LANGUAGE", "en")
    make_account(tmp_path / "a").close()
    monkeypatch.setattr("getpass.getpass", nobody)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(["--data", str(tmp_path / "a"), "check"]) == 1
    said = capsys.readouterr().err
    assert "--passphrase-file" in said
    assert "Traceback" not in said
