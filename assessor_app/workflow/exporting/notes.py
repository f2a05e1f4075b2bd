"""A visit's notes outside the notebook: as PDF pages, and as a Word document. What needs a consent that is not there stays in."""

from __future__ import annotations

import io
import re
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app import formats, i18n
from assessor_app.i18n import nt, t
from assessor_app.models import consent
from assessor_app.models.attachments import Attachment
from assessor_app.models.catalogue import Assessor
from assessor_app.models.interviews import Interview
from assessor_app.models.kinds import AttachmentType, Role
from assessor_app.models.plans import Programme
from assessor_app.models.visits import Person
from assessor_app.reports import finishing, pictures
from assessor_app.reports.content import Photo
from assessor_app.reports.content_notes import NoteLine, NotesContent
from assessor_app.reports.notes import parts_of
from assessor_app.workflow import contents
from assessor_app.workflow.accounts import Account

#: What XML 1.0, and so Word, cannot hold.
_UNFIT: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WIDE: Final = 15.5  # cm of a picture in Word


def content(session: Session, account: Account, visit: str, *, language: str = "id", paper: str = "A4",
            photos: bool = True) -> NotesContent:
    """Return the notes that may leave the device, the earliest first."""
    at = contents.visit_of(session, visit)
    wish = contents.Wish("", "", number="", language=language, paper=paper)
    rows = session.scalars(select(Interview).where(Interview.visit == visit, Interview.deleted.is_(False)).order_by(
        Interview.held_at, Interview.id)).all()
    free = consent.leaving(session, {row.id for row in rows})
    lines = tuple(_line(session, account, row, photos) for row in rows if free[row.id])
    frame = {**contents.frame(session, at, wish, account.profile), "number": ""}
    return NotesContent(**frame, notes=lines, left_out=len(rows) - len(lines))


def as_pdf(account: Account, visit: str, *, language: str = "id", paper: str = "A4") -> bytes:
    """Return the notes as a tagged PDF; takes about a second a dozen photos. Raises AppError."""
    with account.reading() as session, i18n.speaking(language):
        made = content(session, account, visit, language=language, paper=paper)
    return finishing.make(made)


def as_word(account: Account, visit: str, *, language: str = "id") -> bytes:
    """Return the notes as a Word document (.docx) with headings, lists and pictures. Raises AppError."""
    from docx import Document
    from docx.shared import Cm

    with account.reading() as session, i18n.speaking(language):
        made = content(session, account, visit, language=language)
        document = Document()
        document.core_properties.title = _fit(f"{t('Notes of the visit')} · {made.region.name}")
        document.core_properties.author = _fit(made.author)
        document.core_properties.comments = ""
        document.add_heading(_fit(document.core_properties.title), 0)
        document.add_paragraph(_fit(" · ".join(filter(None, (
            made.region.code, made.region.province, formats.date_range(made.visit.starts_on, made.visit.ends_on), made.visit.place)))))
        if made.left_out:
            document.add_paragraph(left_out(made.left_out))
        for number, note in enumerate(made.notes, 1):
            document.add_heading(_fit(f"{number}. {note.title or t('(no title)')}"), 1)
            told = (formats.date_time(note.held_at, made.visit.zone), note.place, "; ".join(note.persons), note.author)
            document.add_paragraph(_fit(" · ".join(filter(None, told))), style="Intense Quote")
            for kind, words in parts_of(note.body):
                if kind == "h":
                    document.add_heading(_fit(words), 2)
                else:
                    for line in words.split("\n"):
                        document.add_paragraph(_fit(line), style="List Bullet" if kind == "-" else None)
            for photo in note.photos:
                shown = pictures.for_print(photo.data)
                if shown is not None:
                    data, wide, high = shown
                    document.add_picture(io.BytesIO(data), width=Cm(min(_WIDE, 20 * wide / max(high, 1))))
                document.add_paragraph(_fit(photo.caption), style="Caption")
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()


def left_out(count: int) -> str:
    """Return the sentence on notes that were not taken along."""
    return nt("{n} note stays on the device for want of consent and does not stand here.",
              "{n} notes stay on the device for want of consent and do not stand here.", count)


def _fit(words: str) -> str:
    """Return text that XML can hold; what it cannot is shown, not dropped."""
    return _UNFIT.sub(lambda found: f"[U+{ord(found[0]):04X}]", words)


def _line(session: Session, account: Account, row: Interview, photos: bool) -> NoteLine:
    people = [person for one in row.persons if (person := session.get(Person, one)) is not None and not person.deleted]
    names = tuple(_named(person) for person in people)
    author = session.get(Assessor, row.author)
    programmes = tuple(f"{p.number}. {p.name}" for one in row.programmes if (p := session.get(Programme, one)) is not None)
    return NoteLine(row.title, row.held_at, row.place, author.name if author is not None else "", names, row.body, programmes,
                    _photos(session, account, row.id) if photos else (), tuple(row.tags))


def _named(person: Person) -> str:
    if person.role == Role.RESPONDENT:
        return contents.respondent_name(person)
    return ", ".join(filter(None, (formats.full_name(person.name, person.title_before, person.title_after), person.office, person.agency)))


def _photos(session: Session, account: Account, note: str) -> tuple[Photo, ...]:
    rows = session.scalars(select(Attachment).where(
        Attachment.interview == note, Attachment.type == AttachmentType.PHOTO, Attachment.deleted.is_(False)).order_by(Attachment.number))
    here = [row for row in rows if account.blobs.has(row.sha256)]
    return tuple(Photo(account.blobs.get(row.sha256), row.caption, row.taken_at, row.sha256) for row in here)
