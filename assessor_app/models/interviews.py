"""Interview notes."""

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped

from assessor_app.models.base import Record
from assessor_app.models.kinds import Kind


class Interview(Record):
    """An interview note; ``held_at`` is the region's local time."""

    __tablename__ = "interview"
    __table_args__ = (
        Index("interview_of_visit", "visit", "deleted", "basis"),  # counted without reading a text
        Index("interview_tagged", "deleted", "tags", sqlite_where=text("tags <> '[]'")),
    )
    kind = Kind.INTERVIEW

    visit: Mapped[str]
    author: Mapped[str]
    title: Mapped[str]
    held_at: Mapped[str]
    place: Mapped[str]
    body: Mapped[str]
    persons: Mapped[list[str]]
    basis: Mapped[str]
    programmes: Mapped[list[str]]
    questions: Mapped[list[str]]
    tags: Mapped[list[str]]
