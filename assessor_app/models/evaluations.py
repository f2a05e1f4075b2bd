"""One assessor's score sheet, its answers and findings."""

from sqlalchemy.orm import Mapped, mapped_column

from assessor_app.models.base import Record
from assessor_app.models.kinds import Kind


class Sheet(Record):
    """One assessor's scores of one visit."""

    __tablename__ = "sheet"
    kind = Kind.SHEET

    visit: Mapped[str] = mapped_column(index=True)
    assessor: Mapped[str]
    instrument: Mapped[str]
    state: Mapped[str]
    introduction: Mapped[str]
    method: Mapped[str]
    previous_index: Mapped[float | None]


class Answer(Record):
    """The score of one question: a number of its list, ``-`` not assessed, empty not yet scored."""

    __tablename__ = "answer"
    kind = Kind.ANSWER

    sheet: Mapped[str] = mapped_column(index=True)
    question: Mapped[str]
    score: Mapped[str]
    reason: Mapped[str]
    evidence: Mapped[list[str]]


class Finding(Record):
    """A strength, weakness or recommendation."""

    __tablename__ = "finding"
    kind = Kind.FINDING

    sheet: Mapped[str] = mapped_column(index=True)
    type: Mapped[str]
    dimension: Mapped[str]
    number: Mapped[int | None]
    body: Mapped[str]
