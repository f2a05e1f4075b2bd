"""The books of a region's plan: added from a PDF, opened from the encrypted store, their pages' text indexed beside the work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessor_app.errors import BadInput
from assessor_app.i18n import t
from assessor_app.isolated_file import HeldFile
from assessor_app.models.blobs import BlobStore
from assessor_app.models.books import Book, Mark
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import BookType
from assessor_app.models.tables import BookPage
from assessor_app.workflow.accounts import Account

#: What a book may weigh, in bytes.
LARGEST = 200_000_000
READER = "assessor_app.workflow.book_reader:BookReader"
#: How many pages are read and written at once while they are indexed.
_SLICE = 20
#: Words in a file's name that tell which book it is, in the order in which they are asked.
_TOLD = (("buku 1", BookType.STRATEGIC), ("buku 2", BookType.MASTERPLAN), ("buku 3", BookType.SUMMARY), ("buku 4", BookType.QUICK_WIN),
         ("ringkasan", BookType.SUMMARY), ("eksekutif", BookType.SUMMARY), ("quick", BookType.QUICK_WIN), ("road", BookType.QUICK_WIN),
         ("strategis", BookType.STRATEGIC), ("master", BookType.MASTERPLAN), ("induk", BookType.MASTERPLAN))


@dataclass(frozen=True, slots=True)
class NewBook:
    """A PDF that was read and lies in the store, not named by any record yet."""

    name: str
    sha256: str
    size: int
    pages: int
    title: str
    type: str


def read_book(blobs: BlobStore, data: bytes, name: str) -> NewBook:
    """Look into somebody's PDF in a process of its own and store it. Takes about a second; raises BadInput for what is no book."""
    if not data:
        raise BadInput(t("The file is empty (0 bytes)."), kept=t("Nothing in the notebook changed."))
    if len(data) > LARGEST:
        raise BadInput(t("The file is larger than 200 MB."), hint=t("Let it be saved smaller."),
                       kept=t("Nothing in the notebook changed."))
    with HeldFile(READER, data) as held:
        pages, title = len(held.ask("sizes")), str(held.ask("title"))
    return NewBook(name, blobs.put(data), len(data), pages, title, guess(f"{name} {title}"))


def guess(name: str) -> str:
    """Return which book a file's name speaks of."""
    plain = " ".join(name.casefold().replace("_", " ").replace("-", " ").split())
    return next((type for word, type in _TOLD if word in plain), BookType.OTHER)


def add_book(unit: Unit, region: str, new: NewBook) -> str:
    """Name a stored PDF as a book of a region's plan; the same file is there once. Returns its id."""
    session = unit.session
    known = session.scalar(select(Book).where(Book.region == region, Book.sha256 == new.sha256))
    if known is not None:
        known.deleted = False
        return known.id
    last = session.scalar(select(func.max(Book.number)).where(Book.region == region)) or 0
    return unit.add(Book(region=region, name=new.name, size=new.size, sha256=new.sha256, pages=new.pages, type=new.type,
                         title=new.title, number=last + 1)).id


def open_book(account: Account, sha256: str) -> HeldFile:
    """Open a book from the encrypted store in a process of its own, without a copy on the disk. Takes up to half a second."""
    return HeldFile(READER, account.blobs.pieces(sha256), memory_mb=2048)


def add_mark(unit: Unit, visit: str, book: str, page: int, quote: str, boxes: Sequence[Sequence[float]], note: str = "") -> str:
    """Mark a passage (``page`` from 1); return the mark's id."""
    place = "\n".join(" ".join(f"{side:g}" for side in box) for box in boxes)
    return unit.add(Mark(visit=visit, book=book, page=page, quote=quote, place=place, note=note)).id


def boxes_of(place: str) -> tuple[tuple[float, ...], ...]:
    """Return a mark's boxes; what is none is passed over."""
    out = []
    for line in place.splitlines():
        try:
            box = tuple(float(side) for side in line.split())
        except ValueError:
            continue
        if len(box) == 4:
            out.append(box)
    return tuple(out)


def unindexed(session: Session) -> list[tuple[str, int]]:
    """Return the books (SHA-256, pages) whose text is not indexed yet, the smallest first."""
    rows = session.execute(select(Book.sha256, func.max(Book.pages), func.max(Book.size)).where(
        Book.deleted.is_(False)).group_by(Book.sha256))
    there = {row[0]: row[1] for row in session.execute(select(BookPage.sha256, func.count()).group_by(BookPage.sha256))}
    return [(digest, pages or 0) for digest, pages, _ in sorted(rows, key=lambda row: row[2] or 0) if there.get(digest, 0) < (pages or 0)]


def index_books(account: Account, check: Callable[[], None] = lambda: None) -> int:
    """Index the pages of books that are here, a few at a time so that nobody's typing waits; return how many pages.

    A book that breaks its reader is left unindexed; ``check`` may raise to stop.
    """
    count = 0
    with account.reading() as session:
        todo = unindexed(session)
    for digest, pages in todo:
        if not account.blobs.has(digest):
            continue
        try:
            with open_book(account, digest) as held:
                count += _index(account, held, digest, pages, check)
        except BadInput:
            continue
    return count


def _index(account: Account, held: HeldFile, digest: str, pages: int, check: Callable[[], None]) -> int:
    with account.reading() as session:
        done = set(session.scalars(select(BookPage.page).where(BookPage.sha256 == digest)))
    count = 0
    for first in range(0, pages, _SLICE):
        wanted = [at for at in range(first, min(first + _SLICE, pages)) if at + 1 not in done]
        if not wanted:
            continue
        check()
        texts = held.ask("texts", wanted[0], wanted[-1] - wanted[0] + 1)
        rows = [(at + 1, texts[at - wanted[0]]) for at in wanted]
        account.writer.run(partial(_write, digest=digest, rows=rows), purpose="book.index", origin="sync", durable=False)
        count += len(rows)
    return count


def _write(unit: Unit, digest: str, rows: list[tuple[int, str]]) -> None:
    connection = unit.session.connection()
    for page, body in rows:
        number = connection.exec_driver_sql("INSERT INTO book_page (sha256, page, body) VALUES (?, ?, ?)", (digest, page, body)).lastrowid
        connection.exec_driver_sql("INSERT INTO page_text (rowid, body) VALUES (?, ?)", (number, body))

