"""Photos, books and signed files after the records: small before large, each going on at the byte where the line was cut."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import orjson
from sqlalchemy.orm import Session

from assessor_app.errors import AppError, LineError
from assessor_app.models import files
from assessor_app.models.blobs import CHUNK, BlobStore
from assessor_app.models.consent import may_leave, media_hold
from assessor_app.models.journal import PENDING
from assessor_app.models.tables import Transfer
from assessor_app.models.writer import Writer
from assessor_app.sync.lines import Body
from assessor_app.sync.transport import PATIENCE, Transport, pause

#: Seconds to wait after each attempt in a row that brought no byte further.
_PAUSES = (0.2, 0.5, 1.0, 3.0)
#: How often one blob may be cut off in one sync, however far it came each time.
_ATTEMPTS = 1000
#: Faults that pass by themselves.
_PASSING = frozenset({"offline", "timeout", "cut", "server"})
#: Answers by which an upload is not known any more: it begins anew.
_LOST = frozenset({"upload", "http404", "http410"})
#: What was made here and not sent yet.
_UNSENT = f"SELECT changes FROM intent WHERE state IN ({', '.join(repr(state.value) for state in PENDING)}) AND changes LIKE '%[\"+\",%'"


@dataclass(frozen=True, slots=True)
class Item:
    """A blob that a record names."""

    sha256: str
    size: int
    signed: bool  # kept in the notebook itself
    follows: bool = False  # a later revision: it begins with bytes that the server may have already


def named(session: Session) -> list[Item]:
    """Return the blobs that records name and that may travel, small before large."""
    connection = session.connection()
    erased = {record for (record,) in connection.exec_driver_sql("SELECT record FROM erasure")}
    unsent = {change[2] for (changes,) in connection.exec_driver_sql(_UNSENT) for change in orjson.loads(changes) if change[0] == "+"}
    found: dict[str, Item] = {}
    for record, digest, size, *held in connection.exec_driver_sql(
            "SELECT id, sha256, size, type, interview, person FROM attachment WHERE NOT deleted"):
        if record in erased or record in unsent or not digest or not may_leave(session, media_hold(*held)):
            continue
        found[digest] = Item(digest, size or 0, False)
    for record, digest, size, number in connection.exec_driver_sql("SELECT id, sha256, size, number FROM revision"):
        if record not in unsent:
            found[digest] = Item(digest, size or 0, True, (number or 0) > 1)
    for record, digest, size in connection.exec_driver_sql("SELECT id, sha256, size FROM book WHERE NOT deleted"):
        if record not in unsent:
            found[digest] = Item(digest, size or 0, False)
    return sorted(found.values(), key=lambda item: item.size)


def has(session: Session, store: BlobStore, item: Item) -> bool:
    """Tell whether a blob is on this device."""
    return files.has(session, item.sha256) if item.signed else store.has(item.sha256)


def send(transport: Transport, writer: Writer, item: Item, data: bytes, scope: str, check: Callable[[], None],
         progress: Callable[[int], None] = lambda sent: None) -> None:
    """Upload one blob in one request, going on at the byte where the line was cut; note its arrival.

    ``progress`` hears how many bytes are there. Raises LineError once several attempts in a row brought nothing.
    """
    with writer.notebook.reading() as session:
        known = session.get(Transfer, item.sha256)
        begun, place = known is not None, known.location if known and known.direction == "up" else ""
    reached = 0  # the furthest byte that the server confirmed
    offset: int | None = None
    cut_at: int | None = None  # where the attempt began that the line cut off
    patience = _Patience(check)
    while True:
        try:
            if not place:
                if not begun:  # noted first: where the reply is lost, the next attempt asks before it sends all again
                    _note(writer, item, scope, "", done=False)
                first = b"" if begun or item.follows else data  # empty: the server says how much of it is there
                place, offset = transport.begin_upload(item.sha256, len(data), Body(first, check, progress))
                _note(writer, item, scope, place, done=offset >= len(data))
            elif offset is None:
                offset = transport.uploaded(place)
            if cut_at is not None:  # only now it is known what of it arrived
                transport.sent += max(0, offset - cut_at)
                cut_at = None
            progress(offset)
            patience.moved(offset > reached)
            reached = max(reached, offset)
            if offset >= len(data):
                break
            offset = transport.upload(place, offset, Body(memoryview(data)[offset:], check, progress, offset))
        except LineError as e:
            if not begun or offset is not None:
                cut_at = offset or 0
            begun, offset = True, None
            if e.code in _LOST:
                place = ""
            elif e.code not in {"offset", "checksum"}:
                patience.wait(e)
                continue
            patience.spend(e)
    _note(writer, item, scope, place, done=True)


class _Patience:
    """How often an attempt may fail: as long as bytes arrive, many times; otherwise a few, with growing pauses."""

    def __init__(self, check: Callable[[], None]) -> None:
        self._check = check
        self._vain = 0
        self._all = 0

    def moved(self, further: bool) -> None:
        """Hear whether bytes arrived since the last attempt."""
        if further:
            self._vain = 0

    def spend(self, error: LineError) -> None:
        """Allow another attempt at once, or raise the error."""
        self._vain += 1
        self._all += 1
        if self._vain > len(_PAUSES) or self._all > _ATTEMPTS:
            raise error

    def wait(self, error: LineError) -> None:
        """Allow another attempt after a pause, or raise the error: not every fault passes."""
        if error.code not in _PASSING or error.retry_after > PATIENCE:
            raise error
        self.spend(error)
        pause(_PAUSES[self._vain - 1], self._check)


def _note(writer: Writer, item: Item, scope: str, place: str, *, done: bool) -> None:
    writer.run(lambda unit: unit.session.merge(Transfer(sha256=item.sha256, direction="up", scope=scope, size=item.size, location=place,
                                                        done=done)) and None, purpose="transfer")


def fetch(transport: Transport, writer: Writer, store: BlobStore, item: Item, check: Callable[[], None],
          progress: Callable[[int], None] = lambda received: None) -> bool:
    """Download one blob, going on at the byte where the line was cut; False where its bytes were not what they should be.

    ``progress`` hears how many bytes are here. Raises LineError once several attempts in a row brought nothing.
    """
    base = _earlier(writer, item)
    if base and _fetch(transport, writer, _InMemory(writer, base), item, check, progress):
        return True
    return _fetch(transport, writer, _InMemory(writer) if item.signed else _OnDisk(store, item.sha256), item, check, progress)


def _earlier(writer: Writer, item: Item) -> bytes:
    """Return the bytes with which a later revision begins, as far as they are here; the sum of the whole decides whether it does."""
    if not item.follows:
        return b""
    with writer.notebook.reading() as session:
        rows = session.connection().exec_driver_sql(
            "SELECT a.sha256 FROM revision AS a JOIN revision AS b ON a.document = b.document AND a.number < b.number "
            "WHERE b.sha256 = ? AND a.type != 'wet_scan' ORDER BY a.number DESC", (item.sha256,))
        digest = next((digest for (digest,) in rows if files.has(session, digest)), "")
        data = files.get(session, digest) if digest else b""
    return data if len(data) < item.size else b""


def _fetch(transport: Transport, writer: Writer, arriving: _Arriving, item: Item, check: Callable[[], None],
           progress: Callable[[int], None]) -> bool:
    patience = _Patience(check)

    def keep(chunk: bytes) -> None:
        check()
        arriving.take(chunk)
        patience.moved(True)
        progress(arriving.length)

    while arriving.length < item.size or not item.size:
        try:
            transport.download(item.sha256, arriving.length, keep)
            break
        except LineError as e:
            arriving.settle()
            patience.wait(e)
    arriving.settle()
    whole = arriving.finish(item.sha256)
    if whole:
        _note(writer, item, "", "", done=True)  # what came from the server need not go back to it
    return whole


class _Arriving(Protocol):
    """Where a blob's bytes go as they come."""

    length: int

    def take(self, chunk: bytes) -> None:
        """Take the next bytes."""

    def settle(self) -> None:
        """Make durable what has come."""

    def finish(self, digest: str) -> bool:
        """Keep the whole where its digest is right."""


class _OnDisk:
    """A photo: written chunk by chunk, so that neither a cut nor a power cut begins anew."""

    def __init__(self, store: BlobStore, digest: str) -> None:
        self._store = store
        self._digest = digest
        self._held = bytearray()
        self.length = store.arrived(digest)

    def take(self, chunk: bytes) -> None:
        """Take the next bytes; a full chunk is written."""
        self._held += chunk
        self.length += len(chunk)
        if len(self._held) >= CHUNK:
            self.settle()

    def settle(self) -> None:
        """Write what is held."""
        if self._held:
            self._store.append(self._digest, self.length - len(self._held), bytes(self._held))
            self._held.clear()

    def finish(self, digest: str) -> bool:
        """Declare the blob complete."""
        return self._store.finish(digest)


class _InMemory:
    """A signed file, which is small: it enters the notebook whole."""

    def __init__(self, writer: Writer, base: bytes = b"") -> None:
        self._writer = writer
        self._data = bytearray(base)
        self.length = len(base)

    def take(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self._data += chunk
        self.length += len(chunk)

    def settle(self) -> None:
        """Nothing: it is kept once it is whole."""

    def finish(self, digest: str) -> bool:
        """Put the file into the notebook."""
        data = bytes(self._data)
        return hashlib.sha256(data).hexdigest() == digest and self._writer.run(
            lambda unit: files.put(unit.session, data), purpose="transfer") == digest


def bytes_of(session: Session, store: BlobStore, item: Item) -> bytes | None:
    """Return a blob's bytes, or None where they are missing or damaged here: such a file is never sent."""
    try:
        return files.get(session, item.sha256) if item.signed else store.get(item.sha256)
    except AppError:
        return None
