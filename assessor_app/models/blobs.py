"""Photos, recordings and scans: content-addressed chunks in their own encrypted file, written before the row that names them."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher

from assessor_app.errors import NotebookError
from assessor_app.i18n import t
from assessor_app.models.database import connect, copy, fault, faults

BLOBS = "blobs.db"
CHUNK = 256 * 1024  # bytes
_PARTS = "SELECT c.data FROM part p JOIN chunk c ON c.sha256 = p.chunk WHERE p.blob = ?"
#: How many chunks are read at once, and on how many connections beside each other.
_AT_ONCE, _BESIDE = 8, 2


class BlobStore:
    """All blobs of one account, by the SHA-256 of their content (64 hex digits)."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self.path = folder / BLOBS
        self._lock = threading.Lock()
        self._naming = threading.Lock()
        self._fresh: set[str] = set()  # stored since the notebook was opened: the row that names them may still be on its way
        self._connection = connect(self.path, key)
        self._another = partial(connect, self.path, key, read_only=True)
        with faults(self.path):
            self._connection.executescript(
                "CREATE TABLE IF NOT EXISTS chunk (sha256 TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;"
                "CREATE TABLE IF NOT EXISTS blob (sha256 TEXT PRIMARY KEY, size INTEGER NOT NULL) WITHOUT ROWID;"
                "CREATE TABLE IF NOT EXISTS part (blob TEXT NOT NULL, number INTEGER NOT NULL, chunk TEXT NOT NULL,"
                " PRIMARY KEY (blob, number)) WITHOUT ROWID;"
                "CREATE INDEX IF NOT EXISTS part_chunk ON part (chunk);"
                "CREATE TABLE IF NOT EXISTS original (blob TEXT PRIMARY KEY, original TEXT NOT NULL) WITHOUT ROWID;")

    def put(self, data: bytes) -> str:
        """Store bytes durably and return their SHA-256; the same bytes are stored once."""
        digest = hashlib.sha256(data).hexdigest()
        with self._naming:
            self._fresh.add(digest)
        if self.has(digest):
            return digest
        with self._transaction() as connection:
            for number, start in enumerate(range(0, len(data), CHUNK)):
                self._chunk(connection, digest, number, data[start:start + CHUNK])
            connection.execute("INSERT OR IGNORE INTO blob VALUES (?, ?)", (digest, len(data)))
        return digest

    def keep_original(self, digest: str, data: bytes) -> None:
        """Keep what a blob was made from beside it; it never travels, and goes when the blob goes or is let go."""
        original = self.put(data)
        with self._transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO original VALUES (?, ?)", (digest, original))

    def original(self, digest: str) -> bytes | None:
        """Return what a blob was made from, or None where that was let go; raise NotebookError where it is damaged."""
        with self._lock, faults(self.path):
            row = self._connection.execute("SELECT original FROM original WHERE blob = ?", (digest,)).fetchone()
        return self.get(row[0]) if row else None

    def originals(self) -> dict[str, int]:
        """Return the blobs whose originals are here, each with the original's size in bytes."""
        with self._lock, faults(self.path):
            return dict(self._connection.execute("SELECT o.blob, b.size FROM original o JOIN blob b ON b.sha256 = o.original").fetchall())

    def let_go(self, digest: str) -> None:
        """Forget what a blob was made from; the blob stays."""
        with self._transaction() as connection:
            self._let_go(connection, digest)

    def append(self, digest: str, offset: int, data: bytes) -> int:
        """Add bytes of a blob on its way in, at ``offset``, which is how far it is; return the new length."""
        number, inside = divmod(offset, CHUNK)
        with self._transaction() as connection:
            if inside:  # the line was cut within a chunk: it is written again, longer
                last, begun = connection.execute(
                    "SELECT p.chunk, c.data FROM part p JOIN chunk c ON c.sha256 = p.chunk WHERE p.blob = ? AND p.number = ?",
                    (digest, number)).fetchone() or ("", b"")
                if len(begun) != inside:
                    raise ValueError(offset)
                data = begun + data
            for place, start in enumerate(range(0, len(data), CHUNK), number):
                self._chunk(connection, digest, place, data[start:start + CHUNK])
            if inside:
                self._release(connection, last)
        return number * CHUNK + len(data)

    def begun(self, name: str) -> bytes:
        """Return what is here of a blob on its way in; one whose digest is not known yet goes by a name of its own."""
        return b"".join(self._parts(name))

    def unfinished(self, beginning: str) -> set[str]:
        """Return the names of blobs on their way in that begin with these letters."""
        with self._lock, faults(self.path):
            rows = self._connection.execute("SELECT DISTINCT blob FROM part WHERE substr(blob, 1, ?) = ?", (len(beginning), beginning))
            return {row[0] for row in rows.fetchall()}

    def finish(self, digest: str) -> bool:
        """Declare a blob complete if its parts have the right digest; otherwise drop them and return False."""
        found, size = hashlib.sha256(), 0
        for part in self._parts(digest):
            found.update(part)
            size += len(part)
        if found.hexdigest() != digest:
            self.drop(digest)
            return False
        with self._naming:
            self._fresh.add(digest)
        with self._transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO blob VALUES (?, ?)", (digest, size))
        return True

    def arrived(self, digest: str) -> int:
        """Return how many bytes of an unfinished blob are here."""
        with self._lock, faults(self.path):
            row = self._connection.execute(
                "SELECT coalesce(sum(length(c.data)), 0) FROM part p JOIN chunk c ON c.sha256 = p.chunk WHERE p.blob = ?",
                (digest,)).fetchone()
        return int(row[0])

    def has(self, digest: str) -> bool:
        """Tell whether a whole blob is here."""
        with self._lock, faults(self.path):
            return self._connection.execute("SELECT 1 FROM blob WHERE sha256 = ?", (digest,)).fetchone() is not None

    def get(self, digest: str) -> bytes:
        """Return a blob; raise NotebookError where it is not here yet or damaged."""
        data = b"".join(self._parts(digest))
        if hashlib.sha256(data).hexdigest() != digest:
            raise self._missing()
        return data

    def pieces(self, digest: str) -> tuple[int, Iterator[bytes]]:
        """Return a blob's size and its bytes piece by piece, read ahead on two connections: deciphering is what costs time.

        Raises NotebookError where it is not here, also later where a piece is missing.
        """
        with self._lock, faults(self.path):
            row = self._connection.execute("SELECT size FROM blob WHERE sha256 = ?", (digest,)).fetchone()
            count = self._connection.execute("SELECT count(*) FROM part WHERE blob = ?", (digest,)).fetchone()[0]
        if row is None:
            raise self._missing()
        return int(row[0]), self._ahead(digest, count)

    def _ahead(self, digest: str, count: int) -> Iterator[bytes]:
        connections = [self._another() for _ in range(_BESIDE)]

        def read(number: int) -> bytes:
            with faults(self.path):
                rows = connections[number // _AT_ONCE % _BESIDE].execute(
                    f"{_PARTS} AND p.number >= ? AND p.number < ? ORDER BY p.number", (digest, number, number + _AT_ONCE)).fetchall()
            if len(rows) < min(_AT_ONCE, count - number):
                raise self._missing()
            return b"".join(row[0] for row in rows)

        pools = [ThreadPoolExecutor(1, "blobs") for _ in range(_BESIDE)]  # a connection is asked by one thread at a time
        try:
            starts = range(0, count, _AT_ONCE)
            coming = [pools[number // _AT_ONCE % _BESIDE].submit(read, number) for number in starts[:2 * _BESIDE]]
            for later in [*starts[2 * _BESIDE:], *[-1] * min(len(starts), 2 * _BESIDE)]:
                yield coming.pop(0).result()
                if later >= 0:
                    coming.append(pools[later // _AT_ONCE % _BESIDE].submit(read, later))
        finally:
            for pool, connection in zip(pools, connections, strict=True):
                pool.shutdown(cancel_futures=True)
                connection.close()

    @staticmethod
    def _missing() -> NotebookError:
        return NotebookError(t("The file is not on this device, or it is damaged."),
                             hint=t("It may still be on its way; synchronise again."), kept=t("The note itself is whole."))

    def drop(self, digest: str) -> None:
        """Forget a blob, its original, and the chunks that nothing else uses; the space is overwritten."""
        with self._transaction() as connection:
            self._let_go(connection, digest)
            self._drop(connection, digest)

    def sweep(self, used: set[str]) -> int:
        """Drop blobs that no record names, but for those stored since the notebook was opened; return how many."""
        with self._lock, faults(self.path):
            names = {row[0] for row in self._connection.execute("SELECT sha256 FROM blob")}
            kept = {original for blob, original in self._connection.execute("SELECT blob, original FROM original") if blob in used}
        count = 0
        for digest in names - used - kept:
            with self._naming:
                if digest not in self._fresh:
                    self.drop(digest)
                    count += 1
        return count

    def copy_to(self, target: Path, key: bytes) -> None:
        """Write a consistent encrypted copy under the same key."""
        target.unlink(missing_ok=True)
        with self._lock:
            try:
                copy(self._connection, target, key)
            except sqlcipher.DatabaseError as e:
                raise fault(e, target) from e

    def check(self) -> list[str]:
        """Return what is wrong with the file; nothing when it is whole."""
        with self._lock, faults(self.path):
            rows = self._connection.execute("PRAGMA integrity_check").fetchall()
        return [str(row[0]) for row in rows if row[0] != "ok"]

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def _parts(self, digest: str) -> Iterator[bytes]:
        with self._lock, faults(self.path):
            rows = self._connection.execute(
                f"{_PARTS} ORDER BY p.number", (digest,)).fetchall()
        return (row[0] for row in rows)

    @staticmethod
    def _chunk(connection: Any, blob: str, number: int, data: bytes) -> None:
        digest = hashlib.sha256(data).hexdigest()
        connection.execute("INSERT OR IGNORE INTO chunk VALUES (?, ?)", (digest, data))
        connection.execute("INSERT OR REPLACE INTO part VALUES (?, ?, ?)", (blob, number, digest))

    def _drop(self, connection: Any, digest: str) -> None:
        chunks = [row[0] for row in connection.execute("SELECT chunk FROM part WHERE blob = ?", (digest,))]
        connection.execute("DELETE FROM blob WHERE sha256 = ?", (digest,))
        connection.execute("DELETE FROM part WHERE blob = ?", (digest,))
        for chunk in chunks:
            self._release(connection, chunk)

    def _let_go(self, connection: Any, digest: str) -> None:
        row = connection.execute("SELECT original FROM original WHERE blob = ?", (digest,)).fetchone()
        connection.execute("DELETE FROM original WHERE blob = ?", (digest,))
        if row and connection.execute("SELECT 1 FROM original WHERE original = ?", row).fetchone() is None:
            self._drop(connection, row[0])

    @staticmethod
    def _release(connection: Any, chunk: str) -> None:
        """Forget a chunk that no blob uses any more."""
        connection.execute("DELETE FROM chunk WHERE sha256 = ? AND NOT EXISTS (SELECT 1 FROM part WHERE chunk = ?)", (chunk, chunk))

    def _transaction(self) -> _Transaction:
        return _Transaction(self)


class _Transaction:
    """One durable write of the blob store, whole or not at all."""

    def __init__(self, store: BlobStore) -> None:
        self._store = store

    def __enter__(self) -> Any:
        self._store._lock.acquire()
        try:
            self._store._connection.execute("BEGIN IMMEDIATE")
        except sqlcipher.Error as e:
            self._store._lock.release()
            raise fault(e, self._store.path) from e
        return self._store._connection

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        connection = self._store._connection
        try:
            connection.execute("ROLLBACK" if kind else "COMMIT")
        except sqlcipher.Error as e:
            if not kind:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise fault(e, self._store.path) from e
        finally:
            self._store._lock.release()
        if isinstance(error, sqlcipher.Error):
            raise fault(error, self._store.path) from error
