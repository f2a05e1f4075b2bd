"""Photos and signed files after the records: small before large, resumed where they stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app.errors import AppError, LineError
from assessor_app.models import files
from assessor_app.models.attachments import Attachment
from assessor_app.models.blobs import CHUNK, BlobStore
from assessor_app.models.consent import may_leave
from assessor_app.models.documents import Revision
from assessor_app.models.journal import PENDING
from assessor_app.models.tables import Erasure, Intent, Transfer
from assessor_app.models.writer import Writer
from assessor_app.sync.transport import Transport

#: What one request of an upload carries, in bytes.
PIECE = 512 * 1024


@dataclass(frozen=True, slots=True)
class Item:
    """A blob that a record names."""

    sha256: str
    size: int
    signed: bool  # kept in the notebook itself


def named(session: Session) -> list[Item]:
    """Return the blobs that records name and that may travel, small before large."""
    erased = {row.record for row in session.scalars(select(Erasure))}
    unsent = {change[2] for intent in session.scalars(select(Intent).where(Intent.state.in_(PENDING)))
              for change in intent.changes if change[0] == "+"}
    found: dict[str, Item] = {}
    for a in session.scalars(select(Attachment).where(Attachment.deleted.is_(False))):
        if a.id in erased or a.id in unsent or not a.sha256 or not may_leave(session, a.interview or a.person):
            continue
        found[a.sha256] = Item(a.sha256, a.size or 0, False)
    for r in session.scalars(select(Revision)):
        if r.id not in unsent:
            found[r.sha256] = Item(r.sha256, r.size or 0, True)
    return sorted(found.values(), key=lambda item: item.size)


def has(session: Session, store: BlobStore, item: Item) -> bool:
    """Tell whether a blob is on this device."""
    return files.has(session, item.sha256) if item.signed else store.has(item.sha256)


def send(transport: Transport, writer: Writer, item: Item, data: bytes, scope: str, check: Callable[[], None]) -> None:
    """Upload one blob, going on where an earlier attempt stopped; note its arrival."""
    with writer.notebook.reading() as session:
        known = session.get(Transfer, item.sha256)
        place = known.location if known and known.direction == "up" else ""
    offset = 0
    if place:
        try:
            offset = transport.uploaded(place)
        except LineError as e:
            if e.code not in {"upload", "http404"}:
                raise
            place = ""
    if not place:
        first = data[:PIECE]
        place, offset = transport.begin_upload(item.sha256, len(data), first)
        _note(writer, item, scope, place, done=offset >= len(data))
    while offset < len(data):
        check()
        offset = transport.upload(place, offset, data[offset:offset + PIECE])
    _note(writer, item, scope, place, done=True)


def _note(writer: Writer, item: Item, scope: str, place: str, *, done: bool) -> None:
    writer.run(lambda unit: unit.session.merge(Transfer(sha256=item.sha256, direction="up", scope=scope, size=item.size, location=place,
                                                        done=done)) and None, purpose="transfer")


def fetch(transport: Transport, writer: Writer, store: BlobStore, item: Item, check: Callable[[], None]) -> bool:
    """Download one blob, going on where an earlier attempt stopped; False where its bytes were not what they should be."""
    if item.signed:
        parts: list[bytes] = []
        transport.download(item.sha256, 0, parts.append)
        data = b"".join(parts)
        digest = writer.run(lambda unit: files.put(unit.session, data), purpose="transfer")
        if digest == item.sha256:
            _note_here(writer, item)
        return digest == item.sha256
    offset = store.arrived(item.sha256) // CHUNK * CHUNK
    held = bytearray()

    def keep(chunk: bytes) -> None:
        nonlocal offset
        check()
        held.extend(chunk)
        while len(held) >= CHUNK:
            offset = store.append(item.sha256, offset, bytes(held[:CHUNK]))
            del held[:CHUNK]

    if offset < item.size:
        transport.download(item.sha256, offset, keep)
    if held:
        store.append(item.sha256, offset, bytes(held))
    whole = store.finish(item.sha256)
    if whole:
        _note_here(writer, item)
    return whole


def _note_here(writer: Writer, item: Item) -> None:
    """What came from the server need not go back to it."""
    _note(writer, item, "", "", done=True)


def bytes_of(session: Session, store: BlobStore, item: Item) -> bytes | None:
    """Return a blob's bytes, or None where they are missing or damaged here: such a file is never sent."""
    try:
        return files.get(session, item.sha256) if item.signed else store.get(item.sha256)
    except AppError:
        return None
