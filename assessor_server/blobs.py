"""Blobs on the server's disk: uploaded in resumable pieces (tus 1.0), named by the SHA-256 of their content."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from sqlalchemy import Connection, insert, select

from assessor_app import ids
from assessor_app.models.kinds import Kind
from assessor_server import feed
from assessor_server import tables as tb
from assessor_server.accounts import Caller
from assessor_server.store import Store, now

_DIGEST = re.compile(r"^[0-9a-f]{64}$")
LARGEST = 200_000_000


class BlobFault(Exception):
    """An upload or download cannot go on; ``status`` is the HTTP status to answer."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Blobs:
    """The blob folder of a server."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.folder = store.folder / "blobs"
        self.uploads = store.folder / "uploads"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.uploads.mkdir(parents=True, exist_ok=True)

    def path(self, digest: str) -> Path:
        """Return where a blob lies; raise BlobFault for what is no digest."""
        if not _DIGEST.match(digest):
            raise BlobFault(404, "digest")
        return self.folder / digest[:2] / digest

    def has(self, digest: str) -> bool:
        """Tell whether a blob is here, whole."""
        return self.path(digest).is_file()

    def begin(self, caller: Caller, digest: str, size: int) -> str:
        """Begin, or find again, the caller's upload of a blob; return its id."""
        self.path(digest)
        if not 0 <= size <= LARGEST:
            raise BlobFault(413, "size")
        with self.store.transaction() as connection:
            self._check(connection, caller, digest)
            known = connection.execute(select(tb.upload.c.id).where(
                tb.upload.c.sha256 == digest, tb.upload.c.account == caller.account, tb.upload.c.size == size)).scalar()
            if known:
                return str(known)
            upload = ids.token(120)
            connection.execute(insert(tb.upload).values(id=upload, sha256=digest, size=size, account=caller.account, created_at=now()))
        (self.uploads / upload).touch()
        return upload

    def offset(self, caller: Caller, upload: str) -> tuple[int, int]:
        """Return how many bytes of an upload are here, and how many it has."""
        _, size, digest = self._upload(caller, upload)
        return (size if self.has(digest) else self._length(upload)), size

    def append(self, caller: Caller, upload: str, offset: int, data: bytes) -> int:
        """Add bytes at ``offset``; return the new offset. A whole blob whose digest is wrong starts again (460)."""
        _, size, digest = self._upload(caller, upload)
        if self.has(digest):
            return size
        here = self._length(upload)
        if offset != here:
            raise BlobFault(409, "offset")
        if here + len(data) > size:
            raise BlobFault(413, "size")
        file = self.uploads / upload
        with file.open("ab") as f:
            f.write(data)
            f.flush()
            os.fsync(f.fileno())
        if here + len(data) < size:
            return here + len(data)
        with file.open("rb") as f:
            found = hashlib.file_digest(f, "sha256").hexdigest()
        if found != digest:
            file.write_bytes(b"")
            raise BlobFault(460, "checksum")
        target = self.path(digest)
        target.parent.mkdir(exist_ok=True)
        os.replace(file, target)
        _sync_folder(target.parent)
        return size

    def read(self, caller: Caller, digest: str) -> Path:
        """Return the file of a blob that a record in one of the caller's scopes names."""
        path = self.path(digest)
        with self.store.transaction() as connection:
            self._check(connection, caller, digest)
        if not path.is_file():
            raise BlobFault(404, "missing")
        return path

    def erase(self, digest: str) -> None:
        """Remove a blob's bytes: the erasure of personal data."""
        self.path(digest).unlink(missing_ok=True)

    def _check(self, connection: Connection, caller: Caller, digest: str) -> None:
        """Let a blob through only where a record in a granted scope names it."""
        named = tb.record.c.fields["sha256"].as_string()
        rows = connection.execute(select(tb.record.c.scope, tb.record.c.kind, tb.record.c.id).where(
            tb.record.c.kind.in_([Kind.ATTACHMENT.value, Kind.REVISION.value]), named == digest)).all()
        scopes = set(feed.granted(connection, caller))
        gone = set(connection.execute(select(tb.erasure.c.id).where(tb.erasure.c.id.in_([row.id for row in rows]))).scalars())
        if rows and gone.issuperset(row.id for row in rows):
            raise BlobFault(410, "erased")
        if not any(row.scope in scopes and row.id not in gone for row in rows):
            raise BlobFault(404, "unknown")

    def _upload(self, caller: Caller, upload: str) -> tuple[str, int, str]:
        with self.store.transaction() as connection:
            row = connection.execute(select(tb.upload).where(tb.upload.c.id == upload, tb.upload.c.account == caller.account)).first()
        if row is None:
            raise BlobFault(404, "upload")
        return row.id, int(row.size), str(row.sha256)

    def _length(self, upload: str) -> int:
        try:
            return (self.uploads / upload).stat().st_size
        except FileNotFoundError:
            (self.uploads / upload).touch()
            return 0


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
