"""What the overview of a visit shows: its facts, what is there and what is missing, the agreed actions, ready to leave."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessor_app.models import consent, regions
from assessor_app.models.attachments import Attachment
from assessor_app.models.catalogue import Assessor
from assessor_app.models.documents import Document
from assessor_app.models.evaluations import Answer, Finding, Sheet
from assessor_app.models.kinds import AttachmentType, DocumentType, Stage
from assessor_app.models.plans import Action, Programme
from assessor_app.models.tables import Setting
from assessor_app.models.visits import Person, Visit
from assessor_app.workflow.evaluating import instrument_of, sheet_id
from assessor_app.workflow.following_up import earlier
from assessor_app.workflow.plan_path import Tally, stage_of_visit
from assessor_app.workflow.queries.people import PersonRow, people_of, person_row
from assessor_app.workflow.queries.plan_path import path_view


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One agreed action; ``due`` is an ISO date."""

    id: str
    number: int
    body: str
    agency: str
    due: str
    status: str


@dataclass(frozen=True, slots=True)
class EarlierAction:
    """An action of an earlier visit that this one asks about; ``agreed`` is that visit's first day, where it is known."""

    id: str
    body: str
    agency: str
    due: str
    status: str
    remark: str
    agreed: str
    answered: bool  # on this visit


@dataclass(frozen=True, slots=True)
class Overview:
    """A visit on one page. Counts are of records that are not deleted."""

    id: str
    region: str
    zone: str
    stage: str
    method: str
    starts_on: str
    ends_on: str
    place: str
    objective: str
    summary: str
    seen: str
    witness: str
    copies: int
    team: tuple[str, ...]
    officials: tuple[PersonRow, ...]
    people: tuple[PersonRow, ...]  # the region's officials: who can witness
    actions: tuple[ActionRow, ...]
    earlier: tuple[EarlierAction, ...]
    programmes: int
    interviews: int
    withheld: int
    photos: int
    instrument: str
    questions: int
    scored: int
    open_questions: int
    findings: int
    minutes: str  # state, empty where there is none
    sheet_document: str
    path: Tally  # of the visit's workshop, otherwise of all four

    @property
    def workshop(self) -> str:
        """The workshop that this visit is, nothing for another visit."""
        return stage_of_visit(self.stage)

    @property
    def evaluates(self) -> bool:
        """Whether this visit ends with scores."""
        return self.stage == Stage.EVALUATION or bool(self.instrument)


@dataclass(frozen=True, slots=True)
class Departure:
    """What should be in the bag: counts and times as stored, empty or 0 where missing."""

    signing_key: bool
    clock_skew_ms: int | None
    backup_at: int
    numbers_left: int
    numbers_said: str
    paper_at: int


def overview(session: Session, visit: str, assessor: str) -> Overview | None:
    """Return the overview of a visit for one assessor, or None where there is no such visit."""
    v = session.get(Visit, visit)
    if v is None:
        return None
    where = regions.region(v.region)
    notes, held = consent.count_notes(session, visit)
    sheet = session.get(Sheet, sheet_id(visit, assessor))
    questions = scored = open_questions = findings = 0
    if sheet is not None and sheet.instrument:
        from assessor_app.workflow.evaluating import open_points

        questions = len(instrument_of(session, sheet.instrument).questions())
        scored = _count(session, Answer.id, Answer.sheet == sheet.id, Answer.score != "", Answer.deleted.is_(False))
        open_questions = len(open_points(session, sheet.id))
        findings = _count(session, Finding.id, Finding.sheet == sheet.id, Finding.deleted.is_(False))
    states = {(row.type, row.sheet): row.state or "draft" for row in session.scalars(
        select(Document).where(Document.visit == visit, Document.deleted.is_(False)).order_by(Document.id))}
    officials = [session.get(Person, person) for person in v.officials]
    team = [session.get(Assessor, member) for member in v.team]
    return Overview(
        v.id, v.region, where.zone if where else "WIB", v.stage, v.method, v.starts_on, v.ends_on, v.place, v.objective, v.summary,
        v.seen, v.witness, v.copies or 2, tuple(member.name for member in team if member is not None),
        tuple(person_row(person) for person in officials if person is not None and not person.deleted),
        tuple(person for person in people_of(session, visit) if person.official), actions(session, visit),
        tuple(_earlier(session, visit, action) for action in earlier(session, visit)),
        _count(session, Programme.id, Programme.region == v.region, Programme.deleted.is_(False)), notes, held,
        _count(session, Attachment.id, Attachment.visit == visit, Attachment.type == AttachmentType.PHOTO, Attachment.deleted.is_(False)),
        sheet.instrument if sheet is not None else "", questions, scored, open_questions, findings,
        states.get((DocumentType.MINUTES, ""), ""),
        states.get((DocumentType.EVALUATION_SHEET, sheet.id if sheet is not None else ""), ""),
        path_view(session, v.region).path.tally(stage_of_visit(v.stage)))


def _earlier(session: Session, visit: str, action: Action) -> EarlierAction:
    of = session.get(Visit, action.visit)
    return EarlierAction(action.id, action.body, action.agency, action.due, action.status, action.remark,
                         of.starts_on if of is not None else "", action.answered == visit)


def actions(session: Session, visit: str) -> tuple[ActionRow, ...]:
    """Return the actions agreed on a visit."""
    found = session.scalars(select(Action).where(Action.visit == visit, Action.deleted.is_(False)).order_by(Action.number, Action.id))
    return tuple(ActionRow(a.id, a.number or 0, a.body, a.agency, a.due, a.status) for a in found)


def departure(session: Session, visit: str) -> Departure:
    """Return what the short check before departure looks at."""
    values = {row.name: row.value for row in session.scalars(select(Setting).where(Setting.name.in_(
        ["signing_key", "clock_skew_ms", "backed_up_at", f"paper:{visit}"])))}
    from assessor_app.workflow.numbers import in_words, numbers_left, year_of

    at = session.get(Visit, visit)
    year = year_of(at)
    skew = values.get("clock_skew_ms")
    return Departure(bool(values.get("signing_key")), int(skew) if isinstance(skew, (int, float)) else None,
                     int(values.get("backed_up_at") or 0), numbers_left(session, year), in_words(session, year),
                     int(values.get(f"paper:{visit}") or 0))


def _count(session: Session, column: object, *where: object) -> int:
    return session.scalar(select(func.count(column)).where(*where)) or 0  # type: ignore[arg-type]
