"""Rows of a region's books and a visit's marks in them, and the pages that hold what is looked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from assessor_app.models import search
from assessor_app.models.books import Book, Mark
from assessor_app.models.catalogue import Assessor
from assessor_app.models.kinds import region_scope
from assessor_app.models.tables import BookPage
from assessor_app.workflow.books import boxes_of


@dataclass(frozen=True, slots=True)
class BookRow:
    """A book; ``size`` in bytes, ``here`` whether its bytes are on this device."""

    id: str
    type: str
    title: str
    name: str
    pages: int
    size: int
    sha256: str
    here: bool


@dataclass(frozen=True, slots=True)
class MarkRow:
    """A marked passage; ``page`` from 1, boxes in points from the page's top left corner."""

    id: str
    book: str
    page: int
    quote: str
    boxes: tuple[tuple[float, ...], ...]
    note: str
    author: str


@dataclass(frozen=True, slots=True)
class PageHit:
    """A page that holds what was looked for; ``marks`` are places (start, length) in the sentence."""

    book: str
    region: str
    title: str
    page: int
    sentence: str
    marks: tuple[tuple[int, int], ...]


def books_of(session: Session, region: str, has: Callable[[str], bool]) -> tuple[BookRow, ...]:
    """Return a region's books in their order; ``has`` tells whether a blob is here."""
    return tuple(BookRow(b.id, b.type, b.title, b.name, b.pages or 0, b.size or 0, b.sha256, has(b.sha256)) for b in session.scalars(
        select(Book).where(Book.region == region, Book.deleted.is_(False)).order_by(Book.number, Book.id)))


def marks_of(session: Session, visit: str, book: str = "") -> tuple[MarkRow, ...]:
    """Return a visit's marks, of one book or of all, in the order of the pages."""
    query = select(Mark, Assessor.name).join(Assessor, Assessor.id == Mark.changed_by, isouter=True).where(
        Mark.visit == visit, Mark.deleted.is_(False)).order_by(Mark.book, Mark.page, Mark.id)
    return tuple(MarkRow(m.id, m.book, m.page or 0, m.quote, boxes_of(m.place), m.note, author or "")
                 for m, author in session.execute(query.where(Mark.book == book) if book else query))


def search_pages(session: Session, query: str, *, region: str = "", limit: int = 10,
                 scopes: Callable[[str], bool] | None = None) -> tuple[PageHit, ...]:
    """Return pages that hold every word of ``query`` (the last one as a beginning), the books in their order.

    ``scopes`` tells which scopes who asks may read.
    """
    words = search.words_of(query)
    if not words:
        return ()
    named: dict[str, Book] = {}
    for book in session.scalars(select(Book).where(Book.deleted.is_(False)).order_by(Book.number)):
        if (not region or book.region == region) and (scopes is None or scopes(region_scope(book.region))):
            named.setdefault(book.sha256, book)
    if not named:
        return ()
    match = search.matching(session, words, "page_word")
    out: list[PageHit] = []
    for digest, book in named.items():
        first, last = session.execute(select(func.min(BookPage.number), func.max(BookPage.number)).where(BookPage.sha256 == digest)).one()
        if first is None:
            continue
        rows = session.execute(text(  # a book's pages stand together in the index, but for those that a second run added
            "SELECT p.page, p.body FROM page_text f JOIN book_page p ON p.number = f.rowid WHERE page_text MATCH :match "
            "AND f.rowid BETWEEN :first AND :last AND p.sha256 = :digest ORDER BY f.rowid LIMIT :limit"),
            {"match": match, "first": first, "last": last, "digest": digest, "limit": limit - len(out)})
        for page, body in rows:
            sentence, marks = search.sentence_of(body, words)
            out.append(PageHit(book.id, book.region, book.title or book.name, page, sentence, marks))
        if len(out) >= limit:
            break
    return tuple(out)
