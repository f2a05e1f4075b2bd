"""What signed sheets say together: the panel's means, where assessors saw things differently, and the change over last year.

Pure: it reads nothing but the data inside signed sheets and the instrument that they name.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from assessor_app.models.instrument import Instrument
from assessor_app.models.scoring import Evaluation, improvement

#: From how far apart two assessors are the panel owes a word, in points of the instrument's scale.
APART = 2


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
    """The panel's result; ``evaluation`` is unrounded."""

    instrument: Instrument
    sheets: tuple[SheetData, ...]
    evaluation: Evaluation
    questions: tuple[QuestionPanel, ...]
    before: Before | None = None

    @property
    def improvement(self) -> Fraction | None:
        """Return this year's index less last year's."""
        return improvement(self.evaluation.index, self.before.index if self.before else None)

    @property
    def owed(self) -> tuple[str, ...]:
        """Return the questions on which the panel still owes a word."""
        return tuple(q.question for q in self.questions if q.apart and not q.remark.strip())
