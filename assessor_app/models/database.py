"""The notebook on the disk: an SQLCipher file through SQLAlchemy, one writing connection and a few reading ones."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import orjson
import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import QueuePool, StaticPool

from assessor_app import paths
from assessor_app.errors import AppError, NotebookError, WrongKey
from assessor_app.i18n import t
from assessor_app.models.entities import ENTITIES
from assessor_app.models.migrations import upgrade

NOTEBOOK = "notebook.db"
#: Stands beside the notebook while it is open, or was not closed: then its WAL must be there too.
IN_USE = "notebook.open"
#: From how many pages on a commit itself folds the WAL into the file; before, a quiet moment does (``fold``), and nobody waits for it.
_WAL = 8000
#: How large the pages of a file are, in bytes: of a new one, and of those that older versions made. Each page is encrypted and
#: authenticated by itself, so that fewer and larger ones cost less; a note of two or three pages of paper fits into one.
_PAGES = (8192, 4096)
_PLAIN_HEADER = b"SQLite format 3\x00"
_JOURNALED = re.compile(
    r"^\s*(insert\s+(or\s+\w+\s+)?into|replace\s+into|update(\s+or\s+\w+)?|delete\s+from)\s+[\"`\[]?("
    + "|".join(entity.__tablename__ for entity in ENTITIES.values()) + r")\b", re.IGNORECASE)


def connect(path: Path, key: bytes, *, read_only: bool = False) -> Any:
    """Open an SQLCipher file with its raw 256-bit key; raise WrongKey or NotebookError with the way back."""
    if len(key) != 32:
        raise ValueError("a database key has 32 bytes")
    if _starts_plain(path):
        raise NotebookError(t("The notebook is not encrypted and was not opened."), str(path), t("Restore the newest backup."),
                            t("The file was left as it is."))
    connection = None
    try:
        connection = _opened(path, key)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute(f"PRAGMA wal_autocheckpoint={_WAL}")
        if read_only:
            connection.execute("PRAGMA query_only=ON")
    except sqlcipher.DatabaseError as e:
        if connection is not None:
            connection.close()
        raise fault(e, path) from e
    return connection


def _opened(path: Path, key: bytes) -> Any:
    for page in _PAGES:
        connection = sealed(path, key, page, timeout=10, check_same_thread=False)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            return connection
        except sqlcipher.DatabaseError as e:
            connection.close()
            if page == _PAGES[-1] or "not a database" not in str(e):
                raise
    raise AssertionError


def sealed(path: Path, key: bytes, page: int, **how: Any) -> Any:
    """Open an SQLCipher file whose pages have so many bytes; nothing is read yet."""
    connection = sqlcipher.connect(str(path), isolation_level=None, **how)
    connection.execute("PRAGMA cipher_log_level=NONE")  # what goes wrong is raised, and not printed
    connection.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
    connection.execute(f"PRAGMA cipher_page_size={page}")
    return connection


def copy(source: Any, target: Path, key: bytes) -> None:
    """Write what an open file holds into a new one under the same key. Raises the database's own errors."""
    page = source.execute("PRAGMA page_size").fetchone()[0]
    with closing(sealed(target, key, page)) as connection:
        source.backup(connection)


def _starts_plain(path: Path) -> bool:
    try:
        with path.open("rb") as f:
            return f.read(16) == _PLAIN_HEADER
    except FileNotFoundError:
        return False
    except OSError as e:
        raise NotebookError(t("The notebook cannot be written."), str(path), t("Check that the folder exists and may be written."),
                            t("Everything saved before is safe.")) from e


def fault(error: Exception, path: Path | None = None) -> AppError:
    """Convert a database error into the sentence for the person; the codes of SQLite stay out of it."""
    text = str(getattr(error, "orig", None) or error).lower()
    where = str(path) if path else ""
    if "not a database" in text or "file is encrypted" in text:
        return WrongKey(t("This key does not open the notebook."), where,
                        t("Use the PIN, passphrase or recovery code of this notebook. If the file was cut off or damaged, restore "
                          "the newest backup."), t("The file was left as it is."))
    if "full" in text:
        return NotebookError(t("The disk is full."), where, t("Free some space; the program goes on by itself."),
                             t("Everything saved before is safe."))
    if "malformed" in text or "corrupt" in text or "no such table: alembic_version" in text:
        return NotebookError(t("The notebook file is damaged."), where,
                             t("Restore the newest backup: Settings, Restore, or “asesor restore FILE”."),
                             t("The damaged file was not changed."))
    if "disk i/o" in text:
        return NotebookError(t("The disk could not be read or written."), where,
                             t("Check the disk; the program goes on by itself. Make a backup to a stick now."),
                             t("Everything saved before is safe."))
    if "locked" in text or "busy" in text:
        return NotebookError(t("The notebook is in use by another program."), where, t("Close the other window and try again."),
                             t("Everything saved before is safe."))
    if "readonly" in text or "unable to open" in text or "permission" in text:
        return NotebookError(t("The notebook cannot be written."), where, t("Check that the folder exists and may be written."),
                             t("Everything saved before is safe."))
    return NotebookError(t("The notebook could not be read or written."), where, t("Try again; if it stays so, restore a backup."),
                         t("Everything saved before is safe."))


@contextmanager
def faults(path: Path | None = None) -> Iterator[None]:
    """Convert the database's errors of a block, once, at this edge."""
    try:
        yield
    except (DBAPIError, sqlcipher.Error, sqlite3.Error) as e:
        raise fault(e, path) from None


def _json(value: Any) -> Any:
    return value if isinstance(value, (int, float)) else orjson.loads(value)  # SQLite keeps a bare number as a number


def _engine(path: Path, key: bytes, *, read_only: bool) -> Engine:
    engine = create_engine(
        "sqlite+pysqlite://", module=sqlcipher, hide_parameters=True, creator=lambda: connect(path, key, read_only=read_only),
        json_serializer=lambda value: orjson.dumps(value).decode(), json_deserializer=_json,
        **({"poolclass": QueuePool, "pool_size": 3, "max_overflow": 5} if read_only else {"poolclass": StaticPool}))

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    if not read_only:
        @event.listens_for(engine, "before_cursor_execute")
        def _guard(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool) -> None:
            if _JOURNALED.match(statement) and not connection.info.get("journaling"):
                raise RuntimeError("journaled tables are written through a Unit, or by sync.apply alone")

    return engine


class WritingSession(Session):
    """A session of the writing connection; ``models/journal.py`` listens to it."""


class Notebook:
    """An open notebook: its engines, and the identity of this incarnation's place."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self.folder = folder
        self.path = folder / NOTEBOOK
        self._key = key
        self._writing = _engine(self.path, key, read_only=False)
        self._reading = _engine(self.path, key, read_only=True)
        self._read = sessionmaker(self._reading, autoflush=False, expire_on_commit=False)
        self._write = sessionmaker(self._writing, class_=WritingSession, expire_on_commit=False)

    @classmethod
    def create(cls, folder: Path, key: bytes) -> Notebook:
        """Make a new encrypted notebook in ``folder`` at the newest schema."""
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / NOTEBOOK).exists():
            raise NotebookError(t("There is a notebook in this folder already."), str(folder), kept=t("It was not touched."))
        notebook = cls(folder, key)
        with faults(notebook.path):
            upgrade.to_head(notebook.writing_engine)
        return notebook

    @classmethod
    def open(cls, folder: Path, key: bytes) -> Notebook:
        """Open the notebook, migrating an older one after copying it; raise NotebookError for a newer or damaged one."""
        path = folder / NOTEBOOK
        if not path.exists():
            raise NotebookError(t("There is no notebook in this folder."), str(folder))
        _check_wal(folder)
        notebook = cls(folder, key)
        try:
            with faults(path):
                upgrade.bring_to_head(notebook.writing_engine, path, notebook.copy_to)
        except NotebookError:
            notebook.close()
            raise
        return notebook

    def in_use(self) -> None:
        """Note that the notebook is open; called after a first commit, when there is a WAL."""
        with suppress(OSError):
            (self.folder / IN_USE).touch()

    @property
    def key(self) -> bytes:
        """The database key; it also opens ``blobs.db``."""
        return self._key

    @property
    def writing_engine(self) -> Engine:
        """The engine of the one writing connection."""
        return self._writing

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session on one consistent, read-only view."""
        with faults(self.path), self._read() as session:
            yield session

    def relax(self, on: bool) -> None:
        """Let the next commits wait for the disk, or not: what is written in between is durable with the next that waits."""
        with closing(self._writing.raw_connection()) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(f"PRAGMA synchronous={'NORMAL' if on else 'FULL'}")

    def fold(self) -> None:
        """Bring what is in the WAL into the file, as far as no reader is in the way; what is durable already stays so."""
        with (closing(self._writing.raw_connection()) as connection, closing(connection.cursor()) as cursor,
              suppress(sqlcipher.OperationalError)):  # a full disk: the WAL stays as it is, and is tried again
            cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def writing_session(self) -> Session:
        """Return a session of the writing connection; only the writer's thread may use it."""
        return self._write()

    def place(self) -> str:
        """Return a digest of where this notebook lives: installation and folder."""
        return hashlib.sha256(f"{installation()}\n{self.folder.resolve()}".encode()).hexdigest()[:32]

    def copy_to(self, target: Path) -> None:
        """Write a consistent encrypted copy, WAL included, under the same key."""
        target.unlink(missing_ok=True)
        source = connect(self.path, self._key, read_only=True)
        try:
            copy(source, target, self._key)
        except sqlcipher.DatabaseError as e:
            raise fault(e, target) from e
        finally:
            source.close()

    def check(self) -> list[str]:
        """Return what is wrong with the file, in SQLite's words; nothing when it is whole."""
        connection = connect(self.path, self._key, read_only=True)
        try:
            problems = [str(row[0]) for row in connection.execute("PRAGMA cipher_integrity_check")]
            problems += [str(row[0]) for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
        except sqlcipher.DatabaseError as e:
            problems = [str(e)]
        finally:
            connection.close()
        return problems

    def close(self) -> None:
        """Close all connections; the WAL is folded into the file by the last of them, of whatever process."""
        with suppress(OSError):
            (self.folder / IN_USE).unlink(missing_ok=True)  # before the WAL goes: the power may fail in between
        self._reading.dispose()
        self._writing.dispose()
        if (self.folder / f"{NOTEBOOK}-wal").exists():  # somebody goes on, or it could not be folded
            self.in_use()


def _check_wal(folder: Path) -> None:
    """Say once that the last work may be missing: the notebook was not closed, and its WAL is not beside it. Raises NotebookError."""
    mark = folder / IN_USE
    if not mark.exists() or (folder / f"{NOTEBOOK}-wal").exists():
        return
    mark.unlink(missing_ok=True)
    raise NotebookError(
        t("The last work before the notebook was closed may be missing."), f"{folder / NOTEBOOK}-wal",
        t("If you have this file, put it back beside the notebook, then open it. Otherwise open it again to go on with what is there, "
          "or restore the newest backup."), t("Everything up to the last full save is there."))


def installation() -> str:
    """Return this installation's random id, made at first need under the local data folder."""
    file = paths.data_root() / "installation"
    known = file.read_text().strip() if file.exists() else ""
    if known:  # an empty file is what a power cut may leave: two machines must not share that
        return known
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    with fresh.open("w") as f:
        f.write(secrets.token_hex(16))
        f.flush()
        os.fsync(f.fileno())
    os.replace(fresh, file)
    return file.read_text().strip()
