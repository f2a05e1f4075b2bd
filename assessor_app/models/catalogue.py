"""What everybody shares, and what belongs to one account: assessors, letterheads, number blocks, instruments."""

from sqlalchemy.orm import Mapped

from assessor_app.models.base import Record
from assessor_app.models.kinds import Kind


class Assessor(Record):
    """A mentor or assessor, as the others see them."""

    __tablename__ = "assessor"
    kind = Kind.ASSESSOR

    name: Mapped[str]
    title_before: Mapped[str]
    title_after: Mapped[str]
    institution: Mapped[str]
    nip: Mapped[str]
    nidn: Mapped[str]
    rank: Mapped[str]


class Letterhead(Record):
    """The institution's letterhead, valid from a date."""

    __tablename__ = "letterhead"
    kind = Kind.LETTERHEAD

    account: Mapped[str]
    lines: Mapped[str]
    address: Mapped[str]
    valid_from: Mapped[str]
    place: Mapped[str]
    number_pattern: Mapped[str]


class Numbers(Record):
    """A block of document numbers reserved before departure."""

    __tablename__ = "numbers"
    kind = Kind.NUMBERS

    account: Mapped[str]
    pattern: Mapped[str]
    first: Mapped[int | None]
    last: Mapped[int | None]
    year: Mapped[int | None]


class Instrument(Record):
    """A published questionnaire; ``content`` is its canonical JSON."""

    __tablename__ = "instrument"
    kind = Kind.INSTRUMENT

    form_id: Mapped[str]
    version: Mapped[str]
    sha256: Mapped[str]
    title: Mapped[str]
    year: Mapped[int | None]
    cohort: Mapped[str]
    publisher: Mapped[str]
    official: Mapped[bool]
    content: Mapped[str]


class DeviceKey(Record):
    """A device's public keys for courier files: Ed25519 by which it signs (hex), and its age recipient.

    ``receiving_office`` names the office where the device stands, if every courier file is to be sealed for it too. The key of a
    revoked device is marked as deleted.
    """

    __tablename__ = "device_key"
    kind = Kind.KEY

    assessor: Mapped[str]
    device: Mapped[str]
    signing: Mapped[str]
    recipient: Mapped[str]
    receiving_office: Mapped[str]
