"""From rows to what a document prints: frozen content, built in one reading of the notebook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app import clock, formats
from assessor_app.errors import AppError
from assessor_app.i18n import t
from assessor_app.models import consent, regions, scoring
from assessor_app.models.attachments import Attachment
from assessor_app.models.blobs import BlobStore
from assessor_app.models.books import Mark
from assessor_app.models.catalogue import Assessor, Letterhead
from assessor_app.models.documents import Document
from assessor_app.models.evaluations import Answer, Finding, Sheet
from assessor_app.models.instrument import Group
from assessor_app.models.interviews import Interview
from assessor_app.models.kinds import DIMENSION_NAMES, AttachmentType, FindingType, Role
from assessor_app.models.panels import Survey
from assessor_app.models.plans import Action, Programme
from assessor_app.models.visits import Person, Visit
from assessor_app.reports import content as c
from assessor_app.workflow.accounts import setting
from assessor_app.workflow.evaluating import evaluation_of, instrument_of, wants_evidence
from assessor_app.workflow.following_up import earlier
from assessor_app.workflow.queries.evidence import mark_title, survey_title

if TYPE_CHECKING:
    from assessor_app.models.instrument import Instrument

from assessor_app.workflow.numbers import next_number

#: The most photos that a sheet prints.
PHOTOS = 12


@dataclass(frozen=True, slots=True)
class Wish:
    """How the person wants a document: number (the next reserved one where empty), date, language, paper, and who signs."""

    document: str  # the new document's id
    token: str  # the unguessable part of its address
    number: str = ""
    date: str = ""
    language: str = "id"
    paper: str = "A4"
    official: str = ""  # person id of the official who signs the minutes
    official_signs: str = c.PAPER
    official_ink: c.Ink | None = None
    official_certificate: str = ""
    witness: str = ""
    supersedes: str = ""  # id of the document that this one replaces
    copies_to: tuple[str, ...] = ()
    sample: bool = False


def minutes(session: Session, visit: str, wish: Wish, author: str) -> c.MinutesContent:
    """Return the content of the Berita Acara Kunjungan: who came, whom they met, what was seen, what was agreed."""
    at = visit_of(session, visit)
    zone = _zone(at)
    officials = [_person(session, person) for person in at.officials]
    heard = session.scalars(select(Person).where(Person.visit == visit, Person.role == Role.RESPONDENT, Person.deleted.is_(False)))
    respondents = sorted({respondent_name(p) for p in heard if consent.consents(p)})  # minutes leave the device
    actions = session.scalars(select(Action).where(Action.visit == visit, Action.deleted.is_(False)).order_by(Action.number)).all()
    signer = session.get(Person, wish.official) if wish.official else None
    return c.MinutesContent(
        **frame(session, at, wish, author), time=clock.local(zone).strftime("%H:%M"),
        assessors=tuple(assessor(session, one) for one in at.team or [author]),
        officials=tuple(party for party in officials if party), respondents=tuple(respondents), objective=at.objective, seen=at.seen,
        summary=at.summary, followed=followed(session, visit),
        actions=tuple(c.ActionLine(a.body, a.agency, a.due) for a in actions if a.body.strip()),
        assessor=assessor(session, author), official=_party(signer) if signer else None,
        witness=_person(session, wish.witness) if wish.witness else None, official_signs=wish.official_signs,
        official_ink=wish.official_ink, official_certificate=wish.official_certificate, copies=at.copies or 2)


def followed(session: Session, visit: str) -> tuple[c.FollowedLine, ...]:
    """Return the actions of earlier visits with what became of them, as documents of this visit print them."""
    return tuple(c.FollowedLine(a.body, a.agency, a.due, a.status or "open", a.remark) for a in earlier(session, visit))


def evaluation_sheet(session: Session, blobs: BlobStore, sheet: str, wish: Wish) -> c.SheetContent:
    """Return the content of one assessor's Lembar Evaluasi, with its figures unrounded."""
    row = session.get(Sheet, sheet)
    if row is None:
        raise AppError(t("This visit has no score sheet of yours yet."), hint=t("Open the page Scoring and choose an instrument."))
    at = visit_of(session, row.visit)
    instrument = instrument_of(session, row.instrument)
    figures = evaluation_of(session, sheet)
    answers = {a.question: a for a in session.scalars(select(Answer).where(Answer.sheet == sheet, Answer.deleted.is_(False)))}
    evidence = _evidence(session, instrument, answers)
    lines = dict(evidence)
    findings = session.scalars(select(Finding).where(Finding.sheet == sheet, Finding.deleted.is_(False)).order_by(Finding.number)).all()
    return c.SheetContent(
        **frame(session, at, wish, row.assessor), assessor=assessor(session, row.assessor), sheet=sheet, visit_id=at.id,
        assessor_id=row.assessor, instrument=instrument_facts(instrument, at, wish.language, figures.index),
        introduction=row.introduction, method=row.method,
        aspects=tuple(_aspect(group, score, answers, lines, wish.language)
                      for group, score in zip(instrument.aspects, figures.aspects, strict=True)),
        index=float(figures.index) if figures.index is not None else None, provisional=figures.provisional,
        previous_index=row.previous_index, previous_year=(at.year - 1) if row.previous_index is not None and at.year else None,
        dimensions=tuple(c.AxisValue(DIMENSION_NAMES.get(name, name), float(value) if value is not None else None)
                         for name, value in figures.dimensions.items()),
        top=float(instrument.max_score), strengths=_findings(findings, FindingType.STRENGTH),
        weaknesses=_findings(findings, FindingType.WEAKNESS), recommendations=_findings(findings, FindingType.RECOMMENDATION),
        evidence=tuple(line for _, line in evidence), photos=_photos(session, blobs, at.id))


def instrument_facts(instrument: Instrument, at: Visit, language: str, index: Fraction | None = None) -> c.InstrumentFacts:
    """Return which questionnaire was used, as it is printed."""
    return c.InstrumentFacts(instrument.title.get(language), instrument.version, instrument.year or at.year or 0, instrument.cohort,
                             instrument.publisher, instrument.official, instrument.sha256, instrument.form_id,
                             instrument.band(index).get(language))


def respondent_name(person: Person) -> str:
    """Return how a respondent stands in documents: ``N-03, kader kesehatan``, never by name."""
    return f"{person.label}, {person.occupation}" if person.occupation else person.label


def frame(session: Session, at: Visit, wish: Wish, author: str) -> dict[str, Any]:
    """Return what every document of a visit has: number, date, place, letterhead, region."""
    day = wish.date or clock.today(_zone(at)).isoformat()
    head = letterhead(session, day, author)
    base = setting(session, "server_url") or "asesor:"
    return {
        "document": wish.document, "address": f"{str(base).rstrip('/')}/d/{wish.token}", "date": day,
        "number": wish.number or next_number(session, date.fromisoformat(day).year), "place": at.place or head.place,
        "language": wish.language, "paper": wish.paper, "sample": wish.sample or bool(setting(session, "sample")), "letterhead": head,
        "region": region(at), "visit": visit_facts(at),
        "supersedes": _number_of(session, wish.supersedes), "copies_to": wish.copies_to,
    }


def _number_of(session: Session, document: str) -> str:
    """Return how a document that is replaced is named on the page: by its number, by its id where it has none."""
    row = session.get(Document, document) if document else None
    return row.number or row.id if row is not None else document


def region(at: Visit) -> c.Region:
    """Return the region of a visit, with type and code."""
    where = regions.region(at.region)
    return c.Region(at.region, where.full_title if where else at.region, where.province if where else "")


def visit_facts(at: Visit) -> c.VisitFacts:
    """Return a visit's stage, days, place and how it was held."""
    return c.VisitFacts(at.stage, at.starts_on, at.ends_on, at.place, at.method or "on_site", _zone(at))


def letterhead(session: Session, day: str, author: str) -> c.Letterhead:
    """Return the letterhead valid on a day; the assessor's institution where none was set."""
    rows = session.scalars(select(Letterhead).where(Letterhead.deleted.is_(False), Letterhead.valid_from <= day)
                           .order_by(Letterhead.valid_from.desc())).all()
    if rows:
        return c.Letterhead(tuple(rows[0].lines.splitlines()), tuple(rows[0].address.splitlines()), rows[0].place)
    assessor = session.get(Assessor, author)
    return c.Letterhead((assessor.institution,) if assessor and assessor.institution else ())


def visit_of(session: Session, visit: str) -> Visit:
    """Return a visit. Raises AppError."""
    found = session.get(Visit, visit)
    if found is None:
        raise AppError(t("This visit is not in the notebook."))
    return found


def _zone(at: Visit) -> str:
    where = regions.region(at.region)
    return where.zone if where else "WIB"


def assessor(session: Session, profile: str) -> c.Party:
    """Return an assessor as documents name them."""
    row = session.get(Assessor, profile)
    if row is None:
        return c.Party(t("Assessor"))
    return c.Party(row.name, row.title_before, row.title_after, t("Assessor"), row.institution, row.rank, row.nip, row.nidn)


def _person(session: Session, person: str) -> c.Party | None:
    row = session.get(Person, person)
    return _party(row) if row is not None and not row.deleted else None


def _party(row: Person) -> c.Party:
    return c.Party(row.name, row.title_before, row.title_after, row.office, row.agency, row.rank, row.nip)


def _aspect(group: Group, score: scoring.AspectScore, answers: dict[str, Answer], lines: dict[str, c.EvidenceLine],
            language: str) -> c.AspectBlock:
    rows = []
    for q in group.questions():
        given = answers.get(q.id)
        names = tuple(lines[ref].name for ref in given.evidence if ref in lines) if given else ()
        wanting = given is not None and wants_evidence(q, given.score, given.evidence)
        rows.append(c.QuestionRow(q.code, q.label.get(language), (given.score or None) if given else None,
                                  given.reason if given else "", names, q.id, wanting))
    return c.AspectBlock(group.label.get(language), float(score.weight), float(score.score) if score.score is not None else None,
                         tuple(rows), code=group.code, id=group.id)


def _findings(rows: Sequence[Finding], type: FindingType) -> tuple[c.FindingLine, ...]:
    return tuple(c.FindingLine(f.body, DIMENSION_NAMES.get(f.dimension, "")) for f in rows
                 if f.type == type and f.body.strip())


def _evidence(session: Session, instrument: Instrument, answers: dict[str, Answer]) -> list[tuple[str, c.EvidenceLine]]:
    refs: list[str] = []
    for q in instrument.questions():
        refs += [ref for ref in (answers[q.id].evidence if q.id in answers else []) if ref not in refs]
    out = []
    for number, ref in enumerate(refs, 1):
        body, digest = _evidence_text(session, ref)
        out.append((ref, c.EvidenceLine(f"B-{number:02d}", body, digest)))
    return out


def _evidence_text(session: Session, ref: str) -> tuple[str, str]:
    kind, _, record = ref.partition(":")
    if kind == "interview":
        note = session.get(Interview, record)
        if note is None:
            return t("Interview (not on this device)"), ""
        if consent.missing(session, note) is not None:
            return t("Interview without consent, kept by the assessor"), ""
        persons = [session.get(Person, person) for person in note.persons]
        names = [respondent_name(p) if p.role == Role.RESPONDENT else ", ".join(filter(None, (p.office, p.agency)))
                 for p in persons if p is not None]
        who = "; ".join(filter(None, names)) or t("observation")
        return t("Interview: {0}, {1}").format(who, formats.date(note.held_at[:10])), ""
    if kind == "programme":
        programme = session.get(Programme, record)
        return (t("Programme {0}: {1}").format(programme.number or "", programme.name), "") if programme else (t("Programme"), "")
    if kind == "survey":
        survey = session.get(Survey, record)
        return (survey_title(survey), survey.sha256) if survey is not None else (t("Survey"), "")
    if kind == "mark":
        mark = session.get(Mark, record)
        return (mark_title(session, mark) if mark is not None else t("Book")), ""
    if kind == "action":
        action = session.get(Action, record)
        return (t("Action {0}: {1}").format(action.number or "", action.body) if action is not None else t("Follow-up action")), ""
    attachment = session.get(Attachment, record)
    if attachment is None:
        return t("File"), ""
    if not consent.may_leave(session, consent.media_hold(attachment.type, attachment.interview, attachment.person)):
        return t("File without consent, kept by the assessor"), ""
    return attachment.caption or attachment.name, attachment.sha256


def _photos(session: Session, blobs: BlobStore, visit: str) -> tuple[c.Photo, ...]:
    """Return the photos that may be printed: none of a respondent without consent to publication."""
    out = []
    rows = session.scalars(select(Attachment).where(Attachment.visit == visit, Attachment.type == AttachmentType.PHOTO,
                                                    Attachment.deleted.is_(False)).order_by(Attachment.number))
    for row in rows:
        note = session.get(Interview, row.interview) if row.interview else None
        shown = [*(note.persons if note else ()), *([row.person] if row.person else ())]
        persons = [session.get(Person, person) for person in shown]
        if not all(p is not None and _may_show(p) for p in persons) or not blobs.has(row.sha256):
            continue
        out.append(c.Photo(blobs.get(row.sha256), row.caption, row.taken_at, row.sha256))
        if len(out) == PHOTOS:
            break
    return tuple(out)


def _may_show(person: Person) -> bool:
    """Tell whether a face may be printed: an official's, or a respondent's whose consent stands and goes as far as publication."""
    return person.role != Role.RESPONDENT or (bool(person.consent_publication) and consent.consents(person))
