"""Rows of interview notes, and one note with its people, links and photos."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessor_app.models.attachments import Attachment
from assessor_app.models.catalogue import Assessor
from assessor_app.models.consent import consents, heard_agreed, without_sound
from assessor_app.models.evaluations import Sheet
from assessor_app.models.interviews import Interview
from assessor_app.models.kinds import AttachmentType
from assessor_app.models.plans import Programme
from assessor_app.models.visits import Person, Visit
from assessor_app.workflow.evaluating import instrument_of, sheet_id
from assessor_app.workflow.interviewing import ground_of
from assessor_app.workflow.queries.people import PersonRow, person_row

#: How many names one query asks for.
_IN = 400


@dataclass(frozen=True, slots=True)
class InterviewRow:
    """One note in the list; ``held_at`` is the region's wall clock."""

    id: str
    title: str
    held_at: str
    place: str
    beginning: str
    persons: str
    photos: int
    recordings: int
    may_leave: bool


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    """One photo or file of a note."""

    id: str
    type: str
    name: str
    caption: str
    sha256: str
    size: int
    taken_at: str
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """Something a note is about: a programme or a question, by id, in words."""

    id: str
    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class InterviewView:
    """One note as its editor shows it."""

    id: str
    title: str
    held_at: str
    place: str
    body: str
    basis: str
    author: str
    mine: bool
    persons: tuple[PersonRow, ...]
    programmes: tuple[Link, ...]
    questions: tuple[Link, ...]
    attachments: tuple[AttachmentRow, ...]
    may_leave: bool
    missing: tuple[str, ...]
    tags: tuple[str, ...] = ()
    unrecorded: tuple[str, ...] = ()  # whose consent does not cover recordings


def interview_rows(session: Session, visit: str) -> tuple[InterviewRow, ...]:
    """Return a visit's notes, the latest first."""
    media: dict[tuple[str, bool], int] = {}
    for interview, kind, count in session.execute(
            select(Attachment.interview, Attachment.type, func.count()).where(
                Attachment.visit == visit, Attachment.deleted.is_(False)).group_by(Attachment.interview, Attachment.type)):
        key = interview, kind == AttachmentType.AUDIO
        media[key] = media.get(key, 0) + count
    notes = session.execute(
        select(Interview.id, Interview.title, Interview.held_at, Interview.place, Interview.basis, Interview.persons,
               func.substr(Interview.body, 1, 200)).where(Interview.visit == visit, Interview.deleted.is_(False)).order_by(
            Interview.held_at.desc(), Interview.id.desc())).all()  # read at each save: no whole text, no query a note
    heard = sorted({one for note in notes for one in note.persons})
    known = {one.id: one for at in range(0, len(heard), _IN)
             for one in session.scalars(select(Person).where(Person.id.in_(heard[at:at + _IN])))}
    agreed = {one.id for one in known.values() if consents(one)}
    out = []
    for record, title, held_at, place, basis, persons, beginning in notes:
        people = [known[one] for one in persons if one in known]
        names = ", ".join(p.name if p.role == "official" else " ".join(x for x in (p.label, p.occupation) if x) for p in people)
        may_leave = heard_agreed(basis, persons, agreed)
        out.append(InterviewRow(record, title, held_at, place, " ".join(beginning.split())[:120], names,
                                media.get((record, False), 0), media.get((record, True), 0), may_leave))
    return tuple(out)


def interview_view(session: Session, interview: str, assessor: str) -> InterviewView | None:
    """Return one note, or None where it is gone."""
    note = session.get(Interview, interview)
    if note is None or note.deleted:
        return None
    ground = ground_of(session, note)
    people = tuple(person_row(p) for each in note.persons if (p := session.get(Person, each)) is not None and not p.deleted)
    programmes = tuple(Link(one.id, f"{one.number}. {one.name}") for each in note.programmes
                       if (one := session.get(Programme, each)) is not None)
    known = {link.id: link for link in question_links(session, note.visit, assessor)}
    questions = tuple(known.get(each, Link(each, each)) for each in note.questions)
    author = session.get(Assessor, note.author)
    files = tuple(AttachmentRow(a.id, a.type, a.name, a.caption, a.sha256, a.size or 0, a.taken_at, a.seconds) for a in session.scalars(
        select(Attachment).where(Attachment.interview == interview, Attachment.deleted.is_(False),
                                 Attachment.type != AttachmentType.INK).order_by(Attachment.number, Attachment.id)))
    return InterviewView(note.id, note.title, note.held_at, note.place, note.body, note.basis, author.name if author else "",
                         note.author == assessor, people, programmes, questions, files, ground.may_leave, ground.missing,
                         tuple(note.tags), tuple(without_sound(session, note)))


def question_links(session: Session, visit: str, assessor: str) -> tuple[Link, ...]:
    """Return the questions of the person's instrument for this visit, as links."""
    from assessor_app import i18n

    sheet = session.get(Sheet, sheet_id(visit, assessor))
    if sheet is None or not sheet.instrument:
        return ()
    language = i18n.language()
    return tuple(Link(q.id, f"{q.code} {q.label.get(language)}") for q in instrument_of(session, sheet.instrument).questions())


def programme_links(session: Session, visit: str) -> tuple[Link, ...]:
    """Return the programmes of the visited region, as links."""
    at = session.get(Visit, visit)
    if at is None:
        return ()
    return tuple(Link(p.id, f"{p.number}. {p.name}", p.agency) for p in session.scalars(
        select(Programme).where(Programme.region == at.region, Programme.deleted.is_(False)).order_by(Programme.number)))
