"""What signed sheets say together: the panel's means, where assessors saw things differently, and the change over last year.

Pure: it reads nothing but the data inside signed documents and the instrument that they name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from assessor_app.models.instrument import NOT_ASSESSED, Instrument
from assessor_app.models.kinds import DIMENSION_NAMES, DocumentType, FindingType
from assessor_app.models.scoring import Evaluation, Given, evaluate, improvement

#: From how far apart two assessors are the panel owes a word, in points of the instrument's scale.
APART = 2
#: Which list of a sheet's data holds which type of finding.
_FINDINGS = ((FindingType.STRENGTH, "strengths"), (FindingType.WEAKNESS, "weaknesses"), (FindingType.RECOMMENDATION, "recommendations"))


@dataclass(frozen=True, slots=True)
class SheetData:
    """What one signed sheet says: ``scores`` by question id, each a number of its list, ``-`` or None."""

    document: str
    sheet: str
    visit: str
    region: str  # Kemendagri code
    assessor: str  # id
    name: str  # with academic titles
    institution: str
    instrument: str  # form_id@version
    instrument_sha256: str
    number: str
    date: str  # ISO
    scores: dict[str, str | None]
    reasons: dict[str, str]
    findings: tuple[tuple[str, str, str], ...]  # type (see FindingType), dimension's name, body
    data_sha256: str
    file_sha256: str
    supersedes: str = ""  # number (or id) of the document that this one replaces


@dataclass(frozen=True, slots=True)
class SheetFault:
    """A sheet that is not counted: where it comes from, and why as stable codes (of ``reports.verification``, or those below)."""

    source: str  # the file's name, or the document's number
    name: str  # the assessor, as far as it is known
    codes: tuple[str, ...]


#: Why a sheet is not counted, beside what the verification of its file found.
NOT_A_SHEET = "not_a_sheet"
OTHER_VISIT = "other_visit"
OTHER_INSTRUMENT = "other_instrument"
NOT_A_MEMBER = "not_a_member"
OTHER_SIGNER = "other_signer"
TWO_SHEETS = "two_sheets"
NOT_HERE = "not_here"
BAD_SCORE = "bad_score"


@dataclass(frozen=True, slots=True)
class QuestionPanel:
    """One question: each assessor's score in the order of the panel's sheets, their mean, how far apart they are, the panel's word."""

    question: str
    scores: tuple[str | None, ...]
    mean: Fraction | None
    spread: Fraction | None  # highest less lowest; None with fewer than two scores
    remark: str = ""

    @property
    def apart(self) -> bool:
        """Tell whether the panel owes a word."""
        return self.spread is not None and self.spread >= APART


@dataclass(frozen=True, slots=True)
class Before:
    """Last year's result, from the data inside last year's signed panel report (or only an index typed by hand)."""

    year: int | None
    index: Fraction | None
    aspects: dict[str, Fraction]  # by aspect id
    dimensions: dict[str, Fraction]  # by code
    questions: dict[str, Fraction]  # by question id


@dataclass(frozen=True, slots=True)
class PanelResult:
    """The panel's result; ``evaluation`` is unrounded; ``faults`` names the sheets that were not counted."""

    instrument: Instrument
    sheets: tuple[SheetData, ...]
    evaluation: Evaluation
    questions: tuple[QuestionPanel, ...]
    before: Before | None = None
    faults: tuple[SheetFault, ...] = ()

    @property
    def improvement(self) -> Fraction | None:
        """Return this year's index less last year's."""
        return improvement(self.evaluation.index, self.before.index if self.before else None)

    @property
    def owed(self) -> tuple[str, ...]:
        """Return the questions on which the panel still owes a word."""
        return tuple(q.question for q in self.questions if q.apart and not q.remark.strip())


def read_sheet(data: Mapping[str, Any], file_sha256: str, data_sha256: str = "") -> SheetData:
    """Return what the data inside a signed sheet says. Raises ValueError for anything but a sheet that names its questions."""
    try:
        if data["type"] != DocumentType.EVALUATION_SHEET:
            raise ValueError("not a score sheet")
        assessor, used = data["assessor"], data["instrument"]
        rows = [row for aspect in data["aspects"] for row in aspect["rows"]]
        ids = [str(row["id"]) for row in rows]
        sheet = SheetData(
            str(data["document"]), str(data["sheet"]), str(data["visit_id"]), str(data["region"]["code"]), str(data["assessor_id"]),
            _full_name(assessor), str(assessor["institution"]), f"{used['form_id']}@{used['version']}", str(used["sha256"]),
            str(data["number"]), str(data["date"]), {str(row["id"]): _score(row["score"]) for row in rows},
            {str(row["id"]): str(row["reason"]) for row in rows if row["reason"]},
            tuple((kind.value, str(line["dimension"]), str(line["body"])) for kind, name in _FINDINGS for line in data[name]),
            data_sha256, file_sha256, str(data.get("supersedes") or ""))
    except (KeyError, TypeError, AttributeError) as fault:
        raise ValueError("not the data of a score sheet") from fault
    if not all((sheet.document, sheet.sheet, sheet.visit, sheet.assessor, sheet.instrument_sha256)) or not all(ids):
        raise ValueError("the sheet does not say of which visit, assessor and questions it is")
    if len(set(ids)) != len(ids):
        raise ValueError("a question stands twice on the sheet")
    return sheet


def _full_name(party: Mapping[str, Any]) -> str:
    name = " ".join(filter(None, (str(party["title_before"]), str(party["name"]))))
    return ", ".join(filter(None, (name, str(party["title_after"]))))


def _score(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError(value)
    return value or None


def read_before(data: Mapping[str, Any]) -> Before:
    """Return last year's figures from the data inside a signed panel report. Raises ValueError for anything else.

    Figures that the report lacks are left out; ``index`` must be there.
    """
    try:
        if data["type"] != DocumentType.PANEL_REPORT:
            raise ValueError("not a panel report")
        began = str(data["visit"]["starts_on"])[:4]
        aspects = list(data["aspects"])
        names = {name: code for code, name in DIMENSION_NAMES.items()}
        return Before(
            int(began) if began.isdigit() else None, _figure(data["index"]),
            _figures((str(aspect["id"]), aspect["mean"]) for aspect in aspects),
            _figures((names.get(str(axis["name"]), str(axis["name"])), axis["value"]) for axis in data["dimensions"]),
            _figures((str(row["id"]), row.get("mean")) for aspect in aspects for row in aspect["rows"]))
    except (KeyError, TypeError, AttributeError) as fault:
        raise ValueError("not the data of a panel report") from fault


def typed_before(year: int | None, index: float | None) -> Before | None:
    """Return last year's index as it was typed by hand, or None where none was."""
    return None if index is None else Before(year, Fraction(str(index)), {}, {}, {})


def _figure(value: Any) -> Fraction | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(value)
    return Fraction(value)


def _figures(pairs: Iterable[tuple[str, Any]]) -> dict[str, Fraction]:
    return {name: figure for name, value in pairs if name and (figure := _figure(value)) is not None}


def in_order(sheets: Iterable[SheetData]) -> tuple[SheetData, ...]:
    """Return sheets in the panel's own order, which does not depend on how they came: by name, then by id."""
    return tuple(sorted(sheets, key=lambda s: (s.name.casefold(), s.assessor, s.document)))


def newest(sheets: Iterable[SheetData]) -> tuple[tuple[SheetData, ...], tuple[SheetData, ...]]:
    """Return one sheet for each assessor, and those that cannot be counted: two of one assessor of which none replaces the other.

    A sheet is replaced where another of the same assessor and visit names its number or its id.
    """
    by_document = {sheet.document: sheet for sheet in sheets}
    chosen: list[SheetData] = []
    doubtful: list[SheetData] = []
    for assessor in sorted({sheet.assessor for sheet in by_document.values()}):
        own = [sheet for sheet in by_document.values() if sheet.assessor == assessor]
        replaced = {sheet.supersedes for sheet in own if sheet.supersedes}
        left = [sheet for sheet in own if sheet.document not in replaced and not (sheet.number and sheet.number in replaced)]
        (chosen if len(left) == 1 else doubtful).extend(left or own)
    return in_order(chosen), in_order(doubtful)


def together(instrument: Instrument, sheets: Sequence[SheetData], remarks: Mapping[str, str], before: Before | None,
             faults: tuple[SheetFault, ...] = ()) -> PanelResult:
    """Return the panel's result from its sheets, each of another assessor, and the panel's words by question id.

    Neither the order of the sheets nor that of the words matters. Raises ValueError for a sheet of another instrument, for two
    of one assessor, and for a score that its question does not have.
    """
    sheets = in_order(sheets)
    if any(sheet.instrument_sha256 != instrument.sha256 for sheet in sheets):
        raise ValueError("a sheet is of another instrument")
    if len({sheet.assessor for sheet in sheets}) != len(sheets):
        raise ValueError("two sheets of one assessor")
    asked = instrument.questions()
    evaluation = evaluate(instrument, (Given(q.id, sheet.assessor, sheet.scores.get(q.id)) for sheet in sheets for q in asked))
    questions = []
    for q in asked:
        scores = tuple(sheet.scores.get(q.id) for sheet in sheets)
        value = {choice.score: choice.value for choice in q.choices}
        given = {value[score] for score in scores if score is not None and score != NOT_ASSESSED}
        many = sum(score is not None and score != NOT_ASSESSED for score in scores) > 1
        spread = (max(given) - min(given)) if many else None
        questions.append(QuestionPanel(q.id, scores, evaluation.questions[q.id], spread, remarks.get(q.id, "")))
    return PanelResult(instrument, sheets, evaluation, tuple(questions), before, faults)


def compute(found: Iterable[tuple[str, SheetData]], visit: str, members: Iterable[str], closed_by: str,
            instrument_for: Callable[[SheetData], Instrument | None], remarks: Mapping[str, str], before: Before | None,
            faults: Iterable[SheetFault] = ()) -> tuple[PanelResult | None, tuple[SheetFault, ...]]:
    """Return the panel's result from whatever verified sheets were found (each with its source), and what was not counted.

    All sheets are of one instrument: that of who closed the panel, otherwise the one that most of them use. The result is None
    where no sheet counts. Raises LookupError, with its ref, where the instrument is not at hand.
    """
    of, named = set(members), list(faults)
    sources: dict[str, str] = {}
    kept: list[SheetData] = []
    for source, sheet in found:
        sources.setdefault(sheet.document, source)
        code = OTHER_VISIT if sheet.visit != visit else NOT_A_MEMBER if sheet.assessor not in of else ""
        if code:
            named.append(SheetFault(source, sheet.name, (code,)))
        else:
            kept.append(sheet)
    sheets, doubtful = newest(kept)
    named += [SheetFault(sources[sheet.document], sheet.name, (TWO_SHEETS,)) for sheet in doubtful]
    if not sheets:
        return None, tuple(named)
    used = Counter(sheet.instrument_sha256 for sheet in sheets)
    most = max(sorted(used), key=lambda digest: used[digest])
    digest = next((sheet.instrument_sha256 for sheet in sheets if sheet.assessor == closed_by), most)
    instrument = instrument_for(next(sheet for sheet in sheets if sheet.instrument_sha256 == digest))
    if instrument is None:
        raise LookupError(next(sheet.instrument for sheet in sheets if sheet.instrument_sha256 == digest))
    counted = []
    for sheet in sheets:
        code = OTHER_INSTRUMENT if sheet.instrument_sha256 != digest else "" if _fits(instrument, sheet) else BAD_SCORE
        if code:
            named.append(SheetFault(sources[sheet.document], sheet.name, (code,)))
        else:
            counted.append(sheet)
    if not counted:
        return None, tuple(named)
    return together(instrument, counted, remarks, before, tuple(named)), tuple(named)


def _fits(instrument: Instrument, sheet: SheetData) -> bool:
    return all(score is None or score == NOT_ASSESSED or instrument.question(question).choice(score) is not None
               for question, score in sheet.scores.items() if instrument.has(question))


def same_person(first: str, second: str) -> bool:
    """Tell whether two ways to write a person's name agree: all words of the shorter stand in the longer (titles come and go)."""
    one, other = ({word for word in name.casefold().replace(",", " ").split() if word} for name in (first, second))
    return bool(one) and bool(other) and (one <= other or other <= one)
