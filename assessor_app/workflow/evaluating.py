"""One assessor's score sheet: the instrument it uses, its answers, findings and figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessor_app import ids, isolate, paths
from assessor_app.errors import AppError, BadInput
from assessor_app.i18n import t
from assessor_app.models import scoring
from assessor_app.models.catalogue import Instrument as InstrumentRecord
from assessor_app.models.evaluations import Answer, Finding, Sheet
from assessor_app.models.instrument import NOT_ASSESSED, Instrument, Question
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import FindingType, Kind, SheetState
from assessor_app.models.tables import Setting
from assessor_app.models.visits import Visit

_PREFIX = "instrument:"


@dataclass(frozen=True, slots=True)
class InstrumentCard:
    """An instrument that a visit can use."""

    ref: str
    title_id: str
    title_en: str
    year: int | None
    cohort: str
    questions: int
    official: bool


def read_instrument(data: bytes) -> Instrument:
    """Read an instrument's workbook in a process of its own. Raises BadInput with all its faults."""
    return Instrument.from_json(isolate.call("assessor_app.models.instrument_workbook:read_workbook_json", data))


def shipped_files() -> list[Path]:
    """Return the compiled instruments that come with the program."""
    return sorted((paths.resources() / "instruments").glob("*.json"))


@lru_cache(maxsize=8)
def shipped(file: Path) -> Instrument:
    """Read a workbook of our own; its compiled form lies beside it so that no spreadsheet is parsed at start."""
    return Instrument.from_json(file.read_text(encoding="utf-8"))


def instruments(session: Session) -> list[InstrumentCard]:
    """Return the instruments for a new sheet: shipped ones, those that the centre publishes, and those that this notebook took in.

    One that the centre withdrew is not offered; a sheet that was begun on it stays on it.
    """
    found: dict[str, Instrument] = {}
    for file in shipped_files():
        found[shipped(file).ref] = shipped(file)
    withdrawn = set()
    for record in session.scalars(select(InstrumentRecord)):
        ref = f"{record.form_id}@{record.version}"
        read = _published(record)
        if record.deleted:
            withdrawn.add(ref)
        elif read is not None:
            found.setdefault(ref, read)
    for name, content in session.execute(select(Setting.name, Setting.value).where(Setting.name.startswith(_PREFIX))):
        found[name.removeprefix(_PREFIX)] = _parsed(str(content))
    return [InstrumentCard(i.ref, i.title.get("id"), i.title.get("en"), i.year, i.cohort, len(i.questions()), i.official)
            for ref, i in found.items() if ref not in withdrawn]


def _published(record: InstrumentRecord) -> Instrument | None:
    """Return the instrument of a record, None where a newer program's content cannot be read here."""
    try:
        read = _parsed(record.content)
    except ValueError:
        return None
    return read if read.sha256 == record.sha256 else None


@lru_cache(maxsize=8)
def _parsed(content: str) -> Instrument:
    return Instrument.from_json(content)


def instrument_of(session: Session, ref: str) -> Instrument:
    """Return an instrument by ``form_id@version``. Raises AppError where this device has none of that name."""
    content = session.scalar(select(Setting.value).where(Setting.name == _PREFIX + ref))
    if content:
        return _parsed(str(content))
    for file in shipped_files():
        if shipped(file).ref == ref:
            return shipped(file)
    form, _, version = ref.partition("@")
    record = session.get(InstrumentRecord, ids.natural_id(Kind.INSTRUMENT, form, version))
    read = _published(record) if record is not None else None
    if read is not None:
        return read
    raise AppError(t("The instrument {0} is not on this device.").format(ref), hint=t("Synchronise, or import its workbook."),
                   kept=t("The scores are kept."))


def keep_instrument(unit: Unit, instrument: Instrument) -> str:
    """Take an instrument into the notebook; a published version never changes. Returns its ref."""
    name = _PREFIX + instrument.ref
    known = unit.session.get(Setting, name)
    if known is None:
        unit.session.add(Setting(name=name, value=instrument.to_json()))
    elif _parsed(str(known.value)).sha256 != instrument.sha256:
        raise BadInput(t("Version {0} of this instrument is here already, with other content.").format(instrument.version),
                       hint=t("A published version never changes: give the new one another version."), kept=t("Nothing was imported."))
    return instrument.ref


def sheet_id(visit: str, assessor: str) -> str:
    """Return the id of an assessor's sheet of a visit: the same on each of his devices."""
    return ids.natural_id(Kind.SHEET, visit, assessor)


def open_sheet(unit: Unit, visit: str, instrument: Instrument) -> str:
    """Return the person's own sheet of a visit, begun with ``instrument`` where there is none yet; who scores is of its team."""
    sheet = sheet_id(visit, unit.author)
    if unit.session.get(Sheet, sheet) is None:
        keep_instrument(unit, instrument)
        at = unit.session.get(Visit, visit)
        if at is not None and unit.author not in at.team:
            at.team = [*at.team, unit.author]
        unit.add(Sheet(id=sheet, visit=visit, assessor=unit.author, instrument=instrument.ref, state=SheetState.DRAFT))
    return sheet


def begin_again(unit: Unit, sheet: str) -> None:
    """Open a sheet that the centre returned for its next version, which will name the returned document. Raises AppError."""
    row = unit.get(Sheet, sheet)
    if row.state != SheetState.RETURNED:
        raise AppError(t("Only a sheet that the centre returned is begun again."), kept=t("Nothing was changed."))
    row.state = SheetState.DRAFT


def answer_id(sheet: str, question: str) -> str:
    """Return the id of the answer to a question on a sheet."""
    return ids.natural_id(Kind.ANSWER, sheet, question)


def answer(unit: Unit, sheet: str, question: str, *, score: str | None = None, reason: str | None = None,
           evidence: list[str] | None = None) -> str:
    """Set score (a number of the list, ``-`` not assessed, empty not yet scored), reason or evidence; return the answer's id.

    Evidence names records as ``kind:id``. Raises BadInput for a score that the question does not have.
    """
    instrument = instrument_of(unit.session, unit.get(Sheet, sheet).instrument)
    asked = instrument.question(question)
    if score and score != "-" and asked.choice(score) is None:
        raise BadInput(t("Question {0} has no score {1}.").format(asked.code, score), kept=t("The answer is as it was."))
    record = answer_id(sheet, question)
    row = unit.session.get(Answer, record)
    if row is None:
        row = unit.add(Answer(id=record, sheet=sheet, question=question))
    if score is not None:
        row.score = score
    if reason is not None:
        row.reason = reason
    if evidence is not None:
        row.evidence = evidence
    return record


def evidenced_by(session: Session, visit: str, assessor: str, ref: str) -> tuple[str, ...]:
    """Return the questions of a person's sheet that have ``ref`` (``kind:id``) as evidence."""
    rows = session.scalars(select(Answer).where(Answer.sheet == sheet_id(visit, assessor), Answer.deleted.is_(False)))
    return tuple(row.question for row in rows if ref in row.evidence)


def add_evidence(unit: Unit, visit: str, ref: str, questions: Sequence[str]) -> None:
    """Make ``ref`` evidence of just these questions of the person's own sheet."""
    sheet = sheet_id(visit, unit.author)
    before = evidenced_by(unit.session, visit, unit.author, ref)
    for question in dict.fromkeys((*before, *questions)):
        row = unit.session.get(Answer, answer_id(sheet, question))
        had = list(row.evidence) if row is not None else []
        kept = [one for one in had if one != ref] + ([ref] if question in questions else [])
        if (question in questions) is not (ref in had):
            answer(unit, sheet, question, evidence=kept)


def add_finding(unit: Unit, sheet: str, type: str, body: str = "", *, dimension: str = "") -> str:
    """Add a strength, weakness or recommendation; return its id."""
    count = unit.session.scalar(select(func.count()).select_from(Finding).where(Finding.sheet == sheet, Finding.type == type)) or 0
    return unit.add(Finding(sheet=sheet, type=FindingType(type), number=count + 1, body=body, dimension=dimension)).id


def evaluation_of(session: Session, sheet: str) -> scoring.Evaluation:
    """Return the figures of a sheet, unrounded."""
    row = session.get(Sheet, sheet)
    if row is None:
        raise AppError(t("This visit has no score sheet of yours yet."))
    givens = [scoring.Given(a.question, row.assessor, a.score or None)
              for a in session.scalars(select(Answer).where(Answer.sheet == sheet, Answer.deleted.is_(False)))]
    return scoring.evaluate(instrument_of(session, row.instrument), givens)


def wants_evidence(question: Question, score: str, evidence: Sequence[str]) -> bool:
    """Tell whether a score lacks the evidence that its instrument requires; nothing needs to be shown for 0."""
    return question.evidence_required and not evidence and score != NOT_ASSESSED and bool(score.strip("0."))


def without_evidence(session: Session, sheet: str) -> list[str]:
    """Return the ids of questions whose score lacks required evidence."""
    row = session.get(Sheet, sheet)
    if row is None:
        return []
    asked = instrument_of(session, row.instrument)
    given = session.scalars(select(Answer).where(Answer.sheet == sheet, Answer.deleted.is_(False)))
    found = {a.question for a in given if asked.has(a.question) and wants_evidence(asked.question(a.question), a.score, a.evidence)}
    return [q.id for q in asked.questions() if q.id in found]


def open_points(session: Session, sheet: str) -> list[str]:
    """Return the ids of questions that keep a sheet from being signed: not yet scored, or not assessed without a reason."""
    row = session.get(Sheet, sheet)
    if row is None:
        return []
    given = {a.question: a for a in session.scalars(select(Answer).where(Answer.sheet == sheet, Answer.deleted.is_(False)))}
    return [q.id for q in instrument_of(session, row.instrument).questions()
            if q.id not in given or not given[q.id].score or (given[q.id].score == "-" and not given[q.id].reason.strip())]
