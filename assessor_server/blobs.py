"""Blobs on their way in and out: uploads that go on at the byte where they stopped (tus 1.0), and who may read what."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from sqlalchemy import Connection, delete, select

from assessor_app.models.kinds import Kind
from assessor_server import feed, revision_bases
from assessor_server import tables as tb
from assessor_server.accounts import Caller
from assessor_server.blob_store import BlobStore, DiskStore, StoreFault
from assessor_server.store import Store, add_if_absent, now

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
LARGEST = 200_000_000
#: How long an unfinished upload is kept: a device may be away for weeks.
KEPT_MS = 60 * 24 * 3600 * 1000
#: The digests by which a piece may be checked.
ALGORITHMS = ("sha256", "sha1")


class BlobFault(Exception):
    """An upload or download cannot go on; ``status`` is the HTTP status to answer."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload: its id, what it brings, how many bytes are here, and until when it is kept (ms UTC)."""

    id: str
    sha256: str
    size: int
    here: int
    expires: int


@dataclass(slots=True)
class Piece:
    """The bytes of one request, on the disk as they come."""

    blobs: Blobs
    upload: Upload
    checksum: tuple[str, bytes] | None
    file: BinaryIO
    superseded: bool = False
    length: int = 0
    _sum: Any = None

    def write(self, data: bytes) -> None:
        """Add bytes. Raises BlobFault: too many (413), or a newer request has taken over (409)."""
        with self.blobs.lock:
            if self.superseded:
                raise BlobFault(409, "offset")
            if self.upload.here + self.length + len(data) > self.upload.size:
                raise BlobFault(413, "size")
            self.file.write(data)
            self.length += len(data)
        if self.checksum:
            self._sum = self._sum or hashlib.new(self.checksum[0])
            self._sum.update(data)

    def finish(self) -> int:
        """Check and keep what came; return the new offset. Raises BlobFault (460): a false piece is taken back."""
        if self.checksum and (self._sum or hashlib.new(self.checksum[0])).digest() != self.checksum[1]:
            with self.blobs.lock:
                if not self.superseded:
                    self.file.truncate(self.upload.here)
            raise BlobFault(460, "checksum")
        self.close()
        here = self.upload.here + self.length
        if here == self.upload.size:
            self.blobs.complete(self.upload)
        return here

    def close(self) -> None:
        """Make durable what arrived, also of a request that was cut off."""
        with self.blobs.lock:
            if self.file.closed:
                return
            os.fsync(self.file.fileno())
            self.file.close()
            if self.blobs.pieces.get(self.upload.id) is self:
                del self.blobs.pieces[self.upload.id]


class Blobs:
    """The blobs of a server; ``keep`` is where whole ones lie, by default a folder beside the database."""

    def __init__(self, store: Store, keep: BlobStore | None = None) -> None:
        self.store = store
        self.keep = keep or DiskStore(store.folder / "blobs")
        self.uploads = store.folder / "uploads"
        self.uploads.mkdir(parents=True, exist_ok=True)
        self.lock = threading.Lock()
        self.pieces: dict[str, Piece] = {}
        self._bare: set[str] = set()  # uploads whose sum was wrong once: they bring every byte themselves

    def size(self, digest: str) -> int | None:
        """Return the length of a whole blob in bytes, or None where it is not here. Raises BlobFault."""
        with _faults():
            return self.keep.size(_checked(digest))

    def read(self, digest: str, start: int = 0, length: int = LARGEST) -> Iterator[bytes]:
        """Yield a blob's bytes; the caller has asked :meth:`allowed` before."""
        with _faults():
            yield from self.keep.read(_checked(digest), start, length)

    def erase(self, digest: str) -> None:
        """Remove a blob's bytes, also those that were on their way: the erasure of personal data."""
        with self.store.transaction() as connection:
            gone = list(connection.execute(select(tb.upload.c.id).where(tb.upload.c.sha256 == digest)).scalars())
            connection.execute(delete(tb.upload).where(tb.upload.c.id.in_(gone)))
        for upload in gone:
            self._forget(upload)
        with _faults():
            self.keep.erase(_checked(digest))

    def allowed(self, caller: Caller, digest: str) -> None:
        """Let a blob pass only where a record in a scope granted to the caller names it. Raises BlobFault (404, 410)."""
        with self.store.transaction() as connection:
            _check(connection, caller, _checked(digest))

    def begin(self, caller: Caller, digest: str, size: int) -> Upload:
        """Begin, or find again, the device's upload of a blob. Raises BlobFault."""
        if not 0 <= size <= LARGEST:
            raise BlobFault(413, "size")
        # the same device finds its upload again when the reply that named it was lost
        upload = hashlib.sha256(f"{caller.device} {digest} {size}".encode()).hexdigest()[:40]
        with self.store.transaction() as connection:
            _check(connection, caller, _checked(digest))
            self._sweep(connection)
            add_if_absent(connection, tb.upload, id=upload, sha256=digest, size=size, account=caller.account, created_at=now())
        return self.find(caller, upload)

    def find(self, caller: Caller, upload: str) -> Upload:
        """Return an upload of the caller as it stands; who wrote in it until now is stopped. Raises BlobFault (404)."""
        with self.store.transaction() as connection:
            row = connection.execute(select(tb.upload).where(tb.upload.c.id == upload, tb.upload.c.account == caller.account)).first()
            if row is None or row.created_at + KEPT_MS < now():
                raise BlobFault(404, "upload")
            _check(connection, caller, row.sha256)
        with self.lock:
            self._supersede(upload)
            here = self._length(upload)
        found = Upload(upload, row.sha256, row.size, here, row.created_at + KEPT_MS)
        if self.size(row.sha256) is not None:
            return Upload(upload, row.sha256, row.size, row.size, found.expires)
        if here == row.size > 0:  # came whole, but could not be put into its place
            self.complete(found)
        return found

    def carry_over(self, upload: Upload) -> int:
        """Begin an empty upload of a revision with the bytes of an earlier one that is here; return how many are here then.

        The sum of the whole decides: where it is not right, the upload begins anew and nothing is carried over again.
        """
        if upload.id in self._bare:
            return upload.here
        with self.store.transaction() as connection:
            digests = revision_bases.earlier(connection, upload.sha256)
        base = next((digest for digest in digests if 0 < (self.size(digest) or 0) < upload.size), "")
        if not base:
            return upload.here
        with self.lock:
            self._supersede(upload.id)
            if self._length(upload.id) == 0:
                with (self.uploads / upload.id).open("wb") as file:
                    for chunk in self.read(base):
                        file.write(chunk)
                    file.flush()
                    os.fsync(file.fileno())
            return self._length(upload.id)

    def receive(self, upload: Upload, offset: int, checksum: str = "") -> Piece:
        """Take bytes at ``offset``, from whoever asked last. Raises BlobFault."""
        wanted = _checksum(checksum)
        with self.lock:
            self._supersede(upload.id)
            if offset != upload.here or upload.here != self._length(upload.id):
                raise BlobFault(409, "offset")
            piece = Piece(self, upload, wanted, (self.uploads / upload.id).open("ab", buffering=0))
            self.pieces[upload.id] = piece
            return piece

    def complete(self, upload: Upload) -> None:
        """Put a whole upload into its place, if its digest is right and it is still wanted. Raises BlobFault (404, 410, 460)."""
        file = self.uploads / upload.id
        try:
            with file.open("rb") as f:
                found = hashlib.file_digest(f, "sha256").hexdigest()
        except FileNotFoundError:
            if self.size(upload.sha256) is not None:  # another request has put it there
                return
            raise BlobFault(404, "upload") from None
        if found != upload.sha256:
            self._forget(upload.id)
            self._bare.add(upload.id)
            raise BlobFault(460, "checksum")
        with _faults():
            self.keep.put(upload.sha256, file)
        with self.store.transaction() as connection:  # it may have been erased in the very moment
            rows = _naming(connection, upload.sha256)
            erased = _erased(connection, {row.id for row in rows}) == {row.id for row in rows}
        if erased:
            self.erase(upload.sha256)
            raise BlobFault(410, "erased")

    def take(self, data: bytes) -> bool:
        """Keep a file that came on a stick, where a record names it; False where none does, or it was erased."""
        digest = hashlib.sha256(data).hexdigest()
        with self.store.transaction() as connection:
            rows = {row.id for row in _naming(connection, digest)}
            if not rows or _erased(connection, rows) == rows:
                return False
        if self.size(digest) is None:
            file = self.uploads / f"stick-{digest}"
            with file.open("wb") as f:
                f.write(data)
                f.flush()
                os.fsync(f.fileno())
            with _faults():
                self.keep.put(digest, file)
        return True

    def end(self, caller: Caller, upload: str) -> None:
        """Give an upload up; a blob that is whole stays. Raises BlobFault (404)."""
        self.find(caller, upload)
        with self.store.transaction() as connection:
            connection.execute(delete(tb.upload).where(tb.upload.c.id == upload))
        self._forget(upload)

    def _sweep(self, connection: Connection) -> None:
        old = list(connection.execute(select(tb.upload.c.id).where(tb.upload.c.created_at < now() - KEPT_MS)).scalars())
        if old:
            connection.execute(delete(tb.upload).where(tb.upload.c.id.in_(old)))
        for upload in old:
            self._forget(upload)

    def _forget(self, upload: str) -> None:
        with self.lock:
            self._supersede(upload)
            (self.uploads / upload).unlink(missing_ok=True)

    def _supersede(self, upload: str) -> None:
        """Stop whoever writes: its line may be dead for a while before the server hears of it."""
        piece = self.pieces.pop(upload, None)
        if piece is not None:
            piece.superseded = True

    def _length(self, upload: str) -> int:
        try:
            return (self.uploads / upload).stat().st_size
        except FileNotFoundError:
            return 0


class _faults:
    """Answer a fault of the store as one that passes."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if isinstance(error, StoreFault):
            raise BlobFault(503, "store") from None


def _checked(digest: str) -> str:
    if not _DIGEST.fullmatch(digest):
        raise BlobFault(404, "unknown")
    return digest


def _checksum(header: str) -> tuple[str, bytes] | None:
    """Read ``ALGORITHM BASE64``. Raises BlobFault (400)."""
    if not header:
        return None
    name, _, value = header.partition(" ")
    try:
        if name not in ALGORITHMS:
            raise ValueError
        return name, base64.b64decode(value, validate=True)
    except ValueError:
        raise BlobFault(400, "checksum") from None


def _check(connection: Connection, caller: Caller, digest: str) -> None:
    """Refuse what no record in a granted scope names, as if it were not there: who may not read it learns nothing."""
    scopes = set(feed.granted(connection, caller))
    seen = {row.id for row in _naming(connection, digest) if row.scope in scopes}
    if not seen:
        raise BlobFault(404, "unknown")
    if _erased(connection, seen) == seen:
        raise BlobFault(410, "erased")


def _naming(connection: Connection, digest: str) -> Sequence[Any]:
    """Return scope and id of the records that name a blob."""
    named = tb.record.c.fields["sha256"].as_string()
    return connection.execute(select(tb.record.c.scope, tb.record.c.id).where(
        tb.record.c.kind.in_([Kind.ATTACHMENT.value, Kind.REVISION.value, Kind.BOOK.value]), named == digest)).all()


def _erased(connection: Connection, records: set[str]) -> set[str]:
    return set(connection.execute(select(tb.erasure.c.id).where(tb.erasure.c.id.in_(records))).scalars())
