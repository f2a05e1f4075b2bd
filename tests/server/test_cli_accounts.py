"""``asesor-server``: what the commands do to accounts and devices, and what they say."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import select

from assessor_app.models.kinds import Kind
from assessor_app.workflow import syncing
from assessor_server import accounts, cli
from assessor_server import tables as tb
from assessor_server.accounts import Denied
from tests.factories import ServerProcess, make_note, make_visit, sync


def run(folder: Path, *words: str) -> int:
    return cli.main(["--data", str(folder), *words])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert run(tmp_path / "s", "init") == 0
    (tmp_path / "sandi").write_text("rahasia sekali\n")
    assert run(tmp_path / "s", "user", "add", "maria", "--name", "Maria Tefa", "--password-file", str(tmp_path / "sandi")) == 0
    return tmp_path / "s"


@pytest.mark.parametrize("words", [
    ["user", "password"], ["user", "close"], ["user", "open"], ["user", "role"], ["unassign"], ["device", "list"], ["device", "revoke"],
    ["epoch", "new"], ["office", "add"], ["office", "remove"], ["office", "list"], ["results", "rebuild"], ["results", "check"]])
def test_every_command_explains_itself(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main([*words, "--help"])
    assert stop.value.code == 0
    assert "usage: asesor-server" in capsys.readouterr().out


def test_passwords_roles_closing_and_assignments(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pendek").write_text("abc")
    (tmp_path / "baru").write_text("kata sandi baru\n")
    assert run(folder, "user", "password", "maria", "--password-file", str(tmp_path / "pendek")) == 1
    assert run(folder, "user", "password", "nobody", "--password-file", str(tmp_path / "baru")) == 1
    assert "There is no account nobody" in capsys.readouterr().err
    assert run(folder, "user", "password", "maria", "--password-file", str(tmp_path / "baru")) == 0
    assert run(folder, "user", "role", "maria", "coordinator") == 0
    assert run(folder, "assign", "maria", "93.02", "--year", "2024") == 0
    assert run(folder, "unassign", "maria", "93.02", "--year", "2023") == 1
    assert run(folder, "unassign", "maria", "93.02", "--year", "2024") == 0
    server = ServerProcess(folder)
    store = server.store()
    with store.transaction() as connection:
        account = accounts.by_password(connection, "maria", "kata sandi baru")
        actor = accounts.actor_of(connection, account)
    assert (actor.role, actor.regions) == ("coordinator", frozenset())
    assert run(folder, "user", "close", "maria") == 0
    with store.transaction() as connection, pytest.raises(Denied):
        accounts.by_password(connection, "maria", "kata sandi baru")
    assert run(folder, "user", "open", "maria") == 0
    with store.transaction() as connection:
        assert accounts.by_password(connection, "maria", "kata sandi baru") == account
    store.close()


def test_serving_without_a_database_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert run(tmp_path / "empty", "serve", "--port", "0") == 1
    assert "init" in capsys.readouterr().err


def test_a_revoked_device_is_refused_at_once_and_listed_as_such(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server = ServerProcess(tmp_path / "server").prepare("maria").start()
    try:
        device = server.join(tmp_path / "a", "maria")
        sync(device)
        assert run(server.folder, "device", "list") == 0
        line = capsys.readouterr().out
        assert device.device in line
        assert "in use" in line
        assert run(server.folder, "device", "revoke", "nobody") == 1
        assert run(server.folder, "device", "revoke", device.device) == 0
        outcome = syncing.synchronise(device)
        assert outcome.fault is not None
        assert getattr(outcome.fault, "code", "") == "revoked"
        capsys.readouterr()
        assert run(server.folder, "device", "list", "--login", "maria") == 0
        assert "revoked" in capsys.readouterr().out
        store = server.store()
        with store.transaction() as connection:
            assert all(connection.execute(select(tb.certificate.c.revoked_at)).scalars())
            assert connection.execute(select(tb.token)).all() == []
        store.close()
        device.close()
    finally:
        server.stop()


def test_a_new_epoch_lets_devices_offer_again_what_a_restored_copy_lacks(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "server").prepare("maria").start()
    try:
        device = server.join(tmp_path / "a", "maria")
        visit = make_visit(device)
        sync(device)
        with sqlite3.connect(server.folder / "server.db") as live, sqlite3.connect(tmp_path / "copy.db") as copy:
            live.backup(copy)
        live.close()
        copy.close()
        note = make_note(device, visit, "Setelah salinan.")
        sync(device)
        server.stop()
        for file in server.folder.glob("server.db*"):
            file.unlink()
        shutil.copy(tmp_path / "copy.db", server.folder / "server.db")
        assert run(server.folder, "epoch", "new") == 0
        server.start()
        sync(device)
        store = server.store()
        with store.transaction() as connection:
            there = connection.execute(select(tb.record.c.id).where(tb.record.c.kind == Kind.INTERVIEW.value)).scalars().all()
        store.close()
        assert note in there
        device.close()
    finally:
        server.stop()
