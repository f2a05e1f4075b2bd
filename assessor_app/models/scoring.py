"""From scores to the final index, by the published formula and without rounding before print.

A question's panel score is the mean over the assessors who gave one; an aspect's score is the (weighted) mean of its
questions' panel scores; the index is the sum of weight × aspect ÷ 100. 0 is a score. ``-`` (not assessed, with a
reason) counts nowhere; a blank counts nowhere either and makes the result provisional.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from assessor_app.models.instrument import NOT_ASSESSED, Instrument, Question, Text


@dataclass(frozen=True, slots=True)
class Given:
    """What one assessor entered for one question: a score of its list, ``-`` (not assessed) or None (not scored)."""

    question: str
    assessor: str
    score: str | None


@dataclass(frozen=True, slots=True)
class AspectScore:
    """One aspect's result. Each of its questions is exactly one of answered, open and not assessed.

    ``answered``: every assessor has settled it and at least one gave a score; ``open``: somebody has not scored it yet;
    ``not_assessed``: every assessor said so.
    """

    id: str
    name: Text
    weight: Fraction
    score: Fraction | None
    answered: int
    open: int
    not_assessed: int

    @property
    def asked(self) -> int:
        """Return how many questions the aspect has."""
        return self.answered + self.open + self.not_assessed


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The result of one sheet, or of a panel's sheets together.

    ``index`` is None while no aspect has a score. An aspect without any score counts nowhere, like a question without
    one: the index is then over the ``weight_counted`` of the others (100 when all count); whoever prints it says so.
    """

    aspects: tuple[AspectScore, ...]
    index: Fraction | None
    provisional: bool
    dimensions: dict[str, Fraction | None]
    questions: dict[str, Fraction | None]
    weight_counted: Fraction
    weight_total: Fraction

    @property
    def whole(self) -> bool:
        """Tell whether every aspect counts in the index."""
        return self.weight_counted == self.weight_total

    @property
    def open(self) -> int:
        """Return how many questions somebody has not scored yet."""
        return sum(aspect.open for aspect in self.aspects)


def evaluate(instrument: Instrument, givens: Iterable[Given]) -> Evaluation:
    """Return the result of what one assessor, or several, gave; exact fractions, nothing rounded.

    An assessor who gave anything at all owes an answer to every question. Answers to questions that the instrument does
    not ask are another instrument's and count nowhere. Raises ValueError for a score that the question's list lacks.
    """
    entered: dict[str, dict[str, str | None]] = {}
    assessors: set[str] = set()
    for given in givens:
        if instrument.has(given.question):
            entered.setdefault(given.question, {})[given.assessor] = given.score or None
            assessors.add(given.assessor)
    panel: dict[str, Fraction | None] = {}
    still_open: set[str] = set()
    for question in instrument.questions():
        by = entered.get(question.id, {})
        panel[question.id] = _mean([_value(question, s) for s in by.values() if s is not None and s != NOT_ASSESSED])
        if not assessors or any(by.get(assessor) is None for assessor in assessors):
            still_open.add(question.id)
    aspects = []
    for group in instrument.aspects:
        questions = list(group.questions())
        unsettled = sum(q.id in still_open for q in questions)
        answered = sum(q.id not in still_open and panel[q.id] is not None for q in questions)
        aspects.append(AspectScore(group.id, group.label, group.weight or Fraction(0), _weighted(questions, panel),
                                   answered, unsettled, len(questions) - unsettled - answered))
    counted = sum((a.weight for a in aspects if a.score is not None), Fraction(0))
    # Σ weight × aspect ÷ 100, where 100 is the sum of the weights that count.
    points = sum((a.weight * a.score for a in aspects if a.score is not None), Fraction(0))
    index = points / counted if counted else None
    dimensions = {
        dimension: _weighted([q for q in instrument.questions() if q.dimension == dimension], panel)
        for dimension in instrument.dimensions()
    }
    return Evaluation(tuple(aspects), index, bool(still_open), dimensions, panel, counted,
                      sum((a.weight for a in aspects), Fraction(0)))


def _value(question: Question, score: str) -> Fraction:
    choice = question.choice(score)
    if choice is None:
        raise ValueError(f"question {question.id} has no score {score!r}")
    return choice.value


def _mean(values: Sequence[Fraction]) -> Fraction | None:
    if not values:
        return None
    if all(value.denominator == 1 for value in values):  # nearly always, and three times as fast
        return Fraction(sum(value.numerator for value in values), len(values))
    return sum(values, Fraction(0)) / len(values)


def _weighted(questions: Sequence[Question], panel: dict[str, Fraction | None]) -> Fraction | None:
    """Return the weighted mean of the questions that have a panel score (the plain mean where no weights are set)."""
    scored = [(q.weight, value) for q in questions if (value := panel[q.id]) is not None]
    if all(weight == 1 for weight, _ in scored):  # the Smart City shape, at each keystroke
        return _mean([value for _, value in scored])
    total = sum((weight for weight, _ in scored), Fraction(0))
    return sum((weight * value for weight, value in scored), Fraction(0)) / total if total else None


def improvement(now: Fraction | None, before: Fraction | None) -> Fraction | None:
    """Return this year's index less last year's, or None where one of them is missing."""
    return None if now is None or before is None else now - before


def printed(value: Fraction | None, decimals: int = 2, mark: str = ",") -> str:
    """Return a figure as it is printed, ``3,21``: rounded half up, here and nowhere else; a dash for none."""
    if value is None:
        return "–"
    scale = 10**decimals
    units = (abs(value) * scale + Fraction(1, 2)).__floor__()
    sign = "-" if value < 0 and units else ""
    whole, rest = divmod(units, scale)
    return f"{sign}{whole}{mark}{rest:0{decimals}d}" if decimals else f"{sign}{whole}"
