"""Documents, their revisions, and the differences that a person settles."""

from sqlalchemy.orm import Mapped, mapped_column

from assessor_app.models.base import Record
from assessor_app.models.kinds import Kind


class Document(Record):
    """A document: a chain of recorded revisions."""

    __tablename__ = "document"
    kind = Kind.DOCUMENT

    region: Mapped[str]
    visit: Mapped[str] = mapped_column(index=True)
    sheet: Mapped[str]
    type: Mapped[str]
    language: Mapped[str]
    paper: Mapped[str]
    address: Mapped[str]
    data_sha256: Mapped[str]
    number: Mapped[str]
    title: Mapped[str]
    state: Mapped[str]
    supersedes: Mapped[str]
    remark: Mapped[str]


class Revision(Record):
    """One recorded revision; its bytes are a prefix of the next."""

    __tablename__ = "revision"
    kind = Kind.REVISION

    region: Mapped[str]
    visit: Mapped[str]
    sheet: Mapped[str]
    document: Mapped[str] = mapped_column(index=True)
    number: Mapped[int | None]
    sha256: Mapped[str]
    size: Mapped[int | None]
    type: Mapped[str]
    signer: Mapped[str]
    made_at: Mapped[int | None]


class Difference(Record):
    """Two values of one field that a person settles."""

    __tablename__ = "difference"
    kind = Kind.DIFFERENCE

    record_kind: Mapped[str]
    record: Mapped[str]
    field: Mapped[str]
    version_a: Mapped[str]
    version_b: Mapped[str]
    value_a: Mapped[str]
    value_b: Mapped[str]
    by_a: Mapped[str]
    by_b: Mapped[str]
    at_a: Mapped[int | None]
    at_b: Mapped[int | None]
    chosen: Mapped[str]
    settled: Mapped[list[str]]
    state: Mapped[str]
