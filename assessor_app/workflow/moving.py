"""Moving a draft sheet to a newer version of its instrument: an explicit act that first shows what is lost."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app.errors import BadInput
from assessor_app.i18n import t
from assessor_app.models.evaluations import Answer, Sheet
from assessor_app.models.instrument import NOT_ASSESSED, Instrument
from assessor_app.models.journal import Unit
from assessor_app.models.lifecycle import locked
from assessor_app.workflow.evaluating import InstrumentCard, instrument_of, instruments, keep_instrument


@dataclass(frozen=True, slots=True)
class Lost:
    """An answer that the new version has no place for: its question is gone, or its score is no longer in the list."""

    question: str
    code: str
    text_id: str
    text_en: str
    score: str
    reason: str
    gone: bool


@dataclass(frozen=True, slots=True)
class Move:
    """What a move does: answers that stay, those that are lost, questions whose words changed, questions that are new."""

    ref: str
    kept: int
    lost: tuple[Lost, ...]
    reworded: tuple[str, ...]  # codes in the new version
    new: tuple[str, ...]  # codes in the new version


def newer(session: Session, ref: str) -> tuple[InstrumentCard, ...]:
    """Return the later versions of an instrument that are at hand, the latest first."""
    form, _, version = ref.partition("@")
    found = [card for card in instruments(session) if card.ref.partition("@")[0] == form
             and _order(card.ref.partition("@")[2]) > _order(version)]
    return tuple(sorted(found, key=lambda card: _order(card.ref.partition("@")[2]), reverse=True))


def _order(version: str) -> list[tuple[int, int, str]]:
    """Order versions as people count: 2 before 10, 2024.1 before 2024.2."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.findall(r"\d+|[^\d.]+", version)]


def what_changes(session: Session, sheet: str, ref: str) -> Move:
    """Return what a move of a sheet to an instrument would do; nothing is changed. Raises BadInput, AppError."""
    row = session.get(Sheet, sheet)
    if row is None or not row.instrument:
        raise BadInput(t("This visit has no score sheet of yours yet."), kept=t("Nothing was changed."))
    old, made = instrument_of(session, row.instrument), instrument_of(session, ref)
    if old.form_id != made.form_id:
        raise BadInput(t("This is another instrument, not another version of it."), kept=t("Nothing was changed."))
    given = {a.question: a for a in session.scalars(select(Answer).where(Answer.sheet == sheet, Answer.deleted.is_(False)))}
    lost, kept = [], 0
    for question in old.questions():
        answer = given.get(question.id)
        if answer is None or not (answer.score or answer.reason.strip() or answer.evidence):
            continue
        gone = not made.has(question.id)
        if gone or not _fits(made, question.id, answer.score):
            lost.append(Lost(question.id, question.code, question.label.get("id"), question.label.get("en"), answer.score, answer.reason,
                             gone))
        else:
            kept += 1
    both = [q for q in made.questions() if old.has(q.id)]
    reworded = [q.code for q in both if (q.label, q.hint, q.choices) != (
        old.question(q.id).label, old.question(q.id).hint, old.question(q.id).choices)]
    return Move(ref, kept, tuple(lost), tuple(reworded), tuple(q.code for q in made.questions() if not old.has(q.id)))


def _fits(instrument: Instrument, question: str, score: str) -> bool:
    return score in ("", NOT_ASSESSED) or instrument.question(question).choice(score) is not None


def move(unit: Unit, sheet: str, ref: str) -> Move:
    """Move a draft to another version of its instrument and return what changed. Raises BadInput where it is signed.

    Answers of questions that are gone stay in the notebook and count nowhere; a score that the new list lacks becomes *not yet
    scored*. One undo takes the move back with everything.
    """
    row = unit.get(Sheet, sheet)
    if locked(row.state):
        raise BadInput(t("This sheet is signed: it stays on its version."), kept=t("Nothing was changed."))
    changes = what_changes(unit.session, sheet, ref)
    keep_instrument(unit, instrument_of(unit.session, ref))
    for one in changes.lost:
        if not one.gone:
            answer = unit.session.scalars(select(Answer).where(Answer.sheet == sheet, Answer.question == one.question)).one()
            answer.score = ""
    row.instrument = ref
    return changes
