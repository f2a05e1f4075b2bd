"""One window at a time: the second is told who has the notebook, a crash never locks anybody out, commands go on beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assessor_app import paths
from assessor_app.cli.main import main
from assessor_app.errors import WrongKey
from assessor_app.models.database import IN_USE
from assessor_app.models.interviews import Interview
from assessor_app.workflow import backup, one_window
from assessor_app.workflow.one_window import FILE, OpenElsewhere, elsewhere, open_for_window
from tests.factories import PASSPHRASE, make_account, make_visit, read

#: A window of its own process: opens, writes a note for each line that it reads, and is closed by an empty one.
_WINDOW = """
import sys
from pathlib import Path
from assessor_app.workflow.one_window import open_for_window
from tests.factories import make_note
account = open_for_window(Path(sys.argv[1]), passphrase=sys.argv[2])
print("open", flush=True)
for line in sys.stdin:
    if not line.strip():
        break
    print(make_note(account, sys.argv[3], line.strip()), flush=True)
account.close()
print("closed", flush=True)
"""


class Window:
    """A window in a process of its own."""

    def __init__(self, folder: Path, visit: str) -> None:
        self.process = subprocess.Popen([sys.executable, "-c", _WINDOW, str(folder), PASSPHRASE, visit], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        assert self.said() == "open"

    def said(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def type(self, text: str) -> str:
        assert self.process.stdin
        self.process.stdin.write(f"{text}\n")
        self.process.stdin.flush()
        return self.said()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "a"


@pytest.fixture
def visit(folder: Path) -> str:
    account = make_account(folder)
    made = make_visit(account)
    account.close()
    return made


@pytest.fixture
def window(folder: Path, visit: str) -> Iterator[Window]:
    made = Window(folder, visit)
    yield made
    made.process.kill()
    made.process.communicate()


def test_the_second_is_told_which_process_has_the_notebook_and_a_crash_frees_it(folder: Path, window: Window) -> None:
    with pytest.raises(OpenElsewhere) as refused:
        open_for_window(folder, passphrase=PASSPHRASE)
    said = str(refused.value)
    assert said.startswith("This notebook is open in another window.")
    assert f"on this computer (process {window.process.pid})" in said
    assert "close it there and try again" in said
    assert said.endswith("Nothing was changed.")
    assert str(elsewhere(folder)) == said
    note = window.type("Baris terakhir")
    window.process.kill()
    window.process.wait()
    assert (folder / FILE).exists()  # what it left behind holds nobody
    assert elsewhere(folder) is None
    account = open_for_window(folder, passphrase=PASSPHRASE)
    assert read(account, Interview, note, "body") == "Baris terakhir"
    account.close()


def test_closing_frees_it_and_opening_that_fails_holds_nothing(folder: Path, window: Window) -> None:
    assert window.type("") == "closed"
    with pytest.raises(WrongKey):
        open_for_window(folder, passphrase="salah salah salah")
    account = open_for_window(folder, passphrase=PASSPHRASE)
    with pytest.raises(OpenElsewhere):
        open_for_window(folder, passphrase=PASSPHRASE)
    account.close()
    open_for_window(folder, passphrase=PASSPHRASE).close()


@pytest.mark.parametrize("left", ['{"host": "laptop-lain", "process": 7, "since": 1700000000000}', "", "{", "[1]"])
def test_a_file_alone_locks_nobody_out(folder: Path, visit: str, left: str) -> None:
    (folder / FILE).write_text(left)
    assert elsewhere(folder) is None
    open_for_window(folder, passphrase=PASSPHRASE).close()


def test_another_computer_is_named(folder: Path, visit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    account = open_for_window(folder, passphrase=PASSPHRASE)
    monkeypatch.setattr(one_window.platform, "node", lambda: "laptop-lain")  # type: ignore[attr-defined]
    told = json.loads((folder / FILE).read_text())
    assert f"on the computer {told['host']} (process {told['process']})" in str(elsewhere(folder))
    (folder / FILE).write_text("?")
    assert str(elsewhere(folder)).startswith("This notebook is open in another window. Go on in that window")
    account.close()


def test_commands_go_on_beside_an_open_window(folder: Path, visit: str, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                              capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("ASESOR_LANGUAGE", "en")
    monkeypatch.setenv("ASESOR_PASSPHRASE", PASSPHRASE)
    data = ["--data", str(folder)]
    notes = [window.type("sebelum")]
    for command in (["visits"], ["check"], ["path", visit], ["export", visit, str(tmp_path / "n.pdf")],
                    ["backup", str(tmp_path / "b.asesor-backup")],
                    ["instrument", "import", str(paths.resources() / "instruments/smart-city-2022-baru.xlsx")]):
        assert main([*command, *data]) == 0, capsys.readouterr().err
        notes.append(window.type(f"sesudah {command[0]}"))
        assert (folder / IN_USE).exists()  # a command that ends does not say that the window has ended
    assert window.type("") == "closed"
    assert not (folder / IN_USE).exists()
    account = open_for_window(folder, passphrase=PASSPHRASE)
    assert [read(account, Interview, note, "body") for note in notes][-1] == "sesudah instrument"
    assert backup.check(account) == []
    account.close()
