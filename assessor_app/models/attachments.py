"""Photos, scans and other files of a visit; their bytes lie in the blob store."""

from sqlalchemy.orm import Mapped, mapped_column

from assessor_app.models.base import Record
from assessor_app.models.kinds import Kind


class Attachment(Record):
    """A file of a visit; ``size`` in bytes, ``width``/``height`` in pixels, ``seconds`` of sound."""

    __tablename__ = "attachment"
    kind = Kind.ATTACHMENT

    visit: Mapped[str] = mapped_column(index=True)
    interview: Mapped[str] = mapped_column(index=True)
    person: Mapped[str]
    type: Mapped[str]
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int | None]
    sha256: Mapped[str]
    width: Mapped[int | None]
    height: Mapped[int | None]
    caption: Mapped[str]
    taken_at: Mapped[str]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    number: Mapped[int | None]
    seconds: Mapped[int | None]
