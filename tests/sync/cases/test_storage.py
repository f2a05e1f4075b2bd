"""Storage's cases: death at any write on either side, damaged, locked and half-copied files, and edits during a sync."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from assessor_app.errors import NotebookError
from assessor_app.models.database import NOTEBOOK, connect
from assessor_app.models.interviews import Interview
from assessor_app.models.journal import State, Unit
from assessor_app.models.kinds import Kind
from assessor_app.sync import engine
from assessor_app.sync.staging import STAGING, Staging
from assessor_app.sync.states import State as News
from assessor_app.workflow import editing, syncing
from assessor_app.workflow.accounts import Account, put_settings
from assessor_server import tables as tb
from tests.factories import make_note, read, sync, write
from tests.faults.power.cut import compile_shim
from tests.sync.cases.conftest import Town, bodies, home, states, through
from tests.sync.cases.gate import Meanwhile, gate
from tests.sync.cases.mortal import Mortal

pytestmark = pytest.mark.xdist_group("cases-storage")
Pair = tuple[Account, Account, str]
SOAK = int(os.environ.get("SOAK", "0") or 0)


def points(total: int, wanted: int) -> list[int]:
    """Return at which writes to die: all of them in a long run."""
    if SOAK:
        return list(range(1, total + 1))
    return sorted({1 + round(k * (total - 1) / (wanted - 1)) for k in range(wanted)})


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory, town: Town) -> Iterator[Mortal]:
    made = Mortal(compile_shim(tmp_path_factory.mktemp("shim")), town.home)
    yield made
    made.close()


def test_kill_9_of_the_client_at_every_write_of_a_sync(town: Town, mortal: Mortal) -> None:
    a, b, visit = town.two()
    shared = make_note(b, visit, "dari b")
    sync(b)
    make_note(a, visit, "dari a")
    a.close()
    kept = town.root / "kept-client"
    shutil.copytree(a.folder, kept)
    job: dict[str, Any] = {"do": "sync", "folder": str(a.folder), "key": a.notebook.key.hex()}

    def again(kill_at: int) -> list[str]:
        shutil.rmtree(a.folder)
        shutil.copytree(kept, a.folder)
        mortal.begin(**job, kill_at=kill_at)
        return mortal.end()

    told = again(0)
    assert told[-1] == "ended 0"
    assert told[0].endswith("True")
    killed = 0
    for number, n in enumerate(points(int(told[0].split()[1]), 7)):
        write(b, Interview, shared, title=f"{number}")
        sync(b)
        killed += again(n)[-1] == "ended killed"
        opened = town.open(a.folder, a.notebook.key)
        assert opened.notebook.check() == []
        assert opened.device == a.device
        assert "dari a" in bodies(opened, visit)
        sync(opened)
        assert bodies(opened, visit) == ["dari a", "dari b"]
        assert read(opened, Interview, shared, "title") == f"{number}"
        opened.close()
        town.people.remove(opened)
    assert killed > 3
    sync(b)
    assert bodies(b, visit) == ["dari a", "dari b"]


@pytest.fixture
def village(tmp_path: Path, town: Town) -> Iterator[Town]:
    """A town of its own, whose server the test may stop."""
    made = Town(tmp_path / "village", home=town.home)
    yield made
    made.close()


def test_kill_9_of_the_server_at_every_write_of_an_apply(village: Town, mortal: Mortal) -> None:
    town = village
    a, b, visit = town.two()
    town.server.stop()
    where = {"folder": str(town.server.folder), "port": town.server.port}

    def served(kill_at: int = 0) -> None:
        mortal.begin("serve", **where, kill_at=kill_at)

    served()
    make_note(a, visit, "catatan")
    sync(a)
    total = int(mortal.stop()[0].split()[1])
    assert total > 10
    killed = 0
    texts = ["catatan"]
    for number, n in enumerate(points(total, 7)):
        texts.append(f"catatan {number}")
        note = make_note(a, visit, texts[-1])
        write(a, Interview, note, title="judul")
        served(n)
        outcome = syncing.synchronise(a)
        if outcome.fault is None:
            mortal.stop()
        else:
            killed += mortal.end()[-1] == "ended killed"
            assert not outcome.complete
        served()
        sync(a)
        mortal.stop()
    town.server.start()
    assert killed > 3
    town.agree(a, b)
    assert bodies(b, visit) == sorted(texts)
    intents = [(row.device, row.counter) for row in town.rows(select(tb.intent.c.device, tb.intent.c.counter))]
    assert len(intents) == len(set(intents))


def test_a_staging_file_that_is_damaged_is_begun_anew(town: Town, pair: Pair) -> None:
    a, b, visit = pair
    make_note(a, visit, "masih di sini")
    sync(a)
    staging = Staging(b.notebook)
    staging.keep(f"visit:{visit}", 3, "x", [News(f"visit:{visit}", "interview", "n", {}, {"": "x.1.0"}, "", 1)])
    staging.close()
    file = b.folder / STAGING
    for spoilt in (os.urandom(9000), b"", file.read_bytes()[:5000] + bytes(3000)):
        for suffix in ("-wal", "-shm"):
            file.with_name(STAGING + suffix).unlink(missing_ok=True)
        file.write_bytes(spoilt)
        sync(b)
    assert bodies(b, visit) == ["masih di sini"]


def test_a_pull_in_many_pages_goes_on_at_the_page_where_it_was_cut(town: Town) -> None:
    """The server cuts no step, and this device keeps each page: what came once does not come again."""
    a, b, visit = town.two()
    texts = [f"catatan {number} " + os.urandom(1200).hex() for number in range(480)]
    for start in range(0, len(texts), 80):
        def add(unit: Unit, part: list[str] = texts[start:start + 80]) -> None:
            for text in part:
                unit.add(Interview(visit=visit, author=unit.author, basis="observation", body=text))

        a.writer.run(add, purpose="x")
    sync(a)
    put_settings(b, line_rate=0)

    def dies() -> None:
        raise ConnectionError

    with gate(town.server.url, None, Meanwhile(dies)) as line, through(b, line.url):
        outcome = syncing.synchronise(b)
        assert outcome.fault is not None
        assert bodies(b, visit) == [], "a scope is swapped in whole"
        again = sync(b)
    assert outcome.bytes_down > 80 * 1200, "a page of whole steps had come"
    assert outcome.bytes_down + again.bytes_down < 1.3 * sum(map(len, texts)) / 2, "it went on where it was"
    assert bodies(b, visit) == sorted(texts)


def test_the_database_is_locked_during_a_sync(town: Town, pair: Pair) -> None:
    """Another program (a virus scanner, a second window) holds the file: the sync says so, and all is there afterwards."""
    a, b, visit = pair
    make_note(a, visit, "terkunci")
    raw = a.notebook._writing.raw_connection()
    raw.execute("PRAGMA busy_timeout=100")  # type: ignore[attr-defined]
    raw.close()
    other = connect(a.folder / NOTEBOOK, a.notebook.key)
    locked = Meanwhile(lambda: other.execute("BEGIN IMMEDIATE"))
    with gate(town.server.url, locked) as line, through(a, line.url):
        outcome = syncing.synchronise(a)
        other.execute("ROLLBACK")
    other.close()
    assert isinstance(outcome.fault, NotebookError)
    assert "in use" in outcome.fault.title
    assert not outcome.complete
    assert states(a)[-1] == State.FROZEN
    town.agree(a, b)
    assert bodies(b, visit) == ["terkunci"]


def test_the_database_is_locked_for_a_moment(town: Town, pair: Pair) -> None:
    a, b, visit = pair
    make_note(a, visit, "sebentar")
    raw = a.notebook._writing.raw_connection()
    raw.execute("PRAGMA busy_timeout=20000")  # type: ignore[attr-defined]
    raw.close()
    other = connect(a.folder / NOTEBOOK, a.notebook.key)

    def hold() -> None:
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(0.3, lambda: other.execute("ROLLBACK")).start()

    with gate(town.server.url, Meanwhile(hold)) as line, through(a, line.url):
        sync(a)
    other.close()
    sync(b)
    assert bodies(b, visit) == ["sebentar"]


def _growing_wal(town: Town, account: Account) -> Account:
    """Reopen a notebook: what was is in the file, what comes stays in the WAL."""
    account.close()
    opened = town.open(account.folder, account.notebook.key)
    raw = opened.notebook._writing.raw_connection()
    raw.execute("PRAGMA wal_autocheckpoint=0")  # type: ignore[attr-defined]
    raw.close()
    return opened


def test_a_copy_without_its_wal(town: Town, tmp_path: Path) -> None:
    """Somebody copied ``notebook.db`` alone while the program ran: what stood in the WAL is in the first one only."""
    a, b, visit = town.two()
    a = _growing_wal(town, a)
    make_note(a, visit, "hanya di WAL")
    sync(a)
    make_note(a, visit, "di WAL, belum terkirim")
    shutil.copytree(a.folder, tmp_path / "copy", ignore=shutil.ignore_patterns("*-wal", "*-shm"))
    with pytest.raises(NotebookError, match="may be missing"):
        town.open(tmp_path / "copy", a.notebook.key)
    copy = town.open(tmp_path / "copy", a.notebook.key)
    assert copy.device != a.device
    make_note(copy, visit, "dari salinan")
    town.agree(copy, a, b)
    for account in (a, b, copy):
        assert bodies(account, visit) == ["dari salinan", "di WAL, belum terkirim", "hanya di WAL"]


def test_a_folder_set_back_without_its_wal(town: Town, tmp_path: Path) -> None:
    """The same copy put back in place of the first: what was never sent went with the disk, all else comes back."""
    a, b, visit = town.two()
    a = _growing_wal(town, a)
    make_note(a, visit, "terkirim, hanya di WAL")
    sync(a)
    shutil.copytree(a.folder, tmp_path / "copy", ignore=shutil.ignore_patterns("*-wal", "*-shm"))
    a.close()
    shutil.rmtree(a.folder)
    shutil.copytree(tmp_path / "copy", a.folder)
    with pytest.raises(NotebookError, match="may be missing"):
        town.open(a.folder, a.notebook.key)
    back = town.open(a.folder, a.notebook.key)
    assert back.device == a.device
    make_note(back, visit, "nomor yang sama, isi lain")
    with home(town.home):
        first = syncing.synchronise(back)
        assert first.fault is None
        town.agree(back, b)
    for account in (back, b):
        assert bodies(account, visit) == ["nomor yang sama, isi lain", "terkirim, hanya di WAL"]


def test_an_edit_while_syncing(town: Town, pair: Pair) -> None:
    """While the answer is on its way the person types on: in what was just sent, and in what the answer brings."""
    a, b, visit = pair
    note = make_note(a, visit, "Satu.")
    other = make_note(b, visit, "Milik b.\n\nAlinea dua.")
    town.agree(a, b)
    write(b, Interview, other, body="Milik b.\n\nAlinea dua, oleh b.")
    sync(b)
    write(a, Interview, note, body="Satu. Dua.", editing="jendela")

    def types() -> None:
        a.writer.run(lambda u: editing.edit(u, Kind.INTERVIEW, note, body="Satu. Dua. Tiga."), purpose="edit", editing="jendela")
        write(a, Interview, other, body="Milik b, kata a.\n\nAlinea dua.", editing="jendela")

    with gate(town.server.url, Meanwhile(types)) as line, through(a, line.url):
        sync(a)
    assert read(a, Interview, note, "body") == "Satu. Dua. Tiga."
    assert read(a, Interview, other, "body") == "Milik b, kata a.\n\nAlinea dua, oleh b."
    town.agree(a, b)
    for account in (a, b):
        assert bodies(account, visit) == ["Milik b, kata a.\n\nAlinea dua, oleh b.", "Satu. Dua. Tiga."]


def test_a_write_queue_that_fails_in_the_middle_leaves_the_sync_whole(town: Town, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk fills up between two writes of a pull: the scope's cursor does not move past what was not written."""
    a, b, visit = pair
    for number in range(6):
        make_note(a, visit, f"catatan {number}")
    sync(a)
    honest = engine.Engine._write
    left = [1]

    def full(self: Any, work: Any, purpose: str, **how: Any) -> Any:
        if purpose == "sync.marks" and left and left.pop():
            raise NotebookError("The disk is full.")
        return honest(self, work, purpose, **how)

    monkeypatch.setattr(engine.Engine, "_write", full)
    outcome = syncing.synchronise(b)
    assert isinstance(outcome.fault, NotebookError)
    assert not outcome.complete
    town.agree(b, a)
    assert bodies(b, visit) == [f"catatan {number}" for number in range(6)]
