"""The books of a region's plan, and the marks that a visit leaves in them."""

from sqlalchemy.orm import Mapped, mapped_column

from assessor_app.models.base import Record
from assessor_app.models.kinds import Kind


class Book(Record):
    """A book of the plan as PDF; ``size`` in bytes. Its bytes lie in the blob store."""

    __tablename__ = "book"
    kind = Kind.BOOK

    region: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    size: Mapped[int | None]
    sha256: Mapped[str]
    pages: Mapped[int | None]
    type: Mapped[str]
    title: Mapped[str]
    number: Mapped[int | None]


class Mark(Record):
    """A marked passage: ``page`` from 1; ``place`` its boxes in points from the page's top left corner, ``x0 y0 x1 y1`` a line."""

    __tablename__ = "mark"
    kind = Kind.MARK

    visit: Mapped[str] = mapped_column(index=True)
    book: Mapped[str] = mapped_column(index=True)
    page: Mapped[int | None]
    quote: Mapped[str]
    place: Mapped[str]
    note: Mapped[str]
