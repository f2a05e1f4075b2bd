"""Backup and restore: whole or not at all, opened on another machine, and synchronised without anything doubled."""

from __future__ import annotations

import random
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from assessor_app import clock
from assessor_app.errors import AppError, BadInput, WrongKey
from assessor_app.identity.keychain import NoKeychain
from assessor_app.models.interviews import Interview
from assessor_app.models.tables import Intent
from assessor_app.models.visits import Person
from assessor_app.workflow import accounts, backup, cards, interviewing, visiting
from assessor_app.workflow.accounts import Account, Profile
from tests.factories import PASSPHRASE, PIN, make_account, make_note, make_visit, read, reopen, write
from tests.sync.loopback import Loopback, cheap_secrets, make_joined


@pytest.fixture
def made(tmp_path: Path) -> tuple[Account, str]:
    """An account with notes and a photo, and its recovery code."""
    with cheap_secrets():
        account, code = accounts.create_account(tmp_path / "a", Profile("Maria Tefa"), PIN, passphrase=PASSPHRASE, keychain=NoKeychain())
    visit = make_visit(account)
    note = make_note(account, visit, "Pasar ikan ramai.")
    photo = interviewing.Photo(b"foto" * 100_000, 10, 10, "", None, None)
    interviewing.store_photo(account.blobs, photo)
    account.writer.run(lambda u: interviewing.attach_photo(u, visit, photo, interview=note), purpose="x")
    return account, code


def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Move to another machine: another installation, an empty keyring."""
    monkeypatch.setenv("ASESOR_HOME", str(tmp_path / "other-machine"))
    return tmp_path / "other-machine" / "restored"


@pytest.mark.parametrize("way", ["passphrase", "code"])
def test_a_backup_opens_on_another_machine(made: tuple[Account, str], way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    account, code = made
    stick = tmp_path / "stick.asesor"
    assert backup.backup(account, stick) == stick.stat().st_size
    account.close()
    folder = elsewhere(tmp_path, monkeypatch)
    backup.restore(stick, folder)
    secret = {"passphrase": PASSPHRASE} if way == "passphrase" else {"code": code}
    opened = accounts.open_account(folder, keychain=NoKeychain(), **secret)
    assert opened.device != account.device
    assert opened.profile == account.profile
    assert backup.check(opened) == []
    with opened.reading() as session:
        (note,) = session.scalars(select(Interview))
        assert note.body == "Pasar ikan ramai."
    assert not accounts.has_signing_key(opened), "another machine makes a signing key of its own"
    with cheap_secrets():
        accounts.settle_here(opened, "5678")
    assert accounts.has_signing_key(opened)
    assert opened.signer("5678")
    opened.close()
    with pytest.raises(WrongKey):
        accounts.open_account(folder, passphrase="bukan yang ini", keychain=NoKeychain())


def test_a_restored_notebook_goes_on_and_nothing_is_doubled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Loopback(tmp_path / "server")
    a, b = (make_joined(server, tmp_path / name, name) for name in "ab")
    visit = make_visit(a)
    make_note(a, visit, "terkirim")
    server.sync(a)
    make_note(a, visit, "belum terkirim")
    stick = tmp_path / "stick.asesor"
    backup.backup(a, stick)
    make_note(a, visit, "sesudah cadangan")
    folder = elsewhere(tmp_path, monkeypatch)
    backup.restore(stick, folder)
    restored = accounts.open_account(folder, passphrase=PASSPHRASE, keychain=NoKeychain())
    make_note(restored, visit, "di mesin lain")
    for account in (restored, a, b, restored, a, b):
        outcome = server.sync(account)
        assert outcome.complete
        assert not outcome.refused
    for account in (restored, a, b):
        with account.reading() as session:
            bodies = sorted(note.body for note in session.scalars(select(Interview)))
        assert bodies == ["belum terkirim", "di mesin lain", "sesudah cadangan", "terkirim"]
    for account in (restored, a, b):
        account.close()
    server.close()


def test_what_was_erased_comes_not_back_with_an_older_backup(tmp_path: Path) -> None:
    server = Loopback(tmp_path / "server")
    a, b = (make_joined(server, tmp_path / name, name) for name in "ab")
    visit = make_visit(a)
    person = a.writer.run(lambda u: interviewing.add_respondent(u, visit, name="Hapus Saya", occupation="guru"), purpose="x")
    a.writer.run(lambda u: interviewing.give_consent(u, person, form="spoken", purpose="p", data=["nama"], until="2099-01-01"), purpose="x")
    note = make_note(a, visit, "Kata Hapus Saya", observation=False, persons=[person])
    server.sync(a)
    server.sync(b)
    backup.backup(a, tmp_path / "stick.asesor")
    b_writes = make_note(b, visit, "lain")
    a.writer.run(lambda u: visiting.erase_person(u, person), purpose="erase")
    for account in (a, b, a):
        assert server.sync(account).complete
    a.close()
    backup.restore(tmp_path / "stick.asesor", tmp_path / "old")
    old = accounts.open_account(tmp_path / "old", passphrase=PASSPHRASE, keychain=NoKeychain())
    assert read(old, Person, person, "name") == "Hapus Saya"  # until the server is met
    assert server.sync(old).complete
    assert read(old, Person, person, "name") == ""
    assert read(old, Interview, note, "body") == ""
    assert read(old, Interview, b_writes, "body") == "lain"
    with old.reading() as session:
        assert not [i for i in session.scalars(select(Intent)) if "Hapus" in str(i.changes)]
    old.close()
    b.close()
    server.close()


def test_a_damaged_backup_is_refused_and_nothing_is_left_behind(made: tuple[Account, str], tmp_path: Path) -> None:
    account, _ = made
    stick = tmp_path / "stick.asesor"
    backup.backup(account, stick)
    account.close()
    data = stick.read_bytes()
    rng = random.Random(5)
    broken = [data[:len(data) // 2], data[:-20_000], data[:100], b"", b"no backup at all" * 100]
    for _ in range(12):
        flipped = bytearray(data)
        place = rng.randrange(2000, len(data) - 12_000)
        flipped[place] ^= 1 << rng.randrange(8)
        broken.append(bytes(flipped))
    refused = 0
    for number, content in enumerate(broken):
        stick.write_bytes(content)
        folder = tmp_path / f"r{number}"
        try:
            backup.restore(stick, folder)
        except BadInput as error:
            refused += bool(error.kept) and not folder.exists()
        else:  # a bit that nothing reads: padding between the archive's members
            opened = accounts.open_account(folder, passphrase=PASSPHRASE, keychain=NoKeychain())
            assert backup.check(opened) == []
            opened.close()
    assert refused >= len(broken) - 3


def test_a_backup_never_overwrites(made: tuple[Account, str], tmp_path: Path) -> None:
    account, _ = made
    stick = tmp_path / "stick.asesor"
    backup.backup(account, stick)
    with pytest.raises(BadInput, match="not empty"):
        backup.restore(stick, account.folder)
    with pytest.raises(AppError) as caught:
        backup.backup(account, tmp_path / "no-such-folder" / "stick.asesor")
    assert "unharmed" in caught.value.kept
    assert [p.name for p in tmp_path.glob("*.part")] == []
    assert cards.card_of(account.folder)
    account.close()


def test_work_goes_on_while_the_backup_is_written_and_after(made: tuple[Account, str], tmp_path: Path) -> None:
    account, _ = made
    note = make_note(account, make_visit(account), "x")
    write(account, Interview, note, editing="t", body="satu")
    backup.backup(account, tmp_path / "one")
    write(account, Interview, note, editing="t", body="satu dua")
    with account.reading() as session:
        changes = [c for i in session.scalars(select(Intent)) for c in i.changes if c[0] == "=" and c[3] == "body"]
    assert [c[5] for c in changes[-2:]] == ["satu", "satu dua"], "what a backup holds under one id never changes again"
    account.close()


def test_the_daily_copy_keeps_the_newest_three(made: tuple[Account, str]) -> None:
    account, _ = made
    day = clock.now()
    for number in range(5):
        clock.set_source(lambda number=number: day + timedelta(days=number))  # type: ignore[misc]
        assert backup.daily_copy(account)
        assert backup.daily_copy(account) is None
    copies = sorted((account.folder / "backups").glob("daily-*.db"))
    assert len(copies) == 3
    account.close()
    folder = account.folder.with_name("from-daily")
    shutil.copytree(account.folder, folder, ignore=shutil.ignore_patterns("backups"))
    shutil.copy(copies[-1], folder / "notebook.db")
    opened = accounts.open_account(folder, passphrase=PASSPHRASE, keychain=NoKeychain())
    assert backup.check(opened) == []
    opened.close()


def test_a_photo_that_no_row_names_is_swept_with_the_daily_copy(tmp_path: Path) -> None:
    from assessor_app.workflow import interviewing
    from assessor_app.workflow.backup import daily_copy

    account = make_account(tmp_path / "sweep")
    try:
        visit = make_visit(account)
        orphan = account.blobs.put(b"nobody names me")
        photo = interviewing.Photo(b"somebody names me", 1, 1, "", None, None)
        named = interviewing.store_photo(account.blobs, photo)
        account.writer.run(lambda u: interviewing.attach_photo(u, visit, photo), purpose="x")
        account = reopen(account)
        assert daily_copy(account) is not None
        assert not account.blobs.has(orphan)
        assert account.blobs.has(named)
    finally:
        account.close()
