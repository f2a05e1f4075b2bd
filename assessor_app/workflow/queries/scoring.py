"""What the scoring page shows: the person's sheet with its answers and findings."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app.models.evaluations import Answer, Finding, Sheet
from assessor_app.models.instrument import Instrument
from assessor_app.models.lifecycle import locked
from assessor_app.workflow.evaluating import InstrumentCard, instrument_of, instruments, sheet_id
from assessor_app.workflow.moving import newer


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One answer: ``score`` a number, ``-`` or empty; evidence as ``kind:id``."""

    question: str
    score: str
    reason: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A strength, weakness or recommendation."""

    id: str
    type: str
    dimension: str
    number: int
    body: str


@dataclass(frozen=True, slots=True)
class SheetView:
    """A person's sheet of a visit; without a sheet only the instruments to choose from."""

    sheet: str
    state: str
    locked: bool
    instrument: Instrument | None
    answers: dict[str, AnswerRow]
    findings: tuple[FindingRow, ...]
    introduction: str
    method: str
    previous_index: float | None
    choices: tuple[InstrumentCard, ...]
    newer: tuple[InstrumentCard, ...] = ()  # later versions of its instrument that are at hand


def sheet_view(session: Session, visit: str, assessor: str) -> SheetView:
    """Return an assessor's own sheet of a visit."""
    sheet = session.get(Sheet, sheet_id(visit, assessor))
    if sheet is None or sheet.deleted or not sheet.instrument:
        return SheetView("", "", False, None, {}, (), "", "", None, tuple(instruments(session)))
    answers = {a.question: AnswerRow(a.question, a.score, a.reason, tuple(a.evidence)) for a in session.scalars(
        select(Answer).where(Answer.sheet == sheet.id, Answer.deleted.is_(False)))}
    findings = tuple(FindingRow(f.id, f.type, f.dimension, f.number or 0, f.body) for f in session.scalars(
        select(Finding).where(Finding.sheet == sheet.id, Finding.deleted.is_(False)).order_by(Finding.number, Finding.id)))
    return SheetView(sheet.id, sheet.state, locked(sheet.state), instrument_of(session, sheet.instrument), answers, findings,
                     sheet.introduction, sheet.method, sheet.previous_index, (),
                     newer(session, sheet.instrument) if not locked(sheet.state) else ())

