"""What can be evidence of a score, and one piece of it as it is shown beside the question."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app import formats
from assessor_app.i18n import t
from assessor_app.models.attachments import Attachment
from assessor_app.models.books import Book, Mark
from assessor_app.models.interviews import Interview
from assessor_app.models.kinds import DIMENSION_NAMES, AttachmentType, Kind, Role
from assessor_app.models.panels import Survey
from assessor_app.models.plans import Action, Programme, ProgrammeYear
from assessor_app.models.survey import read_kept
from assessor_app.models.visits import Person, Visit
from assessor_app.workflow.books import boxes_of


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something that can be evidence: ``ref`` is ``kind:id``."""

    ref: str
    text: str
    detail: str


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """One piece of evidence to be read: lines of facts, a text, and the SHA-256 of a picture or a PDF."""

    ref: str
    title: str
    facts: tuple[str, ...] = ()
    body: str = ""
    sha256: str = ""
    media_type: str = ""
    page: int = 0  # of a book, from 1
    boxes: tuple[tuple[float, ...], ...] = ()  # the passage on that page, in points


def evidence_options(session: Session, visit: str) -> tuple[Evidence, ...]:
    """Return the visit's notes, photos, plan pages, files, surveys and actions, and the region's programmes, to choose from."""
    at = session.get(Visit, visit)
    notes = [Evidence(f"{Kind.INTERVIEW}:{n.id}", n.title or n.body[:60], formats.date_time(n.held_at)) for n in session.scalars(
        select(Interview).where(Interview.visit == visit, Interview.deleted.is_(False)).order_by(Interview.held_at.desc()))]
    files = [Evidence(f"{Kind.ATTACHMENT}:{a.id}", a.caption or a.name, a.name) for a in session.scalars(
        select(Attachment).where(Attachment.visit == visit, Attachment.deleted.is_(False), ~Attachment.caption.startswith("scan:"),
                                 Attachment.type.in_([AttachmentType.PHOTO, AttachmentType.FILE])).order_by(Attachment.number))]
    surveys = [Evidence(f"{Kind.SURVEY}:{s.id}", survey_title(s), s.name) for s in session.scalars(
        select(Survey).where(Survey.visit == visit, Survey.deleted.is_(False)).order_by(Survey.id))]
    programmes = [Evidence(f"{Kind.PROGRAMME}:{p.id}", f"{p.number}. {p.name}", p.agency) for p in session.scalars(
        select(Programme).where(Programme.region == at.region, Programme.deleted.is_(False)).order_by(Programme.number))] if at else []
    actions = [Evidence(f"{Kind.ACTION}:{a.id}", t("Action {0}: {1}").format(a.number or "", a.body), a.agency) for a in session.scalars(
        select(Action).where(Action.region == at.region, Action.deleted.is_(False)).order_by(Action.due, Action.id))] if at else []
    marks = [Evidence(f"{Kind.MARK}:{m.id}", mark_title(session, m), m.quote or m.note) for m in session.scalars(
        select(Mark).where(Mark.visit == visit, Mark.deleted.is_(False)).order_by(Mark.book, Mark.page))]
    return tuple(notes + marks + surveys + files + actions + programmes)


def evidence_view(session: Session, ref: str) -> EvidenceView | None:
    """Return a piece of evidence, or None where it is not on this device."""
    kind, _, record = ref.partition(":")
    if kind == Kind.INTERVIEW:
        note = session.get(Interview, record)
        return _note(session, ref, note) if note is not None else None
    if kind == Kind.PROGRAMME:
        programme = session.get(Programme, record)
        return _programme(session, ref, programme) if programme is not None else None
    if kind == Kind.SURVEY:
        survey = session.get(Survey, record)
        return _survey(ref, survey) if survey is not None else None
    if kind == Kind.ACTION:
        action = session.get(Action, record)
        return None if action is None else EvidenceView(
            ref, t("Follow-up action"), tuple(filter(None, (action.agency, formats.date(action.due)))), "\n\n".join(
                filter(None, (action.body, action.remark))))
    if kind == Kind.MARK:
        mark = session.get(Mark, record)
        return _mark(session, ref, mark) if mark is not None else None
    attachment = session.get(Attachment, record)
    if attachment is None:
        return None
    facts = [attachment.name if attachment.caption else "", formats.date_time(attachment.taken_at), formats.size(attachment.size or 0)]
    return EvidenceView(ref, attachment.caption or attachment.name, tuple(filter(None, facts)), "", attachment.sha256,
                        attachment.media_type)


def _note(session: Session, ref: str, note: Interview) -> EvidenceView:
    people = [session.get(Person, person) for person in note.persons]
    names = [formats.full_name(p.name, p.title_before, p.title_after) if p.role != Role.RESPONDENT else p.name or p.label
             for p in people if p is not None]
    facts = tuple(filter(None, (formats.date_time(note.held_at), note.place, ", ".join(filter(None, names)))))
    return EvidenceView(ref, note.title or t("Interview"), facts, note.body)


def _programme(session: Session, ref: str, row: Programme) -> EvidenceView:
    years = session.scalars(select(ProgrammeYear).where(ProgrammeYear.programme == row.id, ProgrammeYear.deleted.is_(False)).order_by(
        ProgrammeYear.year))
    facts = [" · ".join(filter(None, (DIMENSION_NAMES.get(row.dimension, ""), DIMENSION_NAMES.get(row.sub_dimension, "")))),
             row.agency, f"{row.first_year or '?'}–{row.last_year or '?'}" if row.first_year or row.last_year else "",
             formats.rupiah(row.budget) if row.budget else "", row.funding,
             t("Indicator: {0}, target {1}").format(row.indicator, row.target) if row.indicator else ""]
    lines = [" · ".join(filter(None, (str(y.year), formats.rupiah(y.budget) if y.budget else "", y.target, y.remark))) for y in years]
    return EvidenceView(ref, f"{row.number}. {row.name}", tuple(filter(None, facts)), "\n\n".join(
        filter(None, (row.description, row.benefit, "\n".join(lines)))))


def mark_title(session: Session, mark: Mark) -> str:
    """Return where a mark stands: the book and its page."""
    book = session.get(Book, mark.book)
    return t("{0}, page {1}").format((book.title or book.name) if book is not None else t("Book"), mark.page or "?")


def _mark(session: Session, ref: str, mark: Mark) -> EvidenceView:
    book = session.get(Book, mark.book)
    facts = tuple(filter(None, (f"“{mark.quote}”" if mark.quote else "", mark.note)))
    return EvidenceView(ref, mark_title(session, mark), facts, "", book.sha256 if book is not None else "", "application/pdf",
                        page=mark.page or 1, boxes=boxes_of(mark.place))


def survey_title(row: Survey) -> str:
    """Return what a survey is called: sub-dimension, service, mean."""
    mean = read_kept(row.content).mean
    figure = t("mean {0}").format(formats.number(mean, 2)) if mean is not None else ""
    return " · ".join(filter(None, (t("Survey"), DIMENSION_NAMES.get(row.sub_dimension, ""), row.service, figure)))


def _survey(ref: str, row: Survey) -> EvidenceView:
    from assessor_app.workflow.survey_import import notice_text

    kept = read_kept(row.content)
    facts = [row.name, t("{0} respondents").format(kept.respondents),
             t("{0} users of the service").format(row.users) if row.users else ""]
    return EvidenceView(ref, survey_title(row), tuple(filter(None, facts)), "\n".join(notice_text(one) for one in kept.notices))
