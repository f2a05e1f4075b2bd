"""What an impact survey says and where it cannot be trusted: means as evidence, never a score, and warnings row by row. Pure.

Respondents are told apart while a file is read; nobody's name goes into what is kept.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from assessor_app.models.kinds import DIMENSIONS

#: How many users of a service the programme asks.
EXPECTED = 50
#: The scale of a statement; 0 is taken, and warned of: it comes from people who never used the service.
SCALE = range(5)

#: Warnings of one row: the same respondent under another dimension, or twice under this one; the same answer to every statement; a 0;
#: said not to use the service; no service named; nobody named; no answer at all.
REUSED, TWICE, STRAIGHT, ZERO, NOT_USER = "reused", "twice", "straight", "zero", "not_user"
SERVICE_EMPTY, UNNAMED, NO_ANSWER = "service_empty", "unnamed", "no_answer"
#: Warnings of a whole survey: fewer than 50 answered; more answered than the service has users.
FEWER, MORE = "fewer", "more_than_users"


@dataclass(frozen=True, slots=True)
class Response:
    """One respondent's answers on one sub-dimension; ``respondent`` is reduced text by which people are told apart, or empty."""

    sheet: str
    row: int
    sub_dimension: str
    respondent: str
    service: str
    answers: tuple[int | None, ...]
    user: bool | None = None
    users: int | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning with its place; ``row`` is 0 where it is of the whole survey."""

    code: str
    sheet: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True)
class SurveyResult:
    """The survey of one sub-dimension; ``mean`` is over all answers, ``statements`` the mean of each in the order of the sheet."""

    sub_dimension: str
    service: str
    users: int | None
    respondents: int
    mean: Fraction | None
    statements: tuple[Fraction | None, ...]
    notices: tuple[Notice, ...]

    def to_json(self) -> str:
        """Return what is kept of it: figures and places, no names."""
        return json.dumps({
            "respondents": self.respondents, "mean": None if self.mean is None else round(float(self.mean), 6),
            "statements": [None if one is None else round(float(one), 6) for one in self.statements],
            "warnings": [[one.code, one.sheet, one.row] for one in self.notices]}, ensure_ascii=False, sort_keys=True)


@dataclass(frozen=True, slots=True)
class Kept:
    """What ``SurveyResult.to_json`` kept."""

    respondents: int
    mean: float | None
    statements: tuple[float | None, ...]
    notices: tuple[Notice, ...]


def read_kept(content: str) -> Kept:
    """Read what is kept of a survey; what is damaged counts as nothing."""
    try:
        raw = json.loads(content)
        notices = tuple(Notice(str(code), str(sheet), int(row)) for code, sheet, row in raw["warnings"])
        return Kept(int(raw["respondents"]), raw["mean"], tuple(raw["statements"]), notices)
    except (ValueError, TypeError, KeyError):
        return Kept(0, None, (), ())


def dimension_of(sub_dimension: str) -> str:
    """Return the dimension of a sub-dimension, or nothing."""
    return next((code for code, subs in DIMENSIONS.items() if sub_dimension in subs), "")


def assess(responses: Iterable[Response], users: int | None = None) -> tuple[SurveyResult, ...]:
    """Return the surveys, one a sub-dimension in the order of their first rows; ``users`` is how many use the service, where known."""
    every = list(responses)
    dimensions: dict[str, set[str]] = {}
    for one in every:
        if one.respondent:
            dimensions.setdefault(one.respondent, set()).add(dimension_of(one.sub_dimension) or one.sub_dimension)
    reused = {respondent for respondent, of in dimensions.items() if len(of) > 1}
    out = []
    for sub in dict.fromkeys(one.sub_dimension for one in every):
        out.append(_survey(sub, [one for one in every if one.sub_dimension == sub], reused, users))
    return tuple(out)


def _survey(sub: str, rows: Sequence[Response], reused: set[str], users: int | None) -> SurveyResult:
    notices: list[Notice] = []
    seen: set[str] = set()
    for one in rows:
        notices += [Notice(code, one.sheet, one.row) for code in _of_row(one, one.respondent in reused, one.respondent in seen)]
        seen.add(one.respondent)
    answered = [one for one in rows if any(answer is not None for answer in one.answers)]
    known = users if users is not None else max((one.users for one in rows if one.users is not None), default=None)
    whole = [Notice(FEWER)] if len(answered) < EXPECTED else []
    if known is not None and len(answered) > known:
        whole.append(Notice(MORE))
    width = max((len(one.answers) for one in rows), default=0)
    columns = [[one.answers[n] for one in rows if n < len(one.answers)] for n in range(width)]
    services = Counter(one.service for one in rows if one.service)
    return SurveyResult(sub, ", ".join(name for name, _ in services.most_common(3)), known, len(answered),
                        _mean([answer for one in rows for answer in one.answers]), tuple(_mean(column) for column in columns),
                        (*whole, *notices))


def _of_row(one: Response, reused: bool, twice: bool) -> list[str]:
    given = [answer for answer in one.answers if answer is not None]
    found = [(UNNAMED, not one.respondent), (REUSED, bool(one.respondent) and reused), (TWICE, bool(one.respondent) and twice),
             (NOT_USER, one.user is False), (SERVICE_EMPTY, not one.service), (NO_ANSWER, not given),
             (ZERO, 0 in given), (STRAIGHT, len(given) > 2 and len(set(given)) == 1)]
    return [code for code, there in found if there]


def _mean(values: Iterable[int | None]) -> Fraction | None:
    given = [value for value in values if value is not None]
    return Fraction(sum(given), len(given)) if given else None
