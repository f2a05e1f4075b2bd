"""On what ground a note may leave the device: officials in office, respondents whose consent stands, or nobody heard."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessor_app import clock
from assessor_app.models.interviews import Interview
from assessor_app.models.kinds import Basis, Consent, Role
from assessor_app.models.visits import Person


def consents(person: Person) -> bool:
    """Tell whether a person's data may leave: an official in office, or a respondent whose consent stands today."""
    if person.role == Role.OFFICIAL:
        return True
    return person.consent == Consent.GIVEN and (not person.consent_until or person.consent_until >= clock.now().date().isoformat())


def missing(session: Session, interview: Interview) -> list[str] | None:
    """Return the labels of those whose consent a note still needs; None where the note may leave.

    A note with nobody in it waits too, unless it says that nobody was interviewed.
    """
    if interview.basis == Basis.OBSERVATION:
        return None
    persons = [session.get(Person, person) for person in interview.persons]
    without = [person.label or person.name for person in persons if person is not None and not consents(person)]
    return without if without or not persons or None in persons else None


def may_leave(session: Session, hold: str) -> bool:
    """Tell whether what concerns a note or a respondent (its id; empty for neither) may leave the device."""
    if not hold:
        return True
    interview = session.get(Interview, hold)
    if interview is not None:
        return missing(session, interview) is None
    person = session.get(Person, hold)
    return person is not None and consents(person)


def count_notes(session: Session, visit: str) -> tuple[int, int]:
    """Return how many notes a visit has, and how many of them must stay on the device; no note's text is read."""
    here = (Interview.visit == visit, Interview.deleted.is_(False))
    notes = session.scalar(select(func.count()).select_from(Interview).where(*here)) or 0
    heard = session.scalars(select(Interview.persons).where(*here, Interview.basis != Basis.OBSERVATION)).all()
    agreed = {person for person in {one for persons in heard for one in persons}
              if (row := session.get(Person, person)) is not None and consents(row)}
    return notes, sum(not (persons and agreed.issuperset(persons)) for persons in heard)
