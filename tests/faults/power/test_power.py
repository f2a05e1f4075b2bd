"""The power goes: at any write while typing, attaching, signing or syncing nothing acknowledged is lost and all opens."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from assessor_app.models import files
from assessor_app.models.attachments import Attachment
from assessor_app.models.documents import Document, Revision
from assessor_app.models.evaluations import Sheet
from assessor_app.models.interviews import Interview
from assessor_app.models.journal import Unit
from assessor_app.models.tables import Intent, StoredFile
from assessor_app.models.visits import Visit
from assessor_app.workflow import evaluating
from assessor_app.workflow.accounts import Account
from tests.factories import make_account, make_note, make_visit, write
from tests.faults.power.child import typed
from tests.faults.power.cut import compile_shim, cut, entries
from tests.sync.loopback import Loopback, cheap_secrets, make_joined, open_cheaply

pytestmark = pytest.mark.xdist_group("power")
SOAK = int(os.environ.get("SOAK", "0") or 0)


@dataclass
class Machine:
    """A folder on a disk that forgets, and the process that works in it."""

    root: Path
    process: subprocess.Popen[str] = field(repr=False)
    home: Path
    number: int = 0

    @property
    def live(self) -> Path:
        return self.root / "live"

    @property
    def log(self) -> Path:
        return self.root / "undo.log"

    def lay(self, template: Path) -> None:
        """Put the folder back to how it was."""
        shutil.rmtree(self.live, ignore_errors=True)
        shutil.copytree(template, self.live)

    def run(self, do: str, *, kill_at: int = 0, watched: bool = True, **job: Any) -> tuple[bool, list[list[str]]]:
        """Run one job; return whether it was killed and what it had acknowledged."""
        ack = self.root / "ack"
        ack.unlink(missing_ok=True)
        job |= {"do": do, "kill_at": kill_at, "ack": str(ack), "watch": str(self.live)}
        if watched:
            job["log"] = str(self.log)
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert answer["killed"] or answer["code"] == 0
        return answer["killed"], [line.split() for line in ack.read_text().splitlines()] if ack.exists() else []

    def changes(self, do: str, **job: Any) -> int:
        """Return how many changes a job makes when nobody disturbs it."""
        count = self.root / "count"
        self.run(do, count=str(count), **job)
        self.log.unlink(missing_ok=True)
        shutil.rmtree(f"{self.log}.d", ignore_errors=True)
        return int(count.read_text())


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    root = tmp_path_factory.mktemp("power").resolve()
    shim = compile_shim(root)
    home = root / "home"
    environment = {**os.environ, "LD_PRELOAD": str(shim), "ASESOR_HOME": str(home)}
    process = subprocess.Popen([sys.executable, "-m", "tests.faults.power.child"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               text=True, env=environment)
    yield Machine(root, process, home)
    assert process.stdin
    assert process.stdout
    process.stdin.close()
    process.wait()
    process.stdout.close()


@pytest.fixture
def prepared(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A notebook with a visit and a note, kept as a template."""
    monkeypatch.setenv("ASESOR_HOME", str(machine.home))
    shutil.rmtree(machine.live, ignore_errors=True)
    with cheap_secrets():
        account = make_account(machine.live / "a")
    visit = make_visit(account)
    write(account, Visit, visit, seen="Puskesmas dan pasar", summary="Baik")
    job = {"folder": str(machine.live / "a"), "key": account.notebook.key.hex(), "visit": visit, "note": make_note(account, visit)}
    account.close()
    template = machine.root / "template"
    shutil.rmtree(template, ignore_errors=True)
    shutil.copytree(machine.live, template)
    return job


def points(total: int, wanted: int) -> list[int]:
    """Return at which changes to die: spread over all of them, and all of them in a long run."""
    if SOAK:
        return list(range(1, total + 1))
    return sorted({1 + round(k * (total - 1) / (wanted - 1)) for k in range(wanted)})


def reopened(job: dict[str, Any]) -> Account:
    account = open_cheaply(Path(job["folder"]), bytes.fromhex(job["key"]))
    assert account.notebook.check() == []
    assert account.blobs.check() == []
    return account


def test_the_shim_forgets_what_was_not_synced_and_keeps_what_was(machine: Machine) -> None:
    shutil.rmtree(machine.live, ignore_errors=True)
    machine.live.mkdir()
    (machine.live / "older").write_bytes(b"o")
    machine.run("plain", folder=str(machine.live))
    assert sorted(p.name for p in machine.live.iterdir()) == ["careful", "renamed"]
    assert cut(machine.live, machine.log) >= 4
    assert (machine.live / "careful").read_bytes() == b"x" * 10  # neither the unsynced addition
    assert (machine.live / "older").read_bytes() == b"o"  # nor the unsynced unlink
    assert not (machine.live / "renamed").exists()
    assert (machine.live / "careless").read_bytes() == b""  # its name was synced with the folder, its bytes never


def test_the_shim_catches_a_notebook_that_does_not_sync(machine: Machine, prepared: dict[str, Any]) -> None:
    machine.lay(machine.root / "template")
    killed, acks = machine.run("type", kill_at=80, off=True, saves=30, **prepared)
    assert killed
    cut(machine.live, machine.log)
    account = open_cheaply(Path(prepared["folder"]), bytes.fromhex(prepared["key"]))
    with account.reading() as session:
        body = session.get(Interview, prepared["note"]).body  # type: ignore[union-attr]
    account.close()
    assert len(body) < len(typed(max(int(n) for what, n in acks if what == "body"))), "acknowledged saves must be lost with synchronous=OFF"


@pytest.mark.parametrize("disk", ["forgets all", "keeps some"])
def test_the_power_goes_while_typing(machine: Machine, prepared: dict[str, Any], disk: str) -> None:
    machine.lay(machine.root / "template")
    total = machine.changes("type", **prepared)
    lost = 0
    for n in points(total, 28):
        machine.lay(machine.root / "template")
        killed, acks = machine.run("type", kill_at=n, **prepared)
        lost += cut(machine.live, machine.log, some=random.Random(n) if disk == "keeps some" else None)
        account = reopened(prepared)
        _all_there(account, prepared, acks)
        write(account, Interview, prepared["note"], body="dan seterusnya")  # and it goes on
        account.close()
        assert killed or n >= total - 2
    assert lost > 20, "the shim took nothing back: the test proves nothing"


def _all_there(account: Account, job: dict[str, Any], acks: list[list[str]]) -> None:
    with account.reading() as session:
        body = session.get(Interview, job["note"]).body  # type: ignore[union-attr]
        acknowledged = max((int(n) for what, n in acks if what == "body"), default=-1)
        assert body in {typed(acknowledged) if acknowledged >= 0 else "", typed(acknowledged + 1)}
        for what, note in acks:
            if what == "note":
                assert session.get(Interview, note).body  # type: ignore[union-attr]
        notes = session.scalars(select(Interview.id)).all()
        created = [change[2] for i in session.scalars(select(Intent)) for change in i.changes if change[:2] == ["+", "interview"]]
        assert sorted(notes) == sorted(created), "rows and journal are one transaction"


def test_the_process_is_killed_while_typing(machine: Machine, prepared: dict[str, Any]) -> None:
    seeds = random.Random(7)
    for _ in range(200 if SOAK else 12):
        machine.lay(machine.root / "template")
        _, acks = machine.run("type", watched=False, kill_after_ms=seeds.randrange(10, 160), saves=400, **prepared)
        account = reopened(prepared)
        _all_there(account, prepared, acks)
        account.close()


def test_the_power_goes_while_photos_are_attached(machine: Machine, prepared: dict[str, Any]) -> None:
    machine.lay(machine.root / "template")
    total = machine.changes("photo", **prepared)
    for n in points(total, 8):
        machine.lay(machine.root / "template")
        _, acks = machine.run("photo", kill_at=n, **prepared)
        cut(machine.live, machine.log)
        account = reopened(prepared)
        with account.reading() as session:
            rows = session.scalars(select(Attachment)).all()
        assert {photo for _, photo in acks} <= {row.id for row in rows}
        for row in rows:
            assert len(account.blobs.get(row.sha256)) == 700_000, "a row never names bytes that are not there"
        account.close()


def test_the_power_goes_while_signing(machine: Machine, prepared: dict[str, Any]) -> None:
    account = open_cheaply(machine.live / "a", bytes.fromhex(prepared["key"]))
    with account.reading() as session:
        instrument = evaluating.instrument_of(session, evaluating.instruments(session)[0].ref)

    def fill(unit: Unit) -> None:
        sheet = evaluating.open_sheet(unit, prepared["visit"], instrument)
        for question in instrument.questions():
            evaluating.answer(unit, sheet, question.id, score=question.choices[-1].score, reason="Terlihat di lapangan.")

    account.writer.run(fill, purpose="x")
    account.close()
    shutil.rmtree(machine.root / "template")
    shutil.copytree(machine.live, machine.root / "template")
    total = machine.changes("sign", **prepared)
    seen = {"unsigned": 0, "signed": 0}
    for n in [*points(total, 6), total + 99]:
        machine.lay(machine.root / "template")
        _, acks = machine.run("sign", kill_at=n, **prepared)
        cut(machine.live, machine.log)
        account = reopened(prepared)
        with account.reading() as session:
            document = session.scalars(select(Document)).one_or_none()
            revision = session.scalars(select(Revision)).one_or_none()
            sheet = session.scalars(select(Sheet)).one()
            if document is None:
                seen["unsigned"] += 1
                assert not acks
                assert revision is None
                assert sheet.state in {"", "draft", "ready"}
                assert session.scalars(select(StoredFile)).all() == []
            else:
                seen["signed"] += 1
                assert document.state == sheet.state == "signed"
                assert revision is not None
                assert files.get(session, revision.sha256).startswith(b"%PDF-")
        account.close()
    assert seen["unsigned"] > 1
    assert seen["signed"]


def test_the_power_goes_at_both_ends_of_a_sync(machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASESOR_HOME", str(machine.home))
    shutil.rmtree(machine.live, ignore_errors=True)
    server = Loopback(machine.live / "server")
    a, b = (make_joined(server, machine.live / name, name) for name in ("a", "b"))
    visit = make_visit(a)
    server.sync(a)
    server.sync(b)
    joined = dict(server.joined)
    job: dict[str, Any] = {
        "folder": str(a.folder), "server": str(server.folder), "joined": joined, "key": a.notebook.key.hex(), "visit": visit}
    key_b = b.notebook.key
    for closing in (a, b, server):
        closing.close()
    template = machine.root / "template-sync"
    shutil.copytree(machine.live, template)
    total = machine.changes("sync", **job)
    for n in points(total, 14):
        machine.lay(template)
        _, acks = machine.run("sync", kill_at=n, **job)
        cut(machine.live, machine.log, some=random.Random(n) if n % 2 else None)
        server = Loopback(machine.live / "server")
        server.joined = joined
        a, b = reopened(job), open_cheaply(machine.live / "b", key_b)
        for account in (a, b, a, b):
            outcome = server.sync(account)
            assert outcome.fault is None
            assert outcome.complete
            assert not outcome.refused
        notes = [note for what, note in acks if what == "note"]
        for account in (a, b):
            with account.reading() as session:
                bodies = sorted(i.body for i in session.scalars(select(Interview)))
                assert len(bodies) == len(set(bodies)), "nothing is doubled"
                assert set(notes) <= set(session.scalars(select(Interview.id)))
                assert len(bodies) - len(notes) in (0, 1)
        for closing in (a, b, server):
            closing.close()


def test_the_power_goes_as_soon_as_an_account_was_made(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    from assessor_app.identity.keychain import NoKeychain
    from assessor_app.workflow import accounts
    from tests.factories import PASSPHRASE

    monkeypatch.setenv("ASESOR_HOME", str(machine.home))
    shutil.rmtree(machine.live, ignore_errors=True)
    machine.live.mkdir()
    killed, acks = machine.run("create", folder=str(machine.live / "a"))
    assert killed
    assert acks[0][0] == "created"
    assert len(entries(machine.log)) > 10
    cut(machine.live, machine.log)
    account = accounts.open_account(machine.live / "a", passphrase=PASSPHRASE, keychain=NoKeychain())
    assert accounts.has_signing_key(account)
    account.close()


def test_a_full_disk_while_typing_is_said_and_nothing_saved_is_lost(machine: Machine, prepared: dict[str, Any]) -> None:
    machine.lay(machine.root / "template")
    killed, acks = machine.run("full_typing", full=str(machine.root / "full"), **prepared)
    assert not killed
    assert [words[0] for words in acks] == ["body"] * 3 + ["refused"] * 3 + ["body"] * 3
    assert {words[2] for words in acks if words[0] == "refused"} == {"The_disk_is_full."}
    assert all("safe" in words[3] for words in acks if words[0] == "refused")
    machine.log.unlink(missing_ok=True)
    account = reopened(prepared)
    with account.reading() as session:
        assert session.get(Interview, prepared["note"]).body == typed(8)  # type: ignore[union-attr]
        notes = sorted(note.body for note in session.scalars(select(Interview)) if note.body.startswith("catatan"))
        assert notes == [f"catatan {n}" for n in (0, 1, 2, 6, 7, 8)]
    account.close()


def test_a_full_disk_during_a_pull_leaves_all_as_it_was(machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASESOR_HOME", str(machine.home))
    shutil.rmtree(machine.live, ignore_errors=True)
    server = Loopback(tmp_path / "server")
    a, b = (make_joined(server, machine.live / name, name) for name in ("a", "b"))
    visit = make_visit(b)
    for account in (b, a, b):
        server.sync(account)
    for n in range(150):
        make_note(b, visit, f"dari b {n} " + "kata " * 200)
    server.sync(b)
    mine = make_note(a, visit, "dari a")
    job: dict[str, Any] = {
        "folder": str(a.folder), "server": str(server.folder), "joined": dict(server.joined), "key": a.notebook.key.hex()}
    a.close()
    server.close()
    killed, acks = machine.run("full_sync", full=str(machine.root / "full"), **job)
    assert not killed
    assert acks == [["full", "False", "The_disk_is_full."], ["again", "True", "0"]]
    machine.log.unlink(missing_ok=True)
    a = reopened(job)
    with a.reading() as session:
        bodies = [note.body[:8] for note in session.scalars(select(Interview))]
        assert session.get(Interview, mine) is not None
    assert len(bodies) == 151
    a.close()
    b.close()
