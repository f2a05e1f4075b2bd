"""The surveys of a visit as the window shows them, and the questions that one can be evidence of."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app.models.evaluations import Answer, Sheet
from assessor_app.models.kinds import Kind
from assessor_app.models.lifecycle import locked
from assessor_app.models.panels import Survey
from assessor_app.models.survey import Notice, read_kept
from assessor_app.workflow.evaluating import instrument_of, sheet_id


@dataclass(frozen=True, slots=True)
class SurveyRow:
    """One survey: its figures and warnings."""

    id: str
    file: str
    sub_dimension: str
    service: str
    users: int | None
    respondents: int
    mean: float | None
    statements: tuple[float | None, ...]
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class LinkChoice:
    """A question that a survey can be evidence of; ``fits`` where it is of the same sub-dimension, ``linked`` where it is already."""

    id: str
    code: str
    text_id: str
    text_en: str
    fits: bool
    linked: bool


@dataclass(frozen=True, slots=True)
class SurveysView:
    """The surveys of a visit; ``sheet`` is the person's own, empty where there is none or it is signed."""

    rows: tuple[SurveyRow, ...]
    sheet: str


def surveys_view(session: Session, visit: str, assessor: str) -> SurveysView:
    """Return a visit's surveys, in the order of their import."""
    rows = []
    for row in session.scalars(select(Survey).where(Survey.visit == visit, Survey.deleted.is_(False)).order_by(Survey.id)):
        kept = read_kept(row.content)
        rows.append(SurveyRow(row.id, row.name, row.sub_dimension, row.service, row.users, kept.respondents, kept.mean, kept.statements,
                              kept.notices))
    sheet = session.get(Sheet, sheet_id(visit, assessor))
    return SurveysView(tuple(rows), sheet.id if sheet is not None and sheet.instrument and not locked(sheet.state) else "")


def link_choices(session: Session, sheet: str, record: str) -> tuple[LinkChoice, ...]:
    """Return the questions of a sheet, those that the survey speaks of first."""
    of, row = session.get(Sheet, sheet), session.get(Survey, record)
    if of is None or row is None:
        return ()
    ref = f"{Kind.SURVEY}:{record}"
    linked = {a.question for a in session.scalars(select(Answer).where(Answer.sheet == sheet)) if ref in a.evidence}
    out = [LinkChoice(q.id, q.code, q.label.get("id"), q.label.get("en"),
                      q.sub_dimension == row.sub_dimension and q.aspect.startswith(("imp", "dampak")), q.id in linked)
           for q in instrument_of(session, of.instrument).questions()]
    return tuple(sorted(out, key=lambda one: not (one.fits or one.linked)))
