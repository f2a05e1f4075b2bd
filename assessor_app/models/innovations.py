"""What regions published of their innovations, for others to look at and to copy."""

from sqlalchemy.orm import Mapped, mapped_column

from assessor_app.models.base import Record
from assessor_app.models.kinds import Kind


class Innovation(Record):
    """A published innovation of a region, with the office to ask; ``code`` tells those of one region and year apart."""

    __tablename__ = "innovation"
    kind = Kind.INNOVATION

    region: Mapped[str] = mapped_column(index=True)
    year: Mapped[int | None]
    code: Mapped[str]
    name: Mapped[str]
    dimension: Mapped[str]
    sub_dimension: Mapped[str]
    problem: Mapped[str]
    description: Mapped[str]
    benefit: Mapped[str]
    agency: Mapped[str]
    contact: Mapped[str]
    phone: Mapped[str]
    email: Mapped[str]
    source: Mapped[str]  # where the region published it
