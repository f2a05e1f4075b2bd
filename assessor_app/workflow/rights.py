"""The rights of a person in the own data: everything held is shown, handed over, corrected or erased, within 3 × 24 hours."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessor_app import clock, formats
from assessor_app.errors import AppError
from assessor_app.i18n import t
from assessor_app.models.attachments import Attachment
from assessor_app.models.documents import Document
from assessor_app.models.interviews import Interview
from assessor_app.models.journal import PENDING, Unit
from assessor_app.models.kinds import AttachmentType, Kind, RequestType, Role
from assessor_app.models.tables import Erasure, Intent
from assessor_app.models.visits import Person, Request
from assessor_app.workflow.accounts import Account, setting
from assessor_app.workflow.contents import respondent_name
from assessor_app.workflow.documents import document_bytes
from assessor_app.workflow.queries.people import PersonRow, person_row
from assessor_app.workflow.visiting import erase_person

#: How long the law gives for a request (UU 27/2022, Art. 30 to 41), in ms.
DUE_MS: Final = 72 * 3_600_000


@dataclass(frozen=True, slots=True)
class HeldNote:
    """A note in which the person stands; ``alone`` tells that it goes with the person."""

    id: str
    title: str
    held_at: str
    body: str
    alone: bool


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A photo or scan of the person or of a note that is the person's alone, or a recording of any note; ``size`` in bytes."""

    name: str
    caption: str
    size: int


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request: when it came, until when it must be done, and when it was (ms UTC, 0 where not yet)."""

    id: str
    person: str
    visit: str
    who: str  # the label of a respondent, the name of an official
    type: str
    received_at: int
    due_at: int
    done_at: int


@dataclass(frozen=True, slots=True)
class Held:
    """Everything that the notebook holds about a person; ``documents`` are numbers of signed ones that tell of the person."""

    person: PersonRow
    visit: str
    erased: bool
    remark: str
    notes: tuple[HeldNote, ...]
    files: tuple[HeldFile, ...]
    documents: tuple[str, ...]
    requests: tuple[RequestRow, ...]


def held(session: Session, person: str) -> Held:
    """Return what is held about a person. Raises AppError."""
    row = session.get(Person, person)
    if row is None:
        raise AppError(t("This person is not in the notebook."))
    notes = [note for note in session.scalars(select(Interview).where(Interview.deleted.is_(False)).order_by(Interview.held_at))
             if person in note.persons]
    own = {note.id for note in notes if note.persons == [person]}
    voice = (Attachment.type == AttachmentType.AUDIO) & Attachment.interview.in_({note.id for note in notes})
    files = session.scalars(select(Attachment).where(Attachment.deleted.is_(False)).where(
        (Attachment.person == person) | Attachment.interview.in_(own) | voice).order_by(Attachment.number)).all()
    return Held(
        person_row(row), row.visit, session.get(Erasure, (Kind.PERSON.value, person)) is not None, row.remark,
        tuple(HeldNote(n.id, n.title, n.held_at, n.body, n.id in own) for n in notes),
        tuple(HeldFile(f.name, f.caption, f.size or 0) for f in files), _documents(session, row), requests(session, person))


def _documents(session: Session, person: Person) -> tuple[str, ...]:
    """Return the signed documents whose data tell of the person: an official by name, a respondent by label."""
    said = person.name if person.role == Role.OFFICIAL else respondent_name(person)
    out = []
    for document in session.scalars(select(Document).where(Document.deleted.is_(False)).order_by(Document.id)):
        if (document.visit == person.visit if person.visit else document.region == person.region) and said:
            try:
                pdf = document_bytes(session, document.id)
            except AppError:
                continue
            if _tells(pdf, said):
                out.append(document.number or document.id[:8])
    return tuple(out)


def _tells(pdf: bytes, said: str) -> bool:
    from assessor_app.reports.reading import read_pdf

    try:
        return said in json.dumps(read_pdf(pdf), ensure_ascii=False)
    except AppError:
        return False


def requests(session: Session, person: str = "", *, open_only: bool = False) -> tuple[RequestRow, ...]:
    """Return the requests of a person, or of all, those that are due first in front."""
    query = select(Request, Person).join(Person, Person.id == Request.person).where(Request.deleted.is_(False)).order_by(
        Request.received_at)
    out = []
    for row, who in session.execute(query.where(Request.person == person) if person else query):
        if not (open_only and row.done_at):
            name = who.label if who.role == Role.RESPONDENT else who.name
            received = row.received_at or 0
            out.append(RequestRow(row.id, row.person, row.visit, name, row.type, received, received + DUE_MS, row.done_at or 0))
    return tuple(out)


@dataclass(frozen=True, slots=True)
class Over:
    """A respondent whose agreed time is over: of which visit, and how many notes and files go with the person."""

    person: PersonRow
    visit: str
    notes: int
    files: int


def expired(session: Session) -> tuple[Over, ...]:
    """Return the respondents whose agreed time is over and whose data are still here, the longest over in front."""
    today = clock.today().isoformat()
    gone = set(session.scalars(select(Erasure.record).where(Erasure.kind == Kind.PERSON.value)))
    rows = session.scalars(select(Person).where(Person.role == Role.RESPONDENT, Person.deleted.is_(False), Person.consent_until != "",
                                                Person.consent_until < today).order_by(Person.consent_until))
    over = [row for row in rows if row.id not in gone]
    notes = [(note.id, note.persons) for note in session.scalars(select(Interview).where(
        Interview.deleted.is_(False), Interview.visit.in_({row.visit for row in over})))] if over else []
    out = []
    for row in over:
        own = {note for note, persons in notes if persons == [row.id]}
        files = session.scalar(select(func.count()).select_from(Attachment).where(Attachment.deleted.is_(False)).where(
            (Attachment.person == row.id) | Attachment.interview.in_(own))) or 0
        out.append(Over(person_row(row), row.visit, sum(row.id in persons for _, persons in notes), files))
    return tuple(out)


def ask(unit: Unit, visit: str, person: str, type: str) -> str:
    """Write down that a person asks for something: the clock runs from now. Returns the request's id."""
    return unit.add(Request(visit=visit, person=person, type=RequestType(type).value, received_at=clock.now_ms())).id


def done(unit: Unit, request: str) -> None:
    """Write down that a request is done."""
    row = unit.get(Request, request)
    row.done_at = row.done_at or clock.now_ms()


def hand_over(session: Session, person: str) -> bytes:
    """Return everything held about a person as JSON that a program and a person can read."""
    found = held(session, person)
    row = found.person
    told: dict[str, Any] = {
        t("Name"): row.full_name, t("Occupation"): row.occupation, t("Office"): row.office, t("Agency"): row.agency, t("NIP"): row.nip,
        t("Telephone"): row.phone, t("Label"): row.label, t("Remark"): found.remark,
        t("Consent"): {t("State"): row.consent, t("How"): row.consent_form, t("Given on"): row.consent_on,
                       t("Purpose"): row.consent_purpose, t("Kinds of data"): list(row.consent_data), t("Until"): row.consent_until,
                       t("Publication"): row.consent_publication},
        t("Notes"): [{t("Title"): n.title, t("When"): n.held_at, t("Text"): n.body if n.alone else t("(with others in one note)")}
                     for n in found.notes],
        t("Files"): [{t("Name"): f.name, t("Caption"): f.caption, t("Size in bytes"): f.size} for f in found.files],
        t("Signed documents"): list(found.documents)}
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def erase(account: Account, person: str) -> str:
    """Erase everything about a person here, have it erased at the centre and on every device that syncs; return the receipt.

    Open requests to erase are done with it. Raises NotAllowed, AppError.
    """
    from assessor_app.workflow.erasing import clear_away

    with account.reading() as session:
        before = held(session, person)

    def work(unit: Unit) -> None:
        erase_person(unit, person)
        for request in before.requests:
            if not request.done_at and request.type == RequestType.ERASE:
                done(unit, request.id)

    account.writer.run(work, purpose="erase")
    clear_away(account)
    with account.reading() as session:
        return receipt(session, person, before.documents)


def receipt(session: Session, person: str, documents: tuple[str, ...] = ()) -> str:
    """Say what an erasure reached, what it reaches with the next sync, and what nobody can reach from here."""
    mark = session.get(Erasure, (Kind.PERSON.value, person))
    if mark is None:
        return ""
    row = session.get(Person, person)
    who = row.label or person[:8] if row is not None else person[:8]
    waits = session.scalar(select(Intent.device).where(Intent.state.in_(PENDING), Intent.purpose == "erase").limit(1)) is not None
    server = setting(session, "server_url")
    when = formats.date_time(datetime.fromtimestamp(mark.at / 1000, UTC).astimezone(clock.ZONES["WIB"]).replace(tzinfo=None), "WIB")
    lines = [t("Receipt: everything about {0} was erased.").format(who), t("This notebook: erased, {0}.").format(when)]
    if not server:
        lines.append(t("The centre: this notebook belongs to none; nothing was ever sent."))
    else:
        lines.append(t("The centre: erased with the next sync; until then it waits.") if waits else t("The centre: it has the erasure."))
        lines.append(t("Colleagues' devices: each with its own next sync."))
    lines.append(t("Not reached: courier files and backups made before, printed pages, and what was taken out of the notebook. "
                   "A backup that is opened again erases it once more."))
    if documents:
        lines.append(t("Signed documents that tell of this person stay as they were signed: {0}.").format(", ".join(documents)))
    return "\n".join(lines)
