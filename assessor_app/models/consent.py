"""On what ground a note may leave the device: officials in office, respondents whose consent stands, or nobody heard."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessor_app import clock
from assessor_app.models.interviews import Interview
from assessor_app.models.kinds import AttachmentType, Basis, Consent, Role
from assessor_app.models.visits import Person

#: The kind of data by which a consent covers recordings.
SOUND = "audio"
#: Before the id of a note: what holds its recordings, which need that kind of consent beside the note's own.
_SOUND_HOLD = "audio:"
#: How many names one query asks for.
_IN = 400


def media_hold(type: str, interview: str, person: str) -> str:
    """Return what decides whether an attachment may leave: the consents of its note, for sound also to recordings, or a respondent's."""
    return f"{_SOUND_HOLD}{interview}" if interview and type == AttachmentType.AUDIO else interview or person


def consents(person: Person) -> bool:
    """Tell whether a person's data may leave: an official in office, or a respondent whose consent stands today."""
    if person.role == Role.OFFICIAL:
        return True
    return person.consent == Consent.GIVEN and (not person.consent_until or person.consent_until >= clock.today().isoformat())


def missing(session: Session, interview: Interview) -> list[str] | None:
    """Return the labels of those whose consent a note still needs; None where the note may leave.

    A note with nobody in it waits too, unless it says that nobody was interviewed; whoever is named in one that says so counts.
    """
    if interview.basis == Basis.OBSERVATION and not interview.persons:
        return None
    persons = [session.get(Person, person) for person in interview.persons]
    without = [person.label or person.name for person in persons if person is not None and not consents(person)]
    return without if without or not persons or None in persons else None


def without_sound(session: Session, interview: Interview) -> list[str]:
    """Return the labels of a note's respondents whose consent does not cover recordings."""
    persons = [session.get(Person, person) for person in interview.persons]
    return [person.label or person.name for person in persons
            if person is not None and person.role != Role.OFFICIAL and not (consents(person) and SOUND in person.consent_data)]


def may_leave(session: Session, hold: str) -> bool:
    """Tell whether what concerns a note or a respondent (its id; empty for neither) may leave the device."""
    return leaving(session, {hold})[hold]


def leaving(session: Session, holds: Collection[str]) -> dict[str, bool]:
    """Tell the same of many notes and respondents."""
    out = {hold: not hold for hold in holds}
    sounds = {hold: hold.removeprefix(_SOUND_HOLD) for hold in holds if hold.startswith(_SOUND_HOLD)}
    if sounds:
        notes_leave = leaving(session, set(sounds.values()))
        for hold, note in sounds.items():
            row = session.get(Interview, note)
            out[hold] = notes_leave[note] and row is not None and not without_sound(session, row)
    wanted = [hold for hold in holds if hold and hold not in sounds]
    for start in range(0, len(wanted), _IN):
        part = wanted[start:start + _IN]
        notes = session.execute(select(Interview.id, Interview.basis, Interview.persons).where(Interview.id.in_(part))).all()
        heard = {person for _, _, persons in notes for person in persons}
        agreed = _agreed(session, heard.union(part))
        out |= {hold: True for hold in part if hold in agreed}
        out |= {note: heard_agreed(basis, persons, agreed) for note, basis, persons in notes}
    return out


def _agreed(session: Session, persons: Collection[str]) -> set[str]:
    """Return those whose data may leave today."""
    out: set[str] = set()
    names = sorted(persons)
    for start in range(0, len(names), _IN):
        out |= {person.id for person in session.scalars(select(Person).where(Person.id.in_(names[start:start + _IN]))) if consents(person)}
    return out


def count_notes(session: Session, visit: str) -> tuple[int, int]:
    """Return how many notes a visit has, and how many of them must stay on the device; no note's text is read."""
    here = (Interview.visit == visit, Interview.deleted.is_(False))
    notes = session.scalar(select(func.count()).select_from(Interview).where(*here)) or 0
    heard = session.execute(select(Interview.basis, Interview.persons).where(*here)).all()
    agreed = _agreed(session, {one for _, persons in heard for one in persons})
    return notes, sum(not heard_agreed(basis, persons, agreed) for basis, persons in heard)


def heard_agreed(basis: str, persons: Collection[str], agreed: Collection[str]) -> bool:
    """Tell whether a note may leave: everybody who is named in it agreed, and somebody is, or it says that nobody was heard."""
    return all(person in agreed for person in persons) and bool(persons or basis == Basis.OBSERVATION)
