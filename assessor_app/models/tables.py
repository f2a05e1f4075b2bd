"""The notebook's own tables: the journal, what waits, what was erased, what is to be indexed. None of them travels as a record."""

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKeyConstraint, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from assessor_app.models.base import Base


class Device(Base):
    """An incarnation of this notebook; a copied or restored notebook becomes a new one."""

    __tablename__ = "device"

    id: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[int]
    place: Mapped[str]  # where this incarnation lives: installation and folder, hashed
    current: Mapped[bool]


class Intent(Base):
    """One intention: its changes, applied whole or not at all. It is outbox, undo step and audit line."""

    __tablename__ = "intent"
    __table_args__ = (Index("intent_pending", "state", "device", "counter"),)

    device: Mapped[str] = mapped_column(primary_key=True)
    counter: Mapped[int] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(index=True)  # intents of one transaction are undone together
    at: Mapped[int] = mapped_column(BigInteger)  # ms UTC, the device's claim
    purpose: Mapped[str]
    scope: Mapped[str]
    hold: Mapped[str]  # the note or respondent whose consent decides whether it may leave
    editing: Mapped[str]  # token of the editing session whose keystrokes coalesce
    state: Mapped[str]  # see journal.State
    reason: Mapped[str]
    changes: Mapped[list[Any]] = mapped_column(JSON)


class IntentBefore(Base):
    """What stood before each change of an intent, for undo; it never leaves the device."""

    __tablename__ = "intent_before"
    __table_args__ = (ForeignKeyConstraint(["device", "counter"], ["intent.device", "intent.counter"], ondelete="CASCADE"),)

    device: Mapped[str] = mapped_column(primary_key=True)
    counter: Mapped[int] = mapped_column(primary_key=True)
    values: Mapped[list[Any]] = mapped_column(JSON)


class Pristine(Base):
    """The server's value of a field while changes of this device are still on the way."""

    __tablename__ = "pristine"

    kind: Mapped[str] = mapped_column(primary_key=True)
    record: Mapped[str] = mapped_column(primary_key=True)
    field: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    version: Mapped[str]


class Held(Base):
    """A record of a kind that only a newer version knows: kept as it came."""

    __tablename__ = "held"

    kind: Mapped[str] = mapped_column(primary_key=True)
    record: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(index=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)


class Scope(Base):
    """A scope that the server granted, and how far this notebook has read it."""

    __tablename__ = "scope"

    name: Mapped[str] = mapped_column(primary_key=True)
    cursor: Mapped[int] = mapped_column(BigInteger)
    granted: Mapped[bool]


class Erasure(Base):
    """A mark that a record's personal data were erased; applied again after every restore."""

    __tablename__ = "erasure"

    kind: Mapped[str] = mapped_column(primary_key=True)
    record: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[int] = mapped_column(BigInteger)


class SearchDirty(Base):
    """A record whose text changed since it was indexed; search reads it directly."""

    __tablename__ = "search_dirty"

    kind: Mapped[str] = mapped_column(primary_key=True)
    record: Mapped[str] = mapped_column(primary_key=True)


class SearchEntry(Base):
    """An indexed record; the row number grows with each indexing, so newest first is the index's own order."""

    __tablename__ = "search_entry"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str]
    record: Mapped[str] = mapped_column(unique=True)


class BookPage(Base):
    """The text of a book's page, for searching; made here from the book's bytes. ``page`` from 1."""

    __tablename__ = "book_page"
    __table_args__ = (Index("book_page_of", "sha256", "page", unique=True),)

    number: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    page: Mapped[int]
    body: Mapped[str]


class StoredFile(Base):
    """The bytes of a signed document's revision, by SHA-256: they stand in the same file as the row that names them."""

    __tablename__ = "stored_file"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary)


class Setting(Base):
    """A setting of this account on this device; JSON."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class Transfer(Base):
    """A blob on its way: what is already at the other end."""

    __tablename__ = "transfer"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    direction: Mapped[str]  # up | down
    scope: Mapped[str]
    size: Mapped[int]
    location: Mapped[str] = mapped_column(Text)
    done: Mapped[bool]


class Carried(Base):
    """What came on a stick for others: another device's signed run of intents, or a file sealed for somebody else, byte for byte."""

    __tablename__ = "carried"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    device: Mapped[str]  # whose it is; empty where it is sealed
    at: Mapped[int] = mapped_column(BigInteger)  # ms UTC, when it came here
    data: Mapped[bytes] = mapped_column(LargeBinary)
    arrived: Mapped[bool]  # the server has durably taken it
