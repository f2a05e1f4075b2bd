"""A visit, and the people met."""

from sqlalchemy.orm import Mapped, mapped_column

from assessor_app.models.base import Record
from assessor_app.models.kinds import Kind


class Visit(Record):
    """A visit to a region."""

    __tablename__ = "visit"
    kind = Kind.VISIT

    region: Mapped[str] = mapped_column(index=True)
    stage: Mapped[str]
    year: Mapped[int | None]
    starts_on: Mapped[str]
    ends_on: Mapped[str]
    place: Mapped[str]
    method: Mapped[str]
    lead: Mapped[str]
    team: Mapped[list[str]]
    objective: Mapped[str]
    summary: Mapped[str]
    seen: Mapped[str]
    officials: Mapped[list[str]]
    witness: Mapped[str]
    copies: Mapped[int | None]


class Request(Record):
    """What a person asked for about the own data: when it came and when it was done, in ms UTC."""

    __tablename__ = "request"
    kind = Kind.REQUEST

    visit: Mapped[str] = mapped_column(index=True)
    person: Mapped[str] = mapped_column(index=True)
    type: Mapped[str]
    received_at: Mapped[int | None]
    done_at: Mapped[int | None]


class Person(Record):
    """An official in office, or a respondent with consent."""

    __tablename__ = "person"
    kind = Kind.PERSON

    role: Mapped[str]
    region: Mapped[str] = mapped_column(index=True)
    visit: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    title_before: Mapped[str]
    title_after: Mapped[str]
    office: Mapped[str]
    agency: Mapped[str]
    rank: Mapped[str]
    nip: Mapped[str]
    phone: Mapped[str]
    occupation: Mapped[str]
    label: Mapped[str]
    consent: Mapped[str]
    consent_form: Mapped[str]
    consent_on: Mapped[str]
    consent_purpose: Mapped[str]
    consent_data: Mapped[list[str]]
    consent_until: Mapped[str]
    consent_publication: Mapped[bool]
    consent_proof: Mapped[str]
    remark: Mapped[str]
