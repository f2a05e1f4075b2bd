"""Rows of people: officials of the region, respondents of the visit."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from assessor_app import formats
from assessor_app.models.consent import consents
from assessor_app.models.kinds import Consent, Role
from assessor_app.models.visits import Person, Visit


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person; ``may_leave`` tells whether notes with this person may leave the device."""

    id: str
    role: str
    name: str
    title_before: str
    title_after: str
    office: str
    agency: str
    rank: str
    nip: str
    phone: str
    occupation: str
    label: str
    consent: str
    consent_form: str
    consent_on: str
    consent_purpose: str
    consent_data: tuple[str, ...]
    consent_until: str
    consent_publication: bool
    may_leave: bool

    @property
    def full_name(self) -> str:
        """The name with its titles."""
        return formats.full_name(self.name, self.title_before, self.title_after)

    @property
    def official(self) -> bool:
        """Whether the person is an official in office."""
        return self.role == Role.OFFICIAL

    @property
    def detail(self) -> str:
        """Office and agency, or label and occupation."""
        parts = (self.office, self.agency) if self.official else (self.label, self.occupation)
        return ", ".join(part for part in parts if part)


def person_row(person: Person) -> PersonRow:
    """Return the row of an entity."""
    return PersonRow(
        person.id, person.role, person.name, person.title_before, person.title_after, person.office, person.agency, person.rank,
        person.nip, person.phone, person.occupation, person.label, person.consent or Consent.NONE, person.consent_form,
        person.consent_on, person.consent_purpose, tuple(person.consent_data), person.consent_until, person.consent_publication,
        consents(person))


def people_of(session: Session, visit: str) -> tuple[PersonRow, ...]:
    """Return the region's officials and the visit's respondents."""
    at = session.get(Visit, visit)
    if at is None:
        return ()
    found = session.scalars(select(Person).where(
        Person.deleted.is_(False),
        or_(Person.visit == visit, (Person.region == at.region) & (Person.role == Role.OFFICIAL))).order_by(Person.role, Person.name))
    return tuple(person_row(person) for person in found)


def person_of(session: Session, person: str) -> PersonRow | None:
    """Return one person, or None."""
    found = session.get(Person, person)
    return person_row(found) if found is not None else None
