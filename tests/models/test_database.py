"""The notebook's file when it is not what it should be: a plain sentence, a copy kept, nothing changed."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlcipher

from assessor_app.errors import NotebookError, WrongKey
from assessor_app.identity.keychain import NoKeychain
from assessor_app.models import database
from assessor_app.models.base import Base
from assessor_app.models.database import NOTEBOOK, Notebook, connect, installation
from assessor_app.models.interviews import Interview
from assessor_app.models.migrations.upgrade import HEAD, NewerNotebook
from assessor_app.models.visits import Visit
from assessor_app.workflow import accounts, cards
from assessor_app.workflow.accounts import Account
from tests.factories import PASSPHRASE, make_account, make_note, make_visit, read
from tests.sync.loopback import cheap_secrets


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A notebook with a long note, closed."""
    with cheap_secrets():
        account = make_account(tmp_path / "a")
    visit = make_visit(account)
    for _ in range(40):
        make_note(account, visit, "Puskesmas " * 400)
    account.close()
    return account.folder


def opened(folder: Path) -> Account:
    return accounts.open_account(folder, passphrase=PASSPHRASE, keychain=NoKeychain())


def refusal(folder: Path) -> NotebookError:
    """Return what is said when the notebook does not open; its file must be as it was."""
    before = (folder / NOTEBOOK).read_bytes() if (folder / NOTEBOOK).exists() else b""
    with pytest.raises(NotebookError) as caught:
        opened(folder)
    assert not isinstance(caught.value, WrongKey), "the passphrase was right"
    if before:
        assert (folder / NOTEBOOK).read_bytes() == before
    for part in (caught.value.title, caught.value.kept):
        assert part
        assert "sqlite" not in part.lower()
    return caught.value


@pytest.mark.parametrize("rest", [0.5, 0.9, 0.001])
def test_a_database_cut_off_is_said_and_a_copy_kept(folder: Path, rest: float) -> None:
    file = folder / NOTEBOOK
    data = file.read_bytes()
    file.write_bytes(data[:int(len(data) * rest)])
    error = refusal(folder)
    assert "damaged" in error.title
    assert "backup" in error.hint
    (copy,) = (folder / "backups").glob("damaged-*.db")
    assert str(copy) in error.kept
    assert copy.read_bytes() == file.read_bytes()


def test_an_empty_file_is_not_taken_for_a_new_notebook(folder: Path) -> None:
    (folder / NOTEBOOK).write_bytes(b"")
    with pytest.raises(NotebookError, match="damaged"):
        opened(folder)


def test_a_flipped_byte_is_found(folder: Path) -> None:
    file = folder / NOTEBOOK
    data = bytearray(file.read_bytes())
    for place in range(9000, len(data), 4096):
        data[place] ^= 1
    file.write_bytes(bytes(data))
    assert "damaged" in refusal(folder).title


def test_a_wrong_key_a_plain_file_and_no_file(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(WrongKey) as caught:
        Notebook.open(folder, bytes(32))
    assert "key" in caught.value.title
    with pytest.raises(WrongKey):
        accounts.open_account(folder, passphrase="bukan yang ini", keychain=NoKeychain())
    (tmp_path / "plain").mkdir()
    with sqlite3.connect(tmp_path / "plain" / NOTEBOOK) as plain:
        plain.execute("CREATE TABLE visit (id)")
    plain.close()
    with pytest.raises(NotebookError, match="not encrypted"):
        Notebook.open(tmp_path / "plain", bytes(32))
    with pytest.raises(NotebookError, match="no notebook"):
        Notebook.open(tmp_path, bytes(32))


def test_a_newer_notebook_is_left_alone(folder: Path) -> None:
    account = opened(folder)
    account.close()
    raw = connect(folder / NOTEBOOK, account.notebook.key)
    raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    error = refusal(folder)
    assert "newer version" in error.title
    assert not (folder / "backups").exists()
    assert issubclass(NewerNotebook, NotebookError)


def test_damaged_slots_do_not_take_the_chooser_down(folder: Path, tmp_path: Path) -> None:
    with cheap_secrets():
        good = make_account(cards.new_folder(), "Baik")
    bad = cards.new_folder()
    shutil.copytree(folder, bad)
    good.close()
    for name in ("slots.json", "slots.copy.json"):
        (bad / name).write_text("{ \x00 rusak")
    assert "Baik" in [card.name for card in cards.accounts()]
    error = refusal(bad)
    assert error.hint


def test_both_notebook_and_what_it_copies_stay_encrypted(folder: Path, tmp_path: Path) -> None:
    account = opened(folder)
    account.notebook.copy_to(tmp_path / "copy.db")
    account.close()
    for file in [*folder.rglob("*"), tmp_path / "copy.db"]:
        if file.is_file():
            assert b"Puskesmas" not in file.read_bytes()
            assert not file.read_bytes().startswith(b"SQLite format")


def test_the_models_are_what_the_migrations_make(tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.config import Config
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "assessor_app.models:migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD
    notebook = Notebook.create(tmp_path / "n", bytes(range(32)))
    with notebook.writing_engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={
            "compare_type": True, "include_object": lambda item, name, type_, *_: not str(name).startswith(
                ("search_text", "search_word", "page_text", "page_word", "alembic"))})
        difference = compare_metadata(context, Base.metadata)
    notebook.close()
    assert difference == []


def test_an_installation_is_never_nameless(tmp_path: Path) -> None:
    from assessor_app import paths

    first = installation()
    assert first
    (paths.data_root() / "installation").write_text("")  # what a power cut may leave
    assert installation()
    assert installation() == installation() != first


def test_no_text_of_people_stands_in_a_database_error(folder: Path) -> None:
    account = opened(folder)
    note = make_note(account, make_visit(account), "x")

    def breaks(unit: object) -> None:
        session = unit.session  # type: ignore[attr-defined]
        session.connection().exec_driver_sql("INSERT INTO setting (name, value) VALUES (?, ?)", ("KENARI-TEKS", None))

    with pytest.raises(NotebookError) as caught:
        account.writer.run(breaks, purpose="x")
    chain: list[str] = []
    error: BaseException | None = caught.value
    while error is not None:
        chain.append(repr(error) + str(error))
        error = error.__cause__ or error.__context__
    assert "KENARI" not in "".join(chain)
    assert read(account, Interview, note, "body") == "x"
    account.close()
    assert sqlcipher


def test_a_missing_wal_is_said_once_and_a_copy_kept(folder: Path, tmp_path: Path) -> None:
    account = opened(folder)
    visit = make_visit(account)
    copy, whole = tmp_path / "copied", tmp_path / "whole"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*-wal", "*-shm"))  # copied while open, without its WAL
    shutil.copytree(folder, whole)
    account.close()
    with pytest.raises(NotebookError) as told:
        opened(copy)
    assert "-wal" in told.value.message
    assert "damaged-" in told.value.kept, "a copy is kept before anybody goes on"
    other = opened(copy)
    assert other.notebook.check() == []
    assert read(other, Visit, visit, "region") is None
    assert other.device != account.device
    other.close()
    opened(copy).close()
    again = opened(whole)  # not closed, but its WAL is there
    assert read(again, Visit, visit, "region") == "93.02"
    again.close()


def test_a_notebook_of_small_pages_with_a_pending_log_opens_and_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An older version made it, and the machine went off before its log was folded in: every word is there."""
    monkeypatch.setattr(database, "_PAGES", (4096,))
    with cheap_secrets():
        account = make_account(tmp_path / "a")
    visit = make_visit(account)
    note = make_note(account, visit, "Distrik Mandobo")
    shutil.copytree(account.folder, tmp_path / "b")
    account.close()
    assert (tmp_path / "b" / f"{NOTEBOOK}-wal").stat().st_size > 0
    monkeypatch.undo()
    with cheap_secrets():
        found = opened(tmp_path / "b")
    assert read(found, Interview, note, "body") == "Distrik Mandobo"
    assert found.notebook.check() == []
    found.notebook.copy_to(tmp_path / "copy.db")
    found.close()
    copied = connect(tmp_path / "copy.db", found.notebook.key)
    assert copied.execute("SELECT body FROM interview").fetchall() == [("Distrik Mandobo",)]
    copied.close()
