"""What lies beside the note that is being written: programmes, questions, actions; and what was said about each of them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessor_app import formats, i18n
from assessor_app.i18n import t
from assessor_app.models.evaluations import Sheet
from assessor_app.models.interviews import Interview
from assessor_app.models.kinds import DIMENSION_NAMES
from assessor_app.models.plans import Action, Programme, ProgrammeYear
from assessor_app.models.visits import Visit
from assessor_app.workflow.evaluating import instrument_of, sheet_id


@dataclass(frozen=True, slots=True)
class LookRow:
    """Something to look at: its id, a title, a line of facts, and the text below."""

    id: str
    title: str
    facts: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class SaidRow:
    """A note in which something was said: when, where, and how it begins."""

    id: str
    visit: str
    title: str
    held_at: str
    place: str
    beginning: str


def programmes(session: Session, region: str) -> tuple[LookRow, ...]:
    """Return the programmes of a region, each with its years and their remarks."""
    years: dict[str, list[ProgrammeYear]] = {}
    for year in session.scalars(select(ProgrammeYear).where(ProgrammeYear.region == region, ProgrammeYear.deleted.is_(False)).order_by(
            ProgrammeYear.year)):
        years.setdefault(year.programme, []).append(year)
    out = []
    for row in session.scalars(select(Programme).where(Programme.region == region, Programme.deleted.is_(False)).order_by(
            Programme.number, Programme.id)):
        span = f"{row.first_year or '?'}–{row.last_year or '?'}" if row.first_year or row.last_year else ""
        facts = " · ".join(filter(None, (DIMENSION_NAMES.get(row.sub_dimension, ""), row.agency, span, formats.rupiah(row.budget))))
        target = t("Indicator: {0}, target {1}").format(row.indicator, f"{row.target} {row.unit}".strip()) if row.indicator else ""
        lines = [" · ".join(filter(None, (str(y.year or ""), formats.rupiah(y.budget), y.target, y.remark))) for y in years.get(row.id, ())]
        out.append(LookRow(row.id, f"{row.number or ''}. {row.name}".lstrip(". "), facts, "\n\n".join(
            filter(None, (row.description, row.benefit, target, "\n".join(lines))))))
    return tuple(out)


def questions(session: Session, visit: str, assessor: str) -> tuple[LookRow, ...]:
    """Return the questions of a person's instrument, each with what earns which score."""
    sheet = session.get(Sheet, sheet_id(visit, assessor))
    if sheet is None or not sheet.instrument:
        return ()
    language = i18n.language()
    out = []
    for one in instrument_of(session, sheet.instrument).questions():
        anchors = "\n".join(f"{choice.score}: {choice.label.get(language)}" for choice in one.choices)
        out.append(LookRow(one.id, f"{one.code} {one.label.get(language)}", one.hint.get(language), anchors))
    return tuple(out)


def actions(session: Session, region: str, visit: str) -> tuple[LookRow, ...]:
    """Return a region's agreed actions, those of earlier visits first."""
    out = []
    for row in session.scalars(select(Action).where(Action.region == region, Action.deleted.is_(False)).order_by(
            Action.visit == visit, Action.due, Action.id)):
        facts = " · ".join(filter(None, (row.agency, formats.date(row.due), t("this visit") if row.visit == visit else "")))
        out.append(LookRow(row.id, row.body, facts, row.remark))
    return tuple(out)


def said_about(session: Session, region: str, *, programme: str = "", question: str = "") -> tuple[SaidRow, ...]:
    """Return the notes of a region's visits that are linked to a programme, or to a question; the latest first."""
    held = func.json_each(Interview.programmes if programme else Interview.questions).table_valued("value")
    named = programme or question
    rows = session.scalars(select(Interview).join(Visit, Visit.id == Interview.visit).join(held, held.c.value == named).where(
        Visit.region == region, Interview.deleted.is_(False), Visit.deleted.is_(False)).order_by(Interview.held_at.desc(), Interview.id))
    return tuple(SaidRow(n.id, n.visit, n.title, n.held_at, n.place, " ".join(n.body[:300].split())[:200]) for n in rows)
